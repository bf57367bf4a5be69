#include "compiler/Transforms/FormClusters/ClusterFormer.h"

#include "compiler/Support/Sizes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace acie;

namespace acie::transforms {

static plan::Reducer reducerOf(Operation *op) {
  if (auto rows = dyn_cast<ir::RowsOp>(op)) {
    switch (rows.getReducer()) {
      case ir::RowReducer::Mean: return plan::Reducer::Mean;
      case ir::RowReducer::Sum: return plan::Reducer::Sum;
      case ir::RowReducer::Variance: return plan::Reducer::Variance;
      case ir::RowReducer::Min: return plan::Reducer::Min;
      case ir::RowReducer::Max: return plan::Reducer::Max;
      case ir::RowReducer::Count: return plan::Reducer::Count;
    }
  }
  switch (cast<ir::ExpectOp>(op).getEstimator()) {
    case ir::Estimator::Mean:
    case ir::Estimator::Probability: return plan::Reducer::Mean;
    case ir::Estimator::Variance: return plan::Reducer::Variance;
    case ir::Estimator::StdDev: return plan::Reducer::StdDev;
    case ir::Estimator::Quantile: return plan::Reducer::Quantile;
    case ir::Estimator::Min: return plan::Reducer::Min;
    case ir::Estimator::Max: return plan::Reducer::Max;
  }
  llvm_unreachable("all estimators are handled");
}

void ClusterFormer::demand(Value value, Place place) {
  if (isBuffer(value) && placement->of(value) == place) {
    if (Operation *op = value.getDefiningOp()) need(op);
  } else {
    clusters[place].results.insert(value);
  }
}

void ClusterFormer::need(Operation *op) {
  if (!buffers.insert(op) || isa<ir::ColumnOp, ir::PresentOp>(op) || op->getNumOperands() == 0) return;
  for (Value operand : op->getOperands()) demand(operand, operandPlace(op, operand));
}

/// Where a reduction or an operation on tensors finds an operand.
Place ClusterFormer::operandPlace(Operation *op, Value operand) const {
  if (isTensorOperation(op)) return placement->ofBuffer(operand);
  return placement->of(operand).value_or(Place{0, placement->rows(), ir::shapeOf(operand.getType()).vec()});
}

void ClusterFormer::collect() {
  // A cluster asks for values of earlier ones only, so going backwards every demand is known in time.
  for (auto cluster = clusters.rbegin(); cluster != clusters.rend(); ++cluster) collect(cluster->first, cluster->second);
}

/// Finds the operations and inputs of a cluster, and asks for what it reads from others.
void ClusterFormer::collect(const Place &place, Cluster &cluster) {
  SmallVector<Value> work(cluster.results.begin(), cluster.results.end());
  llvm::DenseSet<Value> visited(work.begin(), work.end());
  llvm::DenseSet<Value> inputs;
  while (!work.empty()) {
    Value value = work.pop_back_val();
    std::optional<Place> own = placement->of(value);
    if (isBuffer(value) || (own && *own != place)) {
      inputs.insert(value);
      demand(value, *own);
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (isa<ir::SlotOp>(op)) slots.insert(op);
    cluster.operations.insert(op);
    for (Value operand : op->getOperands())
      if (visited.insert(operand).second) work.push_back(operand);
  }
  // In the order of the block, so that equal programs give equal plans.
  for (BlockArgument argument : block.getArguments())
    if (inputs.contains(argument)) cluster.inputs.insert(argument);
  for (Operation &op : block)
    for (Value result : op.getResults())
      if (inputs.contains(result)) cluster.inputs.insert(result);
}

void ClusterFormer::emitClusters() {
  emitReductions();
  for (auto &[place, cluster] : clusters) {
    emit(place, cluster);
    emitReductions();
  }
}

Value ClusterFormer::bufferOf(Operation *op, Value operand) const { return buffer.lookup({operand, operandPlace(op, operand)}); }

/// The reductions whose operand is there by now.
void ClusterFormer::emitReductions() {
  for (Operation &op : block) {
    if (!buffers.contains(&op) || !(isa<ir::ExpectOp, ir::RowsOp>(op) || isTensorOperation(&op))) continue;
    Place to = *placement->of(op.getResult(0));
    if (llvm::any_of(op.getResults(), [&](Value result) { return buffer.contains({result, *placement->of(result)}); })) continue;
    if (auto loop = dyn_cast<ir::LoopOp>(op)) {
      emitLoop(loop, to);
      continue;
    }
    if (isTensorOperation(&op)) {
      emitTensorOperation(&op, to);
      continue;
    }
    Value input;
    if (op.getNumOperands() != 0) {
      Value operand = op.getOperand(0);
      input = buffer.lookup({operand, operandPlace(&op, operand)});
      if (!input) continue;
    }
    Type type = bufferType(op.getResult(0).getType(), to.space);
    Type error = withError.contains(&op) ? type : Type();
    FloatAttr level;
    if (auto expect = dyn_cast<ir::ExpectOp>(op)) level = expect.getLevelAttr();
    auto reduce = b.create<plan::ReduceOp>(
        op.getLoc(), type, error, plan::ReducerAttr::get(b.getContext(), reducerOf(&op)), level, input);
    buffer[{op.getResult(0), to}] = reduce.getOutput();
    if (error) errors[&op] = reduce.getStandardError();
  }
}

void ClusterFormer::emitTensorOperation(Operation *op, const Place &to) {
  SmallVector<Value> inputs;
  for (Value operand : op->getOperands()) {
    inputs.push_back(bufferOf(op, operand));
    if (!inputs.back()) return;
  }
  Type type = bufferType(op->getResult(0).getType(), to.space);
  MLIRContext *context = b.getContext();
  auto make = [&](plan::TensorKind kind, plan::FoldingAttr folding = {}, IntegerAttr offset = {}, DenseI64ArrayAttr strides = {}, plan::RoutineAttr routine = {}, IntegerAttr module = {}) {
    return b.create<plan::TensorOp>(op->getLoc(), type, plan::TensorKindAttr::get(context, kind), inputs, folding, routine, offset, strides, plan::ActivationAttr(), module);
  };
  plan::TensorOp made;
  if (auto view = dyn_cast<ir::ViewOp>(op))
    made = make(plan::TensorKind::View, {}, view.getOffsetAttr(), view.getStridesAttr());
  else if (auto places = dyn_cast<ir::PlacesOp>(op))
    made = make(plan::TensorKind::Places, {}, places.getOffsetAttr(), places.getStridesAttr());
  else if (auto fold = dyn_cast<ir::FoldOp>(op))
    made = make(plan::TensorKind::Fold, plan::FoldingAttr::get(context, static_cast<plan::Folding>(fold.getFolding())));
  else if (auto algorithm = dyn_cast<ir::RoutineOp>(op))
    made = make(plan::TensorKind::Routine, {}, {}, {}, plan::RoutineAttr::get(context, static_cast<plan::Routine>(algorithm.getRoutine())));
  else if (auto external = dyn_cast<ir::ExternOp>(op))
    made = make(plan::TensorKind::Extern, {}, {}, {}, {}, external.getModuleAttr());
  else
    made = make(isa<ir::GatherOp>(op) ? plan::TensorKind::Gather : isa<ir::ConcatOp>(op) ? plan::TensorKind::Concat : plan::TensorKind::Contract);
  buffer[{op->getResult(0), to}] = made.getOutput();
}

StringRef ClusterFormer::suffix(plan::Space space) const {
  switch (space) {
    case plan::Space::Inner: return hasDraws ? "draws" : "rows";
    case plan::Space::Row: return "rows";
    case plan::Space::Table: return "table";
  }
  llvm_unreachable("all spaces are handled");
}

void ClusterFormer::emit(const Place &place, Cluster &cluster) {
  Location loc = block.getParentOp()->getLoc();
  SmallVector<Value> inputs, arguments;
  for (Value input : cluster.inputs) inputs.push_back(buffer.lookup({input, *placement->of(input)}));
  SmallVector<Operation *> used;
  for (Operation &op : block)
    if (isa<ir::SlotOp>(op) && cluster.operations.contains(&op)) used.push_back(&op);
  for (Operation *slot : used) arguments.push_back(scalars.lookup(slot));
  SmallVector<Type> types;
  for (Value result : cluster.results) types.push_back(bufferType(result.getType(), place.space));
  std::string shape;
  for (int64_t size : place.shape) shape += (shape.empty() ? "." : "x") + acie::sizes::text(size);
  std::string full = (Twine(name) + "." + suffix(place.space) +
                      (place.phase > 0 ? "." + Twine(place.phase) : Twine()) + shape).str();
  auto op = b.create<plan::ClusterOp>(loc, types, full, ordinal++, place.space, inputs, arguments,
                                      IntegerAttr());
  Block &body = op.getBody().emplaceBlock();
  IRMapping mapping;
  for (Value input : cluster.inputs)
    mapping.map(input, body.addArgument(getElementTypeOrSelf(input), input.getLoc()));
  for (Operation *slot : used)
    mapping.map(slot->getResult(0), body.addArgument(slot->getResult(0).getType(), slot->getLoc()));
  OpBuilder inside = OpBuilder::atBlockEnd(&body);
  for (Operation &part : block)
    if (cluster.operations.contains(&part) && !isa<ir::SlotOp>(part)) copyElement(part, inside, mapping);
  SmallVector<Value> yields;
  for (Value result : cluster.results) yields.push_back(mapping.lookup(result));
  inside.create<plan::YieldOp>(loc, yields);
  for (auto [value, output] : llvm::zip(cluster.results, op.getOutputs())) buffer[{value, place}] = output;
  if (report)
    emitRemark(loc) << "cluster '" << full << "' over " << plan::stringifySpace(place.space) << ": "
                    << body.getOperations().size() - 1 << " operations, " << inputs.size() << " inputs, "
                    << arguments.size() << " scalars, " << yields.size() << " outputs";
}

/// An operation as it is on one element of its tensors.
void ClusterFormer::copyElement(Operation &op, OpBuilder &inside, IRMapping &mapping) {
  if (auto splat = dyn_cast<ir::SplatOp>(op)) return mapping.map(splat.getY(), mapping.lookup(splat.getX()));
  auto constant = dyn_cast<arith::ConstantOp>(op);
  if (auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr())
    return mapping.map(constant.getResult(), inside.create<arith::ConstantOp>(op.getLoc(), cast<TypedAttr>(elements.getSplatValue<Attribute>())).getResult());
  Operation *copy = inside.clone(op, mapping);
  for (Value result : copy->getResults()) result.setType(getElementTypeOrSelf(result));
}

void ClusterFormer::emitLoop(ir::LoopOp loop, const Place &to) {
  auto there = [&](ValueRange operands, SmallVector<Value> &found) {
    for (Value operand : operands) found.push_back(bufferOf(loop, operand));
    return llvm::all_of(found, [](Value value) { return static_cast<bool>(value); });
  };
  SmallVector<Value> init, over, same;
  if (!there(loop.getInit(), init) || !there(loop.getOver(), over) || !there(loop.getSame(), same)) return;
  SmallVector<int32_t> last, every;
  SmallVector<Type> lastTypes, everyTypes;
  for (int32_t i = 0; i < static_cast<int32_t>(init.size()); ++i) {
    auto want = [&](Value result, SmallVector<int32_t> &numbers, SmallVector<Type> &types) {
      if (result.use_empty()) return;
      numbers.push_back(i);
      types.push_back(bufferType(result.getType(), to.space));
    };
    want(loop.getLast()[i], last, lastTypes);
    want(loop.getEvery()[i], every, everyTypes);
  }
  auto made = b.create<plan::LoopOp>(loop.getLoc(), lastTypes, everyTypes, loop.getSteps(), init, over, last, every);
  formBody(loop, made, same, to.space);
  auto keep = [&](ArrayRef<int32_t> numbers, ValueRange from, ValueRange results) {
    for (auto [number, result] : llvm::zip(numbers, results)) buffer[{from[number], *placement->of(from[number])}] = result;
  };
  keep(last, loop.getLast(), made.getLastValues());
  keep(every, loop.getEvery(), made.getEveryValues());
}

void ClusterFormer::formBody(ir::LoopOp loop, plan::LoopOp made, ArrayRef<Value> same, plan::Space space) {
  Block &body = made.getBody().emplaceBlock();
  ClusterFormer former(loop.getBody().front(), OpBuilder::atBlockEnd(&body), (Twine(name) + ".step").str(), ordinal);
  former.hasDraws = hasDraws;
  former.report = report;
  former.placement.emplace(former.block, hasDraws, space);
  const size_t own = loop.getInit().size() + loop.getOver().size();
  for (BlockArgument argument : former.block.getArguments()) {
    Value given = argument.getArgNumber() < own ? Value(body.addArgument(bufferType(argument.getType(), space), argument.getLoc()))
                                                : same[argument.getArgNumber() - own];
    former.buffer[{argument, *former.placement->of(argument)}] = given;
  }
  auto next = cast<ir::NextOp>(former.block.getTerminator());
  for (Value value : next.getValues()) former.demand(value, former.placement->ofBuffer(value));
  former.collect();
  // Constants lie outside.
  Operation *outermost = made;
  while (isa<plan::LoopOp>(outermost->getParentOp())) outermost = outermost->getParentOp();
  for (Operation *op : former.buffers)
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      former.buffer[{constant, *former.placement->of(constant)}] =
          OpBuilder(outermost).create<plan::DenseOp>(op->getLoc(), bufferType(constant.getType(), plan::Space::Table), cast<ElementsAttr>(constant.getValue()));
  former.emitClusters();
  SmallVector<Value> left;
  llvm::DenseSet<Value> taken;
  for (Value value : next.getValues()) {
    Value found = former.buffer.lookup({value, former.placement->ofBuffer(value)});
    // What is carried on is a buffer of its own.
    if (found.getParentBlock() != &body || isa<BlockArgument>(found) || !taken.insert(found).second) found = former.copy(found, space);
    left.push_back(found);
  }
  former.b.create<plan::NextOp>(loop.getLoc(), left);
}

Value ClusterFormer::copy(Value from, plan::Space space) {
  Type element = cast<plan::BufferType>(from.getType()).getElementType();
  SmallVector<int64_t> strides(ir::shapeOf(element));
  int64_t step = 1;
  for (int64_t &stride : llvm::reverse(strides)) step *= std::exchange(stride, step);
  return b.create<plan::TensorOp>(from.getLoc(), bufferType(element, space), plan::TensorKindAttr::get(b.getContext(), plan::TensorKind::View), from,
                                  plan::FoldingAttr(), plan::RoutineAttr(), b.getI64IntegerAttr(0), b.getDenseI64ArrayAttr(strides), plan::ActivationAttr(), IntegerAttr()).getOutput();
}

}  // namespace acie::transforms
