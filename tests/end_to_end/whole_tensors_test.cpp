// Tensors of more elements than are written out one by one, against numbers computed here in plain C++.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

constexpr int kSize = 100, kRows = 9;

using WholeTensors = ProgramTest;

constexpr const char* kSpectrum = R"(
model Spectrum {
    input z : f64 in 0..10
    exo u : f64[100] ~ normal(0, 1)
    let grid = [3800 + 10 * i for i in 0..100]
    var line = 1 + z
    var flux : f64[100] = exp(-((grid - 4000 * line) / 50)^2) + exp(0.1 * z) * u
    var edge = flux[99] - flux[0]
}
query known on Spectrum {
    given flux
    return flux, edge
}
query moved on Spectrum {
    given flux
    do line = 1.1
    return flux, edge
}
query slice on Spectrum {
    given flux
    world all { do flux += 1 }
    world some { do flux[10..20] = 7 }
    world values { do flux[0..3] = [1, 2, 3] }
    world masked { do flux[flux > 0.5] = 0.5 }
    return all.flux[..5], some.flux[8..12], values.flux[..4], masked.flux, values.edge
}
)";

TEST_F(WholeTensors, NoiseIsAbductedAndWorldsDifferElementByElement) {
  compile(kSpectrum);
  std::vector<Vector> z, flux;
  const std::vector<Vector> u = random_rows(kRows, kSize, 1);
  const auto line = [](double i, double at) { return std::exp(-std::pow((3800 + 10 * i - 4000 * at) / 50, 2)); };
  for (int r = 0; r < kRows; ++r) {
    z.push_back({0.01 * r});
    flux.emplace_back();
    for (int i = 0; i < kSize; ++i) flux[r].push_back(line(i, 1 + z[r][0]) + std::exp(0.1 * z[r][0]) * u[r][i]);
  }
  const std::string data = table({{"z", z}, {"flux", flux}});
  const Rows known = answer("known", data), moved = answer("moved", data), slice = answer("slice", data);
  ASSERT_EQ(known.size(), kRows);
  for (int r = 0; r < kRows; ++r) {
    EXPECT_EQ(known[r].at("status"), "ok");
    for (int i = 0; i < kSize; ++i) {
      EXPECT_EQ(at(known, r, "flux", i), flux[r][i]) << "evidence keeps its bits";
      EXPECT_NEAR(at(moved, r, "flux", i), line(i, 1.1) + std::exp(0.1 * z[r][0]) * u[r][i], 1e-13);
      EXPECT_EQ(at(slice, r, "masked.flux", i), std::min(flux[r][i], 0.5));
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(at(slice, r, "all.flux", i), flux[r][i] + 1);
    for (int i = 8; i < 12; ++i) EXPECT_EQ(at(slice, r, "some.flux", i), i < 10 ? flux[r][i] : 7);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(at(slice, r, "values.flux", i), i < 3 ? i + 1 : flux[r][i]);
    EXPECT_EQ(at(slice, r, "values.edge"), flux[r][99] - 1);
  }
}

TEST_F(WholeTensors, TilesThreadsAndLevelsGiveTheSameBits) {
  compile(kSpectrum);
  const std::string data = table({{"z", random_rows(50, 1, 2)}, {"flux", random_rows(50, kSize, 3)}});
  const Rows expected = answer("moved", data);
  for (const char* how : {"--tile-rows 1", "--tile-rows 7 --threads 2", "--target x86-64-v3", "--threads 1"})
    EXPECT_EQ(answer("moved", data + " " + how), expected) << how;
}

TEST_F(WholeTensors, ShapesAndFolds) {
  compile(R"(
model M {
    input x : f64[100]
    input k : index[100]
    let m = reshape(x, 20, 5)
    var difference = [x[i + 1] - x[i] for i in 0..99]
    var smooth = [sum([0.25, 0.5, 0.25] * x[i..i + 3]) for i in 0..1]
    var stencil = [0.25 * x[i] + 0.5 * x[i + 1] + 0.25 * x[i + 2] for i in 0..98]
    var total = sum(x)
    var mean_of_squares = mean(x^2)
    var largest = max(x)
    var rows_sum = sum(m, axis: 1)
    var columns_max = max(m, axis: 0)
    var turned = transpose(m)[2]
    var backwards = reverse(x)[..3]
    var chosen = x[k]
    var high = any(x > 2)
    var joined = concat(x[90..], m[0], [1, 2])
    var norm = x / sqrt(sum(x^2))
    var outer = sum(x[.., new] * x[new, ..])
}
query all on M { return difference, total, mean_of_squares, largest, rows_sum, columns_max, turned, backwards, chosen, high, joined, norm, outer, stencil, smooth }
)");
  const std::vector<Vector> x = random_rows(kRows, kSize, 4);
  std::vector<Vector> k;
  for (int r = 0; r < kRows; ++r) k.push_back({static_cast<double>(11 * r)});
  const Rows rows = answer("all", table({{"x", x}, {"k", k}}));
  ASSERT_EQ(rows.size(), kRows);
  for (int r = 0; r < kRows; ++r) {
    const Vector& v = x[r];
    double total = 0, squares = 0;
    for (const double value : v) total += value, squares += value * value;
    EXPECT_NEAR(at(rows, r, "total"), total, 1e-13);
    EXPECT_NEAR(at(rows, r, "mean_of_squares"), squares / kSize, 1e-14);
    EXPECT_EQ(at(rows, r, "largest"), *std::max_element(v.begin(), v.end()));
    for (int i = 0; i < 99; ++i) EXPECT_EQ(at(rows, r, "difference", i), v[i + 1] - v[i]);
    for (int i = 0; i < 98; ++i) EXPECT_NEAR(at(rows, r, "stencil", i), 0.25 * v[i] + 0.5 * v[i + 1] + 0.25 * v[i + 2], 1e-15);
    for (int i = 0; i < 20; ++i) EXPECT_NEAR(at(rows, r, "rows_sum", i), v[5 * i] + v[5 * i + 1] + v[5 * i + 2] + v[5 * i + 3] + v[5 * i + 4], 1e-14);
    for (int j = 0; j < 5; ++j) {
      double most = v[j];
      for (int i = 0; i < 20; ++i) most = std::max(most, v[5 * i + j]);
      EXPECT_EQ(at(rows, r, "columns_max", j), most);
    }
    for (int i = 0; i < 20; ++i) EXPECT_EQ(at(rows, r, "turned", i), v[5 * i + 2]);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(at(rows, r, "backwards", i), v[99 - i]);
    EXPECT_EQ(at(rows, r, "chosen"), v[11 * r]);
    EXPECT_EQ(rows[r].at("high"), *std::max_element(v.begin(), v.end()) > 2 ? "true" : "false");
    for (int i = 0; i < 17; ++i) EXPECT_EQ(at(rows, r, "joined", i), i < 10 ? v[90 + i] : i < 15 ? v[i - 10] : i - 14);
    for (int i = 0; i < kSize; ++i) EXPECT_NEAR(at(rows, r, "norm", i), v[i] / std::sqrt(squares), 1e-15);
    EXPECT_NEAR(at(rows, r, "outer"), total * total, 1e-11);
  }
}

// What is computed of axes that stretch stretches too.
TEST_F(WholeTensors, AxesStretchAfterWhatIsDoneToThem) {
  for (const char* size : {"dim W = 3", "dim W = 70", "dim W"}) {
    SCOPED_TRACE(size);
    compile(std::string(size) + R"(
model M {
    input x : f64[2, W]
    exo u ~ normal(0, 1)
    var scaled : f64[2, W] = x / (1 + x[.., 0][.., new]^2) - 0.5 * mean(x, axis: 1)[.., new]
    var summed : f64[2, W] = x * exp(-(x[.., 1][.., new] + x[.., 0][.., new])) + where(x[.., 0] > 0, 1.0, 2.0)[.., new]
    var both = sum(-x[0][.., new] * (2 * x[1])[new, ..])
    var column = concat(x[0][.., new], 2 * x[1][.., new], axis: 1)
    var alone = transpose(0.5 * x[1][.., new])
}
query all on M { return a0 = scaled[0], a1 = scaled[1], b0 = summed[0], b1 = summed[1], both, c0 = column[.., 0], c1 = column[.., 1], d = alone[0] }
query bare on M { return e = x[0][.., new], f = alone }
)");
    const int width = std::string(size) == "dim W = 70" ? 70 : 3;
    const std::vector<Vector> x = random_rows(2, 2 * width, 4);
    const std::string data = matrix_table({{"x", {2, width}, x}});
    const Rows rows = answer("all", data), bare = answer("bare", data);
    EXPECT_EQ(bare.at(0).size(), static_cast<size_t>(2 * width + 1));  // and the status
    for (size_t r = 0; r < 2; ++r) {
      const auto v = [&](int i, int k) { return x[r][static_cast<size_t>(i * width + k)]; };
      double sums[2] = {0, 0};
      for (int i = 0; i < 2; ++i)
        for (int k = 0; k < width; ++k) sums[i] += v(i, k);
      for (int i = 0; i < 2; ++i)
        for (int k = 0; k < width; ++k) {
          EXPECT_NEAR(at(rows, r, i == 0 ? "a0" : "a1", k), v(i, k) / (1 + v(i, 0) * v(i, 0)) - 0.5 * sums[i] / width, 1e-13);
          EXPECT_NEAR(at(rows, r, i == 0 ? "b0" : "b1", k), v(i, k) * std::exp(-(v(i, 1) + v(i, 0))) + (v(i, 0) > 0 ? 1 : 2), 1e-12);
        }
      EXPECT_NEAR(at(rows, r, "both"), -2 * sums[0] * sums[1], 1e-10);
      for (int k = 0; k < width; ++k) {
        EXPECT_EQ(at(rows, r, "c0", k), v(0, k));
        EXPECT_EQ(at(rows, r, "c1", k), 2 * v(1, k));
        EXPECT_EQ(at(rows, r, "d", k), 0.5 * v(1, k));
      }
    }
  }
}

TEST_F(WholeTensors, LearntMatricesMultiplyAndComeFromFiles) {
  compile(R"(
mechanism layer[N, M](x: f64[N]) -> f64[M] {
    learn w : f64[M, N] = xavier_uniform()
    learn b : f64[M] = zeros()
    return tanh(w @ x + b)
}
model Net {
    input x : f64[8]
    var hidden = layer[8, 80](x)
    var out : f64[3] = layer[80, 3](hidden) + [0.1, 0.2, 0.3]
    var noisy : f64[3] ~ normal(out, 0.5)
}
query forward on Net { return hidden, out }
query what_if on Net {
    given noisy
    do hidden = 0
    return noisy
}
)");
  std::mt19937_64 generator(5);
  std::normal_distribution<double> normal(0, 0.3);
  Vector w1(80 * 8), b1(80), w2(3 * 80), b2(3);
  for (Vector* part : {&w1, &b1, &w2, &b2})
    for (double& value : *part) value = normal(generator);
  std::ostringstream json;
  json.precision(17);
  const auto put = [&](const Vector& v, int columns) {
    json << "[";
    for (size_t i = 0; i < v.size(); ++i) {
      if (columns > 0 && i % columns == 0) json << (i > 0 ? "],[" : "[");
      else if (i > 0) json << ",";
      json << v[i];
    }
    json << (columns > 0 ? "]]" : "]");
  };
  json << R"({"Net.hidden.layer.w":)"; put(w1, 8);
  json << R"(,"Net.hidden.layer.b":)"; put(b1, 0);
  json << R"(,"Net.out.layer.w":)"; put(w2, 80);
  json << R"(,"Net.out.layer.b":)"; put(b2, 0);
  json << "}";
  std::ofstream(folder_ / "weights.json") << json.str();
  const std::vector<Vector> x = random_rows(kRows, 8, 6), noisy = random_rows(kRows, 3, 7);
  const std::string more = table({{"x", x}, {"noisy", noisy}}) + " --params " + (folder_ / "weights.json").string();
  const Rows forward = answer("forward", more), changed = answer("what_if", more);
  for (int r = 0; r < kRows; ++r) {
    Vector hidden(80), out(3);
    for (int i = 0; i < 80; ++i) {
      double sum = b1[i];
      for (int j = 0; j < 8; ++j) sum += w1[i * 8 + j] * x[r][j];
      hidden[i] = std::tanh(sum);
      EXPECT_NEAR(at(forward, r, "hidden", i), hidden[i], 1e-13);
    }
    for (int i = 0; i < 3; ++i) {
      double sum = b2[i];
      for (int j = 0; j < 80; ++j) sum += w2[i * 80 + j] * hidden[j];
      out[i] = std::tanh(sum) + 0.1 * (i + 1);
      EXPECT_NEAR(at(forward, r, "out", i), out[i], 1e-12);
      EXPECT_NEAR(at(changed, r, "noisy", i), std::tanh(b2[i]) + 0.1 * (i + 1) + noisy[r][i] - out[i], 1e-12);
    }
  }
  EXPECT_EQ(answer("forward", more + " --tile-rows 2"), forward);
}

TEST_F(WholeTensors, NoiseOfManyElementsIsDrawn) {
  compile(R"(
model M {
    exo u : f64[200] ~ normal(1, 2)
    var total = sum(u)
    var first = u[0]
    var last = u[199]
    var spread = sum((u - 1)^2) / 200
}
query law on M { return E[total], sd[total], E[spread], E[(first - 1) * (last - 1)] }
query some on M { return draws[u] }
)");
  const Rows law = answer("law", "--draws 20000");
  EXPECT_NEAR(at(law, 0, "E[total]"), 200, 5 * 2 * std::sqrt(200. / 20000));
  EXPECT_NEAR(at(law, 0, "sd[total]"), 2 * std::sqrt(200.), 1);
  EXPECT_NEAR(at(law, 0, "E[spread]"), 4, 0.05);
  EXPECT_NEAR(at(law, 0, "E[(first - 1) * (last - 1)]"), 0, 0.15) << "elements are independent";
  const Rows some = answer("some", "--draws 5");
  ASSERT_EQ(some.size(), 5u);
  EXPECT_NE(at(some, 0, "u", 0), at(some, 0, "u", 1));
  EXPECT_NE(at(some, 0, "u", 0), at(some, 1, "u", 0));
}

TEST_F(WholeTensors, EvidenceKeepsItsBitsOnlyWhereAllItDependsOnIsFactual) {
  compile(R"(
model Centred {
    input x : f64[100]
    exo u : f64[100] ~ normal(0, 1)
    var y : f64[100] = x - mean(x) + u
}
query doubled on Centred { given y; do x = 2 * x; return y }
query same on Centred { given y; do x = 1 * x; return y }
)");
  std::vector<Vector> x(1, Vector(kSize)), y(1, Vector(kSize));
  double mean = 0;
  for (int i = 0; i < kSize; ++i) x[0][i] = i, y[0][i] = 0.1 * i, mean += i / static_cast<double>(kSize);
  const std::string data = table({{"x", x}, {"y", y}});
  const Rows doubled = answer("doubled", data), same = answer("same", data);
  for (int i = 0; i < kSize; ++i) {
    EXPECT_NEAR(at(doubled, 0, "y", i), y[0][i] + x[0][i] - mean, 1e-11) << "x[0] is 0 in both worlds, and its mean is not";
    EXPECT_EQ(at(same, 0, "y", i), y[0][i]);
  }
}

TEST_F(WholeTensors, OutcomesOfManyElementsAndRowsSetToVectors) {
  compile(R"(
dim W = 100
dim J
type Arm = none | low | high
model Many {
    input x : f64[W]
    var arm : Arm[W] ~ categorical([0.2, 0.3, 0.5])
    var dose = sum(where(arm == high, 2, where(arm == low, 1, 0)))
}
model Rows {
    exo u : f64[J, 2] ~ normal(0, 1)
    var y : f64[J, 2] = 2 * u
}
query expected on Many { return E[dose] }
query row on Rows { given y; do y[1] = [7, 8]; return y, u }
)");
  const Rows expected = answer("expected", "--draws 4000 " + table({{"x", {Vector(100, 0)}}}));
  EXPECT_NEAR(at(expected, 0, "E[dose]"), 130, 5 * at(expected, 0, "E[dose].se"));
  const Rows row = answer("row", matrix_table({{"y", {3, 2}, {{1, 2, 3, 4, 5, 6}}}}));
  const double y[3][2] = {{1, 2}, {7, 8}, {5, 6}};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 2; ++j) {
      const std::string place = "[" + std::to_string(i) + "," + std::to_string(j) + "]\"";
      EXPECT_EQ(at(row, 0, "\"y" + place), y[i][j]);
      EXPECT_EQ(at(row, 0, "\"u" + place), (2 * i + j + 1) / 2.0);
    }
  }
}

}  // namespace
}  // namespace acie::testing
