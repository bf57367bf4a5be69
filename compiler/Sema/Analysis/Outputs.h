// From what `return` says to the columns of the answer: which results are random, what is estimated over the draws,
// what is summed over the table, and in which stage every operation runs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/Sema/Program.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

/// One item of `return`.
struct ReturnItem {
  std::string name;             // of the column: `name =`, else the expression's text
  const Expr* value = nullptr;  // references carry their world
  bool draws = false;           // stands inside draws[…]
  Span span;
  std::optional<VectorElement> vector = std::nullopt;  // of a tensor that is returned whole
};

struct OutputPlan {
  std::vector<Output> outputs;
  bool ok = false;          // false: reported
  bool draws_rows = false;  // draws[…]
  bool once = false;        // every output is over the table
  bool random = false;      // some output depends on the draws
  bool over_rows = false;   // some output is over the table
};

struct OutputContext {
  Query::Mode mode = Query::Mode::Evidence;
  /// Whether a Variable or Natural node differs from draw to draw.
  std::function<bool(const Expr*)> is_random;
  /// Draws are made anyway, because a checked constraint is random.
  bool draws_for_constraints = false;
};

/// Builds the outputs; reports what cannot be answered (A0504–A0512).
///
/// Stages: operands of estimators are Inner. What stands over estimators, and what is determined in an answer that has
/// draws, is Row; it never depends on a noise. What stands over `rows.*` is Table. Where nothing is random, all but the
/// Table part is Inner. An estimate is of f64; its operand is f64, of Probability bool.
OutputPlan plan_outputs(const std::vector<ReturnItem>& returns, const OutputContext& context, Program& program,
                        DiagnosticEngine& diagnostics);

}  // namespace acie::sema
