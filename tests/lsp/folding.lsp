# Folding: brackets, comments, imports; also of a text that does not parse.
--- document main.acie
import std.astro
import std.stats

// One
// two
/* three
   four */
model M {
    var a = [1,
             2]
    var b =
}
--- request textDocument/foldingRange
[
 {
  "endLine": 6,
  "kind": "comment",
  "startLine": 5
 },
 {
  "endLine": 10,
  "startLine": 7
 },
 {
  "endLine": 4,
  "kind": "comment",
  "startLine": 3
 },
 {
  "endLine": 1,
  "kind": "imports",
  "startLine": 0
 }
]
