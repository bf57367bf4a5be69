// Evidence and noise of different shapes: one noise in many elements, evidence that reaches a noise through variables that are not
// given, more equations than noises and fewer, against numbers derived here.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

class VectorEvidence : public ProgramTest {
 protected:
  Rows with_bad_rows(const std::string& query, const std::string& data) {
    return parse_csv(run(runner() + " " + package() + " " + query + " --allow-unsigned --out - --on-bad-row null " + data).out);
  }
};

constexpr int kRows = 5;

TEST_F(VectorEvidence, OneNoiseInTheElementsOfAVectorIsFoundFromTheirSumOrAnyOfThem) {
  for (const int size : {5, 100}) {
    const std::string n = std::to_string(size);
    compile("model M {\n    input w : f64[" + n + "]\n    exo u ~ normal(0, 1)\n    var s : f64[" + n + "] = w * u + 1\n    var light = sum(s)\n    var grown : f64[" + n + "] = 3 * exp(w * u)\n}\n" + R"(
query sum_of on M { given light  do w = 2 * w  return u, s, light }
query all on M { given s  return u }
query grown_of on M { given grown  do w = 2 * w  return u, grown }
)");
    const auto w = random_rows(kRows, size, 1), u = random_rows(kRows, 1, 2);
    std::vector<Vector> s(kRows), light(kRows), grown(kRows);
    for (int r = 0; r < kRows; ++r) {
      double total = 0;
      for (int i = 0; i < size; ++i) {
        s[r].push_back(w[r][i] * u[r][0] + 1);
        total += s[r][i];
        grown[r].push_back(3 * std::exp(w[r][i] * u[r][0]));
      }
      light[r] = {total};
    }
    const std::string data = table({{"w", w}, {"light", light}, {"s", s}, {"grown", grown}});
    const Rows sums = answer("sum_of", data), all = answer("all", data), growth = answer("grown_of", data);
    ASSERT_EQ(sums.size(), kRows);
    for (int r = 0; r < kRows; ++r) {
      EXPECT_EQ(sums[r].at("status"), "ok");
      EXPECT_NEAR(at(sums, r, "u"), u[r][0], 1e-12);
      EXPECT_NEAR(at(all, r, "u"), u[r][0], 1e-14);
      EXPECT_NEAR(at(growth, r, "u"), u[r][0], 1e-12);
      const double weights = std::accumulate(w[r].begin(), w[r].end(), 0.0);
      EXPECT_NEAR(at(sums, r, "light"), size + 2 * weights * u[r][0], 1e-11);
      for (int i = 0; i < size; ++i) {
        EXPECT_NEAR(at(sums, r, "s", i), 2 * w[r][i] * u[r][0] + 1, 1e-11);
        EXPECT_NEAR(at(growth, r, "grown", i), 3 * std::exp(2 * w[r][i] * u[r][0]), 1e-11 * grown[r][i] * grown[r][i]);
      }
    }
    for (const char* how : {"--tile-rows 1", "--tile-rows 3 --threads 2", "--target x86-64-v3"}) EXPECT_EQ(answer("grown_of", data + " " + how), growth) << how;
    // An element that does not agree with the others.
    s[2][size - 1] += 1e-6;
    grown[3][0] *= 1 + 1e-6;
    const std::string wrong = table({{"w", w}, {"light", light}, {"s", s}, {"grown", grown}});
    const Rows bad = with_bad_rows("all", wrong), bad_growth = with_bad_rows("grown_of", wrong);
    for (int r = 0; r < kRows; ++r) {
      EXPECT_EQ(bad[r].at("status"), r == 2 ? "undefined" : "ok");
      EXPECT_EQ(bad_growth[r].at("status"), r == 3 ? "undefined" : "ok");
    }
  }
}

TEST_F(VectorEvidence, ElementsThatDoNotDependOnTheNoiseDoNotHideIt) {
  compile(R"(
model Small {
    exo u ~ normal(0, 1)
    var s : f64[3] = [0, 0.001, 2] * u + 1
}
query small on Small { given s  return u }
model Large {
    input w : f64[80]
    exo u ~ normal(0, 1)
    var s : f64[80] = w * u + 1
    var g : f64[80] = (w * u)^3
}
query large on Large { given s  return u }
query cubed on Large { given g  return u }
)");
  const Rows small = answer("small", table({{"s", {{1, 1.0015, 4}, {1, 0.9985, -2}}}}));
  EXPECT_EQ(at(small, 0, "u"), 1.5);
  EXPECT_EQ(at(small, 1, "u"), -1.5);
  Vector w(80, 0), s(80, 1), g(80, 0);
  w[3] = 1e-3, w[40] = 2;
  s[3] = 1 + 1e-3 * 1.5, s[40] = 4;
  g[3] = std::pow(1e-3 * 1.5, 3), g[40] = 27;
  const std::string data = table({{"w", {w, Vector(80, 0)}}, {"s", {s, Vector(80, 1)}}, {"g", {g, Vector(80, 0)}}});
  const Rows large = with_bad_rows("large", data), cubed = with_bad_rows("cubed", data);
  EXPECT_EQ(at(large, 0, "u"), 1.5);
  EXPECT_NEAR(at(cubed, 0, "u"), 1.5, 1e-15);
  EXPECT_EQ(large[1].at("status"), "undefined") << "no element says what the noise was";
  EXPECT_EQ(cubed[1].at("status"), "undefined") << "no element says what the noise was";
}

TEST_F(VectorEvidence, SystemsThroughVariablesThatAreNotGivenAndByLearntMatrices) {
  compile(R"(
const d = [[1, 2, 0], [0, 1, 1]]
model M {
    learn a : f64[3, 2] = [[2, 1], [1, 3], [1, 1]]
    learn q : f64[2, 2] = [[2, 1], [1, 3]]
    exo u : f64[2] ~ normal(0, 1)
    exo v : f64[2] ~ normal(0, 1)
    var s : f64[3] = a @ u
    var t : f64[2] = d @ s + [1, 2]
    var r : f64[2] = q @ v
    var p : f64[3] = a @ v
}
query through on M { given t  do s = 2 * s  return u, t }
query learnt on M { given r  return v }
query more on M { given p  return v }
)");
  // s = (2u + v, u + 3v, u + v); t = (4u + 7v + 1, 2u + 4v + 2).
  const double u = 0.5, v = -1.5;
  const Rows through = answer("through", table({{"t", {{4 * u + 7 * v + 1, 2 * u + 4 * v + 2}}}}));
  EXPECT_NEAR(at(through, 0, "u", 0), u, 1e-14);
  EXPECT_NEAR(at(through, 0, "u", 1), v, 1e-14);
  EXPECT_NEAR(at(through, 0, "t", 0), 2 * (4 * u + 7 * v) + 1, 1e-13);
  EXPECT_NEAR(at(through, 0, "t", 1), 2 * (2 * u + 4 * v) + 2, 1e-13);
  const Rows learnt = answer("learnt", table({{"r", {{2 * u + v, u + 3 * v}}}}));
  EXPECT_NEAR(at(learnt, 0, "v", 0), u, 1e-15);
  EXPECT_NEAR(at(learnt, 0, "v", 1), v, 1e-15);
  const Rows more = with_bad_rows("more", table({{"p", {{2 * u + v, u + 3 * v, u + v}, {2 * u + v, u + 3 * v, u + v + 1e-6}}}}));
  EXPECT_NEAR(at(more, 0, "v", 0), u, 1e-15);
  EXPECT_EQ(more[1].at("status"), "undefined");
}

TEST_F(VectorEvidence, NormalNoisesAreConditioned) {
  compile(R"(
model M {
    input scale : f64
    exo u ~ normal(1, 2)
    exo e ~ normal(0, 0.5)
    exo v ~ normal(0, 1)
    exo n : f64[20] ~ normal(0, 1)
    exo a : f64[100] ~ normal(0, 2)
    exo c : f64[100] ~ normal(1, 1)
    var x = scale * u + e
    var y = u + v
    var total = fold(0, n, |s, each| 0.9 * s + each)
    var w : f64[100] = a + 3 * c
}
query seen on M { given x  return u, E[y], sd[y] }
query moved on M { given x  do scale = 2 * scale  return x }
query kept on M { given x  world same { do scale = scale }  return same.x }
query folded on M { given total  return first = n[0], last = n[19] }
query large on M { given w  return a[3], c[3] }
)");
  const CommandResult plan = run(compiler() + " " + (folder_ / "program.acie").string() + " --emit=plan");
  EXPECT_NE(plan.out.find("conjugate, drawn given x: x is linear in u, e, which are normal"), std::string::npos) << plan.out;
  const std::vector<Vector> scale = {{1}, {0.5}, {0}}, x = {{3}, {-1}, {0.2}}, total = {{2}, {0}, {-5}}, w = random_rows(3, 100, 9);
  const std::string data = table({{"scale", scale}, {"x", x}, {"total", total}, {"w", w}});
  const Rows seen = answer("seen", data), moved = answer("moved", data), kept = answer("kept", data), folded = answer("folded", data), large = answer("large", data);
  ASSERT_EQ(seen.size(), 3);
  constexpr double kDraws = 10000;
  for (int r = 0; r < 3; ++r) {
    SCOPED_TRACE(r);
    const auto expect = [&](const Rows& rows, const std::string& name, double mean, double deviation) {
      EXPECT_NEAR(at(rows, r, name + ".mean"), mean, 5 * deviation / std::sqrt(kDraws));
      EXPECT_NEAR(at(rows, r, name + ".sd"), deviation, 5 * deviation / std::sqrt(2 * kDraws) + 1e-12);
    };
    const double s = scale[r][0], gain = 4 * s / (4 * s * s + 0.25), mean = 1 + gain * (x[r][0] - s), deviation = std::sqrt(4 - 4 * gain * s);
    expect(seen, "u", mean, deviation);
    EXPECT_NEAR(at(seen, r, "E[y]"), mean, 5 * std::sqrt(deviation * deviation + 1) / std::sqrt(kDraws));
    EXPECT_NEAR(at(seen, r, "sd[y]"), std::sqrt(deviation * deviation + 1), 5 * std::sqrt(deviation * deviation + 1) / std::sqrt(2 * kDraws));
    expect(moved, "x", x[r][0] + s * mean, s * deviation);
    EXPECT_EQ(at(kept, r, "same.x.mean"), x[r][0]) << "evidence keeps its bits in every draw";
    EXPECT_EQ(at(kept, r, "same.x.sd"), 0);
    double variance = 0;
    for (int i = 0; i < 20; ++i) variance += std::pow(0.9, 2 * i);
    expect(folded, "first", std::pow(0.9, 19) * total[r][0] / variance, std::sqrt(1 - std::pow(0.9, 38) / variance));
    expect(folded, "last", total[r][0] / variance, std::sqrt(1 - 1 / variance));
    expect(large, "a[3]", 4.0 / 13 * (w[r][3] - 3), std::sqrt(4 * 9 / 13.0));
    expect(large, "c[3]", 1 + 3.0 / 13 * (w[r][3] - 3), std::sqrt(1 * 4 / 13.0));
  }
  for (const char* how : {"--tile-rows 1", "--tile-rows 2 --threads 2", "--target x86-64-v3"}) EXPECT_EQ(answer("moved", data + " " + how), moved) << how;
  EXPECT_NE(answer("moved", data + " --seed 1"), moved);
}

// More than 64 elements of a smaller vector of noises: each element is an equation, and those that are left over are checked.
TEST_F(VectorEvidence, LargeTensorsOfSmallNoises) {
  compile(R"(
dim N = 25
const w : f64[100, 4] = [sin(i * j + 1 + i * i) for i in 0..100, j in 0..4]
model M {
    exo u : f64[N] ~ normal(0, 1)
    let twice = 2 * u
    var x : f64[4 * N] = concat(u, twice, u + 1, [u[N - 1 - i] for i in 0..N])
    exo v : f64[5] ~ normal(0, 1)
    var y : f64[5, 20] = [(v[i] + 2) * (j + 1) for i in 0..5, j in 0..20]
    exo z : f64[4] ~ normal(0, 1)
    var mixed : f64[100] = w @ z
}
query first on M { given x; do x[1] = 9; return u, x }
query grid on M { given y; do y[0, 0] = 9; return v, y }
query tall on M { given mixed; return z }
)");
  const Vector u = random_rows(1, 25, 1)[0], v = random_rows(1, 5, 2)[0], z = random_rows(1, 4, 3)[0];
  Vector x, y, mixed;
  for (const double each : u) x.push_back(each);
  for (const double each : u) x.push_back(2 * each);
  for (const double each : u) x.push_back(each + 1);
  for (size_t i = 25; i-- > 0;) x.push_back(u[i]);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 20; ++j) y.push_back((v[static_cast<size_t>(i)] + 2) * (j + 1));
  }
  for (int i = 0; i < 100; ++i) {
    double sum = 0;
    for (int j = 0; j < 4; ++j) sum += std::sin(i * j + 1 + i * i) * z[static_cast<size_t>(j)];
    mixed.push_back(sum);
  }
  const Rows first = answer("first", table({{"x", {x}}})), tall = answer("tall", table({{"mixed", {mixed}}})), grid = answer("grid", matrix_table({{"y", {5, 20}, {y}}}));
  for (int i = 0; i < 25; ++i) EXPECT_NEAR(at(first, 0, "u", i), u[static_cast<size_t>(i)], 1e-12);
  EXPECT_EQ(at(first, 0, "x", 1), 9);
  EXPECT_EQ(at(first, 0, "x", 26), x[26]);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(at(tall, 0, "z", i), z[static_cast<size_t>(i)], 1e-9);
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(at(grid, 0, "v", i), v[static_cast<size_t>(i)], 1e-12);
  // Elements that contradict each other are no evidence.
  x[30] += 0.1;
  const Rows wrong = with_bad_rows("first", table({{"x", {x}}}));
  EXPECT_EQ(wrong.at(0).at("status"), "undefined");
}

}  // namespace
}  // namespace acie::testing
