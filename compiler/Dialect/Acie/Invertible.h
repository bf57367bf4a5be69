// InvertibleOpInterface for the operations of the arith dialect.
#ifndef ACIE_DIALECT_ACIE_INVERTIBLE_H
#define ACIE_DIALECT_ACIE_INVERTIBLE_H

namespace mlir {
class MLIRContext;
}

namespace acie::ir {
/// Attaches the interface to arith's additions, products, negations and conversions.
void attachInvertibleInterfaces(mlir::MLIRContext &context);
}  // namespace acie::ir

#endif  // ACIE_DIALECT_ACIE_INVERTIBLE_H
