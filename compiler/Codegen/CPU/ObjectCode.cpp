#include "compiler/Codegen/CPU/ObjectCode.h"

#include <algorithm>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/RegAllocRegistry.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/Utils/Cloning.h"

namespace acie::codegen {
namespace {

constexpr char kTriple[] = "x86_64-unknown-linux-gnu";

void initialize_target() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    // The constants of the mathematical functions live through a whole body. The greedy allocator splits their ranges at
    // length; the basic one lets them be loaded again where needed, in half the time and with slightly faster code.
    llvm::RegisterRegAlloc::setDefault(llvm::createBasicRegisterAllocator);
  });
}

absl::Status emit(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type, std::string& out) {
  llvm::SmallVector<char, 0> buffer;
  llvm::raw_svector_ostream stream(buffer);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type, /*DisableVerify=*/true))
    return absl::InternalError("the LLVM build cannot emit this kind of file");
  passes.run(module);
  out.assign(buffer.data(), buffer.size());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<llvm::TargetMachine>> create_target_machine(const TargetLevel& level, int optimisation) {
  initialize_target();
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(kTriple, error);
  if (!target) return absl::InternalError(absl::StrCat("this LLVM has no x86-64 target: ", error));
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.EmitAddrsig = false;
  const std::string cpu(level.name);
  const auto effort = llvm::CodeGenOpt::getLevel(std::clamp(optimisation, 1, 3)).value_or(llvm::CodeGenOptLevel::Aggressive);
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      kTriple, cpu, "", options, llvm::Reloc::PIC_, std::nullopt, effort));
}

void set_target_attributes(llvm::Module& module, const TargetLevel& level) {
  const std::string width = std::to_string(level.vector_bits);
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    function.addFnAttr("target-cpu", llvm::StringRef(level.name.data(), level.name.size()));
    function.addFnAttr("prefer-vector-width", width);
    function.addFnAttr("min-legal-vector-width", width);
    function.addFnAttr("no-builtins");
    function.setDoesNotThrow();
  }
}

absl::StatusOr<ObjectCode> emit_object(llvm::Module& module, llvm::TargetMachine& machine, bool want_assembly) {
  ObjectCode code;
  if (want_assembly) {
    const std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
    if (absl::Status status = emit(*copy, machine, llvm::CodeGenFileType::AssemblyFile, code.assembly); !status.ok())
      return status;
  }
  if (absl::Status status = emit(module, machine, llvm::CodeGenFileType::ObjectFile, code.object); !status.ok())
    return status;
  return code;
}

}  // namespace acie::codegen
