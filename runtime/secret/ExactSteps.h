// Steps on integers and ciphertexts.
#pragma once

#include "absl/status/status.h"
#include "runtime/secret/Machine.h"

namespace acie::secret {

/// Which row and element of an operand feeds each element of a result.
struct Repeat {
  size_t rows = 1, elements = 1;
  bool per_row = false;
};

/// Rows of a result whose operands are `inputs`.
Repeat rows_of(Machine& machine, const std::vector<int>& inputs);

absl::Status encrypt_step(Machine& machine, const package::PartyStep& step);
absl::Status decrypt_step(Machine& machine, const package::PartyStep& step);
absl::Status sum_step(Machine& machine, const package::PartyStep& step);       // Add, Subtract, Negate
absl::Status multiply_step(Machine& machine, const package::PartyStep& step);  // element by element
absl::Status matvec_step(Machine& machine, const package::PartyStep& step);    // MatVec, MatVecPlain
absl::Status reduce_step(Machine& machine, const package::PartyStep& step);    // Sum
absl::Status pack_step(Machine& machine, const package::PartyStep& step);
absl::Status seal_step(Machine& machine, const package::PartyStep& step);
absl::Status rearrange_step(Machine& machine, const package::PartyStep& step);  // Gather, Concat, of any form

}  // namespace acie::secret
