// One element of many: sums, products and extremes of numbers that lie together.
//
// Sums and products are made the same way on every processor and for any number of threads: runs of 128 elements in eight
// chains, element i in chain i mod 8, the chains joined in pairs of pairs; longer ones in halves, the left one a multiple of
// 128. So the error of a sum is at most g Σ|x|, g = n u / (1 - n u), n = 19 + log2(length / 128), u the unit roundoff
// (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2).
#pragma once

#include <cstdint>

namespace acie::reduce {

/// kMin and kMax are NaN where an element is; of truth values (uint8_t, 0 or 1) they are `all` and `any`.
enum class Folding : uint8_t { kSum, kProduct, kMin, kMax };

/// x[0] … x[length - 1], at least one, as one element. Integers wrap.
double fold(Folding folding, const double* x, int64_t length);
float fold(Folding folding, const float* x, int64_t length);
int64_t fold(Folding folding, const int64_t* x, int64_t length);
int32_t fold(Folding folding, const int32_t* x, int64_t length);
uint8_t fold(Folding folding, const uint8_t* x, int64_t length);

/// The sum of `length` elements, in the bits of `fold`, of which the chains are known: eight numbers for each run, those of the first
/// run first.
double sum_of_chains(const double* chains, int64_t length);
float sum_of_chains(const float* chains, int64_t length);

/// Columns of a matrix of `rows`, at least one, that begin `stride` elements apart: to[j] is the fold of x[j], x[j + stride], …,
/// the same bits as if those lay together. `to` does not overlap x.
void fold_columns(Folding folding, const double* x, int64_t rows, int64_t columns, int64_t stride, double* to);
void fold_columns(Folding folding, const float* x, int64_t rows, int64_t columns, int64_t stride, float* to);
void fold_columns(Folding folding, const int64_t* x, int64_t rows, int64_t columns, int64_t stride, int64_t* to);
void fold_columns(Folding folding, const int32_t* x, int64_t rows, int64_t columns, int64_t stride, int32_t* to);
void fold_columns(Folding folding, const uint8_t* x, int64_t rows, int64_t columns, int64_t stride, uint8_t* to);

}  // namespace acie::reduce
