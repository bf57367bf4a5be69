#include "tools/acie-run/Listing.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "runtime/io/Table.h"
#include "runtime/package/PlanCheck.h"
#include "runtime/package/PlanNames.h"
#include "runtime/package/StartSizes.h"
#include "runtime/scheduler/Answer.h"

namespace acie::cli {
namespace {

using package::ColumnInput;
using package::Entry;
using package::ScalarInput;

std::string unit_suffix(const units::Unit& unit) { return unit.is_one() ? "" : absl::StrCat(" <", unit.to_string(), ">"); }

std::string range_suffix(double low, double high) {
  if (!std::isfinite(low) && !std::isfinite(high)) return "";
  return absl::StrCat(" in ", scheduler::number_text(low), "..", scheduler::number_text(high));
}

/// The first line of a doc comment.
std::string doc_suffix(const std::string& doc) {
  return doc.empty() ? "" : absl::StrCat("  // ", doc.substr(0, doc.find('\n')));
}

std::string describe(const Entry& entry, const ColumnInput& column) {
  const std::string_view role = column.role == ColumnInput::Role::DoAsk ? "do? " : "";
  const std::vector<int64_t>& shape = entry.buffers[static_cast<size_t>(column.buffer)].shape;
  const std::string name = column.vector   ? column.vector->name + io::shape_text(column.vector->shape)
                           : shape.empty() ? column.name
                                           : column.name + package::shape_text(entry, shape);
  const std::string& place = column.vector ? column.vector_column : column.column;
  const bool each = column.vector && place == column.column;  // a column for each element
  const std::string from = each ? absl::StrCat(" from columns ", place, ", …") : place == (column.vector ? column.vector->name : column.name) ? "" : absl::StrCat(" from column ", place);
  // The last place of `index[J]` is an open size.
  const bool open = !entry.sizes.empty() && column.high >= static_cast<double>(package::kOpenSize) && column.high < static_cast<double>(package::kOpenSize + static_cast<int64_t>(entry.sizes.size()));
  const std::string range = open ? absl::StrCat(" in ", scheduler::number_text(column.low), "..", package::size_text(entry, static_cast<int64_t>(column.high))) : range_suffix(column.low, column.high);
  return absl::StrCat(std::string(role), name, unit_suffix(column.unit), column.is_text ? ", a text" : column.labels.empty() ? range : absl::StrCat(", one of ", absl::StrJoin(column.labels, ", ")), from,
                      doc_suffix(column.doc));
}

std::string_view option_of(ScalarInput::Role role) {
  switch (role) {
    case ScalarInput::Role::Given: return "--given";
    case ScalarInput::Role::Do: return "--do";
    default: return "--set";
  }
}

std::string describe(const ScalarInput& scalar, const Entry& entry) {
  std::string value = "VALUE (it has no default)";
  if (scalar.default_value)
    value = scalar.is_text ? entry.texts[static_cast<size_t>(*scalar.default_value)] : !scalar.labels.empty() ? scalar.labels[static_cast<size_t>(*scalar.default_value)] : scalar.dtype == ACIE_BOOL ? (*scalar.default_value != 0 ? "true" : "false") : absl::StrCat(*scalar.default_value);
  return absl::StrCat(std::string(option_of(scalar.role)), " ", scalar.name, "=", value, unit_suffix(scalar.unit),
                      scalar.is_text ? ", a text" : scalar.labels.empty() ? range_suffix(scalar.low, scalar.high) : absl::StrCat(", one of ", absl::StrJoin(scalar.labels, ", ")), doc_suffix(scalar.doc));
}

/// "x" and "[2,0]" of an element "x[2,0]"; the name alone of a number.
std::pair<std::string, std::string> split_element(const std::string& name) {
  const size_t open = name.rfind('[');
  if (open == std::string::npos || name.back() != ']' || open == 0) return {name, ""};
  return {name.substr(0, open), name.substr(open)};
}

/// One line per number, and one for the elements of a tensor.
std::vector<std::string> describe_all(const std::vector<ScalarInput>& scalars, const Entry& entry) {
  std::vector<std::string> lines;
  for (size_t begin = 0, end = 0; begin < scalars.size(); begin = end) {
    const ScalarInput& first = scalars[begin];
    const auto [of, index] = split_element(first.name);
    end = begin + 1;
    if (first.role == ScalarInput::Role::Size) continue;  // said by the data
    while (!index.empty() && end < scalars.size() && scalars[end].role == first.role && !split_element(scalars[end].name).second.empty() &&
           split_element(scalars[end].name).first == of) ++end;
    if (end - begin == 1) {
      lines.push_back(describe(first, entry));
      continue;
    }
    // Elements come in the order in which the program uses them: defaults are told where they are one number.
    std::string defaults = "with defaults of their own";
    const auto same = [&](const ScalarInput& scalar) { return scalar.default_value == first.default_value; };
    if (std::all_of(scalars.begin() + static_cast<ptrdiff_t>(begin), scalars.begin() + static_cast<ptrdiff_t>(end), same)) {
      defaults = !first.default_value ? "without defaults" : absl::StrCat("by default ", first.is_text ? entry.texts[static_cast<size_t>(*first.default_value)] : first.dtype == ACIE_BOOL ? (*first.default_value != 0 ? "true" : "false") : absl::StrCat(*first.default_value));
    }
    lines.push_back(absl::StrCat(std::string(option_of(first.role)), " ", of, "[I]=VALUE", unit_suffix(first.unit), range_suffix(first.low, first.high),
                                 " (", end - begin, " elements, ", defaults, ")", doc_suffix(first.doc)));
  }
  return lines;
}

/// A tensor of learnt values, which a file gives.
std::string describe(const package::ParameterInput& parameter, const Entry& entry) {
  const bool starts = parameter.default_value || parameter.default_at || parameter.initial != ScalarInput::Initial::None;
  return absl::StrCat("--params FILE with ", parameter.name, package::shape_text(entry, entry.buffers[static_cast<size_t>(parameter.buffer)].shape),
                      unit_suffix(parameter.unit), starts ? "" : " (it has no default)", doc_suffix(parameter.doc));
}

void append_list(std::string& text, const char* title, const std::vector<std::string>& lines) {
  for (size_t i = 0; i < lines.size(); ++i)
    absl::StrAppend(&text, i == 0 ? title : "          ", lines[i], "\n");
}

std::string shape_text(const Entry& entry) {
  switch (entry.shape) {
    case Entry::Shape::PerRow: return entry.reads_table ? "one answer per row" : "one answer";
    case Entry::Shape::Once: return entry.reads_table ? "one answer for the table" : "one answer";
    case Entry::Shape::PerDraw: return entry.reads_table ? "one answer per row and draw" : "one answer per draw";
  }
  return "";
}

std::string buffers_text(const std::vector<int>& buffers) { return absl::StrCat("{", absl::StrJoin(buffers, " "), "}"); }

}  // namespace

std::string list_entries(const package::Plan& plan) {
  std::string text;
  for (const Entry& entry : plan.entries) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", entry.name, entry.model.empty() ? "" : absl::StrCat(" on ", entry.model),
                    ": ", shape_text(entry), "\n");
    if (!entry.doc.empty())
      for (const auto& line : absl::StrSplit(entry.doc, '\n')) absl::StrAppend(&text, "  ", line, "\n");
    std::vector<std::string> reads, sets, gives;
    std::set<std::string> vectors;  // one line for all elements
    for (const ColumnInput& column : entry.columns) {
      const auto [of, index] = split_element(column.name);
      const bool element = !column.vector && column.role == ColumnInput::Role::DoAsk && !index.empty();
      if (element && vectors.insert(of).second) reads.push_back(absl::StrCat("do? ", of, "[I]", unit_suffix(column.unit), range_suffix(column.low, column.high), doc_suffix(column.doc)));
      else if (!element && (!column.vector || vectors.insert(column.vector->name).second)) reads.push_back(describe(entry, column));
    }
    sets = describe_all(entry.scalars, entry);
    for (const std::string& dimension : entry.dimensions)
      if (!package::is_half(dimension)) sets.push_back(absl::StrCat("-D ", dimension, "=SIZE (by default what the data say)"));
    for (const package::ParameterInput& parameter : entry.parameters) sets.push_back(describe(parameter, entry));
    std::set<std::string> given;
    for (const scheduler::AnswerField& field : scheduler::answer_fields(entry)) {
      const int buffer = field.output < 0 ? -1 : entry.outputs[static_cast<size_t>(field.output)].buffer;
      const bool open = !entry.dimensions.empty() && buffer >= 0 && !entry.buffers[static_cast<size_t>(buffer)].shape.empty();
      const std::string shape = open ? package::shape_text(entry, entry.buffers[static_cast<size_t>(buffer)].shape) : "";
      if (!field.vector) gives.push_back(absl::StrCat(field.name, shape, unit_suffix(field.unit)));
      else if (given.insert(field.vector->name).second)
        gives.push_back(absl::StrCat(field.vector->name, field.name.starts_with(field.vector->name) ? io::shape_text(field.vector->shape) : "", unit_suffix(field.unit)));
    }
    append_list(text, "  reads   ", reads);
    append_list(text, "  options ", sets);
    append_list(text, "  answers ", gives);
  }
  if (plan.entries.empty()) text = "The package has no entries: its program declares no query.\n";
  return text;
}

std::string inspect_package(const package::Package& package) {
  const package::Plan& plan = package.plan();
  std::string text = absl::StrCat("program   ", plan.program, "\nformat    ", package::kFormatVersion, ", plan ",
                                  package::kPlanVersion, ", kernel ABI ", ACIE_KERNEL_ABI_VERSION, "\nsize      ",
                                  package.size(), " bytes\nsigned by ",
                                  package.signer() ? package::to_hex(*package.signer()) : "nobody", "\n");
  std::vector<std::string> targets, entries;
  for (const package::KernelVariant& variant : plan.variants) targets.push_back(variant.target);
  for (const Entry& entry : plan.entries) entries.push_back(entry.name);
  absl::StrAppend(&text, "targets   ", absl::StrJoin(targets, ", "), "\nentries   ", absl::StrJoin(entries, ", "), "\n");
  if (!plan.imports.empty()) absl::StrAppend(&text, "imports   ", absl::StrJoin(plan.imports, ", "), "\n");
  for (const package::ConstantFile& file : plan.files)
    absl::StrAppend(&text, "constant  ", file.name, ", ", file.bytes, " bytes, sha256 ", file.sha256, "\n");
  absl::StrAppend(&text, "sections\n");
  for (const auto& section : package.sections()) {
    const auto* hash = reinterpret_cast<const uint8_t*>(section.sha256.data());
    absl::StrAppend(&text, "  ", section.name, std::string(std::max<size_t>(1, 24 - std::min<size_t>(23, section.name.size())), ' '),
                    section.size, " bytes  sha256 ", package::to_hex(std::span(hash, 8)), "…",
                    section.required ? "" : "  (optional)", "\n");
  }
  return text;
}

std::string describe_plan(const Entry& entry) {
  std::string text = absl::StrCat(entry.name, ": ", shape_text(entry), entry.has_draws ? ", by draws" : "", "\n");
  if (!entry.explanation.empty()) absl::StrAppend(&text, entry.explanation, entry.explanation.back() == '\n' ? "" : "\n");
  const std::vector<int> passes = package::passes_of(entry);
  absl::StrAppend(&text, "steps, over buffers:\n");
  for (const ColumnInput& column : entry.columns)
    absl::StrAppend(&text, "  read   ", column.name, " -> {", column.buffer, column.presence >= 0 ? absl::StrCat(" ", column.presence) : "", "}\n");
  for (const package::ParameterInput& parameter : entry.parameters) absl::StrAppend(&text, "  params ", parameter.name, " -> {", parameter.buffer, "}\n");
  for (const package::Node& node : entry.nodes) {
    if (const auto* kernel = std::get_if<package::KernelNode>(&node)) {
      const package::Space space = entry.has_draws || kernel->space != package::Space::Inner ? kernel->space : package::Space::Row;
      const char* each = space == package::Space::Inner ? "each draw" : space == package::Space::Row ? "each row" : "once";
      absl::StrAppend(&text, "  kernel ", kernel->name, " ", buffers_text(kernel->inputs), " -> ", buffers_text(kernel->outputs),
                      ", ", each, "\n");
      continue;
    }
    if (const auto* tensor = std::get_if<package::TensorNode>(&node)) {
      absl::StrAppend(&text, "  tensor ", std::string(package::name_in(package::kTensorNames, tensor->op)), " ", buffers_text(tensor->inputs), " -> {", tensor->output, "}\n");
      continue;
    }
    if (const auto* loop = std::get_if<package::LoopNode>(&node)) {
      absl::StrAppend(&text, "  loop   ", loop->steps, " times the next ", loop->body, "\n");
      continue;
    }
    const auto& reduce = std::get<package::ReduceNode>(node);
    const bool rows = package::home_of(entry, reduce.output) == package::Space::Table;
    absl::StrAppend(&text, "  reduce ", std::string(package::name_in(package::kReduceNames, reduce.op)), " ",
                    reduce.input >= 0 ? absl::StrCat("{", reduce.input, "}") : "", " -> {", reduce.output,
                    reduce.standard_error >= 0 ? absl::StrCat(" ", reduce.standard_error) : "", "}, over ",
                    rows ? "rows" : "draws", "\n");
  }
  for (const scheduler::AnswerField& field : scheduler::answer_fields(entry)) {
    if (field.output < 0) continue;
    const package::OutputColumn& output = entry.outputs[field.output];
    absl::StrAppend(&text, "  answer ", field.name, unit_suffix(field.unit), " = ",
                    output.jackknife_of >= 0 ? absl::StrCat("jackknife error of ", entry.outputs[output.jackknife_of].name)
                                             : absl::StrCat("{", output.buffer, "}"),
                    "\n");
  }
  int readings = 1;
  for (int pass : passes) readings = std::max(readings, entry.shape == Entry::Shape::Once ? 1 : pass + 1);
  if (entry.reads_table && readings > 1) absl::StrAppend(&text, "the table is read ", readings, " times\n");
  return text;
}

}  // namespace acie::cli
