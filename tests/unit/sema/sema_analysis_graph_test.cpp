// Order, cycles and the meaning of worlds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/WorldGraph.h"
#include "tests/unit/sema/sema_analysis_builder.h"

namespace acie::sema::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(AnalysisModel, PutsParentsFirstAndKeepsTheOrderOfDeclarationOtherwise) {
  Builder m;
  E b = m.var("b", m.number(0));
  E a = m.var("a", m.number(1));
  E u = m.exo("u");
  E c = m.var("c", a + u + b + u);
  m.redefine(b, a + 1.0);
  ASSERT_TRUE(analyze_model(m.program, *m.model, m.diagnostics));
  std::vector<std::string> order;
  for (const Variable* variable : m.model->variables) {
    EXPECT_EQ(variable->index, static_cast<int>(order.size()));
    order.push_back(variable->name);
  }
  EXPECT_THAT(order, ElementsAre("a", "b", "u", "c"));
  const Variable* last = c.expr->variable;
  EXPECT_THAT(last->parents, ElementsAre(a.expr->variable, b.expr->variable));
  EXPECT_THAT(last->noises, ElementsAre(u.expr->variable));
}

TEST(AnalysisModel, PrintsCyclesWithEveryEdge) {
  Builder m;
  E a = m.var("a", m.number(0)), b = m.var("b", a + 1.0), c = m.var("c", b + 1.0);
  m.redefine(a, c + 1.0);
  E self = m.var("self", m.number(0));
  m.redefine(self, self + 1.0);
  EXPECT_FALSE(analyze_model(m.program, *m.model, m.diagnostics));
  EXPECT_THAT(m.codes(), ElementsAre("A0410", "A0410"));
  EXPECT_THAT(m.text(), HasSubstr("the causal graph has a cycle: a → b → c → a"));
  EXPECT_THAT(m.text(), HasSubstr("`a` depends on `c` here"));
  EXPECT_THAT(m.text(), HasSubstr("`c` depends on `b` here"));
  EXPECT_THAT(m.text(), HasSubstr("a cycle: self → self"));
}

TEST(AnalysisModel, LawsReadInputsOnly) {
  Builder m;
  E z = m.input("z"), x = m.var("x", z + 1.0), u = m.exo("u"), v = m.exo("v");
  m.redefine(u, z + 0.0);
  m.redefine(v, x + u);
  EXPECT_FALSE(analyze_model(m.program, *m.model, m.diagnostics));
  EXPECT_THAT(m.codes(), ElementsAre("A0411", "A0411"));
  EXPECT_THAT(m.text(), HasSubstr("the law of noise `v` depends on variable `x`"));
  EXPECT_THAT(m.text(), HasSubstr("the law of noise `v` depends on noise `u`"));
}

TEST(AnalysisModel, LongChainsInReverseOrder) {
  Builder m;
  std::vector<E> chain;
  for (int i = 0; i < 50000; ++i) chain.push_back(m.var(absl::StrCat("x", i), m.number(0)));
  for (int i = 0; i + 1 < 50000; ++i) const_cast<Variable*>(chain[i].expr->variable)->equation = chain[i + 1].expr;
  ASSERT_TRUE(analyze_model(m.program, *m.model, m.diagnostics));
  EXPECT_EQ(m.model->variables.front()->name, "x49999");
}

struct Diamond : Builder {
  E u = exo("u");
  E z = input("z");
  E a = var("a", z + u), b = var("b", a + 1.0), c = var("c", 2.0 * a), d = var("d", b + c);
  Node at(WorldId world, E variable, bool natural = false) { return {variable.expr->variable, world, natural}; }
};

TEST(AnalysisWorlds, AValueComesFromTheNearestCause) {
  Diamond m;
  m.given(m.a);
  WorldId w = m.world("w");
  m.set(w, m.b, m.natural(w, m.b) + 1.0);
  ASSERT_TRUE(analyze_model(m.program, *m.model, m.diagnostics));
  WorldGraph graph(*m.query);
  EXPECT_EQ(graph.origin(m.at(kFactual, m.a)), Origin::Evidence);
  EXPECT_EQ(graph.origin(m.at(kFactual, m.b)), Origin::Equation);
  EXPECT_EQ(graph.origin(m.at(kFactual, m.z)), Origin::Input);
  EXPECT_EQ(graph.origin(m.at(w, m.a)), Origin::Factual);
  EXPECT_EQ(graph.origin(m.at(w, m.b)), Origin::Intervention);
  EXPECT_EQ(graph.origin(m.at(w, m.b, true)), Origin::Factual) << "nothing upstream of b is set";
  EXPECT_EQ(graph.origin(m.at(w, m.c)), Origin::Factual);
  EXPECT_EQ(graph.origin(m.at(w, m.d)), Origin::Equation);
  EXPECT_EQ(graph.origin(m.at(w, m.u)), Origin::Noise);
  EXPECT_EQ(graph.resolve(m.at(w, m.b, true)), m.at(kFactual, m.b));
  EXPECT_TRUE(graph.unchanged(w, m.c.expr->variable));
  EXPECT_FALSE(graph.unchanged(w, m.d.expr->variable));
}

TEST(AnalysisWorlds, AnInterventionOnAnInputReachesItsChildren) {
  Diamond m;
  WorldId w = m.world("w");
  m.set(w, m.z, m.number(1));
  ASSERT_TRUE(analyze_model(m.program, *m.model, m.diagnostics));
  WorldGraph graph(*m.query);
  EXPECT_EQ(graph.origin(m.at(w, m.z)), Origin::Intervention);
  EXPECT_EQ(graph.origin(m.at(w, m.a)), Origin::Equation);
  EXPECT_EQ(graph.resolve(m.at(w, m.z, true)), m.at(kFactual, m.z));
}

TEST(AnalysisWorlds, CyclesThroughInterventions) {
  Diamond m;
  WorldId w = m.world("w");
  m.set(w, m.a, m.in(w, m.d));  // a <- d <- b <- a
  m.result("d", m.in(w, m.d));
  EXPECT_FALSE(m.analyze());
  EXPECT_THAT(m.codes(), ElementsAre("A0420"));
  EXPECT_THAT(m.text(), HasSubstr("the interventions close a cycle: w.a → w.b → w.d → w.a"));
}

TEST(AnalysisWorlds, CyclesAcrossWorlds) {
  Diamond m;
  WorldId v = m.world("v"), w = m.world("w");
  m.set(v, m.a, m.in(w, m.a));
  m.set(w, m.a, m.in(v, m.a) + 1.0);
  m.result("d", m.in(w, m.d));
  EXPECT_FALSE(m.analyze());
  EXPECT_THAT(m.codes(), ElementsAre("A0420"));
  EXPECT_THAT(m.text(), HasSubstr("v.a → w.a → v.a"));
}

TEST(AnalysisWorlds, TheNaturalValueIsNoCycle) {
  Diamond m;
  WorldId w = m.world("w");
  m.set(w, m.a, m.natural(w, m.a) + 1.0);
  m.set(w, m.b, m.natural(w, m.b) + m.in(w, m.a));
  m.result("d", m.in(w, m.d));
  EXPECT_TRUE(m.analyze()) << m.text();
}

TEST(AnalysisWorlds, AnInterventionMayCutACycleOpenedByAnother) {
  Diamond m;
  WorldId w = m.world("w");
  m.set(w, m.a, m.in(w, m.d));
  m.set(w, m.b, m.number(0));
  m.set(w, m.c, m.number(0));
  m.result("a", m.in(w, m.a));
  EXPECT_TRUE(m.analyze()) << m.text();
}

}  // namespace
}  // namespace acie::sema::testing
