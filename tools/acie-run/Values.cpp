#include "tools/acie-run/Values.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "runtime/scheduler/ParameterFiles.h"
#include "runtime/status/Errors.h"

namespace acie::cli {

absl::StatusOr<double> parse_value(const std::string& option, const Setting& setting, const package::Plan& plan,
                                   const units::Unit* declared, const std::vector<std::string>& labels) {
  const auto& [name, text] = setting;
  const std::string where = option + " " + name + "=" + text + ": ";
  if (!labels.empty()) {
    const auto found = std::find(labels.begin(), labels.end(), text);
    if (found == labels.end()) return usage_error(where + "one of " + absl::StrJoin(labels, ", ") + " is expected");
    return static_cast<double>(found - labels.begin());
  }
  if (text == "true") return 1.0;
  if (text == "false") return 0.0;
  double value = 0;
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  if (error != std::errc()) return usage_error(where + "a number, true or false is expected");
  if (rest.empty()) return value;
  if (rest.size() < 3 || rest.front() != '<' || rest.back() != '>')
    return usage_error(where + "after the number only a unit may follow, as in 3<kpc>");
  const units::UnitResult unit = units::parse_unit(rest.substr(1, rest.size() - 2), plan.units);
  if (!unit) return usage_error(where + unit.error.to_string());
  if (declared == nullptr) return value;
  const std::optional<double> factor = units::conversion_factor(*unit, *declared);
  if (!factor) return usage_error(where + unit->to_string() + " cannot be converted to " + declared->to_string());
  return value * *factor;
}

namespace {

using scheduler::Arguments;

/// What the values of a finite type are called; of a do? column as of a value.
std::vector<std::string> labels_of(const Arguments& arguments, Arguments::Kind kind, int index, const std::string& name) {
  if (index >= 0) return arguments.entry().scalars[static_cast<size_t>(index)].labels;
  if (kind != Arguments::Kind::Do) return {};
  for (const package::ColumnInput& column : arguments.entry().columns)
    if (column.role == package::ColumnInput::Role::DoAsk && (column.name == name || column.name == "do." + name)) return column.labels;
  return {};
}

absl::Status apply(const std::string& option, Arguments::Kind kind, const std::vector<Setting>& settings,
                   const package::Plan& plan, io::ParameterStore& store, Arguments& arguments) {
  for (const Setting& setting : settings) {
    if (arguments.is_text(kind, setting.first)) {
      ACIE_RETURN_IF_ERROR(arguments.set_text(kind, setting.first, setting.second));
      continue;
    }
    const int index = arguments.find(kind, setting.first);
    if (index < 0 && kind != Arguments::Kind::Do) return arguments.set(kind, setting.first, 0);  // which says what there is
    const units::Unit* declared = index >= 0 ? &arguments.entry().scalars[static_cast<size_t>(index)].unit : nullptr;
    ACIE_ASSIGN_OR_RETURN(const double value, parse_value(option, setting, plan, declared, labels_of(arguments, kind, index, setting.first)));
    ACIE_RETURN_IF_ERROR(arguments.set(kind, setting.first, value));
    if (kind == Arguments::Kind::Set) store.set(setting.first, value, option);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status load_parameters(const Options& options, io::ParameterStore& store) {
  for (const std::string& file : options.params) ACIE_RETURN_IF_ERROR(store.add_file(file));
  return absl::OkStatus();
}

absl::Status apply_values(const Options& options, const package::Plan& plan, io::ParameterStore& store,
                          scheduler::Arguments& arguments) {
  ACIE_RETURN_IF_ERROR(scheduler::apply_store(store, arguments));
  ACIE_RETURN_IF_ERROR(apply("--set", Arguments::Kind::Set, options.sets, plan, store, arguments));
  ACIE_RETURN_IF_ERROR(apply("--given", Arguments::Kind::Given, options.givens, plan, store, arguments));
  return apply("--do", Arguments::Kind::Do, options.dos, plan, store, arguments);
}

}  // namespace acie::cli
