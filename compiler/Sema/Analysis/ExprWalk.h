// Walking expression DAGs. A `let` used twice is one node, and chains of lets may be deep: every walk visits a node once
// and keeps its own stack.
#pragma once

#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "compiler/Sema/Program.h"

namespace acie::sema {

/// Every node reachable from `roots`, each once, operands before the nodes that use them; a noise's shape counts as its
/// operand. Null roots are skipped.
std::vector<const Expr*> postorder(absl::Span<const Expr* const> roots);
std::vector<const Expr*> postorder(const Expr* root);

/// Variable and Natural nodes of an expression, in the order in which they are first met reading left to right.
std::vector<const Expr*> references(absl::Span<const Expr* const> roots);
std::vector<const Expr*> references(const Expr* root);

/// Whether two expressions are the same by their form: equal operations on equal leaves, constants by their bits.
bool same_expression(const Expr* a, const Expr* b);

/// The expressions with other nodes in place of those for which `instead` gives one: nodes above are made again in `program`,
/// the rest is shared. What stands in for a node is not looked into.
std::vector<const Expr*> replaced(absl::Span<const Expr* const> roots, const std::function<const Expr*(const Expr&)>& instead, Program& program);

}  // namespace acie::sema
