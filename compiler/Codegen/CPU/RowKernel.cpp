#include "compiler/Codegen/CPU/RowKernel.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/statusor.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Support/Alignment.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/include/acie/kernel_lines.h"

namespace acie::codegen {
namespace {

constexpr uint64_t kBlockAlignment = 64;
constexpr uint64_t kSlotBytes = 16;  // {pointer, mask}
constexpr uint64_t kSizes[] = {8, 4, 1};  // of elements

llvm::Type* memory_type(llvm::Type* type) {
  return type->isIntegerTy(1) ? llvm::Type::getInt8Ty(type->getContext()) : type;
}

}  // namespace

RowKernel::RowKernel(llvm::Module& module, const RowSignature& signature, llvm::IRBuilder<>& builder)
    : module_(module), signature_(signature), b_(builder), vectors_(builder, signature.shape), sums_(builder, signature.shape) {
  plan_scratch();
}

void RowKernel::plan_scratch() {
  const auto reserve = [&](uint64_t bytes) {
    const uint64_t offset = scratch_bytes_;
    scratch_bytes_ += llvm::alignTo(bytes, kBlockAlignment);
    return offset;
  };
  const auto add = [&](std::vector<Operand>& operands, const std::vector<llvm::Type*>& types) {
    for (llvm::Type* type : types) {
      Operand& operand = operands.emplace_back();
      operand.memory_type = memory_type(type);
      operand.size = module_.getDataLayout().getTypeStoreSize(operand.memory_type);
      operand.block_bytes = llvm::alignTo(operand.size * signature_.shape.rows(), kBlockAlignment);
    }
    for (uint64_t size : kSizes)
      for (Operand& operand : operands)
        if (operand.size == size) operand.block_offset = reserve(operand.block_bytes);
  };
  add(inputs_, signature_.inputs);
  add(outputs_, signature_.outputs);
  for (const auto& [type, steps] : signature_.series) {
    Operand& operand = series_.emplace_back();
    operand.memory_type = memory_type(type);
    operand.size = module_.getDataLayout().getTypeStoreSize(operand.memory_type);
    operand.block_bytes = llvm::alignTo(operand.size * signature_.shape.rows(), kBlockAlignment);
    operand.block_offset = reserve(operand.block_bytes * steps);
  }
  if (signature_.import_arity > 0) {
    import_block_ = scratch_bytes_;
    for (int i = 0; i <= signature_.import_arity; ++i) reserve(sizeof(double) * signature_.shape.rows());
  }
  if (signature_.by_lines) sums_block_ = reserve(LineSums::kBytesOfRun);
}

uint64_t RowKernel::scratch_bytes(const llvm::DataLayout& layout, const RowSignature& signature) {
  uint64_t bytes = 0;
  const auto add = [&](uint64_t element) { bytes += llvm::alignTo(element * signature.shape.rows(), kBlockAlignment); };
  for (llvm::Type* type : signature.inputs) add(layout.getTypeStoreSize(memory_type(type)));
  for (llvm::Type* type : signature.outputs) add(layout.getTypeStoreSize(memory_type(type)));
  for (const auto& [type, steps] : signature.series) {
    const uint64_t before = bytes;
    add(layout.getTypeStoreSize(memory_type(type)));
    bytes = before + (bytes - before) * steps;
  }
  if (signature.import_arity > 0)
    for (int i = 0; i <= signature.import_arity; ++i) add(sizeof(double));
  if (signature.by_lines) bytes += LineSums::kBytesOfRun;
  return bytes;
}

llvm::Value* RowKernel::call_field(uint64_t offset, llvm::Type* type) {
  llvm::LoadInst* load = b_.CreateLoad(type, b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), call_, offset));
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b_.getContext(), {}));
  return load;
}

llvm::Value* RowKernel::block(uint64_t offset) { return b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), scratch_, offset); }

llvm::Value* RowKernel::slot(llvm::Value* number, bool output) {
  if (output) number = b_.CreateAdd(number, b_.getInt64(inputs_.size()));
  return b_.CreateInBoundsGEP(llvm::ArrayType::get(b_.getInt8Ty(), kSlotBytes), slots_, number);
}

std::pair<llvm::Value*, llvm::Value*> RowKernel::slot_of(llvm::Value* number, bool output) {
  if (signature_.by_lines) return (output ? line_outputs_ : line_inputs_)[llvm::cast<llvm::ConstantInt>(number)->getZExtValue()];
  // A known slot is read once, before the loop.
  const llvm::IRBuilderBase::InsertPointGuard guard(b_);
  if (llvm::isa<llvm::Constant>(number)) b_.SetInsertPoint(ready_);
  llvm::Value* from = slot(number, output);
  llvm::Value* base = b_.CreateLoad(b_.getPtrTy(), from);
  return {base, output ? nullptr : b_.CreateLoad(b_.getInt64Ty(), b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), from, 8))};
}

llvm::Value* RowKernel::buffer_address(llvm::Value* buffers, llvm::Value* number) {
  return b_.CreateInBoundsGEP(llvm::ArrayType::get(b_.getInt8Ty(), sizeof(acie_buffer)), buffers, number);
}

void RowKernel::for_each(const std::vector<Operand>& operands,
                         llvm::function_ref<void(llvm::Value*, llvm::Value*, const Operand&)> make) {
  constexpr size_t kFewestInLoop = 8;
  for (uint64_t size : kSizes) {
    llvm::SmallVector<unsigned> numbers;
    for (unsigned i = 0; i < operands.size(); ++i)
      if (operands[i].size == size) numbers.push_back(i);
    if (numbers.size() < kFewestInLoop) {
      for (unsigned i : numbers) make(b_.getInt64(i), block(operands[i].block_offset), operands[i]);
      continue;
    }
    const Operand& first = operands[numbers.front()];
    llvm::BasicBlock* before = b_.GetInsertBlock();
    auto* each = llvm::BasicBlock::Create(b_.getContext(), "operand", before->getParent());
    auto* after = llvm::BasicBlock::Create(b_.getContext(), "operands", before->getParent());
    b_.CreateBr(each);
    b_.SetInsertPoint(each);
    llvm::PHINode* i = b_.CreatePHI(b_.getInt64Ty(), 2, "i");
    i->addIncoming(b_.getInt64(0), before);
    llvm::Value* offset = b_.CreateMul(i, b_.getInt64(first.block_bytes));
    make(choose(numbers, i), b_.CreateInBoundsGEP(b_.getInt8Ty(), block(first.block_offset), offset), first);
    llvm::Value* next = b_.CreateAdd(i, b_.getInt64(1));
    i->addIncoming(next, b_.GetInsertBlock());
    b_.CreateCondBr(b_.CreateICmpULT(next, b_.getInt64(numbers.size())), each, after);
    b_.SetInsertPoint(after);
  }
}

void RowKernel::emit_entry(llvm::Function* function) {
  call_ = function->getArg(0);
  count_ = call_field(offsetof(acie_call, count), b_.getInt64Ty());
  whole_ = b_.CreateSub(count_, b_.CreateURem(count_, b_.getInt64(signature_.shape.rows())), "whole");
  scratch_ = call_field(offsetof(acie_call, scratch), b_.getPtrTy());
  if (!signature_.by_lines) slots_ = b_.CreateAlloca(b_.getInt64Ty(), b_.getInt64(2 * (inputs_.size() + outputs_.size())), "slots");
  if (signature_.import_arity > 0) {
    import_operands_ = b_.CreateAlloca(b_.getPtrTy(), b_.getInt64(signature_.import_arity), "import_operands");
    for (int i = 0; i < signature_.import_arity; ++i)
      b_.CreateStore(block(import_block_ + i * sizeof(double) * signature_.shape.rows()),
                     b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), import_operands_, i));
  }
}

void RowKernel::emit_binds() {
  llvm::FunctionCallee bind = module_.getFunction("acie_bind");
  if (!inputs_.empty()) {
    llvm::Value* buffers = call_field(offsetof(acie_call, inputs), b_.getPtrTy());
    for_each(inputs_, [&](llvm::Value* number, llvm::Value* block, const Operand& input) {
      b_.CreateCall(bind, {buffer_address(buffers, number), block, slot(number), b_.getInt64(input.size), b_.getInt64(input.block_bytes)});
    });
  }
  if (!outputs_.empty()) {
    llvm::Value* buffers = call_field(offsetof(acie_call, outputs), b_.getPtrTy());
    for_each(outputs_, [&](llvm::Value* number, llvm::Value*, const Operand&) {
      b_.CreateStore(b_.CreateLoad(b_.getPtrTy(), buffer_address(buffers, number)), slot(number, true));
    });
  }
}

/// The slots of one line. Nothing is called for them: constants of the body stay in registers from line to line.
void RowKernel::emit_line_binds() {
  line_inputs_.clear(), line_outputs_.clear();
  llvm::Value* inputs = call_field(offsetof(acie_call, inputs), b_.getPtrTy());
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Operand& input = inputs_[i];
    const auto member = [&](uint64_t offset, llvm::Type* type) {
      return b_.CreateLoad(type, b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), inputs, i * sizeof(acie_buffer) + offset));
    };
    llvm::Value* step = b_.CreateLoad(b_.getInt64Ty(), member(offsetof(acie_buffer, strides), b_.getPtrTy()));
    llvm::Value* begin = b_.CreateGEP(input.memory_type, member(offsetof(acie_buffer, data), b_.getPtrTy()), b_.CreateMul(line_, step));
    llvm::Value* single = b_.CreateICmpEQ(member(offsetof(acie_buffer, stride), b_.getInt64Ty()), b_.getInt64(0));
    // Of an operand that is one value for a line the block is full of it; of others it is not read.
    llvm::Value* filled = block(input.block_offset);
    llvm::Value* values = b_.CreateVectorSplat(signature_.shape.lanes, b_.CreateAlignedLoad(input.memory_type, begin, llvm::Align(input.size)));
    for (unsigned p = 0; p < signature_.shape.parts; ++p)
      b_.CreateAlignedStore(values, element_address(filled, input.memory_type, b_.getInt64(0), p), llvm::Align(input.size));
    line_inputs_.push_back({b_.CreateSelect(single, filled, begin), b_.CreateSelect(single, b_.getInt64(0), b_.getInt64(-1))});
  }
  llvm::Value* outputs = call_field(offsetof(acie_call, outputs), b_.getPtrTy());
  llvm::Value* before = b_.CreateMul(line_, count_);
  for (unsigned i = 0; i < outputs_.size(); ++i) {
    const Operand& output = outputs_[i];
    llvm::Value* data = b_.CreateLoad(b_.getPtrTy(), b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), outputs, i * sizeof(acie_buffer) + offsetof(acie_buffer, data)));
    llvm::Value* begin = b_.CreateGEP(output.memory_type, data, before);
    if (!llvm::is_contained(signature_.sums, i)) {
      line_outputs_.push_back({begin, nullptr});
      continue;
    }
    // What is only added up goes to the block, iteration after iteration.
    llvm::Value* written = b_.CreateIsNotNull(data);
    line_outputs_.push_back({b_.CreateSelect(written, begin, block(output.block_offset)), b_.CreateSExt(written, b_.getInt64Ty())});
  }
}

void RowKernel::emit_partial() {
  llvm::FunctionCallee pad = module_.getFunction("acie_pad");
  for_each(inputs_, [&](llvm::Value* number, llvm::Value* block, const Operand& input) {
    b_.CreateCall(pad, {slot(number), block, count_, b_.getInt64(input.size), b_.getInt64(input.block_bytes)});
  });
  for_each(outputs_, [&](llvm::Value* number, llvm::Value* block, const Operand&) { b_.CreateStore(block, slot(number, true)); });
}

void RowKernel::emit_streams() {
  const llvm::IRBuilderBase::InsertPointGuard guard(b_);
  b_.SetInsertPoint(ready_);
  streams_ = b_.CreateICmpNE(b_.CreateAnd(call_field(offsetof(acie_call, flags), b_.getInt32Ty()), b_.getInt32(ACIE_CALL_STREAM)), b_.getInt32(0));
}

// Prefetches the lines that belong to this iteration's rows. They come while the body computes: fetched all at once they keep the
// processor waiting, and read where they are needed they are fetched while nothing is computed.
void RowKernel::emit_fetches() {
  constexpr uint64_t kLine = 64, kReads = 0, kNearest = 3, kData = 1;
  llvm::Function* function = ready_->getFunction();
  auto* compute = llvm::BasicBlock::Create(b_.getContext(), "compute", function);
  for (int stream = 0; stream < ACIE_KERNEL_AHEAD; ++stream) {
    llvm::Value *ahead, *some;
    {
      const llvm::IRBuilderBase::InsertPointGuard guard(b_);
      b_.SetInsertPoint(ready_);
      ahead = call_field(offsetof(acie_call, ahead) + stream * sizeof(void*), b_.getPtrTy());
      some = b_.CreateIsNotNull(ahead);
    }
    auto* fetch = llvm::BasicBlock::Create(b_.getContext(), "fetch", function, compute);
    b_.CreateCondBr(some, fetch, compute);
    b_.SetInsertPoint(fetch);
    llvm::Value* first = b_.CreateGEP(outputs_[0].memory_type, ahead, flat_index_);
    for (uint64_t at = 0; at < outputs_[0].size * signature_.shape.rows(); at += kLine)
      b_.CreateIntrinsic(llvm::Intrinsic::prefetch, {b_.getPtrTy()},
                         {b_.CreateConstGEP1_64(b_.getInt8Ty(), first, at), b_.getInt32(kReads), b_.getInt32(kNearest), b_.getInt32(kData)});
  }
  b_.CreateBr(compute);
  b_.SetInsertPoint(compute);
}

absl::StatusOr<llvm::Function*> RowKernel::build(llvm::Module& module, const RowSignature& signature,
                                                 llvm::function_ref<absl::Status(RowKernel&)> build_body) {
  llvm::IRBuilder<> b(module.getContext());
  auto* function = llvm::Function::Create(llvm::FunctionType::get(b.getInt32Ty(), {b.getPtrTy()}, false),
                                          llvm::GlobalValue::InternalLinkage, signature.name, module);
  function->getArg(0)->setName("call");
  RowKernel kernel(module, signature, b);
  absl::Status status = signature.by_lines ? kernel.emit_lines(function, build_body) : kernel.emit_range(function, build_body);
  if (!status.ok()) return status;
  return function;
}

absl::Status RowKernel::emit_range(llvm::Function* function, llvm::function_ref<absl::Status(RowKernel&)> build_body) {
  const auto new_block = [&](const char* name) { return llvm::BasicBlock::Create(b_.getContext(), name, function); };
  llvm::BasicBlock* entry = new_block("entry");
  llvm::BasicBlock* some = new_block("some");
  llvm::BasicBlock* partial = new_block("partial");
  llvm::BasicBlock* ready = new_block("ready");
  llvm::BasicBlock* done = new_block("done");
  llvm::BasicBlock* flush = new_block("flush");
  llvm::BasicBlock* exit = new_block("exit");

  b_.SetInsertPoint(entry);
  emit_entry(function);
  emit_binds();
  b_.CreateCondBr(b_.CreateICmpSGT(count_, b_.getInt64(0)), some, exit);

  b_.SetInsertPoint(some);
  llvm::Value* few = b_.CreateICmpULT(count_, b_.getInt64(signature_.shape.rows()), "few");
  b_.CreateCondBr(few, partial, ready);

  b_.SetInsertPoint(partial);
  emit_partial();
  b_.CreateBr(ready);

  b_.SetInsertPoint(ready);
  if (absl::Status status = emit_rows(done, build_body); !status.ok()) return status;

  b_.SetInsertPoint(done);
  b_.CreateCondBr(few, flush, exit);

  b_.SetInsertPoint(flush);
  emit_flush();
  b_.CreateBr(exit);

  b_.SetInsertPoint(exit);
  b_.CreateRet(b_.getInt32(ACIE_KERNEL_OK));
  return absl::OkStatus();
}

absl::Status RowKernel::emit_lines(llvm::Function* function, llvm::function_ref<absl::Status(RowKernel&)> build_body) {
  const auto new_block = [&](const char* name) { return llvm::BasicBlock::Create(b_.getContext(), name, function); };
  llvm::BasicBlock* entry = new_block("entry");
  llvm::BasicBlock* good = new_block("good");
  llvm::BasicBlock* line = new_block("line");
  llvm::BasicBlock* done = new_block("done");
  llvm::BasicBlock* exit = new_block("exit");
  llvm::BasicBlock* bad = new_block("bad");

  b_.SetInsertPoint(entry);
  emit_entry(function);
  llvm::Value* buffers = call_field(offsetof(acie_call, outputs), b_.getPtrTy());
  const auto member = [&](uint64_t number, uint64_t offset) {
    return b_.CreateLoad(b_.getPtrTy(), b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), buffers, number * sizeof(acie_buffer) + offset));
  };
  llvm::Value* ok = b_.CreateICmpUGE(count_, b_.getInt64(ACIE_SHORTEST_LINE));
  for (unsigned i = 0; i < outputs_.size(); ++i) {
    llvm::Value* chains = member(outputs_.size() + i, offsetof(acie_buffer, data));
    if (llvm::is_contained(signature_.sums, i)) sums_.add_output(i, outputs_[i].memory_type, chains);
    else ok = b_.CreateAnd(ok, b_.CreateIsNull(chains));
  }
  b_.CreateCondBr(ok, good, bad);

  b_.SetInsertPoint(good);
  llvm::Value* lines = b_.CreateLoad(b_.getInt64Ty(), member(0, offsetof(acie_buffer, shape)));
  b_.CreateCondBr(b_.CreateICmpSGT(lines, b_.getInt64(0)), line, exit);

  b_.SetInsertPoint(line);
  llvm::PHINode* number = b_.CreatePHI(b_.getInt64Ty(), 2, "number");
  number->addIncoming(b_.getInt64(0), good);
  line_ = number;
  emit_line_binds();
  sums_.begin_line(line_, count_, whole_, block(sums_block_));
  if (absl::Status status = emit_rows(done, build_body); !status.ok()) return status;

  b_.SetInsertPoint(done);
  set_elements_of_sums();
  sums_.end_line();
  llvm::Value* next = b_.CreateAdd(number, b_.getInt64(1));
  number->addIncoming(next, b_.GetInsertBlock());
  b_.CreateCondBr(b_.CreateICmpSLT(next, lines), line, exit);

  b_.SetInsertPoint(exit);
  b_.CreateRet(b_.getInt32(ACIE_KERNEL_OK));
  b_.SetInsertPoint(bad);
  b_.CreateRet(b_.getInt32(ACIE_KERNEL_BAD_ABI));
  return absl::OkStatus();
}

/// Where the last elements of a line are: in the output, or in the block as the last iteration left it.
void RowKernel::set_elements_of_sums() {
  llvm::Value* before_last = b_.CreateSub(count_, b_.getInt64(signature_.shape.rows()));
  for (const unsigned index : signature_.sums) {
    const Operand& output = outputs_[index];
    const auto [base, mask] = slot_of(b_.getInt64(index), true);
    llvm::Value* first = b_.CreateAnd(before_last, b_.CreateNot(mask));
    sums_.set_elements(index, b_.CreateGEP(output.memory_type, base, b_.CreateNeg(first)));
  }
}

/// The loop runs without a test but for `stop`, the end of a run that is added up or of the iterations that have rows of their own; the
/// last one begins where it ends with the last row.
absl::Status RowKernel::emit_rows(llvm::BasicBlock* done, llvm::function_ref<absl::Status(RowKernel&)> build_body) {
  llvm::BasicBlock* ready = b_.GetInsertBlock();
  const auto new_block = [&](const char* name) { return llvm::BasicBlock::Create(b_.getContext(), name, done->getParent(), done); };
  llvm::BasicBlock* body = new_block("body");
  llvm::BasicBlock* stopped = new_block("stopped");
  llvm::BasicBlock* latch = new_block("latch");
  llvm::Value* rows = b_.getInt64(signature_.shape.rows());
  llvm::Value* last = b_.CreateSub(count_, rows, "last");
  const auto stop_after = [&](llvm::Value* row) { return sums_.empty() ? whole_ : sums_.end_of_run(row); };
  llvm::Value* first_stop = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umax, stop_after(b_.getInt64(0)), rows);
  llvm::Value* before = signature_.by_lines ? b_.CreateMul(line_, count_) : nullptr;
  ready_ = b_.CreateBr(body);

  b_.SetInsertPoint(body);
  llvm::PHINode* row = b_.CreatePHI(b_.getInt64Ty(), 3, "row");
  llvm::PHINode* stop = b_.CreatePHI(b_.getInt64Ty(), 3, "stop");
  row->addIncoming(b_.getInt64(0), ready), stop->addIncoming(first_stop, ready);
  row_index_ = flat_index_ = row;
  sums_.begin_iteration(ready);
  if (before != nullptr) flat_index_ = b_.CreateAdd(before, row);
  if (signature_.of_tensors) {
    emit_fetches();
    emit_streams();
  }
  if (absl::Status status = build_body(*this); !status.ok()) return status;
  llvm::Value* next = b_.CreateAdd(row, rows, "next");
  llvm::BasicBlock* end = b_.GetInsertBlock();
  row->addIncoming(next, end), stop->addIncoming(stop, end);
  sums_.go_on(end);
  b_.CreateCondBr(b_.CreateICmpEQ(next, stop), stopped, body);

  b_.SetInsertPoint(stopped);
  sums_.end_run(row, next, latch);
  b_.CreateCondBr(b_.CreateICmpSLT(next, count_), latch, done);

  b_.SetInsertPoint(latch);
  llvm::Value* whole = b_.CreateICmpULT(next, whole_);
  row->addIncoming(b_.CreateSelect(whole, next, last), latch);
  stop->addIncoming(b_.CreateSelect(whole, stop_after(next), count_), latch);
  b_.CreateBr(body);
  return absl::OkStatus();
}

/// Copies what few rows have from the blocks to the outputs.
void RowKernel::emit_flush() {
  llvm::FunctionCallee copy = module_.getFunction("acie_copy");
  llvm::Value* buffers = outputs_.empty() ? nullptr : call_field(offsetof(acie_call, outputs), b_.getPtrTy());
  for_each(outputs_, [&](llvm::Value* number, llvm::Value* block, const Operand& output) {
    llvm::Value* to = b_.CreateLoad(b_.getPtrTy(), buffer_address(buffers, number));
    b_.CreateCall(copy, {to, block, b_.CreateMul(count_, b_.getInt64(output.size))});
  });
}

llvm::Value* RowKernel::element_address(llvm::Value* base, llvm::Type* type, llvm::Value* index, unsigned part) {
  llvm::Value* address = b_.CreateInBoundsGEP(type, base, index);
  return b_.CreateConstInBoundsGEP1_64(type, address, uint64_t{part} * signature_.shape.lanes);
}

Bundle RowKernel::load_input(const Operand& operand, llvm::Type* type, llvm::Value* number) {
  const auto [base, mask] = slot_of(number, false);
  llvm::Value* first = b_.CreateAnd(row_index_, mask);
  llvm::VectorType* vector = vectors_.vector_of(operand.memory_type);
  return vectors_.per_part([&](unsigned p) -> llvm::Value* {
    llvm::Value* loaded =
        b_.CreateAlignedLoad(vector, element_address(base, operand.memory_type, first, p), llvm::Align(operand.size));
    if (!type->isIntegerTy(1)) return loaded;
    return b_.CreateICmpNE(loaded, llvm::Constant::getNullValue(vector));
  });
}

Bundle RowKernel::load_scalar(llvm::Type* type, llvm::Value* number) {
  llvm::Value* scalars = call_field(offsetof(acie_call, scalars), b_.getPtrTy());
  llvm::Value* address = b_.CreateInBoundsGEP(b_.getInt64Ty(), scalars, number);
  const bool truth = type->isIntegerTy(1);
  llvm::LoadInst* load = b_.CreateLoad(truth ? b_.getInt64Ty() : type, address);
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b_.getContext(), {}));
  return vectors_.splat(truth ? b_.CreateICmpNE(load, b_.getInt64(0)) : static_cast<llvm::Value*>(load));
}

void RowKernel::store_output(const Operand& operand, llvm::Type* type, llvm::Value* number, const Bundle& value) {
  const auto [base, mask] = slot_of(number, true);
  llvm::Value* first = mask == nullptr ? row_index_ : b_.CreateAnd(row_index_, mask);
  const auto store = [&](llvm::Align alignment, llvm::MDNode* hint) {
    for (unsigned p = 0; p < signature_.shape.parts; ++p) {
      llvm::Value* stored = value.part[p];
      if (type->isIntegerTy(1)) stored = b_.CreateZExt(stored, vectors_.vector_of(operand.memory_type));
      llvm::StoreInst* made = b_.CreateAlignedStore(stored, element_address(base, operand.memory_type, first, p), alignment);
      if (hint != nullptr) made->setMetadata(llvm::LLVMContext::MD_nontemporal, hint);
    }
  };
  // Narrower ones than half a line would each be a write to memory.
  const uint64_t bytes = operand.size * signature_.shape.lanes;
  if (!signature_.of_tensors || bytes < kBlockAlignment / 2) return store(llvm::Align(operand.size), nullptr);
  llvm::Function* function = ready_->getFunction();
  auto* past = llvm::BasicBlock::Create(b_.getContext(), "past_caches", function);
  auto* cached = llvm::BasicBlock::Create(b_.getContext(), "cached", function);
  auto* stored = llvm::BasicBlock::Create(b_.getContext(), "stored", function);
  b_.CreateCondBr(streams_, past, cached);
  b_.SetInsertPoint(past);
  store(llvm::Align(std::min(bytes, kBlockAlignment)), llvm::MDNode::get(b_.getContext(), llvm::ConstantAsMetadata::get(b_.getInt32(1))));
  b_.CreateBr(stored);
  b_.SetInsertPoint(cached);
  store(llvm::Align(operand.size), nullptr);
  b_.CreateBr(stored);
  b_.SetInsertPoint(stored);
}

Bundle RowKernel::input(unsigned index) { return load_input(inputs_[index], signature_.inputs[index], b_.getInt64(index)); }

Bundle RowKernel::scalar(unsigned index, llvm::Type* type) { return load_scalar(type, b_.getInt64(index)); }

void RowKernel::set_output(unsigned index, const Bundle& value) {
  sums_.add(index, value);
  store_output(outputs_[index], signature_.outputs[index], b_.getInt64(index), value);
}

/// numbers[step]: computed where they are evenly spaced, else from a table.
llvm::Value* RowKernel::choose(llvm::ArrayRef<unsigned> numbers, llvm::Value* step) {
  const int64_t first = numbers[0], stride = numbers.size() > 1 ? int64_t{numbers[1]} - first : 0;
  bool even = true;
  for (size_t i = 0; i < numbers.size(); ++i) even = even && numbers[i] == first + stride * static_cast<int64_t>(i);
  if (even) return b_.CreateAdd(b_.getInt64(first), b_.CreateMul(step, b_.getInt64(stride)));
  return b_.CreateZExt(table_element(llvm::ConstantDataArray::get(b_.getContext(), numbers), step), b_.getInt64Ty());
}

llvm::Value* RowKernel::table_element(llvm::Constant* elements, llvm::Value* step) {
  auto* table = new llvm::GlobalVariable(module_, elements->getType(), true, llvm::GlobalValue::PrivateLinkage, elements, "table");
  table->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  llvm::Type* type = elements->getType()->getArrayElementType();
  return b_.CreateLoad(type, b_.CreateInBoundsGEP(type, table, step));
}

Bundle RowKernel::input(llvm::ArrayRef<unsigned> indices, llvm::Value* step) {
  return load_input(inputs_[indices[0]], signature_.inputs[indices[0]], choose(indices, step));
}

Bundle RowKernel::scalar(llvm::ArrayRef<unsigned> indices, llvm::Type* type, llvm::Value* step) {
  return load_scalar(type, choose(indices, step));
}

void RowKernel::set_output(llvm::ArrayRef<unsigned> indices, const Bundle& value, llvm::Value* step) {
  store_output(outputs_[indices[0]], signature_.outputs[indices[0]], choose(indices, step), value);
}

void RowKernel::keep(unsigned series, llvm::Value* step, const Bundle& value) {
  const Operand& operand = series_[series];
  llvm::Value* base = b_.CreateInBoundsGEP(b_.getInt8Ty(), block(operand.block_offset), b_.CreateMul(step, b_.getInt64(operand.block_bytes)));
  for (unsigned p = 0; p < signature_.shape.parts; ++p) {
    llvm::Value* stored = value.part[p];
    if (signature_.series[series].first->isIntegerTy(1)) stored = b_.CreateZExt(stored, vectors_.vector_of(operand.memory_type));
    b_.CreateAlignedStore(stored, element_address(base, operand.memory_type, b_.getInt64(0), p), llvm::Align(operand.size));
  }
}

Bundle RowKernel::kept(unsigned series, uint64_t step) {
  const Operand& operand = series_[series];
  llvm::Value* base = block(operand.block_offset + step * operand.block_bytes);
  llvm::VectorType* vector = vectors_.vector_of(operand.memory_type);
  return vectors_.per_part([&](unsigned p) -> llvm::Value* {
    llvm::Value* loaded = b_.CreateAlignedLoad(vector, element_address(base, operand.memory_type, b_.getInt64(0), p), llvm::Align(operand.size));
    if (!signature_.series[series].first->isIntegerTy(1)) return loaded;
    return b_.CreateICmpNE(loaded, llvm::Constant::getNullValue(vector));
  });
}

Bundle RowKernel::constant(llvm::Constant* elements, llvm::Value* step) { return vectors_.splat(table_element(elements, step)); }

Bundle RowKernel::seed() { return vectors_.splat(call_field(offsetof(acie_call, seed), b_.getInt64Ty())); }

Bundle RowKernel::counter(uint64_t base_offset, uint64_t step_offset) {
  llvm::Value* step = call_field(step_offset, b_.getInt64Ty());
  llvm::Value* base = call_field(base_offset, b_.getInt64Ty());
  const Bundle first = vectors_.splat(b_.CreateAdd(base, b_.CreateMul(flat_index_, step)));
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
