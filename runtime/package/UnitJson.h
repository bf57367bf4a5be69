// Units in the plan's JSON: "1" for plain numbers, else an object with dimension, labels, size and spelling.
#pragma once

#include "runtime/package/JsonReader.h"
#include "runtime/units/Units.h"

namespace acie::package {

Json unit_to_json(const units::Unit& unit);
units::Unit unit_from_json(JsonObject& object, const char* key);

Json unit_table_to_json(const units::UnitTable& table);
units::UnitTable unit_table_from_json(JsonObject& object, const char* key);

}  // namespace acie::package
