# Where imports are found: beside the file, then in the folders of the workspace's setting, then in those of ACIE_PATH.
--- environment
{"ACIE_PATH": "$/far:$/elsewhere"}
--- options
{"initializationOptions": {"debounce": 0, "includeDirs": ["near"]}}
--- file near/lib.acie
fn twice(x: f64) -> f64 { return 2 * x }
fn thrice(x: f64) -> f64 { return 3 * x }
--- file far/lib.acie
fn wrong(x: f64) -> f64 { return x }
--- file far/deep.acie
const depth = 3
--- document main.acie
import twice, thrice as more from lib
import depth from deep

const c = twi⟦use⟧ce(mo⟦alias⟧re(dep⟦deep⟧th))
const d = t⟦word⟧wice(1)
--- diagnostics main.acie
[]

--- request textDocument/definition at use
{
 "range": "0:3-0:8",
 "uri": "$/near/lib.acie"
}

--- request textDocument/definition at alias
{
 "range": "1:3-1:9",
 "uri": "$/near/lib.acie"
}

--- request textDocument/definition at deep
{
 "range": "0:6-0:11",
 "uri": "$/far/deep.acie"
}

--- request textDocument/hover at alias
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nfn thrice(x: f64) -> f64\n```\n\nfunction"
 },
 "range": "3:16-3:20"
}

--- request textDocument/references at alias
[
 {
  "range": "0:14-0:20",
  "uri": "$/main.acie"
 },
 {
  "range": "0:24-0:28",
  "uri": "$/main.acie"
 },
 {
  "range": "3:16-3:20",
  "uri": "$/main.acie"
 },
 {
  "range": "1:3-1:9",
  "uri": "$/near/lib.acie"
 }
]

--- request textDocument/completion at word
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
   "sortText": "3bernoulli",
   "textEdit": {
    "newText": "bernoulli",
    "range": "4:10-4:11"
   }
  }
 ],
 "labels": [
  "bernoulli  fn bernoulli(p: f64 in 0..1) -> law<bool>",
  "beta  fn beta(a: f64 in 0..inf, b: f64 in 0..inf) -> law<f64 in 0..1>",
  "c  f64",
  "cauchy  fn cauchy(mu: f64, sigma: f64 in 0..inf) -> law<f64>",
  "d  f64",
  "degrees  fn degrees(radians: f64) -> f64",
  "depth  constant",
  "exp10  fn exp10(x: f64) -> f64",
  "exponential  fn exponential(rate: f64 in 0..inf) -> law<f64 in 0..inf>",
  "gamma  fn gamma(shape: f64 in 0..inf, rate: f64 in 0..inf) -> law<f64 in 0..inf>",
  "gumbel  fn gumbel(mu: f64, beta: f64 in 0..inf) -> law<f64>",
  "half_normal  fn half_normal(sigma: f64 in 0..inf) -> law<f64 in 0..inf>",
  "… 114 more"
 ]
}

--- send
{"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration", "params": {"settings": {"acie": {"includeDirs": []}}}}
--- diagnostics main.acie
[
 {
  "code": "A0201",
  "message": "there is no declaration in `lib` called `twice`",
  "range": "0:7-0:12",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 },
 {
  "code": "A0201",
  "message": "there is no declaration in `lib` called `thrice`",
  "range": "0:14-0:20",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 }
]
