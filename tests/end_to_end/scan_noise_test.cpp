// Noise that goes through `scan`: recovered step by step, against the noise that the data was made with here.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

using ScanNoise = ProgramTest;
constexpr int kRows = 4, kSteps = 100;

TEST_F(ScanNoise, NumbersAlongTheNoiseAndByPlace) {
  compile(R"(
model M {
    input a : f64[100]
    input rate : f64
    exo   u : f64[100] ~ normal(0, 1)
    exo   v : f64[100] ~ normal(0, 1)
    var   x : f64[100] = scan(0, u, |c, e| rate * c + e)
    var   z : f64[100] = 2 * scan(1, 0..100, |c, i| tanh(c) + a[i] + exp(0.1 * v[i])) + 1
}
query noise on M { given x, z  return u, v, x, z }
query calmer on M { given x, z  do rate = 0.5  do a[..50] = 0  return x, z }
query same on M { given x, z  do rate = rate  return x, z }
)");
  const auto a = random_rows(kRows, kSteps, 1), u = random_rows(kRows, kSteps, 2), v = random_rows(kRows, kSteps, 3);
  std::vector<Vector> rate, x(kRows), z(kRows), x_calm(kRows), z_calm(kRows);
  for (int r = 0; r < kRows; ++r) {
    rate.push_back({0.9 - 0.1 * r});
    double c = 0, d = 1, c_calm = 0, d_calm = 1;
    for (int t = 0; t < kSteps; ++t) {
      x[r].push_back(c = rate[r][0] * c + u[r][t]);
      z[r].push_back(2 * (d = std::tanh(d) + a[r][t] + std::exp(0.1 * v[r][t])) + 1);
      x_calm[r].push_back(c_calm = 0.5 * c_calm + u[r][t]);
      z_calm[r].push_back(2 * (d_calm = std::tanh(d_calm) + (t < 50 ? 0 : a[r][t]) + std::exp(0.1 * v[r][t])) + 1);
    }
  }
  const std::string data = table({{"a", a}, {"rate", rate}, {"x", x}, {"z", z}});
  const Rows noise = answer("noise", data), calmer = answer("calmer", data), same = answer("same", data);
  ASSERT_EQ(noise.size(), kRows);
  for (int r = 0; r < kRows; ++r) {
    EXPECT_EQ(noise[r].at("status"), "ok");
    for (int t = 0; t < kSteps; ++t) {
      EXPECT_NEAR(at(noise, r, "u", t), u[r][t], 1e-13);
      EXPECT_NEAR(at(noise, r, "v", t), v[r][t], 1e-12);
      EXPECT_EQ(at(noise, r, "x", t), x[r][t]) << "evidence keeps its bits";
      EXPECT_EQ(at(same, r, "x", t), x[r][t]) << "what was so changes nothing";
      EXPECT_EQ(at(same, r, "z", t), z[r][t]) << "what was so changes nothing";
      EXPECT_NEAR(at(calmer, r, "x", t), x_calm[r][t], 1e-12);
      EXPECT_NEAR(at(calmer, r, "z", t), z_calm[r][t], 1e-12);
    }
  }
  for (const char* how : {"--tile-rows 1", "--tile-rows 3 --threads 2", "--target x86-64-v3"}) EXPECT_EQ(answer("calmer", data + " " + how), calmer) << how;
}

TEST_F(ScanNoise, VectorsMixedByAMatrixAndRecordsOfWhichOneFieldIsSeen) {
  compile(R"(
const L = [[2, 0, 0], [1, 1, 0], [0, 1, 4]]
model M {
    input push : f64
    exo   w : f64[100, 3] ~ normal(0, 1)
    exo   k : f64[100] ~ normal(0, 1)
    var   v : f64[100, 3] = scan([push, 0, 0], 0..100, |c, i| 0.5 * reverse(c) + L @ w[i])
    let   s = scan({place: 0, speed: push}, k, |c, e| {place: c.place + 0.1 * (c.speed + e), speed: 0.9 * c.speed + e})
    var   place : f64[100] = s.place
    var   speed : f64[100] = s.speed
}
query noise on M { given v, place  return w, k, speed }
query pushed on M { given v, place  do push = push + 1  return v, place }
)");
  const auto push = random_rows(kRows, 1, 4), w = random_rows(kRows, 3 * kSteps, 5), k = random_rows(kRows, kSteps, 6);
  const double matrix[3][3] = {{2, 0, 0}, {1, 1, 0}, {0, 1, 4}};
  const auto run = [&](int r, double start, Vector& v, Vector& place, Vector& speed) {
    std::array<double, 3> c{start, 0, 0};
    double at = 0, velocity = start;
    for (int t = 0; t < kSteps; ++t) {
      std::array<double, 3> next{};
      for (int i = 0; i < 3; ++i) {
        next[i] = 0.5 * c[2 - i];
        for (int j = 0; j < 3; ++j) next[i] += matrix[i][j] * w[r][3 * t + j];
      }
      c = next;
      v.insert(v.end(), c.begin(), c.end());
      at += 0.1 * (velocity + k[r][t]);
      velocity = 0.9 * velocity + k[r][t];
      place.push_back(at);
      speed.push_back(velocity);
    }
  };
  std::vector<Vector> v(kRows), place(kRows), speed(kRows), v_pushed(kRows), place_pushed(kRows), ignored(kRows);
  for (int r = 0; r < kRows; ++r) {
    run(r, push[r][0], v[r], place[r], speed[r]);
    run(r, push[r][0] + 1, v_pushed[r], place_pushed[r], ignored[r]);
  }
  // Numbers and matrices in one table: a column per element of each.
  std::ostringstream text;
  text.precision(17);
  text << "push";
  for (int t = 0; t < kSteps; ++t) text << ",place[" << t << "]";
  for (int t = 0; t < kSteps; ++t)
    for (int i = 0; i < 3; ++i) text << ",\"v[" << t << "," << i << "]\"";
  text << "\n";
  for (int r = 0; r < kRows; ++r) {
    text << push[r][0];
    for (const Vector* values : {&place[r], &v[r]})
      for (const double value : *values) text << "," << value;
    text << "\n";
  }
  std::ofstream(folder_ / "data.csv") << text.str();
  const std::string data = "--data " + (folder_ / "data.csv").string();
  const Rows noise = answer("noise", data), pushed = answer("pushed", data);
  ASSERT_EQ(noise.size(), kRows);
  for (int r = 0; r < kRows; ++r) {
    EXPECT_EQ(noise[r].at("status"), "ok");
    for (int t = 0; t < kSteps; ++t) {
      EXPECT_NEAR(at(noise, r, "k", t), k[r][t], 1e-12);
      EXPECT_NEAR(at(noise, r, "speed", t), speed[r][t], 1e-12);
      EXPECT_NEAR(at(pushed, r, "place", t), place_pushed[r][t], 1e-11);
      for (int i = 0; i < 3; ++i) {
        const std::string element = "[" + std::to_string(t) + "," + std::to_string(i) + "]\"";
        EXPECT_NEAR(at(noise, r, "\"w" + element), w[r][3 * t + i], 1e-12);
        EXPECT_NEAR(at(pushed, r, "\"v" + element), v_pushed[r][3 * t + i], 1e-12);
      }
    }
  }
}

TEST_F(ScanNoise, OfAsManyStepsAsAreNumbersOfTheirOwnAnyElementCanBeSetAndGiven) {
  compile(R"(
model M {
    exo u : f64[50] ~ normal(0, 1)
    var x : f64[50] = scan(0, u, |c, e| 0.9 * c + e)
}
query some on M { given x[..2]  return u[0], u[1] }
query all on M { given x  do x[3] = 0  return x, u }
)");
  const auto u = random_rows(1, 50, 7);
  std::vector<Vector> x(1);
  double c = 0;
  for (int t = 0; t < 50; ++t) x[0].push_back(c = 0.9 * c + u[0][t]);
  const std::string data = table({{"x", x}});
  const Rows some = answer("some", data), all = answer("all", data);
  for (int t = 0; t < 2; ++t) EXPECT_NEAR(at(some, 0, "u", t), u[0][t], 1e-14);
  for (int t = 0; t < 50; ++t) {
    EXPECT_NEAR(at(all, 0, "u", t), u[0][t], 1e-13);
    // What is set is the number that is seen, not what the scan carries on.
    EXPECT_EQ(at(all, 0, "x", t), t == 3 ? 0 : x[0][t]);
  }
}

TEST_F(ScanNoise, AStepThatNoNoiseExplainsLeavesTheRowUndefined) {
  compile(R"(
model M {
    exo u : f64[70] ~ uniform(0, 1)
    var x : f64[70] = scan(0, u, |c, e| c + e)
    var y = x[69] + u[0]
}
query q on M { given x  return y }
)");
  Vector good(70), bad(70);
  for (int t = 0; t < 70; ++t) good[t] = 0.5 * (t + 1), bad[t] = t == 40 ? 19 : good[t];
  const CommandResult ran = run(runner() + " " + package() + " q --allow-unsigned --out - --on-bad-row null " + table({{"x", {good, bad}}}));
  const Rows rows = parse_csv(ran.out);
  ASSERT_EQ(rows.size(), 2);
  EXPECT_NEAR(at(rows, 0, "y"), 35.5, 1e-12);
  EXPECT_EQ(rows[1].at("status"), "undefined");
}

}  // namespace
}  // namespace acie::testing
