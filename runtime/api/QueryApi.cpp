// Queries of acie/runtime.h: what they read and answer, values and columns.

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "runtime/api/Handles.h"
#include "runtime/scheduler/Dimensions.h"

namespace acie::api {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using package::ColumnInput;
using scheduler::Arguments;

absl::StatusOr<size_t> find_input(const acie_query& query, std::string_view name) {
  if (const auto found = query.input_numbers.find(name); found != query.input_numbers.end()) return found->second;
  std::string names;
  for (const auto& input : query.inputs) absl::StrAppend(&names, names.empty() ? "" : ", ", input.name);
  return usage_error(absl::StrCat(query.program->entry().name, " reads no column '", std::string(name), "'; it reads ",
                                  names.empty() ? "none" : names));
}

absl::Status bind_column(acie_query& query, std::string_view name, const acie_column& column) {
  ACIE_ASSIGN_OR_RETURN(const size_t index, find_input(query, name));
  if (query.inputs[index].is_text) return usage_error(absl::StrCat("column ", std::string(name), " is of texts: bind it as such"));
  if (column.dtype < ACIE_F64 || column.dtype > ACIE_BOOL) return usage_error("a column has an unknown dtype");
  if (column.length < 0 || (column.length > 0 && column.data == nullptr)) return usage_error("a column has no data");
  scheduler::BoundArray bound;
  bound.raw = {column.data, static_cast<acie_dtype>(column.dtype), column.stride, column.validity, column.validity_offset, false};
  if (column.unit != nullptr) {
    const package::Plan& plan = query.engine->package().plan();
    const units::UnitResult unit = units::parse_foreign_unit(column.unit, plan.units);
    if (!unit) return usage_error(absl::StrCat("column ", std::string(name), ": ", unit.error.to_string()));
    const units::Unit& declared = query.program->entry().columns[index].unit;
    const std::optional<double> factor = units::conversion_factor(*unit, declared);
    if (!factor)
      return bad_data_error(absl::StrCat("column ", std::string(name), " is in ", column.unit, ", which cannot be converted to ",
                                         declared.to_string()));
    bound.factor = *factor;
  }
  query.arrays[index] = bound;
  query.lengths[index] = column.length;
  return absl::OkStatus();
}

/// `text(row)` is a text, empty where it is missing.
template <typename Text>
absl::Status bind_texts(acie_query& query, std::string_view name, int64_t length, const Text& text) {
  ACIE_ASSIGN_OR_RETURN(const size_t index, find_input(query, name));
  if (!query.inputs[index].is_text) return usage_error(absl::StrCat("column ", std::string(name), " is of numbers, not of texts"));
  if (length < 0) return usage_error("a column has no data");
  acie_query::TextColumn& column = query.texts[index];
  column.codes.assign(static_cast<size_t>(length) + 1, 0);  // there is data though it has no rows
  column.validity.assign(static_cast<size_t>(length) / 8 + 1, 0);
  for (int64_t row = 0; row < length; ++row) {
    const std::string_view content = text(row);
    if (content.empty()) continue;
    if (!io::is_plain_text(content)) return bad_data_error(absl::StrCat("column ", std::string(name), ", row ", row + 1, ": a text is UTF-8 without control characters"));
    column.codes[static_cast<size_t>(row)] = query.arguments.texts()->code(content);
    column.validity[static_cast<size_t>(row) >> 3] |= static_cast<uint8_t>(1 << (row & 7));
  }
  scheduler::BoundArray bound;
  bound.raw = {column.codes.data(), ACIE_I64, 1, column.validity.data(), 0, false};
  query.arrays[index] = bound;
  query.lengths[index] = length;
  return absl::OkStatus();
}

absl::Status bind_arrow_texts(acie_query& query, const std::string& name, const ArrowArray& child, int64_t length, int64_t offset) {
  if (child.n_buffers != 3 || (length > 0 && (child.buffers[1] == nullptr || child.buffers[2] == nullptr))) return usage_error(absl::StrCat("column ", name, " has no data"));
  const auto* validity = child.null_count == 0 ? nullptr : static_cast<const uint8_t*>(child.buffers[0]);
  const auto* ends = static_cast<const int32_t*>(child.buffers[1]);
  const auto* letters = static_cast<const char*>(child.buffers[2]);
  return bind_texts(query, name, length, [&](int64_t row) {
    const int64_t at = offset + row;
    if (validity != nullptr && (validity[at >> 3] >> (at & 7) & 1) == 0) return std::string_view();
    return std::string_view(letters + ends[at], static_cast<size_t>(ends[at + 1] - ends[at]));
  });
}

/// The element type of an Arrow format string.
std::optional<acie_dtype> arrow_dtype(const char* format) {
  if (format == nullptr || std::strlen(format) != 1) return std::nullopt;
  switch (format[0]) {
    case 'g': return ACIE_F64;
    case 'f': return ACIE_F32;
    case 'l': return ACIE_I64;
    case 'i': return ACIE_I32;
    case 'b': return ACIE_BOOL;
    default: return std::nullopt;
  }
}

absl::Status bind_arrow(acie_query& query, const ArrowSchema& schema, const ArrowArray& array) {
  if (schema.format == nullptr || std::strcmp(schema.format, "+s") != 0 || schema.n_children != array.n_children)
    return usage_error("a struct array is expected: a record batch in Arrow's C data interface");
  for (int64_t i = 0; i < array.n_children; ++i) {
    const ArrowSchema& field = *schema.children[i];
    const ArrowArray& child = *array.children[i];
    const std::string name = field.name != nullptr ? field.name : "";
    const absl::StatusOr<size_t> index = find_input(query, name);
    if (!index.ok()) continue;
    if (query.inputs[*index].is_text && field.format != nullptr && std::strcmp(field.format, "u") == 0) {
      ACIE_RETURN_IF_ERROR(bind_arrow_texts(query, name, child, array.length, child.offset + array.offset));
      continue;
    }
    const std::optional<acie_dtype> dtype = arrow_dtype(field.format);
    if (!dtype || child.n_buffers != 2)
      return usage_error(absl::StrCat("column ", name, " is of an Arrow type that cannot be read; f64, f32, i64, i32 and bool can, and utf8 where texts are read"));
    // A struct array's offset counts for its children as well.
    const int64_t offset = child.offset + array.offset;
    acie_column column{};
    column.length = array.length;
    column.stride = 1;
    column.dtype = *dtype;
    column.validity = child.null_count == 0 ? nullptr : static_cast<const uint8_t*>(child.buffers[0]);
    column.validity_offset = offset;
    column.data = child.buffers[1];
    if (column.data == nullptr && array.length > 0) return usage_error(absl::StrCat("column ", name, " has no data"));
    const bool bits = *dtype == ACIE_BOOL;
    if (!bits && column.data != nullptr)
      column.data = static_cast<const char*>(column.data) + offset * static_cast<int64_t>(scheduler::size_of(*dtype));
    ACIE_RETURN_IF_ERROR(bind_column(query, name, column));
    query.arrays[*index].raw.boolean_bits = bits;
  }
  return absl::OkStatus();
}

acie_field field_at(const std::vector<NamedField>& fields, size_t index) {
  return index < fields.size() ? fields[index].view() : acie_field{};
}

}  // namespace

std::vector<NamedField> output_fields(const package::Entry& entry) {
  std::vector<NamedField> fields;
  for (const scheduler::AnswerField& field : scheduler::answer_fields(entry)) {
    if (field.kind == scheduler::AnswerField::Kind::Status) continue;  // acie_answer_status
    const bool is_text = field.output >= 0 && entry.outputs[static_cast<size_t>(field.output)].is_text;
    fields.push_back({field.name, field.unit.to_string(), "", field.dtype, -kInfinity, kInfinity, false, 0, is_text});
  }
  return fields;
}

}  // namespace acie::api

using acie::api::guarded;
using Kind = acie::scheduler::Arguments::Kind;

acie_query::acie_query(std::shared_ptr<const acie::scheduler::Program> shared)
    : program(std::move(shared)), arguments(program->entry()) {
  const acie::package::Entry& entry = program->entry();
  for (const acie::package::ColumnInput& column : entry.columns) {
    input_numbers.emplace(column.name, inputs.size());
    inputs.push_back({column.name, column.unit.to_string(), column.doc, entry.buffers[column.buffer].dtype, column.low, column.high, false, 0, column.is_text});
  }
  for (const acie::package::ScalarInput& scalar : entry.scalars)
    values.push_back({scalar.name, scalar.unit.to_string(), scalar.doc, scalar.dtype, scalar.low, scalar.high,
                      scalar.default_value.has_value(), scalar.default_value.value_or(0), scalar.is_text});
  outputs = acie::api::output_fields(entry);
  arrays.resize(inputs.size());
  lengths.assign(inputs.size(), -1);
  texts.resize(inputs.size());
}

extern "C" {

acie_query* acie_query_new(const acie_package* package, const char* entry, acie_error** error) {
  return acie_query_new_sized(package, entry, nullptr, 0, error);
}

acie_query* acie_query_new_sized(const acie_package* package, const char* entry, const acie_dimension* dimensions,
                                 size_t num_dimensions, acie_error** error) {
  std::unique_ptr<acie_query> query;
  guarded(error, [&]() -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(const acie::package::Entry* declared, acie::scheduler::find_entry(package->engine->package().plan(), entry));
    acie::scheduler::Dimensions known(*declared);
    acie::package::DimensionSizes sizes;
    for (size_t i = 0; i < num_dimensions; ++i) {
      const acie_dimension& dimension = dimensions[i];
      ACIE_RETURN_IF_ERROR(known.set(dimension.name, dimension.size, absl::StrCat(dimension.name, " = ", dimension.size)));
      sizes[dimension.name] = dimension.size;
    }
    ACIE_ASSIGN_OR_RETURN(auto program, package->engine->program(entry, sizes));
    query = std::make_unique<acie_query>(std::move(program));
    query->engine = package->engine;
    return absl::OkStatus();
  });
  return query.release();
}

void acie_query_free(acie_query* query) { delete query; }

size_t acie_query_num_inputs(const acie_query* query) { return query->inputs.size(); }
size_t acie_query_num_values(const acie_query* query) { return query->values.size(); }
size_t acie_query_num_outputs(const acie_query* query) { return query->outputs.size(); }
acie_field acie_query_input(const acie_query* query, size_t index) { return acie::api::field_at(query->inputs, index); }
acie_field acie_query_value(const acie_query* query, size_t index) { return acie::api::field_at(query->values, index); }
acie_field acie_query_output(const acie_query* query, size_t index) { return acie::api::field_at(query->outputs, index); }

int acie_query_set(acie_query* query, const char* name, double value, acie_error** error) {
  return guarded(error, [&] { return query->arguments.set(Kind::Set, name, value); });
}
int acie_query_given(acie_query* query, const char* name, double value, acie_error** error) {
  return guarded(error, [&] { return query->arguments.set(Kind::Given, name, value); });
}
int acie_query_do(acie_query* query, const char* name, double value, acie_error** error) {
  return guarded(error, [&] { return query->arguments.set(Kind::Do, name, value); });
}

int acie_query_set_text(acie_query* query, const char* name, const char* text, acie_error** error) {
  return guarded(error, [&] { return query->arguments.set_text(Kind::Set, name, text); });
}
int acie_query_given_text(acie_query* query, const char* name, const char* text, acie_error** error) {
  return guarded(error, [&] { return query->arguments.set_text(Kind::Given, name, text); });
}
int acie_query_do_text(acie_query* query, const char* name, const char* text, acie_error** error) {
  return guarded(error, [&] { return query->arguments.set_text(Kind::Do, name, text); });
}

int acie_query_load_params(acie_query* query, const char* path, acie_error** error) {
  return guarded(error, [&] {
    query->learnt = nullptr;
    ACIE_RETURN_IF_ERROR(query->files->add_file(path));
    return acie::scheduler::apply_store(*query->files, query->arguments);
  });
}

int acie_query_bind(acie_query* query, const char* input, const acie_column* column, acie_error** error) {
  return guarded(error, [&] { return acie::api::bind_column(*query, input, *column); });
}

int acie_query_bind_text(acie_query* query, const char* input, const char* const* texts, int64_t length, acie_error** error) {
  return guarded(error, [&] {
    return acie::api::bind_texts(*query, input, length, [&](int64_t row) { return texts[row] == nullptr ? std::string_view() : std::string_view(texts[row]); });
  });
}

int acie_query_bind_arrow(acie_query* query, const ArrowSchema* schema, const ArrowArray* array, acie_error** error) {
  return guarded(error, [&] { return acie::api::bind_arrow(*query, *schema, *array); });
}

}  // extern "C"
