// In which space, after how many reductions, and for elements of which shape each value of a program is computed.
#ifndef ACIE_TRANSFORMS_FORMCLUSTERS_PLACEMENT_H
#define ACIE_TRANSFORMS_FORMCLUSTERS_PLACEMENT_H

#include <compare>
#include <optional>
#include <vector>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "llvm/ADT/DenseMap.h"

namespace acie::transforms {

/// A cluster: `phase` counts the reductions and operations on whole tensors before it. In the order of places every cluster
/// stands behind what it reads.
struct Place {
  int phase = 0;
  plan::Space space = plan::Space::Inner;
  std::vector<int64_t> shape;  // of the tensors it runs over the elements of; empty for numbers

  friend bool operator==(const Place &, const Place &) = default;
  friend std::strong_ordering operator<=>(const Place &a, const Place &b) {
    if (a.phase != b.phase) return a.phase <=> b.phase;
    if (a.space != b.space) return static_cast<int>(b.space) <=> static_cast<int>(a.space);  // outer spaces feed inner ones
    if (a.shape.size() != b.shape.size()) return a.shape.size() <=> b.shape.size();          // numbers feed elements
    return a.shape <=> b.shape;
  }
};

/// Whether an operation is one of the runtime's on whole tensors.
inline bool isTensorOperation(mlir::Operation *op) { return op->hasTrait<ir::TensorOperation>(); }

/// A tensor that is the same for all rows: constants that are not all one number, or learnt values.
inline bool isTensorLeaf(mlir::Operation *op) {
  if (!llvm::isa<mlir::RankedTensorType>(op->getResult(0).getType())) return false;
  if (auto constant = llvm::dyn_cast<mlir::arith::ConstantOp>(op)) {
    auto elements = llvm::dyn_cast<mlir::DenseElementsAttr>(constant.getValue());
    return elements && !elements.isSplat();
  }
  return llvm::isa<ir::SlotOp>(op);
}

/// Whether a value is read from a buffer wherever it is used: a column, the result of a reduction or of an operation on
/// tensors, what a loop hands to its body.
inline bool isBuffer(mlir::Value value) {
  mlir::Operation *op = value.getDefiningOp();
  if (op == nullptr) return true;
  return llvm::isa<ir::ColumnOp, ir::PresentOp, ir::ExpectOp, ir::RowsOp>(op) || isTensorOperation(op) ||
         (op->getNumResults() == 1 && isTensorLeaf(op));
}

class Placement {
 public:
  /// All that the body of a loop computes is computed in `loop`, the loop's space.
  Placement(mlir::Block &block, bool hasDraws, std::optional<plan::Space> loop = std::nullopt);

  /// Null: one number per run, computed wherever it is needed.
  std::optional<Place> of(mlir::Value value) const {
    auto found = places.find(value);
    return found == places.end() ? std::nullopt : std::optional(found->second);
  }

  /// The same where a buffer is needed: what is one per run is then computed once.
  Place ofBuffer(mlir::Value value) const {
    return of(value).value_or(Place{0, loop.value_or(plan::Space::Table), ir::shapeOf(value.getType()).vec()});
  }

  /// Where what depends on columns alone is computed, as numbers.
  plan::Space rows() const { return hasDraws ? plan::Space::Row : plan::Space::Inner; }

 private:
  bool hasDraws;
  std::optional<plan::Space> loop;
  llvm::DenseMap<mlir::Value, Place> places;
};

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_FORMCLUSTERS_PLACEMENT_H
