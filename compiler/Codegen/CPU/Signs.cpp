#include "compiler/Codegen/CPU/Signs.h"

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

namespace acie::codegen {
namespace {

namespace arith = mlir::arith;

/// Zeros are of both signs, NaN of every one.
enum class Sign { kAny, kNonnegative, kNonpositive };

// Operations between a value and what says its sign: those of a square, a factor and a difference, with some to spare.
constexpr int kDepth = 6;

Sign opposite(Sign sign) {
  if (sign == Sign::kAny) return sign;
  return sign == Sign::kNonnegative ? Sign::kNonpositive : Sign::kNonnegative;
}

Sign product(Sign x, Sign y) {
  if (x == Sign::kAny || y == Sign::kAny) return Sign::kAny;
  return x == y ? Sign::kNonnegative : Sign::kNonpositive;
}

/// The buffer whose elements a value of a cluster's body is, one by one; null for others.
mlir::Value buffer_of(mlir::Value value) {
  auto argument = mlir::dyn_cast<mlir::BlockArgument>(value);
  auto cluster = argument ? mlir::dyn_cast<plan::ClusterOp>(argument.getOwner()->getParentOp()) : plan::ClusterOp();
  if (!cluster || argument.getArgNumber() >= cluster.getInputs().size()) return nullptr;
  return cluster.getInputs()[argument.getArgNumber()];
}

mlir::RankedTensorType tensor_of(mlir::Value buffer) {
  return mlir::dyn_cast<mlir::RankedTensorType>(mlir::cast<plan::BufferType>(buffer.getType()).getElementType());
}

bool has_known_size(mlir::Value buffer) { return tensor_of(buffer) && tensor_of(buffer).hasStaticShape(); }

/// Whether `view`, of the shape of a tensor that is folded by lines of `length` elements along its last axes, shows for each of them what
/// its line has come to.
bool shows_lines(plan::TensorOp view, int64_t length) {
  const mlir::RankedTensorType shape = tensor_of(view.getOutput());
  if (view.getKind() != plan::TensorKind::View || *view.getOffset() != 0) return false;
  int64_t together = 1;  // elements of the axes behind
  for (size_t axis = shape.getRank(); axis-- > 0; together *= shape.getDimSize(axis))
    if (shape.getDimSize(axis) > 1 && (*view.getStrides())[axis] != (together < length ? 0 : together / length)) return false;
  return true;
}

/// What a view shows in its order, all of it once; other operations as they are.
plan::TensorOp without_reshapes(plan::TensorOp op) {
  while (op && op.getKind() == plan::TensorKind::View && has_known_size(op.getOutput()) && shows_lines(op, 1)) {
    const mlir::Value input = op.getInputs()[0];
    if (!has_known_size(input) || tensor_of(input).getNumElements() != tensor_of(op.getOutput()).getNumElements()) break;
    op = input.getDefiningOp<plan::TensorOp>();
  }
  return op;
}

/// Whether `y` is the largest of numbers of which `x` is one.
bool is_largest_of(mlir::Value y, mlir::Value x) {
  if (auto max = y.getDefiningOp<ir::MaxOp>()) return max->getOperand(0) == x || max->getOperand(1) == x;
  const mlir::Value all = buffer_of(x), one = buffer_of(y);
  if (!all || !one || !has_known_size(all) || tensor_of(one) != tensor_of(all)) return false;
  auto view = one.getDefiningOp<plan::TensorOp>();
  plan::TensorOp fold = view && !view.getInputs().empty() ? without_reshapes(view.getInputs()[0].getDefiningOp<plan::TensorOp>()) : plan::TensorOp();
  if (!fold || fold.getKind() != plan::TensorKind::Fold || fold.getFolding() != plan::Folding::Max || fold.getInputs()[0] != all) return false;
  const mlir::RankedTensorType lines = tensor_of(fold.getOutput());
  const int64_t count = lines ? lines.getNumElements() : 1;
  return count > 0 && shows_lines(view, tensor_of(all).getNumElements() / count);
}

Sign sign_of(mlir::Value value, int depth) {
  llvm::APFloat constant(0.0);
  if (mlir::matchPattern(value, mlir::m_ConstantFloat(&constant))) return constant.isNegative() ? Sign::kNonpositive : Sign::kNonnegative;
  mlir::Operation* op = value.getDefiningOp();
  if (op == nullptr || depth == 0) return Sign::kAny;
  const auto of = [&](unsigned operand) { return sign_of(op->getOperand(operand), depth - 1); };
  const auto common = [](Sign x, Sign y) { return x == y ? x : Sign::kAny; };
  return llvm::TypeSwitch<mlir::Operation*, Sign>(op)
      .Case<arith::NegFOp>([&](auto) { return opposite(of(0)); })
      .Case<arith::ExtFOp, arith::TruncFOp>([&](auto) { return of(0); })
      .Case<arith::MulFOp>([&](arith::MulFOp mul) { return mul.getLhs() == mul.getRhs() ? Sign::kNonnegative : product(of(0), of(1)); })
      .Case<arith::AddFOp>([&](auto) { return common(of(0), of(1)); })
      .Case<arith::SubFOp>([&](arith::SubFOp sub) {
        if (is_largest_of(sub.getRhs(), sub.getLhs())) return Sign::kNonpositive;
        return common(of(0), opposite(of(1)));
      })
      .Case<ir::AbsOp, ir::ExpOp, ir::SqrtOp>([](auto) { return Sign::kNonnegative; })
      .Case<ir::PowOp>([](ir::PowOp pow) {
        llvm::APFloat power(0.0);
        return mlir::matchPattern(pow.getP(), mlir::m_ConstantFloat(&power)) && power.isExactlyValue(2) ? Sign::kNonnegative : Sign::kAny;
      })
      .Default(Sign::kAny);
}

}  // namespace

bool is_nonpositive(mlir::Value value) { return sign_of(value, kDepth) == Sign::kNonpositive; }

}  // namespace acie::codegen
