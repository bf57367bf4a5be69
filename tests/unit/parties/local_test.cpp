// All parties in one process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/parties/LocalExchange.h"
#include "runtime/status/Errors.h"
#include "tests/unit/parties/Parties.h"

namespace acie::parties {
namespace {

using ::testing::HasSubstr;
using testing::short_limits;
using testing::together;

TEST(Local, MessagesGoAround) {
  auto all = make_local_exchanges({"a", "b", "c"}, short_limits());
  const auto pass = [&](const std::string& me, const std::string& from, const std::string& to, bool first) {
    return [&, me, from, to, first] {
      std::string text;
      if (!first) text = *(*all[me]->channel(from))->receive("text");
      ASSERT_TRUE((*all[me]->channel(to))->send("text", text + me).ok());
      if (first) {
        EXPECT_EQ(*(*all[me]->channel(from))->receive("text"), "abc");
      }
      EXPECT_EQ(all[me]->finish(), absl::OkStatus());
    };
  };
  together({pass("a", "c", "b", true), pass("b", "a", "c", false), pass("c", "b", "a", false)});
}

TEST(Local, APartyThatFailsIsReported) {
  auto all = make_local_exchanges({"a", "b"}, short_limits());
  ASSERT_TRUE((*all["a"]->channel("b"))->send("x", "1").ok());
  all.erase("a");
  EXPECT_EQ(*(*all["b"]->channel("a"))->receive("x"), "1");
  EXPECT_THAT(message_of((*all["b"]->channel("a"))->receive("x").status()),
              HasSubstr("party a: it has failed"));
  EXPECT_FALSE((*all["b"]->channel("a"))->send("x", "").ok());
}

TEST(Local, MistakesAreReported) {
  auto all = make_local_exchanges({"a", "b"}, short_limits());
  EXPECT_EQ(failure_of(all["a"]->channel("c").status()), Failure::Usage);
  EXPECT_EQ(failure_of(all["a"]->channel("a").status()), Failure::Usage);
  ASSERT_TRUE((*all["a"]->channel("b"))->send("x", "1").ok());
  EXPECT_EQ(failure_of((*all["b"]->channel("a"))->receive("y").status()), Failure::Refused);
  ASSERT_TRUE((*all["a"]->channel("b"))->send("x", "2").ok());
  EXPECT_EQ(failure_of(all["b"]->finish()), Failure::Refused) << "a message nobody receives";
}

}  // namespace
}  // namespace acie::parties
