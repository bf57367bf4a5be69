// Minimax polynomials by the Remez exchange algorithm, with coefficients rounded to the working format.
#ifndef ACIE_KERNELS_MATH_DERIVE_REMEZ_H
#define ACIE_KERNELS_MATH_DERIVE_REMEZ_H

#include <functional>
#include <vector>

#include "kernels/math/derive/Mpfr.h"

namespace acie::math {

// What to approximate: p(x) ~ f(x) on [low, high], minimising max |p(x) - f(x)| * weight(x).
struct Target {
  std::function<Mp(const Mp&)> f;
  std::function<Mp(const Mp&)> weight;
  Mp low, high;
};

struct Polynomial {
  std::vector<double> coefficients;  // lowest power first
  double error = 0;                  // the largest weighted error of the rounded polynomial
};

// The polynomial of `terms` coefficients, each rounded to `bits` significant bits. Rounding goes from the
// constant term up; what each rounding loses is spread over the higher coefficients by least squares.
Polynomial minimax(const Target& target, int terms, int bits);

struct Rational {
  std::vector<double> numerator, denominator;  // lowest power first; denominator[0] is 1
  double error = 0;                            // the largest weighted error after rounding
};

// A near-minimax quotient of polynomials: linearised least squares (Sanathanan & Koerner 1963) with Lawson's
// weights.
Rational rationalMinimax(const Target& target, int numeratorTerms, int denominatorTerms, int bits);

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_DERIVE_REMEZ_H
