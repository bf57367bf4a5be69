# Call hierarchy: what a variable calls is its parents, who calls it its children.
--- document main.acie
fn curve(x: f64) -> f64 { return 2 * x }
model M {
    input z : f64
    exo u ~ normal(0, 1)
    var dose = curve(z) + u
    var outcome = do⟦here⟧se * dose
}
--- request textDocument/prepareCallHierarchy at here
[
 {
  "detail": "f64",
  "kind": 8,
  "name": "dose",
  "range": "4:4-4:27",
  "selectionRange": "4:8-4:12",
  "uri": "$/main.acie"
 }
]

--- request callHierarchy/outgoingCalls {"item": {"uri": "$/main.acie", "selectionRange": {"start": {"line": 4, "character": 8}, "end": {"line": 4, "character": 12}}}}
[
 {
  "fromRanges": [
   "4:15-4:20"
  ],
  "to": {
   "detail": "",
   "kind": 12,
   "name": "curve",
   "range": "0:0-0:40",
   "selectionRange": "0:3-0:8",
   "uri": "$/main.acie"
  }
 },
 {
  "fromRanges": [
   "4:21-4:22"
  ],
  "to": {
   "detail": "f64",
   "kind": 8,
   "name": "z",
   "range": "2:4-2:17",
   "selectionRange": "2:10-2:11",
   "uri": "$/main.acie"
  }
 },
 {
  "fromRanges": [
   "4:26-4:27"
  ],
  "to": {
   "detail": "f64",
   "kind": 8,
   "name": "u",
   "range": "3:4-3:24",
   "selectionRange": "3:8-3:9",
   "uri": "$/main.acie"
  }
 }
]

--- request callHierarchy/incomingCalls {"item": {"uri": "$/main.acie", "selectionRange": {"start": {"line": 4, "character": 8}, "end": {"line": 4, "character": 12}}}}
[
 {
  "from": {
   "detail": "f64",
   "kind": 8,
   "name": "outcome",
   "range": "5:4-5:29",
   "selectionRange": "5:8-5:15",
   "uri": "$/main.acie"
  },
  "fromRanges": [
   "5:18-5:22",
   "5:25-5:29"
  ]
 }
]
