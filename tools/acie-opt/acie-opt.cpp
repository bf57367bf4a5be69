// Runs the compiler's passes on textual IR: for tests and for looking at what a pass does.
#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<acie::ir::AcieDialect, acie::plan::PlanDialect, mlir::arith::ArithDialect>();
  acie::transforms::registerAcieTransformsPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "acie pass driver\n", registry));
}
