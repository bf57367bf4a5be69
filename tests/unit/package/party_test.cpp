// Programs of parties: round trips, and what is refused.
#include <gtest/gtest.h>

#include <functional>

#include "runtime/package/Package.h"
#include "runtime/status/Errors.h"
#include "tests/unit/package/PartyPrograms.h"

namespace acie::package {
namespace {

using testing::LinearScore;

TEST(PartyProgram, ReadsBackWhatWasWritten) {
  for (const PartyProgram& program : {LinearScore().owner(), LinearScore().cloud()}) {
    const std::string json = to_json(program);
    const absl::StatusOr<PartyProgram> read = parse_party_program(json);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(to_json(*read), json);
    EXPECT_EQ(read->entries[0].inputs[0].high, program.entries[0].inputs[0].high);
  }
}

TEST(PartyProgram, TravelsInAPackage) {
  const PartyProgram program = LinearScore().owner();
  const std::vector<Section> sections = {{SectionType::Party, std::string(kPartySection), to_json(program), true}};
  const absl::StatusOr<std::string> bytes = write_package(Plan{}, sections, nullptr);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const absl::StatusOr<Package> package = Package::parse(*bytes, {.trusted = {}, .allow_unsigned = true});
  ASSERT_TRUE(package.ok()) << package.status();
  ASSERT_TRUE(package->party().has_value());
  EXPECT_EQ(package->party()->party, "owner");

  PartyProgram broken = program;
  broken.entries[0].steps.erase(broken.entries[0].steps.begin() + 2);
  const std::vector<Section> bad = {{SectionType::Party, std::string(kPartySection), to_json(broken), true}};
  EXPECT_FALSE(write_package(Plan{}, bad, nullptr).ok());
  const std::vector<Section> misnamed = {{SectionType::Party, "other.json", to_json(program), true}};
  EXPECT_FALSE(Package::parse(*write_package(Plan{}, misnamed, nullptr), {.trusted = {}, .allow_unsigned = true}).ok());
}

struct Mutation {
  const char* says;
  std::function<void(PartyProgram&)> change;
};

void expect_refused(const PartyProgram& program, const Mutation& mutation) {
  PartyProgram changed = program;
  mutation.change(changed);
  const absl::Status status = verify(changed);
  ASSERT_FALSE(status.ok()) << mutation.says;
  EXPECT_EQ(failure_of(status), Failure::Refused);
  EXPECT_NE(message_of(status).find(mutation.says), std::string::npos) << message_of(status);
}

TEST(PartyProgram, RefusesWhatLeaksOrCannotBe) {
  const Mutation at_owner[] = {
      {"only the key's holder decrypts", [](PartyProgram& p) { p.entries[0].keys[0].holder = "cloud"; }},
      {"is not encrypted", [](PartyProgram& p) { p.entries[0].steps[3].inputs = {1}; }},
      {"no other party", [](PartyProgram& p) { p.entries[0].steps[3].peer = "owner"; }},
      {"no other party", [](PartyProgram& p) { p.entries[0].steps[3].peer = "mallory"; }},
      {"does not rise", [](PartyProgram& p) { p.entries[0].steps[4].index = 0; }},
      {"no step before it writes", [](PartyProgram& p) { std::swap(p.entries[0].steps[1], p.entries[0].steps[2]); }},
      {"its scales differ", [](PartyProgram& p) { p.entries[0].values[2].scale = {"1", "10"}; }},
      {"too narrow", [](PartyProgram& p) { p.entries[0].values[2].high = "99999"; }},
      {"does not fit its key", [](PartyProgram& p) { p.entries[0].values[3].high = Integer::shifted(1, 2047).decimal(); }},
      {"lowest terms", [](PartyProgram& p) { p.entries[0].values[3].scale = {"2", "2000000"}; }},
      {"written twice", [](PartyProgram& p) { p.entries[0].steps[1].output = 0; }},
      {"one is never given", [](PartyProgram& p) { p.entries[0].steps.pop_back(); }},
      {"shapes differ", [](PartyProgram& p) { p.entries[0].values[1].shape = {4}; }},
      {"shape is not possible", [](PartyProgram& p) { p.entries[0].values[1].shape = {1 << 20, 1 << 20}; }},
      {"its size is not possible", [](PartyProgram& p) { p.entries[0].keys[0].bits = 512; }},
      {"not among the parties", [](PartyProgram& p) { p.party = "mallory"; }},
      {"digest", [](PartyProgram& p) { p.digest = "1"; }},
  };
  for (const Mutation& mutation : at_owner) expect_refused(LinearScore().owner(), mutation);
  const Mutation at_cloud[] = {
      {"not sealed", [](PartyProgram& p) { p.entries[0].steps[8].inputs = {6}; }},
      {"scale is not the product", [](PartyProgram& p) { p.entries[0].values[4].scale = {"1", "1000"}; }},
      {"too narrow", [](PartyProgram& p) { p.entries[0].values[4].high = "1199999999"; }},
      {"its scales differ", [](PartyProgram& p) { p.entries[0].values[5].scale = {"1", "1000"}; }},
      {"no matrix", [](PartyProgram& p) { p.entries[0].values[3].shape = {3}, p.entries[0].values[0].shape = {3}; }},
      {"its shapes differ", [](PartyProgram& p) { p.entries[0].values[2].shape = {4}; }},
      {"cannot be multiplied", [](PartyProgram& p) { p.entries[0].steps[4].op = PartyOp::Multiply, p.entries[0].steps[4].inputs = {2, 2}; }},
      {"does not exist", [](PartyProgram& p) { p.entries[0].steps[4].inputs = {3, 99}; }},
  };
  for (const Mutation& mutation : at_cloud) expect_refused(LinearScore().cloud(), mutation);
}

TEST(PartyProgram, KeepsConstantsInTheirSection) {
  PartyProgram program = LinearScore().cloud();
  program.entries[0].steps[0].op = PartyOp::Constant;
  EXPECT_TRUE(verify(program, 6 * 8).ok());
  EXPECT_FALSE(verify(program, 6 * 8 - 1).ok());
  program.entries[0].steps[0].index = 8;
  EXPECT_FALSE(verify(program, 6 * 8).ok());
}

TEST(Integer, KeepsEveryBit) {
  for (const char* text : {"0", "-1", "1", "18446744073709551616", "-9223372036854775808", "123456789012345678901234567890"}) {
    const auto value = Integer::parse(text);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(value->decimal(), text);
    std::vector<uint64_t> words(3);
    ASSERT_TRUE(value->to_words(words));
    EXPECT_EQ(Integer::from_words(words), *value);
  }
  for (const char* text : {"", "-", "01", "-0", "1e3", " 1", "0x1"}) EXPECT_FALSE(Integer::parse(text).has_value()) << text;
  uint64_t word = 0;
  EXPECT_TRUE(Integer(INT64_MIN).to_words({&word, 1}));
  EXPECT_EQ(static_cast<int64_t>(word), INT64_MIN);
  EXPECT_FALSE((Integer(INT64_MIN) - 1).to_words({&word, 1}));
  EXPECT_FALSE((Integer(INT64_MAX) + 1).to_words({&word, 1}));
  Integer rest;
  EXPECT_EQ(Integer::divide(-7, 2, &rest), Integer(-4));
  EXPECT_EQ(rest, Integer(1));
}

}  // namespace
}  // namespace acie::package
