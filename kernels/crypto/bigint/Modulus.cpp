#include "kernels/crypto/bigint/Modulus.h"

#include <vector>

#include "kernels/crypto/files/Bignum.h"
#include "runtime/status/Errors.h"

namespace acie::bigint {
namespace {

absl::Status failed() { return run_error("OpenSSL cannot compute with big integers"); }

const BIGNUM* at(std::span<const BIGNUM* const> numbers, int lane) {
  return numbers[numbers.size() == 1 ? 0 : static_cast<size_t>(lane)];
}

absl::Status row_from_number(uint64_t* row, int n, int radix, const BIGNUM* number) {
  const int words = (n * radix + 63) / 64;
  Words buffer(static_cast<size_t>(words));
  if (BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(buffer.data()), words * 8) < 0) return failed();
  row_from_words(row, n, radix, buffer.data(), words);
  return absl::OkStatus();
}

}  // namespace

int digits_for(const Kernels& kernels, int bits) { return (bits + 4 + kernels.radix - 1) / kernels.radix; }

void row_from_words(uint64_t* row, int n, int radix, const uint64_t* words, int count) {
  const uint64_t mask = radix == 64 ? ~uint64_t{0} : (uint64_t{1} << radix) - 1;
  for (int d = 0; d < n; ++d) {
    const int bit = d * radix, word = bit / 64, shift = bit % 64;
    uint64_t digit = word < count ? words[word] >> shift : 0;
    if (shift != 0 && word + 1 < count) digit |= words[word + 1] << (64 - shift);
    row[d] = digit & mask;
  }
}

void words_from_row(uint64_t* words, int count, const uint64_t* row, int n, int radix) {
  for (int w = 0; w < count; ++w) words[w] = 0;
  for (int d = 0; d < n; ++d) {
    const int bit = d * radix, word = bit / 64, shift = bit % 64;
    if (word < count) words[word] |= row[d] << shift;
    if (shift != 0 && word + 1 < count) words[word + 1] |= row[d] >> (64 - shift);
  }
}

void scatter(const Kernels& kernels, uint64_t* rows, const uint64_t* block, int n) {
  std::array<uint64_t*, kLanes> pointers;
  for (size_t lane = 0; lane < kLanes; ++lane) pointers[lane] = rows + lane * row_words(n);
  kernels.scatter(pointers.data(), block, n);
}

void gather(const Kernels& kernels, uint64_t* block, const uint64_t* rows, int n) {
  std::array<const uint64_t*, kLanes> pointers;
  for (size_t lane = 0; lane < kLanes; ++lane) pointers[lane] = rows + lane * row_words(n);
  kernels.gather(block, pointers.data(), n);
}

absl::StatusOr<Modulus> Modulus::create(const Kernels& kernels, std::span<const BIGNUM* const> moduli, int bits) {
  if (moduli.size() != 1 && moduli.size() != kLanes) return usage_error("a block has one modulus or eight");
  Modulus result;
  result.kernels_ = &kernels;
  const int n = result.n_ = digits_for(kernels, bits);
  for (Words* words : {&result.m_, &result.unit_, &result.one_, &result.r2_}) *words = Words(block_words(n));
  result.inverse_ = Words(kLanes);

  const secure::BignumContext context(BN_CTX_secure_new());
  std::vector<secure::Bignum> r(moduli.size());
  std::vector<secure::Bignum> r2(moduli.size());
  std::vector<const BIGNUM*> ones, squares;
  for (size_t i = 0; i < moduli.size(); ++i) {
    if (BN_is_odd(moduli[i]) == 0 || BN_is_one(moduli[i]) || BN_num_bits(moduli[i]) > bits)
      return usage_error("Montgomery's arithmetic needs odd moduli above 1, not longer than said");
    r[i] = secure::make_bignum();
    r2[i] = secure::make_bignum();
    if (!context || !r[i] || !r2[i] || BN_set_bit(r[i].get(), n * kernels.radix) != 1 ||
        BN_mod(r[i].get(), r[i].get(), moduli[i], context.get()) != 1 ||
        BN_mod_sqr(r2[i].get(), r[i].get(), moduli[i], context.get()) != 1)
      return failed();
    ones.push_back(r[i].get());
    squares.push_back(r2[i].get());
  }
  Scratch scratch(n);
  ACIE_RETURN_IF_ERROR(result.load(result.m_.data(), moduli, scratch));
  for (size_t lane = 0; lane < kLanes; ++lane) {  // load() left the rows there; Newton's iteration modulo 2^64
    const uint64_t m = scratch.rows[lane * row_words(n)];
    uint64_t x = 1;
    for (int i = 0; i < 6; ++i) x *= 2 - m * x;
    const uint64_t mask = kernels.radix == 64 ? ~uint64_t{0} : (uint64_t{1} << kernels.radix) - 1;
    result.inverse_[lane] = (0 - x) & mask;
  }
  const BIGNUM* const unit[] = {BN_value_one()};
  ACIE_RETURN_IF_ERROR(result.load(result.unit_.data(), unit, scratch));
  ACIE_RETURN_IF_ERROR(result.load(result.one_.data(), ones, scratch));
  ACIE_RETURN_IF_ERROR(result.load(result.r2_.data(), squares, scratch));
  if (kernels.openssl_powers) {
    ACIE_ASSIGN_OR_RETURN(OpensslPower openssl, OpensslPower::create(moduli));
    result.openssl_ = std::make_shared<const OpensslPower>(std::move(openssl));
  }
  return result;
}

Modulus Modulus::copy() const {
  Modulus result;
  result.kernels_ = kernels_;
  result.n_ = n_;
  result.m_ = m_.copy();
  result.inverse_ = inverse_.copy();
  result.unit_ = unit_.copy();
  result.one_ = one_.copy();
  result.r2_ = r2_.copy();
  result.openssl_ = openssl_;
  return result;
}

absl::Status Modulus::load(uint64_t* out, std::span<const BIGNUM* const> numbers, Scratch& s) const {
  for (int lane = 0; lane < kLanes; ++lane)
    ACIE_RETURN_IF_ERROR(row_from_number(s.rows.data() + static_cast<size_t>(lane) * row_words(n_), n_, kernels_->radix,
                                         at(numbers, lane)));
  gather(*kernels_, out, s.rows.data(), n_);
  return absl::OkStatus();
}

absl::Status Modulus::store(BIGNUM* out, const uint64_t* block, int lane, Scratch& s) const {
  scatter(*kernels_, s.rows.data(), block, n_);
  const int words = (n_ * kernels_->radix + 63) / 64;
  Words buffer(static_cast<size_t>(words));
  words_from_row(buffer.data(), words, s.rows.data() + static_cast<size_t>(lane) * row_words(n_), n_, kernels_->radix);
  if (BN_lebin2bn(reinterpret_cast<const unsigned char*>(buffer.data()), words * 8, out) == nullptr) return failed();
  return absl::OkStatus();
}

void Modulus::from_montgomery(uint64_t* out, const uint64_t* a, Scratch& s) const {
  multiply(out, a, unit(), s);
  canonical(out, out, s);
}

void Modulus::canonical(uint64_t* out, const uint64_t* a, Scratch& s) const {
  const uint8_t below = kernels_->subtract(s.block.data(), a, m_.data(), n_);
  kernels_->blend(out, below, a, s.block.data(), n_);
}

}  // namespace acie::bigint
