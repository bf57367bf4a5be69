// JSON as the protocol's messages use it. What comes from the client is read with at(), get() and natural(), which throw where the
// message is not of the protocol's form: Dispatch catches that, once, and answers InvalidParams.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace acie::lsp {

using Json = nlohmann::json;

/// The member `name` of an object; null where there is none, or `object` is none.
inline const Json& member(const Json& object, const char* name) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

/// A line or a column: a whole number that is not negative.
inline uint32_t natural(const Json& json) {
  if (!json.is_number_integer() || (!json.is_number_unsigned() && json.get<int64_t>() < 0)) {
    throw std::invalid_argument("a line or a column is a whole number, from 0");
  }
  return static_cast<uint32_t>(std::min<uint64_t>(json.get<uint64_t>(), 0x7FFFFFFF));
}

/// A message as text; bytes that are not UTF-8 (of a library file, say) are replaced.
inline std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace acie::lsp
