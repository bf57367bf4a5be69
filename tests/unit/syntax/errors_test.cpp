// Syntax errors in plain words: what, where, once, and with the fix where one is known.
#include <gtest/gtest.h>

#include "tests/unit/syntax/Parsed.h"

namespace acie::syntax {
namespace {

std::string in_model(const std::string& line) { return "model M {\n    exo u ~ normal(0, 1)\n    " + line + "\n    var last = u\n}\n"; }

TEST(SyntaxErrors, SayWhatWasExpectedAndFound) {
  const std::pair<const char*, const char*> kLines[] = {
      {"var x", ""},
      {"var x u", "A0101 3:11 expected `=`, `~` or `: type` after `x`, found `u`"},
      {"var x : f64 u", "A0101 3:17 expected `=` or `~` after `f64`, found `u`"},
      {"var x := u", "A0007 3:11 `:=` is written `=` here"},
      {"var x == u", "A0007 3:11 `==` compares; a definition is written with `=`"},
      {"var x =", "A0101 3:12 expected an expression after `=`, found `var` on the next line"},
      {"var x = u +", "A0101 3:16 expected an expression after `+`, found `var` on the next line"},
      {"var 3x = u", "A0101 3:9 expected a name after `var`, found `3`"},
      {"var let = u", "A0104 3:9 `let` is a keyword and cannot be used as a name"},
      {"var x : = u", "A0101 3:13 expected a type after `:`, found `=`"},
      {"vra x = u", "A0101 3:5 expected a statement of a model, found `vra`"},
      {"x = u", "A0101 3:5 expected a statement of a model, found `x`"},
      {"given u", "A0108 3:5 `given` cannot stand in a model"},
      {"when u > 1", "A0108 3:5 statements with `when` are kept for a later version"},
      {"var x = 2 u", "A0101 3:15 expected an operator after `2`, found `u`"},
      {"var x = 0 < u < 1", "A0103 3:19 comparisons do not chain"},
      {"var x = if 0 < u < 1 then 1 else 2", "A0103 3:22 comparisons do not chain"},
      {"var x = if u then 1", "A0101 3:24 expected an operator or `else` after `1`, found the end of the line"},
      {"var x = if u = 1 then 1 else 2", "A0007 3:18 `=` defines; a comparison is written with `==`"},
      {"var x = u && u", "A0007 3:15 `&&` is written `and` here"},
      {"var x = !u", "A0007 3:13 `!` is written `not` here"},
      {"var x = u <> 1", "A0007 3:15 `<>` is not an operator"},
      {"var x = u => 1", "A0007 3:15 `=>` is not an operator"},
      {"var x = u ? 1 : 2", "A0007 3:15 `?` is not an operator"},
      {"var x = u \u2264 1", "A0007 3:15 `\u2264` is written `<=` here"},
      {"var x = 3 <m>", "A0107 3:15 a unit belongs to a number and touches it"},
      {"var x = u <m>", "A0107 3:15 a unit belongs to a number and touches it"},
      {"var x = 1. + u", "A0107 3:13 a number needs digits on both sides of its point"},
      {"var x = .5", "A0107 3:13 a number needs digits on both sides of its point"},
      {"var x = 10^3<m>", "A0105 3:16 an exponent has no unit"},
      {"var x = f(u", "A0102 3:14 this `(` is never closed"},
      {"var x = (u + 1]", "A0102 3:19 expected `)`, found `]`"},
      {"var x = u)", "A0102 3:14 this `)` closes nothing"},
      {"var x = f(u u)", "A0101 3:17 expected an operator, `,` or `)` after `u`, found `u`"},
      {"var x = \"u", "A0004 3:13 this string has no closing `\"`"},
      {"var x = u $ 1", "A0006 3:15 `$` is not part of the language"},
      {"var x = u % 2", "A0006 3:15 `%` is not part of the language"},
      {"var x = 'u'", "A0006 3:13 `'` is not part of the language\nA0006 3:15 `'` is not part of the language"},
  };
  for (const auto& [line, expected] : kLines) {
    std::string errors = Parsed(in_model(line)).errors();
    if (!errors.empty()) errors.pop_back();
    EXPECT_EQ(errors, expected) << line;
  }
}

TEST(SyntaxErrors, FixesMakeTheProgramRight) {
  for (const char* line : {"var x := u", "var x == u", "var let = u", "vra x = u", "var x = 2 u", "var x = 0 < u < 1", "var x = u && u",
                           "var x = u || u", "var x = !u", "var x = u <> 1", "var x = u ** 2", "var x = u \u2264 1", "var x = 3 <m>",
                           "var x = u <m>", "var x = 1. + u", "var x = .5", "var x = 10^3<m>", "var x = (u + 1]", "var x = std::pi",
                           "var x = if u = 1 then 1 else 2"}) {
    const Parsed wrong(in_model(line));
    ASSERT_FALSE(wrong.errors().empty()) << line;
    const Parsed right(wrong.fixed());
    EXPECT_EQ(right.errors(), "") << wrong.fixed();
  }
}

TEST(SyntaxErrors, AreReportedOnceAStatementAndForEveryStatement) {
  EXPECT_EQ(Parsed("model M {\n"
                   "    exo u ~ normal(0 1)\n"
                   "    var x = 1 + ) * ] (\n"
                   "    var y = x\n"
                   "    var z = = 2 = 3\n"
                   "}\n"
                   "qurey q on M { return x }\n"
                   "query r on M {\n"
                   "    given x\n"
                   "    world w { var x = 1; do x = 2 }\n"
                   "    return x y\n"
                   "}\n"
                   "const a 3\n"
                   "const b = 3\n").errors(),
            "A0101 2:22 expected an operator, `,` or `)` after `0`, found `1`\n"
            "A0102 3:17 this `)` closes nothing\n"
            "A0102 3:21 this `]` closes nothing\n"
            "A0102 3:23 this `(` is never closed\n"
            "A0101 5:13 expected an expression after `=`, found `=`\n"
            "A0101 7:1 expected a declaration, found `qurey`\n"
            "A0108 10:15 `var` cannot stand in a world\n"
            "A0101 11:14 expected an operator or the end of the line after `x`, found `y`\n"
            "A0101 13:9 expected `=` after `a`, found `3`\n");
}

TEST(SyntaxErrors, FindTheBraceThatIsMissing) {
  EXPECT_EQ(Parsed("model M {\n    exo u ~ normal(0, 1)\n\nquery q on M {\n    return u\n}\n").errors(), "A0102 1:9 this `{` is never closed\n");
  // The world's brace is missing, as the indentation shows, though the query's is the one left open.
  EXPECT_EQ(Parsed("query q on M {\n    world w {\n        do x = 1\n    do y = 2\n}\nquery r on M {\n    return y\n}\n").errors(),
            "A0102 2:13 this `{` is never closed\n");
  EXPECT_EQ(Parsed("model M {\n    exo u ~ normal(0, 1)\n}\n}\nconst a = 1 1\n").errors(),
            "A0102 4:1 this `}` closes nothing\nA0101 5:13 expected an operator or the end of the line after `1`, found `1`\n");
  EXPECT_EQ(Parsed("query q on M\n    given x = 2, z\n    return x\n}\nconst a = 1 1\n").errors(),
            "A0101 1:13 expected `{` after `M`, found the end of the line\nA0102 4:1 this `}` closes nothing\n"
            "A0101 5:13 expected an operator or the end of the line after `1`, found `1`\n");
  EXPECT_EQ(Parsed("const a = 1\n/* never\nmodel M {").errors(), "A0005 2:1 this comment is never closed\n");
}

TEST(SyntaxErrors, GoOnAtAKeywordThatBeginsALine) {
  EXPECT_EQ(Parsed("model M {\n    var x = f(1,\n    var y = 2 3\n}\n").errors(),
            "A0102 2:14 this `(` is never closed\n"
            "A0101 3:15 expected an operator or the end of the line after `2`, found `3`\n");
}

}  // namespace
}  // namespace acie::syntax
