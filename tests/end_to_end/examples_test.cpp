// The small examples, against answers derived by hand.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

/// Runs `entry` of an example straight from its source, on `data` if it is not empty, and returns the answer.
std::vector<std::map<std::string, std::string>> answer(const std::string& program, const std::string& arguments,
                                                       const std::string& data = "") {
  TemporaryFolder folder;
  const std::string package = (folder / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + source(program) + " -o " + package);
  EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
  std::string command = runner() + " " + package + " " + arguments + " --allow-unsigned --out -";
  if (!data.empty()) {
    const auto table = folder / "data.csv";
    std::ofstream(table) << data;
    command += " --data " + table.string();
  }
  const CommandResult ran = run(command);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return parse_csv(ran.out);
}

TEST(Encouragement, JoeWouldHaveScoredOnePointNine) {
  auto rows = answer("examples/encouragement/encouragement.acie", "joe");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NEAR(std::stod(rows[0]["y"]), 1.90, 1e-12);
}

TEST(Encouragement, EvidenceAndActionCanBeSetByTheCaller) {
  auto rows = answer("examples/encouragement/encouragement.acie", "joe --given x=1 --given h=2 --do h=0");
  ASSERT_EQ(rows.size(), 1u);
  // u_y = 1.5 - 0.7 - 0.8, and without homework y = 0.7 + u_y.
  EXPECT_NEAR(std::stod(rows[0]["y"]), 0.7, 1e-12);
}

TEST(Clearance, NoiseInsideTwoExponentialsIsRecovered) {
  auto rows = answer("examples/clearance/clearance.acie", "adjusted --set new_dose=300",
                     "dose,time,concentration\n200,6,2.1\n200,6,0\n200,6,9\n200,6,\n");
  ASSERT_EQ(rows.size(), 4u);
  const double clearance = std::log(200.0 / 40 / 2.1) * 40 / 6;
  const double concentration = 300.0 / 40 * std::exp(-clearance / 40 * 12);
  EXPECT_NEAR(std::stod(rows[0]["concentration"]), concentration, 1e-12);
  EXPECT_NEAR(std::stod(rows[0]["effect"]), concentration / (concentration + 0.6), 1e-12);
  EXPECT_EQ(rows[0]["status"], "ok");
  // No clearance gives a concentration of 0 after six hours, nor one above the initial 5 mg/L.
  EXPECT_EQ(rows[1]["status"], "undefined");
  EXPECT_EQ(rows[2]["status"], "undefined");
  EXPECT_EQ(rows[2]["concentration"], "");
  EXPECT_EQ(rows[3]["status"], "bad_input");
}

}  // namespace
}  // namespace acie::testing
