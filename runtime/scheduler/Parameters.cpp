#include "runtime/scheduler/Parameters.h"

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernels/math/ScalarFunctions.h"
#include "kernels/random/Threefry.h"
#include "runtime/scheduler/Arguments.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ParameterInput;
using package::ScalarInput;

void store(acie_dtype dtype, double value, void* to, int64_t i) {
  switch (dtype) {
    case ACIE_F64: static_cast<double*>(to)[i] = value; break;
    case ACIE_F32: static_cast<float*>(to)[i] = static_cast<float>(value); break;
    case ACIE_I64: static_cast<int64_t*>(to)[i] = static_cast<int64_t>(value); break;
    case ACIE_I32: static_cast<int32_t*>(to)[i] = static_cast<int32_t>(value); break;
    case ACIE_BOOL: static_cast<uint8_t*>(to)[i] = value != 0; break;
  }
}

/// Element i is drawn with counter (i, 0): the same whatever the others are.
double draw_element(const ParameterInput& parameter, uint64_t name, uint64_t seed, int64_t i) {
  math::Scalar64 backend;
  const auto word = [&](uint64_t value) { return math::Int<math::Scalar64>{&backend, value}; };
  const double uniform = random::uniform(random::draw(word(seed), word(name), word(static_cast<uint64_t>(i)), word(0)).first).v;
  return parameter.width * (parameter.initial == ScalarInput::Initial::Uniform ? 2 * uniform - 1 : math::scalar::norm_quantile(uniform));
}

}  // namespace

absl::StatusOr<std::vector<View>> Parameters::finish(uint64_t seed) {
  const package::Entry& entry = program_.entry();
  std::vector<std::string> unset;
  drawn_ = 0;
  for (size_t index = 0; index < views_.size(); ++index) {
    const ParameterInput& parameter = entry.parameters[index];
    if (views_[index].data != nullptr) continue;
    if (parameter.default_at) {
      views_[index] = {const_cast<char*>(program_.constants().data()) + *parameter.default_at, 0};
      continue;
    }
    const bool draws = parameter.initial != ScalarInput::Initial::None;
    if (!draws && !parameter.default_value) {
      unset.push_back(parameter.name);
      continue;
    }
    const package::Buffer& buffer = entry.buffers[static_cast<size_t>(parameter.buffer)];
    const int64_t elements = buffer.elements();
    Arena& memory = *owned_.emplace_back(std::make_unique<Arena>());
    memory.reserve(program_.point_bytes(parameter.buffer));
    void* to = memory.take(program_.point_bytes(parameter.buffer));
    const uint64_t name = random::hashName(parameter.name);
    for (int64_t i = 0; i < elements; ++i) store(buffer.dtype, draws ? draw_element(parameter, name, seed, i) : *parameter.default_value, to, i);
    drawn_ += draws ? elements : 0;
    views_[index] = {to, 0};
  }
  if (!unset.empty())
    return usage_error(absl::StrCat(entry.name, " needs values for ", names_in_brief(std::move(unset)), ": --params FILE, a .safetensors or .json file that has them"));
  return views_;
}

}  // namespace acie::scheduler
