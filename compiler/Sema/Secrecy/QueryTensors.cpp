// Tensors in a query that a graph calls: linear maps of what is encrypted, and any of plaintexts.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/GraphBuilder.h"
#include "compiler/Sema/Secrecy/QueryCall.h"

namespace acie::sema {
namespace {

using Kind = Expr::Kind;

/// Whether a graph computes it, and what it is called where not.
std::string not_built(const Expr& expr) {
  switch (expr.kind) {
    case Kind::View: case Kind::Gather: case Kind::Concat: case Kind::Fold: case Kind::Contract: case Kind::Places: return "";
    case Kind::RowReduce: return "summaries of rows";
    case Kind::Routine: return "solving, sorting and transforms";
    case Kind::Loop: case Kind::Bound: case Kind::Last: case Kind::Every: return "steps one after the other";
    case Kind::Extern: return "modules of other libraries";
    default: return "such values";
  }
}

/// Whether it is linear in operand `position`, the others being plain.
bool linear_in(const Expr& expr, size_t position) {
  switch (expr.kind) {
    case Kind::View: case Kind::Gather: return position == 0;
    case Kind::Fold: return expr.folding == Folding::Sum;
    case Kind::Contract: return true;
    default: return false;
  }
}

}  // namespace

std::optional<int> QueryCall::mapped(const Expr& expr, size_t position, int id, const Value* scale, const std::vector<Affine>& operands) {
  std::vector<const Expr*> plain(operands.size(), nullptr);
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i != position) plain[i] = builder_.as_whole(operands[i].rest, expr.operands[i]->type.shape);
  }
  const Expr* by = scale != nullptr ? builder_.as_whole(*scale, scale->shape) : nullptr;
  const Expr* beside = operands.size() == 2 ? plain[1 - position] : nullptr;
  const auto [known, first] = mapped_.try_emplace({&expr, id, by, beside}, static_cast<int>(bases_.size()));
  if (!first) return known->second;
  Base made = base(id);
  made.family.clear();
  const auto factor = [&](const Expr* v) {
    ++made.factors;
    return factors_(Builder::whole(v, expr.span), GraphBuilder::kFactorBits, expr.span);
  };
  if (by != nullptr) {
    const Value fixed = factor(by);
    if (fixed.poisoned()) return std::nullopt;
    made.value = builder_.apply(Op::Mul, {fixed, made.value}, expr.span);
  }
  Expr image = expr;
  image.operands = plain;
  image.operands[position] = builder_.as_whole(made.value, expr.operands[position]->type.shape);
  if (expr.kind == Kind::Contract) {
    const Value matrix = factor(beside);
    if (matrix.poisoned()) return std::nullopt;
    image.operands[1 - position] = matrix.expr;
  }
  made.value = Builder::whole(builder_.program().make(std::move(image)), expr.span);
  bases_.push_back(std::move(made));
  return known->second;
}

std::optional<QueryCall::Affine> QueryCall::tensor_map(const Expr& expr, WorldId world) {
  if (const std::string what = not_built(expr); !what.empty()) {
    builder_.diagnostics().report(Code::A0704, expr.span, absl::StrCat(what, " in a query that a graph calls are not built yet"));
    return std::nullopt;
  }
  std::vector<Affine> operands;
  std::optional<size_t> encrypted;
  for (size_t i = 0; i < expr.operands.size(); ++i) {
    auto made = of(expr.operands[i], world);
    if (!made) return made;
    operands.push_back(*std::move(made));
    if (operands.back().coefficients.empty()) continue;
    if (encrypted || !linear_in(expr, i)) return refuse(expr, operands.back());
    encrypted = i;
  }
  Affine result;
  if (encrypted) {
    for (const auto& [id, coefficient] : operands[*encrypted].coefficients) {
      const bool varies = coefficient.is_tensor();
      const auto image = mapped(expr, *encrypted, id, varies ? &coefficient : nullptr, operands);
      if (!image) return std::nullopt;
      result.coefficients[*image] = varies ? Builder::value(builder_.number(1, expr.span), true) : coefficient;
    }
    if (operands[*encrypted].rest.poisoned()) return result;
  }
  Expr rest = expr;
  for (size_t i = 0; i < rest.operands.size(); ++i) rest.operands[i] = builder_.as_whole(operands[i].rest, expr.operands[i]->type.shape);
  result.rest = Builder::whole(builder_.program().make(std::move(rest)), expr.span);
  return result;
}

}  // namespace acie::sema
