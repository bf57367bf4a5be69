#include "runtime/units/Dimension.h"

namespace acie::units {
namespace {

// Labels are few: merging by insertion keeps them sorted.
bool add_label(std::vector<Dimension::Label>& labels, const Dimension::Label& label) {
  auto place = labels.begin();
  while (place != labels.end() && place->first < label.first) ++place;
  if (place == labels.end() || place->first != label.first) {
    labels.insert(place, label);
    return true;
  }
  const std::optional<Rational> total = add(place->second, label.second);
  if (!total) return false;
  if (total->is_zero())
    labels.erase(place);
  else
    place->second = *total;
  return true;
}

}  // namespace

const char* base_symbol(Base base) {
  static constexpr std::array<const char*, kBaseCount> kSymbols = {"m", "kg", "s", "A", "K", "mol", "cd"};
  return kSymbols[static_cast<size_t>(base)];
}

Dimension Dimension::of(Base base) {
  Dimension result;
  result.exponents_[static_cast<size_t>(base)] = 1;
  return result;
}

Dimension Dimension::label(std::string name) {
  Dimension result;
  result.labels_.emplace_back(std::move(name), 1);
  return result;
}

bool Dimension::is_number() const { return exponents_ == std::array<Rational, kBaseCount>(); }

std::string Dimension::to_string() const {
  std::vector<std::pair<std::string, Rational>> factors;
  // Mass first, as in the names of the derived units: kg*m^2/s^2.
  for (Base base :
       {Base::Kilogram, Base::Metre, Base::Second, Base::Ampere, Base::Kelvin, Base::Mole, Base::Candela})
    if (!exponent(base).is_zero()) factors.emplace_back(base_symbol(base), exponent(base));
  factors.insert(factors.end(), labels_.begin(), labels_.end());
  return format_factors(factors);
}

std::optional<Dimension> multiply(const Dimension& a, const Dimension& b) {
  Dimension result = a;
  for (int i = 0; i < kBaseCount; ++i) {
    const std::optional<Rational> total = add(a.exponents_[i], b.exponents_[i]);
    if (!total) return std::nullopt;
    result.exponents_[i] = *total;
  }
  for (const Dimension::Label& label : b.labels_)
    if (!add_label(result.labels_, label)) return std::nullopt;
  return result;
}

std::optional<Dimension> power(const Dimension& a, Rational exponent) {
  Dimension result;
  for (int i = 0; i < kBaseCount; ++i) {
    const std::optional<Rational> raised = multiply(a.exponents_[i], exponent);
    if (!raised) return std::nullopt;
    result.exponents_[i] = *raised;
  }
  for (const Dimension::Label& label : a.labels_) {
    const std::optional<Rational> raised = multiply(label.second, exponent);
    if (!raised) return std::nullopt;
    if (!raised->is_zero()) result.labels_.emplace_back(label.first, *raised);
  }
  return result;
}

std::optional<Dimension> divide(const Dimension& a, const Dimension& b) {
  const std::optional<Dimension> inverse = power(b, -1);
  if (!inverse) return std::nullopt;
  return multiply(a, *inverse);
}

std::string format_factors(const std::vector<std::pair<std::string, Rational>>& factors) {
  const auto raised = [](const std::string& symbol, Rational exponent) {
    return exponent == Rational(1) ? symbol : symbol + "^" + exponent.to_string();
  };
  std::string above;
  std::string below;
  for (const auto& [symbol, exponent] : factors) {
    if (exponent > Rational(0))
      above += (above.empty() ? "" : "*") + raised(symbol, exponent);
    else if (exponent < Rational(0))
      below +=
          "/" + raised(symbol, *negate(exponent));  // never fails: Rational excludes the negative extreme
  }
  return (above.empty() ? "1" : above) + below;
}

}  // namespace acie::units
