#include <map>

#include "compiler/Transforms/FormClusters/Placement.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/Simplify.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

namespace acie::transforms {
#define GEN_PASS_DEF_FORMCLUSTERS
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;
using namespace acie::transforms;

namespace {

//===----------------------------------------------------------------------===//
// Before clustering: estimates of what is not random, requirements as one status
//===----------------------------------------------------------------------===//

Value toF64(Value value, OpBuilder &b, Location loc) {
  if (value.getType().isF64()) return value;
  if (value.getType().isF32()) return b.create<arith::ExtFOp>(loc, b.getF64Type(), value);
  if (value.getType().isSignlessInteger(1)) return b.create<arith::UIToFPOp>(loc, b.getF64Type(), value);
  return b.create<arith::SIToFPOp>(loc, b.getF64Type(), value);
}

/// What does not depend on a random number is its own mean and quantile, and has no variance. A probability becomes the
/// mean of 0 and 1.
void resolveEstimates(Block &program) {
  llvm::DenseSet<Value> random;
  for (Operation &op : llvm::make_early_inc_range(program)) {
    if (isa<ir::UniformOp>(op)) random.insert(op.getResult(0));
    bool depends = llvm::any_of(op.getOperands(), [&](Value operand) { return random.contains(operand); });
    auto expect = dyn_cast<ir::ExpectOp>(op);
    if (!expect) {
      if (depends)
        for (Value result : op.getResults()) random.insert(result);
      continue;
    }
    OpBuilder b(&op);
    Value operand = toF64(expect.getOperand(), b, op.getLoc());
    if (depends) {
      if (expect.getEstimator() == ir::Estimator::Probability) expect.setEstimator(ir::Estimator::Mean);
      expect.getOperandMutable().assign(operand);
      continue;
    }
    bool spread = expect.getEstimator() == ir::Estimator::Variance || expect.getEstimator() == ir::Estimator::StdDev;
    Value value = spread ? b.create<arith::ConstantOp>(op.getLoc(), b.getF64FloatAttr(0.0)).getResult() : operand;
    expect.getValue().replaceAllUsesWith(value);
    op.erase();
  }
  simplify(program);
}

bool isRandom(Block &program) {
  return llvm::any_of(program, [](Operation &op) { return isa<ir::UniformOp>(op); });
}

/// A violation in each draw or row is reported as the largest one, where the answer has fewer rows than that.
void summariseViolation(Block &program, plan::Space answer, bool hasDraws) {
  for (auto violation : program.getOps<ir::ViolationOp>()) {
    OpBuilder b(violation);
    Location loc = violation.getLoc();
    Value residual = violation.getResidual(), holds = violation.getHolds();
    Value each = toF64(holds, b, loc);
    if (hasDraws && answer > plan::Space::Inner) {
      residual = b.create<ir::ExpectOp>(loc, b.getF64Type(), ir::Estimator::Max, FloatAttr(), residual);
      each = b.create<ir::ExpectOp>(loc, b.getF64Type(), ir::Estimator::Min, FloatAttr(), each);
    }
    if (answer == plan::Space::Table) {
      residual = b.create<ir::RowsOp>(loc, b.getF64Type(), ir::RowReducer::Max, residual);
      each = b.create<ir::RowsOp>(loc, b.getF64Type(), ir::RowReducer::Min, each);
    }
    if (residual == violation.getResidual()) continue;
    Value one = b.create<arith::ConstantOp>(loc, b.getF64FloatAttr(1.0));
    holds = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OEQ, each, one);
    violation->setOperands({residual, holds});
  }
}

/// Replaces all requirements by one number: 0, or the 1-based index in `reasons` of the last that fails in program order.
/// Null if there are none.
///
/// The number is updated where each condition becomes known, so that no condition stays alive to the end. Among 64-bit
/// numbers it is 64 bits wide until the end, so that a selection is one instruction on vectors.
Value buildStatus(Block &program, SmallVectorImpl<Attribute> &reasons) {
  SmallVector<std::pair<Value, int>> conditions;
  llvm::DenseMap<Attribute, int> numberOf;
  for (auto require : llvm::make_early_inc_range(program.getOps<ir::RequireOp>())) {
    if (!matchPattern(require.getCondition(), m_One())) {
      int &reason = numberOf[require.getReasonAttr()];
      if (reason == 0) {
        reasons.push_back(require.getReasonAttr());
        reason = reasons.size();
      }
      conditions.emplace_back(require.getCondition(), reason);
    }
    require.erase();
  }
  if (conditions.empty()) return {};
  llvm::stable_sort(conditions, [](const auto &a, const auto &c) {
    Operation *first = a.first.getDefiningOp(), *second = c.first.getDefiningOp();
    return first != second && first->isBeforeInBlock(second);
  });
  Location loc = program.getParentOp()->getLoc();
  OpBuilder b = OpBuilder::atBlockBegin(&program);
  bool wide = llvm::any_of(program, [](Operation &op) {
    return llvm::any_of(op.getResultTypes(), [](Type type) { return getElementTypeOrSelf(type).getIntOrFloatBitWidth() == 64; });
  });
  Type type = wide ? b.getI64Type() : b.getI32Type();
  SmallVector<Value> numbers;
  for (size_t n = 0; n <= reasons.size(); ++n)
    numbers.push_back(b.create<arith::ConstantOp>(loc, b.getIntegerAttr(type, n)));
  Value status = numbers.front();
  for (auto [condition, reason] : conditions) {
    Operation *known = condition.getDefiningOp();
    if (status != numbers.front() && !status.getDefiningOp()->isBeforeInBlock(known)) known = status.getDefiningOp();
    b.setInsertionPointAfter(known);
    status = b.create<arith::SelectOp>(loc, condition, status, numbers[reason]);
  }
  return wide ? b.create<arith::TruncIOp>(loc, b.getI32Type(), status).getResult() : status;
}

//===----------------------------------------------------------------------===//
// Clustering
//===----------------------------------------------------------------------===//

plan::Reducer reducerOf(Operation *op) {
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

/// Builds the entry of one query.
class Former {
 public:
  Former(ir::QueryOp query, ir::ProgramOp program, int &ordinal, bool report)
      : query(query), program(program.getBody().front()), ordinal(ordinal), report(report), b(query) {}

  LogicalResult run() {
    hasDraws = isRandom(program) || query.getShape() == ir::Shape::PerDraw;
    summariseViolation(program, answerSpace(), hasDraws);
    resolveEstimates(program);
    hasDraws = isRandom(program) || query.getShape() == ir::Shape::PerDraw;
    SmallVector<Attribute> reasons;
    Value status = buildStatus(program, reasons);
    placement.emplace(program, hasDraws);
    answer = answerSpace();
    for (Operation &op : program)
      if (isa<ir::ExpectOp>(op) || llvm::any_of(op.getOperands(), [&](Value v) { return estimates.contains(v); }))
        estimates.insert(op.result_begin(), op.result_end());

    auto shape = static_cast<plan::Shape>(query.getShape());
    entry = b.create<plan::EntryOp>(query.getLoc(), query.getSymName(), query.getModel(), shape,
                                    query.getReadsTable(), hasDraws, b.getArrayAttr(reasons));
    for (StringRef name : {"evaluations", "distinct"})
      if (Attribute number = program.getParentOp()->getAttr(name)) entry->setAttr(name, number);
    b.setInsertionPointToStart(&entry.getBody().emplaceBlock());

    if (failed(demandAnswers(status))) return failure();
    // A cluster asks for values of earlier ones only, so going backwards every demand is known in time.
    for (auto cluster = clusters.rbegin(); cluster != clusters.rend(); ++cluster)
      if (failed(collect(cluster->first, cluster->second))) return failure();
    createLeaves();
    emitReductions();
    for (auto &[place, cluster] : clusters) {
      emit(place, cluster);
      emitReductions();
    }
    emitAnswers(status);
    return success();
  }

 private:
  struct Cluster {
    llvm::SetVector<Value> results;          // what it yields
    llvm::DenseSet<Operation *> operations;  // its body
    llvm::SetVector<Value> inputs;           // program values it reads from buffers
  };

  plan::Space answerSpace() {
    switch (query.getShape()) {
      case ir::Shape::PerDraw: return plan::Space::Inner;
      case ir::Shape::PerRow: return hasDraws ? plan::Space::Row : plan::Space::Inner;
      case ir::Shape::Once:
        if (query.getReadsTable()) return plan::Space::Table;
        return hasDraws ? plan::Space::Row : plan::Space::Inner;
    }
    llvm_unreachable("all shapes are handled");
  }

  /// Where the buffer of an answer comes from. It may lie outside the answer's space: then one value answers for many.
  FailureOr<Place> placeIn(Value value, plan::Space space, Location loc) {
    std::optional<Place> own = placement->of(value);
    if (!own) return Place{0, space, ir::shapeOf(value.getType()).vec()};
    if (own->space < space) {
      emitError(loc) << "a value of each element of the space '" << plan::stringifySpace(own->space)
                     << "' is used in the space '" << plan::stringifySpace(space) << "'";
      return failure();
    }
    return *own;
  }

  /// Asks for a buffer of `value` at `place`.
  void demand(Value value, Place place) {
    Operation *op = value.getDefiningOp();
    if (isBuffer(op) && placement->of(value) == place)
      need(op);
    else
      clusters[place].results.insert(value);
  }

  /// Asks for a column, or for a reduction and its operand.
  void need(Operation *op) {
    if (!buffers.insert(op) || isa<ir::ColumnOp, ir::PresentOp>(op) || op->getNumOperands() == 0) return;
    for (Value operand : op->getOperands()) demand(operand, operandPlace(op, operand));
  }

  /// Where a reduction or an operation on tensors finds an operand.
  Place operandPlace(Operation *op, Value operand) {
    if (isTensorOperation(op)) return placement->ofBuffer(operand);
    return placement->of(operand).value_or(Place{0, placement->rows(), {}});
  }

  LogicalResult demandAnswers(Value status) {
    for (auto output : program.getOps<ir::OutputOp>()) {
      if (output.getForm() == ir::Form::StandardError && dependsOnEstimate(output.getOperand())) {
        if (auto estimate = output.getOperand().getDefiningOp<ir::ExpectOp>()) {
          need(estimate);
          withError.insert(estimate);
        }
        continue;
      }
      Value value = output.getOperand();
      if (output.getForm() == ir::Form::StandardError) {  // of a number that is known: none
        OpBuilder before(output);
        value = before.create<arith::ConstantOp>(output.getLoc(), before.getF64FloatAttr(0.0));
        output.getOperandMutable().assign(value);
      }
      FailureOr<Place> place = placeIn(value, answer, output.getLoc());
      if (failed(place)) return failure();
      demand(value, *place);
    }
    if (status) demand(status, statusPlace(status));
    for (auto violation : program.getOps<ir::ViolationOp>())
      for (Value value : violation.getOperands()) {
        FailureOr<Place> place = placeIn(value, answer, violation.getLoc());
        if (failed(place)) return failure();
        demand(value, *place);
      }
    return success();
  }

  bool dependsOnEstimate(Value value) const { return estimates.contains(value); }

  Place statusPlace(Value status) {
    std::optional<Place> own = placement->of(status);
    return {own ? own->phase : 0, plan::Space::Inner, {}};
  }

  /// Finds the operations and inputs of a cluster, and asks for what it reads from others.
  LogicalResult collect(Place place, Cluster &cluster) {
    SmallVector<Value> work(cluster.results.begin(), cluster.results.end());
    llvm::DenseSet<Value> visited(work.begin(), work.end());
    llvm::DenseSet<Value> inputs;
    while (!work.empty()) {
      Value value = work.pop_back_val();
      Operation *op = value.getDefiningOp();
      std::optional<Place> own = placement->of(value);
      if (isBuffer(op) || (own && *own != place)) {
        inputs.insert(value);
        demand(value, *own);
        continue;
      }
      if (isa<ir::SlotOp>(op)) slots.insert(op);
      cluster.operations.insert(op);
      for (Value operand : op->getOperands())
        if (visited.insert(operand).second) work.push_back(operand);
    }
    for (Operation &op : program)  // in program order, so that equal programs give equal plans
      for (Value result : op.getResults())
        if (inputs.contains(result)) cluster.inputs.insert(result);
    return success();
  }

  plan::BufferType bufferType(Type element, plan::Space space) {
    return plan::BufferType::get(b.getContext(), element, space);
  }

  /// Columns and scalars, in the order of the program.
  void createLeaves() {
    for (Operation &op : program) {
      if (auto column = dyn_cast<ir::ColumnOp>(op); column && buffers.contains(&op)) {
        createColumn(column.getNameAttr(), column.getRole(), column.getValue().getType(), op.getLoc());
        buffer[{column.getValue(), *placement->of(column.getValue())}] = columns[column.getNameAttr()].getValues();
      }
      if (auto present = dyn_cast<ir::PresentOp>(op); present && buffers.contains(&op)) {
        createColumn(present.getNameAttr(), ir::ColumnRole::DoAsk, columnType(present.getNameAttr()), op.getLoc());
        buffer[{present.getValue(), *placement->of(present.getValue())}] = columns[present.getNameAttr()].getPresence();
      }
      if (op.getNumResults() == 1 && isTensorLeaf(&op) && buffers.contains(&op)) {
        Type type = bufferType(op.getResult(0).getType(), plan::Space::Table);
        Value made;
        if (auto constant = dyn_cast<arith::ConstantOp>(op))
          made = b.create<plan::DenseOp>(op.getLoc(), type, cast<ElementsAttr>(constant.getValue()));
        else
          made = b.create<plan::ParameterOp>(op.getLoc(), type, cast<ir::SlotOp>(op).getNameAttr());
        buffer[{op.getResult(0), *placement->of(op.getResult(0))}] = made;
        continue;
      }
      if (auto slot = dyn_cast<ir::SlotOp>(op); slot && slots.contains(&op)) {
        auto role = static_cast<plan::ScalarRole>(slot.getRole());
        scalars[&op] = b.create<plan::ScalarOp>(op.getLoc(), slot.getValue().getType(), scalars.size(), slot.getName(),
                                                role);
      }
    }
  }

  void createColumn(StringAttr name, ir::ColumnRole role, Type type, Location loc) {
    if (columns.contains(name)) return;
    plan::Space space = placement->rows();
    Type presence = role == ir::ColumnRole::DoAsk ? bufferType(b.getI1Type(), space) : plan::BufferType();
    columns[name] = b.create<plan::ColumnOp>(loc, bufferType(type, space), presence, name,
                                             plan::ColumnRoleAttr::get(b.getContext(), plan::ColumnRole(role)));
  }

  /// The element type of a do? column whose presence alone is asked for.
  Type columnType(StringAttr name) {
    for (auto column : program.getOps<ir::ColumnOp>())
      if (column.getNameAttr() == name) return column.getValue().getType();
    return b.getF64Type();
  }

  /// The reductions whose operand is there by now.
  void emitReductions() {
    for (Operation &op : program) {
      if (!buffers.contains(&op) || !(isa<ir::ExpectOp, ir::RowsOp>(op) || isTensorOperation(&op))) continue;
      Place to = *placement->of(op.getResult(0));
      if (buffer.contains({op.getResult(0), to})) continue;
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
      Type type = bufferType(b.getF64Type(), to.space);
      Type error = withError.contains(&op) ? type : Type();
      FloatAttr level;
      if (auto expect = dyn_cast<ir::ExpectOp>(op)) level = expect.getLevelAttr();
      auto reduce = b.create<plan::ReduceOp>(
          op.getLoc(), type, error, plan::ReducerAttr::get(b.getContext(), reducerOf(&op)), level, input);
      buffer[{op.getResult(0), to}] = reduce.getOutput();
      if (error) errors[&op] = reduce.getStandardError();
    }
  }

  void emitTensorOperation(Operation *op, const Place &to) {
    SmallVector<Value> inputs;
    for (Value operand : op->getOperands()) {
      inputs.push_back(buffer.lookup({operand, operandPlace(op, operand)}));
      if (!inputs.back()) return;
    }
    Type type = bufferType(op->getResult(0).getType(), to.space);
    MLIRContext *context = b.getContext();
    auto make = [&](plan::TensorKind kind, plan::FoldingAttr folding = {}, IntegerAttr offset = {}, DenseI64ArrayAttr strides = {}) {
      return b.create<plan::TensorOp>(op->getLoc(), type, plan::TensorKindAttr::get(context, kind), inputs, folding, offset, strides);
    };
    plan::TensorOp made;
    if (auto view = dyn_cast<ir::ViewOp>(op))
      made = make(plan::TensorKind::View, {}, view.getOffsetAttr(), view.getStridesAttr());
    else if (auto fold = dyn_cast<ir::FoldOp>(op))
      made = make(plan::TensorKind::Fold, plan::FoldingAttr::get(context, static_cast<plan::Folding>(fold.getFolding())));
    else
      made = make(isa<ir::GatherOp>(op) ? plan::TensorKind::Gather : isa<ir::ConcatOp>(op) ? plan::TensorKind::Concat : plan::TensorKind::Contract);
    buffer[{op->getResult(0), to}] = made.getOutput();
  }

  StringRef suffix(plan::Space space) const {
    switch (space) {
      case plan::Space::Inner: return hasDraws ? "draws" : "rows";
      case plan::Space::Row: return "rows";
      case plan::Space::Table: return "table";
    }
    llvm_unreachable("all spaces are handled");
  }

  void emit(Place place, Cluster &cluster) {
    SmallVector<Value> inputs, arguments;
    for (Value input : cluster.inputs) inputs.push_back(buffer.lookup({input, *placement->of(input)}));
    SmallVector<Operation *> used;
    for (Operation &op : program)
      if (isa<ir::SlotOp>(op) && cluster.operations.contains(&op)) used.push_back(&op);
    for (Operation *slot : used) arguments.push_back(scalars.lookup(slot));
    SmallVector<Type> types;
    for (Value result : cluster.results) types.push_back(bufferType(result.getType(), place.space));
    std::string shape;
    for (int64_t size : place.shape) shape += (shape.empty() ? "." : "x") + std::to_string(size);
    std::string name = (query.getSymName() + "." + suffix(place.space) +
                        (place.phase > 0 ? "." + Twine(place.phase) : Twine()) + shape).str();
    auto op = b.create<plan::ClusterOp>(query.getLoc(), types, name, ordinal++, place.space, inputs, arguments,
                                        IntegerAttr());
    Block &body = op.getBody().emplaceBlock();
    IRMapping mapping;
    for (Value input : cluster.inputs)
      mapping.map(input, body.addArgument(getElementTypeOrSelf(input), input.getLoc()));
    for (Operation *slot : used)
      mapping.map(slot->getResult(0), body.addArgument(slot->getResult(0).getType(), slot->getLoc()));
    OpBuilder inside = OpBuilder::atBlockEnd(&body);
    for (Operation &part : program)
      if (cluster.operations.contains(&part) && !isa<ir::SlotOp>(part)) copyElement(part, inside, mapping);
    SmallVector<Value> yields;
    for (Value result : cluster.results) yields.push_back(mapping.lookup(result));
    inside.create<plan::YieldOp>(query.getLoc(), yields);
    for (auto [value, output] : llvm::zip(cluster.results, op.getOutputs())) buffer[{value, place}] = output;
    if (report)
      emitRemark(query.getLoc()) << "cluster '" << name << "' over " << plan::stringifySpace(place.space) << ": "
                      << body.getOperations().size() - 1 << " operations, " << inputs.size() << " inputs, "
                      << arguments.size() << " scalars, " << yields.size() << " outputs";
  }

  /// An operation as it is on one element of its tensors.
  void copyElement(Operation &op, OpBuilder &inside, IRMapping &mapping) {
    if (auto splat = dyn_cast<ir::SplatOp>(op)) return mapping.map(splat.getY(), mapping.lookup(splat.getX()));
    auto constant = dyn_cast<arith::ConstantOp>(op);
    if (auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr())
      return mapping.map(constant.getResult(), inside.create<arith::ConstantOp>(op.getLoc(), cast<TypedAttr>(elements.getSplatValue<Attribute>())).getResult());
    Operation *copy = inside.clone(op, mapping);
    for (Value result : copy->getResults()) result.setType(getElementTypeOrSelf(result));
  }

  void emitAnswers(Value status) {
    llvm::DenseMap<Value, int> valueColumns;
    int column = 0;
    for (auto output : program.getOps<ir::OutputOp>()) {
      Value value = output.getOperand();
      bool error = output.getForm() == ir::Form::StandardError && dependsOnEstimate(value);
      if (!error) {
        Place place = *placeIn(value, answer, output.getLoc());
        b.create<plan::OutputOp>(output.getLoc(), output.getNameAttr(), IntegerAttr(), buffer.lookup({value, place}));
        valueColumns.try_emplace(value, column);
      } else if (Value known = errors.lookup(value.getDefiningOp())) {
        b.create<plan::OutputOp>(output.getLoc(), output.getNameAttr(), IntegerAttr(), known);
      } else {
        b.create<plan::OutputOp>(output.getLoc(), output.getNameAttr(),
                                 b.getI32IntegerAttr(valueColumns.lookup(value)), Value());
      }
      ++column;
    }
    if (status) b.create<plan::StatusOp>(query.getLoc(), buffer.lookup({status, statusPlace(status)}));
    for (auto violation : program.getOps<ir::ViolationOp>()) {
      auto bufferOf = [&](Value value) {
        return buffer.lookup({value, *placeIn(value, answer, violation.getLoc())});
      };
      b.create<plan::ViolationOp>(violation.getLoc(), bufferOf(violation.getResidual()),
                                  bufferOf(violation.getHolds()));
    }
  }

  ir::QueryOp query;
  Block &program;
  int &ordinal;
  bool report;
  OpBuilder b;
  bool hasDraws = false;
  plan::Space answer = plan::Space::Inner;
  plan::EntryOp entry;
  std::optional<Placement> placement;
  std::map<Place, Cluster> clusters;
  llvm::SetVector<Operation *> buffers;     // columns and reductions that are needed
  llvm::DenseSet<Operation *> withError;    // estimates whose standard error is an output
  llvm::DenseSet<Operation *> slots;
  llvm::DenseSet<Value> estimates;          // values that depend on one
  llvm::DenseMap<StringAttr, plan::ColumnOp> columns;
  llvm::DenseMap<Operation *, Value> scalars, errors;

  /// Buffers by program value and place.
  struct Buffers {
    std::map<std::pair<void *, Place>, Value> map;
    Value &operator[](std::pair<Value, Place> key) { return map[{key.first.getAsOpaquePointer(), key.second}]; }
    Value lookup(std::pair<Value, Place> key) const {
      auto found = map.find({key.first.getAsOpaquePointer(), key.second});
      return found == map.end() ? Value() : found->second;
    }
    bool contains(std::pair<Value, Place> key) const { return static_cast<bool>(lookup(key)); }
  } buffer;
};

struct FormClustersPass : acie::transforms::impl::FormClustersBase<FormClustersPass> {
  using FormClustersBase::FormClustersBase;

  void runOnOperation() override {
    int ordinal = 0;
    for (auto query : llvm::make_early_inc_range(getOperation().getOps<ir::QueryOp>())) {
      ir::ProgramOp program = programOf(query);
      if (!program) {
        query.emitError("has no acie.program: run acie-do-surgery first");
        return signalPassFailure();
      }
      if (failed(Former(query, program, ordinal, report).run())) return signalPassFailure();
      query.erase();
    }
    for (auto model : llvm::make_early_inc_range(getOperation().getOps<ir::ModelOp>())) model.erase();
  }
};

}  // namespace
