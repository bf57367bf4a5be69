// Random models: what the analysis decides is compared with the values that drawn noise really gives.
//
// A world is computed here in the plainest way, from the noise and nothing else. The query is answered with what the
// analysis allows: the evidence, and the noises it says can be recovered, each found by bisection of its equation.
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/Sema/Analysis/ExprWalk.h"
#include "tests/unit/sema/sema_analysis_builder.h"

namespace acie::sema::testing {
namespace {

using Values = std::map<const Variable*, double>;
using Lookup = std::function<double(const Expr&)>;

double evaluate(const Expr& e, const Lookup& leaf) {
  auto x = [&](size_t i) { return evaluate(*e.operands[i], leaf); };
  if (e.kind == Expr::Kind::Constant) return e.number;
  if (e.kind != Expr::Kind::Apply) return leaf(e);
  switch (e.op) {
    case Op::Add: return x(0) + x(1);
    case Op::Sub: return x(0) - x(1);
    case Op::Mul: return x(0) * x(1);
    case Op::Neg: return -x(0);
    case Op::Exp: return std::exp(x(0));
    case Op::Tanh: return std::tanh(x(0));
    case Op::Asinh: return std::asinh(x(0));
    case Op::Abs: return std::abs(x(0));
    case Op::Lt: return x(0) < x(1);
    case Op::Select: return x(0) != 0 ? x(1) : x(2);
    default: ADD_FAILURE() << "operation " << op_name(e.op); return 0;
  }
}

/// A random model of up to `count` variables, evidence, one world and a result.
class RandomCase {
 public:
  explicit RandomCase(uint32_t seed) : random_(seed) {
    int count = 2 + pick(7);
    for (int i = 0; i < count; ++i) add_variable(i);
    for (E v : vars_) {
      if (pick(100) < 70) b.given(v);
    }
    world_ = b.world("w");
    std::set<int> targets;
    for (int k = 1 + pick(2); k > 0; --k) targets.insert(pick(count));
    for (int i : targets) {
      E natural = b.natural(world_, vars_[i]);
      b.set(world_, vars_[i], pick(2) != 0 ? natural + 1.0 : b.number(0.5));
    }
    result_ = pick(count);
    b.result("r", b.in(world_, vars_[result_]));
    for (const Variable* v : b.model->variables) {
      if (v->role == Variable::Role::Exo) noise_[v] = std::normal_distribution<>(0, 1)(random_);
    }
  }

  int pick(int n) { return std::uniform_int_distribution<>(0, n - 1)(random_); }

  /// Values of a world computed from the noise alone.
  double truth(WorldId world, const Variable* v, bool natural = false) const {
    if (v->role == Variable::Role::Exo) return noise_.at(v);
    const Expr* by = v->equation;
    if (!natural) {
      for (const Intervention& done : b.query->worlds[world].interventions) {
        if (done.target == v) by = done.value;
      }
    }
    return evaluate(*by, [&](const Expr& e) {
      return truth(e.world == kThisWorld ? world : e.world, e.variable, e.kind == Expr::Kind::Natural);
    });
  }

  /// The same from the evidence and the recovered noises; NaN where that does not suffice.
  double answer() {
    known_.clear();
    for (const Evidence& item : b.query->evidence) known_[item.variable] = truth(kFactual, item.variable);
    for (const Recovery& recovery : b.query->recoveries) known_[recovery.noise] = solve(recovery);
    return inferred(world_, vars_[result_].expr->variable, false);
  }

  Builder b;
  std::vector<E> vars_;
  WorldId world_ = 0;
  int result_ = 0;
  Values noise_;
  Values known_;

 private:
  void add_variable(int i) {
    std::string name = std::to_string(i);
    // Mostly a noise of its own, sometimes none, or one shared with an earlier variable.
    std::vector<E> us;
    int kind = pick(10);
    if (kind < 7 || exos_.empty()) {
      exos_.push_back(b.exo("u" + name));
      us.push_back(exos_.back());
    } else if (kind < 9) {
      us.push_back(exos_[pick(static_cast<int>(exos_.size()))]);
    }
    E mean = b.number(0.3);
    for (E parent : vars_) {
      if (pick(3) == 0) mean = mean + 0.5 * (pick(2) != 0 ? parent : call(Op::Tanh, parent));
    }
    E equation = mean;
    for (E u : us) equation = mechanism(mean, u);
    if (us.empty() && pick(2) != 0) equation = call(Op::Asinh, equation);
    vars_.push_back(b.var("x" + name, equation));
  }

  E mechanism(E mean, E u) {
    switch (pick(7)) {
      case 0: return mean + 2.0 * u;
      case 1: return mean - call(Op::Asinh, u);
      case 2: return call(Op::Asinh, mean + u);
      case 3: return mean + call(Op::Exp, 0.5 * mean) * u;
      case 4: return mean + u - 3.0 * u;
      case 5: return select(less(mean, b.number(0.3)), mean + u, mean - 2.0 * u);
      default: return mean + call(Op::Abs, u);
    }
  }

  double inferred(WorldId world, const Variable* v, bool natural) const {
    const Intervention* action = nullptr;
    for (const Intervention& done : b.query->worlds[world].interventions) {
      if (done.target == v) action = &done;
    }
    if (action == nullptr || natural) {
      bool factual = world == kFactual || v->role == Variable::Role::Exo || untouched(world, v);
      if (factual) {
        auto found = known_.find(v);
        if (found != known_.end()) return found->second;
        if (v->role == Variable::Role::Exo) return std::nan("");
        world = kFactual;
      }
    }
    const Expr* by = action != nullptr && !natural ? action->value : v->equation;
    return evaluate(*by, [&](const Expr& e) {
      return inferred(e.world == kThisWorld ? world : e.world, e.variable, e.kind == Expr::Kind::Natural);
    });
  }

  /// No intervention in `world` on an ancestor of v.
  bool untouched(WorldId world, const Variable* v) const {
    for (const Variable* parent : v->parents) {
      for (const Intervention& done : b.query->worlds[world].interventions) {
        if (done.target == parent) return false;
      }
      if (!untouched(world, parent)) return false;
    }
    return true;
  }

  double solve(const Recovery& recovery) const {
    double target = inferred(kFactual, recovery.from, false);
    auto at = [&](double trial) {
      return evaluate(*recovery.from->equation, [&](const Expr& e) {
        return e.variable == recovery.noise ? trial : inferred(kFactual, e.variable, false);
      });
    };
    double low = -64, high = 64;
    bool rising = at(high) > at(low);
    for (int i = 0; i < 200; ++i) {
      double middle = low + (high - low) / 2;
      ((at(middle) < target) == rising ? low : high) = middle;
    }
    return low;
  }

  mutable std::mt19937 random_;
  std::vector<E> exos_;
};

void ancestors(const RandomCase& c, WorldId world, const Variable* v, bool natural, std::set<const Variable*>& out) {
  if (v->role == Variable::Role::Exo) {
    out.insert(v);
    return;
  }
  const Expr* by = v->equation;
  for (const Intervention& done : c.b.query->worlds[world].interventions) {
    if (done.target == v && !natural) by = done.value;
  }
  for (const Expr* e : references(by)) {
    ancestors(c, e->world == kThisWorld ? world : e->world, e->variable, e->kind == Expr::Kind::Natural, out);
  }
}

TEST(AnalysisProperty, WhatIsCalledDeterminedIs) {
  int determined = 0, refused = 0, drawn = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    RandomCase c(seed);
    if (!c.b.analyze()) {
      ASSERT_THAT(c.b.codes(), ::testing::Each("A0501")) << "seed " << seed << "\n" << c.b.text();
      ++refused;
      continue;
    }
    if (c.b.query->draws() && c.b.query->mode == Query::Mode::Evidence) {
      ++drawn;
      for (const Recovery& recovery : c.b.query->recoveries) {
        if (recovery.conditioned) EXPECT_GT(recovery.unknowns.size(), recovery.equations.size()) << "seed " << seed;
      }
      continue;
    }
    ++determined;
    if (c.b.query->mode != Query::Mode::Evidence) continue;
    double truth = c.truth(c.world_, c.vars_[c.result_].expr->variable), answer = c.answer();
    ASSERT_NEAR(answer, truth, 1e-6 * (1 + std::abs(truth))) << "seed " << seed;
    for (const Recovery& recovery : c.b.query->recoveries) {
      ASSERT_NEAR(c.known_.at(recovery.noise), c.truth(kFactual, recovery.noise), 1e-6) << "seed " << seed;
    }
  }
  EXPECT_GT(determined, 1000);
  EXPECT_GT(refused, 300);
  EXPECT_GT(drawn, 0);
}

TEST(AnalysisProperty, WhatIsRefusedIsNotDeterminedByMovingOneNoise) {
  // A refused result must really depend on some noise: on one of those the error names.
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    RandomCase c(seed);
    if (c.b.analyze()) continue;
    std::set<const Variable*> noises;
    ancestors(c, c.world_, c.vars_[c.result_].expr->variable, false, noises);
    bool named = false;
    for (const Variable* noise : noises) named = named || c.b.text().find("`" + noise->name + "`") != std::string::npos;
    EXPECT_TRUE(named) << "seed " << seed << "\n" << c.b.text();
  }
}

TEST(AnalysisProperty, AllGivenAndInvertibleIsAlwaysDetermined) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    auto pick = [&](int n) { return std::uniform_int_distribution<>(0, n - 1)(random); };
    Builder b;
    std::vector<E> vars;
    int count = 2 + pick(10);
    for (int i = 0; i < count; ++i) {
      E mean = b.number(1);
      for (E parent : vars) {
        if (pick(2) != 0) mean = mean + call(Op::Tanh, parent);
      }
      vars.push_back(b.var("x" + std::to_string(i), mean + 2.0 * b.exo("u" + std::to_string(i))));
    }
    for (int i : {3, 1, 0, 2, 4}) {
      if (i < count) b.given(vars[i]);
    }
    for (int i = 5; i < count; ++i) b.given(vars[i]);
    WorldId w = b.world("w");
    int target = pick(count), result = pick(count);
    b.set(w, vars[target], b.number(0));
    b.result("r", b.in(w, vars[result]));
    ASSERT_TRUE(b.analyze()) << b.text();
    // Recovered are the noises of the descendants of the target that the result depends on, and of nothing else.
    std::set<const Variable*> expected;
    std::function<bool(const Variable*)> moves = [&](const Variable* v) {
      if (v == vars[target].expr->variable) return true;
      bool any = false;
      for (const Variable* parent : v->parents) any = moves(parent) || any;
      return any;
    };
    std::function<void(const Variable*)> need = [&](const Variable* v) {
      if (v == vars[target].expr->variable || !moves(v)) return;
      expected.insert(v->noises.begin(), v->noises.end());
      for (const Variable* parent : v->parents) need(parent);
    };
    need(vars[result].expr->variable);
    std::set<const Variable*> actual;
    for (const Recovery& recovery : b.query->recoveries) actual.insert(recovery.noise);
    EXPECT_EQ(actual, expected) << "seed " << seed;
    EXPECT_THAT(b.query->consistency, ::testing::IsEmpty());
  }
}

TEST(AnalysisProperty, TheOrderOfStatementsMeansNothing) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    RandomCase a(seed), c(seed);
    std::mt19937 random(seed);
    std::shuffle(c.b.query->evidence.begin(), c.b.query->evidence.end(), random);
    std::shuffle(c.b.query->worlds[1].interventions.begin(), c.b.query->worlds[1].interventions.end(), random);
    std::shuffle(c.b.model->variables.begin(), c.b.model->variables.end(), random);
    bool first = a.b.analyze(), second = c.b.analyze();
    ASSERT_EQ(first, second) << "seed " << seed << "\n" << a.b.text() << c.b.text();
    auto noises = [](const Query& q) {
      std::set<std::string> out;
      for (const Recovery& recovery : q.recoveries) out.insert(recovery.noise->name);
      return out;
    };
    if (first && a.b.query->mode == Query::Mode::Evidence) {
      EXPECT_EQ(noises(*a.b.query), noises(*c.b.query)) << "seed " << seed;
      ASSERT_EQ(a.b.query->draws(), c.b.query->draws()) << "seed " << seed;
      if (a.b.query->draws()) continue;
      EXPECT_NEAR(a.answer(), c.answer(), 1e-6) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace acie::sema::testing
