#include "compiler/Sema/Analysis/OneToOne.h"

#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprText.h"

namespace acie::sema {
namespace {

OneToOne yes(int direction) { return {true, direction, "", "", false, false}; }
OneToOne checked(int direction) { return {true, direction, "", "", true, false}; }
OneToOne no(std::string reason, std::string help = "") {
  return {false, 0, std::move(reason), std::move(help), false, false};
}
OneToOne discrete(std::string reason) { return {false, 0, std::move(reason), "", false, true}; }

std::string spelled(Op op) {
  std::string_view text = op_spelling(op);
  return absl::StrCat("`", absl::string_view(text.data(), text.size()), "`");
}

bool is_zero(const Interval& x) { return x.is_point() && x.low == 0; }

OneToOne power(const Expr& node, int operand, const Ranges& ranges) {
  const Interval base = ranges.of(node.operands[0]), exponent = ranges.of(node.operands[1]);
  if (operand == 1) {
    if (base.is_point() && base.low == 1) return no("1 to any power is 1");
    if (base.is_positive()) return yes(base.low >= 1 ? 1 : base.high <= 1 ? -1 : 0);
    return no(absl::StrCat("the base `", to_text(node.operands[0]), "` is not known to be positive"),
              "declare a range for it, such as `in 1..inf`, or write `exp(exponent * log(base))`");
  }
  if (is_zero(exponent)) return no("anything to the power 0 is 1");
  if (exponent.is_point()) {
    double p = exponent.low;
    bool whole = p == std::trunc(p);
    if (whole && std::fmod(p, 2) != 0) return yes(p > 0 ? 1 : base.excludes_zero() ? -1 : 0);
    if (!whole) return checked(p > 0 ? 1 : -1);
    if (base.is_not_negative()) return yes(p > 0 ? 1 : -1);
    return no(absl::StrCat("the power ", number_text(p), " has the same value for v and -v"),
              "declare the base's range `in 0..inf` if it is never negative");
  }
  if (base.is_not_negative()) return checked(exponent.sign());
  return no(absl::StrCat("the exponent `", to_text(node.operands[1]),
                         "` may be even, and an even power has the same value for v and -v"),
            "declare the base's range `in 0..inf` if it is never negative");
}

OneToOne convert(const Expr& node) {
  auto is_float = [](ScalarKind kind) { return kind == ScalarKind::F64 || kind == ScalarKind::F32; };
  if (is_float(node.type.scalar) && is_float(node.operands[0]->type.scalar)) return yes(1);
  if (is_float(node.operands[0]->type.scalar)) {
    return discrete("the conversion to a whole number gives one value for many");
  }
  return yes(1);  // widening a whole number or truth value loses nothing; what is under it decides
}

}  // namespace

OneToOne one_to_one(const Expr& node, int operand, const Ranges& ranges) {
  auto other = [&] { return ranges.of(node.operands[1 - operand]); };
  switch (node.op) {
    case Op::Neg: return yes(-1);
    case Op::Add: return yes(1);
    case Op::Sub: return yes(operand == 0 ? 1 : -1);
    case Op::Mul:
      if (is_zero(other())) return no("it is multiplied by zero");
      return yes(other().sign());
    case Op::Div:
      if (operand == 0) return yes(other().sign());
      if (is_zero(other())) return no("zero divided by it is zero");
      return yes(ranges.of(node.operands[1]).excludes_zero() ? -other().sign() : 0);
    case Op::Pow: return power(node, operand, ranges);

    case Op::Cbrt: case Op::Exp: case Op::Exp2: case Op::Expm1: case Op::Log: case Op::Log2: case Op::Log10:
    case Op::Log1p: case Op::Sinh: case Op::Tanh: case Op::Asinh: case Op::Atanh: case Op::Sigmoid: case Op::Logit:
    case Op::Softplus: case Op::Erf: case Op::NormCdf: case Op::NormQuantile:
      return yes(1);
    case Op::Erfc: return yes(-1);
    case Op::Sqrt: case Op::Asin: case Op::Atan: case Op::Acosh: return checked(1);
    case Op::Acos: return checked(-1);
    case Op::Tan:
      if (ranges.of(node.operands[0]).inside_open(-std::numbers::pi / 2, std::numbers::pi / 2)) return yes(1);
      return no("`tan` repeats its values every pi", "declare a range inside -1.57..1.57 for what it is taken of");
    case Op::Sin: case Op::Cos:
      return no(absl::StrCat(spelled(node.op), " repeats its values every 2 pi"));
    case Op::Cosh: return no("`cosh` has the same value for v and -v");
    case Op::Abs: return no("`abs` has the same value for v and -v");
    case Op::Lgamma: return no("`lgamma` takes its values more than once");
    case Op::Atan2: return no("`atan2` gives only an angle; its inverse in one operand is not unique");

    case Op::GammaQuantile: case Op::BetaQuantile: case Op::StudentTQuantile: case Op::GammaCdf: case Op::BetaCdf:
    case Op::StudentTCdf:
      if (operand == 0) return yes(1);
      return no(absl::StrCat(spelled(node.op), " has no inverse in its shape"));
    case Op::PoissonQuantile: return discrete("a count is a whole number, so many values of the noise give the same one");

    case Op::Min: return no("`min` hides whichever operand is larger");
    case Op::Max: return no("`max` hides whichever operand is smaller");
    case Op::IDiv: return discrete("whole division gives one value for many");
    case Op::Mod: return no("a remainder repeats");
    case Op::Floor: case Op::Ceil: case Op::Round: case Op::Trunc:
      return discrete(absl::StrCat(spelled(node.op), " gives one value for many"));
    case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::Gt: case Op::Ge: case Op::IsNan:
      return discrete("a comparison is only true or false, so many values of the noise give the same one");
    case Op::And: case Op::Or: return discrete(absl::StrCat(spelled(node.op), " hides one operand where the other decides"));
    case Op::Not: return yes(-1);
    case Op::Convert: return convert(node);
    case Op::Select: break;  // solved branch by branch, see Invertibility.cpp
  }
  return no("it cannot be undone");
}

}  // namespace acie::sema
