// Variables, inputs and parameters that are records: evidence on fields, interventions on fields and on the whole.
#include <functional>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

constexpr const char* kStars = R"(
type Star = {mass: f64<kg>, spectrum: f64[3]}
fn double(s: Star) -> Star { return {..s, mass: 2 * s.mass} }
model M {
    input seen : {ra: f64 in 0..360, dec: f64}
    learn net : {w: f64[3], b: f64} = {w: [1, 2, 3], b: 0.5}
    exo u ~ normal(0, 1)
    exo v ~ normal(0, 1)
    var star : Star = {mass: (10 + u) * 1<kg>, spectrum: net.w * (1 + v) + tilt}
    var tilt : f64 = star.mass / 10<kg>          // needs one field, and the other needs it
    var light : f64 = star.spectrum[1] + net.b + seen.ra
}
query heavier on M { given star.mass, light; do star = {..star, mass: 2 * star.mass}; return star.mass, star.spectrum, light }
query called on M { given star.mass, light; do star = double(star); return whole = star, light }
query one on M { given star.mass, light; do star.mass = 3<kg>; return light, factual.star.mass, tilt }
query part on M { given star.mass, light; do star.spectrum[1] = 0; return star.spectrum, light }
query seen on M { given star; return v, light }
)";

struct Stars : ProgramTest {
  void SetUp() override {
    compile(kStars);
    std::ofstream(folder_ / "data.csv") << "seen.ra,seen.dec,star.mass,star.spectrum[0],star.spectrum[1],star.spectrum[2],light\n"
                                           "10,2,12,2.2,3.2,4.2,13.7\n"
                                           "20,1,8,1.8,2.8,3.8,23.3\n";
    data_ = "--data " + (folder_ / "data.csv").string();
  }
  /// By hand: light = 2 (1 + v) + mass / 10 + 0.5 + ra.
  static double one_plus_v(double mass, double ra, double light) { return (light - 0.5 - ra - 0.1 * mass) / 2; }
  std::string data_;
};

TEST_F(Stars, FieldsAreSetTogetherAndOneByOne) {
  const double mass[] = {12, 8}, ra[] = {10, 20}, light[] = {13.7, 23.3};
  const Rows heavier = answer("heavier", data_), called = answer("called", data_), one = answer("one", data_), part = answer("part", data_);
  for (size_t r = 0; r < 2; ++r) {
    const double scale = one_plus_v(mass[r], ra[r], light[r]), tilt = mass[r] / 10;
    EXPECT_NEAR(at(heavier, r, "star.mass"), 2 * mass[r], 1e-12);
    // The spectrum was set to what it would be by itself, tilted by the mass as it now is.
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(at(heavier, r, "star.spectrum", i), (i + 1) * scale + 2 * tilt, 1e-12);
    EXPECT_NEAR(at(heavier, r, "light"), 2 * scale + 2 * tilt + 0.5 + ra[r], 1e-12);
    EXPECT_EQ(at(called, r, "whole.mass"), at(heavier, r, "star.mass"));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(at(called, r, "whole.spectrum", i), at(heavier, r, "star.spectrum", i));
    EXPECT_NEAR(at(one, r, "light"), 2 * scale + 0.3 + 0.5 + ra[r], 1e-12);
    EXPECT_EQ(at(one, r, "factual.star.mass"), mass[r]);
    EXPECT_NEAR(at(one, r, "tilt"), 0.3, 1e-15);
    EXPECT_EQ(at(part, r, "star.spectrum", 1), 0);
    EXPECT_NEAR(at(part, r, "star.spectrum", 2), 3 * scale + tilt, 1e-12);
    EXPECT_NEAR(at(part, r, "light"), 0.5 + ra[r], 1e-12);
  }
}

TEST_F(Stars, EvidenceOnAllFieldsMustAgree) {
  // The second row's spectrum is 1, 2, 3 times 1, plus 0.8; the first contradicts nothing either.
  const Rows rows = answer("seen", data_);
  EXPECT_NEAR(at(rows, 0, "v"), 0, 1e-12);
  EXPECT_NEAR(at(rows, 1, "v"), 0, 1e-12);
  EXPECT_NEAR(at(rows, 0, "light"), 13.7, 1e-12);
}

TEST_F(Stars, ParametersAreSetByTheirPaths) {
  std::ofstream(folder_ / "more.csv") << "seen.ra,seen.dec,star.mass,light\n10,2,12,13.7\n";
  const Rows rows = answer("one", "--set M.net.b=2.5 --data " + (folder_ / "more.csv").string());
  EXPECT_NEAR(at(rows, 0, "light"), 13.7 - 1.2 + 0.3, 1e-12);
  std::ofstream(folder_ / "outside.csv") << "seen.ra,seen.dec,star.mass,light\n400,2,12,20.1\n";
  EXPECT_EQ(answer("one", "--data " + (folder_ / "outside.csv").string()).at(0).at("status"), "bad_input") << "the range of seen.ra is checked";
}

constexpr const char* kSteps = R"(
type State = {mass: f64<kg>, band: str, spectrum: f64[2]}
mechanism growth(x: f64) -> f64 {
    learn p : {w: f64[2], inner: {b: f64}} = {w: [1, 2], inner: {b: 0.5}}
    return p.w[0] * x + p.w[1] + p.inner.b
}
model Growth {
    input start : State
    over t in 0..4 {
        input drift : {up: f64, name: str}
        learn rate : {a: f64, b: f64[2]} = {a: 1 + t, b: [1, t]}
        exo u ~ normal(0, 1)
        exo v : f64[2] ~ normal(0, 1)
        let before = if t > 0 then s[t-1] else start
        var s : State = {
            mass: before.mass + (growth(drift.up) + u) * 1<kg>,
            band: if before.mass > 10<kg> then drift.name else before.band,
            spectrum: rate.a * before.spectrum + rate.b * (before.mass / 1<kg>) + v
        }
    }
}
query same on Growth { given s.mass, s.spectrum; return s.mass, s.band, s.spectrum, u, v }
query set_one on Growth { given s.mass, s.spectrum; do s[1] = {mass: 1<kg>, band: "new", spectrum: [0, 1]}; return s, first = s[1] }
query field(to: State = {mass: 3<kg>, band: "arg", spectrum: [5, 6]}) on Growth { given s.mass, s.spectrum; do s[2] = to; do drift.up[3] = 0; return s[2], s.mass }
query policy on Growth {
    given s.mass, s.spectrum
    do s[t] = {..s[t], mass: 0.5 * s[t-1].mass, band: "half"} if t > 1
    return s.mass, s.band, s.spectrum
}
)";

struct Steps : ProgramTest {
  void SetUp() override {
    compile(kSteps);
    std::ofstream out(folder_ / "data.csv");
    out.precision(17);
    out << "start.mass,start.band,start.spectrum[0],start.spectrum[1]";
    for (int t = 0; t < 4; ++t) out << ",drift.up[" << t << "],drift.name[" << t << "],s.mass[" << t << "],\"s.spectrum[" << t << ",0]\",\"s.spectrum[" << t << ",1]\"";
    out << "\n8,V,1,2";
    for (int t = 0; t < 4; ++t) out << "," << up[t] << ",n" << t << "," << seen.mass[t] << "," << seen.x[t] << "," << seen.y[t];
    out << "\n";
    data_ = "--data " + (folder_ / "data.csv").string();
  }
  struct Course {
    double mass[4], x[4], y[4];
    std::string band[4];
  };
  /// The model by hand: noises from the course that was seen, and the course that they make when `set` changes a step.
  Course course(const std::function<void(int, Course&)>& set, double last_up) const {
    Course result;
    for (int t = 0; t < 4; ++t) {
      const auto before = [&](const Course& of, int at) { return at > 0 ? std::tuple(of.mass[at - 1], of.x[at - 1], of.y[at - 1], of.band[at - 1]) : std::tuple(8.0, 1.0, 2.0, std::string("V")); };
      const auto [m, x, y, band] = before(seen, t);
      const double u = seen.mass[t] - m - (up[t] + 2.5), v0 = seen.x[t] - (1 + t) * x - m, v1 = seen.y[t] - (1 + t) * y - t * m;
      const auto [m1, x1, y1, band1] = before(result, t);
      result.mass[t] = m1 + (t == 3 ? last_up : up[t]) + 2.5 + u;
      result.x[t] = (1 + t) * x1 + m1 + v0;
      result.y[t] = (1 + t) * y1 + t * m1 + v1;
      result.band[t] = m1 > 10 ? "n" + std::to_string(t) : band1;
      set(t, result);
    }
    return result;
  }
  void expect(const Rows& rows, const Course& wanted) {
    for (int t = 0; t < 4; ++t) {
      const std::string step = std::to_string(t);
      EXPECT_NEAR(at(rows, 0, "s.mass[" + step + "]"), wanted.mass[t], 1e-12);
      if (rows[0].count("s.band[" + step + "]") > 0) {
        EXPECT_EQ(rows[0].at("s.band[" + step + "]"), wanted.band[t]);
      }
      if (rows[0].count("\"s.spectrum[" + step + ",0]\"") == 0) continue;
      EXPECT_NEAR(at(rows, 0, "\"s.spectrum[" + step + ",0]\""), wanted.x[t], 1e-12);
      EXPECT_NEAR(at(rows, 0, "\"s.spectrum[" + step + ",1]\""), wanted.y[t], 1e-12);
    }
  }
  const double up[4] = {0.5, 1, -1, 2};
  const Course seen = {{9, 14, 13, 20}, {3, 7, 20, 60}, {4, 5, 40, 90}, {}};
  std::string data_;
};

TEST_F(Steps, RecordsOfEachStep) {
  expect(answer("same", data_), course([](int, Course&) {}, up[3]));
  const Rows one = answer("set_one", data_);
  const auto set_one = [](int t, Course& of) {
    if (t == 1) of.mass[1] = 1, of.x[1] = 0, of.y[1] = 1, of.band[1] = "new";
  };
  expect(one, course(set_one, up[3]));
  EXPECT_EQ(one[0].at("first.band"), "new");
  const auto set_two = [](int t, Course& of) {
    if (t == 2) of.mass[2] = 4, of.x[2] = 5, of.y[2] = 6, of.band[2] = "arg";
  };
  const Rows two = answer("field", data_ + " --set to.mass=4");
  expect(two, course(set_two, 0));
  EXPECT_EQ(two[0].at("s[2].band"), "arg");
  const auto halve = [](int t, Course& of) {
    if (t > 1) of.mass[t] = 0.5 * of.mass[t - 1], of.band[t] = "half";
  };
  expect(answer("policy", data_), course(halve, up[3]));
}

TEST_F(Steps, LearntFieldsHaveTheirPaths) {
  const Rows other = answer("same", data_ + " --set Growth.s.growth.p.inner.b=1.5");
  const Rows one = answer("same", data_);
  for (int t = 0; t < 4; ++t) EXPECT_NEAR(at(other, 0, "u", t), at(one, 0, "u", t) - 1, 1e-12);
}

}  // namespace
}  // namespace acie::testing
