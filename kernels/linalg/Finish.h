// The epilogue: what becomes of a tile of sums while it is in the cache.
#ifndef ACIE_KERNELS_LINALG_FINISH_H
#define ACIE_KERNELS_LINALG_FINISH_H

#include "kernels/linalg/Gemm.h"
#include "kernels/linalg/Vector.h"
#include "kernels/math/Erf.h"
#include "kernels/math/Hyperbolic.h"

namespace acie::linalg::ACIE_LINALG_LEVEL {

struct Identity {
  template <class B>
  static math::Real<B> of(math::Real<B> x) {
    return x;
  }
};
struct Relu {
  template <class B>
  static math::Real<B> of(math::Real<B> x) {
    return math::clampBelow(x, 0.0);
  }
};
struct Gelu {
  template <class B>
  static math::Real<B> of(math::Real<B> x) {
    return x * math::norm_cdf(x);
  }
};
struct Tanh {
  template <class B>
  static math::Real<B> of(math::Real<B> x) {
    return math::tanh(x);
  }
};
struct Sigmoid {
  template <class B>
  static math::Real<B> of(math::Real<B> x) {
    return math::sigmoid(x);
  }
};
struct Silu {
  template <class B>
  static math::Real<B> of(math::Real<B> x) {
    return x * math::sigmoid(x);
  }
};

// A tile with unit column stride, at (row, column) of C.
template <class T>
struct Sums {
  T* c;
  int64_t cRow;
  int64_t row, column, rows, columns;
  bool transposed;  // the caller's rows are columns here: the biases are added in the caller's order
};

// What networks have, a bias and an activation, of elements that lie together. Whole: the memory goes on to the end of a vector.
template <class Function, bool Whole, class T>
[[gnu::flatten]] void finishRow(const T* bias, T* at, int64_t count) {
  using B = VectorBackend<T>;
  constexpr int lanes = kLanes<T>;
  B backend;
  int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    Vec<T> x = load(at + j);
    if (bias) x = x + load(bias + j);
    store<T>(at + j, Function::of(math::Real<B>{&backend, x}).v);
  }
  if (j == count) return;
  Vec<T> x = Whole ? load(at + j) : Vec<T>(loadFirst(at + j, count - j));
  if (bias) x = x + loadFirst(bias + j, count - j);
  x = Function::of(math::Real<B>{&backend, x}).v;
  if (Whole) {
    store<T>(at + j, x);
  } else {
    storeFirst(at + j, x, count - j);
  }
}

template <class Function, class T>
void finishWith(const Epilogue<T>& e, const Sums<T>& s) {
  using B = VectorBackend<T>;
  constexpr int lanes = kLanes<T>;
  B backend;
  const Strided<const T>& residual = e.residual;
  if (e.scale == 1 && !e.rowBias && !residual.data) {
    for (int64_t i = 0; i < s.rows; ++i)
      finishRow<Function, false>(e.columnBias ? e.columnBias + s.column : nullptr, s.c + i * s.cRow, s.columns);
    return;
  }
  for (int64_t i = 0; i < s.rows; ++i) {
    for (int64_t j = 0; j < s.columns; j += lanes) {
      const int64_t count = smaller(lanes, s.columns - j);
      T* at = s.c + i * s.cRow + j;
      Vec<T> x = count == lanes ? load(at) : Vec<T>(loadFirst(at, count));
      if (e.scale != 1) x = x * every(e.scale);
      if (e.rowBias && !s.transposed) x = x + every(e.rowBias[s.row + i]);
      if (e.columnBias) x = x + loadFirst(e.columnBias + s.column + j, count);
      if (e.rowBias && s.transposed) x = x + every(e.rowBias[s.row + i]);
      x = Function::of(math::Real<B>{&backend, x}).v;
      if (residual.data) {
        const T* from =
            residual.data + (s.row + i) * residual.rowStride + (s.column + j) * residual.columnStride;
        if (residual.columnStride == 1) {
          x = x + loadFirst(from, count);
        } else {
          T gathered[lanes] = {};
          for (int64_t l = 0; l < count; ++l) gathered[l] = from[l * residual.columnStride];
          x = x + load(gathered);
        }
      }
      if (count == lanes) {
        store<T>(at, x);
      } else {
        storeFirst(at, x, count);
      }
    }
  }
}

template <class T>
bool hasArithmetic(const Epilogue<T>& e) {
  return e.scale != 1 || e.rowBias || e.columnBias || e.activation != Activation::kNone || e.residual.data;
}

// `body` with the activation as a function.
template <class Body>
void withActivation(Activation activation, Body body) {
  switch (activation) {
    case Activation::kNone:
      return body(Identity());
    case Activation::kRelu:
      return body(Relu());
    case Activation::kGelu:
      return body(Gelu());
    case Activation::kTanh:
      return body(Tanh());
    case Activation::kSigmoid:
      return body(Sigmoid());
    case Activation::kSilu:
      return body(Silu());
  }
}

// All of the epilogue but the panel function.
template <class T>
void finish(const Epilogue<T>& e, const Sums<T>& s) {
  withActivation(e.activation, [&](auto function) { finishWith<decltype(function)>(e, s); });
}

// Bias, where there is one, and activation of `count` elements in memory that goes on to the end of a vector.
template <class T>
using WholeFinish = void (*)(const T* bias, T* at, int64_t count);
template <class T>
WholeFinish<T> wholeFinish(Activation activation) {
  WholeFinish<T> chosen = nullptr;
  withActivation(activation, [&](auto function) { chosen = finishRow<decltype(function), true, T>; });
  return chosen;
}

}  // namespace acie::linalg::ACIE_LINALG_LEVEL

#endif  // ACIE_KERNELS_LINALG_FINISH_H
