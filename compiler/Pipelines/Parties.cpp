#include "compiler/Pipelines/Parties.h"

#include "compiler/Conversion/SemaToSecret/SemaToSecret.h"
#include "compiler/Dialect/Secret/SecretDialect.h"
#include "compiler/Transforms/SecretPasses.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace acie::pipelines {

void registerSecretDialect(DialectRegistry &registry) { registry.insert<secret::SecretDialect>(); }

void addSecretPasses(OpPassManager &manager, bool split) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(transforms::createInferRanges());
  manager.addPass(transforms::createCheckFlow());
  manager.addPass(transforms::createPackCiphertexts());
  manager.addPass(transforms::createPlanMatvec());
  manager.addPass(transforms::createInsertSeal());
  if (split) manager.addPass(transforms::createSplitParties());
}

void registerSecretPipelines() {
  transforms::registerAcieSecretPasses();
  static PassPipelineRegistration<> build("acie-build-parties", "All passes on programs of several parties",
                                          [](OpPassManager &manager) { addSecretPasses(manager); });
}

struct PartyIr::Impl {
  static DialectRegistry registry() {
    DialectRegistry registry;
    registerSecretDialect(registry);
    return registry;
  }
  MLIRContext context{registry(), MLIRContext::Threading::DISABLED};
  OwningOpRef<ModuleOp> module;
};

PartyIr::PartyIr(const sema::Program &program) : impl(std::make_unique<Impl>()) {
  impl->context.loadAllAvailableDialects();
  impl->module = conversion::importGraphs(impl->context, program);
}

PartyIr::~PartyIr() = default;

ModuleOp PartyIr::module() { return *impl->module; }

absl::Status PartyIr::run(bool split) {
  std::string errors;
  ScopedDiagnosticHandler handler(&impl->context, [&](Diagnostic &diagnostic) {
    errors += diagnostic.str() + "\n";
    return success();
  });
  PassManager manager(&impl->context);
  if (split) manager.addPass(transforms::createSplitParties());
  else addSecretPasses(manager, false);
  // What is proved here is the reason to trust the packages: verified after every pass.
  if (failed(manager.run(*impl->module))) return absl::InternalError("compiler defect: " + errors);
  return absl::OkStatus();
}

absl::Status PartyIr::plan() { return run(false); }
absl::Status PartyIr::split() { return run(true); }

std::string PartyIr::text() {
  std::string result;
  llvm::raw_string_ostream(result) << *impl->module;
  return result;
}

}  // namespace acie::pipelines
