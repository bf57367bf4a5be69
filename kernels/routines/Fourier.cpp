#include "kernels/routines/Fourier.h"

#define EIGEN_MPL2_ONLY
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>
#include <vector>

#include "kernels/math/Functions.h"
#include "kernels/math/ScalarBackend.h"

namespace acie::routines {
namespace {

/// exp(2πi k/n), from angles of at most an eighth of a turn.
std::complex<double> root_of_unity(int64_t k, int64_t n) {
  static math::Scalar64 backend;
  static const auto* const sine = math::findFunction<math::Scalar64>("sin");
  static const auto* const cosine = math::findFunction<math::Scalar64>("cos");
  // 8k/n = octant + rest, the angle measured from the nearest quarter.
  const int64_t quarter = (8 * k + n) / (2 * n), rest = 4 * k - quarter * n;
  const double angle = static_cast<double>(rest) / static_cast<double>(4 * n) * (2 * std::numbers::pi);
  const double s = sine->expand(backend, &angle), c = cosine->expand(backend, &angle);
  switch (quarter % 4) {
    case 0: return {c, s};
    case 1: return {-s, c};
    case 2: return {-c, -s};
    default: return {s, -c};
  }
}

}  // namespace

template <typename T>
struct Fourier<T>::Parts {
  Eigen::internal::kiss_cpx_fft<T> plan;
  int64_t n = 0;
  mutable std::vector<std::complex<T>> from, to;
};

template <typename T>
Fourier<T>::Fourier(int64_t n, bool inverse) : parts_(std::make_unique<Parts>()) {
  Parts& parts = *parts_;
  parts.n = n;
  parts.from.resize(static_cast<size_t>(n));
  parts.to.resize(static_cast<size_t>(n));
  parts.plan.m_inverse = inverse;
  parts.plan.m_twiddles.resize(static_cast<size_t>(n));
  for (int64_t k = 0; k < n; ++k) {
    const std::complex<double> root = root_of_unity(k, n);
    parts.plan.m_twiddles[static_cast<size_t>(k)] = {static_cast<T>(root.real()), static_cast<T>(inverse ? root.imag() : -root.imag())};
  }
  if (n > 1) parts.plan.factorize(static_cast<int>(n));
}

template <typename T>
Fourier<T>::~Fourier() = default;

template <typename T>
void Fourier<T>::transform(const T* real, const T* imaginary, T* to_real, T* to_imaginary, int64_t count) const {
  Parts& parts = *parts_;
  for (int64_t j = 0; j < parts.n; ++j) parts.from[static_cast<size_t>(j)] = {real[j], imaginary != nullptr ? imaginary[j] : T(0)};
  if (parts.n > 1) {
    parts.plan.work(0, parts.to.data(), parts.from.data(), 1, 1);
  } else {
    parts.to = parts.from;
  }
  const T share = parts.plan.m_inverse ? T(1) / static_cast<T>(parts.n) : T(1);
  for (int64_t k = 0; k < count; ++k) {
    to_real[k] = parts.to[static_cast<size_t>(k)].real() * share;
    if (to_imaginary != nullptr) to_imaginary[k] = parts.to[static_cast<size_t>(k)].imag() * share;
  }
}

template <typename T>
void Fourier<T>::real_from_half(const T* real, const T* imaginary, T* to) const {
  // The other half is the conjugate of this one, and what has no partner is real.
  const int64_t n = parts_->n;
  std::vector<T> whole_real(static_cast<size_t>(n)), whole_imaginary(static_cast<size_t>(n));
  for (int64_t k = 0; k < n; ++k) {
    const bool mirrored = 2 * k > n, alone = k == 0 || 2 * k == n;
    const int64_t at = mirrored ? n - k : k;
    whole_real[static_cast<size_t>(k)] = real[at];
    whole_imaginary[static_cast<size_t>(k)] = alone ? T(0) : mirrored ? -imaginary[at] : imaginary[at];
  }
  transform(whole_real.data(), whole_imaginary.data(), to, nullptr, n);
}

template class Fourier<double>;
template class Fourier<float>;

}  // namespace acie::routines
