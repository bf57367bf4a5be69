// A `graph` with parties: its parameters, statements and results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/Secrecy/Declarations.h"
#include "compiler/Sema/Secrecy/GraphBuilder.h"
#include "compiler/Sema/Secrecy/GraphMeanings.h"
#include "compiler/Sema/Secrecy/Lowering.h"

namespace acie::sema {

class GraphElaborator : public GraphMeanings {
 public:
  GraphElaborator(Elaborator& elaborator, SecrecyDeclarations& declarations, const SourceManager& sources, const syntax::Decl& decl, const Module& module);

  /// The checked graph; null after reporting.
  const Graph* run();

  Value at_party(const syntax::Expr& expr, const Scope& scope) override;
  Value graph_call(const std::string& word, const syntax::Expr& call, const Scope& scope) override;
  Value query_call(const syntax::Decl& query, const syntax::Expr& call, const Scope& scope) override;

 private:
  bool parameter(const syntax::Parameter& parameter, Scope& scope);
  Value statements(const syntax::Block& block, Scope& scope);
  bool results(const Value& value);
  bool result(const std::string& name, const Value& value, const syntax::Type* type, const Party* party, Span span);

  // ---- GraphCalls.cpp
  Value encrypt(const syntax::Expr& call, const Scope& scope);
  Value decrypt(const syntax::Expr& call, const Scope& scope);
  Value reveal(const syntax::Expr& call, const Scope& scope);
  Value fixed(const syntax::Expr& call, const Scope& scope);
  Value fingerprint(const syntax::Expr& call, const Scope& scope);
  Value top_k(const syntax::Expr& call, const Scope& scope);
  Value fixed_at(const Value& v, const Scale& scale, Span span);
  Value container(const syntax::Expr& call, const Scope& scope, bool seal);
  /// Arguments by these names, the first `needed` of which must be there; null for those left out.
  std::optional<std::vector<const syntax::Expr*>> arguments(const syntax::Expr& call, const std::vector<std::string>& names, size_t needed, std::string word = {});
  std::optional<Scale> scale(const syntax::Expr& text, const Scope& scope);
  const Key* key_argument(const syntax::Expr& text, const Scope& scope);
  /// What a value is made of, computed: numbers and tensors at one party. Nothing for constants where `at` is null, and after
  /// reporting (`failed`).
  std::optional<int> computed(const Value& v, const Party* at, Span use, bool& failed);
  /// The same value, its parts computed where they belong; `name` is what the program calls it.
  Value materialised(const Value& v, const std::string& name, const Party* at, Span use);
  Value value_of(int id, const Type& type, Span span);
  /// A type without `at` and `under`.
  static syntax::Type bare(const syntax::Type& type);
  bool annotated(const Value& v, const syntax::Type& type, Span use);

  Elaborator& elaborator_;
  SecrecyDeclarations& declarations_;
  const syntax::Decl& decl_;
  const Module& module_;
  Graph* graph_;
  GraphBuilder builder_;
  GraphLeaves leaves_;
  Lowering lowering_;
  const Party* here_ = nullptr;  // of the `at` around
};

}  // namespace acie::sema
