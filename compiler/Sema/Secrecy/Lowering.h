// Expressions over a graph's values to its operations.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Builder.h"
#include "compiler/Sema/Secrecy/GraphBuilder.h"

namespace acie::sema {

/// What a slot of an expression stands for in a graph: a value; or what is made at any party, as a constant is: one that is exact
/// at `scale`, or draws.
struct GraphLeaf {
  int value = -1;
  const Expr* fixed = nullptr;  // fixed(constant or draws, scale:)
  Scale scale;
  std::string draws;  // of the noise of this name
};
using GraphLeaves = std::map<const Slot*, GraphLeaf>;

/// Whether element i of a view is element i of its operand.
bool is_reshape(const Expr& view);

class Lowering {
 public:
  Lowering(GraphBuilder& builder, Builder& expressions, const GraphLeaves& leaves) : b_(builder), expressions_(expressions), leaves_(leaves) {}

  /// The party where an expression is computed: `wanted`, else where its plaintexts are, else where its ciphertexts are; null for
  /// constants. Reports plaintexts of several parties that meet.
  std::optional<const Party*> place(const std::vector<const Expr*>& exprs, const Party* wanted, Span use);

  /// The value of `expr`, computed at `party`. Nothing after reporting.
  /// `use`: where it is needed, for errors.
  std::optional<int> lower(const Expr* expr, const Party* party, Span use);

 private:
  using Made = GraphBuilder::Made;
  Made compute(const Expr& expr);
  Made operand(const Expr* expr);
  Made leaf(const Expr& expr);
  int set_per_run(const Slot& slot);
  Made apply(const Expr& expr);
  Made exact_apply(const Expr& expr, std::vector<int> operands);
  Made plain_apply(const Expr& expr, std::vector<int> operands);
  Made view(const Expr& expr);
  Made fold(const Expr& expr);
  // ---- LoweringLinear.cpp
  Made contract(const Expr& expr);
  /// One matrix [m, k] times another, [k, n].
  Made product(int a, const Shape& shape_a, int b, const Shape& shape_b, Span span);
  Made routine(const Expr& expr);
  Made plain_routine(const Expr& expr, std::vector<int> operands);
  Made prefix_sums(const Expr& expr, int of);
  Made not_in_scheme(const Expr& expr, int encrypted, const std::string& what, const std::string& instead);
  Made not_built(const Expr& expr, const std::string& what);

  GraphBuilder& b_;
  Builder& expressions_;
  const GraphLeaves& leaves_;
  const Party* party_ = nullptr;
  Span use_;  // of the operation whose operands are looked up
  std::map<std::pair<const Expr*, const Party*>, int> made_;
  std::map<std::pair<const Slot*, const Party*>, int> set_;
  std::map<std::pair<std::string, const Party*>, int> drawn_;
};

}  // namespace acie::sema
