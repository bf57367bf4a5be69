// Radix 2^52 on arrays.
#include "kernels/crypto/bigint/EmulatedLanes.h"
#include "kernels/crypto/bigint/Moves.h"

namespace acie::bigint {

const Kernels kEmulatedKernels = kernels_of<EmulatedLanes>("emulated lanes", {.product = 2.25, .look_up = 0.09});

}  // namespace acie::bigint
