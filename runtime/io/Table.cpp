#include "runtime/io/Table.h"

#include <algorithm>
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

}  // namespace

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

void prepare_batch(const std::vector<ColumnRequest>& requests, int64_t first_row, int64_t rows,
                   Batch& batch) {
  batch.first_row = first_row;
  batch.rows = rows;
  batch.columns.resize(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    ColumnData& column = batch.columns[i];
    column.dtype = requests[i].dtype;
    column.values.resize(static_cast<size_t>(rows) * element_size(requests[i].dtype));
    column.present.resize(static_cast<size_t>(rows));
    std::memset(column.present.data(), 1, static_cast<size_t>(rows));
    column.missing = 0;
  }
}

}  // namespace acie::io
