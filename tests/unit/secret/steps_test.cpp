// Each step, by a party that holds the key and computes alone: what decrypts is what integers give.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/secret/Programs.h"

namespace acie::secret {
namespace {

using package::Integer;
using package::PartyOp;
using package::PartyStep;
using package::PartyValue;
using package::Scale;
using package::testing::exact;
using package::testing::plain;
using Form = PartyValue::Form;
using testing::play;

/// A program of one party, built step by step. Values are whole numbers at scale 1 unless said otherwise.
class Builder {
 public:
  Builder() {
    program_ = {.program = "alone", .digest = std::string(64, '1'), .party = "me", .parties = {"me"}, .entries = {{}}};
    entry().name = "main";
    entry().keys = {{.name = "k", .scheme = "paillier", .bits = testing::kTestBits, .holder = "me"}};
  }

  int add(PartyValue value, PartyStep step) {
    entry().values.push_back(std::move(value));
    step.output = static_cast<int>(entry().values.size()) - 1;
    entry().steps.push_back(std::move(step));
    return step.output;
  }
  int input(const std::string& name, std::vector<int64_t> shape, Reals values, size_t rows = 0) {
    given_[name] = {rows, std::move(values)};
    entry().inputs.push_back({.name = name, .doc = "", .unit = {}, .default_value = {}});
    return add(plain(name, std::move(shape)), {.op = PartyOp::Input, .index = static_cast<int64_t>(entry().inputs.size()) - 1});
  }
  int integers(int from, Integer magnitude) {
    return add(exact(Form::Integers, "", shape(from), {}, std::move(magnitude)), {.op = PartyOp::Quantise, .inputs = {from}});
  }
  int encrypted(int from, int slot_bits = 0) {
    PartyValue value = entry().values[static_cast<size_t>(from)];
    value.form = Form::Ciphertexts;
    value.key = 0;
    value.slot_bits = slot_bits;
    return add(value, {.op = PartyOp::Encrypt, .inputs = {from}});
  }
  /// `op` of values into ciphertexts (or integers, where no operand is encrypted) of `shape`.
  int exact_step(PartyOp op, std::vector<int> inputs, std::vector<int64_t> shape, Integer magnitude, int64_t index = 0) {
    bool is_encrypted = false;
    int slots = 0;
    for (const int value : inputs) {
      is_encrypted |= entry().values[static_cast<size_t>(value)].form == Form::Ciphertexts;
      slots = std::max(slots, entry().values[static_cast<size_t>(value)].slot_bits);
    }
    PartyValue value = exact(is_encrypted ? Form::Ciphertexts : Form::Integers, "", std::move(shape), {}, std::move(magnitude),
                             is_encrypted ? 0 : -1);
    value.slot_bits = slots;
    return add(value, {.op = op, .inputs = std::move(inputs), .index = index});
  }
  int gather(int from, std::vector<int64_t> indices) {
    PartyValue value = entry().values[static_cast<size_t>(from)];
    value.shape = {static_cast<int64_t>(indices.size())};
    return add(value, {.op = PartyOp::Gather, .inputs = {from}, .indices = std::move(indices)});
  }
  int concat(std::vector<int> parts, const Integer& magnitude) {
    PartyValue value = entry().values[static_cast<size_t>(parts[0])];
    int64_t elements = 0;
    for (const int part : parts) elements += entry().values[static_cast<size_t>(part)].elements();
    value.shape = {elements};
    value.low = (-magnitude).decimal();
    value.high = magnitude.decimal();
    return add(value, {.op = PartyOp::Concat, .inputs = std::move(parts)});
  }
  /// The output of ciphertexts or integers.
  void output(int from) {
    PartyValue value = entry().values[static_cast<size_t>(from)];
    if (value.form == Form::Ciphertexts) {
      value.form = Form::Integers;
      value.key = -1;
      value.slot_bits = 0;
      from = add(value, {.op = PartyOp::Decrypt, .inputs = {from}});
    }
    if (value.form == Form::Integers) from = add(plain("", value.shape), {.op = PartyOp::Dequantise, .inputs = {from}});
    entry().outputs.push_back({"out" + std::to_string(entry().outputs.size()), {}});
    entry().steps.push_back({.op = PartyOp::Output, .inputs = {from}, .index = static_cast<int64_t>(entry().outputs.size()) - 1});
  }

  std::vector<Reals> run(int threads = 1) {
    const absl::Status sound = package::verify(program_);
    EXPECT_TRUE(sound.ok()) << sound;
    const auto answers = play({{program_, given_}}, testing::test_options(threads));
    const auto& answer = answers.at("me");
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::vector<Reals> result;
    if (answer.ok())
      for (const auto& output : answer->outputs) result.push_back(output.values);
    return result;
  }

  package::PartyEntry& entry() { return program_.entries[0]; }
  const std::vector<int64_t>& shape(int value) { return entry().values[static_cast<size_t>(value)].shape; }

 private:
  package::PartyProgram program_;
  std::map<std::string, std::pair<size_t, Reals>> given_;
};

Reals whole(size_t count, int limit, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> integers(-limit, limit);
  Reals values(count);
  for (double& value : values) value = integers(random);
  return values;
}

TEST(Steps, AddSubtractAndNegateInEveryMixtureOfForms) {
  const Reals x = whole(12, 100, 1), y = whole(3, 100, 2);
  const auto expect = [&](PartyOp op, bool x_encrypted, bool y_encrypted, bool swapped) {
    Builder program;
    int a = program.integers(program.input("x", {4, 3}, x), 100), b = program.integers(program.input("y", {3}, y), 100);
    if (x_encrypted) a = program.encrypted(a);
    if (y_encrypted) b = program.encrypted(b);
    program.output(program.exact_step(op, swapped ? std::vector{b, a} : std::vector{a, b}, {4, 3}, 200));
    Reals wanted(12);
    for (size_t i = 0; i < 12; ++i) {
      const double left = swapped ? y[i % 3] : x[i], right = swapped ? x[i] : y[i % 3];
      wanted[i] = op == PartyOp::Add ? left + right : left - right;
    }
    EXPECT_EQ(program.run(), (std::vector<Reals>{wanted})) << static_cast<int>(op) << x_encrypted << y_encrypted << swapped;
  };
  for (const PartyOp op : {PartyOp::Add, PartyOp::Subtract})
    for (const bool x_encrypted : {false, true})
      for (const bool y_encrypted : {false, true})
        for (const bool swapped : {false, true}) expect(op, x_encrypted, y_encrypted, swapped);

  Builder negation;
  const int a = negation.integers(negation.input("x", {12}, x), 100);
  negation.output(negation.exact_step(PartyOp::Negate, {a}, {12}, 100));
  negation.output(negation.exact_step(PartyOp::Negate, {negation.encrypted(a)}, {12}, 100));
  Reals wanted;
  for (const double each : x) wanted.push_back(0 - each);
  EXPECT_EQ(negation.run(), (std::vector<Reals>{wanted, wanted}));
}

TEST(Steps, MultiplyByElementsAndByNumbers) {
  const Reals x = whole(10, 1000, 3), y = whole(10, 1000, 4);
  Builder program;
  const int a = program.integers(program.input("x", {10}, x), 1000), b = program.integers(program.input("y", {10}, y), 1000);
  const int number = program.integers(program.input("n", {}, {-7}), 10);
  const int c = program.encrypted(a);
  program.output(program.exact_step(PartyOp::Multiply, {c, b}, {10}, 1000000));
  program.output(program.exact_step(PartyOp::Multiply, {b, c}, {10}, 1000000));
  program.output(program.exact_step(PartyOp::Multiply, {c, number}, {10}, 10000));
  program.output(program.exact_step(PartyOp::Multiply, {a, b}, {10}, 1000000));
  Reals products, sevenfold;
  for (size_t i = 0; i < 10; ++i) {
    products.push_back(x[i] * y[i]);
    sevenfold.push_back(-7 * x[i] + 0.0);
  }
  EXPECT_EQ(program.run(), (std::vector<Reals>{products, products, sevenfold, products}));
}

TEST(Steps, MatricesFromBothSidesOfVectorsAndMatrices) {
  const Reals w = whole(15, 50, 5), x = whole(5, 100, 6), m = whole(10, 100, 7), left = whole(6, 100, 8);
  for (const bool encrypted : {false, true}) {
    Builder program;
    const auto hide = [&](int value) { return encrypted ? program.encrypted(value) : value; };
    const int weights = program.integers(program.input("w", {3, 5}, w), 50);
    const int vector = hide(program.integers(program.input("x", {5}, x), 100));
    const int matrix = hide(program.integers(program.input("m", {5, 2}, m), 100));
    const int rows = hide(program.integers(program.input("l", {2, 3}, left), 100));
    program.output(program.exact_step(PartyOp::MatVec, {weights, vector}, {3}, 25000));
    program.output(program.exact_step(PartyOp::MatVec, {weights, matrix}, {3, 2}, 25000));
    program.output(program.exact_step(PartyOp::MatVecPlain, {rows, weights}, {2, 5}, 25000));
    Reals wx(3), wm(6), lw(10);
    for (size_t o = 0; o < 3; ++o)
      for (size_t i = 0; i < 5; ++i) {
        wx[o] += w[o * 5 + i] * x[i];
        for (size_t j = 0; j < 2; ++j) {
          wm[o * 2 + j] += w[o * 5 + i] * m[i * 2 + j];
          lw[j * 5 + i] += left[j * 3 + o] * w[o * 5 + i];
        }
      }
    EXPECT_EQ(program.run(2), (std::vector<Reals>{wx, wm, lw})) << encrypted;
  }
}

TEST(Steps, ThreadsShareVectorsAndTheRowsOfAMatrix) {
  constexpr size_t kRows = 50, kInner = 20;
  for (const size_t vectors : {1, 5}) {  // five on two threads: two each and one that both share
    const Reals w = whole(kRows * kInner, 100, 16), x = whole(kInner * vectors, 100, 17);
    Builder program;
    const int weights = program.integers(program.input("w", {kRows, kInner}, w), 100);
    const int matrix = program.encrypted(program.integers(program.input("x", {kInner, static_cast<int64_t>(vectors)}, x), 100));
    program.output(program.exact_step(PartyOp::MatVec, {weights, matrix}, {kRows, static_cast<int64_t>(vectors)}, 200000));
    Reals expected(kRows * vectors);
    for (size_t o = 0; o < kRows; ++o)
      for (size_t i = 0; i < kInner; ++i)
        for (size_t j = 0; j < vectors; ++j) expected[o * vectors + j] += w[o * kInner + i] * x[i * vectors + j];
    for (const int threads : {1, 2, 3}) EXPECT_EQ(program.run(threads), (std::vector<Reals>{expected})) << vectors << " on " << threads;
  }
}

TEST(Steps, SumsOverAxes) {
  const Reals x = whole(42, 100, 9);
  Builder program;
  const int a = program.integers(program.input("x", {2, 3, 7}, x), 100), c = program.encrypted(a);
  for (const int value : {a, c}) {
    program.output(program.exact_step(PartyOp::Sum, {value}, {2, 3}, 700, 1));
    program.output(program.exact_step(PartyOp::Sum, {value}, {2}, 2100, 2));
    program.output(program.exact_step(PartyOp::Sum, {value}, {}, 4200, 3));
  }
  Reals last(6), two(2), all(1);
  for (size_t i = 0; i < 42; ++i) last[i / 7] += x[i], two[i / 21] += x[i], all[0] += x[i];
  EXPECT_EQ(program.run(), (std::vector<Reals>{last, two, all, last, two, all}));
}

TEST(Steps, GatherAndConcatKeepWhatTheyMove) {
  const Reals x = whole(6, 100, 10);
  Builder program;
  const int p = program.input("x", {6}, x), a = program.integers(p, 100), c = program.encrypted(a);
  Reals turned = {x[5], x[0], x[0], x[3]}, joined = turned;
  joined.insert(joined.end(), x.begin(), x.end());
  for (const int value : {p, a, c}) {
    const int gathered = program.gather(value, {5, 0, 0, 3});
    program.output(gathered);
    program.output(program.concat({gathered, value}, 100));
  }
  EXPECT_EQ(program.run(), (std::vector<Reals>{turned, joined, turned, joined, turned, joined}));
}

TEST(Steps, PackedValuesAddAndScale) {
  const Reals x = whole(100, 1000, 11), y = whole(100, 1000, 12);
  Builder program;
  const int a = program.integers(program.input("x", {100}, x), 1000), b = program.integers(program.input("y", {100}, y), 1000);
  const int factor = program.integers(program.input("f", {}, {-3}), 3);
  const int packed = program.encrypted(a, 32), other = program.encrypted(b, 32), loose = program.encrypted(b);
  PartyValue form = program.entry().values[static_cast<size_t>(other)];
  const int later = program.add(form, {.op = PartyOp::Pack, .inputs = {loose}});
  program.output(program.exact_step(PartyOp::Add, {packed, other}, {100}, 2000));
  program.output(program.exact_step(PartyOp::Subtract, {packed, later}, {100}, 2000));
  program.output(program.exact_step(PartyOp::Add, {packed, b}, {100}, 2000));
  program.output(program.exact_step(PartyOp::Subtract, {b, packed}, {100}, 2000));
  program.output(program.exact_step(PartyOp::Multiply, {packed, factor}, {100}, 3000));
  Reals sum, difference, back, scaled;
  for (size_t i = 0; i < 100; ++i) {
    sum.push_back(x[i] + y[i]);
    difference.push_back(x[i] - y[i]);
    back.push_back(y[i] - x[i]);
    scaled.push_back(-3 * x[i] + 0.0);
  }
  EXPECT_EQ(program.run(), (std::vector<Reals>{sum, difference, sum, back, scaled}));
}

TEST(Steps, IntegersOfManyWords) {
  // A chain of products far beyond 64 bits, exact at the end.
  Builder program;
  const Reals x = {3, -5, 7};
  int value = program.encrypted(program.integers(program.input("x", {3}, x), 10));
  const int factor = program.integers(program.input("f", {}, {1e15}), Integer(1000000000000000));
  Integer magnitude = 10;
  Reals wanted = x;
  for (int i = 0; i < 5; ++i) {
    magnitude = magnitude * Integer(1000000000000000);
    value = program.exact_step(PartyOp::Multiply, {value, factor}, {3}, magnitude);
  }
  program.output(value);
  for (double& each : wanted) each *= 1e75;
  const std::vector<Reals> result = program.run();
  ASSERT_EQ(result.size(), 1u);
  for (size_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(result[0][i], wanted[i]);
}

TEST(Steps, RowsMeetWhatHoldsForAll) {
  const Reals x = whole(18, 100, 13), w = whole(6, 9, 14), b = whole(2, 50, 15);
  Builder program;
  program.entry().rows_per_message = 4;
  const int c = program.encrypted(program.integers(program.input("x", {3}, x, 6), 100));
  const int weights = program.integers(program.input("w", {2, 3}, w), 9), bias = program.integers(program.input("b", {2}, b), 50);
  const int product = program.exact_step(PartyOp::MatVec, {weights, c}, {2}, 2700);
  program.output(program.exact_step(PartyOp::Add, {product, bias}, {2}, 2750));
  program.output(program.concat({program.gather(c, {2}), product}, 2700));
  program.output(program.add(plain("b", {2}), {.op = PartyOp::Dequantise, .inputs = {bias}}));
  Reals sums, lists;
  for (size_t row = 0; row < 6; ++row) {
    lists.push_back(x[row * 3 + 2]);
    for (size_t o = 0; o < 2; ++o) {
      double z = 0;
      for (size_t i = 0; i < 3; ++i) z += w[o * 3 + i] * x[row * 3 + i];
      lists.push_back(z);
      sums.push_back(z + b[o]);
    }
  }
  EXPECT_EQ(program.run(), (std::vector<Reals>{sums, lists, b}));
}

TEST(Steps, PlainFunctionsFollowTheirDefinitions) {
  Builder program;
  const int x = program.input("x", {2, 3}, {1, -2, 3, 0.5, 9, -1}), y = program.input("y", {3}, {2, 2, 0});
  const auto apply = [&](const char* function, std::vector<int> inputs, std::vector<int64_t> shape) {
    const int value = program.add(plain(function, std::move(shape)), {.op = PartyOp::Plain, .inputs = std::move(inputs), .function = function});
    program.output(value);
    return value;
  };
  apply("add", {x, y}, {2, 3});
  apply("relu", {x}, {2, 3});
  apply("sum", {x}, {2});
  apply("max", {x}, {2});
  apply("argmax", {x}, {2});
  apply("matmul", {x, y}, {2});
  const int best = apply("top_k", {y}, {2});
  apply("take", {x, apply("argmax", {y}, {})}, {3});
  apply("greater", {x, y}, {2, 3});
  apply("select", {apply("less", {x, y}, {2, 3}), x, y}, {2, 3});
  apply("take", {y, best}, {2});
  const std::vector<Reals> wanted = {{3, 0, 3, 2.5, 11, -1}, {1, 0, 3, 0.5, 9, 0}, {2, 8.5}, {3, 9}, {2, 1}, {-2, 19}, {0, 1}, {0},
                                     {1, -2, 3},             {0, 0, 1, 0, 1, 0},   {1, 1, 0, 1, 0, 1}, {1, -2, 0, 0.5, 2, -1}, {2, 2}};
  EXPECT_EQ(program.run(), wanted);
}

TEST(Steps, FilesAreFingerprintedSealedAndOpened) {
  Builder program;
  auto& entry = program.entry();
  entry.keys.push_back({.name = "archive", .scheme = "aes256_gcm", .bits = 0, .holder = "me"});
  const auto bytes = [&](PartyStep step) {
    PartyValue value;
    value.form = Form::Bytes;
    return program.add(value, std::move(step));
  };
  entry.inputs.push_back({.name = "file", .doc = "", .unit = {}, .default_value = {}});
  const int file = bytes({.op = PartyOp::Input});
  const int digest = bytes({.op = PartyOp::Fingerprint, .inputs = {file}, .function = "sha256"});
  const int sealed = bytes({.op = PartyOp::SealBytes, .inputs = {file}, .index = 1});
  const int opened = bytes({.op = PartyOp::OpenBytes, .inputs = {sealed}, .index = 1});
  for (const int value : {digest, sealed, opened}) program.output(value);
  package::PartyProgram alone = {.program = "alone", .digest = std::string(64, '1'), .party = "me", .parties = {"me"}, .entries = {entry}};
  ASSERT_TRUE(package::verify(alone).ok()) << package::verify(alone);

  const absl::StatusOr<secure::Key> archive = secure::generate_key({secure::Cipher::Aes256Gcm}, 0, "");
  const KeySource keys = [&](const std::string& name, bool secret) -> absl::StatusOr<secure::Key> {
    return name == "k" ? testing::paillier_key() : secure::make_symmetric_key(secure::Cipher::Aes256Gcm, archive->symmetric.copy(), "");
  };
  PartyInputs inputs(alone.entries[0]);
  ASSERT_TRUE(inputs.set_bytes("file", secure::Secret(std::string_view("abc"))).ok());
  ASSERT_TRUE(inputs.finish().ok());
  auto exchanges = parties::make_local_exchanges({"me"});
  const auto answer = run_party({&alone, &alone.entries[0], ""}, keys, inputs, *exchanges["me"], testing::test_options());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(secure::to_hex(answer->outputs[0].bytes.view()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(answer->outputs[2].bytes.view(), "abc");
  EXPECT_EQ(answer->outputs[1].bytes.view().find("abc"), std::string_view::npos);

  // A box that was changed by a bit opens to nothing.
  package::PartyProgram back = alone;
  back.entries[0].steps = {{.op = PartyOp::Input, .output = file}, {.op = PartyOp::OpenBytes, .inputs = {file}, .output = opened, .index = 1},
                           {.op = PartyOp::Output, .inputs = {opened}}};
  back.entries[0].outputs.resize(1);
  std::string box(answer->outputs[1].bytes.view());
  for (const bool changed : {false, true}) {
    if (changed) box[box.size() - 1] ^= 1;
    PartyInputs again(back.entries[0]);
    ASSERT_TRUE(again.set_bytes("file", secure::Secret(std::string_view(box))).ok());
    const auto opened_again = run_party({&back, &back.entries[0], ""}, keys, again, *exchanges["me"], testing::test_options());
    EXPECT_EQ(opened_again.ok(), !changed);
    EXPECT_EQ(failure_of(opened_again.status()), changed ? Failure::Refused : Failure::None);
  }
}

}  // namespace
}  // namespace acie::secret
