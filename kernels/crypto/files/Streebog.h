// Streebog, GOST R 34.11-2012 (RFC 6986), for machines without a provider of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace acie::secure {

class Streebog {
 public:
  /// `bits` is 256 or 512.
  explicit Streebog(int bits);

  void update(std::string_view bytes);

  /// The digest, 32 or 64 bytes in the order providers give it (the RFC prints digests the other way round).
  /// Once only.
  std::string finish();

 private:
  using Block = std::array<uint64_t, 8>;  // little-endian, as its 64 bytes lie in memory

  void absorb(const Block& block, uint64_t bits);

  int bits_;
  Block hash_, count_{}, sum_{};
  std::array<char, 64> pending_;
  size_t pending_size_ = 0;
};

}  // namespace acie::secure
