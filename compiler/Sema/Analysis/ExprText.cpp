#include "compiler/Sema/Analysis/ExprText.h"

#include <charconv>
#include <cstddef>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

// Binding strength, as in language.md section 2; functions and leaves bind tightest.
enum Strength { kIf, kOr, kAnd, kNot, kCompare, kSum, kProduct, kUnary, kPower, kTightest };

Strength strength(const Expr& expr) {
  if (expr.kind != Expr::Kind::Apply) return kTightest;
  switch (expr.op) {
    case Op::Select: return kIf;
    case Op::Or: return kOr;
    case Op::And: return kAnd;
    case Op::Not: return kNot;
    case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::Gt: case Op::Ge: return kCompare;
    case Op::Add: case Op::Sub: return kSum;
    case Op::Mul: case Op::Div: return kProduct;
    case Op::Neg: return kUnary;
    case Op::Pow: return kPower;
    default: return kTightest;
  }
}

class Printer {
 public:
  Printer(const Expr* root, const Variable* focus) : focused_(focus != nullptr) {
    if (!focused_) return;
    for (const Expr* node : postorder(root)) {
      bool mentions = node->kind == Expr::Kind::Variable && node->variable == focus;
      for (const Expr* operand : node->operands) mentions = mentions || mentions_[operand];
      mentions_[node] = mentions;
    }
  }

  std::string print(const Expr& expr, int depth, int at_least) const {
    bool leaf = expr.operands.empty();
    if (!leaf && (depth <= 0 || (focused_ && !mentions_.at(&expr)))) return "…";
    std::string text = body(expr, depth);
    return strength(expr) < at_least ? absl::StrCat("(", text, ")") : text;
  }

 private:
  std::string body(const Expr& expr, int depth) const {
    switch (expr.kind) {
      case Expr::Kind::Constant: return constant(expr);
      case Expr::Kind::Variable: return expr.variable->name;
      case Expr::Kind::Natural: return expr.variable->name;
      case Expr::Kind::Noise: return expr.noise->name;
      case Expr::Kind::Slot: return expr.slot->name;
      case Expr::Kind::Present: return absl::StrCat(expr.slot->name, " is set");
      case Expr::Kind::Estimate: return estimate(expr, depth);
      case Expr::Kind::RowReduce: {
        static constexpr std::string_view names[] = {"mean", "sum", "var", "min", "max", "count"};
        return call(absl::StrCat("rows.", text(names[static_cast<int>(expr.reducer)])), expr, depth);
      }
      case Expr::Kind::Apply: return application(expr, depth);
      case Expr::Kind::Dense: return expr.elements->numbers.empty() ? "[]" : absl::StrCat("[", number_text(expr.elements->numbers[0]), ", …]");
      case Expr::Kind::Places: return "places";
      case Expr::Kind::View: return expr.type.shape.empty() && !expr.operands[0]->type.shape.empty() ? absl::StrCat(print(*expr.operands[0], depth, kTightest), "[…]") : print(*expr.operands[0], depth, kIf);
      case Expr::Kind::Gather: return call("gather", expr, depth);
      case Expr::Kind::Concat: return call("concat", expr, depth);
      case Expr::Kind::Fold: {
        static constexpr std::string_view names[] = {"sum", "prod", "min", "max", "any", "all"};
        return call(names[static_cast<int>(expr.folding)], expr, depth);
      }
      case Expr::Kind::Extern: return call("extern", expr, depth);
      case Expr::Kind::Contract: return absl::StrCat(print(*expr.operands[0], depth - 1, kTightest), " @ ", print(*expr.operands[1], depth - 1, kTightest));
      case Expr::Kind::Loop:
      case Expr::Kind::Bound: return "…";
      case Expr::Kind::Last: return "fold(…)";
      case Expr::Kind::Every: return "scan(…)";
      case Expr::Kind::Routine: return call(routines::kRoutineNames[static_cast<size_t>(expr.routine)], expr, depth);
    }
    return "…";
  }

  static absl::string_view text(std::string_view view) { return {view.data(), view.size()}; }

  static std::string constant(const Expr& expr) {
    if (expr.type.scalar == ScalarKind::Bool) return expr.integer != 0 ? "true" : "false";
    if (is_text(expr.type)) return absl::StrCat("\"", expr.type.finite->values[static_cast<size_t>(expr.integer)], "\"");
    bool is_float = expr.type.scalar == ScalarKind::F64 || expr.type.scalar == ScalarKind::F32;
    return is_float ? number_text(expr.number) : absl::StrCat(expr.integer);
  }

  std::string call(std::string_view name, const Expr& expr, int depth) const {
    std::string out = absl::StrCat(text(name), "(");
    for (size_t i = 0; i < expr.operands.size(); ++i) {
      absl::StrAppend(&out, i == 0 ? "" : ", ", print(*expr.operands[i], depth - 1, kIf));
    }
    return out + ")";
  }

  std::string estimate(const Expr& expr, int depth) const {
    static constexpr std::string_view names[] = {"E", "P", "Var", "sd", "Q"};
    std::string level = expr.estimator == Estimator::Quantile ? number_text(expr.level) + "; " : "";
    return absl::StrCat(text(names[static_cast<int>(expr.estimator)]), "[", level,
                        print(*expr.operands[0], depth - 1, kIf), "]");
  }

  std::string application(const Expr& expr, int depth) const {
    auto operand = [&](size_t i, int at_least) { return print(*expr.operands[i], depth - 1, at_least); };
    Strength own = strength(expr);
    switch (own) {
      case kIf: return absl::StrCat("if ", operand(0, kOr), " then ", operand(1, kOr), " else ", operand(2, kIf));
      case kNot: return absl::StrCat("not ", operand(0, kNot));
      case kUnary: return absl::StrCat("-", operand(0, kUnary));
      case kPower: return absl::StrCat(operand(0, kTightest), "^", operand(1, kUnary));
      case kTightest:
        if (expr.op == Op::Convert) return operand(0, kIf);
        return call(op_spelling(expr.op), expr, depth);
      default:
        return absl::StrCat(operand(0, own), " ", text(op_spelling(expr.op)), " ", operand(1, own + 1));
    }
  }

  bool focused_;
  absl::flat_hash_map<const Expr*, bool> mentions_;
};

}  // namespace

std::string to_text(const Expr* expr, const Variable* focus, int depth) {
  return Printer(expr, focus).print(*expr, depth, kIf);
}

std::string number_text(double value) {
  char buffer[40];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, end.ptr);
}

std::string in_world(const Query& query, WorldId world, const Variable* variable) {
  if (world < 0 || static_cast<size_t>(world) >= query.worlds.size()) return variable->name;
  const std::string& name = query.worlds[world].name;
  return name.empty() ? variable->name : absl::StrCat(name, ".", variable->name);
}

}  // namespace acie::sema
