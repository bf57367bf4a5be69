// Opinions: each check on a program that deserves it and on one that does not.
#include "compiler/Sema/Pedantic/Pedantic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sema/sema_analysis_builder.h"

namespace acie::sema::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Study : Builder {
  E u = exo("u"), v = exo("v"), w = exo("w");
  E treatment = var("treatment", u + 0.0);
  E outcome = var("outcome", treatment + v);
  E admitted = var("admitted", treatment + outcome + w);

  std::vector<std::string> opinions(const std::vector<DeclarationUse>& declarations = {}) {
    EXPECT_TRUE(analyze()) << text();
    check_pedantic({program, declarations}, diagnostics);
    return codes();
  }
};

TEST(AnalysisPedantic, NothingToSayOfACleanProgram) {
  Study m;
  m.given(m.treatment);
  m.given(m.outcome);
  WorldId world = m.world("");
  m.set(world, m.treatment, m.number(1));
  m.result("y", m.in(world, m.outcome));
  m.constraint("limit", m.admitted - 3.0);
  EXPECT_THAT(m.opinions({{"const", "c", {}, true}}), ElementsAre("A0601")) << "admitted is not determined";
}

TEST(AnalysisPedantic, UnusedDeclarationsAndVariables) {
  Study m;
  m.exo("idle");
  m.input("z");
  m.result("y", m.estimate(Estimator::Mean, m.in(kFactual, m.outcome)));
  EXPECT_THAT(m.opinions({{"const", "c", {}, false}, {"fn", "f", {}, true}}),
              ::testing::UnorderedElementsAre("A0901", "A0902", "A0902", "A0902"));
  EXPECT_THAT(m.text(), HasSubstr("const `c` is never used"));
  EXPECT_THAT(m.text(), HasSubstr("noise `idle` enters no equation"));
  EXPECT_THAT(m.text(), HasSubstr("input `z` is never used"));
  EXPECT_THAT(m.text(), HasSubstr("variable `admitted` is never used"));
}

TEST(AnalysisPedantic, UnusedArgumentsAndParameters) {
  Study m;
  E used = m.slot("used", Slot::Role::Argument), idle = m.slot("idle", Slot::Role::Argument);
  E learnt = m.slot("M.a", Slot::Role::Learn);
  for (E argument : {used, idle}) m.query->arguments.push_back(const_cast<Slot*>(argument.expr->slot));
  m.model->slots.push_back(const_cast<Slot*>(learnt.expr->slot));
  m.result("y", m.estimate(Estimator::Mean, m.in(kFactual, m.admitted) * used));
  EXPECT_THAT(m.opinions(), ElementsAre("A0901", "A0901"));
  EXPECT_THAT(m.text(), HasSubstr("argument `idle` is never used"));
  EXPECT_THAT(m.text(), HasSubstr("learnt parameter `M.a` is never used"));
}

TEST(AnalysisPedantic, UnusedWorlds) {
  Study m;
  WorldId used = m.world("used"), indirect = m.world("indirect"), idle = m.world("idle");
  m.set(indirect, m.treatment, m.number(1));
  m.set(used, m.outcome, m.in(indirect, m.outcome));
  m.set(idle, m.treatment, m.number(2));
  m.result("y", m.estimate(Estimator::Mean, m.in(used, m.admitted)));
  EXPECT_THAT(m.opinions(), ElementsAre("A0903"));
  EXPECT_THAT(m.text(), HasSubstr("world `idle` is never used"));
}

TEST(AnalysisPedantic, UnneededEvidence) {
  Study m;
  m.given(m.treatment);
  m.given(m.outcome);
  m.given(m.admitted);
  WorldId world = m.world("");
  m.set(world, m.treatment, m.number(1));
  m.result("y", m.in(world, m.outcome));
  EXPECT_THAT(m.opinions(), ElementsAre("A0904"));
  EXPECT_THAT(m.text(), HasSubstr("no result depends on the value of `admitted`"));
}

TEST(AnalysisPedantic, EvidenceOnACommonEffect) {
  Study m;
  E cause = m.var("cause", m.exo("a") + 0.0), asked = m.var("asked", m.exo("b") + 0.0);
  E common = m.var("common", cause + asked);
  m.given(m.treatment);
  m.given(m.outcome);
  m.given(m.admitted);
  m.given(cause);
  m.given(common);
  WorldId world = m.world("");
  m.set(world, cause, m.number(1));
  m.result("y", m.in(world, asked) + m.in(world, m.admitted));
  EXPECT_THAT(m.opinions(), ::testing::Contains("A0905"));
  EXPECT_THAT(m.text(), HasSubstr("`common` is a common effect of `cause` and `asked`"));
}

TEST(AnalysisPedantic, ConstraintsThatCannotBind) {
  Study m;
  m.constraint("trivial", m.apply(Op::Max, {m.number(0), -call(Op::Exp, m.treatment)}));
  m.constraint("constant", m.number(1));
  m.constraint("real", m.outcome - m.treatment);
  m.given(m.treatment);
  m.given(m.outcome);
  m.given(m.admitted);
  m.result("sum", m.in(kFactual, m.outcome) + m.in(kFactual, m.admitted) + m.in(kFactual, m.treatment));
  EXPECT_THAT(m.opinions(), ElementsAre("A0906", "A0906"));
  EXPECT_THAT(m.text(), HasSubstr("constraint `trivial` cannot be violated"));
  EXPECT_THAT(m.text(), HasSubstr("constraint `constant` mentions no variable"));
}

}  // namespace
}  // namespace acie::sema::testing
