// Radix 2^52 on AVX-512 IFMA. Compiled for it, so this file includes nothing whose inline functions others share.
#include "kernels/crypto/bigint/IfmaLanes.h"
#include "kernels/crypto/bigint/Moves.h"

namespace acie::bigint {

const Kernels kIfmaKernels = kernels_of<IfmaLanes>("AVX-512 IFMA", {.product = 2.25, .look_up = 0.09});

}  // namespace acie::bigint
