// Estimates of every element of a tensor, of sizes written and read at start: what the draws themselves come to.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

constexpr const char* kSpectrum = R"(
dim J
model Spectrum {
    input base : f64[J]
    exo gain ~ normal(0, 1)
    exo u : f64[J] ~ normal(0, 1)
    var flux : f64[J] = base * exp(0.1 * gain) + 0.5 * u
}
query drawn on Spectrum { return draws[flux] }
query bare on Spectrum { return flux }
query known on Spectrum { return twice = E[2 * base], none = Var[base] }
query all on Spectrum { return m = E[flux], v = Var[flux], s = sd[flux], q = Q[0.9; flux], p = P[flux > 1] }
query effect on Spectrum {
    world w { do base = 3 * base }
    return e = E[w.flux] / E[flux], t = sum(E[w.flux]) / sum(E[flux]), third = E[flux][2], window = E[flux][1..3], worst = max(E[flux])
}
query table on Spectrum { return m = rows.mean(E[flux]), r = rows.sum(E[flux][0]) / rows.max(E[flux][1]), b = rows.var(base), h = rows.max(base), k = rows.sum(base)[1], n = rows.count(base > 2), one = rows.count(base[1] > 2), rows = rows.count() }
)";

constexpr int kDraws = 320;

double number(const std::map<std::string, std::string>& row, const std::string& name) {
  const auto cell = row.find(name);
  EXPECT_NE(cell, row.end()) << "no column " << name;
  return cell == row.end() || cell->second.empty() ? NAN : std::stod(cell->second);
}

std::string element(const std::string& name, int i, const std::string& ending = "") { return name + "[" + std::to_string(i) + "]" + ending; }

double mean(const Vector& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); }

double variance(const Vector& x) {
  const double m = mean(x);
  double sum = 0;
  for (const double each : x) sum += (each - m) * (each - m);
  return sum / (static_cast<double>(x.size()) - 1);
}

/// Hyndman and Fan 1996, type 7.
double quantile(Vector x, double level) {
  std::sort(x.begin(), x.end());
  const double place = level * (static_cast<double>(x.size()) - 1), below = std::floor(place);
  const auto at = static_cast<size_t>(below);
  return x[at] + (place - below) * (x[std::min(at + 1, x.size() - 1)] - x[at]);
}

class TensorEstimates : public ProgramTest {
 protected:
  void SetUp() override { compile(kSpectrum); }

  static std::vector<Vector> bases(int rows, int n) {
    std::vector<Vector> base(rows, Vector(n));
    for (int r = 0; r < rows; ++r)
      for (int i = 0; i < n; ++i) base[r][i] = 1 + 0.01 * i + 0.3 * r;
    return base;
  }

  /// By row and element, the draws as the program itself prints them.
  std::vector<std::vector<Vector>> draws(const std::string& data, int rows, int n) {
    std::vector<std::vector<Vector>> result(rows, std::vector<Vector>(n));
    for (const auto& row : answer("drawn", data + options_))
      for (int i = 0; i < n; ++i) result[static_cast<size_t>(number(row, "row"))][i].push_back(number(row, element("flux", i)));
    EXPECT_EQ(result[0][0].size(), static_cast<size_t>(kDraws));
    return result;
  }

  std::string options_ = " --seed 7 --draws " + std::to_string(kDraws);
};

TEST_F(TensorEstimates, AreWhatTheDrawsComeTo) {
  for (const int n : {3, 70, 300}) {
    for (const int rows : {2, 9}) {  // few rows share their draws among threads
      const std::string data = table({{"base", bases(rows, n)}});
      const auto drawn = draws(data, rows, n);
      const Rows all = answer("all", data + options_), bare = answer("bare", data + options_);
      ASSERT_EQ(all.size(), static_cast<size_t>(rows));
      for (int r = 0; r < rows; ++r) {
        for (int i = 0; i < n; ++i) {
          const Vector& x = drawn[r][i];
          const double m = mean(x), v = variance(x), tolerance = 1e-10;
          EXPECT_NEAR(number(all[r], element("m", i)), m, tolerance);
          EXPECT_NEAR(number(all[r], element("m", i, ".se")), std::sqrt(v / kDraws), tolerance);
          EXPECT_NEAR(number(all[r], element("v", i)), v, tolerance);
          EXPECT_NEAR(number(all[r], element("s", i)), std::sqrt(v), tolerance);
          EXPECT_NEAR(number(all[r], element("q", i)), quantile(x, 0.9), tolerance);
          const double p = static_cast<double>(std::count_if(x.begin(), x.end(), [](double each) { return each > 1; })) / kDraws;
          EXPECT_NEAR(number(all[r], element("p", i)), p, tolerance);
          double fourth = 0;
          for (const double each : x) fourth += std::pow(each - m, 4) / kDraws;
          EXPECT_NEAR(number(all[r], element("v", i, ".se")), std::sqrt((fourth - v * v * (kDraws - 3.0) / (kDraws - 1.0)) / kDraws), tolerance);
          EXPECT_EQ(number(bare[r], element("flux", i, ".mean")), number(all[r], element("m", i)));
          EXPECT_EQ(number(bare[r], element("flux", i, ".sd.se")), number(all[r], element("s", i, ".se")));
        }
      }
    }
  }
}

/// Of an expression of several estimates: the grouped jackknife, 32 groups of 10 draws.
TEST_F(TensorEstimates, ExpressionsHaveErrors) {
  constexpr int kRows = 2, kSize = 70, kGroups = 32;
  const std::string data = table({{"base", bases(kRows, kSize)}});
  std::vector<Vector> thrice = bases(kRows, kSize);
  for (Vector& row : thrice)
    for (double& each : row) each *= 3;
  const Rows effect = answer("effect", data + options_);
  const auto drawn = draws(data, kRows, kSize);
  const auto moved = draws(table({{"base", thrice}}), kRows, kSize);  // noise is the row's
  const auto without = [&](const Vector& x, int group) {
    Vector rest;
    for (int d = 0; d < kDraws; ++d)
      if (group < 0 || d / (kDraws / kGroups) != group) rest.push_back(x[d]);
    return mean(rest);
  };
  const auto error = [&](auto of) {
    double middle = 0, spread = 0;
    for (int g = 0; g < kGroups; ++g) middle += of(g) / kGroups;
    for (int g = 0; g < kGroups; ++g) spread += (of(g) - middle) * (of(g) - middle);
    return std::sqrt((kGroups - 1.0) / kGroups * spread);
  };
  for (int r = 0; r < kRows; ++r) {
    for (int i = 0; i < kSize; ++i) {
      const auto ratio = [&](int g) { return without(moved[r][i], g) / without(drawn[r][i], g); };
      EXPECT_NEAR(number(effect[r], element("e", i)), ratio(-1), 1e-10);
      EXPECT_NEAR(number(effect[r], element("e", i, ".se")), error(ratio), 1e-10);
    }
    const auto total = [&](int g) {
      double above = 0, below = 0;
      for (int i = 0; i < kSize; ++i) above += without(moved[r][i], g), below += without(drawn[r][i], g);
      return above / below;
    };
    EXPECT_NEAR(number(effect[r], "t"), total(-1), 1e-10);
    EXPECT_NEAR(number(effect[r], "t.se"), error(total), 1e-10);
    EXPECT_NEAR(number(effect[r], "third"), mean(drawn[r][2]), 1e-10);
    EXPECT_NEAR(number(effect[r], "third.se"), std::sqrt(variance(drawn[r][2]) / kDraws), 1e-10);
    EXPECT_NEAR(number(effect[r], element("window", 1)), mean(drawn[r][2]), 1e-10);
    double worst = 0;
    for (const Vector& each : drawn[r]) worst = std::max(worst, mean(each));
    EXPECT_NEAR(number(effect[r], "worst"), worst, 1e-10);
  }
}

TEST_F(TensorEstimates, AreSummarisedOverRows) {
  constexpr int kRows = 9, kSize = 70;
  const std::vector<Vector> base = bases(kRows, kSize);
  const std::string data = table({{"base", base}});
  const auto drawn = draws(data, kRows, kSize);
  const Rows table = answer("table", data + options_);
  ASSERT_EQ(table.size(), 1U);
  double second = 0;
  // Without one of 32 groups of draws of every row.
  const auto without = [&](int r, int i, int group) {
    Vector rest;
    for (int d = 0; d < kDraws; ++d)
      if (group < 0 || d / 10 != group) rest.push_back(drawn[r][i][d]);
    return mean(rest);
  };
  const auto error = [&](auto of) {
    double middle = 0, spread = 0;
    for (int g = 0; g < 32; ++g) middle += of(g) / 32;
    for (int g = 0; g < 32; ++g) spread += (of(g) - middle) * (of(g) - middle);
    return std::sqrt(31.0 / 32 * spread);
  };
  const auto ratio = [&](int g) {
    double sum = 0, largest = -INFINITY;
    for (int r = 0; r < kRows; ++r) sum += without(r, 0, g), largest = std::max(largest, without(r, 1, g));
    return sum / largest;
  };
  EXPECT_NEAR(number(table[0], "r"), ratio(-1), 1e-10);
  EXPECT_NEAR(number(table[0], "r.se"), error(ratio), 1e-10);
  for (int i = 0; i < kSize; ++i) {
    const auto average = [&](int g) {
      double sum = 0;
      for (int r = 0; r < kRows; ++r) sum += without(r, i, g) / kRows;
      return sum;
    };
    EXPECT_NEAR(number(table[0], element("m", i, ".se")), error(average), 1e-10);
    Vector means, column;
    for (int r = 0; r < kRows; ++r) means.push_back(mean(drawn[r][i])), column.push_back(base[r][i]);
    EXPECT_NEAR(number(table[0], element("m", i)), mean(means), 1e-10);
    EXPECT_NEAR(number(table[0], element("b", i)), variance(column), 1e-10);
    EXPECT_EQ(number(table[0], element("h", i)), *std::max_element(column.begin(), column.end()));
    EXPECT_EQ(number(table[0], element("n", i)), std::count_if(column.begin(), column.end(), [](double each) { return each > 2; }));
    if (i == 1) second = std::accumulate(column.begin(), column.end(), 0.0);
  }
  EXPECT_NEAR(number(table[0], "k"), second, 1e-10);
  EXPECT_EQ(number(table[0], "one"), number(table[0], element("n", 1)));
  EXPECT_EQ(number(table[0], "rows"), kRows);
}

TEST_F(TensorEstimates, OfWhatIsKnownAreExact) {
  constexpr int kSize = 70;
  const std::vector<Vector> base = bases(2, kSize);
  const Rows known = answer("known", table({{"base", base}}));
  for (int i = 0; i < kSize; ++i) {
    EXPECT_EQ(number(known[1], element("twice", i)), 2 * base[1][i]);
    EXPECT_EQ(number(known[1], element("none", i)), 0);
  }
}

TEST_F(TensorEstimates, AreTheSameBitsHoweverTheyAreComputed) {
  const std::string data = table({{"base", bases(3, 500)}});
  for (const char* query : {"all", "effect", "bare", "table"}) {
    const auto text = [&](const std::string& more) {
      const CommandResult ran = run(runner() + " " + package() + " " + query + " --allow-unsigned --out - " + data + options_ + more);
      EXPECT_EQ(ran.exit_code, 0) << ran.err;
      return ran.out;
    };
    const std::string one = text(" --threads 1");
    EXPECT_EQ(one, text(" --threads 2")) << query;
    EXPECT_EQ(one, text(" --tile-rows 1")) << query;
  }
}

/// Results of one element stand side by side, and a file of arrays has them as vectors.
TEST_F(TensorEstimates, HaveNamesLikeElements) {
  const std::string data = table({{"base", bases(1, 70)}});
  const CommandResult ran = run(runner() + " " + package() + " bare --allow-unsigned --out - " + data + options_);
  EXPECT_TRUE(ran.out.starts_with("flux[0].mean,flux[0].mean.se,flux[0].sd,flux[0].sd.se,flux[1].mean,")) << ran.out.substr(0, 100);
}

TEST_F(TensorEstimates, SayWhatTheDrawsWouldTake) {
  const CommandResult ran = run(runner() + " " + package() + " bare --allow-unsigned --out - --draws 1000000000000 " + table({{"base", bases(1, 70)}}));
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_NE(ran.err.find("--draws"), std::string::npos) << ran.err;
}

TEST_F(TensorEstimates, SayWhatTheGroupsWouldTake) {
  compile(R"(
model Wide {
    exo u : f64[1_000_000] ~ normal(0, 1)
    var x = exp(u)
}
query ratio on Wide { return r = E[x] / E[2 * x] + E[3 * x] / E[4 * x] + E[5 * x] / E[6 * x] + E[7 * x] / E[8 * x] }
)");
  const CommandResult ran = run(runner() + " " + package() + " ratio --allow-unsigned --out - --draws 40");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_NE(ran.err.find("32 groups"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace acie::testing
