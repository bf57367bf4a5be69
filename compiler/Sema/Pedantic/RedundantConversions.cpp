// `x as f64` of an f64, `x as <km>` of what is in km.
#include <string>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

using Kind = syntax::Expr::Kind;

const char* name_of(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::F64: return "f64";
    case ScalarKind::F32: return "f32";
    case ScalarKind::I64: return "i64";
    case ScalarKind::I32: return "i32";
    default: return "";
  }
}

bool is_literal(const syntax::Expr& expr) {
  return expr.kind == Kind::Integer || expr.kind == Kind::Float || (expr.kind == Kind::Unary && is_literal(*expr.operands[0]));
}

}  // namespace

void check_redundant_conversions(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module == nullptr || subject.types == nullptr) return;
  AstVisitor visitor;
  visitor.expr = [&](const syntax::Expr& expr) {
    if (expr.kind != Kind::ConvertType && expr.kind != Kind::ConvertUnit) return true;
    const syntax::Expr& operand = *expr.operands[0];
    const auto* before = subject.types->find(operand.span);
    const auto* after = subject.types->find(expr.span);
    if (before == nullptr || after == nullptr || is_literal(operand)) return true;
    std::string what;
    if (expr.kind == Kind::ConvertType) {
      what = name_of(before->type.scalar);
      if (what != expr.text) return true;
    } else {
      if (!(before->type.unit == after->type.unit) || before->type.scalar != after->type.scalar) return true;
      what = absl::StrCat("in `", expr.unit->text, "`");
    }
    // From behind the operand to before the parentheses that the whole may stand in.
    Span rest{expr.span.file, operand.span.end, expr.span.end};
    while (rest.begin < rest.end && (subject.sources->text(rest).back() == ')' || subject.sources->text(rest).back() == ' ')) --rest.end;
    diagnostics.report(Code::A0911, expr.span, absl::StrCat("this is ", what, " already"))
        .fix(rest, "", "leave the conversion out", Applicability::MachineApplicable);
    return true;
  };
  for (const syntax::Decl* decl : subject.texts()) {
    // What a generic function is called with may differ from call to call.
    if (decl->generics.empty()) walk(*decl, visitor);
  }
}

}  // namespace acie::sema
