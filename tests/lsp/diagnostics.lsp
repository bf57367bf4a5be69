# Diagnostics: published on open and after edits, with related places; those of the text before go; columns count UTF-16.
--- document main.acie
model Trial {
    input age : f64
    var dose = 0.1 * age
    var dose = 0.2 * age
    /* 🜨 */ var outcome ~ normal(⟦from⟧doze⟦to⟧, 1)
}
query q on Trial { given dose return outcome⟦end⟧ }
--- diagnostics main.acie
[
 {
  "code": "A0202",
  "message": "`dose` is declared twice in `Trial`",
  "range": "3:8-3:12",
  "relatedInformation": [
   {
    "location": {
     "range": "2:8-2:12",
     "uri": "$/main.acie"
    },
    "message": "first declared here"
   }
  ],
  "severity": 1,
  "source": "acie"
 },
 {
  "code": "A0201",
  "message": "`doze` is not declared\ndid you mean `dose`?",
  "range": "4:34-4:38",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 }
]

--- change main.acie from to
dose
--- diagnostics main.acie
[
 {
  "code": "A0202",
  "message": "`dose` is declared twice in `Trial`",
  "range": "3:8-3:12",
  "relatedInformation": [
   {
    "location": {
     "range": "2:8-2:12",
     "uri": "$/main.acie"
    },
    "message": "first declared here"
   }
  ],
  "severity": 1,
  "source": "acie"
 },
 {
  "code": "A0501",
  "message": "`outcome` is not determined by the evidence: it needs the noise of `outcome`\nnote: add `outcome` to the evidence\nnote: an estimate, such as `E[…]`, `sd[…]` or `P[…]`, is over noise that the evidence says nothing about",
  "range": "6:37-6:44",
  "relatedInformation": [
   {
    "location": {
     "range": "4:17-4:24",
     "uri": "$/main.acie"
    },
    "message": "`outcome` holds the noise of `outcome` and is not given"
   }
  ],
  "severity": 1,
  "source": "acie"
 }
]

--- change main.acie end
 +
--- diagnostics main.acie
[
 {
  "code": "A0101",
  "message": "expected an expression after `+`, found `}`\nin a `return`",
  "range": "6:47-6:48",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 }
]
