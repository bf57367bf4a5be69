// The emulator example: its stoichiometry and totals on the chemical model's own runs, and the roll-out with weights from a file
// against the same network in plain C++.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

constexpr int kSpecies = 333, kElements = 9, kLatent = 14, kSteps = 240;

class Emulator : public ProgramTest {
 protected:
  void prepare(const std::string& data) {
    const CommandResult made = run("python3 " + source("examples/emulator/prepare.py") + " " + (folder_ / "").string() + " " + data);
    ASSERT_EQ(made.exit_code, 0) << made.err;
    compile(read_file(source("examples/emulator/emulator.acie")));
  }
  std::string clouds() const { return "--data " + (folder_ / "clouds.csv").string(); }
};

TEST_F(Emulator, TotalsOfRealRunsEqualTheReference) {
  const std::string data = source("../shared/data/uclchem");
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "the chemical runs are not here: " << data;
  prepare(data);
  const Rows rows = answer("balance", clouds() + " --strict");
  const auto reference = nlohmann::json::parse(read_file(data + "/conservation_reference.json"));
  const std::vector<std::string> elements{"H", "HE", "C", "N", "O", "S", "SI", "MG", "CL"};
  size_t row = 0;
  for (const std::string run : {"phase1-full.dat", "phase2-full.dat", "static-full.dat"}) {
    const auto& expected = reference.at(run);
    const size_t last = row + expected.at("rows").get<size_t>() - 1;
    ASSERT_LT(last, rows.size());
    double worst = 0;
    for (int k = 0; k < kElements; ++k) {
      const auto& totals = expected.at("element_totals_first_last_reldrift").at(elements[k]);
      EXPECT_NEAR(at(rows, row, "observed", k) / totals[0].get<double>(), 1, 1e-12) << run << " " << elements[k];
      EXPECT_NEAR(at(rows, last, "observed", k) / totals[1].get<double>(), 1, 1e-12) << run << " " << elements[k];
      worst = std::max(worst, totals[2].get<double>());
    }
    EXPECT_NEAR(at(rows, last, "physics_violation"), worst, 1e-9) << run;
    row = last + 1;
  }
  EXPECT_EQ(row, rows.size());
}

struct Layer {
  std::string name;
  int inputs, outputs;
  std::vector<float> w, b;

  Vector operator()(const Vector& x) const {
    Vector y(b.begin(), b.end());
    for (int i = 0; i < outputs; ++i)
      for (int j = 0; j < inputs; ++j) y[i] += w[i * inputs + j] * x[j];
    return y;
  }
};

Vector each(Vector x, const std::function<double(double)>& f) {
  for (double& value : x) value = f(value);
  return x;
}
double gelu(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }
double relu(double x) { return std::max(x, 0.0); }

void write_weights(const std::vector<Layer>& layers, const std::filesystem::path& path) {
  nlohmann::json header;
  std::string data;
  const auto add = [&](const std::string& name, const std::vector<int>& shape, const std::vector<float>& values) {
    const size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, data.size()}}};
  };
  for (const Layer& layer : layers) {
    add(layer.name + ".w", {layer.outputs, layer.inputs}, layer.w);
    add(layer.name + ".b", {layer.outputs}, layer.b);
  }
  const std::string text = header.dump();
  const uint64_t size = text.size();
  std::ofstream(path, std::ios::binary) << std::string(reinterpret_cast<const char*>(&size), 8) << text << data;
}

TEST_F(Emulator, RollOutEqualsTheNetworkOnAnInventedChemistry) {
  prepare("");
  std::vector<Layer> layers{{"Cloud.latent.encoder.dense_0", kSpecies, 160, {}, {}}, {"Cloud.latent.encoder.dense_1", 160, 80, {}, {}},
                            {"Cloud.latent.encoder.dense_2", 80, kLatent, {}, {}},   {"Cloud.path.change.dense_0", 18, 180, {}, {}},
                            {"Cloud.path.change.dense_1", 180, 180, {}, {}},         {"Cloud.path.change.dense_2", 180, kLatent, {}, {}},
                            {"Cloud.emulated.decoder.dense_0", kLatent, 80, {}, {}}, {"Cloud.emulated.decoder.dense_1", 80, 160, {}, {}},
                            {"Cloud.emulated.decoder.dense_2", 160, kSpecies, {}, {}}};
  std::mt19937_64 generator(11);
  std::normal_distribution<float> normal;
  for (Layer& layer : layers) {
    // Small steps: 240 of them stay where numbers can be compared.
    const float scale = 1 / std::sqrt(static_cast<float>(layer.inputs));
    for (int i = 0; i < layer.inputs * layer.outputs; ++i) layer.w.push_back(scale * normal(generator));
    for (int i = 0; i < layer.outputs; ++i) layer.b.push_back(0.1f * scale * normal(generator));
  }
  write_weights(layers, folder_ / "weights.safetensors");
  const Rows clouds_in = parse_csv(read_file(folder_ / "clouds.csv"));
  const Rows rows = answer("emulate", clouds() + " --params " + (folder_ / "weights.safetensors").string());
  ASSERT_EQ(rows.size(), clouds_in.size());
  std::vector<Vector> atoms;
  std::istringstream lines(read_file(folder_ / "stoichiometry.csv"));
  for (std::string line; std::getline(lines, line);) {
    atoms.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) atoms.back().push_back(std::stod(cell));
  }
  ASSERT_EQ(atoms.size(), kElements);
  for (const size_t r : {size_t{0}, size_t{7}, rows.size() - 1}) {
    const auto between = [&](const std::string& name, double low, double high) { return std::log(at(clouds_in, r, name) / low) / std::log(high / low); };
    const Vector conditions{between("Density", 1e1, 1e7), between("gasTemp", 10, 1000), between("Av", 1e-1, 1e3), between("radfield", 1e-1, 1e5)};
    Vector abundance(kSpecies), x(kSpecies);
    for (int i = 0; i < kSpecies; ++i) {
      abundance[i] = at(clouds_in, r, "abundance", i);
      x[i] = (std::log10(std::clamp(abundance[i], 1e-20, 1.0)) + 20) / 20;
    }
    Vector z = layers[2](each(layers[1](each(layers[0](x), gelu)), gelu));
    for (int t = 0; t < kSteps; ++t) {
      Vector in = conditions;
      in.insert(in.end(), z.begin(), z.end());
      const Vector change = layers[5](each(layers[4](each(layers[3](in), relu)), relu));
      for (int i = 0; i < kLatent; ++i) z[i] += change[i] / kSteps;
    }
    for (int i = 0; i < kLatent; ++i) EXPECT_NEAR(at(rows, r, "\"path[239," + std::to_string(i) + "]\""), z[i], 2e-4 * (1 + std::abs(z[i]))) << r << " " << i;
    const Vector out = layers[8](each(layers[7](each(layers[6](z), gelu)), gelu));
    double worst = 0;
    for (int k = 0; k < kElements; ++k) {
      double observed = 0, predicted = 0;
      for (int i = 0; i < kSpecies; ++i) {
        observed += atoms[k][i] * abundance[i];
        predicted += atoms[k][i] * std::pow(10, 20 / (1 + std::exp(-out[i])) - 20);
      }
      EXPECT_NEAR(at(rows, r, "observed", k) / observed, 1, 1e-12);
      EXPECT_NEAR(at(rows, r, "predicted", k) / predicted, 1, 2e-2);  // 20 decades in single precision
      worst = std::max(worst, std::abs(at(rows, r, "predicted", k) - at(rows, r, "observed", k)) / observed);
    }
    EXPECT_NEAR(at(rows, r, "physics_violation") / worst, 1, 1e-9);
    EXPECT_EQ(rows[r].at("kept"), worst <= 1e-5 ? "true" : "false");
  }
  // The invented runs keep their elements.
  for (const auto& row : answer("balance", clouds() + " --strict")) EXPECT_EQ(row.at("status"), "ok");
  // Without weights it starts from the seed.
  const auto seeded = [&](const std::string& seed) { return answer("emulate", clouds() + " --rows 0:1 --seed " + seed); };
  const Rows five = seeded("5");
  EXPECT_EQ(five.size(), 1u);
  EXPECT_EQ(five, seeded("5"));
  EXPECT_NE(five, seeded("6"));
}

}  // namespace
}  // namespace acie::testing
