// Builds checked programs by hand, so that tests of what follows sema do not depend on the front end.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Program.h"

namespace acie::testing {

class ProgramBuilder {
 public:
  using E = const sema::Expr*;

  sema::Program program;

  E number(double value) {
    sema::Expr e;
    e.kind = sema::Expr::Kind::Constant;
    e.number = value;
    return program.make(std::move(e));
  }
  E apply(sema::Op op, std::vector<E> operands, sema::ScalarKind kind = sema::ScalarKind::F64) {
    sema::Expr e;
    e.kind = sema::Expr::Kind::Apply;
    e.op = op;
    e.type.scalar = kind;
    e.operands = std::move(operands);
    return program.make(std::move(e));
  }
  E value(const sema::Variable* variable, sema::WorldId world = sema::kThisWorld) {
    sema::Expr e;
    e.kind = sema::Expr::Kind::Variable;
    e.variable = variable;
    e.world = world;
    e.type = variable->type;
    return program.make(std::move(e));
  }
  E natural(const sema::Variable* variable, sema::WorldId world) {
    sema::Expr e = *value(variable, world);
    e.kind = sema::Expr::Kind::Natural;
    return program.make(std::move(e));
  }
  E slot(const sema::Slot* slot) {
    sema::Expr e;
    e.kind = sema::Expr::Kind::Slot;
    e.slot = slot;
    e.type = slot->type;
    return program.make(std::move(e));
  }
  E estimate(sema::Estimator estimator, E operand) {
    sema::Expr e;
    e.kind = sema::Expr::Kind::Estimate;
    e.estimator = estimator;
    e.operands = {operand};
    return program.make(std::move(e));
  }
  E rows(sema::RowReducer reducer, E operand) {
    sema::Expr e;
    e.kind = sema::Expr::Kind::RowReduce;
    e.reducer = reducer;
    e.operands = {operand};
    return program.make(std::move(e));
  }

  sema::Model* model(std::string name) {
    sema::Model m;
    m.name = std::move(name);
    program.models.push_back(program.make(std::move(m)));
    return program.models.back();
  }
  /// A standard normal noise.
  sema::Variable* exo(sema::Model* model, std::string name) {
    sema::Noise noise;
    noise.name = name;
    sema::Expr e;
    e.kind = sema::Expr::Kind::Noise;
    e.noise = program.make(std::move(noise));
    sema::Variable* v = variable(model, std::move(name), sema::Variable::Role::Exo);
    v->equation = program.make(std::move(e));
    v->law_text = "normal(0, 1)";
    return v;
  }
  sema::Variable* var(sema::Model* model, std::string name, E equation) {
    sema::Variable* v = variable(model, std::move(name), sema::Variable::Role::Var);
    v->equation = equation;
    for (E operand : leaves(equation)) {
      auto& list = operand->variable->role == sema::Variable::Role::Exo ? v->noises : v->parents;
      list.push_back(operand->variable);
    }
    return v;
  }
  sema::Query* query(sema::Model* model, std::string name) {
    sema::Query q;
    q.name = std::move(name);
    q.model = model;
    q.worlds.push_back({"factual", {}, {}});
    program.queries.push_back(program.make(std::move(q)));
    return program.queries.back();
  }

 private:
  sema::Variable* variable(sema::Model* model, std::string name, sema::Variable::Role role) {
    sema::Variable v;
    v.name = std::move(name);
    v.column = v.name;
    v.role = role;
    v.index = static_cast<int>(model->variables.size());
    model->variables.push_back(program.make(std::move(v)));
    return model->variables.back();
  }
  static std::vector<E> leaves(E root) {
    if (root->kind == sema::Expr::Kind::Variable) return {root};
    std::vector<E> all;
    for (E operand : root->operands)
      for (E leaf : leaves(operand)) all.push_back(leaf);
    return all;
  }
};

}  // namespace acie::testing
