// Operations on the tensors of each point of a space: what package::TensorNode says.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/linalg/Gemm.h"
#include "runtime/package/Plan.h"
#include "runtime/scheduler/Program.h"

namespace acie::scheduler {

struct View;
class Arena;
class PackedMatrices;

/// Computes the output of `node` at `points` points from `views`, indexed by buffer. Results do not depend on how many points
/// one call has, nor on `packed`, which may be null. `scratch` is memory of the calling thread.
void run_tensor_operation(const Program& program, const package::TensorNode& node, const std::vector<View>& views,
                          int64_t points, const PackedMatrices* packed, Arena& scratch);

/// A contraction that is one matrix product, with operand `a` of the node as A and the other as B.
template <typename T>
struct OneProduct {
  linalg::Product<T> product;
  size_t a;
};

/// The product that `node`, a Contract of elements T, is over `points` points; none where it takes several.
template <typename T>
std::optional<OneProduct<T>> one_product(const Program& program, const package::TensorNode& node, const std::vector<View>& views,
                                         int64_t points, const PackedMatrices* packed);

}  // namespace acie::scheduler
