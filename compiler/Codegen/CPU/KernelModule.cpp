#include "compiler/Codegen/CPU/KernelModule.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "compiler/Codegen/CPU/MemoryConstants.h"
#include "compiler/Codegen/CPU/ObjectCode.h"
#include "compiler/Codegen/CPU/RowSupport.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "runtime/include/acie/kernel_abi.h"

namespace acie::codegen {
namespace {

// Loads a 32- or 64-bit member of the call.
llvm::Value* load_member(llvm::IRBuilder<>& b, llvm::Value* call, uint64_t offset, llvm::Type* type) {
  return b.CreateLoad(type, b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), call, offset));
}

// Whether the call has the operands that the kernel was compiled for.
llvm::Value* operands_match(llvm::IRBuilder<>& b, llvm::Value* call, const KernelSource& kernel,
                            const llvm::DataLayout& layout) {
  const auto member = [&](uint64_t offset) { return load_member(b, call, offset, b.getInt32Ty()); };
  llvm::Value* ok = b.CreateICmpEQ(member(offsetof(acie_call, num_inputs)), b.getInt32(kernel.signature.inputs.size()));
  const auto require = [&](llvm::Value* condition) { ok = b.CreateAnd(ok, condition); };
  const size_t outputs = kernel.signature.outputs.size();
  require(b.CreateICmpEQ(member(offsetof(acie_call, num_outputs)), b.getInt32(kernel.signature.by_lines ? 2 * outputs : outputs)));
  require(b.CreateICmpUGE(member(offsetof(acie_call, num_scalars)), b.getInt32(kernel.num_scalars)));
  require(b.CreateICmpUGE(member(offsetof(acie_call, num_imports)), b.getInt32(kernel.num_imports)));
  require(b.CreateICmpUGE(load_member(b, call, offsetof(acie_call, scratch_size), b.getInt64Ty()),
                          b.getInt64(RowKernel::scratch_bytes(layout, kernel.signature))));
  return ok;
}

void build_entry(llvm::Module& module, const std::vector<KernelSource>& kernels,
                 const std::vector<llvm::Function*>& functions) {
  llvm::LLVMContext& context = module.getContext();
  llvm::IRBuilder<> b(context);
  auto* entry = llvm::Function::Create(llvm::FunctionType::get(b.getInt32Ty(), {b.getPtrTy()}, false),
                                       llvm::GlobalValue::ExternalLinkage, ACIE_KERNEL_SYMBOL, module);
  llvm::Value* call = entry->getArg(0);
  call->setName("call");
  const auto new_block = [&](const llvm::Twine& name) { return llvm::BasicBlock::Create(context, name, entry); };
  llvm::BasicBlock* start = new_block("start");
  llvm::BasicBlock* dispatch = new_block("dispatch");
  llvm::BasicBlock* bad_abi = new_block("bad_abi");
  llvm::BasicBlock* bad_ordinal = new_block("bad_ordinal");

  b.SetInsertPoint(bad_abi);
  b.CreateRet(b.getInt32(ACIE_KERNEL_BAD_ABI));
  b.SetInsertPoint(bad_ordinal);
  b.CreateRet(b.getInt32(ACIE_KERNEL_BAD_ORDINAL));

  b.SetInsertPoint(start);
  llvm::Value* size = load_member(b, call, offsetof(acie_call, struct_size), b.getInt32Ty());
  llvm::Value* version = load_member(b, call, offsetof(acie_call, abi_version), b.getInt32Ty());
  b.CreateCondBr(b.CreateAnd(b.CreateICmpUGE(size, b.getInt32(sizeof(acie_call))),
                             b.CreateICmpEQ(version, b.getInt32(ACIE_KERNEL_ABI_VERSION))),
                 dispatch, bad_abi);

  b.SetInsertPoint(dispatch);
  llvm::Value* ordinal = load_member(b, call, offsetof(acie_call, ordinal), b.getInt32Ty());
  llvm::SwitchInst* choice = b.CreateSwitch(ordinal, bad_ordinal, kernels.size());
  for (size_t i = 0; i < kernels.size(); ++i) {
    llvm::BasicBlock* check = new_block(absl::StrCat("kernel", kernels[i].ordinal));
    llvm::BasicBlock* run = new_block(absl::StrCat("run", kernels[i].ordinal));
    choice->addCase(b.getInt32(kernels[i].ordinal), check);
    b.SetInsertPoint(check);
    b.CreateCondBr(operands_match(b, call, kernels[i], module.getDataLayout()), run, bad_abi);
    b.SetInsertPoint(run);
    llvm::CallInst* result = b.CreateCall(functions[i], {call});
    result->setTailCall();
    b.CreateRet(result);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<llvm::Module>> build_kernel_module(llvm::LLVMContext& context, const TargetLevel& level,
                                                                  const llvm::DataLayout& layout,
                                                                  const std::vector<KernelSource>& kernels) {
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseAssemblyString(llvm::StringRef(kRowSupport.data(), kRowSupport.size()), diagnostic, context);
  if (!module)
    return absl::InternalError(absl::StrCat("the row kernels' support code does not parse: ",
                                            diagnostic.getMessage().str()));
  module->setModuleIdentifier("kernels");
  module->setSourceFileName("kernels");
  module->setTargetTriple("x86_64-unknown-linux-gnu");
  module->setDataLayout(layout);
  std::vector<llvm::Function*> functions;
  for (const KernelSource& kernel : kernels) {
    auto function = RowKernel::build(*module, kernel.signature, kernel.build_body);
    if (!function.ok()) return function.status();
    functions.push_back(*function);
  }
  build_entry(*module, kernels, functions);
  constexpr unsigned kBitsThatRepeat = 512;  // from this width of vectors on an operand in memory may be one number
  if (level.vector_bits < kBitsThatRepeat) place_constants_in_memory(*module);
  set_target_attributes(*module, level);
  // What follows takes its input on trust.
  std::string broken;
  llvm::raw_string_ostream reasons(broken);
  if (llvm::verifyModule(*module, &reasons)) return absl::InternalError(absl::StrCat("the kernels' code does not verify: ", broken));
  return module;
}

}  // namespace acie::codegen
