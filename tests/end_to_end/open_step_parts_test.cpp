// What a `do` sets at one step, some or all of a series whose number of steps is read from the data, from values that read
// series of the same steps: with the number written out, which is another way through the compiler, the answers are the same.
#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

struct OpenStepParts : ProgramTest {
  /// The answers of `queries` ("NAME on Model { … }") where T is written and where the data say it.
  void expect_same(const std::string& model, const std::vector<std::string>& queries, int steps, const std::string& data) {
    std::string text = model;
    for (size_t i = 0; i < queries.size(); ++i) text += "\nquery q" + std::to_string(i) + " on Course { " + queries[i] + " }";
    std::vector<Rows> open;
    compile("dim T\n" + text);
    for (size_t i = 0; i < queries.size(); ++i) open.push_back(answer("q" + std::to_string(i), data));
    compile("dim T = " + std::to_string(steps) + "\n" + text);
    for (size_t i = 0; i < queries.size(); ++i) {
      const Rows fixed = answer("q" + std::to_string(i), data);
      ASSERT_EQ(open[i].size(), fixed.size()) << queries[i];
      for (size_t r = 0; r < fixed.size(); ++r) {
        ASSERT_EQ(open[i][r].size(), fixed[r].size()) << queries[i];
        for (const auto& [name, cell] : fixed[r]) {
          ASSERT_TRUE(open[i][r].count(name)) << queries[i] << " " << name;
          if (name == "status") EXPECT_EQ(open[i][r].at(name), cell) << queries[i];
          else EXPECT_NEAR(std::stod(open[i][r].at(name)), std::stod(cell), 1e-9 * (1 + std::abs(std::stod(cell)))) << queries[i] << " " << name;
        }
      }
    }
  }
};

constexpr const char* kWalk = R"(
model Course {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then l[t-1] else 0) + u
    }
}
)";

// The bare name is the natural value of each step that is set: what its own equation makes of the steps before, as set.
TEST_F(OpenStepParts, PartsOfTheirOwnNaturalValues) {
  const Vector l = {1, 2, 4, -3}, u = {1, 1, 2, -7};
  compile(std::string("dim T\n") + kWalk + R"(
query halves on Course { given l; do l[1..] = 0.5 * l[1..]; return l }
query lagged on Course { given l; do l[1..] = 0.5 * l[..-1]; return l }
query held on Course { given l; do l[2..] = l[1]; return l }
query fresh on Course { given l; do l[2..] = l[2]; do l[0] = 10; return l }
query last on Course { given l; do l[-1] = l[0] + l[-1]; return l }
)");
  const std::string data = table({{"l", {l}}});
  const Rows halves = answer("halves", data), lagged = answer("lagged", data), held = answer("held", data), fresh = answer("fresh", data), last = answer("last", data);
  double h = 0, g = 0, natural = 0;
  for (int t = 0; t < 4; ++t) {
    const double n = u[static_cast<size_t>(t)];
    h = t == 0 ? n : 0.5 * (h + n);
    const double before = natural;  // of the step before: its equation of what it was set from
    natural = g + n;
    g = t == 0 ? n : 0.5 * before;
    EXPECT_NEAR(at(halves, 0, "l", t), h, 1e-12);
    EXPECT_NEAR(at(lagged, 0, "l", t), g, 1e-12);
    EXPECT_NEAR(at(held, 0, "l", t), l[static_cast<size_t>(std::min(t, 1))], 1e-12);
    EXPECT_NEAR(at(fresh, 0, "l", t), t == 0 ? 10 : t == 1 ? 11 : 13, 1e-12);
    EXPECT_NEAR(at(last, 0, "l", t), t < 3 ? l[static_cast<size_t>(t)] : 1 - 3, 1e-12);
  }
}

TEST_F(OpenStepParts, AsWithAWrittenNumberOfSteps) {
  const std::string model = R"(
model Course {
    input start : f64[2]
    over t in 0..T {
        input drive : f64[2]
        exo u : f64[2] ~ normal(0, 1)
        var x : f64[2] = (if t > 0 then [0.5 * x[t-1][0] + 0.2 * x[t-1][1], 0.3 * x[t-1][1]] else start) + drive + u
        exo v ~ normal(0, 1)
        var y = sum(x) + (if t > 0 then y[t-1] else 0) + v
        var plain = 3 * drive[t, 0] + v
    }
    var total = sum(y)
}
)";
  const std::vector<std::string> sets = {
      "do x[1..] = 0.5 * x[1..]",
      "do x[1.., 0] = 0.5 * x[1.., 1]",
      "do x[.., 0] = 0.5 * x[.., 1]",
      "do x[2] = x[1] + 1",
      "do x[2, 0] = x[1, 1] + x[2, 0]",
      "do x[2] = [x[1, 1], 3]",
      "do y[2..4] = x[2..4, 0] + y[1..3]",
      "do y[2..] = x[1..-1, 0]",
      "do x[1..] = drive[1..] + x[..-1]",
      "do x[..-1] = drive[1..]",
      "do x[0] = [1, 2]; do x[3] = [0, x[2, 0]]; do y[1..3] = 0.1 * y[1..3]",
      "do x[1.., 0] = 0; do x[1.., 1] = x[1.., 1] + x[1.., 0]",
      "do x[1..] += 0.1 * x[1..]",
      "do y[1..] = 0.5 * y[1..] if x[..-1, 1] > 0",
      "do y[1..] = if y[1..] > 0 then y[..-1] else x[1.., 0]",
      "do y[2..] = y[2] + y[0]",
      "do y[1..] = 0.5 * factual.y[1..] + 0.1 * y[..-1]",
      "do y = 0.5 * y + x[.., 0]",
      "do y = y[0]",
      "do y[-2] = y[0] + y[-3]",
      "do y[0] = 1; do y[-1] = 2",
      "do y[1..] = [y[i-1] + x[i, 0] for i in 1..T]",
      "do y[1..] = [sum(x[i]) for i in 1..T]",
      "do y[2..] = sum(y[..2])",
      "do y[3..] = max(x[1..3, 0]) * mean(y[..2]) + y[2]",
      "do y[4] = min(y[1..3]) if all(x[..2] < 0) or any(x[2..4, 1] > 0)",
      "do x[2] = sum(x[..2], axis: 0)",
      "do x[3, 0] = prod(x[1])",
      "do y[t] = mean(y[t-3..t]) + sum(x[t-1..t+1, 1]) if t > 2",
      "do y[-1] = mean(y[..-1])",
      "do y[-1] = sum(y[1..-1]) + max(x[..-1, 0]) - min(y[..-1] * drive[..-1, 1])",
      "do y[-2..] = prod(y[1..-2] - y[..-3])",
      "do x[-1] = [sum(x[..-1, 1]), if any(x[..-1, 0] > 1) then 1 else 2]",
      "do drive[1..] = x[..-1]",
      "do plain[1..] = 2 * plain[..-1]",
      "world a { do y[1..] = 0.5 * y[1..] }; do y[1..] = a.y[1..] - y[1..]",
  };
  std::vector<std::string> queries;
  for (const std::string& set : sets) queries.push_back("given x, y; " + set + "; return x, y, total, plain");
  const int steps = 5;
  std::map<std::string, std::vector<Vector>> columns = {{"start", random_rows(2, 2, 1)}, {"y", random_rows(2, steps, 4)}};
  for (int t = 0; t < steps; ++t) {
    columns["x[" + std::to_string(t)] = random_rows(2, 2, 10 + static_cast<unsigned>(t));
    columns["drive[" + std::to_string(t)] = random_rows(2, 2, 20 + static_cast<unsigned>(t));
  }
  std::ofstream file(folder_ / "data.csv");
  const auto cells = [&](auto put) {
    bool first = true;
    for (const auto& [name, rows] : columns) {
      for (size_t k = 0; k < rows[0].size(); ++k) {
        if (!first) file << ",";
        first = false;
        put(name, rows, k);
      }
    }
    file << "\n";
  };
  cells([&](const std::string& name, const auto&, size_t k) {
    if (name.find('[') != std::string::npos) file << '"' << name << "," << k << "]\"";
    else file << name << "[" << k << "]";
  });
  file.precision(17);
  for (size_t r = 0; r < 2; ++r) cells([&](const std::string&, const auto& rows, size_t k) { file << rows[r][k]; });
  file.close();
  expect_same(model, queries, steps, "--data " + (folder_ / "data.csv").string());
}

// First steps of another law, windows of as many steps as are written, steps that later ones read.
TEST_F(OpenStepParts, FirstStepsAndWindows) {
  const std::string model = R"(
model Course {
    input start : f64
    over t in 0..T {
        input drive : f64
        var l ~ if t == 0 then normal(start, 3) else if drive > 0 then normal(0.5 * l[t-1], 1) else normal(0, 2)
        var seen : bool ~ if t > 1 then bernoulli(sigmoid(l[t-1] - l[t-2])) else bernoulli(0.5)
        exo u ~ normal(0, if t == 0 then 2 else 1)
        var y = (if t > 2 then mean(y[t-3..t]) + max(drive[t-2..t+1]) - y[1] else drive) + l + u
    }
}
)";
  const int steps = 7;
  const std::vector<Vector> drive = random_rows(2, steps, 5), l = random_rows(2, steps, 6), y = random_rows(2, steps, 7);
  const std::string data = table({{"start", {{1}, {-2}}}, {"drive", drive}, {"l", l}, {"y", y}});
  expect_same(model, {"given l, y; do l[0] = 0; return l, y, l.noise, u", "given l, y; do l[1..] = 0.5 * l[1..]; do y[1] = 3; return y", "given l, y; do drive = -drive; return l, y"}, steps, data);
  compile("dim T\n" + model + "\nquery q on Course { given l, y; do y[1] = 3; return l.noise, y }");
  const Rows rows = answer("q", data);
  for (size_t r = 0; r < 2; ++r) {
    Vector set(steps);
    for (int t = 0; t < steps; ++t) {
      const auto i = static_cast<size_t>(t);
      const double mean = t == 0 ? (r == 0 ? 1 : -2) : drive[r][i] > 0 ? 0.5 * l[r][i - 1] : 0;
      EXPECT_NEAR(at(rows, r, "l.noise", t), (l[r][i] - mean) / (t == 0 ? 3 : drive[r][i] > 0 ? 1 : 2), 1e-12);
      const auto past = [&](const Vector& c) { return (c[i - 1] + c[i - 2] + c[i - 3]) / 3 - c[1]; };
      set[i] = t == 1 ? 3 : t > 2 ? y[r][i] - past(y[r]) + past(set) : y[r][i];
      EXPECT_NEAR(at(rows, r, "y", t), set[i], 1e-12);
    }
  }
}

// Laws of tensors at each step.
TEST_F(OpenStepParts, LawsOfTensors) {
  const std::string model = R"(
fn correlated[N](m: f64[N], l: f64[N, N]) -> law<f64[N]> { exo e : f64[N] ~ normal(0, 1); return m + l @ e }
fn noisy(m: f64[2]) -> law<f64[2]> { exo e : f64[2] ~ normal(0, 1); exo all ~ normal(0, 1); return m + e }
const factor = [[2.0, 0], [0.5, 1.5]]
model Course {
    over t in 0..T {
        var x : f64[2] ~ correlated(if t > 0 then 0.5 * x[t-1] else [1, 2], factor)
        var z : f64[2] ~ noisy(x)
    }
}
)";
  const std::vector<Vector> x = random_rows(2, 8, 3);
  expect_same(model, {"given x; do x[0] = [0, 0]; return x, x.noise", "given x, z; do x[2, 1] = 0; return x, z", "given x, z; do z[t] = 2 * z[t] if t > 0; return z"}, 4,
              matrix_table({{"x", {4, 2}, x}, {"z", {4, 2}, random_rows(2, 8, 4)}}));
  compile("dim T\n" + model + "\nquery q on Course { given x; do x[0] = [0, 0]; return x, x.noise }");
  const Rows rows = unquoted(answer("q", matrix_table({{"x", {4, 2}, x}})));
  for (size_t r = 0; r < 2; ++r) {
    for (size_t t = 0; t < 4; ++t) {
      const double mean0 = t > 0 ? 0.5 * x[r][2 * t - 2] : 1, mean1 = t > 0 ? 0.5 * x[r][2 * t - 1] : 2;
      const double e0 = (x[r][2 * t] - mean0) / 2, e1 = (x[r][2 * t + 1] - mean1 - 0.5 * e0) / 1.5;
      const std::string at_step = "[" + std::to_string(t) + ",";
      EXPECT_NEAR(at(rows, r, "x.noise" + at_step + "0]"), e0, 1e-12);
      EXPECT_NEAR(at(rows, r, "x.noise" + at_step + "1]"), e1, 1e-12);
      // The first is set: 0.5 to the power of t of what it was is missing later.
      EXPECT_NEAR(at(rows, r, "x" + at_step + "0]"), x[r][2 * t] - std::pow(0.5, static_cast<double>(t)) * x[r][0], 1e-12);
    }
  }
}

// Of two families that are made of one noise the number of the step chooses.
TEST_F(OpenStepParts, LawsOfTwoFamilies) {
  const std::string model = R"(
model Course {
    over t in 0..T {
        var l ~ if t == 0 then lognormal(1, 2) else normal(0.5 * l[t-1], 3)
        var x : f64[2] ~ if t > 1 then normal(x[t-1], 1) else if t == 1 then lognormal([0.01 * l, 0], 0.5) else normal([1, 2], [3, 4])
    }
}
)";
  std::vector<Vector> l = random_rows(2, 5, 3), x = random_rows(2, 10, 4);
  for (Vector& row : l) row[0] = std::exp(row[0]), row[2] = -std::abs(row[2]);
  for (Vector& row : x) row[2] = std::exp(row[2]), row[3] = std::exp(row[3]), row[4] = -1;
  const std::string l_data = table({{"l", l}}), draws = " --draws 20000 -D T=5";
  expect_same(model, {"given l; do l[0] = 1; return l, l.noise", "given l; do l[2] = l[0]; return l"}, 5, l_data);
  compile("dim T\n" + model + "\nquery q on Course { given l; do l[0] = 1; return l, l.noise }\nquery drawn on Course { return Q[0.5; l[0]], P[l[0] > 0], sd[l[1] - 0.5 * l[0]], E[log(x[1, 0]) - 0.01 * l[1]] }");
  const Rows rows = answer("q", l_data);
  for (size_t r = 0; r < 2; ++r) {
    for (int t = 0; t < 5; ++t) {
      const auto i = static_cast<size_t>(t);
      EXPECT_NEAR(at(rows, r, "l.noise", t), t == 0 ? (std::log(l[r][0]) - 1) / 2 : (l[r][i] - 0.5 * l[r][i - 1]) / 3, 1e-12);
      EXPECT_NEAR(at(rows, r, "l", t), l[r][i] + std::pow(0.5, t) * (1 - l[r][0]), 1e-12);
    }
  }
  const Rows drawn = unquoted(answer("drawn", draws));
  EXPECT_NEAR(at(drawn, 0, "Q[0.5; l[0]]"), std::exp(1), 5 * at(drawn, 0, "Q[0.5; l[0]].se"));
  EXPECT_EQ(at(drawn, 0, "P[l[0] > 0]"), 1);
  EXPECT_NEAR(at(drawn, 0, "sd[l[1] - 0.5 * l[0]]"), 3, 5 * at(drawn, 0, "sd[l[1] - 0.5 * l[0]].se"));
  EXPECT_NEAR(at(drawn, 0, "E[log(x[1, 0]) - 0.01 * l[1]]"), 0, 5 * at(drawn, 0, "E[log(x[1, 0]) - 0.01 * l[1]].se"));
  const auto lines = [&](const std::string& file) {
    std::ifstream in(file.substr(std::string("--data ").size()));
    std::vector<std::string> text;
    for (std::string line; std::getline(in, line);) text.push_back(line);
    return text;
  };
  std::vector<std::string> both = lines(l_data);
  const std::string data = matrix_table({{"x", {5, 2}, x}});
  const std::vector<std::string> more = lines(data);
  std::ofstream file(folder_ / "data.csv");
  for (size_t i = 0; i < both.size(); ++i) file << both[i] << "," << more.at(i) << "\n";
  file.close();
  expect_same(model, {"given l, x; do x[0] = [0, 0]; return x, x.noise", "given l, x; do l[0] = 3; return x"}, 5, data);
}

// What is the same at all steps may be set beside steps: nothing is kept of the evidence then.
TEST_F(OpenStepParts, NumbersThatAllStepsRead) {
  expect_same(R"(
model Course {
    input start : f64
    exo g ~ normal(0, 1)
    var scale = exp(start) + g
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.5 * l[t-1] else start) + scale * u
    }
}
)", {"given l, scale; do start = 5; do l[3] = 1; return l", "given l, scale; do scale = 2; do l[1..] = 0.5 * l[1..]; return l", "given l[..], scale; do start = factual.start; do l[2] = 0; return l"}, 5,
              table({{"start", {{1}, {-2}}}, {"scale", {{2}, {3}}}, {"l", random_rows(2, 5, 8)}}));
}

// Evidence on the first steps: their noise is recovered, that of later steps is drawn.
TEST_F(OpenStepParts, FirstStepsAsEvidence) {
  const std::string model = R"(
model Course {
    input start : f64
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.8 * l[t-1] - 0.1 * y[t-1] else start) + 2 * u
        var y ~ normal(if t > 0 then y[t-1] + l else l, 0.5)
        var known = (if t > 0 then known[t-1] else 0) + l
    }
}
query ahead on Course { given l[..3], y[..3]; return E[l[2]], E[l[3]], E[l[4]], sd[l[3]], E[u[1]], E[y.noise[2]], E[u[4]], E[known[4]], l[0] }
query set on Course { given l[0], y[0], l[1..3], y[1..3]; do l[0] = 0; return E[l[2]], E[y[2]], E[l[3]], kept = E[l[4] - factual.l[4]] }
query start on Course { given l[..3], y[..3]; do start = 5; do y[1] = factual.y[1]; return E[l[0]], E[l[1]], E[y[1]], E[y[2]] }
query same on Course { given l[..3], y[..3]; do l[1] = factual.l[1]; return E[l[2] - factual.l[2]], sd[l[4] - factual.l[4]] }
)";
  const Vector l = {2, 1, 4}, y = {2.5, 3, 8};
  const double start = 1;
  const std::string data = table({{"start", {{start}}}, {"l", {l}}, {"y", {y}}}) + " --draws 40000 -D T=5";
  compile("dim T\n" + model);
  const Rows ahead = answer("ahead", data), set = answer("set", data), moved = answer("start", data), same = answer("same", data);
  // Later steps, as expected.
  const auto next = [](Vector& of_l, Vector& of_y) {
    of_l.push_back(0.8 * of_l.back() - 0.1 * of_y.back());
    of_y.push_back(of_y.back() + of_l.back());
  };
  Vector all_l = l, all_y = y;
  while (all_l.size() < 5) next(all_l, all_y);
  const auto near = [](const Rows& rows, const std::string& name, double expected) { EXPECT_NEAR(at(rows, 0, name), expected, 1e-12 + (rows.at(0).count(name + ".se") > 0 ? 5 * at(rows, 0, name + ".se") : 0)) << name; };
  near(ahead, "E[l[2]]", 4);
  near(ahead, "E[l[3]]", all_l[3]);
  near(ahead, "E[l[4]]", all_l[4]);
  near(ahead, "sd[l[3]]", 2);
  near(ahead, "E[u[1]]", (1 - 0.8 * 2 + 0.1 * 2.5) / 2);
  near(ahead, "E[y.noise[2]]", (8 - 3 - 4) / 0.5);
  near(ahead, "E[u[4]]", 0);
  near(ahead, "E[known[4]]", 7 + all_l[3] + all_l[4]);
  EXPECT_EQ(at(ahead, 0, "l[0]"), 2);
  Vector set_l = {0}, set_y = {y[0] - l[0]};
  for (size_t t = 1; t < 5; ++t) {
    next(set_l, set_y);
    const double u = t < 3 ? l[t] - 0.8 * l[t - 1] + 0.1 * y[t - 1] : 0, n = t < 3 ? y[t] - y[t - 1] - l[t] : 0;
    set_l.back() += u;
    set_y.back() += u + n;
  }
  near(set, "E[l[2]]", set_l[2]);
  near(set, "E[y[2]]", set_y[2]);
  near(set, "E[l[3]]", set_l[3]);
  // The noise of later steps is the same in both worlds, and all is linear.
  EXPECT_NEAR(at(set, 0, "kept"), set_l[4] - all_l[4], 1e-9);
  near(moved, "E[l[0]]", 6);
  near(moved, "E[l[1]]", 1 + 0.8 * 4 - 0.1 * 4);
  near(moved, "E[y[1]]", 3);
  const double second = 0.8 * (1 + 0.8 * 4 - 0.1 * 4) - 0.1 * 3 + (4 - 0.8 * 1 + 0.1 * 3);
  near(moved, "E[y[2]]", 3 + second + (8 - 3 - 4));
  EXPECT_EQ(at(same, 0, "E[l[2] - factual.l[2]]"), 0);
  EXPECT_EQ(at(same, 0, "sd[l[4] - factual.l[4]]"), 0);
}

}  // namespace
}  // namespace acie::testing
