// The checked program as a module of the Acie dialect.
#ifndef ACIE_CONVERSION_SEMATOACIE_SEMATOACIE_H
#define ACIE_CONVERSION_SEMATOACIE_SEMATOACIE_H

namespace mlir {
class MLIRContext;
class ModuleOp;
template <typename OpTy>
class OwningOpRef;
}  // namespace mlir

namespace acie::sema {
struct Program;
}

namespace acie::conversion {

/// Models and queries of a program that sema found no error in. The context must hold the acie dialect.
mlir::OwningOpRef<mlir::ModuleOp> importProgram(mlir::MLIRContext &context, const sema::Program &program);

}  // namespace acie::conversion

#endif  // ACIE_CONVERSION_SEMATOACIE_SEMATOACIE_H
