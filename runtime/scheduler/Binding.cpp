#include "runtime/scheduler/Binding.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <unordered_map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ColumnInput;

absl::Status check_names(const package::Entry& entry, const std::map<std::string, std::string>& binds) {
  for (const auto& [name, column] : binds) {
    const bool known = std::any_of(entry.columns.begin(), entry.columns.end(),
                                   [&, &name = name](const ColumnInput& input) {
                                     return input.name == name || (input.vector && input.vector->name == name);
                                   });
    if (known) continue;
    std::string names;
    for (const ColumnInput& input : entry.columns) {
      if (input.vector && input.vector->element > 0) continue;
      absl::StrAppend(&names, names.empty() ? "" : ", ", input.vector ? input.vector->name : input.name);
    }
    return usage_error(absl::StrCat("--bind ", column, "=", name, ": ", entry.name, " reads no column '", name,
                                    "'; it reads ", names.empty() ? "none" : names));
  }
  return absl::OkStatus();
}

/// The columns of a table by name: long vectors may have a column for each element.
class Columns {
 public:
  explicit Columns(const io::TableSchema& schema) : schema_(schema) {
    for (size_t i = 0; i < schema.columns.size(); ++i) {
      const auto [at, fresh] = places_.try_emplace(key(schema.columns[i].name), static_cast<int>(i));
      if (!fresh) at->second = kSeveral;
    }
  }
  const io::TableSchema& schema() const { return schema_; }
  bool has(const std::string& name) const {
    const auto found = places_.find(key(name));
    return found != places_.end() && (found->second != kSeveral || io::find_column(schema_, name).ok());
  }
  /// As io::find_place has it, without looking through all columns for one that is there.
  absl::StatusOr<io::ColumnPlace> place(const std::string& name) const {
    const auto found = places_.find(key(name));
    if (found == places_.end() || found->second == kSeveral || schema_.columns[static_cast<size_t>(found->second)].elements() != 1) return io::find_place(schema_, name);
    return io::ColumnPlace{found->second, 0};
  }

 private:
  static constexpr int kSeveral = -1;
  /// "x[0][1]" is another way to write "x[0,1]".
  std::string key(const std::string& name) const {
    const std::string flat = absl::StrReplaceAll(name, {{"][", ","}});
    return schema_.ignores_case ? absl::AsciiStrToLower(flat) : flat;
  }
  const io::TableSchema& schema_;
  std::unordered_map<std::string, int> places_;
};

std::string column_names(const io::TableSchema& schema) {
  constexpr size_t kShown = 40;
  std::string names;
  for (size_t i = 0; i < schema.columns.size() && i < kShown; ++i)
    absl::StrAppend(&names, i == 0 ? "" : ", ", schema.columns[i].name);
  if (schema.columns.size() > kShown) absl::StrAppend(&names, ", and ", schema.columns.size() - kShown, " more");
  return names;
}

/// The element of the column of vectors `name` that `input` is. `name` may be a column of numbers where a vector of one
/// element is wanted.
absl::StatusOr<io::ColumnPlace> element_of(const ColumnInput& input, const io::TableSchema& schema, const std::string& name) {
  ACIE_ASSIGN_OR_RETURN(const int index, io::find_column(schema, name));
  const io::ColumnSchema& column = schema.columns[index];
  const package::VectorElement& vector = *input.vector;
  int64_t wanted = 1;
  for (int64_t size : vector.shape) wanted *= size;
  const bool same = column.shape == vector.shape || (column.shape.size() <= 1 && column.elements() == wanted);
  if (same || !column.refusal.empty()) return io::ColumnPlace{index, vector.element};
  const std::string found = column.shape.empty() ? "one number" : absl::StrCat("vectors of shape ", io::shape_text(column.shape));
  return bad_data_error(absl::StrCat(schema.source, ", column '", column.name, "' holds ", found, ", and ", vector.name,
                                     " has the shape ", io::shape_text(vector.shape)));
}

/// The element that `input` is of columns of vectors that split a tensor in another place: `x[0]`, `x[1]`, … where the program has one
/// variable `x`, or one column `x` where it has a variable for each index of the first axis. Column -1 where there are none.
io::ColumnPlace element_elsewhere(const ColumnInput& input, const Columns& columns) {
  constexpr io::ColumnPlace kNone{-1, 0};
  const package::VectorElement& vector = *input.vector;
  const std::string& name = input.vector_column;
  const auto count_of = [](const std::vector<int64_t>& shape) { return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()); };
  const auto column_of = [&](const std::string& of) -> const io::ColumnSchema* {
    const auto index = columns.has(of) ? io::find_column(columns.schema(), of) : absl::StatusOr<int>(absl::NotFoundError(""));
    return index.ok() ? &columns.schema().columns[*index] : nullptr;
  };
  const auto place = [&](const io::ColumnSchema* column, int64_t element) { return io::ColumnPlace{static_cast<int>(column - columns.schema().columns.data()), element}; };
  if (vector.shape.size() > 1) {
    const std::vector<int64_t> each(vector.shape.begin() + 1, vector.shape.end());
    const int64_t count = count_of(each);
    const io::ColumnSchema* column = column_of(absl::StrCat(name, "[", vector.element / count, "]"));
    if (column != nullptr && column->shape == each) return place(column, vector.element % count);
  }
  int64_t index = 0;
  const size_t bracket = name.rfind('[');
  if (bracket == std::string::npos || name.back() != ']' || !absl::SimpleAtoi(name.substr(bracket + 1, name.size() - bracket - 2), &index)) return kNone;
  const io::ColumnSchema* column = column_of(name.substr(0, bracket));
  if (column == nullptr || column->shape.size() != vector.shape.size() + 1 || index < 0 || index >= column->shape[0]) return kNone;
  if (!std::equal(vector.shape.begin(), vector.shape.end(), column->shape.begin() + 1)) return kNone;
  return place(column, index * count_of(vector.shape) + vector.element);
}

/// Where the values of `input` are; column -1 where there is none and none is needed.
absl::StatusOr<io::ColumnPlace> choose_column(const ColumnInput& input, const Columns& columns,
                                              const std::map<std::string, std::string>& binds) {
  const io::TableSchema& schema = columns.schema();
  if (const auto bound = binds.find(input.name); bound != binds.end()) return io::find_place(schema, bound->second);
  if (input.vector) {
    // A table of numbers alone has the elements as columns, "x[2]".
    const auto has_vector = [&](const std::string& name, const std::string& own) {
      return columns.has(name) && !columns.has(own);
    };
    const std::string suffix = input.name.substr(std::min(input.name.size(), input.vector->name.size()));
    if (const auto bound = binds.find(input.vector->name); bound != binds.end()) {
      const std::string own = bound->second + suffix;
      return columns.has(own) ? columns.place(own) : element_of(input, schema, bound->second);
    }
    if (has_vector(input.vector_column, input.column)) return element_of(input, schema, input.vector_column);
    if (!columns.has(input.column) && has_vector(input.vector->name, input.name))
      return element_of(input, schema, input.vector->name);
    if (!columns.has(input.column)) {
      if (const io::ColumnPlace elsewhere = element_elsewhere(input, columns); elsewhere.column >= 0) return elsewhere;
    }
  }
  if (columns.has(input.column)) return columns.place(input.column);
  if (columns.has(input.name)) return columns.place(input.name);
  if (io::find_place(schema, input.column).ok()) return io::find_place(schema, input.column);
  if (input.role == ColumnInput::Role::DoAsk) return io::ColumnPlace{-1, 0};
  if (input.vector && input.vector_column != input.column) {
    const std::string& vector = input.vector->name;
    const std::string wanted = input.vector_column == vector ? "" : absl::StrCat(" for '", vector, "'");
    return bad_data_error(absl::StrCat(schema.source, " has no column '", input.vector_column, "' of vectors of shape ",
                                       io::shape_text(input.vector->shape), wanted, ", nor columns '", input.column,
                                       "', …; name one with --bind COLUMN=", vector, "; it has ", column_names(schema)));
  }
  const std::string wanted = input.column == input.name ? "" : absl::StrCat(" for '", input.name, "'");
  return bad_data_error(absl::StrCat(schema.source, " has no column '", input.column, "'", wanted,
                                     "; name one with --bind COLUMN=", input.name, "; it has ", column_names(schema)));
}

}  // namespace

absl::StatusOr<TableBinding> bind_table(const package::Entry& entry, const units::UnitTable& units,
                                        const io::TableSchema& schema,
                                        const std::map<std::string, std::string>& binds) {
  ACIE_RETURN_IF_ERROR(check_names(entry, binds));
  TableBinding binding;
  const Columns columns(schema);
  for (const ColumnInput& input : entry.columns) {
    ColumnBinding bound;
    ACIE_ASSIGN_OR_RETURN(const io::ColumnPlace place, choose_column(input, columns, binds));
    bound.column = place.column;
    bound.element = place.element;
    if (bound.column >= 0 && !schema.columns[bound.column].unit_text.empty()) {
      const io::ColumnSchema& column = schema.columns[bound.column];
      units::UnitResult unit = units::parse_foreign_unit(column.unit_text, units);
      if (!unit) unit = units::parse_foreign_unit(column.unit_text, units::astro_units());
      const std::string place = absl::StrCat(schema.source, ", column ", column.name);
      if (!unit) {
        std::string warning = absl::StrCat(place, ": ", unit.error.to_string(), "; its values are taken to be in ",
                                           input.unit.to_string());
        // The elements of a vector have one unit.
        if (binding.warnings.empty() || binding.warnings.back() != warning) binding.warnings.push_back(std::move(warning));
      } else {
        const std::optional<double> factor = units::conversion_factor(*unit, input.unit);
        if (!factor)
          return bad_data_error(absl::StrCat(place, " is in ", column.unit_text, ", which cannot be converted to ",
                                             input.unit.to_string(), ", the unit of ", input.name));
        bound.factor = *factor;
      }
    }
    binding.columns.push_back(bound);
  }
  return binding;
}

}  // namespace acie::scheduler
