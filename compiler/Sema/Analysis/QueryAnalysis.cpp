#include "compiler/Sema/Analysis/QueryAnalysis.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprText.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/Simplify.h"
#include "compiler/Sema/Analysis/Undetermined.h"

namespace acie::sema {
namespace {

/// What a noise's law or support reads: inputs, at their factual values.
void add_law_inputs(const Variable& exo, bool sampled, std::vector<Node>& inputs) {
  const Expr* parts[] = {sampled ? exo.equation : nullptr, exo.support.low, exo.support.high};
  for (const Expr* reference : references(parts)) inputs.push_back({reference->variable, kFactual, false});
}

}  // namespace

QueryAnalysis::QueryAnalysis(Program& program, Query& query, const WorldGraph& graph,
                             const std::optional<MethodClause>& method, DiagnosticEngine& diagnostics)
    : program_(program), query_(query), graph_(graph), method_(method), diagnostics_(diagnostics), ranges_(*query.model) {
  // An input is no evidence about noise: giving it a value only says which covariate is meant.
  bool evidence = std::any_of(query.evidence.begin(), query.evidence.end(),
                              [](const Evidence& e) { return e.variable->role == Variable::Role::Var; });
  query.mode = evidence ? Query::Mode::Evidence : Query::Mode::Population;
  if (evidence) abduction_.emplace(graph, ranges_, program);
}

Relevance QueryAnalysis::new_relevance() const {
  return Relevance(graph_, [this](const Node& node, std::vector<Node>& inputs) {
    bool noise = node.variable->role == Variable::Role::Exo;
    if (node.world != kFactual || node.natural) {
      if (abduction_) add_kept(node, inputs);
      return false;
    }
    if (noise) add_law_inputs(*node.variable, is_drawn(node.variable), inputs);
    if (abduction_ && abduction_->conditioned(node.variable)) {
      for (const Variable* other : abduction_->recovery(node.variable)->unknowns) add_law_inputs(*other, true, inputs);
    }
    if (!abduction_) return noise;
    return abduction_->inputs_of(node.variable, inputs) || noise;
  });
}

/// A known variable whose equation stands in another world keeps its known bits wherever its parents have their factual
/// ones, because f(f⁻¹(y)) need not be y: the parents' factual values are compared, where the evidence determines them. What is
/// drawn is what was set with probability zero.
void QueryAnalysis::add_kept(const Node& node, std::vector<Node>& inputs) const {
  const Variable* variable = node.variable;
  if (!abduction_->anchored(variable) || !abduction_->unknowns(variable).empty()) return;
  if (graph_.origin(node) != Origin::Equation) return;
  const auto comparable = [&](const Variable* parent) { return abduction_->settled(parent) || graph_.unchanged(node.world, parent); };
  if (!std::all_of(variable->parents.begin(), variable->parents.end(), comparable)) return;
  for (const Variable* parent : variable->parents) {
    if (abduction_->settled(parent)) inputs.push_back({parent, kFactual, false});
  }
}

/// Whether a noise is random: without evidence all are, with it those that were conditioned and those it says nothing about.
bool QueryAnalysis::is_drawn(const Variable* noise) const {
  return !abduction_ || abduction_->conditioned(noise) || (!abduction_->known(noise) && abduction_->untouched(noise));
}

/// What a value reads outside of its estimates: those are over whatever is drawn.
std::vector<Node> QueryAnalysis::outside_estimates(const Expr* value) {
  std::vector<Node> nodes;
  std::vector<const Expr*> stack = {value};
  absl::flat_hash_set<const Expr*> seen;
  while (!stack.empty()) {
    const Expr* expr = stack.back();
    stack.pop_back();
    if (!seen.insert(expr).second || expr->kind == Expr::Kind::Estimate) continue;
    if (expr->variable != nullptr) nodes.push_back({expr->variable, expr->world == kThisWorld ? kFactual : expr->world, expr->kind == Expr::Kind::Natural});
    stack.insert(stack.end(), expr->operands.begin(), expr->operands.end());
  }
  return nodes;
}

std::vector<const Variable*> QueryAnalysis::missing(const Relevance& relevance) const {
  std::vector<const Variable*> out;
  if (!abduction_) return out;
  for (const Node& node : relevance.nodes()) {
    if (node.variable->role == Variable::Role::Exo && !abduction_->known(node.variable)) out.push_back(node.variable);
  }
  std::sort(out.begin(), out.end(), [](const Variable* a, const Variable* b) { return a->index < b->index; });
  return out;
}

absl::flat_hash_set<Node> QueryAnalysis::undetermined(const Relevance& relevance) const {
  absl::flat_hash_set<Node> open;
  if (!abduction_) return open;
  for (const Node& node : relevance.nodes()) {  // what a node is computed from stands before it
    bool is_open = node.variable->role == Variable::Role::Exo && !abduction_->known(node.variable);
    for (const Node& input : relevance.inputs_of(node)) is_open = is_open || open.contains(graph_.resolve(input));
    if (is_open) open.insert(node);
  }
  return open;
}

void QueryAnalysis::require_constraint(const Constraint& constraint, Relevance& relevance) const {
  for (const ConstraintRow& row : constraint.rows) {
    for (WorldId world : query_.constraint_worlds) relevance.require(row.residual, world);
  }
}

bool QueryAnalysis::run(std::vector<ReturnItem> returns) {
  choose_constraints(returns);
  for (ReturnItem& item : returns) item.value = simplify(item.value, graph_, program_);
  if (!choose_outputs(returns)) return false;
  if (abduction_ && !check_determined(returns)) return false;

  Relevance needed = new_relevance();
  for (const Output& output : query_.outputs) needed.require(output.value, kFactual);
  for (const Constraint* constraint : query_.constraints) require_constraint(*constraint, needed);
  query_.recoveries.clear();
  query_.consistency.clear();
  query_.free_noises.clear();
  if (abduction_) {
    choose_recoveries(needed);
  } else {
    for (const Variable* variable : query_.model->variables) {
      if (variable->role == Variable::Role::Exo && needed.needs_noise(variable)) query_.free_noises.push_back(variable);
    }
  }
  size_t errors = diagnostics_.error_count();
  choose_inputs(needed, over_rows_);
  collect_slots(needed);
  return diagnostics_.error_count() == errors;
}

void QueryAnalysis::choose_constraints(const std::vector<ReturnItem>& returns) {
  std::vector<const Expr*> roots;
  for (const ReturnItem& item : returns) roots.push_back(item.value);
  std::set<WorldId> worlds;
  for (const Expr* reference : references(roots)) {
    worlds.insert(reference->world == kThisWorld ? kFactual : reference->world);
  }
  query_.constraint_worlds.assign(worlds.begin(), worlds.end());
  query_.constraints.clear();
  if (worlds.empty()) return;
  Relevance results = new_relevance();
  for (const ReturnItem& item : returns) results.require(item.value, kFactual);
  absl::flat_hash_set<const Variable*> taking_part;
  for (const Node& node : results.nodes()) taking_part.insert(node.variable);
  const auto asked = [&](const Constraint* constraint) { return constraint->range_of == nullptr || taking_part.contains(constraint->range_of); };
  // What all of them need is found once; of one that cannot be checked, which noise stands in the way is looked for.
  Relevance all = new_relevance();
  for (const Constraint* constraint : query_.model->constraints) {
    if (asked(constraint)) require_constraint(*constraint, all);
  }
  const absl::flat_hash_set<Node> open = undetermined(all);
  const auto is_open = [&](const Constraint& constraint) {
    for (const ConstraintRow& row : constraint.rows) {
      for (WorldId world : query_.constraint_worlds) {
        for (const Dependency& read : WorldGraph::reads(row.residual, world)) {
          if (open.contains(graph_.resolve(read.target))) return true;
        }
      }
    }
    return false;
  };
  for (const Constraint* constraint : query_.model->constraints) {
    if (!asked(constraint)) continue;
    if (!is_open(*constraint)) {
      query_.constraints.push_back(constraint);
      continue;
    }
    if (constraint->range_of != nullptr) continue;
    Relevance relevance = new_relevance();
    require_constraint(*constraint, relevance);
    std::vector<const Variable*> unknown = missing(relevance);
    Undetermined why = why_undetermined(graph_, ranges_, *abduction_, unknown.front());
    auto warning = diagnostics_.report(Code::A0601, query_.span,
                                       absl::StrCat("constraint `", constraint->name, "` is not checked in query `",
                                                    query_.name, "`: the evidence does not determine all it speaks of"));
    warning.label(constraint->span, "this constraint");
    warning.label(why.at, why.reason);
    for (std::string& note : why.notes) warning.note(std::move(note));
  }
}

bool QueryAnalysis::choose_outputs(const std::vector<ReturnItem>& returns) {
  OutputContext context;
  context.mode = query_.mode;
  absl::flat_hash_set<Node> random;
  {
    Relevance reached = new_relevance();
    for (const ReturnItem& item : returns) reached.require(item.value, kFactual);
    for (const Constraint* constraint : query_.constraints) require_constraint(*constraint, reached);
    for (const Node& node : reached.nodes()) {  // what a node is computed from stands before it
      std::vector<Node> inputs = reached.inputs_of(node);
      bool is_random = (node.variable->role == Variable::Role::Exo && is_drawn(node.variable)) ||
                       std::any_of(inputs.begin(), inputs.end(),
                                   [&](const Node& input) { return random.contains(graph_.resolve(input)); });
      if (is_random) random.insert(node);
    }
    Relevance checked = new_relevance();
    for (const Constraint* constraint : query_.constraints) require_constraint(*constraint, checked);
    context.draws_for_constraints = std::any_of(checked.nodes().begin(), checked.nodes().end(),
                                                [&](const Node& node) { return random.contains(node); });
  }
  context.is_random = [&](const Expr* reference) {
    return random.contains(
        graph_.resolve({reference->variable, reference->world, reference->kind == Expr::Kind::Natural}));
  };
  OutputPlan plan = plan_outputs(returns, context, program_, diagnostics_);
  if (!plan.ok) return false;
  query_.outputs = std::move(plan.outputs);
  query_.draws_rows = plan.draws_rows;
  query_.shape = plan.draws_rows ? Query::Shape::PerDraw : plan.once ? Query::Shape::Once : Query::Shape::PerRow;
  over_rows_ = plan.over_rows;
  return true;
}

/// The noises that a result needs and that are neither recovered nor drawn for it. An estimate is over noise that the evidence
/// says nothing about, too; a value by itself is random only by what was conditioned, and `by exact` by nothing.
std::vector<const Variable*> QueryAnalysis::missing_for(const ReturnItem& item) const {
  Relevance outside = new_relevance(), all = new_relevance();
  all.require(item.value, kFactual);
  if (!item.draws) {
    for (const Node& node : outside_estimates(item.value)) outside.require(node);
  }
  std::vector<const Variable*> unknown;
  for (const Node& node : all.nodes()) {
    const Variable* noise = node.variable;
    if (noise->role != Variable::Role::Exo) continue;
    const bool known = method_ ? abduction_->known(noise) && !abduction_->conditioned(noise)
                               : abduction_->known(noise) || (abduction_->untouched(noise) && !outside.contains({noise, kFactual, false}));
    if (!known) unknown.push_back(noise);
  }
  std::sort(unknown.begin(), unknown.end(), [](const Variable* a, const Variable* b) { return a->index < b->index; });
  return unknown;
}

bool QueryAnalysis::check_determined(const std::vector<ReturnItem>& returns) {
  constexpr size_t kShown = 3;  // noises explained per error: the first ones usually explain the rest
  Relevance together = new_relevance();
  for (const ReturnItem& item : returns) together.require(item.value, kFactual);
  if (!method_ && missing(together).empty()) return true;
  absl::flat_hash_set<const Variable*> reported;
  bool ok = true;
  for (size_t i = 0; i < returns.size();) {
    // The elements of a tensor that is returned whole are one result.
    const ReturnItem& item = returns[i];
    const bool whole = item.vector.has_value();
    std::vector<const Variable*> fresh;
    for (bool first = true; i < returns.size() && (first || (whole && returns[i].vector && returns[i].span == item.span && returns[i].vector->name == item.vector->name)); ++i, first = false) {
      const std::vector<const Variable*> unknown = missing_for(returns[i]);
      ok = ok && unknown.empty();
      for (const Variable* noise : unknown) {
        if (reported.insert(noise).second) fresh.push_back(noise);
      }
    }
    if (fresh.empty()) continue;  // the same noise stood in the way of an earlier result
    std::vector<std::string> noises;
    for (const Variable* noise : fresh) {
      std::string text = noise_text(noise);
      if (std::find(noises.begin(), noises.end(), text) == noises.end()) noises.push_back(std::move(text));
    }
    std::string message = absl::StrCat("`", whole ? item.vector->name : item.name, "` is not determined by the evidence: it needs ");
    for (size_t k = 0; k < noises.size() && k < kShown; ++k) {
      absl::StrAppend(&message, k == 0 ? "" : k + 1 == noises.size() ? " and " : ", ", noises[k]);
    }
    if (noises.size() > kShown) absl::StrAppend(&message, " and ", noises.size() - kShown, " more");
    auto error = diagnostics_.report(Code::A0501, item.span, std::move(message));
    if (method_) error.label(method_->span, "`exact` recovers every noise that a result needs");
    std::set<std::string> notes, reasons;
    for (size_t k = 0; k < fresh.size() && k < kShown; ++k) {
      Undetermined why = why_undetermined(graph_, ranges_, *abduction_, fresh[k]);
      if (reasons.insert(why.reason).second) error.label(why.at, why.reason);
      if (!method_ && abduction_->untouched(fresh[k])) {
        why.notes.push_back("an estimate, such as `E[…]`, `sd[…]` or `P[…]`, is over noise that the evidence says nothing about");
      }
      for (std::string& note : why.notes) {
        if (notes.insert(note).second) error.note(note);
      }
    }
  }
  return ok;
}

void QueryAnalysis::choose_recoveries(Relevance& needed) {
  std::vector<const Variable*> candidates = abduction_->overdetermined();
  auto needs = [&](const Variable* noise) { return needed.needs_noise(noise); };
  // Of noises that are solved together all are known when one is.
  auto knows = [&](const Variable* noise) {
    const Recovery* found = abduction_->recovery(noise);
    return needs(noise) || (found != nullptr && std::any_of(found->unknowns.begin(), found->unknowns.end(), needs));
  };
  auto knows_all = [&](const Variable* variable) { return std::all_of(variable->noises.begin(), variable->noises.end(), knows); };
  // A check may need a noise that lets the next one be made.
  for (bool progress = true; progress;) {
    progress = false;
    for (const Variable*& variable : candidates) {
      if (variable == nullptr || !knows_all(variable)) continue;
      needed.require({variable, kFactual, false});
      needed.require(variable->equation, kFactual);
      query_.consistency.push_back(variable);
      variable = nullptr;
      progress = true;
    }
  }
  for (const Recovery& recovery : abduction_->recoveries()) {
    if (!needed.contains({recovery.noise, kFactual, false})) continue;
    query_.recoveries.push_back(recovery);
    if (!abduction_->needs_check(recovery.from)) continue;
    query_.consistency.push_back(recovery.from);
    needed.require({recovery.from, kFactual, false});
    needed.require(recovery.from->equation, kFactual);
  }
  for (const Variable* variable : query_.model->variables) {
    if (variable->role == Variable::Role::Exo && is_drawn(variable) && !abduction_->conditioned(variable) && needed.needs_noise(variable)) query_.free_noises.push_back(variable);
  }
  std::sort(query_.consistency.begin(), query_.consistency.end(),
            [](const Variable* a, const Variable* b) { return a->index < b->index; });
}

void QueryAnalysis::choose_inputs(const Relevance& needed, bool over_rows) {
  bool column = std::any_of(query_.evidence.begin(), query_.evidence.end(),
                            [](const Evidence& evidence) { return evidence.value == nullptr; });
  for (const Node& node : needed.nodes()) column = column || graph_.origin(node) == Origin::Input;
  query_.reads_table = column;
  if (query_.shape == Query::Shape::PerRow && !column) query_.shape = Query::Shape::Once;
  if (over_rows && !column) {
    diagnostics_.report(Code::A0508, query_.span, absl::StrCat("query `", query_.name, "` summarises rows but reads no column"))
        .note("`rows.*` runs over the rows of the input table: give a variable without a value, or use an `input`; for "
              "the mean over the noise write E[...]");
  }
}

void QueryAnalysis::collect_slots(const Relevance& needed) {
  std::vector<const Expr*> roots;
  for (const Output& output : query_.outputs) roots.push_back(output.value);
  for (const Constraint* constraint : query_.constraints) {
    for (const ConstraintRow& row : constraint->rows) roots.push_back(row.residual);
  }
  for (const Node& node : needed.nodes()) {
    if (node.variable->role == Variable::Role::Exo) {
      const Support& support = node.variable->support;
      roots.insert(roots.end(), {support.low, support.high});
      if (is_drawn(node.variable)) roots.push_back(node.variable->equation);
    } else if (graph_.origin(node) == Origin::Equation) {
      roots.push_back(node.variable->equation);
    }
  }
  for (const Recovery& recovery : query_.recoveries) {
    roots.push_back(recovery.solved().equation);
    for (const Variable* equation : recovery.equations) roots.push_back(equation->equation);
    if (!recovery.conditioned) continue;
    for (const Variable* noise : recovery.unknowns) roots.push_back(noise->equation);
  }
  for (const Variable* variable : query_.consistency) roots.push_back(variable->equation);
  // What a `do` sets can be set per run, whether or not a result needs it.
  for (const World& world : query_.worlds) {
    for (const Intervention& intervention : world.interventions) roots.push_back(intervention.value);
  }

  absl::flat_hash_set<const Slot*> seen;
  query_.slots.clear();
  auto add = [&](const Slot* slot) {
    if (slot != nullptr && seen.insert(slot).second) query_.slots.push_back(slot);
  };
  for (const Slot* argument : query_.arguments) add(argument);
  for (const Evidence& evidence : query_.evidence) add(evidence.value);
  for (const Expr* node : postorder(roots)) add(node->slot);
}

}  // namespace acie::sema
