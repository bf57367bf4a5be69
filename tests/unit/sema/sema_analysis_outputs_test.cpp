// The columns of an answer: random or determined, estimates, summaries over rows, draws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/Sema/Analysis/ExprText.h"
#include "tests/unit/sema/sema_analysis_builder.h"

namespace acie::sema::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// "name: text" of every output, with "±" for a standard error and "*" for draws.
std::vector<std::string> columns(const Query& query) {
  std::vector<std::string> out;
  for (const Output& output : query.outputs) {
    const char* mark = output.form == Output::Form::StandardError ? "± " : output.form == Output::Form::Draw ? "* " : "";
    out.push_back(output.name + ": " + mark + to_text(output.value));
  }
  return out;
}

struct Trial : Builder {
  E age = input("age");
  E u = exo("u"), v = exo("v");
  E dose = var("dose", u + 0.0);
  E outcome = var("outcome", dose + age + v);
  E factual(E variable) { return in(kFactual, variable); }
};

TEST(AnalysisOutputs, ARandomResultIsItsMeanAndSpread) {
  Trial m;
  m.result("y", m.factual(m.outcome));
  m.result("age", m.factual(m.age));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(columns(*m.query), ElementsAre("y.mean: E[outcome]", "y.mean.se: ± E[outcome]", "y.sd: sd[outcome]",
                                             "y.sd.se: ± sd[outcome]", "age: age"));
  EXPECT_EQ(m.query->outputs[0].value->stage, Stage::Row);
  EXPECT_EQ(m.query->outputs[0].value->operands[0]->stage, Stage::Inner);
  EXPECT_EQ(m.query->outputs[4].value->stage, Stage::Row) << "determined: the same in every draw";
  EXPECT_EQ(m.query->shape, Query::Shape::PerRow);
}

TEST(AnalysisOutputs, EstimatesAndTheirArithmeticHaveStandardErrors) {
  Trial m;
  E effect = m.estimate(Estimator::Mean, m.factual(m.outcome)) / m.estimate(Estimator::StdDev, m.factual(m.dose));
  m.result("effect", effect + 1.0);
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(columns(*m.query),
              ElementsAre("effect: E[outcome] / sd[dose] + 1", "effect.se: ± E[outcome] / sd[dose] + 1"));
  EXPECT_EQ(m.query->outputs[0].value, m.query->outputs[1].value);
  EXPECT_EQ(m.query->outputs[0].value->operands[0]->stage, Stage::Row);
}

TEST(AnalysisOutputs, EstimatesOfWhatIsDeterminedAreNotEstimated) {
  Trial m;
  m.result("mean", m.estimate(Estimator::Mean, m.factual(m.age)));
  m.result("variance", m.estimate(Estimator::Variance, m.factual(m.age)));
  m.result("median", m.estimate(Estimator::Quantile, m.factual(m.age), 0.5));
  m.result("old", m.estimate(Estimator::Probability, less(m.number(60), m.factual(m.age))));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(columns(*m.query), ElementsAre("mean: age", "variance: 0", "median: age", "old: 60 < age"));
  EXPECT_EQ(m.query->outputs[3].value->type.scalar, ScalarKind::F64);
  EXPECT_THAT(m.query->free_noises, IsEmpty());
  EXPECT_EQ(m.query->outputs[0].value->stage, Stage::Inner) << "nothing is drawn";
}

TEST(AnalysisOutputs, TautologiesAndContradictionsAreNotSampled) {
  Trial m;
  WorldId w = m.world("w");
  m.set(w, m.outcome, m.number(1));
  E y = m.factual(m.outcome);
  auto probability = [&](const std::string& name, E event) {
    m.result(name, m.estimate(Estimator::Probability, event));
  };
  probability("reflexive", less_equal(y, m.factual(m.outcome)));
  probability("never", less(y + 1.0, m.factual(m.outcome) + 1.0));
  E event = less(y, m.number(0));
  probability("either", m.apply(Op::Or, {event, m.apply(Op::Not, {event})}));
  probability("both", m.apply(Op::And, {event, m.apply(Op::Ge, {y, m.number(0)})}));
  probability("unchanged", m.apply(Op::Eq, {m.in(w, m.dose), m.factual(m.dose)}));
  probability("positive", less(m.number(0), call(Op::Exp, y)));
  probability("negative square", less(power(y, 2), m.number(0)));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(columns(*m.query), ElementsAre("reflexive: true", "never: false", "either: true", "both: false",
                                             "unchanged: true", "positive: true", "negative square: false"));
  for (const Output& output : m.query->outputs) EXPECT_EQ(output.value->type.scalar, ScalarKind::F64);
  EXPECT_THAT(m.query->free_noises, IsEmpty());
}

TEST(AnalysisOutputs, ADeclaredRangeMakesNoTautology) {
  Trial m;
  E bounded = m.var("bounded", m.u + 0.0, Range{0, 1});
  m.result("p", m.estimate(Estimator::Probability, less_equal(m.number(0), m.factual(bounded))));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->free_noises.size(), 1u) << "leaving a range is a violation, not an impossibility";
}

TEST(AnalysisOutputs, WithEvidenceAnEstimateIsTheValue) {
  Trial m;
  m.given(m.dose);
  m.given(m.outcome);
  WorldId w = m.world("");
  m.set(w, m.dose, m.number(1));
  m.result("y", m.estimate(Estimator::Mean, m.in(w, m.outcome)));
  m.result("p", m.estimate(Estimator::Probability, less(m.number(1), m.in(w, m.outcome))));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(columns(*m.query), ElementsAre("y: outcome", "p: 1 < outcome"));
}

TEST(AnalysisOutputs, SummariesOverRowsAnswerOnce) {
  Trial m;
  m.given(m.dose);
  m.result("mean", m.over_rows(RowReducer::Mean, m.factual(m.dose) + m.factual(m.age)) * m.number(2));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->shape, Query::Shape::Once);
  EXPECT_TRUE(m.query->reads_table);
  const Expr* root = m.query->outputs[0].value;
  EXPECT_EQ(root->stage, Stage::Table);
  EXPECT_EQ(root->operands[0]->stage, Stage::Table);
  EXPECT_EQ(root->operands[0]->operands[0]->stage, Stage::Inner);
}

TEST(AnalysisOutputs, EstimatesMayBeSummarisedOverRows) {
  Trial m;
  m.result("mean", m.over_rows(RowReducer::Mean, m.estimate(Estimator::Mean, m.factual(m.outcome))));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(columns(*m.query), ElementsAre("mean: rows.mean(E[outcome])", "mean.se: ± rows.mean(E[outcome])"));
  EXPECT_EQ(m.query->outputs[0].value->operands[0]->stage, Stage::Row);
}

TEST(AnalysisOutputs, Draws) {
  Trial m;
  m.result("dose", m.factual(m.dose), true);
  m.result("age", m.factual(m.age), true);
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_THAT(columns(*m.query), ElementsAre("dose: * dose", "age: * age"));
  EXPECT_EQ(m.query->shape, Query::Shape::PerDraw);
  EXPECT_TRUE(m.query->draws_rows);
  EXPECT_EQ(m.query->outputs[1].value->stage, Stage::Inner);
}

TEST(AnalysisOutputs, TruthValuesAreAveragedAsNumbers) {
  Trial m;
  m.result("high", less(m.number(1), m.factual(m.dose)));
  ASSERT_TRUE(m.analyze()) << m.text();
  const Expr* mean = m.query->outputs[0].value;
  EXPECT_EQ(mean->estimator, Estimator::Mean);
  EXPECT_EQ(mean->operands[0]->op, Op::Convert);
  EXPECT_EQ(mean->operands[0]->type.scalar, ScalarKind::F64);
}

/// The code reported when `build` adds its results to a fresh trial.
template <class F>
std::string refusal(F build) {
  Trial m;
  build(m);
  EXPECT_FALSE(m.analyze());
  std::vector<std::string> codes = m.codes();
  EXPECT_EQ(codes.size(), 1u) << m.text();
  return codes.empty() ? "" : codes[0];
}

TEST(AnalysisOutputs, RefusesWhatHasNoMeaning) {
  auto mean = [](Trial& m, E x) { return m.estimate(Estimator::Mean, x); };
  EXPECT_EQ(refusal([&](Trial& m) { m.result("r", mean(m, mean(m, m.factual(m.dose)) + 1.0)); }), "A0504");
  EXPECT_EQ(refusal([&](Trial& m) { m.result("r", m.factual(m.dose) - mean(m, m.factual(m.dose))); }), "A0505");
  EXPECT_EQ(refusal([&](Trial& m) {
              m.result("d", m.factual(m.dose), true);
              m.result("e", mean(m, m.factual(m.dose)));
            }), "A0506");
  EXPECT_EQ(refusal([&](Trial& m) { m.result("d", mean(m, m.factual(m.dose)), true); }), "A0506");
  EXPECT_EQ(refusal([&](Trial& m) { m.result("d", m.factual(m.age), true); }), "A0507");
  EXPECT_EQ(refusal([&](Trial& m) { m.result("r", m.over_rows(RowReducer::Sum, m.number(1))); }), "A0508");
  EXPECT_EQ(refusal([&](Trial& m) {
              m.result("r", m.factual(m.age) - m.over_rows(RowReducer::Mean, m.factual(m.age)));
            }), "A0509");
  EXPECT_EQ(refusal([&](Trial& m) {
              m.result("r", m.factual(m.age));
              m.result("s", m.over_rows(RowReducer::Mean, m.factual(m.age)));
            }), "A0509");
  EXPECT_EQ(refusal([&](Trial& m) { m.result("r", m.over_rows(RowReducer::Mean, m.factual(m.outcome))); }), "A0510");
  EXPECT_EQ(refusal([&](Trial& m) {
              m.result("r", mean(m, m.over_rows(RowReducer::Mean, m.factual(m.age)) + m.factual(m.dose)));
            }), "A0511");
  EXPECT_EQ(refusal([&](Trial& m) {
              m.result("r", m.factual(m.age));
              m.result("r", m.factual(m.age) + 1.0);
            }), "A0512");
}

TEST(AnalysisOutputs, DrawsOfDeterminedQuantitiesSayWhy) {
  Trial m;
  m.given(m.dose);
  m.result("d", m.factual(m.dose), true);
  EXPECT_FALSE(m.analyze());
  EXPECT_THAT(m.text(), HasSubstr("the evidence determines them"));
}

TEST(AnalysisOutputs, ARandomConstraintNeedsDrawsOfItsOwn) {
  Trial m;
  m.constraint("positive", m.outcome);
  m.result("age", m.factual(m.age));
  ASSERT_TRUE(m.analyze()) << m.text();
  EXPECT_EQ(m.query->free_noises.size(), 2u);
  EXPECT_EQ(m.query->outputs[0].value->stage, Stage::Row);
}

}  // namespace
}  // namespace acie::sema::testing
