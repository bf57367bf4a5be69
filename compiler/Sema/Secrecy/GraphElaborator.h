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
#include "compiler/Sema/Secrecy/QueryCall.h"

namespace acie::sema {

class GraphElaborator : public GraphMeanings {
 public:
  GraphElaborator(Elaborator& elaborator, SecrecyDeclarations& declarations, const SourceManager& sources, const syntax::Decl& decl, const Module& module);

  /// The checked graph; null after reporting.
  const Graph* run();

  Value at_party(const syntax::Expr& expr, const Scope& scope) override;
  Value graph_call(const std::string& word, const syntax::Expr& call, const Scope& scope) override;
  Value query_call(const syntax::Decl& query, const syntax::Expr& call, const Scope& scope) override;
  Value graph_invocation(const syntax::Decl& graph, const syntax::Expr& call, const Scope& scope) override;

  Builder& expressions() { return elaborator_.builder(); }
  /// Plaintexts rounded to multiples of `scale`, as factors.
  Value fixed_at(const Value& v, const Scale& scale, Span span);

 private:
  bool parameter(const syntax::Parameter& parameter, Scope& scope);
  Value statements(const syntax::Block& block, Scope& scope);
  bool results(const Value& value);
  /// `under k` of a type: a key for numbers that are computed with; null after reporting.
  const Key* key_of_type(const syntax::Type& type);

  // ---- StoredCiphers.cpp: ciphertexts that a party keeps from run to run
  bool cipher_parameter(const syntax::Parameter& parameter, GraphInput input, const Type& element, const Shape& shape, Scope& scope);
  bool cipher_result(int id, GraphOutput output, const syntax::Type& type, const std::optional<Range>& range, Span span);
  /// Whether value `id` is encrypted under `key`, at the scale that its type names where it does.
  bool encrypted_under(int id, const Key& key, const syntax::Type& type, const Scope& scope, Span span);
  /// Whether an encrypted value counts in the steps that its type names, where it does.
  bool scale_as_written(int id, const syntax::Type& type, const Scope& scope, Span span);

  // ---- GraphInvocation.cpp
  std::optional<int> as_declared(int id, const std::string& name, const syntax::Type& type, const Party* party, const std::optional<Range>& range, const Scope& scope, Span span);
  bool within(int id, const Range& range, const syntax::Type& type, Span span);
  Value invoked_argument(const syntax::Parameter& parameter, const syntax::Expr& text, const Scope& scope, const Scope& own, const std::string& graph);
  Value invoked_result(const Value& value, const std::string& name, const syntax::Type& type, const Party* all, Span span);

  // ---- GraphQueries.cpp
  Value draws(const Noise& noise, const Shape& shape, Span span);
  bool give(const QueryCall::Parameter& parameter, const syntax::Expr& text, const Query& query, const Scope& scope, std::map<std::string, QueryCall::Given>& given);

  bool result(const std::string& name, const Value& value, const syntax::Type* type, const Party* party, Span span);

  // ---- GraphCalls.cpp
  Value encrypt(const syntax::Expr& call, const Scope& scope);
  Value decrypt(const syntax::Expr& call, const Scope& scope);
  Value reveal(const syntax::Expr& call, const Scope& scope);
  Value fixed(const syntax::Expr& call, const Scope& scope);
  Value fingerprint(const syntax::Expr& call, const Scope& scope);
  Value top_k(const syntax::Expr& call, const Scope& scope);
  Value container(const syntax::Expr& call, const Scope& scope, bool seal);
  /// Arguments by these names, the first `needed` of which must be there; null for those left out.
  std::optional<std::vector<const syntax::Expr*>> arguments(const syntax::Expr& call, const std::vector<std::string>& names, size_t needed, std::string word = {});
  std::optional<Scale> scale(const syntax::Expr& text, const Scope& scope);
  const Key* key_argument(const syntax::Expr& text, const Scope& scope);
  /// What a value is made of, computed: numbers and tensors at one party. Nothing for constants where `at` is null, and after
  /// reporting (`failed`).
  std::optional<int> computed(const Value& v, const Party* at, Span use, bool& failed);
  /// The number of `expr`, whose loops are written out, computed at `party`; nothing after reporting.
  std::optional<int> lowered(const Expr* expr, const Party* party, Span use);
  /// The same value, its parts computed where they belong; `name` is what the program calls it.
  Value materialised(const Value& v, const std::string& name, const Party* at, Span use);
  Value value_of(int id, const Type& type, Span span);
  /// A type without `at` and `under`.
  static syntax::Type bare(const syntax::Type& type);
  static bool is_bytes(const syntax::Type& type);
  bool annotated(const Value& v, const syntax::Type& type, const Scope& scope, Span use);

  Elaborator& elaborator_;
  SecrecyDeclarations& declarations_;
  const syntax::Decl& decl_;
  const Module& module_;
  Graph* graph_;
  GraphBuilder builder_;
  GraphLeaves leaves_;
  Lowering lowering_;
  const Party* here_ = nullptr;  // of the `at` around
  std::vector<const syntax::Decl*> within_;  // this graph, and those it called to get here
};

}  // namespace acie::sema
