# Formatting: of the document, of some lines; refused where the program has syntax errors.
--- document main.acie
model   Trial {
⟦begin⟧  input age:f64
⟦end⟧      var dose=0.1*age
}⟦last⟧
--- request textDocument/formatting {"options": {"tabSize": 4, "insertSpaces": true}}
[
 {
  "newText": " ",
  "range": "0:5-0:8"
 },
 {
  "newText": "\n    ",
  "range": "0:15-1:2"
 },
 {
  "newText": " ",
  "range": "1:11-1:11"
 },
 {
  "newText": " ",
  "range": "1:12-1:12"
 },
 {
  "newText": "\n    ",
  "range": "1:15-2:6"
 },
 {
  "newText": " ",
  "range": "2:14-2:14"
 },
 {
  "newText": " ",
  "range": "2:15-2:15"
 },
 {
  "newText": " ",
  "range": "2:18-2:18"
 },
 {
  "newText": " ",
  "range": "2:19-2:19"
 }
]

--- request textDocument/rangeFormatting from begin to end {"options": {"tabSize": 4, "insertSpaces": true}}
[
 {
  "newText": "\n    ",
  "range": "0:15-1:2"
 },
 {
  "newText": " ",
  "range": "1:11-1:11"
 },
 {
  "newText": " ",
  "range": "1:12-1:12"
 }
]

--- change main.acie last
 }
--- request textDocument/formatting {"options": {"tabSize": 4, "insertSpaces": true}}
{
 "error": {
  "code": -32803,
  "message": "a program with syntax errors cannot be formatted"
 }
}
