// Ciphertexts kept from one run to the next: what is read back, and what is refused.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "kernels/crypto/paillier/Operations.h"
#include "runtime/secret/Stored.h"
#include "tests/unit/secret/Programs.h"

namespace acie::secret {
namespace {

using package::PartyEntry;
using package::PartyOp;
using package::PartyProgram;
using package::PartyValue;
using Form = PartyValue::Form;

secure::Secret key_of(char fill) { return secure::Secret(std::string(32, fill)); }

PartyRunOptions storing(char fill = 'a') {
  PartyRunOptions options = testing::test_options();
  options.store = [fill](const std::string&, bool) -> absl::StatusOr<secure::Secret> { return key_of(fill); };
  return options;
}

PartyValue value(Form form, std::string low, std::string high, int key = -1) {
  return {.form = form, .name = "c", .shape = {3}, .scale = {"1", "1000"}, .low = std::move(low), .high = std::move(high), .key = key};
}

PartyEntry entry_with(std::vector<PartyValue> values, std::vector<package::PartyStep> steps) {
  PartyEntry entry;
  entry.name = "keep";
  entry.keys = {{.name = "k", .scheme = "paillier", .bits = testing::kTestBits, .holder = "owner"}};
  entry.inputs = {{.name = "x", .doc = "", .unit = {}, .low = -100, .high = 100, .default_value = {}}};
  entry.outputs = {{"z", {}}};
  entry.rows_per_message = 2;
  entry.values = std::move(values);
  entry.steps = std::move(steps);
  return entry;
}

PartyProgram program_of(PartyEntry entry) {
  return {.program = "keep", .digest = std::string(64, '7'), .party = "owner", .parties = {"owner"}, .entries = {std::move(entry)}};
}

/// x encrypted at 1/1000, to a file.
PartyProgram keep() {
  return program_of(entry_with({package::testing::plain("x", {3}), value(Form::Integers, "-100000", "100000"), value(Form::Ciphertexts, "-100000", "100000", 0)},
                               {{.op = PartyOp::Input, .inputs = {}, .output = 0},
                                {.op = PartyOp::Quantise, .inputs = {0}, .output = 1},
                                {.op = PartyOp::Encrypt, .inputs = {1}, .output = 2},
                                {.op = PartyOp::Output, .inputs = {2}}}));
}

/// Twice what a file of ciphertexts holds.
PartyProgram go_on(PartyValue stored = value(Form::Ciphertexts, "-100000", "100000", 0)) {
  PartyValue twice = value(Form::Ciphertexts, "-400000", "400000", 0), integers = value(Form::Integers, "-400000", "400000"), numbers = package::testing::plain("z", {3});
  for (PartyValue* each : {&twice, &integers}) each->scale = stored.scale;
  for (PartyValue* each : {&twice, &integers, &numbers}) each->shape = stored.shape;
  return program_of(entry_with({std::move(stored), twice, integers, numbers},
                               {{.op = PartyOp::Input, .inputs = {}, .output = 0},
                                {.op = PartyOp::Add, .inputs = {0, 0}, .output = 1},
                                {.op = PartyOp::Decrypt, .inputs = {1}, .output = 2},
                                {.op = PartyOp::Dequantise, .inputs = {2}, .output = 3},
                                {.op = PartyOp::Output, .inputs = {3}}}));
}

absl::StatusOr<PartyAnswer> play(const PartyProgram& program, PartyInputs& inputs, const PartyRunOptions& options, const KeySource& keys = testing::keys_of()) {
  EXPECT_TRUE(package::verify(program).ok()) << package::verify(program);
  auto exchanges = parties::make_local_exchanges({"owner"});
  return run_party({&program, &program.entries[0], ""}, keys, inputs, *exchanges.begin()->second, options);
}

std::string stored(size_t rows, Reals x) {
  const PartyProgram program = keep();
  PartyInputs inputs(program.entries[0]);
  EXPECT_TRUE((rows == 0 ? inputs.set("x", std::move(x)) : inputs.set_rows("x", rows, std::move(x))).ok());
  const auto answer = play(program, inputs, storing());
  EXPECT_TRUE(answer.ok()) << answer.status();
  return std::string(answer->outputs[0].bytes.view());
}

absl::StatusOr<PartyAnswer> read(const PartyProgram& program, const std::string& file, const PartyRunOptions& options = storing(), const KeySource& keys = testing::keys_of()) {
  PartyInputs inputs(program.entries[0]);
  EXPECT_TRUE(inputs.set_bytes("x", secure::Secret(file)).ok());
  return play(program, inputs, options, keys);
}

void expect_refused(const absl::StatusOr<PartyAnswer>& answer) {
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(failure_of(answer.status()), Failure::Refused) << answer.status();
  EXPECT_NE(message_of(answer.status()).find(message_of(stored_refused())), std::string::npos) << answer.status();
}

TEST(Stored, ALaterRunGoesOn) {
  const auto once = read(go_on(), stored(0, {1.5, -2, 99.999}));
  ASSERT_TRUE(once.ok()) << once.status();
  EXPECT_EQ(once->outputs[0].values, (Reals{3, -4, 199.998}));
  EXPECT_FALSE(once->outputs[0].per_row);
  // Three rows in parts of two.
  const auto table = read(go_on(), stored(3, {1, 2, 3, 4, 5, 6, 7, 8, 9}));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->rows, 3u);
  EXPECT_TRUE(table->outputs[0].per_row);
  EXPECT_EQ(table->outputs[0].values, (Reals{2, 4, 6, 8, 10, 12, 14, 16, 18}));
}

TEST(Stored, AWiderRangeMayBeReadANarrowerMayNot) {
  const std::string file = stored(0, {1, 2, 3});
  EXPECT_TRUE(read(go_on(value(Form::Ciphertexts, "-100001", "200000", 0)), file).ok());
  expect_refused(read(go_on(value(Form::Ciphertexts, "-99999", "100000", 0)), file));
  expect_refused(read(go_on(value(Form::Ciphertexts, "-100000", "99999", 0)), file));
}

TEST(Stored, WhatDoesNotFitGivesOneError) {
  const std::string file = stored(0, {1, 2, 3});
  PartyValue scale = value(Form::Ciphertexts, "-100000", "100000", 0), shape = scale;
  scale.scale = {"1", "1024"};
  shape.shape = {1, 3};
  expect_refused(read(go_on(scale), file));
  expect_refused(read(go_on(shape), file));
  expect_refused(read(go_on(), file, storing('b')));  // another party's
  expect_refused(read(go_on(), file, storing(), [](const std::string&, bool) -> absl::StatusOr<secure::Key> {
    tests::Random random(7);
    const tests::Integer p = random.prime_of_bits(testing::kTestBits / 2, 3), q = random.prime_of_bits(testing::kTestBits / 2, 3);
    return secure::make_paillier_key(tests::numbers_of(p, q), "another");
  }));
  PartyProgram unit = go_on();
  unit.entries[0].inputs[0].unit = *units::parse_unit("m", units::UnitTable::si());
  expect_refused(read(unit, file));
  PartyProgram renamed = go_on();
  renamed.party = renamed.parties[0] = renamed.entries[0].keys[0].holder = "other";
  PartyInputs inputs(renamed.entries[0]);
  ASSERT_TRUE(inputs.set_bytes("x", secure::Secret(file)).ok());
  auto exchanges = parties::make_local_exchanges({"other"});
  expect_refused(run_party({&renamed, &renamed.entries[0], ""}, testing::keys_of(), inputs, *exchanges.begin()->second, storing()));
}

TEST(Stored, DamageGivesOneError) {
  const std::string file = stored(0, {1, 2, 3});
  for (size_t at = 0; at < file.size(); at += at < 80 ? 3 : 131) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    expect_refused(read(go_on(), damaged));
    expect_refused(read(go_on(), file.substr(0, at)));
  }
  expect_refused(read(go_on(), file + "x"));
}

TEST(Stored, TheKeyIsMadeOnceAndReadByItsOwnerAlone) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("acie-stored-" + std::to_string(getpid()));
  EXPECT_EQ(failure_of(store_key_from_folder(folder, "cloud", false).status()), Failure::Usage);
  const auto made = store_key_from_folder(folder, "cloud", true), again = store_key_from_folder(folder, "cloud", false), other = store_key_from_folder(folder, "alice", true);
  ASSERT_TRUE(made.ok() && again.ok() && other.ok()) << made.status() << again.status() << other.status();
  EXPECT_EQ(made->view(), again->view());
  EXPECT_NE(made->view(), other->view());
  EXPECT_EQ(made->size(), 32u);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder / "cloud.store").permissions(), perms::owner_read | perms::owner_write);
  std::filesystem::permissions(folder / "cloud.store", perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(failure_of(store_key_from_folder(folder, "cloud", false).status()), Failure::Refused);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace acie::secret
