# Rename: prepared, applied in every open file, in back quotes where the name needs them; refused where it would clash, for
# what is the library's, and while the program has syntax errors.
--- document main.acie
model M {
    var dose = 0.1
    var outcome ~ nor⟦law⟧mal(do⟦var⟧se, 1)
}
fn scaled(x: f64, fac⟦parameter⟧tor: f64) -> f64 { return x * factor }
query q on M {
    world low { do dose = scaled(1, factor: 2) }
    return low.dose, E[outcome]
}
⟦end⟧
--- request textDocument/prepareRename at var
{
 "placeholder": "dose",
 "range": "2:25-2:29"
}

--- request textDocument/prepareRename at law
{
 "error": {
  "code": -32803,
  "message": "`normal` belongs to the library"
 }
}

--- request textDocument/prepareRename at end
{
 "error": {
  "code": -32803,
  "message": "there is no name here"
 }
}

--- request textDocument/rename at var {"newName": "treatment"}
{
 "changes": {
  "$/main.acie": [
   {
    "newText": "treatment",
    "range": "1:8-1:12"
   },
   {
    "newText": "treatment",
    "range": "2:25-2:29"
   },
   {
    "newText": "treatment",
    "range": "6:19-6:23"
   },
   {
    "newText": "treatment",
    "range": "7:15-7:19"
   }
  ]
 }
}

--- request textDocument/rename at parameter {"newName": "H+"}
{
 "changes": {
  "$/main.acie": [
   {
    "newText": "`H+`",
    "range": "4:18-4:24"
   },
   {
    "newText": "`H+`",
    "range": "4:51-4:57"
   },
   {
    "newText": "`H+`",
    "range": "6:36-6:42"
   }
  ]
 }
}

--- request textDocument/rename at var {"newName": "outcome"}
{
 "error": {
  "code": -32803,
  "message": "there is a `outcome` already"
 }
}

--- request textDocument/rename at var {"newName": "a`b"}
{
 "error": {
  "code": -32803,
  "message": "`a`b` cannot be a name"
 }
}

--- change main.acie end
model
--- request textDocument/prepareRename at var
{
 "error": {
  "code": -32803,
  "message": "names cannot be changed while the program has syntax errors"
 }
}
