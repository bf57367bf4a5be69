// Views that have every element of a tensor once, where sizes may be known only at start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/Support/Sizes.h"

namespace acie::sizes {

/// Element (i, j, …) is element `offset` + i strides[0] + j strides[1] + …, counted row-major.
struct EvenSteps {
  int64_t offset = 0;
  std::vector<int64_t> strides;
};

inline std::vector<int64_t> row_major(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = times(strides[axis], shape[axis]);
  return strides;
}

/// The view that undoes `view`, which has the shape `shape`, of a tensor of the shape `of`: where `view` is another shape of
/// the same elements in their order, or has the axes of the tensor in another order, some of them backwards. Else nullopt.
inline std::optional<EvenSteps> undone(const std::vector<int64_t>& of, const std::vector<int64_t>& shape, const EvenSteps& view) {
  const std::vector<int64_t> to = row_major(shape), from = row_major(of);
  if (view.offset == 0 && view.strides == to && product(shape) == product(of)) return EvenSteps{0, from};
  if (shape.size() != of.size()) return std::nullopt;
  EvenSteps result{0, std::vector<int64_t>(of.size())};
  std::vector<bool> taken(of.size());
  int64_t offset = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    size_t source = 0;
    const auto is_source = [&](size_t k) { return !taken[k] && of[k] == shape[axis] && (view.strides[axis] == from[k] || view.strides[axis] == minus(0, from[k])); };
    while (source < of.size() && !is_source(source)) ++source;
    if (source == of.size()) return std::nullopt;
    taken[source] = true;
    const bool backwards = view.strides[axis] != from[source];
    const int64_t last = minus(of[source], 1);
    if (backwards) offset = plus(offset, times(last, from[source]));
    if (backwards) result.offset = plus(result.offset, times(last, to[axis]));
    result.strides[source] = backwards ? minus(0, to[axis]) : to[axis];
  }
  return offset == view.offset ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace acie::sizes
