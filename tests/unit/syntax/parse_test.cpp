// What programs mean to the parser: precedence, newlines, names, and every form of the language.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/unit/syntax/Parsed.h"

namespace acie::syntax {
namespace {

std::string read(const std::string& name) {
  std::ifstream in(std::string(ACIE_SYNTAX_PROGRAMS) + "/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Parse, TakesEveryFormOfTheLanguage) {
  for (const char* name : {"sections.acie", "forms.acie"}) {
    const Parsed parsed(read(name));
    ASSERT_NE(parsed.file, nullptr) << name << "\n" << parsed.errors();
    EXPECT_GT(parsed.file->declarations.size(), 10u) << name;
  }
}

TEST(Parse, FollowsThePrecedenceTable) {
  const std::pair<const char*, const char*> kTable[] = {
      {"a + b * c", "(+ a (* b c))"},
      {"a - b - c", "(- (- a b) c)"},
      {"a / b * c @ d", "(@ (* (/ a b) c) d)"},
      {"-a ^ 2", "(- (^ a 2))"},
      {"a ^ b ^ c", "(^ a (^ b c))"},
      {"2 ^ -b", "(^ 2 (- b))"},
      {"-a * b", "(* (- a) b)"},
      {"a + b as <km>", "(as <km> (+ a b))"},
      {"a as f32 as <m>", "(as <m> (as f32 a))"},
      {"0..n + 1", "(.. 0 (+ n 1))"},
      {"a + 1 < b * 2", "(< (+ a 1) (* b 2))"},
      {"not a == b", "(not (== a b))"},
      {"not a and b or c", "(or (and (not a) b) c)"},
      {"a or b |> f", "(|> (or a b) f)"},
      {"if a then b else c + 1", "(if a b (+ c 1))"},
      {"|x| x + 1", "(lambda (x) (+ x 1))"},
      {"a.b(c)[d].e", "(. ([] ((. a b) c) d) e)"},
      {"f(x)^2", "(^ (f x) 2)"},
      {"0<x and y", "(and (< 0 x) y)"},
      {"3<m> + x", "(+ 3<m> x)"},
      {"x[1.., ..-1, .., i]", "([] x (.. 1 _) (.. _ (- 1)) .. i)"},
      {"Q[0.95; y]", "([] Q 0.95 ; y)"},
      {"sum(e[i] for i in 0..3)", "(sum ([] e i) (for (i (.. 0 3))))"},
      {"f(by: 1, if: 2)", "(f by: 1 if: 2)"},
      {"1_000 + 0x1F", "(+ 1000 0x1F)"},
      {"10 ^ (3)", "(^ 10 3)"},
  };
  for (const auto& [text, tree] : kTable) EXPECT_EQ(expression(text), tree) << text;
}

TEST(Parse, EndsStatementsAtNewlinesByTheRule) {
  // Each joins two lines into `const a = …` (one declaration) or does not (two declarations, or an error).
  const std::pair<const char*, const char*> kOneStatement[] = {
      {"a +\nb", "(+ a b)"},           {"a\n+ b", "(+ a b)"},
      {"f(a\n, b\n)", "(f a b)"},      {"[a\n,\nb]", "(list a b)"},
      {"a\n.b", "(. a b)"},            {"a\nand b", "(and a b)"},
      {"if a\nthen b\nelse c", "(if a b c)"}, {"\n a", "a"},
      {"a\n|> f", "(|> a f)"},         {"a\nas <km>", "(as <km> a)"},
      {"not\na", "(not a)"},           {"a // comment\n + b", "(+ a b)"},
      {"a /* over\n lines */ + b", "(+ a b)"}, {"{x: a,\n y: b\n}", "(record x: a y: b)"},
      {"f(|x| {\nlet k = x\nreturn k\n})", "(f (lambda (x) {let k = x; return k}))"},
  };
  for (const auto& [text, tree] : kOneStatement) EXPECT_EQ(expression(text), tree) << text;
  for (const char* text : {"const a = b\nconst c = d", "const a : law<f64>  = b\nconst c = d", "const a = b; const c = d\n;",
                           "const a = b\n\n\n// c\nconst c = d\r\n", "const a = b const c = d"}) {
    const Parsed parsed(text);
    ASSERT_NE(parsed.file, nullptr) << text << "\n" << parsed.errors();
    EXPECT_EQ(parsed.file->declarations.size(), 2u) << text;
  }
  // The `>` that closes a type ends its line.
  EXPECT_EQ(Parsed("fn f(x: f64) -> law<f64>\n{ exo e ~ normal(0, 1); return x + e }").errors().substr(0, 6), "A0101 ");
  EXPECT_EQ(Parsed("model M {\n input x : f64<m>\n input y : f64\n}").errors(), "");
}

TEST(Parse, LetsWordsBeNamesOutsideTheirPlace) {
  const Parsed parsed(
      "model M {\n"
      "    input from, key : f64\n"
      "    var unit = from + key\n"
      "    var tolerance : f64 = unit * 2 from \"T\"\n"
      "    var `model` = tolerance + E + P + Q + sd + draws + rows + write + held\n"
      "}\n"
      "query q on M { given from; weight key; return unit = tolerance }\n");
  EXPECT_EQ(parsed.errors(), "");
  ASSERT_NE(parsed.file, nullptr);
  EXPECT_NE(parsed.dump().find("var model = "), std::string::npos) << parsed.dump();
}

TEST(Parse, NormalisesNamesAndKeepsSpansInBytes) {
  // The micro sign and the Greek letter are one name in NFKC.
  const Parsed parsed("const \u00b5 = 1\nconst x = \u03bc + `H+`\n");
  ASSERT_NE(parsed.file, nullptr) << parsed.errors();
  EXPECT_EQ(parsed.file->declarations[0]->name.text, "\u03bc");
  const Expr& sum = *parsed.file->declarations[1]->value;
  EXPECT_EQ(parsed.sources.text(sum.span), "\u03bc + `H+`");
  EXPECT_EQ(sum.operands[1]->name.text, "H+");
  EXPECT_EQ(parsed.sources.text(sum.op_span), "+");
}

TEST(Parse, AttachesDocComments) {
  const Parsed parsed("/// first\n/// line\nmodel M {\n    // none\n    /// of x\n    exo x ~ normal(0, 1)\n    var y = x\n}\n");
  ASSERT_NE(parsed.file, nullptr) << parsed.errors();
  const Decl& model = *parsed.file->declarations[0];
  EXPECT_EQ(model.doc, "first\nline");
  EXPECT_EQ(model.body[0]->doc, "of x");
  EXPECT_EQ(model.body[1]->doc, "");
}

TEST(Parse, ReadsTextInStringsAndAfterAByteOrderMark) {
  const Parsed parsed("\xEF\xBB\xBFimport \"a\\t\\\"b\\\\.acie\"\n");
  ASSERT_NE(parsed.file, nullptr) << parsed.errors();
  EXPECT_EQ(parsed.file->declarations[0]->file, "a\t\"b\\.acie");
  EXPECT_EQ(Parsed("const a = \"\\q\"").errors(), "A0101 1:11 `\\q` is not an escape\n");
}

TEST(Parse, TakesAnEmptyProgram) {
  for (const char* text : {"", "\n\n", "// only\n", "edition 2027\n", ";;"}) {
    const Parsed parsed(text);
    ASSERT_NE(parsed.file, nullptr) << parsed.errors();
    EXPECT_TRUE(parsed.file->declarations.empty());
  }
  EXPECT_EQ(Parsed("edition 1999\n").errors(), "A0106 1:1 there is no edition 1999\n");
}

TEST(Parse, PrintsAStableTree) {
  EXPECT_EQ(Parsed("model M {\n  input z : f64 in 0..inf\n  exo u ~ normal(0, 1)\n  var x : f64<km> = 2<km> * u from \"X\"\n}\n"
                   "query q(f: f64 = 2) on M {\n  given x\n  world w { do x = 1 if f > 0; do z += 2 }\n  return d = w.x - x\n}\n").dump(),
            "model M\n"
            "  input z : f64 in 0..inf\n"
            "  exo u ~ (normal 0 1)\n"
            "  var x : f64<km> = (* 2<km> u) from \"X\"\n"
            "query q (f: f64 = 2) on M\n"
            "  given x\n"
            "  world w\n"
            "    do x = 1 if (> f 0)\n"
            "    do z += 2\n"
            "  return d = (- (. w x) x)\n");
}

}  // namespace
}  // namespace acie::syntax
