#include "compiler/Dialect/Acie/Formula.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/Support/Simplify.h"
#include "compiler/Transforms/Support/WorldGraph.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

namespace acie::transforms {
#define GEN_PASS_DEF_INLINEMECHANISMS
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie::ir;
using namespace acie::transforms;

namespace {

/// The standard law's quantile of a uniform number, which is what the random numbers of a noise are.
Value quantile(SampleOp sample, OpBuilder &b) {
  Location loc = sample.getLoc();
  Value uniform = b.create<UniformOp>(loc, sample.getValue().getType(), sample.getNameAttr());
  Term u{&b, loc, uniform};
  switch (sample.getLaw()) {
    case Law::StdUniform: return uniform;
    case Law::StdNormal: return norm_quantile(u).value;
    case Law::StdExponential: return (-log1p(-u)).value;
    case Law::StdLogistic: return logit(u).value;
    case Law::StdGumbel: return (-log(-log(u))).value;
    case Law::StdCauchy: return tan(kPi * (u - 0.5)).value;
    case Law::StdLaplace: {
      Value low = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OLT, uniform, u.constant(0.5).value);
      Value below = log(2.0 * u).value, above = (-log(2.0 * (1.0 - u))).value;
      return b.create<arith::SelectOp>(loc, low, below, above);
    }
    case Law::StdStudentT: {
      Value nu = sample.getShape();
      if (nu.getType() != uniform.getType()) nu = b.create<SplatOp>(loc, uniform.getType(), nu);
      return student_t_quantile(u, Term{&b, loc, nu}).value;
    }
  }
  llvm_unreachable("all laws are handled");
}

/// Whether two values have the same bits.
Value sameBits(Value a, Value c, OpBuilder &b, Location loc) {
  if (auto type = dyn_cast<FloatType>(getElementTypeOrSelf(a))) {
    Type integer = typeLike(a.getType(), b.getIntegerType(type.getWidth()));
    a = b.create<arith::BitcastOp>(loc, integer, a);
    c = b.create<arith::BitcastOp>(loc, integer, c);
  }
  return b.create<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, a, c);
}

/// Whether each element of what the equation gives depends on the element of `parent` at its place alone: no operation that
/// changes shapes lies between. `x - mean(x)` depends on all of x everywhere.
bool elementByElement(KeepOp keep, Value parent) {
  auto stops = [&](Value value) { return llvm::is_contained(keep.getParents(), value); };
  SmallVector<std::pair<Value, unsigned>> work = {{keep.getRecomputed(), 0}};  // a value, and whether all of it goes into each element
  llvm::DenseSet<std::pair<Value, unsigned>> seen(work.begin(), work.end());
  while (!work.empty()) {
    auto [value, mixed] = work.pop_back_val();
    if (value == parent && mixed != 0) return false;
    Operation *op = value.getDefiningOp();
    if (!op || stops(value)) continue;
    for (Value operand : op->getOperands())
      if (std::pair<Value, unsigned> next(operand, mixed | (op->hasTrait<TensorOperation>() ? 1 : 0)); seen.insert(next).second) work.push_back(next);
  }
  return true;
}

/// A condition on a parent as one on the elements of the evidence: element by element where the equation is so, a number
/// for all of them, else that all hold.
Value likeEvidence(Value same, Value parent, KeepOp keep, OpBuilder &b) {
  Type wanted = typeLike(keep.getEvidence().getType(), b.getI1Type());
  if (same.getType() == wanted && (!isa<RankedTensorType>(wanted) || elementByElement(keep, parent))) return same;
  if (isa<RankedTensorType>(same.getType())) same = b.create<FoldOp>(keep.getLoc(), b.getI1Type(), Folding::All, same);
  return isa<RankedTensorType>(wanted) ? b.create<SplatOp>(keep.getLoc(), wanted, same).getResult() : same;
}

Value expandKeep(KeepOp keep, OpBuilder &b) {
  Value all;
  for (auto [here, there] : llvm::zip(keep.getParents(), keep.getFactual())) {
    Value same = likeEvidence(sameBits(here, there, b, keep.getLoc()), here, keep, b);
    all = all ? b.create<arith::AndIOp>(keep.getLoc(), all, same).getResult() : same;
  }
  if (!all) return keep.getEvidence();
  return b.create<arith::SelectOp>(keep.getLoc(), all, keep.getEvidence(), keep.getRecomputed());
}

/// Powers of 2 and 10 have functions of their own, small constant powers are products or a quotient. Only now: a square no longer tells an inversion that its
/// base is one value.
Value expandPower(PowOp power, OpBuilder &b) {
  llvm::APFloat base(0.0), exponent(0.0);
  if (matchPattern(power.getX(), m_ConstantFloat(&base))) {
    if (base.isExactlyValue(2.0)) return b.create<Exp2Op>(power.getLoc(), power.getP());
    if (base.isExactlyValue(10.0)) return b.create<Exp10Op>(power.getLoc(), power.getP());
  }
  if (!matchPattern(power.getP(), m_ConstantFloat(&exponent))) return {};
  Term x{&b, power.getLoc(), power.getX()};
  double p = exponent.convertToDouble();
  if (p == 1.0) return x.value;
  if (p == 2.0) return (x * x).value;
  if (p == 3.0) return (x * x * x).value;
  if (p == 4.0) return ((x * x) * (x * x)).value;
  if (p == -1.0) return (1.0 / x).value;
  return {};
}

class Inliner {
 public:
  Inliner(ModelOp model, SymbolTableCollection &symbols) : model(model), symbols(symbols) {}

  /// Replaces one operation by what it stands for; leaves others alone.
  LogicalResult expand(Operation &op) {
    OpBuilder b(&op);
    SmallVector<Value> values;
    if (auto eval = dyn_cast<EvalOp>(op)) {
      if (eval.getEvidence()) return op.emitError("is still observed: run acie-share-worlds first");
      auto variable = symbols.lookupSymbolIn<VarOp>(model, eval.getVariableAttr());
      if (!variable) return op.emitError("the model has no equation of ") << eval.getVariableAttr();
      if (failed(inlineRegion(op, variable.getEquation(), eval.getParents(), values))) return failure();
    } else if (auto draw = dyn_cast<DrawOp>(op)) {
      auto exo = symbols.lookupSymbolIn<ExoOp>(model, draw.getNoiseAttr());
      if (!exo) return op.emitError("the model has no exogenous variable ") << draw.getNoiseAttr();
      if (failed(inlineRegion(op, exo.getLaw(), draw.getParents(), values))) return failure();
    } else if (auto supported = dyn_cast<SupportedOp>(op)) {
      auto exo = symbols.lookupSymbolIn<ExoOp>(model, supported.getNoiseAttr());
      if (!exo || exo.getSupport().empty()) return op.emitError("the noise has no bounded support");
      if (failed(inlineRegion(op, exo.getSupport(), supported->getOperands(), values))) return failure();
    } else if (auto residual = dyn_cast<ResidualOp>(op)) {
      if (failed(expandResidual(residual, b, values))) return failure();
    } else if (auto sample = dyn_cast<SampleOp>(op)) {
      values.push_back(quantile(sample, b));
    } else if (auto keep = dyn_cast<KeepOp>(op)) {
      values.push_back(expandKeep(keep, b));
    } else {
      return success();
    }
    op.replaceAllUsesWith(values);
    op.erase();
    return success();
  }

 private:
  /// Copies a region before `op`, its arguments replaced. Primitive noises in it are expanded on the way.
  LogicalResult inlineRegion(Operation &op, Region &region, ValueRange arguments, SmallVectorImpl<Value> &values) {
    Block &block = region.front();
    if (block.getNumArguments() != arguments.size())
      return op.emitError("has ") << arguments.size() << " parents where " << block.getNumArguments() << " are needed";
    OpBuilder b(&op);
    IRMapping mapping;
    mapping.map(block.getArguments(), arguments);
    for (Operation &inner : block.without_terminator()) {
      Operation *copy = b.clone(inner, mapping);
      if (auto sample = dyn_cast<SampleOp>(copy)) {
        mapping.map(inner.getResult(0), quantile(sample, b));
        copy->erase();
      }
    }
    for (Value value : block.getTerminator()->getOperands()) values.push_back(mapping.lookupOrDefault(value));
    return success();
  }

  LogicalResult expandResidual(ResidualOp op, OpBuilder &b, SmallVectorImpl<Value> &values) {
    auto constraint = symbols.lookupSymbolIn<ConstraintOp>(model, op.getConstraintAttr());
    if (!constraint) return op.emitError("the model has no constraint ") << op.getConstraintAttr();
    SmallVector<Value> rows;
    if (failed(inlineRegion(*op, constraint.getResiduals(), op.getParents(), rows))) return failure();
    Location loc = op.getLoc();
    Value largest, holds;
    for (auto [row, tolerance] : llvm::zip(rows, constraint.getTolerances().getAsRange<FloatAttr>())) {
      Value size = b.create<AbsOp>(loc, row);
      Value bound = b.create<arith::ConstantOp>(loc, tolerance);
      Value within = b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OLE, size, bound);
      largest = largest ? b.create<MaxOp>(loc, largest, size).getResult() : size;
      holds = holds ? b.create<arith::AndIOp>(loc, holds, within).getResult() : within;
    }
    values.assign({largest, holds});
    return success();
  }

  ModelOp model;
  SymbolTableCollection &symbols;
};

struct InlineMechanismsPass : acie::transforms::impl::InlineMechanismsBase<InlineMechanismsPass> {
  void runOnOperation() override {
    SymbolTableCollection symbols;
    for (auto query : getOperation().getOps<QueryOp>()) {
      ProgramOp program = programOf(query);
      ModelOp model = modelOf(query);
      if (!program || !model) {
        query.emitError("has no acie.program: run acie-do-surgery first");
        return signalPassFailure();
      }
      Inliner inliner(model, symbols);
      Block &block = program.getBody().front();
      for (Operation &op : llvm::make_early_inc_range(block))
        if (failed(inliner.expand(op))) return signalPassFailure();
      for (auto power : llvm::make_early_inc_range(block.getOps<PowOp>())) {
        OpBuilder b(power);
        Value product = expandPower(power, b);
        if (!product) continue;
        power.getY().replaceAllUsesWith(product);
        power.erase();
      }
      simplify(block);
    }
  }
};

}  // namespace
