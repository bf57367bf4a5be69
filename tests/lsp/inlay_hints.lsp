# Inlay hints: inferred types, units and shapes, and how noises are recovered.
--- document main.acie
import std.astro
⟦begin⟧const speed = 3<km/s>
fn shift(z: f64) -> f64<km/s> {
    let v = z * 299792.458<km/s>
    return v
}
model M {
    input z : f64
    exo u ~ normal(0, 1)
    var x = [z, z + u]
    var v = shift(z) + u * speed
    var y ~ normal(z, 2)
}
query q on M {
    given v, y
    do z = z + 1
    return v, y
}
⟦end⟧
--- request textDocument/inlayHint from begin to end
[
 {
  "kind": 1,
  "label": " : f64<km/s>",
  "paddingLeft": false,
  "position": {
   "character": 11,
   "line": 1
  }
 },
 {
  "kind": 1,
  "label": " : f64<km/s>",
  "paddingLeft": false,
  "position": {
   "character": 9,
   "line": 3
  }
 },
 {
  "kind": 1,
  "label": " : f64",
  "paddingLeft": false,
  "position": {
   "character": 9,
   "line": 8
  }
 },
 {
  "label": "noise exact",
  "paddingLeft": true,
  "position": {
   "character": 24,
   "line": 8
  }
 },
 {
  "kind": 1,
  "label": " : f64[2]",
  "paddingLeft": false,
  "position": {
   "character": 9,
   "line": 9
  }
 },
 {
  "kind": 1,
  "label": " : f64<km/s>",
  "paddingLeft": false,
  "position": {
   "character": 9,
   "line": 10
  }
 },
 {
  "kind": 1,
  "label": " : f64",
  "paddingLeft": false,
  "position": {
   "character": 9,
   "line": 11
  }
 },
 {
  "label": "noise exact",
  "paddingLeft": true,
  "position": {
   "character": 24,
   "line": 11
  }
 }
]
