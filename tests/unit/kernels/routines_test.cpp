// Whole algorithms on tensors, against their definitions computed plainly in long double.

#include "kernels/routines/Routines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

namespace acie::routines {
namespace {

using Vector = std::vector<double>;

Vector normals(size_t count, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  Vector result(count);
  for (double& x : result) x = normal(generator);
  return result;
}

template <typename T>
std::vector<T> run_one(Routine routine, const std::vector<T>& a, const Shape& shape_a, const std::vector<T>& b, const Shape& shape_b, const Shape& to) {
  EXPECT_TRUE(fits(routine, shape_a, shape_b, to));
  int64_t elements = 1;
  for (const int64_t size : to) elements *= size;
  std::vector<T> result(static_cast<size_t>(elements));
  run(routine, {a.data(), 0, &shape_a}, {b.data(), 0, &shape_b}, {result.data(), 0, &to}, 1);
  return result;
}
Vector run_one(Routine routine, const Vector& a, const Shape& shape, const Shape& to) { return run_one<double>(routine, a, shape, {}, {}, to); }

double residual(const Vector& a, const Vector& x, const Vector& b, int64_t n, int64_t columns) {
  double worst = 0;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t c = 0; c < columns; ++c) {
      long double sum = -b[i * columns + c], size = 0;
      for (int64_t j = 0; j < n; ++j) {
        sum += static_cast<long double>(a[i * n + j]) * x[j * columns + c];
        size += std::abs(static_cast<long double>(a[i * n + j]) * x[j * columns + c]);
      }
      worst = std::max(worst, static_cast<double>(std::abs(sum) / size));
    }
  }
  return worst;
}

TEST(Solve, SatisfiesItsEquations) {
  for (const int64_t n : {1, 2, 7, 40, 150}) {
    const Vector a = normals(n * n, 1), b = normals(n * 3, 2);
    const Vector x = run_one<double>(Routine::Solve, a, {n, n}, b, {n, 3}, {n, 3});
    EXPECT_LT(residual(a, x, b, n, 3), 1e-13) << n;
  }
}

TEST(Solve, IsNotMisledByUnitsAndTellsSingularMatrices) {
  // Rows and columns in units 1e30 apart.
  const Vector scaled = run_one<double>(Routine::Solve, {2e15, 1e-15, 1e15, 1e-15}, {2, 2}, {3, 2}, {2}, {2});
  EXPECT_NEAR(scaled[0], 1e-15, 1e-29);
  EXPECT_NEAR(scaled[1], 1e15, 1);
  const Vector singular = run_one<double>(Routine::Solve, {1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 3}, {1, 1, 1}, {3}, {3});
  for (const double x : singular) EXPECT_TRUE(std::isnan(x));
  const Vector zeros = run_one<double>(Routine::Solve, {0, 0, 0, 1}, {2, 2}, {1, 1}, {2}, {2});
  for (const double x : zeros) EXPECT_TRUE(std::isnan(x));
  const Vector infinite = run_one<double>(Routine::Solve, {1, INFINITY, 0, 1}, {2, 2}, {1, 1}, {2}, {2});
  for (const double x : infinite) EXPECT_TRUE(std::isnan(x));
  // Far smaller elements than any bound, and regular.
  EXPECT_EQ(run_one<double>(Routine::Solve, {1e-300}, {1, 1}, {1e-300}, {1}, {1})[0], 1);
}

TEST(Solve, ManySystemsAreSolvedOneByOne) {
  for (const Routine routine : {Routine::Solve, Routine::SolveLower, Routine::SolveUpper}) {
    const Vector a{2, 1, 1, 3, 4, 1, 2, 5, 7, 0, 1, 6}, b{1, 2, 3, 4, 5, 6}, sides{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const Vector together = run_one<double>(routine, a, {3, 2, 2}, b, {3, 2}, {3, 2}), pairs = run_one<double>(routine, a, {3, 2, 2}, sides, {3, 2, 2}, {3, 2, 2});
    for (ptrdiff_t k = 0; k < 3; ++k) {
      const Vector matrix(a.begin() + 4 * k, a.begin() + 4 * k + 4);
      EXPECT_EQ(Vector(together.begin() + 2 * k, together.begin() + 2 * k + 2), run_one<double>(routine, matrix, {2, 2}, {b.begin() + 2 * k, b.begin() + 2 * k + 2}, {2}, {2}));
      EXPECT_EQ(Vector(pairs.begin() + 4 * k, pairs.begin() + 4 * k + 4), run_one<double>(routine, matrix, {2, 2}, {sides.begin() + 4 * k, sides.begin() + 4 * k + 4}, {2, 2}, {2, 2}));
    }
  }
}

TEST(Solve, PointsDoNotSeeEachOther) {
  const int64_t n = 70, points = 5;
  const Shape square = {n, n}, vector = {n};
  const Vector a = normals(n * n, 3), b = normals(n * points, 4);
  Vector together(n * points), alone(n * points);
  run(Routine::Solve, {a.data(), 0, &square}, {b.data(), n, &vector}, {together.data(), n, &vector}, points);
  for (int64_t p = 0; p < points; ++p) run(Routine::Solve, {a.data(), n * n, &square}, {b.data() + p * n, 0, &vector}, {alone.data() + p * n, 0, &vector}, 1);
  EXPECT_EQ(together, alone);
}

TEST(Triangular, BySubstitution) {
  const int64_t n = 60;
  Vector a = normals(n * n, 5);
  for (int64_t i = 0; i < n; ++i) a[i * n + i] = 5 + std::abs(a[i * n + i]);
  const Vector b = normals(n, 6);
  for (const Routine routine : {Routine::SolveLower, Routine::SolveUpper}) {
    const Vector x = run_one<double>(routine, a, {n, n}, b, {n}, {n});
    Vector half = a;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        if (routine == Routine::SolveLower ? j > i : j < i) half[i * n + j] = 0;
    EXPECT_LT(residual(half, x, b, n, 1), 1e-14);
  }
  const Vector none = run_one<double>(Routine::SolveLower, {1, 0, 1, 0}, {2, 2}, {1, 1}, {2}, {2});
  for (const double x : none) EXPECT_TRUE(std::isnan(x));
}

TEST(Cholesky, MultipliesBack) {
  const int64_t n = 80;
  const Vector g = normals(n * n, 7);
  Vector a(n * n, 0);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t k = 0; k < n; ++k) a[i * n + j] += g[i * n + k] * g[j * n + k];
  const Vector l = run_one(Routine::Cholesky, a, {n, n}, {n, n});
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < n; ++k) sum += l[i * n + k] * l[j * n + k];
      EXPECT_NEAR(sum, a[i * n + j], 1e-11);
      if (j < i) { EXPECT_EQ(l[j * n + i], 0); }
    }
  const Vector indefinite = run_one(Routine::Cholesky, {1, 2, 2, 1}, {2, 2}, {2, 2});
  EXPECT_TRUE(std::isnan(indefinite[0]) && std::isnan(indefinite[3]));
  EXPECT_EQ(indefinite[1], 0);
}

TEST(Inverse, OfABatch) {
  const Vector a = normals(3 * 5 * 5, 8);
  const Vector inverses = run_one(Routine::Inverse, a, {3, 5, 5}, {3, 5, 5});
  for (int64_t m = 0; m < 3; ++m)
    for (int64_t i = 0; i < 5; ++i)
      for (int64_t j = 0; j < 5; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < 5; ++k) sum += a[m * 25 + i * 5 + k] * inverses[m * 25 + k * 5 + j];
        EXPECT_NEAR(sum, i == j, 1e-12);
      }
}

/// Σ_j (re + i im)[j] exp(sign 2πi jk/n), plainly.
std::pair<Vector, Vector> plain_transform(const Vector& re, const Vector& im, int sign) {
  const auto n = static_cast<int64_t>(re.size());
  Vector to_re(n), to_im(n);
  for (int64_t k = 0; k < n; ++k) {
    long double sum_re = 0, sum_im = 0;
    for (int64_t j = 0; j < n; ++j) {
      const long double angle = sign * 2 * std::numbers::pi_v<long double> * static_cast<long double>(j * k % n) / n;
      sum_re += re[j] * std::cos(angle) - im[j] * std::sin(angle);
      sum_im += re[j] * std::sin(angle) + im[j] * std::cos(angle);
    }
    to_re[k] = sum_re, to_im[k] = sum_im;
  }
  return {to_re, to_im};
}

TEST(Fourier, IsTheSumOfItsDefinitionAtAnyLength) {
  for (const int64_t n : {1, 2, 3, 4, 5, 7, 8, 12, 97, 100, 128, 210, 243}) {
    const Vector x = normals(2 * n, 9);
    const auto [re, im] = plain_transform({x.begin(), x.begin() + n}, {x.begin() + n, x.end()}, -1);
    const Vector result = run_one(Routine::Fft, x, {2, n}, {2, n});
    for (int64_t k = 0; k < n; ++k) {
      EXPECT_NEAR(result[k], re[k], 4e-15 * n) << n;
      EXPECT_NEAR(result[n + k], im[k], 4e-15 * n) << n;
    }
    const Vector back = run_one(Routine::InverseFft, result, {2, n}, {2, n});
    for (int64_t j = 0; j < 2 * n; ++j) EXPECT_NEAR(back[j], x[j], 2e-14);
    // Real numbers, two lines at once: the half that says all.
    const int64_t half = n / 2 + 1;
    const Vector spectra = run_one(Routine::RealFft, x, {2, n}, {2, 2, half});
    const auto [first, first_im] = plain_transform({x.begin(), x.begin() + n}, Vector(n, 0), -1);
    for (int64_t k = 0; k < half; ++k) {
      EXPECT_NEAR(spectra[k], first[k], 4e-15 * n);
      EXPECT_NEAR(spectra[2 * half + k], first_im[k], 4e-15 * n);
    }
    const Vector numbers = run_one(Routine::InverseRealFft, spectra, {2, 2, half}, {2, n});
    for (int64_t j = 0; j < 2 * n; ++j) EXPECT_NEAR(numbers[j], x[j], 2e-14);
  }
}

TEST(Fourier, OfSinglePrecision) {
  std::vector<float> x(2 * 48);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7);
  const auto y = run_one<float>(Routine::Fft, x, {2, 48}, {}, {}, {2, 48});
  const auto back = run_one<float>(Routine::InverseFft, y, {2, 48}, {}, {}, {2, 48});
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(back[i], x[i], 2e-5);
}

TEST(Order, SumsSortsAndPlaces) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(run_one(Routine::CumulativeSum, {1, 2, 3, 10, 20, 30}, {2, 3}, {2, 3}), (Vector{1, 3, 6, 10, 30, 60}));
  const Vector sorted = run_one(Routine::Sort, {3, 1, 2, 0.0, -0.0, -1}, {2, 3}, {2, 3});
  EXPECT_EQ(sorted, (Vector{1, 2, 3, -1, 0, 0}));
  EXPECT_TRUE(std::signbit(sorted[4]) && !std::signbit(sorted[5]));
  const Vector undefined = run_one(Routine::Sort, {3, nan, 2}, {3}, {3});
  for (const double x : undefined) EXPECT_TRUE(std::isnan(x));
  const Shape shape = {2, 4}, lines = {2}, all = {};
  const Vector x = {1, 5, 5, 0, nan, 1, 2, 3};
  int64_t at[2];
  places<double>(Routine::ArgMax, {x.data(), 0, &shape}, {at, 0, &lines}, 1);
  EXPECT_EQ(at[0], 1);
  EXPECT_EQ(at[1], 0);
  places<double>(Routine::ArgMin, {x.data(), 0, &shape}, {at, 0, &all}, 1);
  EXPECT_EQ(at[0], 3);
  const std::vector<int64_t> large = {std::numeric_limits<int64_t>::max(), 1};
  std::vector<int64_t> sums(2);
  const Shape two = {2};
  run(Routine::CumulativeSum, {large.data(), 0, &two}, {sums.data(), 0, &two}, 1);
  EXPECT_EQ(sums[1], std::numeric_limits<int64_t>::min());
}

}  // namespace
}  // namespace acie::routines
