// A value while its party's program runs: its elements for one row, or for each row of the part of the table that is computed.
#pragma once

#include <optional>

#include "kernels/crypto/files/Secret.h"
#include "kernels/crypto/paillier/Ciphertexts.h"
#include "runtime/secret/Numbers.h"
#include "runtime/secret/Reals.h"

namespace acie::secret {

struct Value {
  size_t rows = 1;
  bool per_row = false;  // else one row that holds for all
  // By the declared form; rows × elements.
  Reals plain;
  Numbers integers;
  std::optional<paillier::Ciphertexts> ciphertexts;  // packed: rows × ⌈elements / slots⌉
  secure::Secret bytes;
};

}  // namespace acie::secret
