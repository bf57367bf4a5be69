// Evidence on some of as many steps as the data say: the steps up to the last that is given are as with a written number, those
// after it are open. Moments of normal series against conditioning written out here; all against the same program with a written number.
#include <functional>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

struct OpenStepEvidence : ProgramTest {
  static double se(const Rows& rows, size_t row, const std::string& name) { return rows.at(row).count(name + ".se") > 0 ? at(rows, row, name + ".se") : 0; }
  static void near(const Rows& rows, size_t row, const std::string& name, double expected) { EXPECT_NEAR(at(rows, row, name), expected, 1e-9 + 5 * se(rows, row, name)) << name; }

  /// The answers of `queries` with T written and with T from the data.
  std::vector<Rows> both_ways(const std::string& model, const std::vector<std::string>& queries, int steps, const std::string& data) {
    std::string text = model;
    for (size_t i = 0; i < queries.size(); ++i) text += "\nquery q" + std::to_string(i) + " on Course { " + queries[i] + " }";
    std::vector<Rows> open;
    compile("dim T\n" + text);
    for (size_t i = 0; i < queries.size(); ++i) open.push_back(unquoted(answer("q" + std::to_string(i), data + " -D T=" + std::to_string(steps))));
    compile("dim T = " + std::to_string(steps) + "\n" + text);
    for (size_t i = 0; i < queries.size(); ++i) {
      const Rows fixed = unquoted(answer("q" + std::to_string(i), data));
      EXPECT_EQ(open[i].size(), fixed.size()) << queries[i];
      for (size_t r = 0; r < fixed.size(); ++r) {
        for (const auto& [name, cell] : fixed[r]) {
          if (name == "status") {
            EXPECT_EQ(open[i][r].at(name), cell) << queries[i];
          } else if (name.find(".se") == std::string::npos) {
            EXPECT_NEAR(at(open[i], r, name), std::stod(cell), 1e-9 + 5 * std::hypot(se(fixed, r, name), se(open[i], r, name))) << queries[i] << " " << name;
          }
        }
      }
    }
    return open;
  }
};

/// Normal numbers: means and covariances, conditioned on one after the other.
struct Normal {
  Vector mean;
  std::vector<Vector> covariance;
  void observe(size_t i, double value) {
    const Vector row = covariance[i];
    const double variance = row[i], away = value - mean[i];
    for (size_t a = 0; a < mean.size(); ++a) {
      mean[a] += row[a] / variance * away;
      for (size_t b = 0; b < mean.size(); ++b) covariance[a][b] -= row[a] * row[b] / variance;
    }
  }
  double sd(size_t i) const { return std::sqrt(std::max(covariance[i][i], 0.0)); }
};

/// l[t] = a l[t-1] + s u[t], l[0] = start + s u[0].
Normal chain(size_t steps, double a, double s, double start) {
  Normal n{Vector(steps), std::vector<Vector>(steps, Vector(steps))};
  for (size_t t = 0; t < steps; ++t) n.mean[t] = t == 0 ? start : a * n.mean[t - 1];
  for (size_t i = 0; i < steps; ++i) {
    for (size_t j = 0; j < steps; ++j) {
      for (size_t k = 0; k <= std::min(i, j); ++k) n.covariance[i][j] += s * s * std::pow(a, static_cast<double>(i + j - 2 * k));
    }
  }
  return n;
}

TEST_F(OpenStepEvidence, AfterStepsThatAreOpen) {
  const std::string model = R"(
model Course {
    input start : f64
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.8 * l[t-1] else start) + 2 * u
    }
}
)";
  const Vector start = {1, -2}, second = {5, 0.5}, fourth = {-3, 2};
  std::vector<Vector> starts, l;
  for (size_t r = 0; r < 2; ++r) {
    starts.push_back({start[r]});
    l.push_back({9, 9, second[r], 9, fourth[r], 9, 9});
  }
  const std::vector<Rows> rows = both_ways(model,
      {"given l[2]; return E[l[0]], sd[l[0]], E[l[1]], sd[l[1]], l[2], E[l[3]], sd[l[3]], E[l[6]], sd[l[6]], E[u[1]]",
       "given l[2], l[4]; return E[l[1]], sd[l[1]], E[l[3]], sd[l[3]], E[l[5]], total = E[l[0] + l[3] + l[6]], spread = sd[l[0] + l[1]]",
       "given l[2]; do l[1] = 0; return E[l[0]], E[l[2]], sd[l[2]], E[l[3]], E[l[3] - factual.l[3]]",
       "given l[2..4] = [5, 4]; do l[1] = 3; return E[l[2]], E[l[3]], E[l[4]], sd[l[4]]",
       "given l[2] = -1; do start = 3; return E[l[2]], sd[l[2]], E[l[5]]"},
      7, table({{"start", starts}, {"l", l}}) + " --draws 40000");
  for (size_t r = 0; r < 2; ++r) {
    Normal one = chain(7, 0.8, 2, start[r]);
    one.observe(2, second[r]);
    EXPECT_EQ(at(rows[0], r, "l[2]"), second[r]);
    for (const size_t t : {0, 1, 3, 6}) {
      const std::string name = "[l[" + std::to_string(t) + "]]";
      near(rows[0], r, "E" + name, one.mean[t]);
      near(rows[0], r, "sd" + name, one.sd(t));
    }
    near(rows[0], r, "E[u[1]]", (one.mean[1] - 0.8 * one.mean[0]) / 2);
    Normal two = one;
    two.observe(4, fourth[r]);
    near(rows[1], r, "E[l[1]]", two.mean[1]);
    near(rows[1], r, "sd[l[3]]", two.sd(3));
    near(rows[1], r, "E[l[5]]", 0.8 * fourth[r]);
    near(rows[1], r, "total", two.mean[0] + two.mean[3] + two.mean[6]);
    near(rows[1], r, "spread", std::sqrt(two.covariance[0][0] + two.covariance[1][1] + 2 * two.covariance[0][1]));
    // Counterfactually u[2] is l[2] - 0.8 l[1] of what l[1] was, which is known by its law alone.
    near(rows[2], r, "E[l[0]]", one.mean[0]);
    near(rows[2], r, "E[l[2]]", second[r] - 0.8 * one.mean[1]);
    near(rows[2], r, "sd[l[2]]", 0.8 * one.sd(1));
    near(rows[2], r, "E[l[3] - factual.l[3]]", -0.64 * one.mean[1]);
    Normal three = chain(7, 0.8, 2, start[r]);
    three.observe(2, 5);
    three.observe(3, 4);
    near(rows[3], r, "E[l[2]]", 0.8 * 3 + 5 - 0.8 * three.mean[1]);
    near(rows[3], r, "E[l[3]]", 4 + 0.8 * (0.8 * 3 - 0.8 * three.mean[1]));
    // All of u that made l[2] = -1 stays: 0.8² more start.
    near(rows[4], r, "E[l[2]]", -1 + 0.64 * (3 - start[r]));
    EXPECT_NEAR(at(rows[4], r, "sd[l[2]]"), 0, 1e-9);
  }
}

TEST_F(OpenStepEvidence, OfSeveralNoisesAndSeriesThatNeedEachOther) {
  const std::string model = R"(
model Course {
    exo g ~ normal(0, 1)
    over t in 0..T {
        input drive : f64
        exo u ~ normal(0, 1)
        exo v ~ normal(0, 2)
        var l = (if t > 0 then 0.5 * l[t-1] + drive[t-1] else 1) + u + 0.5 * v + g
        var y ~ normal(l + (if t > 1 then y[t-2] else 0), 0.5)
        var z = 3 * u - y
        var w = if t > 0 and l[t-1] > 100 then 2 * exp(0.1 * v) else exp(0.1 * v)
    }
    var total = sum(l)
}
)";
  const std::vector<Rows> rows = both_ways(model,
      {"given l[..2]; return E[l[2]], E[u[1]], sd[u[1]], E[v[0]], E[g], E[total], E[z[1]], E[w[1]]",
       "given l[..2], y[1]; return E[l[3]], E[y[0]], sd[y[0]], E[y[3]], E[z[1]], E[g]",
       "given y[2]; do l[1] = 0; return E[l[2]], sd[l[2]], E[y[2]], E[y[4]], E[z[2]]",
       "given y[..2], z[1]; do drive[0] = 5; return E[l[1]], E[l[2]], E[y[3]], E[y[1] - factual.y[1]]",
       "given y[..3]; do y[0] = 0; return E[y[2]], E[y[4]], E[l[0]], sd[l[1]]",
       "given l[..4] = 0, l[4] = 2; return E[l[5]], E[g], sd[g], E[v[3]]",
       "given w[1], l[..2]; return E[v[1]], E[u[1]], E[l[2]]"},
      6, table({{"drive", random_rows(2, 6, 1)}, {"l", random_rows(2, 6, 2)}, {"y", random_rows(2, 6, 3)}, {"z", random_rows(2, 6, 4)}, {"w", {{1.5, 1.2, 1, 1, 1, 1}, {1.1, 0.7, 1, 1, 1, 1}}}}) + " --draws 40000");
  // w[1] = exp(0.1 v[1]) alone says v[1].
  near(rows[6], 0, "E[v[1]]", 10 * std::log(1.2));
  near(rows[6], 1, "E[v[1]]", 10 * std::log(0.7));
  // Of 0 five times in a row each of l[t] = u + 0.5 v + g is -drive[t-1], and for t = 0 -1: g from as many sums, each of variance 2.
  const std::vector<Vector> drive = random_rows(2, 6, 1);
  for (size_t r = 0; r < 2; ++r) {
    double sum = -1;
    for (size_t t = 0; t < 3; ++t) sum -= drive[r][t];
    sum += 2 - drive[r][3];
    near(rows[5], r, "E[g]", sum / (5 + 2));
    near(rows[5], r, "sd[g]", std::sqrt(2.0 / 7));
    near(rows[5], r, "E[l[5]]", 1 + drive[r][4] + sum / 7);
  }
}

TEST_F(OpenStepEvidence, OfVectorsAndRecords) {
  const std::string model = R"(
type State = {place: f64[2], speed: f64}
model Course {
    over t in 0..T {
        exo u : f64[2] ~ normal(0, 1)
        exo n ~ normal(0, 1)
        input push : f64[2]
        var s : State = if t == 0 then {place: u, speed: n} else {place: s[t-1].place + 0.5 * push[t-1] + s[t-1].speed * u, speed: 0.5 * s[t-1].speed + n}
        var x : f64[2] ~ normal(if t > 0 then [x[t-1][1], 0.5 * x[t-1][0]] + push else [1, 2], [1, 2])
    }
    var far = sum(x[.., 0])
}
)";
  std::ofstream file(folder_ / "data.csv");
  const std::vector<Vector> x = random_rows(1, 10, 5), push = random_rows(1, 10, 6), place = random_rows(1, 10, 7);
  const auto cells = [&](const std::function<void(const std::string&, int, int, double)>& put) {
    for (int t = 0; t < 5; ++t) {
      for (int k = 0; k < 2; ++k) {
        const auto i = static_cast<size_t>(2 * t + k);
        put("push", t, k, push[0][i]);
        put("x", t, k, x[0][i]);
        put("s.place", t, k, place[0][i]);
      }
    }
  };
  cells([&](const std::string& name, int t, int k, double) { file << "\"" << name << "[" << t << "," << k << "]\","; });
  for (int t = 0; t < 5; ++t) file << "s.speed[" << t << "]" << (t < 4 ? "," : "\n");
  file.precision(17);
  cells([&](const std::string&, int, int, double value) { file << value << ","; });
  file << "2,3,0.5,1,1\n";
  file.close();
  const std::vector<Rows> rows = both_ways(model,
      {"given x[..3]; do x[0] = [0, 0]; return E[x[1, 0]], E[x[2, 1]], E[x[3, 0]], sd[x[2, 0]], E[x.noise[1, 1]], E[far]",
       "given x[1, 0], x[2]; return E[x[0, 0]], sd[x[0, 1]], E[x[1, 1]], sd[x[1, 1]], x[2, 1], E[x[4, 0]]",
       "given x[..2, 1]; return E[x[1, 0]], E[x[2, 1]], sd[x[2, 1]]",
       "given s.place[..2], s.speed[..2]; do s.place[0] = [0, 0]; return E[s.place[1, 0]], E[s.place[2, 0]], E[s.speed[1]]",
       "given s.speed[0]; return E[s.place[0, 1]], E[s.speed[1]], sd[s.place[1, 1]]",
       "given x[1] = [1, 3], x[..1, 0] = 2; return E[x[0, 1]], E[x[2, 0]], E[x[2, 1]]"},
      5, "--data " + (folder_ / "data.csv").string() + " --draws 40000");
  const auto px = [&](int t, int k) { return x[0][static_cast<size_t>(2 * t + k)]; };
  const auto pp = [&](int t, int k) { return push[0][static_cast<size_t>(2 * t + k)]; };
  // Linear: what a change of the first does later is as without noise.
  near(rows[0], 0, "E[x[1, 0]]", px(1, 0) - px(0, 1));
  near(rows[0], 0, "E[x[2, 1]]", px(2, 1) - 0.5 * px(0, 1));
  near(rows[0], 0, "E[x[3, 0]]", px(2, 1) - 0.5 * px(0, 1) + pp(3, 0));
  EXPECT_NEAR(at(rows[0], 0, "sd[x[2, 0]]"), 0, 1e-9);
  near(rows[0], 0, "E[x.noise[1, 1]]", (px(1, 1) - 0.5 * px(0, 0) - pp(1, 1)) / 2);
  EXPECT_EQ(at(rows[1], 0, "x[2, 1]"), px(2, 1));
  // x[2, 0] = x[1, 1] + push + n: of x[1, 1] ~ 0.5 + push, variance 0.25 + 4, and one of variance 1.
  near(rows[1], 0, "sd[x[1, 1]]", std::sqrt(1 / (1 / 4.25 + 1)));
  near(rows[1], 0, "E[x[1, 1]]", ((0.5 + pp(1, 1)) / 4.25 + (px(2, 0) - pp(2, 0))) / (1 / 4.25 + 1));
  near(rows[3], 0, "E[s.place[1, 0]]", place[0][2] - place[0][0]);
  near(rows[4], 0, "E[s.speed[1]]", 1);
  near(rows[4], 0, "sd[s.place[1, 1]]", std::sqrt(1 + 4.0));
  near(rows[5], 0, "E[x[0, 1]]", (2.0 / 4 + (1 - pp(1, 0))) / (1.0 / 4 + 1));
  near(rows[5], 0, "E[x[2, 0]]", 3 + pp(2, 0));
}

// A series that is given whole takes part at its first steps, too.
TEST_F(OpenStepEvidence, BesideWholeSeries) {
  const std::string model = R"(
model Course {
    over t in 0..T {
        exo u ~ normal(0, 1)
        exo v ~ normal(0, 1)
        var y = (if t > 0 then 0.9 * y[t-1] else 0) + v
        var l = (if t > 0 then 0.5 * l[t-1] else 0) + y + u + 0.5 * v
    }
}
)";
  const std::vector<Vector> y = random_rows(1, 5, 1), l = random_rows(1, 5, 2);
  const std::vector<Rows> rows = both_ways(model, {"given y, l[1]; return E[l[0]], sd[l[0]], E[l[3]]", "given y, l[1]; do y[0] = 1; return E[l[1]], E[l[2]]"}, 5, table({{"y", y}, {"l", l}}) + " --draws 40000");
  const auto v = [&](size_t t) { return y[0][t] - (t > 0 ? 0.9 * y[0][t - 1] : 0); };
  // 0.5 u0 + u1 is known: 0.5 of its variance, 1.25, is u0's.
  const double mean = y[0][0] + 0.5 * v(0), left = l[0][1] - 0.5 * mean - y[0][1] - 0.5 * v(1);
  near(rows[0], 0, "E[l[0]]", mean + 0.5 / 1.25 * left);
  near(rows[0], 0, "sd[l[0]]", std::sqrt(1 - 0.25 / 1.25));
  double expected = l[0][1];
  for (size_t t = 2; t < 4; ++t) expected = 0.5 * expected + y[0][t] + 0.5 * v(t);
  near(rows[0], 0, "E[l[3]]", expected);
  near(rows[1], 0, "E[l[1]]", l[0][1] + (0.5 + 0.9) * (1 - y[0][0]));
}

}  // namespace
}  // namespace acie::testing
