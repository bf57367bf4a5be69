// The diagnostic engine, the table of codes and their pages.
#include "compiler/Support/Diagnostic.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace acie {
namespace {

TEST(Codes, AreUniqueSortedAndFound) {
  std::string last;
  for (const Code code : all_codes()) {
    const std::string name(code_name(code));
    EXPECT_LT(last, name);
    EXPECT_EQ(name.size(), 5u);
    EXPECT_EQ(find_code(name), code);
    EXPECT_FALSE(code_title(code).empty());
    last = name;
  }
  EXPECT_EQ(find_code("A9999"), std::nullopt);
}

TEST(Codes, EveryOneHasAPageWithBothExamples) {
  // What these are about cannot stand in a page: bytes that are not UTF-8, 257 brackets, 10 MB, more than one file.
  const std::set<std::string> kWithoutExamples = {"A0001", "A0002", "A0003", "A0204", "A0212", "A0213", "A0215"};
  for (const Code code : all_codes()) {
    const std::string name(code_name(code));
    const std::string page(explain(code));
    EXPECT_EQ(page.rfind("# " + name + ": " + std::string(code_title(code)) + "\n\n", 0), 0u) << name << ": " << page.substr(0, 60);
    if (kWithoutExamples.count(name) > 0) continue;
    EXPECT_NE(page.find("\n```acie error\n"), std::string::npos) << name;
    EXPECT_NE(page.find("\n```acie\n"), std::string::npos) << name;
  }
}

TEST(Engine, SortsByPlaceAndKeepsTheOrderAtOnePlace) {
  DiagnosticEngine engine;
  engine.report(Code::A0201, {1, 0, 1}, "other file");
  engine.report(Code::A0201, {0, 9, 10}, "late");
  engine.report(Code::A0301, {0, 2, 3}, "early, first");
  engine.report(Code::A0201, {0, 2, 3}, "early, second");
  std::string order;
  for (const Diagnostic& d : engine.sorted()) order += d.message + "|";
  EXPECT_EQ(order, "early, first|early, second|late|other file|");
}

TEST(Engine, RepeatsNothingAndCountsBySeverity) {
  DiagnosticEngine engine;
  engine.report(Code::A0201, {0, 2, 3}, "same").note("kept");
  engine.report(Code::A0201, {0, 2, 3}, "same").note("lost");
  engine.report(Code::A0201, {0, 2, 3}, "another");
  engine.report(Code::A0901, {0, 2, 3}, "same");
  EXPECT_EQ(engine.error_count(), 2u);
  EXPECT_EQ(engine.warning_count(), 1u);
  ASSERT_EQ(engine.sorted().size(), 3u);
  EXPECT_EQ(engine.sorted()[0].notes, std::vector<std::string>{"kept"});
}

TEST(Engine, KeepsABoundedNumber) {
  DiagnosticEngine engine;
  const uint32_t reported = DiagnosticEngine::kMaximumKept + 20;
  for (uint32_t i = 0; i < reported; ++i) engine.report(Code::A0201, {0, i, i + 1}, "x").label({0, i, i + 1}, "here");
  EXPECT_TRUE(engine.full());
  EXPECT_EQ(engine.sorted().size(), DiagnosticEngine::kMaximumKept);
  EXPECT_EQ(engine.dropped(), 20u);
  EXPECT_EQ(engine.error_count(), reported);
  EXPECT_EQ(engine.sorted().back().labels.size(), 1u);
}

}  // namespace
}  // namespace acie
