#include "kernels/crypto/bigint/Power.h"

#include <algorithm>
#include <cstring>

namespace acie::bigint {
namespace {

/// Bits first..first+count−1 of each lane's exponent, count ≤ 8; positions are public, bits are not.
void window_at(uint64_t* index, const Exponents& e, int first, int count) {
  const int word = first / 64, shift = first % 64;
  for (int lane = 0; lane < kLanes; ++lane) {
    const uint64_t* words = e.data + static_cast<ptrdiff_t>(lane) * e.words;
    uint64_t bits = words[word] >> shift;
    if (shift != 0 && word + 1 < e.words) bits |= words[word + 1] << (64 - shift);
    index[lane] = bits & ((uint64_t{1} << count) - 1);
  }
}

/// The width of windows with the fewest products, the table's included.
int window_for(int bits) {
  int best = 1;
  const auto cost = [bits](int w) { return (1 << w) - 2 + (bits + w - 1) / w; };
  for (int w = 2; w <= 6; ++w)
    if (cost(w) < cost(best)) best = w;
  return best;
}

bool bit_of(const uint64_t* exponent, int i) { return (exponent[i / 64] >> (i % 64) & 1) != 0; }

/// Lane by lane by OpenSSL.
void power_by_openssl(const Modulus& m, uint64_t* out, const uint64_t* base, const Exponents& e, Scratch& s) {
  const int n = m.digits(), radix = m.kernels().radix, words = (n * radix + 63) / 64, used = (e.bits + 63) / 64;
  Words plain(m.words()), number(static_cast<size_t>(words)), exponent(static_cast<size_t>(used));
  m.from_montgomery(plain.data(), base, s);
  scatter(m.kernels(), s.rows.data(), plain.data(), n);
  for (int lane = 0; lane < kLanes; ++lane) {
    uint64_t* const row = s.rows.data() + static_cast<size_t>(lane) * row_words(n);
    words_from_row(number.data(), words, row, n, radix);
    std::copy_n(e.data + static_cast<ptrdiff_t>(lane) * e.words, used, exponent.data());
    if (e.bits % 64 != 0) exponent[exponent.size() - 1] &= (uint64_t{1} << (e.bits % 64)) - 1;
    m.openssl()->power(lane, number.data(), words, exponent.data(), used);
    row_from_words(row, n, radix, number.data(), words);
  }
  gather(m.kernels(), plain.data(), s.rows.data(), n);
  m.to_montgomery(out, plain.data(), s);
}

}  // namespace

void power(const Modulus& m, uint64_t* out, const uint64_t* base, const Exponents& e, Scratch& s) {
  const size_t words = m.words();
  if (e.bits == 0) {
    std::memcpy(out, m.one(), words * 8);
    return;
  }
  if (m.openssl() != nullptr && e.full) return power_by_openssl(m, out, base, e, s);
  // A scan costs 2^w/(2n) of a product, so that five bits are best for long exponents.
  const int w = std::min(window_for(e.bits), 5);
  const int entries = 1 << w;
  Words table(words * static_cast<size_t>(entries)), factor(words), index(kLanes);
  const auto entry = [&](int k) { return table.data() + words * static_cast<size_t>(k); };
  std::memcpy(entry(0), m.one(), words * 8);
  std::memcpy(entry(1), base, words * 8);
  for (int k = 2; k < entries; ++k)
    if (k % 2 == 0)
      m.square(entry(k), entry(k / 2), s);
    else
      m.multiply(entry(k), entry(k - 1), entry(1), s);

  int first = (e.bits - 1) / w * w;
  window_at(index.data(), e, first, e.bits - first);
  m.kernels().pick(out, table.data(), entries, index.data(), m.digits());
  while (first > 0) {
    first -= w;
    for (int i = 0; i < w; ++i) m.square(out, out, s);
    window_at(index.data(), e, first, w);
    m.kernels().pick(factor.data(), table.data(), entries, index.data(), m.digits());
    m.multiply(out, out, factor.data(), s);
  }
}

void power_public(const Modulus& m, uint64_t* out, const uint64_t* base, const uint64_t* exponent, int bits, Scratch& s) {
  const size_t words = m.words();
  if (m.openssl() != nullptr) {
    const int used = (bits + 63) / 64;
    Words exponents(static_cast<size_t>(kLanes * used));
    for (int lane = 0; lane < kLanes; ++lane) std::copy_n(exponent, used, exponents.data() + lane * used);
    return power_by_openssl(m, out, base, {exponents.data(), used, bits}, s);
  }
  const int w = std::max(1, window_for(bits));
  Words table(words << (w - 1)), square(words);  // odd powers
  const auto entry = [&](int k) { return table.data() + words * static_cast<size_t>(k / 2); };
  std::memcpy(entry(1), base, words * 8);
  m.square(square.data(), base, s);
  for (int k = 3; k < 1 << w; k += 2) m.multiply(entry(k), entry(k - 2), square.data(), s);

  bool started = false;
  for (int i = bits - 1; i >= 0;) {
    if (!bit_of(exponent, i)) {
      if (started) m.square(out, out, s);
      --i;
      continue;
    }
    int last = std::max(0, i - w + 1);
    while (!bit_of(exponent, last)) ++last;
    int digit = 0;
    for (int k = i; k >= last; --k) {
      digit = 2 * digit + (bit_of(exponent, k) ? 1 : 0);
      if (started) m.square(out, out, s);
    }
    if (started)
      m.multiply(out, out, entry(digit), s);
    else
      std::memcpy(out, entry(digit), words * 8);
    started = true;
    i = last - 1;
  }
  if (!started) std::memcpy(out, m.one(), words * 8);
}

Comb Comb::choose(const Kernels& kernels, int digits, int bits) {
  // Cycles for a block of eight, as measured: a squaring is three quarters of a product, no part of a table with more than
  // 256 places fits the innermost cache, a table comes from the outer cache at 12 bytes a cycle and is shared by two blocks.
  const double n = digits, product = kernels.costs.product * n * n;
  Comb best = {};
  double least = 0;
  for (int teeth = 4; teeth <= 8; ++teeth)
    for (int positions = 1; positions <= 16; positions *= 2) {
      const Comb comb = of(bits, teeth, positions);
      const double table = n * 8 * comb.entries();
      const double cycles = product * (comb.row() + positions + 0.75 * (positions - 1)) + comb.row() * kernels.costs.look_up * n * comb.entries() +
                            comb.tables * table / 12 / 2;
      if (best.teeth != 0 && cycles >= least) continue;
      best = comb;
      least = cycles;
    }
  return best;
}

FixedBase::FixedBase(const Modulus& m, const uint64_t* base, int bits, const Comb& comb)
    : bits_(bits), comb_(comb), table_words_(static_cast<size_t>(comb.entries()) * static_cast<size_t>(m.digits())) {
  tables_ = Words(table_words_ * static_cast<size_t>(comb.tables));
  Scratch s(m.digits());
  // base^(2^(row·i + positions·j)) for all i, j, by squaring.
  const size_t row = row_words(m.digits());
  Words running(m.words()), powers(row * static_cast<size_t>(comb.teeth * comb.tables));
  std::memcpy(running.data(), base, m.words() * 8);
  for (int i = 0; i < comb.teeth * comb.tables; ++i) {
    scatter(m.kernels(), s.rows.data(), running.data(), m.digits());
    std::memcpy(powers.data() + row * static_cast<size_t>(i), s.rows.data(), row * 8);
    for (int k = 0; k < comb.positions; ++k) m.square(running.data(), running.data(), s);
  }
  for (int first = 0; first < comb.tables; first += kLanes) fill_tables(m, powers, first, s);
}

/// Eight tables at a time, one a lane: each power times all products of the ones before.
void FixedBase::fill_tables(const Modulus& m, const Words& powers, int first, Scratch& s) {
  const int n = m.digits(), used = std::min(kLanes, comb_.tables - first);
  Words products(m.words() << comb_.teeth), power(m.words());
  const auto product = [&](int place) { return products.data() + m.words() * static_cast<size_t>(place); };
  std::memcpy(product(0), m.one(), m.words() * 8);
  std::array<const uint64_t*, kLanes> rows;
  for (int i = 0; i < comb_.teeth; ++i) {
    for (int lane = 0; lane < kLanes; ++lane)
      rows[static_cast<size_t>(lane)] =
          powers.data() + row_words(n) * static_cast<size_t>(comb_.tables * i + first + std::min(lane, used - 1));
    m.kernels().gather(power.data(), rows.data(), n);
    for (int below = 0; below < 1 << i; ++below) m.multiply(product((1 << i) + below), product(below), power.data(), s);
  }
  for (int place = 0; place < 1 << comb_.teeth; ++place) {
    scatter(m.kernels(), s.rows.data(), product(place), n);
    for (int lane = 0; lane < used; ++lane)
      m.kernels().shelve(tables_.data() + table_words_ * static_cast<size_t>(first + lane), comb_.entries(), place,
                         s.rows.data() + row_words(n) * static_cast<size_t>(lane), n);
  }
}

namespace {

/// For each lane the bits first, first + step, … of its exponent, `count` of them; positions are public, bits are not.
void comb_at(uint64_t* index, const Exponents& e, int lanes, int first, int step, int count) {
  std::fill(index, index + lanes, 0);
  for (int i = 0, bit = first; i < count && bit < e.bits; ++i, bit += step)
    for (int lane = 0; lane < lanes; ++lane)
      index[lane] |= (e.data[static_cast<ptrdiff_t>(lane) * e.words + bit / 64] >> (bit % 64) & 1) << i;
}

/// Asks for one of `count` parts of a piece of memory to be brought near.
void fetch(const uint64_t* words, size_t size, size_t part, size_t count) {
  for (size_t i = size * part / count; i < size * (part + 1) / count; i += 8) __builtin_prefetch(words + i, 0, 2);
}

}  // namespace

void FixedBase::power(const Modulus& m, uint64_t* out, const Exponents& e, int blocks, Scratch& s) const {
  const int n = m.digits(), all = blocks * comb_.positions;
  const size_t words = m.words();
  Words sums(words * static_cast<size_t>(all)), factors(words * static_cast<size_t>(all)),
      index(static_cast<size_t>(kLanes * all));
  for (int j = 0; j < comb_.tables; ++j) {
    const uint64_t* table = tables_.data() + table_words_ * static_cast<size_t>(j);
    for (int k = 0; k < comb_.positions; ++k)
      comb_at(index.data() + kLanes * blocks * k, e, kLanes * blocks, comb_.positions * j + k, comb_.row(), comb_.teeth);
    m.kernels().look_up(j == 0 ? sums.data() : factors.data(), table, comb_.entries(), index.data(), all, n);
    if (j == 0) continue;
    for (size_t i = 0; i < static_cast<size_t>(all); ++i) {
      if (j + 1 < comb_.tables) fetch(table + table_words_, table_words_, i, static_cast<size_t>(all));
      m.multiply(sums.data() + words * i, sums.data() + words * i, factors.data() + words * i, s);
    }
  }
  const auto sum = [&](int position, int block) { return sums.data() + words * static_cast<size_t>(position * blocks + block); };
  for (int block = 0; block < blocks; ++block) {
    uint64_t* result = out + words * static_cast<size_t>(block);
    std::memcpy(result, sum(comb_.positions - 1, block), words * 8);
    for (int k = comb_.positions - 1; k-- > 0;) {
      m.square(result, result, s);
      m.multiply(result, result, sum(k, block), s);
    }
  }
}

}  // namespace acie::bigint
