// RC2 (RFC 2268): a cipher of the 1980s, here only to read and keep old archives. Never use it for anything
// new.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace acie::secure {

/// One expanded key. Not in constant time: the cipher indexes its own key by data (step MASH).
class Rc2 {
 public:
  static constexpr size_t kBlock = 8;

  /// `key` is 1 to 128 bytes, `effective_bits` 1 to 1024.
  Rc2(std::span<const uint8_t> key, int effective_bits);
  ~Rc2();
  Rc2(const Rc2&) = delete;
  Rc2& operator=(const Rc2&) = delete;

  void encrypt(std::span<uint8_t, kBlock> block) const;
  void decrypt(std::span<uint8_t, kBlock> block) const;

 private:
  std::array<uint16_t, 64> key_;
};

}  // namespace acie::secure
