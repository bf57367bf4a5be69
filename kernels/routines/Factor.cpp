#include "kernels/routines/Factor.h"

#define EIGEN_MPL2_ONLY
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace acie::routines {
namespace {

template <typename T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <typename T>
using Column = Eigen::Matrix<T, Eigen::Dynamic, 1>;
template <typename T>
using RowMajor = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

/// Blocks of products follow the sizes of caches, and the order of sums follows the blocks: one choice for all machines.
void fix_blocks() {
  static const bool fixed = [] {
    Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20);
    return true;
  }();
  static_cast<void>(fixed);
}

/// The power of two that brings `largest` into 0.5..1; 0 where it is zero, infinite or NaN.
template <typename T>
T scale_of(T largest) {
  if (!(largest > 0) || !std::isfinite(largest)) return 0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(T(1), -std::clamp(exponent, -120, 120));
}

}  // namespace

template <typename T>
struct Factored<T>::Parts {
  int64_t n = 0;
  Column<T> rows, columns;  // the scales
  Eigen::PartialPivLU<Matrix<T>> lu;
  std::vector<T> triangle;  // the matrix itself, where it is triangular
  bool lower = false;
  bool regular = false;
};

namespace {

/// Whether every element above (below) the diagonal is zero.
template <typename T>
bool is_triangular(bool lower, const T* a, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = lower ? i + 1 : 0; j < (lower ? n : i); ++j) {
      if (a[i * n + j] != 0) return false;
    }
  }
  return true;
}

}  // namespace

template <typename T>
Factored<T>::Factored(const T* a, int64_t n) : parts_(std::make_unique<Parts>()) {
  fix_blocks();
  Parts& parts = *parts_;
  parts.n = n;
  Matrix<T> matrix = RowMajor<T>(a, n, n);
  // A NaN hides from a maximum, so it is asked for.
  if (!matrix.allFinite()) return;
  parts.lower = is_triangular(true, a, n);
  if (parts.lower || is_triangular(false, a, n)) {
    parts.triangle.assign(a, a + n * n);
    parts.regular = true;
    return;
  }
  parts.rows.resize(n);
  parts.columns.resize(n);
  for (int64_t i = 0; i < n; ++i) {
    parts.rows[i] = scale_of(matrix.row(i).cwiseAbs().maxCoeff());
    matrix.row(i) *= parts.rows[i];
  }
  for (int64_t j = 0; j < n; ++j) {
    parts.columns[j] = scale_of(matrix.col(j).cwiseAbs().maxCoeff());
    matrix.col(j) *= parts.columns[j];
  }
  if (parts.rows.minCoeff() == 0 || parts.columns.minCoeff() == 0) return;
  parts.lu.compute(matrix);
  parts.regular = parts.lu.rcond() >= std::numeric_limits<T>::epsilon();
}

template <typename T>
Factored<T>::~Factored() = default;

template <typename T>
void Factored<T>::solve(const T* b, int64_t columns, T* x) const {
  const Parts& parts = *parts_;
  if (!parts.regular) return static_cast<void>(std::fill_n(x, parts.n * columns, std::numeric_limits<T>::quiet_NaN()));
  if (!parts.triangle.empty()) return solve_triangular(parts.lower, parts.triangle.data(), parts.n, b, columns, x);
  Column<T> right(parts.n);
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t i = 0; i < parts.n; ++i) right[i] = b[i * columns + c] * parts.rows[i];
    const Column<T> solution = parts.lu.solve(right);
    for (int64_t i = 0; i < parts.n; ++i) x[i * columns + c] = solution[i] * parts.columns[i];
  }
}

template <typename T>
void solve_triangular(bool lower, const T* a, int64_t n, const T* b, int64_t columns, T* x) {
  for (int64_t i = 0; i < n; ++i) {
    if (a[i * n + i] == 0) return static_cast<void>(std::fill_n(x, n * columns, std::numeric_limits<T>::quiet_NaN()));
  }
  for (int64_t step = 0; step < n; ++step) {
    const int64_t i = lower ? step : n - 1 - step;
    for (int64_t c = 0; c < columns; ++c) {
      T rest = b[i * columns + c];
      for (int64_t k = 0; k < step; ++k) {
        const int64_t j = lower ? k : n - 1 - k;
        rest -= a[i * n + j] * x[j * columns + c];
      }
      x[i * columns + c] = rest / a[i * n + i];
    }
  }
}

template <typename T>
void cholesky(const T* a, int64_t n, T* l) {
  fix_blocks();
  const Matrix<T> matrix = RowMajor<T>(a, n, n);
  const Eigen::LLT<Matrix<T>, Eigen::Lower> factor(matrix);
  bool positive = factor.info() == Eigen::Success;
  const Matrix<T>& packed = factor.matrixLLT();
  for (int64_t i = 0; positive && i < n; ++i) positive = std::isfinite(packed(i, i));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) l[i * n + j] = j > i ? T(0) : positive ? packed(i, j) : std::numeric_limits<T>::quiet_NaN();
  }
}

template class Factored<double>;
template class Factored<float>;
template void solve_triangular(bool, const double*, int64_t, const double*, int64_t, double*);
template void solve_triangular(bool, const float*, int64_t, const float*, int64_t, float*);
template void cholesky(const double*, int64_t, double*);
template void cholesky(const float*, int64_t, float*);

}  // namespace acie::routines
