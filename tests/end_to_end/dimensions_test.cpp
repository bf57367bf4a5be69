// Dimensions that are read from the data at start: one package answers for every size, with the numbers of plain C++.

#include <fitsio.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

using Rows = std::vector<std::map<std::string, std::string>>;
using Vector = std::vector<double>;

constexpr int kRows = 5;

class Dimensions : public ::testing::Test {
 protected:
  void compile(const std::string& text) {
    std::ofstream(folder_ / "program.acie") << text;
    const CommandResult compiled = run(compiler() + " " + (folder_ / "program.acie").string() + " -o " + package());
    ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
    bytes_ = read_file(package());
  }
  CommandResult try_answer(const std::string& query, const std::string& more = "") {
    return run(runner() + " " + package() + " " + query + " --allow-unsigned --out - " + more);
  }
  Rows answer(const std::string& query, const std::string& more = "") {
    const CommandResult ran = try_answer(query, more);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(read_file(package()), bytes_) << "the package is not compiled again";
    return parse_csv(ran.out);
  }
  std::string csv(const std::vector<std::pair<std::string, std::vector<Vector>>>& columns, const std::string& file = "data.csv") {
    std::ostringstream text;
    text.precision(17);
    bool first = true;
    for (const auto& [name, rows] : columns)
      for (size_t i = 0; i < rows[0].size(); ++i, first = false) text << (first ? "" : ",") << name << "[" << i << "]";
    text << "\n";
    for (size_t r = 0; r < columns[0].second.size(); ++r) {
      first = true;
      for (const auto& [name, rows] : columns)
        for (const double value : rows[r]) text << (first ? "" : ",") << value, first = false;
      text << "\n";
    }
    std::ofstream(folder_ / file) << text.str();
    return "--data " + (folder_ / file).string();
  }
  /// A FITS table whose columns are vectors.
  std::string fits(const std::vector<std::pair<std::string, std::vector<Vector>>>& columns, const std::string& file) {
    const std::string path = (folder_ / file).string();
    fitsfile* out = nullptr;
    int status = 0;
    fits_create_file(&out, path.c_str(), &status);
    std::vector<std::string> forms;
    std::vector<char*> names, types;
    for (const auto& [name, rows] : columns) forms.push_back(std::to_string(rows[0].size()) + "D");
    for (size_t i = 0; i < columns.size(); ++i) names.push_back(const_cast<char*>(columns[i].first.c_str())), types.push_back(forms[i].data());
    fits_create_tbl(out, BINARY_TBL, 0, static_cast<int>(columns.size()), names.data(), types.data(), nullptr, nullptr, &status);
    for (size_t i = 0; i < columns.size(); ++i)
      for (size_t r = 0; r < columns[i].second.size(); ++r)
        fits_write_col(out, TDOUBLE, static_cast<int>(i + 1), static_cast<LONGLONG>(r + 1), 1, static_cast<LONGLONG>(columns[i].second[r].size()), const_cast<double*>(columns[i].second[r].data()), &status);
    fits_close_file(out, &status);
    EXPECT_EQ(status, 0);
    return "--data " + path;
  }
  std::string package() const { return (folder_ / "program.aciepkg").string(); }

  TemporaryFolder folder_;
  std::string bytes_;
};

double at(const Rows& rows, size_t row, const std::string& name, int i = -1) {
  const std::string column = i < 0 ? name : name + "[" + std::to_string(i) + "]";
  const auto cell = rows.at(row).find(column);
  EXPECT_NE(cell, rows[row].end()) << "no column " << column;
  return cell == rows[row].end() || cell->second.empty() ? NAN : std::stod(cell->second);
}

std::vector<Vector> random_rows(int rows, int size, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<Vector> result(rows, Vector(size));
  for (Vector& row : result)
    for (double& value : row) value = normal(generator);
  return result;
}

constexpr const char* kSpectrum = R"(
dim J
dim H = J - 1
fn softmax[N](x: f64[N]) -> f64[N] {
    let e = exp(x - max(x))
    return e / sum(e)
}
model Spectrum {
    input sigma : f64[J] from "err"
    exo u : f64[J] ~ normal(0, 1)
    var flux : f64[J] = 2 * sigma + sigma * u
    var step : f64[H] = [flux[i + 1] - flux[i] for i in 0..H]
    var soft : f64[J] = softmax(flux)
    var level = sum(flux) / J
}
query moved on Spectrum {
    given flux
    do sigma = 3 * sigma
    return flux, step, soft, level, first = flux[0], last = flux[-1], middle = sum(flux[1..-1]), backwards = reverse(flux),
        n = length(flux), ramp = sum(i * flux[i] for i in 0..J), worst = max(abs(flux - factual.flux)), m = mean(flux)
}
)";

TEST_F(Dimensions, OnePackageServesEverySize) {
  compile(kSpectrum);
  for (const int n : {3, 64, 65, 1000}) {
    const std::vector<Vector> u = random_rows(kRows, n, static_cast<unsigned>(n));
    std::vector<Vector> sigma(kRows), flux(kRows);
    for (int r = 0; r < kRows; ++r)
      for (int i = 0; i < n; ++i) {
        sigma[r].push_back(0.5 + 0.001 * i + 0.1 * r);
        flux[r].push_back(2 * sigma[r][i] + sigma[r][i] * u[r][i]);
      }
    for (const std::string& data : {csv({{"err", sigma}, {"flux", flux}}), fits({{"err", sigma}, {"flux", flux}}, "s" + std::to_string(n) + ".fits")}) {
      const Rows rows = answer("moved", data);
      ASSERT_EQ(rows.size(), kRows);
      for (int r = 0; r < kRows; ++r) {
        EXPECT_EQ(rows[r].at("status"), "ok");
        Vector y(n);
        double sum = 0, ramp = 0, worst = 0, largest = -INFINITY, normal = 0;
        for (int i = 0; i < n; ++i) {
          y[i] = 3 * flux[r][i];
          sum += y[i];
          ramp += i * y[i];
          worst = std::max(worst, std::abs(y[i] - flux[r][i]));
          largest = std::max(largest, y[i]);
        }
        for (int i = 0; i < n; ++i) normal += std::exp(y[i] - largest);
        for (int i = 0; i < n; ++i) {
          EXPECT_NEAR(at(rows, r, "flux", i), y[i], 1e-12);
          EXPECT_NEAR(at(rows, r, "backwards", i), y[n - 1 - i], 1e-12);
          EXPECT_NEAR(at(rows, r, "soft", i), std::exp(y[i] - largest) / normal, 1e-12);
          if (i + 1 < n) EXPECT_NEAR(at(rows, r, "step", i), y[i + 1] - y[i], 1e-12);
        }
        EXPECT_EQ(rows[r].count("flux[" + std::to_string(n) + "]"), 0u);
        EXPECT_NEAR(at(rows, r, "level"), sum / n, 1e-12);
        EXPECT_NEAR(at(rows, r, "m"), sum / n, 1e-12);
        EXPECT_NEAR(at(rows, r, "middle"), sum - y[0] - y[n - 1], 1e-9);
        EXPECT_NEAR(at(rows, r, "first"), y[0], 1e-12);
        EXPECT_NEAR(at(rows, r, "last"), y[n - 1], 1e-12);
        EXPECT_NEAR(at(rows, r, "worst"), worst, 1e-12);
        EXPECT_NEAR(at(rows, r, "ramp"), ramp, 1e-9 * n * n);
        EXPECT_EQ(at(rows, r, "n"), n);
      }
    }
  }
}

constexpr const char* kNetwork = R"(
dim J, K
mechanism dense[N, M](x: f64[N]) -> f64[M] {
    learn w : f64[M, N] = xavier_uniform()
    learn b : f64[M] = zeros()
    return w @ x + b
}
model Net {
    input x : f64[J]
    learn a : f64[K, J]
    learn shift : f64[K] = 0.25
    var y : f64[K] = a @ x + shift
    var z : f64[J] = dense[K, J](y)
    var gram : f64[J, J] = [x[i] * x[j] for i in 0..J, j in 0..J]
    var trace = sum(gram[i, i] for i in 0..J)
    var joined : f64[J + K] = concat(x, y)
    var across : f64[J] = sum(transpose(gram), axis: 1)
    var wave : f64[J] = x * linspace(0, 1, J) + identity(J) @ x
}
query all on Net { return y, z, trace, joined, across, wave }
)";

TEST_F(Dimensions, ParametersSayTheirSizesAndProductsUseThem) {
  compile(kNetwork);
  for (const auto& [n, k] : {std::pair(4, 7), std::pair(90, 33)}) {
    const std::vector<Vector> x = random_rows(kRows, n, 1), a = random_rows(k, n, 2);
    std::ostringstream json;
    json.precision(17);
    json << "{\"Net.a\": [";
    for (int i = 0; i < k; ++i) {
      json << (i > 0 ? "," : "") << "[";
      for (int j = 0; j < n; ++j) json << (j > 0 ? "," : "") << a[i][j];
      json << "]";
    }
    json << "]}";
    std::ofstream(folder_ / "a.json") << json.str();
    const std::string params = " --params " + (folder_ / "a.json").string();
    const Rows rows = answer("all", csv({{"x", x}}) + params);
    ASSERT_EQ(rows.size(), kRows);
    for (int r = 0; r < kRows; ++r) {
      double squares = 0, sum = 0;
      for (const double value : x[r]) squares += value * value, sum += value;
      EXPECT_NEAR(at(rows, r, "trace"), squares, 1e-10);
      double spread = 0;
      for (int i = 0; i < k; ++i) {
        double y = 0.25;
        for (int j = 0; j < n; ++j) y += a[i][j] * x[r][j];
        EXPECT_NEAR(at(rows, r, "y", i), y, 1e-11);
        EXPECT_NEAR(at(rows, r, "joined", n + i), y, 1e-11);
      }
      for (int j = 0; j < n; ++j) {
        EXPECT_EQ(at(rows, r, "joined", j), x[r][j]);
        EXPECT_NEAR(at(rows, r, "across", j), x[r][j] * sum, 1e-11);
        EXPECT_NEAR(at(rows, r, "wave", j), x[r][j] * (1 + static_cast<double>(j) / (n - 1)), 1e-12);
        spread += std::abs(at(rows, r, "z", j));
      }
      EXPECT_GT(spread, 0);
    }
  }
}

TEST_F(Dimensions, WhatSaysThemMustAgree) {
  compile(kSpectrum);
  const std::vector<Vector> three = random_rows(2, 3, 1), four = random_rows(2, 4, 2), one = random_rows(2, 1, 3);
  const CommandResult differ = try_answer("moved", csv({{"err", three}, {"flux", four}}));
  EXPECT_EQ(differ.exit_code, 3);
  EXPECT_NE(differ.err.find("columns flux[…] has 4 where the program says J"), std::string::npos) << differ.err;
  EXPECT_NE(differ.err.find("J = 3 by"), std::string::npos) << differ.err;
  const CommandResult said = try_answer("moved", csv({{"err", three}, {"flux", three}}) + " -D J=5");
  EXPECT_EQ(said.exit_code, 3);
  EXPECT_NE(said.err.find("-D J=5"), std::string::npos) << said.err;
  const CommandResult small = try_answer("moved", csv({{"err", one}, {"flux", one}}));
  EXPECT_EQ(small.exit_code, 3);
  EXPECT_NE(small.err.find("J - 2 is -1 and must be at least 1"), std::string::npos) << small.err;
  const CommandResult unknown = try_answer("moved", csv({{"err", three}, {"flux", three}}) + " -D K=5");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("no dimension K"), std::string::npos) << unknown.err;
}

TEST_F(Dimensions, TheCommandLineSaysWhatNoDataSays) {
  compile(R"(
dim T
model Walk {
    exo u : f64[T] ~ normal(0, 1)
    var x : f64[T] = 3 * u
    var total = sum(x)
}
query ends on Walk { return Var[total], n = E[sum(ones(T))] }
query tenth on Walk { return E[x[9]] }
)");
  // At least 10: the program says x[9].
  for (const int n : {10, 50}) {
    const Rows rows = answer("ends", "-D T=" + std::to_string(n) + " --draws 20000");
    EXPECT_EQ(at(rows, 0, "n"), n);
    EXPECT_NEAR(at(rows, 0, "Var[total]") / (9 * n), 1, 0.05);
  }
  const CommandResult unsaid = try_answer("ends");
  EXPECT_EQ(unsaid.exit_code, 2);
  EXPECT_NE(unsaid.err.find("-D T=SIZE"), std::string::npos) << unsaid.err;
  EXPECT_EQ(try_answer("tenth", "-D T=10").exit_code, 0);
  const CommandResult beyond = try_answer("tenth", "-D T=9");
  EXPECT_EQ(beyond.exit_code, 3);
  EXPECT_NE(beyond.err.find("T - 9 is 0 and must be at least 1"), std::string::npos) << beyond.err;
}

TEST_F(Dimensions, LoopsTakeAsManySteps) {
  compile(R"(
dim T
model Series {
    input drive : f64[T]
    var level : f64[T] = scan(1, drive, |before, now| 0.5 * before + now)
    var last = fold(0, drive, |before, now| max(before, now))
    var counted = fold(0, 0..T, |before, t| before + t * t)
}
query all on Series { return level, last, counted }
)");
  for (const int n : {1, 2, 500}) {
    const std::vector<Vector> drive = random_rows(kRows, n, 7);
    const Rows rows = answer("all", csv({{"drive", drive}}));
    ASSERT_EQ(rows.size(), kRows);
    for (int r = 0; r < kRows; ++r) {
      double level = 1, largest = 0, squares = 0;
      for (int t = 0; t < n; ++t) {
        level = 0.5 * level + drive[r][t];
        largest = std::max(largest, drive[r][t]);
        squares += static_cast<double>(t) * t;
        EXPECT_NEAR(at(rows, r, "level", t), level, 1e-12);
      }
      EXPECT_EQ(at(rows, r, "last"), largest);
      EXPECT_EQ(at(rows, r, "counted"), squares);
    }
  }
}

TEST_F(Dimensions, InterventionsOnSomeElements) {
  compile(R"(
dim J
model M {
    input x : f64[J]
    exo u : f64[J] ~ normal(0, 1)
    var y : f64[J] = x + u
    var table : f64[J, 2] = [x[i] + 10 * k for i in 0..J, k in 0..2]
}
query first on M { given y; do y[0] = 5; return y, noise = u }
query after on M { given y; do y[1..] = 0; return y }
query last on M { given y; do y[-1] += 1 if x[0] > 0; return y }
query inner on M { given y; do y[1..-1] = [100 * x[i] for i in 1..J - 1]; return y }
query column on M { do table[.., 1] = x; return table }
query corner on M { do table[1.., 0] = [x[i] - x[0] for i in 1..J]; return table }
)");
  for (const int n : {3, 4, 70}) {
    const std::vector<Vector> x = random_rows(kRows, n, 3), y = random_rows(kRows, n, 4);
    const std::string given = csv({{"x", x}, {"y", y}});
    const Rows first = answer("first", given), after = answer("after", given), last = answer("last", given), inner = answer("inner", given),
               column = answer("column", given), corner = answer("corner", given);
    for (int r = 0; r < kRows; ++r) {
      for (int i = 0; i < n; ++i) {
        EXPECT_EQ(at(first, r, "y", i), i == 0 ? 5 : y[r][i]);
        EXPECT_EQ(at(first, r, "noise", i), y[r][i] - x[r][i]);
        EXPECT_EQ(at(after, r, "y", i), i == 0 ? y[r][i] : 0);
        EXPECT_EQ(at(last, r, "y", i), i == n - 1 && x[r][0] > 0 ? y[r][i] + 1 : y[r][i]);
        EXPECT_EQ(at(inner, r, "y", i), i == 0 || i == n - 1 ? y[r][i] : 100 * x[r][i]);
        for (int k = 0; k < 2; ++k) {
          const std::string name = "\"table[" + std::to_string(i) + "," + std::to_string(k) + "]\"";
          EXPECT_EQ(at(column, r, name), x[r][i]);
          EXPECT_EQ(at(corner, r, name), k == 0 && i > 0 ? x[r][i] - x[r][0] : x[r][i] + 10 * k);
        }
      }
    }
  }
  // Of one row there is nothing after the first, and the run says so.
  const CommandResult short_one = try_answer("after", csv({{"x", {{1}}}, {"y", {{2}}}}));
  EXPECT_EQ(short_one.exit_code, 3) << short_one.out;
}

TEST_F(Dimensions, AlgorithmsAlongAxes) {
  compile(R"(
dim J, K
model M {
    input x : f64[J]
    input a : f64[K, K]
    input b : f64[K]
    let half = fft(x)
}
query q on M {
    return runs = cumsum(x), sorted = sort(x), highest = argmax(x), back = ifft(half).re, power = sum(half.re * half.re + half.im * half.im),
           solved = solve(a, b), lower = cholesky(a)[K - 1, 0], product = a @ inverse(a) @ b
}
)");
  for (const int n : {1, 2, 5, 90}) {
    const int k = n == 1 ? 1 : 3;
    const std::vector<Vector> x = random_rows(kRows, n, 5), b = random_rows(kRows, k, 6);
    std::vector<Vector> a(kRows, Vector(k * k));
    for (int r = 0; r < kRows; ++r)
      for (int i = 0; i < k * k; ++i) a[r][i] = i % (k + 1) == 0 ? 4 + r : 1.0 / (1 + i / k + i % k);
    std::ostringstream text;
    text.precision(17);
    for (int i = 0; i < n; ++i) text << "x[" << i << "],";
    for (int i = 0; i < k; ++i) text << "b[" << i << "],";
    for (int i = 0; i < k * k; ++i) text << (i > 0 ? "," : "") << "\"a[" << i / k << "," << i % k << "]\"";
    for (int r = 0; r < kRows; ++r) {
      text << "\n";
      for (const double value : x[r]) text << value << ",";
      for (const double value : b[r]) text << value << ",";
      for (int i = 0; i < k * k; ++i) text << (i > 0 ? "," : "") << a[r][i];
    }
    std::ofstream(folder_ / "data.csv") << text.str() << "\n";
    const Rows rows = answer("q", "--data " + (folder_ / "data.csv").string());
    ASSERT_EQ(rows.size(), kRows);
    for (int r = 0; r < kRows; ++r) {
      Vector sorted = x[r];
      std::sort(sorted.begin(), sorted.end());
      double run = 0, square = 0;
      for (int i = 0; i < n; ++i) {
        run += x[r][i];
        square += x[r][i] * x[r][i];
        EXPECT_EQ(at(rows, r, "runs", i), run);
        EXPECT_EQ(at(rows, r, "sorted", i), sorted[i]);
        EXPECT_NEAR(at(rows, r, "back", i), x[r][i], 1e-12);
      }
      EXPECT_EQ(at(rows, r, "highest"), std::max_element(x[r].begin(), x[r].end()) - x[r].begin());
      EXPECT_NEAR(at(rows, r, "power"), n * square, 1e-9 * n * square);  // Parseval
      for (int i = 0; i < k; ++i) {
        double left = 0;
        for (int j = 0; j < k; ++j) left += a[r][i * k + j] * at(rows, r, "solved", j);
        EXPECT_NEAR(left, b[r][i], 1e-12);
        EXPECT_NEAR(at(rows, r, "product", i), b[r][i], 1e-12);
      }
      EXPECT_NEAR(at(rows, r, "lower"), k == 1 ? 2 * std::sqrt((4.0 + r) / 4) : a[r][(k - 1) * k] / std::sqrt(4.0 + r), 1e-12);
    }
  }
}

TEST_F(Dimensions, RangesInsideRangesPlacesAndArguments) {
  compile(R"(
dim J
type Arm = low | high
model M {
    input x : f64[J]
    input g : index[J]
    var nearest : f64[J] = [min(if i == j then 1000 else abs(x[i] - x[j]) for j in 0..J) for i in 0..J]
    var products = [[x[i] + 2 * x[j] for j in 0..J] for i in 0..J]
    var triples = sum(sum(x[i] * x[j] * (k + 1) for j in 0..J, k in 0..J) for i in 0..J)
    var side = map(x, reverse(x), |a, b| a - b)
    var spectrum = rfft(x).re
    var back : f64[J] = irfft(rfft(x), J)
    var here = x[g]
    var power = mean(spectrum)
}
query all on M { return nearest, products, triples, side, spectrum, back, here, power }
query weighted(w: f64[J]) on M { return sum(w * x), w[0] }
)");
  std::mt19937_64 random(5);
  for (const int n : {1, 2, 5, 12, 70}) {
    const std::vector<Vector> x = random_rows(kRows, n, 9);
    std::ostringstream text;
    text.precision(17);
    text << "g";
    for (int i = 0; i < n; ++i) text << ",x[" << i << "]";
    std::vector<int> g;
    for (int r = 0; r < kRows; ++r) {
      g.push_back(static_cast<int>(random() % static_cast<unsigned>(n)));
      text << "\n" << g.back();
      for (const double value : x[r]) text << "," << value;
    }
    std::ofstream(folder_ / "data.csv") << text.str() << "\n";
    const std::string data = "--data " + (folder_ / "data.csv").string();
    std::ofstream json(folder_ / "w.json");
    json << "{\"w\": [";
    for (int i = 0; i < n; ++i) json << (i > 0 ? ", " : "") << i + 0.5;
    json << "]}";
    json.close();
    const Rows rows = answer("all", data), weighted = answer("weighted", data + " --params " + (folder_ / "w.json").string());
    for (int r = 0; r < kRows; ++r) {
      double triples = 0, weight = 0, sum = 0;
      for (int i = 0; i < n; ++i) {
        double nearest = 1000;
        for (int j = 0; j < n; ++j) {
          if (j != i) nearest = std::min(nearest, std::abs(x[r][i] - x[r][j]));
          triples += x[r][i] * x[r][j] * n * (n + 1) / 2;
          EXPECT_EQ(at(rows, r, "\"products[" + std::to_string(i) + "," + std::to_string(j) + "]\""), x[r][i] + 2 * x[r][j]);
        }
        weight += (i + 0.5) * x[r][i];
        EXPECT_EQ(at(rows, r, "nearest", i), nearest);
        EXPECT_EQ(at(rows, r, "side", i), x[r][i] - x[r][n - 1 - i]);
        EXPECT_NEAR(at(rows, r, "back", i), x[r][i], 1e-12);
      }
      for (int k = 0; k <= n / 2; ++k) {
        double re = 0;
        for (int j = 0; j < n; ++j) re += x[r][j] * std::cos(2 * M_PI * j * k / n);
        EXPECT_NEAR(at(rows, r, "spectrum", k), re, 1e-10);
        sum += re;
      }
      EXPECT_EQ(rows[r].count("spectrum[" + std::to_string(n / 2 + 1) + "]"), 0u);
      EXPECT_NEAR(at(rows, r, "power"), sum / (n / 2 + 1), 1e-10);
      EXPECT_NEAR(at(rows, r, "triples"), triples, 1e-8 * (1 + std::abs(triples)));
      EXPECT_EQ(at(rows, r, "here"), x[r][g[r]]);
      EXPECT_NEAR(at(weighted, r, "sum(w * x)"), weight, 1e-10);
    }
  }
  // A place outside of the axis is no place.
  std::ofstream(folder_ / "outside.csv") << "g,x[0],x[1]\n0,1,2\n2,1,2\n";
  const Rows outside = answer("all", "--data " + (folder_ / "outside.csv").string());
  EXPECT_EQ(outside.at(0).at("status"), "ok");
  EXPECT_NE(outside.at(1).at("status"), "ok");
  const CommandResult unsaid = try_answer("weighted", "--data " + (folder_ / "outside.csv").string());
  EXPECT_NE(unsaid.exit_code, 0);
  EXPECT_NE(unsaid.err.find("w"), std::string::npos);
}

TEST_F(Dimensions, IndicesStayInTheirAxis) {
  compile(R"(
dim J
model Image {
    input image : f64[3, J]
    var cell = image[0, 5]
    var column = sum(image[i, 4] for i in 0..3)
    var left = sum(image[.., ..6])
    var chosen = gather(image[1], [0, 2, 5])[2]
}
query all on Image { return cell, column, left, chosen }
)");
  const auto data = [&](int n, const std::string& file) {
    std::vector<Vector> rows(2, Vector(3 * n));
    for (int k = 0; k < 3 * n; ++k) rows[0][k] = rows[1][k] = 100 * (k / n) + k % n;
    return fits({{"image", rows}}, file);
  };
  const CommandResult narrow = try_answer("all", data(4, "narrow.fits"));
  EXPECT_EQ(narrow.exit_code, 3) << narrow.out;
  EXPECT_NE(narrow.err.find("must be at least 1"), std::string::npos) << narrow.err;
  const Rows rows = answer("all", data(6, "wide.fits"));
  EXPECT_EQ(at(rows, 0, "cell"), 5);
  EXPECT_EQ(at(rows, 0, "column"), 4 + 104 + 204);
  EXPECT_EQ(at(rows, 0, "left"), 3 * 15 + 6 * 300);
  EXPECT_EQ(at(rows, 0, "chosen"), 105);
}

// Noise behind another order of axes, whatever their sizes.
TEST_F(Dimensions, NoiseThroughRearrangements) {
  compile(R"(
dim J
model Turned {
    exo u : f64[J, 3] ~ normal(0, 1)
    exo v : f64[J] ~ normal(0, 1)
    var x : f64[3, J] = transpose(u)
    var y : f64[J] = 2 * reverse(v)
}
query noise on Turned { given x, y; do y[0] = 7; return u, v, y }
)");
  std::ofstream(folder_ / "data.csv") << "\"x[0,0]\",\"x[0,1]\",\"x[1,0]\",\"x[1,1]\",\"x[2,0]\",\"x[2,1]\",y[0],y[1]\n1,2,3,4,5,6,8,10\n";
  const Rows noise = answer("noise", "--data " + (folder_ / "data.csv").string());
  for (int j = 0; j < 2; ++j) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(at(noise, 0, "\"u[" + std::to_string(j) + "," + std::to_string(i) + "]\""), 2 * i + j + 1);
  }
  EXPECT_EQ(at(noise, 0, "v", 0), 5);
  EXPECT_EQ(at(noise, 0, "v", 1), 4);
  EXPECT_EQ(at(noise, 0, "y", 0), 7);
}

}  // namespace
}  // namespace acie::testing
