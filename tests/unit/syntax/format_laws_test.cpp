// Formatting any program leaves its tree and its comments and is done after one run: over every program of the repository,
// the same with their white space and comments shaken, and generated ones.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/unit/syntax/Formatted.h"
#include "tests/unit/syntax/ProgramGenerator.h"

namespace acie::syntax {
namespace {

std::vector<std::string> programs_of_repository() {
  std::set<std::filesystem::path> paths;
  for (const char* folder : {"stdlib", "examples", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(ACIE_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".acie") paths.insert(entry.path());
    }
  }
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream in(path);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (find_invalid_utf8(text) == std::string_view::npos) texts.push_back(std::move(text));
  }
  return texts;
}

std::string pick(const std::vector<std::string>& choices, std::mt19937& random) { return choices[random() % choices.size()]; }

/// The same tokens with other white space, comments and separators between them; perhaps not a program any more.
std::string shake(const std::string& text, std::mt19937& random) {
  static const std::vector<std::string> kBlanks = {" ", "  ", "\t", " /* c */ ", "/* c */", " /* two\n lines */ ", "    "};
  static const std::vector<std::string> kLines = {"\n", "\n\n", "\n\n\n\n", " // c\n", "\n// c  \n", "\n/// doc \n", " /// doc\n", ";\n", "; ",
                                       " ; ; // c\n", "; /// doc\n", "\r\n", "\n;\n", "\n /* c */ ", "; /* c */"};
  antlr4::ANTLRInputStream input(text);
  grammar::AcieLexer lexer(&input);
  std::string out;
  for (const auto& token : lexer.getAllTokens()) {
    const bool blank = token->getChannel() == antlr4::Token::HIDDEN_CHANNEL;
    const bool line = token->getType() == grammar::AcieLexer::NEWLINE;
    const bool shaken = random() % 4 == 0;
    if (blank && shaken) out += pick(kBlanks, random);
    else if (line && shaken) out += pick(kLines, random);
    else if (token->getType() == grammar::AcieLexer::SEMI && shaken) out += pick(kLines, random);
    else out += token->getText();
    const std::string word = token->getText();
    const bool open = word == "(" || word == "[" || word == "," || word == "{" || word == "+" || word == "=";
    if (open && random() % 8 == 0) out += pick({"\n", " // c\n", "\n\n  ", "/* c */", "\n// c\n"}, random);
    else if (!blank && !line && random() % 64 == 0) out += pick({" /* c */ ", "\n", " // c\n"}, random);
  }
  return out;
}

TEST(FormatLaws, HoldForEveryProgramOfTheRepository) {
  std::mt19937 random(1);
  size_t programs = 0;
  for (const std::string& text : programs_of_repository()) programs += obeys_laws(text, random) ? 1 : 0;
  EXPECT_GT(programs, 100u);
}

TEST(FormatLaws, HoldForProgramsWithTheirWhiteSpaceShaken) {
  std::mt19937 random(2);
  size_t programs = 0;
  for (const std::string& text : programs_of_repository()) {
    for (int round = 0; round < 4; ++round) programs += obeys_laws(shake(text, random), random) ? 1 : 0;
    if (HasFailure()) return;
  }
  EXPECT_GT(programs, 200u);
}

TEST(FormatLaws, HoldWhereCommentsMeetSeparators) {
  std::mt19937 random(3);
  for (const char* text : {"const a = 1; /* c */ /// d\nconst b = 2", "const a = 1 /* c */; /* e */ const b = 2", "const a = 1 /// d\n; const b = 2",
                           "/// d\n; const a = 1", "model M { /* c */ /// d\nvar x = 1; /// e\n}", "fn f() -> f64 { a /* c */;\n/// d\n-b; }",
                           "const a = x.if /// d\n;; const b = 1", "const a = 1; /// d\n; /// e\nconst b = 2"}) {
    for (int choice = 0; choice < 64; ++choice) EXPECT_TRUE(obeys_laws(text, random)) << text;
  }
}

TEST(FormatLaws, HoldForGeneratedPrograms) {
  for (uint32_t seed = 0; seed < 600; ++seed) {
    std::mt19937 random(seed);
    const std::string text = ProgramGenerator(random).program();
    EXPECT_TRUE(obeys_laws(text, random)) << seed << ": not a program\n" << text << Parsed(text).errors();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace acie::syntax
