# Hover: type, unit, doc comment; parents, children and how the noise is recovered; what stands behind columns with
# characters beyond the basic plane.
--- document main.acie
import std.astro

/// Mean density of a galaxy.
fn density(mass: f64<Msun>, radius: f64<kpc>) -> f64<Msun/kpc^3> {
    let volume = 4 / 3 * pi * radius^3
    return mass / vol⟦let⟧ume
}

model Galaxy {
    input z : f64
    exo u_mass ~ normal(0, 1)
    /* 🜨🌌 */ /// The stellar mass.
    var log_mass : f64 = 10.5 + 0.6 * ⟦exo⟧u_mass from "LOGMSTAR"
    var rate ~ lognormal(log_mass + z, 0.3)
    /* 🜨🌌 */ var rho = dens⟦fn⟧ity(10^log_m⟦var⟧ass * 1<Msun>, 3⟦unit⟧<k⟦kpc⟧pc>)
}

query doubled on Galaxy {
    gi⟦given⟧ven log_mass, rate
    do log_mass = log_mass + log⟦log⟧10(2)
    return ra⟦law⟧te
}
--- request textDocument/hover at exo
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nexo u_mass : f64 ~ normal(0, 1)\n```\n\nexogenous noise of model `Galaxy`\n\nChildren: `log_mass`"
 },
 "range": "12:38-12:44"
}

--- request textDocument/hover at var
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nvar log_mass : f64 = 10.5 + 0.6 * u_mass from \"LOGMSTAR\"\n```\n\nvariable of model `Galaxy`\n\nThe stellar mass.\n\nColumn: `LOGMSTAR`\n\nParents: `u_mass`\n\nChildren: `rate`, `rho`"
 },
 "range": "14:36-14:44"
}

--- request textDocument/hover at law
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nvar rate : f64 ~ lognormal(log_mass + z, 0.3)\n```\n\nvariable of model `Galaxy`\n\nParents: `log_mass`, `z`\n\nNoise recovered\n\n- `doubled`: exactly from `rate`: `rate = exp(… + 0.3 * rate.noise) is increasing in rate.noise`"
 },
 "range": "20:11-20:15"
}

--- request textDocument/hover at fn
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nfn density(mass: f64<Msun>, radius: f64<kpc>) -> f64<Msun/kpc^3>\n```\n\nfunction\n\nMean density of a galaxy."
 },
 "range": "14:25-14:32"
}

--- request textDocument/hover at let
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nlet volume : f64<kpc^3> = 4 / 3 * pi * radius^3\n```\n\nname of an expression of function `density`"
 },
 "range": "5:18-5:24"
}

--- request textDocument/hover at unit
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nf64<kpc>\n```"
 },
 "range": "14:56-14:62"
}

--- request textDocument/hover at kpc
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nkpc = 3.085677581e+19<m>\n```\n\nunit"
 },
 "range": "14:58-14:61"
}

--- request textDocument/hover at given
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\ngiven x, y = 1\n```\n\nThe evidence: columns of the table, or values. Noise that it determines is recovered (abduction)."
 },
 "range": "18:4-18:9"
}

--- request textDocument/hover at log
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nlog10(x)\n```\n\nLogarithm to base 10."
 },
 "range": "19:29-19:34"
}

--- document series.acie
model Course {
    exo u0 ~ normal(0, 1)
    over t in 0..3 {
        exo u ~ normal(0, 1)
        var he⟦series⟧alth = if t == 0 then u0 else health[t-1] + u
    }
}
query q on Course { given health; return health[2], before = u[1] }
--- request textDocument/hover series.acie at series
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nvar health : f64[3] = if t == 0 then u0 else health[t-1] + u\n```\n\nvariable of model `Course`\n\nParents: `u0`, `u`, `health` of steps before"
 },
 "range": "4:12-4:18"
}
