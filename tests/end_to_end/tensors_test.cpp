// Vectors, matrices, records and steps in time, against numbers computed here in plain C++.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

using Rows = std::vector<std::map<std::string, std::string>>;

/// Runs `query` of the program `text` on the table `data`.
Rows answer(const std::string& text, const std::string& query, const std::string& data, const std::string& more = "") {
  TemporaryFolder folder;
  const auto program = folder / "program.acie", table = folder / "data.csv";
  std::ofstream(program) << text;
  std::ofstream(table) << data;
  const std::string package = (folder / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + program.string() + " -o " + package);
  EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult ran = run(runner() + " " + package + " " + query + " --allow-unsigned --out - --data " + table.string() + " " + more);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return parse_csv(ran.out);
}

double number(const std::map<std::string, std::string>& row, const std::string& column) {
  const auto cell = row.find(column);
  EXPECT_NE(cell, row.end()) << "no column " << column;
  return cell == row.end() || cell->second.empty() ? NAN : std::stod(cell->second);
}

std::string csv(const std::string& name, size_t count) {
  std::string header;
  for (size_t i = 0; i < count; ++i) header += (i > 0 ? "," : "") + name + "[" + std::to_string(i) + "]";
  return header;
}

TEST(Tensors, ExpressionsOverVectorsAndMatrices) {
  const std::string program = R"(
dim W = 3, H = 2
const w : f64[H, W] = [[0.5, -1, 2], [3, 0.25, -0.125]]
fn softmax[N](x: f64[N]) -> f64[N] {
    let e = exp(x - max(x))
    return e / sum(e)
}
model M {
    input x : f64[W]
    let h = tanh(w @ x + [0.1, -0.2])
    let outer = x[.., new] * x[new, ..]
    var soft = softmax(x)
    var hidden = h
    var back = h @ w
    var trace = sum(outer[i, i] for i in 0..W)
    var rowmax = max(outer[1])
    var by_column = sum(outer, axis: 0)
    var running = cumsum(x)
    var sorted = sort(x)
    var place = argmax(x)
    var ends = concat(x[1..], x[..1])
    var turned = reshape(transpose(w), 6)
    var mixed = mean(where(x > 0, x, -x)) + prod(x) + dot(x, reverse(x))
    var chain = fold(1, x, |c, v| 0.5 * c + v)
    var carries = scan(0, 0..4, |c, i| c + i * x[0])
    var squares = map(x, |v| v^2)
    var steps = linspace(0, 1, 5)[3]
}
query q on M { return soft, hidden, back, trace, rowmax, by_column, running, sorted, place, ends, turned, mixed, chain, carries, squares, steps }
)";
  const std::vector<std::array<double, 3>> inputs{{0.3, -1.2, 0.7}, {2, 2, 2}, {-5, 0.001, 4}, {1e3, -1e3, 0}};
  std::string data = csv("x", 3) + "\n";
  for (const auto& x : inputs) data += std::to_string(x[0]) + "," + std::to_string(x[1]) + "," + std::to_string(x[2]) + "\n";
  const Rows rows = answer(program, "q", data);
  ASSERT_EQ(rows.size(), inputs.size());
  const double w[2][3] = {{0.5, -1, 2}, {3, 0.25, -0.125}};
  for (size_t r = 0; r < rows.size(); ++r) {
    const auto& x = inputs[r];
    const auto near = [&](const std::string& column, double expected) {
      EXPECT_NEAR(number(rows[r], column), expected, 1e-12 * std::max(1.0, std::abs(expected))) << column << " of row " << r;
    };
    const auto at = [](const std::string& name, size_t i) { return name + "[" + std::to_string(i) + "]"; };
    const double top = std::max({x[0], x[1], x[2]});
    const double total = std::exp(x[0] - top) + std::exp(x[1] - top) + std::exp(x[2] - top);
    const double h[2] = {std::tanh(w[0][0] * x[0] + w[0][1] * x[1] + w[0][2] * x[2] + 0.1), std::tanh(w[1][0] * x[0] + w[1][1] * x[1] + w[1][2] * x[2] - 0.2)};
    auto ordered = x;
    std::sort(ordered.begin(), ordered.end());
    double running = 0, chain = 1;
    for (size_t i = 0; i < 3; ++i) {
      running += x[i];
      chain = 0.5 * chain + x[i];
      near(at("soft", i), std::exp(x[i] - top) / total);
      near(at("back", i), h[0] * w[0][i] + h[1] * w[1][i]);
      near(at("by_column", i), x[i] * (x[0] + x[1] + x[2]));
      near(at("running", i), running);
      near(at("sorted", i), ordered[i]);
      near(at("ends", i), x[(i + 1) % 3]);
      near(at("squares", i), x[i] * x[i]);
    }
    for (size_t i = 0; i < 2; ++i) near(at("hidden", i), h[i]);
    for (size_t i = 0; i < 6; ++i) near(at("turned", i), w[i % 2][i / 2]);
    for (size_t i = 0; i < 4; ++i) near(at("carries", i), x[0] * static_cast<double>(i * (i + 1) / 2));
    near("trace", x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
    near("rowmax", std::max({x[1] * x[0], x[1] * x[1], x[1] * x[2]}));
    near("place", static_cast<double>(std::max_element(x.begin(), x.end()) - x.begin()));
    near("mixed", (std::abs(x[0]) + std::abs(x[1]) + std::abs(x[2])) / 3 + x[0] * x[1] * x[2] + 2 * x[0] * x[2] + x[1] * x[1]);
    near("chain", chain);
    near("steps", 0.75);
  }
}

// A loop inside another, and a long vector inside a loop: each place of the outer one has its own inner one.
TEST(Tensors, LoopsInsideLoops) {
  const std::string program = R"(
dim N = 70
fn spread(v: f64) -> f64 { return sum([v * i for i in 0..N]) }
model M {
    input x : f64[N]
    var below = [sum(if x[j] < x[i] then 1 else 0 for j in 0..N) for i in 0..N]
    var apart = [sum(abs(x - x[i])) for i in 0..N]
    var mapped = map(x, |v| sum(abs(x - v)))
    var products = [dot(x, x * i) for i in 0..N]
    var many = spread(x)
}
query q on M { return below, apart, mapped, products, many }
)";
  constexpr size_t n = 70;
  std::vector<double> x;
  std::string data = csv("x", n) + "\n";
  double squares = 0;
  for (size_t i = 0; i < n; ++i) {
    x.push_back(static_cast<double>((i * 37) % n) / 8 - 3);
    data += (i > 0 ? "," : "") + std::to_string(x.back());
    squares += x.back() * x.back();
  }
  const Rows rows = answer(program, "q", data + "\n");
  ASSERT_EQ(rows.size(), 1u);
  for (size_t i = 0; i < n; ++i) {
    const auto at = [&](const std::string& name) { return number(rows[0], name + "[" + std::to_string(i) + "]"); };
    double apart = 0, below = 0;
    for (const double v : x) {
      apart += std::abs(v - x[i]);
      below += v < x[i];
    }
    EXPECT_EQ(at("below"), below) << i;
    EXPECT_NEAR(at("apart"), apart, 1e-11) << i;
    EXPECT_NEAR(at("mapped"), apart, 1e-11) << i;
    EXPECT_NEAR(at("products"), squares * static_cast<double>(i), 1e-9) << i;
    EXPECT_NEAR(at("many"), 69 * 35 * x[i], 1e-9) << i;
  }
}

// x = L u + m with L lower triangular: each noise follows from the ones before it.
TEST(Tensors, TriangularSystemsAreInvertedExactly) {
  const std::string program = R"(
const l : f64[3, 3] = [[2, 0, 0], [0.5, 1.5, 0], [-1, 0.25, 0.75]]
const m : f64[3] = [1, -2, 0.5]
model M {
    exo u : f64[3] ~ normal(0, 1)
    var x = l @ u + m
    var y = exp(0.1 * x)
}
query q on M {
    given x
    do x[0] = 10
    return x, y, noise = u
}
query shifted on M {
    given x
    do x[1..] = x[1..] + 1
    return x
}
query masked on M {
    given x
    do x[x > 0] = 0
    return x
}
)";
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<std::array<double, 3>> noise, observed;
  std::string data = csv("x", 3) + "\n";
  for (int r = 0; r < 50; ++r) {
    const std::array<double, 3> u{normal(random), normal(random), normal(random)};
    const std::array<double, 3> x{2 * u[0] + 1, 0.5 * u[0] + 1.5 * u[1] - 2, -u[0] + 0.25 * u[1] + 0.75 * u[2] + 0.5};
    noise.push_back(u);
    observed.push_back(x);
    char line[100];
    std::snprintf(line, sizeof line, "%.17g,%.17g,%.17g\n", x[0], x[1], x[2]);
    data += line;
  }
  const Rows rows = answer(program, "q", data), shifted = answer(program, "shifted", data), masked = answer(program, "masked", data);
  ASSERT_EQ(rows.size(), 50u);
  for (size_t r = 0; r < rows.size(); ++r) {
    const std::array<double, 3> expected{10, observed[r][1], observed[r][2]};
    for (size_t i = 0; i < 3; ++i) {
      const std::string at = "[" + std::to_string(i) + "]";
      EXPECT_NEAR(number(rows[r], "noise" + at), noise[r][i], 1e-12);
      EXPECT_EQ(number(rows[r], "x" + at), expected[i]) << "an element that is not set keeps its bits";
      EXPECT_NEAR(number(rows[r], "y" + at), std::exp(0.1 * expected[i]), 1e-12);
      EXPECT_EQ(number(shifted[r], "x" + at), observed[r][i] + (i > 0 ? 1 : 0));
      EXPECT_EQ(number(masked[r], "x" + at), observed[r][i] > 0 ? 0 : observed[r][i]);
    }
  }
}

TEST(Tensors, AGroupsParameterIsFoundByIndex) {
  const std::string program = R"(
model M {
    input g : index[4]
    learn a : f64[4] = [1, 10, 100, 1000]
    input z : f64
    var x = a[g] * z
}
query q on M { return x }
)";
  const Rows rows = answer(program, "q", "g,z\n0,2\n1,2\n2,2\n3,2\n4,2\n-1,2\n", "--set 'M.a[2]=7'");
  ASSERT_EQ(rows.size(), 6u);
  const double expected[] = {2, 20, 14, 2000};
  for (size_t r = 0; r < 4; ++r) EXPECT_EQ(number(rows[r], "x"), expected[r]);
  EXPECT_EQ(rows[4].at("status"), "bad_input");
  EXPECT_EQ(rows[5].at("status"), "bad_input");
}

TEST(Tensors, UnitsGoThroughProductsAndRecords) {
  const std::string program = R"(
type Body = {mass: f64<kg>, velocity: f64<m/s>[3]}
fn kinetic(b: Body) -> f64<J> { return 0.5 * b.mass * dot(b.velocity, b.velocity) }
model M {
    input m : f64<g>
    input v : f64<km/s>[3] from columns("vx", "vy", "vz")
    var energy : f64<kJ> = kinetic({mass: m, velocity: v})
    var braked : f64<kJ> = kinetic({..{mass: m, velocity: v}, velocity: 0.5 * v})
}
query q on M { return energy, braked }
)";
  const Rows rows = answer(program, "q", "m,vx,vy,vz\n3,1,2,-2\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NEAR(number(rows[0], "energy"), 0.5 * 0.003 * 9e6 / 1000, 1e-12);
  EXPECT_NEAR(number(rows[0], "braked"), 0.125 * 0.003 * 9e6 / 1000, 1e-12);
}

TEST(Tensors, ConstraintsHoldElementByElement) {
  const std::string program = R"(
const stoichiometry : f64[2, 3] = [[2, 0, 1], [0, 1, 1]]
model M {
    input amounts : f64[3]
    input totals : f64[2]
    var x = sum(amounts)
}
constraint balance on M {
    stoichiometry @ amounts == totals tolerance 1e-6
    amounts >= 0
}
query q on M { return x, ok = balance.ok }
)";
  const Rows rows = answer(program, "q", csv("amounts", 3) + "," + csv("totals", 2) + "\n1,2,3,5,5\n1,2,3,5,5.5\n1,2,-3,-1,-1\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].at("ok"), "true");
  EXPECT_EQ(rows[1].at("ok"), "false");
  EXPECT_NEAR(number(rows[1], "physics_violation"), 0.5, 1e-12);
  EXPECT_NEAR(number(rows[2], "physics_violation"), 3, 1e-12);
}

/// Twelve visits with noise, and the course under a policy, computed step by step.
TEST(Treatment, ThePolicySeesItsOwnWorld) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  std::string data = "start," + csv("cd4", 12) + "," + csv("art", 12) + "\n";
  std::vector<std::array<double, 12>> expected, year;
  std::vector<int> treated_visits;
  for (int r = 0; r < 40; ++r) {
    const double start = 300 + 5 * r;
    std::array<double, 12> u{}, seen{}, under{}, third{};
    std::array<bool, 12> art{};
    int visits = 0;
    for (size_t t = 0; t < 12; ++t) {
      u[t] = normal(random);
      const auto next = [&](double before, bool treated) { return t == 0 ? start + 15 * u[t] : 0.975 * before + (treated ? 60 : 0) + 15 * u[t]; };
      seen[t] = next(t > 0 ? seen[t - 1] : 0, t > 0 && art[t - 1]);
      art[t] = (r + static_cast<int>(t)) % 3 == 0;
      under[t] = next(t > 0 ? under[t - 1] : 0, t > 0 && under[t - 1] < 350);
      third[t] = next(t > 0 ? third[t - 1] : 0, t > 0 && (art[t - 1] || (t - 1 >= 4 && t - 1 < 7)));
      visits += under[t] < 350;
    }
    expected.push_back(under);
    year.push_back(third);
    treated_visits.push_back(visits);
    char text[32];
    std::string line = std::to_string(static_cast<int>(start));
    for (const double value : seen) {
      std::snprintf(text, sizeof text, ",%.17g", value);
      line += text;
    }
    for (const bool value : art) line += value ? ",true" : ",false";
    data += line + "\n";
  }
  const std::string program = read_file(source("examples/treatment/treatment.acie"));
  const Rows rows = answer(program, "policy", data), third = answer(program, "third_year", data);
  ASSERT_EQ(rows.size(), 40u);
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t t = 0; t < 12; ++t) EXPECT_NEAR(number(rows[r], "cd4[" + std::to_string(t) + "]"), expected[r][t], 1e-9) << "visit " << t << " of row " << r;
    EXPECT_EQ(number(rows[r], "visits_treated"), treated_visits[r]);
    for (size_t t = 4; t < 8; ++t) EXPECT_NEAR(number(third[r], "cd4[" + std::to_string(t) + "]"), year[r][t], 1e-9);
  }
}

// The mean of a linear process has a closed form; the estimate lies within five of its standard errors.
TEST(Treatment, StrategiesAreAveragesOverTheNoise) {
  const std::string program = read_file(source("examples/treatment/treatment.acie"));
  const Rows rows = answer(program, "strategies", "start\n400\n", "--draws 20000");
  ASSERT_EQ(rows.size(), 1u);
  double never = 400, at_once = 400;
  for (int t = 1; t < 12; ++t) {
    never *= 0.975;
    at_once = 0.975 * at_once + 60;
  }
  EXPECT_NEAR(number(rows[0], "never"), never, 5 * number(rows[0], "never.se"));
  EXPECT_NEAR(number(rows[0], "at_once"), at_once, 5 * number(rows[0], "at_once.se"));
  EXPECT_GT(number(rows[0], "never.se"), 0);
}

}  // namespace
}  // namespace acie::testing
