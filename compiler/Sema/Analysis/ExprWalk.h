// Walking expression DAGs. A `let` used twice is one node, and chains of lets may be deep: every walk visits a node once
// and keeps its own stack.
#pragma once

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

}  // namespace acie::sema
