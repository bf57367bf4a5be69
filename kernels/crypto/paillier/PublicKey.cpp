#include "kernels/crypto/paillier/PublicKey.h"

#include <utility>

#include "kernels/crypto/files/Bignum.h"
#include "kernels/crypto/files/KeyFile.h"
#include "kernels/crypto/paillier/Numbers.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {

absl::StatusOr<PublicKey> PublicKey::create(std::string_view n_bytes, const KeyOptions& options) {
  secure::PaillierNumbers numbers;
  numbers.n = std::string(n_bytes);
  ACIE_RETURN_IF_ERROR(secure::check_paillier(numbers, options.smallest_bits));
  ACIE_ASSIGN_OR_RETURN(std::string fingerprint, secure::paillier_fingerprint(numbers.n));

  Number n = secure::to_bignum(numbers.n), square = secure::make_bignum(), scaled = secure::make_bignum(),
         limit = secure::make_bignum(), three = secure::make_bignum();
  const secure::BignumContext context(BN_CTX_new());
  if (!n || !square || !scaled || !limit || !three || !context || BN_sqr(square.get(), n.get(), context.get()) != 1)
    return numbers_failed();
  const int bits = BN_num_bits(n.get());
  ACIE_ASSIGN_OR_RETURN(Modulus modulus, same_lanes(*options.kernels, square.get(), 2 * bits));
  const int r2_bits = 2 * modulus.digits() * options.kernels->radix;
  if (BN_lshift(scaled.get(), n.get(), r2_bits) != 1 ||
      BN_mod(scaled.get(), scaled.get(), square.get(), context.get()) != 1 || BN_set_bit(limit.get(), bits - 1) != 1 ||
      BN_set_word(three.get(), 3) != 1 || BN_div(limit.get(), nullptr, limit.get(), three.get(), context.get()) != 1 ||
      BN_sub_word(limit.get(), 1) != 1)
    return numbers_failed();

  Scratch scratch(modulus.digits());
  Words n_block(modulus.words()), n_r2(modulus.words()), limit_words(static_cast<size_t>((bits + 63) / 64));
  const BIGNUM* const n_pointer = n.get();
  const BIGNUM* const scaled_pointer = scaled.get();
  ACIE_RETURN_IF_ERROR(modulus.load(n_block.data(), {&n_pointer, 1}, scratch));
  ACIE_RETURN_IF_ERROR(modulus.load(n_r2.data(), {&scaled_pointer, 1}, scratch));
  ACIE_RETURN_IF_ERROR(to_words(limit_words, limit.get()));
  return PublicKey(std::make_shared<const State>(
      State{bits, std::unique_ptr<BIGNUM, FreeNumber>(n.release()), std::unique_ptr<BIGNUM, FreeNumber>(square.release()),
            std::move(fingerprint), std::move(modulus), std::move(n_block), std::move(n_r2), std::move(limit_words)}));
}

}  // namespace acie::paillier
