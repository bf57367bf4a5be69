#include "compiler/Codegen/CPU/RepeatBody.h"

#include <vector>

#include "llvm/IR/Constants.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace acie::codegen {
namespace {

// A table's numbers, in the kernel's constants; truth values are bytes.
llvm::Constant* elements_of(mlir::DenseElementsAttr table, llvm::LLVMContext& context) {
  const mlir::Type type = table.getElementType();
  if (type.isF64()) return llvm::ConstantDataArray::get<double>(context, llvm::to_vector(table.getValues<double>()));
  if (type.isF32()) return llvm::ConstantDataArray::get<float>(context, llvm::to_vector(table.getValues<float>()));
  std::vector<llvm::Constant*> numbers;
  llvm::Type* integer = llvm::Type::getIntNTy(context, type.isInteger(1) ? 8 : type.getIntOrFloatBitWidth());
  for (const llvm::APInt& value : table.getValues<llvm::APInt>())
    numbers.push_back(llvm::ConstantInt::get(integer, type.isInteger(1) ? value.getZExtValue() : value.getSExtValue()));
  return llvm::ConstantArray::get(llvm::ArrayType::get(integer, numbers.size()), numbers);
}

// Which of the cluster's operands, among those of its kind, the steps of a series are.
std::vector<unsigned> numbers_of(plan::ClusterOp cluster, mlir::OperandRange series, bool& is_scalar) {
  std::vector<unsigned> numbers;
  const unsigned num_inputs = cluster.getInputs().size();
  for (mlir::Value value : series) {
    const unsigned number = mlir::cast<mlir::BlockArgument>(value).getArgNumber();
    is_scalar = number >= num_inputs;
    numbers.push_back(is_scalar ? cluster.getScalars()[number - num_inputs].getDefiningOp<plan::ScalarOp>().getIndex() : number);
  }
  return numbers;
}

}  // namespace

std::vector<KeptSeries> kept_series(plan::ClusterOp cluster) {
  std::vector<KeptSeries> kept;
  for (auto repeat : cluster.getBody().front().getOps<plan::RepeatOp>()) {
    const int64_t steps = repeat.getSteps();
    for (unsigned n = 0; n * steps < repeat.getEveryValues().size(); ++n) {
      const bool read = llvm::any_of(repeat.getEveryValues().slice(n * steps, steps), [](mlir::Value value) {
        return llvm::any_of(value.getUsers(), [](mlir::Operation* user) { return !mlir::isa<plan::YieldOp>(user); });
      });
      if (read) kept.push_back({repeat, n});
    }
  }
  return kept;
}

void read_kept(mlir::Operation& op, const std::vector<KeptSeries>& kept, RowKernel& kernel, OperationBuilder& operations) {
  op.walk([&](mlir::Operation* part) {
    for (mlir::Value value : part->getOperands()) {
      auto repeat = value.getDefiningOp<plan::RepeatOp>();
      if (!repeat || operations.knows(value)) continue;
      const int64_t number = mlir::cast<mlir::OpResult>(value).getResultNumber() - static_cast<int64_t>(repeat.getLastValues().size());
      for (size_t i = 0; i < kept.size(); ++i)
        if (kept[i].repeat == repeat && kept[i].series == number / repeat.getSteps())
          operations.define(value, kernel.kept(i, number % repeat.getSteps()));
    }
  });
}

absl::Status build_repeat(plan::RepeatOp repeat, const std::vector<KeptSeries>& kept, RowKernel& kernel, OperationBuilder& operations) {
  VectorBuilder& v = kernel.vectors();
  llvm::IRBuilder<>& b = v.ir();
  auto cluster = repeat->getParentOfType<plan::ClusterOp>();
  mlir::Block& body = repeat.getBody().front();
  auto advance = mlir::cast<plan::AdvanceOp>(body.getTerminator());
  const int64_t steps = repeat.getSteps();
  llvm::BasicBlock* before = b.GetInsertBlock();
  auto* loop = llvm::BasicBlock::Create(b.getContext(), "step", before->getParent());
  auto* after = llvm::BasicBlock::Create(b.getContext(), "steps", before->getParent());
  b.CreateBr(loop);
  b.SetInsertPoint(loop);
  llvm::PHINode* step = b.CreatePHI(b.getInt64Ty(), 2, "t");
  step->addIncoming(b.getInt64(0), before);

  unsigned argument = 0;
  std::vector<Bundle> carried;
  for (mlir::Value value : repeat.getInit()) {
    const Bundle first = operations.value(value);
    carried.push_back(v.per_part([&](unsigned p) {
      llvm::PHINode* phi = b.CreatePHI(first.part[p]->getType(), 2);
      phi->addIncoming(first.part[p], before);
      return phi;
    }));
    operations.define(body.getArgument(argument++), carried.back());
  }
  for (unsigned series = 0; series < repeat.numSeries(); ++series) {
    bool is_scalar = false;
    const std::vector<unsigned> numbers = numbers_of(cluster, repeat.getOver().slice(series * steps, steps), is_scalar);
    const mlir::BlockArgument element = body.getArgument(argument++);
    operations.define(element, is_scalar ? kernel.scalar(numbers, operations.element(element.getType()), step) : kernel.input(numbers, step));
  }
  for (mlir::Attribute table : repeat.getTables()) {
    const mlir::BlockArgument element = body.getArgument(argument++);
    Bundle value = kernel.constant(elements_of(mlir::cast<mlir::DenseElementsAttr>(table), b.getContext()), step);
    if (element.getType().isInteger(1)) value = v.compare(llvm::CmpInst::ICMP_NE, value, v.integer(b.getInt8Ty(), 0));
    operations.define(element, value);
  }
  for (mlir::Operation& op : body.without_terminator())
    if (absl::Status status = operations.build(op); !status.ok()) return status;

  for (auto [n, value] : llvm::enumerate(advance.getEvery())) {
    std::vector<unsigned> numbers;
    for (mlir::Value result : repeat.getEveryValues().slice(n * steps, steps))
      for (mlir::OpOperand& use : result.getUses())
        if (mlir::isa<plan::YieldOp>(use.getOwner())) numbers.push_back(use.getOperandNumber());
    if (!numbers.empty()) kernel.set_output(numbers, operations.value(value), step);
    for (size_t i = 0; i < kept.size(); ++i)
      if (kept[i].repeat == repeat && kept[i].series == n) kernel.keep(i, step, operations.value(value));
  }
  // What a step writes may have branched.
  llvm::BasicBlock* last = b.GetInsertBlock();
  llvm::Value* next = b.CreateAdd(step, b.getInt64(1));
  step->addIncoming(next, last);
  for (auto [bundle, value] : llvm::zip(carried, advance.getNext())) {
    const Bundle left = operations.value(value);
    for (unsigned p = 0; p < v.shape().parts; ++p) llvm::cast<llvm::PHINode>(bundle.part[p])->addIncoming(left.part[p], last);
  }
  b.CreateCondBr(b.CreateICmpULT(next, b.getInt64(steps)), loop, after);
  b.SetInsertPoint(after);
  for (auto [result, value] : llvm::zip(repeat.getLastValues(), advance.getLast())) operations.define(result, operations.value(value));
  return absl::OkStatus();
}

}  // namespace acie::codegen
