#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/Secrecy/GraphMeanings.h"
#include "fast_float/fast_float.h"

namespace acie::sema {
namespace {

using syntax::BinaryOp;
using Kind = syntax::Expr::Kind;

std::optional<Op> operation(BinaryOp op) {
  switch (op) {
    case BinaryOp::Add: return Op::Add;
    case BinaryOp::Sub: return Op::Sub;
    case BinaryOp::Mul: return Op::Mul;
    case BinaryOp::Div: return Op::Div;
    case BinaryOp::Pow: return Op::Pow;
    case BinaryOp::Eq: return Op::Eq;
    case BinaryOp::Ne: return Op::Ne;
    case BinaryOp::Lt: return Op::Lt;
    case BinaryOp::Le: return Op::Le;
    case BinaryOp::Gt: return Op::Gt;
    case BinaryOp::Ge: return Op::Ge;
    case BinaryOp::And: return Op::And;
    case BinaryOp::Or: return Op::Or;
    case BinaryOp::MatMul: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Estimator> estimator(const std::string& name) {
  if (name == "E") return Estimator::Mean;
  if (name == "P") return Estimator::Probability;
  if (name == "Var") return Estimator::Variance;
  if (name == "sd") return Estimator::StdDev;
  if (name == "Q") return Estimator::Quantile;
  return std::nullopt;
}

/// What a condition says of the steps of an `over` whose number is read at start, by comparing them with integers: the least
/// of them where it holds, and where it does not.
struct StepBounds {
  std::string name;
  Value steps;
  std::array<double, 2> least;
};

std::optional<StepBounds> bound_steps(const syntax::Expr& condition, const Scope& scope) {
  using syntax::BinaryOp;
  if (condition.kind != syntax::Expr::Kind::Binary) return std::nullopt;
  if (condition.binary == BinaryOp::And || condition.binary == BinaryOp::Or) {
    const auto left = bound_steps(*condition.operands[0], scope), right = bound_steps(*condition.operands[1], scope);
    if (!left && !right) return std::nullopt;
    // Both parts hold on one side; on the other one of them may be as it likes.
    const size_t both = condition.binary == BinaryOp::And ? 0 : 1;
    StepBounds result = left ? *left : *right;
    const double low = result.steps.expr->type.range->low;
    const bool same = left && right && left->name == right->name;
    if (same) result.least[both] = std::max(left->least[both], right->least[both]);
    result.least[1 - both] = same ? std::min(left->least[1 - both], right->least[1 - both]) : low;
    return result;
  }
  if (condition.operands[0]->kind != syntax::Expr::Kind::Name || condition.operands[1]->kind != syntax::Expr::Kind::Integer) return std::nullopt;
  const std::string& name = condition.operands[0]->name.text;
  std::optional<Value> steps;
  for (const Scope* s = &scope; s != nullptr && !steps; s = s->parent()) steps = s->find(name, condition.span);
  if (!steps || !steps->is_number() || steps->expr->kind != Expr::Kind::Places || !steps->expr->type.range || !std::isinf(steps->expr->type.range->high)) return std::nullopt;
  const double low = steps->expr->type.range->low, bound = std::strtod(condition.operands[1]->text.c_str(), nullptr);
  std::array<double, 2> least = {low, low};
  switch (condition.binary) {
    case BinaryOp::Gt: least[0] = bound + 1; break;
    case BinaryOp::Ge: case BinaryOp::Eq: least[0] = bound; break;
    case BinaryOp::Lt: least[1] = bound; break;
    case BinaryOp::Le: least[1] = bound + 1; break;
    case BinaryOp::Ne: least[1] = bound; break;
    default: return std::nullopt;
  }
  if (bound == low && condition.binary == BinaryOp::Eq) least[1] = bound + 1;
  if (bound == low && condition.binary == BinaryOp::Ne) least[0] = bound + 1;
  for (double& side : least) side = std::max(side, low);
  return StepBounds{name, *std::move(steps), least};
}

/// The scopes of both sides of a condition, in which the least step is known; null where nothing more is.
std::array<std::unique_ptr<Scope>, 2> refine_steps(const syntax::Expr& condition, const Scope& scope, Program& program) {
  std::array<std::unique_ptr<Scope>, 2> sides;
  const auto bounds = bound_steps(condition, scope);
  for (size_t side = 0; bounds && side < 2; ++side) {
    if (bounds->least[side] <= bounds->steps.expr->type.range->low) continue;
    Expr later = *bounds->steps.expr;
    later.type.range->low = bounds->least[side];
    Value value = bounds->steps;
    value.expr = program.make(std::move(later));
    sides[side] = std::make_unique<Scope>(&scope, scope.module());
    sides[side]->bind(bounds->name, std::move(value));
  }
  return sides;
}

}  // namespace

std::string Elaborator::source_text(Span span) const {
  std::string out;
  for (const char c : sources_.text(span)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

std::optional<double> Elaborator::constant(const syntax::Expr& expr, const Scope& scope, const Type& type, const std::string& what) {
  Value v = scalar(expr, scope);
  if (v.poisoned()) return std::nullopt;
  v = builder_.coerce(v, type, expr.span, what);
  if (v.poisoned()) return std::nullopt;
  const auto value = constant_value(v.expr);
  if (!value) {
    diagnostics_.report(Code::A0310, expr.span, absl::StrCat(what, " must be known when compiling"));
  }
  return value;
}

Value Elaborator::number(const syntax::Expr& expr, const Scope& scope) { return as_number(expression(expr, scope), expr.span); }

Value Elaborator::as_number(const Value& v, Span span) {
  if (v.kind == Value::Kind::Constraint) {
    // As a number a constraint is the sum of its squared residuals (language.md section 4).
    Value sum;
    for (const ConstraintRow& row : v.constraint->rows) {
      const Value r = Builder::value(builder_.in_world(row.residual, v.world));
      const Value square = builder_.apply(Op::Mul, {r, r}, span);
      sum = sum.poisoned() ? square : builder_.apply(Op::Add, {sum, square}, span);
    }
    sum.span = span;
    return sum;
  }
  return builder_.require_numbers(v) ? v : Value{};
}

bool Elaborator::not_built(const syntax::Expr& expr) {
  const auto later = [&](Code code, const char* what) {
    diagnostics_.report(code, expr.span, absl::StrCat(what, " are not built yet"));
    return true;
  };
  switch (expr.kind) {
    case Kind::Tuple: return later(Code::A0701, "tuples");
    case Kind::AtParty:
      if (graph_ != nullptr) return false;
      diagnostics_.report(Code::A1013, expr.span, "`at` stands in graphs").note("`graph g(x: f64 at alice) -> f64 at alice { … }` is computed by parties");
      return true;
    case Kind::Range:
      diagnostics_.report(Code::A0304, expr.span, "a range is not a value").note("ranges stand in types, `f64 in 0..1`, and in indices");
      return true;
    default: return false;
  }
}

Value Elaborator::literal(const syntax::Expr& expr, const Scope& scope) {
  const std::string& text = expr.text;
  const bool hexadecimal = text.size() > 2 && text[0] == '0' && text[1] == 'x';
  if (expr.kind == Kind::Integer) {
    int64_t value = 0;
    const char* begin = text.data() + (hexadecimal ? 2 : 0);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value, hexadecimal ? 16 : 10);
    if (error == std::errc() && end == text.data() + text.size()) return Builder::value(builder_.integer(value, expr.span), true);
    diagnostics_.report(Code::A0306, expr.span, "this integer does not fit 64 bits").note("write it as a float, such as 1e19");
    return Value{};
  }
  double value = 0;
  if (hexadecimal) {
    int64_t integer = 0;
    std::from_chars(text.data() + 2, text.data() + text.size(), integer, 16);
    value = static_cast<double>(integer);
  } else {
    fast_float::from_chars(text.data(), text.data() + text.size(), value);
  }
  if (!std::isfinite(value)) {
    diagnostics_.report(Code::A0306, expr.span, "this number is too large for f64").note("the largest is about 1.8e308; `inf` is infinity");
    return Value{};
  }
  units::Unit of;
  if (expr.kind == Kind::Quantity) {
    const auto parsed = unit(*expr.unit, scope);
    if (!parsed) return Value{};
    of = *parsed;
  }
  return Builder::value(builder_.number(value, expr.span, of), true);
}

std::unique_ptr<Scope> Elaborator::steps_where(const syntax::Expr& condition, const Scope& scope) { return std::move(refine_steps(condition, scope, program())[0]); }

Value Elaborator::expression(const syntax::Expr& expr, const Scope& scope) {
  const auto known = index_values_.empty() ? index_values_.end() : index_values_.find({&expr, &scope});
  if (known != index_values_.end() && known->second) return *known->second;
  Value value = force(unforced(expr, scope), expr.span);
  if (types_ != nullptr) types_->record(expr.span, value);
  if (known != index_values_.end()) known->second = value;
  return value;
}

/// A family of variables stays one, so that its elements can be looked up without elaborating the others.
Value Elaborator::unforced(const syntax::Expr& expr, const Scope& scope) {
  if (not_built(expr)) return Value{};
  Value result;
  switch (expr.kind) {
    case Kind::Integer: case Kind::Float: case Kind::Quantity: result = literal(expr, scope); break;
    case Kind::String: result = text(expr.text, expr.span); break;
    case Kind::Boolean: result = Builder::value(builder_.truth(expr.truth, expr.span)); break;
    case Kind::Name: result = name(expr.name.text, expr.name.span, scope); break;
    case Kind::ScalarName:
      diagnostics_.report(Code::A0209, expr.span, absl::StrCat("`", expr.text, "` is a type")).note(absl::StrCat("convert with `x as ", expr.text, "`"));
      break;
    case Kind::Member: result = member(expr, scope); break;
    case Kind::Call: result = call(expr, scope); break;
    case Kind::Index: result = index(expr, scope); break;
    case Kind::Unary: {
      const Value operand = number(*expr.operands[0], scope);
      if (operand.poisoned()) return operand;
      result = builder_.apply(expr.unary == syntax::UnaryOp::Neg ? Op::Neg : Op::Not, {operand}, expr.span);
      break;
    }
    case Kind::Binary: {
      const Value left = number(*expr.operands[0], scope);
      // `t > 0 and l[t-1] > 3`: the right side is looked at only where the left one leaves it open.
      const bool both = expr.binary == syntax::BinaryOp::And, either = expr.binary == syntax::BinaryOp::Or;
      if ((both || either) && left.is_number() && left.expr->type.scalar == ScalarKind::Bool) {
        if (const auto known = constant_value(left.expr); known && (*known != 0) == either) {
          result = left;
          break;
        }
      }
      const auto refined = both || either ? refine_steps(*expr.operands[0], scope, program()) : std::array<std::unique_ptr<Scope>, 2>();
      const Scope* open = both ? refined[0].get() : refined[1].get();
      const Value right = number(*expr.operands[1], open != nullptr ? *open : scope);
      if (left.poisoned() || right.poisoned()) return Value{};
      const auto op = operation(expr.binary);
      result = op ? builder_.apply(*op, {left, right}, expr.span) : matrix_product(left, right, expr.span);
      break;
    }
    case Kind::ConvertUnit: {
      const Value operand = number(*expr.operands[0], scope);
      const auto to = unit(*expr.unit, scope);
      if (operand.poisoned() || !to) return Value{};
      result = builder_.as_unit(operand, *to, expr.span);
      break;
    }
    case Kind::ConvertType: {
      const Value operand = number(*expr.operands[0], scope);
      if (operand.poisoned()) return operand;
      const auto kind = scalar_kind(expr.text);
      if (!kind) {
        diagnostics_.report(Code::A0710, expr.op_span, absl::StrCat("`", expr.text, "` data are not built yet"));
        return Value{};
      }
      result = builder_.as_scalar(operand, *kind, expr.span);
      break;
    }
    case Kind::If: {
      const Value condition = number(*expr.operands[0], scope);
      // What never runs has no meaning: `if t == 0 then start else x[t - 1]`.
      if (const auto known = condition.is_number() && condition.expr->type.scalar == ScalarKind::Bool ? constant_value(condition.expr) : std::nullopt) {
        result = expression(*expr.operands[*known != 0 ? 1 : 2], scope);
        break;
      }
      // `if t > 0 then l[t-1] else start`: on each side less is known to be there.
      const auto refined = refine_steps(*expr.operands[0], scope, program());
      const Value then = expression(*expr.operands[1], refined[0] ? *refined[0] : scope), otherwise = expression(*expr.operands[2], refined[1] ? *refined[1] : scope);
      if (condition.poisoned() || then.poisoned() || otherwise.poisoned()) return Value{};
      result = choose(condition, then, otherwise, expr.span);
      break;
    }
    case Kind::Pipe: {
      // x |> f is f(x), and x |> f(a) is f(x, a).
      const syntax::Expr& target = *expr.operands[1];
      syntax::Expr rewritten;
      if (target.kind == Kind::Call) rewritten = target;
      else rewritten.base = expr.operands[1];
      rewritten.kind = Kind::Call;
      rewritten.span = expr.span;
      syntax::Argument first;
      first.value = expr.operands[0];
      first.span = expr.operands[0]->span;
      rewritten.args.insert(rewritten.args.begin(), first);
      result = call(rewritten, scope);
      break;
    }
    case Kind::AtParty: result = graph_->at_party(expr, scope); break;
    case Kind::List: result = list(expr, scope); break;
    case Kind::Comprehension: result = comprehension(expr, scope); break;
    case Kind::Record: result = record(expr, scope); break;
    case Kind::Lambda:
      result.kind = Value::Kind::Function;
      result.lambda = &expr;
      result.names = &scope;
      break;
    case Kind::Block: {
      Scope inner(&scope, scope.module());
      result = block(*expr.block, inner, nullptr);
      break;
    }
    default: break;
  }
  if (!result.poisoned()) result.span = expr.span;
  return result;
}

/// if c then a else b; of records, field by field.
Value Elaborator::choose(const Value& condition, const Value& then, const Value& otherwise, Span span) {
  if (then.kind == Value::Kind::Law && otherwise.kind == Value::Kind::Law) return choose_law(condition, *then.law, *otherwise.law, span);
  if (then.kind != Value::Kind::Record || otherwise.kind != Value::Kind::Record) return builder_.select(condition, then, otherwise, span);
  std::vector<Value> parts;
  for (const std::string& name : *then.fields) {
    const Value* other = otherwise.field(name);
    if (other == nullptr || otherwise.fields->size() != then.fields->size()) {
      diagnostics_.report(Code::A0304, span, "both branches are records with the same fields");
      return Value{};
    }
    parts.push_back(choose(condition, *then.field(name), *other, span));
    if (parts.back().poisoned()) return Value{};
  }
  return builder_.record(*then.fields, std::move(parts), span);
}

Value Elaborator::member(const syntax::Expr& expr, const Scope& scope) {
  const std::string& field = expr.name.text;
  if (expr.base->kind == Kind::Name && expr.base->name.text == "rows" && scope.takes_estimates() &&
      scope.find("rows", expr.base->span) == std::nullopt) {
    diagnostics_.report(Code::A0209, expr.span, absl::StrCat("`rows.", field, "` is a function of the table")).note(absl::StrCat("write `rows.", field, "(x)`"));
    return Value{};
  }
  // `metal.noise` is the exogenous variable that `var metal ~ …` made, `star.mass` a field of a variable that is a record.
  if (expr.base->kind == Kind::Name) {
    const std::string dotted = absl::StrCat(expr.base->name.text, ".", field);
    for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
      if (auto found = s->find(dotted, expr.span)) return *found;
      if (const auto nearer = s->find(expr.base->name.text, expr.base->span); nearer && nearer->kind == Value::Kind::Record) break;
    }
  }
  const Value base = unforced(*expr.base, scope);
  if (types_ != nullptr && base.kind != Value::Kind::Family) types_->record(expr.base->span, base);
  switch (base.kind) {
    case Value::Kind::Poison: return base;
    case Value::Kind::Record: {
      if (const Value* found = base.field(field)) return *found;
      report_unknown("field called", field, expr.name.span, *base.fields);
      return Value{};
    }
    case Value::Kind::World: {
      if (auto found = base.names->find(field, expr.span)) return *found;
      std::vector<std::string> names;
      base.names->list(names);
      report_unknown(absl::StrCat("variable of world `", expr.base->name.text, "` called"), field, expr.name.span, names);
      return Value{};
    }
    case Value::Kind::Constraint: {
      if (field != "ok" && field != "residual") {
        diagnostics_.report(Code::A0210, expr.name.span, absl::StrCat("a constraint has `.ok` and `.residual`, and no `", field, "`"));
        return Value{};
      }
      Value result;
      for (const ConstraintRow& row : base.constraint->rows) {
        const Value residual = builder_.apply(Op::Abs, {Builder::value(builder_.in_world(row.residual, base.world))}, expr.span);
        Value part = residual;
        if (field == "ok") part = builder_.apply(Op::Le, {residual, Builder::value(builder_.number(row.tolerance, row.span))}, expr.span);
        if (result.poisoned()) result = part;
        else result = builder_.apply(field == "ok" ? Op::And : Op::Max, {result, part}, expr.span);
      }
      return result;
    }
    case Value::Kind::Function:
      if (base.declaration != nullptr && base.declaration->kind == syntax::Decl::Kind::Mechanism) return function_of(base, expr.name);
      diagnostics_.report(Code::A0210, expr.name.span, absl::StrCat("this is a function and has no member `", field, "`"));
      return Value{};
    case Value::Kind::ModuleName: {
      const auto found = base.module->declarations.find(field);
      if (found != base.module->declarations.end() && !is_private(field)) {
        if (found->second->kind == syntax::Decl::Kind::Dim) return dimension(*found->second, field, *base.module, expr.span);
        return declaration(*found->second, *base.module, expr.span);
      }
      if (report_hidden(*scope.module(), declaration_name(expr), expr.name.span)) return Value{};
      std::vector<std::string> names;
      for (const auto& [known, decl] : base.module->declarations) {
        if (!is_private(known)) names.push_back(known);
      }
      report_unknown(absl::StrCat("declaration in `", base.module->name, "` called"), field, expr.name.span, names);
      return Value{};
    }
    case Value::Kind::Other:
      if (auto member = base.declaration != nullptr ? alternative_of(*base.declaration, field, expr.name.span) : std::nullopt) return *std::move(member);
      [[fallthrough]];
    default:
      auto report = diagnostics_.report(Code::A0210, expr.name.span, absl::StrCat("this has no member `", field, "`"));
      if (field == "noise") report.note("only `var x ~ …` has a noise of its own; the noise of an equation is the `exo` in it");
      if (field == "mean" || field == "sd") report.note(absl::StrCat("inside an expression write `", field == "mean" ? "E" : "sd", "[x]`"));
      return Value{};
  }
}

/// E[x], draws[x] and their like, where the word is bound to nothing else.
std::optional<Value> Elaborator::estimate_or_draws(const syntax::Expr& expr, const Scope& scope) {
  const std::string& word = expr.base->name.text;
  const auto which = estimator(word);
  if (!which && word != "draws") return std::nullopt;
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
    if (s->find(word, expr.base->span)) return std::nullopt;
  }
  if (!scope.takes_estimates()) {
    diagnostics_.report(Code::A0209, expr.span, absl::StrCat("`", word, "[·]` stands in the results of a query")).note("a model's equations hold for one unit, not on average");
    return Value{};
  }
  if (word == "draws") {
    diagnostics_.report(Code::A0506, expr.span, "`draws[…]` is a result of its own").note("write `return draws[x, y]`");
    return Value{};
  }
  return estimate(expr, *which, scope);
}

Value Elaborator::estimate(const syntax::Expr& expr, Estimator which, const Scope& scope) {
  const std::string& word = expr.base->name.text;
  const bool quantile = which == Estimator::Quantile;
  const auto& subject = quantile ? expr.indices2 : expr.indices;
  const bool one = subject.size() == 1 && subject[0].kind == syntax::Index::Kind::Value && expr.indices.size() == 1 &&
                   expr.indices[0].kind == syntax::Index::Kind::Value && (quantile || expr.indices2.empty());
  if (!one) {
    diagnostics_.report(Code::A0207, expr.span, quantile ? "a quantile is written `Q[0.95; x]`" : absl::StrCat("`", word, "[·]` takes one expression"));
    return Value{};
  }
  Value operand = number(*subject[0].value, scope);
  if (operand.poisoned()) return operand;
  double level = 0;
  if (quantile) {
    const auto known = constant(*expr.indices[0].value, scope, plain(ScalarKind::F64), "the level of a quantile");
    if (!known) return Value{};
    if (!(*known > 0 && *known < 1)) {
      diagnostics_.report(Code::A0306, expr.indices[0].span, "the level of a quantile lies between 0 and 1");
      return Value{};
    }
    level = *known;
  }
  if (operand.is_tensor()) return builder_.elementwise({operand}, expr.span, word, [&](std::vector<Value> at) { return estimate_of(at[0], which, level, expr.span); });
  return estimate_of(operand, which, level, expr.span);
}

Value Elaborator::estimate_of(Value operand, Estimator which, double level, Span span) {
  Expr result;
  result.kind = Expr::Kind::Estimate;
  result.estimator = which;
  result.type = plain(ScalarKind::F64);
  result.type.shape = operand.expr->type.shape;
  result.span = span;
  result.level = level;
  if (which == Estimator::Probability) {
    if (operand.expr->type.scalar != ScalarKind::Bool) {
      diagnostics_.report(Code::A0308, operand.span, "`P[·]` is the probability of a truth value").label(operand.span, absl::StrCat("this is `", to_string(operand.expr->type), "`")).note("write a comparison, such as `P[x > 0]`");
      return Value{};
    }
  } else {
    if (!averages(operand, operand.span)) return Value{};
    operand = builder_.as_scalar(operand, ScalarKind::F64, operand.span);
    result.type.unit = operand.expr->type.unit;
    if (which == Estimator::Variance) {
      if (const auto squared = units::power(result.type.unit, 2)) result.type.unit = *squared;
    }
  }
  result.operands = {operand.expr};
  return Builder::value(program().make(std::move(result)));
}

bool Elaborator::declare_in_block(const syntax::Stmt& stmt, Scope& scope, const DrawNoise* draw) {
  switch (stmt.kind) {
    case syntax::Stmt::Kind::Let: {
      if (stmt.law != nullptr) {
        diagnostics_.report(Code::A0710, stmt.span, "this form of `let` is not built yet");
        return false;
      }
      Value value = expression(*stmt.value, scope);
      if (!value.poisoned() && stmt.type != nullptr) {
        const auto declared = annotation(*stmt.type, scope);
        value = declared ? fit(value, *declared, stmt.value->span, absl::StrCat("`", stmt.names[0].text, "`"), true) : Value{};
      }
      if (!stmt.destructures) {
        if (value.kind == Value::Kind::Function && !frames_.empty()) value = named_by_let(std::move(value), absl::StrCat(frame_path(frames_.size() - 1), ".", stmt.names[0].text), nullptr);
        scope.bind(stmt.names[0].text, value);
        return true;
      }
      // let {a, b} = record
      for (const syntax::Name& name : stmt.names) {
        const Value* part = value.field(name.text);
        if (part == nullptr && value.kind == Value::Kind::Record) report_unknown("field called", name.text, name.span, *value.fields);
        if (part == nullptr && value.kind != Value::Kind::Record && !value.poisoned()) {
          diagnostics_.report(Code::A0304, stmt.value->span, "`let {…}` takes a record apart, and this is none");
          value = Value{};
        }
        scope.bind(name.text, part != nullptr ? *part : Value{});
      }
      return true;
    }
    case syntax::Stmt::Kind::Exo: {
      if (draw == nullptr) {
        diagnostics_.report(Code::A0402, stmt.span, "only models, and functions whose result is a law, draw noise").note("declare the result `law<f64>`");
        return false;
      }
      const Value law = expression(*stmt.law, scope);
      if (law.poisoned()) return false;
      if (law.kind != Value::Kind::Law) {
        diagnostics_.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a law is a distribution, such as `normal(0, 1)`");
        return false;
      }
      const Value noise = noise_in_block(stmt, *law.law, scope, *draw);
      scope.bind(stmt.names[0].text, noise);
      return !noise.poisoned();
    }
    case syntax::Stmt::Kind::Learn: case syntax::Stmt::Kind::Stat:
      if (frames_.empty() || !frames_.back().mechanism) {
        diagnostics_.report(Code::A0412, stmt.span, "a function has no learnt parameters of its own").note("declare it `mechanism` instead of `fn`; functions inside a mechanism share the parameters of its own block");
        return false;
      }
      for (const syntax::Name& name : stmt.names) {
        if (!may_declare(name, scope)) return false;
        const Value value = stmt.kind == syntax::Stmt::Kind::Learn ? learn_in_mechanism(stmt, name, scope) : statistic(stmt, scope);
        if (value.poisoned()) return false;
        scope.bind(name.text, value);
      }
      return true;
    case syntax::Stmt::Kind::Param: {
      const syntax::Decl& inner = *stmt.declaration;
      if (!may_declare(inner.name, scope)) return false;
      Value value;
      if (inner.kind == syntax::Decl::Kind::Fn) {
        if (inner.type->kind == syntax::Type::Kind::Law) {
          diagnostics_.report(Code::A0402, inner.type->span, "a function inside another gives values, not laws").note("declare the law at top level");
          return false;
        }
        value.kind = Value::Kind::Function;
        value.declaration = &inner;
        value.module = scope.module();
        value.names = &scope;
        value.span = inner.name.span;
      } else {
        if (frames_.empty() || !frames_.back().mechanism) {
          diagnostics_.report(Code::A0412, stmt.span, "a function has no `param` of its own").note("declare it at top level, or make this a `mechanism`");
          return false;
        }
        value = param_in_mechanism(inner, scope);
        if (value.poisoned()) return false;
      }
      scope.bind(inner.name.text, value);
      return true;
    }
    default:
      diagnostics_.report(Code::A0711, stmt.span, "this statement is not built yet in a function");
      return false;
  }
}

Value Elaborator::block(const syntax::Block& block, Scope& scope, const DrawNoise* draw) {
  for (const syntax::Stmt* stmt : block.statements) {
    switch (stmt->kind) {
      case syntax::Stmt::Kind::Return:
        if (stmt->results.size() != 1 || stmt->results[0].name) {
          diagnostics_.report(Code::A0404, stmt->span, "a function returns one value").note("several make a record: `return {a: x, b: y}`");
          return Value{};
        }
        return outside(expression(*stmt->results[0].value, scope), scope, stmt->results[0].value->span);
      case syntax::Stmt::Kind::Expression:
        if (stmt == block.statements.back()) return outside(expression(*stmt->value, scope), scope, stmt->value->span);
        diagnostics_.report(Code::A0404, stmt->span, "this value is computed and not used").note("name it with `let`, or `return` it");
        return Value{};
      default:
        if (!declare_in_block(*stmt, scope, draw)) return Value{};
    }
  }
  diagnostics_.report(Code::A0404, block.span, "this function returns nothing").note("end it with `return …`");
  return Value{};
}

}  // namespace acie::sema
