#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace acie::transforms {
#define GEN_PASS_DEF_PLANABDUCTION
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie::ir;
using namespace acie::transforms;

namespace {

/// Evidence further than this from what its equation gives has probability zero.
constexpr double kTolerance = 1e-9;
constexpr double kSinglePrecisionTolerance = 1e-6;

class Planner {
 public:
  Planner(QueryOp query, ProgramOp program)
      : query(query), program(program), graph(query, program, modelOf(query)), b(graph.getBuilder()) {}

  LogicalResult run() {
    for (Operation &op : query.getBody().front()) {
      if (auto item = dyn_cast<RecoverOp>(op)) recoveries[item.getNoiseAttr().getAttr()] = item;
      if (auto item = dyn_cast<RandomOp>(op)) random.insert(item.getNoiseAttr().getAttr());
    }
    for (auto item : query.getBody().front().getOps<ConsistentOp>())
      if (failed(checkConsistent(item))) return failure();
    // Recovering one noise may ask for another: the list grows while it is worked on.
    for (SmallVector<NoiseOp> open = graph.takeNoises(); !open.empty(); open = graph.takeNoises())
      for (NoiseOp noise : open)
        if (failed(resolve(noise))) return failure();
    // The graph's values may be noises that stood for others' evidence, so all stay until nothing more is built.
    for (auto [noise, value] : solved) {
      noise.getValue().replaceAllUsesWith(value);
      noise.erase();
    }
    sort();
    return success();
  }

 private:
  /// Puts operands before their users again, and what has an effect at the end, in its old order: outputs are columns.
  void sort() {
    Block &block = program.getBody().front();
    SmallVector<Operation *> requirements, answers;
    for (Operation &op : block) {
      if (isa<RequireOp>(op)) requirements.push_back(&op);
      if (isa<OutputOp, ViolationOp>(op)) answers.push_back(&op);
    }
    sortTopologically(&block);
    for (auto *list : {&requirements, &answers})
      for (Operation *op : *list) op->moveBefore(&block, block.end());
  }

  LogicalResult resolve(NoiseOp noise) {
    StringAttr name = noise.getNoiseAttr().getAttr();
    auto exo = dyn_cast_or_null<ExoOp>(graph.lookup(name));
    Value value;
    if (RecoverOp recover = recoveries.lookup(name); recover && recover.getConditioned()) {
      value = condition(recover);
      if (!value) return failure();
    } else if (recover) {
      value = abduct(recover, noise.getValue().getType());
      if (!value) return failure();
      // Where several requirements fail the last one is reported: that there is no noise, rather than that it is outside.
      if (exo && failed(requireSupport(exo, value))) return failure();
      if (failed(requireSolution(recover, value))) return failure();
    } else if (!exo) {
      return noise.emitError("the model has no exogenous variable ") << noise.getNoiseAttr();
    } else if (random.contains(name) || query.getMode() == Mode::Population) {
      value = draw(exo);
      if (!value) return failure();
    } else {
      return noise.emitError("the noise '") << name.getValue() << "' is neither recovered from the evidence nor drawn";
    }
    graph.setNoise(name, value);
    solved.push_back({noise, value});
    return success();
  }

  Value draw(ExoOp exo) {
    SmallVector<Value> parents;
    if (failed(lawParents(exo, parents))) return {};
    return b.create<DrawOp>(exo.getLoc(), exo.getType(), FlatSymbolRefAttr::get(exo.getSymNameAttr()), parents);
  }

  /// The name of the variable whose value an equation gives: it may have been put together from several.
  static StringAttr observedBy(VarOp equation) {
    return equation.getOf() ? equation.getOfAttr().getAttr() : equation.getSymNameAttr();
  }

  Value abduct(RecoverOp recover, Type type) {
    if (recover.getUnknowns()) return abductTogether(recover);
    StringAttr name = recover.getNoiseAttr().getAttr();
    StringAttr from = recover.getFromAttr().getAttr();
    auto variable = dyn_cast_or_null<VarOp>(graph.lookup(from));
    if (!variable) {
      recover.emitError("the model has no equation of ") << recover.getFromAttr();
      return {};
    }
    SmallVector<Value> parents;
    Value observed = graph.value(observedBy(variable), 0);
    if (!observed || failed(graph.factualParents(variable.getParents(), name, parents))) return {};
    auto abducted = b.create<AbductOp>(recover.getLoc(), type, Type(), recover.getNoiseAttr(),
                                       recover.getFromAttr(), observed, parents, recover.getAffineAttr());
    return abducted.getValue();
  }

  /// The known sides of several equations, their other arguments, and the types of what they are solved for.
  LogicalResult systemOf(RecoverOp recover, SmallVectorImpl<Value> &observed, SmallVectorImpl<Value> &parents) {
    for (auto from : recover.getEquations()->getAsRange<FlatSymbolRefAttr>()) {
      auto variable = dyn_cast_or_null<VarOp>(graph.lookup(from.getAttr()));
      if (!variable) return recover.emitError("the model has no equation of ") << from;
      observed.push_back(graph.value(observedBy(variable), 0));
      SmallVector<Attribute> others;
      for (Attribute parent : variable.getParents())
        if (!llvm::is_contained(*recover.getUnknowns(), parent)) others.push_back(parent);
      if (!observed.back() || failed(graph.factualParents(b.getArrayAttr(others), {}, parents))) return failure();
    }
    return success();
  }

  /// All noises that are conditioned together, when the first is asked for.
  Value condition(RecoverOp recover) {
    ArrayAttr unknowns = *recover.getUnknowns();
    ConditionOp &block = blocks[unknowns];
    if (!block) {
      SmallVector<Value> observed, drawn, parents, inputs;
      SmallVector<Type> types;
      if (failed(systemOf(recover, observed, parents))) return {};
      for (auto name : unknowns.getAsRange<FlatSymbolRefAttr>()) {
        auto exo = dyn_cast_or_null<ExoOp>(graph.lookup(name.getAttr()));
        if (!exo) {
          recover.emitError("the model has no exogenous variable ") << name;
          return {};
        }
        drawn.push_back(draw(exo));
        types.push_back(exo.getType());
        if (!drawn.back() || failed(lawParents(exo, inputs))) return {};
      }
      block = b.create<ConditionOp>(recover.getLoc(), types, unknowns, *recover.getEquations(), observed, drawn, parents, inputs);
    }
    return block.getValues()[llvm::find(unknowns, recover.getNoiseAttr()) - unknowns.begin()];
  }

  /// All noises of a system at once, when the first is asked for.
  Value abductTogether(RecoverOp recover) {
    ArrayAttr unknowns = *recover.getUnknowns();
    AbductTogetherOp &system = systems[unknowns];
    if (!system) {
      SmallVector<Value> observed, parents;
      if (failed(systemOf(recover, observed, parents))) return {};
      SmallVector<Type> types;
      for (Value value : observed) types.push_back(value.getType());
      system = b.create<AbductTogetherOp>(recover.getLoc(), types, unknowns, *recover.getEquations(), observed, parents);
    }
    const auto *at = llvm::find(unknowns, recover.getNoiseAttr());
    return system.getValues()[at - unknowns.begin()];
  }

  /// Whether the equation has a solution: a finite one; for whole numbers and truth values, one that satisfies it.
  LogicalResult requireSolution(RecoverOp recover, Value value) {
    if (!isa<FloatType>(getElementTypeOrSelf(value)))
      return requireEquation(cast<VarOp>(graph.lookup(observedBy(cast<VarOp>(graph.lookup(recover.getFromAttr().getAttr()))))), recover.getLoc());
    requireFinite(recover.getNoiseAttr().getAttr(), value, recover.getLoc());
    return success();
  }

  // v - v is zero exactly for finite v.
  void requireFinite(StringAttr name, Value value, Location loc) {
    Value difference = b.create<arith::SubFOp>(loc, value, value);
    Value zero = b.create<arith::ConstantOp>(loc, constantOf(value.getType(), 0.0));
    Value finite = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OEQ, difference, zero);
    b.create<RequireOp>(
        loc, everywhere(finite), ("'" + name.getValue() + "' cannot be recovered: no finite value gives the evidence").str());
  }

  /// Of a tensor's elements a condition is that all hold.
  Value everywhere(Value condition) {
    if (!isa<RankedTensorType>(condition.getType())) return condition;
    return b.create<FoldOp>(condition.getLoc(), b.getI1Type(), Folding::All, condition);
  }

  LogicalResult requireSupport(ExoOp exo, Value value) {
    if (exo.getSupport().empty()) return success();
    SmallVector<Value> parents;
    if (failed(lawParents(exo, parents))) return failure();
    Value inside = b.create<SupportedOp>(exo.getLoc(), b.getI1Type(), FlatSymbolRefAttr::get(exo.getSymNameAttr()),
                                         value, parents);
    b.create<RequireOp>(exo.getLoc(), inside, ("the recovered noise '" + exo.getSymName() +
                                               "' lies outside the support of its law, " + exo.getLawText()).str());
    return success();
  }

  /// The inputs a law depends on: their factual values, because all worlds share the noise.
  LogicalResult lawParents(ExoOp exo, SmallVectorImpl<Value> &parents) {
    if (!exo.getParents()) return success();
    return graph.factualParents(*exo.getParents(), {}, parents);
  }

  LogicalResult checkConsistent(ConsistentOp item) {
    auto variable = dyn_cast_or_null<VarOp>(graph.lookup(item.getVariableAttr().getAttr()));
    if (!variable) return item.emitError("the model has no equation of ") << item.getVariableAttr();
    return requireEquation(variable, item.getLoc());
  }

  /// The known value satisfies its equation: to a tolerance for floats, exactly for other types.
  LogicalResult requireEquation(VarOp variable, Location loc) {
    Value known = graph.value(variable.getSymNameAttr(), 0);
    Value expected = graph.recompute(variable);
    if (!known || !expected) return failure();
    Value equal;
    if (isa<FloatType>(getElementTypeOrSelf(known))) {
      double tolerance = getElementTypeOrSelf(known).isF32() ? kSinglePrecisionTolerance : kTolerance;
      Value distance = b.create<AbsOp>(loc, b.create<arith::SubFOp>(loc, known, expected).getResult());
      Value scale = b.create<MaxOp>(loc, b.create<AbsOp>(loc, known).getResult(),
                                    b.create<AbsOp>(loc, expected).getResult());
      Value factor = b.create<arith::ConstantOp>(loc, constantOf(known.getType(), tolerance));
      Value bound = b.create<arith::MulFOp>(loc, scale, factor);
      equal = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OLE, distance, bound);
    } else {
      equal = b.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, known, expected);
    }
    b.create<RequireOp>(loc, everywhere(equal),
                        ("the evidence contradicts the equation of '" + variable.getSymName() + "'").str());
    return success();
  }

  QueryOp query;
  ProgramOp program;
  WorldGraph graph;
  OpBuilder &b;
  llvm::DenseMap<StringAttr, RecoverOp> recoveries;
  llvm::DenseSet<StringAttr> random;
  llvm::DenseMap<Attribute, AbductTogetherOp> systems;  // by their unknowns
  llvm::DenseMap<Attribute, ConditionOp> blocks;        // likewise
  SmallVector<std::pair<NoiseOp, Value>> solved;
};

struct PlanAbductionPass : acie::transforms::impl::PlanAbductionBase<PlanAbductionPass> {
  void runOnOperation() override {
    for (auto query : getOperation().getOps<QueryOp>()) {
      ProgramOp program = programOf(query);
      if (!program || !modelOf(query)) {
        query.emitError("has no acie.program: run acie-do-surgery first");
        return signalPassFailure();
      }
      if (failed(Planner(query, program).run())) return signalPassFailure();
    }
  }
};

}  // namespace
