# While the text is broken the last tree answers, at the places of now; what was broken from the start is known but for its
# broken declarations.
--- document main.acie
model M {
    input z : f64
⟦here⟧    var dose = z + 1
    var outcome = do⟦use⟧se * 2
}
--- request textDocument/hover at use
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nvar dose : f64 = z + 1\n```\n\nvariable of model `M`\n\nParents: `z`\n\nChildren: `outcome`"
 },
 "range": "3:18-3:22"
}

--- change main.acie here
    var half = (

--- diagnostics main.acie
[
 {
  "code": "A0102",
  "message": "this `(` is never closed",
  "range": "2:15-2:16",
  "relatedInformation": [
   {
    "location": {
     "range": "2:16-2:16",
     "uri": "$/main.acie"
    },
    "message": "expected `)`"
   }
  ],
  "severity": 1,
  "source": "acie"
 },
 {
  "code": "A0101",
  "message": "expected an expression after `(`, found the end of the line\nin a `var`",
  "range": "2:16-2:16",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 }
]

--- request textDocument/hover at use
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nvar dose : f64 = z + 1\n```\n\nvariable of model `M`\n\nParents: `z`\n\nChildren: `outcome`"
 },
 "range": "4:18-4:22"
}

--- request textDocument/definition at use
{
 "range": "3:8-3:12",
 "uri": "$/main.acie"
}

--- document second.acie
model Broken { var a = }
model Whole {
    var b = 1
    var c = ⟦b⟧b
}
--- request textDocument/hover second.acie at b
{
 "contents": {
  "kind": "markdown",
  "value": "```acie\nvar b : f64 = 1\n```\n\nvariable of model `Whole`\n\nChildren: `c`"
 },
 "range": "3:12-3:13"
}
