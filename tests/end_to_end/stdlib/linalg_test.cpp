// std.linalg against loops written out here, and against what defines each result: L Lᵀ = a, a x = b, R Rᵀ = 1.

#include <array>
#include <random>

#include "tests/end_to_end/stdlib/ask.h"

namespace acie::testing {
namespace {

using Vector = std::vector<double>;

const double pi = std::acos(-1.0);

/// "name[0],name[1],…"
std::string columns(const std::string& name, size_t count) {
  std::string header;
  for (size_t i = 0; i < count; ++i) header += (i > 0 ? "," : "") + name + "[" + std::to_string(i) + "]";
  return header;
}

std::string cells(const Vector& values) {
  std::string line;
  char text[32];
  for (size_t i = 0; i < values.size(); ++i) {
    std::snprintf(text, sizeof text, "%s%.17g", i > 0 ? "," : "", values[i]);
    line += text;
  }
  return line;
}

Vector vector(const Answer& at, const std::string& name, size_t count) {
  Vector values;
  for (size_t i = 0; i < count; ++i) values.push_back(at(name, i));
  return values;
}

/// Row-major product of [rows, inner] and [inner, columns].
Vector product(const Vector& a, const Vector& b, size_t inner) {
  const size_t rows = a.size() / inner, width = b.size() / inner;
  Vector c(rows * width);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < width; ++j) {
      for (size_t k = 0; k < inner; ++k) c[i * width + j] += a[i * inner + k] * b[k * width + j];
    }
  }
  return c;
}

void expect_near(const Vector& values, const Vector& expected, const std::string& what, double tolerance = 1e-13) {
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], tolerance) << what << "[" << i << "]";
}

TEST(Linalg, Vectors) {
  const auto rows = ask(R"(
import std.linalg
model M {
    input x : f64[3]
    input y : f64[3]
    let far : f64<km>[3] = x * 1<km>
    var n = norm(x)
    var metres : f64<m> = norm(far)
    var absolute = norm1(x)
    var largest = norm_inf(x)
    var unit = normalize(far)
    var apart : f64<m> = distance(far, y * 1<m>)
    var angle = cosine(far, y)
    var torque : f64<N*m>[3] = cross(far, y * 1<mN>)
    var along : f64<km>[3] = project(far, y)
    var table = reshape(outer(x, y[..2]), 6)
    var steps = diff(x)
}
query q on M { return n, metres, absolute, largest, unit, apart, angle, torque, along, table, steps }
)", columns("x", 3) + "," + columns("y", 3) + "\n3,-4,12,0.5,2,-1\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const double x[3] = {3, -4, 12}, y[3] = {0.5, 2, -1}, xy = 1.5 - 8 - 12, yy = 5.25;
  expect_close(at("n"), 13, "norm");
  expect_close(at("metres"), 13000, "norm with a unit");
  expect_close(at("absolute"), 19, "norm1");
  expect_close(at("largest"), 12, "norm_inf");
  expect_close(at("apart"), std::hypot(2999.5, -4002.0, 12001.0), "distance");
  expect_close(at("angle"), xy / (13 * std::sqrt(yy)), "cosine");
  for (size_t i = 0; i < 3; ++i) {
    const size_t j = (i + 1) % 3, k = (i + 2) % 3;
    expect_close(at("unit", i), x[i] / 13, "normalize");
    expect_close(at("torque", i), x[j] * y[k] - x[k] * y[j], "cross");
    expect_close(at("along", i), y[i] * xy / yy, "project");
    for (size_t l = 0; l < 2; ++l) expect_close(at("table", 2 * i + l), x[i] * y[l], "outer");
  }
  expect_close(at("steps", 0), -7, "diff");
  expect_close(at("steps", 1), 16, "diff");
}

TEST(Linalg, SmallMatrices) {
  const auto rows = ask(R"(
import std.linalg
model M {
    input a : f64[9]
    let m = reshape(a, 3, 3)
    let corner = m[..2, ..2]
    var t = trace(m)
    var d = diagonal(m)
    var full = reshape(diagonal_matrix(d), 9)
    var size = frobenius_norm(m)
    var form = bilinear(d, m, [1, 2, 3])
    var det2 = determinant2(corner)
    var det3 : f64<m^3> = determinant3(m * 1<m>)
    var inv2 = reshape(inverse2(corner), 4)
    var inv3 = reshape(inverse3(m), 9)
}
query q on M { return t, d, full, size, form, det2, det3, inv2, inv3 }
)", columns("a", 9) + "\n2,-1,0.5,3,0.25,-2,1,4,-3\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const Vector a = {2, -1, 0.5, 3, 0.25, -2, 1, 4, -3}, corner = {2, -1, 3, 0.25};
  expect_close(at("t"), -0.75, "trace");
  expect_near(vector(at, "d", 3), {2, 0.25, -3}, "diagonal");
  expect_near(vector(at, "full", 9), {2, 0, 0, 0, 0.25, 0, 0, 0, -3}, "diagonal_matrix");
  double squares = 0;
  for (const double v : a) squares += v * v;
  expect_close(at("size"), std::sqrt(squares), "frobenius_norm");
  expect_close(at("form"), 2 * 1.5 + 0.25 * -2.5 - 3 * 0, "bilinear");
  expect_close(at("det2"), 3.5, "determinant2");
  // Sarrus.
  expect_close(at("det3"), 2 * 0.25 * -3 + -1 * -2 * 1 + 0.5 * 3 * 4 - 0.5 * 0.25 * 1 - 2 * -2 * 4 - -1 * 3 * -3, "determinant3");
  expect_near(product(corner, vector(at, "inv2", 4), 2), {1, 0, 0, 1}, "inverse2");
  expect_near(product(a, vector(at, "inv3", 9), 3), {1, 0, 0, 0, 1, 0, 0, 0, 1}, "inverse3");
}

TEST(Linalg, SystemsOfEquations) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  constexpr size_t n = 4, kRows = 8;
  std::string data = columns("g", n * n) + "," + columns("b", n) + "\n";
  std::vector<Vector> matrices, sides;
  for (size_t r = 0; r < kRows; ++r) {
    Vector g(n * n), b(n);
    for (double& v : g) v = normal(random);
    for (double& v : b) v = normal(random);
    if (r == 0) g[0] = 0;            // no pivot where one stands first
    if (r == 1) g[0] = g[5] = 1e-17; // a poor one
    data += cells(g) + "," + cells(b) + "\n";
    matrices.push_back(g);
    sides.push_back(b);
  }
  const auto rows = ask(R"(
import std.linalg
model M {
    input g : f64[16]
    input b : f64[4]
    let m = reshape(g, 4, 4)
    let positive = m @ transpose(m) + 0.1 * identity(4)
    let factor = cholesky(positive)
    var l = reshape(factor, 16)
    var lower = solve_lower(factor, b)
    var upper = solve_upper(transpose(factor), b)
    var p = solve_positive(positive, b)
    var s = solve(m, b)
    var logdet = log_determinant(positive)
    var fitted = least_squares(m[.., ..2], b)
    var whole = least_squares(m, b)
}
query q on M { return l, lower, upper, p, s, logdet, fitted, whole }
)", data);
  ASSERT_EQ(rows.size(), kRows);
  for (size_t r = 0; r < kRows; ++r) {
    const Answer& at = rows[r];
    const Vector &g = matrices[r], &b = sides[r], l = vector(at, "l", 16), s = vector(at, "s", 4);
    Vector positive(16), lt(16);
    double log_determinant = 0;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        for (size_t k = 0; k < n; ++k) positive[i * n + j] += g[i * n + k] * g[j * n + k];
        positive[i * n + j] += i == j ? 0.1 : 0;
        lt[j * n + i] = l[i * n + j];
        EXPECT_TRUE(j <= i || l[i * n + j] == 0);
      }
      log_determinant += 2 * std::log(l[i * n + i]);
    }
    expect_near(product(l, lt, n), positive, "cholesky", 1e-12);
    expect_near(product(l, vector(at, "lower", n), n), b, "solve_lower", 1e-12);
    expect_near(product(lt, vector(at, "upper", n), n), b, "solve_upper", 1e-12);
    expect_near(product(positive, vector(at, "p", n), n), b, "solve_positive", 1e-11);
    double size = 1;
    for (const double v : s) size = std::max(size, std::abs(v));
    expect_near(product(g, s, n), b, "solve", 1e-14 * size);
    expect_close(at("logdet"), log_determinant, "log_determinant");
    expect_near(vector(at, "whole", n), s, "as many equations as unknowns", 1e-11 * size * size);
    // The residual of least squares is orthogonal to the columns.
    const double x0 = at("fitted", 0), x1 = at("fitted", 1);
    for (size_t j = 0; j < 2; ++j) {
      double along = 0;
      for (size_t i = 0; i < n; ++i) along += g[i * n + j] * (b[i] - g[i * n] * x0 - g[i * n + 1] * x1);
      EXPECT_NEAR(along, 0, 1e-13 * (1 + std::abs(x0) + std::abs(x1)));
    }
  }
}

// x = L u + m with L L' a covariance of the row: the zeros of L make each noise follow from the ones before it.
TEST(Linalg, CorrelatedNoiseIsRecoveredThroughItsCholeskyFactor) {
  const auto rows = ask(R"(
import std.linalg
model M {
    input c : f64[3]
    exo u : f64[2] ~ normal(0, 1)
    let l = cholesky([[c[0], c[1]], [c[1], c[2]]])
    var x = l @ u + [1, 2]
    var y = x[0] * x[1]
}
query q on M { given x; do x[0] = x[0] + 1; return x, y, noise = u }
)", "c[0],c[1],c[2],x[0],x[1]\n4,2,3,5,-1\n0.25,-0.1,2,1.5,0.25\n");
  ASSERT_EQ(rows.size(), 2u);
  const double c[2][3] = {{4, 2, 3}, {0.25, -0.1, 2}}, x[2][2] = {{5, -1}, {1.5, 0.25}};
  for (size_t r = 0; r < 2; ++r) {
    const double l00 = std::sqrt(c[r][0]), l10 = c[r][1] / l00, l11 = std::sqrt(c[r][2] - l10 * l10), u0 = (x[r][0] - 1) / l00;
    expect_close(rows[r]("noise", 0), u0, "first noise");
    expect_close(rows[r]("noise", 1), (x[r][1] - 2 - l10 * u0) / l11, "second noise");
    expect_close(rows[r]("y"), (x[r][0] + 1) * x[r][1], "x[1] keeps its value");
  }
}

TEST(Linalg, Rotations) {
  const auto rows = ask(R"(
import std.linalg
model M {
    input a : f64
    var plane = rotation2(a) @ [1, 0]
    var x = rotation_x(a) @ [0, 1, 0]
    var y = rotation_y(a) @ [0, 0, 1]
    var z = rotation_z(a) @ [1, 0, 0]
    var same = reshape(rotation([0<m>, 0<m>, 2<m>], a) - rotation_z(a), 9)
    var tilted = reshape(rotation([1, 2, -2], a), 9)
    var quarter = rotation_z(90<deg>) @ [1, 0, 0]
    var place = sphere_direction(1, a)
    var longitude = longitude_of(2 * place)
    var latitude = latitude_of(2 * place)
    var near = separation(1, a, 1 + 1e-9, a)
    var opposite = separation(0, 0, 180<deg>, 0)
}
query q on M { return plane, x, y, z, same, tilted, quarter, place, longitude, latitude, near, opposite }
)", "a\n0.7\n-1.2\n");
  ASSERT_EQ(rows.size(), 2u);
  const double angles[] = {0.7, -1.2};
  for (size_t r = 0; r < 2; ++r) {
    const Answer& at = rows[r];
    const double a = angles[r], s = std::sin(a), c = std::cos(a);
    expect_near(vector(at, "plane", 2), {c, s}, "rotation2");
    expect_near(vector(at, "x", 3), {0, c, s}, "rotation_x takes y towards z");
    expect_near(vector(at, "y", 3), {s, 0, c}, "rotation_y takes z towards x");
    expect_near(vector(at, "z", 3), {c, s, 0}, "rotation_z takes x towards y");
    expect_near(vector(at, "same", 9), Vector(9, 0), "rotation about z");
    const Vector tilted = vector(at, "tilted", 9);
    Vector transposed(9);
    for (size_t i = 0; i < 9; ++i) transposed[i] = tilted[i % 3 * 3 + i / 3];
    expect_near(product(tilted, transposed, 3), {1, 0, 0, 0, 1, 0, 0, 0, 1}, "orthogonal");
    expect_near(product(tilted, {1, 2, -2}, 3), {1, 2, -2}, "keeps its axis");
    EXPECT_NEAR(tilted[0] + tilted[4] + tilted[8], 1 + 2 * c, 1e-13) << "turns by the angle";
    EXPECT_GT(s * (tilted[7] - tilted[5]), 0) << "and in its sense";
    expect_near(vector(at, "quarter", 3), {0, 1, 0}, "90 degrees");
    expect_near(vector(at, "place", 3), {c * std::cos(1), c * std::sin(1), s}, "sphere_direction");
    expect_close(at("longitude"), 1, "longitude");
    expect_close(at("latitude"), a, "latitude");
    expect_close(at("near"), 1e-9 * c, "small separations do not cancel", 1e-6);
    expect_close(at("opposite"), pi, "separation");
  }
}

TEST(Linalg, PolynomialsAndTables) {
  const auto rows = ask(R"(
import std.linalg
model M {
    input x : f64<nm>
    let t = x / 1<nm>
    var p = polyval([1, -2, 0, 0.5], t)
    var slope = polyval_derivative([1, -2, 0, 0.5], t)
    var y : f64<W> = interpolate(x, [1<nm>, 2<nm>, 4<nm>], [10<W>, 20<W>, -20<W>])
    var area : f64<W*nm> = trapezoid([1<nm>, 2<nm>, 4<nm>], [10<W>, 20<W>, -20<W>])
}
query q on M { return p, slope, y, area }
)", "x\n0.5\n1\n1.25\n2\n3.5\n4\n9\n");
  ASSERT_EQ(rows.size(), 7u);
  const double xs[] = {0.5, 1, 1.25, 2, 3.5, 4, 9}, ys[] = {10, 10, 12.5, 20, -10, -20, -20};
  for (size_t r = 0; r < 7; ++r) {
    const double x = xs[r];
    expect_close(rows[r]("p"), 1 - 2 * x + 0.5 * x * x * x, "polyval");
    expect_close(rows[r]("slope"), -2 + 1.5 * x * x, "polyval_derivative");
    expect_close(rows[r]("y"), ys[r], "interpolate");
    expect_close(rows[r]("area"), 15, "trapezoid");
  }
}

}  // namespace
}  // namespace acie::testing
