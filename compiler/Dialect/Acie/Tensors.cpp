#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Support/Sizes.h"
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
