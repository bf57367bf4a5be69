#include "runtime/package/Integer.h"

#include <algorithm>
#include <new>
#include <vector>

namespace acie::package {
namespace {

constexpr size_t kMaxDigits = 5000;

/// OpenSSL's integers fail for want of memory only.
void demand(bool good) {
  if (!good) throw std::bad_alloc();
}

struct FreeContext {
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};

BN_CTX* context() {
  thread_local const std::unique_ptr<BN_CTX, FreeContext> context(BN_CTX_new());
  demand(context != nullptr);
  return context.get();
}

}  // namespace

Integer::Integer(int64_t value) : value_(BN_new()) {
  const uint64_t magnitude = value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  demand(value_ != nullptr && BN_set_word(value_.get(), magnitude));
  BN_set_negative(value_.get(), value < 0);
}

Integer::Integer(const Integer& other) : value_(BN_dup(other.get())) { demand(value_ != nullptr); }

Integer& Integer::operator=(const Integer& other) {
  if (this != &other) demand(BN_copy(value_.get(), other.get()) != nullptr);
  return *this;
}

std::optional<Integer> Integer::parse(std::string_view decimal) {
  std::string_view digits = decimal;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const bool fine = !digits.empty() && digits.size() <= kMaxDigits && (digits[0] != '0' || decimal == "0") &&
                    std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!fine) return std::nullopt;
  Integer result;
  BIGNUM* number = result.value_.get();
  demand(BN_dec2bn(&number, std::string(decimal).c_str()) != 0);
  return result;
}

Integer Integer::shifted(int64_t mantissa, int exponent) {
  Integer result(mantissa);
  demand(exponent >= 0 ? BN_lshift(result.value_.get(), result.get(), exponent)
                       : BN_rshift(result.value_.get(), result.get(), -exponent));
  return result;
}

Integer Integer::from_words(std::span<const uint64_t> words) {
  std::vector<uint64_t> magnitude(words.begin(), words.end());
  const bool negative = !words.empty() && words.back() >> 63 != 0;
  if (negative) {
    uint64_t carry = 1;
    for (uint64_t& word : magnitude) {
      word = ~word + carry;
      carry = carry != 0 && word == 0;
    }
  }
  Integer result;
  demand(BN_lebin2bn(reinterpret_cast<const unsigned char*>(magnitude.data()), static_cast<int>(magnitude.size() * 8),
                     result.value_.get()) != nullptr);
  BN_set_negative(result.value_.get(), negative);
  return result;
}

std::string Integer::decimal() const {
  char* text = BN_bn2dec(get());
  demand(text != nullptr);
  std::string result(text);
  OPENSSL_free(text);
  return result;
}

bool Integer::to_words(std::span<uint64_t> words) const {
  if (bits() > static_cast<int>(words.size() * 64)) return false;
  if (BN_bn2lebinpad(get(), reinterpret_cast<unsigned char*>(words.data()), static_cast<int>(words.size() * 8)) < 0)
    return false;
  const bool top = !words.empty() && words.back() >> 63 != 0;
  if (!negative()) return !top;
  uint64_t carry = 1;
  for (uint64_t& word : words) {
    word = ~word + carry;
    carry = carry != 0 && word == 0;
  }
  return words.back() >> 63 != 0;
}

Integer operator+(const Integer& a, const Integer& b) {
  Integer result;
  demand(BN_add(result.value_.get(), a.get(), b.get()));
  return result;
}

Integer operator-(const Integer& a, const Integer& b) {
  Integer result;
  demand(BN_sub(result.value_.get(), a.get(), b.get()));
  return result;
}

Integer operator*(const Integer& a, const Integer& b) {
  Integer result;
  demand(BN_mul(result.value_.get(), a.get(), b.get(), context()));
  return result;
}

Integer Integer::divide(const Integer& a, const Integer& b, Integer* remainder) {
  Integer quotient, rest;
  demand(BN_div(quotient.value_.get(), rest.value_.get(), a.get(), b.get(), context()));
  if (rest.negative()) {
    quotient = quotient - 1;
    rest = rest + b;
  }
  if (remainder != nullptr) *remainder = std::move(rest);
  return quotient;
}

Integer Integer::gcd(const Integer& a, const Integer& b) {
  Integer result;
  demand(BN_gcd(result.value_.get(), a.get(), b.get(), context()));
  return result;
}

Integer largest_plaintext(int bits) { return Integer::divide(Integer::shifted(1, bits - 1), 3) - 1; }

}  // namespace acie::package
