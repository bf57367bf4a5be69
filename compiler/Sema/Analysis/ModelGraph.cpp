#include "compiler/Sema/Analysis/ModelGraph.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/Cycles.h"
#include "compiler/Sema/Analysis/ExprWalk.h"

namespace acie::sema {
namespace {

void find_parents(Variable& variable) {
  variable.parents.clear();
  variable.noises.clear();
  if (variable.role != Variable::Role::Var || variable.equation == nullptr) return;
  absl::flat_hash_set<const Variable*> seen;
  for (const Expr* reference : references(variable.equation)) {
    if (!seen.insert(reference->variable).second) continue;
    bool noise = reference->variable->role == Variable::Role::Exo;
    (noise ? variable.noises : variable.parents).push_back(reference->variable);
  }
}

void check_law(const Variable& exo, DiagnosticEngine& diagnostics) {
  const Expr* parts[] = {exo.equation, exo.support.low, exo.support.high};
  for (const Expr* reference : references(parts)) {
    if (reference->variable->role == Variable::Role::Input) continue;
    const char* what = reference->variable->role == Variable::Role::Exo ? "noise" : "variable";
    diagnostics
        .report(Code::A0411, reference->span,
                absl::StrCat("the law of noise `", exo.name, "` depends on ", what, " `", reference->variable->name, "`"))
        .label(reference->span, absl::StrCat("`", reference->variable->name, "` has a law or an equation of its own"))
        .note("noise comes from outside the model: its law may read inputs, parameters and constants only")
        .note(absl::StrCat("draw standard noise and shift or scale it in an equation, or write `var ",
                           exo.name, " ~ ...`, whose law may depend on other variables"));
  }
}

const Expr* reference_to(const Variable& from, const Variable* to) {
  for (const Expr* reference : references(from.equation)) {
    if (reference->variable == to) return reference;
  }
  return nullptr;
}

void report_cycle(const std::vector<const Variable*>& cycle, DiagnosticEngine& diagnostics) {
  // Each variable depends on the next; the arrows of the causal graph point the other way.
  std::string arrows = cycle.front()->name;
  for (auto it = cycle.rbegin(); it != cycle.rend(); ++it) absl::StrAppend(&arrows, " → ", (*it)->name);
  auto error = diagnostics.report(Code::A0410, cycle.front()->span, absl::StrCat("the causal graph has a cycle: ", arrows));
  for (size_t i = 0; i < cycle.size(); ++i) {
    const Variable* effect = cycle[i];
    const Variable* cause = cycle[(i + 1) % cycle.size()];
    if (const Expr* edge = reference_to(*effect, cause)) {
      error.label(edge->span, absl::StrCat("`", effect->name, "` depends on `", cause->name, "` here"));
    }
  }
  error.note(cycle.size() == 1 ? "a variable cannot cause itself"
                               : "each variable must be computable from the ones before it");
}

}  // namespace

bool order_model(Model& model, DiagnosticEngine& diagnostics) {
  size_t errors = diagnostics.error_count();
  absl::flat_hash_map<const Variable*, int> number;
  for (Variable* variable : model.variables) {
    number.emplace(variable, static_cast<int>(number.size()));
    find_parents(*variable);
    if (variable->role == Variable::Role::Exo) check_law(*variable, diagnostics);
  }
  std::vector<std::vector<int>> edges(model.variables.size());
  for (size_t i = 0; i < edges.size(); ++i) {
    const Variable& variable = *model.variables[i];
    if (variable.role != Variable::Role::Var || variable.equation == nullptr) continue;
    for (const Expr* reference : references(variable.equation)) {
      auto found = number.find(reference->variable);
      if (found != number.end()) edges[i].push_back(found->second);
    }
  }
  Ordering ordering = depth_first(static_cast<int>(edges.size()), [&](int i) -> const auto& { return edges[i]; });
  std::vector<Span> reported;  // what is declared once for many steps or elements is one mistake
  for (const std::vector<int>& cycle : ordering.cycles) {
    std::vector<const Variable*> variables;
    for (int i : cycle) variables.push_back(model.variables[i]);
    const Span span = variables.front()->span;
    if (std::find(reported.begin(), reported.end(), span) != reported.end()) continue;
    reported.push_back(span);
    report_cycle(variables, diagnostics);
  }
  std::vector<Variable*> ordered;
  for (int i : ordering.order) ordered.push_back(model.variables[i]);
  model.variables = std::move(ordered);
  for (size_t i = 0; i < model.variables.size(); ++i) model.variables[i]->index = static_cast<int>(i);
  return diagnostics.error_count() == errors;
}

}  // namespace acie::sema
