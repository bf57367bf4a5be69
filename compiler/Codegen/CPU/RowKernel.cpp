#include "compiler/Codegen/CPU/RowKernel.h"

#include <cstddef>

#include "absl/status/statusor.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Support/Alignment.h"
#include "runtime/include/acie/kernel_abi.h"

namespace acie::codegen {
namespace {

constexpr uint64_t kBlockAlignment = 64;
constexpr uint64_t kSlotBytes = 16;  // {pointer, mask}

llvm::Type* memory_type(llvm::Type* type) {
  return type->isIntegerTy(1) ? llvm::Type::getInt8Ty(type->getContext()) : type;
}

}  // namespace

RowKernel::RowKernel(llvm::Module& module, const RowSignature& signature, llvm::IRBuilder<>& builder)
    : module_(module), signature_(signature), b_(builder), vectors_(builder, signature.shape) {
  plan_scratch();
}

void RowKernel::plan_scratch() {
  const auto reserve = [&](uint64_t bytes) {
    const uint64_t offset = scratch_bytes_;
    scratch_bytes_ += llvm::alignTo(bytes, kBlockAlignment);
    return offset;
  };
  const auto add = [&](std::vector<Operand>& operands, llvm::Type* type) {
    Operand& operand = operands.emplace_back();
    operand.memory_type = memory_type(type);
    operand.size = module_.getDataLayout().getTypeStoreSize(operand.memory_type);
    operand.block_bytes = llvm::alignTo(operand.size * signature_.shape.rows(), kBlockAlignment);
    operand.block_offset = reserve(operand.block_bytes);
    operand.slot = nullptr;
  };
  for (llvm::Type* type : signature_.inputs) add(inputs_, type);
  for (llvm::Type* type : signature_.outputs) add(outputs_, type);
  if (signature_.import_arity > 0) {
    import_block_ = scratch_bytes_;
    for (int i = 0; i <= signature_.import_arity; ++i) reserve(sizeof(double) * signature_.shape.rows());
  }
}

uint64_t RowKernel::scratch_bytes(const llvm::DataLayout& layout, const RowSignature& signature) {
  uint64_t bytes = 0;
  const auto add = [&](uint64_t element) { bytes += llvm::alignTo(element * signature.shape.rows(), kBlockAlignment); };
  for (llvm::Type* type : signature.inputs) add(layout.getTypeStoreSize(memory_type(type)));
  for (llvm::Type* type : signature.outputs) add(layout.getTypeStoreSize(memory_type(type)));
  if (signature.import_arity > 0)
    for (int i = 0; i <= signature.import_arity; ++i) add(sizeof(double));
  return bytes;
}

llvm::Value* RowKernel::call_field(uint64_t offset, llvm::Type* type) {
  llvm::LoadInst* load = b_.CreateLoad(type, b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), call_, offset));
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b_.getContext(), {}));
  return load;
}

llvm::Value* RowKernel::block(uint64_t offset) { return b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), scratch_, offset); }

void RowKernel::emit_entry(llvm::Function* function) {
  call_ = function->getArg(0);
  count_ = call_field(offsetof(acie_call, count), b_.getInt64Ty());
  scratch_ = call_field(offsetof(acie_call, scratch), b_.getPtrTy());
  llvm::FunctionCallee bind = module_.getFunction("acie_bind");
  llvm::Value* slots = b_.CreateAlloca(b_.getInt64Ty(), b_.getInt64(2 * (inputs_.size() + outputs_.size())), "slots");
  uint64_t slot = 0;
  const auto next_slot = [&] { return b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), slots, kSlotBytes * slot++); };
  llvm::Value* buffers = inputs_.empty() ? nullptr : call_field(offsetof(acie_call, inputs), b_.getPtrTy());
  for (size_t i = 0; i < inputs_.size(); ++i) {
    Operand& input = inputs_[i];
    input.slot = next_slot();
    llvm::Value* buffer = b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), buffers, i * sizeof(acie_buffer));
    b_.CreateCall(bind, {buffer, block(input.block_offset), input.slot, b_.getInt64(input.size),
                         b_.getInt64(input.block_bytes)});
  }
  buffers = outputs_.empty() ? nullptr : call_field(offsetof(acie_call, outputs), b_.getPtrTy());
  for (size_t i = 0; i < outputs_.size(); ++i) {
    outputs_[i].slot = next_slot();
    llvm::Value* buffer = b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), buffers, i * sizeof(acie_buffer));
    b_.CreateStore(b_.CreateLoad(b_.getPtrTy(), buffer), outputs_[i].slot);
  }
  if (signature_.import_arity > 0) {
    import_operands_ = b_.CreateAlloca(b_.getPtrTy(), b_.getInt64(signature_.import_arity), "import_operands");
    for (int i = 0; i < signature_.import_arity; ++i)
      b_.CreateStore(block(import_block_ + i * sizeof(double) * signature_.shape.rows()),
                     b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), import_operands_, i));
  }
}

void RowKernel::emit_partial() {
  llvm::FunctionCallee pad = module_.getFunction("acie_pad");
  llvm::Value* left = b_.CreateSub(count_, row_index_);
  for (const Operand& input : inputs_)
    b_.CreateCall(pad, {input.slot, block(input.block_offset), row_index_, left, b_.getInt64(input.size),
                        b_.getInt64(input.block_bytes)});
  for (const Operand& output : outputs_) b_.CreateStore(block(output.block_offset), output.slot);
}

absl::StatusOr<llvm::Function*> RowKernel::build(llvm::Module& module, const RowSignature& signature,
                                                 llvm::function_ref<absl::Status(RowKernel&)> build_body) {
  llvm::LLVMContext& context = module.getContext();
  llvm::IRBuilder<> b(context);
  auto* function = llvm::Function::Create(llvm::FunctionType::get(b.getInt32Ty(), {b.getPtrTy()}, false),
                                          llvm::GlobalValue::InternalLinkage, signature.name, module);
  function->getArg(0)->setName("call");
  const auto new_block = [&](const char* name) { return llvm::BasicBlock::Create(context, name, function); };
  llvm::BasicBlock* entry = new_block("entry");
  llvm::BasicBlock* head = new_block("head");
  llvm::BasicBlock* partial = new_block("partial");
  llvm::BasicBlock* body = new_block("body");
  llvm::BasicBlock* latch = new_block("latch");
  llvm::BasicBlock* flush = new_block("flush");
  llvm::BasicBlock* exit = new_block("exit");
  const uint64_t rows = signature.shape.rows();

  RowKernel kernel(module, signature, b);
  b.SetInsertPoint(entry);
  kernel.emit_entry(function);
  b.CreateCondBr(b.CreateICmpSGT(kernel.count_, b.getInt64(0)), head, exit);

  b.SetInsertPoint(head);
  llvm::PHINode* row = b.CreatePHI(b.getInt64Ty(), 2, "row");
  row->addIncoming(b.getInt64(0), entry);
  kernel.row_index_ = row;
  llvm::Value* full = b.CreateICmpUGE(b.CreateSub(kernel.count_, row), b.getInt64(rows), "full");
  b.CreateCondBr(full, body, partial);

  b.SetInsertPoint(partial);
  kernel.emit_partial();
  b.CreateBr(body);

  b.SetInsertPoint(body);
  llvm::PHINode* memory = b.CreatePHI(b.getInt64Ty(), 2, "memory");
  memory->addIncoming(row, head);
  memory->addIncoming(b.getInt64(0), partial);
  kernel.memory_index_ = memory;
  if (absl::Status status = build_body(kernel); !status.ok()) return status;
  b.CreateCondBr(full, latch, flush);

  b.SetInsertPoint(latch);
  llvm::Value* next = b.CreateAdd(row, b.getInt64(rows), "next");
  row->addIncoming(next, latch);
  b.CreateCondBr(b.CreateICmpSLT(next, kernel.count_), head, exit);

  b.SetInsertPoint(flush);
  llvm::FunctionCallee copy = module.getFunction("acie_copy");
  llvm::Value* left = b.CreateSub(kernel.count_, row);
  llvm::Value* buffers =
      kernel.outputs_.empty() ? nullptr : kernel.call_field(offsetof(acie_call, outputs), b.getPtrTy());
  for (size_t i = 0; i < kernel.outputs_.size(); ++i) {
    const Operand& output = kernel.outputs_[i];
    llvm::Value* buffer = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), buffers, i * sizeof(acie_buffer));
    llvm::Value* to = b.CreateInBoundsGEP(output.memory_type, b.CreateLoad(b.getPtrTy(), buffer), row);
    b.CreateCall(copy, {to, kernel.block(output.block_offset), b.CreateMul(left, b.getInt64(output.size))});
  }
  b.CreateBr(exit);

  b.SetInsertPoint(exit);
  b.CreateRet(b.getInt32(ACIE_KERNEL_OK));
  return function;
}

llvm::Value* RowKernel::element_address(llvm::Value* base, llvm::Type* type, llvm::Value* index, unsigned part) {
  llvm::Value* address = b_.CreateInBoundsGEP(type, base, index);
  return b_.CreateConstInBoundsGEP1_64(type, address, uint64_t{part} * signature_.shape.lanes);
}

Bundle RowKernel::input(unsigned index) {
  const Operand& operand = inputs_[index];
  llvm::Value* base = b_.CreateLoad(b_.getPtrTy(), operand.slot);
  llvm::Value* mask = b_.CreateLoad(b_.getInt64Ty(), b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), operand.slot, 8));
  llvm::Value* first = b_.CreateAnd(memory_index_, mask);
  llvm::VectorType* type = vectors_.vector_of(operand.memory_type);
  return vectors_.per_part([&](unsigned p) -> llvm::Value* {
    llvm::Value* loaded =
        b_.CreateAlignedLoad(type, element_address(base, operand.memory_type, first, p), llvm::Align(operand.size));
    if (!signature_.inputs[index]->isIntegerTy(1)) return loaded;
    return b_.CreateICmpNE(loaded, llvm::Constant::getNullValue(type));
  });
}

Bundle RowKernel::scalar(unsigned index, llvm::Type* type) {
  llvm::Value* scalars = call_field(offsetof(acie_call, scalars), b_.getPtrTy());
  llvm::Value* address = b_.CreateConstInBoundsGEP1_64(b_.getInt64Ty(), scalars, index);
  const bool truth = type->isIntegerTy(1);
  llvm::LoadInst* load = b_.CreateLoad(truth ? b_.getInt64Ty() : type, address);
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b_.getContext(), {}));
  return vectors_.splat(truth ? b_.CreateICmpNE(load, b_.getInt64(0)) : static_cast<llvm::Value*>(load));
}

void RowKernel::set_output(unsigned index, const Bundle& value) {
  const Operand& operand = outputs_[index];
  llvm::Value* base = b_.CreateLoad(b_.getPtrTy(), operand.slot);
  for (unsigned p = 0; p < signature_.shape.parts; ++p) {
    llvm::Value* stored = value.part[p];
    if (signature_.outputs[index]->isIntegerTy(1)) stored = b_.CreateZExt(stored, vectors_.vector_of(operand.memory_type));
    b_.CreateAlignedStore(stored, element_address(base, operand.memory_type, memory_index_, p),
                          llvm::Align(operand.size));
  }
}

Bundle RowKernel::seed() { return vectors_.splat(call_field(offsetof(acie_call, seed), b_.getInt64Ty())); }

Bundle RowKernel::counter(uint64_t base_offset, uint64_t step_offset) {
  llvm::Value* step = call_field(step_offset, b_.getInt64Ty());
  llvm::Value* base = call_field(base_offset, b_.getInt64Ty());
  const Bundle first = vectors_.splat(b_.CreateAdd(base, b_.CreateMul(row_index_, step)));
  const Bundle steps = vectors_.splat(step);
  const Bundle lanes = vectors_.per_part([&](unsigned p) -> llvm::Value* {
    llvm::SmallVector<uint64_t, 16> numbers;
    for (unsigned i = 0; i < signature_.shape.lanes; ++i) numbers.push_back(p * signature_.shape.lanes + i);
    return llvm::ConstantDataVector::get(b_.getContext(), numbers);
  });
  return vectors_.binary(llvm::Instruction::Add, first, vectors_.binary(llvm::Instruction::Mul, steps, lanes));
}

Bundle RowKernel::row() { return counter(offsetof(acie_call, row_base), offsetof(acie_call, row_step)); }

Bundle RowKernel::draw() { return counter(offsetof(acie_call, draw_base), offsetof(acie_call, draw_step)); }

Bundle RowKernel::call_import(unsigned index, llvm::ArrayRef<Bundle> operands) {
  const uint64_t block_bytes = sizeof(double) * signature_.shape.rows();
  for (size_t i = 0; i < operands.size(); ++i)
    for (unsigned p = 0; p < signature_.shape.parts; ++p)
      b_.CreateAlignedStore(operands[i].part[p],
                            element_address(block(import_block_ + i * block_bytes), b_.getDoubleTy(), b_.getInt64(0), p),
                            llvm::Align(8));
  llvm::Value* imports = call_field(offsetof(acie_call, imports), b_.getPtrTy());
  llvm::Value* import = b_.CreateLoad(b_.getPtrTy(), b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), imports, index));
  llvm::Value* callee =
      b_.CreateLoad(b_.getPtrTy(), b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), import, offsetof(acie_import, fn)));
  llvm::Value* result = block(import_block_ + signature_.import_arity * block_bytes);
  auto* type = llvm::FunctionType::get(b_.getVoidTy(), {b_.getInt64Ty(), b_.getPtrTy(), b_.getPtrTy()}, false);
  b_.CreateCall(type, callee, {b_.getInt64(signature_.shape.rows()), import_operands_, result})->setDoesNotThrow();
  return vectors_.per_part([&](unsigned p) -> llvm::Value* {
    return b_.CreateAlignedLoad(vectors_.vector_of(b_.getDoubleTy()),
                                element_address(result, b_.getDoubleTy(), b_.getInt64(0), p), llvm::Align(8));
  });
}

}  // namespace acie::codegen
