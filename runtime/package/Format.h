// Sizes, positions and the hash that reader and writer of the package file share.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace acie::package::format {

// A byte above 127, a line end of each kind and ^Z: files damaged by text-mode transfers are recognised at once.
inline constexpr std::string_view kMagic{"\x89" "ACI\r\n\x1a\n", 8};
inline constexpr std::string_view kSignatureMagic{"ACIESIG1", 8};
inline constexpr uint32_t kAlgorithmEd25519 = 1;
inline constexpr std::string_view kPlanName = "plan.json";

inline constexpr uint64_t kHeaderSize = 64;
inline constexpr uint64_t kEntrySize = 96;
inline constexpr uint64_t kNameSize = 32;
inline constexpr uint64_t kDigestSize = 32;
inline constexpr uint64_t kAlignment = 64;
inline constexpr uint64_t kSignatureBlockSize = 112;
inline constexpr uint64_t kSignedPrefixOfBlock = 48;  // magic, algorithm, reserved, public key
inline constexpr uint32_t kMaxSections = 1024;
inline constexpr uint32_t kRequired = 1;

// Header: magic 0, format version 8, header size 12, total size 16, section count 24, reserved 28,
// signature offset 32 and size 40 (both 0 where unsigned), reserved 48..64.
// Entry: name 0, type 32, version 36, flags 40, reserved 44, offset 48, size 56, SHA-256 64.

inline uint64_t align(uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

template <typename T>
void put(std::string& out, uint64_t at, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out[at + i] = static_cast<char>(value >> (8 * i));
}

template <typename T>
T get(std::string_view in, uint64_t at) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(static_cast<uint8_t>(in[at + i])) << (8 * i);
  return value;
}

inline bool valid_name(std::string_view name) {
  if (name.empty() || name.size() >= kNameSize) return false;
  for (char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
      return false;
  return true;
}

/// SHA-256 (FIPS 180-4), 32 bytes.
std::string sha256(std::string_view bytes);

}  // namespace acie::package::format
