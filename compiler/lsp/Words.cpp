#include "compiler/lsp/Words.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace acie::lsp {
namespace {

constexpr Word kWords[] = {
    // Declarations.
    {"model", "model Name { input …  exo …  var … }", "A structural causal model: every `var` has an equation over other variables and noise."},
    {"query", "query name(argument: f64 = 1) on Model { given …  do …  return … }", "A question: the evidence, what is changed, and what is asked. It is one entry of the compiled package."},
    {"intervention", "intervention name(argument: f64) on Model { do … }", "Changes with a name; a query applies them with `do name(…)`."},
    {"constraint", "constraint name on Model { a <= b }", "What physics demands. Queries of the model check it; their column is `physics_violation`."},
    {"mechanism", "mechanism Name { learn …  fn … }", "A function with parameters of its own that are learnt."},
    {"param", "param name : f64 = 1", "A number set per run with `--set name=…`, the same for all rows."},
    {"const", "const name = 1", "A number known when compiling."},
    {"dim", "dim T = 12", "A size: of vectors, or of steps in time."},
    {"fn", "fn name(x: f64<kg>) -> f64 { return … }", "A pure function."},
    {"unit", "unit Jy = 1e-26<W/m^2/Hz>", "A unit of one's own."},
    {"import", "import std.astro", "Brings the names of another module."},
    // Models.
    {"input", "input z : f64 in 0..10", "A column of the table that no equation explains."},
    {"exo", "exo u ~ normal(0, 1)", "A noise: what the model leaves unexplained in one row. Evidence recovers it, and every world keeps it."},
    {"var", "var y = 2 * x + u from \"COLUMN\"", "A variable with its structural equation, or a law: `var y ~ normal(x, 1)` has a noise of its own, `y.noise`."},
    {"learn", "learn slope : f64 = 1", "A parameter of the model, set with `--params FILE` or `--set`."},
    {"from", "var y = … from \"COLUMN\"", "The column of the table that holds it, if it has another name."},
    {"over", "over t in 0..T { … }", "Variables for each step; `x[t-1]` is the step before."},
    // Queries.
    {"given", "given x, y = 1", "The evidence: columns of the table, or values. Noise that it determines is recovered (abduction)."},
    {"do", "do x = 1   do x += 1   do x = 1 if c   do name(…)", "Sets a variable whatever its causes say. On the right the bare name is what it would be by itself."},
    {"do?", "do? x", "Sets the variable where the run says so: a column `do.x`, or `--do x=…`."},
    {"world", "world w { do … }", "A world of its own beside the factual one; `w.x` is the variable there."},
    {"factual", "factual.x", "The world as it was: without any `do`."},
    {"rows", "rows.mean(x)   rows.sum(x)   rows.var(x)   rows.min(x)   rows.max(x)   rows.count()", "Summaries over the rows of the table."},
    {"draws", "return draws[x, y]", "Draws from the model, `--draws N` of them, instead of a summary."},
    {"E", "E[x]", "Expectation over the noise that is not recovered, with its standard error `.se` where it is estimated."},
    {"P", "P[x > 1]", "Probability over the noise that is not recovered, with its standard error `.se` where it is estimated."},
    {"Var", "Var[x]", "Variance over the noise that is not recovered."},
    {"sd", "sd[x]", "Standard deviation over the noise that is not recovered."},
    {"Q", "Q[0.95; x]", "Quantile over the noise that is not recovered."},
    // Operations of the prelude.
    {"abs", "abs(x)", "Absolute value, in the unit of `x`."},
    {"floor", "floor(x)", "The whole number at or below `x`, in its unit."},
    {"ceil", "ceil(x)", "The whole number at or above `x`, in its unit."},
    {"round", "round(x)", "The nearest whole number, in the unit of `x`; halves go to the even one."},
    {"trunc", "trunc(x)", "`x` without its fraction, in its unit."},
    {"sign", "sign(x)", "-1, 0 or 1."},
    {"sqrt", "sqrt(x)", "Square root; of a quantity, also of its unit."},
    {"cbrt", "cbrt(x)", "Cube root; of a quantity, also of its unit."},
    {"hypot", "hypot(a, b)", "√(a² + b²), in their unit."},
    {"min", "min(a, b, …)", "The smallest."},
    {"max", "max(a, b, …)", "The largest."},
    {"clamp", "clamp(x, low, high)", "`x`, but not under `low` or over `high`."},
    {"where", "where(c, a, b)", "`a` where `c` holds, else `b`; of tensors element by element."},
    {"exp", "exp(x)", "e to the power `x`."},
    {"exp2", "exp2(x)", "2 to the power `x`."},
    {"exp10", "exp10(x)", "10 to the power `x`."},
    {"expm1", "expm1(x)", "e^x - 1, exact for small `x`."},
    {"log", "log(x)", "Natural logarithm."},
    {"log2", "log2(x)", "Logarithm to base 2."},
    {"log10", "log10(x)", "Logarithm to base 10."},
    {"log1p", "log1p(x)", "log(1 + x), exact for small `x`."},
    {"sin", "sin(x)", "Sine of radians, or of an angle with a unit."},
    {"cos", "cos(x)", "Cosine of radians, or of an angle with a unit."},
    {"tan", "tan(x)", "Tangent of radians, or of an angle with a unit."},
    {"asin", "asin(x)", "Arc sine, in radians."},
    {"acos", "acos(x)", "Arc cosine, in radians."},
    {"atan", "atan(x)", "Arc tangent, in radians."},
    {"atan2", "atan2(y, x)", "Angle of the point (x, y), in radians."},
    {"sinh", "sinh(x)", "Hyperbolic sine."},
    {"cosh", "cosh(x)", "Hyperbolic cosine."},
    {"tanh", "tanh(x)", "Hyperbolic tangent."},
    {"asinh", "asinh(x)", "Inverse hyperbolic sine."},
    {"acosh", "acosh(x)", "Inverse hyperbolic cosine."},
    {"atanh", "atanh(x)", "Inverse hyperbolic tangent."},
    {"sigmoid", "sigmoid(x)", "1 / (1 + e^-x)."},
    {"logit", "logit(p)", "log(p / (1 - p)), the inverse of `sigmoid`."},
    {"softplus", "softplus(x)", "log(1 + e^x)."},
    {"erf", "erf(x)", "Error function."},
    {"erfc", "erfc(x)", "1 - erf(x), exact for large `x`."},
    {"norm_cdf", "norm_cdf(x)", "Distribution function of the standard normal law."},
    {"norm_quantile", "norm_quantile(p)", "Quantile of the standard normal law, the inverse of `norm_cdf`."},
    {"lgamma", "lgamma(x)", "Logarithm of |Γ(x)|."},
    {"gamma_cdf", "gamma_cdf(x, shape)", "Distribution function of the gamma law of rate 1."},
    {"gamma_quantile", "gamma_quantile(p, shape)", "Quantile of the gamma law of rate 1."},
    {"beta_cdf", "beta_cdf(x, a, b)", "Distribution function of the beta law."},
    {"beta_quantile", "beta_quantile(p, a, b)", "Quantile of the beta law."},
    {"student_t_cdf", "student_t_cdf(t, nu)", "Distribution function of Student's t."},
    {"student_t_quantile", "student_t_quantile(p, nu)", "Quantile of Student's t."},
    {"poisson_quantile", "poisson_quantile(p, rate)", "The smallest count whose distribution function reaches `p`."},
    {"div", "div(a, b)", "Quotient of integers, rounded down; `div(a, 0)` is 0."},
    {"mod", "mod(a, b)", "Remainder of integers, with the sign of `b`; `mod(a, 0)` is `a`."},
    {"is_nan", "is_nan(x)", "Whether `x` is not a number."},
    // Of tensors.
    {"sum", "sum(x)   sum(e for i in 0..n)", "Sum of all elements, or along `axis: k`; of nothing 0."},
    {"mean", "mean(x)   mean(e for i in 0..n)", "Mean of all elements, or along `axis: k`."},
    {"prod", "prod(x)", "Product of all elements, or along `axis: k`."},
    {"fitting", "fitting", "Whether parameters are being fitted: false in a query."},
    {"any", "any(x)", "Whether one element holds."},
    {"all", "all(x)", "Whether every element holds."},
    {"argmin", "argmin(x)", "Place of the smallest element, from 0."},
    {"argmax", "argmax(x)", "Place of the largest element, from 0."},
    {"dot", "dot(a, b)", "Sum of the products of two vectors' elements, as `a @ b`."},
    {"cumsum", "cumsum(x)", "Running sums along the last axis, or `axis: k`."},
    {"sort", "sort(x)", "The elements of the last axis, or `axis: k`, upwards."},
    {"solve", "solve(a, b)", "The x with `a @ x == b`, of a square matrix; a singular one makes the row undefined."},
    {"triangular_solve", "triangular_solve(l, b)   triangular_solve(r, b, lower: false)", "The x with `l @ x == b`, of a triangular matrix, by substitution."},
    {"cholesky", "cholesky(a)", "The lower triangular l with `l @ transpose(l) == a`, of a positive definite matrix."},
    {"inverse", "inverse(a)", "The inverse of a square matrix."},
    {"fft", "fft(x)   fft({re, im})", "Discrete Fourier transform along the last axis, or `axis: k`: a record {re, im}."},
    {"ifft", "ifft({re, im})", "The inverse of `fft`."},
    {"rfft", "rfft(x)", "Transform of n real numbers: its first n div 2 + 1 terms, a record {re, im}."},
    {"irfft", "irfft({re, im}, n)", "The n real numbers whose `rfft` this is."},
    {"reverse", "reverse(x)", "The first axis backwards."},
    {"length", "length(x)   length(x, axis: k)", "Size of the first axis, or of that one."},
    {"transpose", "transpose(x)   transpose(x, 1, 0, 2)", "Axes reversed, or in this order."},
    {"reshape", "reshape(x, n, m, …)", "The same elements in another shape, the last axis fastest."},
    {"concat", "concat(x, y, …)", "One after the other along the first axis, or `axis: k`."},
    {"stack", "stack(x, y, …)", "Beside each other along a new first axis."},
    {"gather", "gather(x, i)", "The elements of a vector at the places `i`."},
    {"zeros", "zeros(n, m, …)", "A tensor of 0."},
    {"ones", "ones(n, m, …)", "A tensor of 1."},
    {"full", "full(x, n, m, …)", "A tensor of `x`."},
    {"identity", "identity(n)", "The identity matrix."},
    {"linspace", "linspace(a, b, n)", "`n` numbers from `a` to `b`, both included."},
    {"map", "map(xs, f)", "`f` of every item along the first axis."},
    {"fold", "fold(init, xs, f)", "The last carry of `f(carry, item)`."},
    {"scan", "scan(init, xs, f)", "Every carry of `f(carry, item)`."},
    {"categorical", "categorical([p0, p1, …])", "The law of 0, 1, … with these probabilities."},
    {"pi", "pi", "3.141592653589793."},
    {"inf", "inf", "Infinity."},
};

bool of_symbol(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '%' || c == '.' || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

const Word* word_of(std::string_view word) {
  const auto found = std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& entry) { return entry.word == word; });
  return found == std::end(kWords) ? nullptr : found;
}

std::string unit_text(std::string_view text, uint32_t offset, const units::UnitTable& table, uint32_t& begin, uint32_t& end) {
  const size_t open = text.find('<');
  if (open == std::string_view::npos || offset <= open || offset >= text.size()) return "";
  size_t first = offset, last = offset;
  while (first > open + 1 && of_symbol(text[first - 1])) --first;
  while (last < text.size() && of_symbol(text[last])) ++last;
  const std::string_view name = text.substr(first, last - first);
  // An exponent is no unit, and neither is what stands between factors.
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) return "";
  const auto unit = table.find(name);
  if (!unit) return "";
  begin = static_cast<uint32_t>(first);
  end = static_cast<uint32_t>(last);
  const std::string dimension = unit->dimension().to_string();
  return absl::StrCat("```acie\n", std::string(name), " = ", absl::StrFormat("%.10g", unit->scale().high()), dimension == "1" ? "" : absl::StrCat("<", dimension, ">"), "\n```\n\nunit");
}

}  // namespace acie::lsp
