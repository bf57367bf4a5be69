// Ciphertexts that a party keeps in a file from one run to the next.
//
// A file is a container (Container.h) under a key that is the party's own: what others write, it does not take for its own. The
// container's context, public and authenticated, says what the file is; the payload has the rest:
//
//   context    "acie ciphertexts 1", party, key's fingerprint and size, unit, scale, shape, state
//   payload    "ACIECTS1", rows (8) or 2^64 − 1 where one value holds for all, lengths of low (4) and high (4), the proven
//              interval in decimal digits, ciphertexts (Ciphertexts.h); little-endian
//
// A file is read where all of the context is what the program says and the interval lies within the declared one. Whatever does
// not fit gives one error. What is read may have been read before: it is re-randomised before it leaves, as what was computed is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/Secret.h"
#include "kernels/crypto/paillier/Ciphertexts.h"
#include "runtime/package/Party.h"
#include "runtime/secret/Keys.h"

namespace acie::secret {

/// The key that `party` keeps its values under: `party`.store in the folder of keys, readable by its owner alone. Where there is
/// none, one is made if `create`; a usage error otherwise.
absl::StatusOr<secure::Secret> store_key_from_folder(const std::string& folder, const std::string& party, bool create);

/// What a program says of the ciphertexts in a file.
struct StoredForm {
  std::string party;
  const package::PartyValue* value = nullptr;
  const package::PartyKey* key = nullptr;
  const PreparedKey* prepared = nullptr;
  units::Unit unit;
};

/// `ciphertexts`: Ciphertexts::bytes() of all rows; `per_row`: a value for each of `rows` rows, else one value.
absl::StatusOr<std::string> store_ciphertexts(const secure::Secret& key, const StoredForm& form, size_t rows, bool per_row,
                                              std::string_view ciphertexts);

struct StoredValue {
  size_t rows = 1;
  bool per_row = false;
  paillier::Ciphertexts values;
};

/// The one error of files that are not what the program expects, of kind Refused.
absl::Status stored_refused();

absl::StatusOr<StoredValue> load_ciphertexts(const secure::Secret& key, const StoredForm& form, std::string_view file);

}  // namespace acie::secret
