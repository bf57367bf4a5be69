# Selection ranges: the word, the expressions around it, statement, declaration, text.
--- document main.acie
model M {
    input z : f64
    var a = 2 * (log10(z⟦here⟧ + 1) + 3)
}
--- request textDocument/selectionRange {"positions": [{"line": 2, "character": 23}]}
[
 {
  "parent": {
   "parent": {
    "parent": {
     "parent": {
      "parent": {
       "parent": {
        "parent": {
         "range": "0:0-4:0"
        },
        "range": "0:0-3:1"
       },
       "range": "2:4-2:34"
      },
      "range": "2:12-2:34"
     },
     "range": "2:16-2:34"
    },
    "range": "2:17-2:29"
   },
   "range": "2:23-2:28"
  },
  "range": "2:23-2:24"
 }
]
