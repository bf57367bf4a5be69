#include "compiler/Sema/Secrecy/Exact.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace acie::sema {

Scale Scale::binary(unsigned bits) {
  mpq_class value(1);
  mpq_div_2exp(value.get_mpq_t(), value.get_mpq_t(), bits);
  return Scale(std::move(value));
}

std::optional<Scale> Scale::from_number(double x) {
  if (!std::isfinite(x) || x <= 0) return std::nullopt;
  if (int exponent = 0; std::frexp(x, &exponent) == 0.5) return Scale(mpq_class(x));
  // The shortest decimal text that reads back as x is what was written.
  char digits[64];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, x, std::chars_format::scientific);
  if (error != std::errc()) return std::nullopt;
  const std::string_view text(digits, static_cast<size_t>(end - digits));
  const size_t e = text.find('e');
  std::string mantissa(text.substr(0, e));
  int exponent = std::stoi(std::string(text.substr(e + 1)));
  if (const size_t point = mantissa.find('.'); point != std::string::npos) {
    exponent -= static_cast<int>(mantissa.size() - point - 1);
    mantissa.erase(point, 1);
  }
  constexpr size_t kMostDigits = 9;  // 0.333… is no scale anybody means
  if (mantissa.size() > kMostDigits || std::abs(exponent) > 300) return std::nullopt;
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(exponent)));
  const mpz_class number(mantissa);
  return Scale(exponent < 0 ? mpq_class(number, power) : mpq_class(number * power));
}

std::string Scale::text() const {
  const mpz_class &up = value_.get_num(), &down = value_.get_den();
  if (down == 1) return up.get_str();
  if (up == 1 && mpz_popcount(down.get_mpz_t()) == 1) return "2^-" + std::to_string(bits_of(down) - 1);
  return up.get_str() + "/" + down.get_str();
}

mpz_class quantise(double x, const Scale& scale) {
  const mpq_class exact = mpq_class(x) / scale.value();
  mpz_class below;
  mpz_fdiv_q(below.get_mpz_t(), exact.get_num_mpz_t(), exact.get_den_mpz_t());
  const mpq_class rest = exact - below;
  const int half = cmp(rest, mpq_class(1, 2));
  if (half > 0 || (half == 0 && mpz_odd_p(below.get_mpz_t()) != 0)) ++below;
  return below;
}

mpz_class Bounds::magnitude() const { return std::max<mpz_class>(abs(low), abs(high)); }

Bounds operator+(const Bounds& a, const Bounds& b) { return {a.low + b.low, a.high + b.high}; }
Bounds operator-(const Bounds& a, const Bounds& b) { return {a.low - b.high, a.high - b.low}; }
Bounds operator-(const Bounds& a) { return {-a.high, -a.low}; }

Bounds operator*(const Bounds& a, const Bounds& b) {
  const mpz_class corners[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {*std::min_element(std::begin(corners), std::end(corners)), *std::max_element(std::begin(corners), std::end(corners))};
}

Bounds hull(const Bounds& a, const Bounds& b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

int bits_of(const mpz_class& magnitude) { return magnitude == 0 ? 0 : static_cast<int>(mpz_sizeinbase(magnitude.get_mpz_t(), 2)); }

mpz_class plaintext_limit(int key_bits) {
  const mpz_class power = mpz_class(1) << static_cast<unsigned>(key_bits - 1);
  return power / 3 - 1;
}

int smallest_key(const mpz_class& magnitude) {
  int bits = 2048;
  while (plaintext_limit(bits) < magnitude) bits += 1024;
  return bits;
}

}  // namespace acie::sema
