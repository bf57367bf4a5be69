// Formulas as C++ expressions that build operations: log(y * 2.0) builds a constant, a multiplication and an acie.log.
//
// Numbers mixed in become constants of the other operand's type. Only for inverses and derivatives of the functions in
// AcieFunctions.td and for the laws of primitive noises.
#ifndef ACIE_DIALECT_ACIE_FORMULA_H
#define ACIE_DIALECT_ACIE_FORMULA_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace acie::ir {

struct Term {
  mlir::OpBuilder *builder;
  mlir::Location loc;
  mlir::Value value;

  /// The constant `number` of this term's type.
  Term constant(double number) const;
};

Term operator+(Term a, Term b);
Term operator-(Term a, Term b);
Term operator*(Term a, Term b);
Term operator/(Term a, Term b);
Term operator-(Term a);
inline Term operator+(double a, Term b) { return b.constant(a) + b; }
inline Term operator-(double a, Term b) { return b.constant(a) - b; }
inline Term operator*(double a, Term b) { return b.constant(a) * b; }
inline Term operator/(double a, Term b) { return b.constant(a) / b; }
inline Term operator+(Term a, double b) { return a + a.constant(b); }
inline Term operator-(Term a, double b) { return a - a.constant(b); }
inline Term operator*(Term a, double b) { return a * a.constant(b); }
inline Term operator/(Term a, double b) { return a / a.constant(b); }

#define ACIE_UNARY_TERM(name) Term name(Term x);
ACIE_UNARY_TERM(abs)
ACIE_UNARY_TERM(sqrt)
ACIE_UNARY_TERM(cbrt)
ACIE_UNARY_TERM(exp)
ACIE_UNARY_TERM(exp2)
ACIE_UNARY_TERM(exp10)
ACIE_UNARY_TERM(expm1)
ACIE_UNARY_TERM(log)
ACIE_UNARY_TERM(log2)
ACIE_UNARY_TERM(log10)
ACIE_UNARY_TERM(log1p)
ACIE_UNARY_TERM(sin)
ACIE_UNARY_TERM(cos)
ACIE_UNARY_TERM(tan)
ACIE_UNARY_TERM(atan)
ACIE_UNARY_TERM(sinh)
ACIE_UNARY_TERM(cosh)
ACIE_UNARY_TERM(tanh)
ACIE_UNARY_TERM(asinh)
ACIE_UNARY_TERM(atanh)
ACIE_UNARY_TERM(sigmoid)
ACIE_UNARY_TERM(logit)
ACIE_UNARY_TERM(softplus)
ACIE_UNARY_TERM(norm_cdf)
ACIE_UNARY_TERM(norm_quantile)
ACIE_UNARY_TERM(lgamma)
#undef ACIE_UNARY_TERM

Term pow(Term x, Term p);
inline Term pow(double x, Term p) { return pow(p.constant(x), p); }
inline Term pow(Term x, double p) { return pow(x, x.constant(p)); }
Term gamma_cdf(Term x, Term shape);
Term gamma_quantile(Term u, Term shape);
Term beta_cdf(Term x, Term a, Term b);
Term beta_quantile(Term u, Term a, Term b);
Term student_t_cdf(Term t, Term nu);
Term student_t_quantile(Term u, Term nu);

/// Logarithms of the densities of the gamma (rate 1), beta and Student t distributions.
Term gamma_log_density(Term x, Term shape);
Term beta_log_density(Term x, Term a, Term b);
Term student_t_log_density(Term t, Term nu);

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kLn2 = 0.693147180559945309417;
inline constexpr double kLn10 = 2.30258509299404568402;
inline constexpr double kSqrtHalf = 0.707106781186547524401;
inline constexpr double kHalfLog2Pi = 0.918938533204672741780;        // log(2 pi) / 2
inline constexpr double kLogTwoOverSqrtPi = 0.120782237635245222346;  // log(2 / sqrt(pi))

}  // namespace acie::ir

#endif  // ACIE_DIALECT_ACIE_FORMULA_H
