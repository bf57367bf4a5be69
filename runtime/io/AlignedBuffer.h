// Memory for columns and blocks: aligned for vector loads, never zeroed, readable a little past its end.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace acie::io {

/// Owns `size` bytes at a 64-byte boundary, followed by kPadding bytes that may be read (their value means
/// nothing).
class AlignedBuffer {
 public:
  static constexpr size_t kAlignment = 64;
  static constexpr size_t kPadding = 64;

  std::byte* data() { return block_.get(); }
  const std::byte* data() const { return block_.get(); }
  char* chars() { return reinterpret_cast<char*>(block_.get()); }
  const char* chars() const { return reinterpret_cast<const char*>(block_.get()); }
  size_t size() const { return size_; }

  /// Changes the size; the contents are lost where memory has to be found.
  void resize(size_t size) {
    if (size > capacity_ || !block_) allocate(size);
    size_ = size;
  }

  /// Changes the size, keeping the first min(old, new) bytes.
  void extend(size_t size) {
    if (size > capacity_ || !block_) {
      AlignedBuffer larger;
      larger.allocate(size > 2 * capacity_ ? size : 2 * capacity_);
      if (size_ != 0) std::memcpy(larger.data(), data(), size_ < size ? size_ : size);
      *this = std::move(larger);
    }
    size_ = size;
  }

 private:
  struct Free {
    void operator()(std::byte* block) const { ::operator delete(block, std::align_val_t(kAlignment)); }
  };

  void allocate(size_t capacity) {
    block_.reset(static_cast<std::byte*>(::operator new(capacity + kPadding, std::align_val_t(kAlignment))));
    capacity_ = capacity;
  }

  std::unique_ptr<std::byte, Free> block_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace acie::io
