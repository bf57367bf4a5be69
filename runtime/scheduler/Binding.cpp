#include "runtime/scheduler/Binding.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ColumnInput;

absl::Status check_names(const package::Entry& entry, const std::map<std::string, std::string>& binds) {
  for (const auto& [name, column] : binds) {
    const bool known = std::any_of(entry.columns.begin(), entry.columns.end(),
                                   [&, &name = name](const ColumnInput& input) { return input.name == name; });
    if (known) continue;
    std::string names;
    for (const ColumnInput& input : entry.columns) absl::StrAppend(&names, names.empty() ? "" : ", ", input.name);
    return usage_error(absl::StrCat("--bind ", column, "=", name, ": ", entry.name, " reads no column '", name,
                                    "'; it reads ", names.empty() ? "none" : names));
  }
  return absl::OkStatus();
}

bool has_column(const io::TableSchema& schema, std::string_view name) { return io::find_column(schema, name).ok(); }

std::string column_names(const io::TableSchema& schema) {
  constexpr size_t kShown = 40;
  std::string names;
  for (size_t i = 0; i < schema.columns.size() && i < kShown; ++i)
    absl::StrAppend(&names, i == 0 ? "" : ", ", schema.columns[i].name);
  if (schema.columns.size() > kShown) absl::StrAppend(&names, ", and ", schema.columns.size() - kShown, " more");
  return names;
}

/// The index of the column for `input`, -1 where there is none and none is needed.
absl::StatusOr<int> choose_column(const ColumnInput& input, const io::TableSchema& schema,
                                  const std::map<std::string, std::string>& binds) {
  if (const auto bound = binds.find(input.name); bound != binds.end()) return io::find_column(schema, bound->second);
  if (has_column(schema, input.column)) return io::find_column(schema, input.column);
  if (has_column(schema, input.name)) return io::find_column(schema, input.name);
  if (input.role == ColumnInput::Role::DoAsk) return -1;
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
  for (const ColumnInput& input : entry.columns) {
    ColumnBinding bound;
    ACIE_ASSIGN_OR_RETURN(bound.column, choose_column(input, schema, binds));
    if (bound.column >= 0 && !schema.columns[bound.column].unit_text.empty()) {
      const io::ColumnSchema& column = schema.columns[bound.column];
      units::UnitResult unit = units::parse_foreign_unit(column.unit_text, units);
      if (!unit) unit = units::parse_foreign_unit(column.unit_text, units::astro_units());
      const std::string place = absl::StrCat(schema.source, ", column ", column.name);
      if (!unit) {
        binding.warnings.push_back(absl::StrCat(place, ": ", unit.error.to_string(), "; its values are taken to be in ",
                                                input.unit.to_string()));
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
