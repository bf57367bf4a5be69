// Eight lanes as an array: the meaning of IfmaLanes in plain C++, which valgrind can follow.
#pragma once

#include <cstdint>
#include <cstring>

namespace acie::bigint {

struct EmulatedLanes {
  struct Vec {
    uint64_t lane[8];
  };
  using Mask = Vec;  // all ones or zero
  static constexpr int kLanes = 8, kRadix = 52, kPart = 16;

  static Vec zero() { return {}; }
  static Vec load(const uint64_t* p) {
    Vec r;
    std::memcpy(&r, p, sizeof r);
    return r;
  }
  static Vec load_any(const uint64_t* p) { return load(p); }
  static void store(uint64_t* p, Vec a) { std::memcpy(p, &a, sizeof a); }
  static void store_any(uint64_t* p, Vec a) { store(p, a); }
  static Vec all(uint64_t a) {
    return each([&](int) { return a; });
  }
  static Vec add_low(Vec c, Vec a, Vec b) {
    return each([&](int i) { return c.lane[i] + (static_cast<uint64_t>(wide(a, b, i)) & kDigit); });
  }
  static Vec add_high(Vec c, Vec a, Vec b) {
    return each([&](int i) { return c.lane[i] + static_cast<uint64_t>(wide(a, b, i) >> 52); });
  }
  static Vec low_product(Vec a, Vec b) { return add_low(zero(), a, b); }
  static Vec add(Vec a, Vec b) {
    return each([&](int i) { return a.lane[i] + b.lane[i]; });
  }
  static Vec subtract(Vec a, Vec b) {
    return each([&](int i) { return a.lane[i] - b.lane[i]; });
  }
  static Vec both(Vec a, Vec b) {
    return each([&](int i) { return a.lane[i] & b.lane[i]; });
  }
  template <int Bits>
  static Vec shift_right(Vec a) {
    return each([&](int i) { return a.lane[i] >> Bits; });
  }
  static Mask equal(Vec a, Vec b) {
    // All ones where the difference is zero, by arithmetic: a comparison might become a branch.
    return each([&](int i) {
      const uint64_t d = a.lane[i] ^ b.lane[i];
      return ((d | (0 - d)) >> 63) - 1;
    });
  }
  static Mask mask_of(uint8_t bits) {
    return each([&](int i) { return 0 - static_cast<uint64_t>((bits >> i) & 1); });
  }
  static uint8_t bits_of(Mask mask) {
    unsigned bits = 0;
    for (int i = 0; i < 8; ++i) bits |= static_cast<unsigned>(mask.lane[i] & 1) << i;
    return static_cast<uint8_t>(bits);
  }
  static Mask not_zero(Vec a) {
    return each([&](int i) { return 0 - ((a.lane[i] | (0 - a.lane[i])) >> 63); });
  }
  static Vec load_where(Vec a, Mask mask, const uint64_t* p) {
    return each([&](int i) { return (mask.lane[i] & p[i]) | (~mask.lane[i] & a.lane[i]); });
  }
  static Vec choose(Vec a, Mask mask, Vec b) {
    return each([&](int i) { return (mask.lane[i] & b.lane[i]) | (~mask.lane[i] & a.lane[i]); });
  }
  static Vec one_of_16(const uint64_t* p, Vec index) {
    Vec found = zero();
    for (uint64_t place = 0; place < 16; ++place)
      found = choose(found, equal(both(index, all(15)), all(place)), all(p[place]));
    return found;
  }
  static void transpose(Vec* v) {
    Vec t[8];
    for (int i = 0; i < 8; ++i)
      for (int j = 0; j < 8; ++j) t[j].lane[i] = v[i].lane[j];
    std::memcpy(v, t, sizeof t);
  }

 private:
  static constexpr uint64_t kDigit = (uint64_t{1} << 52) - 1;
  static unsigned __int128 wide(const Vec& a, const Vec& b, int i) {
    return static_cast<unsigned __int128>(a.lane[i] & kDigit) * (b.lane[i] & kDigit);
  }
  template <class F>
  static Vec each(F f) {
    Vec r;
    for (int i = 0; i < 8; ++i) r.lane[i] = f(i);
    return r;
  }
};

}  // namespace acie::bigint
