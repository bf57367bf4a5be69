// Dense systems of linear equations: factorisations by Eigen, with the decisions that make a result defined.
//
// Bits depend on the numbers alone: one instruction set, fixed cache sizes, each right side on its own.
#pragma once

#include <cstdint>
#include <memory>

namespace acie::routines {

/// A square matrix, row-major, as P D₁ a D₂ = L U with partial pivoting; D₁ and D₂ are powers of two that bring the largest
/// element of every row and column near 1, so that units do not decide what is singular. The matrix counts as singular
/// where the estimated reciprocal condition of D₁ a D₂ is below the unit roundoff, or an element is not finite. A triangular matrix is solved by substitution, and is singular where its diagonal has a zero.
template <typename T>
class Factored {
 public:
  Factored(const T* a, int64_t n);
  ~Factored();
  Factored(const Factored&) = delete;
  Factored& operator=(const Factored&) = delete;

  /// x of a x = b, `columns` right sides, both [n, columns] row-major; NaN where the matrix is singular.
  void solve(const T* b, int64_t columns, T* x) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// x of a x = b, a triangular, by substitution: row i subtracts its terms in the order of columns away from the start. NaN
/// where an element of the diagonal is zero.
template <typename T>
void solve_triangular(bool lower, const T* a, int64_t n, const T* b, int64_t columns, T* x);

/// The lower triangular l of a = l lᵀ, zeros above; NaN on and below the diagonal where a is not positive definite.
template <typename T>
void cholesky(const T* a, int64_t n, T* l);

}  // namespace acie::routines
