// Checked graphs of parties → the Secret dialect.
#ifndef ACIE_CONVERSION_SEMATOSECRET_SEMATOSECRET_H
#define ACIE_CONVERSION_SEMATOSECRET_SEMATOSECRET_H

#include "compiler/Sema/Program.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace acie::conversion {

/// One `secret.key` per key and one `secret.graph` per graph of the program, for all parties together. Intervals are inferred from
/// the operands' on the way; locations hold the source's lines.
mlir::OwningOpRef<mlir::ModuleOp> importGraphs(mlir::MLIRContext &context, const sema::Program &program);

}  // namespace acie::conversion

#endif  // ACIE_CONVERSION_SEMATOSECRET_SEMATOSECRET_H
