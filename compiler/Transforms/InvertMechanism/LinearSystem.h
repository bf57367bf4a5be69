// Several noises from as many equations that are linear in all of them.
#ifndef ACIE_TRANSFORMS_INVERTMECHANISM_LINEARSYSTEM_H
#define ACIE_TRANSFORMS_INVERTMECHANISM_LINEARSYSTEM_H

#include "compiler/Dialect/Acie/AcieDialect.h"

namespace acie::transforms {

/// Replaces the operation by the solution of its system: the coefficients of the noises as a matrix, what is left of the
/// observed values as the right side. `equationOf` finds a variable's equation.
mlir::LogicalResult solveTogether(ir::AbductTogetherOp system, llvm::function_ref<ir::VarOp(mlir::FlatSymbolRefAttr)> equationOf);

/// Replaces noises that are conditioned on the evidence by what is drawn of them; `lawOf` has their laws.
mlir::LogicalResult condition(ir::ConditionOp block, llvm::function_ref<ir::VarOp(mlir::FlatSymbolRefAttr)> equationOf,
                              llvm::function_ref<ir::ExoOp(mlir::FlatSymbolRefAttr)> lawOf);

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_INVERTMECHANISM_LINEARSYSTEM_H
