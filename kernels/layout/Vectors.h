// Vectors of 32 bytes of any scalar, by gcc's extensions. Include where AVX2 is compiled for.
#pragma once

#include <cstdint>
#include <cstring>

namespace acie::layout {

constexpr int64_t kVectorBytes = 32;
template <typename T>
struct VectorOf {
  typedef T Type __attribute__((vector_size(kVectorBytes)));
};
template <typename T>
using Vector = typename VectorOf<T>::Type;
template <typename T>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));

template <typename T>
[[gnu::always_inline]] inline Vector<T> load(const T* from) {
  Vector<T> vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}
template <typename T>
[[gnu::always_inline]] inline void store(T* to, Vector<T> vector) {
  std::memcpy(to, &vector, sizeof vector);
}

}  // namespace acie::layout
