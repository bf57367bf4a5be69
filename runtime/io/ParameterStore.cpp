#include "runtime/io/ParameterStore.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "runtime/io/JsonParameters.h"
#include "runtime/io/PathText.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

bool same_shape(std::span<const int64_t> a, std::span<const int64_t> b) {
  const auto is_one = [](std::span<const int64_t> shape) { return shape.empty() || (shape.size() == 1 && shape[0] == 1); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end()) || (is_one(a) && is_one(b));
}

}  // namespace

absl::Status ParameterStore::add_file(const std::string& path) {
  if (extension_of(path) == ".safetensors") {
    ACIE_ASSIGN_OR_RETURN(std::shared_ptr<const Safetensors> file, Safetensors::open(path));
    add_tensors(std::move(file), path);
    return absl::OkStatus();
  }
  ACIE_ASSIGN_OR_RETURN(const std::string text, read_json_text(path));
  return add_json(text, path);
}

void ParameterStore::add_tensors(std::shared_ptr<const Safetensors> file, std::string source) {
  sources_.push_back(std::move(source));
  for (const NamedTensor& tensor : file->tensors())
    values_.insert_or_assign(tensor.name, Value{tensor.view, static_cast<int>(sources_.size()) - 1, true});
  files_.push_back(std::move(file));
}

absl::Status ParameterStore::add_json(std::string_view text, const std::string& source) {
  ACIE_ASSIGN_OR_RETURN(const std::vector<JsonParameter> parameters, parse_json_parameters(text, source));
  sources_.push_back(source);
  for (const JsonParameter& parameter : parameters)
    keep(parameter.name, parameter.type, parameter.shape, parameter.bytes(), static_cast<int>(sources_.size()) - 1);
  return absl::OkStatus();
}

void ParameterStore::set(std::string_view name, double value, std::string source) {
  sources_.push_back(std::move(source));
  keep(std::string(name), TensorType::F64, {}, std::as_bytes(std::span(&value, 1)), static_cast<int>(sources_.size()) - 1);
}

void ParameterStore::keep(std::string name, TensorType type, std::vector<int64_t> shape, std::span<const std::byte> bytes,
                          int source) {
  AlignedBuffer& buffer = owned_.emplace_back();
  buffer.resize(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.data(), bytes.data(), bytes.size());
  values_.insert_or_assign(std::move(name), Value{{type, std::move(shape), buffer.data()}, source, false});
}

const ParameterStore::Value* ParameterStore::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

const TensorView* ParameterStore::lookup(std::string_view name) const {
  const Value* const value = find(name);
  return value == nullptr ? nullptr : &value->view;
}

std::string ParameterStore::source(std::string_view name) const {
  const Value* const value = find(name);
  return value == nullptr ? "" : sources_[static_cast<size_t>(value->source)];
}

std::string ParameterStore::describe(std::string_view name, const Value& value) const {
  return sources_[static_cast<size_t>(value.source)] + ": the value of " + std::string(name);
}

absl::StatusOr<std::optional<double>> ParameterStore::scalar(std::string_view name, acie_dtype wanted) const {
  const Value* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!same_shape(value->view.shape, {}))
    return usage_error(describe(name, *value) + " has the shape " + shape_text(value->view.shape) +
                       "; a single number is needed");
  const Rounding rounding = value->typed ? Rounding::Exact : Rounding::Nearest;
  alignas(8) std::byte stored[8];
  const TensorType type = tensor_type(wanted);
  if (const absl::Status status = convert_elements(value->view, type, rounding, stored); !status.ok())
    return annotate(status, describe(name, *value));
  double result = 0;
  const TensorView held{type, {}, stored};
  if (const absl::Status status =
          convert_elements(held, TensorType::F64, Rounding::Exact, reinterpret_cast<std::byte*>(&result));
      !status.ok())
    return annotate(status, describe(name, *value));
  return result;
}

absl::StatusOr<std::optional<TensorView>> ParameterStore::tensor(std::string_view name, TensorType wanted,
                                                                 std::span<const int64_t> shape) {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  Value& value = found->second;
  if (!same_shape(value.view.shape, shape))
    return usage_error(describe(name, value) + " has the shape " + shape_text(value.view.shape) + "; the program needs " +
                       shape_text(shape));
  TensorView view{wanted, {shape.begin(), shape.end()}, value.view.data};
  if (value.view.type == wanted && value.view.aligned()) return view;
  AlignedBuffer& buffer = owned_.emplace_back();
  buffer.resize(view.bytes());
  const Rounding rounding = value.typed ? Rounding::Exact : Rounding::Nearest;
  if (const absl::Status status = convert_elements(value.view, wanted, rounding, buffer.data()); !status.ok()) {
    owned_.pop_back();
    return annotate(status, describe(name, value));
  }
  view.data = buffer.data();
  return view;
}

std::vector<std::string> ParameterStore::names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) names.push_back(name);
  return names;
}

}  // namespace acie::io
