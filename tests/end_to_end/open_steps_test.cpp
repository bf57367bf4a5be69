// `over t in 0..T` with T read from the data: the loop's numbers against recursions written out here, for several T.
#include <functional>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

struct OpenSteps : ProgramTest {};

Vector walk(const Vector& drive, double start, const Vector& u, const std::function<double(int, double)>& set) {
  Vector l(u.size());
  for (size_t t = 0; t < u.size(); ++t) {
    const double own = (t > 0 ? 0.5 * l[t - 1] + drive[t - 1] : start) + drive[t] + 2 * u[t];
    l[t] = set(static_cast<int>(t), own);
  }
  return l;
}

TEST_F(OpenSteps, OneSeriesAbductedAndSet) {
  compile(R"(
dim T
model Walk {
    input start : f64
    over t in 0..T {
        input drive : f64
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.5 * l[t-1] + drive[t-1] else start) + drive + 2 * u
    }
    var total = sum(l)
}
query noise on Walk { given l; return u }
query one on Walk { given l; do l[0] = 0; return l, total }
query late on Walk { given l; do l[3..] = 1; return l }
query low on Walk { given l; do l[l > 1] = 1; return l }
query shifted on Walk { given l; do drive += 1; return l }
query same on Walk { given l; do l[0] = factual.l[0]; return l }
query fed on Walk { given l; do drive[t] = if t > 0 then 0.25 * l[t-1] else drive; return l }
query nudged on Walk { given l; do l[t] = 0.5 * l[t-1] if t > 1; return l }
query drawn on Walk { return E[total] }
)");
  for (const int steps : {4, 33, 300}) {
    const std::vector<Vector> drive = random_rows(3, steps, 1), u = random_rows(3, steps, 2);
    const Vector start = {10, -1, 3};
    std::vector<Vector> l, starts;
    const auto own = [](int, double v) { return v; };
    for (int r = 0; r < 3; ++r) {
      l.push_back(walk(drive[r], start[r], u[r], own));
      starts.push_back({start[r]});
    }
    const std::string data = table({{"start", starts}, {"drive", drive}, {"l", l}});
    const Rows noise = answer("noise", data), one = answer("one", data), late = answer("late", data), low = answer("low", data), shifted = answer("shifted", data), same = answer("same", data),
               fed = answer("fed", data), nudged = answer("nudged", data);
    for (size_t r = 0; r < 3; ++r) {
      const Vector zero = walk(drive[r], start[r], u[r], [](int t, double v) { return t == 0 ? 0 : v; });
      const Vector ones = walk(drive[r], start[r], u[r], [](int t, double v) { return t >= 3 ? 1 : v; });
      const Vector below = walk(drive[r], start[r], u[r], [](int, double v) { return std::min(v, 1.0); });
      Vector more = drive[r];
      for (double& d : more) d += 1;
      const Vector up = walk(more, start[r], u[r], own);
      Vector policy(static_cast<size_t>(steps)), set(static_cast<size_t>(steps));
      double before = 0;
      for (size_t t = 0; t < policy.size(); ++t) {
        const double past = t > 0 ? 0.25 * (t > 1 ? policy[t - 2] : 0) : 0;
        const double d = t > 0 ? 0.25 * policy[t - 1] : drive[r][0], d_before = t > 1 ? past : drive[r][0];
        policy[t] = (t > 0 ? 0.5 * policy[t - 1] + d_before : start[r]) + d + 2 * u[r][t];
        before = t > 1 ? 0.5 * before : l[r][t];
        set[t] = before;
      }
      double sum = 0;
      for (int t = 0; t < steps; ++t) {
        EXPECT_NEAR(at(noise, r, "u", t), u[r][t], 1e-12);
        EXPECT_NEAR(at(one, r, "l", t), zero[t], 1e-11) << t;
        EXPECT_NEAR(at(late, r, "l", t), ones[t], 1e-11) << t;
        EXPECT_NEAR(at(low, r, "l", t), below[t], 1e-11) << t;
        EXPECT_NEAR(at(shifted, r, "l", t), up[t], 1e-11) << t;
        EXPECT_NEAR(at(fed, r, "l", t), policy[t], 1e-10) << t;
        EXPECT_NEAR(at(nudged, r, "l", t), set[t], 1e-11) << t;
        // What the factual value sets changes nothing, bit for bit.
        EXPECT_EQ(at(same, r, "l", t), l[r][t]) << t;
        // Nor does what comes later change the steps before it.
        if (t < 3) {
          EXPECT_EQ(at(late, r, "l", t), l[r][t]);
        }
        sum += zero[t];
      }
      EXPECT_NEAR(at(one, r, "total"), sum, 1e-9);
    }
    // E[l_t] = 0.5 E[l_{t-1}] + drive_{t-1} + drive_t.
    const Rows drawn = answer("drawn", data + " --draws 4000 --seed 3");
    for (size_t r = 0; r < 3; ++r) {
      const Vector mean = walk(drive[r], start[r], Vector(static_cast<size_t>(steps)), own);
      double sum = 0;
      for (const double v : mean) sum += v;
      EXPECT_NEAR(at(drawn, r, "E[total]"), sum, 5 * at(drawn, r, "E[total].se"));
    }
  }
}

TEST_F(OpenSteps, WhatCancelsIsNoContradiction) {
  compile(R"(
dim T
model Sum {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then l[t-1] else 1e6) + u
    }
}
query q on Sum { given l; do l[0] = 0; return l, u }
)");
  const Vector l = {0.1, 1e-9, 3e7, -1e-12, 0.3};
  const Rows rows = answer("q", table({{"l", {l}}}));
  EXPECT_EQ(rows.at(0).at("status"), "ok");
  double before = 1e6, set = 0;
  for (int t = 0; t < 5; ++t) {
    if (t > 0) set += l[static_cast<size_t>(t)] - before;
    EXPECT_NEAR(at(rows, 0, "u", t), l[static_cast<size_t>(t)] - before, 1e-8);
    EXPECT_NEAR(at(rows, 0, "l", t), set, 1e-7);
    before = l[static_cast<size_t>(t)];
  }
}

constexpr const char* kPatient = R"(
model Patient {
    input start : f64
    over t in 0..T {
        exo u ~ normal(0, 1)
        let falling = if t > 0 then count[t-1] - 20 else start
        var count = falling + (if t > 0 then (if treated[t-1] then 50 else 0) else 0) + 5 * u
        var treated : bool ~ bernoulli(sigmoid((90 - count) / 10))
        var dose = (if t > 1 then dose[t-1] + dose[t-2] else 0) + (if treated then 1 else 0.5)
    }
    var visits = sum(treated)
}
query policy on Patient { given count, treated; do treated[t] = count[t] < 90; return count, visits, dose }
query late on Patient { given count, treated; do treated[2..] = true; return count, treated }
query asis on Patient { given count, treated; do treated[t] = if t > 2 then count[t] < 80 else factual.treated[t]; return count, dose }
query never on Patient { do treated = false; return E[count[3]], sd[count[3]] }
)";

TEST_F(OpenSteps, SeriesThatNeedEachOtherAreAsWithAFixedNumber) {
  for (const int steps : {6, 40}) {
    std::vector<Vector> count, treated, start;
    std::mt19937_64 random(static_cast<unsigned>(steps));
    std::normal_distribution<double> normal;
    for (int r = 0; r < 4; ++r) {
      Vector c, a;
      for (int t = 0; t < steps; ++t) {
        c.push_back((t > 0 ? c.back() - 20 + (a.back() != 0 ? 50 : 0) : 100) + 5 * normal(random));
        a.push_back(c.back() + 10 * normal(random) < 90);
      }
      count.push_back(c);
      treated.push_back(a);
      start.push_back({100});
    }
    const std::string data = table({{"start", start}, {"count", count}, {"treated", treated}});
    compile("dim T\n" + std::string(kPatient));
    std::map<std::string, Rows> of_open;
    for (const char* query : {"policy", "late", "asis", "never"}) of_open[query] = answer(query, data + (query == std::string("never") ? " -D T=" + std::to_string(steps) + " --draws 4000" : ""));
    compile("dim T = " + std::to_string(steps) + "\n" + kPatient);
    for (const char* query : {"policy", "late", "asis", "never"}) {
      const Rows& open = of_open[query];
      const Rows fixed = answer(query, data + " --draws 4000");
      ASSERT_EQ(open.size(), fixed.size());
      for (size_t r = 0; r < open.size(); ++r) {
        ASSERT_EQ(open[r].size(), fixed[r].size());
        for (const auto& [name, cell] : fixed[r]) {
          ASSERT_TRUE(open[r].count(name)) << query << " " << name;
          if (query == std::string("never") && name.find("E[") == 0) {
            EXPECT_NEAR(std::stod(open[r].at(name)), std::stod(cell), 1) << query << " " << name;  // other draws: 100 - 3 · 20 = 40
          } else if (query != std::string("never") && !cell.empty() && cell.find_first_not_of("0123456789.-e") == std::string::npos) {
            EXPECT_NEAR(std::stod(open[r].at(name)), std::stod(cell), 1e-9 * (1 + std::abs(std::stod(cell)))) << query << " " << name;
          }
        }
      }
    }
  }
}

TEST_F(OpenSteps, SeriesWithoutAPastAndLongMemories) {
  compile(R"(
dim T
model Series {
    input rate : f64[T]
    over t in 0..T {
        exo u ~ normal(0, 1 + 0.5 * t)
        var plain = rate[t] * u + 0.1 * t
        var long = plain + (if t > 2 then 0.5 * long[t-3] else 0)
        var lagged = if t > 0 then plain[t-1] - plain else 0
        var y ~ normal(lagged, 2)
    }
}
query back on Series { given plain, y; return u, long, lagged, y.noise }
query set on Series { given plain, y; do plain[1] = 0; return long, y }
)");
  const int steps = 50;
  const std::vector<Vector> rate = {Vector(steps, 2.0)}, plain = random_rows(1, steps, 3), y = random_rows(1, steps, 4);
  const std::string data = table({{"rate", rate}, {"plain", plain}, {"y", y}});
  const Rows back = answer("back", data), set = answer("set", data);
  Vector of_long(steps), of_set(steps);
  for (int t = 0; t < steps; ++t) {
    const double p = plain[0][t], q = t == 1 ? 0 : p;
    of_long[t] = p + (t > 2 ? 0.5 * of_long[t - 3] : 0);
    of_set[t] = q + (t > 2 ? 0.5 * of_set[t - 3] : 0);
    const double lagged = t > 0 ? plain[0][t - 1] - p : 0, moved = t > 0 ? (t == 2 ? 0 : plain[0][t - 1]) - q : 0;
    EXPECT_NEAR(at(back, 0, "u", t), (p - 0.1 * t) / 2, 1e-12);
    EXPECT_NEAR(at(back, 0, "long", t), of_long[t], 1e-12);
    EXPECT_NEAR(at(back, 0, "lagged", t), lagged, 1e-12);
    EXPECT_NEAR(at(back, 0, "y.noise", t), (y[0][t] - lagged) / 2, 1e-12);
    EXPECT_NEAR(at(set, 0, "long", t), of_set[t], 1e-12);
    EXPECT_NEAR(at(set, 0, "y", t), y[0][t] + moved - lagged, 1e-12);
  }
}

// What the later steps are set to follows from what their equation makes of an intervened past, not of the one that was seen.
TEST_F(OpenSteps, LaterStepsSetToPartsOfTheirNaturalValue) {
  compile(R"(
dim T
model Walk {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then l[t-1] else 0) + u
    }
}
query policy on Walk { given l; do l[t] = 0.5 * l if t > 0; return l }
query shifted on Walk { given l; do l[t] += 1 if t >= 2; return l }
)");
  const Vector l = {1, 2, 4, -3};
  const std::string data = table({{"l", {l}}});
  const Rows policy = answer("policy", data), shifted = answer("shifted", data);
  const Vector halves = {1, 1, 1.5, -2.75}, more = {1, 2, 5, -1};
  for (int t = 0; t < 4; ++t) {
    EXPECT_NEAR(at(policy, 0, "l", t), halves[static_cast<size_t>(t)], 1e-12);
    EXPECT_NEAR(at(shifted, 0, "l", t), more[static_cast<size_t>(t)], 1e-12);
  }
}

// A series of outcomes: the Gumbel noises keep it drawn as it was, whatever else is set.
TEST_F(OpenSteps, SeriesOfOutcomes) {
  compile(R"(
dim T
type Arm = none | low | high
const effect : f64[Arm] = [0, 1, 3]
model Course {
    over t in 0..T {
        input risk : f64 in 0..1
        exo u ~ normal(0, 1)
        var arm : Arm ~ categorical([1 - risk, risk / 2, risk / 2])
        var l = (if t > 0 then 0.5 * l[t-1] else 0) + effect[arm] + u
    }
}
query switched on Course { given l, arm; do arm[arm == low] = high; return l, arm }
query shares on Course { return none = E[mean(arm == none)], l = E[mean(effect[arm])] }
)");
  const Vector l = {1, 2, 4, -3}, risk = {0.5, 0.2, 0.8, 1};
  std::ofstream(folder_ / "data.csv") << "l[0],l[1],l[2],l[3],arm[0],arm[1],arm[2],arm[3],risk[0],risk[1],risk[2],risk[3]\n1,2,4,-3,low,none,high,low,0.5,0.2,0.8,1\n";
  const std::string data = "--data " + (folder_ / "data.csv").string();
  const Rows switched = answer("switched", data), shares = answer("shares", data + " --draws 20000");
  const Vector more = {3, 3, 4.5, -0.75};  // each low that is high adds 2, of which half is carried on
  const char* arms[] = {"high", "none", "high", "high"};
  for (int t = 0; t < 4; ++t) {
    EXPECT_NEAR(at(switched, 0, "l", t), more[static_cast<size_t>(t)], 1e-12);
    EXPECT_EQ(switched[0].at("arm[" + std::to_string(t) + "]"), arms[t]);
  }
  EXPECT_NEAR(at(shares, 0, "none"), (0.5 + 0.8 + 0.2 + 0) / 4, 5 * at(shares, 0, "none.se"));
  EXPECT_NEAR(at(shares, 0, "l"), (0.5 + 0.2 + 0.8 + 1) / 4 * 2, 5 * at(shares, 0, "l.se"));
}

// What a step reads of series that the evidence does not say may differ though all given ones are the same so far.
TEST_F(OpenSteps, SetSeriesThatAreNotGivenReachTheirStep) {
  compile(R"(
dim T
model Shop {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var price = 2 * (if t > 0 then l[t-1] else 1)
        var l = price + u
    }
}
query first on Shop { given l; do price[0] = 5; return l }
query dearer on Shop { given l; do price[t] = price + 1; return l }
)");
  const Vector l = {1.5, 2.5, -1, 3}, u = {-0.5, -0.5, -6, 5};
  const std::string data = table({{"l", {l}}});
  const Rows first = answer("first", data), dearer = answer("dearer", data);
  double a = 0, b = 0;
  for (int t = 0; t < 4; ++t) {
    a = (t > 0 ? 2 * a : 5) + u[static_cast<size_t>(t)];
    b = 2 * (t > 0 ? b : 1) + 1 + u[static_cast<size_t>(t)];
    EXPECT_NEAR(at(first, 0, "l", t), a, 1e-12);
    EXPECT_NEAR(at(dearer, 0, "l", t), b, 1e-12);
  }
}

// Setting a step to what it was changes no bit of the others, though f(f⁻¹(y)) need not be y.
TEST_F(OpenSteps, FactualValuesKeepTheBits) {
  compile(R"(
dim T
model Pair {
    over t in 0..T {
        exo u ~ normal(0, 1)
        exo v ~ normal(0, 1)
        var a : f64 = (if t > 0 then 0.9 * a[t-1] + 0.1 * b[t-1] else 0.3) + 0.7 * u
        var b : f64 = (if t > 0 then 0.9 * b[t-1] + 0.1 * a[t-1] else 0.6) + 0.7 * v
    }
}
query one on Pair { given a, b; do a[0] = factual.a[0]; return a, b }
query both on Pair { given a, b; do a[3] = factual.a[3]; do b[5] = factual.b[5]; return a, b }
)");
  const std::vector<Vector> a = random_rows(1, 100, 1), b = random_rows(1, 100, 2);
  const std::string data = table({{"a", a}, {"b", b}});
  for (const char* query : {"one", "both"}) {
    const Rows rows = answer(query, data);
    for (int t = 0; t < 100; ++t) {
      EXPECT_EQ(at(rows, 0, "a", t), a[0][static_cast<size_t>(t)]) << query << t;
      EXPECT_EQ(at(rows, 0, "b", t), b[0][static_cast<size_t>(t)]) << query << t;
    }
  }
}

// What changed since the first step, in equations and policies.
TEST_F(OpenSteps, ChangesFromTheFirstStep) {
  compile(R"(
dim T
model Course {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.5 * l[t-1] - 0.1 * l[0] + dose[t-1] else 1) + u
        var dose = if t > 0 then 0.2 * (l - l[0]) else 0.3 * l
    }
}
query noise on Course { given l; return u }
query held on Course { given l; do dose[t] = if l - l[0] > 0 then 1 else 0; return l }
query raised on Course { given l; do l[0] = 3; return l, dose }
)");
  for (const int steps : {5, 40}) {
    const std::vector<Vector> l = random_rows(2, steps, 9);
    const std::string data = table({{"l", l}});
    const Rows noise = answer("noise", data), held = answer("held", data), raised = answer("raised", data);
    for (size_t r = 0; r < 2; ++r) {
      const auto dose = [](const Vector& c, size_t t) { return t > 0 ? 0.2 * (c[t] - c[0]) : 0.3 * c[0]; };
      Vector a, b;
      for (size_t t = 0; t < static_cast<size_t>(steps); ++t) {
        const double u = l[r][t] - (t > 0 ? 0.5 * l[r][t - 1] - 0.1 * l[r][0] + dose(l[r], t - 1) : 1);
        EXPECT_NEAR(at(noise, r, "u", static_cast<int>(t)), u, 1e-12);
        a.push_back((t > 0 ? 0.5 * a[t - 1] - 0.1 * a[0] + (a[t - 1] > a[0] ? 1 : 0) : 1) + u);
        b.push_back(t > 0 ? 0.5 * b[t - 1] - 0.1 * b[0] + dose(b, t - 1) + u : 3);
        EXPECT_NEAR(at(held, r, "l", static_cast<int>(t)), a[t], 1e-12);
        EXPECT_NEAR(at(raised, r, "l", static_cast<int>(t)), b[t], 1e-12);
        EXPECT_NEAR(at(raised, r, "dose", static_cast<int>(t)), dose(b, t), 1e-12);
      }
    }
  }
}

// Forty lines that each read the one before twice, in equations, policies, slices and a law of conservation: were what they read gone
// through for each that reads it, the compiler would not come to an end.
TEST_F(OpenSteps, LinesReadTwiceAreGoneThroughOnce) {
  constexpr int kDeep = 40;
  std::string program = "dim T\nfn deep(v0: f64) -> f64 {\n", sums = "fn doubled(m0: f64<kg>) -> f64<kg> {\n";
  for (int i = 0; i < kDeep; ++i) {
    const std::string before = std::to_string(i), now = std::to_string(i + 1);
    program += "    let v" + now + " = 0.01 * v" + before + " * v" + before + " + 0.9 * v" + before + "\n";
    sums += "    let m" + now + " = 0.5 * (m" + before + " + m" + before + ") + 1<kg>\n";
  }
  compile(program + "    return v" + std::to_string(kDeep) + "\n}\n" + sums + "    return m" + std::to_string(kDeep) + R"(
}
model Course {
    input mass : f64<kg>
    over t in 0..T {
        input z : f64
        exo u ~ normal(0, 1)
        var x = (if t > 0 then 0.5 * deep(x[t-1]) else 1) + deep(z) + u
        var y = deep(x)
    }
}
constraint same on Course { doubled(mass) == doubled(mass) }
query policy on Course { given x; do x[t] = deep(x) if t > 0; return y }
query slice on Course { given x; do x[1..] = deep(x[0]) + deep(x[1..]); return y }
)");
  const auto deep = [](double v) {
    for (int i = 0; i < kDeep; ++i) v = 0.01 * v * v + 0.9 * v;
    return v;
  };
  const size_t steps = 6;
  const std::vector<Vector> x = random_rows(2, steps, 3), z = random_rows(2, steps, 4), mass = random_rows(2, 1, 5);
  const std::string data = table({{"mass", mass}, {"z", z}, {"x", x}});
  const Rows policy = answer("policy", data), slice = answer("slice", data);
  for (size_t r = 0; r < 2; ++r) {
    Vector a, b;
    for (size_t t = 0; t < steps; ++t) {
      const double u = x[r][t] - (t > 0 ? 0.5 * deep(x[r][t - 1]) : 1) - deep(z[r][t]);
      const auto natural = [&](const Vector& course) { return (t > 0 ? 0.5 * deep(course[t - 1]) : 1) + deep(z[r][t]) + u; };
      a.push_back(t > 0 ? deep(natural(a)) : natural(a));
      b.push_back(t > 0 ? deep(b[0]) + deep(natural(b)) : natural(b));
      EXPECT_NEAR(at(policy, r, "y", static_cast<int>(t)), deep(a[t]), 1e-12);
      EXPECT_NEAR(at(slice, r, "y", static_cast<int>(t)), deep(b[t]), 1e-12);
    }
  }
}

// As many lines that each read the one before as no ordinary stack has room for.
TEST_F(OpenSteps, ProgramsMayBeAsDeepAsLong) {
  constexpr int kLines = 10000;
  std::string program = "dim T\nfn raised(v: f64) -> f64 {\n    let v0 = 0.5 * v\n";
  for (int i = 1; i < kLines; ++i) program += "    let v" + std::to_string(i) + " = v" + std::to_string(i - 1) + " + 0.0001\n";
  compile(program + "    return v" + std::to_string(kLines - 1) + R"(
}
model Course {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var x = (if t > 0 then raised(x[t-1]) else 1) + u
    }
}
query policy on Course { given x; do x[t] = raised(x) if t > 0; return x }
)");
  const auto raised = [](double v) { return 0.5 * v + 0.0001 * (kLines - 1); };
  const std::vector<Vector> x = random_rows(1, 5, 3);
  const Rows policy = answer("policy", table({{"x", x}}));
  Vector course;
  for (size_t t = 0; t < 5; ++t) {
    const double u = x[0][t] - (t > 0 ? raised(x[0][t - 1]) : 1);
    course.push_back(t > 0 ? raised(raised(course[t - 1]) + u) : 1 + u);
    EXPECT_NEAR(at(policy, 0, "x", static_cast<int>(t)), course[t], 1e-9);
  }
}

}  // namespace
}  // namespace acie::testing
