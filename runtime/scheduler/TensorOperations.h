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
class BorrowedArena;
class PackedMatrices;

/// Computes the output of `node` at `points` points from `views`, indexed by buffer. Results do not depend on how many points
/// one call has, nor on `packed`, which may be null. `scratch` is memory of the calling thread.
void run_tensor_operation(const Program& program, const package::TensorNode& node, const std::vector<View>& views,
                          int64_t points, const PackedMatrices* packed, BorrowedArena& scratch);

/// `lines` of `length` elements that lie together, each as one element.
void fold_lines(acie_dtype dtype, package::TensorNode::Folding folding, const void* from, int64_t lines, int64_t length, void* to);

/// What a view of `shape` with `strides` shows, from its first element on, laid together.
void copy_elements(acie_dtype dtype, const void* from, const std::vector<int64_t>& shape, const std::vector<int64_t>& strides, void* to);

/// The fold `node` of a view that is not made.
void fold_columns(const Program& program, const package::TensorNode& node, const ColumnFold& fold, const std::vector<View>& views, int64_t points);

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
