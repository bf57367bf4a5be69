#include "runtime/package/UnitJson.h"

namespace acie::package {
namespace {

using units::Dimension;
using units::Rational;
using units::Scale;
using units::Unit;

bool is_default(const Unit& unit) {
  return unit.dimension() == Dimension() && unit.scale() == Scale() && unit.factors().empty();
}

/// A rational as Rational::to_string spells it.
Rational read_rational(JsonObject& object, const char* key, const Json& value) {
  const std::optional<Rational> rational =
      value.is_string() ? units::parse_exponent(value.get_ref<const std::string&>()) : std::nullopt;
  if (!rational) object.wrong(key, "an exponent such as \"2\" or \"(1/2)\" is expected");
  return rational.value_or(Rational());
}

/// A [name, exponent] pair.
std::pair<std::string, Rational> read_power(JsonObject& object, const char* key, const Json& value) {
  if (!value.is_array() || value.size() != 2 || !value[0].is_string()) {
    object.wrong(key, "pairs of name and exponent are expected");
    return {};
  }
  return {value[0].get<std::string>(), read_rational(object, key, value[1])};
}

Json write_powers(const std::vector<std::pair<std::string, Rational>>& powers) {
  Json array = Json::array();
  for (const auto& [name, exponent] : powers) array.push_back(Json::array({name, exponent.to_string()}));
  return array;
}

Dimension read_dimension(JsonObject& object) {
  std::optional<Dimension> dimension = Dimension();
  const auto& exponents = object.array("dimension");
  if (exponents.size() != units::kBaseCount) object.wrong("dimension", "seven exponents are expected");
  for (size_t i = 0; i < exponents.size() && i < units::kBaseCount && dimension; ++i) {
    const auto power = units::power(Dimension::of(static_cast<units::Base>(i)), read_rational(object, "dimension", exponents[i]));
    dimension = power ? units::multiply(*dimension, *power) : std::nullopt;
  }
  for (const Json& each : object.array("labels")) {
    const auto [name, exponent] = read_power(object, "labels", each);
    const auto power = units::power(Dimension::label(name), exponent);
    dimension = power && dimension ? units::multiply(*dimension, *power) : std::nullopt;
  }
  if (!dimension) object.wrong("dimension", "it is out of range");
  return dimension.value_or(Dimension());
}

Scale read_scale(JsonObject& object) {
  const auto& parts = object.array("scale");
  std::optional<Scale> scale;
  if (parts.size() == 2 && parts[0].is_number() && parts[1].is_number())
    scale = Scale::from_parts(parts[0].get<double>(), parts[1].get<double>());
  if (!scale) object.wrong("scale", "a positive size in two parts is expected");
  return scale.value_or(Scale());
}

}  // namespace

Json unit_to_json(const Unit& unit) {
  if (is_default(unit)) return "1";
  Json dimension = Json::array();
  for (int i = 0; i < units::kBaseCount; ++i)
    dimension.push_back(unit.dimension().exponent(static_cast<units::Base>(i)).to_string());
  return {{"dimension", dimension},
          {"labels", write_powers(unit.dimension().labels())},
          {"scale", Json::array({unit.scale().high(), unit.scale().low()})},
          {"factors", write_powers(unit.factors())}};
}

Unit unit_from_json(JsonObject& object, const char* key) {
  const Json* value = object.find(key);
  if (value == nullptr) return Unit();
  if (value->is_string()) {
    if (value->get_ref<const std::string&>() != "1") object.wrong(key, "a unit is \"1\" or an object");
    return Unit();
  }
  JsonObject parts(*value, object.path(key), object.error());
  const Dimension dimension = read_dimension(parts);
  const Scale scale = read_scale(parts);
  std::vector<Unit::Factor> factors;
  for (const Json& each : parts.array("factors")) factors.push_back(read_power(parts, "factors", each));
  parts.finish();
  if (object.error().any()) return Unit();
  std::optional<Unit> unit = Unit::from_parts(dimension, scale, std::move(factors));
  if (!unit) object.wrong(key, "its spelling is not valid");
  return unit.value_or(Unit());
}

Json unit_table_to_json(const units::UnitTable& table) {
  Json array = Json::array();
  for (const auto& [name, entry] : table.entries())
    array.push_back({{"name", name}, {"unit", unit_to_json(entry.unit)}, {"prefixable", entry.prefixable}});
  return array;
}

units::UnitTable unit_table_from_json(JsonObject& object, const char* key) {
  units::UnitTable table;
  size_t i = 0;
  for (const Json& each : object.array(key)) {
    JsonObject element(each, object.path(key) + "[" + std::to_string(i++) + "]", object.error());
    const std::string name = element.text("name");
    const Unit unit = unit_from_json(element, "unit");
    const bool prefixable = element.boolean("prefixable");
    element.finish();
    if (object.error().any()) break;
    if (name.empty() || !table.add(name, unit, prefixable)) element.wrong("name", "it is empty or used twice");
  }
  return table;
}

}  // namespace acie::package
