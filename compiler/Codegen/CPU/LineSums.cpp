#include "compiler/Codegen/CPU/LineSums.h"

#include <algorithm>
#include <numeric>

namespace acie::codegen {

namespace {

llvm::Align alignment(llvm::Type* element) { return llvm::Align(element->getScalarSizeInBits() / 8); }

}  // namespace

RowShape shape_of_lines(RowShape shape, bool few) {
  const unsigned least = std::max(1u, ACIE_LINE_CHAINS / shape.lanes), most = ACIE_SHORTEST_LINE / shape.lanes;
  while (shape.parts & (shape.parts - 1)) --shape.parts;
  shape.parts = few ? std::min(most, kMaxParts) : std::clamp(shape.parts, least, most);
  return shape;
}

void LineSums::begin_line(llvm::Value* line, llvm::Value* count, llvm::Value* whole, llvm::Value* nowhere) {
  if (sums_.empty()) return;
  count_ = count, added_ = whole, nowhere_ = nowhere;
  llvm::Value* runs = b_.CreateUDiv(b_.CreateAdd(count, b_.getInt64(ACIE_LINE_RUN - 1)), b_.getInt64(ACIE_LINE_RUN));
  for (Sum& sum : sums_) {
    const uint64_t bytes = ACIE_LINE_CHAINS * alignment(sum.type).value();
    llvm::Value* offset = b_.CreateMul(b_.CreateMul(line, runs), b_.getInt64(bytes));
    llvm::Value* wanted = b_.CreateIsNotNull(sum.to);
    sum.begin = b_.CreateSelect(wanted, b_.CreateGEP(b_.getInt8Ty(), sum.to, offset), nowhere);
    sum.run_bytes = b_.CreateSelect(wanted, b_.getInt64(bytes), b_.getInt64(0));
  }
}

LineSums::Sum* LineSums::find(unsigned index) {
  const auto sum = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& each) { return each.output == index; });
  return sum == sums_.end() ? nullptr : &*sum;
}

void LineSums::set_elements(unsigned index, llvm::Value* elements) {
  if (Sum* sum = find(index)) sum->elements = elements;
}

/// Of the chains of the run that an element is in.
llvm::Value* LineSums::run_address(const Sum& sum, llvm::Value* element) {
  return b_.CreateGEP(b_.getInt8Ty(), sum.begin, b_.CreateMul(b_.CreateUDiv(element, b_.getInt64(ACIE_LINE_RUN)), sum.run_bytes));
}

void LineSums::begin_iteration(llvm::BasicBlock* ready) {
  for (Sum& sum : sums_) {
    sum.before = b_.CreatePHI(chains_of(sum), 3, "chains");
    sum.before->addIncoming(llvm::Constant::getNullValue(chains_of(sum)), ready);
    sum.now = sum.before;
  }
}

void LineSums::add(unsigned index, const Bundle& value) {
  Sum* sum = find(index);
  if (sum == nullptr) return;
  // Elements that follow each other, as many as there are chains.
  llvm::SmallVector<int, ACIE_LINE_CHAINS> lanes(ACIE_LINE_CHAINS);
  for (unsigned first = 0; first < shape_.rows(); first += ACIE_LINE_CHAINS) {
    llvm::Value* part = value.part[first / shape_.lanes];
    std::iota(lanes.begin(), lanes.end(), first % shape_.lanes);
    llvm::Value* next_part = shape_.lanes < ACIE_LINE_CHAINS ? value.part[first / shape_.lanes + 1] : llvm::PoisonValue::get(part->getType());
    llvm::Value* piece = shape_.lanes == ACIE_LINE_CHAINS ? part : b_.CreateShuffleVector(part, next_part, lanes);
    sum->now = b_.CreateFAdd(sum->now, piece);
  }
}

llvm::Value* LineSums::end_of_run(llvm::Value* first) {
  return b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, b_.CreateAdd(first, b_.getInt64(ACIE_LINE_RUN)), added_);
}

void LineSums::go_on(llvm::BasicBlock* from) {
  for (const Sum& sum : sums_) sum.before->addIncoming(sum.now, from);
}

void LineSums::end_run(llvm::Value* row, llvm::Value* next, llvm::BasicBlock* latch) {
  for (const Sum& sum : sums_) {
    llvm::Value* to = b_.CreateSelect(b_.CreateICmpULE(next, added_), run_address(sum, row), nowhere_);
    b_.CreateAlignedStore(sum.now, to, alignment(sum.type));
    sum.before->addIncoming(llvm::Constant::getNullValue(chains_of(sum)), latch);
  }
}

void LineSums::end_line() {
  if (sums_.empty()) return;
  llvm::LLVMContext& context = b_.getContext();
  llvm::BasicBlock* whole = b_.GetInsertBlock();
  auto* some = llvm::BasicBlock::Create(context, "some_rest", whole->getParent());
  auto* rest = llvm::BasicBlock::Create(context, "rest", whole->getParent());
  auto* rest_done = llvm::BasicBlock::Create(context, "rest_done", whole->getParent());
  auto* done = llvm::BasicBlock::Create(context, "line_done", whole->getParent());
  b_.CreateCondBr(b_.CreateICmpULT(added_, count_), some, done);

  b_.SetInsertPoint(some);
  llvm::SmallVector<llvm::Value*> before;
  for (const Sum& sum : sums_) {
    llvm::Value* begun = b_.CreateICmpNE(b_.CreateAnd(added_, b_.getInt64(ACIE_LINE_RUN - 1)), b_.getInt64(0));
    llvm::Value* so_far = b_.CreateAlignedLoad(chains_of(sum), run_address(sum, added_), alignment(sum.type));
    before.push_back(b_.CreateSelect(begun, so_far, llvm::Constant::getNullValue(chains_of(sum))));
  }
  b_.CreateBr(rest);

  // As many elements as there are chains, or what is left of them: the others are 0, and no chain is -0.
  b_.SetInsertPoint(rest);
  llvm::PHINode* i = b_.CreatePHI(b_.getInt64Ty(), 2);
  i->addIncoming(added_, some);
  llvm::SmallVector<llvm::PHINode*> chains;
  for (const Sum& sum : sums_) {
    chains.push_back(b_.CreatePHI(chains_of(sum), 2));
    chains.back()->addIncoming(before[chains.size() - 1], some);
  }
  llvm::SmallVector<uint32_t, ACIE_LINE_CHAINS> lanes(ACIE_LINE_CHAINS);
  std::iota(lanes.begin(), lanes.end(), 0);
  llvm::Value* left = b_.CreateVectorSplat(ACIE_LINE_CHAINS, b_.CreateTrunc(b_.CreateSub(count_, i), b_.getInt32Ty()));
  llvm::Value* mask = b_.CreateICmpULT(llvm::ConstantDataVector::get(context, lanes), left);
  llvm::SmallVector<llvm::Value*> added;
  for (size_t k = 0; k < sums_.size(); ++k) {
    const Sum& sum = sums_[k];
    llvm::Value* elements = b_.CreateMaskedLoad(chains_of(sum), b_.CreateGEP(sum.type, sum.elements, i), alignment(sum.type), mask,
                                                llvm::Constant::getNullValue(chains_of(sum)));
    added.push_back(b_.CreateFAdd(chains[k], elements));
    chains[k]->addIncoming(added[k], rest);
  }
  llvm::Value* next = b_.CreateAdd(i, b_.getInt64(ACIE_LINE_CHAINS));
  i->addIncoming(next, rest);
  b_.CreateCondBr(b_.CreateICmpULT(next, count_), rest, rest_done);

  b_.SetInsertPoint(rest_done);
  for (size_t k = 0; k < sums_.size(); ++k) b_.CreateAlignedStore(added[k], run_address(sums_[k], added_), alignment(sums_[k].type));
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
}

}  // namespace acie::codegen
