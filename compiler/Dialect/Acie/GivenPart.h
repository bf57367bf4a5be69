// Evidence that is a part of another variable's column: series that are the elements of a vector at each step have one
// column of vectors together. `acie.given` carries it as the attributes `acie.of`, `acie.place` and `acie.stride`.
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/Dialect/Acie/AcieDialect.h"

namespace acie::ir {

/// Elements `place`, `place` + `stride`, … of the column of `of`.
struct GivenPart {
  mlir::StringAttr of;
  int64_t place = 0;
  int64_t stride = 1;
};

inline void setPart(GivenOp given, mlir::StringRef of, int64_t place, int64_t stride) {
  mlir::Builder builder(given.getContext());
  given->setAttr("acie.of", builder.getStringAttr(of));
  given->setAttr("acie.place", builder.getI64IntegerAttr(place));
  given->setAttr("acie.stride", builder.getI64IntegerAttr(stride));
}

/// Nullopt where the evidence is a column, or a value, of its own.
inline std::optional<GivenPart> partOf(GivenOp given) {
  const auto of = given->getAttrOfType<mlir::StringAttr>("acie.of");
  const auto place = given->getAttrOfType<mlir::IntegerAttr>("acie.place"), stride = given->getAttrOfType<mlir::IntegerAttr>("acie.stride");
  if (!of || !place || !stride) return std::nullopt;
  return GivenPart{of, place.getInt(), stride.getInt()};
}

}  // namespace acie::ir
