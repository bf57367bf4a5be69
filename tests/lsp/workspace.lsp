# Several files: what is not saved is what imports see; errors of an imported file are reported where they are; references,
# renames and symbols reach files that are not open.
--- file lib.acie
fn old(x: f64) -> f64 { return x }
--- file other.acie
import shared as twice from lib
const d = twice(2)
--- document lib.acie
fn shared(x: f64) -> f64 { return 2 * x ⟦end⟧}
--- document main.acie
import lib
const c = sha⟦use⟧red(1)
--- diagnostics main.acie
[]

--- request textDocument/definition main.acie at use
{
 "range": "0:3-0:9",
 "uri": "$/lib.acie"
}

--- request textDocument/references main.acie at use
[
 {
  "range": "1:10-1:16",
  "uri": "$/main.acie"
 },
 {
  "range": "0:3-0:9",
  "uri": "$/lib.acie"
 },
 {
  "range": "0:7-0:13",
  "uri": "$/other.acie"
 },
 {
  "range": "0:17-0:22",
  "uri": "$/other.acie"
 },
 {
  "range": "1:10-1:15",
  "uri": "$/other.acie"
 }
]

--- request textDocument/rename main.acie at use {"newName": "double"}
{
 "changes": {
  "$/lib.acie": [
   {
    "newText": "double",
    "range": "0:3-0:9"
   }
  ],
  "$/main.acie": [
   {
    "newText": "double",
    "range": "1:10-1:16"
   }
  ],
  "$/other.acie": [
   {
    "newText": "double",
    "range": "0:7-0:13"
   }
  ]
 }
}

--- request workspace/symbol {"query": "d"}
[
 {
  "kind": 12,
  "location": {
   "range": "0:3-0:9",
   "uri": "$/lib.acie"
  },
  "name": "shared"
 },
 {
  "kind": 14,
  "location": {
   "range": "1:6-1:7",
   "uri": "$/other.acie"
  },
  "name": "d"
 }
]

--- change lib.acie end
+
--- diagnostics lib.acie
[
 {
  "code": "A0101",
  "message": "expected an expression after `+`, found `}`\nin a `return`",
  "range": "0:41-0:42",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 },
 {
  "code": "A0101",
  "message": "expected `==`, `!=`, `<=`, `>=`, `<`, `>` or the end of the line after `+`, found `}`\nin a function",
  "range": "0:41-0:42",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 },
 {
  "code": "A0101",
  "message": "expected the end of the line after `+`, found `}`\nin a function",
  "range": "0:41-0:42",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 }
]

--- diagnostics main.acie
[
 {
  "code": "A0101",
  "message": "this module has errors",
  "range": "0:7-0:10",
  "relatedInformation": [
   {
    "location": {
     "range": "0:41-0:42",
     "uri": "$/lib.acie"
    },
    "message": "expected an expression after `+`, found `}`"
   }
  ],
  "severity": 1,
  "source": "acie"
 }
]
