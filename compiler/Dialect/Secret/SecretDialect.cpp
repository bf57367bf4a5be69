// The dialect and what its operations must keep: parties, keys, scales, intervals, states.
#include "compiler/Dialect/Secret/SecretDialect.h"

#include "compiler/Dialect/Secret/SecretTypes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace acie::secret;
using acie::sema::Bounds;

#include "compiler/Dialect/Secret/SecretOpsDialect.cpp.inc"
#include "compiler/Dialect/Secret/SecretOpsEnums.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "compiler/Dialect/Secret/SecretOpsTypes.cpp.inc"
#define GET_OP_CLASSES
#include "compiler/Dialect/Secret/SecretOps.cpp.inc"

void SecretDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "compiler/Dialect/Secret/SecretOpsTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "compiler/Dialect/Secret/SecretOps.cpp.inc"
      >();
}

namespace {

StringRef keyOf(Type type) {
  auto cipher = dyn_cast<CipherType>(type);
  return cipher ? cipher.getKey() : StringRef();
}

/// Operands and result at one party, ciphertexts under one key.
LogicalResult atOneParty(Operation *op, TypeRange types) {
  StringRef key;
  for (Type type : types) {
    if (partyOf(type) != partyOf(types.front()))
      return op->emitOpError("joins values of ") << partyOf(types.front()) << " and " << partyOf(type);
    StringRef own = keyOf(type);
    if (own.empty()) continue;
    if (!key.empty() && key != own) return op->emitOpError("joins ciphertexts under ") << key << " and under " << own;
    key = own;
  }
  return success();
}

LogicalResult sameScale(Operation *op, TypeRange types) {
  for (Type type : types)
    if (!(scaleOf(type) == scaleOf(types.front())))
      return op->emitOpError("joins scales ") << scaleText(scaleOf(types.front())) << " and " << scaleText(scaleOf(type));
  return success();
}

/// The result's interval holds what the operands' give.
LogicalResult holdsBounds(Operation *op, Type result) {
  const auto inferred = inferBounds(op);
  if (!inferred) return success();
  const Bounds declared = boundsOf(result);
  if (declared.low <= inferred->low && inferred->high <= declared.high) return success();
  return op->emitOpError("gives ") << inferred->low.get_str() << ".." << inferred->high.get_str() << ", and its type says "
                                   << declared.low.get_str() << ".." << declared.high.get_str();
}

/// What is computed from ciphertexts is derived, and not from what was sealed to leave.
LogicalResult derives(Operation *op, ValueRange operands, Type result) {
  bool encrypted = false;
  for (Value operand : operands) {
    auto cipher = dyn_cast<CipherType>(operand.getType());
    if (!cipher) continue;
    encrypted = true;
    if (cipher.getSlots() != 0) return op->emitOpError("computes on packed ciphertexts");
  }
  auto cipher = dyn_cast<CipherType>(result);
  if (encrypted != static_cast<bool>(cipher)) return op->emitOpError("has an encrypted result exactly when an operand is encrypted");
  if (cipher && cipher.getState() != State::Derived) return op->emitOpError("gives derived ciphertexts, not ") << stringifyState(cipher.getState()) << " ones";
  return success();
}

LogicalResult exactOperation(Operation *op) {
  Type result = op->getResult(0).getType();
  SmallVector<Type> types(op->getOperandTypes());
  types.push_back(result);
  if (failed(atOneParty(op, types)) || failed(derives(op, op->getOperands(), result))) return failure();
  return holdsBounds(op, result);
}

LogicalResult sumOfEqualScales(Operation *op) {
  SmallVector<Type> types(op->getOperandTypes());
  types.push_back(op->getResult(0).getType());
  return failed(exactOperation(op)) ? failure() : sameScale(op, types);
}

LogicalResult productOfScales(Operation *op) {
  if (failed(exactOperation(op))) return failure();
  const auto product = scaleOf(op->getOperand(0).getType()).times(scaleOf(op->getOperand(1).getType()));
  if (product == scaleOf(op->getResult(0).getType())) return success();
  return op->emitOpError("has scale ") << scaleText(product) << ", and its type says " << scaleText(scaleOf(op->getResult(0).getType()));
}

bool alikeElsewhere(Type from, Type to) { return withParty(from, partyOf(to)) == to; }

}  // namespace

LogicalResult KeyOp::verify() {
  if (getScheme() == "paillier") {
    if (getBits() < 2048) return emitOpError("has ") << getBits() << " bits, fewer than 2048";
    return success();
  }
  if (getScheme() == "rc2_128_cbc" && !getAllowWeak()) return emitOpError("is weak and not marked so");
  return success();
}

LogicalResult GraphOp::verify() {
  if (!getParty()) return success();
  for (Operation &op : getBody().front())
    for (Value result : op.getResults())
      if (partyOf(result.getType()) != *getParty())
        return op.emitOpError("is at ") << partyOf(result.getType()) << " in what " << *getParty() << " does";
  return success();
}

LogicalResult ConstantOp::verify() {
  if (static_cast<int64_t>(getNumbers().size()) == elementsOf(getType())) return success();
  return emitOpError("has ") << getNumbers().size() << " numbers for " << elementsOf(getType()) << " elements";
}

LogicalResult GatherOp::verify() {
  if (static_cast<int64_t>(getIndices().size()) != elementsOf(getType())) return emitOpError("has an index for each element of its result");
  const int64_t count = elementsOf(getOperand().getType());
  for (int64_t index : getIndices())
    if (index < 0 || index >= count) return emitOpError("takes element ") << index << " of " << count;
  if (isa<PlainType>(getType()) != isa<PlainType>(getOperand().getType())) return emitOpError("keeps the form of its operand");
  if (failed(atOneParty(*this, {getOperand().getType(), getType()}))) return failure();
  return holdsBounds(*this, getType());
}

LogicalResult ConcatOp::verify() {
  int64_t count = 0;
  SmallVector<Type> types(getOperandTypes());
  for (Type type : types) count += elementsOf(type);
  types.push_back(getType());
  if (count != elementsOf(getType())) return emitOpError("joins ") << count << " elements to " << elementsOf(getType());
  if (failed(atOneParty(*this, types))) return failure();
  if (isa<PlainType>(getType())) return success();
  if (failed(sameScale(*this, types))) return failure();
  return holdsBounds(*this, getType());
}

LogicalResult ConcealOp::verify() {
  auto from = cast<IntegersType>(getOperand().getType());
  auto to = cast<CipherType>(getType());
  if (to.getState() != State::Fresh) return emitOpError("gives fresh ciphertexts");
  if (failed(atOneParty(*this, {from, to})) || failed(sameScale(*this, {from, to}))) return failure();
  if (from.getShape() != to.getShape()) return emitOpError("keeps the shape");
  return holdsBounds(*this, to);
}

LogicalResult DecryptOp::verify() {
  auto from = cast<CipherType>(getOperand().getType());
  if (failed(atOneParty(*this, {from, getType()})) || failed(sameScale(*this, {from, getType()}))) return failure();
  if (auto module = (*this)->getParentOfType<ModuleOp>())
    if (auto key = module.lookupSymbol<KeyOp>(from.getKey()); key && key.getHolder() != from.getParty())
      return emitOpError("is at ") << from.getParty() << ", and " << key.getHolder() << " holds " << from.getKey();
  return holdsBounds(*this, getType());
}

LogicalResult AddOp::verify() {
  if (isa<CipherType>(getLeft().getType()) != isa<CipherType>(getRight().getType())) return emitOpError("adds two of one form; add_plain adds integers to ciphertexts");
  return sumOfEqualScales(*this);
}
LogicalResult SubtractOp::verify() { return sumOfEqualScales(*this); }
LogicalResult AddPlainOp::verify() { return sumOfEqualScales(*this); }
LogicalResult MultiplyPlainOp::verify() { return productOfScales(*this); }
LogicalResult NegateOp::verify() { return sumOfEqualScales(*this); }
LogicalResult SumOp::verify() { return sumOfEqualScales(*this); }

LogicalResult MatvecOp::verify() {
  ArrayRef<int64_t> matrix = shapeOf(getMatrix().getType()), operand = shapeOf(getOperand().getType());
  if (matrix.size() != 2 || operand.empty() || operand.size() > 2) return emitOpError("multiplies a matrix and a vector or a matrix");
  const bool fits = getReversed() ? operand.back() == matrix.front() : matrix.back() == operand.front();
  if (!fits) return emitOpError("adds over axes of different sizes");
  return productOfScales(*this);
}

LogicalResult PackOp::verify() {
  auto from = cast<CipherType>(getOperand().getType()), to = cast<CipherType>(getType());
  if (from.getSlots() != 0 || to.getSlots() <= 0) return emitOpError("makes packed ciphertexts of such that hold one number");
  const Bounds bounds = boundsOf(from);
  if (acie::sema::bits_of(bounds.magnitude()) + 1 > to.getSlots()) return emitOpError("has slots of ") << to.getSlots() << " bits for numbers of " << acie::sema::bits_of(bounds.magnitude()) << " and a sign";
  return success();
}

LogicalResult SealOp::verify() {
  auto from = cast<CipherType>(getOperand().getType()), to = cast<CipherType>(getType());
  if (from.getState() == State::Sealed) return emitOpError("seals what is sealed");
  if (withState(from, State::Sealed) != to) return emitOpError("changes nothing but the state, to sealed");
  return success();
}

LogicalResult RevealOp::verify() {
  if (isa<CipherType>(getOperand().getType())) return emitOpError("reveals plaintexts; ciphertexts move");
  if (!alikeElsewhere(getOperand().getType(), getType())) return emitOpError("changes nothing but the party");
  return success();
}

LogicalResult MoveOp::verify() {
  auto from = cast<CipherType>(getOperand().getType()), to = cast<CipherType>(getType());
  if (to.getState() != State::Derived) return emitOpError("gives derived ciphertexts: what the receiver sends on it re-randomises");
  if (!alikeElsewhere(withState(from, State::Derived), to)) return emitOpError("changes nothing but the party");
  return success();
}

LogicalResult SendOp::verify() {
  auto cipher = dyn_cast<CipherType>(getOperand().getType());
  if (!cipher) return getReveal() ? success() : emitOpError("sends a plaintext that the program does not reveal");
  if (cipher.getState() == State::Derived) return emitOpError("sends ciphertexts that were computed and not sealed: the key's holder could tell from what");
  return success();
}

LogicalResult OutputOp::verify() {
  auto cipher = dyn_cast<CipherType>(getOperand().getType());
  if (cipher && cipher.getSlots() != 0) return emitOpError("stores packed ciphertexts: a later run reads one number from each");
  return success();
}

LogicalResult InputOp::verify() {
  auto cipher = dyn_cast<CipherType>(getType());
  if (cipher && (cipher.getState() != State::Derived || cipher.getSlots() != 0)) return emitOpError("reads ciphertexts that may have been read before: derived, one number each");
  return success();
}
