// Discrete Fourier transforms of any length: kissfft as Eigen carries it, with roots of unity from kernels/math, so that
// bits do not depend on the system's mathematical library. Time is n Σ p over the prime factors p of the length n.
#pragma once

#include <cstdint>
#include <memory>

namespace acie::routines {

/// Transforms of length n; may be used by one thread at a time.
template <typename T>
class Fourier {
 public:
  Fourier(int64_t n, bool inverse);
  ~Fourier();
  Fourier(const Fourier&) = delete;
  Fourier& operator=(const Fourier&) = delete;

  /// Σ_j x[j] exp(∓2πi jk/n), - unless `inverse`, which is divided by n; k = 0 … count - 1. `imaginary` of the numbers may be
  /// null: zeros. `to_imaginary` of the result may be null: left out.
  void transform(const T* real, const T* imaginary, T* to_real, T* to_imaginary, int64_t count) const;
  /// The real numbers whose transform is this, of which k = 0 … n/2 are given.
  void real_from_half(const T* real, const T* imaginary, T* to) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace acie::routines
