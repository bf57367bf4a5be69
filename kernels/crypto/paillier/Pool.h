// Randomness made ahead of time.
#pragma once

#include <cstddef>
#include <mutex>

#include "kernels/crypto/paillier/Randomizers.h"

namespace acie::paillier {

/// Keeps ρ that were computed while there was time; with it an encryption takes two products. Each is given out once and its
/// place wiped. They lie in memory of their own that the system clears in a forked child and leaves out of core dumps; where
/// it cannot (Linux before 4.14), the pool stays empty. When the pool is empty, ρ are made as they are asked for.
/// Threads may share a pool.
class Pool : public RandomSource {
 public:
  /// For up to `capacity` ρ, made by `source`.
  Pool(Randomizers source, size_t capacity);
  ~Pool() override;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  const PublicKey& key() const override { return source_.key(); }
  absl::Status take(uint64_t* blocks, size_t count, Scratch& s) override;

  /// Makes up to `count` more, while there is room.
  absl::Status fill(size_t count);
  size_t available() const;
  size_t capacity() const { return capacity_; }

 private:
  struct Header {
    size_t count;
  };
  uint64_t* row(size_t i) const { return rows_ + i * row_; }

  Randomizers source_;
  size_t row_, capacity_ = 0, bytes_ = 0;
  mutable std::mutex mutex_;
  Header* header_ = nullptr;  // in the memory that forks clear: a child sees no ρ
  uint64_t* rows_ = nullptr;
};

}  // namespace acie::paillier
