// A condition that is always true or always false: by its literals, or by what is declared of the variables it reads.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Pedantic/Written.h"

namespace acie::sema {
namespace {

/// Made of literals and operators alone.
bool is_literal(const syntax::Expr& expr) {
  using Kind = syntax::Expr::Kind;
  return !any_expr(expr, [](const syntax::Expr& part) {
    return part.kind != Kind::Integer && part.kind != Kind::Float && part.kind != Kind::Quantity && part.kind != Kind::Boolean &&
           part.kind != Kind::Unary && part.kind != Kind::Binary;
  });
}

}  // namespace

void check_constant_conditions(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module == nullptr) return;
  const auto literal = [&](const syntax::Expr* condition) {
    if (condition != nullptr && is_literal(*condition)) diagnostics.report(Code::A0910, condition->span, "this condition is the same every time");
  };
  AstVisitor visitor;
  visitor.expr = [&](const syntax::Expr& expr) {
    if (expr.kind == syntax::Expr::Kind::If) literal(expr.operands[0]);
    if (expr.generator) literal(expr.generator->condition);
    return true;
  };
  visitor.stmt = [&](const syntax::Stmt& stmt) { literal(stmt.condition); };
  for (const syntax::Decl* decl : subject.texts()) walk(*decl, visitor);

  const WrittenOperations written(subject);
  for (const WrittenOperations::Place& place : written.places()) {
    if (place.op != Op::Select) continue;
    const auto always = [&](double truth) {
      return std::all_of(place.nodes.begin(), place.nodes.end(), [&](const Expr* node) {
        const Interval condition = written.range(node->operands[0]);
        // `sign` and the like have conditions that nobody wrote.
        return condition.is_point() && condition.low == truth && !(node->operands[0]->span == place.span);
      });
    };
    const bool is_true = always(1), is_false = always(0);
    if (!is_true && !is_false) continue;
    diagnostics.report(Code::A0910, place.nodes[0]->operands[0]->span, absl::StrCat("this condition is always ", is_true ? "true" : "false"))
        .note("the declared ranges of what it reads imply it");
  }
}

}  // namespace acie::sema
