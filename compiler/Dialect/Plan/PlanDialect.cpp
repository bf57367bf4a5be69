#include "compiler/Dialect/Plan/PlanDialect.h"

#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace acie::plan;

#include "compiler/Dialect/Plan/PlanOpsDialect.cpp.inc"
#include "compiler/Dialect/Plan/PlanOpsEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "compiler/Dialect/Plan/PlanOpsAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "compiler/Dialect/Plan/PlanOpsTypes.cpp.inc"
#define GET_OP_CLASSES
#include "compiler/Dialect/Plan/PlanOps.cpp.inc"

void PlanDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/Dialect/Plan/PlanOpsAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "compiler/Dialect/Plan/PlanOpsTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compiler/Dialect/Plan/PlanOps.cpp.inc"
      >();
}

LogicalResult BufferType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, Type elementType, Space) {
  if (auto tensor = llvm::dyn_cast<RankedTensorType>(elementType); tensor && tensor.hasStaticShape()) elementType = tensor.getElementType();
  if (elementType.isF64() || elementType.isF32() || elementType.isSignlessInteger(64) ||
      elementType.isSignlessInteger(32) || elementType.isSignlessInteger(1))
    return success();
  return emitError() << "a buffer's element is f64, f32, i64, i32 or i1, not " << elementType;
}

LogicalResult ColumnOp::verify() {
  if ((getRole() == ColumnRole::DoAsk) != static_cast<bool>(getPresence()))
    return emitOpError("has a presence result exactly when its role is do_ask");
  if (!getPresence()) return success();
  Type presence = cast<BufferType>(getPresence().getType()).getElementType();
  if (!presence.isSignlessInteger(1)) return emitOpError("has presence of type ") << presence << ", expected i1";
  return success();
}

/// A buffer's element of one point, and what a loop over its elements sees.
static Type numberOf(BufferType buffer) {
  auto tensor = dyn_cast<RankedTensorType>(buffer.getElementType());
  return tensor ? tensor.getElementType() : buffer.getElementType();
}
static ArrayRef<int64_t> shapeOf(BufferType buffer) {
  auto tensor = dyn_cast<RankedTensorType>(buffer.getElementType());
  return tensor ? tensor.getShape() : ArrayRef<int64_t>();
}

LogicalResult ClusterOp::verify() {
  Block &block = getBody().front();
  ArrayRef<int64_t> shape = getOutputs().empty() ? ArrayRef<int64_t>() : shapeOf(cast<BufferType>(getOutputs().front().getType()));
  unsigned expected = getInputs().size() + getScalars().size();
  if (block.getNumArguments() != expected)
    return emitOpError("has ") << block.getNumArguments() << " block arguments for " << expected << " operands";
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    auto buffer = cast<BufferType>(input.getType());
    if (!shapeOf(buffer).empty() && shapeOf(buffer) != shape)
      return emitOpError("input ") << i << " has another shape than the results";
    if (numberOf(buffer) != block.getArgument(i).getType())
      return emitOpError("input ") << i << " holds " << buffer.getElementType() << " but its block argument is "
                                   << block.getArgument(i).getType();
    if (buffer.getSpace() < getSpace())
      return emitOpError("input ") << i << " lies in the space '" << stringifySpace(buffer.getSpace())
                                   << "', which is inside the cluster's";
  }
  for (auto [i, scalar] : llvm::enumerate(getScalars())) {
    Type argument = block.getArgument(getInputs().size() + i).getType();
    if (scalar.getType() != argument)
      return emitOpError("scalar ") << i << " is " << scalar.getType() << " but its block argument is " << argument;
    if (!scalar.getDefiningOp<ScalarOp>()) return emitOpError("scalar ") << i << " is no plan.scalar";
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield) return emitOpError("body does not end in plan.yield");
  if (yield.getValues().size() != getOutputs().size())
    return emitOpError("yields ") << yield.getValues().size() << " values for " << getOutputs().size() << " results";
  for (auto [i, pair] : llvm::enumerate(llvm::zip(yield.getValues(), getOutputs()))) {
    auto buffer = cast<BufferType>(std::get<1>(pair).getType());
    if (shapeOf(buffer) != shape) return emitOpError("results have different shapes");
    if (numberOf(buffer) != std::get<0>(pair).getType())
      return emitOpError("yields ") << std::get<0>(pair).getType() << " for result " << i << " of " << buffer;
    if (buffer.getSpace() != getSpace())
      return emitOpError("result ") << i << " lies in the space '" << stringifySpace(buffer.getSpace())
                                    << "', not in the cluster's";
  }
  for (Operation &op : block)
    if (op.getNumRegions() != 0 && !isa<RepeatOp>(op))
      return emitOpError("body is not straight-line: it holds '") << op.getName() << "'";
  return success();
}

LogicalResult LoopOp::verify() {
  Block &block = getBody().front();
  if (getSteps() < 1) return emitOpError("takes at least one step");
  if (block.getNumArguments() != getInit().size() + getOver().size()) return emitOpError("has ") << block.getNumArguments() << " block arguments for " << getNumOperands() << " operands";
  auto next = dyn_cast<NextOp>(block.getTerminator());
  if (!next || next.getValues().size() != getInit().size()) return emitOpError("body does not end in a plan.next of what is carried");
  for (auto [argument, value] : llvm::zip(block.getArguments(), next.getValues())) {
    if (argument.getType() != value.getType()) return emitOpError("carries ") << argument.getType() << " on as " << value.getType();
    if (!value.getDefiningOp() || value.getDefiningOp()->getBlock() != &block) return emitOpError("carries on what its body does not compute");
  }
  if (getLast().size() != getLastValues().size() || getEvery().size() != getEveryValues().size()) return emitOpError("has a result per number");
  for (ArrayRef<int32_t> numbers : {getLast(), getEvery()})
    for (int32_t number : numbers)
      if (number < 0 || number >= static_cast<int32_t>(getInit().size())) return emitOpError("carries no value ") << number;
  return success();
}

LogicalResult RepeatOp::verify() {
  Block &block = getBody().front();
  const int64_t steps = getSteps();
  if (steps < 1) return emitOpError("takes at least one step");
  if (getOver().size() % steps != 0 || getEveryValues().size() % steps != 0) return emitOpError("has series of other than ") << steps << " steps";
  SmallVector<Type> expected(getInit().getTypes());
  for (unsigned series = 0; series < numSeries(); ++series) {
    auto argument = [&](int64_t step) { return dyn_cast<BlockArgument>(getOver()[series * steps + step]); };
    auto isInput = [&](BlockArgument a) { return a.getArgNumber() < cast<ClusterOp>(getOperation()->getParentOp()).getInputs().size(); };
    BlockArgument first = argument(0);
    for (int64_t step = 0; step < steps; ++step) {
      BlockArgument each = argument(step);
      if (!each || each.getOwner() != getOperation()->getBlock() || each.getType() != first.getType() || isInput(each) != isInput(first))
        return emitOpError("series ") << series << " is not of arguments of the cluster of one kind";
    }
    expected.push_back(first.getType());
  }
  for (Attribute table : getTables()) {
    auto elements = dyn_cast<DenseElementsAttr>(table);
    if (!elements || elements.getNumElements() != steps) return emitOpError("has a table of other than ") << steps << " steps";
    expected.push_back(elements.getElementType());
  }
  if (block.getArgumentTypes() != TypeRange(expected)) return emitOpError("has block arguments of other types than its operands");
  auto advance = dyn_cast<AdvanceOp>(block.getTerminator());
  if (!advance || advance.getNext().getTypes() != getInit().getTypes() || advance.getLast().getTypes() != getLastValues().getTypes() ||
      advance.getEvery().size() * steps != getEveryValues().size())
    return emitOpError("body does not end in a plan.advance of what is carried and what results");
  auto yields = [](Value value) { return llvm::count_if(value.getUsers(), [](Operation *user) { return isa<YieldOp>(user); }); };
  for (auto [n, value] : llvm::enumerate(getEveryValues())) {
    if (value.getType() != advance.getEvery()[n / steps].getType()) return emitOpError("result of each step ") << n << " has another type";
    const auto count = yields(value);
    if (count > 1 || count != yields(getEveryValues()[n - n % steps])) return emitOpError("yields some steps of a series and not others");
  }
  for (Operation &op : block)
    if (op.getNumRegions() != 0) return emitOpError("body is not straight-line: it holds '") << op.getName() << "'";
  return success();
}

/// Of the tensor at each point; empty: a number.
static ArrayRef<int64_t> pointShape(Value buffer) {
  auto tensor = dyn_cast<RankedTensorType>(cast<BufferType>(buffer.getType()).getElementType());
  return tensor ? tensor.getShape() : ArrayRef<int64_t>();
}

LogicalResult ReduceOp::verify() {
  Space to = getOutput().getType().getSpace();
  if (!getInput()) {
    if (getReducer() != Reducer::Count) return emitOpError("without an operand is only for count");
    if (to != Space::Table) return emitOpError("counts rows, so its result lies in the space 'table'");
  } else if (Space from = cast<BufferType>(getInput().getType()).getSpace(); from >= to) {
    return emitOpError("goes from the space '") << stringifySpace(from) << "' to '" << stringifySpace(to)
                                                << "', which is not outside it";
  } else if (pointShape(getInput()) != pointShape(getOutput())) {
    return emitOpError("has a result of another shape than its operand");
  }
  if ((getReducer() == Reducer::Quantile) != getLevel().has_value())
    return emitOpError("has a level exactly when it is a quantile");
  if (!getInput() && !pointShape(getOutput()).empty()) return emitOpError("counts into a number");
  if (getStandardError() && getStandardError().getType() != getOutput().getType())
    return emitOpError("has a standard error of another type than its result");
  return success();
}

LogicalResult OutputOp::verify() {
  if (static_cast<bool>(getValue()) == getJackknifeOf().has_value())
    return emitOpError("has either a buffer or jackknife_of");
  return success();
}

LogicalResult StatusOp::verify() {
  if (!getValue().getType().getElementType().isSignlessInteger(32)) return emitOpError("takes an i32 buffer");
  return success();
}

LogicalResult ViolationOp::verify() {
  if (!getResidual().getType().getElementType().isF64()) return emitOpError("takes an f64 buffer of residuals");
  if (!getHolds().getType().getElementType().isSignlessInteger(1)) return emitOpError("takes an i1 buffer");
  return success();
}
