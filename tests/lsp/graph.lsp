# The causal graph: of the model, of a query with its worlds, of an intervention, with variables set by the request.
--- document main.acie
model ⟦model⟧M {
    input z : f64
    exo u ~ normal(0, 1)
    var dose = z + u
    var outcome ~ normal(dose, 1)
}
intervention ra⟦intervention⟧ise on M { do dose += 1 }
query ⟦query⟧q on M {
    given dose, outcome
    world high { do dose = 3; do outcome = factual.outcome + dose }
    return high.outcome
}
--- request acie/graph main.acie at model
{
 "edges": [
  {
   "from": "z",
   "to": "dose"
  },
  {
   "from": "u",
   "to": "dose"
  },
  {
   "from": "dose",
   "to": "outcome"
  },
  {
   "from": "outcome.noise",
   "to": "outcome"
  }
 ],
 "model": "M",
 "nodes": [
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "1:10-1:11",
    "uri": "$/main.acie"
   },
   "name": "z",
   "returned": false,
   "role": "input",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "normal(0, 1)",
   "location": {
    "range": "2:8-2:9",
    "uri": "$/main.acie"
   },
   "name": "u",
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "3:8-3:12",
    "uri": "$/main.acie"
   },
   "name": "dose",
   "returned": false,
   "role": "var",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "std_normal()",
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome.noise",
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome",
   "returned": false,
   "role": "var",
   "type": "f64",
   "unit": "1"
  }
 ],
 "query": null,
 "worlds": [
  {
   "changed": [],
   "name": "factual",
   "returned": [],
   "sets": []
  }
 ]
}

--- request acie/graph main.acie at query
{
 "edges": [
  {
   "from": "z",
   "to": "dose"
  },
  {
   "from": "u",
   "to": "dose"
  },
  {
   "from": "dose",
   "to": "outcome"
  },
  {
   "from": "outcome.noise",
   "to": "outcome"
  }
 ],
 "model": "M",
 "nodes": [
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "1:10-1:11",
    "uri": "$/main.acie"
   },
   "name": "z",
   "returned": false,
   "role": "input",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "normal(0, 1)",
   "location": {
    "range": "2:8-2:9",
    "uri": "$/main.acie"
   },
   "name": "u",
   "recovered": {
    "method": "not needed"
   },
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": true,
   "location": {
    "range": "3:8-3:12",
    "uri": "$/main.acie"
   },
   "name": "dose",
   "returned": false,
   "role": "var",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "std_normal()",
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome.noise",
   "recovered": {
    "method": "not needed"
   },
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": true,
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome",
   "returned": true,
   "role": "var",
   "type": "f64",
   "unit": "1"
  }
 ],
 "query": "q",
 "worlds": [
  {
   "changed": [],
   "name": "factual",
   "returned": [],
   "sets": []
  },
  {
   "changed": [
    "dose",
    "outcome"
   ],
   "name": "high",
   "returned": [
    "outcome"
   ],
   "sets": [
    {
     "cuts": [
      "z",
      "u"
     ],
     "keeps": false,
     "reads": [],
     "target": "dose",
     "text": "do dose = 3"
    },
    {
     "cuts": [
      "dose",
      "outcome.noise"
     ],
     "keeps": false,
     "reads": [
      {
       "name": "outcome",
       "world": "factual"
      },
      {
       "name": "dose",
       "world": "high"
      }
     ],
     "target": "outcome",
     "text": "do outcome = factual.outcome + dose"
    }
   ]
  }
 ]
}

--- request acie/graph main.acie at intervention
{
 "edges": [
  {
   "from": "z",
   "to": "dose"
  },
  {
   "from": "u",
   "to": "dose"
  },
  {
   "from": "dose",
   "to": "outcome"
  },
  {
   "from": "outcome.noise",
   "to": "outcome"
  }
 ],
 "model": "M",
 "nodes": [
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "1:10-1:11",
    "uri": "$/main.acie"
   },
   "name": "z",
   "returned": false,
   "role": "input",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "normal(0, 1)",
   "location": {
    "range": "2:8-2:9",
    "uri": "$/main.acie"
   },
   "name": "u",
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "3:8-3:12",
    "uri": "$/main.acie"
   },
   "name": "dose",
   "returned": false,
   "role": "var",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "std_normal()",
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome.noise",
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome",
   "returned": false,
   "role": "var",
   "type": "f64",
   "unit": "1"
  }
 ],
 "query": null,
 "worlds": [
  {
   "changed": [],
   "name": "factual",
   "returned": [],
   "sets": []
  },
  {
   "changed": [
    "dose",
    "outcome"
   ],
   "name": "raise",
   "returned": [],
   "sets": [
    {
     "cuts": [],
     "keeps": true,
     "reads": [],
     "target": "dose",
     "text": "do dose += 1"
    }
   ]
  }
 ]
}

--- request acie/graph main.acie at model {"do": ["outcome"]}
{
 "edges": [
  {
   "from": "z",
   "to": "dose"
  },
  {
   "from": "u",
   "to": "dose"
  },
  {
   "from": "dose",
   "to": "outcome"
  },
  {
   "from": "outcome.noise",
   "to": "outcome"
  }
 ],
 "model": "M",
 "nodes": [
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "1:10-1:11",
    "uri": "$/main.acie"
   },
   "name": "z",
   "returned": false,
   "role": "input",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "normal(0, 1)",
   "location": {
    "range": "2:8-2:9",
    "uri": "$/main.acie"
   },
   "name": "u",
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "3:8-3:12",
    "uri": "$/main.acie"
   },
   "name": "dose",
   "returned": false,
   "role": "var",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "law": "std_normal()",
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome.noise",
   "returned": false,
   "role": "exo",
   "type": "f64",
   "unit": "1"
  },
  {
   "elements": 1,
   "given": false,
   "location": {
    "range": "4:8-4:15",
    "uri": "$/main.acie"
   },
   "name": "outcome",
   "returned": false,
   "role": "var",
   "type": "f64",
   "unit": "1"
  }
 ],
 "query": null,
 "worlds": [
  {
   "changed": [],
   "name": "factual",
   "returned": [],
   "sets": []
  },
  {
   "changed": [
    "outcome"
   ],
   "name": "",
   "returned": [],
   "sets": [
    {
     "cuts": [
      "dose",
      "outcome.noise"
     ],
     "keeps": false,
     "reads": [],
     "target": "outcome"
    }
   ]
  }
 ]
}
