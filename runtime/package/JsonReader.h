// Reads JSON objects strictly: every key known, every value of the expected kind, the first error kept with its place.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/package/PlanNames.h"
#include "runtime/status/Errors.h"

namespace acie::package {

/// Keeps keys in the order they are written, so that equal plans give equal bytes.
using Json = nlohmann::ordered_json;

/// Parses JSON that gives no key twice.
absl::StatusOr<Json> parse_json(std::string_view text);

/// The first error met; later ones usually follow from it.
struct JsonError {
  std::string message;
  void set(const std::string& where, const std::string& what) {
    if (message.empty()) message = where + ": " + what;
  }
  bool any() const { return !message.empty(); }
};

/// One object. A missing or ill-typed field gives a harmless value and sets the error; finish() reports unknown keys.
class JsonObject {
 public:
  JsonObject(const Json& value, std::string where, JsonError& error)
      : value_(value), where_(std::move(where)), error_(error) {
    if (!value_.is_object()) error_.set(where_, "an object is expected");
  }

  bool has(const char* key) const { return value_.is_object() && value_.contains(key); }

  std::string text(const char* key) {
    const Json* field = find(key);
    if (field == nullptr) return "";
    if (!field->is_string()) return wrong(key, "a string is expected"), "";
    return field->get<std::string>();
  }

  bool boolean(const char* key) {
    const Json* field = find(key);
    if (field == nullptr) return false;
    if (!field->is_boolean()) return wrong(key, "true or false is expected"), false;
    return field->get<bool>();
  }

  int64_t integer(const char* key, int64_t low, int64_t high) {
    const Json* field = find(key);
    if (field == nullptr) return low;
    const bool fits = field->is_number_integer() &&
                      (!field->is_number_unsigned() || field->get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX));
    if (!fits) return wrong(key, "a whole number is expected"), low;
    const int64_t number = field->get<int64_t>();
    if (number < low || number > high) return wrong(key, "the number is out of range"), low;
    return number;
  }

  double number(const char* key) {
    const Json* field = find(key);
    if (field == nullptr) return 0;
    if (!field->is_number() || !std::isfinite(field->get<double>())) return wrong(key, "a finite number is expected"), 0;
    return field->get<double>();
  }

  double number_or(const char* key, double otherwise) { return has(key) ? number(key) : otherwise; }

  template <typename E, size_t N>
  E choice(const char* key, const NameTable<E, N>& table) {
    const std::string name = text(key);
    const std::optional<E> value = value_in(table, name);
    if (!value) wrong(key, "'" + name + "' is not known");
    return value.value_or(table[0].first);
  }

  const std::vector<Json>& array(const char* key) {
    static const std::vector<Json> kEmpty;
    const Json* field = find(key);
    if (field == nullptr) return kEmpty;
    if (!field->is_array()) return wrong(key, "an array is expected"), kEmpty;
    return field->get_ref<const std::vector<Json>&>();
  }

  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> result;
    for (const Json& each : array(key)) {
      if (!each.is_string()) return wrong(key, "strings are expected"), std::vector<std::string>();
      result.push_back(each.get<std::string>());
    }
    return result;
  }

  std::vector<int> integers(const char* key) {
    std::vector<int> result;
    for (const Json& each : array(key)) {
      if (!each.is_number_unsigned() || each.get<uint64_t>() > INT32_MAX)
        return wrong(key, "whole numbers are expected"), std::vector<int>();
      result.push_back(static_cast<int>(each.get<uint64_t>()));
    }
    return result;
  }

  const Json* find(const char* key) {
    used_.insert(key);
    if (has(key)) return &value_.at(key);
    if (value_.is_object()) wrong(key, "it is missing");
    return nullptr;
  }

  void wrong(const std::string& key, const std::string& what) { error_.set(path(key), what); }
  std::string path(const std::string& key) const { return where_.empty() ? key : where_ + "." + key; }
  JsonError& error() { return error_; }

  void finish() {
    if (!value_.is_object()) return;
    for (const auto& item : value_.items())
      if (!used_.contains(item.key())) wrong(item.key(), "this key is not known");
  }

 private:
  const Json& value_;
  std::string where_;
  JsonError& error_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace acie::package
