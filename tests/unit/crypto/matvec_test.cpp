// Matrix times encrypted vector, and packing, against exact integers.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "kernels/crypto/paillier/Matvec.h"
#include "kernels/crypto/paillier/Packing.h"
#include "tests/unit/crypto/Keys.h"

namespace acie::paillier {
namespace {

using tests::decrypted;
using tests::encrypted;
using tests::Integer;
using tests::private_key;

std::vector<int64_t> random_weights(size_t count, int64_t low, int64_t high, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> draw(low, high);
  std::vector<int64_t> weights(count);
  for (int64_t& w : weights) w = draw(random);
  return weights;
}

std::vector<Integer> exact(const std::vector<int64_t>& weights, size_t rows, const std::vector<Integer>& x) {
  std::vector<Integer> z(rows, Integer(0L));
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < x.size(); ++c) z[r] = z[r] + Integer(static_cast<long>(weights[r * x.size() + c])) * x[c];
  return z;
}

class MatvecTest : public testing::Test {
 protected:
  MatvecTest() : key_(private_key(tests::fixed_numbers(256))), source_(tests::randomizers(key_->public_key())) {}

  std::vector<Integer> random_vector(size_t size) {
    std::vector<Integer> x;
    for (size_t i = 0; i < size; ++i) x.push_back(random_.below(Integer(2000001L)) - Integer(1000000L));
    return x;
  }

  void check(const std::vector<int64_t>& weights, size_t rows, size_t columns) {
    const auto x = random_vector(columns);
    const Ciphertexts c = encrypted(source_, x);
    const auto z = exact(weights, rows, x);
    EXPECT_EQ(decrypted(*key_, Matvec::create(weights, rows, columns).value().apply(c).value()), z);
    for (MatvecMethod method : {MatvecMethod::kTables, MatvecMethod::kSubsets, MatvecMethod::kShiftedSubsets, MatvecMethod::kBuckets})
      for (int window : {1, 2, 3, 5, 8}) {
        const Matvec matrix = Matvec::create(weights, rows, columns, method, window).value();
        ASSERT_EQ(decrypted(*key_, matrix.apply(c).value()), z)
            << rows << " by " << columns << ", " << name_of(method) << " " << window;
      }
  }

  std::shared_ptr<const PrivateKey> key_;
  Randomizers source_;
  tests::Random random_{8};
};

TEST_F(MatvecTest, EveryMethodIsExact) {
  check(random_weights(6 * 11, -128, 127, 1), 6, 11);
  check(random_weights(1 * 37, -128, 127, 2), 1, 37);
  check(random_weights(23 * 9, -1, 1, 3), 23, 9);
  check(random_weights(5 * 5, -40000, 40000, 4), 5, 5);
  check(random_weights(17 * 3, 0, 15, 5), 17, 3);
  check(random_weights(4 * 4, -9, -1, 6), 4, 4);
}

/// On threads of its own, as many as said.
Parallel on_threads(int count) {
  return {.threads = count, .run = [count](size_t all, size_t slice, const Parallel::Work& work) {
            std::atomic<size_t> next{0};
            std::atomic<bool> ok{true};
            std::vector<std::thread> threads;
            for (int i = 0; i < count; ++i)
              threads.emplace_back([&] {
                for (size_t first = next.fetch_add(slice); first < all; first = next.fetch_add(slice))
                  if (!work(first, std::min(slice, all - first)).ok()) ok = false;
              });
            for (std::thread& thread : threads) thread.join();
            return ok ? absl::OkStatus() : absl::InternalError("a slice failed");
          }};
}

TEST_F(MatvecTest, ThreadsShareRowsToTheSameBits) {
  // Not only the same ciphertexts: the same numbers of the two that stand for each.
  const auto words = [](const Ciphertexts& c) {
    const size_t each = c.key().modulus().words();
    return std::vector<uint64_t>(c.block(0), c.block(0) + each * c.blocks());
  };
  constexpr size_t kRows = 77, kColumns = 150;  // of 19 groups of eight, of 50 of three: several turns of tables
  for (const auto& [low, high] : {std::pair{-128, 127}, std::pair{-1, 1}, std::pair{1, 9}}) {
    const auto weights = random_weights(kRows * kColumns, low, high, 12);
    const auto x = random_vector(kColumns);
    const Ciphertexts c = encrypted(source_, x);
    for (MatvecMethod method : {MatvecMethod::kTables, MatvecMethod::kSubsets, MatvecMethod::kShiftedSubsets, MatvecMethod::kBuckets}) {
      const Matvec matrix = Matvec::create(weights, kRows, kColumns, method, 3).value();
      const Ciphertexts alone = matrix.apply(c).value();
      ASSERT_EQ(decrypted(*key_, alone), exact(weights, kRows, x)) << name_of(method);
      for (int threads : {2, 3, 16}) ASSERT_EQ(words(matrix.apply(c, on_threads(threads)).value()), words(alone)) << name_of(method) << " on " << threads;
    }
  }
}

TEST_F(MatvecTest, AFailureOfOneThreadIsTheResult) {
  const auto weights = random_weights(64 * 64, -128, 127, 13);
  Parallel stopped = on_threads(2);
  stopped.run = [run = stopped.run, left = std::make_shared<std::atomic<int>>(3)](size_t all, size_t slice, const Parallel::Work& work) {
    return run(all, slice, [&](size_t first, size_t size) {
      return (*left)-- > 0 ? work(first, size) : absl::CancelledError("stopped");
    });
  };
  EXPECT_FALSE(Matvec::create(weights, 64, 64).value().apply(encrypted(source_, random_vector(64)), stopped).ok());
}

TEST_F(MatvecTest, ZerosSparseAndExtremeWeights) {
  check(std::vector<int64_t>(12, 0), 3, 4);
  check({0, 0, 5, 0, 0, 0, -1, 0, 0, 0, 0, 1}, 3, 4);
  check({std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), 1, -1}, 2, 2);
  check({7}, 1, 1);
  EXPECT_EQ(Matvec::create({}, 0, 3).value().apply(encrypted(source_, {1, 2, 3})).value().size(), 0u);
  EXPECT_EQ(decrypted(*key_, Matvec::create({}, 2, 0).value().apply(encrypted(source_, {})).value()),
            (std::vector<Integer>{0L, 0L}));
}

TEST_F(MatvecTest, KnownAnswers) {
  const std::vector<int64_t> weights = {2, 3, 1};
  EXPECT_EQ(decrypted(*key_, Matvec::create(weights, 1, 3).value().apply(encrypted(source_, {150, 200, 350})).value()),
            (std::vector<Integer>{1250}));
  // W = (.5, −.25, .125), b = .3, x = (10, 20, 30) at scale 10³ for weights and bias: 4050 is 4.05.
  const std::vector<int64_t> scaled = {500, -250, 125};
  const Ciphertexts z = Matvec::create(scaled, 1, 3).value().apply(encrypted(source_, {10, 20, 30})).value();
  const uint64_t bias = 300;
  EXPECT_EQ(decrypted(*key_, add_plain(z, &bias, 1).value()), (std::vector<Integer>{4050}));
}

TEST_F(MatvecTest, PlansCountWhatTheyDo) {
  // One row of ones: a product for each column but the first of each part, and the parts together.
  const Matvec ones = Matvec::create(std::vector<int64_t>(64, 1), 1, 64, MatvecMethod::kTables, 1).value();
  EXPECT_EQ(ones.plan().products, 63);
  EXPECT_EQ(ones.plan().squarings, 0);
  EXPECT_EQ(ones.plan().inverted_rows, 0);
  // 3 = 2 + 1: a squaring and a product; no more than one column, nothing to multiply together.
  const Matvec three = Matvec::create(std::vector<int64_t>{3}, 1, 1, MatvecMethod::kTables, 2).value();
  EXPECT_EQ(three.plan().products, 1);
  EXPECT_EQ(three.plan().squarings, 1);
}

TEST_F(MatvecTest, PlansChooseByShape) {
  const auto many_rows = Matvec::create(random_weights(2000 * 16, -128, 127, 1), 2000, 16).value().plan();
  EXPECT_EQ(many_rows.method, MatvecMethod::kTables);
  EXPECT_GE(many_rows.window, 7);
  EXPECT_LT(many_rows.cost() / (2000 * 16), 1.6);  // inversions are most of what is above 1
  const auto ternary = Matvec::create(random_weights(500 * 64, -1, 1, 2), 500, 64).value().plan();
  EXPECT_EQ(ternary.method, MatvecMethod::kShiftedSubsets);  // one inversion in place of one a row
  EXPECT_LT(ternary.cost(), 500 * 64 * 0.6);
  const auto one_row = Matvec::create(random_weights(1000, -128, 127, 3), 1, 1000).value().plan();
  EXPECT_EQ(one_row.method, MatvecMethod::kBuckets);
  EXPECT_LT(one_row.window, 8);  // more sums of buckets than there are lanes' worth of columns
  const auto whole = Matvec::create(random_weights(128 * 256, -128, 127, 4), 128, 256).value().plan();
  EXPECT_EQ(whole.method, MatvecMethod::kShiftedSubsets);
  EXPECT_LT(whole.cost() / (128 * 256), 1.4);
}

TEST_F(MatvecTest, NoMethodThatWasNotCountedIsCheaper) {
  unsigned seed = 20;
  for (const auto& [rows, columns] : {std::pair<size_t, size_t>{1, 200}, {5, 60}, {40, 40}, {300, 24}, {24, 300}})
    for (const auto& [low, high] : {std::pair{-128, 127}, std::pair{0, 1}, std::pair{-1, 1}, std::pair{-30000, 30000}, std::pair{0, 9}}) {
      const auto weights = random_weights(rows * columns, low, high, ++seed);
      const MatvecPlan chosen = Matvec::create(weights, rows, columns).value().plan();
      for (int window = 1; window <= 8; ++window) {
        const MatvecPlan tables = Matvec::create(weights, rows, columns, MatvecMethod::kTables, window).value().plan();
        EXPECT_LE(chosen.cost(), tables.cost()) << rows << " by " << columns << " up to " << high << ", window " << window;
      }
    }
}

TEST_F(MatvecTest, WrongSizesAreRefused) {
  EXPECT_FALSE(Matvec::create(std::vector<int64_t>(5, 1), 2, 3).ok());
  EXPECT_FALSE(Matvec::create(std::vector<int64_t>(6, 1), 2, 3, MatvecMethod::kTables, 9).ok());
  EXPECT_FALSE(Matvec::create(std::vector<int64_t>(6, 1), 2, 3).value().apply(encrypted(source_, {1, 2})).ok());
}

TEST_F(MatvecTest, PackedSlotsComputeApart) {
  const PublicKey& key = key_->public_key();
  for (int bits : {1, 7, 20, 32, 63}) {
    const int64_t high = (int64_t{1} << (bits - 1)) - 1, low = -high - 1;
    auto values = random_weights(50, low, high, static_cast<unsigned>(bits));
    values[0] = low;
    values[1] = high;
    values[2] = low;
    const Words packed = pack(key, values.data(), values.size(), bits).value();
    EXPECT_EQ(unpack(key, packed.data(), values.size(), bits), values) << bits;
  }
  const std::vector<int64_t> a = {1, -2, 3, -400, 5, 6, -7, 8, -9, 10, 11, 12}, b = {-5, 7, -9, 100, 1, 1, 1, 1, 1, -30, 1, 1};
  const Words left = pack(key, a.data(), a.size(), 32).value(), right = pack(key, b.data(), b.size(), 32).value();
  const size_t count = left.size() / static_cast<size_t>(key.words());
  const Ciphertexts x = encrypt(source_, left.data(), key.words(), count).value(),
                    y = encrypt(source_, right.data(), key.words(), count).value();
  const std::vector<uint64_t> minus_three(count, static_cast<uint64_t>(-3));
  const Ciphertexts z = add(multiply_plain(x, minus_three.data(), 1, 2).value(), y).value();
  std::vector<uint64_t> rows(left.size());
  ASSERT_TRUE(key_->decrypt(rows.data(), key.words(), z).ok());
  std::vector<int64_t> expected;
  for (size_t i = 0; i < a.size(); ++i) expected.push_back(-3 * a[i] + b[i]);
  EXPECT_EQ(unpack(key, rows.data(), a.size(), 32), expected);
}

TEST_F(MatvecTest, CiphertextsArePackedBlind) {
  std::vector<Integer> values;
  std::vector<int64_t> expected;
  for (long i = 0; i < 30; ++i) expected.push_back((i * i * 7919) % 1000 - 500), values.push_back(expected.back());
  const PublicKey& key = key_->public_key();
  const Ciphertexts all = encrypted(source_, values);
  const Ciphertexts packed = pack_encrypted(all, 30, 16).value();
  EXPECT_EQ(packed.size(), 2u);
  std::vector<uint64_t> rows(packed.size() * static_cast<size_t>(key.words()));
  ASSERT_TRUE(key_->decrypt(rows.data(), key.words(), packed).ok());
  EXPECT_EQ(unpack(key, rows.data(), expected.size(), 16), expected);
  EXPECT_FALSE(pack_encrypted(all, 7, 16).ok());
  EXPECT_FALSE(pack_encrypted(all, 0, 16).ok());
}

TEST_F(MatvecTest, RowsArePackedApart) {
  const PublicKey& key = key_->public_key();
  const auto slots = static_cast<size_t>(slots_of(key, 16));
  const size_t lengths[] = {1, 3, slots - 1, slots, slots + 1, 2 * slots + 5};
  for (const size_t each : lengths) {
    const size_t count = 11 * each, per_row = (each + slots - 1) / slots;
    std::vector<Integer> values;
    std::vector<int64_t> expected;
    for (size_t i = 0; i < count; ++i) expected.push_back(static_cast<int64_t>(i * i * 7919 % 60000) - 30000), values.push_back(static_cast<long>(expected.back()));
    const Ciphertexts packed = pack_encrypted(encrypted(source_, values), each, 16).value();
    ASSERT_EQ(packed.size(), 11 * per_row);
    std::vector<uint64_t> plain(packed.size() * static_cast<size_t>(key.words()));
    ASSERT_TRUE(key_->decrypt(plain.data(), key.words(), packed).ok());
    for (size_t row = 0; row < 11; ++row) {
      const auto begin = expected.begin() + static_cast<ptrdiff_t>(row * each);
      EXPECT_EQ(unpack(key, plain.data() + row * per_row * static_cast<size_t>(key.words()), each, 16), std::vector<int64_t>(begin, begin + static_cast<ptrdiff_t>(each)))
          << each << " " << row;
    }
  }
}

TEST_F(MatvecTest, SlotsThatDoNotFitAreRefused) {
  const int64_t value = 8;
  EXPECT_FALSE(pack(key_->public_key(), &value, 1, 4).ok());
  EXPECT_TRUE(pack(key_->public_key(), &value, 1, 5).ok());
  EXPECT_FALSE(pack(key_->public_key(), &value, 1, 64).ok());
}

}  // namespace
}  // namespace acie::paillier
