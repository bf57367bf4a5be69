#include "compiler/Codegen/CPU/OperationBuilder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Codegen/CPU/Signs.h"
#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "kernels/random/Threefry.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

namespace acie::codegen {
namespace {

namespace arith = mlir::arith;
using llvm::CmpInst;
using llvm::Instruction;

CmpInst::Predicate predicate_of(arith::CmpFPredicate predicate) {
  switch (predicate) {
    case arith::CmpFPredicate::AlwaysFalse: return CmpInst::FCMP_FALSE;
    case arith::CmpFPredicate::OEQ: return CmpInst::FCMP_OEQ;
    case arith::CmpFPredicate::OGT: return CmpInst::FCMP_OGT;
    case arith::CmpFPredicate::OGE: return CmpInst::FCMP_OGE;
    case arith::CmpFPredicate::OLT: return CmpInst::FCMP_OLT;
    case arith::CmpFPredicate::OLE: return CmpInst::FCMP_OLE;
    case arith::CmpFPredicate::ONE: return CmpInst::FCMP_ONE;
    case arith::CmpFPredicate::ORD: return CmpInst::FCMP_ORD;
    case arith::CmpFPredicate::UEQ: return CmpInst::FCMP_UEQ;
    case arith::CmpFPredicate::UGT: return CmpInst::FCMP_UGT;
    case arith::CmpFPredicate::UGE: return CmpInst::FCMP_UGE;
    case arith::CmpFPredicate::ULT: return CmpInst::FCMP_ULT;
    case arith::CmpFPredicate::ULE: return CmpInst::FCMP_ULE;
    case arith::CmpFPredicate::UNE: return CmpInst::FCMP_UNE;
    case arith::CmpFPredicate::UNO: return CmpInst::FCMP_UNO;
    case arith::CmpFPredicate::AlwaysTrue: return CmpInst::FCMP_TRUE;
  }
  return CmpInst::FCMP_FALSE;
}

CmpInst::Predicate predicate_of(arith::CmpIPredicate predicate) {
  switch (predicate) {
    case arith::CmpIPredicate::eq: return CmpInst::ICMP_EQ;
    case arith::CmpIPredicate::ne: return CmpInst::ICMP_NE;
    case arith::CmpIPredicate::slt: return CmpInst::ICMP_SLT;
    case arith::CmpIPredicate::sle: return CmpInst::ICMP_SLE;
    case arith::CmpIPredicate::sgt: return CmpInst::ICMP_SGT;
    case arith::CmpIPredicate::sge: return CmpInst::ICMP_SGE;
    case arith::CmpIPredicate::ult: return CmpInst::ICMP_ULT;
    case arith::CmpIPredicate::ule: return CmpInst::ICMP_ULE;
    case arith::CmpIPredicate::ugt: return CmpInst::ICMP_UGT;
    case arith::CmpIPredicate::uge: return CmpInst::ICMP_UGE;
  }
  return CmpInst::ICMP_EQ;
}

// The instruction that computes a two-operand operation of arith, or BinaryOpsEnd.
Instruction::BinaryOps binary_of(mlir::Operation& op) {
  return llvm::TypeSwitch<mlir::Operation*, Instruction::BinaryOps>(&op)
      .Case<arith::AddFOp>([](auto) { return Instruction::FAdd; })
      .Case<arith::SubFOp>([](auto) { return Instruction::FSub; })
      .Case<arith::MulFOp>([](auto) { return Instruction::FMul; })
      .Case<arith::DivFOp>([](auto) { return Instruction::FDiv; })
      .Case<arith::AddIOp>([](auto) { return Instruction::Add; })
      .Case<arith::SubIOp>([](auto) { return Instruction::Sub; })
      .Case<arith::MulIOp>([](auto) { return Instruction::Mul; })
      .Case<arith::AndIOp>([](auto) { return Instruction::And; })
      .Case<arith::OrIOp>([](auto) { return Instruction::Or; })
      .Case<arith::XOrIOp>([](auto) { return Instruction::Xor; })
      .Default(Instruction::BinaryOpsEnd);
}

Instruction::CastOps cast_of(mlir::Operation& op) {
  return llvm::TypeSwitch<mlir::Operation*, Instruction::CastOps>(&op)
      .Case<arith::ExtFOp>([](auto) { return Instruction::FPExt; })
      .Case<arith::TruncFOp>([](auto) { return Instruction::FPTrunc; })
      .Case<arith::SIToFPOp>([](auto) { return Instruction::SIToFP; })
      .Case<arith::UIToFPOp>([](auto) { return Instruction::UIToFP; })
      .Case<arith::ExtSIOp>([](auto) { return Instruction::SExt; })
      .Case<arith::ExtUIOp>([](auto) { return Instruction::ZExt; })
      .Case<arith::TruncIOp>([](auto) { return Instruction::Trunc; })
      .Case<arith::BitcastOp>([](auto) { return Instruction::BitCast; })
      .Default(Instruction::CastOpsEnd);
}

// The function that computes an operation of the acie dialect: its name, but for exponentials of what is never above 0 and for
// powers of which a constant operand makes something simpler. "exp10" and "exp2" take the exponent; "square" the base.
llvm::StringRef function_name(mlir::Operation& op) {
  if (auto exp = mlir::dyn_cast<ir::ExpOp>(op); exp && is_nonpositive(exp->getOperand(0))) return "expOfNonpositive";
  if (auto pow = mlir::dyn_cast<ir::PowOp>(op)) {
    llvm::APFloat constant(0.0);
    if (mlir::matchPattern(pow.getX(), mlir::m_ConstantFloat(&constant))) {
      if (constant.isExactlyValue(10)) return "exp10";
      if (constant.isExactlyValue(2)) return "exp2";
    }
    if (mlir::matchPattern(pow.getP(), mlir::m_ConstantFloat(&constant)) && constant.isExactlyValue(2)) return "square";
  }
  return op.getName().stripDialect();
}

}  // namespace

llvm::Type* OperationBuilder::element(mlir::Type type) {
  if (type.isF64()) return v_.f64();
  if (type.isF32()) return v_.f32();
  return v_.ir().getIntNTy(type.getIntOrFloatBitWidth());
}

void OperationBuilder::announce(mlir::Operation& op, RowShape shape, OutlinedFunctions& functions) {
  if (mlir::isa<plan::UniformOp>(op)) return functions.announce(OutlinedFunctions::kUniform, 64, shape);
  if (!mlir::isa<ir::AcieDialect>(op.getDialect()) || op.hasTrait<ir::ImportedFunction>()) return;
  const llvm::StringRef name = function_name(op);
  functions.announce(std::string_view(name.data(), name.size()), op.getResult(0).getType().getIntOrFloatBitWidth(), shape);
}

absl::Status OperationBuilder::build(mlir::Operation& op) {
  Bundle result;
  bool built = build_constant(op, result);
  if (!built) {
    llvm::SmallVector<Bundle, 3> operands;
    for (mlir::Value operand : op.getOperands()) operands.push_back(value(operand));
    built = build_arith(op, operands, result) || build_acie(op, operands, result);
  }
  if (!built)
    return absl::UnimplementedError(
        absl::StrCat("operation ", op.getName().getStringRef().str(), " has no expansion into vector code"));
  values_.try_emplace(op.getResult(0), result);
  return absl::OkStatus();
}

bool OperationBuilder::build_constant(mlir::Operation& op, Bundle& result) {
  auto constant = mlir::dyn_cast<arith::ConstantOp>(op);
  if (!constant) return false;
  llvm::Type* type = element(constant.getType());
  if (auto number = mlir::dyn_cast<mlir::FloatAttr>(constant.getValue())) {
    llvm::Constant* c = llvm::ConstantFP::get(v_.vector_of(type), number.getValue());
    result = v_.per_part([&](unsigned) { return c; });
  } else {
    result = v_.integer(type, mlir::cast<mlir::IntegerAttr>(constant.getValue()).getInt());
  }
  return true;
}

bool OperationBuilder::build_arith(mlir::Operation& op, llvm::ArrayRef<Bundle> x, Bundle& result) {
  if (const auto opcode = binary_of(op); opcode != Instruction::BinaryOpsEnd) {
    result = v_.binary(opcode, x[0], x[1]);
  } else if (const auto opcode = cast_of(op); opcode != Instruction::CastOpsEnd) {
    result = v_.cast(opcode, x[0], element(op.getResult(0).getType()));
  } else if (auto compare = mlir::dyn_cast<arith::CmpFOp>(op)) {
    result = v_.compare(predicate_of(compare.getPredicate()), x[0], x[1]);
  } else if (auto compare = mlir::dyn_cast<arith::CmpIOp>(op)) {
    result = v_.compare(predicate_of(compare.getPredicate()), x[0], x[1]);
  } else if (mlir::isa<arith::SelectOp>(op)) {
    result = v_.select(x[0], x[1], x[2]);
  } else if (mlir::isa<arith::NegFOp>(op)) {
    result = v_.negate(x[0]);
  } else {
    return false;
  }
  return true;
}

// y where x / y is defined, else 1: division by zero and the one overflowing quotient trap. `zero` is y == 0.
Bundle OperationBuilder::safe_divisor(const Bundle& x, const Bundle& y, const Bundle& zero) {
  llvm::Type* type = v_.element_type(y);
  const int64_t least = type->isIntegerTy(64) ? INT64_MIN : INT32_MIN;
  const Bundle overflow = v_.binary(Instruction::And, v_.compare(CmpInst::ICMP_EQ, x, v_.integer(type, least)),
                                    v_.compare(CmpInst::ICMP_EQ, y, v_.integer(type, -1)));
  return v_.select(v_.binary(Instruction::Or, zero, overflow), v_.integer(type, 1), y);
}

// Integer operations of the acie dialect. idiv and mod round towards minus infinity; least / -1 wraps to least.
bool OperationBuilder::build_integer(llvm::StringRef name, llvm::ArrayRef<Bundle> x, Bundle& result) {
  if (name == "min" || name == "max") {
    const auto first = name == "min" ? CmpInst::ICMP_SLT : CmpInst::ICMP_SGT;
    result = v_.select(v_.compare(first, x[0], x[1]), x[0], x[1]);
    return true;
  }
  if (name != "idiv" && name != "mod") return false;
  llvm::Type* type = v_.element_type(x[0]);
  const Bundle none = v_.integer(type, 0);
  const Bundle zero = v_.compare(CmpInst::ICMP_EQ, x[1], none);
  const Bundle divisor = safe_divisor(x[0], x[1], zero);
  const Bundle quotient = v_.binary(Instruction::SDiv, x[0], divisor);
  const Bundle remainder = v_.binary(Instruction::Sub, x[0], v_.binary(Instruction::Mul, quotient, divisor));
  // The truncated quotient is one too large where there is a remainder of the other sign than the divisor.
  const Bundle opposite =
      v_.compare(CmpInst::ICMP_SLT, v_.binary(Instruction::Xor, remainder, divisor), none);
  const Bundle adjust = v_.binary(Instruction::And, opposite, v_.compare(CmpInst::ICMP_NE, remainder, none));
  if (name == "idiv") {
    const Bundle floored = v_.binary(Instruction::Sub, quotient, v_.select(adjust, v_.integer(type, 1), none));
    result = v_.select(zero, none, floored);
  } else {
    const Bundle floored = v_.binary(Instruction::Add, remainder, v_.select(adjust, divisor, none));
    result = v_.select(zero, x[0], floored);
  }
  return true;
}

bool OperationBuilder::build_function(llvm::StringRef name, llvm::ArrayRef<Bundle> x, Bundle& result) {
  return functions_.build(kernel_.module(), v_, std::string_view(name.data(), name.size()), {x.data(), x.size()}, result);
}

bool OperationBuilder::build_acie(mlir::Operation& op, llvm::ArrayRef<Bundle> x, Bundle& result) {
  if (mlir::isa<plan::UniformOp>(op)) {
    result = functions_.build_uniform(kernel_.module(), v_, kernel_.seed(), x[0], kernel_.row(), kernel_.draw());
    return true;
  }
  if (!mlir::isa<ir::AcieDialect>(op.getDialect())) return false;
  if (auto uniform = mlir::dyn_cast<ir::UniformOp>(op)) {
    const uint64_t hash = random::hashName(std::string_view(uniform.getName().data(), uniform.getName().size()));
    const Bundle key = v_.integer(v_.i64(), static_cast<int64_t>(hash));
    result = functions_.build_uniform(kernel_.module(), v_, kernel_.seed(), key, kernel_.row(), kernel_.draw());
    return true;
  }
  if (mlir::isa<ir::ToIntOp>(op)) {
    llvm::Type* to = element(op.getResult(0).getType());
    result = v_.intrinsic(llvm::Intrinsic::fptosi_sat, {to, v_.element_type(x[0])}, {x[0]});
    return true;
  }
  const llvm::StringRef name = op.getName().stripDialect();
  if (op.hasTrait<ir::ImportedFunction>()) {
    const auto import = std::find(imports_.begin(), imports_.end(), name.str());
    if (import == imports_.end()) return false;
    result = kernel_.call_import(import - imports_.begin(), x);
    return true;
  }
  if (!x.empty() && v_.element_type(x[0])->isIntegerTy()) return build_integer(name, x, result);
  if (name == "idiv") return build_function("floor", v_.binary(Instruction::FDiv, x[0], x[1]), result);
  const llvm::StringRef function = function_name(op);
  if (function == "square") {
    result = v_.binary(Instruction::FMul, x[0], x[0]);
    return true;
  }
  return build_function(function, mlir::isa<ir::PowOp>(op) && function != name ? x.drop_front() : x, result);
}

}  // namespace acie::codegen
