#include <cmath>
#include <cstdio>

#include "runtime/secret/PartyRun.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

std::string number_text(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

}  // namespace

PartyInputs::PartyInputs(const package::PartyEntry& entry)
    : entry_(entry), declared_(entry.inputs.size(), nullptr), given_(entry.inputs.size()) {
  for (const package::PartyStep& step : entry.steps)
    if (step.op == package::PartyOp::Input && declared_[static_cast<size_t>(step.index)] == nullptr)
      declared_[static_cast<size_t>(step.index)] = &entry.values[static_cast<size_t>(step.output)];
}

absl::StatusOr<int64_t> PartyInputs::find(const std::string& name) const {
  std::string names;
  for (size_t i = 0; i < entry_.inputs.size(); ++i) {
    if (entry_.inputs[i].name == name) return static_cast<int64_t>(i);
    names += (names.empty() ? "" : ", ") + entry_.inputs[i].name;
  }
  return usage_error("'" + name + "' is no input of " + entry_.name + " at this party" +
                     (names.empty() ? ", which has none" : "; it has " + names));
}

absl::Status PartyInputs::put(const std::string& name, size_t rows, bool per_row, Reals values) {
  ACIE_ASSIGN_OR_RETURN(const int64_t index, find(name));
  const package::PartyInput& input = entry_.inputs[static_cast<size_t>(index)];
  const package::PartyValue* form = declared(index);
  Given& given = given_[static_cast<size_t>(index)];
  if (given.given) return usage_error("input " + name + " is given twice");
  if (form != nullptr && form->is_file()) return usage_error("input " + name + " is a file: --arg " + name + "=FILE");
  const size_t elements = form == nullptr ? values.size() : rows * static_cast<size_t>(form->elements());
  if (values.size() != elements)
    return usage_error("input " + name + " has " + std::to_string(values.size()) + " elements, the program wants " +
                       std::to_string(elements));
  const size_t each = rows == 0 ? 1 : std::max<size_t>(elements / rows, 1);
  for (size_t i = 0; i < values.size(); ++i)
    if (!(values[i] >= input.low && values[i] <= input.high))
      return bad_data_error((per_row ? "row " + std::to_string(i / each + 1) + ", " : std::string()) + "input " + name +
                            (each > 1 ? "[" + std::to_string(i % each) + "]" : std::string()) + " is " + number_text(values[i]) +
                            ", outside the declared range " + number_text(input.low) + " to " + number_text(input.high));
  given.given = true;
  given.per_row = per_row;
  given.values = std::move(values);
  return absl::OkStatus();
}

absl::Status PartyInputs::set(const std::string& name, Reals values) { return put(name, 1, false, std::move(values)); }

absl::Status PartyInputs::set_rows(const std::string& name, size_t rows, Reals values) {
  if (rows_ && *rows_ != rows) return usage_error("inputs have different numbers of rows");
  ACIE_RETURN_IF_ERROR(put(name, rows, true, std::move(values)));
  rows_ = rows;
  return absl::OkStatus();
}

absl::Status PartyInputs::set_bytes(const std::string& name, secure::Secret bytes) {
  ACIE_ASSIGN_OR_RETURN(const int64_t index, find(name));
  Given& given = given_[static_cast<size_t>(index)];
  if (given.given) return usage_error("input " + name + " is given twice");
  if (declared(index) != nullptr && !declared(index)->is_file())
    return usage_error("input " + name + " is no file");
  given.given = true;
  given.bytes = std::move(bytes);
  return absl::OkStatus();
}

absl::Status PartyInputs::finish() {
  std::string missing;
  for (size_t i = 0; i < given_.size(); ++i) {
    if (given_[i].given) continue;
    const package::PartyInput& input = entry_.inputs[i];
    if (input.default_value && declared_[i] != nullptr && declared_[i]->form == package::PartyValue::Form::Plain) {
      ACIE_RETURN_IF_ERROR(set(input.name, Reals(static_cast<size_t>(declared_[i]->elements()), *input.default_value)));
      continue;
    }
    if (declared_[i] != nullptr) missing += (missing.empty() ? "" : ", ") + input.name;
  }
  if (missing.empty()) return absl::OkStatus();
  return usage_error(entry_.name + " needs " + missing + ": --arg NAME=FILE, --set NAME=NUMBER, or columns of --data");
}

}  // namespace acie::secret
