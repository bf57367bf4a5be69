// The matrix product as kernels/linalg/Gemm.h defines it, one element at a time.
#ifndef ACIE_KERNELS_REFERENCE_GEMM_H
#define ACIE_KERNELS_REFERENCE_GEMM_H

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/linalg/Gemm.h"
#include "kernels/math/Erf.h"
#include "kernels/math/Hyperbolic.h"
#include "kernels/math/ScalarBackend.h"

namespace acie::reference {

template <class T>
T activate(linalg::Activation activation, T x) {
  using linalg::Activation;
  math::ScalarBackend<T> backend;
  const math::Real<math::ScalarBackend<T>> value{&backend, x};
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return x < 0 ? T(0) : x;
    case Activation::kGelu:
      return x * math::norm_cdf(value).v;
    case Activation::kTanh:
      return math::tanh(value).v;
    case Activation::kSigmoid:
      return math::sigmoid(value).v;
    case Activation::kSilu:
      return x * math::sigmoid(value).v;
  }
  return x;
}

// Element (i, j) of A · B in the documented order, added to `start` if `add`.
template <class T>
T dot(const linalg::Product<T>& p, int64_t i, int64_t j, bool add, T start) {
  T total = start;
  for (int64_t block = 0; block < p.depth; block += linalg::kDepthBlock) {
    T sum = 0;
    const int64_t end = std::min(p.depth, block + linalg::kDepthBlock);
    for (int64_t k = block; k < end; ++k) {
      sum = std::fma(p.a.data[i * p.a.rowStride + k * p.a.columnStride],
                     p.b.data[k * p.b.rowStride + j * p.b.columnStride], sum);
    }
    total = add || block > 0 ? total + sum : sum;
  }
  return add || p.depth > 0 ? total : T(0);
}

// The whole product; reads `b`, not `packedB`, and calls no panel function.
template <class T>
void multiply(const linalg::Product<T>& p) {
  const linalg::Epilogue<T>& e = p.epilogue;
  for (int64_t i = 0; i < p.rows; ++i) {
    for (int64_t j = 0; j < p.columns; ++j) {
      T& c = p.c.data[i * p.c.rowStride + j * p.c.columnStride];
      T x = dot(p, i, j, p.accumulate, c);
      if (e.scale != 1) x = x * e.scale;
      if (e.rowBias) x = x + e.rowBias[i];
      if (e.columnBias) x = x + e.columnBias[j];
      x = activate(e.activation, x);
      if (e.residual.data) {
        x = x + e.residual.data[i * e.residual.rowStride + j * e.residual.columnStride];
      }
      c = x;
    }
  }
}

}  // namespace acie::reference

#endif  // ACIE_KERNELS_REFERENCE_GEMM_H
