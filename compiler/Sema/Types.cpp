#include "compiler/Sema/Types.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace acie::sema {

std::string_view to_string(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::F64: return "f64";
    case ScalarKind::F32: return "f32";
    case ScalarKind::I64: return "i64";
    case ScalarKind::I32: return "i32";
    case ScalarKind::Bool: return "bool";
    case ScalarKind::Str: return "str";
  }
  return "";
}

std::optional<ScalarKind> scalar_kind(std::string_view name) {
  for (const ScalarKind kind : {ScalarKind::F64, ScalarKind::F32, ScalarKind::I64, ScalarKind::I32, ScalarKind::Bool, ScalarKind::Str}) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string to_string(const Type& type) {
  if (type.finite != nullptr) return type.finite->name;
  std::string out(to_string(type.scalar));
  if (const std::string unit = type.unit.to_string(); unit != "1") absl::StrAppend(&out, "<", unit, ">");
  return out;
}

Type plain(ScalarKind kind) {
  Type type;
  type.scalar = kind;
  return type;
}

std::optional<double> constant_value(const Expr* expr) {
  if (expr->kind != Expr::Kind::Constant) return std::nullopt;
  return is_float(expr->type.scalar) ? expr->number : static_cast<double>(expr->integer);
}

std::optional<units::Rational> as_rational(double x) {
  for (int denominator = 1; denominator <= 64; ++denominator) {
    const double numerator = std::round(x * denominator);
    if (std::abs(numerator) < 1e6 && numerator / denominator == x) {
      return units::Rational::make(static_cast<int64_t>(numerator), denominator);
    }
  }
  return std::nullopt;
}

}  // namespace acie::sema
