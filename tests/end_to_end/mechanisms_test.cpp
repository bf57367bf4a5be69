// Mechanisms: parameters by path, values from files, first values from the seed.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

constexpr const char* kProgram = R"(
mechanism dense[N, M](x: f64[N]) -> f64[M] {
    learn w : f64[M, N] = xavier_uniform()
    learn b : f64[M]    = zeros()
    return w @ x + b
}
mechanism mlp[N, H, M](x: f64[N]) -> f64[M] { return dense[H, M](tanh(dense[N, H](x))) }
model Galaxy {
    input z : f64[2]
    exo u : f64[2] ~ normal(0, 1)
    var spectrum : f64[2] = mlp[2, 3, 2](z) + exp(0.1 * sum(mlp[2, 2, 1](z))) * u
    var pair : f64[2] = map(stack(z, 2 * z), |v| sum(dense[2, 2](v)))
}
query doubled on Galaxy { given spectrum; do z = 2 * z; return spectrum, pair }
)";

struct Outcome {
  std::vector<std::map<std::string, std::string>> rows;
  std::string err;
  int exit_code = 0;
};

/// `doubled` with these parameters (JSON, none if empty) and options.
Outcome doubled(const std::string& parameters, const std::string& options = "") {
  TemporaryFolder folder;
  const auto program = folder / "program.acie", table = folder / "data.csv", values = folder / "values.json";
  std::ofstream(program) << kProgram;
  std::ofstream(table) << "z[0],z[1],spectrum[0],spectrum[1]\n0.3,-0.7,1.5,0.25\n";
  const std::string package = (folder / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + program.string() + " -o " + package);
  EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
  std::string command = runner() + " " + package + " doubled --allow-unsigned --out - --data " + table.string() + " " + options;
  if (!parameters.empty()) {
    std::ofstream(values) << parameters;
    command += " --params " + values.string();
  }
  const CommandResult ran = run(command);
  return {parse_csv(ran.out), ran.err, ran.exit_code};
}

constexpr const char* kValues = R"({"Galaxy": {
  "spectrum": {
    "mlp_0": {"dense_0": {"w": [[1, -0.5], [0.25, 2], [-1, 1]], "b": [0.1, 0, -0.1]}, "dense_1": {"w": [[1, 2, 3], [-1, 0.5, 0.25]], "b": [0, 1]}},
    "mlp_1": {"dense_0": {"w": [[0.5, 0.5], [1, 0]], "b": [0, 0]}, "dense_1": {"w": [[2, -1]], "b": [0.3]}}},
  "pair": {"dense": {"w": [[1, 2], [3, 4]], "b": [0.5, 0.25]}}}})";

TEST(Mechanisms, ParametersAreFoundByPath) {
  const Outcome run = doubled(kValues);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(run.rows.size(), 1u);
  const auto centre = [](double a, double b, double* out) {
    const double h[3] = {std::tanh(a - 0.5 * b + 0.1), std::tanh(0.25 * a + 2 * b), std::tanh(-a + b - 0.1)};
    out[0] = h[0] + 2 * h[1] + 3 * h[2];
    out[1] = -h[0] + 0.5 * h[1] + 0.25 * h[2] + 1;
  };
  const auto width = [](double a, double b) { return std::exp(0.1 * (2 * std::tanh(0.5 * a + 0.5 * b) - std::tanh(a) + 0.3)); };
  double before[2], after[2];
  centre(0.3, -0.7, before);
  centre(0.6, -1.4, after);
  const double seen[2] = {1.5, 0.25};
  for (int i = 0; i < 2; ++i) {
    const double u = (seen[i] - before[i]) / width(0.3, -0.7);
    EXPECT_NEAR(std::stod(run.rows[0].at("spectrum[" + std::to_string(i) + "]")), after[i] + width(0.6, -1.4) * u, 1e-12);
  }
  // One instance, applied to both columns: the same parameters.
  const auto pair = [](double a, double b) { return a + 2 * b + 0.5 + 3 * a + 4 * b + 0.25; };
  EXPECT_NEAR(std::stod(run.rows[0].at("pair[0]")), pair(0.6, -1.4), 1e-12);
  EXPECT_NEAR(std::stod(run.rows[0].at("pair[1]")), pair(1.2, -2.8), 1e-12);
}

TEST(Mechanisms, WithoutValuesTheyStartFromTheSeedAndSaySo) {
  const Outcome first = doubled(""), again = doubled(""), other = doubled("", "--seed 1");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.rows, again.rows);
  EXPECT_NE(first.rows, other.rows);
  EXPECT_NE(first.err.find("learnt parameters have no value and were drawn with --seed 0"), std::string::npos) << first.err;
  EXPECT_EQ(doubled(kValues).err.find("no value"), std::string::npos);
}

TEST(Mechanisms, AValueOfAnotherShapeIsRefused) {
  const Outcome run = doubled(R"({"Galaxy": {"pair": {"dense": {"w": [[1, 2, 3], [3, 4, 5]]}}}})");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("Galaxy.pair.dense.w has the shape [2, 3]; the program needs [2, 2]"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace acie::testing
