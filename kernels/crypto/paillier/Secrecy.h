// Marks of what is secret, for the check that no branch and no address depends on it: where ACIE_CHECK_SECRETS is defined
// (tests/unit/crypto), valgrind treats a secret as uninitialised and reports each such use. Elsewhere these do nothing.
#pragma once

#include <cstddef>

#ifdef ACIE_CHECK_SECRETS
#include <valgrind/memcheck.h>
#endif

namespace acie::paillier {

inline void mark_secret([[maybe_unused]] const void* memory, [[maybe_unused]] size_t bytes) {
#ifdef ACIE_CHECK_SECRETS
  (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, bytes);
#endif
}

/// From here on anybody may know it: a ciphertext, or whether something failed.
inline void mark_public([[maybe_unused]] const void* memory, [[maybe_unused]] size_t bytes) {
#ifdef ACIE_CHECK_SECRETS
  (void)VALGRIND_MAKE_MEM_DEFINED(memory, bytes);
#endif
}

}  // namespace acie::paillier
