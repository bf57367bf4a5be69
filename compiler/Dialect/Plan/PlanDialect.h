// The Plan dialect; see PlanOps.td.
#ifndef ACIE_DIALECT_PLAN_PLANDIALECT_H
#define ACIE_DIALECT_PLAN_PLANDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "compiler/Dialect/Plan/PlanOpsDialect.h.inc"
#include "compiler/Dialect/Plan/PlanOpsEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "compiler/Dialect/Plan/PlanOpsAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "compiler/Dialect/Plan/PlanOpsTypes.h.inc"
#define GET_OP_CLASSES
#include "compiler/Dialect/Plan/PlanOps.h.inc"

#endif  // ACIE_DIALECT_PLAN_PLANDIALECT_H
