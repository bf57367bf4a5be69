// What each level offers to the dispatch in Gemm.cpp.
#ifndef ACIE_KERNELS_LINALG_LEVELS_H
#define ACIE_KERNELS_LINALG_LEVELS_H

#include "kernels/linalg/Gemm.h"

namespace acie::linalg {

template <class T>
struct Entries {
  void (*multiply)(const Product<T>&, const Range&, void*);
  bool (*isPair)(const Product<T>& first, const Product<T>& second);
  void (*multiplyPair)(const Product<T>& first, const Product<T>& second);
  int64_t (*scratchBytes)(const Product<T>&);
  int64_t (*packedElements)(int64_t depth, int64_t columns);
  void (*pack)(int64_t depth, int64_t columns, Strided<const T>, T*);
};

// Compiled for x86-64-v3 (LevelV3.cpp) and x86-64-v4 (LevelV4.cpp).
extern const Entries<float> kFloatV3, kFloatV4;
extern const Entries<double> kDoubleV3, kDoubleV4;

}  // namespace acie::linalg

#endif  // ACIE_KERNELS_LINALG_LEVELS_H
