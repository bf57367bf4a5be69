// Where the elements of tensors lie: row-major strides, and places under any.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// Row-major strides of a tensor of this shape; an axis that stretches has one element.
inline std::vector<int64_t> strides_of(const Shape& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t step = 1;
  for (size_t axis = shape.size(); axis-- > 0; step = sizes::times(step, std::max<int64_t>(shape[axis], 1))) strides[axis] = step;
  return strides;
}

/// How far from the first the element at row-major `position` of `shape` lies, with these strides.
inline int64_t place_in(const Shape& shape, const std::vector<int64_t>& strides, int64_t position) {
  int64_t place = 0;
  for (size_t axis = shape.size(); axis-- > 0; position /= shape[axis]) place = sizes::plus(place, sizes::times(position % shape[axis], strides[axis]));
  return place;
}

}  // namespace acie::sema
