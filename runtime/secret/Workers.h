// Long vectors of ciphertexts in slices, on several threads, with progress and cancellation between slices.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/crypto/paillier/Ciphertexts.h"
#include "kernels/crypto/paillier/Parallel.h"

namespace acie::secret {

class Workers {
 public:
  /// `cancelled` and `progress` (done, of) may be empty; progress is called by one thread at a time.
  Workers(int threads, std::function<bool()> cancelled, std::function<void(size_t, size_t)> progress)
      : threads_(threads), cancelled_(std::move(cancelled)), progress_(std::move(progress)) {}

  /// Calls `work(first, size)` for slices of at most `slice` of 0 … count − 1, in any order. The first error stops it.
  absl::Status run(size_t count, size_t slice, const std::function<absl::Status(size_t, size_t)>& work) const;

  /// The same for operations that share themselves out; without progress, which has one count for a step.
  paillier::Parallel parallel() const;

  /// A slice of `count` ciphertexts each of which takes long: kSlice at most, less where a thread would have nothing to do.
  size_t share(size_t count) const;

  /// Joins what `work` makes of slices of at most `slice`.
  absl::StatusOr<paillier::Ciphertexts> map(
      const paillier::PublicKey& key, size_t count, size_t slice,
      const std::function<absl::StatusOr<paillier::Ciphertexts>(size_t, size_t)>& work) const;

  int threads() const { return threads_; }

 private:
  int threads_;
  std::function<bool()> cancelled_;
  std::function<void(size_t, size_t)> progress_;
};

/// Ciphertexts of a slice: enough blocks to amortise what an operation sets up, little enough to share out.
inline constexpr size_t kSlice = 128;

/// Ciphertexts `first` to `first + size` − 1.
absl::StatusOr<paillier::Ciphertexts> slice_of(const paillier::Ciphertexts& all, size_t first, size_t size);

}  // namespace acie::secret
