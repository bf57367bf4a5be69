// `x - x`, `x == x`, `a and a`, `if c then x else x`: one of the two was meant to be something else.
#include <string>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

using Kind = syntax::Expr::Kind;
using syntax::BinaryOp;

/// Sums, products and powers of a thing with itself are what they say.
bool is_suspect(BinaryOp op) {
  switch (op) {
    case BinaryOp::Sub: case BinaryOp::Div: case BinaryOp::Eq: case BinaryOp::Ne: case BinaryOp::Lt: case BinaryOp::Le:
    case BinaryOp::Gt: case BinaryOp::Ge: case BinaryOp::And: case BinaryOp::Or: return true;
    default: return false;
  }
}

std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') out += c;
  }
  return out;
}

}  // namespace

void check_repeated_operands(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module == nullptr || subject.sources == nullptr) return;
  const auto same = [&](const syntax::Expr& a, const syntax::Expr& b) {
    // Each call of a mechanism has parameters of its own.
    const auto is_call = [](const syntax::Expr& part) { return part.kind == Kind::Call || part.kind == Kind::Pipe; };
    // `inf - inf` is how "no value" is written.
    const auto is_name = [](const syntax::Expr& part) { return part.kind == Kind::Name && part.name.text != "inf"; };
    return any_expr(a, is_name) && !any_expr(a, is_call) && without_blanks(subject.sources->text(a.span)) == without_blanks(subject.sources->text(b.span));
  };
  AstVisitor visitor;
  visitor.expr = [&](const syntax::Expr& expr) {
    if (expr.kind == Kind::Binary && is_suspect(expr.binary) && same(*expr.operands[0], *expr.operands[1])) {
      diagnostics.report(Code::A0912, expr.span, absl::StrCat("both sides of `", std::string(subject.sources->text(expr.op_span)), "` are the same"));
    } else if (expr.kind == Kind::If && same(*expr.operands[1], *expr.operands[2])) {
      diagnostics.report(Code::A0912, expr.span, "both branches are the same").label(expr.operands[0]->span, "this condition decides nothing");
    } else if (expr.kind == Kind::Call && expr.base->kind == Kind::Name && (expr.base->name.text == "min" || expr.base->name.text == "max") &&
               expr.args.size() == 2 && !expr.args[0].generator && !expr.args[1].name && same(*expr.args[0].value, *expr.args[1].value)) {
      diagnostics.report(Code::A0912, expr.span, absl::StrCat("both arguments of `", expr.base->name.text, "` are the same"));
    }
    return true;
  };
  for (const syntax::Decl* decl : subject.texts()) walk(*decl, visitor);
}

}  // namespace acie::sema
