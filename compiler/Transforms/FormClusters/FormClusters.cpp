#include "compiler/Transforms/FormClusters/ClusterFormer.h"
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
  Type from = getElementTypeOrSelf(value), to = ir::typeLike(value.getType(), b.getF64Type());
  if (from.isF64()) return value;
  if (from.isF32()) return b.create<arith::ExtFOp>(loc, to, value);
  if (from.isSignlessInteger(1)) return b.create<arith::UIToFPOp>(loc, to, value);
  return b.create<arith::SIToFPOp>(loc, to, value);
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
    Value value = spread ? b.create<arith::ConstantOp>(op.getLoc(), ir::constantOf(operand.getType(), 0.0)).getResult() : operand;
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

/// Builds the entry of one query.
class Former : ClusterFormer {
 public:
  Former(ir::QueryOp query, ir::ProgramOp program, int &ordinal, bool report)
      : ClusterFormer(program.getBody().front(), OpBuilder(query), query.getSymName().str(), ordinal), query(query) {
    this->report = report;
  }

  LogicalResult run() {
    hasDraws = isRandom(block) || query.getShape() == ir::Shape::PerDraw;
    summariseViolation(block, answerSpace(), hasDraws);
    resolveEstimates(block);
    hasDraws = isRandom(block) || query.getShape() == ir::Shape::PerDraw;
    SmallVector<Attribute> reasons;
    Value status = buildStatus(block, reasons);
    placement.emplace(block, hasDraws);
    answer = answerSpace();
    for (Operation &op : block)
      if (isa<ir::ExpectOp>(op) || llvm::any_of(op.getOperands(), [&](Value v) { return estimates.contains(v); }))
        estimates.insert(op.result_begin(), op.result_end());

    auto shape = static_cast<plan::Shape>(query.getShape());
    entry = b.create<plan::EntryOp>(query.getLoc(), query.getSymName(), query.getModel(), shape,
                                    query.getReadsTable(), hasDraws, b.getArrayAttr(reasons));
    for (StringRef name : {"evaluations", "distinct"})
      if (Attribute number = block.getParentOp()->getAttr(name)) entry->setAttr(name, number);
    b.setInsertionPointToStart(&entry.getBody().emplaceBlock());

    if (failed(demandAnswers(status))) return failure();
    collect();
    createLeaves();
    emitClusters();
    emitAnswers(status);
    return success();
  }

 private:
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

  LogicalResult demandAnswers(Value status) {
    for (auto output : block.getOps<ir::OutputOp>()) {
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
        value = before.create<arith::ConstantOp>(output.getLoc(), ir::constantOf(ir::typeLike(value.getType(), before.getF64Type()), 0.0));
        output.getOperandMutable().assign(value);
      }
      FailureOr<Place> place = placeIn(value, answer, output.getLoc());
      if (failed(place)) return failure();
      demand(value, *place);
    }
    if (status) demand(status, statusPlace(status));
    for (auto violation : block.getOps<ir::ViolationOp>())
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

  /// Columns and scalars, in the order of the block.
  void createLeaves() {
    for (Operation &op : block) {
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
    for (auto column : block.getOps<ir::ColumnOp>())
      if (column.getNameAttr() == name) return column.getValue().getType();
    return b.getF64Type();
  }

  void emitAnswers(Value status) {
    llvm::DenseMap<Value, int> valueColumns;
    int column = 0;
    for (auto output : block.getOps<ir::OutputOp>()) {
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
    for (auto violation : block.getOps<ir::ViolationOp>()) {
      auto bufferOf = [&](Value value) {
        return buffer.lookup({value, *placeIn(value, answer, violation.getLoc())});
      };
      b.create<plan::ViolationOp>(violation.getLoc(), bufferOf(violation.getResidual()),
                                  bufferOf(violation.getHolds()));
    }
  }

  ir::QueryOp query;
  plan::Space answer = plan::Space::Inner;
  plan::EntryOp entry;
  llvm::DenseSet<Value> estimates;  // values that depend on one
  llvm::DenseMap<StringAttr, plan::ColumnOp> columns;
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
