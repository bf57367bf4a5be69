#include "tests/unit/codegen/Interpreter.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "kernels/math/Functions.h"
#include "kernels/math/ScalarBackend.h"
#include "kernels/random/Threefry.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace acie::codegen::testing {
namespace {

namespace arith = mlir::arith;

// One value, kept as the bits of its type (i1: 0 or 1).
struct Word {
  uint64_t bits = 0;
  double f64() const { return std::bit_cast<double>(bits); }
  float f32() const { return std::bit_cast<float>(static_cast<uint32_t>(bits)); }
  int64_t i64() const { return static_cast<int64_t>(bits); }
  int32_t i32() const { return static_cast<int32_t>(bits); }
  bool truth() const { return bits & 1; }
};
Word word(double x) { return {std::bit_cast<uint64_t>(x)}; }
Word word(float x) { return {std::bit_cast<uint32_t>(x)}; }
Word word(int64_t x) { return {static_cast<uint64_t>(x)}; }
Word word(int32_t x) { return {static_cast<uint32_t>(x)}; }
Word word(bool x) { return {x}; }

int64_t signed_value(Word x, mlir::Type type) {
  switch (type.getIntOrFloatBitWidth()) {
    case 64: return x.i64();
    case 32: return x.i32();
    default: return -static_cast<int64_t>(x.truth());
  }
}

Word from_integer(int64_t value, mlir::Type type) {
  switch (type.getIntOrFloatBitWidth()) {
    case 64: return word(value);
    case 32: return word(static_cast<int32_t>(value));
    default: return word(static_cast<bool>(value & 1));
  }
}

double real_value(Word x, mlir::Type type) { return type.isF64() ? x.f64() : static_cast<double>(x.f32()); }

template <class T>
T real_binary(mlir::Operation& op, T x, T y) {
  if (mlir::isa<arith::AddFOp>(op)) return x + y;
  if (mlir::isa<arith::SubFOp>(op)) return x - y;
  if (mlir::isa<arith::MulFOp>(op)) return x * y;
  return x / y;
}

bool real_compare(arith::CmpFPredicate predicate, double x, double y) {
  const bool unordered = std::isnan(x) || std::isnan(y);
  switch (predicate) {
    case arith::CmpFPredicate::OEQ: return x == y;
    case arith::CmpFPredicate::OGT: return x > y;
    case arith::CmpFPredicate::OGE: return x >= y;
    case arith::CmpFPredicate::OLT: return x < y;
    case arith::CmpFPredicate::OLE: return x <= y;
    case arith::CmpFPredicate::ONE: return !unordered && x != y;
    case arith::CmpFPredicate::ORD: return !unordered;
    case arith::CmpFPredicate::UEQ: return unordered || x == y;
    case arith::CmpFPredicate::UGT: return unordered || x > y;
    case arith::CmpFPredicate::UGE: return unordered || x >= y;
    case arith::CmpFPredicate::ULT: return unordered || x < y;
    case arith::CmpFPredicate::ULE: return unordered || x <= y;
    case arith::CmpFPredicate::UNE: return x != y;
    case arith::CmpFPredicate::UNO: return unordered;
    case arith::CmpFPredicate::AlwaysTrue: return true;
    case arith::CmpFPredicate::AlwaysFalse: return false;
  }
  return false;
}

bool integer_compare(arith::CmpIPredicate predicate, int64_t x, int64_t y) {
  const auto ux = static_cast<uint64_t>(x), uy = static_cast<uint64_t>(y);
  switch (predicate) {
    case arith::CmpIPredicate::eq: return x == y;
    case arith::CmpIPredicate::ne: return x != y;
    case arith::CmpIPredicate::slt: return x < y;
    case arith::CmpIPredicate::sle: return x <= y;
    case arith::CmpIPredicate::sgt: return x > y;
    case arith::CmpIPredicate::sge: return x >= y;
    case arith::CmpIPredicate::ult: return ux < uy;
    case arith::CmpIPredicate::ule: return ux <= uy;
    case arith::CmpIPredicate::ugt: return ux > uy;
    case arith::CmpIPredicate::uge: return ux >= uy;
  }
  return false;
}

template <class T>
T saturate(double x) {
  if (std::isnan(x)) return 0;
  const double low = static_cast<double>(std::numeric_limits<T>::min());
  if (x <= low) return std::numeric_limits<T>::min();
  if (x >= -low) return std::numeric_limits<T>::max();
  return static_cast<T>(x);
}

int64_t integer_function(llvm::StringRef name, int64_t x, int64_t y, int64_t least) {
  if (name == "min") return std::min(x, y);
  if (name == "max") return std::max(x, y);
  if (y == 0) return name == "idiv" ? 0 : x;
  if (x == least && y == -1) return name == "idiv" ? least : 0;
  const int64_t remainder = x % y;
  const bool adjust = remainder != 0 && (remainder < 0) != (y < 0);
  return name == "idiv" ? x / y - adjust : remainder + (adjust ? y : 0);
}

template <class B>
typename B::F math_function(llvm::StringRef name, const std::vector<typename B::F>& operands) {
  B backend;
  if (name == "idiv") {
    const typename B::F quotient = operands[0] / operands[1];
    return math::findFunction<B>("floor")->expand(backend, &quotient);
  }
  const auto* function = math::findFunction<B>(std::string_view(name.data(), name.size()));
  EXPECT_NE(function, nullptr) << name.str();
  return function ? function->expand(backend, operands.data()) : typename B::F{0};
}

class RowInterpreter {
 public:
  RowInterpreter(const CallContext& context, int64_t element) : context_(context), element_(element) {}

  void define(mlir::Value value, Word word) { values_[value] = word; }
  Word value(mlir::Value value) const { return values_.lookup(value); }

  void evaluate(mlir::Operation& op) {
    std::vector<Word> x;
    for (mlir::Value operand : op.getOperands()) x.push_back(value(operand));
    define(op.getResult(0), compute(op, x));
  }

 private:
  Word compute(mlir::Operation& op, const std::vector<Word>& x) {
    const mlir::Type type = op.getResult(0).getType();
    const mlir::Type from = op.getNumOperands() ? op.getOperand(0).getType() : type;
    if (auto constant = mlir::dyn_cast<arith::ConstantOp>(op)) {
      if (auto number = mlir::dyn_cast<mlir::FloatAttr>(constant.getValue()))
        return {number.getValue().bitcastToAPInt().getZExtValue()};
      return from_integer(mlir::cast<mlir::IntegerAttr>(constant.getValue()).getInt(), type);
    }
    if (mlir::isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp>(op))
      return type.isF64() ? word(real_binary(op, x[0].f64(), x[1].f64())) : word(real_binary(op, x[0].f32(), x[1].f32()));
    if (mlir::isa<arith::NegFOp>(op)) return type.isF64() ? word(-x[0].f64()) : word(-x[0].f32());
    if (auto compare = mlir::dyn_cast<arith::CmpFOp>(op))
      return word(real_compare(compare.getPredicate(), real_value(x[0], from), real_value(x[1], from)));
    if (auto compare = mlir::dyn_cast<arith::CmpIOp>(op))
      return word(integer_compare(compare.getPredicate(), signed_value(x[0], from), signed_value(x[1], from)));
    if (mlir::isa<arith::SelectOp>(op)) return x[0].truth() ? x[1] : x[2];
    if (mlir::isa<arith::BitcastOp>(op)) return x[0];
    if (mlir::isa<arith::ExtFOp>(op)) return word(static_cast<double>(x[0].f32()));
    if (mlir::isa<arith::TruncFOp>(op)) return word(static_cast<float>(x[0].f64()));
    if (mlir::isa<arith::SIToFPOp>(op)) {
      const int64_t number = signed_value(x[0], from);
      return type.isF64() ? word(static_cast<double>(number)) : word(static_cast<float>(number));
    }
    if (mlir::isa<arith::UIToFPOp>(op)) return type.isF64() ? word(static_cast<double>(x[0].bits)) : word(static_cast<float>(x[0].bits));
    if (mlir::isa<arith::ExtSIOp>(op)) return from_integer(signed_value(x[0], from), type);
    if (mlir::isa<arith::ExtUIOp>(op)) return from_integer(static_cast<int64_t>(x[0].bits), type);
    if (mlir::isa<arith::TruncIOp>(op)) return from_integer(x[0].i64(), type);
    if (type.isSignlessInteger() && mlir::isa<arith::ArithDialect>(op.getDialect())) return integer_arith(op, x, type);
    return acie_operation(op, x, type, from);
  }

  Word integer_arith(mlir::Operation& op, const std::vector<Word>& x, mlir::Type type) {
    const uint64_t a = x[0].bits, b = x[1].bits;
    uint64_t result = 0;
    if (mlir::isa<arith::AddIOp>(op)) result = a + b;
    if (mlir::isa<arith::SubIOp>(op)) result = a - b;
    if (mlir::isa<arith::MulIOp>(op)) result = a * b;
    if (mlir::isa<arith::AndIOp>(op)) result = a & b;
    if (mlir::isa<arith::OrIOp>(op)) result = a | b;
    if (mlir::isa<arith::XOrIOp>(op)) result = a ^ b;
    return from_integer(static_cast<int64_t>(result), type);
  }

  Word acie_operation(mlir::Operation& op, const std::vector<Word>& x, mlir::Type type, mlir::Type from) {
    const llvm::StringRef name = op.getName().stripDialect();
    if (auto uniform = mlir::dyn_cast<ir::UniformOp>(op)) {
      math::Scalar64 backend;
      const auto word64 = [&](uint64_t v) { return math::Int<math::Scalar64>{&backend, v}; };
      const uint64_t row = context_.row_base + element_ * context_.row_step;
      const uint64_t draw = context_.draw_base + element_ * context_.draw_step;
      const auto words = random::draw(word64(context_.seed), word64(random::hashName(uniform.getName().str())),
                                      word64(row), word64(draw));
      return word(random::uniform(words.first).v);
    }
    if (mlir::isa<ir::ToIntOp>(op)) {
      const double number = real_value(x[0], from);
      return type.isInteger(64) ? word(saturate<int64_t>(number)) : word(saturate<int32_t>(number));
    }
    if (op.hasTrait<ir::ImportedFunction>()) {
      std::vector<double> operands;
      for (Word operand : x) operands.push_back(operand.f64());
      return word(test_import(std::string_view(name.data(), name.size()), operands.data()));
    }
    if (type.isSignlessInteger()) {
      const int64_t least = type.isInteger(64) ? INT64_MIN : INT32_MIN;
      return from_integer(integer_function(name, signed_value(x[0], type), signed_value(x[1], type), least), type);
    }
    if (type.isF64()) {
      std::vector<double> operands;
      for (Word operand : x) operands.push_back(operand.f64());
      return word(math_function<math::Scalar64>(name, operands));
    }
    std::vector<float> operands;
    for (Word operand : x) operands.push_back(operand.f32());
    return word(math_function<math::Scalar32>(name, operands));
  }

  const CallContext& context_;
  int64_t element_;
  llvm::DenseMap<mlir::Value, Word> values_;
};

Word load(const Column& column, int64_t row) {
  Word result;
  const size_t size = column.element_size();
  std::memcpy(&result.bits, column.bytes.data() + row * column.stride * size, size);
  if (column.dtype == ACIE_BOOL) result.bits = result.bits != 0;
  return result;
}

}  // namespace

acie_dtype dtype_of(mlir::Type type) {
  if (type.isF64()) return ACIE_F64;
  if (type.isF32()) return ACIE_F32;
  if (type.isInteger(64)) return ACIE_I64;
  return type.isInteger(32) ? ACIE_I32 : ACIE_BOOL;
}

void interpret(plan::ClusterOp cluster, int64_t count, const std::vector<Column>& inputs, std::vector<Column>& outputs,
               const CallContext& context) {
  mlir::Block& body = cluster.getBody().front();
  outputs.clear();
  for (mlir::Value output : cluster.getOutputs())
    outputs.push_back(
        Column::zeros(dtype_of(mlir::cast<plan::BufferType>(output.getType()).getElementType()), count));
  for (int64_t row = 0; row < count; ++row) {
    RowInterpreter interpreter(context, row);
    for (size_t i = 0; i < inputs.size(); ++i) interpreter.define(body.getArgument(i), load(inputs[i], row));
    for (size_t i = 0; i < cluster.getScalars().size(); ++i) {
      auto scalar = cluster.getScalars()[i].getDefiningOp<plan::ScalarOp>();
      Word value{static_cast<uint64_t>(context.scalars[scalar.getIndex()].i64)};
      if (scalar.getType().isInteger(1)) value.bits = value.bits != 0;
      if (scalar.getType().getIntOrFloatBitWidth() == 32) value.bits &= 0xffffffff;
      interpreter.define(body.getArgument(inputs.size() + i), value);
    }
    for (mlir::Operation& op : body.without_terminator()) interpreter.evaluate(op);
    for (auto [output, value] : llvm::zip(outputs, body.getTerminator()->getOperands())) {
      const Word word = interpreter.value(value);
      std::memcpy(output.bytes.data() + row * output.element_size(), &word.bits, output.element_size());
    }
  }
}

::testing::AssertionResult same_bits(const Column& expected, const Column& actual) {
  if (expected.bytes.size() != actual.bytes.size()) return ::testing::AssertionFailure() << "different lengths";
  const size_t size = expected.element_size();
  for (size_t i = 0; i * size < expected.bytes.size(); ++i) {
    if (std::memcmp(expected.bytes.data() + i * size, actual.bytes.data() + i * size, size) == 0) continue;
    if (expected.dtype == ACIE_F64) {
      const double e = expected.at<double>(i), a = actual.at<double>(i);
      if (std::isnan(e) && std::isnan(a)) continue;
      return ::testing::AssertionFailure() << "element " << i << ": " << std::hexfloat << a << " instead of " << e;
    }
    if (expected.dtype == ACIE_F32) {
      const float e = expected.at<float>(i), a = actual.at<float>(i);
      if (std::isnan(e) && std::isnan(a)) continue;
      return ::testing::AssertionFailure() << "element " << i << ": " << std::hexfloat << a << " instead of " << e;
    }
    uint64_t e = 0, a = 0;
    std::memcpy(&e, expected.bytes.data() + i * size, size);
    std::memcpy(&a, actual.bytes.data() + i * size, size);
    return ::testing::AssertionFailure() << "element " << i << ": " << static_cast<int64_t>(a) << " instead of "
                                         << static_cast<int64_t>(e);
  }
  return ::testing::AssertionSuccess();
}

}  // namespace acie::codegen::testing
