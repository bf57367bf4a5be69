// Lines, columns and encodings of source text.
#include <gtest/gtest.h>

#include <string>

#include "compiler/Support/NearestName.h"
#include "compiler/Support/SourceManager.h"

namespace acie {
namespace {

TEST(SourceManager, CountsLinesAndColumnsFromOneInCodePoints) {
  SourceManager sources;
  const uint32_t file = sources.add("a.acie", "ab\nμx = 1\r\n\n𝄞z");
  const auto at = [&](std::string_view text) {
    const size_t offset = sources.text(file).find(text);
    const Position p = sources.position(file, static_cast<uint32_t>(offset));
    return std::pair(p.line, p.column);
  };
  EXPECT_EQ(at("ab"), std::pair(1u, 1u));
  EXPECT_EQ(at("b"), std::pair(1u, 2u));
  EXPECT_EQ(at("x"), std::pair(2u, 2u));  // μ is two bytes, one column
  EXPECT_EQ(at("z"), std::pair(4u, 2u));
  EXPECT_EQ(sources.line(file, 2), "μx = 1");  // without the carriage return
  EXPECT_EQ(sources.line(file, 3), "");
  EXPECT_EQ(sources.line(file, 4), "𝄞z");
}

TEST(SourceManager, TakesPlacesBehindTheEnd) {
  SourceManager sources;
  const uint32_t file = sources.add("a.acie", "ab\n");
  EXPECT_EQ(sources.position(file, 99).line, 2u);
  EXPECT_EQ(sources.position(file, 99).column, 1u);
  const uint32_t empty = sources.add("b.acie", "");
  EXPECT_EQ(sources.position(empty, 0).line, 1u);
  EXPECT_EQ(sources.line(empty, 1), "");
}

TEST(SourceManager, FindsColumnsInLongLines) {
  // Columns are counted from checkpoints: places on both sides of several of them.
  std::string text = "first\n";
  for (int i = 0; i < 5000; ++i) text += "μa";
  SourceManager sources;
  const uint32_t file = sources.add("a.acie", text);
  for (uint32_t i = 0; i < 5000; i += 7) EXPECT_EQ(sources.position(file, 6 + 3 * i).column, 2 * i + 1) << i;
}

TEST(SourceManager, CountsUtf16Columns) {
  SourceManager sources;
  const uint32_t file = sources.add("a.acie", "x\nμ𝄞z");
  EXPECT_EQ(sources.utf16_column(file, 2), 0u);
  EXPECT_EQ(sources.utf16_column(file, 4), 1u);
  EXPECT_EQ(sources.utf16_column(file, 8), 3u);  // 𝄞 is a surrogate pair
}

TEST(SourceManager, NamesTheFileItCannotRead) {
  SourceManager sources;
  EXPECT_NE(std::string(sources.load("/no/such.acie").status().message()).find("/no/such.acie"), std::string::npos);
  EXPECT_FALSE(sources.load("/").ok());
  EXPECT_EQ(sources.size(), 0u);
}

TEST(Utf8, FindsTheFirstWrongByte) {
  EXPECT_EQ(find_invalid_utf8("aμ𝄞\xEF\xBF\xBD"), std::string_view::npos);
  const std::pair<std::string_view, size_t> kWrong[] = {
      {"a\x80", 1}, {"\xC0\x80", 0}, {"\xE0\x80\x80", 0}, {"\xED\xA0\x80", 0}, {"\xF4\x90\x80\x80", 0},
      {"ab\xC3", 2}, {"\xF5\x80\x80\x80", 0}, {"\xF0\x8F\xBF\xBF", 0}, {"\xE2\x82", 0}, {"x\xFF", 1}};
  for (const auto& [text, offset] : kWrong) EXPECT_EQ(find_invalid_utf8(text), offset);
}

TEST(NearestName, SuggestsWithinAThirdAndBreaksTiesAlphabetically) {
  const std::vector<std::string> names = {"log_mass", "log_sfr", "metal", "mental"};
  EXPECT_EQ(nearest_name("log_mas", names), "log_mass");
  EXPECT_EQ(nearest_name("lgo_mass", names), "log_mass");  // a transposition is one edit
  EXPECT_EQ(nearest_name("menal", names), "mental");       // both at one edit
  EXPECT_EQ(nearest_name("luminosity", names), "");
  EXPECT_EQ(nearest_name("x", {"y"}), "");
}

}  // namespace
}  // namespace acie
