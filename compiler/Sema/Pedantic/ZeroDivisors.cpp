// A division by what is always zero.
#include <algorithm>

#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Pedantic/Written.h"

namespace acie::sema {
namespace {

bool is_zero(const syntax::Expr& expr) {
  using Kind = syntax::Expr::Kind;
  if (expr.kind != Kind::Integer && expr.kind != Kind::Float && expr.kind != Kind::Quantity) return false;
  const std::string digits = expr.text.substr(0, expr.text.find_first_of("eE"));
  return digits.find_first_not_of("0._") == std::string::npos;
}

}  // namespace

void check_zero_divisors(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module == nullptr) return;
  const auto report = [&](Span span) { diagnostics.report(Code::A0914, span, "this divides by zero").note("the result is infinite, or no number at all"); };
  AstVisitor visitor;
  visitor.expr = [&](const syntax::Expr& expr) {
    if (expr.kind == syntax::Expr::Kind::Binary && expr.binary == syntax::BinaryOp::Div && is_zero(*expr.operands[1])) report(expr.span);
    return true;
  };
  for (const syntax::Decl* decl : subject.texts()) walk(*decl, visitor);
  const WrittenOperations written(subject);
  for (const WrittenOperations::Place& place : written.places()) {
    if (place.op != Op::Div && place.op != Op::IDiv && place.op != Op::Mod) continue;
    const bool zero = std::all_of(place.nodes.begin(), place.nodes.end(), [&](const Expr* node) {
      const Interval divisor = written.range(node->operands[1]);
      return divisor.is_point() && divisor.low == 0;
    });
    if (zero) report(place.span);
  }
}

}  // namespace acie::sema
