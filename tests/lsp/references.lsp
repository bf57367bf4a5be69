# References and highlights: every use, in all open files, with writes told from reads.
--- document lib.acie
/// Shared.
fn shared(x: f64) -> f64 { return 2 * x }
--- document main.acie
import lib

model M {
    /* 🜨 */ var dose = shared(1)
    var outcome = do⟦use⟧se + shared(dose)
}
query q on M {
    world low { do dose = 0 }
    return low.dose, outcome
}
--- request textDocument/references main.acie at use {"context": {"includeDeclaration": true}}
[
 {
  "range": "3:17-3:21",
  "uri": "$/main.acie"
 },
 {
  "range": "4:18-4:22",
  "uri": "$/main.acie"
 },
 {
  "range": "4:32-4:36",
  "uri": "$/main.acie"
 },
 {
  "range": "7:19-7:23",
  "uri": "$/main.acie"
 },
 {
  "range": "8:15-8:19",
  "uri": "$/main.acie"
 }
]

--- request textDocument/references main.acie at use {"context": {"includeDeclaration": false}}
[
 {
  "range": "4:18-4:22",
  "uri": "$/main.acie"
 },
 {
  "range": "4:32-4:36",
  "uri": "$/main.acie"
 },
 {
  "range": "7:19-7:23",
  "uri": "$/main.acie"
 },
 {
  "range": "8:15-8:19",
  "uri": "$/main.acie"
 }
]

--- request textDocument/documentHighlight main.acie at use
[
 {
  "kind": 3,
  "range": "3:17-3:21"
 },
 {
  "kind": 2,
  "range": "4:18-4:22"
 },
 {
  "kind": 2,
  "range": "4:32-4:36"
 },
 {
  "kind": 3,
  "range": "7:19-7:23"
 },
 {
  "kind": 2,
  "range": "8:15-8:19"
 }
]
