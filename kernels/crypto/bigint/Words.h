// Aligned memory for big integers, wiped when it goes.
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace acie::bigint {

/// `size` words on a cache line's boundary, zero at first, wiped when freed: any of them may hold a secret.
class Words {
 public:
  Words() = default;
  explicit Words(size_t size)
      : data_(size == 0 ? nullptr : static_cast<uint64_t*>(::operator new(size * 8, std::align_val_t{64}))),
        size_(size) {
    if (size != 0) std::memset(data_, 0, size * 8);
  }
  ~Words() {
    if (data_ == nullptr) return;
    OPENSSL_cleanse(data_, size_ * 8);
    ::operator delete(data_, std::align_val_t{64});
  }
  Words(Words&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Words& operator=(Words&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  Words copy() const {
    Words result(size_);
    if (size_ != 0) std::memcpy(result.data_, data_, size_ * 8);
    return result;
  }

  uint64_t* data() { return data_; }
  const uint64_t* data() const { return data_; }
  size_t size() const { return size_; }
  uint64_t& operator[](size_t i) { return data_[i]; }
  uint64_t operator[](size_t i) const { return data_[i]; }

 private:
  uint64_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace acie::bigint
