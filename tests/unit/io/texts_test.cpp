// The texts of a run: one number for each, whatever the threads.

#include "runtime/io/Texts.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace acie::io {
namespace {

TEST(Texts, KnownOnesHaveTheirPlaces) {
  Texts texts({"", "M31", "far"});
  EXPECT_EQ(texts.code("far"), 2);
  EXPECT_EQ(texts.code(""), 0);
  EXPECT_EQ(texts.code("Vega"), 3);
  EXPECT_EQ(texts.code("Vega"), 3);
  EXPECT_EQ(texts.text(3), "Vega");
  EXPECT_EQ(texts.text(4), "");
  EXPECT_EQ(texts.text(-1), "");
}

TEST(Texts, ThreadsAgree) {
  Texts texts({""});
  constexpr int kThreads = 4, kTexts = 5000;
  std::vector<std::vector<int64_t>> codes(kThreads, std::vector<int64_t>(kTexts));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTexts; ++i) {
        const int which = (i * 7 + t * 1013) % kTexts;
        const std::string text = "star " + std::to_string(which);
        codes[t][which] = texts.code(text);
        EXPECT_EQ(texts.text(codes[t][which]), text);
      }
    });
  for (std::thread& thread : threads) thread.join();
  std::vector<bool> used(kTexts + 1);
  for (int i = 0; i < kTexts; ++i) {
    for (int t = 1; t < kThreads; ++t) EXPECT_EQ(codes[t][i], codes[0][i]);
    ASSERT_TRUE(codes[0][i] >= 1 && codes[0][i] <= kTexts && !used[static_cast<size_t>(codes[0][i])]) << codes[0][i];
    used[static_cast<size_t>(codes[0][i])] = true;
  }
}

TEST(Texts, PlainTextIsUtf8WithoutControls) {
  for (const char* good : {"M31", "μ Cep", "\xF0\x9F\x8C\x9F", "a b"}) EXPECT_TRUE(is_plain_text(good)) << good;
  for (const char* bad : {"a\tb", "a\nb", "\x7F", "\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) EXPECT_FALSE(is_plain_text(bad)) << bad;
}

}  // namespace
}  // namespace acie::io
