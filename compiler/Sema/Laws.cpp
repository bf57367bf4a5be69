// Drawing from laws. A law function's body is the distribution's canonical form: its `exo` statements name the noise, its
// result is arithmetic on it.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {
namespace {

size_t count_noises(const syntax::Block& block) {
  size_t count = 0;
  for (const syntax::Stmt* stmt : block.statements) count += stmt->kind == syntax::Stmt::Kind::Exo;
  return count;
}

/// A block as it would stand on one line.
std::string one_line(const std::string& block) {
  std::string line;
  for (size_t i = 0; i < block.size(); ++i) {
    if (block[i] != '\n') {
      line += block[i];
      continue;
    }
    const size_t next = block.find_first_not_of(" \n", i);
    line += line.back() == '{' || next == std::string::npos || block[next] == '}' ? " " : "; ";
    i = next == std::string::npos ? block.size() : next - 1;
  }
  return line;
}

}  // namespace

const Expr* Elaborator::bound(const syntax::Expr& text, const Scope& scope, const Expr* result) {
  Value v = number(text, scope);
  if (v.poisoned()) return nullptr;
  v = builder_.as_scalar(v, result->type.scalar == ScalarKind::Bool ? ScalarKind::F64 : result->type.scalar, text.span);
  if (v.poisoned()) return nullptr;
  if (const auto known = constant_value(v.expr); known && std::isinf(*known)) return nullptr;
  // A plain bound counts in the result's own unit.
  if (v.expr->type.unit.is_one()) {
    Expr retyped = *v.expr;
    retyped.type.unit = result->type.unit;
    return program().make(std::move(retyped));
  }
  return builder_.as_unit(v, result->type.unit, text.span).expr;
}

std::optional<Shape> Elaborator::law_shape(const LawCall& law) {
  Shape shape;
  if (law.categorical) return shape;
  if (is_joint(law)) return joint_shape(law);
  for (const Value& argument : law.arguments) {
    if (!argument.is_tensor()) continue;
    if (!shape.empty() && shape != argument.shape) {
      diagnostics_.report(Code::A0312, law.span, absl::StrCat("the parameters of this law have the shapes ", to_string(shape), " and ", to_string(argument.shape))).note("vectors of one length make a law per element");
      return std::nullopt;
    }
    shape = argument.shape;
  }
  return shape;
}

LawCall Elaborator::law_at(const LawCall& law, int64_t position) {
  LawCall element = law;
  if (law.categorical || is_joint(law)) return element;
  for (Value& argument : element.arguments) {
    if (!argument.is_tensor()) continue;
    const Span span = argument.span;
    Value item = argument.is_whole() ? Builder::value(builder_.element(argument.expr, position)) : (*argument.items)[static_cast<size_t>(position)];
    argument = std::move(item);
    argument.span = span;
  }
  return element;
}

LawCall Elaborator::law_of_all(const LawCall& law, const Shape& shape) {
  LawCall all = law;
  if (law.categorical || is_joint(law)) return all;
  for (Value& argument : all.arguments) {
    if (!argument.is_tensor()) continue;
    argument.expr = builder_.as_whole(argument, shape);
    argument.kind = Value::Kind::Number;
    argument.items = nullptr;
  }
  return all;
}

DrawnLaw Elaborator::draw(const LawCall& law, const std::string& name, Span span, const DrawNoise& draw_noise) {
  if (law.primitive) return {draw_noise(law, name, span, {}), {}};
  if (law.categorical) return {categorical(law, name, draw_noise, span), {}};
  if (!law.families.empty()) return draw_chosen(law, name, span, draw_noise);

  const syntax::Decl& function = *law.declaration;
  if (std::find(in_progress_.begin(), in_progress_.end(), &function) != in_progress_.end()) {
    diagnostics_.report(Code::A0206, law.span, absl::StrCat("the law `", function.name.text, "` is made of itself"));
    return {};
  }
  if (!may_open(law.span)) return {};
  in_progress_.push_back(&function);
  const size_t reported = diagnostics_.size();
  Scope scope(nullptr, law.module);
  bool ok = true;
  ok = infer_generics(function, law.arguments, law.generics, scope, law.span);
  for (size_t i = 0; ok && i < law.arguments.size(); ++i) {
    const auto value = law_parameter(law, i, scope);
    ok = value.has_value();
    if (ok) scope.bind(function.params[i].name.text, *value);
  }
  const bool one = count_noises(*function.block) == 1;
  const DrawNoise draw_in_body = [&](const LawCall& inner, const std::string& local, Span at, const Shape& shape) {
    return draw_noise(inner, one ? name : absl::StrCat(name, ".", local), at, shape);
  };
  DrawnLaw drawn;
  if (ok) drawn.result = block(*function.block, scope, &draw_in_body);
  if (drawn.result.is_number() || drawn.result.is_tensor()) {
    drawn.result = law_result(law, drawn.result, scope, drawn.support);
    drawn.result.span = span;
  }
  in_progress_.pop_back();
  if (diagnostics_.size() > reported && law.module->library) blame_caller(law, reported);
  return drawn;
}

/// The body of a library law does not fit its arguments: that is a mistake of the call.
void Elaborator::blame_caller(const LawCall& law, size_t reported) {
  const syntax::Decl& function = *law.declaration;
  std::vector<Label> labels;
  for (size_t i = 0; i < law.arguments.size(); ++i) {
    const Value& argument = law.arguments[i];
    if (argument.kind != Value::Kind::Number || argument.span.file != law.span.file) continue;
    labels.push_back({argument.span, absl::StrCat("`", function.params[i].name.text, "` is `", to_string(argument.expr->type), "`")});
  }
  const auto in_library = [&](Span span) { return span.file == function.span.file; };
  diagnostics_.relocate(reported, in_library, law.span, labels, {absl::StrCat("this is how the law is made: ", one_line(source_text(function.block->span)))});
}

/// An argument as its parameter: one without a unit takes the argument's, normal(10<m>, 2<m>) is a law of lengths. Nullopt after
/// reporting.
std::optional<Value> Elaborator::law_parameter(const LawCall& law, size_t i, const Scope& scope) {
  const syntax::Parameter& parameter = law.declaration->params[i];
  const Value& argument = law.arguments[i];
  const std::string what = absl::StrCat("`", parameter.name.text, "` of `", law.declaration->name.text, "`");
  const auto declared = annotation(*parameter.type, scope);
  if (!declared) return std::nullopt;
  Value value;
  if (!declared->fields.empty() || declared->element.scalar == ScalarKind::Bool || declared->element.finite != nullptr || parameter.type->unit) {
    value = fit(argument, *declared, argument.span, what, false);
  } else if (argument.is_tensor() ? argument.shape != declared->shape : !declared->shape.empty()) {
    if (builder_.require_numbers(argument)) diagnostics_.report(Code::A0312, argument.span, absl::StrCat(what, declared->shape.empty() ? " is one number" : absl::StrCat(" has the shape ", to_string(declared->shape)), ", and this ", argument.is_tensor() ? absl::StrCat("has ", to_string(argument.shape)) : "is one number"));
  } else {
    value = builder_.as_scalar(argument, declared->element.scalar, argument.span);
    value.span = argument.span;
    if (!builder_.within(value, declared->element.range, what)) value = Value{};
  }
  return value.poisoned() ? std::nullopt : std::optional(value);
}

/// What a law gives, in the type that it declares; its range is the support.
Value Elaborator::law_result(const LawCall& law, Value result, const Scope& scope, Support& support) {
  const std::string what = absl::StrCat("the result of `", law.declaration->name.text, "`");
  const syntax::Type& element = *law.declaration->type->element;
  const auto kind = scalar_kind(element.scalar);
  syntax::Type without_range = element;
  without_range.range_low = without_range.range_high = nullptr;
  if (const Shape shape = result.is_tensor() ? result.shape : Shape{}; is_joint(law)) {
    const auto declared = annotation(without_range, scope);
    if (!declared) return Value{};
    if (shape != declared->shape) {
      diagnostics_.report(Code::A0312, result.span, absl::StrCat(what, declared->shape.empty() ? " is one number" : absl::StrCat(" has the shape ", to_string(declared->shape)), ", and this ", shape.empty() ? "is one number" : absl::StrCat("has ", to_string(shape))));
      return Value{};
    }
  } else if (!shape.empty()) {
    builder_.require_number(result);
    return Value{};
  }
  if (element.unit) {
    without_range.dims.clear();
    const auto declared = type(without_range, scope);
    result = declared ? builder_.coerce(result, *declared, result.span, what) : Value{};
  } else if (kind) {
    result = builder_.as_scalar(result, *kind, result.span);
  }
  if (result.is_number() && element.range_low != nullptr) {
    support = {bound(*element.range_low, scope, result.expr), bound(*element.range_high, scope, result.expr), false, false};
  }
  return result;
}

DrawnLaw Elaborator::draw_leaves(const LawCall& law, const std::string& name, Span span) {
  const DrawNoise leaf = [&](const LawCall& inner, const std::string& noise_name, Span at, const Shape& shape) -> Value {
    if (!shape.empty()) return each_noise(inner, noise_name, at, shape, leaf);
    if (!inner.primitive) return draw_leaves(inner, noise_name, at).result;
    Noise noise;
    noise.law = *inner.primitive;
    noise.name = noise_name;
    if (!inner.arguments.empty()) noise.shape = builder_.as_scalar(inner.arguments[0], ScalarKind::F64, at).expr;
    if (noise.shape != nullptr && !noise.shape->type.shape.empty()) {
      diagnostics_.report(Code::A0701, at, absl::StrCat("degrees of freedom that differ among more than ", kUnrolled, " elements are not built yet"));
      return Value{};
    }
    return Builder::value(builder_.noise(program().make(std::move(noise)), at, drawn_shape_));
  };
  DrawnLaw drawn = draw(law, name, span, leaf);
  if (law.primitive) {
    const auto at = [&](double value) { return builder_.number(value, span); };
    if (law.primitive == Noise::Law::StdUniform) drawn.support = {at(0), at(1), true, true};
    if (law.primitive == Noise::Law::StdExponential) drawn.support = {at(0), nullptr, false, true};
  }
  return drawn;
}

Variable* Elaborator::make_exo(const LawCall& law, const std::string& name, Span span, bool generated, const Shape& shape) {
  std::optional<Builder::Loop> loop;  // over the elements
  if (!shape.empty()) loop.emplace(builder_);
  drawn_shape_ = shape;
  const DrawnLaw drawn = draw_leaves(law, name, span);
  drawn_shape_.clear();
  loop.reset();
  Variable variable;
  variable.role = Variable::Role::Exo;
  variable.name = name;
  variable.span = span;
  variable.law_text = law.text;
  variable.generated = generated;
  variable.column = name;
  if (drawn.result.kind == Value::Kind::Number) {
    variable.type = drawn.result.expr->type;
    variable.equation = drawn.result.expr;
    variable.support = drawn.support;
  } else {
    variable.equation = builder_.number(0, span);  // reported; keeps what uses it quiet
  }
  return program().make(std::move(variable));
}

DrawnLaw Elaborator::draw_variables(const LawCall& law, const std::string& name, Span span, std::vector<Variable*>& noises, const Shape& shape) {
  std::optional<Builder::Loop> loop;  // over the elements
  if (!shape.empty()) loop.emplace(builder_);
  const DrawNoise as_variable = [&](const LawCall& inner, const std::string& noise_name, Span at, const Shape& of) {
    if (!of.empty()) return each_noise(inner, noise_name, at, of, as_variable);
    noises.push_back(make_exo(inner, noise_name, span, true, shape));
    return Builder::value(builder_.variable(noises.back(), kThisWorld, span));
  };
  return draw(law, name, span, as_variable);
}

Value Elaborator::categorical(const LawCall& law, const std::string& name, const DrawNoise& draw_noise, Span span) {
  // Gumbel-max (Gumbel 1954; Oberst & Sontag 2019): the outcome k whose log p_k + g_k is largest, g_k standard Gumbel.
  LawCall gumbel;
  gumbel.primitive = Noise::Law::StdGumbel;
  gumbel.text = "std_gumbel()";
  gumbel.span = span;
  // One comparison inside the other: past this many the compiler's stack would decide.
  constexpr int64_t kMostOutcomes = 1024;
  if (element_count(law.arguments[0].shape) > kMostOutcomes) {
    diagnostics_.report(Code::A0701, law.span, absl::StrCat("`categorical` of more than ", kMostOutcomes, " outcomes is not built yet"));
    return Value{};
  }
  const Value probabilities = builder_.as_items(law.arguments[0]);
  Value best, outcome;
  for (size_t k = 0; k < probabilities.items->size(); ++k) {
    const Value noise = draw_noise(gumbel, absl::StrCat(name, ".", k), span, {});
    const Value score = builder_.apply(Op::Add, {builder_.apply(Op::Log, {(*probabilities.items)[k]}, span), noise}, span);
    const Value here = Builder::value(builder_.integer(static_cast<int64_t>(k), span));
    if (k == 0) {
      best = score;
      outcome = here;
      continue;
    }
    const Value better = builder_.apply(Op::Gt, {score, best}, span);
    outcome = builder_.select(better, here, outcome, span);
    best = builder_.apply(Op::Max, {score, best}, span);
  }
  if (outcome.poisoned()) diagnostics_.report(Code::A0207, law.span, "`categorical` needs at least one probability");
  return outcome;
}

}  // namespace acie::sema
