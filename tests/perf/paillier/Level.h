// Levels by name.
#pragma once

#include <string_view>

#include "kernels/crypto/bigint/Kernels.h"

namespace acie::perf {

/// `avx2`, `portable`, or whatever is best here.
inline const bigint::Kernels& level_of(std::string_view name) {
  return name == "portable" ? bigint::kPortableKernels : name == "avx2" ? bigint::kAvx2Kernels : bigint::host_kernels();
}

}  // namespace acie::perf
