// Laws of tensors, `fn f[N](m: f64[N]) -> law<f64[N]>`: abduction through them and draws from them.
#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

constexpr const char* kLaws = R"(
fn noisy[N](m: f64[N]) -> law<f64[N]> { exo e : f64[N] ~ normal(0, 1); return m + e }
fn correlated[N](m: f64[N], l: f64[N, N]) -> law<f64[N]> { exo e : f64[N] ~ normal(0, 1); return m + l @ e }
fn spread[N](s: f64) -> law<f64[N]> { exo e : f64[N] ~ normal(0, 1); exo all ~ normal(0, 1); return s * (e + all) }
fn weighted[N](w: f64[N], x: f64[N]) -> law<f64> { exo e : f64[N] ~ normal(0, 1); exo f ~ normal(0, 1); return sum(w * (x + e)) / sum(w) + f }
fn shifted[N, U](m: f64<U>[N], add: f64[N]) -> law<f64<U>[N]> { exo e ~ normal(add, 2); return m * (1 + e) }
fn deeper[N](m: f64[N]) -> law<f64[N]> { exo x ~ noisy(m); return 2 * x }
const factor = [[2.0, 0, 0], [0.5, 1.5, 0], [-1, 0.25, 3]]
model Small {
    input m : f64[3]
    input far : f64<m>[2]
    var x ~ correlated(m, factor)
    var y ~ deeper(x)
    var z ~ shifted(far, [1, 2])
}
query moved on Small { given x, y, z; do m = m + [1, 2, 3]; do far = 2 * far; return x, y, z, x.noise }
model Free {
    var x ~ correlated([1, 2, 3], factor)
    var s ~ spread[2](2)
    var w ~ weighted([1, 3], [10, 20])
}
query moments on Free {
    return m = E[x[2]], c01 = E[(x[0] - 1) * (x[1] - 2)], c12 = E[(x[1] - 2) * (x[2] - 3)], v2 = Var[x[2]], vs = Var[s[0]], cs = E[s[0] * s[1]], mw = E[w], vw = Var[w]
}
query drawn on Free { do x ~ correlated([0, 0, 7], 2 * factor); return m = E[x[2]], v = Var[x[0]] }
model Large {
    input m : f64[100]
    var x ~ noisy(m)
    var total = sum(x)
}
query twice on Large { given x; do m = 2 * m; return x, total, noise = x.noise }
model Walk {
    over t in 0..3 {
        var x ~ noisy(if t > 0 then x[t-1] else [10, 20])
    }
}
query walk on Walk { given x = [[11, 19], [6, 12], [5, 8]]; do x[0] = [0, 0]; return x }
)";

struct JointLaws : ProgramTest {
  void SetUp() override { compile(kLaws); }
};

TEST_F(JointLaws, AbductedElementByElement) {
  const double l[3][3] = {{2, 0, 0}, {0.5, 1.5, 0}, {-1, 0.25, 3}};
  const std::vector<Vector> m = random_rows(4, 3, 1), e = random_rows(4, 3, 2), d = random_rows(4, 3, 3);
  std::vector<Vector> x(4, Vector(3)), y(4, Vector(3)), far(4, Vector(2)), z(4, Vector(2));
  for (int r = 0; r < 4; ++r) {
    for (int i = 0; i < 3; ++i) {
      x[r][i] = m[r][i];
      for (int k = 0; k < 3; ++k) x[r][i] += l[i][k] * e[r][k];
      y[r][i] = 2 * (x[r][i] + d[r][i]);
    }
    for (int i = 0; i < 2; ++i) far[r][i] = 1 + r + i, z[r][i] = far[r][i] * (1 + 0.3 * r - i);
  }
  const Rows rows = answer("moved", table({{"m", m}, {"far", far}, {"x", x}, {"y", y}, {"z", z}}));
  for (int r = 0; r < 4; ++r) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_NEAR(at(rows, r, "x", i), x[r][i] + i + 1, 1e-12);
      EXPECT_NEAR(at(rows, r, "y", i), y[r][i] + 2 * (i + 1), 1e-12);
      EXPECT_NEAR(at(rows, r, "x.noise", i), e[r][i], 1e-12);
    }
    for (int i = 0; i < 2; ++i) EXPECT_NEAR(at(rows, r, "z", i), 2 * z[r][i], 1e-12);
  }
}

TEST_F(JointLaws, DrawsHaveTheirMoments) {
  const Rows rows = answer("moments", "--draws 200000");
  // The covariance is L transpose(L); of `spread` 4 (I + 1); of `weighted` the mean 17.5, and (1 + 9) / 16 + 1.
  EXPECT_NEAR(at(rows, 0, "m"), 3, 0.04);
  EXPECT_NEAR(at(rows, 0, "c01"), 1, 0.04);
  EXPECT_NEAR(at(rows, 0, "c12"), -0.5 + 1.5 * 0.25, 0.06);
  EXPECT_NEAR(at(rows, 0, "v2"), 1 + 0.0625 + 9, 0.2);
  EXPECT_NEAR(at(rows, 0, "vs"), 8, 0.15);
  EXPECT_NEAR(at(rows, 0, "cs"), 4, 0.12);
  EXPECT_NEAR(at(rows, 0, "mw"), 17.5, 0.02);
  EXPECT_NEAR(at(rows, 0, "vw"), 10.0 / 16 + 1, 0.03);
  const Rows drawn = answer("drawn", "--draws 200000");
  EXPECT_NEAR(at(drawn, 0, "m"), 7, 0.1);
  EXPECT_NEAR(at(drawn, 0, "v"), 16, 0.3);
}

TEST_F(JointLaws, LargeTensorsAndSteps) {
  const std::vector<Vector> m = random_rows(3, 100, 4), x = random_rows(3, 100, 5);
  const Rows rows = answer("twice", table({{"m", m}, {"x", x}}));
  for (int r = 0; r < 3; ++r) {
    double total = 0;
    for (int i = 0; i < 100; ++i) {
      EXPECT_NEAR(at(rows, r, "x", i), x[r][i] + m[r][i], 1e-12);
      EXPECT_NEAR(at(rows, r, "noise", i), x[r][i] - m[r][i], 1e-12);
      total += x[r][i] + m[r][i];
    }
    EXPECT_NEAR(at(rows, r, "total"), total, 1e-10);
  }
  // By hand: the steps add [-5, -7] and [-1, -4].
  const CommandResult walk = run(runner() + " " + package() + " walk --allow-unsigned --out -");
  EXPECT_NE(walk.out.find("0,0,-5,-7,-6,-11"), std::string::npos) << walk.out << walk.err;
}

}  // namespace
}  // namespace acie::testing
