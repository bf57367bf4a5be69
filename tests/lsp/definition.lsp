# Definition: of names, members of worlds, what the library declares; nothing for what has no declaration.
--- document main.acie
import std.astro

model Trial {
    input age : f64
    var dose = 0.1 * age
    var outcome ~ nor⟦library⟧mal(do⟦var⟧se, 1)
}

query effect on Tri⟦model⟧al {
    world low { do dose = 0 }
    world high { do d⟦target⟧ose = 1 }
    return E[high.out⟦member⟧come - lo⟦world⟧w.outcome] * lo⟦builtin⟧g10(10)
}
⟦nothing⟧
--- request textDocument/definition at var
{
 "range": "4:8-4:12",
 "uri": "$/main.acie"
}

--- request textDocument/definition at model
{
 "range": "2:6-2:11",
 "uri": "$/main.acie"
}

--- request textDocument/definition at member
{
 "range": "5:8-5:15",
 "uri": "$/main.acie"
}

--- request textDocument/definition at world
{
 "range": "9:10-9:13",
 "uri": "$/main.acie"
}

--- request textDocument/definition at target
{
 "range": "4:8-4:12",
 "uri": "$/main.acie"
}

--- request textDocument/definition at builtin
null

--- request textDocument/definition at nothing
null
