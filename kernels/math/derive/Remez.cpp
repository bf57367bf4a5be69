#include "kernels/math/derive/Remez.h"

#include <algorithm>
#include <cmath>

namespace acie::math {
namespace {

constexpr int kGridPoints = 1200;
constexpr int kMaxExchanges = 12;

// The target on a Chebyshev-spaced grid, so that f, the expensive part, is evaluated once.
struct Grid {
  std::vector<Mp> x, f, weight;
};

Grid sample(const Target& target) {
  Grid grid;
  const Mp centre = (target.low + target.high) / Mp(2);
  const Mp radius = (target.high - target.low) / Mp(2);
  for (int i = 0; i < kGridPoints; ++i) {
    // Interior points only: the ends are often removable singularities of f.
    const Mp angle = pi() * Mp(i + 0.5) / Mp(kGridPoints);
    Mp x = centre - radius * cos(angle);
    grid.f.push_back(target.f(x));
    grid.weight.push_back(abs(target.weight(x)));
    grid.x.push_back(std::move(x));
  }
  return grid;
}

Mp evaluate(const std::vector<Mp>& c, const Mp& x) {
  Mp r = c.back();
  for (size_t i = c.size() - 1; i-- > 0;) r = r * x + c[i];
  return r;
}

// Gaussian elimination with partial pivoting; a is n rows of n + 1.
std::vector<Mp> solve(std::vector<std::vector<Mp>> a) {
  const size_t n = a.size();
  for (size_t k = 0; k < n; ++k) {
    size_t pivot = k;
    for (size_t i = k + 1; i < n; ++i)
      if (abs(a[pivot][k]) < abs(a[i][k])) pivot = i;
    std::swap(a[k], a[pivot]);
    for (size_t i = k + 1; i < n; ++i) {
      const Mp factor = a[i][k] / a[k][k];
      for (size_t j = k; j <= n; ++j) a[i][j] = a[i][j] - factor * a[k][j];
    }
  }
  std::vector<Mp> x(n);
  for (size_t k = n; k-- > 0;) {
    Mp sum = a[k][n];
    for (size_t j = k + 1; j < n; ++j) sum = sum - a[k][j] * x[j];
    x[k] = sum / a[k][k];
  }
  return x;
}

std::vector<double> weightedErrors(const Grid& grid, const std::vector<Mp>& c, Mp scale) {
  std::vector<double> errors(kGridPoints);
  for (int i = 0; i < kGridPoints; ++i)
    errors[i] = ((evaluate(c, grid.x[i]) - grid.f[i]) * grid.weight[i] * scale).toDouble();
  return errors;
}

// Indices of the alternating local extrema of the error, exactly `count` of them when there are enough.
std::vector<int> alternation(const std::vector<double>& errors, size_t count) {
  std::vector<int> extrema;
  for (int i = 0; i < kGridPoints; ++i) {
    if (!extrema.empty() && (errors[i] < 0) == (errors[extrema.back()] < 0)) {
      if (std::fabs(errors[i]) > std::fabs(errors[extrema.back()])) extrema.back() = i;
    } else {
      extrema.push_back(i);
    }
  }
  while (extrema.size() > count) {
    const bool dropFirst = std::fabs(errors[extrema.front()]) < std::fabs(errors[extrema.back()]);
    extrema.erase(dropFirst ? extrema.begin() : extrema.end() - 1);
  }
  return extrema;
}

// The minimax coefficients, unrounded.
std::vector<Mp> exchange(const Grid& grid, size_t terms) {
  const size_t count = terms + 1;
  std::vector<int> reference(count);
  for (size_t i = 0; i < count; ++i)
    reference[i] = static_cast<int>((1 - std::cos(M_PI * (i + 0.5) / count)) / 2 * kGridPoints);
  std::vector<Mp> best;
  double bestError = HUGE_VAL;
  for (int round = 0; round < kMaxExchanges; ++round) {
    std::vector<std::vector<Mp>> system;
    for (size_t i = 0; i < count; ++i) {
      std::vector<Mp> row;
      Mp power = 1;
      for (size_t j = 0; j < terms; ++j) {
        row.push_back(power);
        power = power * grid.x[reference[i]];
      }
      row.push_back(Mp(i % 2 ? -1 : 1) / grid.weight[reference[i]]);
      row.push_back(grid.f[reference[i]]);
      system.push_back(std::move(row));
    }
    std::vector<Mp> c = solve(std::move(system));
    const Mp level = abs(c[terms]);
    c.resize(terms);
    const std::vector<double> errors = weightedErrors(grid, c, 1);
    double largest = 0;
    for (double e : errors) largest = std::max(largest, std::fabs(e));
    if (largest < bestError) {
      bestError = largest;
      best = c;
    }
    const std::vector<int> next = alternation(errors, count);
    if (next.size() < count || largest < 1.0001 * level.toDouble()) break;
    reference = next;
  }
  return best;
}

// The least-squares approximation of x^power by the powers above it: what later coefficients can take over.
std::vector<Mp> absorb(const Grid& grid, size_t power, size_t terms) {
  const size_t free = terms - power - 1;
  std::vector<std::vector<Mp>> normal(free, std::vector<Mp>(free + 1));
  for (int i = 0; i < kGridPoints; i += 4) {
    std::vector<Mp> basis;
    Mp value = grid.weight[i];
    for (size_t j = 0; j < terms; ++j) {
      if (j >= power) basis.push_back(value);
      value = value * grid.x[i];
    }
    for (size_t a = 0; a < free; ++a) {
      for (size_t b = 0; b < free; ++b) normal[a][b] = normal[a][b] + basis[a + 1] * basis[b + 1];
      normal[a][free] = normal[a][free] + basis[a + 1] * basis[0];
    }
  }
  return free == 0 ? std::vector<Mp>() : solve(std::move(normal));
}

}  // namespace

Polynomial minimax(const Target& target, int terms, int bits) {
  const Grid grid = sample(target);
  std::vector<Mp> c = exchange(grid, terms);
  for (int k = 0; k < terms; ++k) {
    const Mp rounded = roundTo(c[k], bits);
    const Mp lost = c[k] - rounded;
    c[k] = rounded;
    const std::vector<Mp> share = absorb(grid, k, terms);
    for (size_t j = 0; j < share.size(); ++j) c[k + 1 + j] = c[k + 1 + j] + lost * share[j];
  }
  Polynomial result;
  for (const Mp& x : c) result.coefficients.push_back(x.toDouble());
  for (double e : weightedErrors(grid, c, 1)) result.error = std::max(result.error, std::fabs(e));
  return result;
}

Rational rationalMinimax(const Target& target, int numeratorTerms, int denominatorTerms, int bits) {
  constexpr int kRounds = 40;
  const Grid grid = sample(target);
  const int free = numeratorTerms + denominatorTerms - 1;
  std::vector<Mp> previous(kGridPoints, Mp(1));  // the denominator of the last round
  std::vector<double> lawson(kGridPoints, 1.0);
  std::vector<Mp> best;
  double bestError = HUGE_VAL;
  const auto split = [&](const std::vector<Mp>& c) {
    std::vector<Mp> q(c.begin() + numeratorTerms, c.end());
    q.insert(q.begin(), Mp(1));
    return std::pair(std::vector<Mp>(c.begin(), c.begin() + numeratorTerms), q);
  };
  const auto errorAt = [&](const std::vector<Mp>& p, const std::vector<Mp>& q, int i) {
    return ((evaluate(p, grid.x[i]) / evaluate(q, grid.x[i]) - grid.f[i]) * grid.weight[i]).toDouble();
  };
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::vector<Mp>> normal(free, std::vector<Mp>(free + 1));
    for (int i = 0; i < kGridPoints; i += 4) {
      const Mp scale = grid.weight[i] / previous[i];
      std::vector<Mp> basis;
      Mp value = scale;
      for (int j = 0; j < numeratorTerms; ++j, value = value * grid.x[i]) basis.push_back(value);
      value = -scale * grid.f[i] * grid.x[i];
      for (int j = 1; j < denominatorTerms; ++j, value = value * grid.x[i]) basis.push_back(value);
      const Mp right = scale * grid.f[i];
      for (int a = 0; a < free; ++a) {
        const Mp weighted = basis[a] * Mp(lawson[i]);
        for (int b = a; b < free; ++b) normal[a][b] = normal[a][b] + weighted * basis[b];
        normal[a][free] = normal[a][free] + weighted * right;
      }
    }
    for (int a = 0; a < free; ++a)
      for (int b = 0; b < a; ++b) normal[a][b] = normal[b][a];
    const std::vector<Mp> c = solve(std::move(normal));
    const auto [p, q] = split(c);
    double largest = 0, mean = 0;
    std::vector<double> errors(kGridPoints);
    for (int i = 0; i < kGridPoints; i += 4) {
      errors[i] = std::fabs(errorAt(p, q, i));
      largest = std::max(largest, errors[i]);
      mean += lawson[i] * errors[i];
      previous[i] = evaluate(q, grid.x[i]);
    }
    if (largest < bestError) {
      bestError = largest;
      best = c;
    }
    // The first rounds settle the denominator, the others even out the error.
    if (round >= 4)
      for (int i = 0; i < kGridPoints; i += 4) lawson[i] *= errors[i] / mean;
  }
  auto [p, q] = split(best);
  for (Mp& x : p) x = roundTo(x, bits);
  for (Mp& x : q) x = roundTo(x, bits);
  Rational result;
  for (const Mp& x : p) result.numerator.push_back(x.toDouble());
  for (const Mp& x : q) result.denominator.push_back(x.toDouble());
  for (int i = 0; i < kGridPoints; i += 4) result.error = std::max(result.error, std::fabs(errorAt(p, q, i)));
  return result;
}

}  // namespace acie::math
