# Code actions: the compiler's fixes, and the removal of what is not used.
--- document main.acie
const un⟦unused⟧used = 1
model M {
    exo u ~ normal(0, 1)
    var dose = 0.1 + u
    var outcome ~ normal(dose, 1)
    var other ~ normal(0, 1)
}
query q on M {
    given dose, ou⟦evidence⟧tcome, oth⟦begin⟧er
    do dose = 3
    return outcome⟦end⟧
}
⟦typo⟧
--- request textDocument/codeAction from begin to end {"context": {"diagnostics": []}}
[
 {
  "diagnostics": [
   {
    "code": "A0904",
    "message": "no result depends on the value of `other`",
    "range": "8:25-8:30",
    "source": "acie"
   }
  ],
  "edit": {
   "changes": {
    "$/main.acie": [
     {
      "newText": "",
      "range": "8:23-8:30"
     }
    ]
   }
  },
  "isPreferred": false,
  "kind": "quickfix",
  "title": "remove `other` from the evidence"
 }
]

--- request textDocument/codeAction from unused to unused {"context": {"diagnostics": []}}
[
 {
  "diagnostics": [
   {
    "code": "A0901",
    "message": "constant `unused` is never used",
    "range": "0:6-0:12",
    "source": "acie"
   }
  ],
  "edit": {
   "changes": {
    "$/main.acie": [
     {
      "newText": "",
      "range": "0:0-1:0"
     }
    ]
   }
  },
  "isPreferred": false,
  "kind": "quickfix",
  "title": "remove `unused`"
 }
]

--- change main.acie typo
const typo = doze + unusd⟦here⟧
--- request textDocument/codeAction from here to here {"context": {"diagnostics": []}}
[
 {
  "diagnostics": [
   {
    "code": "A0201",
    "message": "`unusd` is not declared",
    "range": "12:20-12:25",
    "source": "acie"
   }
  ],
  "edit": {
   "changes": {
    "$/main.acie": [
     {
      "newText": "unused",
      "range": "12:20-12:25"
     }
    ]
   }
  },
  "isPreferred": false,
  "kind": "quickfix",
  "title": "write `unused`"
 }
]

--- request textDocument/codeAction from here to here {"context": {"diagnostics": [], "only": ["refactor"]}}
[]
