// Radix 2^52 on arrays.
#include "kernels/crypto/bigint/EmulatedLanes.h"
#include "kernels/crypto/bigint/Moves.h"

namespace acie::bigint {

const Kernels kEmulatedKernels = kernels_of<EmulatedLanes>("emulated lanes");

}  // namespace acie::bigint
