// How large tensors may become while compiling.
#pragma once

#include <cstdint>

namespace acie::sema {

/// A tensor is a list of expressions while compiling: past this many a program would not compile in reasonable time.
inline constexpr int64_t kLargest = 65536;
/// Constants of a tensor that is one expression lie in the package.
inline constexpr int64_t kLargestWhole = int64_t{1} << 24;

}  // namespace acie::sema
