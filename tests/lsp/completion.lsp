# Completion: members of worlds and modules, units, variables of the model, keywords of the place, also while it is broken.
--- document main.acie
import std.astro as sky

/// Twice.
fn twice(x: f64) -> f64 { return 2 * x }

model Trial {
    input age : f64
    var dose = 0.1 * age
    var outcome ~ normal(twice(dose), 1)
    ⟦model⟧
}

intervention raise on Trial { do dose += 1 }

query effect(level: f64 = 1) on Trial {
    world low { do dose = 0 }
    ⟦query⟧
    return E[low.outcome - outcome⟦minus⟧]
}
⟦top⟧
--- change main.acie minus
 - lo⟦word⟧w.⟦member⟧
--- request textDocument/completion at member
{
 "first": [
  {
   "detail": "f64",
   "filterText": "age",
   "kind": 5,
   "label": "age",
   "sortText": "0age",
   "textEdit": {
    "newText": "age",
    "range": "17:41-17:41"
   }
  }
 ],
 "labels": [
  "age  f64",
  "dose  f64",
  "outcome  f64"
 ]
}

--- request textDocument/completion at word
{
 "first": [
  {
   "detail": "f64",
   "filterText": "level",
   "kind": 6,
   "label": "level",
   "sortText": "0level",
   "textEdit": {
    "newText": "level",
    "range": "17:37-17:39"
   }
  }
 ],
 "labels": [
  "level  f64",
  "low  world",
  "age  f64",
  "dose  f64",
  "outcome  f64",
  "factual  the world of the evidence",
  "E  over the noise",
  "P  over the noise",
  "Var  over the noise",
  "sd  over the noise",
  "Q  over the noise",
  "rows",
  "… 124 more"
 ]
}

--- change main.acie query
do d⟦do⟧
    given d⟦given⟧
--- request textDocument/completion at do
{
 "first": [
  {
   "detail": "f64",
   "filterText": "age",
   "kind": 5,
   "label": "age",
   "sortText": "0age",
   "textEdit": {
    "newText": "age",
    "range": "16:7-16:8"
   }
  }
 ],
 "labels": [
  "age  f64",
  "dose  f64",
  "outcome  f64",
  "raise  intervention"
 ]
}

--- request textDocument/completion at given
{
 "first": [
  {
   "detail": "f64",
   "filterText": "age",
   "kind": 5,
   "label": "age",
   "sortText": "0age",
   "textEdit": {
    "newText": "age",
    "range": "17:10-17:11"
   }
  }
 ],
 "labels": [
  "age  f64",
  "dose  f64",
  "outcome  f64",
  "low  world"
 ]
}

--- change main.acie model
e⟦keyword⟧
    var weight : f64<⟦unit⟧
    var height : f⟦type⟧
    exo u ~ nor⟦law⟧
    // no ⟦comment⟧
--- request textDocument/completion at keyword
{
 "first": [
  {
   "filterText": "input",
   "kind": 14,
   "label": "input",
   "sortText": "0input",
   "textEdit": {
    "newText": "input",
    "range": "9:4-9:5"
   }
  }
 ],
 "labels": [
  "input",
  "exo",
  "var",
  "learn",
  "let",
  "over",
  "latent",
  "enforce",
  "abduct",
  "stat"
 ]
}

--- request textDocument/completion at unit
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
    "range": "10:21-10:21"
   }
  }
 ],
 "labels": [
  "%  unit",
  "A  unit",
  "AA  unit",
  "AU  unit",
  "Bq  unit",
  "C  unit",
  "Da  unit",
  "F  unit",
  "Gy  unit",
  "H  unit",
  "Hz  unit",
  "J  unit",
  "… 49 more"
 ]
}

--- request textDocument/completion at type
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
    "range": "11:17-11:18"
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

--- request textDocument/completion at law
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
    "range": "12:12-12:15"
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

--- request textDocument/completion at comment
{
 "first": [],
 "labels": []
}

--- change main.acie top
const c = sky.⟦module⟧
--- request textDocument/completion at module
{
 "first": [
  {
   "detail": "f64<m^3/kg/s^2>",
   "documentation": {
    "kind": "markdown",
    "value": "Newton's constant of gravitation (CODATA 2018)."
   },
   "filterText": "G",
   "kind": 21,
   "label": "G",
   "sortText": "0G",
   "textEdit": {
    "newText": "G",
    "range": "24:14-24:14"
   }
  }
 ],
 "labels": [
  "G  f64<m^3/kg/s^2>",
  "L_sun  f64<W>",
  "M_sun  f64<kg>",
  "N_A  f64<1/mol>",
  "R_sun  f64<m>",
  "c  f64<m/s>",
  "h  f64<J*s>",
  "k_B  f64<J/K>",
  "m_e  f64<kg>",
  "m_p  f64<kg>",
  "m_u  f64<kg>",
  "q_e  f64<C>",
  "sigma_T  f64<m^2>",
  "sigma_sb  f64<W/m^2/K^4>"
 ]
}

--- document imports.acie
import M⟦name⟧ from std.astro
import pc, ⟦second⟧ from std.astro
import pc as ⟦own⟧ from std.astro
import G from ⟦module⟧
--- request textDocument/completion imports.acie at name
{
 "first": [
  {
   "detail": "f64<m^3/kg/s^2>",
   "documentation": {
    "kind": "markdown",
    "value": "Newton's constant of gravitation (CODATA 2018)."
   },
   "filterText": "G",
   "kind": 21,
   "label": "G",
   "sortText": "0G",
   "textEdit": {
    "newText": "G",
    "range": "0:7-0:8"
   }
  }
 ],
 "labels": [
  "G  f64<m^3/kg/s^2>",
  "L_sun  f64<W>",
  "M_sun  f64<kg>",
  "N_A  f64<1/mol>",
  "R_sun  f64<m>",
  "c  f64<m/s>",
  "h  f64<J*s>",
  "k_B  f64<J/K>",
  "m_e  f64<kg>",
  "m_p  f64<kg>",
  "m_u  f64<kg>",
  "q_e  f64<C>",
  "… 19 more"
 ]
}

--- request textDocument/completion imports.acie at second
{
 "first": [
  {
   "detail": "f64<m^3/kg/s^2>",
   "documentation": {
    "kind": "markdown",
    "value": "Newton's constant of gravitation (CODATA 2018)."
   },
   "filterText": "G",
   "kind": 21,
   "label": "G",
   "sortText": "0G",
   "textEdit": {
    "newText": "G",
    "range": "1:11-1:11"
   }
  }
 ],
 "labels": [
  "G  f64<m^3/kg/s^2>",
  "L_sun  f64<W>",
  "M_sun  f64<kg>",
  "N_A  f64<1/mol>",
  "R_sun  f64<m>",
  "c  f64<m/s>",
  "h  f64<J*s>",
  "k_B  f64<J/K>",
  "m_e  f64<kg>",
  "m_p  f64<kg>",
  "m_u  f64<kg>",
  "q_e  f64<C>",
  "… 19 more"
 ]
}

--- request textDocument/completion imports.acie at own
{
 "first": [],
 "labels": []
}

--- request textDocument/completion imports.acie at module
{
 "first": [
  {
   "detail": "standard library",
   "filterText": "std",
   "kind": 9,
   "label": "std",
   "sortText": "0std",
   "textEdit": {
    "newText": "std",
    "range": "3:14-3:14"
   }
  }
 ],
 "labels": [
  "std  standard library"
 ]
}
