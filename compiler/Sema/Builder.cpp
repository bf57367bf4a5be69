#include "compiler/Sema/Builder.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Derivation.h"
#include "compiler/Sema/Fold.h"

namespace acie::sema {
namespace {

enum class Group { Arithmetic, Rounding, Function, Special, Compare, Logic, Choice, Cast };

Group group_of(Op op) {
  static constexpr Group kGroups[] = {
#define ACIE_OP(name, spelling, arity, group) Group::group,
#include "compiler/Sema/Ops.def"
  };
  return kGroups[static_cast<size_t>(op)];
}

int rank(ScalarKind kind) {
  switch (kind) {
    case ScalarKind::Bool: return 0;
    case ScalarKind::I32: return 1;
    case ScalarKind::I64: return 2;
    case ScalarKind::F32: return 3;
    case ScalarKind::F64: return 4;
    case ScalarKind::Str: return -1;
  }
  return -1;
}

bool has_unit(const Value& v) { return v.expr->type.unit.to_string() != "1"; }

std::string derivation(const Value& v) { return derivation(v.expr); }

std::string what_it_is(const Value& v) {
  switch (v.kind) {
    case Value::Kind::World: return "this is a world, not a value";
    case Value::Kind::Constraint: return "this is a constraint, not a value";
    case Value::Kind::ModuleName: return "this is a module, not a value";
    case Value::Kind::Function: return "this is a function, not a value";
    default: return "this is a declaration, not a value";
  }
}

std::string how_to_use(const Value& v) {
  switch (v.kind) {
    case Value::Kind::World: return "its variables are values, `world.x`";
    case Value::Kind::ModuleName: return "its declarations are values, `module.name`";
    case Value::Kind::Function: return "call it with its arguments, `f(x)`";
    default: return "expected a number here";
  }
}

}  // namespace

Value Builder::value(const Expr* expr, bool literal) {
  Value v;
  v.kind = Value::Kind::Number;
  v.expr = expr;
  v.literal = literal;
  v.span = expr->span;
  return v;
}

const Expr* Builder::number(double value, Span span, units::Unit unit) {
  Expr expr;
  expr.kind = Expr::Kind::Constant;
  expr.type = plain(ScalarKind::F64);
  expr.type.unit = std::move(unit);
  expr.number = value;
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::integer(int64_t value, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Constant;
  expr.type = plain(ScalarKind::I64);
  expr.integer = value;
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::truth(bool value, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Constant;
  expr.type = plain(ScalarKind::Bool);
  expr.integer = value ? 1 : 0;
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::variable(const Variable* variable, WorldId world, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Variable;
  expr.type = variable->type;
  expr.variable = variable;
  expr.world = world;
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::natural(const Variable* variable, WorldId world, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Natural;
  expr.type = variable->type;
  expr.variable = variable;
  expr.world = world;
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::slot(const Slot* slot, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Slot;
  expr.type = slot->type;
  expr.slot = slot;
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::present(const Slot* slot, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Present;
  expr.type = plain(ScalarKind::Bool);
  expr.slot = slot;
  expr.span = span;
  return program_.make(std::move(expr));
}

const Expr* Builder::noise(const Noise* noise, Span span, const Shape& shape) {
  Expr expr;
  expr.kind = Expr::Kind::Noise;
  expr.type = plain(ScalarKind::F64);
  expr.type.shape = shape;
  expr.noise = noise;
  expr.span = span;
  return program_.make(std::move(expr));
}

/// An operation on constant tensors and numbers, element by element.
std::optional<Expr> Builder::fold_elements(const Expr& apply) {
  const auto known = [](const Expr* e) { return e->kind == Expr::Kind::Dense || e->kind == Expr::Kind::Constant; };
  if (!std::all_of(apply.operands.begin(), apply.operands.end(), known)) return std::nullopt;
  Expr result;
  result.kind = Expr::Kind::Dense;
  result.type = apply.type;
  result.span = apply.span;
  Expr::Elements elements;
  for (int64_t i = 0; i < element_count(apply.type.shape); ++i) {
    Expr one = apply;
    one.type.shape.clear();
    std::vector<Expr> operands(apply.operands.size());
    for (size_t k = 0; k < operands.size(); ++k) {
      operands[k] = element_of(*apply.operands[k], i);
      one.operands[k] = &operands[k];
    }
    const auto folded = fold(one);
    if (!folded) return std::nullopt;
    elements.numbers.push_back(*constant_value(&*folded));
  }
  result.elements = std::make_shared<const Expr::Elements>(std::move(elements));
  return result;
}

const Expr* Builder::node(Op op, Type type, std::vector<const Expr*> operands, Span span) {
  Expr expr;
  expr.kind = Expr::Kind::Apply;
  expr.op = op;
  expr.type = std::move(type);
  expr.type.range.reset();
  if (op != Op::Select) expr.type.finite = nullptr;
  expr.type.shape.clear();
  expr.operands = std::move(operands);
  expr.span = span;
  for (const Expr* operand : expr.operands) {
    if (operand->type.shape.empty()) continue;
    if (expr.type.shape.empty()) expr.type.shape = operand->type.shape;
    if (expr.type.shape == operand->type.shape) continue;
    diagnostics_.report(Code::A0701, span, absl::StrCat("tensors of the shapes ", to_string(expr.type.shape), " and ", to_string(operand->type.shape), " meet in one element"))
        .note(absl::StrCat("what runs over more than ", kUnrolled, " elements is computed in one loop, whose body is made of numbers so far"));
    return number(0, span, expr.type.unit);
  }
  if (auto folded = fold_places(expr)) return program_.make(*std::move(folded));
  if (auto folded = expr.type.shape.empty() ? fold(expr) : fold_elements(expr)) return program_.make(*std::move(folded));
  return program_.make(std::move(expr));
}

bool Builder::require_number(const Value& v) {
  switch (v.kind) {
    case Value::Kind::Number: return true;
    case Value::Kind::Poison: return false;
    case Value::Kind::Law:
      diagnostics_.report(Code::A0211, v.span, "a law is not a value: nothing has been drawn from it")
          .note("draw from it with `exo u ~ …` or `var x ~ …`");
      return false;
    case Value::Kind::Tensor:
      diagnostics_.report(Code::A0312, v.span, absl::StrCat("one number is meant here, and this is a tensor of shape ", to_string(v.shape)))
          .note("`x[i]` is an element, `sum(x)` and `max(x)` make one number of many, `map(x, f)` applies a function to each");
      return false;
    case Value::Kind::Record:
      diagnostics_.report(Code::A0304, v.span, "a number is meant here, and this is a record").note("`r.name` is a field");
      return false;
    default:
      diagnostics_.report(Code::A0209, v.span, what_it_is(v)).note(how_to_use(v));
      return false;
  }
}

const Expr* Builder::convert_scalar(const Expr* expr, ScalarKind kind, Span span) {
  if (expr->type.scalar == kind) return expr;
  Type type = expr->type;
  type.scalar = kind;
  return node(Op::Convert, std::move(type), {expr}, span);
}

const Expr* Builder::scale(const Expr* expr, const units::Unit& to, Span span) {
  const auto factor = units::conversion_factor(expr->type.unit, to);
  const Expr* scaled = expr;
  if (factor && *factor != 1) {
    const Expr* multiplier = number(*factor, span);
    if (expr->type.scalar == ScalarKind::F32) multiplier = convert_scalar(multiplier, ScalarKind::F32, span);
    scaled = node(Op::Mul, expr->type, {convert_scalar(expr, expr->type.scalar == ScalarKind::F32 ? ScalarKind::F32 : ScalarKind::F64, span), multiplier}, span);
    Expr retyped = *scaled;
    if (!is_float(retyped.type.scalar)) retyped.type.scalar = ScalarKind::F64;
    retyped.type.unit = to;
    return program_.make(std::move(retyped));
  }
  if (expr->type.unit.to_string() == to.to_string()) return expr;
  Expr retyped = *scaled;
  retyped.type.unit = to;
  return program_.make(std::move(retyped));
}

void Builder::report_units(const Value& a, const Value& b, const std::string& message, Span span) {
  const units::Unit &ua = a.expr->type.unit, &ub = b.expr->type.unit;
  auto report = diagnostics_.report(Code::A0302, span, message)
                    .label(a.span, derivation(a))
                    .label(b.span, derivation(b));
  if (ua.dimension().same_quantity(ub.dimension())) {
    report.note("`mag` and `dex` mark different kinds of number and never mix");
  } else {
    report.note(absl::StrCat("in base units: ", ua.dimension().to_string(), " against ", ub.dimension().to_string()));
    // A bare number beside a quantity is nearly always a forgotten unit.
    for (const auto& [number, other] : {std::pair(&a, &ub), std::pair(&b, &ua)}) {
      if (number->expr->kind != Expr::Kind::Constant || number->expr->type.unit.to_string() != "1") continue;
      const Span end{number->span.file, number->span.end, number->span.end};
      report.fix(end, absl::StrCat("<", other->to_string(), ">"), "give the number a unit", Applicability::MaybeIncorrect);
    }
  }
}

bool Builder::unify(std::vector<Value>& operands, bool to_float, Op op, Span span) {
  for (const Value& v : operands) {
    if (!require_number(v)) return false;
  }
  // Values of one finite type stand beside each other as they are.
  for (const Value& v : operands) {
    if (v.expr->type.finite == operands[0].expr->type.finite) continue;
    diagnostics_.report(Code::A0304, span, absl::StrCat("`", to_string(operands[0].expr->type), "` and `", to_string(v.expr->type), "` are different types"))
        .label(operands[0].span, derivation(operands[0]))
        .label(v.span, derivation(v));
    return false;
  }
  if (operands[0].expr->type.finite != nullptr) return true;
  ScalarKind common = ScalarKind::Bool;
  bool any = false;
  for (const Value& v : operands) {
    if (v.literal && rank(v.expr->type.scalar) <= rank(ScalarKind::I64)) continue;  // fits any numeric type
    if (v.literal) continue;
    if (!any || rank(v.expr->type.scalar) > rank(common)) common = v.expr->type.scalar;
    any = true;
  }
  for (const Value& v : operands) {
    if (!v.literal) continue;
    if (!any || (is_float(v.expr->type.scalar) && !is_float(common))) {
      if (!any || rank(v.expr->type.scalar) > rank(common)) common = v.expr->type.scalar;
      any = true;
    }
  }
  if (common == ScalarKind::Bool) common = ScalarKind::I64;  // a bool counts as 0 or 1
  if (to_float && !is_float(common)) common = ScalarKind::F64;
  for (Value& v : operands) v.expr = convert_scalar(v.expr, common, v.span);
  return true;
}

bool Builder::unify_units(std::vector<Value>& operands, Op op, Span span) {
  const Value* lead = &operands[0];
  for (const Value& v : operands) {
    if (!lead->expr->type.unit.is_one() || has_unit(*lead)) break;
    if (!v.expr->type.unit.is_one() || has_unit(v)) lead = &v;
  }
  const units::Unit unit = lead->expr->type.unit;
  const Value first = *lead;
  for (Value& v : operands) {
    if (!units::compatible(v.expr->type.unit, unit)) {
      const Value& a = operands[0];
      const Value& b = operands.size() > 1 && &v == &operands[0] ? operands[1] : v;
      const std::string message = absl::StrCat("`", spelling(op), "` needs both sides in one dimension, and `", a.expr->type.unit.to_string(),
                                               "` is not that of `", b.expr->type.unit.to_string(), "`");
      report_units(a, b, message, span);
      return false;
    }
    v.expr = scale(v.expr, unit, v.span);
  }
  // A conversion may have made a float of an integer.
  return unify(operands, false, op, span);
}

Value Builder::apply(Op op, std::vector<Value> operands, Span span) {
  if (std::any_of(operands.begin(), operands.end(), [](const Value& v) { return v.is_tensor(); })) {
    return elementwise(operands, span, spelling(op), [&](std::vector<Value> at) { return apply(op, std::move(at), span); });
  }
  for (const Value& v : operands) {
    if (!require_number(v)) return Value{};
  }
  bool literal = true;
  for (const Value& v : operands) literal = literal && v.literal;
  Value result;
  if (op != Op::Eq && op != Op::Ne && op != Op::Select && !require_no_finite(operands, op)) return Value{};
  switch (group_of(op)) {
    case Group::Arithmetic: result = arithmetic(op, std::move(operands), span); break;
    case Group::Rounding: {
      if (!unify(operands, op != Op::Abs, op, span)) return Value{};
      result = value(node(op, operands[0].expr->type, {operands[0].expr}, span));
      break;
    }
    case Group::Function:
    case Group::Special: result = function(op, std::move(operands), span); break;
    case Group::Compare: {
      const bool logical = operands[0].expr->type.scalar == ScalarKind::Bool && operands.back().expr->type.scalar == ScalarKind::Bool;
      if (logical && (op == Op::Eq || op == Op::Ne)) {
        result = value(node(op, plain(ScalarKind::Bool), {operands[0].expr, operands[1].expr}, span));
        break;
      }
      if (!unify(operands, op == Op::IsNan, op, span) || !unify_units(operands, op, span)) return Value{};
      std::vector<const Expr*> exprs;
      for (const Value& v : operands) exprs.push_back(v.expr);
      result = value(node(op, plain(ScalarKind::Bool), std::move(exprs), span));
      break;
    }
    case Group::Logic: {
      std::vector<const Expr*> exprs;
      for (const Value& v : operands) {
        if (v.expr->type.scalar != ScalarKind::Bool) {
          diagnostics_.report(Code::A0308, v.span, absl::StrCat("`", spelling(op), "` works on truth values"))
              .label(v.span, derivation(v))
              .note("write a comparison, such as `x > 0`");
          return Value{};
        }
        exprs.push_back(v.expr);
      }
      result = value(node(op, plain(ScalarKind::Bool), std::move(exprs), span));
      break;
    }
    case Group::Choice: return select(operands[0], operands[1], operands[2], span);
    case Group::Cast: return Value{};
  }
  result.literal = literal && !result.poisoned();
  result.span = span;
  return result;
}

bool Builder::require_no_finite(const std::vector<Value>& operands, Op op) {
  for (const Value& v : operands) {
    if (v.expr->type.finite == nullptr) continue;
    diagnostics_.report(Code::A0304, v.span, absl::StrCat("`", spelling(op), "` works on numbers, and this is a `", to_string(v.expr->type), "`"))
        .note(is_text(v.expr->type) ? "compare it, `x == \"M31\"`" : absl::StrCat("compare it, `x == ", v.expr->type.finite->values[0], "`, or take an element for it, `table[x]`"));
    return false;
  }
  return true;
}

Value Builder::arithmetic(Op op, std::vector<Value> operands, Span span) {
  switch (op) {
    case Op::Neg:
      if (!unify(operands, false, op, span)) return Value{};
      return value(node(op, operands[0].expr->type, {operands[0].expr}, span));
    case Op::Add: case Op::Sub: case Op::Min: case Op::Max: case Op::Mod:
      if (!unify(operands, false, op, span) || !unify_units(operands, op, span)) return Value{};
      return value(node(op, operands[0].expr->type, {operands[0].expr, operands[1].expr}, span));
    case Op::Mul: case Op::Div: {
      if (!unify(operands, op == Op::Div, op, span)) return Value{};
      Type type = operands[0].expr->type;
      const units::Unit &a = operands[0].expr->type.unit, &b = operands[1].expr->type.unit;
      const auto unit = op == Op::Mul ? units::multiply(a, b) : units::divide(a, b);
      if (!unit) {
        diagnostics_.report(Code::A0302, span, "the unit of this result is out of range").label(operands[0].span, derivation(operands[0])).label(operands[1].span, derivation(operands[1]));
        return Value{};
      }
      type.unit = *unit;
      return value(node(op, std::move(type), {operands[0].expr, operands[1].expr}, span));
    }
    case Op::IDiv: {
      if (!unify(operands, false, op, span)) return Value{};
      if (is_float(operands[0].expr->type.scalar)) {
        diagnostics_.report(Code::A0304, span, "`div` divides integers").note("`/` divides numbers; floor(x / y) rounds down");
        return Value{};
      }
      return value(node(op, operands[0].expr->type, {operands[0].expr, operands[1].expr}, span));
    }
    case Op::Sqrt: case Op::Cbrt: {
      if (!unify(operands, true, op, span)) return Value{};
      Type type = operands[0].expr->type;
      const auto unit = units::power(type.unit, *units::Rational::make(1, op == Op::Sqrt ? 2 : 3));
      if (unit) type.unit = *unit;
      return value(node(op, std::move(type), {operands[0].expr}, span));
    }
    default: return power(operands[0], operands[1], span);
  }
}

Value Builder::power(const Value& base, const Value& exponent, Span span) {
  std::vector<Value> operands{base, exponent};
  if (!unify(operands, true, Op::Pow, span)) return Value{};
  const units::Unit none;
  if (!exponent.expr->type.unit.is_number()) {
    diagnostics_.report(Code::A0303, exponent.span, "an exponent is a plain number").label(exponent.span, derivation(exponent));
    return Value{};
  }
  operands[1].expr = scale(operands[1].expr, none, exponent.span);
  Type type = operands[0].expr->type;
  if (!type.unit.is_one()) {
    const auto constant = constant_value(operands[1].expr);
    const auto rational = constant ? as_rational(*constant) : std::nullopt;
    if (!rational && !type.unit.is_number()) {
      diagnostics_.report(Code::A0305, exponent.span, "a power of a value with a unit needs a constant rational exponent")
          .label(base.span, derivation(base))
          .note("divide by a unit first, as in `(x / 1<m>)^p`");
      return Value{};
    }
    if (!rational) {
      operands[0].expr = scale(operands[0].expr, none, base.span);
      type = operands[0].expr->type;
    } else if (const auto unit = units::power(type.unit, *rational)) {
      type.unit = *unit;
    }
  }
  return value(node(Op::Pow, std::move(type), {operands[0].expr, operands[1].expr}, span));
}

Value Builder::function(Op op, std::vector<Value> operands, Span span) {
  if (!unify(operands, true, op, span)) return Value{};
  if (op == Op::Atan2) {
    if (!unify_units(operands, op, span)) return Value{};
  } else {
    for (Value& v : operands) {
      if (!v.expr->type.unit.is_number()) {
        diagnostics_.report(Code::A0303, v.span, absl::StrCat("`", spelling(op), "` takes a plain number, and this has the unit `", v.expr->type.unit.to_string(), "`"))
            .label(v.span, derivation(v))
            .note(absl::StrCat("divide by a unit first, as in `", spelling(op), "(x / 1<", v.expr->type.unit.to_string(), ">)`"));
        return Value{};
      }
      v.expr = scale(v.expr, units::Unit(), v.span);
    }
  }
  std::vector<const Expr*> exprs;
  for (const Value& v : operands) exprs.push_back(v.expr);
  return value(node(op, plain(operands[0].expr->type.scalar), std::move(exprs), span));
}

Value Builder::select(const Value& condition, const Value& then, const Value& otherwise, Span span) {
  if (condition.is_tensor() || then.is_tensor() || otherwise.is_tensor()) {
    return elementwise({condition, then, otherwise}, span, "if", [&](std::vector<Value> at) { return select(at[0], at[1], at[2], span); });
  }
  if (!require_number(condition) || !require_number(then) || !require_number(otherwise)) return Value{};
  if (condition.expr->type.scalar != ScalarKind::Bool) {
    diagnostics_.report(Code::A0308, condition.span, "a condition is a truth value").label(condition.span, derivation(condition)).note("write a comparison, such as `x > 0`");
    return Value{};
  }
  std::vector<Value> branches{then, otherwise};
  const bool logical = then.expr->type.scalar == ScalarKind::Bool && otherwise.expr->type.scalar == ScalarKind::Bool;
  if (!logical && (!unify(branches, false, Op::Select, span) || !unify_units(branches, Op::Select, span))) return Value{};
  if (const auto known = constant_value(condition.expr)) return *known != 0 ? branches[0] : branches[1];
  return value(node(Op::Select, branches[0].expr->type, {condition.expr, branches[0].expr, branches[1].expr}, span));
}

Value Builder::as_unit(const Value& v, const units::Unit& unit, Span span) {
  if (v.is_tensor()) return elementwise({v}, span, "as", [&](std::vector<Value> at) { return as_unit(at[0], unit, span); });
  if (!require_number(v)) return Value{};
  if (!units::compatible(v.expr->type.unit, unit)) {
    diagnostics_.report(Code::A0302, span, absl::StrCat("`", v.expr->type.unit.to_string(), "` cannot be converted to `", unit.to_string(), "`"))
        .label(v.span, derivation(v))
        .note(absl::StrCat("in base units: ", v.expr->type.unit.dimension().to_string(), " against ", unit.dimension().to_string()));
    return Value{};
  }
  const Expr* expr = is_float(v.expr->type.scalar) ? v.expr : convert_scalar(v.expr, ScalarKind::F64, span);
  Value result = value(scale(expr, unit, span));
  result.span = span;
  return result;
}

Value Builder::as_scalar(const Value& v, ScalarKind kind, Span span) {
  if (v.is_tensor()) return elementwise({v}, span, "as", [&](std::vector<Value> at) { return as_scalar(at[0], kind, span); });
  if (!require_number(v)) return Value{};
  if (kind == ScalarKind::Str && is_text(v.expr->type)) return v;
  if (kind == ScalarKind::Str || is_text(v.expr->type)) {
    diagnostics_.report(Code::A0304, span, "text and numbers do not convert into each other");
    return Value{};
  }
  const Expr* converted = convert_scalar(v.expr, kind, span);
  if (converted->type.finite != nullptr) {  // its place
    Expr place = *converted;
    place.type.finite = nullptr;
    converted = program_.make(std::move(place));
  }
  Value result = value(converted);
  result.span = span;
  return result;
}

Value Builder::coerce(const Value& v, const Type& to, Span span, const std::string& what) {
  if (v.is_tensor()) return elementwise({v}, span, what, [&](std::vector<Value> at) { return coerce(at[0], to, span, what); });
  if (!require_number(v)) return Value{};
  const Type& from = v.expr->type;
  const auto mismatch = [&] {
    diagnostics_.report(Code::A0304, v.span, absl::StrCat(what, " is `", to_string(to), "`, and this is `", to_string(from), "`"));
    return Value{};
  };
  if ((to.scalar == ScalarKind::Bool) != (from.scalar == ScalarKind::Bool) && to.scalar == ScalarKind::Bool) return mismatch();
  if (to.finite != from.finite) return mismatch();
  if (!is_float(to.scalar) && is_float(from.scalar)) {
    const auto constant = v.literal ? constant_value(v.expr) : std::nullopt;
    if (!constant || *constant != std::trunc(*constant) || !(std::abs(*constant) < 0x1p63)) {
      diagnostics_.report(Code::A0304, v.span, absl::StrCat(what, " is `", to_string(to), "`, and this is `", to_string(from), "`"))
          .note("convert with floor(x) as i64, or declare it f64");
      return Value{};
    }
  }
  if (!units::compatible(from.unit, to.unit)) {
    diagnostics_.report(Code::A0302, v.span, absl::StrCat(what, " is in `", to.unit.to_string(), "`, and this is in `", from.unit.to_string(), "`"))
        .label(v.span, derivation(v))
        .note(absl::StrCat("in base units: ", to.unit.dimension().to_string(), " against ", from.unit.dimension().to_string()));
    return Value{};
  }
  const Expr* expr = v.expr;
  if (is_float(to.scalar)) {
    expr = convert_scalar(expr, to.scalar, v.span);
    expr = scale(expr, to.unit, v.span);
  } else {
    expr = convert_scalar(expr, to.scalar, v.span);
  }
  Value result = value(expr, v.literal);
  result.span = v.span;
  return within(result, to.range, what) ? result : Value{};
}

bool Builder::within(const Value& v, const std::optional<Range>& range, const std::string& what) {
  const auto known = range && v.kind == Value::Kind::Number ? constant_value(v.expr) : std::nullopt;
  if (!known) return true;
  // 70<%> is a little more than 0.7: conversions round.
  const auto slack = [](double bound) { return std::isfinite(bound) ? 1e-12 * std::abs(bound) : 0.0; };
  if (!(*known < range->low - slack(range->low)) && !(*known > range->high + slack(range->high))) return true;
  diagnostics_.report(Code::A0306, v.span, absl::StrCat(what, " lies in ", absl::StrCat(range->low), "..", absl::StrCat(range->high), ", and this is ", absl::StrCat(*known)));
  return false;
}

const Expr* Builder::in_world(const Expr* expr, WorldId world) {
  // As it is: a copy at every mention would double a chain of `let`s at every step.
  if (world == kThisWorld) return expr;
  std::unordered_map<const Expr*, const Expr*> done;
  const std::function<const Expr*(const Expr*)> copy = [&](const Expr* e) -> const Expr* {
    if (const auto found = done.find(e); found != done.end()) return found->second;
    const Expr* result = e;
    if (e->kind == Expr::Kind::Variable && e->world == kThisWorld) {
      Expr moved = *e;
      moved.world = world;
      result = program_.make(std::move(moved));
    } else if (!e->operands.empty()) {
      std::vector<const Expr*> operands;
      for (const Expr* operand : e->operands) operands.push_back(copy(operand));
      if (operands != e->operands) {
        Expr moved = *e;
        moved.operands = std::move(operands);
        result = program_.make(std::move(moved));
      }
    }
    return done[e] = result;
  };
  return copy(expr);
}

Value Builder::in_world(const Value& v, WorldId world) {
  if (world == kThisWorld) return v;
  if (v.is_number() || v.is_whole()) {
    Value moved = v;
    moved.expr = in_world(v.expr, world);
    return moved;
  }
  if (v.items == nullptr) return v;
  Value moved = v;
  std::vector<Value> items;
  items.reserve(v.items->size());
  for (const Value& item : *v.items) items.push_back(in_world(item, world));
  moved.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return moved;
}

}  // namespace acie::sema
