// Runs the compiler's passes on textual IR: for tests and for looking at what a pass does.
#include "compiler/Pipelines/Parties.h"
#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  acie::pipelines::registerDialects(registry);
  acie::transforms::registerAcieTransformsPasses();
  mlir::registerCanonicalizerPass();
  acie::pipelines::registerPipelines();
  acie::pipelines::registerSecretDialect(registry);
  acie::pipelines::registerSecretPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "acie pass driver\n", registry));
}
