// Special functions with iterations that depend on their arguments, on doubles.
//
// They use only the elementary functions of this folder and IEEE arithmetic, so that results are the same
// bits on every machine. A NaN operand, or one outside the stated domain, gives NaN. Errors are relative; the
// tests hold them against MPFR (README.md has the bounds).
#ifndef ACIE_KERNELS_MATH_SPECIAL_H
#define ACIE_KERNELS_MATH_SPECIAL_H

namespace acie::math {

// log |Gamma(x)|; inf at 0, -1, -2, ... Near the zeros at negative x the error is absolute.
double lgamma(double x);

// The derivative of log Gamma(x), for x that is no pole.
double digamma(double x);

// The gamma distribution of shape a > 0 and rate 1: P(a, x), Q(a, x) = 1 - P(a, x) (DLMF 8.2.4), and the x >=
// 0 with P(a, x) = u for 0 <= u <= 1.
double gamma_cdf(double x, double a);
double gamma_ccdf(double x, double a);
double gamma_quantile(double u, double a);
double gamma_log_pdf(double x, double a);

// The beta distribution with shapes 0 < a, b <= 1e9: I_x(a, b) (DLMF 8.17.2), and the x in [0, 1] with I_x(a,
// b) = u.
double beta_cdf(double x, double a, double b);
double beta_quantile(double u, double a, double b);
double beta_log_pdf(double x, double a, double b);

// Student's t distribution with nu > 0 degrees of freedom.
double student_t_cdf(double t, double nu);
double student_t_quantile(double u, double nu);
double student_t_log_pdf(double t, double nu);

// The Poisson distribution of mean lambda >= 0: P(K <= k), and the smallest integer k >= 0 with P(K <= k) >=
// u (inf for u = 1 and lambda > 0). poisson_quantile(poisson_cdf(k, lambda), lambda) is k wherever the
// probabilities of k and k - 1 differ as doubles.
double poisson_cdf(double k, double lambda);
double poisson_quantile(double u, double lambda);
double poisson_log_pmf(double k, double lambda);

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_SPECIAL_H
