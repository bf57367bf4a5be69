// Several noises from as many equations that are linear in all of them.
#ifndef ACIE_TRANSFORMS_INVERTMECHANISM_LINEARSYSTEM_H
#define ACIE_TRANSFORMS_INVERTMECHANISM_LINEARSYSTEM_H

#include "compiler/Dialect/Acie/AcieDialect.h"

namespace acie::transforms {

/// Replaces the operation by the solution of its system: the coefficients of the noises as a matrix, what is left of the
/// observed values as the right side. `equationOf` finds a variable's equation.
mlir::LogicalResult solveTogether(ir::AbductTogetherOp system, llvm::function_ref<ir::VarOp(mlir::FlatSymbolRefAttr)> equationOf);

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_INVERTMECHANISM_LINEARSYSTEM_H
