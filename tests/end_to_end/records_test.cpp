// Variables, inputs and parameters that are records: evidence on fields, interventions on fields and on the whole.
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

}  // namespace
}  // namespace acie::testing
