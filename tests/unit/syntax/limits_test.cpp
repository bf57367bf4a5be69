// No text, however broken, crashes the parser or keeps it busy.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/syntax/Parsed.h"

namespace acie::syntax {
namespace {

std::string repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Limits, NestingOf256IsTakenAnd257Refused) {
  const auto nested = [](size_t depth) { return "const a = " + repeated("(", depth) + "1" + repeated(")", depth) + "\n"; };
  EXPECT_EQ(Parsed(nested(255)).errors(), "");
  EXPECT_EQ(Parsed(nested(257)).errors().substr(0, 6), "A0002 ");
}

TEST(Limits, EverythingThatRecursesIsCounted) {
  constexpr size_t kMany = 20000;
  for (const std::string& text :
       {repeated("(", kMany), repeated("[", kMany), repeated("{", kMany), repeated("-", kMany) + "1", repeated("not ", kMany) + "a",
        repeated("if a then ", kMany), repeated("if a then 1 else ", kMany) + "1", repeated("|x| ", kMany) + "x",
        repeated("2^", kMany) + "2", repeated("a.", kMany) + "a", "f" + repeated("(1)", kMany), repeated("1+", kMany) + "1",
        repeated("1 |> ", kMany) + "f", repeated("a and ", kMany) + "a", "1" + repeated(" as f32", kMany)}) {
    const Parsed parsed("const a = " + text + "\n");
    EXPECT_EQ(parsed.file, nullptr) << text.substr(0, 20);
    EXPECT_EQ(parsed.errors().substr(0, 6), "A0002 ") << text.substr(0, 20);
  }
  EXPECT_EQ(Parsed("const a : " + repeated("law<", kMany) + "f64" + repeated(">", kMany) + " = 1\n").errors().substr(0, 6), "A0002 ");
  // Lists, arguments and statements are long, not deep.
  EXPECT_EQ(Parsed("const a = [" + repeated("1, ", kMany) + "1]\n").errors(), "");
  EXPECT_EQ(Parsed(repeated("const a = 1\n", kMany)).errors(), "");
}

TEST(Limits, DeepUnitsAreErrorsNotCrashes) {
  EXPECT_EQ(Parsed("const a = 1<kg/(m*(s^2*(K*(A))))>\n").errors(), "");
  EXPECT_FALSE(Parsed("const a = 1<" + repeated("(", 100000) + "m" + repeated(")", 100000) + ">\n").errors().empty());
}

TEST(Limits, FloodsOfErrorsStop) {
  for (const char* text : {"$ ", "}", ")", "\x01", "?\n", "var ", "x\n", "\"\n", "` "}) {
    const Parsed parsed(repeated(text, 20000));
    EXPECT_EQ(parsed.file, nullptr);
    EXPECT_TRUE(parsed.diagnostics.has_errors());
    EXPECT_LE(parsed.diagnostics.sorted().size(), DiagnosticEngine::kMaximumKept) << text;
  }
}

TEST(Limits, EncodingAndSize) {
  EXPECT_EQ(Parsed("const a = \"\xff\"\n").errors(), "A0001 1:12 byte 11 is not valid UTF-8\n");
  EXPECT_EQ(Parsed(std::string(10'000'001, ' ')).errors().substr(0, 6), "A0003 ");
  EXPECT_EQ(Parsed(std::string(1'000'000, ' ')).errors(), "");
  EXPECT_EQ(Parsed("const a = [" + repeated("1,", 300000) + "1]\n").errors().substr(0, 6), "A0003 ");
}

TEST(Limits, NullMeansAnErrorAndAnErrorMeansNull) {
  // Every prefix and every text with one byte left out of a program of many forms.
  const std::string program =
      "import std.astro as s\nmodel M { input z : f64 in 0..1\n exo (u, v) ~ normal(0, 1)\n var x : f64<m/s^2> = if u > 0 then 1<m> else -u^2 "
      "from \"X\"\n}\nquery q(a: f64 = 1) on M {\n given x = 2, z?\n world w { do x += 1; do? z }\n return e = E[w.x], Q[0.5; x] by exact }\n"
      "fn f[N](x: f64[N]) -> law<f64> { exo e ~ normal(0, 1); return sum(x[i] for i in 0..N) + e }\n/* c */ const r = {..q, a: |x| x}\n";
  ASSERT_EQ(Parsed(program).errors(), "");
  for (size_t i = 0; i < program.size(); ++i) {
    std::string left_out = program;
    left_out.erase(i, 1);
    for (const std::string& text : {program.substr(0, i), left_out}) {
      const Parsed parsed(text);
      EXPECT_EQ(parsed.file == nullptr, parsed.diagnostics.has_errors()) << text;
      EXPECT_LE(parsed.diagnostics.error_count(), 4u) << text << "\n" << parsed.errors();  // no cascades
    }
  }
}

}  // namespace
}  // namespace acie::syntax
