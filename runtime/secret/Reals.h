// Plain numbers of a party, wiped when they go.
#pragma once

#include <openssl/crypto.h>

#include <new>
#include <vector>

namespace acie::secret {

template <typename T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT: allocators convert
  T* allocate(size_t count) { return static_cast<T*>(::operator new(count * sizeof(T))); }
  void deallocate(T* memory, size_t count) {
    OPENSSL_cleanse(memory, count * sizeof(T));
    ::operator delete(memory);
  }
  bool operator==(const WipingAllocator&) const { return true; }
};

using Reals = std::vector<double, WipingAllocator<double>>;

}  // namespace acie::secret
