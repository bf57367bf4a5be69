// W·x + b, blind: parties in memory, over rows, and what they refuse of each other.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <random>

#include "tests/unit/secret/Programs.h"

namespace acie::secret {
namespace {

using package::PartyProgram;
using package::testing::LinearScore;
using testing::Answer;
using testing::play;
using testing::Player;

LinearScore score(int64_t inputs = 3, int64_t outputs = 2) {
  LinearScore score;
  score.inputs = inputs;
  score.outputs = outputs;
  score.bits = testing::kTestBits;
  return score;
}

/// round(x·1000), of values that are multiples of 1/1000 up to their last bit.
int64_t thousandths(double x) { return std::llround(x * 1000); }

Reals numbers(size_t count, double limit, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> integers(-static_cast<int64_t>(limit * 1000), static_cast<int64_t>(limit * 1000));
  Reals values(count);
  for (double& value : values) value = static_cast<double>(integers(random)) / 1000;
  return values;
}

/// What plaintext fixed-point arithmetic gives.
Reals expected(const LinearScore& size, const Reals& w, const Reals& b, const Reals& x) {
  const auto inputs = static_cast<size_t>(size.inputs), outputs = static_cast<size_t>(size.outputs);
  Reals z;
  for (size_t row = 0; row * inputs < x.size(); ++row)
    for (size_t o = 0; o < outputs; ++o) {
      int64_t sum = thousandths(b[o]) * 1000;
      for (size_t i = 0; i < inputs; ++i) sum += thousandths(w[o * inputs + i]) * thousandths(x[row * inputs + i]);
      z.push_back(static_cast<double>(sum) / 1e6);
    }
  return z;
}

TEST(PartyRun, ScoresBlind) {
  // W = (.5, −.25, .125), b = .3, x = (10, 20, 30): 4.05.
  const LinearScore size = score(3, 1);
  const auto answers = play({{size.owner(), {{"x", {0, {10, 20, 30}}}}}, {size.cloud(), {{"w", {0, {.5, -.25, .125}}}, {"b", {0, {.3}}}}}});
  ASSERT_TRUE(answers.at("owner").ok()) << answers.at("owner").status();
  ASSERT_TRUE(answers.at("cloud").ok()) << answers.at("cloud").status();
  EXPECT_EQ(answers.at("owner")->outputs[0].values, (Reals{4.05}));
  EXPECT_FALSE(answers.at("owner")->outputs[0].per_row);
  EXPECT_TRUE(answers.at("cloud")->outputs.empty());
}

TEST(PartyRun, EqualsFixedPointOverRowsWhateverThePartsAndThreads) {
  const LinearScore size = score(5, 4);
  const Reals w = numbers(20, 4, 1), b = numbers(4, 8, 2);
  for (const size_t rows : {size_t{0}, size_t{1}, size_t{7}, size_t{23}}) {
    const Reals x = numbers(rows * 5, 100, 3);
    for (const int64_t part : {int64_t{1}, int64_t{8}, int64_t{256}}) {
      PartyProgram owner = size.owner(), cloud = size.cloud();
      owner.entries[0].rows_per_message = cloud.entries[0].rows_per_message = part;
      if (part == 1 && rows > 7) continue;
      const PartyRunOptions options = testing::test_options(part == 8 ? 3 : 1);
      Player table{owner, {}};
      if (rows > 0) table.values = {{"x", {rows, x}}};
      if (rows == 0) table.values = {{"x", {0, numbers(5, 100, 3)}}};
      const auto answers = play({table, {cloud, {{"w", {0, w}}, {"b", {0, b}}}}}, options);
      ASSERT_TRUE(answers.at("owner").ok()) << answers.at("owner").status();
      ASSERT_TRUE(answers.at("cloud").ok()) << answers.at("cloud").status();
      EXPECT_EQ(answers.at("owner")->outputs[0].values, expected(size, w, b, rows > 0 ? x : numbers(5, 100, 3)));
      EXPECT_EQ(answers.at("owner")->rows, std::max<size_t>(rows, 1));
    }
  }
}

TEST(PartyRun, ReportsBadDataBeforeAnythingIsSent) {
  const LinearScore size = score();
  for (const Reals& x : {Reals{1, 2, 101}, Reals{1, std::nan(""), 3}, Reals{1, HUGE_VAL, 3}}) {
    const auto answers = play({{size.owner(), {{"x", {0, x}}}}, {size.cloud(), {{"w", {0, Reals(6)}}, {"b", {0, Reals(2)}}}}});
    EXPECT_EQ(failure_of(answers.at("owner").status()), Failure::BadData) << answers.at("owner").status();
    EXPECT_FALSE(answers.at("cloud").ok());  // it is told that its peer is gone
  }
  const auto answers = play({{size.owner(), {{"x", {0, {1, 2}}}}}, {size.cloud(), {}}});
  EXPECT_EQ(failure_of(answers.at("owner").status()), Failure::Usage);
  EXPECT_NE(message_of(answers.at("cloud").status()).find("needs w, b"), std::string::npos) << answers.at("cloud").status();
}

/// Runs with one program or key changed: the party that sees it refuses, and nobody has an answer.
void expect_refused(const Player& owner, const Player& cloud, const char* who) {
  const auto answers = play({owner, cloud});
  EXPECT_EQ(failure_of(answers.at(who).status()), Failure::Refused) << answers.at(who).status();
  EXPECT_FALSE(answers.at("owner").ok());
}

TEST(PartyRun, RefusesWhatDoesNotFit) {
  const LinearScore size = score();
  const std::map<std::string, std::pair<size_t, Reals>> weights = {{"w", {0, numbers(6, 4, 1)}}, {"b", {0, numbers(2, 8, 2)}}};
  const Player owner{size.owner(), {{"x", {0, {1, 2, 3}}}}}, cloud{size.cloud(), weights};

  LinearScore other = size;
  other.inputs = 4;  // another shape
  expect_refused(owner, {other.cloud(), {{"w", {0, numbers(8, 4, 1)}}, {"b", {0, numbers(2, 8, 2)}}}}, "cloud");

  Player renamed = cloud;  // another entry
  renamed.program.entries[0].name = "other";
  expect_refused(owner, renamed, "cloud");

  // A key of another size than the program says, and another key of the same size: its fingerprint is in the messages.
  Player swapped = cloud;
  swapped.keys = testing::keys_of(2048);
  expect_refused(owner, swapped, "cloud");
  swapped.keys = [](const std::string&, bool) { return testing::public_half(*secure::generate_key({}, testing::kTestBits, "")); };
  expect_refused(owner, swapped, "cloud");

  Player pinned = owner;
  pinned.program.entries[0].keys[0].fingerprint = std::string(64, '0');
  expect_refused(pinned, cloud, "owner");

  // Small keys need the flag of tests.
  const auto answers = play({owner, cloud}, PartyRunOptions{});
  EXPECT_EQ(failure_of(answers.at("owner").status()), Failure::Refused);
}

/// An exchange whose messages are changed on the way.
class Tampering : public parties::Exchange, public parties::Channel {
 public:
  Tampering(std::unique_ptr<parties::Exchange> inner, std::function<void(std::string&)> change)
      : inner_(std::move(inner)), change_(std::move(change)) {}
  absl::StatusOr<parties::Channel*> channel(const std::string& peer) override {
    ACIE_ASSIGN_OR_RETURN(channel_, inner_->channel(peer));
    return this;
  }
  absl::Status finish() override { return inner_->finish(); }
  absl::Status send(std::string_view type, std::string_view payload) override { return channel_->send(type, payload); }
  absl::StatusOr<std::string> receive(std::string_view type) override {
    ACIE_ASSIGN_OR_RETURN(std::string payload, channel_->receive(type));
    change_(payload);
    return payload;
  }

 private:
  std::unique_ptr<parties::Exchange> inner_;
  parties::Channel* channel_ = nullptr;
  std::function<void(std::string&)> change_;
};

TEST(PartyRun, GivesOneErrorForEveryMalformedCiphertext) {
  const LinearScore size = score();
  const secure::Key key = testing::paillier_key();
  const tests::Integer n = tests::from_big_endian(key.paillier.n), p = tests::from_big_endian(key.paillier.p.view());
  const size_t each = 2 * testing::kTestBits / 8;
  const auto put = [&](const tests::Integer& value) {
    return [value, each](std::string& payload) {
      std::string bytes = tests::big_endian(value);
      bytes.insert(0, each - bytes.size(), '\0');
      payload.replace(24, each, bytes);
    };
  };
  const std::vector<std::function<void(std::string&)>> changes = {
      put(tests::Integer(0L)),
      put(n),
      put(p * tests::Integer(12345L)),
      put(n * n),
      put(n * n + tests::Integer(1L)),
      [](std::string& payload) { payload.pop_back(); },
      [](std::string& payload) { payload += 'x'; },
      [](std::string& payload) { payload.resize(10); },
      [](std::string& payload) { payload.clear(); },
      [](std::string& payload) { payload[0] ^= 1; },
      [](std::string& payload) { payload[8] ^= 1; },                   // rows
      [](std::string& payload) { payload[15] = '\x7f'; },              // 2^62 of them
      [](std::string& payload) { payload[16] = 5; },                   // of how many
      [](std::string& payload) { payload.replace(16, 8, 8, '\0'); },   // of none
  };
  std::string message;
  for (size_t i = 0; i < changes.size(); ++i) {
    auto exchanges = parties::make_local_exchanges({"owner", "cloud"});
    exchanges["owner"] = std::make_unique<Tampering>(std::move(exchanges["owner"]), changes[i]);
    const auto answers = play({{size.owner(), {{"x", {0, {1, 2, 3}}}}},
                               {size.cloud(), {{"w", {0, numbers(6, 4, 1)}}, {"b", {0, numbers(2, 8, 2)}}}}},
                              std::move(exchanges));
    const absl::Status status = answers.at("owner").status();
    EXPECT_EQ(failure_of(status), Failure::Refused) << i << ": " << status;
    if (message.empty()) message = message_of(status);
    EXPECT_EQ(message_of(status), message) << i;
  }
}

TEST(PartyRun, RefusesAnswersOutsideTheInterval) {
  // A cloud whose weights are ten times what the program says, as an honest one's cannot be.
  const LinearScore size = score();
  PartyProgram cloud = size.cloud();
  cloud.entries[0].inputs[0].high = 400;
  const auto answers = play({{size.owner(), {{"x", {0, {100, 100, 100}}}}},
                             {cloud, {{"w", {0, {100, 1, 1, 1, 1, 1}}}, {"b", {0, Reals(2)}}}}});
  EXPECT_EQ(failure_of(answers.at("cloud").status()), Failure::BadData) << answers.at("cloud").status();

  // One that adds a value of its own after the fact: its sum decrypts to what no honest run gives.
  PartyProgram liar = size.cloud();
  for (package::PartyValue& value : liar.entries[0].values)
    if (value.name == "b" && value.form == package::PartyValue::Form::Integers) value.high = "99999999999", value.low = "-99999999999";
  liar.entries[0].inputs[1].high = 1e5;
  EXPECT_FALSE(package::verify(liar).ok());  // the verifier sees it; run it nevertheless
  const auto lied = play({{size.owner(), {{"x", {0, {1, 2, 3}}}}}, {liar, {{"w", {0, Reals(6)}}, {"b", {0, {90000, 0}}}}}});
  EXPECT_EQ(failure_of(lied.at("owner").status()), Failure::Refused) << lied.at("owner").status();
}

TEST(PartyRun, TellsProgressAndStops) {
  const LinearScore size = score();
  std::atomic<int> calls{0};
  PartyRunOptions options = testing::test_options();
  options.progress = [&](const PartyRunOptions::Progress& progress) {
    if (!progress.step.empty()) ++calls;
  };
  const std::vector<Player> players = {{size.owner(), {{"x", {0, {1, 2, 3}}}}},
                                       {size.cloud(), {{"w", {0, Reals(6)}}, {"b", {0, Reals(2)}}}}};
  EXPECT_TRUE(play(players, options).at("owner").ok());
  EXPECT_GE(calls, 17);
  options.cancelled = [] { return true; };
  EXPECT_EQ(failure_of(play(players, options).at("owner").status()), Failure::Cancelled);
}

}  // namespace
}  // namespace acie::secret
