# Signature help: functions, laws, operations, interventions; the argument by place and by name, also in broken text.
--- document main.acie
/// Scaled.
fn scaled(x: f64, factor: f64 = 2) -> f64 { return x * factor }

model M {
    var a ~ normal(scaled(1, ⟦second⟧3), ⟦outer⟧1)
    var b = scaled(factor: ⟦named⟧2, x: 1) + log⟦none⟧10(⟦operation⟧3)
}
intervention up(by_how: f64) on M { do a += by_how }
query q on M { do up(⟦intervention⟧1) return a }
const broken = 1⟦end⟧
--- request textDocument/signatureHelp at second
{
 "activeParameter": 1,
 "activeSignature": 0,
 "signatures": [
  {
   "documentation": {
    "kind": "markdown",
    "value": "Scaled."
   },
   "label": "fn scaled(x: f64, factor: f64 = 2) -> f64",
   "parameters": [
    {
     "label": "x: f64"
    },
    {
     "label": "factor: f64 = 2"
    }
   ]
  }
 ]
}

--- request textDocument/signatureHelp at outer
{
 "activeParameter": 1,
 "activeSignature": 0,
 "signatures": [
  {
   "documentation": {
    "kind": "markdown",
    "value": "Normal: mean mu, standard deviation sigma."
   },
   "label": "fn normal(mu: f64, sigma: f64 in 0..inf) -> law<f64>",
   "parameters": [
    {
     "label": "mu: f64"
    },
    {
     "label": "sigma: f64 in 0..inf"
    }
   ]
  }
 ]
}

--- request textDocument/signatureHelp at named
{
 "activeParameter": 1,
 "activeSignature": 0,
 "signatures": [
  {
   "documentation": {
    "kind": "markdown",
    "value": "Scaled."
   },
   "label": "fn scaled(x: f64, factor: f64 = 2) -> f64",
   "parameters": [
    {
     "label": "x: f64"
    },
    {
     "label": "factor: f64 = 2"
    }
   ]
  }
 ]
}

--- request textDocument/signatureHelp at operation
{
 "activeParameter": 0,
 "activeSignature": 0,
 "signatures": [
  {
   "label": "log10(x)",
   "parameters": [
    {
     "label": "x"
    }
   ]
  }
 ]
}

--- request textDocument/signatureHelp at intervention
{
 "activeParameter": 0,
 "activeSignature": 0,
 "signatures": [
  {
   "label": "intervention up(by_how: f64) on M",
   "parameters": [
    {
     "label": "by_how: f64"
    }
   ]
  }
 ]
}

--- request textDocument/signatureHelp at none
null

--- change main.acie end
 + scaled(1, ⟦typing⟧
--- request textDocument/signatureHelp at typing
{
 "activeParameter": 1,
 "activeSignature": 0,
 "signatures": [
  {
   "documentation": {
    "kind": "markdown",
    "value": "Scaled."
   },
   "label": "fn scaled(x: f64, factor: f64 = 2) -> f64",
   "parameters": [
    {
     "label": "x: f64"
    },
    {
     "label": "factor: f64 = 2"
    }
   ]
  }
 ]
}
