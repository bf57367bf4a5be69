#include "compiler/Sema/Derivation.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprText.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

constexpr size_t kLongest = 72;  // of a derivation: more is not read

std::string with_unit(const std::string& text, const Type& type) {
  const std::string unit = type.unit.to_string();
  return unit == "1" ? text : absl::StrCat(text, "<", unit, ">");
}

int precedence(Op op) {
  switch (op) {
    case Op::Add: case Op::Sub: return 1;
    case Op::Mul: case Op::Div: return 2;
    case Op::Neg: return 3;
    case Op::Pow: return 4;
    default: return 5;
  }
}

/// The expression with every operand that has a unit followed by it, as far as the operations derive units.
std::string annotated(const Expr* expr, int depth, int at_least) {
  switch (expr->kind) {
    case Expr::Kind::Variable: case Expr::Kind::Natural: return with_unit(expr->variable->name, expr->type);
    case Expr::Kind::Slot: return with_unit(expr->slot->name, expr->type);
    case Expr::Kind::Constant: return with_unit(to_text(expr), expr->type);
    case Expr::Kind::Apply: break;
    default: return to_text(expr, nullptr, 2);
  }
  if (depth == 0) return with_unit("…", expr->type);
  const auto operand = [&](size_t i, int bound) { return annotated(expr->operands[i], depth - 1, bound); };
  const int own = precedence(expr->op);
  std::string text;
  switch (expr->op) {
    case Op::Add: case Op::Sub: case Op::Mul: case Op::Div:
      text = absl::StrCat(operand(0, own), " ", spelling(expr->op), " ", operand(1, own + 1));
      break;
    case Op::Pow: text = absl::StrCat(operand(0, own + 1), "^", operand(1, own)); break;
    case Op::Neg: text = absl::StrCat("-", operand(0, own)); break;
    case Op::Sqrt: case Op::Cbrt: case Op::Abs: return absl::StrCat(spelling(expr->op), "(", operand(0, 0), ")");
    default: return with_unit(to_text(expr, nullptr, 2), expr->type);
  }
  return own < at_least ? absl::StrCat("(", text, ")") : text;
}

}  // namespace

std::string derivation(const Expr* expr) {
  const std::string type = to_string(expr->type);
  if (expr->kind == Expr::Kind::Variable || expr->kind == Expr::Kind::Natural) return absl::StrCat("`", expr->variable->name, "` is `", type, "`");
  if (expr->kind == Expr::Kind::Slot) return absl::StrCat("`", expr->slot->name, "` is `", type, "`");
  std::string text = absl::StrCat("this is `", type, "`");
  if (expr->kind != Expr::Kind::Apply) return text;
  const std::string how = annotated(expr, 4, 0);
  if (how.size() <= kLongest && how.find('<') != std::string::npos) absl::StrAppend(&text, ": ", how);
  return text;
}

}  // namespace acie::sema
