// Vectors, parameters and policies inside `over t in 0..T { … }`, against the same recursion in plain C++.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

class Steps : public ProgramTest {};

constexpr int kSteps = 4;
using Course = std::array<std::array<double, 3>, kSteps>;

// Each number depends on others of its step, of the one before and of the one before that.
constexpr const char* kDrift = R"(
dim T = 4
model Drift {
    over t in 0..T {
        exo u : f64[3] ~ normal(0, 1)
        exo v ~ normal(0, 2)
        learn rate : f64 = 0.5 + 0.1 * t
        learn bias : f64[3] = [1, 2, 3]
        let old = if t > 1 then x[t-2] else [10, 20, 30]
        var x = (if t > 0 then rate * x[t-1] else [0, 0, 0]) + 0.1 * old + bias + [1, 2, 0.5] * u
        var pair = [x[t][0] - x[t, 2], 2 * v]
        var total = sum(x) + pair[t, 1] + (if t > 0 then 0.3 * total[t-1] else 0)
    }
    var last = pair[-1, 0]
}
query some on Drift { given x, pair; do x[1] = x[1] + [1, 0, -1]; do x[2, 1] = 0; return x, total, pair, last }
query policy on Drift { given x, pair; do x[t] = if total[t-1] > 12 then 0.5 * x[t-1] else x[t] if t > 0; return x, total }
query all on Drift { given x, pair; do x = 1; return total, u, v }
query masked on Drift { given x, pair; do x[x > 8] = 8; return x }
query drawn on Drift { do x[0] ~ normal([100, 200, 300], 1); return e = E[x[0]], s = sd[x[1, 2]] }
)";

struct Drift {
  Course x, u;
  std::array<double, kSteps> v, total;
};

constexpr double kBias[3] = {1, 2, 3}, kScale[3] = {1, 2, 0.5}, kStart[3] = {10, 20, 30};

double mean_of(const Course& x, int t, int i) {
  return (t > 0 ? (0.5 + 0.1 * t) * x[t - 1][i] : 0) + 0.1 * (t > 1 ? x[t - 2][i] : kStart[i]) + kBias[i];
}

/// Runs the course; `set` may replace x at a step: it sees the course so far, with this step's natural values.
template <class F>
void forward(Drift& drift, F set) {
  for (int t = 0; t < kSteps; ++t) {
    for (int i = 0; i < 3; ++i) drift.x[t][i] = mean_of(drift.x, t, i) + kScale[i] * drift.u[t][i];
    set(drift, t);
    drift.total[t] = drift.x[t][0] + drift.x[t][1] + drift.x[t][2] + 2 * drift.v[t] + (t > 0 ? 0.3 * drift.total[t - 1] : 0);
  }
}

void expect_course(const Rows& rows, size_t row, const std::string& name, const Course& expected) {
  for (int t = 0; t < kSteps; ++t)
    for (int i = 0; i < 3; ++i) {
      const std::string column = "\"" + name + "[" + std::to_string(t) + "," + std::to_string(i) + "]\"";
      EXPECT_NEAR(at(rows, row, column), expected[t][i], 1e-11) << column;
    }
}

TEST_F(Steps, VectorsAreAbductedAndSetStepByStep) {
  compile(kDrift);
  std::vector<Drift> drifts(3);
  std::mt19937_64 generator(4);
  std::normal_distribution<double> normal;
  std::vector<Vector> x, pair;
  for (Drift& drift : drifts) {
    for (auto& step : drift.u)
      for (double& value : step) value = normal(generator);
    for (double& value : drift.v) value = 2 * normal(generator);
    forward(drift, [](Drift&, int) {});
    x.emplace_back();
    pair.emplace_back();
    for (int t = 0; t < kSteps; ++t) {
      x.back().insert(x.back().end(), drift.x[t].begin(), drift.x[t].end());
      pair.back().push_back(drift.x[t][0] - drift.x[t][2]);
      pair.back().push_back(2 * drift.v[t]);
    }
  }
  const std::string data = matrix_table({{"x", {kSteps, 3}, x}, {"pair", {kSteps, 2}, pair}});
  const Rows some = answer("some", data), policy = answer("policy", data), all = answer("all", data), masked = answer("masked", data);
  ASSERT_EQ(some.size(), drifts.size());
  for (size_t r = 0; r < drifts.size(); ++r) {
    Drift changed = drifts[r];
    forward(changed, [](Drift& d, int t) {
      if (t == 1) d.x[1][0] += 1, d.x[1][2] -= 1;
      if (t == 2) d.x[2][1] = 0;
    });
    expect_course(some, r, "x", changed.x);
    for (int t = 0; t < kSteps; ++t) EXPECT_NEAR(at(some, r, "total", t), changed.total[t], 1e-11);
    EXPECT_NEAR(at(some, r, "last"), changed.x[3][0] - changed.x[3][2], 1e-11);
    changed = drifts[r];
    forward(changed, [](Drift& d, int t) {
      if (t > 0 && d.total[t - 1] > 12)
        for (int i = 0; i < 3; ++i) d.x[t][i] = 0.5 * d.x[t - 1][i];
    });
    expect_course(policy, r, "x", changed.x);
    expect_course(all, r, "u", drifts[r].u);
    for (int t = 0; t < kSteps; ++t) EXPECT_NEAR(at(all, r, "v", t), drifts[r].v[t], 1e-11);
    changed = drifts[r];
    forward(changed, [](Drift& d, int t) { d.x[t] = {1, 1, 1}; });
    for (int t = 0; t < kSteps; ++t) EXPECT_NEAR(at(all, r, "total", t), changed.total[t], 1e-11);
    changed = drifts[r];
    forward(changed, [](Drift& d, int t) {
      for (double& value : d.x[t]) value = std::min(value, 8.0);
    });
    expect_course(masked, r, "x", changed.x);
  }
  const Rows drawn = answer("drawn", "--draws 20000");
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(at(drawn, 0, "e", i), 100.0 * (i + 1), 0.05);
  // x[1, 2] = 0.6 x[0, 2] + 0.5 u[1, 2] + …
  EXPECT_NEAR(at(drawn, 0, "s"), std::sqrt(0.6 * 0.6 + 0.5 * 0.5), 0.02);
}

TEST_F(Steps, ParametersOfEachStepAreSetByName) {
  compile(kDrift);
  const Rows rows = answer("drawn", "--draws 2000 --set 'Drift.rate[1]=0'");
  EXPECT_NEAR(at(rows, 0, "s"), 0.5, 0.05);
}

TEST_F(Steps, LargeVectorsPerStepAreOneVariableEach) {
  compile(R"(
dim W = 100
model Drift {
    over t in 0..3 {
        exo u : f64[W] ~ normal(0, 1)
        var x : f64[W] = (if t > 0 then 0.5 * x[t-1] else [1.0 * i for i in 0..W]) + u
        var total = sum(x)
    }
}
query known on Drift { given x; return total, path = x[.., 7], first = x[1, ..3], noise = u[2, 99] }
query moved on Drift { given x; do x[1] = 2 * x[1]; do x[2, 5..10] = 0; return total }
query policy on Drift { given x; do x[t] = if total[t-1] > 0 then x[t] else 0 if t > 0; return total }
query ranged on Drift { given x[0], x[1]; do x[0..2] = 1; return total[..2] }
)");
  const auto x0 = random_rows(3, 100, 1), x1 = random_rows(3, 100, 2), x2 = random_rows(3, 100, 3);
  std::vector<std::pair<std::string, std::vector<Vector>>> columns{{"x[0]", x0}, {"x[1]", x1}, {"x[2]", x2}};
  const std::string data = table(columns);
  const Rows known = answer("known", data), moved = answer("moved", data), policy = answer("policy", data), ranged = answer("ranged", data);
  const auto sum = [](const Vector& v) {
    double result = 0;
    for (const double value : v) result += value;
    return result;
  };
  for (size_t r = 0; r < 3; ++r) {
    EXPECT_NEAR(at(known, r, "total", 1), sum(x1[r]), 1e-12);
    EXPECT_NEAR(at(known, r, "path", 2), x2[r][7], 0);
    EXPECT_NEAR(at(known, r, "first", 2), x1[r][2], 0);
    EXPECT_NEAR(at(known, r, "noise"), x2[r][99] - 0.5 * x1[r][99], 1e-14);
    EXPECT_NEAR(at(moved, r, "total", 1), 2 * sum(x1[r]), 1e-12);
    double expected = 0;
    for (int i = 0; i < 100; ++i) expected += i >= 5 && i < 10 ? 0 : x2[r][i] + 0.5 * x1[r][i];
    EXPECT_NEAR(at(moved, r, "total", 2), expected, 1e-12);
    const double first = sum(x0[r]) > 0 ? sum(x1[r]) : 0;
    EXPECT_NEAR(at(policy, r, "total", 1), first, 1e-12);
    EXPECT_NEAR(at(policy, r, "total", 2), first > 0 ? sum(x2[r]) : 0, 1e-12);
    EXPECT_EQ(at(ranged, r, "total", 1), 100);
  }
}

template <class... Parts>
std::string joined(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

// A `do` on slices and policies read each step as it stands: steps that are set by their natural values, in policies others by this
// world's. Vectors of 3 elements are a variable each, those of 70 a variable per step; the same recursions hold for both.
TEST_F(Steps, SlicesAndPoliciesOfSmallAndLargeVectorsReadTheSameSteps) {
  constexpr int kSteps = 5, kRows = 3;
  using Path = std::vector<Vector>;  // by step
  const auto each = [](const Vector& v, auto f) {
    Vector result(v.size());
    for (size_t i = 0; i < v.size(); ++i) result[i] = f(v[i], i);
    return result;
  };
  // As many lines that each read the one before twice: were they read again for each that reads them, none would see the end.
  constexpr int kDeep = 40;
  std::string deep = "fn deep(v0: f64[4, W]) -> f64[4, W] {\n";
  for (int i = 0; i < kDeep; ++i) deep += joined("    let v", i + 1, " = 0.01 * v", i, " * v", i, " + 0.9 * v", i, "\n");
  deep += joined("    return v", kDeep, "\n}\n");
  // What each query sets step t to, from the natural values until then and the world's before.
  using Setting = std::function<Vector(int t, const Path& natural, const Path& world)>;
  const std::vector<std::tuple<std::string, std::string, Setting>> settings = {
      {"halved", "do x[1..] = 0.5 * x[1..]", [&](int t, const Path& n, const Path&) { return each(n[t], [&](double v, size_t) { return t > 0 ? 0.5 * v : v; }); }},
      {"doubled", "do x = 2 * x", [&](int t, const Path& n, const Path&) { return each(n[t], [](double v, size_t) { return 2 * v; }); }},
      {"shifted", "do x += 1", [&](int t, const Path& n, const Path&) { return each(n[t], [](double v, size_t) { return v + 1; }); }},
      {"clipped", "do x[1..] = 0 * x[1..] if x[1..] > 0", [&](int t, const Path& n, const Path&) { return each(n[t], [&](double v, size_t) { return t > 0 && v > 0 ? 0 : v; }); }},
      {"column", "do x[.., 1] = 2 * x[.., 1]", [&](int t, const Path& n, const Path&) { return each(n[t], [](double v, size_t i) { return i == 1 ? 2 * v : v; }); }},
      {"lagged", "do x[1..] = x[..-1]", [](int t, const Path& n, const Path&) { return t > 0 ? n[t - 1] : n[t]; }},
      {"blended", "do x[2..] = x[2..] + 0.1 * x[1..-1]", [&](int t, const Path& n, const Path&) { return each(n[t], [&](double v, size_t i) { return t > 1 ? v + 0.1 * n[t - 1][i] : v; }); }},
      {"centred", "do x[1..] = x[1..] - mean(x[1..], axis: 1)[.., new]", [&](int t, const Path& n, const Path&) {
         double mean = 0;
         for (const double v : n[t]) mean += v / static_cast<double>(n[t].size());
         return each(n[t], [&](double v, size_t) { return t > 0 ? v - mean : v; });
       }},
      {"mixed", "do x[1..] = x[1..] @ mixing", [&](int t, const Path& n, const Path&) {
         return each(n[t], [&](double v, size_t i) { return t > 0 ? 0.5 * v + n[t][(i + 1) % n[t].size()] : v; });
       }},
      {"reversed", "do x[1..] = [2 * x[t + 1, W - 1 - i] for t in 0..4, i in 0..W]", [&](int t, const Path& n, const Path&) {
         return each(n[t], [&](double v, size_t i) { return t > 0 ? 2 * n[t][n[t].size() - 1 - i] : v; });
       }},
      {"running", "do x[1..] = 0.1 * cumsum(x[1..], axis: 1)", [&](int t, const Path& n, const Path&) {
         double sum = 0;
         return each(n[t], [&](double v, size_t) { return t > 0 ? 0.1 * (sum += v) : v; });
       }},
      {"ordered", "do x[1..] = sort(x[1..], axis: 1)", [&](int t, const Path& n, const Path&) {
         Vector result = n[t];
         if (t > 0) std::sort(result.begin(), result.end());
         return each(result, [](double v, size_t) { return v; });
       }},
      {"signed", "do x[1..] = signs[where(x[1..] > 0, 1, 0)] * x[1..]", [&](int t, const Path& n, const Path&) { return each(n[t], [&](double v, size_t) { return t > 0 ? std::abs(v) : v; }); }},
      {"led", "do x[1..] = x[1..] + (0.5 * argmax(x[1..], axis: 1))[.., new]", [&](int t, const Path& n, const Path&) {
         const auto place = static_cast<double>(std::max_element(n[t].begin(), n[t].end()) - n[t].begin());
         return each(n[t], [&](double v, size_t) { return t > 0 ? v + 0.5 * place : v; });
       }},
      {"swapped", "do x[[3, 1]] = 2 * x[[3, 1]]", [&](int t, const Path& n, const Path&) { return each(n[t], [&](double v, size_t) { return t == 1 || t == 3 ? 2 * v : v; }); }},
      {"crossed", "do x[t, [2, 0]] = x[t, [0, 2]]", [&](int t, const Path& n, const Path&) {
         Vector result = n[t];
         std::swap(result[0], result[2]);
         return result;
       }},
      {"joined", "do x[1..] = concat(x[1..3], reshape(2 * reshape(x[3..], [2 * W]), [2, W]))", [&](int t, const Path& n, const Path&) {
         return each(n[t], [&](double v, size_t) { return t > 2 ? 2 * v : v; });
       }},
      {"named", "do damped(0.5)", [&](int t, const Path& n, const Path&) { return each(n[t], [&](double v, size_t) { return t > 0 ? 0.5 * v : v; }); }},
      {"deepened", "do x[1..] = deep(x[1..])", [&](int t, const Path& n, const Path&) {
         return each(n[t], [&](double v, size_t) {
           for (int i = 0; i < kDeep && t > 0; ++i) v = 0.01 * v * v + 0.9 * v;
           return v;
         });
       }},
      {"policy", "do x[t] = if t > 0 then 0.9 * x[t-1] + 0.1 * x else x", [&](int t, const Path& n, const Path& w) { return each(n[t], [&](double v, size_t i) { return t > 0 ? 0.9 * w[t - 1][i] + 0.1 * v : v; }); }},
  };
  for (const int width : {3, 70}) {
    SCOPED_TRACE(width);
    std::string program = joined("dim W = ", width, "\n", deep, R"(
const signs : f64[2] = [-1.0, 1.0]
const mixing : f64[W, W] = [if i == j then 0.5 else if i == mod(j + 1, W) then 1.0 else 0.0 for i in 0..W, j in 0..W]
model Field {
    over t in 0..5 {
        exo u : f64[W] ~ normal(0, 1)
        var x : f64[W] = (if t > 0 then 0.5 * x[t-1] - 0.2 * mean(x[t-1]) else ones(W)) + 2 * u
    }
    var total = [sum(x[i]) + x[i, 1] + 2 * x[i, 2] for i in 0..5]
}
intervention damped(rate: f64) on Field { do x[1..] = rate * x[1..] }
)");
    for (const auto& [name, set, setting] : settings) program += joined("query ", name, " on Field { given x; ", set, "; return total }\n");
    compile(program);
    const auto equation = [&](const Path& before, int t, const Vector& u) {
      double mean = 0;
      for (int i = 0; i < width && t > 0; ++i) mean += before[t - 1][i] / width;
      return each(u, [&](double noise, size_t i) { return (t > 0 ? 0.5 * before[t - 1][i] - 0.2 * mean : 1) + 2 * noise; });
    };
    std::vector<std::vector<Vector>> seen;  // by step, then row
    for (int t = 0; t < kSteps; ++t) seen.push_back(random_rows(kRows, width, 20 + t));
    std::string data;
    if (width > 64) {
      std::vector<std::pair<std::string, std::vector<Vector>>> columns;
      for (int t = 0; t < kSteps; ++t) columns.emplace_back(joined("x[", t, "]"), seen[t]);
      data = table(columns);
    } else {
      std::vector<Vector> all(kRows);
      for (int r = 0; r < kRows; ++r)
        for (int t = 0; t < kSteps; ++t) all[r].insert(all[r].end(), seen[t][r].begin(), seen[t][r].end());
      data = matrix_table({{"x", {kSteps, width}, all}});
    }
    for (const auto& [name, set, setting] : settings) {
      const Rows rows = answer(name, data);
      for (size_t r = 0; r < kRows; ++r) {
        Path factual, natural, world;
        for (int t = 0; t < kSteps; ++t) {
          factual.push_back(seen[t][r]);
          const Vector without = equation(factual, t, Vector(width));
          const Vector u = each(factual[t], [&](double v, size_t i) { return (v - without[i]) / 2; });
          natural.push_back(equation(world, t, u));
          world.push_back(setting(t, natural, world));
          double total = world[t][1] + 2 * world[t][2];
          for (const double v : world[t]) total += v;
          EXPECT_NEAR(at(rows, r, "total", t), total, 1e-11) << name << " at step " << t;
        }
      }
    }
  }
}

// `do x[t, i] = e` sets some elements of every step, a mask those that another series chooses. What a statement sets it reads as it would
// be by itself, what others set as they set it. As many elements as are a variable each, more of them, and as many steps as the data say.
TEST_F(Steps, ElementsOfEveryStepAreSet) {
  constexpr int kSteps = 4, kRows = 3, kShown = 3;
  struct Kind {
    const char* steps;
    int width;
  };
  for (const Kind& kind : {Kind{"dim T = 4", 3}, Kind{"dim T = 4", 70}, Kind{"dim T", 3}}) {
    SCOPED_TRACE(joined(kind.steps, ", ", kind.width));
    compile(joined(kind.steps, "\ndim W = ", kind.width, R"(
model Field {
    over t in 0..T {
        exo u : f64[W] ~ normal(0, 1)
        exo v : f64[W] ~ normal(0, 1)
        var x : f64[W] = (if t > 0 then 0.9 * x[t-1] else ones(W)) + 2 * u
        var y : f64[W] = (if t > 0 then 0.5 * x[t-1] else zeros(W)) + v
    }
}
query before on Field { given x, y; do x[t, 1] = if t > 0 then x[t-1, 2] else 0; return shown = x[.., ..3] }
query others on Field { given x, y; do x[t, 0] = x[t, 0] + 1; do x[t, 2] = x[t, 0]; return shown = x[.., ..3] }
query swapped on Field { given x, y; do x[t, ..2] = [x[t, 1], x[t, 0]]; return shown = x[.., ..3] }
query where_y on Field { given x, y; do x[t, 1] += y[t, 1] if y[t, 2] > 0; return shown = x[.., ..3] }
query masked on Field { given x, y; do x[y > 0] = 0; return shown = x[.., ..3] }
query plain on Field { given x, y; do x[1, 0] = 5; do x[1, 2] = x[1, 0]; return shown = x[.., ..3] }
)"));
    std::vector<std::vector<Vector>> x, y;  // by step, then row
    for (int t = 0; t < kSteps; ++t) x.push_back(random_rows(kRows, kind.width, 40 + t)), y.push_back(random_rows(kRows, kind.width, 50 + t));
    std::string data;
    if (kind.width > 64) {
      std::vector<std::pair<std::string, std::vector<Vector>>> columns;
      for (int t = 0; t < kSteps; ++t) columns.emplace_back(joined("x[", t, "]"), x[t]), columns.emplace_back(joined("y[", t, "]"), y[t]);
      data = table(columns);
    } else {
      std::vector<Vector> all_x(kRows), all_y(kRows);
      for (int r = 0; r < kRows; ++r) {
        for (int t = 0; t < kSteps; ++t) {
          all_x[r].insert(all_x[r].end(), x[t][r].begin(), x[t][r].end());
          all_y[r].insert(all_y[r].end(), y[t][r].begin(), y[t][r].end());
        }
      }
      data = matrix_table({{"x", {kSteps, kind.width}, all_x}, {"y", {kSteps, kind.width}, all_y}});
    }
    // What each query makes of the natural values of a step, the world's y there and the world's x before.
    using Setting = std::function<void(int t, const Vector& y, const Vector& before, Vector& x)>;
    const std::vector<std::pair<std::string, Setting>> settings = {
        {"before", [](int t, const Vector&, const Vector& before, Vector& x) { x[1] = t > 0 ? before[2] : 0; }},
        {"others", [](int, const Vector&, const Vector&, Vector& x) { x[0] += 1, x[2] = x[0]; }},
        {"swapped", [](int, const Vector&, const Vector&, Vector& x) { std::swap(x[0], x[1]); }},
        {"where_y", [](int, const Vector& y, const Vector&, Vector& x) { x[1] += y[2] > 0 ? y[1] : 0; }},
        {"masked", [](int, const Vector& y, const Vector&, Vector& x) { for (int i = 0; i < kShown; ++i) x[i] = y[i] > 0 ? 0 : x[i]; }},
        {"plain", [](int t, const Vector&, const Vector&, Vector& x) { if (t == 1) x[0] = x[2] = 5; }},
    };
    for (const auto& [name, set] : settings) {
      const Rows rows = unquoted(answer(name, data));
      for (size_t r = 0; r < kRows; ++r) {
        Vector before;
        for (int t = 0; t < kSteps; ++t) {
          Vector now(kShown), other(kShown);
          for (int i = 0; i < kShown; ++i) {
            now[i] = x[t][r][i] + (t > 0 ? 0.9 * (before[i] - x[t - 1][r][i]) : 0);
            other[i] = y[t][r][i] + (t > 0 ? 0.5 * (before[i] - x[t - 1][r][i]) : 0);
          }
          set(t, other, before, now);
          for (int i = 0; i < kShown; ++i) EXPECT_NEAR(at(rows, r, joined("shown[", t, ",", i, "]")), now[i], 1e-12) << name;
          before = now;
        }
      }
    }
  }
}

// More series than a kernel writes out one by one: what is written past the caches is written in a loop too.
TEST_F(Steps, ManySeriesOfAsManyStepsAsTheDataSay) {
  std::string program = "dim T\nconst place = [1.0 * i for i in 0..64]\nmodel Field {\n  over t in 0..T {\n";
  for (const char* name : {"a", "b", "c", "d", "e"}) program += joined("    exo u_", name, " : f64[64] ~ normal(0, 1)\n    var ", name, " : f64[64] = u_", name, " + place\n");
  compile(program + "  }\n}\nquery noise on Field { given a, b, c, d, e; return u_a, u_e }\n");
  for (const int steps : {1, 7}) {
    std::vector<std::tuple<std::string, std::pair<int, int>, std::vector<Vector>>> columns;
    for (const char* name : {"a", "b", "c", "d", "e"}) columns.push_back({name, {steps, 64}, random_rows(2, 64 * steps, columns.size())});
    const Rows noise = unquoted(answer("noise", matrix_table(columns)));
    for (size_t r = 0; r < 2; ++r) {
      for (int t = 0; t < steps; ++t) {
        for (int i = 0; i < 64; ++i) {
          const std::string place = joined("[", t, ",", i, "]");
          EXPECT_EQ(at(noise, r, "u_a" + place), std::get<2>(columns[0])[r][64 * t + i] - i);
          EXPECT_EQ(at(noise, r, "u_e" + place), std::get<2>(columns[4])[r][64 * t + i] - i);
        }
      }
    }
  }
}

TEST_F(Steps, SomeElementsOfLargeVectorsAreSeenAndLawsDiffer) {
  compile(R"(
dim T = 4
model Field {
    over t in 0..T {
        exo u : f64[90] ~ normal(0, 1)
        var x = (if t > 0 then 0.5 * x[t-1] else zeros(90)) + 2 * u
    }
}
query seen on Field { given x[0], x[1, 3] = 4, x[1, 80..82] = [1, 2], x[2, 3]; do x[1, 3] = 0; return u[1, 3], u[1, 80], u[1, 81], u[2, 3], x[2, 3] }
query laws on Field { do x[1] ~ normal([1.0 * i for i in 0..90], 0.1); return m = E[x[1]], after = E[x[2, 40]] }
query part on Field { do x[2, 10..13] ~ normal([5, 6, 7], 0.1); return m = E[x[2, 10..13]], other = E[x[2, 13]] }
)");
  std::vector<Vector> first = random_rows(2, 90, 8);
  std::ostringstream text;
  text.precision(17);
  for (int i = 0; i < 90; ++i) text << "x[0][" << i << "],";
  text << "x[2][3]";
  for (const Vector& row : first) {
    text << "\n";
    for (const double value : row) text << value << ",";
    text << 7;
  }
  std::ofstream(folder_ / "field.csv") << text.str() << "\n";
  const Rows seen = answer("seen", "--data " + (folder_ / "field.csv").string());
  for (size_t r = 0; r < 2; ++r) {
    EXPECT_NEAR(at(seen, r, R"("u[1, 3]")"), (4 - 0.5 * first[r][3]) / 2, 1e-12);
    EXPECT_NEAR(at(seen, r, R"("u[1, 80]")"), (1 - 0.5 * first[r][80]) / 2, 1e-12);
    EXPECT_NEAR(at(seen, r, R"("u[1, 81]")"), (2 - 0.5 * first[r][81]) / 2, 1e-12);
    EXPECT_NEAR(at(seen, r, R"("u[2, 3]")"), (7 - 0.5 * 4) / 2, 1e-12);
    EXPECT_NEAR(at(seen, r, R"("x[2, 3]")"), 7 - 0.5 * 4, 1e-12);  // x[1, 3] = 0 there
  }
  const Rows laws = answer("laws", "--draws 4000"), part = answer("part", "--draws 4000");
  for (int i = 0; i < 90; ++i) EXPECT_NEAR(at(laws, 0, "m", i), i, 0.01) << i;
  EXPECT_NEAR(at(laws, 0, "after"), 20, 0.2);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(at(part, 0, "m", i), 5 + i, 0.01);
  EXPECT_NEAR(at(part, 0, "other"), 0, 0.2);
}

TEST_F(Steps, AYearOfSteps) {
  compile(R"(
dim T = 365
model Walk {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.5 * l[t-1] else 0) + u
    }
}
query shifted on Walk { given l; do l[0] = l[0] + 1024; return early = l[10], late = l[T-1] }
)");
  const auto l = random_rows(2, 365, 5);
  const Rows rows = answer("shifted", table({{"l", l}}));
  for (size_t r = 0; r < 2; ++r) {
    EXPECT_NEAR(at(rows, r, "early"), l[r][10] + 1, 1e-12);
    EXPECT_NEAR(at(rows, r, "late"), l[r][364], 1e-12);
  }
}

/// A model of two series with memories of one and two steps, and queries that set, give and return random parts of them.
std::string random_program(std::mt19937& random, int steps) {
  const auto pick = [&](int n) { return static_cast<int>(random() % n); };
  const auto step = [&] { return std::to_string(pick(steps)); };
  const auto number = [&] { return std::to_string(0.1 * pick(9) - 0.4); };
  std::string text = "dim T = " + std::to_string(steps) + "\nmodel M {\n    input start : f64\n    over t in 0..T {\n        exo u ~ normal(0, 1)\n        exo v ~ normal(0, 0.5)\n";
  if (pick(2)) text += "        learn rate = 0.3 + 0.001 * t\n";
  else text += "        let rate = " + number() + "\n";
  const std::string older = pick(2) ? " + (if t > 1 then 0.2 * l[t-2] else 0)" : "";
  const char* shapes[] = {"rate * l[t-1]", "tanh(l[t-1]) + rate * m[t-1]", "max(l[t-1], rate)", "(if m[t-1] > rate then l[t-1] else 0.5 * l[t-1])"};
  text += std::string("        var l = (if t > 0 then ") + shapes[pick(4)] + older + " else start) + " + (pick(2) ? "1.5 * u" : "u") + "\n";
  text += std::string("        var m = ") + (pick(2) ? "exp(0.1 * l + v)" : "0.5 * l + (if t > 0 then 0.3 * m[t-1] else 1) + v") + "\n    }\n}\n";
  for (int q = 0; q < 6; ++q) {
    text += "query q" + std::to_string(q) + " on M {\n    given l, m\n";
    const int first = pick(steps);
    const std::string slice = std::to_string(first) + ".." + std::to_string(first + 1 + pick(steps - first));
    switch (pick(6)) {
      case 0: text += "    do l[" + step() + "] = " + number() + "\n"; break;
      case 1: text += "    do l[" + slice + "] = l[" + slice + "] + " + number() + "\n"; break;
      case 2: text += "    do l[t] = if m[t-1] > 1 then 0.5 * l[t-1] else l[t] if t > 0\n"; break;
      case 3: text += "    do m = " + number() + "\n"; break;
      case 4: text += "    do l[l > 1] = 1\n"; break;
      default: text += "    do m[" + slice + "] = start; do l[" + step() + "] = 2\n"; break;
    }
    const std::string answers[] = {"l, m", "l[-1]", "l[" + step() + "], m[" + step() + "]", "m[" + slice + "], u[" + slice + "]", "s = sum(l), h = max(m[..9])"};
    text += "    return " + answers[pick(5)] + "\n}\n";
  }
  return text + "query drawn on M { do l[" + step() + "] = 1; return e = E[l[-1]], s = sd[m[" + step() + "]], p = P[l[-1] > m[-1]] }\n";
}

// What is rolled into loops computes the same bits as what is written out.
TEST_F(Steps, LoopsHaveTheBitsOfWrittenOutSteps) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::mt19937 random(seed);
    const int steps = 11 + static_cast<int>(random() % 30);
    const std::string program = random_program(random, steps);
    SCOPED_TRACE(program);
    std::vector<Vector> m = random_rows(5, steps, seed + 100);
    for (Vector& row : m)
      for (double& value : row) value = std::exp(value);
    const std::string data = table({{"start", random_rows(5, 1, seed)}, {"l", random_rows(5, steps, seed + 50)}, {"m", m}});
    std::vector<Rows> rolled;
    for (const char* how : {"--roll 1", "--roll 0"}) {
      compile(program, how);
      if (HasFatalFailure()) return;
      std::vector<Rows> answers;
      for (int q = 0; q < 6; ++q) answers.push_back(answer("q" + std::to_string(q), data));
      answers.push_back(answer("drawn", data + " --draws 200"));
      if (rolled.empty()) rolled = answers;
      EXPECT_EQ(rolled, answers);
    }
  }
}

TEST_F(Steps, AThousandStepsAreOneLoop) {
  compile(R"(
dim T = 1000
model Walk {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.5 * l[t-1] else 0) + u
    }
}
query shifted on Walk { given l; do l[500] = l[500] + 1024; return l[501..], early = l[10] }
)");
  EXPECT_LT(std::filesystem::file_size(package()), 1u << 20);  // written out, two megabytes
  const auto l = random_rows(3, 1000, 5);
  const Rows rows = answer("shifted", table({{"l", l}}));
  for (size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(at(rows, r, "early"), l[r][10]);
    for (int t = 501; t < 1000; ++t) EXPECT_NEAR(at(rows, r, "l", t), l[r][t] + std::ldexp(1024.0, 500 - t), 1e-12);
  }
}

// Inside `over` and in policies a bare name is this step; `and` looks at its right side only where the left one leaves it open.
// The same program with T known when compiling and read at start.
TEST_F(Steps, BareNamesInPoliciesAreThisStep) {
  for (const char* steps : {"dim T = 5", "dim T"}) {
    compile(std::string(steps) + R"(
model Herd {
    input start : f64
    over t in 0..T {
        input rain : f64
        exo u ~ normal(0, 1)
        let before = if t > 0 then size[t-1] - sold[t-1] else start
        var size = before * (1 + 0.1 * rain) + u
        var sold = if t > 0 and size[t-1] > 1 then 0.25 * size else 0
    }
}
query share on Herd { given size; do sold[t] = 0.5 * size if t > 0 and size[t-1] > 0; return size, sold }
query dry on Herd { given size; do rain[t] = if t == 0 or size[t-1] < 1 then rain else min(rain, 0.5); return size }
query fed on Herd { given size; do size[t] = max(size, 0.5 * before); return size }
query past on Herd { given size; do sold[t] = 0.5 * factual.size[t]; return size }
)");
    const int count = 5;
    const std::vector<Vector> size = random_rows(4, count, 5), rain = random_rows(4, count, 6), start = random_rows(4, 1, 7);
    const std::string data = table({{"start", start}, {"rain", rain}, {"size", size}});
    const Rows share = answer("share", data), dry = answer("dry", data), fed = answer("fed", data), past = answer("past", data);
    for (size_t r = 0; r < 4; ++r) {
      const auto sold = [](double before, double now, int t) { return t > 0 && before > 1 ? 0.25 * now : 0; };
      Vector u(count);
      for (int t = 0; t < count; ++t) {
        const double left = t > 0 ? size[r][t - 1] - sold(t > 1 ? size[r][t - 2] : 0, size[r][t - 1], t - 1) : start[r][0];
        u[t] = size[r][t] - left * (1 + 0.1 * rain[r][t]);
      }
      Vector a(count), sold_a(count), b(count), c(count), d(count);
      for (int t = 0; t < count; ++t) {
        a[t] = (t > 0 ? a[t - 1] - sold_a[t - 1] : start[r][0]) * (1 + 0.1 * rain[r][t]) + u[t];
        sold_a[t] = t > 0 && a[t - 1] > 0 ? 0.5 * a[t] : sold(t > 0 ? a[t - 1] : 0, a[t], t);
        EXPECT_NEAR(at(share, r, "size", t), a[t], 1e-12);
        EXPECT_NEAR(at(share, r, "sold", t), sold_a[t], 1e-12);
        const double wet = t == 0 || b[t - 1] < 1 ? rain[r][t] : std::min(rain[r][t], 0.5);
        b[t] = (t > 0 ? b[t - 1] - sold(t > 1 ? b[t - 2] : 0, b[t - 1], t - 1) : start[r][0]) * (1 + 0.1 * wet) + u[t];
        EXPECT_NEAR(at(dry, r, "size", t), b[t], 1e-12);
        const double before = t > 0 ? c[t - 1] - sold(t > 1 ? c[t - 2] : 0, c[t - 1], t - 1) : start[r][0];
        c[t] = std::max(before * (1 + 0.1 * rain[r][t]) + u[t], 0.5 * before);
        EXPECT_NEAR(at(fed, r, "size", t), c[t], 1e-12);
        d[t] = (t > 0 ? d[t - 1] - 0.5 * size[r][t - 1] : start[r][0]) * (1 + 0.1 * rain[r][t]) + u[t];
        EXPECT_NEAR(at(past, r, "size", t), d[t], 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace acie::testing
