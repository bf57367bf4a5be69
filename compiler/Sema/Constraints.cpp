// Constraints: every row as one dimensionless residual (language.md section 4).

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {
namespace {

using syntax::BinaryOp;

/// The terms of a sum: the operands of its outermost + and -.
void terms_of(const Expr* expr, std::vector<const Expr*>& terms) {
  if (expr->kind == Expr::Kind::Apply && (expr->op == Op::Add || expr->op == Op::Sub)) {
    for (const Expr* operand : expr->operands) terms_of(operand, terms);
  } else if (expr->kind == Expr::Kind::Apply && expr->op == Op::Neg) {
    terms_of(expr->operands[0], terms);
  } else {
    terms.push_back(expr);
  }
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

}  // namespace

void ModelElaborator::add_constraint(const syntax::Decl& declaration, const Module& module) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  const std::string& name = declaration.name.text;
  if (entries_.count(name) + lets_.count(name) + learnt_.count(name) + constraints_.count(name) > 0) {
    auto report = diagnostics.report(Code::A0202, declaration.name.span, absl::StrCat("`", name, "` is already declared for `", model_->name, "`"));
    if (const auto entry = entries_.find(name); entry != entries_.end()) report.label(entry->second.variable->span, "first declared here");
    return;
  }
  Constraint* constraint = elaborator_.program().make<Constraint>();
  constraint->name = name;
  constraint->doc = declaration.doc;
  constraint->span = declaration.name.span;

  Scope scope(scope_.get(), &module);
  for (const syntax::Stmt* stmt : declaration.body) {
    if (stmt->kind == syntax::Stmt::Kind::Let) {
      scope.bind(stmt->names[0].text, elaborator_.number(*stmt->value, scope));
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
    if (builder.apply(comparison(text.binary), {left, right}, text.span).poisoned()) continue;

    // Both sides in the unit of the first that has one: subtraction converts.
    const bool upper = text.binary == BinaryOp::Le || text.binary == BinaryOp::Lt;
    const bool equal = text.binary == BinaryOp::Eq;
    Value gap = upper || equal ? builder.apply(Op::Sub, {left, right}, text.span) : builder.apply(Op::Sub, {right, left}, text.span);
    if (gap.poisoned()) continue;
    const Value zero = Builder::value(builder.number(0, text.span, gap.expr->type.unit), true);
    if (!equal) gap = builder.apply(Op::Max, {gap, zero}, text.span);

    Value scale;
    if (stmt->relative != nullptr) {
      scale = elaborator_.number(*stmt->relative, scope);
      if (scale.poisoned()) continue;
      scale = builder.apply(Op::Abs, {builder.as_unit(scale, gap.expr->type.unit, stmt->relative->span)}, stmt->relative->span);
      if (scale.poisoned()) continue;
    } else if (!gap.expr->type.unit.is_number()) {
      std::vector<const Expr*> terms;
      terms_of(left.expr, terms);
      terms_of(right.expr, terms);
      for (const Expr* term : terms) {
        const Value size = builder.apply(Op::Abs, {builder.as_unit(Builder::value(term), gap.expr->type.unit, text.span)}, text.span);
        scale = scale.poisoned() ? size : builder.apply(Op::Max, {scale, size}, text.span);
      }
    }
    ConstraintRow row;
    row.span = stmt->span;
    if (scale.poisoned()) {
      row.residual = builder.as_unit(gap, units::Unit(), text.span).expr;
    } else {
      // Where every term is 0 the sides agree.
      const Value ratio = builder.apply(Op::Div, {gap, scale}, text.span);
      const Value nothing = builder.apply(Op::Eq, {scale, zero}, text.span);
      const Value agree = builder.apply(Op::Eq, {gap, zero}, text.span);
      row.residual = builder.select(builder.apply(Op::And, {nothing, agree}, text.span), Builder::value(builder.number(0, text.span), true),
                                    builder.as_unit(ratio, units::Unit(), text.span), text.span).expr;
    }
    if (stmt->tolerance != nullptr) {
      const auto tolerance = elaborator_.constant(*stmt->tolerance, scope, plain(ScalarKind::F64), "a tolerance");
      if (!tolerance) continue;
      if (!(*tolerance >= 0)) {
        diagnostics.report(Code::A0306, stmt->tolerance->span, "a tolerance is not negative");
        continue;
      }
      row.tolerance = *tolerance;
    }
    constraint->rows.push_back(row);
  }
  if (constraint->rows.empty()) return;
  constraints_[name] = constraint;
  model_->constraints.push_back(constraint);
}

}  // namespace acie::sema
