// Which equations can be solved for their noise, and what is said of those that cannot.
#include "compiler/Sema/Analysis/Invertibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sema/sema_analysis_builder.h"

namespace acie::sema::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InvertibilityTest : public ::testing::Test {
 protected:
  Inversion solve(E equation) {
    analyze_model(b.program, *b.model, b.diagnostics);
    return invert(equation.expr, u.expr->variable, Ranges(*b.model));
  }
  std::string obstacle(E equation) {
    Inversion inversion = solve(equation);
    return inversion.ok() ? "invertible" : inversion.obstacle->reason;
  }

  Builder b;
  E u = b.exo("u");
  E v = b.exo("v", Range{0, 1});
  E x = b.input("x");
  E s = b.input("s", Range{0, std::numeric_limits<double>::infinity()});
};

TEST_F(InvertibilityTest, FollowsThePathOfMonotoneOperations) {
  Inversion inversion = solve(x + 2.0 * call(Op::Exp, -u));
  ASSERT_TRUE(inversion.ok());
  EXPECT_THAT(inversion.path, ElementsAre(1, 1, 0, 0));
  EXPECT_EQ(inversion.direction, -1);
  EXPECT_FALSE(inversion.affine);
}

TEST_F(InvertibilityTest, FactorsOfUnknownSignAreDividedOut) {
  Inversion inversion = solve(x * u);
  ASSERT_TRUE(inversion.ok());
  EXPECT_EQ(inversion.direction, 0);
  EXPECT_EQ(solve(call(Op::Exp, x) * u).direction, 1);
  EXPECT_EQ(solve(-call(Op::Sigmoid, x) * u).direction, -1);
  EXPECT_TRUE(solve(x / u).ok());
  EXPECT_EQ(solve(u / call(Op::Exp, x)).direction, 1);
  EXPECT_THAT(obstacle(x + 0.0 * u), HasSubstr("multiplied by zero"));
  EXPECT_THAT(obstacle((x - x) * u + x), HasSubstr("multiplied by zero")) << "the same input subtracted";
}

TEST_F(InvertibilityTest, LinearInSeveralPlaces) {
  Inversion inversion = solve(u + x * u - 3.0 * u);
  ASSERT_TRUE(inversion.ok());
  EXPECT_TRUE(inversion.affine);
  EXPECT_THAT(inversion.path, IsEmpty());
  E shared = 2.0 * u;
  EXPECT_TRUE(solve(shared + shared).affine);
  EXPECT_EQ(solve(u + 2.0 * u).direction, 1);
  EXPECT_THAT(obstacle(u - u), HasSubstr("cancels out"));
  EXPECT_THAT(obstacle(u + call(Op::Exp, u)), HasSubstr("more than once"));
  EXPECT_THAT(obstacle(u * u), HasSubstr("more than once"));
}

TEST_F(InvertibilityTest, Powers) {
  EXPECT_TRUE(solve(power(u, 3)).ok());
  EXPECT_TRUE(solve(power(u, -1)).ok());
  EXPECT_THAT(obstacle(power(u, 2)), HasSubstr("same value for v and -v"));
  EXPECT_TRUE(solve(power(call(Op::Exp, u), 2)).ok()) << "the base is positive";
  EXPECT_TRUE(solve(power(b.number(10), u)).ok());
  EXPECT_EQ(solve(power(b.number(0.5), u)).direction, -1);
  EXPECT_THAT(obstacle(power(b.number(1), u)), HasSubstr("1 to any power"));
  EXPECT_THAT(obstacle(power(x, u)), HasSubstr("not known to be positive"));
  EXPECT_THAT(obstacle(power(u, x)), HasSubstr("may be even"));
  EXPECT_THAT(obstacle(power(u, 0)), HasSubstr("power 0"));
  EXPECT_TRUE(invert(power(v, 2).expr, v.expr->variable, Ranges(*b.model)).ok()) << "uniform noise is not negative";
}

TEST_F(InvertibilityTest, NamesTheOperationInTheWay) {
  E blocked = call(Op::Abs, u);
  Inversion inversion = solve(x + call(Op::Exp, blocked));
  ASSERT_FALSE(inversion.ok());
  EXPECT_EQ(inversion.obstacle->at, blocked.expr);
  EXPECT_THAT(inversion.obstacle->reason, HasSubstr("`abs` has the same value for v and -v"));
  EXPECT_FALSE(inversion.obstacle->discrete);
  EXPECT_TRUE(solve(less(v, x)).ok() == false);
  inversion = solve(less(u, x));
  EXPECT_TRUE(inversion.obstacle->discrete);
  EXPECT_TRUE(solve(b.apply(Op::PoissonQuantile, {u, x})).obstacle->discrete);
  EXPECT_THAT(obstacle(b.apply(Op::Max, {u, x})), HasSubstr("`max` hides"));
  EXPECT_THAT(obstacle(call(Op::Sin, u)), HasSubstr("repeats"));
  EXPECT_THAT(obstacle(call(Op::Tan, u)), HasSubstr("repeats"));
  EXPECT_TRUE(solve(call(Op::Tan, call(Op::Tanh, u))).ok()) << "inside one period";
}

TEST_F(InvertibilityTest, ConditionsFreeOfTheNoise) {
  EXPECT_TRUE(solve(1.0 + select(less(x, s), 2.0 * u, call(Op::Exp, u))).ok());
  EXPECT_THAT(solve(1.0 + select(less(x, s), 2.0 * u, call(Op::Exp, u))).path, ElementsAre(1));
  EXPECT_THAT(obstacle(select(less(x, s), u, x)), HasSubstr("where the condition is false"));
  EXPECT_THAT(obstacle(select(less(x, s), x, u)), HasSubstr("where the condition is true"));
  EXPECT_THAT(obstacle(select(less(u, s), u, 2.0 * u)), HasSubstr("which branch is taken depends on `u`"));
  EXPECT_THAT(obstacle(select(less(x, s), u, call(Op::Abs, u))), HasSubstr("`abs`"));
}

TEST_F(InvertibilityTest, QuantileFunctionsInTheirProbability) {
  EXPECT_TRUE(solve(b.apply(Op::GammaQuantile, {u, s})).ok());
  EXPECT_TRUE(solve(b.apply(Op::BetaQuantile, {u, s, s})).ok());
  EXPECT_THAT(obstacle(b.apply(Op::GammaQuantile, {v, u})), HasSubstr("no inverse in its shape"));
}

TEST_F(InvertibilityTest, DeepChainsDoNotExhaustTheStack) {
  E deep = u;
  for (int i = 0; i < 200000; ++i) deep = deep + 1.0;
  Inversion inversion = solve(deep);
  ASSERT_TRUE(inversion.ok());
  EXPECT_EQ(inversion.path.size(), 200000u);
}

TEST_F(InvertibilityTest, SharedBranchesStayLinear) {
  // Every step uses the one before twice: 2^60 paths in 60 nodes.
  E shared = u;
  for (int i = 0; i < 60; ++i) shared = select(less(x, s), shared, -shared);
  EXPECT_TRUE(solve(shared).ok());
}

}  // namespace
}  // namespace acie::sema::testing
