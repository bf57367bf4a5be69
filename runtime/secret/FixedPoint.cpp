#include "runtime/secret/FixedPoint.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

constexpr int kMantissa = 53;

/// x = mantissa·2^exponent, exactly.
struct Dyadic {
  int64_t mantissa;
  int exponent;
};

Dyadic split(double x) {
  int exponent = 0;
  const double fraction = std::frexp(x, &exponent);
  return {static_cast<int64_t>(std::ldexp(fraction, kMantissa)), exponent - kMantissa};
}

/// k where the scale is 2^k.
std::optional<int> power_of_two(const FixedPoint& form) {
  const auto log2 = [](const Integer& value) { return Integer::shifted(1, value.bits() - 1) == value ? value.bits() - 1 : -1; };
  const int up = log2(form.numerator), down = log2(form.denominator);
  if (up < 0 || down < 0) return std::nullopt;
  return up - down;
}

Integer round_half_even(const Integer& numerator, const Integer& denominator) {
  Integer rest;
  const Integer quotient = Integer::divide(numerator, denominator, &rest);
  const Integer twice = rest + rest;
  const bool odd = BN_is_odd(quotient.get()) != 0;
  return twice > denominator || (twice == denominator && odd) ? quotient + 1 : quotient;
}

Integer exact_quotient(double x, const FixedPoint& form) {
  const Dyadic parts = split(x);
  const Integer up = Integer(parts.mantissa) * form.denominator * Integer::shifted(1, parts.exponent > 0 ? parts.exponent : 0);
  const Integer down = form.numerator * Integer::shifted(1, parts.exponent < 0 ? -parts.exponent : 0);
  return round_half_even(up, down);
}

std::string short_text(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

absl::Status outside(const FixedPoint& form, size_t i, double x) {
  return bad_data_error("element " + std::to_string(i) + " is " + short_text(x) + ", outside the declared range " +
                        short_text(nearest_double(form.low * form.numerator, form.denominator)) + " to " +
                        short_text(nearest_double(form.high * form.numerator, form.denominator)));
}

/// The interval as doubles, where the integers are small enough to be exact ones.
struct Small {
  double low, high;
};

std::optional<Small> small_interval(const FixedPoint& form) {
  if (form.words != 1 || form.low.bits() > kMantissa - 1 || form.high.bits() > kMantissa - 1) return std::nullopt;
  return Small{nearest_double(form.low, 1), nearest_double(form.high, 1)};
}

}  // namespace

FixedPoint FixedPoint::of(const package::PartyValue& value) {
  FixedPoint form;
  form.numerator = *Integer::parse(value.scale.numerator);
  form.denominator = *Integer::parse(value.scale.denominator);
  form.low = *Integer::parse(value.low);
  form.high = *Integer::parse(value.high);
  form.words = std::max(form.low.bits(), form.high.bits()) / 64 + 1;
  return form;
}

double nearest_double(const Integer& numerator, const Integer& denominator) {
  if (numerator.zero()) return 0;
  const Integer magnitude = numerator.magnitude();
  // A quotient of 64 or 65 bits and whether anything is left decide the rounding; below the normal numbers fewer bits count.
  const int shift = 65 - (magnitude.bits() - denominator.bits());
  Integer rest;
  const Integer quotient = shift >= 0 ? Integer::divide(magnitude * Integer::shifted(1, shift), denominator, &rest)
                                      : Integer::divide(magnitude, denominator * Integer::shifted(1, -shift), &rest);
  const int top = quotient.bits() - shift;  // the value is in [2^(top−1), 2^top)
  const int kept = std::min(kMantissa, top + 1074);
  double result = 0;
  if (kept >= 0) {
    const int dropped = quotient.bits() - kept;
    Integer below;
    Integer mantissa = Integer::divide(quotient, Integer::shifted(1, dropped), &below);
    const Integer half = Integer::shifted(1, dropped - 1);
    if (below > half || (below == half && (!rest.zero() || BN_is_odd(mantissa.get()) != 0))) mantissa = mantissa + 1;
    uint64_t word = 0;
    mantissa.to_words({&word, 1});
    result = std::ldexp(static_cast<double>(word), dropped - shift);
  }
  return numerator.negative() ? -result : result;
}

absl::Status quantise(std::span<const double> values, const FixedPoint& form, uint64_t* out) {
  const std::optional<int> power = power_of_two(form);
  const std::optional<Small> small = small_interval(form);
  for (size_t i = 0; i < values.size(); ++i) {
    const double x = values[i];
    if (!std::isfinite(x)) return bad_data_error("element " + std::to_string(i) + " is " + short_text(x) + ", which cannot be encrypted");
    if (power && small) {
      const double scaled = std::ldexp(x, -*power);  // exact, but for what underflows: it rounds to 0 either way
      const double rounded = std::nearbyint(scaled);
      if (!(rounded >= small->low && rounded <= small->high)) return outside(form, i, x);
      out[i] = static_cast<uint64_t>(static_cast<int64_t>(rounded));
      continue;
    }
    const Integer integer = exact_quotient(x, form);
    if (integer < form.low || integer > form.high) return outside(form, i, x);
    integer.to_words({out + i * static_cast<size_t>(form.words), static_cast<size_t>(form.words)});
  }
  return absl::OkStatus();
}

void dequantise(std::span<double> out, const FixedPoint& form, const uint64_t* integers) {
  const std::optional<int> power = power_of_two(form);
  const auto words = static_cast<size_t>(form.words);
  for (size_t i = 0; i < out.size(); ++i) {
    if (words == 1 && power && std::abs(*power) < 512) {
      out[i] = std::ldexp(static_cast<double>(static_cast<int64_t>(integers[i])), *power);
      continue;
    }
    out[i] = nearest_double(Integer::from_words({integers + i * words, words}) * form.numerator, form.denominator);
  }
}

bool within(const FixedPoint& form, const uint64_t* integers, size_t count) {
  const auto words = static_cast<size_t>(form.words);
  if (words == 1) {
    uint64_t low = 0, high = 0;
    form.low.to_words({&low, 1});
    form.high.to_words({&high, 1});
    bool good = true;
    for (size_t i = 0; i < count; ++i) {
      const auto value = static_cast<int64_t>(integers[i]);
      good &= value >= static_cast<int64_t>(low) && value <= static_cast<int64_t>(high);
    }
    return good;
  }
  for (size_t i = 0; i < count; ++i) {
    const Integer value = Integer::from_words({integers + i * words, words});
    if (value < form.low || value > form.high) return false;
  }
  return true;
}

}  // namespace acie::secret
