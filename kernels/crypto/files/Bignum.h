// OpenSSL's integers behind a value type, for the few that key files need.
#pragma once

#include <openssl/bn.h>

#include <memory>
#include <string_view>

#include "kernels/crypto/files/Secret.h"

namespace acie::secure {

struct FreeBignum {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Bignum = std::unique_ptr<BIGNUM, FreeBignum>;
using BignumContext = std::unique_ptr<BN_CTX, FreeBignum>;

inline Bignum make_bignum() { return Bignum(BN_secure_new()); }

/// From big-endian bytes.
inline Bignum to_bignum(std::string_view bytes) {
  Bignum number = make_bignum();
  if (number && BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(bytes.size()), number.get()) == nullptr)
    number.reset();
  return number;
}

/// To big-endian bytes, as few as hold the number.
inline Secret to_bytes(const BIGNUM* number) {
  Secret bytes(static_cast<size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  return bytes;
}

}  // namespace acie::secure
