// Finite types: cells and options by name, dimensions, parameters by group.

#include <gtest/gtest.h>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

constexpr const char* kTrial = R"(
type Arm = placebo | low | high
dim G = 2
model Trial {
    input arm : Arm
    input site : index[G]
    learn effect : f64[Arm] = [0, 1.5, 4]
    learn base : f64[G] = [10, 20]
    exo u ~ normal(0, 1)
    var dose : f64 = if arm == placebo then 0 else if arm == Arm.low then 5 else 10
    var outcome = base[site] + effect[arm] + u
    var next : Arm = if outcome > 20 then high else arm
}
query moved on Trial {
    given outcome
    do arm = high
    return outcome, dose, next, was = factual.arm
}
query asked on Trial {
    given outcome
    do? arm
    return arm, outcome
}
query only(a: Arm = low) on Trial {
    do arm = a
    do site = 1
    return P[arm == low], chosen = arm, E[dose]
}
query drawn on Drawn { return P[arm == high], P[arm != low] }
model Drawn { var arm : Arm ~ categorical([0.2, 0.5, 0.3]) }
)";

class FiniteTypes : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "trial.acie") << kTrial;
    const CommandResult compiled = run(compiler() + " " + (folder_ / "trial.acie").string() + " -o " + (folder_ / "trial.aciepkg").string());
    ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
    std::ofstream(folder_ / "data.csv") << "arm,site,outcome\nplacebo,0,11\nlow,1,22.5\nhigh,1,24\n,1,20\n";
  }
  CommandResult answer(const std::string& rest) {
    return run(runner() + " " + (folder_ / "trial.aciepkg").string() + " --allow-unsigned --out - " + rest);
  }
  std::string data() const { return " --data " + (folder_ / "data.csv").string(); }

  TemporaryFolder folder_;
};

TEST_F(FiniteTypes, CellsAreNames) {
  const auto rows = parse_csv(answer("moved" + data()).out);
  ASSERT_EQ(rows.size(), 4u);
  const double shift[] = {4, 2.5, 0};
  const char* const arms[] = {"placebo", "low", "high"};
  const double seen[] = {11, 22.5, 24};
  for (int r = 0; r < 3; ++r) {
    EXPECT_EQ(rows[r].at("status"), "ok");
    EXPECT_NEAR(std::stod(rows[r].at("outcome")), seen[r] + shift[r], 1e-12);
    EXPECT_EQ(rows[r].at("dose"), "10");
    EXPECT_EQ(rows[r].at("next"), "high");
    EXPECT_EQ(rows[r].at("was"), arms[r]);
  }
  EXPECT_EQ(rows[3].at("status"), "bad_input");
  std::ofstream(folder_ / "wrong.csv") << "arm,site,outcome\nother,0,11\n";
  const CommandResult wrong = answer("moved --data " + (folder_ / "wrong.csv").string());
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_NE(wrong.err.find("one of 'placebo', 'low', 'high'"), std::string::npos) << wrong.err;
}

TEST_F(FiniteTypes, OptionsAreNames) {
  const auto rows = parse_csv(answer("asked --do arm=low" + data()).out);
  EXPECT_EQ(rows.at(0).at("arm"), "low");
  EXPECT_NEAR(std::stod(rows[0].at("outcome")), 12.5, 1e-12);
  const auto low = parse_csv(answer("only").out), high = parse_csv(answer("only --set a=high").out);
  EXPECT_EQ(low.at(0).at("P[arm == low]"), "1");
  EXPECT_EQ(low[0].at("chosen"), "low");
  EXPECT_EQ(low[0].at("E[dose]"), "5");
  EXPECT_EQ(high.at(0).at("P[arm == low]"), "0");
  EXPECT_EQ(high[0].at("chosen"), "high");
  const CommandResult wrong = answer("only --set a=none");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("one of placebo, low, high is expected"), std::string::npos) << wrong.err;
}

TEST_F(FiniteTypes, LawsOfFiniteTypes) {
  const auto rows = parse_csv(answer("drawn --draws 40000").out);
  EXPECT_NEAR(std::stod(rows.at(0).at("P[arm == high]")), 0.3, 0.01);
  EXPECT_NEAR(std::stod(rows.at(0).at("P[arm != low]")), 0.5, 0.01);
}

}  // namespace
}  // namespace acie::testing
