#include "runtime/units/Unit.h"

#include <cmath>
#include <set>

namespace acie::units {

Unit Unit::base(Base base) {
  Unit result;
  result.dimension_ = Dimension::of(base);
  result.factors_.emplace_back(base_symbol(base), 1);
  return result;
}

Unit Unit::label(std::string name) {
  Unit result;
  result.dimension_ = Dimension::label(name);
  result.factors_.emplace_back(std::move(name), 1);
  return result;
}

std::optional<Unit> Unit::define(std::string symbol, const Scale& factor, const Unit& of) {
  const std::optional<Scale> scale = multiply(factor, of.scale_);
  if (!scale || symbol.empty()) return std::nullopt;
  Unit result;
  result.dimension_ = of.dimension_;
  result.scale_ = *scale;
  result.factors_.emplace_back(std::move(symbol), 1);
  return result;
}

std::optional<Unit> Unit::from_parts(Dimension dimension, Scale scale, std::vector<Factor> factors) {
  std::set<std::string_view> seen;
  for (const auto& [symbol, exponent] : factors)
    if (symbol.empty() || exponent.is_zero() || !seen.insert(symbol).second) return std::nullopt;
  Unit result;
  result.dimension_ = std::move(dimension);
  result.scale_ = scale;
  result.factors_ = std::move(factors);
  return result;
}

std::optional<Unit> multiply(const Unit& a, const Unit& b) {
  const std::optional<Dimension> dimension = multiply(a.dimension_, b.dimension_);
  const std::optional<Scale> scale = multiply(a.scale_, b.scale_);
  if (!dimension || !scale) return std::nullopt;
  Unit result = a;
  result.dimension_ = *dimension;
  result.scale_ = *scale;
  for (const Unit::Factor& factor : b.factors_) {
    auto same = result.factors_.begin();
    while (same != result.factors_.end() && same->first != factor.first) ++same;
    if (same == result.factors_.end()) {
      result.factors_.push_back(factor);
      continue;
    }
    const std::optional<Rational> total = add(same->second, factor.second);
    if (!total) return std::nullopt;
    if (total->is_zero())
      result.factors_.erase(same);
    else
      same->second = *total;
  }
  // Where every symbol cancelled, the size is 1 by meaning, whatever the last bit of the quotient says.
  constexpr double kRoundingError = 1e-25;
  if (result.factors_.empty() && std::abs((result.scale_.high() - 1) + result.scale_.low()) < kRoundingError)
    result.scale_ = Scale();
  return result;
}

std::optional<Unit> power(const Unit& a, Rational exponent) {
  if (exponent.is_zero()) return Unit();
  const std::optional<Dimension> dimension = power(a.dimension_, exponent);
  const std::optional<Scale> scale = power(a.scale_, exponent);
  if (!dimension || !scale) return std::nullopt;
  Unit result;
  result.dimension_ = *dimension;
  result.scale_ = *scale;
  for (const auto& [symbol, power_of_symbol] : a.factors_) {
    const std::optional<Rational> raised = multiply(power_of_symbol, exponent);
    if (!raised) return std::nullopt;
    result.factors_.emplace_back(symbol, *raised);
  }
  return result;
}

std::optional<Unit> divide(const Unit& a, const Unit& b) {
  const std::optional<Unit> inverse = power(b, -1);
  if (!inverse) return std::nullopt;
  return multiply(a, *inverse);
}

std::optional<double> conversion_factor(const Unit& from, const Unit& to) {
  if (!compatible(from, to)) return std::nullopt;
  const std::optional<Scale> factor = divide(from.scale(), to.scale());
  if (!factor) return std::nullopt;
  return factor->high();
}

bool operator==(const Unit& a, const Unit& b) {
  return a.dimension() == b.dimension() && conversion_factor(a, b) == std::optional<double>(1.0);
}

}  // namespace acie::units
