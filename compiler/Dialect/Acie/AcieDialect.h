// The Acie dialect; see AcieOps.td.
#ifndef ACIE_DIALECT_ACIE_ACIEDIALECT_H
#define ACIE_DIALECT_ACIE_ACIEDIALECT_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace acie::ir {
/// Marks functions that kernels reach through the import table of acie_call.
template <class ConcreteType>
class ImportedFunction : public mlir::OpTrait::TraitBase<ConcreteType, ImportedFunction> {};

/// Operations on whole tensors, which the runtime's kernels carry out: no loop over elements does.
template <typename ConcreteType>
class TensorOperation : public mlir::OpTrait::TraitBase<ConcreteType, TensorOperation> {};

/// The sizes of a value's axes; none for a number.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type type);

/// `element` in the shape of `like`.
mlir::Type typeLike(mlir::Type like, mlir::Type element);

/// A constant of `type`, the same number as every element.
mlir::TypedAttr constantOf(mlir::Type type, double number);
}  // namespace acie::ir

#include "compiler/Dialect/Acie/AcieOpsDialect.h.inc"
#include "compiler/Dialect/Acie/AcieOpsEnums.h.inc"
#include "compiler/Dialect/Acie/InvertibleOpInterface.h.inc"
#define GET_ATTRDEF_CLASSES
#include "compiler/Dialect/Acie/AcieOpsAttrs.h.inc"
#define GET_OP_CLASSES
#include "compiler/Dialect/Acie/AcieOps.h.inc"

#endif  // ACIE_DIALECT_ACIE_ACIEDIALECT_H
