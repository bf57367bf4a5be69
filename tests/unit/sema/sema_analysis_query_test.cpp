// What the evidence determines, what a result needs, and how that is explained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sema/sema_analysis_builder.h"

namespace acie::sema::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::vector<std::string> names(const std::vector<const Variable*>& variables) {
  std::vector<std::string> out;
  for (const Variable* variable : variables) out.push_back(variable->name);
  return out;
}

/// "u from x" for every recovery, in order.
std::vector<std::string> recovered(const Query& query) {
  std::vector<std::string> out;
  for (const Recovery& recovery : query.recoveries) out.push_back(recovery.noise->name + " from " + recovery.from->name);
  return out;
}

std::vector<std::string> slot_names(const Query& query) {
  std::vector<std::string> out;
  for (const Slot* slot : query.slots) out.push_back(slot->name);
  return out;
}

/// x = u_x; h = x/2 + u_h; y = 0.7 x + 0.4 h + u_y.
struct Encouragement : Builder {
  E u_x = exo("u_x"), u_h = exo("u_h"), u_y = exo("u_y");
  E x = var("x", u_x + 0.0);
  E h = var("h", 0.5 * x + u_h);
  E y = var("y", 0.7 * x + 0.4 * h + u_y);
};

TEST(AnalysisQuery, RecoversOnlyWhatTheResultNeeds) {
  Encouragement m;
  m.given(m.x);
  m.given(m.h);
  m.given(m.y);
  WorldId w = m.world("");
  m.set(w, m.h, m.number(2));
  m.result("y", m.in(w, m.y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->mode, Query::Mode::Evidence);
  EXPECT_THAT(recovered(*m.query), ElementsAre("u_y from y"));
  EXPECT_THAT(m.query->recoveries[0].path, ElementsAre(1));
  EXPECT_THAT(m.query->recoveries[0].explanation, HasSubstr("y = … + u_y is increasing in u_y"));
  EXPECT_THAT(m.query->consistency, IsEmpty());
  EXPECT_EQ(m.query->shape, Query::Shape::PerRow);
  EXPECT_TRUE(m.query->reads_table);
  ASSERT_EQ(m.query->outputs.size(), 1u);
  EXPECT_EQ(m.query->outputs[0].name, "y");
  EXPECT_EQ(m.query->outputs[0].form, Output::Form::Value);
}

TEST(AnalysisQuery, ConstantEvidenceAnswersOnce) {
  Encouragement m;
  m.given(m.x, 0.5);
  m.given(m.h, 1);
  m.given(m.y, 1.5);
  WorldId w = m.world("");
  E two = m.slot("h", Slot::Role::Do, 2);
  m.set(w, m.h, two);
  m.result("y", m.in(w, m.y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->shape, Query::Shape::Once);
  EXPECT_FALSE(m.query->reads_table);
  EXPECT_THAT(slot_names(*m.query), ElementsAre("x", "h", "y", "h"));
}

TEST(AnalysisQuery, ALatentParentIsComputedFromRecoveredNoise) {
  // x is not given, but follows from z = x + 1 being noiseless; then u_x and, from h, u_h.
  Encouragement m;
  E z = m.var("z", call(Op::Exp, m.x));
  m.given(z);
  m.given(m.h);
  WorldId w = m.world("");
  m.set(w, m.x, m.natural(w, m.x) + 1.0);
  m.result("h", m.in(w, m.h));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(recovered(*m.query), ElementsAre("x from z", "u_h from h")) << "natural x in w is factual x";
}

TEST(AnalysisQuery, KeepingEvidenceNeedsTheFactualParents) {
  // sum keeps its bits in w if `part` happens to be what it was: that has to be seen, so factual `part` is recovered.
  for (bool determined : {true, false}) {
    Builder m;
    E part = m.var("part", m.exo("u") + 0.0), other = m.var("other", m.exo("v") + 0.0);
    E sum = m.var("sum", part + other);
    m.given(sum);
    if (determined) m.given(other);
    WorldId w = m.world("");
    m.set(w, part, m.number(1));
    m.set(w, other, m.number(2));
    m.result("sum", m.in(w, sum));
    ASSERT_TRUE(m.analyze()) << m.text();
    if (determined) {
      EXPECT_THAT(recovered(*m.query), ElementsAre("part from sum"));
    } else {
      EXPECT_THAT(recovered(*m.query), IsEmpty()) << "where the evidence leaves it open there is nothing to compare";
    }
  }
}

TEST(AnalysisQuery, ASharedNoiseIsRecoveredOnceAndThenChecked) {
  Builder m;
  E u = m.exo("u"), v = m.exo("v");
  E x = m.var("x", u + 0.0), twice = m.var("z_twice", 2.0 * u), y = m.var("y", x + u + v);
  m.given(x);
  m.given(twice);
  m.given(y);
  WorldId w = m.world("");
  m.set(w, x, m.number(1));
  m.result("y", m.in(w, y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(recovered(*m.query), ElementsAre("u from x", "v from y"));
  EXPECT_THAT(names(m.query->consistency), ElementsAre("z_twice"));
}

TEST(AnalysisQuery, NoiselessEvidenceIsCheckedEvenWhereNothingNeedsIt) {
  Builder m;
  E u = m.exo("u");
  E x = m.var("x", u + 0.0), square = m.var("square", x * x), other = m.var("other", m.exo("v") + 1.0);
  m.given(x);
  m.given(square);
  m.given(other);
  m.result("other", m.in(kFactual, other));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(m.query->recoveries, IsEmpty());
  EXPECT_THAT(names(m.query->consistency), ElementsAre("square"));
}

TEST(AnalysisQuery, SolutionsOutsideAnImageAreCheckedByTheEquation) {
  Builder m;
  E u = m.exo("u");
  E x = m.var("x", call(Op::Sqrt, call(Op::Exp, u)));
  E y = m.var("y", x + call(Op::Exp, u));
  m.given(x);
  WorldId w = m.world("");
  m.set(w, x, m.number(1));
  m.result("y", m.in(w, y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(names(m.query->consistency), ElementsAre("x")) << "x = -1 would otherwise pass for x = 1";
}

TEST(AnalysisQuery, AnUndeterminedResultNamesTheEquationInTheWay) {
  Encouragement m;
  m.given(m.x);
  WorldId w = m.world("");
  m.set(w, m.h, m.number(2));
  m.result("y", m.in(w, m.y));
  EXPECT_FALSE(m.analyze());
  EXPECT_THAT(m.codes(), ElementsAre("A0501"));
  EXPECT_THAT(m.text(), HasSubstr("`y` is not determined by the evidence: it needs noise `u_y`"));
  EXPECT_THAT(m.text(), HasSubstr("add `y` to the evidence"));
  EXPECT_THAT(m.text(), Not(HasSubstr("u_h"))) << "h is set in that world: its noise is not needed";
}

TEST(AnalysisQuery, NormalNoisesOfFewerEquationsAreConditioned) {
  Builder m;
  E a = m.exo("a"), b = m.exo("b"), c = m.exo("c"), d = m.exo("d");
  E hidden = m.var("hidden", a + b);
  E seen = m.var("seen", 2.0 * hidden + c);
  E other = m.var("other", hidden - d);
  m.given(seen);
  WorldId w = m.world("");
  m.set(w, seen, m.number(0));
  m.result("hidden", m.in(w, hidden));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_TRUE(m.query->draws());
  EXPECT_THAT(recovered(*m.query), UnorderedElementsAre("a from seen", "b from seen"));
  EXPECT_THAT(names(m.query->recoveries[0].unknowns), UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(m.query->free_noises, IsEmpty());
}

TEST(AnalysisQuery, AValueAloneIsNotRandomByNoiseThatTheEvidenceSaysNothingAbout) {
  Encouragement m;
  m.given(m.x);
  WorldId w = m.world("");
  m.set(w, m.h, m.number(2));
  m.result("y", m.estimate(Estimator::Mean, m.in(w, m.y)));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(names(m.query->free_noises), ElementsAre("u_y"));
}

TEST(AnalysisQuery, SaysWhyANoiseCannotBeRecovered) {
  Builder m;
  E a = m.exo("a"), b = m.exo("b"), c = m.exo("c"), p = m.exo("p", Range{0, 1});
  E folded = m.var("folded", call(Op::Abs, a));
  E two = m.var("two", b * c);
  E coin = m.var("coin", less(p, m.number(0.5)));
  m.given(folded);
  m.given(two);
  m.given(coin);
  E out = m.var("out", a + b + select(less(p, m.number(0.25)), a, b));
  m.result("out", m.in(kFactual, out));
  EXPECT_FALSE(m.analyze());
  EXPECT_THAT(m.codes(), ElementsAre("A0501"));
  EXPECT_THAT(m.text(), HasSubstr("it needs noise `a`, noise `b` and noise `p`"));
  EXPECT_THAT(m.text(), HasSubstr("cannot be solved for noise `a`: `abs` has the same value for v and -v"));
  EXPECT_THAT(m.text(), HasSubstr("`two` depends on two noises that the evidence does not determine, `b` and `c`"));
  EXPECT_THAT(m.text(), HasSubstr("abduction by enumeration"));
}

TEST(AnalysisQuery, NonDescendantsNeedNoNoise) {
  Encouragement m;
  m.given(m.x);
  WorldId w = m.world("w");
  m.set(w, m.y, m.number(1));
  m.result("x", m.in(w, m.x));
  m.result("y", m.in(w, m.y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(m.query->recoveries, IsEmpty());
}

TEST(AnalysisQuery, AnUnusedWorldNeedsNothing) {
  Encouragement m;
  m.given(m.x);
  WorldId w = m.world("unused");
  m.set(w, m.x, m.number(3));
  m.result("x", m.in(kFactual, m.x));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(m.query->recoveries, IsEmpty());
  EXPECT_THAT(m.query->constraint_worlds, ElementsAre(kFactual));
}

TEST(AnalysisQuery, WorldsMayReadEachOther) {
  Encouragement m;
  m.given(m.x);
  m.given(m.h);
  m.given(m.y);
  WorldId control = m.world("control"), treated = m.world("treated");
  m.set(control, m.x, m.number(0));
  m.set(treated, m.x, m.number(1));
  m.set(treated, m.h, m.in(control, m.h));
  m.result("direct", m.in(treated, m.y) - m.in(control, m.y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(recovered(*m.query), ElementsAre("u_h from h", "u_y from y"));
  EXPECT_THAT(m.query->constraint_worlds, ElementsAre(control, treated));
}

TEST(AnalysisQuery, ConstraintsOfTheWorldsReadAreResults) {
  Encouragement m;
  m.constraint("sum", m.x + m.h - m.y);
  m.given(m.x);
  m.given(m.h);
  m.given(m.y);
  WorldId w = m.world("");
  m.set(w, m.x, m.number(0));
  m.result("x", m.in(w, m.x));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->constraints.size(), 1u);
  EXPECT_THAT(recovered(*m.query), ElementsAre("u_h from h", "u_y from y"));
}

TEST(AnalysisQuery, AConstraintThatCannotBeCheckedIsLeftOutAloud) {
  Encouragement m;
  m.constraint("sum", m.x + m.h - m.y);
  m.given(m.x);
  m.result("x", m.in(kFactual, m.x));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(m.codes(), ElementsAre("A0601"));
  EXPECT_THAT(m.query->constraints, IsEmpty());
  EXPECT_THAT(m.query->recoveries, IsEmpty());
}

TEST(AnalysisQuery, WithoutEvidenceTheNoiseOfTheResultIsSampled) {
  Encouragement m;
  WorldId w = m.world("");
  m.set(w, m.h, m.number(2));
  m.result("y", m.in(w, m.y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->mode, Query::Mode::Population);
  EXPECT_EQ(m.query->shape, Query::Shape::Once);
  EXPECT_THAT(names(m.query->free_noises), UnorderedElementsAre("u_x", "u_y"));
}

TEST(AnalysisQuery, AnInputIsReadWhereItIsNeeded) {
  for (bool needed : {false, true}) {
    Builder m;
    E z = m.input("z");
    E y = m.var("y", z + m.exo("u")), x = m.var("x", m.exo("v") + 0.0);
    m.result("r", m.in(kFactual, needed ? y : x));
    ASSERT_TRUE(m.analyze()) << m.text();
    EXPECT_EQ(m.query->reads_table, needed);
    EXPECT_EQ(m.query->shape, needed ? Query::Shape::PerRow : Query::Shape::Once);
  }
}

TEST(AnalysisQuery, AnInputWithAValueIsNoEvidenceAboutNoise) {
  Builder m;
  E z = m.input("z");
  E y = m.var("y", z + m.exo("u"));
  m.given(z, 1);
  m.result("y", m.in(kFactual, y));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->mode, Query::Mode::Population);
  EXPECT_FALSE(m.query->reads_table);
}

TEST(AnalysisQuery, RefusesUnsoundStatements) {
  Encouragement m;
  m.given(m.x);
  m.given(m.x);
  m.given(m.u_y);
  WorldId w = m.world("w");
  m.set(w, m.h, m.number(1));
  m.set(w, m.h, m.number(2));
  m.set(w, m.u_x, m.number(2));
  m.world("w");
  m.world("factual");
  m.result("y", m.in(w, m.y));
  EXPECT_FALSE(m.analyze());
  EXPECT_THAT(m.codes(), UnorderedElementsAre("A0502", "A0503", "A0421", "A0422", "A0423", "A0423"));
}

}  // namespace
}  // namespace acie::sema::testing
