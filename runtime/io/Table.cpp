#include "runtime/io/Table.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "runtime/status/Errors.h"
#include "runtime/units/NearestName.h"

namespace acie::io {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// Tables of a few columns are listed whole, others counted.
std::string describe_columns(const TableSchema& schema) {
  constexpr size_t kShown = 12;
  if (schema.columns.size() > kShown) return "it has " + std::to_string(schema.columns.size()) + " columns";
  std::string text = "its columns are ";
  for (size_t i = 0; i < schema.columns.size(); ++i) text += (i == 0 ? "" : ", ") + schema.columns[i].name;
  return text;
}

// "2", "1, 2" as indices into `shape`: the row-major position.
std::optional<int64_t> parse_position(std::string_view text, const std::vector<int64_t>& shape) {
  int64_t position = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    int64_t index = -1;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (problem != std::errc() || index < 0 || index >= shape[axis]) return std::nullopt;
    position = position * shape[axis] + index;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (axis + 1 == shape.size()) break;
    if (text.empty() || text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional(position) : std::nullopt;
}

}  // namespace

int64_t ColumnSchema::elements() const {
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  return count;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text.append(i == 0 ? "" : ", ").append(std::to_string(shape[i]));
  return text.append("]");
}

const char* dtype_name(acie_dtype dtype) {
  switch (dtype) {
    case ACIE_F64:
      return "f64";
    case ACIE_F32:
      return "f32";
    case ACIE_I64:
      return "i64";
    case ACIE_I32:
      return "i32";
    case ACIE_BOOL:
      return "bool";
  }
  return "?";
}

absl::StatusOr<int> find_column(const TableSchema& schema, std::string_view name) {
  std::vector<int> found;
  for (size_t i = 0; i < schema.columns.size(); ++i)
    if (schema.columns[i].name == name) found.push_back(static_cast<int>(i));
  if (found.empty() && schema.ignores_case)
    for (size_t i = 0; i < schema.columns.size(); ++i)
      if (lower(schema.columns[i].name) == lower(name)) found.push_back(static_cast<int>(i));
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    return usage_error(schema.source + ": the column name '" + std::string(name) + "' stands for columns " +
                       std::to_string(found[0] + 1) + " and " + std::to_string(found[1] + 1) +
                       "; rename one of them");
  std::vector<std::string> names;
  for (const ColumnSchema& column : schema.columns) names.push_back(column.name);
  std::string nearest = nearest_name(name, names);
  for (const std::string& candidate : names)
    if (lower(candidate) == lower(name)) nearest = candidate;
  return usage_error(schema.source + " has no column '" + std::string(name) + "'; " +
                     (nearest.empty() ? describe_columns(schema) : "did you mean '" + nearest + "'?"));
}

absl::StatusOr<ColumnPlace> find_place(const TableSchema& schema, std::string_view name) {
  absl::StatusOr<int> whole = find_column(schema, name);
  const size_t bracket = name.find('[');
  if (!whole.ok() && bracket != std::string_view::npos && name.back() == ']') {
    const absl::StatusOr<int> vector = find_column(schema, name.substr(0, bracket));
    if (vector.ok() && !schema.columns[static_cast<size_t>(*vector)].shape.empty()) {
      const std::vector<int64_t>& shape = schema.columns[static_cast<size_t>(*vector)].shape;
      const std::optional<int64_t> element = parse_position(name.substr(bracket + 1, name.size() - bracket - 2), shape);
      if (element) return ColumnPlace{*vector, *element};
      return bad_data_error(schema.source + ": '" + std::string(name) + "' is no element of the column '" +
                            std::string(name.substr(0, bracket)) + "', whose vectors have the shape " + shape_text(shape) +
                            "; indices count from 0");
    }
  }
  if (!whole.ok()) return whole.status();
  const ColumnSchema& column = schema.columns[static_cast<size_t>(*whole)];
  if (column.elements() == 1) return ColumnPlace{*whole, 0};
  return bad_data_error(schema.source + ": column '" + column.name + "' holds vectors of shape " + shape_text(column.shape) +
                        ", and one number is wanted; name an element, '" + column.name + "[0]'");
}

void prepare_batch(const std::vector<ColumnRequest>& requests, int64_t first_row, int64_t rows,
                   Batch& batch) {
  batch.first_row = first_row;
  batch.rows = rows;
  batch.columns.resize(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    ColumnData& column = batch.columns[i];
    column.dtype = requests[i].dtype;
    const size_t values = static_cast<size_t>(rows) * static_cast<size_t>(requests[i].elements);
    column.values.resize(values * element_size(requests[i].dtype));
    column.present.resize(values);
    std::memset(column.present.data(), 1, values);
    column.missing = 0;
  }
}

}  // namespace acie::io
