#include "runtime/io/JsonParameters.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 64;  // of objects in objects, and of lists in lists

class Reader {
 public:
  Reader(std::string source, std::vector<JsonParameter>& out) : source_(std::move(source)), out_(out) {}

  absl::Status object(const Json& object, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) return usage_error(source_ + ": objects lie more than 64 deep in each other");
    for (const auto& [key, value] : object.items()) {
      if (value.is_object()) {
        ACIE_RETURN_IF_ERROR(this->object(value, prefix + key + ".", depth + 1));
        continue;
      }
      JsonParameter parameter;
      parameter.name = prefix + key;
      if (!shape_of(value, parameter.shape)) return wrong(parameter);
      const Json* first = &value;
      while (first->is_array() && !first->empty()) first = &first->front();
      parameter.type = first->is_boolean() ? TensorType::Bool : TensorType::I64;
      if (!elements(value, 0, parameter)) return wrong(parameter);
      if (parameter.type == TensorType::F64) parameter.integers.clear();
      out_.push_back(std::move(parameter));
    }
    return absl::OkStatus();
  }

 private:
  static bool shape_of(const Json& value, std::vector<int64_t>& shape) {
    for (const Json* inner = &value; inner->is_array(); inner = &inner->front()) {
      if (shape.size() == kMaxDepth) return false;
      shape.push_back(static_cast<int64_t>(inner->size()));
      if (inner->empty()) break;
    }
    return true;
  }

  bool elements(const Json& value, size_t depth, JsonParameter& parameter) const {
    if (value.is_array()) {
      if (depth >= parameter.shape.size() || value.size() != static_cast<size_t>(parameter.shape[depth])) return false;
      for (const Json& item : value)
        if (!elements(item, depth + 1, parameter)) return false;
      return true;
    }
    if (depth != parameter.shape.size()) return false;
    if (parameter.type == TensorType::Bool) {
      if (!value.is_boolean()) return false;
      parameter.truths.push_back(value.get<bool>());
      return true;
    }
    if (!value.is_number()) return false;
    // Integers too large for an int64 are unsigned to the JSON parser.
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX))
      parameter.type = TensorType::F64;
    parameter.reals.push_back(value.get<double>());
    if (parameter.type == TensorType::I64) parameter.integers.push_back(value.get<int64_t>());
    return true;
  }

  absl::Status wrong(const JsonParameter& parameter) const {
    return usage_error(source_ + ": the value of " + parameter.name +
                       " must be a number, true or false, or lists of those with one length at each depth");
  }

  std::string source_;
  std::vector<JsonParameter>& out_;
};

}  // namespace

absl::StatusOr<std::vector<JsonParameter>> parse_json_parameters(std::string_view text, const std::string& source) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return usage_error(source + " is not a JSON object of names and values (nor does its name end with .safetensors)");
  std::vector<JsonParameter> parameters;
  ACIE_RETURN_IF_ERROR(Reader(source, parameters).object(json, "", 0));
  return parameters;
}

absl::StatusOr<std::string> read_json_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return usage_error("cannot read the parameters " + path);
  return std::move(text).str();
}

}  // namespace acie::io
