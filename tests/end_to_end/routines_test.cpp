// The built-in algorithms on tensors, and noise recovered through matrices, against numbers computed here in plain C++.

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <sstream>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

using Rows = std::vector<std::map<std::string, std::string>>;

class Routines : public ::testing::Test {
 protected:
  void compile(const std::string& text) {
    std::ofstream(folder_ / "program.acie") << text;
    const CommandResult compiled = run(compiler() + " " + (folder_ / "program.acie").string() + " -o " + package());
    ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  }
  CommandResult ask(const std::string& query, const std::string& table = "", const std::string& more = "") {
    std::string data;
    if (!table.empty()) {
      std::ofstream(folder_ / "data.csv") << table;
      data = " --data " + (folder_ / "data.csv").string();
    }
    return run(runner() + " " + package() + " " + query + " --allow-unsigned --out - " + more + data);
  }
  Rows answer(const std::string& query, const std::string& table = "", const std::string& more = "") {
    const CommandResult ran = ask(query, table, more);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return parse_csv(ran.out);
  }
  std::string plan(const std::string& query) {
    return run(compiler() + " " + (folder_ / "program.acie").string() + " --emit=plan").out;
  }
  std::string package() const { return (folder_ / "program.aciepkg").string(); }

  TemporaryFolder folder_;
};

double cell(const Rows& rows, size_t row, const std::string& name) {
  const auto found = rows.at(row).find(name);
  EXPECT_NE(found, rows[row].end()) << "no column " << name;
  return found == rows[row].end() || found->second.empty() ? NAN : std::stod(found->second);
}
double cell(const Rows& rows, size_t row, const std::string& name, int i) { return cell(rows, row, name + "[" + std::to_string(i) + "]"); }

TEST_F(Routines, SmallOnesInEveryRow) {
  compile(R"(
model M {
    input s : f64
    var a : f64[2, 2] = [[s, 1], [1, 2]]
    var x : f64[2] = solve(a, [1, 2])
    var l : f64[2, 2] = cholesky(a)
    var back : f64[2, 2] = inverse(a)
    var lower : f64[2] = triangular_solve(l, [1, 2])
    var upper : f64[2] = triangular_solve(transpose(l), [1, 2], lower: false)
    var safe = if s == 0.5 then 0 else x[0]
}
query q on M { return x[0], x[1], inv = back[0, 0], low = lower[1], up = upper[0], corner = l[1, 1], none = l[0, 1] }
query guarded on M { return safe }
)");
  const Rows rows = answer("q", "s\n4\n3\n0.5\n0.25\n");
  for (size_t r = 0; r < 2; ++r) {
    const double s = r == 0 ? 4 : 3, det = 2 * s - 1, l00 = std::sqrt(s), l10 = 1 / l00, l11 = std::sqrt(2 - 1 / s);
    EXPECT_NEAR(cell(rows, r, "x[0]"), 0, 1e-15);
    EXPECT_NEAR(cell(rows, r, "x[1]"), 1, 1e-15);
    EXPECT_NEAR(cell(rows, r, "inv"), 2 / det, 1e-15);
    EXPECT_NEAR(cell(rows, r, "corner"), l11, 1e-15);
    EXPECT_EQ(cell(rows, r, "none"), 0);
    EXPECT_NEAR(cell(rows, r, "low"), (2 - l10 / l00) / l11, 1e-15);
    EXPECT_NEAR(cell(rows, r, "up"), (1 - l10 * 2 / l11) / l00, 1e-15);
  }
  // Singular; regular and not positive definite: no number, and no crash.
  for (size_t r = 2; r < 4; ++r) {
    EXPECT_EQ(rows.at(r).at("status"), "undefined");
    EXPECT_TRUE(std::isnan(cell(rows, r, "inv")));
  }
  // A branch that is not taken asks for nothing.
  const Rows guarded = answer("guarded", "s\n4\n0.5\n");
  EXPECT_EQ(cell(guarded, 1, "safe"), 0);
}

TEST_F(Routines, ManySystemsAtOnce) {
  compile(R"(
model M {
    input s : f64
    let a = [[[s + k, 1], [1, 2]] for k in 0..40]
    let b = [[1.0 * k, 1] for k in 0..40]
    let sides = [[[1, 0], [0, 1]] for k in 0..40]
    var x : f64[40, 2] = solve(a, b)
    var back : f64[40, 2, 2] = solve(a, sides) - inverse(a)
    var low : f64[40, 2] = triangular_solve(a, b)
    var few : f64[2, 2] = solve(a[..2], b[..2])
}
query q on M { return early = x[7, 0], last = x[39, 1], worst = max(abs(back)), low = low[3, 1], few = few[1, 1] }
)");
  const Rows rows = answer("q", "s\n4\n3\n");
  for (size_t r = 0; r < 2; ++r) {
    const double s = r == 0 ? 4 : 3;
    // By Cramer's rule of [[s + k, 1], [1, 2]] x = [k, 1].
    const auto first = [&](double k) { return (2 * k - 1) / (2 * (s + k) - 1); };
    const auto second = [&](double k) { return (s + k - k) / (2 * (s + k) - 1); };
    EXPECT_NEAR(cell(rows, r, "early"), first(7), 1e-15);
    EXPECT_NEAR(cell(rows, r, "last"), second(39), 1e-15);
    EXPECT_NEAR(cell(rows, r, "worst"), 0, 1e-15);
    EXPECT_NEAR(cell(rows, r, "low"), (1 - 3 / (s + 3)) / 2, 1e-15);
    EXPECT_NEAR(cell(rows, r, "few"), second(1), 1e-15);
  }
}

TEST_F(Routines, UnitsGoThrough) {
  compile(R"(
const a = [[4<kg>, 1<kg>], [1<kg>, 3<kg>]]
const x : f64<m/kg>[2] = solve(a, [1<m>, 2<m>])
const b : f64<1/kg>[2, 2] = inverse(a)
const l : f64<m>[2, 2] = cholesky([[4<m^2>, 1<m^2>], [1<m^2>, 3<m^2>]])
const spectrum : f64<m>[3] = rfft([1<m>, 2<m>, 3<m>, 4<m>]).re
const area : f64<m^100> = prod([2<m> for i in 0..100])
const runs : f64<m>[100] = cumsum([1<km> for i in 0..100])
model M { var one = 1 }
query q on M { return x0 = x[0] * 1<kg/m>, b0 = b[0, 0] * 1<kg>, l0 = l[0, 0] as <cm>, s0 = spectrum[0] as <m>, runs = runs[99] as <km> }
)");
  const Rows rows = answer("q");
  EXPECT_NEAR(cell(rows, 0, "x0"), 1.0 / 11, 1e-15);
  EXPECT_NEAR(cell(rows, 0, "b0"), 3.0 / 11, 1e-15);
  EXPECT_NEAR(cell(rows, 0, "l0"), 200, 1e-12);
  EXPECT_EQ(cell(rows, 0, "s0"), 10);
  EXPECT_EQ(cell(rows, 0, "runs"), 100);
}

constexpr const char* kLarge = R"(
dim N = 150
model M {
    input s : f64
    let wave = [sin(0.3 * i) + s for i in 0..N]
    var f : f64[N] = wave
    var order : f64[N] = sort(f)
    var run : f64[N] = cumsum(f)
    var highest = argmax(f)
    var low = argmin(f)
    var re : f64[76] = rfft(f).re
    var im : f64[76] = rfft(f).im
    var again : f64[N] = irfft(rfft(f), 150)
    var turned : f64[N] = fft(ifft(fft(f))).re
    let m = [if i == j then 10 + s else 1 / (1 + i + 2 * j) for i in 0..N, j in 0..N]
    var x : f64[N] = solve(m, f)
    var left : f64[N] = m @ x - f
    var worst = max(abs(left))
    var rows : i64[15] = argmax(reshape(f, 15, 10), axis: 1)
    var down : f64[15, 10] = cumsum(reshape(f, 15, 10), axis: 0)
}
query q on M { return f, order, run, highest, low, re, im, again, turned, worst, rows, last = down[14, 3] }
)";

TEST_F(Routines, LargeOnes) {
  compile(kLarge);
  const Rows rows = answer("q", "s\n0\n2\n");
  for (size_t r = 0; r < 2; ++r) {
    std::vector<double> f(150), sorted;
    for (int i = 0; i < 150; ++i) f[i] = cell(rows, r, "f", i);
    sorted = f;
    std::sort(sorted.begin(), sorted.end());
    double sum = 0;
    for (int i = 0; i < 150; ++i) {
      EXPECT_NEAR(f[i], std::sin(0.3 * i) + 2.0 * r, 1e-14);
      EXPECT_EQ(cell(rows, r, "order", i), sorted[i]);
      sum += f[i];
      EXPECT_EQ(cell(rows, r, "run", i), sum);
      EXPECT_NEAR(cell(rows, r, "again", i), f[i], 1e-14);
    }
    EXPECT_EQ(cell(rows, r, "highest"), std::max_element(f.begin(), f.end()) - f.begin());
    EXPECT_EQ(cell(rows, r, "low"), std::min_element(f.begin(), f.end()) - f.begin());
    for (int k = 0; k < 76; ++k) {
      double re = 0, im = 0;
      for (int j = 0; j < 150; ++j) re += f[j] * std::cos(2 * std::numbers::pi * (j * k % 150) / 150), im -= f[j] * std::sin(2 * std::numbers::pi * (j * k % 150) / 150);
      EXPECT_NEAR(cell(rows, r, "re", k), re, 1e-11);
      EXPECT_NEAR(cell(rows, r, "im", k), im, 1e-11);
      EXPECT_NEAR(cell(rows, r, "turned", k), re, 1e-11);
    }
    EXPECT_LT(cell(rows, r, "worst"), 1e-13);
    double last = 0;
    for (int i = 0; i < 15; ++i) {
      EXPECT_EQ(cell(rows, r, "rows", i), std::max_element(f.begin() + 10 * i, f.begin() + 10 * i + 10) - f.begin() - 10 * i);
      last += f[10 * i + 3];
    }
    EXPECT_EQ(cell(rows, r, "last"), last);
  }
}

TEST_F(Routines, SameBitsWhateverTheTiles) {
  compile(kLarge);
  std::string table = "s\n";
  for (int i = 0; i < 40; ++i) table += std::to_string(0.37 * i) + "\n";
  const std::string whole = ask("q", table, "--threads 1").out;
  EXPECT_EQ(ask("q", table, "--threads 2").out, whole);
  EXPECT_EQ(ask("q", table, "--threads 2 --tile-rows 3").out, whole);
}

TEST_F(Routines, ConstantsAreFoldedWithTheBitsOfTheRun) {
  compile(R"(
dim N = 200
const big : f64[N] = [sin(0.1 * i) for i in 0..N]
const total = sum(big)
const energy = big @ big
const most = max(big)
const where_most = argmax(big)
const shape : f64[2] = solve([[2, 1], [1, 3]], [total, energy])
model M { input s : f64
    var f : f64[N] = [sin(0.1 * i) + s for i in 0..N]
    var t = sum(f)
    var e = f @ f
}
query q on M { return t, e, total, energy, most, shape, where_most }
)");
  const Rows rows = answer("q", "s\n0\n");
  EXPECT_EQ(rows[0].at("t"), rows[0].at("total"));
  EXPECT_EQ(rows[0].at("e"), rows[0].at("energy"));
  EXPECT_EQ(cell(rows, 0, "where_most"), 16);
  EXPECT_NEAR(2 * cell(rows, 0, "shape", 0) + cell(rows, 0, "shape", 1), cell(rows, 0, "total"), 1e-13);
}

TEST_F(Routines, IndicesKnownOnlyWhenRunning) {
  compile(R"(
dim G = 3
model M {
    input g : index[G]
    input k : index[4]
    let table = [[100 * i + j for j in 0..4] for i in 0..G]
    let large = [1000 * i + j for i in 0..G, j in 0..100]
    var one = table[g, k]
    var row : f64[4] = table[g]
    var column : f64[3] = table[.., k]
    var part : f64[2] = table[g, 1..3]
    var far = large[g, k]
    var line : f64[100] = large[g]
}
query q on M { return one, row, column, part, far, end = line[99] }
)");
  const Rows rows = answer("q", "g,k\n0,3\n2,1\n");
  for (size_t r = 0; r < 2; ++r) {
    const double g = r == 0 ? 0 : 2, k = r == 0 ? 3 : 1;
    EXPECT_EQ(cell(rows, r, "one"), 100 * g + k);
    for (int j = 0; j < 4; ++j) EXPECT_EQ(cell(rows, r, "row", j), 100 * g + j);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(cell(rows, r, "column", i), 100 * i + k);
    for (int j = 0; j < 2; ++j) EXPECT_EQ(cell(rows, r, "part", j), 100 * g + 1 + j);
    EXPECT_EQ(cell(rows, r, "far"), 1000 * g + k);
    EXPECT_EQ(cell(rows, r, "end"), 1000 * g + 99);
  }
}

TEST_F(Routines, NoiseThroughTriangles) {
  compile(R"(
model M {
    input s : f64
    learn c : f64[3, 3] = [[4, 1, 1], [1, 3, 0.5], [1, 0.5, 2]]
    exo u : f64[3] ~ normal(0, 1)
    exo v : f64[3] ~ normal(0, 1)
    var m : f64[3] = [1, 2, 3] * s
    var x : f64[3] = cholesky(c) @ u + m            // computed
    var y : f64[3] = [if j <= i then c[i, j] else 0 for i in 0..3, j in 0..3] @ v + x   // learnt
}
query q on M { given x, y; do m = 0; return x, y }
)");
  EXPECT_NE(plan("q").find("exact"), std::string::npos);
  const Rows rows = answer("q", "s,x[0],x[1],x[2],y[0],y[1],y[2]\n2,1,2,3,4,5,6\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(cell(rows, 0, "x", i), i + 1 - 2 * (i + 1), 1e-13);
    EXPECT_NEAR(cell(rows, 0, "y", i), i + 4 - 2 * (i + 1), 1e-13);
  }
}

TEST_F(Routines, NoiseThroughSquareMatricesOfAnyKind) {
  compile(R"(
model M {
    input s : f64
    exo u : f64[3] ~ normal(0, 1)
    let w = [[1, 2, 0], [s, 1, 1], [0, 1, 3]]
    var m : f64[3] = [1, 2, 3]
    var x : f64[3] = w @ u + m
    exo a ~ normal(0, 1)
    exo b ~ normal(0, 1)
    var first = a + b + 1
    var again = 2 * a + 2 * b       // says what the first does: a check
    var second = 2 * a - s * b
    var third = a * b
}
query q on M { given x, first, second; do m = 10 * m; return x, third }
query twice on M { given first, again, second; return a }
query noises on M { given x, first, second; return u, a, b }
)");
  EXPECT_NE(plan("q").find("solved as one system of equations"), std::string::npos) << plan("q");
  const std::string table = "s,x[0],x[1],x[2],first,second\n4,7,8,9,3,1\n0.5,7,8,9,3,1\n-2,7,8,9,3,1\n";
  const Rows rows = answer("noises", table);
  for (size_t r = 0; r < 2; ++r) {
    const double s = r == 0 ? 4 : 0.5;
    double u[3];
    for (int i = 0; i < 3; ++i) u[i] = cell(rows, r, "u", i);
    EXPECT_NEAR(u[0] + 2 * u[1] + 1, 7, 1e-13);
    EXPECT_NEAR(s * u[0] + u[1] + u[2] + 2, 8, 1e-13);
    EXPECT_NEAR(u[1] + 3 * u[2] + 3, 9, 1e-13);
    const double a = cell(rows, r, "a"), b = cell(rows, r, "b");
    EXPECT_NEAR(a + b + 1, 3, 1e-13);
    EXPECT_NEAR(2 * a - s * b, 1, 1e-13);
  }
  // a + b and 2 a + 2 b say one thing twice: nothing determines a and b.
  EXPECT_EQ(rows.at(2).at("status"), "undefined");
  const Rows twice = answer("twice", "s,first,again,second\n4,3,4,1\n4,3,5,1\n");
  EXPECT_NEAR(cell(twice, 0, "a"), 1.5, 1e-13);
  EXPECT_EQ(twice.at(1).at("status"), "undefined");
  const Rows moved = answer("q", table);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(cell(moved, 0, "x", i), 7 + i + 9 * (i + 1), 1e-12);
}

TEST_F(Routines, NoiseOfAFewDozenElements) {
  compile(R"(
dim N = 20
model M {
    exo u : f64[N] ~ normal(0, 1)
    exo v : f64[N] ~ normal(0, 1)
    let c = [if i == j then 3 else 1 / (1 + abs(i - j)) for i in 0..N, j in 0..N]
    var x : f64[N] = cholesky(c) @ u + 1
    var y : f64[N] = c @ v + x
}
query q on M { given x, y; do x = x + 2; return y }
query noises on M { given x, y; return u, v }
)");
  std::ostringstream table;
  table << "x[0]";
  for (int i = 1; i < 40; ++i) table << "," << (i < 20 ? "x" : "y") << "[" << i % 20 << "]";
  table << "\n0";
  for (int i = 1; i < 40; ++i) table << "," << i * 7 % 11;
  table << "\n";
  const auto c = [](int i, int j) { return i == j ? 3 : 1.0 / (1 + std::abs(i - j)); };
  const Rows noises = answer("noises", table.str()), moved = answer("q", table.str());
  double square = 0;
  for (int i = 0; i < 20; ++i) {
    double sum = i * 7 % 11;
    for (int j = 0; j < 20; ++j) sum += c(i, j) * cell(noises, 0, "v", j);
    EXPECT_NEAR(sum, (i + 20) * 7 % 11, 1e-12);
    EXPECT_NEAR(cell(moved, 0, "y", i), (i + 20) * 7 % 11 + 2, 1e-12);
    square += cell(noises, 0, "u", i) * cell(noises, 0, "u", i);
  }
  // |u|² = (x - 1)ᵀ c⁻¹ (x - 1): solved here by Gauss-Jordan.
  double a[20][21];
  for (int i = 0; i < 20; ++i)
    for (int j = 0; j < 21; ++j) a[i][j] = j < 20 ? c(i, j) : i * 7 % 11 - 1;
  for (int k = 0; k < 20; ++k)
    for (int i = 0; i < 20; ++i)
      if (i != k)
        for (int j = 20; j >= k; --j) a[i][j] -= a[i][k] / a[k][k] * a[k][j];
  double expected = 0;
  for (int i = 0; i < 20; ++i) expected += (i * 7 % 11 - 1) * a[i][20] / a[i][i];
  EXPECT_NEAR(square, expected, 1e-11);
}

TEST_F(Routines, NoiseThroughLargeMatrices) {
  compile(R"(
dim N = 90
model M {
    exo u : f64[N] ~ normal(0, 1)
    exo v : f64[N] ~ normal(0, 1)
    exo w : f64[N] ~ normal(0, 1)
    input m : f64[N]
    let l = [if j < i then 0.3 / (i - j) else if j == i then 1 + 0.01 * i else 0 for i in 0..N, j in 0..N]
    let full = [if i == j then 5 else 1 / (1 + i + 2 * j) for i in 0..N, j in 0..N]
    var x : f64[N] = l @ u + m
    var y : f64[N] = reverse(full @ v) * exp(x / 100)
    var z : f64[N] = w @ full + 2 * y
}
query q on M { given x, y, z; do m = m + 1; return x, y, z }
query noises on M { given x, y, z; return u, v, w }
)");
  const std::string text = plan("q");
  EXPECT_NE(text.find("lower triangular; by substitution"), std::string::npos) << text;
  EXPECT_NE(text.find("by its factors"), std::string::npos) << text;
  constexpr int n = 90;
  std::mt19937_64 generator(1);
  std::normal_distribution<double> normal;
  std::ostringstream table;
  table.precision(17);
  std::vector<double> x(n), y(n), z(n), m(n);
  for (const char* name : {"m", "x", "y", "z"})
    for (int i = 0; i < n; ++i) table << (name[0] == 'm' && i == 0 ? "" : ",") << name << "[" << i << "]";
  table << "\n";
  bool first = true;
  for (auto* values : {&m, &x, &y, &z})
    for (double& value : *values) table << (first ? "" : ",") << (value = normal(generator)), first = false;
  table << "\n";
  const Rows noises = answer("noises", table.str());
  const auto full = [](int i, int j) { return i == j ? 5 : 1.0 / (1 + i + 2 * j); };
  for (int i = 0; i < n; ++i) {
    double lu = m[i], fv = 0, wf = 2 * y[i];
    for (int j = 0; j < n; ++j) {
      if (j <= i) lu += (j < i ? 0.3 / (i - j) : 1 + 0.01 * i) * cell(noises, 0, "u", j);
      fv += full(n - 1 - i, j) * cell(noises, 0, "v", j);
      wf += cell(noises, 0, "w", j) * full(j, i);
    }
    EXPECT_NEAR(lu, x[i], 1e-12);
    EXPECT_NEAR(fv * std::exp(x[i] / 100), y[i], 1e-12);
    EXPECT_NEAR(wf, z[i], 1e-12);
  }
  const Rows moved = answer("q", table.str());
  for (int i = 0; i < n; ++i) {
    EXPECT_NEAR(cell(moved, 0, "x", i), x[i] + 1, 1e-12);
    EXPECT_NEAR(cell(moved, 0, "y", i), y[i] * std::exp(0.01), 1e-12);
  }
}

TEST_F(Routines, NeuralLocationScaleIsExactInItsNoise) {
  compile(R"(
mechanism dense[N, M](x: f64[N]) -> f64[M] {
    learn w : f64[M, N] = xavier_normal()
    learn b : f64[M] = zeros()
    return w @ x + b
}
model M {
    input t : f64
    exo u : f64[70] ~ normal(0, 1)
    exo e ~ normal(0, 1)
    var mu : f64[70] = dense[16, 70](tanh(dense[1, 16]([t])))
    var scale : f64[70] = exp(dense[16, 70](tanh(dense[1, 16]([t]))))
    var x : f64[70] = mu + scale * u
    var y = sum(dense[70, 1](tanh(x))) + exp(sum(dense[70, 1](x / 100))) * e
}
query moved on M { given x, y; world w { do t = t + 1 }; return diff = (w.x - w.mu) / w.scale - (x - mu) / scale }
)");
  std::ostringstream table;
  table.precision(17);
  std::mt19937_64 generator(2);
  std::normal_distribution<double> normal;
  table << "t,y";
  for (int i = 0; i < 70; ++i) table << ",x[" << i << "]";
  table << "\n0.5,1.5";
  for (int i = 0; i < 70; ++i) table << "," << normal(generator);
  table << "\n";
  const Rows moved = answer("moved", table.str(), "--seed 3");
  for (int i = 0; i < 70; ++i) EXPECT_NEAR(cell(moved, 0, "diff", i), 0, 1e-12);
}

TEST_F(Routines, DrawsOfVectors) {
  compile(R"(
model M { exo u : f64[70] ~ normal(0, 1)
    var x : f64[70] = sort(u)
    var s : f64[3] = cumsum(u[..3]) }
query q on M { return draws[x, s] }
)");
  const Rows rows = answer("q", "", "--draws 50 --seed 1");
  ASSERT_EQ(rows.size(), 50u);
  for (size_t r = 0; r < rows.size(); ++r)
    for (int i = 1; i < 70; ++i) EXPECT_LE(cell(rows, r, "x", i - 1), cell(rows, r, "x", i));
}

}  // namespace
}  // namespace acie::testing
