#include "compiler/Codegen/CPU/MemoryConstants.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

namespace acie::codegen {
namespace {

bool is_arithmetic(const llvm::Instruction& instruction) {
  if (const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) return call->getIntrinsicID() == llvm::Intrinsic::fma;
  const unsigned opcode = instruction.getOpcode();
  return opcode == llvm::Instruction::FAdd || opcode == llvm::Instruction::FSub || opcode == llvm::Instruction::FMul;
}

bool is_repeated_number(const llvm::Value* operand) {
  const auto* constant = llvm::dyn_cast<llvm::Constant>(operand);
  if (constant == nullptr || !constant->getType()->isVectorTy() || !constant->getType()->isFPOrFPVectorTy()) return false;
  const llvm::Constant* number = constant->getSplatValue();
  return number != nullptr && !number->isNullValue();
}

}  // namespace

void place_constants_in_memory(llvm::Module& module) {
  llvm::DenseMap<llvm::Constant*, llvm::GlobalVariable*> places;
  const auto place_of = [&](llvm::Constant* constant) {
    llvm::GlobalVariable*& place = places[constant];
    // Said to be initialised elsewhere: else the loads would be replaced by what they load.
    if (place == nullptr) {
      place = new llvm::GlobalVariable(module, constant->getType(), true, llvm::GlobalValue::PrivateLinkage, constant, "number", nullptr,
                                       llvm::GlobalValue::NotThreadLocal, 0, true);
      place->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
      place->setAlignment(module.getDataLayout().getPrefTypeAlign(constant->getType()));
    }
    return place;
  };
  for (llvm::Function& function : module) {
    for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
      if (!is_arithmetic(instruction)) continue;
      for (llvm::Use& operand : instruction.operands()) {
        if (!is_repeated_number(operand)) continue;
        llvm::IRBuilder<> b(&instruction);
        auto* constant = llvm::cast<llvm::Constant>(operand.get());
        llvm::LoadInst* load = b.CreateAlignedLoad(constant->getType(), place_of(constant), place_of(constant)->getAlign());
        load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(module.getContext(), {}));
        operand.set(load);
      }
    }
  }
}

}  // namespace acie::codegen
