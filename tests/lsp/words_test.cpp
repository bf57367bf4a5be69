// The language's own words are explained: every operation of the prelude, and no word that is none.
#include "compiler/lsp/Words.h"

#include <algorithm>
#include <set>

#include "compiler/Sema/Elaborate.h"
#include "compiler/lsp/Tokens.h"
#include "gtest/gtest.h"

namespace acie::lsp {
namespace {

TEST(LspWords, EveryOperationOfThePreludeIsExplained) {
  const std::vector<std::string> names = sema::prelude_names();
  ASSERT_GT(names.size(), 60u);
  for (const std::string& name : names) {
    const Word* word = word_of(name);
    ASSERT_NE(word, nullptr) << name;
    EXPECT_TRUE(word->form.starts_with(name)) << word->form;
    EXPECT_FALSE(word->meaning.empty()) << name;
  }
}

TEST(LspWords, TheCommonKeywordsAreExplainedAndNamesAreNot) {
  for (const char* keyword : {"model", "query", "given", "do", "do?", "world", "exo", "var", "input", "over"}) EXPECT_NE(word_of(keyword), nullptr) << keyword;
  EXPECT_EQ(word_of("log_mass"), nullptr);
  EXPECT_EQ(word_of(""), nullptr);
}

TEST(LspWords, UnitsByThePlaceOfTheCursor) {
  const units::UnitTable& table = units::UnitTable::si();
  uint32_t begin = 0, end = 0;
  const std::string speed = "3.5<km/s^2>";
  EXPECT_NE(unit_text(speed, 4, table, begin, end).find("km = 1000<m>"), std::string::npos);
  EXPECT_EQ(speed.substr(begin, end - begin), "km");
  EXPECT_NE(unit_text(speed, 6, table, begin, end), "") << "behind the name, as a cursor stands after typing it";
  EXPECT_NE(unit_text(speed, 7, table, begin, end).find("s = 1<s>"), std::string::npos);
  for (const uint32_t nothing : {0u, 2u, 3u, 9u, 10u, 11u, 40u}) EXPECT_EQ(unit_text(speed, nothing, table, begin, end), "") << nothing;
  EXPECT_EQ(unit_text("3<furlong>", 4, table, begin, end), "");
  EXPECT_EQ(unit_text("3", 0, table, begin, end), "");
}

}  // namespace
}  // namespace acie::lsp
