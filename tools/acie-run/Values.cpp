#include "tools/acie-run/Values.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <fstream>
#include <optional>

#include "runtime/status/Errors.h"

namespace acie::cli {
namespace {

using scheduler::Arguments;

/// A number, true or false, or a number with a unit in acie's notation, 3<kpc>, in the unit `declared`.
absl::StatusOr<double> parse_value(const std::string& option, const Setting& setting, const package::Plan& plan,
                                   const units::Unit* declared) {
  const auto& [name, text] = setting;
  const std::string where = option + " " + name + "=" + text + ": ";
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

absl::Status apply(const std::string& option, Arguments::Kind kind, const std::vector<Setting>& settings,
                   const package::Plan& plan, Arguments& arguments) {
  for (const Setting& setting : settings) {
    const int index = arguments.find(kind, setting.first);
    const units::Unit* declared = index >= 0 ? &arguments.entry().scalars[static_cast<size_t>(index)].unit : nullptr;
    ACIE_ASSIGN_OR_RETURN(const double value, parse_value(option, setting, plan, declared));
    ACIE_RETURN_IF_ERROR(arguments.set(kind, setting.first, value));
  }
  return absl::OkStatus();
}

/// Objects within objects are paths: {"Galaxy": {"a": 1}} sets Galaxy.a.
absl::Status apply_object(const std::string& file, const nlohmann::json& object, const std::string& prefix,
                          Arguments& arguments) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix + key;
    if (value.is_object()) {
      ACIE_RETURN_IF_ERROR(apply_object(file, value, name + ".", arguments));
      continue;
    }
    if (!value.is_number() && !value.is_boolean())
      return usage_error(file + ": the value of " + name + " must be a number, true or false");
    const double number = value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0) : value.get<double>();
    const absl::StatusOr<bool> known = arguments.set_if_known(name, number);
    if (!known.ok()) return annotate(known.status(), file);
  }
  return absl::OkStatus();
}

absl::Status apply_file(const std::string& file, Arguments& arguments) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return usage_error("cannot read the parameters " + file);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return usage_error(file + " is not a JSON object of names and values");
  return apply_object(file, json, "", arguments);
}

}  // namespace

absl::Status apply_values(const Options& options, const package::Plan& plan, Arguments& arguments) {
  for (const std::string& file : options.params) ACIE_RETURN_IF_ERROR(apply_file(file, arguments));
  ACIE_RETURN_IF_ERROR(apply("--set", Arguments::Kind::Set, options.sets, plan, arguments));
  ACIE_RETURN_IF_ERROR(apply("--given", Arguments::Kind::Given, options.givens, plan, arguments));
  return apply("--do", Arguments::Kind::Do, options.dos, plan, arguments);
}

}  // namespace acie::cli
