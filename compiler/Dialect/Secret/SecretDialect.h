// The Secret dialect; see SecretOps.td.
#ifndef ACIE_DIALECT_SECRET_SECRETDIALECT_H
#define ACIE_DIALECT_SECRET_SECRETDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "compiler/Dialect/Secret/SecretOpsDialect.h.inc"
#include "compiler/Dialect/Secret/SecretOpsEnums.h.inc"
#define GET_TYPEDEF_CLASSES
#include "compiler/Dialect/Secret/SecretOpsTypes.h.inc"
#define GET_OP_CLASSES
#include "compiler/Dialect/Secret/SecretOps.h.inc"

#endif  // ACIE_DIALECT_SECRET_SECRETDIALECT_H
