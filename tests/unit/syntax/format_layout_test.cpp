// What formatted programs look like.
#include <gtest/gtest.h>

#include "tests/unit/syntax/Formatted.h"

namespace acie::syntax {
namespace {

std::string repeat(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(FormatLayout, SpacesTokensByTheirPlaceInTheTree) {
  const std::pair<const char*, const char*> kTable[] = {
      {"const a=- b-c", "const a = -b - c\n"},
      {"const a = f ( x ,y ) [ 1.. , ..- 1,.. ] . z", "const a = f(x, y)[1.., ..-1, ..].z\n"},
      {"const a = ( 1,2 )", "const a = (1, 2)\n"},
      {"const a = x [ t - 1 ] + E[ y - z ] + v[n-k]", "const a = x[t-1] + E[y - z] + v[n - k]\n"},
      {"const a = [ f( i ) for i in 0 .. n + 1 if i<2 ]", "const a = [f(i) for i in 0..n+1 if i < 2]\n"},
      {"const a = Q [ 0.95 ;y ]", "const a = Q[0.95; y]\n"},
      {"const a = 2 ^ - 1.5*b ^n", "const a = 2^-1.5 * b^n\n"},
      {"const a = x|>map( | u , v:f64 |u*v )|>flatten", "const a = x |> map(|u, v: f64| u * v) |> flatten\n"},
      {"const a = | x | | y | x", "const a = |x| |y| x\n"},
      {"const a = { .. r,flux : e }", "const a = {..r, flux: e}\n"},
      {"const a = g( by:1,if : 2 )", "const a = g(by: 1, if: 2)\n"},
      {"const a = x   as <km>  as f32", "const a = x as <km> as f32\n"},
      {"const a = 3<m>/299792458<m/s>", "const a = 3<m> / 299792458<m/s>\n"},
      {"const a = not(b)and c", "const a = not (b) and c\n"},
      {"const a = 1 .x", "const a = 1 .x\n"},
      {"const `a  b` : f64  <x>= 1", "errors"},
      {"const `a  b`:f64[ N ,3 ]?in - 1 .. n at p under k= 1", "const `a  b` : f64[N, 3]? in -1..n at p under k = 1\n"},
      {"const a = \"two  blanks\"", "const a = \"two  blanks\"\n"},
      {"type A=B|\"c\" |D", "type A = B | \"c\" | D\n"},
      {"fn f [ N,M ] ( x:f64=1 )->law< f64 >{return x}", "fn f[N, M](x: f64 = 1) -> law<f64> { return x }\n"},
      {"model M{var y:bool<-x,z;exo( a,b )~d( )}", "model M { var y : bool <- x, z; exo (a, b) ~ d() }\n"},
      {"query q on M{given x ?,m.do ?=1;do?y;do x+=1 if z>0}", "query q on M { given x?, m.do ? = 1; do? y; do x += 1 if z > 0 }\n"},
      {"graph g(x:stream< {a:f64} >){let{ p,q }=at cloud{w@c}}", "graph g(x: stream<{a: f64}>) { let {p, q} = at cloud { w @ c } }\n"},
      {"import  std . astro as  a", "import std.astro as a\n"},
      {"import c ,G  as g  from std . astro", "import c, G as g from std.astro\n"},
      {"model M { }", "model M {}\n"},
      {"edition   2027\n;unit  Jy=< W/m^2 >", "edition 2027\nunit Jy = < W/m^2 >\n"},
      {"", ""},
      {"\n\n", ""},
      {"// only", "// only\n"},
  };
  for (const auto& [text, expected] : kTable) EXPECT_EQ(formatted(text), expected) << text;
}

TEST(FormatLayout, GivesStatementsTheirLines) {
  EXPECT_EQ(formatted("model M { var x = 1;var y = 2\n}"), "model M {\n    var x = 1\n    var y = 2\n}\n");
  EXPECT_EQ(formatted("model M { over t in 0..T { var x = 1\nvar y = 2 } }"),
            "model M {\n    over t in 0..T {\n        var x = 1\n        var y = 2\n    }\n}\n");
  EXPECT_EQ(formatted("model A { }   model B { }\n\n\n\nmodel C { }"), "model A {}\nmodel B {}\n\nmodel C {}\n");
  EXPECT_EQ(formatted("query q on M {\n\n\n world a { do x = 1 } world b { do x = 2 }\n\n\n return P[y] by identify\n\n}"),
            "query q on M {\n    world a { do x = 1 }\n    world b { do x = 2 }\n\n    return P[y] by identify\n}\n");
  EXPECT_EQ(formatted("const a = scan(0, xs, |c, v| {\nlet k = c + v\nreturn k })"),
            "const a = scan(0, xs, |c, v| {\n    let k = c + v\n    return k\n})\n");
}

TEST(FormatLayout, LeavesASemicolonOnlyWhereItIsNeeded) {
  EXPECT_EQ(formatted("fn f() -> f64 { let a = 1;; return a; }"), "fn f() -> f64 { let a = 1; return a }\n");
  EXPECT_EQ(formatted("fn f() -> f64 {\nlet a = 1; // c\nreturn a;\n}"), "fn f() -> f64 {\n    let a = 1  // c\n    return a\n}\n");
  // The next line, or the end of this one, would make one statement of two.
  EXPECT_EQ(formatted("fn f() -> f64 {\na;\n-b }"), "fn f() -> f64 {\n    a;\n    -b\n}\n");
  EXPECT_EQ(formatted("const a = x.if; const b = 1"), "const a = x.if;\nconst b = 1\n");
  EXPECT_EQ(formatted("fn f() -> f64 { x.if; }"), "fn f() -> f64 { x.if; }\n");
}

TEST(FormatLayout, KeepsCommentsInTheirPlaces) {
  EXPECT_EQ(formatted("model M { // of\n// a\n/// doc\nvar x = 1// b\n // end\n}// after\n// last"),
            "model M {  // of\n    // a\n    /// doc\n    var x = 1  // b\n    // end\n}  // after\n// last\n");
  EXPECT_EQ(formatted("const a = f(1, // one\n// two\n2/*three*/)"), "const a = f(1,  // one\n            // two\n            2 /*three*/)\n");
  EXPECT_EQ(formatted("const a = 1; /* b's */ const b = 2 /* its, too */"), "const a = 1\n/* b's */ const b = 2 /* its, too */\n");
  EXPECT_EQ(formatted("const a = 1 // x  \nconst bcd = 2 // y\n\nconst e = 3 // z\n"),
            "const a = 1    // x\nconst bcd = 2  // y\n\nconst e = 3  // z\n");
  EXPECT_EQ(formatted("model M {\n/* one\n   two */\nvar x = 1 }"), "model M {\n    /* one\n   two */\n    var x = 1\n}\n");
}

TEST(FormatLayout, BreaksLongLinesWhereItDisturbsLeast) {
  const std::string term = "some_long_name_of_a_column";
  // Between the items of a statement, below the first.
  EXPECT_EQ(formatted("query q on M {\nreturn " + repeat(term + ", ", 4) + "x\n}"),
            "query q on M {\n    return " + repeat(term + ", ", 2) + term + ",\n           " + term + ", x\n}\n");
  // In an outer bracket before an inner one.
  EXPECT_EQ(formatted("const a = f(" + repeat("g(" + term + ", 1), ", 4) + "1)"),
            "const a = f(" + repeat("g(" + term + ", 1), ", 1) + "g(" + term + ", 1),\n            " + "g(" + term + ", 1), g(" + term + ", 1), 1)\n");
  // Before a loose operator rather than a tight one.
  EXPECT_EQ(formatted("const a = " + term + " * " + term + " + " + term + " * " + term),
            "const a = " + term + " * " + term + "\n    + " + term + " * " + term + "\n");
  // A body leaves its line first.
  EXPECT_EQ(formatted("fn f(" + term + ": f64) -> f64 { let " + term + "_2 = " + term + " + 1; return 1 }"),
            "fn f(" + term + ": f64) -> f64 {\n    let " + term + "_2 = " + term + " + 1\n    return 1\n}\n");
  // What goes on in a header is indented deeper than the body.
  EXPECT_EQ(formatted("graph g(" + term + ": f64<Msun/yr>)\n-> f64 { return 1 }"),
            "graph g(" + term + ": f64<Msun/yr>)\n        -> f64 {\n    return 1\n}\n");
  // Comments and what has no place to break stay long.
  const std::string comment = "const a = 1  // " + repeat("long ", 30) + "comment\n";
  EXPECT_EQ(formatted(comment), comment);
  const std::string text = "const a = \"" + repeat("long ", 30) + "text\"\n";
  EXPECT_EQ(formatted(text), text);
}

TEST(FormatLayout, LeavesALineEndBehindAnOpenBracketToItsAuthor) {
  EXPECT_EQ(formatted("const a = f(\n1,\n\n2,\n)"), "const a = f(\n    1,\n\n    2,\n)\n");
  EXPECT_EQ(formatted("const m = [[1, 0],\n[0, 1]]"), "const m = [[1, 0],\n           [0, 1]]\n");
  EXPECT_EQ(formatted("const r = {\na: 1,\nb: 2\n}"), "const r = {\n    a: 1,\n    b: 2\n}\n");
}

TEST(FormatLayout, KeepsTheLineEndsAndTheMarkOfTheFile) {
  EXPECT_EQ(formatted("const a=1\r\nconst b=2"), "const a = 1\r\nconst b = 2\r\n");
  EXPECT_EQ(formatted("\xEF\xBB\xBF  const μ=1"), "\xEF\xBB\xBF" "const μ = 1\n");
}

TEST(FormatLayout, RefusesProgramsWithErrors) {
  for (const char* text : {"model {", "const a = (1", "const a = 1)", "const a = 1\nconst b = ", "const a = \xFF", "edition 2000\nconst a = 1"}) {
    const Formatted it(text);
    EXPECT_FALSE(it.ok) << text;
    EXPECT_TRUE(it.diagnostics.has_errors()) << text;
  }
}

TEST(FormatLines, ChangesOnlyWhatBeginsOnThoseLines) {
  SourceManager sources;
  DiagnosticEngine diagnostics;
  const uint32_t file = sources.add("test.acie", "const  a=1\nmodel M {\nvar x=1\n  var  y=2\n}\nconst  b=1\n");
  const auto edited = [&](uint32_t first, uint32_t last) {
    const auto edits = format_lines(sources, file, first, last, diagnostics);
    return edits ? apply_edits(sources.text(file), *edits) : "errors";
  };
  EXPECT_EQ(edited(3, 3), "const  a=1\nmodel M {\n    var x = 1\n  var  y=2\n}\nconst  b=1\n");
  EXPECT_EQ(edited(3, 4), "const  a=1\nmodel M {\n    var x = 1\n    var y = 2\n}\nconst  b=1\n");
  EXPECT_EQ(edited(6, 100), "const  a=1\nmodel M {\nvar x=1\n  var  y=2\n}\nconst b = 1\n");
  EXPECT_EQ(edited(1, 100), formatted(std::string(sources.text(file))));
}

TEST(Format, TakesTimeInProportionToTheText) {
  // One line of 180 kB: were it measured again for every break, this would take minutes.
  const std::string list = "const a = [" + repeat("1, ", 60'000) + "1]";
  const std::string result = formatted(list);
  EXPECT_GT(result.size(), list.size());
  EXPECT_LE(result.find('\n'), 100u);
}

}  // namespace
}  // namespace acie::syntax
