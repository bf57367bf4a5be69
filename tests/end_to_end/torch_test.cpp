// extern torch("file.pt"): TorchScript modules in programs, against the same numbers computed here.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

class Torch : public ::testing::Test {
 protected:
  void SetUp() override {
#ifndef ACIE_TORCH_MODULE
    GTEST_SKIP() << "the plug-in with LibTorch is not built: install libtorch-dev";
#else
    const CommandResult made = run(std::string(ACIE_TORCH_MODULE) + " " + (folder_ / "").string());
    ASSERT_EQ(made.exit_code, 0) << made.err;
#endif
  }

  CommandResult compile(const std::string& program) {
    std::ofstream(folder_ / "program.acie") << program;
    return run(compiler() + " " + (folder_ / "program.acie").string() + " -o " + (folder_ / "program.aciepkg").string());
  }
  CommandResult ask(const std::string& data, const std::string& before = "", const std::string& options = "") {
    std::ofstream(folder_ / "data.csv") << data;
    return run(before + runner() + " " + (folder_ / "program.aciepkg").string() + " q --allow-unsigned --out - --data " + (folder_ / "data.csv").string() + " " + options);
  }

  TemporaryFolder folder_;
};

constexpr const char* kProgram = R"(
mechanism decoder(z: f32[2]) -> f32[3] extern torch("decoder.pt")
mechanism energy[N](x: f32[N], scale: f64<J>, n: f64<J>) -> f64<J> extern torch("energy.pt")
model M {
    input z : f32[2]
    exo   u : f32[3] ~ normal(0, 1)
    var   x : f32[3] = decoder(z) + 0.5 * u
    var   e = energy(x, 2<kJ>, 3<J>) as <kJ>
    var   long = energy([(i as f32) * z[0] for i in 1..101], 1<J>, 0<J>)
}
query q on M { given x; do z = 2 * z; return x, e, long, noise = u[0] }
)";

TEST_F(Torch, AModuleIsPartOfAnEquation) {
  const CommandResult compiled = compile(kProgram);
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult ran = ask("z[0],z[1],x[0],x[1],x[2]\n0.5,-0.25,1,2,3\n1,1,0,0,0\n");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto rows = parse_csv(ran.out);
  ASSERT_EQ(rows.size(), 2u);
  const double z[2][2] = {{0.5, -0.25}, {1, 1}}, seen[2][3] = {{1, 2, 3}, {0, 0, 0}};
  const double w[3][2] = {{1, -0.5}, {0.25, 2}, {-1, 1}}, b[3] = {0.5, 0, -0.25};
  for (size_t row = 0; row < 2; ++row) {
    double energy = 0;
    for (int i = 0; i < 3; ++i) {
      const auto decoded = [&](double by) { return std::tanh(by * (w[i][0] * z[row][0] + w[i][1] * z[row][1]) + b[i]); };
      const double moved = seen[row][i] - decoded(1) + decoded(2);
      EXPECT_NEAR(std::stod(rows[row].at("x[" + std::to_string(i) + "]")), moved, 1e-6) << row << " " << i;
      energy += moved * moved;
    }
    EXPECT_NEAR(std::stod(rows[row].at("e")), 2 * energy + 0.003, 1e-5);
    EXPECT_NEAR(std::stod(rows[row].at("long")), 338350 * 4 * z[row][0] * z[row][0], 0.5);
    EXPECT_NEAR(std::stod(rows[row].at("noise")), 2 * (seen[row][0] - std::tanh(w[0][0] * z[row][0] + w[0][1] * z[row][1] + b[0])), 1e-6);
  }
}

// The package holds the module: the file may be gone.
TEST_F(Torch, ThePackageHoldsTheModule) {
  ASSERT_EQ(compile(kProgram).exit_code, 0);
  std::filesystem::remove(folder_ / "decoder.pt");
  const CommandResult ran = ask("z[0],z[1],x[0],x[1],x[2]\n0.5,-0.25,1,2,3\n");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
}

TEST_F(Torch, ManyRowsOnManyThreadsHaveTheSameBits) {
  ASSERT_EQ(compile(kProgram).exit_code, 0);
  std::string data = "z[0],z[1],x[0],x[1],x[2]\n";
  for (int i = 0; i < 500; ++i) data += std::to_string(std::sin(i)) + "," + std::to_string(std::cos(i)) + ",1,2,3\n";
  const CommandResult one = ask(data, "", "--threads 1"), four = ask(data, "", "--threads 4 --tile-rows 7");
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_TRUE(one.out == four.out) << four.err;
}

TEST_F(Torch, AnotherShapeIsRefusedBeforeARowIsRead) {
  const CommandResult compiled = compile(R"(
mechanism decoder(z: f32[2]) -> f32[4] extern torch("decoder.pt")
model M {
    input z : f32[2]
    var x = decoder(z)
}
query q on M { return x }
)");
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult ran = ask("z[0],z[1]\nthis,is\n");
  EXPECT_NE(ran.exit_code, 0);
  EXPECT_NE(ran.err.find("the module decoder.pt cannot be called as the program declares it: it gives Float[3], and the program declares Float[4]"), std::string::npos) << ran.err;
}

TEST_F(Torch, WhatAModuleSaysWhileRunningIsAnError) {
  const CommandResult compiled = compile(R"(
mechanism decoder(z: f32[2]) -> f32[3] extern torch("fails.pt")
model M {
    input z : f32[2]
    var x = decoder(z)
}
query q on M { return x }
)");
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult fine = ask("z[0],z[1]\n1,2\n"), ran = ask("z[0],z[1]\n1,2\n3,4\n");
  EXPECT_EQ(fine.exit_code, 0) << fine.err;
  EXPECT_NE(ran.exit_code, 0);
  EXPECT_NE(ran.err.find("the module fails.pt"), std::string::npos) << ran.err;
}

TEST_F(Torch, WithoutThePluginTheErrorSaysWhatIsNeeded) {
  ASSERT_EQ(compile(kProgram).exit_code, 0);
  const CommandResult ran = ask("z[0],z[1],x[0],x[1],x[2]\n0.5,-0.25,1,2,3\n", "ACIE_TORCH_PLUGIN=/nowhere/libacie-torch.so ");
  EXPECT_NE(ran.exit_code, 0);
  EXPECT_NE(ran.err.find("libtorch-dev"), std::string::npos) << ran.err;
}

// What is no module is refused when compiling.
TEST_F(Torch, AFileOfAnotherKindIsRefused) {
  std::ofstream(folder_ / "decoder.pt") << "weights";
  const CommandResult compiled = compile(kProgram);
  EXPECT_NE(compiled.exit_code, 0);
  EXPECT_NE(compiled.err.find("A0214"), std::string::npos) << compiled.err;
}

}  // namespace
}  // namespace acie::testing
