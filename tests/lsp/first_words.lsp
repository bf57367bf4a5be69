# The first lines of a program: nothing parses yet, and types, units, laws and modules are offered all the same.
--- document law.acie
model M {
    exo u ~ ⟦here⟧
}
--- request textDocument/completion law.acie at here
{
 "first": [
  {
   "detail": "fn bernoulli(p: f64 in 0..1) -> law<bool>",
   "documentation": {
    "kind": "markdown",
    "value": "True with probability p: u < p for a uniform noise u."
   },
   "filterText": "bernoulli",
   "kind": 3,
   "label": "bernoulli",
   "sortText": "0bernoulli",
   "textEdit": {
    "newText": "bernoulli",
    "range": "1:12-1:12"
   }
  }
 ],
 "labels": [
  "bernoulli  fn bernoulli(p: f64 in 0..1) -> law<bool>",
  "beta  fn beta(a: f64 in 0..inf, b: f64 in 0..inf) -> law<f64 in 0..1>",
  "cauchy  fn cauchy(mu: f64, sigma: f64 in 0..inf) -> law<f64>",
  "exponential  fn exponential(rate: f64 in 0..inf) -> law<f64 in 0..inf>",
  "gamma  fn gamma(shape: f64 in 0..inf, rate: f64 in 0..inf) -> law<f64 in 0..inf>",
  "gumbel  fn gumbel(mu: f64, beta: f64 in 0..inf) -> law<f64>",
  "half_normal  fn half_normal(sigma: f64 in 0..inf) -> law<f64 in 0..inf>",
  "laplace  fn laplace(mu: f64, sigma: f64 in 0..inf) -> law<f64>",
  "logistic  fn logistic(mu: f64, sigma: f64 in 0..inf) -> law<f64>",
  "lognormal  fn lognormal(mu: f64, sigma: f64 in 0..inf) -> law<f64 in 0..inf>",
  "normal  fn normal(mu: f64, sigma: f64 in 0..inf) -> law<f64>",
  "pareto  fn pareto(smallest: f64 in 0..inf, shape: f64 in 0..inf) -> law<f64 in smallest..inf>",
  "poisson  fn poisson(rate: f64 in 0..inf) -> law<i64>",
  "student_t  fn student_t(nu: f64 in 0..inf, mu: f64, sigma: f64 in 0..inf) -> law<f64>",
  "uniform  fn uniform(low: f64, high: f64) -> law<f64 in low..high>",
  "weibull  fn weibull(shape: f64 in 0..inf, scale: f64 in 0..inf) -> law<f64 in 0..inf>",
  "categorical  law"
 ]
}

--- document type.acie
model M {
    input z : ⟦here⟧
}
--- request textDocument/completion type.acie at here
{
 "first": [
  {
   "detail": "scalar type",
   "filterText": "f64",
   "kind": 25,
   "label": "f64",
   "sortText": "0f64",
   "textEdit": {
    "newText": "f64",
    "range": "1:14-1:14"
   }
  }
 ],
 "labels": [
  "f64  scalar type",
  "f32  scalar type",
  "i64  scalar type",
  "i32  scalar type",
  "bool  scalar type",
  "str  scalar type",
  "law<",
  "stream<"
 ]
}

--- document unit.acie
model M {
    input z : f64<⟦here⟧
}
--- request textDocument/completion unit.acie at here
{
 "first": [
  {
   "detail": "unit",
   "filterText": "%",
   "kind": 11,
   "label": "%",
   "sortText": "1%",
   "textEdit": {
    "newText": "%",
    "range": "1:18-1:18"
   }
  }
 ],
 "labels": [
  "%  unit",
  "A  unit",
  "Bq  unit",
  "C  unit",
  "Da  unit",
  "F  unit",
  "Gy  unit",
  "H  unit",
  "Hz  unit",
  "J  unit",
  "K  unit",
  "L  unit",
  "… 32 more"
 ]
}

--- document module.acie
import std.⟦here⟧
--- request textDocument/completion module.acie at here
{
 "first": [
  {
   "detail": "module of the standard library",
   "filterText": "astro",
   "kind": 9,
   "label": "astro",
   "sortText": "0astro",
   "textEdit": {
    "newText": "astro",
    "range": "0:11-0:11"
   }
  }
 ],
 "labels": [
  "astro  module of the standard library",
  "dist  module of the standard library",
  "linalg  module of the standard library",
  "math  module of the standard library",
  "nn  module of the standard library",
  "physics  module of the standard library",
  "spectra  module of the standard library",
  "stats  module of the standard library"
 ]
}
