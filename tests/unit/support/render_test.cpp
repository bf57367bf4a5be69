// Both renderings of a diagnostic.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "compiler/Support/Diagnostic.h"

namespace acie {
namespace {

class Render : public ::testing::Test {
 protected:
  Span find(uint32_t file, std::string_view text) const {
    const size_t at = sources.text(file).find(text);
    return {file, static_cast<uint32_t>(at), static_cast<uint32_t>(at + text.size())};
  }
  std::string text() const { return render_text(engine.sorted()[0], sources); }

  SourceManager sources;
  DiagnosticEngine engine;
};

TEST_F(Render, ShowsPlaceLabelsNotesAndFix) {
  const uint32_t f = sources.add("g.acie", "model G {\n    var log_mass = 1\n}\nquery q on G { given log_mas }\n");
  const Span name{f, find(f, "log_mas }").begin, find(f, "log_mas }").end - 2};
  engine.report(Code::A0409, name, "`log_mas` is not a variable of `G`")
      .label(find(f, "G {"), "the model")
      .note("evidence names variables")
      .fix(name, "log_mass", "did you mean `log_mass`?");
  EXPECT_EQ(text(),
            "error[A0409]: `log_mas` is not a variable of `G`\n"
            " --> g.acie:4:22\n"
            "  |\n"
            "1 | model G {\n"
            "  |       --- the model\n"
            "...\n"
            "4 | query q on G { given log_mas }\n"
            "  |                      ^^^^^^^\n"
            "  = note: evidence names variables\n"
            "  = help: did you mean `log_mass`?\n"
            "4 | query q on G { given log_mass }\n");
}

/// The column of cells at which the carets begin and their number, of the line with carets.
std::pair<size_t, size_t> carets(const std::string& text) {
  const size_t at = text.find('^');
  const size_t begin = text.rfind('\n', at) + 1;
  return {at - begin - std::string("  | ").size(), text.find_first_not_of('^', at) - at};
}

TEST_F(Render, AlignsCaretsUnderTabsWideAndCombiningCharacters) {
  const uint32_t tab = sources.add("t.acie", "\tx = y");
  engine.report(Code::A0201, find(tab, "y"), "m");
  EXPECT_EQ(carets(text()), std::pair(size_t{8}, size_t{1}));  // a tab is printed as four spaces
  engine = {};
  const uint32_t wide = sources.add("w.acie", "\"星星\" = y");
  engine.report(Code::A0201, find(wide, "y"), "m");
  EXPECT_EQ(carets(text()), std::pair(size_t{9}, size_t{1}));
  engine = {};
  const uint32_t combining = sources.add("c.acie", "e\u0301 = \u03bc\u03c3");
  engine.report(Code::A0201, find(combining, "\u03bc\u03c3"), "m");
  EXPECT_EQ(carets(text()), std::pair(size_t{4}, size_t{2}));
}

TEST_F(Render, PrintsNothingThatCommandsATerminal) {
  const uint32_t f = sources.add("t.acie", "a = \"\033[31m\u202Eevil\xFF\" + b");
  engine.report(Code::A0201, find(f, "b"), "m");
  const std::string out = text();
  EXPECT_EQ(out.find('\033'), std::string::npos);
  EXPECT_EQ(out.find("\u202E"), std::string::npos);  // would turn the direction of what follows
  EXPECT_EQ(out.find('\xFF'), std::string::npos);
  EXPECT_NE(render_text(engine.sorted()[0], sources, true).find("\033["), std::string::npos);  // colour where asked for
}

TEST_F(Render, ShowsAWindowOfALongLine) {
  const uint32_t f = sources.add("t.acie", std::string(100000, 'a') + " bad " + std::string(100000, 'c'));
  engine.report(Code::A0201, find(f, "bad"), "m").fix(find(f, "bad"), "good", "write it well");
  const std::string out = text();
  EXPECT_LT(out.size(), 1500u);
  EXPECT_NE(out.find(" bad "), std::string::npos);
  // The carets stand under the word.
  const size_t line = out.find(" bad ");
  const size_t column = line + 1 - (out.rfind('\n', line) + 1);
  const size_t mark = out.find("^^^");
  size_t cells = 0;  // the ellipsis is one cell of three bytes
  for (const char c : out.substr(out.rfind('\n', line) + 1, column)) cells += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  EXPECT_EQ(mark - (out.rfind('\n', mark) + 1), cells);
}

TEST_F(Render, MarksTheEndOfTheFileAndSpansOverLines) {
  const uint32_t f = sources.add("t.acie", "model M {\n  var x\n}");
  const auto end = static_cast<uint32_t>(sources.text(f).size());
  engine.report(Code::A0101, {f, end, end}, "end");
  EXPECT_NE(text().find("3 | }\n  |  ^\n"), std::string::npos) << text();
  engine = {};
  engine.report(Code::A0101, {f, 6, end}, "over lines");
  EXPECT_NE(text().find("1 | model M {\n  |       ^^^\n"), std::string::npos) << text();
}

TEST_F(Render, WritesJsonOfTheContract) {
  const uint32_t f = sources.add("g.acie", "x\nμ = y\n");
  engine.report(Code::A0201, find(f, "y"), "no `y`").label(find(f, "x"), "l").note("n").fix(find(f, "y"), "x", "t", Applicability::MachineApplicable);
  const std::string line = render_json(engine.sorted()[0], sources);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["code"], "A0201");
  EXPECT_EQ(json["severity"], "error");
  EXPECT_EQ(json["message"], "no `y`");
  EXPECT_EQ(json["file"], "g.acie");
  EXPECT_EQ(json["range"]["start"]["line"], 2);
  EXPECT_EQ(json["range"]["start"]["column"], 5);
  EXPECT_EQ(json["range"]["end"]["column"], 6);
  EXPECT_EQ(json["labels"][0]["text"], "l");
  EXPECT_EQ(json["notes"][0], "n");
  EXPECT_EQ(json["fixes"][0]["replacement"], "x");
  EXPECT_EQ(json["fixes"][0]["applicability"], "machine-applicable");
}

}  // namespace
}  // namespace acie
