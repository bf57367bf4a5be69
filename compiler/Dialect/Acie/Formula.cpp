#include "compiler/Dialect/Acie/Formula.h"

#include "compiler/Dialect/Acie/AcieDialect.h"

using namespace mlir;

namespace acie::ir {

Term Term::constant(double number) const {
  return {builder, loc, builder->create<arith::ConstantOp>(loc, constantOf(value.getType(), number))};
}

template <class Op>
static Term apply(Term x) {
  return {x.builder, x.loc, x.builder->create<Op>(x.loc, x.value)};
}
template <class Op>
static Term apply(Term x, Term p) {
  return {x.builder, x.loc, x.builder->create<Op>(x.loc, x.value, p.value)};
}
template <class Op>
static Term apply(Term x, Term p, Term q) {
  return {x.builder, x.loc, x.builder->create<Op>(x.loc, x.value, p.value, q.value)};
}

Term operator+(Term a, Term b) { return apply<arith::AddFOp>(a, b); }
Term operator-(Term a, Term b) { return apply<arith::SubFOp>(a, b); }
Term operator*(Term a, Term b) { return apply<arith::MulFOp>(a, b); }
Term operator/(Term a, Term b) { return apply<arith::DivFOp>(a, b); }
Term operator-(Term a) { return apply<arith::NegFOp>(a); }

Term abs(Term x) { return apply<AbsOp>(x); }
Term sqrt(Term x) { return apply<SqrtOp>(x); }
Term cbrt(Term x) { return apply<CbrtOp>(x); }
Term exp(Term x) { return apply<ExpOp>(x); }
Term exp2(Term x) { return apply<Exp2Op>(x); }
Term exp10(Term x) { return apply<Exp10Op>(x); }
Term expm1(Term x) { return apply<Expm1Op>(x); }
Term log(Term x) { return apply<LogOp>(x); }
Term log2(Term x) { return apply<Log2Op>(x); }
Term log10(Term x) { return apply<Log10Op>(x); }
Term log1p(Term x) { return apply<Log1pOp>(x); }
Term sin(Term x) { return apply<SinOp>(x); }
Term cos(Term x) { return apply<CosOp>(x); }
Term tan(Term x) { return apply<TanOp>(x); }
Term atan(Term x) { return apply<AtanOp>(x); }
Term sinh(Term x) { return apply<SinhOp>(x); }
Term cosh(Term x) { return apply<CoshOp>(x); }
Term tanh(Term x) { return apply<TanhOp>(x); }
Term asinh(Term x) { return apply<AsinhOp>(x); }
Term atanh(Term x) { return apply<AtanhOp>(x); }
Term sigmoid(Term x) { return apply<SigmoidOp>(x); }
Term logit(Term x) { return apply<LogitOp>(x); }
Term softplus(Term x) { return apply<SoftplusOp>(x); }
Term norm_cdf(Term x) { return apply<NormCdfOp>(x); }
Term norm_quantile(Term x) { return apply<NormQuantileOp>(x); }
Term lgamma(Term x) { return apply<LgammaOp>(x); }
Term pow(Term x, Term p) { return apply<PowOp>(x, p); }
Term gamma_cdf(Term x, Term shape) { return apply<GammaCdfOp>(x, shape); }
Term gamma_quantile(Term u, Term shape) { return apply<GammaQuantileOp>(u, shape); }
Term beta_cdf(Term x, Term a, Term b) { return apply<BetaCdfOp>(x, a, b); }
Term beta_quantile(Term u, Term a, Term b) { return apply<BetaQuantileOp>(u, a, b); }
Term student_t_cdf(Term t, Term nu) { return apply<StudentTCdfOp>(t, nu); }
Term student_t_quantile(Term u, Term nu) { return apply<StudentTQuantileOp>(u, nu); }

Term gamma_log_density(Term x, Term shape) { return (shape - 1.0) * log(x) - x - lgamma(shape); }

Term beta_log_density(Term x, Term a, Term b) {
  return (a - 1.0) * log(x) + (b - 1.0) * log1p(-x) + (lgamma(a + b) - lgamma(a) - lgamma(b));
}

Term student_t_log_density(Term t, Term nu) {
  Term half = 0.5 * (nu + 1.0);
  return lgamma(half) - lgamma(0.5 * nu) - 0.5 * log(nu * kPi) - half * log1p(t * t / nu);
}

}  // namespace acie::ir
