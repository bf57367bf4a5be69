#include "compiler/Conversion/SemaToAcie/ExprImporter.h"

#include "compiler/Sema/Analysis/ExprWalk.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace acie::conversion {

using sema::Expr;
using sema::Op;
using sema::ScalarKind;

Type typeOf(ScalarKind kind, MLIRContext *context) {
  switch (kind) {
    case ScalarKind::F64: return Float64Type::get(context);
    case ScalarKind::F32: return Float32Type::get(context);
    case ScalarKind::I64: return IntegerType::get(context, 64);
    case ScalarKind::I32: return IntegerType::get(context, 32);
    case ScalarKind::Bool: return IntegerType::get(context, 1);
    case ScalarKind::Str: break;  // sema lets no text into an expression that is computed
  }
  llvm_unreachable("texts are not computed with");
}

Type typeOf(const sema::Type &type, MLIRContext *context) {
  Type element = typeOf(type.scalar, context);
  return type.shape.empty() ? element : RankedTensorType::get(type.shape, element);
}

std::string doColumnName(const sema::Slot &slot) {
  return slot.name.starts_with("do.") ? slot.name : "do." + slot.name;
}

Value ExprImporter::import(const Expr *root) {
  importParts(root);
  return values.lookup(root);
}

std::vector<const Expr *> ExprImporter::importParts(ArrayRef<const Expr *> roots) {
  std::vector<const Expr *> built;
  for (const Expr *node : sema::postorder(absl::MakeConstSpan(roots.data(), roots.size()))) {
    if (values.contains(node)) continue;
    if (!inside.contains(node)) {
      Loops loops;
      if (node->kind == Expr::Kind::Bound) loops.insert(node->loop.get());
      for (const Expr *operand : node->operands)
        if (auto found = inside.find(operand); found != inside.end()) loops.insert(found->second.begin(), found->second.end());
      if (node->kind == Expr::Kind::Loop) loops.erase(node->loop.get());
      if (!loops.empty()) inside[node] = loops;
    }
    auto loops = inside.find(node);
    if (loops != inside.end() && !llvm::all_of(loops->second, [&](const Expr::Loop *loop) { return open.count(loop) > 0; })) continue;
    // First the value: building may add others to the map.
    Value value = build(*node);
    values[node] = value;
    built.push_back(node);
  }
  return built;
}

/// Whether a constant is better read from where it lies than written into every loop.
static bool isBulky(Operation *constant) {
  auto elements = dyn_cast<DenseElementsAttr>(cast<arith::ConstantOp>(constant).getValue());
  return elements && !elements.isSplat();
}

/// Captures what the body reads from outside as arguments of its own; constants are copied.
static SmallVector<Value> isolate(Block &body) {
  SmallVector<Value> captured;
  IRMapping known;
  for (Operation &op : body) {
    for (OpOperand &operand : op.getOpOperands()) {
      Value value = operand.get();
      if (value.getParentBlock() == &body) continue;
      if (!known.contains(value)) {
        Operation *made = value.getDefiningOp();
        if (isa_and_nonnull<arith::ConstantOp>(made) && !isBulky(made)) {
          OpBuilder start(value.getContext());
          start.setInsertionPointToStart(&body);
          known.map(value, start.clone(*made)->getResult(0));
        } else {
          known.map(value, body.addArgument(value.getType(), value.getLoc()));
          captured.push_back(value);
        }
      }
      operand.set(known.lookup(value));
    }
  }
  return captured;
}

Value ExprImporter::loop(const Expr &node) {
  const Expr::Loop &loop = *node.loop;
  const size_t carried = loop.carried.size(), parts = loop.parts.size();
  SmallVector<Value> init, over;
  SmallVector<Type> last, every;
  auto block = std::make_unique<Block>();
  auto bind = [&](const Expr *bound) { values[bound] = block->addArgument(typeOf(bound->type, b.getContext()), loc); };
  for (size_t i = 0; i < carried; ++i) {
    Type type = typeOf(loop.carried[i]->type, b.getContext());
    init.push_back(convert(operand(node, i), type));
    last.push_back(type);
    SmallVector<int64_t> shape(ir::shapeOf(type));
    shape.insert(shape.begin(), loop.steps);
    every.push_back(RankedTensorType::get(shape, getElementTypeOrSelf(type)));
    bind(loop.carried[i]);
  }
  for (size_t i = 0; i < parts; ++i) {
    over.push_back(operand(node, carried + i));
    bind(loop.parts[i]);
  }
  const auto nexts = ArrayRef(node.operands).drop_front(carried + parts);
  std::vector<const Expr *> body;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(block.get());
    open.insert(&loop);
    body = importParts(nexts);
    SmallVector<Value> left;
    for (size_t i = 0; i < carried; ++i) left.push_back(convert(values.lookup(nexts[i]), last[i]));
    b.create<ir::NextOp>(loc, left);
    open.erase(&loop);
  }
  // Another loop may share nodes with this one's body: they are built again there.
  for (const Expr *inner : body) values.erase(inner);
  for (const auto *list : {&loop.carried, &loop.parts})
    for (const Expr *bound : *list) values.erase(bound);
  SmallVector<Value> same = isolate(*block);
  auto made = b.create<ir::LoopOp>(loc, last, every, loop.steps, init, over, same);
  made.getBody().push_back(block.release());
  return made.getLast().front();
}

Value ExprImporter::integer(int64_t number, Type type) {
  TypedAttr one = b.getIntegerAttr(getElementTypeOrSelf(type), number);
  auto tensor = dyn_cast<RankedTensorType>(type);
  return b.create<arith::ConstantOp>(loc, tensor ? TypedAttr(DenseElementsAttr::get(tensor, Attribute(one))) : one);
}

Value ExprImporter::inShape(Value value, ArrayRef<int64_t> shape) {
  if (shape.empty() || isa<RankedTensorType>(value.getType())) return value;
  auto type = RankedTensorType::get(shape, value.getType());
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)))
    return b.create<arith::ConstantOp>(loc, DenseElementsAttr::get(type, constant));
  return b.create<ir::SplatOp>(loc, type, value);
}

Value ExprImporter::convert(Value value, Type wanted) {
  value = inShape(value, ir::shapeOf(wanted));
  Type from = getElementTypeOrSelf(value), to = getElementTypeOrSelf(wanted);
  if (from == to) return value;
  Type type = ir::typeLike(value.getType(), to);
  bool fromFloat = isa<FloatType>(from), fromBool = from.isInteger(1);
  if (to.isInteger(1)) {
    if (fromFloat) {
      Value zero = b.create<arith::ConstantOp>(loc, ir::constantOf(value.getType(), 0.0));
      return b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::UNE, value, zero);
    }
    return b.create<arith::CmpIOp>(loc, arith::CmpIPredicate::ne, value, integer(0, value.getType()));
  }
  if (isa<FloatType>(to)) {
    if (fromBool) return b.create<arith::UIToFPOp>(loc, type, value);
    if (!fromFloat) return b.create<arith::SIToFPOp>(loc, type, value);
    if (to.isF64()) return b.create<arith::ExtFOp>(loc, type, value);
    return b.create<arith::TruncFOp>(loc, type, value);
  }
  if (fromFloat) return b.create<ir::ToIntOp>(loc, type, value);
  if (fromBool) return b.create<arith::ExtUIOp>(loc, type, value);
  if (to.getIntOrFloatBitWidth() > from.getIntOrFloatBitWidth()) return b.create<arith::ExtSIOp>(loc, type, value);
  return b.create<arith::TruncIOp>(loc, type, value);
}

Value ExprImporter::build(const Expr &node) {
  Type type = typeOf(node.type, b.getContext());
  switch (node.kind) {
    case Expr::Kind::Constant: return constant(node);
    case Expr::Kind::Variable:
    case Expr::Kind::Natural: return convert(reference(node), type);
    case Expr::Kind::Noise: {
      Value shape;
      if (node.noise->shape) shape = convert(import(node.noise->shape), b.getF64Type());
      auto law = static_cast<ir::Law>(node.noise->law);
      return convert(b.create<ir::SampleOp>(loc, ir::typeLike(type, b.getF64Type()), node.noise->name, law, shape), type);
    }
    case Expr::Kind::Slot: return slot(node);
    case Expr::Kind::Present:
      return b.create<ir::PresentOp>(loc, b.getI1Type(), doColumnName(*node.slot));
    case Expr::Kind::Apply: return convert(apply(node), type);
    case Expr::Kind::Estimate: {
      auto estimator = static_cast<ir::Estimator>(node.estimator);
      bool probability = estimator == ir::Estimator::Probability;
      Type number = ir::typeLike(type, b.getF64Type());
      Value inner = convert(operand(node, 0), probability ? ir::typeLike(type, b.getI1Type()) : number);
      FloatAttr level = estimator == ir::Estimator::Quantile ? b.getF64FloatAttr(node.level) : FloatAttr();
      return convert(b.create<ir::ExpectOp>(loc, number, estimator, level, inner), type);
    }
    case Expr::Kind::RowReduce: {
      auto reducer = static_cast<ir::RowReducer>(node.reducer);
      Value inner = node.operands.empty() ? Value() : operand(node, 0);
      // Counting a condition counts the rows where it holds.
      if (inner && reducer == ir::RowReducer::Count && getElementTypeOrSelf(inner).isInteger(1)) reducer = ir::RowReducer::Sum;
      Type number = ir::typeLike(type, b.getF64Type());
      if (inner) inner = convert(inner, number);
      return convert(b.create<ir::RowsOp>(loc, number, reducer, inner), type);
    }
    default: return tensor(node, type);
  }
}

Value ExprImporter::constant(const Expr &node) {
  Type type = typeOf(node.type, b.getContext());
  if (isa<FloatType>(getElementTypeOrSelf(type))) return b.create<arith::ConstantOp>(loc, ir::constantOf(type, node.number));
  return integer(node.integer, type);
}

/// What makes tensors of other shapes.
Value ExprImporter::tensor(const Expr &node, Type type) {
  switch (node.kind) {
    case Expr::Kind::Dense: return dense(*node.elements, cast<RankedTensorType>(type));
    case Expr::Kind::View:
      return b.create<ir::ViewOp>(loc, type, operand(node, 0), node.elements->offset, node.elements->strides);
    case Expr::Kind::Places: return b.create<ir::PlacesOp>(loc, type, node.elements->offset, node.elements->strides);
    case Expr::Kind::Gather:
      return b.create<ir::GatherOp>(loc, type, operand(node, 0),
                                    convert(operand(node, 1), ir::typeLike(operand(node, 1).getType(), b.getI64Type())));
    case Expr::Kind::Concat: {
      SmallVector<Value> parts;
      for (size_t i = 0; i < node.operands.size(); ++i)
        parts.push_back(convert(operand(node, i), ir::typeLike(operand(node, i).getType(), getElementTypeOrSelf(type))));
      return b.create<ir::ConcatOp>(loc, type, parts);
    }
    case Expr::Kind::Fold:
      return b.create<ir::FoldOp>(loc, type, static_cast<ir::Folding>(node.folding), operand(node, 0));
    case Expr::Kind::Extern: {
      SmallVector<Value> inputs;
      for (size_t i = 0; i < node.operands.size(); ++i) inputs.push_back(operand(node, i));
      return b.create<ir::ExternOp>(loc, type, node.integer, inputs);
    }
    case Expr::Kind::Contract: return b.create<ir::ContractOp>(loc, type, operand(node, 0), operand(node, 1));
    case Expr::Kind::Loop: return loop(node);
    case Expr::Kind::Last: return operand(node, 0).getDefiningOp<ir::LoopOp>().getLast()[node.integer];
    case Expr::Kind::Every: return operand(node, 0).getDefiningOp<ir::LoopOp>().getEvery()[node.integer];
    case Expr::Kind::Routine: {
      SmallVector<Value> operands;
      for (size_t i = 0; i < node.operands.size(); ++i) operands.push_back(operand(node, i));
      return b.create<ir::RoutineOp>(loc, type, static_cast<ir::Routine>(node.routine), operands);
    }
    default: llvm_unreachable("all kinds are handled");
  }
}

Value ExprImporter::dense(const Expr::Elements &elements, RankedTensorType type) {
  Type element = type.getElementType();
  SmallVector<Attribute> numbers;
  for (double number : elements.numbers) numbers.push_back(ir::constantOf(element, number));
  return b.create<arith::ConstantOp>(loc, DenseElementsAttr::get(type, numbers));
}

Value ExprImporter::slot(const Expr &node) {
  Type type = typeOf(node.type, b.getContext());
  const sema::Slot &slot = *node.slot;
  Type declared = typeOf(slot.type, b.getContext());
  ir::SlotRole role = ir::SlotRole::Param;
  switch (slot.role) {
    case sema::Slot::Role::DoAsk:
      return convert(b.create<ir::ColumnOp>(loc, declared, doColumnName(slot), ir::ColumnRole::DoAsk), type);
    case sema::Slot::Role::Param: role = ir::SlotRole::Param; break;
    case sema::Slot::Role::Learn: role = ir::SlotRole::Learn; break;
    case sema::Slot::Role::Argument: role = ir::SlotRole::Argument; break;
    case sema::Slot::Role::Given: role = ir::SlotRole::Given; break;
    case sema::Slot::Role::Do: role = ir::SlotRole::Do; break;
    case sema::Slot::Role::Size: role = ir::SlotRole::Size; break;
  }
  return convert(b.create<ir::SlotOp>(loc, declared, slot.name, role), type);
}

Value ExprImporter::apply(const Expr &node) {
  Type type = typeOf(node.type, b.getContext());
  Type truth = ir::typeLike(type, b.getI1Type());
  switch (node.op) {
    case Op::Neg: case Op::Add: case Op::Sub: case Op::Mul: case Op::Div: case Op::IDiv: case Op::Mod: case Op::Min:
    case Op::Max: case Op::Abs: return arithmetic(node, type);
    case Op::Pow: return power(node, type);
    case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::Gt: case Op::Ge: case Op::IsNan: return compare(node);
    case Op::And: case Op::Or: {
      Value x = convert(operand(node, 0), truth), y = convert(operand(node, 1), truth);
      if (node.op == Op::And) return b.create<arith::AndIOp>(loc, x, y);
      return b.create<arith::OrIOp>(loc, x, y);
    }
    case Op::Not:
      return b.create<arith::XOrIOp>(loc, convert(operand(node, 0), truth), integer(1, truth));
    case Op::Select:
      return b.create<arith::SelectOp>(loc, convert(operand(node, 0), truth), convert(operand(node, 1), type),
                                       convert(operand(node, 2), type));
    case Op::Convert: return operand(node, 0);  // the caller converts to the node's type
    default: return function(node, type);
  }
}

Value ExprImporter::arithmetic(const Expr &node, Type type) {
  // Truth values count as 0 and 1, and / of integers is a division of floats.
  if (getElementTypeOrSelf(type).isInteger(1)) type = ir::typeLike(type, b.getI64Type());
  if (node.op == Op::Div && !isa<FloatType>(getElementTypeOrSelf(type))) type = ir::typeLike(type, b.getF64Type());
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(type));
  Value x = convert(operand(node, 0), type);
  Value y = node.operands.size() > 1 ? convert(operand(node, 1), type) : Value();
  switch (node.op) {
    case Op::Neg:
      if (isFloat) return b.create<arith::NegFOp>(loc, x);
      return b.create<arith::SubIOp>(loc, integer(0, type), x);
    case Op::Add:
      if (isFloat) return b.create<arith::AddFOp>(loc, x, y);
      return b.create<arith::AddIOp>(loc, x, y);
    case Op::Sub:
      if (isFloat) return b.create<arith::SubFOp>(loc, x, y);
      return b.create<arith::SubIOp>(loc, x, y);
    case Op::Mul:
      if (isFloat) return b.create<arith::MulFOp>(loc, x, y);
      return b.create<arith::MulIOp>(loc, x, y);
    case Op::Div: return b.create<arith::DivFOp>(loc, x, y);
    case Op::IDiv: return b.create<ir::IDivOp>(loc, x, y);
    case Op::Mod: return b.create<ir::ModOp>(loc, x, y);
    case Op::Min: return b.create<ir::MinOp>(loc, x, y);
    case Op::Max: return b.create<ir::MaxOp>(loc, x, y);
    case Op::Abs:
      if (isFloat) return b.create<ir::AbsOp>(loc, x);
      return b.create<ir::MaxOp>(loc, x, b.create<arith::SubIOp>(loc, integer(0, type), x).getResult());
    default: llvm_unreachable("not arithmetic");
  }
}

Value ExprImporter::power(const Expr &node, Type type) {
  Type computed = isa<FloatType>(getElementTypeOrSelf(type)) ? type : ir::typeLike(type, b.getF64Type());
  return b.create<ir::PowOp>(loc, convert(operand(node, 0), computed), convert(operand(node, 1), computed));
}

Value ExprImporter::compare(const Expr &node) {
  Value x = inShape(operand(node, 0), node.type.shape);
  if (node.op == Op::IsNan) {
    if (!isa<FloatType>(getElementTypeOrSelf(x))) return integer(0, ir::typeLike(x.getType(), b.getI1Type()));
    return b.create<arith::CmpFOp>(loc, arith::CmpFPredicate::UNO, x, x);
  }
  Value y = inShape(operand(node, 1), node.type.shape);
  // The wider of the operands' types; truth values compare as 0 and 1.
  auto rank = [](Type t) { return isa<FloatType>(t) ? 100 + t.getIntOrFloatBitWidth() : t.getIntOrFloatBitWidth(); };
  Type common = rank(getElementTypeOrSelf(x)) >= rank(getElementTypeOrSelf(y)) ? getElementTypeOrSelf(x) : getElementTypeOrSelf(y);
  bool equality = node.op == Op::Eq || node.op == Op::Ne;
  if (common.isInteger(1) && !equality) common = b.getI32Type();
  x = convert(x, ir::typeLike(x.getType(), common));
  y = convert(y, ir::typeLike(y.getType(), common));
  if (isa<FloatType>(common)) {
    arith::CmpFPredicate predicate = arith::CmpFPredicate::OEQ;
    switch (node.op) {
      case Op::Eq: predicate = arith::CmpFPredicate::OEQ; break;
      case Op::Ne: predicate = arith::CmpFPredicate::UNE; break;
      case Op::Lt: predicate = arith::CmpFPredicate::OLT; break;
      case Op::Le: predicate = arith::CmpFPredicate::OLE; break;
      case Op::Gt: predicate = arith::CmpFPredicate::OGT; break;
      case Op::Ge: predicate = arith::CmpFPredicate::OGE; break;
      default: llvm_unreachable("not a comparison");
    }
    return b.create<arith::CmpFOp>(loc, predicate, x, y);
  }
  arith::CmpIPredicate predicate = arith::CmpIPredicate::eq;
  switch (node.op) {
    case Op::Eq: predicate = arith::CmpIPredicate::eq; break;
    case Op::Ne: predicate = arith::CmpIPredicate::ne; break;
    case Op::Lt: predicate = arith::CmpIPredicate::slt; break;
    case Op::Le: predicate = arith::CmpIPredicate::sle; break;
    case Op::Gt: predicate = arith::CmpIPredicate::sgt; break;
    case Op::Ge: predicate = arith::CmpIPredicate::sge; break;
    default: llvm_unreachable("not a comparison");
  }
  return b.create<arith::CmpIOp>(loc, predicate, x, y);
}

Value ExprImporter::function(const Expr &node, Type type) {
  SmallVector<Value, 3> x;
  auto operandsAs = [&](Type wanted) {
    for (size_t i = 0; i < node.operands.size(); ++i) x.push_back(convert(operand(node, i), wanted));
  };
  Type wide = ir::typeLike(type, b.getF64Type());
  Type computed = isa<FloatType>(getElementTypeOrSelf(type)) ? type : wide;
  switch (node.op) {
#define ACIE_FUNCTION(name)                                \
  case Op::name:                                           \
    operandsAs(computed);                                  \
    return b.create<ir::name##Op>(loc, computed, x);
    ACIE_FUNCTION(Sqrt) ACIE_FUNCTION(Cbrt) ACIE_FUNCTION(Floor) ACIE_FUNCTION(Ceil) ACIE_FUNCTION(Round)
    ACIE_FUNCTION(Trunc) ACIE_FUNCTION(Exp) ACIE_FUNCTION(Exp2) ACIE_FUNCTION(Expm1) ACIE_FUNCTION(Log)
    ACIE_FUNCTION(Log2) ACIE_FUNCTION(Log10) ACIE_FUNCTION(Log1p) ACIE_FUNCTION(Sin) ACIE_FUNCTION(Cos)
    ACIE_FUNCTION(Tan) ACIE_FUNCTION(Asin) ACIE_FUNCTION(Acos) ACIE_FUNCTION(Atan) ACIE_FUNCTION(Atan2)
    ACIE_FUNCTION(Sinh) ACIE_FUNCTION(Cosh) ACIE_FUNCTION(Tanh) ACIE_FUNCTION(Asinh) ACIE_FUNCTION(Acosh)
    ACIE_FUNCTION(Atanh) ACIE_FUNCTION(Sigmoid) ACIE_FUNCTION(Logit) ACIE_FUNCTION(Softplus) ACIE_FUNCTION(Erf)
    ACIE_FUNCTION(Erfc) ACIE_FUNCTION(NormCdf) ACIE_FUNCTION(NormQuantile)
#undef ACIE_FUNCTION
#define ACIE_IMPORTED(name)                                \
  case Op::name:                                           \
    operandsAs(wide);                                      \
    return b.create<ir::name##Op>(loc, wide, x);
    ACIE_IMPORTED(Lgamma) ACIE_IMPORTED(GammaCdf) ACIE_IMPORTED(GammaQuantile) ACIE_IMPORTED(BetaCdf)
    ACIE_IMPORTED(BetaQuantile) ACIE_IMPORTED(StudentTCdf) ACIE_IMPORTED(StudentTQuantile)
    ACIE_IMPORTED(PoissonQuantile)
#undef ACIE_IMPORTED
    default: llvm_unreachable("all operations are handled");
  }
}

}  // namespace acie::conversion
