// From the checked graphs of parties to one graph per party, in the Secret dialect.
#ifndef ACIE_PIPELINES_PARTIES_H
#define ACIE_PIPELINES_PARTIES_H

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "compiler/Sema/Program.h"

namespace mlir {
class DialectRegistry;
class ModuleOp;
class OpPassManager;
}  // namespace mlir

namespace acie::pipelines {

void registerSecretDialect(mlir::DialectRegistry &registry);
/// All passes on the Secret dialect, in order: `split` the last of them.
void addSecretPasses(mlir::OpPassManager &manager, bool split = true);
/// Registers them as `acie-build-parties`, and each for acie-opt.
void registerSecretPipelines();

/// The Secret IR of a program, with the context that owns it.
class PartyIr {
 public:
  explicit PartyIr(const sema::Program &program);
  ~PartyIr();
  PartyIr(const PartyIr &) = delete;
  PartyIr &operator=(const PartyIr &) = delete;

  mlir::ModuleOp module();
  /// Runs the passes up to, or with, SplitParties. An error is a defect of the compiler.
  absl::Status plan();
  absl::Status split();
  std::string text();

 private:
  absl::Status run(bool split);
  struct Impl;
  std::unique_ptr<Impl> impl;
};

}  // namespace acie::pipelines

#endif  // ACIE_PIPELINES_PARTIES_H
