// What means something inside graphs only; the Elaborator asks here while it elaborates one.
#pragma once

#include <optional>
#include <string>

#include "compiler/Sema/Symbols.h"

namespace acie::sema {

class GraphMeanings {
 public:
  virtual ~GraphMeanings() = default;
  /// `at p { … }`
  virtual Value at_party(const syntax::Expr& expr, const Scope& scope) = 0;
  /// encrypt(…), decrypt(…) and the like.
  virtual Value graph_call(const std::string& word, const syntax::Expr& call, const Scope& scope) = 0;
  /// A query as a function of its evidence.
  virtual Value query_call(const syntax::Decl& query, const syntax::Expr& call, const Scope& scope) = 0;
  /// Another graph, whose statements stand here.
  virtual Value graph_invocation(const syntax::Decl& graph, const syntax::Expr& call, const Scope& scope) = 0;
};

/// Whether `name` is such a function of graphs.
bool is_graph_call(const std::string& name);

}  // namespace acie::sema
