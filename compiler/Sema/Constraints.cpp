// Constraints: every row as one dimensionless residual (language.md section 4).

#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/Ranges.h"
#include "compiler/Sema/Lets.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {
namespace {

using syntax::BinaryOp;

/// The terms of sums, the operands of their outermost + and -, each once.
std::vector<const Expr*> terms_of(std::vector<const Expr*> sums) {
  std::vector<const Expr*> terms;
  absl::flat_hash_set<const Expr*> seen;
  while (!sums.empty()) {
    const Expr* expr = sums.back();
    sums.pop_back();
    if (!seen.insert(expr).second) continue;
    const bool is_sum = expr->kind == Expr::Kind::Apply && (expr->op == Op::Add || expr->op == Op::Sub || expr->op == Op::Neg);
    if (is_sum) sums.insert(sums.end(), expr->operands.rbegin(), expr->operands.rend());
    else terms.push_back(expr);
  }
  return terms;
}

/// The comparison itself, which checks that the sides fit together.
Op comparison(BinaryOp op) {
  switch (op) {
    case BinaryOp::Le: return Op::Le;
    case BinaryOp::Lt: return Op::Lt;
    case BinaryOp::Ge: return Op::Ge;
    case BinaryOp::Gt: return Op::Gt;
    default: return Op::Eq;
  }
}

/// r = (left − right)/s, max(0, ·) of an inequality; null after reporting.
const Expr* residual_of(Builder& builder, BinaryOp comparison, const Value& left, const Value& right, const std::optional<Value>& relative, Span span) {
  // Both sides in the unit of the first that has one: subtraction converts.
  const bool upper = comparison == BinaryOp::Le || comparison == BinaryOp::Lt;
  const bool equal = comparison == BinaryOp::Eq;
  Value gap = upper || equal ? builder.apply(Op::Sub, {left, right}, span) : builder.apply(Op::Sub, {right, left}, span);
  if (gap.poisoned()) return nullptr;
  const Value zero = Builder::value(builder.number(0, span, gap.expr->type.unit), true);
  if (!equal) gap = builder.apply(Op::Max, {gap, zero}, span);

  Value scale;
  if (relative) {
    scale = builder.apply(Op::Abs, {builder.as_unit(*relative, gap.expr->type.unit, relative->span)}, relative->span);
    if (scale.poisoned()) return nullptr;
  } else if (!gap.expr->type.unit.is_number()) {
    for (const Expr* term : terms_of({right.expr, left.expr})) {
      const Value size = builder.apply(Op::Abs, {builder.as_unit(Builder::value(term), gap.expr->type.unit, span)}, span);
      scale = scale.poisoned() ? size : builder.apply(Op::Max, {scale, size}, span);
    }
  }
  if (scale.poisoned()) return builder.as_unit(gap, units::Unit(), span).expr;
  // Where every term is 0 the sides agree.
  const Value ratio = builder.apply(Op::Div, {gap, scale}, span);
  const Value nothing = builder.apply(Op::Eq, {scale, zero}, span);
  const Value agree = builder.apply(Op::Eq, {gap, zero}, span);
  return builder.select(builder.apply(Op::And, {nothing, agree}, span), Builder::value(builder.number(0, span), true),
                        builder.as_unit(ratio, units::Unit(), span), span).expr;
}

}  // namespace

void ModelElaborator::add_constraint(const syntax::Decl& declaration, const Module& module) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  const std::string& name = declaration.name.text;
  if (is_declared(name) || constraints_.count(name) > 0) {
    auto report = diagnostics.report(Code::A0202, declaration.name.span, absl::StrCat("`", name, "` is already declared for `", model_->name, "`"));
    if (const auto entry = entries_.find(name); entry != entries_.end() && entry->second.stmt != nullptr) report.label(entry->second.stmt->names[0].span, "first declared here");
    return;
  }
  Constraint* constraint = elaborator_.program().make<Constraint>();
  constraint->name = name;
  constraint->doc = declaration.doc;
  constraint->span = declaration.name.span;

  Scope scope(scope_.get(), &module);
  for (const syntax::Stmt* stmt : declaration.body) {
    if (stmt->kind == syntax::Stmt::Kind::Let) {
      if (names_a_value(*stmt, "a constraint", diagnostics)) scope.bind(stmt->names[0].text, elaborator_.expression(*stmt->value, scope));
      else for (const syntax::Name& name : stmt->names) scope.bind(name.text, Value{});
      continue;
    }
    const syntax::Expr& text = *stmt->value;
    const bool compares = text.kind == syntax::Expr::Kind::Binary &&
                          (text.binary == BinaryOp::Eq || text.binary == BinaryOp::Le || text.binary == BinaryOp::Lt ||
                           text.binary == BinaryOp::Ge || text.binary == BinaryOp::Gt);
    if (!compares) {
      diagnostics.report(Code::A0602, text.span, "a row of a constraint compares two sides").note("write `a == b`, `a <= b` or `a >= b`");
      continue;
    }
    const Value left = elaborator_.number(*text.operands[0], scope), right = elaborator_.number(*text.operands[1], scope);
    if (left.poisoned() || right.poisoned()) continue;
    // Of tensors every element is a row of its own.
    const Value compared = builder.apply(comparison(text.binary), {left, right}, text.span);
    if (compared.poisoned()) continue;
    Value relative;
    if (stmt->relative != nullptr) {
      relative = elaborator_.number(*stmt->relative, scope);
      if (relative.poisoned()) continue;
    }
    double tolerance = 1e-9;
    if (stmt->tolerance != nullptr) {
      const auto written = elaborator_.constant(*stmt->tolerance, scope, plain(ScalarKind::F64), "a tolerance");
      if (!written) continue;
      if (!(*written >= 0)) {
        diagnostics.report(Code::A0306, stmt->tolerance->span, "a tolerance is not negative");
        continue;
      }
      tolerance = *written;
    }
    std::vector<Value> operands{left, right};
    if (stmt->relative != nullptr) operands.push_back(relative);
    const auto add = [&](std::vector<Value> at) {
      const Expr* residual = residual_of(builder, text.binary, at[0], at[1], at.size() > 2 ? std::optional(at[2]) : std::nullopt, text.span);
      if (residual == nullptr) return Value{};
      if (!residual->type.shape.empty()) {
        const Expr* sizes = builder.apply(Op::Abs, {Builder::value(residual)}, text.span).expr;
        residual = builder.fold_axes(Folding::Max, sizes, sizes->type.shape.size(), text.span);
      }
      constraint->rows.push_back({residual, tolerance, stmt->span});
      return Builder::value(residual);
    };
    if (compared.is_tensor() || relative.is_tensor()) builder.elementwise(operands, text.span, "==", add);
    else add(std::move(operands));
  }
  if (constraint->rows.empty()) return;
  constraints_[name] = constraint;
  model_->constraints.push_back(constraint);
}

void ModelElaborator::add_ranges() {
  Builder& builder = elaborator_.builder();
  const Ranges values(*model_);
  for (const Variable* variable : model_->variables) {
    const std::optional<Range>& range = variable->type.range;
    if (variable->role != Variable::Role::Var || !range || variable->type.finite != nullptr) continue;
    const Interval of = values.of(variable->equation);
    if (of.high < range->low || of.low > range->high) {
      const auto text = [](double bound) { return absl::StrCat(bound); };
      elaborator_.diagnostics()
          .report(Code::A0306, variable->equation->span, absl::StrCat("`", variable->name, "` lies in ", text(range->low), "..", text(range->high), ", and this gives values in ", text(of.low), "..", text(of.high)))
          .label(variable->span, "declared here");
      continue;
    }
    Constraint* constraint = elaborator_.program().make<Constraint>();
    constraint->name = absl::StrCat("range of ", variable->name);
    constraint->range_of = variable;
    constraint->span = variable->span;
    Type type = variable->type;
    type.range.reset();
    const Value value = Builder::value(builder.variable(variable, kThisWorld, variable->span));
    for (const auto& [bound, comparison] : {std::pair(range->low, BinaryOp::Ge), std::pair(range->high, BinaryOp::Le)}) {
      if (!std::isfinite(bound)) continue;
      const Value end = Builder::value(builder.number(bound, variable->span, type.unit));
      const Expr* residual = residual_of(builder, comparison, value, end, std::nullopt, variable->span);
      if (!residual->type.shape.empty()) residual = builder.fold_axes(Folding::Max, residual, residual->type.shape.size(), variable->span);
      constraint->rows.push_back({residual, 1e-9, variable->span});
    }
    if (!constraint->rows.empty()) model_->constraints.push_back(constraint);
  }
}

}  // namespace acie::sema
