#include "compiler/Dialect/Acie/AcieDialect.h"

#include "compiler/Dialect/Acie/Formula.h"
#include "compiler/Dialect/Acie/Invertible.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace acie::ir;

//===----------------------------------------------------------------------===//
// Pieces of the textual form
//===----------------------------------------------------------------------===//

// (@x, @u)
static ParseResult parseSymbolList(OpAsmParser &parser, ArrayAttr &symbols) {
  SmallVector<Attribute> list;
  auto parseOne = [&]() -> ParseResult {
    StringAttr name;
    if (parser.parseSymbolName(name)) return failure();
    list.push_back(FlatSymbolRefAttr::get(name));
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, parseOne)) return failure();
  symbols = ArrayAttr::get(parser.getContext(), list);
  return success();
}

static void printSymbolList(OpAsmPrinter &printer, Operation *, ArrayAttr symbols) {
  printer << '(';
  llvm::interleaveComma(symbols, printer, [&](Attribute symbol) { printer.printAttributeWithoutType(symbol); });
  printer << ')';
}

// [1.0e-09, 1.0e-05]
static ParseResult parseF64List(OpAsmParser &parser, ArrayAttr &numbers) {
  SmallVector<double> list;
  auto parseOne = [&]() -> ParseResult { return parser.parseFloat(list.emplace_back()); };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseOne)) return failure();
  numbers = parser.getBuilder().getF64ArrayAttr(list);
  return success();
}

static void printF64List(OpAsmPrinter &printer, Operation *, ArrayAttr numbers) {
  printer << '[';
  llvm::interleaveComma(numbers, printer, [&](Attribute number) { printer.printAttributeWithoutType(number); });
  printer << ']';
}

// Operand types in groups are printed as one function type; how many belong to each group follows from the operands.
static void splitTypes(ArrayRef<Type> &rest, size_t count, SmallVectorImpl<Type> &group) {
  count = std::min(count, rest.size());
  group.append(rest.begin(), rest.begin() + count);
  rest = rest.drop_front(count);
}

// : (parents…) -> result
static ParseResult parseEvalTypes(OpAsmParser &parser, std::optional<OpAsmParser::UnresolvedOperand> known,
                                  SmallVectorImpl<Type> &parents, Type &evidence, SmallVectorImpl<Type> &factual,
                                  Type &value) {
  SmallVector<Type> operands;
  if (parser.parseColon() ||
      parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren,
                                     [&] { return parser.parseType(operands.emplace_back()); }) ||
      parser.parseArrow() || parser.parseType(value))
    return failure();
  // The types of the parents stand once; an observed evaluation has the result's type and the same parents again.
  parents = operands;
  if (!known) return success();
  factual = operands;
  evidence = value;
  return success();
}

static void printEvalTypes(OpAsmPrinter &printer, Operation *, Value, TypeRange parents, Type, TypeRange, Type value) {
  printer << ": (";
  llvm::interleaveComma(parents, printer);
  printer << ") -> " << value;
}

// : result, parents…
static ParseResult parseKeepTypes(OpAsmParser &parser, Type &value, Type &evidence, Type &recomputed,
                                  SmallVectorImpl<Type> &parents, SmallVectorImpl<Type> &factual) {
  SmallVector<Type> types;
  if (parser.parseColonTypeList(types)) return failure();
  value = evidence = recomputed = types.front();
  ArrayRef<Type> rest = ArrayRef(types).drop_front();
  splitTypes(rest, rest.size(), parents);
  factual = parents;
  return success();
}

static void printKeepTypes(OpAsmPrinter &printer, Operation *, Type value, Type, Type, TypeRange parents, TypeRange) {
  printer << ": " << value;
  for (Type type : parents) printer << ", " << type;
}

// : (observed, parents…) -> noise[, f64]
static ParseResult parseAbductTypes(OpAsmParser &parser, Type &observed, SmallVectorImpl<Type> &parents, Type &value,
                                    Type &logJacobian) {
  if (parser.parseColon() || parser.parseLParen() || parser.parseType(observed)) return failure();
  while (succeeded(parser.parseOptionalComma()))
    if (parser.parseType(parents.emplace_back())) return failure();
  if (parser.parseRParen() || parser.parseArrow() || parser.parseType(value)) return failure();
  if (succeeded(parser.parseOptionalComma())) return parser.parseType(logJacobian);
  return success();
}

static void printAbductTypes(OpAsmPrinter &printer, Operation *, Type observed, TypeRange parents, Type value,
                             Type logJacobian) {
  printer << ": (" << observed;
  for (Type type : parents) printer << ", " << type;
  printer << ") -> " << value;
  if (logJacobian) printer << ", " << logJacobian;
}

//===----------------------------------------------------------------------===//
// Generated code
//===----------------------------------------------------------------------===//

#include "compiler/Dialect/Acie/AcieOpsDialect.cpp.inc"
#include "compiler/Dialect/Acie/AcieOpsEnums.cpp.inc"
#include "compiler/Dialect/Acie/InvertibleOpInterface.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "compiler/Dialect/Acie/AcieOpsAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "compiler/Dialect/Acie/AcieOps.cpp.inc"

void AcieDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/Dialect/Acie/AcieOpsAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compiler/Dialect/Acie/AcieOps.cpp.inc"
      >();
  attachInvertibleInterfaces(*getContext());
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

/// Checks that a region ends in a yield of `types`.
static LogicalResult verifyYield(Operation *op, Region &region, TypeRange types, StringRef what) {
  auto yield = dyn_cast<YieldOp>(region.front().getTerminator());
  if (!yield) return op->emitOpError() << what << " does not end in acie.yield";
  if (yield.getValues().getTypes() != types)
    return op->emitOpError() << what << " yields (" << yield.getValues().getTypes() << "), expected (" << types << ")";
  return success();
}

/// Checks that there is one argument per parent and that each parent is a variable declared before `op`.
static LogicalResult verifyParents(Operation *op, ArrayAttr parents, Block::BlockArgListType arguments) {
  if (arguments.size() != parents.size())
    return op->emitOpError() << "has " << parents.size() << " parents but its region takes "
                             << arguments.size() << " arguments";
  for (auto [attribute, argument] : llvm::zip(parents, arguments)) {
    auto symbol = cast<FlatSymbolRefAttr>(attribute);
    Operation *parent = SymbolTable::lookupNearestSymbolFrom(op->getParentOp(), symbol.getAttr());
    if (!parent || !isa<InputOp, ExoOp, VarOp>(parent))
      return op->emitOpError() << "refers to " << symbol << ", which is no variable of the model";
    if (!parent->isBeforeInBlock(op)) return op->emitOpError() << "stands before its parent " << symbol;
    Type type = parent->getAttrOfType<TypeAttr>("type").getValue();
    if (type != argument.getType())
      return op->emitOpError() << "takes " << symbol << " as " << argument.getType() << " but it is " << type;
  }
  return success();
}

LogicalResult ExoOp::verify() {
  ArrayAttr parents = getParents().value_or(ArrayAttr::get(getContext(), {}));
  if (failed(verifyParents(*this, parents, getLaw().getArguments())) ||
      failed(verifyYield(*this, getLaw(), getType(), "law")))
    return failure();
  if (getSupport().empty()) return success();
  auto arguments = getSupport().getArguments();
  if (arguments.empty() || arguments.front().getType() != getType())
    return emitOpError("support takes a value of the variable's type");
  if (failed(verifyParents(*this, parents, arguments.drop_front()))) return failure();
  return verifyYield(*this, getSupport(), IntegerType::get(getContext(), 1), "support");
}

LogicalResult VarOp::verify() {
  if (failed(verifyParents(*this, getParents(), getEquation().getArguments()))) return failure();
  return verifyYield(*this, getEquation(), getType(), "equation");
}

LogicalResult ConstraintOp::verify() {
  if (failed(verifyParents(*this, getParents(), getResiduals().getArguments()))) return failure();
  SmallVector<Type> types(getTolerances().size(), Float64Type::get(getContext()));
  return verifyYield(*this, getResiduals(), types, "constraint");
}

LogicalResult SampleOp::verify() {
  if ((getLaw() == Law::StdStudentT) != static_cast<bool>(getShape()))
    return emitOpError("takes degrees of freedom exactly when its law is std_student_t");
  return success();
}

LogicalResult EvalOp::verify() {
  if (!getEvidence() && !getFactual().empty()) return emitOpError("has factual parents but no evidence");
  if (getEvidence() && getFactual().getTypes() != getParents().getTypes())
    return emitOpError("has factual parents of types (")
           << getFactual().getTypes() << ") for parents of types (" << getParents().getTypes() << ")";
  if (getEvidence() && getEvidence().getType() != getValue().getType())
    return emitOpError("has evidence of type ") << getEvidence().getType() << " for a value of " << getValue().getType();
  return success();
}

LogicalResult KeepOp::verify() {
  if (getEvidence().getType() != getValue().getType() || getRecomputed().getType() != getValue().getType())
    return emitOpError("chooses between values of its own type");
  if (getParents().getTypes() != getFactual().getTypes())
    return emitOpError("compares parents of types (")
           << getParents().getTypes() << ") with (" << getFactual().getTypes() << ")";
  return success();
}

LogicalResult ExpectOp::verify() {
  if ((getEstimator() == Estimator::Quantile) != getLevel().has_value())
    return emitOpError("has a level exactly when it is a quantile");
  Type operand = getOperand().getType();
  if ((getEstimator() == Estimator::Probability) != getElementTypeOrSelf(operand).isSignlessInteger(1))
    return emitOpError("is a probability exactly when its operand is i1");
  if (getValue().getType() != typeLike(operand, Float64Type::get(getContext()))) return emitOpError("gives an f64 for each element of its operand");
  return success();
}

LogicalResult RowsOp::verify() {
  Type number = Float64Type::get(getContext());
  if (!getOperand() && getReducer() != RowReducer::Count) return emitOpError("without an operand is only for count");
  if (getValue().getType() != (getOperand() ? typeLike(getOperand().getType(), number) : number)) return emitOpError("gives an f64 for each element of its operand");
  return success();
}
