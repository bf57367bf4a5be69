#include "compiler/Dialect/Secret/SecretTypes.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace acie::secret {

using sema::Bounds;
using sema::Scale;

StringRef partyOf(Type type) {
  return llvm::TypeSwitch<Type, StringRef>(type)
      .Case<PlainType, IntegersType, CipherType, BytesType>([](auto t) { return t.getParty(); })
      .Default([](Type) { return StringRef(); });
}

ArrayRef<int64_t> shapeOf(Type type) {
  return llvm::TypeSwitch<Type, ArrayRef<int64_t>>(type)
      .Case<PlainType, IntegersType, CipherType>([](auto t) { return t.getShape(); })
      .Default([](Type) { return ArrayRef<int64_t>(); });
}

int64_t elementsOf(Type type) {
  int64_t count = 1;
  for (int64_t size : shapeOf(type)) count *= size;
  return count;
}

static StringRef textOfScale(Type type) {
  if (auto integers = dyn_cast<IntegersType>(type)) return integers.getScale();
  return cast<CipherType>(type).getScale();
}

Scale scaleOf(Type type) { return Scale(mpq_class(textOfScale(type).str())); }

Bounds boundsOf(Type type) {
  if (auto integers = dyn_cast<IntegersType>(type)) return {mpz_class(integers.getLow().str()), mpz_class(integers.getHigh().str())};
  auto cipher = cast<CipherType>(type);
  return {mpz_class(cipher.getLow().str()), mpz_class(cipher.getHigh().str())};
}

std::string scaleText(const Scale &scale) { return scale.value().get_str(); }

Type withBounds(Type type, const Bounds &bounds) {
  std::string low = bounds.low.get_str(), high = bounds.high.get_str();
  if (auto t = dyn_cast<IntegersType>(type)) return IntegersType::get(type.getContext(), t.getParty(), t.getShape(), t.getScale(), low, high);
  auto t = cast<CipherType>(type);
  return CipherType::get(type.getContext(), t.getParty(), t.getShape(), t.getScale(), low, high, t.getKey(), t.getState(), t.getSlots());
}

Type withParty(Type type, StringRef party) {
  MLIRContext *context = type.getContext();
  return llvm::TypeSwitch<Type, Type>(type)
      .Case([&](PlainType t) { return PlainType::get(context, party, t.getShape()); })
      .Case([&](IntegersType t) { return IntegersType::get(context, party, t.getShape(), t.getScale(), t.getLow(), t.getHigh()); })
      .Case([&](CipherType t) {
        return CipherType::get(context, party, t.getShape(), t.getScale(), t.getLow(), t.getHigh(), t.getKey(), t.getState(), t.getSlots());
      })
      .Case([&](BytesType) { return BytesType::get(context, party); })
      .Default([](Type t) { return t; });
}

CipherType withState(CipherType t, State state) {
  return CipherType::get(t.getContext(), t.getParty(), t.getShape(), t.getScale(), t.getLow(), t.getHigh(), t.getKey(), state, t.getSlots());
}

CipherType withSlots(CipherType t, int64_t slots) {
  return CipherType::get(t.getContext(), t.getParty(), t.getShape(), t.getScale(), t.getLow(), t.getHigh(), t.getKey(), t.getState(), slots);
}

std::vector<int64_t> constantMatrix(Value matrix) {
  // Perhaps rearranged, before or after it was made exact.
  SmallVector<GatherOp> gathers;
  Value at = matrix;
  bool exact = false;
  while (Operation *op = at.getDefiningOp()) {
    if (auto gather = dyn_cast<GatherOp>(op)) gathers.push_back(gather);
    else if (isa<QuantiseOp>(op)) exact = true;
    else break;
    at = op->getOperand(0);
  }
  auto constant = at.getDefiningOp<ConstantOp>();
  if (!constant || !exact) return {};
  std::vector<double> numbers(constant.getNumbers().begin(), constant.getNumbers().end());
  for (GatherOp gather : llvm::reverse(gathers)) {
    std::vector<double> taken;
    for (int64_t index : gather.getIndices()) taken.push_back(numbers[index]);
    numbers = std::move(taken);
  }
  const Scale scale = scaleOf(matrix.getType());
  std::vector<int64_t> weights;
  for (double number : numbers) {
    const mpz_class weight = sema::quantise(number, scale);
    if (!weight.fits_slong_p()) return {};
    weights.push_back(weight.get_si());
  }
  return weights;
}

std::optional<Bounds> constantMatrixBounds(MatvecOp op) {
  const std::vector<int64_t> weights = constantMatrix(op.getMatrix());
  if (weights.empty()) return std::nullopt;
  const Bounds x = boundsOf(op.getOperand().getType());
  // A row of W, or a column of it where the operand stands on its left.
  ArrayRef<int64_t> shape = shapeOf(op.getMatrix().getType());
  const int64_t inner = op.getReversed() ? shape.front() : shape.back();
  const int64_t rows = static_cast<int64_t>(weights.size()) / inner;
  std::optional<Bounds> all;
  for (int64_t r = 0; r < rows; ++r) {
    mpz_class up = 0, down = 0;  // sums of positive weights and of the magnitudes of negative ones
    for (int64_t k = 0; k < inner; ++k) {
      const int64_t w = op.getReversed() ? weights[k * rows + r] : weights[r * inner + k];
      if (w > 0) up += mpz_class(w);
      else down -= mpz_class(w);
    }
    const Bounds row{up * x.low - down * x.high, up * x.high - down * x.low};
    all = all ? sema::hull(*all, row) : row;
  }
  return all;
}

std::optional<Bounds> inferBounds(Operation *op) {
  const auto bounds = [](Value v) { return boundsOf(v.getType()); };
  return llvm::TypeSwitch<Operation *, std::optional<Bounds>>(op)
      .Case<AddOp, AddPlainOp>([&](auto o) { return bounds(o.getLeft()) + bounds(o.getRight()); })
      .Case([&](SubtractOp o) { return bounds(o.getLeft()) - bounds(o.getRight()); })
      .Case([&](MultiplyPlainOp o) { return bounds(o.getLeft()) * bounds(o.getRight()); })
      .Case([&](NegateOp o) { return -bounds(o.getOperand()); })
      .Case([&](MatvecOp o) {
        if (auto tight = constantMatrixBounds(o)) return *tight;
        Bounds each = bounds(o.getMatrix()) * bounds(o.getOperand());
        ArrayRef<int64_t> shape = shapeOf(o.getMatrix().getType());
        const int64_t inner = o.getReversed() ? shape.front() : shape.back();
        return Bounds{each.low * inner, each.high * inner};
      })
      .Case([&](SumOp o) {
        const int64_t count = elementsOf(o.getOperand().getType()) / elementsOf(o.getType());
        const Bounds each = bounds(o.getOperand());
        return Bounds{each.low * count, each.high * count};
      })
      .Case([&](ConcatOp o) -> std::optional<Bounds> {
        if (isa<PlainType>(o.getType())) return std::nullopt;
        Bounds all = bounds(o.getOperands().front());
        for (Value part : o.getOperands()) all = sema::hull(all, bounds(part));
        return all;
      })
      .Case<GatherOp, ConcealOp, DecryptOp, PackOp, SealOp, RevealOp, MoveOp>([&](auto o) -> std::optional<Bounds> {
        if (Type type = o.getOperand().getType(); !isa<IntegersType, CipherType>(type)) return std::nullopt;
        return bounds(o.getOperand());
      })
      .Default([](Operation *) { return std::nullopt; });
}

}  // namespace acie::secret
