# Symbols: of a document with what declarations hold; of the workspace by letters.
--- document main.acie
unit furlong = 201.168<m>
const length = 3<furlong>

model Trial {
    input age : f64
    exo u ~ normal(0, 1)
    var dose = 0.1 * age + u
    over t in 0..3 { var level = dose * t }
}
query effect(by_how: f64 = 1) on Trial {
    world low { do dose = by_how }
    let gap = low.dose - dose
    return E[gap]
}
--- request textDocument/documentSymbol
[
 {
  "detail": "",
  "kind": 14,
  "name": "furlong",
  "range": "0:0-0:25",
  "selectionRange": "0:5-0:12"
 },
 {
  "detail": "f64<furlong>",
  "kind": 14,
  "name": "length",
  "range": "1:0-1:25",
  "selectionRange": "1:6-1:12"
 },
 {
  "children": [
   {
    "detail": "f64",
    "kind": 8,
    "name": "age",
    "range": "4:4-4:19",
    "selectionRange": "4:10-4:13"
   },
   {
    "detail": "f64",
    "kind": 8,
    "name": "u",
    "range": "5:4-5:24",
    "selectionRange": "5:8-5:9"
   },
   {
    "detail": "f64",
    "kind": 8,
    "name": "dose",
    "range": "6:4-6:28",
    "selectionRange": "6:8-6:12"
   },
   {
    "detail": "f64[3]",
    "kind": 8,
    "name": "level",
    "range": "7:21-7:41",
    "selectionRange": "7:25-7:30"
   }
  ],
  "detail": "",
  "kind": 5,
  "name": "Trial",
  "range": "3:0-8:1",
  "selectionRange": "3:6-3:11"
 },
 {
  "children": [
   {
    "detail": "",
    "kind": 23,
    "name": "low",
    "range": "10:4-10:34",
    "selectionRange": "10:10-10:13"
   },
   {
    "detail": "f64",
    "kind": 13,
    "name": "gap",
    "range": "11:4-11:29",
    "selectionRange": "11:8-11:11"
   }
  ],
  "detail": "",
  "kind": 24,
  "name": "effect",
  "range": "9:0-13:1",
  "selectionRange": "9:6-9:12"
 }
]

--- request workspace/symbol {"query": "dse"}
[
 {
  "containerName": "Trial",
  "kind": 8,
  "location": {
   "range": "6:8-6:12",
   "uri": "$/main.acie"
  },
  "name": "dose"
 }
]
