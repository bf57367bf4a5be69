// The decisions on one query whose statements are sound, in order: mode, results, abduction, constraints, what is read.
#pragma once

#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "compiler/Sema/Analysis/Abduction.h"
#include "compiler/Sema/Analysis/Analysis.h"
#include "compiler/Sema/Analysis/Relevance.h"

namespace acie::sema {

class QueryAnalysis {
 public:
  QueryAnalysis(Program& program, Query& query, const WorldGraph& graph, const std::optional<MethodClause>& method,
                DiagnosticEngine& diagnostics);

  bool run(std::vector<ReturnItem> returns);

 private:
  Relevance new_relevance() const;
  void add_kept(const Node& node, std::vector<Node>& inputs) const;
  void require_constraint(const Constraint& constraint, Relevance& relevance) const;
  std::vector<const Variable*> missing(const Relevance& relevance) const;
  std::vector<const Variable*> missing_for(const ReturnItem& item) const;
  bool is_drawn(const Variable* noise) const;
  static std::vector<Node> outside_estimates(const Expr* value);
  /// What depends on a noise that the evidence does not determine.
  absl::flat_hash_set<Node> undetermined(const Relevance& relevance) const;

  void choose_constraints(const std::vector<ReturnItem>& returns);
  bool choose_outputs(const std::vector<ReturnItem>& returns);
  bool check_determined(const std::vector<ReturnItem>& returns);
  void choose_recoveries(Relevance& needed);
  void choose_inputs(const Relevance& needed, bool over_rows);
  void collect_slots(const Relevance& needed);

  Program& program_;
  Query& query_;
  const WorldGraph& graph_;
  const std::optional<MethodClause>& method_;
  DiagnosticEngine& diagnostics_;
  Ranges ranges_;
  std::optional<Abduction> abduction_;  // Mode::Evidence
  bool over_rows_ = false;
};

}  // namespace acie::sema
