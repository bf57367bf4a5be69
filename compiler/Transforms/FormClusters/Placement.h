// In which space, and after how many reductions, each value of a program is computed.
#ifndef ACIE_TRANSFORMS_FORMCLUSTERS_PLACEMENT_H
#define ACIE_TRANSFORMS_FORMCLUSTERS_PLACEMENT_H

#include <compare>
#include <optional>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "llvm/ADT/DenseMap.h"

namespace acie::transforms {

/// A cluster: `phase` counts the reductions before it. In the order of places every cluster stands behind what it reads.
struct Place {
  int phase = 0;
  plan::Space space = plan::Space::Inner;

  friend bool operator==(Place, Place) = default;
  friend std::strong_ordering operator<=>(Place a, Place b) {
    if (a.phase != b.phase) return a.phase <=> b.phase;
    return static_cast<int>(b.space) <=> static_cast<int>(a.space);  // outer spaces feed inner ones
  }
};

/// Whether a value is read from a buffer wherever it is used: a column, or the result of a reduction.
inline bool isBuffer(mlir::Operation *op) {
  return llvm::isa<ir::ColumnOp, ir::PresentOp, ir::ExpectOp, ir::RowsOp>(op);
}

class Placement {
 public:
  Placement(mlir::Block &program, bool hasDraws);

  /// Null: one number per run, computed wherever it is needed.
  std::optional<Place> of(mlir::Value value) const {
    auto found = places.find(value);
    return found == places.end() ? std::nullopt : std::optional(found->second);
  }

  /// Where what depends on columns alone is computed.
  Place rows() const { return {0, hasDraws ? plan::Space::Row : plan::Space::Inner}; }

 private:
  bool hasDraws;
  llvm::DenseMap<mlir::Value, Place> places;
};

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_FORMCLUSTERS_PLACEMENT_H
