// == and != of floating-point numbers: rounding decides, and for continuous quantities the answer is "no" with certainty.
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

using Kind = syntax::Expr::Kind;

/// `0`, `-1`, `2.0`, `0<m>`: a code that a variable was given, and no result of a computation.
bool is_whole_literal(const syntax::Expr& expr) {
  if (expr.kind == Kind::Unary) return is_whole_literal(*expr.operands[0]);
  if (expr.kind == Kind::Integer) return true;
  if (expr.kind != Kind::Float && expr.kind != Kind::Quantity) return false;
  const size_t point = expr.text.find_first_of(".eE");
  return point == std::string::npos || (expr.text[point] == '.' && expr.text.find_first_not_of("0_", point + 1) == std::string::npos);
}

/// A name, a field or an element: a value as it was read, whose ties are real.
bool is_read(const syntax::Expr& expr) {
  if (expr.kind == Kind::Member || expr.kind == Kind::Index) return is_read(*expr.base);
  return expr.kind == Kind::Name;
}

}  // namespace

void check_float_equality(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module == nullptr || subject.types == nullptr) return;
  // In a row of a constraint `==` holds within a tolerance.
  absl::flat_hash_set<const syntax::Expr*> rows;
  AstVisitor visitor;
  visitor.stmt = [&](const syntax::Stmt& stmt) {
    if (stmt.kind == syntax::Stmt::Kind::Row) rows.insert(stmt.value);
  };
  visitor.expr = [&](const syntax::Expr& expr) {
    const bool equality = expr.kind == Kind::Binary && (expr.binary == syntax::BinaryOp::Eq || expr.binary == syntax::BinaryOp::Ne);
    if (!equality || rows.contains(&expr) || (is_read(*expr.operands[0]) && is_read(*expr.operands[1]))) return true;
    for (const syntax::Expr* operand : expr.operands) {
      const auto* type = subject.types->find(operand->span);
      const bool is_float = type != nullptr && (type->type.scalar == ScalarKind::F64 || type->type.scalar == ScalarKind::F32);
      if (!is_float || is_whole_literal(*expr.operands[0]) || is_whole_literal(*expr.operands[1])) continue;
      const std::string text(subject.sources->text(operand->span));
      const bool equal = expr.binary == syntax::BinaryOp::Eq;
      diagnostics.report(Code::A0909, expr.span, absl::StrCat("`", equal ? "==" : "!=", "` of floating-point numbers"))
          .label(operand->span, absl::StrCat("`", text, "` is ", type->type.scalar == ScalarKind::F64 ? "f64" : "f32"))
          .note(absl::StrCat("rounding decides it; compare with a tolerance, `abs(a - b) ", equal ? "<=" : ">", " 1e-9`"));
      return true;
    }
    return true;
  };
  for (const syntax::Decl* decl : subject.texts()) walk(*decl, visitor);
}

}  // namespace acie::sema
