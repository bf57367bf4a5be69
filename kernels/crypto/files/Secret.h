// Bytes that are wiped when they go, kept off the swap and out of core dumps where the system allows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace acie::secure {

/// A secret of fixed size. Movable, never copied by accident; comparison is in constant time. Memory comes
/// from OpenSSL's locked heap once protect_process() has made one and while it has room, else from the
/// ordinary one; it is wiped either way.
class Secret {
 public:
  Secret() = default;
  /// `size` zero bytes.
  explicit Secret(size_t size);
  explicit Secret(std::string_view bytes);
  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  /// `size` bytes from the operating system's random source.
  static absl::StatusOr<Secret> random(size_t size);

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {reinterpret_cast<const char*>(data_), size_}; }
  std::span<uint8_t> span() { return {data_, size_}; }
  Secret copy() const { return Secret(view()); }

  /// The first `size` bytes, not more than there are; the rest is wiped with this object.
  Secret prefix(size_t size) const { return Secret(view().substr(0, size)); }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

/// Whether two strings are equal; the time tells their sizes only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Fills `out` from the operating system's random source.
absl::Status fill_random(std::span<uint8_t> out);

/// Once, early in a process that will hold secrets: no core dumps, no tracing by other processes of the user,
/// and a locked heap for Secret. What the system refuses of this (a limit on locked memory) is done without.
void protect_process();

}  // namespace acie::secure
