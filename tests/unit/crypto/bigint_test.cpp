// Every level's arithmetic against GMP.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "kernels/crypto/bigint/Modulus.h"
#include "kernels/crypto/bigint/Power.h"
#include "tests/unit/crypto/Gmp.h"

namespace acie::bigint {
namespace {

using tests::Integer;
using tests::power_modulo;
using tests::Random;

std::vector<const Kernels*> levels() {
  std::vector<const Kernels*> result = {&kPortableKernels, &kEmulatedKernels};
  if (has_avx2()) result.push_back(&kAvx2Kernels);
  if (has_ifma()) result.push_back(&kIfmaKernels);
  return result;
}

/// Blocks of GMP's integers under eight moduli.
class Lanes {
 public:
  Lanes(const Kernels& kernels, std::vector<Integer> moduli)
      : moduli_(std::move(moduli)), modulus_(make(kernels, moduli_)), scratch_(modulus_.digits()) {}

  const Modulus& modulus() const { return modulus_; }
  Scratch& scratch() { return scratch_; }
  const Integer& m(int lane) const { return moduli_[moduli_.size() == 1 ? 0 : static_cast<size_t>(lane)]; }
  Integer r() const { return tests::power_of_two(static_cast<unsigned long>(modulus_.digits() * modulus_.kernels().radix)); }

  Words block(const std::vector<Integer>& values) {
    Words out(modulus_.words());
    std::vector<secure::Bignum> numbers;
    std::vector<const BIGNUM*> pointers;
    for (const Integer& value : values) {
      numbers.push_back(tests::to_openssl(value));
      pointers.push_back(numbers.back().get());
    }
    EXPECT_TRUE(modulus_.load(out.data(), pointers, scratch_).ok());
    return out;
  }
  Words montgomery(const std::vector<Integer>& values) {
    Words out = block(values);
    modulus_.to_montgomery(out.data(), out.data(), scratch_);
    return out;
  }
  Integer lane(const Words& block, int lane) {
    const secure::Bignum number = secure::make_bignum();
    EXPECT_TRUE(modulus_.store(number.get(), block.data(), lane, scratch_).ok());
    return tests::from_openssl(number.get());
  }
  Integer plain_lane(const Words& block, int l) {
    Words out(modulus_.words());
    modulus_.from_montgomery(out.data(), block.data(), scratch_);
    return lane(out, l);
  }

 private:
  static Modulus make(const Kernels& kernels, const std::vector<Integer>& moduli) {
    std::vector<secure::Bignum> numbers;
    std::vector<const BIGNUM*> pointers;
    size_t bits = 0;
    for (const Integer& m : moduli) {
      numbers.push_back(tests::to_openssl(m));
      pointers.push_back(numbers.back().get());
      bits = std::max(bits, m.bits());
    }
    return std::move(Modulus::create(kernels, pointers, static_cast<int>(bits))).value();
  }

  std::vector<Integer> moduli_;
  Modulus modulus_;
  Scratch scratch_;
};

/// Values that strain carries: 0, 1, all ones below the modulus, m − 1, m, 4m − 1, digits all ones, random ones.
std::vector<Integer> hard_values(Random& random, Lanes& lanes, int turn) {
  std::vector<Integer> values;
  for (int lane = 0; lane < kLanes; ++lane) {
    const Integer& m = lanes.m(lane);
    switch ((lane + turn) % 8) {
      case 0: values.push_back(0); break;
      case 1: values.push_back(1); break;
      case 2: values.push_back(tests::power_of_two(m.bits() - 1) - Integer(1)); break;
      case 3: values.push_back(m - Integer(1)); break;
      case 4: values.push_back(m); break;
      case 5: values.push_back(m + m + m + m - Integer(1)); break;
      case 6: values.push_back(random.of_bits(m.bits() - 1, true)); break;
      default: values.push_back(random.below(m + m)); break;
    }
  }
  return values;
}

void check_arithmetic(const Kernels& kernels, const std::vector<Integer>& moduli, Random& random, int turns) {
  Lanes lanes(kernels, moduli);
  const Modulus& m = lanes.modulus();
  const int n = m.digits();
  Words out(m.words()), wide(wide_words(n));
  for (int turn = 0; turn < turns; ++turn) {
    const auto a = hard_values(random, lanes, turn), b = hard_values(random, lanes, 3 * turn + 1);
    const Words x = lanes.block(a), y = lanes.block(b);
    m.multiply(out.data(), x.data(), y.data(), lanes.scratch());
    for (int l = 0; l < kLanes; ++l) {
      const auto i = static_cast<size_t>(l);
      const Integer got = lanes.lane(out, l);
      EXPECT_LT(got, lanes.m(l) + lanes.m(l));
      ASSERT_EQ(got * lanes.r() % lanes.m(l), a[i] * b[i] % lanes.m(l)) << kernels.name << " n " << n << " lane " << l;
    }
    m.multiply_public(wide.data(), x.data(), y.data(), lanes.scratch());
    ASSERT_TRUE(std::equal(out.data(), out.data() + out.size(), wide.data())) << kernels.name << " n " << n;
    m.square(out.data(), x.data(), lanes.scratch());
    for (int l = 0; l < kLanes; ++l) {
      const auto i = static_cast<size_t>(l);
      EXPECT_LT(lanes.lane(out, l), lanes.m(l) + lanes.m(l));
      ASSERT_EQ(lanes.lane(out, l) * lanes.r() % lanes.m(l), a[i] * a[i] % lanes.m(l)) << kernels.name << " n " << n;
    }
    kernels.add(out.data(), x.data(), y.data(), n);
    for (int l = 0; l < kLanes; ++l) ASSERT_EQ(lanes.lane(out, l), a[static_cast<size_t>(l)] + b[static_cast<size_t>(l)]);
    const uint8_t below = kernels.subtract(out.data(), x.data(), y.data(), n);
    for (int l = 0; l < kLanes; ++l) {
      const auto i = static_cast<size_t>(l);
      ASSERT_EQ(lanes.lane(out, l), (a[i] - b[i]) % lanes.r());
      ASSERT_EQ((below >> l & 1) != 0, a[i] < b[i]);
    }
    kernels.blend(out.data(), 0xa6, x.data(), y.data(), n);
    for (int l = 0; l < kLanes; ++l)
      ASSERT_EQ(lanes.lane(out, l), (0xa6 >> l & 1) != 0 ? a[static_cast<size_t>(l)] : b[static_cast<size_t>(l)]);
    m.canonical(out.data(), x.data(), lanes.scratch());
    for (int l = 0; l < kLanes; ++l) {
      const auto i = static_cast<size_t>(l);
      if (a[i] < lanes.m(l) + lanes.m(l)) {
        ASSERT_EQ(lanes.lane(out, l), a[i] % lanes.m(l));
      }
    }
    Words longer(block_words(n + 3));
    kernels.resize(longer.data(), n + 3, x.data(), n);
    kernels.resize(out.data(), n, longer.data(), n + 3);
    for (int l = 0; l < kLanes; ++l) ASSERT_EQ(lanes.lane(out, l), a[static_cast<size_t>(l)]);
    // A double length product, reduced: the same as multiply().
    kernels.product(wide.data(), x.data(), y.data(), n);
    kernels.reduce(out.data(), wide.data(), m.view());
    for (int l = 0; l < kLanes; ++l) {
      const auto i = static_cast<size_t>(l);
      ASSERT_EQ(lanes.lane(out, l) * lanes.r() % lanes.m(l), a[i] * b[i] % lanes.m(l));
    }
  }
}

TEST(BigInt, ArithmeticAgreesWithGmpForEveryNumberOfDigits) {
  Random random(1);
  for (const Kernels* kernels : levels())
    for (unsigned long bits = 3; bits < 1100; bits += 47)
      check_arithmetic(*kernels, {random.odd_of_bits(bits, bits % 2 == 0)}, random, 8);
}

TEST(BigInt, LanesMayHaveDifferentModuli) {
  Random random(2);
  for (const Kernels* kernels : levels()) {
    std::vector<Integer> moduli;
    for (unsigned long lane = 0; lane < kLanes; ++lane) moduli.push_back(random.odd_of_bits(60 + 90 * lane, lane % 2 == 0));
    check_arithmetic(*kernels, moduli, random, 16);
  }
}

TEST(BigInt, ArithmeticModuloSquaresOfKeys) {
  Random random(3);
  for (const Kernels* kernels : levels())
    for (unsigned long bits : {2048, 3072, 4096, 6144, 8192}) {
      check_arithmetic(*kernels, {random.odd_of_bits(bits)}, random, 3);
      check_arithmetic(*kernels, {tests::power_of_two(bits) - Integer(1)}, random, 3);
    }
}

TEST(BigInt, EvenAndTinyModuliAreRefused) {
  for (long value : {0L, 1L, 4L}) {
    const secure::Bignum number = tests::to_openssl(Integer(value));
    const BIGNUM* pointer = number.get();
    EXPECT_FALSE(Modulus::create(host_kernels(), {&pointer, 1}, 64).ok()) << value;
  }
}

Words exponent_words(const std::vector<Integer>& exponents, int words) {
  Words out(static_cast<size_t>(kLanes * words));
  for (size_t lane = 0; lane < kLanes; ++lane)
    mpz_export(out.data() + lane * static_cast<size_t>(words), nullptr, -1, 8, 0, 0, exponents[lane].get());
  return out;
}

/// Exponents of `bits` bits or fewer that strain windows: all ones, a single one, 0, 1, ones below and above the middle,
/// ones and zeros in turn, random.
std::vector<Integer> hard_exponents(Random& random, unsigned long bits) {
  const Integer limit = tests::power_of_two(bits), one = 1;
  const Integer middle = tests::power_of_two(bits / 2);
  std::vector<Integer> e = {limit - one, bits == 0 ? Integer(0) : tests::power_of_two(bits - 1), 0, one % limit,
                            middle - one, limit - middle, (limit - one) / Integer(3)};
  while (e.size() < kLanes) e.push_back(bits == 0 ? Integer(0) : random.below(limit));
  return e;
}

void check_power(const Kernels& kernels, const std::vector<Integer>& moduli, unsigned long bits, Random& random,
                 bool with_table) {
  Lanes lanes(kernels, moduli);
  std::vector<Integer> bases;
  for (int lane = 0; lane < kLanes; ++lane) bases.push_back(random.below(lanes.m(lane)));
  const Words base = lanes.montgomery(bases);
  const int words = static_cast<int>(bits) / 64 + 1;
  const auto e = hard_exponents(random, bits);
  const Words exponents = exponent_words(e, words);
  Words out(lanes.modulus().words());
  power(lanes.modulus(), out.data(), base.data(), {exponents.data(), words, static_cast<int>(bits)}, lanes.scratch());
  for (int l = 0; l < kLanes; ++l) {
    const auto i = static_cast<size_t>(l);
    ASSERT_EQ(lanes.plain_lane(out, l), power_modulo(bases[i], e[i], lanes.m(l)))
        << kernels.name << ", " << bits << " bits, lane " << l;
  }
  if (bits > 0) {  // exponents whose highest word is not zero may be OpenSSL's to raise to
    std::vector<Integer> full = e;
    for (Integer& exponent : full)
      if (exponent < tests::power_of_two((bits - 1) / 64 * 64)) exponent = exponent + tests::power_of_two(bits - 1);
    const Words full_words = exponent_words(full, words);
    power(lanes.modulus(), out.data(), base.data(), {full_words.data(), words, static_cast<int>(bits), true}, lanes.scratch());
    for (int l = 0; l < kLanes; ++l) {
      const auto i = static_cast<size_t>(l);
      ASSERT_EQ(lanes.plain_lane(out, l), power_modulo(bases[i], full[i], lanes.m(l)))
          << kernels.name << ", full exponents of " << bits << " bits, lane " << l;
    }
  }
  for (size_t k : {0, 1, 5}) {
    power_public(lanes.modulus(), out.data(), base.data(), exponents.data() + k * static_cast<size_t>(words),
                 static_cast<int>(bits), lanes.scratch());
    for (int l = 0; l < kLanes; ++l)
      ASSERT_EQ(lanes.plain_lane(out, l), power_modulo(bases[static_cast<size_t>(l)], e[k], lanes.m(l)))
          << kernels.name << ", public exponent of " << bits << " bits";
  }
  if (!with_table) return;
  const Words shared = lanes.montgomery({bases[0]});
  const int length = static_cast<int>(bits);
  for (const Comb& comb : {Comb::of(length, 1, 3), Comb::of(length, 4, 1), Comb::of(length, 6, 2), Comb::choose(kernels, lanes.modulus().digits(), length)}) {
    const FixedBase table(lanes.modulus(), shared.data(), length, comb);
    table.power(lanes.modulus(), out.data(), {exponents.data(), words, length}, 1, lanes.scratch());
    for (int l = 0; l < kLanes; ++l)
      ASSERT_EQ(lanes.plain_lane(out, l), power_modulo(bases[0], e[static_cast<size_t>(l)], lanes.m(l)))
          << kernels.name << ", table with " << comb.teeth << " teeth, " << bits << " bits";
  }
}

TEST(BigInt, PowersOfEveryLengthUpTo192) {
  Random random(4);
  for (const Kernels* kernels : levels())
    for (unsigned long bits = 0; bits <= 192; ++bits) {
      check_power(*kernels, {random.odd_of_bits(230)}, bits, random, true);
      if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(BigInt, PowersUnderDifferentModuli) {
  Random random(5);
  for (const Kernels* kernels : levels()) {
    std::vector<Integer> moduli;
    for (unsigned long lane = 0; lane < kLanes; ++lane) moduli.push_back(random.odd_of_bits(500 + lane));
    for (unsigned long bits : {255, 256, 257, 512}) check_power(*kernels, moduli, bits, random, false);
  }
}

TEST(BigInt, PowersModuloSquaresOfKeys) {
  Random random(6);
  for (const Kernels* kernels : levels()) {
    if (kernels == &kEmulatedKernels) continue;  // slow; the same code as the vectors'
    for (unsigned long bits : {4096, 6144, 8192}) check_power(*kernels, {random.odd_of_bits(bits)}, 67, random, bits == 4096);
  }
  check_power(host_kernels(), {random.odd_of_bits(4096)}, 1024, random, true);
}

// Every window of an exponent in turn is all that is not zero, or all that is zero, at every level's chosen comb.
TEST(BigInt, EveryWindowOfAFixedBaseIsLookedUp) {
  Random random(8);
  constexpr unsigned long kBits = 192;
  for (const Kernels* kernels : levels()) {
    Lanes lanes(*kernels, {random.odd_of_bits(200)});
    const Integer base = random.below(lanes.m(0));
    const FixedBase table(lanes.modulus(), lanes.montgomery({base}).data(), kBits, Comb::of(kBits, 8, 2));
    Words out(lanes.modulus().words() * 3);
    for (unsigned long first = 0; first < kBits; first += 24) {
      std::vector<Integer> e;
      for (unsigned long width = 1; width <= 24; ++width) {
        const Integer ones = (tests::power_of_two(width) - Integer(1)) * tests::power_of_two(first);
        e.push_back(width % 2 == 0 ? ones : tests::power_of_two(kBits) - Integer(1) - ones);
      }
      Words exponents(24 * 3);
      for (size_t i = 0; i < e.size(); ++i) mpz_export(exponents.data() + 3 * i, nullptr, -1, 8, 0, 0, e[i].get());
      table.power(lanes.modulus(), out.data(), {exponents.data(), 3, kBits}, 3, lanes.scratch());  // three blocks at a time
      for (size_t i = 0; i < e.size(); ++i) {
        Words block(lanes.modulus().words());
        std::copy_n(out.data() + i / kLanes * block.size(), block.size(), block.data());
        ASSERT_EQ(lanes.plain_lane(block, static_cast<int>(i % kLanes)), power_modulo(base, e[i], lanes.m(0)))
            << kernels->name << ", exponent " << e[i].text();
      }
    }
  }
}

TEST(BigInt, CombsFitTheirModuli) {
  for (const Kernels* kernels : levels())
    for (int bits : {0, 1, 17, 448, 1024, 2048}) {
      const Comb comb = Comb::choose(*kernels, digits_for(*kernels, 4096), bits);
      EXPECT_GE(comb.teeth * comb.row(), bits);
      EXPECT_EQ(comb.entries() % kShelfGroup, 0);
    }
  // What a product costs beside a look-up decides: eight bits where one permutation finds sixteen numbers.
  EXPECT_EQ(Comb::choose(kEmulatedKernels, 79, 448).teeth, 8);
  EXPECT_LT(Comb::choose(kPortableKernels, 65, 448).teeth, 8);
}

TEST(BigInt, WordsAndDigitsConvert) {
  Random random(7);
  for (int radix : {27, 52, 64})
    for (int count = 1; count < 20; ++count) {
      const Integer value = random.of_bits(static_cast<unsigned long>(count) * 64);
      Words words(static_cast<size_t>(count)), back(static_cast<size_t>(count));
      mpz_export(words.data(), nullptr, -1, 8, 0, 0, value.get());
      const int n = (count * 64 + radix - 1) / radix;
      Words row(static_cast<size_t>(n));
      row_from_words(row.data(), n, radix, words.data(), count);
      Integer sum = 0;
      for (int d = n - 1; d >= 0; --d) {
        Integer digit;
        mpz_import(digit.get(), 1, -1, 8, 0, 0, &row[static_cast<size_t>(d)]);
        sum = sum * tests::power_of_two(static_cast<unsigned long>(radix)) + digit;
      }
      EXPECT_EQ(sum, value);
      words_from_row(back.data(), count, row.data(), n, radix);
      EXPECT_TRUE(std::equal(words.data(), words.data() + count, back.data()));
    }
}

}  // namespace
}  // namespace acie::bigint
