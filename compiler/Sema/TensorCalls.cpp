// The prelude's operations on tensors: reductions, reordering, and functions applied along an axis.

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {
namespace {

constexpr const char* kTensorCalls[] = {"sum",     "mean",  "prod",  "min",     "max",    "any",    "all",  "argmin",  "argmax",
                                        "dot",     "cumsum", "sort",  "reverse", "length", "transpose", "reshape", "concat", "stack",
                                        "gather",  "zeros", "ones",  "full",    "identity", "linspace", "map", "scan", "fold"};

/// Axes of a shape around one of them: how many blocks lie before, how far apart elements along it are.
struct AxisLayout {
  int64_t outer = 1, size = 1, inner = 1;
};

AxisLayout layout(const Shape& shape, size_t axis) {
  AxisLayout result;
  for (size_t a = 0; a < shape.size(); ++a) {
    const int64_t size = std::max<int64_t>(shape[a], 1);
    int64_t& part = a < axis ? result.outer : a == axis ? result.size : result.inner;
    part = sizes::times(part, size);
  }
  return result;
}

}  // namespace

bool is_tensor_call(const std::string& name) {
  return is_routine_call(name) || std::any_of(std::begin(kTensorCalls), std::end(kTensorCalls), [&](const char* known) { return name == known; });
}

std::vector<std::string> tensor_call_names() {
  std::vector<std::string> names = routine_call_names();
  names.insert(names.end(), std::begin(kTensorCalls), std::end(kTensorCalls));
  return names;
}

/// `of` with axis `from` moved to place `to`.
const Expr* Elaborator::moved_axis(const Expr* of, size_t from, size_t to, Span span) {
  std::vector<size_t> order;
  for (size_t axis = 0; axis < of->type.shape.size(); ++axis) {
    if (axis != from) order.push_back(axis);
  }
  order.insert(order.begin() + static_cast<ptrdiff_t>(to), from);
  return transposed(of, order, span);
}

/// Axis i of the result is axis order[i] of `of`.
const Expr* Elaborator::transposed(const Expr* of, const std::vector<size_t>& order, Span span) {
  Shape shape;
  std::vector<int64_t> strides;
  for (const size_t axis : order) {
    shape.push_back(of->type.shape[axis]);
    strides.push_back(layout(of->type.shape, axis).inner);
  }
  return builder_.view(of, std::move(shape), 0, std::move(strides), span);
}

/// One axis, or all, of a tensor to a number per remaining place.
Value Elaborator::reduce(const std::string& name, const Value& tensor, std::optional<int64_t> axis, Span span) {
  const auto number = [&](double value) { return Builder::value(builder_.number(value, span), true); };
  if (tensor.is_whole()) {
    static const std::pair<const char*, Folding> kFoldings[] = {{"sum", Folding::Sum}, {"mean", Folding::Sum}, {"prod", Folding::Product}, {"min", Folding::Min}, {"max", Folding::Max}, {"any", Folding::Any}, {"all", Folding::All}};
    const auto folding = std::find_if(std::begin(kFoldings), std::end(kFoldings), [&](const auto& known) { return name == known.first; });
    const bool logical = tensor.expr->type.scalar == ScalarKind::Bool;
    const bool places = name == "argmin" || name == "argmax";
    if (places && graph_ != nullptr && element_count(tensor.shape) <= kUnrolled) return reduce(name, builder_.as_items(tensor), axis, span);
    if (!places && (folding->second == Folding::Any || folding->second == Folding::All) != logical) {
      Value whole = tensor;
      if (folding->second == Folding::Any || folding->second == Folding::All) {
        diagnostics_.report(Code::A0308, tensor.span, absl::StrCat("`", name, "` works on truth values"));
        return Value{};
      }
      whole = builder_.as_scalar(tensor, ScalarKind::I64, span);
      return reduce(name, whole, axis, span);
    }
    const Expr* of = tensor.expr;
    size_t axes = tensor.shape.size();
    if (axis) {
      // The axis comes last, so that its elements lie side by side.
      of = moved_axis(of, static_cast<size_t>(*axis), tensor.shape.size() - 1, span);
      axes = 1;
    }
    if (places) {
      Type type = plain(ScalarKind::I64);
      type.shape.assign(of->type.shape.begin(), of->type.shape.end() - static_cast<ptrdiff_t>(axes));
      const int64_t among = axis ? tensor.shape[static_cast<size_t>(*axis)] : element_count(tensor.shape);
      Expr place = *builder_.routine(name == "argmin" ? routines::Routine::ArgMin : routines::Routine::ArgMax, {of}, std::move(type), span);
      if (!sizes::is_open(among)) place.type.range = Range{0, static_cast<double>(among - 1)};
      return Builder::whole(program().make(std::move(place)), span);
    }
    const int64_t factors = axis ? tensor.shape[static_cast<size_t>(*axis)] : element_count(tensor.shape);
    std::optional<units::Unit> unit;
    if (folding->second == Folding::Product && !of->type.unit.is_number()) {
      if (sizes::is_open(factors)) {
        diagnostics_.report(Code::A0302, span, "the unit of this product depends on a size that is read at start").label(tensor.span, absl::StrCat("`", to_string(tensor.expr->type), "`"));
        return Value{};
      }
      const auto exponent = units::Rational::make(factors, 1);
      if (exponent) unit = units::power(of->type.unit, *exponent);
      if (!unit) {
        diagnostics_.report(Code::A0302, span, "the unit of this product is out of range").label(tensor.span, absl::StrCat(factors, " factors of `", to_string(tensor.expr->type), "`"));
        return Value{};
      }
    }
    Value folded = Builder::whole(builder_.fold_axes(folding->second, of, axes, span, unit), span);
    folded.literal = tensor.literal && folded.is_number() && folded.expr->kind == Expr::Kind::Constant;
    return name == "mean" ? builder_.apply(Op::Div, {folded, sizes::is_open(factors) ? builder_.size(factors, span) : number(static_cast<double>(factors))}, span) : folded;
  }
  const std::vector<Value>& items = *tensor.items;
  const auto chain = [&](Op op, const std::vector<Value>& of) {
    Value result = of[0];
    for (size_t i = 1; i < of.size() && !result.poisoned(); ++i) result = builder_.apply(op, {result, of[i]}, span);
    return result;
  };
  const auto one = [&](const std::vector<Value>& of) -> Value {
    if (name == "sum") return builder_.sum(of, span);
    if (name == "mean") return builder_.apply(Op::Div, {builder_.sum(of, span), number(static_cast<double>(of.size()))}, span);
    if (name == "prod") return chain(Op::Mul, of);
    if (name == "min") return chain(Op::Min, of);
    if (name == "max") return chain(Op::Max, of);
    if (name == "any") return chain(Op::Or, of);
    if (name == "all") return chain(Op::And, of);
    // argmin, argmax: the first place of the extreme.
    Value best = of[0], at = Builder::value(builder_.integer(0, span));
    for (size_t i = 1; i < of.size() && !best.poisoned(); ++i) {
      const Value better = builder_.apply(name == "argmin" ? Op::Lt : Op::Gt, {of[i], best}, span);
      at = builder_.select(better, Builder::value(builder_.integer(static_cast<int64_t>(i), span)), at, span);
      best = builder_.apply(name == "argmin" ? Op::Min : Op::Max, {best, of[i]}, span);
    }
    if (best.poisoned()) return best;
    at.literal = false;
    Expr place = *at.expr;
    place.type.range = Range{0, static_cast<double>(of.size() - 1)};
    at.expr = program().make(std::move(place));
    return at;
  };
  Value result;
  if (!axis) {
    result = one(items);
  } else {
    const AxisLayout along = layout(tensor.shape, static_cast<size_t>(*axis));
    std::vector<Value> reduced;
    for (int64_t o = 0; o < along.outer; ++o) {
      for (int64_t i = 0; i < along.inner; ++i) {
        std::vector<Value> line;
        for (int64_t k = 0; k < along.size; ++k) line.push_back(items[static_cast<size_t>((o * along.size + k) * along.inner + i)]);
        reduced.push_back(one(line));
        if (reduced.back().poisoned()) return Value{};
      }
    }
    Shape shape = tensor.shape;
    shape.erase(shape.begin() + static_cast<ptrdiff_t>(*axis));
    result = shape.empty() ? reduced[0] : builder_.tensor(std::move(shape), std::move(reduced), span);
  }
  result.span = span;
  return result;
}

Value Elaborator::call_value(const Value& function, std::vector<Value> arguments, Span span) {
  if (function.kind != Value::Kind::Function) {
    if (!function.poisoned()) diagnostics_.report(Code::A0208, function.span, "a function is meant here: its name, or `|x| …`");
    return Value{};
  }
  if (function.op) return builtin(*function.op, arguments, span);
  if (function.lambda == nullptr) {
    if (function.declaration->params.size() != arguments.size()) {
      diagnostics_.report(Code::A0207, span, absl::StrCat("`", function.declaration->name.text, "` takes ", function.declaration->params.size(), " arguments, and here it gets ", arguments.size()));
      return Value{};
    }
    return apply_declared(function, arguments, span, {});
  }
  const syntax::Expr& lambda = *function.lambda;
  if (lambda.params.size() != arguments.size()) {
    diagnostics_.report(Code::A0207, lambda.span, absl::StrCat("this function gets ", arguments.size(), arguments.size() == 1 ? " argument" : " arguments", " and takes ", lambda.params.size()));
    return Value{};
  }
  if (!may_open(span)) return Value{};
  Scope inner(function.names, function.names->module());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const syntax::Parameter& parameter = lambda.params[i];
    if (parameter.type != nullptr) {
      const auto declared = annotation(*parameter.type, inner);
      arguments[i] = declared ? fit(arguments[i], *declared, arguments[i].span, absl::StrCat("`", parameter.name.text, "`"), false) : Value{};
      if (arguments[i].poisoned()) return Value{};
    }
    inner.bind(parameter.name.text, std::move(arguments[i]));
  }
  const bool owns = function.owner != nullptr;
  if (owns) {
    enter(function.owner->path, function.owner->stmt, inner.module(), nullptr);
    frames_.back().repeats = function.owner->repeats;
  }
  Value result = outside(expression(*lambda.operands[0], inner), inner, lambda.operands[0]->span);
  if (owns) leave();
  return function.world == kThisWorld ? result : builder_.in_world(result, function.world);
}

/// map(xs, ys, |x, y| …): the first axes side by side.
Value Elaborator::map_together(std::vector<Value> arguments, Span span) {
  const Value function = std::move(arguments.back());
  arguments.pop_back();
  const auto length = [](const Value& v) { return std::max<int64_t>(v.shape[0], 1); };
  for (const Value& v : arguments) {
    if (!v.is_tensor()) {
      if (builder_.require_number(v)) diagnostics_.report(Code::A0312, v.span, "`map` goes over the elements of tensors, along their first axes, and this is one number");
      return Value{};
    }
    if (length(v) == length(arguments[0])) continue;
    diagnostics_.report(Code::A0312, v.span, absl::StrCat("`map` goes over tensors side by side: the first has ", sizes::text(length(arguments[0])), " along its first axis, and this has ", sizes::text(length(v)))).label(arguments[0].span, "the first");
    return Value{};
  }
  if (!builder_.in_loop() && std::all_of(arguments.begin(), arguments.end(), [](const Value& v) { return v.is_whole() && v.shape.size() == 1; })) {
    const size_t reported = diagnostics_.size();
    const Shape shape = arguments[0].shape;
    std::vector<Value> each = arguments;
    for (Value& v : each) v.kind = Value::Kind::Number;
    Value mapped;
    {
      const Builder::Loop loop(builder_, shape);
      mapped = call_value(function, std::move(each), span);
    }
    if (mapped.is_number() && diagnostics_.size() == reported) return Builder::whole(builder_.as_whole(mapped, shape), span);
    diagnostics_.forget(reported);
  }
  std::vector<Value> items;
  for (Value& v : arguments) {
    v = builder_.as_items(v);
    if (v.poisoned()) return v;
  }
  for (int64_t i = 0; i < length(arguments[0]); ++i) {
    std::vector<Value> at;
    for (const Value& v : arguments) {
      const Shape rest(v.shape.begin() + 1, v.shape.end());
      const int64_t each = element_count(rest);
      const auto begin = v.items->begin() + i * each;
      at.push_back(rest.empty() ? *begin : builder_.tensor(rest, {begin, begin + each}, v.span));
    }
    items.push_back(call_value(function, std::move(at), span));
    if (items.back().poisoned()) return Value{};
  }
  const auto count = static_cast<int64_t>(items.size());
  return stack(std::move(items), {count}, span);
}

std::optional<int64_t> Elaborator::named_size(const syntax::Expr& axis, const Scope& scope) {
  if (const FiniteType* finite = named_finite_type(axis, scope)) return static_cast<int64_t>(finite->values.size());
  const std::string text = declaration_name(axis);
  if (text.empty()) return std::nullopt;
  bool named = !in_progress_.empty() && std::any_of(in_progress_.back()->generics.begin(), in_progress_.back()->generics.end(), [&](const syntax::Name& generic) { return generic.text == text; });
  if (!named) {
    const std::string first = axis.kind == syntax::Expr::Kind::Name ? text : axis.base->name.text;
    for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
      if (s->find(first, axis.span)) return std::nullopt;
    }
    const Module* owner = nullptr;
    const syntax::Decl* found = find_declaration(*scope.module(), text, &owner);
    named = found != nullptr && found->kind == syntax::Decl::Kind::Dim;
  }
  return named ? size(axis, scope, "the axis") : std::nullopt;
}

std::optional<Value> Elaborator::tensor_call(const std::string& name, const syntax::Expr& call, const Scope& scope) {
  const Span span = call.span;
  if (name == "scan" || name == "fold") return scan(call, scope, name == "scan");
  const auto wrong = [&](const std::string& usage) {
    diagnostics_.report(Code::A0207, span, absl::StrCat("`", name, "` is called otherwise")).note(usage);
    return Value{};
  };

  // sum(e for i in 0..N)
  std::vector<Value> arguments;
  std::optional<int64_t> axis;
  bool lower = true;
  static const char* const kReductions[] = {"sum", "mean", "prod", "min", "max", "any", "all", "argmin", "argmax"};
  const bool reduces = std::any_of(std::begin(kReductions), std::end(kReductions), [&](const char* known) { return name == known; });
  std::optional<int64_t> axis_size;  // of an axis that is named by its dimension
  for (const syntax::Argument& argument : call.args) {
    const bool positional_axis = reduces && !argument.name && call.args.size() == 2 && &argument == &call.args[1] && name != "min" && name != "max";
    if ((argument.name && argument.name->text == "axis") || positional_axis) {
      axis_size = named_size(*argument.value, scope);
      if (axis_size) continue;
    }
    // At each place of a loop over places that are known at start.
    if (reduces && call.args.size() == 1 && builder_.in_loop()) {
      const bool list = !argument.generator && argument.value->kind == syntax::Expr::Kind::Comprehension;
      if (argument.generator || list) {
        if (auto reduced = reduction_in_loop(name, list ? *argument.value->generator : *argument.generator, list ? *argument.value->operands[0] : *argument.value, scope, span)) return reduced;
      }
    }
    if (argument.generator) {
      if (auto all = at_once(*argument.generator, *argument.value, scope)) {
        if (all->poisoned()) return Value{};
        all->expr = builder_.reshaped(all->expr, {element_count(all->shape)}, argument.span);
        all->shape = all->expr->type.shape;
        arguments.push_back(*std::move(all));
        continue;
      }
      Shape shape;
      std::vector<Value> items;
      const bool ok = generate(*argument.generator, scope, shape, [&](const Scope& inner) {
        items.push_back(expression(*argument.value, inner));
        return !items.back().poisoned();
      });
      if (!ok) return Value{};
      if (items.empty()) {
        if (name == "sum") return Builder::value(builder_.number(0, span), true);
        diagnostics_.report(Code::A0312, argument.span, "there is nothing to go over");
        return Value{};
      }
      const auto count = static_cast<int64_t>(items.size());
      arguments.push_back(stack(std::move(items), {count}, argument.span));
    } else if (argument.name && argument.name->text == "axis") {
      axis = integer(*argument.value, scope, "an axis");
      if (!axis) return Value{};
    } else if (argument.name && argument.name->text == "lower" && name == "triangular_solve") {
      const auto known = constant(*argument.value, scope, plain(ScalarKind::Bool), "`lower`");
      if (!known) return Value{};
      lower = *known != 0;
    } else if (argument.name) {
      diagnostics_.report(Code::A0207, argument.name->span, absl::StrCat("`", name, "` has no parameter `", argument.name->text, "`"));
      return Value{};
    } else {
      arguments.push_back(expression(*argument.value, scope));
    }
    if (!arguments.empty() && arguments.back().poisoned()) return Value{};
  }
  if (axis_size) {
    const Value* of = arguments.empty() ? nullptr : arguments[0].kind == Value::Kind::Record ? &arguments[0].items->front() : &arguments[0];
    const Shape shape = of != nullptr && of->is_tensor() ? of->shape : Shape();
    const auto found = std::find(shape.begin(), shape.end(), *axis_size);
    if (found == shape.end() || std::find(found + 1, shape.end(), *axis_size) != shape.end()) {
      diagnostics_.report(Code::A0312, span, absl::StrCat(found == shape.end() ? "no axis has " : "several axes have ", sizes::text(*axis_size), " places: the shape is ", to_string(shape)))
          .note("an axis is named by a dimension where one axis alone is as long; its number says which, `axis: 0`");
      return Value{};
    }
    axis = found - shape.begin();
  }
  if (is_routine_call(name)) return routine_call(name, std::move(arguments), axis, lower, span);
  const auto place_axis = [&](const Value& of) {
    const auto rank = static_cast<int64_t>(of.shape.size());
    if (axis && *axis < 0) *axis += rank;
    if (!axis || (*axis >= 0 && *axis < rank)) return true;
    diagnostics_.report(Code::A0312, span, absl::StrCat("there is no such axis: the shape is ", to_string(of.shape)));
    return false;
  };
  const auto size_of = [&](const Value& v) -> std::optional<int64_t> {
    if (const auto open = v.is_number() ? Builder::size_of(v.expr) : std::nullopt; open && sizes::is_open(*open)) return open;
    if (v.is_number() && v.expr->kind == Expr::Kind::Constant && !is_float(v.expr->type.scalar) && v.expr->integer > 0 && v.expr->integer <= 65536) return v.expr->integer;
    diagnostics_.report(Code::A0310, v.span, "a size is a positive integer known when compiling");
    return std::nullopt;
  };

  if (name == "min" || name == "max") {
    // Of two and more values the elementwise extreme, of one tensor the extreme of its elements.
    if (arguments.size() > 1) return intrinsic(name, arguments, span);
  }
  if (reduces) {
    if (arguments.size() == 2 && !axis) {
      axis = arguments[1].is_number() && arguments[1].expr->kind == Expr::Kind::Constant && !is_float(arguments[1].expr->type.scalar) ? std::optional(arguments[1].expr->integer) : std::nullopt;
      if (!axis) return wrong(absl::StrCat("`", name, "(x)`, or `", name, "(x, axis: 0)`"));
      arguments.pop_back();
    }
    if (arguments.size() != 1) return wrong(absl::StrCat("`", name, "(x)`, `", name, "(x, axis: 0)` or `", name, "(e for i in 0..N)`"));
    if (!arguments[0].is_tensor()) {
      if (builder_.require_number(arguments[0])) diagnostics_.report(Code::A0312, arguments[0].span, absl::StrCat("`", name, "` works on a tensor, and this is one number"));
      return Value{};
    }
    return place_axis(arguments[0]) ? reduce(name, arguments[0], axis, span) : Value{};
  }
  if (name == "zeros" || name == "ones" || name == "identity" || name == "full" || name == "linspace") {
    Shape shape;
    const size_t values = name == "full" ? 1 : name == "linspace" ? 2 : 0;
    if (arguments.size() <= values) return wrong(name == "full" ? "`full(value, N, M)`" : name == "linspace" ? "`linspace(from, to, N)`" : absl::StrCat("`", name, "(N)`"));
    for (size_t i = values; i < arguments.size(); ++i) {
      const auto size = size_of(arguments[i]);
      if (!size) return Value{};
      shape.push_back(*size);
    }
    if (name == "identity") shape.push_back(shape[0]);
    const int64_t count = element_count(shape);
    if (sizes::is_open(count)) return constant_of_open_shape(name, arguments, shape, span);
    if (count > (int64_t{1} << 24)) return wrong("tensors of more than 16777216 constant elements are not built yet");
    if (count > kUnrolled && name == "full") return Builder::whole(builder_.as_whole(arguments[0], shape), span);
    if (count > kUnrolled && (name == "zeros" || name == "ones" || name == "identity")) {
      std::vector<double> numbers(static_cast<size_t>(count), name == "ones" ? 1 : 0);
      for (int64_t i = 0; name == "identity" && i < shape[0]; ++i) numbers[static_cast<size_t>(i * shape[0] + i)] = 1;
      Value made = Builder::whole(builder_.dense(std::move(shape), std::move(numbers), plain(ScalarKind::F64), span), span);
      made.literal = true;
      return made;
    }
    if (count > 65536) return wrong("tensors of more than 65536 elements are not built yet");
    std::vector<Value> items;
    for (int64_t i = 0; i < element_count(shape); ++i) {
      if (name == "full") {
        items.push_back(arguments[0]);
      } else if (name == "linspace") {
        const double share = shape[0] > 1 ? static_cast<double>(i) / static_cast<double>(shape[0] - 1) : 0;
        const Value width = builder_.apply(Op::Sub, {arguments[1], arguments[0]}, span);
        items.push_back(i + 1 == shape[0] && i > 0 ? arguments[1] : builder_.apply(Op::Add, {arguments[0], builder_.apply(Op::Mul, {width, Builder::value(builder_.number(share, span), true)}, span)}, span));
      } else {
        const bool one = name == "ones" || (name == "identity" && i / shape[0] == i % shape[0]);
        items.push_back(Builder::value(builder_.number(one ? 1 : 0, span), true));
      }
      if (items.back().poisoned()) return Value{};
    }
    return builder_.tensor(std::move(shape), std::move(items), span);
  }
  if (name == "concat") {
    if (arguments.empty()) return wrong("`concat(x, y)`, along the first axis or `axis:`");
    for (const Value& v : arguments) {
      if (!v.is_tensor() || v.shape.size() != arguments[0].shape.size()) {
        diagnostics_.report(Code::A0312, v.span, "`concat` joins tensors with as many axes each");
        return Value{};
      }
    }
    if (!axis) axis = 0;
    if (!place_axis(arguments[0])) return Value{};
    const auto along = static_cast<size_t>(*axis);
    for (Value& v : arguments) {
      if (v.shape[along] == kStretch) v.shape[along] = 1;  // what is joined does not stretch
    }
    Shape shape = arguments[0].shape;
    shape[along] = 0;
    std::vector<AxisLayout> layouts;
    for (const Value& v : arguments) {
      Shape rest = v.shape, lead = arguments[0].shape;
      rest[along] = lead[along] = 0;
      if (rest != lead) {
        diagnostics_.report(Code::A0312, v.span, absl::StrCat("this has shape ", to_string(v.shape), ", and the first ", to_string(arguments[0].shape), ": but for the joined axis they agree"));
        return Value{};
      }
      shape[along] = sizes::plus(shape[along], v.shape[along]);
      layouts.push_back(layout(v.shape, along));
    }
    const bool whole = std::any_of(arguments.begin(), arguments.end(), [](const Value& v) { return v.is_whole(); });
    // `fold([1], 0..40, |c, i| concat(c, c))` doubles at every step.
    const int64_t most = whole ? int64_t{1} << 24 : 65536;
    if (const int64_t count = element_count(shape); count > most && !sizes::is_open(count)) {
      diagnostics_.report(Code::A0701, span, absl::StrCat("tensors of more than ", most, " elements are not built yet"));
      return Value{};
    }
    if (whole) {
      std::vector<const Expr*> parts = builder_.join(arguments, span);
      if (parts.empty()) return Value{};
      for (const Expr*& part : parts) part = moved_axis(part, along, 0, span);
      Shape joined = shape;
      std::rotate(joined.begin(), joined.begin() + static_cast<ptrdiff_t>(along), joined.begin() + static_cast<ptrdiff_t>(along) + 1);
      return Builder::whole(moved_axis(builder_.concat(std::move(parts), std::move(joined), span), 0, along, span), span);
    }
    std::vector<Value> items;
    for (int64_t o = 0; o < layouts[0].outer; ++o) {
      for (size_t v = 0; v < arguments.size(); ++v) {
        const int64_t block = layouts[v].size * layouts[v].inner;
        const auto begin = arguments[v].items->begin() + o * block;
        items.insert(items.end(), begin, begin + block);
      }
    }
    return builder_.tensor(std::move(shape), std::move(items), span);
  }
  if (name == "stack" && arguments.size() == 3 && arguments[2].kind == Value::Kind::Function) return repeat(arguments, span);
  if (name == "stack") {
    if (arguments.empty() || axis) return wrong("`stack(x, y)` makes a new leading axis; `transpose(stack(x, y))` of vectors a new last one");
    const auto count = static_cast<int64_t>(arguments.size());
    return stack(std::move(arguments), {count}, span);
  }
  if (name == "map") {
    if (arguments.size() < 2) return wrong("`map(xs, |x| …)`, or over several side by side, `map(xs, ys, |x, y| …)`");
    if (arguments[0].kind == Value::Kind::Function) std::rotate(arguments.begin(), arguments.begin() + 1, arguments.end());
    if (arguments.size() > 2) return map_together(std::move(arguments), span);
    if (!arguments[0].is_tensor()) return wrong("`map` goes over the elements of a tensor, along its first axis");
    if (arguments[0].is_whole() && arguments[0].shape.size() == 1 && !builder_.in_loop()) {
      Value each = arguments[0];
      each.kind = Value::Kind::Number;
      const size_t reported = diagnostics_.size();
      Value mapped;
      {
        const Builder::Loop loop(builder_, each.shape);
        mapped = call_value(arguments[1], {each}, span);
      }
      if (mapped.is_number() && diagnostics_.size() == reported) return Builder::whole(builder_.as_whole(mapped, arguments[0].shape), span);
      diagnostics_.forget(reported);
    }
    const Value over = builder_.as_items(arguments[0]);
    if (over.poisoned()) return over;
    const Shape rest(over.shape.begin() + 1, over.shape.end());
    const int64_t each = element_count(rest);
    std::vector<Value> items;
    for (int64_t i = 0; i < std::max<int64_t>(over.shape[0], 1); ++i) {
      const auto begin = over.items->begin() + i * each;
      items.push_back(call_value(arguments[1], {rest.empty() ? *begin : builder_.tensor(rest, {begin, begin + each}, span)}, span));
      if (items.back().poisoned()) return Value{};
    }
    return stack(std::move(items), {std::max<int64_t>(over.shape[0], 1)}, span);
  }

  // What is left takes one tensor first.
  if (arguments.empty() || !arguments[0].is_tensor()) {
    if (!arguments.empty() && builder_.require_number(arguments[0])) diagnostics_.report(Code::A0312, arguments[0].span, absl::StrCat("`", name, "` works on a tensor, and this is one number"));
    return arguments.empty() ? wrong("its first argument is a tensor") : Value{};
  }
  const bool listed = (name == "cumsum" || name == "sort") && arguments[0].is_whole() && element_count(arguments[0].shape) <= kUnrolled;
  const Value x = listed ? builder_.as_items(arguments[0]) : arguments[0];
  if (name == "length" && arguments.size() == 1) return builder_.size(std::max<int64_t>(x.shape[axis && place_axis(x) ? static_cast<size_t>(*axis) : 0], 1), span);
  if (name == "dot") {
    if (arguments.size() != 2 || !arguments[1].is_tensor() || x.shape.size() != 1 || arguments[1].shape.size() != 1) return wrong("`dot(x, y)` of two vectors");
    return matrix_product(x, arguments[1], span);
  }
  if (name == "gather") {
    if (arguments.size() != 2 || !arguments[1].is_tensor()) return wrong("`gather(x, indices)` of a tensor of indices; `gather(x, indices, axis: 1)`");
    if (axis && !place_axis(x)) return Value{};
    return gather_along(x, static_cast<size_t>(axis.value_or(0)), arguments[1], span);
  }
  if (name == "transpose") {
    // All axes reversed, or in the order written.
    std::vector<int64_t> order(x.shape.size());
    std::iota(order.rbegin(), order.rend(), 0);
    for (size_t i = 1; i < arguments.size(); ++i) {
      const auto known = arguments.size() - 1 == order.size() && arguments[i].is_number() ? constant_value(arguments[i].expr) : std::nullopt;
      if (!known || *known < 0 || *known >= static_cast<double>(order.size())) return wrong("`transpose(x)`, or `transpose(x, 1, 0, 2)` with the old axis for each new one");
      order[i - 1] = static_cast<int64_t>(*known);
    }
    std::vector<int64_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] != static_cast<int64_t>(i)) return wrong("every axis comes once");
    }
    Shape shape;
    std::vector<int64_t> stride;
    for (const int64_t axis_of : order) {
      shape.push_back(x.shape[static_cast<size_t>(axis_of)]);
      stride.push_back(layout(x.shape, static_cast<size_t>(axis_of)).inner);
    }
    if (x.is_whole()) return Builder::whole(transposed(x.expr, {order.begin(), order.end()}, span), span);
    std::vector<Value> moved;
    for (int64_t position = 0; position < element_count(shape); ++position) {
      int64_t rest = position, from = 0;
      for (size_t a = shape.size(); a-- > 0;) {
        from += rest % std::max<int64_t>(shape[a], 1) * stride[a];
        rest /= std::max<int64_t>(shape[a], 1);
      }
      moved.push_back((*x.items)[static_cast<size_t>(from)]);
    }
    return builder_.tensor(std::move(shape), std::move(moved), span);
  }
  if (name == "reshape") {
    Shape shape;
    for (size_t i = 1; i < arguments.size(); ++i) {
      if (arguments[i].is_tensor()) {
        for (const Value& part : *arguments[i].items) {
          const auto size = size_of(part);
          if (!size) return Value{};
          shape.push_back(*size);
        }
      } else {
        const auto size = size_of(arguments[i]);
        if (!size) return Value{};
        shape.push_back(*size);
      }
    }
    if (shape.empty() || element_count(shape) != element_count(x.shape)) {
      diagnostics_.report(Code::A0312, span, absl::StrCat("a tensor of shape ", to_string(x.shape), " has ", sizes::text(element_count(x.shape)), " elements, and ", to_string(shape), " takes ", sizes::text(element_count(shape))));
      return Value{};
    }
    if (x.is_whole()) return Builder::whole(builder_.reshaped(x.expr, shape, span), span);
    return builder_.tensor(std::move(shape), *x.items, span);
  }
  if (arguments.size() != 1) return wrong(absl::StrCat("`", name, "(x)`, or `", name, "(x, axis: 0)`"));
  // cumsum, sort, reverse: along one axis, by default the last.
  if (!axis) axis = static_cast<int64_t>(x.shape.size()) - 1;
  if (!place_axis(x)) return Value{};
  const AxisLayout along = layout(x.shape, static_cast<size_t>(*axis));
  if (x.is_whole()) {
    if (name != "reverse") {
      const Value of = x.expr->type.scalar == ScalarKind::Bool ? builder_.as_scalar(x, ScalarKind::I64, span) : x;
      return along_axis(of, static_cast<size_t>(*axis), span, [&](const Expr* lines) {
        return builder_.routine(name == "sort" ? routines::Routine::Sort : routines::Routine::CumulativeSum, {lines}, lines->type, span);
      });
    }
    std::vector<int64_t> strides;
    for (size_t a = 0; a < x.shape.size(); ++a) strides.push_back(sizes::times(layout(x.shape, a).inner, static_cast<int64_t>(a) == *axis ? -1 : 1));
    return Builder::whole(builder_.view(x.expr, x.shape, sizes::times(sizes::minus(along.size, 1), along.inner), std::move(strides), span), span);
  }
  std::vector<Value> result = *x.items;
  for (int64_t o = 0; o < along.outer; ++o) {
    for (int64_t i = 0; i < along.inner; ++i) {
      const auto at = [&](int64_t k) -> Value& { return result[static_cast<size_t>((o * along.size + k) * along.inner + i)]; };
      if (name == "reverse") {
        for (int64_t k = 0; k < along.size / 2; ++k) std::swap(at(k), at(along.size - 1 - k));
      } else if (name == "cumsum") {
        for (int64_t k = 1; k < along.size; ++k) at(k) = builder_.apply(Op::Add, {at(k - 1), at(k)}, span);
      } else {
        // Odd-even transposition (Knuth, The Art of Computer Programming 3, 5.3.4): every row takes the same comparisons.
        for (int64_t round = 0; round < along.size; ++round) {
          for (int64_t k = round % 2; k + 1 < along.size; k += 2) {
            const Value low = builder_.apply(Op::Min, {at(k), at(k + 1)}, span), high = builder_.apply(Op::Max, {at(k), at(k + 1)}, span);
            if (low.poisoned() || high.poisoned()) return Value{};
            at(k) = low;
            at(k + 1) = high;
          }
        }
      }
    }
  }
  return builder_.tensor(x.shape, std::move(result), span);
}

}  // namespace acie::sema
