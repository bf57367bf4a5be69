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

}  // namespace

void power(const Modulus& m, uint64_t* out, const uint64_t* base, const Exponents& e, Scratch& s) {
  const size_t words = m.words();
  if (e.bits == 0) {
    std::memcpy(out, m.one(), words * 8);
    return;
  }
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

FixedBase::FixedBase(const Modulus& m, const uint64_t* base, int bits, int window)
    : bits_(bits), window_(window), row_(row_words(m.digits())) {
  const int windows = (bits + window - 1) / window;
  const size_t entries = size_t{1} << window;
  table_ = Words(row_ * entries * static_cast<size_t>(windows));
  Scratch s(m.digits());
  const size_t words = m.words();

  // Eight windows at a time, one a lane: their bases by squaring, then the powers of all eight.
  Words running(words), bases(words), term(words);
  std::memcpy(running.data(), base, words * 8);
  std::array<uint64_t*, kLanes> rows;
  Words unused(row_);
  for (int first = 0; first < windows; first += kLanes) {
    Words base_rows(kLanes * row_);
    for (int lane = 0; lane < kLanes && first + lane < windows; ++lane) {
      scatter(m.kernels(), s.rows.data(), running.data(), m.digits());
      std::memcpy(base_rows.data() + static_cast<size_t>(lane) * row_, s.rows.data(), row_ * 8);
      for (int i = 0; i < window; ++i) m.square(running.data(), running.data(), s);
    }
    gather(m.kernels(), bases.data(), base_rows.data(), m.digits());
    std::memcpy(term.data(), m.one(), words * 8);
    for (size_t k = 0; k < entries; ++k) {
      for (int lane = 0; lane < kLanes; ++lane)
        rows[static_cast<size_t>(lane)] =
            first + lane < windows
                ? table_.data() + row_ * (entries * static_cast<size_t>(first + lane) + k)
                : unused.data();
      m.kernels().scatter(rows.data(), term.data(), m.digits());
      m.multiply(term.data(), term.data(), bases.data(), s);
    }
  }
}

void FixedBase::power(const Modulus& m, uint64_t* out, const Exponents& e, Scratch& s) const {
  const int entries = 1 << window_;
  Words factor(m.words()), index(kLanes);
  std::memcpy(out, m.one(), m.words() * 8);
  for (int first = 0, i = 0; first < e.bits; first += window_, ++i) {
    window_at(index.data(), e, first, std::min(window_, e.bits - first));
    const uint64_t* table = table_.data() + row_ * static_cast<size_t>(i) * static_cast<size_t>(entries);
    uint64_t* target = first == 0 ? out : factor.data();
    m.kernels().pick_shared(target, table, entries, row_, index.data(), m.digits());
    if (first > 0) m.multiply(out, out, factor.data(), s);
  }
}

}  // namespace acie::bigint
