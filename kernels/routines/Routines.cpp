#include "kernels/routines/Routines.h"

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <type_traits>

#include "kernels/routines/Factor.h"
#include "kernels/routines/Fourier.h"

namespace acie::routines {
namespace {

int64_t count(const Shape& shape) { return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()); }

template <typename T>
void cumulative_sum(const T* from, int64_t length, T* to) {
  using U = std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;
  U sum = static_cast<U>(from[0]);
  to[0] = from[0];
  for (int64_t i = 1; i < length; ++i) {
    sum += static_cast<U>(from[i]);
    to[i] = static_cast<T>(sum);
  }
}

template <typename T>
void sort(const T* from, int64_t length, T* to) {
  std::copy_n(from, length, to);
  if constexpr (std::is_floating_point_v<T>) {
    if (std::any_of(to, to + length, [](T x) { return x != x; })) {
      std::fill_n(to, length, std::numeric_limits<T>::quiet_NaN());
      return;
    }
    // -0 before 0, so that equal numbers have one order.
    std::sort(to, to + length, [](T a, T b) { return a < b || (a == b && std::signbit(a) && !std::signbit(b)); });
  } else {
    std::sort(to, to + length);
  }
}

/// Line by line along the last axis.
template <typename T, typename F>
void each_line(Operand<const T> a, Operand<T> to, int64_t points, F f) {
  const int64_t elements = count(*a.shape), length = a.shape->back();
  for (int64_t point = 0; point < points; ++point) {
    for (int64_t at = 0; at < elements; at += length) f(a.data + point * a.stride + at, length, to.data + point * to.stride + at);
  }
}

template <typename T>
void transform(Routine routine, Operand<const T> a, Operand<T> to, int64_t points) {
  const bool inverse = routine == Routine::InverseFft || routine == Routine::InverseRealFft;
  const Shape& numbers = routine == Routine::RealFft ? *a.shape : *to.shape;
  const int64_t n = numbers.back(), half = n / 2 + 1, lines = count(numbers) / n / (routine == Routine::Fft || routine == Routine::InverseFft ? 2 : 1);
  const Fourier<T> fourier(n, inverse);
  for (int64_t point = 0; point < points; ++point) {
    const T* from = a.data + point * a.stride;
    T* result = to.data + point * to.stride;
    for (int64_t line = 0; line < lines; ++line) {
      if (routine == Routine::RealFft) {
        fourier.transform(from + line * n, nullptr, result + line * half, result + (lines + line) * half, half);
      } else if (routine == Routine::InverseRealFft) {
        fourier.real_from_half(from + line * half, from + (lines + line) * half, result + line * n);
      } else {
        fourier.transform(from + line * n, from + (lines + line) * n, result + line * n, result + (lines + line) * n, n);
      }
    }
  }
}

/// System by system: `f(matrix, n, right side, its columns, solution, whether the matrix is another than before)`.
template <typename T, typename F>
void each_system(Operand<const T> a, Operand<const T> b, Operand<T> to, int64_t points, F f) {
  const int64_t n = a.shape->back(), columns = b.shape->size() == a.shape->size() ? b.shape->back() : 1, systems = count(*a.shape) / (n * n);
  for (int64_t system = 0; system < systems; ++system) {
    for (int64_t point = 0; point < points; ++point) {
      const int64_t side = system * n * columns;
      f(a.data + point * a.stride + system * n * n, n, b.data + point * b.stride + side, columns, to.data + point * to.stride + side, point == 0 || a.stride != 0);
    }
  }
}

template <typename T>
void each_matrix(Routine routine, Operand<const T> a, Operand<T> to, int64_t points) {
  const int64_t n = a.shape->back(), elements = count(*a.shape);
  std::vector<T> one(static_cast<size_t>(routine == Routine::Inverse ? n * n : 0), T(0));
  for (int64_t i = 0; routine == Routine::Inverse && i < n; ++i) one[static_cast<size_t>(i * n + i)] = T(1);
  for (int64_t point = 0; point < points; ++point) {
    for (int64_t at = 0; at < elements; at += n * n) {
      const T* from = a.data + point * a.stride + at;
      T* result = to.data + point * to.stride + at;
      if (routine == Routine::Inverse) {
        Factored<T>(from, n).solve(one.data(), n, result);
      } else {
        cholesky(from, n, result);
      }
    }
  }
}

template <typename T>
void floats(Routine routine, Operand<const T> a, Operand<const T> b, Operand<T> to, int64_t points) {
  switch (routine) {
    case Routine::Solve: {
      std::optional<Factored<T>> factored;
      return each_system(a, b, to, points, [&](const T* matrix, int64_t n, const T* side, int64_t columns, T* solution, bool another) {
        if (another) factored.emplace(matrix, n);
        factored->solve(side, columns, solution);
      });
    }
    case Routine::SolveLower:
    case Routine::SolveUpper:
      return each_system(a, b, to, points, [&](const T* matrix, int64_t n, const T* side, int64_t columns, T* solution, bool) {
        solve_triangular(routine == Routine::SolveLower, matrix, n, side, columns, solution);
      });
    case Routine::Cholesky:
    case Routine::Inverse: return each_matrix(routine, a, to, points);
    case Routine::Fft:
    case Routine::InverseFft:
    case Routine::RealFft:
    case Routine::InverseRealFft: return transform(routine, a, to, points);
    case Routine::CumulativeSum: return each_line(a, to, points, cumulative_sum<T>);
    case Routine::Sort: return each_line(a, to, points, sort<T>);
    case Routine::ArgMin:
    case Routine::ArgMax: return;
  }
}

template <typename T>
void integers(Routine routine, Operand<const T> a, Operand<T> to, int64_t points) {
  each_line(a, to, points, routine == Routine::Sort ? sort<T> : cumulative_sum<T>);
}

}  // namespace

void run(Routine routine, Operand<const double> a, Operand<const double> b, Operand<double> to, int64_t points) { floats(routine, a, b, to, points); }
void run(Routine routine, Operand<const float> a, Operand<const float> b, Operand<float> to, int64_t points) { floats(routine, a, b, to, points); }
void run(Routine routine, Operand<const int64_t> a, Operand<int64_t> to, int64_t points) { integers(routine, a, to, points); }
void run(Routine routine, Operand<const int32_t> a, Operand<int32_t> to, int64_t points) { integers(routine, a, to, points); }

template <typename T>
void places(Routine routine, Operand<const T> a, Operand<int64_t> to, int64_t points) {
  const int64_t lines = count(*to.shape), length = count(*a.shape) / lines;
  for (int64_t point = 0; point < points; ++point) {
    for (int64_t line = 0; line < lines; ++line) {
      const T* x = a.data + point * a.stride + line * length;
      int64_t best = 0;
      for (int64_t i = 1; i < length && x[i] == x[i] && x[0] == x[0]; ++i) {
        if (routine == Routine::ArgMin ? x[i] < x[best] : x[i] > x[best]) best = i;
      }
      to.data[point * to.stride + line] = best;
    }
  }
}

template void places(Routine, Operand<const double>, Operand<int64_t>, int64_t);
template void places(Routine, Operand<const float>, Operand<int64_t>, int64_t);
template void places(Routine, Operand<const int64_t>, Operand<int64_t>, int64_t);
template void places(Routine, Operand<const int32_t>, Operand<int64_t>, int64_t);
template void places(Routine, Operand<const uint8_t>, Operand<int64_t>, int64_t);

}  // namespace acie::routines
