#include "compiler/Pipelines/Pipelines.h"

#include <optional>

#include "compiler/Conversion/SemaToAcie/SemaToAcie.h"
#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Transforms/Passes.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace acie::pipelines {

void registerDialects(DialectRegistry &registry) {
  registry.insert<ir::AcieDialect, plan::PlanDialect, arith::ArithDialect>();
}

void addPasses(OpPassManager &manager, Phase phase, bool reportClusters, int rollFrom) {
  switch (phase) {
    case Phase::Surgery:
      manager.addPass(transforms::createDoSurgery());
      manager.addPass(transforms::createShareWorlds());
      break;
    case Phase::Abduction:
      manager.addPass(transforms::createPlanAbduction());
      manager.addPass(transforms::createInvertMechanism());
      manager.addPass(transforms::createInlineMechanisms());
      manager.addPass(transforms::createRequireSolutions());
      break;
    case Phase::Clusters:
      manager.addPass(transforms::createFormClusters({reportClusters}));
      manager.addPass(transforms::createFuseEpilogues());
      if (rollFrom > 0) {
        transforms::RollStepsOptions roll;
        roll.minOperations = rollFrom;
        manager.addPass(transforms::createRollSteps(roll));
      }
      manager.addPass(transforms::createShareKernels());
      break;
  }
}

void registerPipelines() {
  static PassPipelineRegistration<> surgery(
      "acie-surgery", "Splice interventions and share worlds",
      [](OpPassManager &manager) { addPasses(manager, Phase::Surgery); });
  static PassPipelineRegistration<> abduction(
      "acie-abduction", "Recover or draw every noise and inline all equations",
      [](OpPassManager &manager) { addPasses(manager, Phase::Abduction); });
  static PassPipelineRegistration<> plan(
      "acie-build-plan", "All phases from an imported module to the Plan dialect", [](OpPassManager &manager) {
        for (Phase phase : {Phase::Surgery, Phase::Abduction, Phase::Clusters}) addPasses(manager, phase);
      });
}

absl::Status checkPhase(ModuleOp module, Phase phase) {
  Operation *left = nullptr;
  module.walk([&](Operation *op) {
    bool wrong = false;
    switch (phase) {
      case Phase::Surgery: {
        auto eval = dyn_cast<ir::EvalOp>(op);
        wrong = isa<ir::AnswerOp>(op) || (eval && eval.getEvidence());
        break;
      }
      case Phase::Abduction:
        wrong = isa<ir::EvalOp, ir::KeepOp, ir::NoiseOp, ir::AbductOp, ir::DrawOp, ir::SupportedOp, ir::ResidualOp>(op);
        break;
      case Phase::Clusters:
        wrong = isa<ir::QueryOp, ir::ModelOp, ir::ColumnOp, ir::SlotOp, ir::ExpectOp, ir::RowsOp, ir::RequireOp>(op);
        break;
    }
    if (wrong) left = op;
    return wrong ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (!left) return absl::OkStatus();
  std::string text;
  llvm::raw_string_ostream(text) << *left;
  return absl::InternalError("a compiler phase left an operation that it should have replaced: " + text);
}

struct ProgramIr::Impl {
  static DialectRegistry registry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  MLIRContext context{registry(), MLIRContext::Threading::DISABLED};
  OwningOpRef<ModuleOp> module;
};

ProgramIr::ProgramIr(const sema::Program &program) : impl(std::make_unique<Impl>()) {
  impl->context.loadAllAvailableDialects();
  impl->module = conversion::importProgram(impl->context, program);
}

ProgramIr::~ProgramIr() = default;

MLIRContext &ProgramIr::context() { return impl->context; }
ModuleOp ProgramIr::module() { return *impl->module; }

absl::Status ProgramIr::buildPlan(const std::function<void(std::string_view)> &remark, int rollFrom) {
  std::string errors;
  ScopedDiagnosticHandler handler(&impl->context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Remark) {
      if (remark) remark(diagnostic.str());
    } else {
      errors += diagnostic.str() + "\n";
    }
    return success();
  });
  for (Phase phase : {Phase::Surgery, Phase::Abduction, Phase::Clusters}) {
    PassManager manager(&impl->context);
    manager.enableVerifier(false);  // the tests verify after every pass
    addPasses(manager, phase, static_cast<bool>(remark), rollFrom);
    if (failed(manager.run(*impl->module))) return absl::InternalError("compiler defect: " + errors);
    if (absl::Status status = checkPhase(*impl->module, phase); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string ProgramIr::text() {
  std::string result;
  llvm::raw_string_ostream(result) << *impl->module;
  return result;
}

}  // namespace acie::pipelines
