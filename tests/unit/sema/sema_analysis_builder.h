// Builds checked models and queries by hand, without the front of Sema.
#pragma once

#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Analysis/Analysis.h"
#include "compiler/Sema/Program.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema::testing {

class Builder;

/// An expression with operators, so that tests read like equations.
struct E {
  const Expr* expr = nullptr;
  Builder* builder = nullptr;
};

class Builder {
 public:
  Builder() {
    model = program.make<Model>();
    model->name = "M";
    program.models.push_back(model);
    query = program.make<Query>();
    query->name = "q";
    query->model = model;
    query->span = next_span();
    query->worlds.push_back({"factual", {}, next_span()});
    program.queries.push_back(query);
  }

  // ------------------------------------------------------------------------------------------------------- the model

  E exo(const std::string& name, std::optional<Range> support = std::nullopt) {
    Noise* noise = program.make<Noise>();
    noise->name = name;
    Expr leaf = blank(Expr::Kind::Noise);
    leaf.noise = noise;
    Variable* variable = declare(name, Variable::Role::Exo);
    variable->equation = keep(leaf);
    if (support) variable->support = {number(support->low).expr, number(support->high).expr, true, true};
    return ref(variable);
  }
  E input(const std::string& name, std::optional<Range> range = std::nullopt) {
    Variable* variable = declare(name, Variable::Role::Input);
    variable->type.range = range;
    return ref(variable);
  }
  E var(const std::string& name, E equation, std::optional<Range> range = std::nullopt) {
    Variable* variable = declare(name, Variable::Role::Var);
    variable->equation = equation.expr;
    variable->type = equation.expr->type;
    variable->type.range = range;
    return ref(variable);
  }
  /// For equations that mention what is declared later.
  void redefine(E variable, E equation) { variable_of(variable)->equation = equation.expr; }

  void constraint(const std::string& name, E residual) {
    Constraint* made = program.make<Constraint>();
    made->name = name;
    made->span = next_span();
    made->rows.push_back({residual.expr, 1e-9, next_span()});
    model->constraints.push_back(made);
  }
  E slot(const std::string& name, Slot::Role role, std::optional<double> value = std::nullopt) {
    Slot* made = program.make<Slot>();
    made->name = name;
    made->role = role;
    made->default_value = value;
    made->span = next_span();
    Expr leaf = blank(Expr::Kind::Slot);
    leaf.slot = made;
    return wrap(leaf);
  }

  // ------------------------------------------------------------------------------------------------------- the query

  WorldId world(const std::string& name) {
    query->worlds.push_back({name, {}, next_span()});
    return static_cast<WorldId>(query->worlds.size()) - 1;
  }
  void set(WorldId world, E target, E value) {
    query->worlds[world].interventions.push_back({target.expr->variable, value.expr, next_span()});
  }
  void given(E variable) { query->evidence.push_back({variable.expr->variable, nullptr, next_span()}); }
  void given(E variable, double value) {
    E constant = slot(variable.expr->variable->name, Slot::Role::Given, value);
    query->evidence.push_back({variable.expr->variable, constant.expr->slot, next_span()});
  }
  void result(const std::string& name, E value, bool draws = false) {
    returns.push_back({name, value.expr, draws, next_span()});
  }

  bool analyze() {
    return analyze_model(program, *model, diagnostics) &&
           analyze_query(program, *query, returns, std::nullopt, diagnostics);
  }

  // ----------------------------------------------------------------------------------------------------- expressions

  E ref(const Variable* variable, WorldId world = kThisWorld) {
    Expr leaf = blank(Expr::Kind::Variable);
    leaf.type = variable->type;
    leaf.variable = variable;
    leaf.world = world;
    return wrap(leaf);
  }
  E in(WorldId world, E variable) { return ref(variable.expr->variable, world); }
  E natural(WorldId world, E variable) {
    Expr leaf = *in(world, variable).expr;
    leaf.kind = Expr::Kind::Natural;
    return wrap(leaf);
  }
  E number(double value) {
    Expr leaf = blank(Expr::Kind::Constant);
    leaf.number = value;
    return wrap(leaf);
  }
  E apply(Op op, std::initializer_list<E> operands) {
    Expr node = blank(Expr::Kind::Apply);
    node.op = op;
    for (E operand : operands) node.operands.push_back(operand.expr);
    bool logical = op == Op::Lt || op == Op::Le || op == Op::Gt || op == Op::Ge || op == Op::Eq || op == Op::Ne ||
                   op == Op::And || op == Op::Or || op == Op::Not;
    if (logical) node.type.scalar = ScalarKind::Bool;
    return wrap(node);
  }
  E estimate(Estimator estimator, E operand, double level = 0) {
    Expr node = blank(Expr::Kind::Estimate);
    node.estimator = estimator;
    node.level = level;
    node.operands = {operand.expr};
    return wrap(node);
  }
  E over_rows(RowReducer reducer, E operand) {
    Expr node = blank(Expr::Kind::RowReduce);
    node.reducer = reducer;
    node.operands = {operand.expr};
    return wrap(node);
  }

  std::vector<std::string> codes() const {
    std::vector<std::string> out;
    for (const Diagnostic& diagnostic : diagnostics.sorted()) out.emplace_back(code_name(diagnostic.code));
    return out;
  }
  /// Messages, labels and notes of everything reported.
  std::string text() const {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics.sorted()) {
      out += diagnostic.message + "\n";
      for (const Label& label : diagnostic.labels) out += "  " + label.text + "\n";
      for (const std::string& note : diagnostic.notes) out += "  note: " + note + "\n";
    }
    return out;
  }

  Program program;
  Model* model;
  Query* query;
  std::vector<ReturnItem> returns;
  DiagnosticEngine diagnostics;

 private:
  Variable* variable_of(E reference) {
    for (Variable* variable : model->variables) {
      if (variable == reference.expr->variable) return variable;
    }
    return nullptr;
  }
  Variable* declare(const std::string& name, Variable::Role role) {
    Variable* variable = program.make<Variable>();
    variable->name = variable->column = name;
    variable->role = role;
    variable->span = next_span();
    model->variables.push_back(variable);
    return variable;
  }
  Expr blank(Expr::Kind kind) {
    Expr node;
    node.kind = kind;
    node.span = next_span();
    return node;
  }
  const Expr* keep(const Expr& node) { return program.make<Expr>(node); }
  E wrap(const Expr& node) { return {keep(node), this}; }
  Span next_span() {
    place_ += 10;
    return {0, place_, place_ + 5};
  }

  uint32_t place_ = 0;
};

inline E operator+(E a, E b) { return a.builder->apply(Op::Add, {a, b}); }
inline E operator-(E a, E b) { return a.builder->apply(Op::Sub, {a, b}); }
inline E operator*(E a, E b) { return a.builder->apply(Op::Mul, {a, b}); }
inline E operator/(E a, E b) { return a.builder->apply(Op::Div, {a, b}); }
inline E operator-(E a) { return a.builder->apply(Op::Neg, {a}); }
inline E operator+(double a, E b) { return b.builder->number(a) + b; }
inline E operator-(double a, E b) { return b.builder->number(a) - b; }
inline E operator*(double a, E b) { return b.builder->number(a) * b; }
inline E operator/(double a, E b) { return b.builder->number(a) / b; }
inline E operator+(E a, double b) { return a + a.builder->number(b); }
inline E operator-(E a, double b) { return a - a.builder->number(b); }
inline E operator/(E a, double b) { return a / a.builder->number(b); }
inline E call(Op op, E x) { return x.builder->apply(op, {x}); }
inline E power(E x, E y) { return x.builder->apply(Op::Pow, {x, y}); }
inline E power(E x, double y) { return power(x, x.builder->number(y)); }
inline E select(E condition, E yes, E no) { return condition.builder->apply(Op::Select, {condition, yes, no}); }
inline E less(E a, E b) { return a.builder->apply(Op::Lt, {a, b}); }
inline E less_equal(E a, E b) { return a.builder->apply(Op::Le, {a, b}); }

}  // namespace acie::sema::testing
