// scan and fold of more steps than are written out, against numbers computed here in plain C++.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

using Loops = ProgramTest;

TEST_F(Loops, NumbersVectorsAndRecordsAreCarried) {
  compile(R"(
param rate : f64 = 0.9
model M {
    input x : f64
    input v : f64[3]
    input w : f64[100]
    var last = fold(0, 0..1000, |c, i| rate * c + x / (1 + i))
    var along = scan(x, w, |c, e| 0.5 * c + e)
    var turned : f64[3] = fold(v, 0..50, |c, i| [c[1], c[2], 0.99 * c[0]])
    let both = scan({a: x, b: v}, w, |s, e| {a: s.a * 0.9 + e, b: s.b + s.a * v})
    var both_a = both.a
    var both_b = both.b
}
query go on M { given last, along, turned, both_a, both_b return last, along, turned, both_a, both_b }
query all on M { return last, along, turned, first = both_a[99], second = both_b[99, 2] }
)");
  const int rows = 5;
  const auto x = random_rows(rows, 1, 1), v = random_rows(rows, 3, 2), w = random_rows(rows, 100, 3);
  const std::string data = table({{"x", x}, {"v", v}, {"w", w}});
  const Rows got = answer("all", data);
  ASSERT_EQ(got.size(), rows);
  for (int r = 0; r < rows; ++r) {
    double last = 0, along = x[r][0], a = x[r][0], b = v[r][2];
    std::array<double, 3> turned{v[r][0], v[r][1], v[r][2]};
    for (int i = 0; i < 1000; ++i) last = 0.9 * last + x[r][0] / (1 + i);
    for (int i = 0; i < 50; ++i) turned = {turned[1], turned[2], 0.99 * turned[0]};
    EXPECT_DOUBLE_EQ(at(got, r, "last"), last);
    for (int i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(at(got, r, "turned", i), turned[i]);
    for (int i = 0; i < 100; ++i) {
      along = 0.5 * along + w[r][i];
      b += a * v[r][2];
      a = a * 0.9 + w[r][i];
      EXPECT_DOUBLE_EQ(at(got, r, "along", i), along);
    }
    EXPECT_NEAR(at(got, r, "first"), a, 1e-12);
    EXPECT_NEAR(at(got, r, "second"), b, 1e-12);
  }
  for (const char* how : {"--tile-rows 1", "--tile-rows 2 --threads 2", "--target x86-64-v3"}) EXPECT_EQ(answer("all", data + " " + how), got) << how;
}

TEST_F(Loops, WorldsAbductionAndDrawsGoThroughThem) {
  compile(R"(
model M {
    input x : f64
    exo u ~ normal(0, 1)
    exo v ~ normal(0, 1)
    var start = x + u
    var end = fold(start, 0..200, |c, i| 0.99 * c + 0.01 * x) + 2 * v
}
query known on M { given start, end  do start += 1  return end }
query effect on M { do start = x + 1  return mean = E[end] }
)");
  const std::string data = table({{"x", {{1}, {2}}}, {"start", {{3}, {5}}}, {"end", {{4}, {4.5}}}});
  const auto run = [](double c, double x) {
    for (int i = 0; i < 200; ++i) c = 0.99 * c + 0.01 * x;
    return c;
  };
  const Rows known = answer("known", data), effect = answer("effect", data + " --draws 20000");
  for (int r = 0; r < 2; ++r) {
    const double x = r + 1, start = r == 0 ? 3 : 5, end = r == 0 ? 4 : 4.5;
    EXPECT_NEAR(at(known, r, "end"), end + run(start + 1, x) - run(start, x), 1e-12);
    EXPECT_NEAR(at(effect, r, "mean"), run(x + 1, x), 0.06);
  }
}

TEST_F(Loops, NetworksAndLoopsInLoops) {
  compile(R"(
mechanism cell(h: f64[70], x: f64[2]) -> f64[70] {
    learn w : f64[70, 70]
    learn k : f64[70, 2]
    return tanh(w @ h + k @ x)
}
model M {
    input s : f64[40, 2]
    let states = scan(zeros(70), s, |h, x| cell(h, x))
    var sums = [sum(states[t, ..]) for t in 0..40]
    var nested = fold(0, 0..50, |c, i| c + fold(s[0, 0], 0..60, |d, j| 0.5 * d + 0.01 * c))
}
query go on M { return sums, nested }
)");
  const int rows = 3;
  const auto s = random_rows(rows, 80, 4);
  std::string header = "s";
  std::ostringstream text;
  text.precision(17);
  for (int i = 0; i < 80; ++i) text << (i > 0 ? "," : "") << "\"s[" << i / 2 << "," << i % 2 << "]\"";
  text << "\n";
  for (const Vector& row : s)
    for (int i = 0; i < 80; ++i) text << row[i] << (i < 79 ? "," : "\n");
  std::ofstream(folder_ / "data.csv") << text.str();
  // Weights w[i][j] = cos(i + 2 j) / 70 and k[i][j] = sin(i - j), as .safetensors.
  std::vector<double> w(70 * 70), k(70 * 2);
  for (int i = 0; i < 70; ++i) {
    for (int j = 0; j < 70; ++j) w[i * 70 + j] = std::cos(i + 2 * j) / 70;
    for (int j = 0; j < 2; ++j) k[i * 2 + j] = std::sin(i - j);
  }
  std::string names = R"({"M.states.cell.w":{"dtype":"F64","shape":[70,70],"data_offsets":[0,39200]},"M.states.cell.k":{"dtype":"F64","shape":[70,2],"data_offsets":[39200,40320]}})";
  while (names.size() % 8 != 0) names += ' ';
  const uint64_t size = names.size();
  std::ofstream out(folder_ / "w.safetensors", std::ios::binary);
  out.write(reinterpret_cast<const char*>(&size), 8);
  out << names;
  out.write(reinterpret_cast<const char*>(w.data()), 39200);
  out.write(reinterpret_cast<const char*>(k.data()), 1120);
  out.close();
  const std::string data = "--data " + (folder_ / "data.csv").string() + " --params " + (folder_ / "w.safetensors").string();
  const Rows got = answer("go", data);
  ASSERT_EQ(got.size(), rows);
  for (int r = 0; r < rows; ++r) {
    Vector h(70, 0);
    for (int t = 0; t < 40; ++t) {
      Vector next(70);
      double sum = 0;
      for (int i = 0; i < 70; ++i) {
        double z = k[i * 2] * s[r][t * 2] + k[i * 2 + 1] * s[r][t * 2 + 1];
        for (int j = 0; j < 70; ++j) z += w[i * 70 + j] * h[j];
        sum += next[i] = std::tanh(z);
      }
      h = next;
      EXPECT_NEAR(at(got, r, "sums", t), sum, 1e-11);
    }
    double nested = 0;
    for (int i = 0; i < 50; ++i) {
      double d = s[r][0];
      for (int j = 0; j < 60; ++j) d = 0.5 * d + 0.01 * nested;
      nested += d;
    }
    EXPECT_NEAR(at(got, r, "nested"), nested, 1e-12);
  }
  for (const char* how : {"--tile-rows 1", "--tile-rows 2 --threads 2"}) EXPECT_EQ(answer("go", data + " " + how), got) << how;
}

}  // namespace
}  // namespace acie::testing
