// Parts of tensors of more than 64 elements: evidence on some elements, several interventions on one variable, elements that depend
// on each other, and noise that cannot be recovered. Against numbers computed here in plain C++.

#include <gtest/gtest.h>

#include <functional>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

class TensorParts : public ProgramTest {};

constexpr int kSize = 100;

TEST_F(TensorParts, SeveralInterventionsSetDifferentElements) {
  compile(R"(
model M {
    exo u : f64[100] ~ normal(0, 1)
    var x : f64[100] = exp(0.1 * u)
    var y : f64[100] = 2 * x
}
query two on M { given x; do x[10..20] = 7; do x[50] = x[50] + 1; do x[60..] = 3 * x[60..] if factual.y[0] > 2; return y }
query mixed on M { do x[..2] ~ normal([5, 50], [1, 2]); do x[2..4] ~ normal(100, 3); do x[4] = 0; return a = E[x[0]], b = E[x[1]], c = sd[x[3]], d = E[x[4]], same = E[x[5]] }
)");
  const auto u = random_rows(3, kSize, 7);
  std::vector<Vector> x = u;
  for (Vector& row : x)
    for (double& value : row) value = std::exp(0.1 * value);
  const Rows rows = answer("two", table({{"x", x}}));
  for (size_t r = 0; r < x.size(); ++r)
    for (int i = 0; i < kSize; ++i) {
      double expected = x[r][i];
      if (i >= 10 && i < 20) expected = 7;
      if (i == 50) expected += 1;
      if (i >= 60 && 2 * x[r][0] > 2) expected *= 3;
      EXPECT_NEAR(at(rows, r, "y", i), 2 * expected, 1e-14) << i;
    }
  const Rows drawn = answer("mixed", "--draws 20000");
  EXPECT_NEAR(at(drawn, 0, "a"), 5, 0.05);
  EXPECT_NEAR(at(drawn, 0, "b"), 50, 0.1);
  EXPECT_NEAR(at(drawn, 0, "c"), 3, 0.1);
  EXPECT_EQ(at(drawn, 0, "d"), 0);
  EXPECT_NEAR(at(drawn, 0, "same"), std::exp(0.005), 0.005);
}

// What one statement reads of a tensor another sets, by itself or where a named intervention is applied; what a value reads is made of
// other elements than it sets. As of 3 elements, which are a variable each, so of 70.
TEST_F(TensorParts, InterventionsReadWhatOthersSet) {
  const std::vector<std::string> reads_five = {"do x[0] = 5; do x[2] = x[0]", "do both(5)", "do first(5); do x[2] = x[0]", "let y0 = x[0]; do x[0] = 5; do x[2] = y0", "do x[0] = 5; do copied(x[0])", "do nested()"};
  for (const int size : {3, 70}) {
    SCOPED_TRACE(size);
    std::string program = "dim W = " + std::to_string(size) + R"(
model M {
    exo u : f64[W] ~ normal(0, 1)
    var x : f64[W] = exp(0.1 * u)
    var y : f64[W] = 2 * x
    var z : f64[W] = y + 1
}
intervention both(a: f64) on M { do x[0] = a; do x[2] = x[0] }
intervention first(a: f64) on M { do x[0] = a }
intervention copied(a: f64) on M { do x[2] = a }
intervention third on M { let before = x[0]; do x[2] = before }
intervention nested on M { do first(5); do third() }
query through on M { given x; do x[2] = z[0]; return z }
query around on M { given x; do y[1] = 3; do x[2] = y[1]; return z }
query other on M { given x; world w { do both(5) }; return w.z }
)";
    for (size_t i = 0; i < reads_five.size(); ++i) program += "query q" + std::to_string(i) + " on M { given x; " + reads_five[i] + "; return z }\n";
    compile(program);
    std::vector<Vector> x = random_rows(2, size, 17);
    for (Vector& row : x)
      for (double& value : row) value = std::exp(0.1 * value);
    const std::string data = table({{"x", x}});
    for (size_t i = 0; i < reads_five.size(); ++i) {
      const Rows rows = answer("q" + std::to_string(i), data);
      for (size_t r = 0; r < x.size(); ++r)
        for (int k = 0; k < size; ++k) EXPECT_NEAR(at(rows, r, "z", k), 2 * (k == 0 || k == 2 ? 5 : x[r][k]) + 1, 1e-14) << reads_five[i];
    }
    const Rows other = answer("other", data), through = answer("through", data), around = answer("around", data);
    for (size_t r = 0; r < x.size(); ++r) {
      EXPECT_EQ(at(other, r, "w.z", 2), 11);
      EXPECT_NEAR(at(through, r, "z", 2), 2 * (2 * x[r][0] + 1) + 1, 1e-13);
      EXPECT_NEAR(at(through, r, "z", 1), 2 * x[r][1] + 1, 1e-14);
      EXPECT_EQ(at(around, r, "z", 1), 4);
      EXPECT_EQ(at(around, r, "z", 2), 7);
    }
  }
}

// Lists of indices in any order, fields of records, probabilities that all elements share, and variables of `over` on the way.
TEST_F(TensorParts, PartsOfSmallAndLargeTensorsAreSetAlike) {
  for (const int size : {3, 70}) {
    SCOPED_TRACE(size);
    const std::string program = "dim W = " + std::to_string(size) + R"(
type Pair = {a: f64[W], b: f64}
model M {
    exo u : f64[W] ~ normal(0, 1)
    var x : f64[W] = exp(0.1 * u)
    var y : f64[W] = 2 * x
    var r : Pair = {a: x, b: 2.0}
    var s : f64[W] = 3 * r.a
    var d : i64[W] = where(x > 0, 1, 3)
    over t in 0..3 { var z = 2 * x[t] }
}
intervention fields on M { do r.a[0] = 5; do r.a[2] = r.a[0] }
query backwards on M { given x; do x[[2, 1]] = [x[1], 5]; return y }
query own on M { given x; do x[[1, 0]] = [3, 2 * x[0]]; return y }
query record on M { given x; do r.a[0] = 5; do r.a[2] = r.a[0]; return s }
query named on M { given x; do fields(); return s }
query around on M { given x; do r.a[2] = s[0]; return s }
query steps on M { given x; do x[2] = z[0]; return y }
query literal on M { given x; let p = {a: y, b: 1.0}; do x[2] = p.a[0]; return y }
query chosen on M { given x; do d[..2] ~ categorical([0, 0, 1]); return a = E[d[0]], b = E[d[1]], c = E[d[2]] }
)";
    compile(program);
    std::vector<Vector> x = random_rows(2, size, 23);
    for (Vector& row : x)
      for (double& value : row) value = std::exp(0.1 * value);
    const std::string data = table({{"x", x}});
    const auto expect = [&](const std::string& query, const char* name, double factor, const std::function<void(Vector&)>& set) {
      const Rows rows = answer(query, data);
      for (size_t r = 0; r < x.size(); ++r) {
        Vector expected = x[r];
        set(expected);
        for (int k = 0; k < size; ++k) EXPECT_NEAR(at(rows, r, name, k), factor * expected[static_cast<size_t>(k)], 1e-13) << query << k;
      }
    };
    expect("backwards", "y", 2, [](Vector& v) { v[2] = v[1], v[1] = 5; });
    expect("own", "y", 2, [](Vector& v) { v[1] = 3, v[0] = 2 * v[0]; });
    for (const char* query : {"record", "named"}) expect(query, "s", 3, [](Vector& v) { v[0] = v[2] = 5; });
    expect("around", "s", 3, [](Vector& v) { v[2] = 3 * v[0]; });
    for (const char* query : {"steps", "literal"}) expect(query, "y", 2, [](Vector& v) { v[2] = 2 * v[0]; });
    const Rows chosen = answer("chosen", data + " --draws 100");
    EXPECT_EQ(at(chosen, 0, "a"), 2);
    EXPECT_EQ(at(chosen, 0, "b"), 2);
    EXPECT_EQ(at(chosen, 0, "c"), 1);
  }
}

TEST_F(TensorParts, EvidenceOnSomeElementsAndConstants) {
  compile(R"(
model M {
    input base : f64[100]
    exo u : f64[100] ~ normal(0, 1)
    var x : f64[100] = base + 2 * u
    var pairs : f64[99] = x[1..] - x[..-1]
}
query slice on M { given x[10..20]; do base = 0; return x[10..20], u[12] }
query constant on M { given x = [0.5 * i for i in 0..100]; do base = base + 1; return x[98..], step = pairs[3] }
query asked on M { given x; do? base; return x }
)");
  // One line for all elements of what the run may set, and for what it answers.
  const std::string listing = run(runner() + " " + package() + " --allow-unsigned").out;
  EXPECT_NE(listing.find("--given x[I]=VALUE (100 elements, with defaults of their own)"), std::string::npos) << listing;
  EXPECT_NE(listing.find("--do base[I]=VALUE (100 elements, by default 0)"), std::string::npos) << listing;
  EXPECT_NE(listing.find("do? do.base[I]\n"), std::string::npos) << listing;
  EXPECT_NE(listing.find("answers x[100]\n"), std::string::npos) << listing;
  const auto base = random_rows(2, kSize, 1), x = random_rows(2, kSize, 2);
  const Rows slice = answer("slice", table({{"base", base}, {"x", x}}));
  const Rows constant = answer("constant", table({{"base", base}}));
  std::vector<Vector> zero(2, Vector(kSize, 0));
  const Rows asked = answer("asked", table({{"base", base}, {"x", x}, {"do.base", zero}}));
  for (size_t r = 0; r < 2; ++r) {
    EXPECT_NEAR(at(slice, r, "x", 13), x[r][13] - base[r][13], 1e-14);
    EXPECT_NEAR(at(slice, r, "u", 12), (x[r][12] - base[r][12]) / 2, 1e-14);
    EXPECT_NEAR(at(constant, r, "x", 99), 50.5, 1e-13);
    EXPECT_NEAR(at(constant, r, "step"), 0.5, 1e-13);
    EXPECT_NEAR(at(asked, r, "x", 7), x[r][7] - base[r][7], 1e-14);
  }
}

TEST_F(TensorParts, ElementsThatNeedOthers) {
  compile(R"(
model M {
    exo u : f64[100] ~ normal(0, 1)
    var x : f64[100] = [(if i == 0 then 10 else 0.5 * x[i-1]) + u[i] for i in 0..100]
    var total = sum(x)
}
query shifted on M { given x; do x[3] = 1 + x[3]; return x, total, u[50] }
)");
  const auto x = random_rows(2, kSize, 3);
  const Rows rows = answer("shifted", table({{"x", x}}));
  for (size_t r = 0; r < 2; ++r) {
    double total = 0;
    for (int i = 0; i < kSize; ++i) {
      const double expected = x[r][i] + (i >= 3 ? std::pow(0.5, i - 3) : 0);
      EXPECT_NEAR(at(rows, r, "x", i), expected, 1e-13) << i;
      total += expected;
    }
    EXPECT_NEAR(at(rows, r, "total"), total, 1e-11);
    EXPECT_NEAR(at(rows, r, "u", 50), x[r][50] - 0.5 * x[r][49], 1e-14);
  }
}

// A measurement without weight says nothing of its noise: neither a number nor an empty cell that passes for an answer.
TEST_F(TensorParts, NoiseOfInfiniteScaleIsUndefined) {
  compile(R"(
model M {
    input weight : f64
    exo u ~ normal(0, 1)
    var x = 3 + u / sqrt(weight)
    var y = 3 + u * (1 / weight)
}
query by_quotient on M { given x; do weight = 4; return x }
query by_product on M { given y; do weight = 4; return y }
)");
  const std::string data = table({{"weight", {{0}, {1}}}, {"x", {{5}, {5}}}, {"y", {{5}, {5}}}});
  for (const std::string query : {"by_quotient", "by_product"}) {
    const Rows rows = answer(query, data);
    EXPECT_EQ(rows.at(0).at("status"), "undefined") << query;
    EXPECT_EQ(rows.at(1).at("status"), "ok") << query;
    EXPECT_NEAR(at(rows, 1, query == "by_quotient" ? "x" : "y"), query == "by_quotient" ? 4 : 3.5, 1e-14);
  }
}

// Estimates and summaries of every element, against the draws and rows themselves.
TEST_F(TensorParts, EstimatesOfLongVectors) {
  compile(R"(
model M {
    exo u : f64[100] ~ normal(0, 1)
    var x : f64[100] = exp(0.1 * u)
}
query estimates on M { return mean = E[x], spread = Var[x[..70]], likely = P[x[3..] > 1] }
query random on M { return x }
query each on M { return draws[x] }
query table on M { given x; return mean = rows.mean(x), most = rows.max(x) }
)");
  const Rows estimates = answer("estimates", "--draws 500 --seed 2"), random = answer("random", "--draws 500 --seed 2"), each = answer("each", "--draws 500 --seed 2");
  ASSERT_EQ(each.size(), 500u);
  const auto x = random_rows(7, kSize, 4);
  const Rows summary = answer("table", table({{"x", x}}));
  for (const int i : {0, 3, 69, 99}) {
    double sum = 0, squares = 0, above = 0, total = 0, most = -1e9;
    for (size_t d = 0; d < each.size(); ++d) {
      const double value = at(each, d, "x", i);
      sum += value;
      above += value > 1;
    }
    const double mean = sum / 500;
    for (size_t d = 0; d < each.size(); ++d) squares += (at(each, d, "x", i) - mean) * (at(each, d, "x", i) - mean);
    EXPECT_NEAR(at(estimates, 0, "mean", i), mean, 1e-12);
    EXPECT_NEAR(at(random, 0, "x[" + std::to_string(i) + "].mean"), mean, 1e-12);
    EXPECT_NEAR(at(random, 0, "x[" + std::to_string(i) + "].sd"), std::sqrt(squares / 499), 1e-12);
    if (i < 70) EXPECT_NEAR(at(estimates, 0, "spread", i), squares / 499, 1e-12);
    if (i >= 3) EXPECT_NEAR(at(estimates, 0, "likely", i - 3), above / 500, 1e-12);
    for (const Vector& row : x) {
      total += row[static_cast<size_t>(i)];
      most = std::max(most, row[static_cast<size_t>(i)]);
    }
    EXPECT_NEAR(at(summary, 0, "mean", i), total / 7, 1e-14);
    EXPECT_EQ(at(summary, 0, "most", i), most);
  }
}

// Conservation of vectors, checked row by row and world by world.
TEST_F(TensorParts, ConservationLawsOfLongVectors) {
  compile(R"(
model M {
    exo u : f64[100] ~ normal(0, 1)
    var mass : f64<kg>[100] = exp(u) * 1<kg>
    var moved : f64<kg>[100] = concat(mass[99..], mass[..99])
}
constraint kept on M {
    sum(moved) == sum(mass)   tolerance 1e-12
    moved >= 0<kg>
    cumsum(moved[..3]) == [mass[99], mass[99] + mass[0], mass[99] + mass[0] + mass[1]]   tolerance 1e-12
}
query q on M { given mass; world lost { do moved[5..8] = 0<kg> }; return factual.kept.ok, lost.kept.ok, lost.kept.residual }
)");
  auto mass = random_rows(2, kSize, 9);
  for (Vector& row : mass)
    for (double& value : row) value = std::exp(value);
  const Rows rows = answer("q", table({{"mass", mass}}));
  for (size_t r = 0; r < 2; ++r) {
    double all = 0, lost = 0;
    for (int i = 0; i < kSize; ++i) {
      all += mass[r][i];
      if (i >= 4 && i < 7) lost += mass[r][i];
    }
    EXPECT_EQ(rows[r].at("factual.kept.ok"), "true");
    EXPECT_EQ(rows[r].at("lost.kept.ok"), "false");
    EXPECT_NEAR(at(rows, r, "lost.kept.residual"), lost / all, 1e-12);
  }
}

/// Sums and solutions of systems of equations, undone: noise comes back, and with it what would have been.
TEST_F(TensorParts, NoiseThroughSums) {
  compile(R"(
dim J
model Sums {
    input base : f64[J]
    exo u : f64[J] ~ normal(0, 1)
    var x : f64[J] = cumsum(base + 0.5 * u)
    var total = sum(x)
}
query sums on Sums { given x; do base = 2 * base; return x, total, u }
model Lines {
    exo v : f64[3, 40] ~ normal(0, 1)
    var y : f64[3, 40] = 3 * cumsum(v, axis: 1)
}
query lines on Lines { given y; return v }
)");
  for (const int n : {5, 90}) {
    const auto base = random_rows(2, n, 1), u = random_rows(2, n, 2);
    std::vector<Vector> x(2, Vector(n));
    for (int r = 0; r < 2; ++r)
      for (int i = 0; i < n; ++i) x[r][i] = (i > 0 ? x[r][i - 1] : 0) + base[r][i] + 0.5 * u[r][i];
    const Rows rows = answer("sums", table({{"base", base}, {"x", x}}));
    for (int r = 0; r < 2; ++r) {
      double sum = 0, total = 0;
      for (int i = 0; i < n; ++i) {
        sum += 2 * base[r][i] + 0.5 * u[r][i];
        total += sum;
        EXPECT_NEAR(at(rows, r, "x", i), sum, 1e-11);
        EXPECT_NEAR(at(rows, r, "u", i), u[r][i], 1e-11);
      }
      EXPECT_NEAR(at(rows, r, "total"), total, 1e-9);
    }
  }
  const auto v = random_rows(2, 3 * 40, 3);
  std::vector<Vector> y = v;
  for (Vector& row : y)
    for (int i = 0; i < 3 * 40; ++i) row[i] = 3 * row[i] + (i % 40 > 0 ? row[i - 1] : 0);
  const Rows rows = answer("lines", matrix_table({{"y", {3, 40}, y}}));
  for (int r = 0; r < 2; ++r)
    for (int i = 0; i < 3 * 40; ++i) EXPECT_NEAR(at(rows, r, "\"v[" + std::to_string(i / 40) + "," + std::to_string(i % 40) + "]\""), v[r][i], 1e-12);
}

TEST_F(TensorParts, NoiseThroughSystemsOfEquations) {
  compile(R"(
const m = [(if i == j then 3.0 else 0.0) + 1 / (1 + (i - j)^2) for i in 0..80, j in 0..80]
model Systems {
    input base : f64[80]
    exo u : f64[80] ~ normal(0, 1)
    exo v : f64[80] ~ normal(0, 1)
    exo w : f64[80] ~ normal(0, 1)
    var x : f64[80] = solve(m, base + u)
    var y : f64[80] = triangular_solve(m, base + v)
    var z : f64[80] = triangular_solve(m, base + w, lower: false)
}
query solved on Systems { given x, y, z; do base = base + 1; return u, v, w, x }
)");
  constexpr int kN = 80;
  const auto m = [](int i, int j) { return (i == j ? 3.0 : 0.0) + 1.0 / (1 + (i - j) * (i - j)); };
  const auto base = random_rows(2, kN, 4), x = random_rows(2, kN, 5), y = random_rows(2, kN, 6), z = random_rows(2, kN, 7);
  const Rows rows = answer("solved", table({{"base", base}, {"x", x}, {"y", y}, {"z", z}}));
  for (int r = 0; r < 2; ++r)
    for (int i = 0; i < kN; ++i) {
      double full = 0, lower = 0, upper = 0, moved = 0;
      for (int j = 0; j < kN; ++j) {
        full += m(i, j) * x[r][j];
        if (j <= i) lower += m(i, j) * y[r][j];
        if (j >= i) upper += m(i, j) * z[r][j];
        moved += m(i, j) * at(rows, r, "x", j);
      }
      EXPECT_NEAR(at(rows, r, "u", i), full - base[r][i], 1e-12);
      EXPECT_NEAR(at(rows, r, "v", i), lower - base[r][i], 1e-12);
      EXPECT_NEAR(at(rows, r, "w", i), upper - base[r][i], 1e-12);
      EXPECT_NEAR(moved, full + 1, 1e-11);
    }
}

/// A column for each element, whatever the columns are called.
TEST_F(TensorParts, ColumnsOfElements) {
  compile(R"(
model Bands {
    input flux : f64[100] from columns("m{1..60}", "n{61..100}")
    exo u : f64[100] ~ normal(0, 1)
    var y : f64[100] = flux + u
}
query q on Bands { given y; do flux = 2 * flux; return y }
)");
  const auto flux = random_rows(3, 100, 8), y = random_rows(3, 100, 9);
  std::vector<std::pair<std::string, std::vector<Vector>>> columns;
  for (int i = 99; i >= 0; --i) {
    std::vector<Vector> own;
    for (const Vector& row : flux) own.push_back({row[i]});
    columns.emplace_back((i < 60 ? "m" : "n") + std::to_string(i + 1), own);
  }
  columns.emplace_back("y", y);
  const Rows rows = answer("q", table(columns));
  for (size_t r = 0; r < flux.size(); ++r)
    for (int i = 0; i < 100; ++i) EXPECT_NEAR(at(rows, r, "y", i), y[r][i] + flux[r][i], 1e-14);
  columns.erase(columns.begin() + 7);
  const CommandResult ran = run(runner() + " " + package() + " q --allow-unsigned --out - " + table(columns));
  EXPECT_NE(ran.exit_code, 0);
  EXPECT_NE(ran.err.find("has no column 'n93' for 'flux[92]'"), std::string::npos) << ran.err;
}

/// Axes by the names of their dimensions.
TEST_F(TensorParts, IndicesThatNameTheirAxes) {
  compile(R"(
dim W = 30, K = 4
dim J
model M {
    input x : f64[W, K]
    input g : index[K]
    input z : f64[J, K]
    exo u : f64[W, K] ~ normal(0, 1)
    var y : f64[W, K] = x + u
    var picked = y[K = g, W = 3]
    var part = sum(y[W = 1..3])
    var last = sum(z[J = -1]) + sum(z[K = 1..])
}
query q on M { given y; do y[K = 1] = 0; return picked, part, last, line = y[K = 2, W = ..2] }
)");
  const auto x = random_rows(2, 120, 10), y = random_rows(2, 120, 11), z = random_rows(2, 5 * 4, 12);
  const std::vector<Vector> g = {{1}, {3}};
  const Rows rows = answer("q", matrix_table({{"x", {30, 4}, x}, {"y", {30, 4}, y}, {"z", {5, 4}, z}, {"g", {0, 0}, g}}));
  for (int r = 0; r < 2; ++r) {
    const auto set = [&](int i, int k) { return k == 1 ? 0 : y[r][i * 4 + k]; };
    EXPECT_EQ(at(rows, r, "picked"), set(3, static_cast<int>(g[r][0])));
    double part = 0, last = 0;
    for (int k = 0; k < 4; ++k) part += set(1, k) + set(2, k), last += z[r][16 + k];
    for (int i = 0; i < 20; ++i) last += i % 4 > 0 ? z[r][i] : 0;
    EXPECT_NEAR(at(rows, r, "part"), part, 1e-13);
    EXPECT_NEAR(at(rows, r, "last"), last, 1e-13);
    EXPECT_EQ(at(rows, r, "line", 1), set(1, 2));
  }
}

/// A constant for each of more elements than are written out.
TEST_F(TensorParts, ConstantsOfManyElements) {
  compile(R"(
model M {
    exo u : f64[5000] ~ normal(0, 1)
    var x : f64[5000] = 1 + 2 * u
}
query each on M { given x = [0.5 * i for i in 0..5000]; return part = u[4000..4003], s = sum(u) }
query one on M { given x = 4; return u[17], s = sum(u) }
)");
  const Rows each = answer("each", ""), one = answer("one", "");
  double sum = 0;
  for (int i = 0; i < 5000; ++i) sum += (0.5 * i - 1) / 2;
  EXPECT_EQ(at(each, 0, "part", 2), (0.5 * 4002 - 1) / 2);
  EXPECT_NEAR(at(each, 0, "s"), sum, 1e-6);
  EXPECT_EQ(at(one, 0, "u[17]"), 1.5);
  EXPECT_NEAR(at(one, 0, "s"), 7500, 1e-9);
}

}  // namespace
}  // namespace acie::testing
