// The phases between the checked program and the Plan dialect.
//
// This header pulls in nothing of MLIR; who works on the module itself includes "mlir/IR/BuiltinOps.h".
#ifndef ACIE_PIPELINES_PIPELINES_H
#define ACIE_PIPELINES_PIPELINES_H

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "compiler/Sema/Program.h"

namespace mlir {
class DialectRegistry;
class MLIRContext;
class ModuleOp;
class OpPassManager;
}  // namespace mlir

namespace acie::pipelines {

/// The compiler's phases, in order.
enum class Phase {
  Surgery,    // interventions spliced, worlds shared
  Abduction,  // every noise recovered or drawn, equations inverted and inlined
  Clusters    // the Plan dialect
};

/// Adds the dialects that modules of these phases hold.
void registerDialects(mlir::DialectRegistry &registry);

/// A cluster of at least this many operations has loops for its equal steps.
inline constexpr int kRollFrom = 512;

/// Adds the passes of one phase. `rollFrom` 0: no cluster has loops.
void addPasses(mlir::OpPassManager &manager, Phase phase, bool reportClusters = false, int rollFrom = kRollFrom);

/// Registers each phase, and all of them as `acie-build-plan`, for acie-opt.
void registerPipelines();

/// The IR of one program, with the context that owns it.
class ProgramIr {
 public:
  /// Imports a program that sema found no error in.
  explicit ProgramIr(const sema::Program &program);
  ~ProgramIr();
  ProgramIr(const ProgramIr &) = delete;
  ProgramIr &operator=(const ProgramIr &) = delete;

  mlir::MLIRContext &context();
  mlir::ModuleOp module();

  /// Runs all phases. An error is a defect of the compiler, with the text of MLIR's diagnostics: sema has accepted the
  /// program. `remark`, where given, hears what each cluster holds.
  absl::Status buildPlan(const std::function<void(std::string_view)> &remark = {}, int rollFrom = kRollFrom);

  /// The module in its textual form.
  std::string text();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// Checks that a phase did its job: nothing is left that it should have replaced.
absl::Status checkPhase(mlir::ModuleOp module, Phase phase);

}  // namespace acie::pipelines

#endif  // ACIE_PIPELINES_PIPELINES_H
