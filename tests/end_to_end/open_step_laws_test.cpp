// `do l[1..] ~ law`, `do l[t] ~ law if …`: fresh noise at some of as many steps as the data say. Moments against the recursion of
// means and variances written out here, and against the same program with the number of steps written.
#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

struct OpenStepLaws : ProgramTest {
  static void near(const Rows& rows, size_t row, const std::string& name, double expected) {
    const double se = rows.at(row).count(name + ".se") > 0 ? at(rows, row, name + ".se") : 0;
    EXPECT_NEAR(at(rows, row, name), expected, 1e-9 + 5 * se) << name;
  }
};

constexpr const char* kWalk = R"(
model Walk {
    over t in 0..T {
        exo u ~ normal(0, 1)
        var l = (if t > 0 then 0.5 * l[t-1] else 8) + u
    }
}
query rest on Walk { given l; do l[2..] ~ normal(3, 2); return E[l[1]], sd[l[1]], E[l[2]], sd[l[2]], E[l[5]], sd[l[5]], P[l[2] < 3], spread = sd[l[5] - l[2]] }
query one on Walk { given l; do l[3] ~ normal(-1, 2); return E[l[2]], E[l[3]], sd[l[3]], E[l[4]], sd[l[4]], E[l[5]], sd[l[5]] }
query chained on Walk { given l; do l[t] ~ normal(l[t-1], 1) if t > 2; return E[l[2]], E[l[3]], sd[l[3]], E[l[5]], sd[l[5]] }
query back on Walk { given l; do l[1..] ~ normal(2 * l[..-1], 1); return E[l[3]], sd[l[3]] }
query own on Walk { given l; do l[2..] ~ normal(l[2..], 0.5); return E[l[3]], sd[l[3]] }
query some on Walk { given l; do l[1..3] ~ uniform(0, 6) if l[1..3] > 100; do l[4] ~ uniform(0, 6); do l[5..] = 7; return E[l[2]], sd[l[2]], E[l[4]], sd[l[4]], E[l[5]] }
query two on Walk { given l; world a { do l[2..] ~ normal(0, 1) }; world b { do l[2..] ~ normal(0, 1) }; return apart = sd[a.l[3] - b.l[3]], kept = sd[a.l[1] - factual.l[1]] }
query all on Walk { do l ~ normal(l, 1); return E[l[1]], sd[l[1]] }
query band on Walk { given l; do l[1..4] ~ categorical([0.25, 0.75]); return E[l[1]], E[l[3]], E[l[4]] }
)";

TEST_F(OpenStepLaws, OfSomeStepsOfOneSeries) {
  const int steps = 6;
  const std::vector<Vector> l = random_rows(2, steps, 1);
  const std::string data = table({{"l", l}}) + " --draws 20000 --seed 5";
  const std::vector<std::string> queries = {"rest", "one", "chained", "back", "own", "some", "two", "all", "band"};
  std::map<std::string, Rows> open;
  compile(std::string("dim T\n") + kWalk);
  for (const std::string& query : queries) open[query] = answer(query, data + (query == "all" ? " -D T=6" : ""));
  for (size_t r = 0; r < 2; ++r) {
    const Vector& y = l[r];
    Vector u(steps);
    for (size_t t = 0; t < u.size(); ++t) u[t] = y[t] - (t > 0 ? 0.5 * y[t - 1] : 8);
    // Every step that is set has noise of its own.
    near(open["rest"], r, "E[l[1]]", y[1]);
    EXPECT_EQ(at(open["rest"], r, "sd[l[1]]"), 0);
    for (const char* step : {"l[2]", "l[5]"}) {
      near(open["rest"], r, std::string("E[") + step + "]", 3);
      near(open["rest"], r, std::string("sd[") + step + "]", 2);
    }
    near(open["rest"], r, "P[l[2] < 3]", 0.5);
    near(open["rest"], r, "spread", 2 * std::sqrt(2));
    // The steps after it follow their equation, with the noise that was recovered.
    const double fourth = 0.5 * -1 + u[4];
    near(open["one"], r, "E[l[2]]", y[2]);
    near(open["one"], r, "E[l[3]]", -1);
    near(open["one"], r, "sd[l[3]]", 2);
    near(open["one"], r, "E[l[4]]", fourth);
    near(open["one"], r, "sd[l[4]]", 1);
    near(open["one"], r, "E[l[5]]", 0.5 * fourth + u[5]);
    near(open["one"], r, "sd[l[5]]", 0.5);
    near(open["chained"], r, "E[l[2]]", y[2]);
    near(open["chained"], r, "E[l[3]]", y[2]);
    near(open["chained"], r, "sd[l[3]]", 1);
    near(open["chained"], r, "E[l[5]]", y[2]);
    near(open["chained"], r, "sd[l[5]]", std::sqrt(3));
    // Of a step that is set the bare name is its natural value: 0.5 times what was set before, and its noise.
    double mean = 0.5 * y[1] + u[2], variance = 0.25;
    near(open["own"], r, "E[l[3]]", 0.5 * mean + u[3]);
    near(open["own"], r, "sd[l[3]]", std::sqrt(0.25 * variance + 0.25));
    near(open["some"], r, "E[l[2]]", y[2]);
    EXPECT_EQ(at(open["some"], r, "sd[l[2]]"), 0);
    near(open["some"], r, "E[l[4]]", 3);
    near(open["some"], r, "sd[l[4]]", std::sqrt(3));
    EXPECT_EQ(at(open["some"], r, "E[l[5]]"), 7);
    near(open["two"], r, "apart", std::sqrt(2));
    EXPECT_EQ(at(open["two"], r, "kept"), 0);
    near(open["band"], r, "E[l[1]]", 0.75);
    near(open["band"], r, "E[l[3]]", 0.75);
    near(open["band"], r, "E[l[4]]", 0.5 * 0.75 + u[4]);
  }
  // Of l[0] = 8 + u0 + e0, l[1] = 0.5 l[0] + u1 + e1: variance 2, then 0.25 · 2 + 2.
  near(open["all"], 0, "E[l[1]]", 4);
  near(open["all"], 0, "sd[l[1]]", std::sqrt(2.5));
  compile(std::string("dim T = 6\n") + kWalk);
  for (const std::string& query : queries) {
    const Rows fixed = answer(query, data);
    ASSERT_EQ(fixed.size(), open[query].size());
    for (size_t r = 0; r < fixed.size(); ++r) {
      for (const auto& [name, cell] : fixed[r]) {
        if (name == "status" || name.find(".se") != std::string::npos) continue;
        const auto se = [&](const Rows& rows) { return rows[r].count(name + ".se") > 0 ? at(rows, r, name + ".se") : 0; };
        EXPECT_NEAR(at(open[query], r, name), std::stod(cell), 1e-9 + 5 * std::hypot(se(fixed), se(open[query]))) << query << " " << name;
      }
    }
  }
}

TEST_F(OpenStepLaws, OfVectorsAndSeriesOfOthers) {
  compile(R"(
dim T
fn correlated(m: f64[2]) -> law<f64[2]> { exo e : f64[2] ~ normal(0, 1); return m + [[2, 0], [1, 3]] @ e }
model Course {
    over t in 0..T {
        exo u : f64[2] ~ normal(0, 1)
        var x : f64[2] = (if t > 0 then 0.5 * x[t-1] else [1, 2]) + u
        var lit : bool ~ bernoulli(0.5)
        var y = sum(x) + (if lit then 10 else 0)
    }
}
query vector on Course { given x, lit; do x[t] ~ normal([1, 5], [1, 2]) if t > 0; return E[x[2, 0]], E[x[2, 1]], sd[x[2, 0]], sd[x[2, 1]], together = sd[x[2, 0] + x[2, 1]], E[x[0, 1]] }
query element on Course { given x, lit; do x[1.., 1] ~ normal(x[1.., 0], 0.5); return E[x[2, 0]], E[x[2, 1]], sd[x[2, 1]], E[y[3]] }
query joint on Course { given x, lit; do x[t] ~ correlated([1, if t > 0 then x[t-1, 0] else 5]) if t != 1; return E[x[2, 0]], E[x[0, 1]], E[x[2, 1]], sd[x[2, 1]], c = E[(x[2, 0] - 1) * x[2, 1]], E[x[1, 1]] }
query place on Course { given x, lit; do x[2] ~ correlated([1, 5]); return E[x[2, 0]], sd[x[2, 1]], c = E[(x[2, 0] - 1) * (x[2, 1] - 5)], E[x[3, 1]], E[x[1, 0]] }
query coin on Course { given x, lit; do lit[t] ~ bernoulli(0.25) if t != 1; return E[y[1]], E[y[2]], P[lit[2]], both = P[lit[2] and lit[3]] }
)");
  const int steps = 4;
  const std::vector<Vector> x0 = random_rows(1, steps, 7), x1 = random_rows(1, steps, 8);
  Vector both;
  for (int t = 0; t < steps; ++t) both.insert(both.end(), {x0[0][static_cast<size_t>(t)], x1[0][static_cast<size_t>(t)]});
  const std::string data = matrix_table({{"x", {steps, 2}, {both}}});
  std::ifstream in(folder_ / "data.csv");
  std::string names, values;
  std::getline(in, names);
  std::getline(in, values);
  std::ofstream(folder_ / "data.csv") << names << ",lit[0],lit[1],lit[2],lit[3]\n" << values << ",0,1,1,0\n";
  const std::string drawn = data + " --draws 20000";
  const Rows vector = unquoted(answer("vector", drawn)), element = unquoted(answer("element", drawn)), coin = unquoted(answer("coin", drawn)), joint = unquoted(answer("joint", drawn)), place = unquoted(answer("place", drawn));
  near(vector, 0, "E[x[2, 0]]", 1);
  near(vector, 0, "E[x[2, 1]]", 5);
  near(vector, 0, "sd[x[2, 0]]", 1);
  near(vector, 0, "sd[x[2, 1]]", 2);
  near(vector, 0, "together", std::sqrt(5));
  near(vector, 0, "E[x[0, 1]]", x1[0][0]);
  near(element, 0, "E[x[2, 0]]", x0[0][2]);
  near(element, 0, "E[x[2, 1]]", x0[0][2]);
  near(element, 0, "sd[x[2, 1]]", 0.5);
  near(element, 0, "E[y[3]]", 2 * x0[0][3]);
  // x[1] follows its equation from what x[0] was drawn as, x[2] from that.
  const double u1 = x0[0][1] - 0.5 * x0[0][0], u11 = x1[0][1] - 0.5 * x1[0][0], u31 = x1[0][3] - 0.5 * x1[0][2];
  near(joint, 0, "E[x[2, 0]]", 1);
  near(joint, 0, "E[x[0, 1]]", 5);
  near(joint, 0, "E[x[1, 1]]", 2.5 + u11);
  near(joint, 0, "E[x[2, 1]]", 0.5 + u1);
  near(joint, 0, "sd[x[2, 1]]", std::sqrt(1 + 9 + 0.25 * 4));
  near(joint, 0, "c", 2);
  near(place, 0, "E[x[2, 0]]", 1);
  near(place, 0, "sd[x[2, 1]]", std::sqrt(10));
  near(place, 0, "c", 2);
  near(place, 0, "E[x[3, 1]]", 2.5 + u31);
  near(place, 0, "E[x[1, 0]]", x0[0][1]);
  near(coin, 0, "E[y[1]]", x0[0][1] + x1[0][1] + 10);
  near(coin, 0, "E[y[2]]", x0[0][2] + x1[0][2] + 2.5);
  near(coin, 0, "P[lit[2]]", 0.25);
  near(coin, 0, "both", 0.0625);
}

}  // namespace
}  // namespace acie::testing
