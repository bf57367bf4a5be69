#include "compiler/Sema/Analysis/Interval.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace acie::sema {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct End {
  double value;
  bool open;
};

End low_end(const Interval& x) { return {x.low, x.low_open}; }
End high_end(const Interval& x) { return {x.high, x.high_open}; }

End product(End a, End b) {
  // A zero end times anything is zero, also times an unbounded end; it is attained where a zero is.
  if (a.value == 0 || b.value == 0) {
    bool attained = (a.value == 0 && !a.open) || (b.value == 0 && !b.open);
    return {0, !attained};
  }
  return {a.value * b.value, a.open || b.open};
}

Interval span_of(std::initializer_list<End> ends) {
  End low{kInfinity, true}, high{-kInfinity, true};
  for (End end : ends) {
    if (end.value < low.value || (end.value == low.value && !end.open)) low = end;
    if (end.value > high.value || (end.value == high.value && !end.open)) high = end;
  }
  return {low.value, high.value, low.open, high.open};
}

Interval multiply(const Interval& a, const Interval& b) {
  return span_of({product(low_end(a), low_end(b)), product(low_end(a), high_end(b)), product(high_end(a), low_end(b)),
                  product(high_end(a), high_end(b))});
}

Interval reciprocal(const Interval& x) {
  if (!x.excludes_zero()) return {};
  auto inverse = [](End end, double at_zero) {
    if (end.value == 0) return End{at_zero, true};
    return std::isinf(end.value) ? End{0, true} : End{1 / end.value, end.open};
  };
  End low = inverse(high_end(x), -kInfinity), high = inverse(low_end(x), kInfinity);
  return {low.value, high.value, low.open, high.open};
}

template <class F>
Interval increasing(const Interval& x, F f) {
  Interval y{f(x.low), f(x.high), x.low_open, x.high_open};
  return std::isnan(y.low) || std::isnan(y.high) ? Interval{} : y;
}

Interval clip(const Interval& x, double low, double high) {
  return intersect(x, Interval::closed(low, high));
}

Interval absolute(const Interval& x) {
  if (x.low >= 0) return x;
  Interval negated{-x.high, -x.low, x.high_open, x.low_open};
  if (x.high <= 0) return negated;
  Interval larger = hull(x, negated);
  return {0, larger.high, false, larger.high_open};
}

Interval power(const Interval& base, const Interval& exponent) {
  if (!exponent.is_point()) {
    return base.is_positive() ? Interval::positive() : base.is_not_negative() ? Interval::not_negative() : Interval{};
  }
  double p = exponent.low;
  if (p == 0) return Interval::point(1);
  bool whole = p == std::trunc(p);
  bool even = whole && std::fmod(p, 2) == 0;
  Interval x = base;
  if (even) {
    x = absolute(base);
  } else if (!whole) {
    x = intersect(base, Interval::not_negative());
  }
  if (p < 0) {
    x = reciprocal(x);
    p = -p;
    if (even || !whole) x = intersect(x, Interval::positive());
  }
  return increasing(x, [p](double v) { return std::pow(v, p); });
}

Interval sigmoid(const Interval& x) {
  return increasing(x, [](double v) { return 1 / (1 + std::exp(-v)); });
}

/// x < y whatever the values.
bool surely_below(const Interval& x, const Interval& y) {
  return x.high < y.low || (x.high == y.low && (x.high_open || y.low_open));
}
/// x <= y whatever the values.
bool surely_not_above(const Interval& x, const Interval& y) { return x.high <= y.low; }

Interval truth(bool maybe_false, bool maybe_true) {
  return Interval::closed(maybe_false ? 0 : 1, maybe_true ? 1 : 0);
}

}  // namespace

bool Interval::inside_open(double a, double b) const {
  return (low > a || (low == a && low_open)) && (high < b || (high == b && high_open));
}

Interval intersect(const Interval& a, const Interval& b) {
  Interval out = a;
  if (b.low > a.low || (b.low == a.low && b.low_open)) out.low = b.low, out.low_open = b.low_open;
  if (b.high < a.high || (b.high == a.high && b.high_open)) out.high = b.high, out.high_open = b.high_open;
  bool empty = out.low > out.high || (out.low == out.high && (out.low_open || out.high_open));
  return empty ? a : out;
}

Interval hull(const Interval& a, const Interval& b) {
  return span_of({low_end(a), high_end(a), low_end(b), high_end(b)});
}

Interval image(Op op, absl::Span<const Interval> operands, bool same_operands) {
  const Interval x = operands.empty() ? Interval{} : operands[0];
  const Interval y = operands.size() < 2 ? Interval{} : operands[1];
  constexpr double pi = std::numbers::pi;
  switch (op) {
    case Op::Neg: return {-x.high, -x.low, x.high_open, x.low_open};
    case Op::Add: return {x.low + y.low, x.high + y.high, x.low_open || y.low_open, x.high_open || y.high_open};
    case Op::Sub:
      if (same_operands) return Interval::point(0);
      return {x.low - y.high, x.high - y.low, x.low_open || y.high_open, x.high_open || y.low_open};
    case Op::Mul:
      if (same_operands) return power(x, Interval::point(2));
      return multiply(x, y);
    case Op::Div:
      if (same_operands) return Interval::point(1);
      return y.excludes_zero() ? multiply(x, reciprocal(y)) : Interval{};
    case Op::Pow: return power(x, y);
    case Op::Min: {
      const Interval& low = x.low < y.low || (x.low == y.low && !x.low_open) ? x : y;
      const Interval& high = x.high < y.high || (x.high == y.high && x.high_open) ? x : y;
      return {low.low, high.high, low.low_open, high.high_open};
    }
    case Op::Max: {
      const Interval& low = x.low > y.low || (x.low == y.low && x.low_open) ? x : y;
      const Interval& high = x.high > y.high || (x.high == y.high && !x.high_open) ? x : y;
      return {low.low, high.high, low.low_open, high.high_open};
    }
    case Op::Sqrt: return increasing(intersect(x, Interval::not_negative()), [](double v) { return std::sqrt(v); });
    case Op::Cbrt: return increasing(x, [](double v) { return std::cbrt(v); });
    case Op::Abs: return absolute(x);
    case Op::Floor: return {std::floor(x.low), std::floor(x.high), std::isinf(x.low), std::isinf(x.high)};
    case Op::Ceil: return {std::ceil(x.low), std::ceil(x.high), std::isinf(x.low), std::isinf(x.high)};
    case Op::Round: return {std::round(x.low), std::round(x.high), std::isinf(x.low), std::isinf(x.high)};
    case Op::Trunc: return {std::trunc(x.low), std::trunc(x.high), std::isinf(x.low), std::isinf(x.high)};
    case Op::Exp: return increasing(x, [](double v) { return std::exp(v); });
    case Op::Exp2: return increasing(x, [](double v) { return std::exp2(v); });
    case Op::Expm1: return increasing(x, [](double v) { return std::expm1(v); });
    case Op::Log: return increasing(intersect(x, Interval::not_negative()), [](double v) { return std::log(v); });
    case Op::Log2: return increasing(intersect(x, Interval::not_negative()), [](double v) { return std::log2(v); });
    case Op::Log10: return increasing(intersect(x, Interval::not_negative()), [](double v) { return std::log10(v); });
    case Op::Log1p: return increasing(clip(x, -1, kInfinity), [](double v) { return std::log1p(v); });
    case Op::Sin:
    case Op::Cos: return Interval::closed(-1, 1);
    case Op::Tan: return x.inside_open(-pi / 2, pi / 2) ? increasing(x, [](double v) { return std::tan(v); }) : Interval{};
    case Op::Asin: return increasing(clip(x, -1, 1), [](double v) { return std::asin(v); });
    case Op::Acos: return Interval::closed(0, pi);
    case Op::Atan: return increasing(x, [](double v) { return std::atan(v); });
    case Op::Atan2: return Interval::closed(-pi, pi);
    case Op::Sinh: return increasing(x, [](double v) { return std::sinh(v); });
    case Op::Cosh: return {1, kInfinity, false, true};
    case Op::Tanh: return increasing(x, [](double v) { return std::tanh(v); });
    case Op::Asinh: return increasing(x, [](double v) { return std::asinh(v); });
    case Op::Acosh: return Interval::not_negative();
    case Op::Atanh: return increasing(clip(x, -1, 1), [](double v) { return std::atanh(v); });
    case Op::Sigmoid: return sigmoid(x);
    case Op::Softplus: return increasing(x, [](double v) { return v > 700 ? v : std::log1p(std::exp(v)); });
    case Op::Erf: return increasing(x, [](double v) { return std::erf(v); });
    case Op::Erfc: return Interval::open(0, 2);
    case Op::NormCdf: return increasing(x, [](double v) { return 0.5 * std::erfc(-v * std::numbers::sqrt2 / 2); });
    case Op::GammaCdf:
    case Op::BetaCdf:
    case Op::StudentTCdf: return Interval::closed(0, 1);
    case Op::GammaQuantile: return Interval::positive();
    case Op::BetaQuantile: return Interval::open(0, 1);
    case Op::PoissonQuantile: return Interval::not_negative();
    case Op::Eq:
    case Op::Ne: return Interval::closed(0, 1);
    case Op::Lt: return truth(!surely_below(x, y), !surely_not_above(y, x));
    case Op::Le: return truth(!surely_not_above(x, y), !surely_below(y, x));
    case Op::Gt: return truth(!surely_below(y, x), !surely_not_above(x, y));
    case Op::Ge: return truth(!surely_not_above(y, x), !surely_below(x, y));
    case Op::IsNan: return Interval::closed(0, 1);
    case Op::And: return {std::min(x.low, y.low), std::min(x.high, y.high), false, false};
    case Op::Or: return {std::max(x.low, y.low), std::max(x.high, y.high), false, false};
    case Op::Not: return {1 - x.high, 1 - x.low, false, false};
    case Op::Select: return operands.size() == 3 ? hull(operands[1], operands[2]) : Interval{};
    case Op::Convert: return x;
    case Op::IDiv:
    case Op::Mod:
    case Op::Logit:
    case Op::NormQuantile:
    case Op::Lgamma:
    case Op::StudentTQuantile: return {};
  }
  return {};
}

}  // namespace acie::sema
