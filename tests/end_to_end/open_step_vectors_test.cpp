// Vectors, records and learnt values at each step of `over t in 0..T` with T read from the data, against recursions written
// out here, for several T.
#include <array>
#include <fstream>
#include <functional>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

struct OpenStepVectors : ProgramTest {};

using Pair = std::array<double, 2>;
using Course = std::vector<Pair>;

constexpr double kTurn[2][2] = {{0.9, 0.1}, {-0.2, 0.8}};

Pair turned(const Pair& x) { return {kTurn[0][0] * x[0] + kTurn[0][1] * x[1], kTurn[1][0] * x[0] + kTurn[1][1] * x[1]}; }

Course course_of(const Vector& row) {
  Course course(row.size() / 2);
  for (size_t t = 0; t < course.size(); ++t) course[t] = {row[2 * t], row[2 * t + 1]};
  return course;
}

/// The name of a column, which has quotes for its comma.
std::string cell(const std::string& name, int t, int i) {
  std::ostringstream text;
  text << '"' << name << '[' << t << ',' << i << "]\"";
  return text.str();
}

constexpr const char* kFilter = R"(
dim T
const turn = [[0.9, 0.1], [-0.2, 0.8]]
model Filter {
    input start : f64[2]
    over t in 0..T {
        input push : f64[2]
        exo u : f64[2] ~ normal(0, 1)
        exo e ~ normal(0, 1)
        var x : f64[2] = turn @ (if t > 0 then x[t-1] else start) + push + [1, 0.5] * u
        var y = sum(x) + 2 * e
        var z : f64[2] ~ normal(2 * x, 0.1)
    }
    var total = sum(y)
    var level = mean(x[.., 0])
}
query noise on Filter { given x, y, z; return u, e, z.noise }
query first on Filter { given x, y; do x[0] = [0, 1]; return x, y, total, level }
query rest on Filter { given x, y; do x[2..] = 0; return x }
query element on Filter { given x, y; do x[1, 0] = 3; return x, total }
query column on Filter { given x, y; do x[.., 1] = 1; return x, y }
query masked on Filter { given x, y; do x[x > 0.5] = 0.5; return x }
query twice on Filter { given x, y; do x = 2 * x; return x, factual.level }
query policy on Filter { given x, y; do push[t] = if t > 0 then -1 * x[t-1] else push; return x, push }
query nudged on Filter { given x, y, z; do x[t] += 1 if t > 0 and y[t-1] > 0; return x, z }
query crossed on Filter { given x, y; do x[t] = [x[t, 1] + 1, if t > 0 then x[t-1, 0] else 0]; return x }
query same on Filter { given x, y; do x[0] = factual.x[0]; return x, y }
query drawn on Filter { return E[total] }
)";

TEST_F(OpenStepVectors, OfTheModelAbductedAndSet) {
  compile(kFilter);
  for (const int steps : {4, 40}) {
    const int rows = 3;
    const std::vector<Vector> start = random_rows(rows, 2, 1), push = random_rows(rows, 2 * steps, 2), x = random_rows(rows, 2 * steps, 3), y = random_rows(rows, steps, 4), z = random_rows(rows, 2 * steps, 5);
    const std::string data = matrix_table({{"push", {steps, 2}, push}, {"x", {steps, 2}, x}, {"z", {steps, 2}, z}});
    // Vectors beside matrices: the columns of both tables side by side.
    std::ifstream matrices(folder_ / "data.csv");
    std::ostringstream both;
    both.precision(17);
    std::string line;
    for (int r = -1; std::getline(matrices, line); ++r) {
      both << line;
      for (int t = 0; t < steps; ++t) r < 0 ? both << ",y[" << t << "]" : both << "," << y[static_cast<size_t>(r)][static_cast<size_t>(t)];
      for (int i = 0; i < 2; ++i) r < 0 ? both << ",start[" << i << "]" : both << "," << start[static_cast<size_t>(r)][static_cast<size_t>(i)];
      both << "\n";
    }
    matrices.close();
    std::ofstream(folder_ / "data.csv") << both.str();

    const Rows noise = answer("noise", data), first = answer("first", data), rest = answer("rest", data), element = answer("element", data), column = answer("column", data), masked = answer("masked", data),
               twice = answer("twice", data), policy = answer("policy", data), nudged = answer("nudged", data), crossed = answer("crossed", data), same = answer("same", data), drawn = answer("drawn", data);
    for (size_t r = 0; r < static_cast<size_t>(rows); ++r) {
      const Course fact = course_of(x[r]), pushes = course_of(push[r]), seen = course_of(z[r]);
      const Pair begin = {start[r][0], start[r][1]};
      Course u(fact.size());
      Vector e(fact.size());
      for (size_t t = 0; t < fact.size(); ++t) {
        const Pair before = turned(t > 0 ? fact[t - 1] : begin);
        for (size_t i = 0; i < 2; ++i) u[t][i] = (fact[t][i] - before[i] - pushes[t][i]) / (i == 0 ? 1 : 0.5);
        e[t] = (y[r][t] - fact[t][0] - fact[t][1]) / 2;
      }
      // The course where `set` replaces a step's natural value, and `pushed` its push.
      using Set = std::function<Pair(int, const Pair& own, const Course& before)>;
      const Set keep = [](int, const Pair& own, const Course&) { return own; };
      const auto run = [&](const Set& set, const Set& pushed) {
        Course course;
        for (size_t t = 0; t < fact.size(); ++t) {
          const Pair p = pushed(static_cast<int>(t), pushes[t], course), before = turned(t > 0 ? course[t - 1] : begin);
          const Pair own = {before[0] + p[0] + u[t][0], before[1] + p[1] + 0.5 * u[t][1]};
          course.push_back(set(static_cast<int>(t), own, course));
        }
        return course;
      };
      const auto y_of = [&](const Course& c, size_t t) { return c[t][0] + c[t][1] + 2 * e[t]; };
      const auto expect = [&](const Rows& answer, const std::string& name, const Course& c) {
        for (int t = 0; t < steps; ++t) {
          for (int i = 0; i < 2; ++i) EXPECT_NEAR(at(answer, r, cell(name, t, i)), c[static_cast<size_t>(t)][static_cast<size_t>(i)], 1e-10) << name << t << i;
        }
      };
      expect(noise, "u", u);
      Course seen_noise = seen;
      for (size_t t = 0; t < fact.size(); ++t) {
        for (size_t i = 0; i < 2; ++i) seen_noise[t][i] = (seen[t][i] - 2 * fact[t][i]) / 0.1;
        EXPECT_NEAR(at(noise, r, "e", static_cast<int>(t)), e[t], 1e-11);
      }
      expect(noise, "z.noise", seen_noise);

      const Course zero = run([](int t, const Pair& own, const Course&) { return t == 0 ? Pair{0, 1} : own; }, keep);
      expect(first, "x", zero);
      double total = 0, level = 0, factual_level = 0;
      for (size_t t = 0; t < fact.size(); ++t) {
        EXPECT_NEAR(at(first, r, "y", static_cast<int>(t)), y_of(zero, t), 1e-10);
        total += y_of(zero, t);
        level += zero[t][0] / steps;
        factual_level += fact[t][0] / steps;
      }
      EXPECT_NEAR(at(first, r, "total"), total, 1e-9);
      EXPECT_NEAR(at(first, r, "level"), level, 1e-10);
      expect(rest, "x", run([](int t, const Pair& own, const Course&) { return t >= 2 ? Pair{0, 0} : own; }, keep));
      const Course three = run([](int t, const Pair& own, const Course&) { return t == 1 ? Pair{3, own[1]} : own; }, keep);
      expect(element, "x", three);
      total = 0;
      for (size_t t = 0; t < fact.size(); ++t) total += y_of(three, t);
      EXPECT_NEAR(at(element, r, "total"), total, 1e-9);
      expect(column, "x", run([](int, const Pair& own, const Course&) { return Pair{own[0], 1}; }, keep));
      expect(masked, "x", run([](int, const Pair& own, const Course&) { return Pair{std::min(own[0], 0.5), std::min(own[1], 0.5)}; }, keep));
      if (steps < 10) expect(twice, "x", run([](int, const Pair& own, const Course&) { return Pair{2 * own[0], 2 * own[1]}; }, keep));
      EXPECT_NEAR(at(twice, r, "factual.level"), factual_level, 1e-12);
      const Set back = [](int t, const Pair& own, const Course& c) { return t > 0 ? Pair{-c.back()[0], -c.back()[1]} : own; };
      expect(policy, "x", run(keep, back));
      const Course up = run([&](int t, const Pair& own, const Course& c) { return t > 0 && y_of(c, static_cast<size_t>(t - 1)) > 0 ? Pair{own[0] + 1, own[1] + 1} : own; }, keep);
      expect(nudged, "x", up);
      for (size_t t = 0; t < fact.size(); ++t) {
        for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(at(nudged, r, cell("z", static_cast<int>(t), static_cast<int>(i))), 2 * up[t][i] + 0.1 * seen_noise[t][i], 1e-10);
      }
      expect(crossed, "x", run([](int t, const Pair& own, const Course& c) { return Pair{own[1] + 1, t > 0 ? c.back()[0] : 0}; }, keep));
      // What the factual value sets changes nothing, bit for bit; nor does what comes later change the steps before it.
      for (int t = 0; t < steps; ++t) {
        for (int i = 0; i < 2; ++i) EXPECT_EQ(at(same, r, cell("x", t, i)), fact[static_cast<size_t>(t)][static_cast<size_t>(i)]);
        EXPECT_EQ(at(same, r, "y", t), y[r][static_cast<size_t>(t)]);
      }
      for (int t = 0; t < 2; ++t) EXPECT_EQ(at(rest, r, cell("x", t, 0)), fact[static_cast<size_t>(t)][0]);
      // E[x_t] follows the same recursion without noise.
      Course mean;
      for (size_t t = 0; t < fact.size(); ++t) {
        const Pair before = turned(t > 0 ? mean[t - 1] : begin);
        mean.push_back({before[0] + pushes[t][0], before[1] + pushes[t][1]});
      }
      double expected = 0;
      for (const Pair& p : mean) expected += p[0] + p[1];
      EXPECT_NEAR(at(drawn, r, "E[total]"), expected, 5 * at(drawn, r, "E[total].se"));
    }
  }
}

TEST_F(OpenStepVectors, RecordsAndLearntValuesOfEachStep) {
  compile(R"(
dim T
type State = {place: f64[2], speed: f64<m/s>, laps: i64}
model Body {
    input start : f64[2]
    over t in 0..T {
        exo a : f64[2] ~ normal(0, 1)
        learn drag = 0.5
        learn lift : f64[2] = 0.25
        var s : State = if t == 0 then {place: start + a, speed: 1<m/s>, laps: 0}
                        else {place: drag * s[t-1].place + lift + a, speed: s[t-1].speed + s[t-1].place[0] * 1<m/s>, laps: if s[t-1].place[1] > 0 then 1 else s[t-1].laps}
    }
    var far = sum(s.place) + sum(s.laps)
}
query noise on Body { given s.place; return a }
query held on Body { given s.place; do s[t] = {..s, place: 0.5 * s.place} if t >= 2; return s, far }
query still on Body { given s.place; do s[t] = {place: s[t-1].place, speed: 2<m/s>, laps: 7} if t > 0; return s }
query moved on Body { given s.place; do s.place[t] = s.place + 1 if t < 2; return s }
query all on Body { given s.place; do s = {..s, laps: 3}; return s, far }
)");
  for (const int steps : {3, 35}) {
    const std::vector<Vector> start = random_rows(2, 2, 1), place = random_rows(2, 2 * steps, 2);
    const std::string data = matrix_table({{"s.place", {steps, 2}, place}, {"start", {1, 2}, start}});
    std::ifstream in(folder_ / "data.csv");
    std::stringstream text;
    text << in.rdbuf();
    in.close();
    std::string all = text.str();
    for (const char* i : {"0", "1"}) all.replace(all.find("\"start[0," + std::string(i) + "]\""), 12, "start[" + std::string(i) + "]");
    std::ofstream(folder_ / "data.csv") << all;
    // A learnt value for each step.
    std::ofstream values(folder_ / "values.json");
    Vector drag(static_cast<size_t>(steps));
    values << "{\"Body.drag\": [";
    for (int t = 0; t < steps; ++t) values << (t > 0 ? ", " : "") << (drag[static_cast<size_t>(t)] = 0.5 + 0.01 * t);
    values << "]}";
    values.close();
    for (const bool learnt : {false, true}) {
      if (!learnt) drag.assign(drag.size(), 0.5);
      else for (size_t t = 0; t < drag.size(); ++t) drag[t] = 0.5 + 0.01 * static_cast<double>(t);
      const std::string run = data + (learnt ? " --params " + (folder_ / "values.json").string() : "");
      const Rows noise = answer("noise", run), held = answer("held", run), still = answer("still", run), moved = answer("moved", run), whole = answer("all", run);
      struct State { Pair place; double speed; double laps; };
      for (size_t r = 0; r < 2; ++r) {
        const Course fact = course_of(place[r]);
        const Pair begin = {start[r][0], start[r][1]};
        Course a(fact.size());
        for (size_t t = 0; t < fact.size(); ++t) {
          for (size_t i = 0; i < 2; ++i) {
            a[t][i] = fact[t][i] - (t > 0 ? drag[t] * fact[t - 1][i] + 0.25 : begin[i]);
            EXPECT_NEAR(at(noise, r, cell("a", static_cast<int>(t), static_cast<int>(i))), a[t][i], 1e-12);
          }
        }
        const auto expect = [&](const Rows& answer, bool far, const std::function<State(int, const State&, const std::vector<State>&)>& set) {
          std::vector<State> course;
          double sum = 0;
          for (size_t t = 0; t < fact.size(); ++t) {
            State own = {{begin[0] + a[t][0], begin[1] + a[t][1]}, 1, 0};
            if (t > 0) {
              const State& before = course.back();
              for (size_t i = 0; i < 2; ++i) own.place[i] = drag[t] * before.place[i] + 0.25 + a[t][i];
              own.speed = before.speed + before.place[0];
              own.laps = before.place[1] > 0 ? 1 : before.laps;
            }
            course.push_back(set(static_cast<int>(t), own, course));
            const int step = static_cast<int>(t);
            EXPECT_NEAR(at(answer, r, cell("s.place", step, 0)), course[t].place[0], 1e-11);
            EXPECT_NEAR(at(answer, r, cell("s.place", step, 1)), course[t].place[1], 1e-11);
            EXPECT_NEAR(at(answer, r, "s.speed", step), course[t].speed, 1e-10);
            EXPECT_EQ(at(answer, r, "s.laps", step), course[t].laps);
            sum += course[t].place[0] + course[t].place[1] + course[t].laps;
          }
          if (far) EXPECT_NEAR(at(answer, r, "far"), sum, 1e-10);
        };
        expect(held, true, [](int t, const State& own, const std::vector<State>&) { return t >= 2 ? State{{0.5 * own.place[0], 0.5 * own.place[1]}, own.speed, own.laps} : own; });
        expect(still, false, [](int t, const State& own, const std::vector<State>& c) { return t > 0 ? State{c.back().place, 2, 7} : own; });
        expect(moved, false, [](int t, const State& own, const std::vector<State>&) { return t < 2 ? State{{own.place[0] + 1, own.place[1] + 1}, own.speed, own.laps} : own; });
        expect(whole, true, [](int, const State& own, const std::vector<State>&) { return State{own.place, own.speed, 3}; });
      }
    }
  }
}

// The natural value of an element that another is set to goes on from the intervened past.
TEST_F(OpenStepVectors, ElementsSetToNaturalValuesOfOthers) {
  compile(R"(
dim T
type Arm = none | low | high
model Swap {
    over t in 0..T {
        exo m : f64[2] ~ normal(0, 1)
        var arm : Arm ~ categorical([0.2, 0.3, 0.5])
        var x : f64[2] = (if t > 0 then 0.5 * x[t-1] else [0, 1]) + [1, -1] * (if arm == high then 1 else 0) + m
    }
}
query swapped on Swap { given x, arm; do x[t] = [x[t, 1], x[t, 0]] if t > 1; return x }
query ended on Swap { given x, arm; do x[t] = [x[t, 1], x[t, 0]] if t > 1; return fin = x[-1], before = x[-2, 1] }
query treated on Swap { given x, arm; do arm[t] = if t > 0 and x[t-1, 0] > 0 then high else arm; return x }
)");
  const int steps = 5;
  const double x[steps][2] = {{1, 2}, {-3, 1}, {0.5, 2}, {4, -1}, {-2, 3}};
  const int high[steps] = {0, 1, 0, 0, 1};
  const std::string data = "--data " + (folder_ / "data.csv").string();
  std::ofstream(folder_ / "data.csv") << "\"x[0,0]\",\"x[0,1]\",\"x[1,0]\",\"x[1,1]\",\"x[2,0]\",\"x[2,1]\",\"x[3,0]\",\"x[3,1]\",\"x[4,0]\",\"x[4,1]\",arm[0],arm[1],arm[2],arm[3],arm[4]\n"
                                      << "1,2,-3,1,0.5,2,4,-1,-2,3,none,high,low,none,high\n";
  const Rows swapped = answer("swapped", data), treated = answer("treated", data), ended = answer("ended", data);
  Pair before = {0, 1}, a = before, b = before;
  for (int t = 0; t < steps; ++t) {
    Pair natural{};
    const int now = t > 0 && b[0] > 0 ? 1 : high[t];
    for (size_t i = 0; i < 2; ++i) {
      const double sign = i == 0 ? 1 : -1, noise = x[t][i] - (t > 0 ? 0.5 : 1) * before[i] - sign * high[t];
      natural[i] = (t > 0 ? 0.5 : 1) * a[i] + sign * high[t] + noise;
      b[i] = (t > 0 ? 0.5 : 1) * b[i] + sign * now + noise;
    }
    a = t > 1 ? Pair{natural[1], natural[0]} : natural;
    before = {x[t][0], x[t][1]};
    for (int i = 0; i < 2; ++i) {
      EXPECT_NEAR(at(swapped, 0, cell("x", t, i)), a[static_cast<size_t>(i)], 1e-12);
      EXPECT_NEAR(at(treated, 0, cell("x", t, i)), b[static_cast<size_t>(i)], 1e-12);
    }
    if (t == steps - 2) EXPECT_NEAR(at(ended, 0, "before"), a[1], 1e-12);
  }
  EXPECT_NEAR(at(ended, 0, "fin[0]"), a[0], 1e-12);
  EXPECT_NEAR(at(ended, 0, "fin[1]"), a[1], 1e-12);
}

}  // namespace
}  // namespace acie::testing
