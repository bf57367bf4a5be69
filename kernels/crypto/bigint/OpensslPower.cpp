#include "kernels/crypto/bigint/OpensslPower.h"

#include <new>

#include "runtime/status/Errors.h"

namespace acie::bigint {

absl::StatusOr<OpensslPower> OpensslPower::create(std::span<const BIGNUM* const> moduli) {
  OpensslPower result;
  const secure::BignumContext context(BN_CTX_secure_new());
  for (const BIGNUM* m : moduli) {
    Prepared prepared = {secure::make_bignum(), decltype(Prepared::context)(BN_MONT_CTX_new())};
    if (!context || !prepared.m || !prepared.context || BN_copy(prepared.m.get(), m) == nullptr ||
        BN_MONT_CTX_set(prepared.context.get(), m, context.get()) != 1)
      return run_error("OpenSSL cannot compute with big integers");
    result.moduli_.push_back(std::move(prepared));
  }
  return result;
}

void OpensslPower::power(int lane, uint64_t* number, int words, const uint64_t* exponent, int exponent_words) const {
  const Prepared& modulus = moduli_[moduli_.size() == 1 ? 0 : static_cast<size_t>(lane)];
  const secure::BignumContext context(BN_CTX_secure_new());
  const secure::Bignum base = secure::make_bignum(), e = secure::make_bignum();
  if (!context || !base || !e ||
      BN_lebin2bn(reinterpret_cast<const unsigned char*>(number), words * 8, base.get()) == nullptr ||
      BN_lebin2bn(reinterpret_cast<const unsigned char*>(exponent), exponent_words * 8, e.get()) == nullptr ||
      BN_mod_exp_mont_consttime(base.get(), base.get(), e.get(), modulus.m.get(), context.get(), modulus.context.get()) != 1 ||
      BN_bn2lebinpad(base.get(), reinterpret_cast<unsigned char*>(number), words * 8) < 0)
    throw std::bad_alloc();
}

}  // namespace acie::bigint
