#include "tests/perf/paillier/Rivals.h"

#include <cstdlib>

namespace acie::perf {
namespace {

void import_bytes(mpz_t out, std::string_view bytes) { mpz_import(out, bytes.size(), 1, 1, 1, 0, bytes.data()); }

}  // namespace

GmpPaillier::GmpPaillier(const secure::PaillierNumbers& numbers) {
  mpz_inits(n_, n2_, p_, q_, p2_, q2_, p1_, q1_, hp_, hq_, pinv_, r_, c_, d_, t_, u_, m_, product_, below_, nullptr);
  import_bytes(n_, numbers.n);
  import_bytes(p_, numbers.p.view());
  import_bytes(q_, numbers.q.view());
  mpz_mul(n2_, n_, n_);
  mpz_mul(p2_, p_, p_);
  mpz_mul(q2_, q_, q_);
  mpz_sub_ui(p1_, p_, 1);
  mpz_sub_ui(q1_, q_, 1);
  mpz_neg(hp_, q_);
  mpz_invert(hp_, hp_, p_);
  mpz_neg(hq_, p_);
  mpz_invert(hq_, hq_, q_);
  mpz_invert(pinv_, p_, q_);
  gmp_randstate_t state;
  gmp_randinit_default(state);
  mpz_urandomm(r_, state, n_);
  mpz_urandomm(c_, state, n2_);
  mpz_urandomm(d_, state, n2_);
  gmp_randclear(state);
}

GmpPaillier::~GmpPaillier() {
  mpz_clears(n_, n2_, p_, q_, p2_, q2_, p1_, q1_, hp_, hq_, pinv_, r_, c_, d_, t_, u_, m_, product_, below_, nullptr);
}

void GmpPaillier::random_power() { mpz_powm(t_, r_, n_, n2_); }

void GmpPaillier::encrypt(long m) {
  mpz_powm(t_, r_, n_, n2_);
  mpz_mul_si(u_, n_, m);
  mpz_add_ui(u_, u_, 1);
  mpz_mul(c_, t_, u_);
  mpz_mod(c_, c_, n2_);
}

void GmpPaillier::decrypt() {
  mpz_mod(t_, c_, p2_);
  mpz_powm(t_, t_, p1_, p2_);
  mpz_sub_ui(t_, t_, 1);
  mpz_divexact(t_, t_, p_);
  mpz_mul(t_, t_, hp_);
  mpz_mod(t_, t_, p_);
  mpz_mod(u_, c_, q2_);
  mpz_powm(u_, u_, q1_, q2_);
  mpz_sub_ui(u_, u_, 1);
  mpz_divexact(u_, u_, q_);
  mpz_mul(u_, u_, hq_);
  mpz_mod(u_, u_, q_);
  mpz_sub(u_, u_, t_);
  mpz_mul(u_, u_, pinv_);
  mpz_mod(u_, u_, q_);
  mpz_mul(m_, u_, p_);
  mpz_add(m_, m_, t_);
}

void GmpPaillier::add() {
  mpz_mul(t_, c_, d_);
  mpz_mod(c_, t_, n2_);
}

void GmpPaillier::row(std::span<const int64_t> weights) {
  mpz_set_ui(product_, 1);
  mpz_set_ui(below_, 1);
  for (int64_t w : weights) {
    mpz_powm_ui(t_, c_, static_cast<unsigned long>(std::llabs(w)), n2_);
    mpz_ptr target = w < 0 ? below_ : product_;
    mpz_mul(target, target, t_);
    mpz_mod(target, target, n2_);
  }
  mpz_invert(below_, below_, n2_);
  mpz_mul(product_, product_, below_);
  mpz_mod(product_, product_, n2_);
}

OpensslPaillier::OpensslPaillier(const secure::PaillierNumbers& numbers)
    : context_(BN_CTX_new()), montgomery_(BN_MONT_CTX_new()), n_(BN_new()), n2_(BN_new()), r_(BN_new()), d_(BN_new()), t_(BN_new()) {
  BN_bin2bn(reinterpret_cast<const unsigned char*>(numbers.n.data()), static_cast<int>(numbers.n.size()), n_);
  BN_sqr(n2_, n_, context_);
  BN_rand_range(r_, n2_);
  BN_rand_range(d_, n2_);
  BN_MONT_CTX_set(montgomery_, n2_, context_);
}

OpensslPaillier::~OpensslPaillier() {
  for (BIGNUM* number : {n_, n2_, r_, d_, t_}) BN_free(number);
  BN_MONT_CTX_free(montgomery_);
  BN_CTX_free(context_);
}

void OpensslPaillier::random_power() { BN_mod_exp_mont_consttime(t_, r_, n_, n2_, context_, montgomery_); }

void OpensslPaillier::add() { BN_mod_mul_montgomery(r_, r_, d_, montgomery_, context_); }

}  // namespace acie::perf
