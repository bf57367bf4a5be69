#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Support/Rearrangement.h"
#include "kernels/routines/Routine.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace acie::ir;

ArrayRef<int64_t> acie::ir::shapeOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getShape() : ArrayRef<int64_t>();
}

Type acie::ir::typeLike(Type like, Type element) {
  auto tensor = dyn_cast<RankedTensorType>(like);
  return tensor ? Type(tensor.clone(element)) : element;
}

TypedAttr acie::ir::constantOf(Type type, double number) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr one;
  if (auto real = dyn_cast<FloatType>(element))
    one = FloatAttr::get(real, number);
  else
    one = IntegerAttr::get(element, static_cast<int64_t>(number));
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? TypedAttr(DenseElementsAttr::get(tensor, Attribute(one))) : one;
}

static int64_t countOf(Type type) {
  int64_t count = 1;
  for (int64_t size : shapeOf(type)) count = acie::sizes::times(count, size);
  return count;
}

static LogicalResult verifyElement(Operation *op, Type from, Type to) {
  if (getElementTypeOrSelf(from) == getElementTypeOrSelf(to)) return success();
  return op->emitOpError("makes elements of ") << getElementTypeOrSelf(to) << " of " << getElementTypeOrSelf(from);
}

LogicalResult ViewOp::verify() {
  if (failed(verifyElement(*this, getX().getType(), getY().getType()))) return failure();
  ArrayRef<int64_t> shape = shapeOf(getY().getType());
  if (getStrides().size() != shape.size())
    return emitOpError("has ") << getStrides().size() << " strides for " << shape.size() << " axes";
  // What is open is checked by the run.
  if (acie::sizes::is_open(getOffset()) || acie::sizes::is_open(countOf(getY().getType())) ||
      acie::sizes::is_open(countOf(getX().getType())) || llvm::any_of(getStrides(), acie::sizes::is_open))
    return success();
  int64_t low = getOffset(), high = getOffset();
  for (auto [size, stride] : llvm::zip(shape, getStrides())) (stride < 0 ? low : high) += (size - 1) * stride;
  if (low < 0 || high >= countOf(getX().getType())) return emitOpError("reaches beyond its operand");
  return success();
}

LogicalResult ConcatOp::verify() {
  int64_t count = 0;
  for (Value part : getParts()) {
    if (failed(verifyElement(*this, part.getType(), getY().getType()))) return failure();
    count = acie::sizes::plus(count, countOf(part.getType()));
  }
  if (count != countOf(getY().getType())) return emitOpError("joins ") << count << " elements into " << countOf(getY().getType());
  return success();
}

LogicalResult FoldOp::verify() {
  if (failed(verifyElement(*this, getX().getType(), getY().getType()))) return failure();
  ArrayRef<int64_t> from = shapeOf(getX().getType()), to = shapeOf(getY().getType());
  if (to.size() >= from.size() || from.take_front(to.size()) != to)
    return emitOpError("keeps the first axes of its operand and lacks at least the last");
  bool logical = getFolding() == Folding::Any || getFolding() == Folding::All;
  if (logical != getElementTypeOrSelf(getX().getType()).isInteger(1)) return emitOpError("is of truth values exactly for any and all");
  return success();
}

LogicalResult ContractOp::verify() {
  if (failed(verifyElement(*this, getA().getType(), getY().getType())) ||
      failed(verifyElement(*this, getB().getType(), getY().getType())))
    return failure();
  if (!isa<FloatType>(getElementTypeOrSelf(getY().getType()))) return emitOpError("multiplies floats");
  ArrayRef<int64_t> a = shapeOf(getA().getType()), b = shapeOf(getB().getType());
  if (a.size() < 2 || b.size() < 2) return emitOpError("takes matrices");
  if (a.back() != b[b.size() - 2]) return emitOpError("adds over ") << a.back() << " and " << b[b.size() - 2] << " terms";
  ArrayRef<int64_t> batchA = a.drop_back(2), batchB = b.drop_back(2);
  if (!batchA.empty() && !batchB.empty() && batchA != batchB) return emitOpError("has batches of two shapes");
  int64_t count = acie::sizes::times(a[a.size() - 2], b.back());
  for (int64_t size : batchA.empty() ? batchB : batchA) count = acie::sizes::times(count, size);
  if (count != countOf(getY().getType())) return emitOpError("makes ") << count << " elements";
  return success();
}

LogicalResult LoopOp::verify() {
  if (getSteps() < 1) return emitOpError("takes at least one step");
  Block &block = getBody().front();
  if (getInit().empty()) return emitOpError("carries nothing");
  if (block.getNumArguments() != getInit().size() + getOver().size() + getSame().size())
    return emitOpError("has ") << block.getNumArguments() << " block arguments for " << getNumOperands() << " operands";
  auto next = dyn_cast<NextOp>(block.getTerminator());
  if (!next) return emitOpError("body does not end in acie.next");
  if (next.getValues().size() != getInit().size() || getLast().size() != getInit().size())
    return emitOpError("carries ") << getInit().size() << " values and leaves " << next.getValues().size();
  auto parts = [&](Type whole, Type each) {
    auto tensor = dyn_cast<RankedTensorType>(whole);
    return tensor && tensor.getRank() > 0 && tensor.getDimSize(0) == static_cast<int64_t>(getSteps()) &&
           tensor.getElementType() == getElementTypeOrSelf(each) && tensor.getShape().drop_front() == shapeOf(each);
  };
  for (unsigned i = 0; i < getInit().size(); ++i) {
    Type type = getInit()[i].getType();
    if (block.getArgument(i).getType() != type || next.getValues()[i].getType() != type || getLast()[i].getType() != type)
      return emitOpError("carries ") << type << " as another type";
    if (!parts(getEvery()[i].getType(), type)) return emitOpError("leaves ") << getEvery()[i].getType() << " of steps of " << type;
  }
  for (auto [i, over] : llvm::enumerate(getOver()))
    if (!parts(over.getType(), block.getArgument(getInit().size() + i).getType()))
      return emitOpError("goes over ") << over.getType() << " in parts of " << block.getArgument(getInit().size() + i).getType();
  for (auto [i, same] : llvm::enumerate(getSame()))
    if (same.getType() != block.getArgument(getInit().size() + getOver().size() + i).getType()) return emitOpError("takes ") << same.getType() << " as another type";
  return success();
}

LogicalResult RoutineOp::verify() {
  auto routine = static_cast<acie::routines::Routine>(getRoutine());
  if (getX().size() != acie::routines::operands_of(routine)) return emitOpError("has the wrong number of operands");
  Type element = getElementTypeOrSelf(getX().front().getType());
  for (Value x : getX())
    if (failed(verifyElement(*this, x.getType(), getX().front().getType()))) return failure();
  if (acie::routines::makes_places(routine) ? !getElementTypeOrSelf(getY().getType()).isInteger(64) : getElementTypeOrSelf(getY().getType()) != element)
    return emitOpError("makes elements of the wrong type");
  if (acie::routines::floats_only(routine) && !isa<FloatType>(element)) return emitOpError("works on floats");
  auto shape = [](Type type) { return shapeOf(type).vec(); };
  // How many terms a transform of real numbers has is seen when the sizes are known.
  const bool halves = routine == acie::routines::Routine::RealFft || routine == acie::routines::Routine::InverseRealFft;
  if (halves && acie::sizes::any_open(shape(getX().front().getType()))) return success();
  if (!acie::routines::fits(routine, shape(getX().front().getType()), shape(getX().back().getType()), shape(getY().getType())))
    return emitOpError("does not make this shape of these");
  return success();
}

//===----------------------------------------------------------------------===//
// Inverses: of rearrangements, of products with a matrix, and of routines
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> rowMajor(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size());
  int64_t step = 1;
  for (size_t axis = shape.size(); axis-- > 0; step *= shape[axis]) strides[axis] = step;
  return strides;
}

static Value inShapeOf(Value value, RankedTensorType type, OpBuilder &b, Location loc) {
  if (value.getType() == type) return value;
  return b.create<ViewOp>(loc, type, value, 0, rowMajor(type.getShape()));
}

static Value transposed(Value matrix, OpBuilder &b, Location loc) {
  auto type = cast<RankedTensorType>(matrix.getType());
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  return b.create<ViewOp>(loc, type.clone({columns, rows}), matrix, 0, ArrayRef<int64_t>{1, columns});
}

/// The x that a x comes nearest y with, for more equations than unknowns. The normal equations square the condition of `a`:
/// two steps of refinement on the residual bring the accuracy back (Björck 1996, 2.9.3).
static Value leastSquares(Value a, Value y, OpBuilder &b, Location loc) {
  auto type = cast<RankedTensorType>(a.getType());
  const int64_t unknowns = type.getDimSize(1);
  Value turned = transposed(a, b, loc);
  auto square = type.clone({unknowns, unknowns});
  auto solution = type.clone({unknowns, cast<RankedTensorType>(y.getType()).getDimSize(1)});
  Value normal = b.create<ContractOp>(loc, square, turned, a);
  auto solve = [&](Value right) -> Value {
    return b.create<RoutineOp>(loc, solution, Routine::Solve, ValueRange{normal, b.create<ContractOp>(loc, solution, turned, right)});
  };
  Value x = solve(y);
  for (int step = 0; step < 2; ++step) {
    Value rest = b.create<arith::SubFOp>(loc, y, b.create<ContractOp>(loc, y.getType(), a, x));
    x = b.create<arith::AddFOp>(loc, x, solve(rest));
  }
  return x;
}

FailureOr<Value> ViewOp::buildInverse(OpBuilder &b, Location loc, unsigned, Value result, ArrayRef<Value>) {
  Type type = getX().getType();
  ArrayRef<int64_t> shape = shapeOf(getY().getType());
  int64_t count = countOf(type);
  if (countOf(getY().getType()) != count) return failure();
  SmallVector<int64_t> own = rowMajor(shapeOf(type));
  if (getOffset() == 0 && getStrides() == ArrayRef<int64_t>(rowMajor(shape))) return Value(b.create<ViewOp>(loc, type, result, 0, own));
  const auto sizesOf = [](ArrayRef<int64_t> sizes) { return std::vector<int64_t>(sizes.begin(), sizes.end()); };
  if (acie::sizes::any_open(sizesOf(shape))) {
    const auto undone = acie::sizes::undone(sizesOf(shapeOf(type)), sizesOf(shape), {static_cast<int64_t>(getOffset()), sizesOf(getStrides())});
    if (!undone) return failure();
    return Value(b.create<ViewOp>(loc, type, result, undone->offset, undone->strides));
  }
  // Where each element of the operand went.
  SmallVector<int64_t> at(count, -1);
  for (int64_t position = 0; position < count; ++position) {
    int64_t rest = position, place = getOffset();
    for (size_t axis = shape.size(); axis-- > 0; rest /= shape[axis]) place += rest % shape[axis] * getStrides()[axis];
    at[place] = position;
  }
  if (llvm::is_contained(at, -1) || shapeOf(type).empty()) return failure();
  auto places = DenseIntElementsAttr::get(RankedTensorType::get(shapeOf(type), b.getI64Type()), at);
  return Value(b.create<GatherOp>(loc, type, result, b.create<arith::ConstantOp>(loc, places)));
}

FailureOr<Value> ViewOp::buildLogDerivative(OpBuilder &, Location, unsigned, Value, ArrayRef<Value>) { return failure(); }

FailureOr<Value> ContractOp::buildInverse(OpBuilder &b, Location loc, unsigned operand, Value result, ArrayRef<Value> operands) {
  auto a = cast<RankedTensorType>(getA().getType()), c = cast<RankedTensorType>(getB().getType());
  RankedTensorType unknown = operand == 0 ? a : c, matrix = operand == 0 ? c : a;
  if (a.getRank() != 2 || c.getRank() != 2) return failure();
  if (matrix.getDimSize(0) != matrix.getDimSize(1)) {
    const int64_t equations = matrix.getDimSize(operand == 1 ? 0 : 1), unknowns = matrix.getDimSize(operand == 1 ? 1 : 0);
    if (acie::sizes::is_open(equations) || acie::sizes::is_open(unknowns) || equations < unknowns) return failure();
    auto shape = operand == 1 ? RankedTensorType::get({equations, c.getDimSize(1)}, a.getElementType())
                              : RankedTensorType::get({a.getDimSize(0), equations}, a.getElementType());
    Value product = inShapeOf(result, shape, b, loc);
    if (operand == 1) return leastSquares(operands[0], product, b, loc);
    return transposed(leastSquares(transposed(operands[1], b, loc), transposed(product, b, loc), b, loc), b, loc);
  }
  Value product = inShapeOf(result, unknown, b, loc);
  if (operand == 1) return Value(b.create<RoutineOp>(loc, unknown, Routine::Solve, ValueRange{operands[0], product}));
  // x m = y: mᵀ xᵀ = yᵀ.
  Value turned = transposed(product, b, loc);
  return transposed(b.create<RoutineOp>(loc, turned.getType(), Routine::Solve, ValueRange{transposed(operands[1], b, loc), turned}), b, loc);
}

FailureOr<Value> ContractOp::buildLogDerivative(OpBuilder &, Location, unsigned, Value, ArrayRef<Value>) { return failure(); }

/// What `values` are the sums of, along the last axis: each without the one before it.
static Value differences(Value values, OpBuilder &b, Location loc) {
  auto type = cast<RankedTensorType>(values.getType());
  auto places = RankedTensorType::get(type.getShape(), b.getI64Type());
  const auto number = [&](int64_t n) -> Value { return b.create<arith::ConstantOp>(loc, DenseElementsAttr::get(places, b.getI64IntegerAttr(n))); };
  SmallVector<int64_t> along(type.getRank(), 0);
  along.back() = 1;
  Value place = b.create<PlacesOp>(loc, places, 0, acie::sizes::row_major(type.getShape().vec()));
  Value before = b.create<GatherOp>(loc, type, values, b.create<arith::SubIOp>(loc, place, number(1)));
  Value first = b.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, b.create<PlacesOp>(loc, places, 0, along), number(0));
  return b.create<arith::SelectOp>(loc, first, values, b.create<arith::SubFOp>(loc, values, before));
}

/// A square matrix without what a solver of triangular systems does not read.
static Value triangleOf(Routine routine, Value matrix, OpBuilder &b, Location loc) {
  if (routine == Routine::Solve) return matrix;
  auto type = cast<RankedTensorType>(matrix.getType());
  auto places = RankedTensorType::get(type.getShape(), b.getI64Type());
  Value row = b.create<PlacesOp>(loc, places, 0, ArrayRef<int64_t>{1, 0}), column = b.create<PlacesOp>(loc, places, 0, ArrayRef<int64_t>{0, 1});
  auto side = routine == Routine::SolveLower ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle;
  Value zero = b.create<arith::ConstantOp>(loc, constantOf(type, 0.0));
  return b.create<arith::SelectOp>(loc, b.create<arith::CmpIOp>(loc, side, row, column), matrix, zero);
}

FailureOr<Value> RoutineOp::buildInverse(OpBuilder &b, Location loc, unsigned operand, Value result, ArrayRef<Value> operands) {
  auto type = cast<RankedTensorType>(getX()[operand].getType());
  switch (getRoutine()) {
    case Routine::CumulativeSum:
      if (!isa<FloatType>(type.getElementType())) return failure();
      return differences(result, b, loc);
    case Routine::Inverse: return Value(b.create<RoutineOp>(loc, type, Routine::Inverse, ValueRange{result}));
    case Routine::Solve:
    case Routine::SolveLower:
    case Routine::SolveUpper: {
      auto matrix = cast<RankedTensorType>(getX()[0].getType());
      if (operand != 1 || matrix.getRank() != 2) return failure();
      auto columns = type.clone({type.getDimSize(0), type.getRank() == 2 ? type.getDimSize(1) : 1});
      Value product = b.create<ContractOp>(loc, columns, triangleOf(getRoutine(), operands[0], b, loc), inShapeOf(result, columns, b, loc));
      return inShapeOf(product, type, b, loc);
    }
    default: return failure();
  }
}

FailureOr<Value> RoutineOp::buildLogDerivative(OpBuilder &, Location, unsigned, Value, ArrayRef<Value>) { return failure(); }
