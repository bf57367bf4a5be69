#include "runtime/scheduler/ParameterFiles.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/status/Errors.h"
#include "runtime/units/NearestName.h"

namespace acie::scheduler {
namespace {

/// "M.w[2,0]" as the tensor's name and its indices; no indices where the name has none.
std::pair<std::string, std::vector<int64_t>> split_element(const std::string& name) {
  const size_t open = name.find('[');
  if (open == std::string::npos || name.back() != ']') return {name, {}};
  std::vector<int64_t> indices;
  for (const char* at = name.data() + open; *at == '[' || *at == ',';) {
    int64_t index = 0;
    at = std::from_chars(at + 1, name.data() + name.size(), index).ptr;
    indices.push_back(index);
  }
  return {name.substr(0, open), indices};
}

double element_of(const io::TensorView& tensor, acie_dtype dtype, int64_t position) {
  const auto at = [&](auto value) {
    std::memcpy(&value, tensor.data + static_cast<size_t>(position) * sizeof value, sizeof value);
    return static_cast<double>(value);
  };
  switch (dtype) {
    case ACIE_F32: return at(float());
    case ACIE_I64: return at(int64_t());
    case ACIE_I32: return at(int32_t());
    case ACIE_BOOL: return at(uint8_t());
    default: return at(double());
  }
}

/// Tensors that the entry takes element by element, from the store's tensors of the same name and shape.
absl::Status apply_tensors(io::ParameterStore& store, Arguments& arguments) {
  const std::vector<package::ScalarInput>& scalars = arguments.entry().scalars;
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const package::ScalarInput& scalar : scalars) {
    const auto [name, indices] = split_element(scalar.name);
    if (indices.empty() || store.lookup(name) == nullptr) continue;
    std::vector<int64_t>& shape = shapes[name];
    shape.resize(indices.size(), 0);
    for (size_t axis = 0; axis < indices.size(); ++axis) shape[axis] = std::max(shape[axis], indices[axis] + 1);
  }
  for (const package::ScalarInput& scalar : scalars) {
    const auto [name, indices] = split_element(scalar.name);
    const auto shape = shapes.find(name);
    if (indices.empty() || shape == shapes.end()) continue;
    ACIE_ASSIGN_OR_RETURN(const std::optional<io::TensorView> tensor, store.tensor(name, io::tensor_type(scalar.dtype), shape->second));
    int64_t position = 0;
    for (size_t axis = 0; axis < indices.size(); ++axis) position = position * shape->second[axis] + indices[axis];
    const absl::Status status = arguments.set(Arguments::Kind::Set, scalar.name, element_of(*tensor, scalar.dtype, position));
    if (!status.ok()) return annotate(status, store.source(name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status apply_store(io::ParameterStore& store, Arguments& arguments) {
  ACIE_RETURN_IF_ERROR(apply_tensors(store, arguments));
  for (const package::ScalarInput& scalar : arguments.entry().scalars) {
    if (arguments.find(Arguments::Kind::Set, scalar.name) < 0) continue;
    ACIE_ASSIGN_OR_RETURN(const std::optional<double> value, store.scalar(scalar.name, scalar.dtype));
    if (!value) continue;
    if (const absl::Status status = arguments.set(Arguments::Kind::Set, scalar.name, *value); !status.ok())
      return annotate(status, store.source(scalar.name));
  }
  return absl::OkStatus();
}

std::string unexpected_names(const io::ParameterStore& store, const package::Plan& plan) {
  std::set<std::string> taken;
  for (const package::Entry& entry : plan.entries) {
    for (const package::ParameterInput& parameter : entry.parameters) taken.insert(parameter.name);
    for (const package::ScalarInput& scalar : entry.scalars) {
      taken.insert(scalar.name);
      taken.insert(split_element(scalar.name).first);
    }
  }
  std::vector<std::string> others;
  for (std::string& name : store.names()) {
    if (!taken.contains(name)) others.push_back(std::move(name));
  }
  if (others.empty()) return "";
  const std::string first = others[0], source = store.source(first);
  const std::vector<std::string> near = nearest_names(first, {taken.begin(), taken.end()}, 1);
  const bool one = others.size() == 1;
  return absl::StrCat(source, " has ", one ? "a value" : "values", " that nothing in this package takes: ", names_in_brief(std::move(others)),
                      near.empty() ? "" : absl::StrCat(one ? " (is it meant to be " : absl::StrCat(" (is ", first, " meant to be "), near[0], "?)"));
}

absl::Status apply_parameters(io::ParameterStore& store, const package::Entry& entry, Parameters& parameters) {
  for (size_t i = 0; i < entry.parameters.size(); ++i) {
    const package::ParameterInput& parameter = entry.parameters[i];
    const package::Buffer& buffer = entry.buffers[static_cast<size_t>(parameter.buffer)];
    ACIE_ASSIGN_OR_RETURN(const std::optional<io::TensorView> tensor, store.tensor(parameter.name, io::tensor_type(buffer.dtype), buffer.shape));
    if (tensor) parameters.set(i, tensor->data);
  }
  return absl::OkStatus();
}

}  // namespace acie::scheduler
