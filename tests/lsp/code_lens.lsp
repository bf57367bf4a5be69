# Code lenses on queries, models and interventions; links of imports.
--- document main.acie
import std.math as m
import Msun, pc, G as gravity from std.astro
model M { var dose = 1 }
intervention up on M { do dose += 1 }
query q on M { do up return dose }
--- request textDocument/codeLens
[
 {
  "command": {
   "arguments": [
    {
     "name": "M",
     "position": {
      "character": 6,
      "line": 2
     },
     "uri": "$/main.acie"
    }
   ],
   "command": "acie.showGraph",
   "title": "show graph"
  },
  "range": "2:6-2:7"
 },
 {
  "command": {
   "arguments": [
    {
     "name": "up",
     "position": {
      "character": 13,
      "line": 3
     },
     "uri": "$/main.acie"
    }
   ],
   "command": "acie.showGraph",
   "title": "show graph"
  },
  "range": "3:13-3:15"
 },
 {
  "command": {
   "arguments": [
    {
     "name": "q",
     "position": {
      "character": 6,
      "line": 4
     },
     "uri": "$/main.acie"
    }
   ],
   "command": "acie.runQuery",
   "title": "run"
  },
  "range": "4:6-4:7"
 },
 {
  "command": {
   "arguments": [
    {
     "name": "q",
     "position": {
      "character": 6,
      "line": 4
     },
     "uri": "$/main.acie"
    }
   ],
   "command": "acie.showGraph",
   "title": "show graph"
  },
  "range": "4:6-4:7"
 }
]

--- request textDocument/documentLink
[
 {
  "range": "0:7-0:15",
  "target": "stdlib:math.acie",
  "tooltip": "stdlib:math.acie"
 },
 {
  "range": "1:35-1:44",
  "target": "stdlib:astro.acie",
  "tooltip": "stdlib:astro.acie"
 }
]
