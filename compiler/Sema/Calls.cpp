#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/Secrecy/GraphMeanings.h"
#include "compiler/Support/NearestName.h"

namespace acie::sema {
namespace {

std::optional<RowReducer> row_reducer(const std::string& name) {
  if (name == "mean") return RowReducer::Mean;
  if (name == "sum") return RowReducer::Sum;
  if (name == "var") return RowReducer::Variance;
  if (name == "min") return RowReducer::Min;
  if (name == "max") return RowReducer::Max;
  if (name == "count") return RowReducer::Count;
  return std::nullopt;
}

/// Whether a function takes and gives numbers alone: of tensors it then makes a tensor, element by element.
bool of_numbers(const syntax::Decl& function) {
  const auto number = [](const syntax::Type& type) { return type.kind == syntax::Type::Kind::Scalar && type.dims.empty(); };
  return function.kind == syntax::Decl::Kind::Fn && number(*function.type) &&
         std::all_of(function.params.begin(), function.params.end(), [&](const syntax::Parameter& p) { return number(*p.type); });
}

}  // namespace

std::optional<std::vector<Value>> Elaborator::positional(const syntax::Expr& call, const Scope& scope, const std::string& callee) {
  std::vector<Value> values;
  for (const syntax::Argument& argument : call.args) {
    if (argument.generator) {
      diagnostics_.report(Code::A0207, argument.span, absl::StrCat("`", callee, "` takes values, not a `for`")).note("`[e for i in 0..N]` is a tensor");
      return std::nullopt;
    }
    if (argument.name) {
      diagnostics_.report(Code::A0207, argument.name->span, absl::StrCat("the arguments of `", callee, "` have no names"));
      return std::nullopt;
    }
    values.push_back(expression(*argument.value, scope));
    if (values.back().poisoned()) return std::nullopt;
  }
  return values;
}

Value Elaborator::call(const syntax::Expr& expr, const Scope& scope) {
  const syntax::Expr& base = *expr.base;
  if (base.kind == syntax::Expr::Kind::Member && base.base->kind == syntax::Expr::Kind::Name && base.base->name.text == "rows" &&
      !scope.find("rows", base.base->span)) {
    if (!scope.takes_estimates()) {
      diagnostics_.report(Code::A0209, expr.span, "`rows` is the table: it stands in the results of a query");
      return Value{};
    }
    return rows(expr, base.name.text, scope);
  }
  if (base.kind == syntax::Expr::Kind::Index && !declaration_name(*base.base).empty()) {
    if (auto result = generic_call(expr, scope)) return *result;
  }
  // Names that only stand before `(`.
  if (base.kind == syntax::Expr::Kind::Name) {
    const std::string& word = base.name.text;
    bool bound = false;
    for (const Scope* s = &scope; s != nullptr && !bound; s = s->parent()) bound = s->find(word, base.span).has_value();
    const Module* owner = nullptr;
    if (!bound && find_declaration(*scope.module(), word, &owner) == nullptr) {
      const auto law = scope.module()->library ? find_primitive_law(word) : std::nullopt;
      if (is_graph_call(word)) {
        if (graph_ != nullptr) return graph_->graph_call(word, expr, scope);
        diagnostics_.report(Code::A1013, expr.span, absl::StrCat("`", word, "` stands in graphs")).note("`graph g(x: f64 at alice) -> f64 at alice { … }` is computed by parties");
        return Value{};
      }
      if (is_tensor_call(word)) return *tensor_call(word, expr, scope);
      if (is_file_reader(word)) return file_constant(word, expr, scope);
      if (is_intrinsic(word) || law || word == "categorical") {
        const auto arguments = positional(expr, scope, word);
        if (!arguments) return Value{};
        if (!law && word != "categorical") return intrinsic(word, *arguments, expr.span);
        const size_t expected = law == Noise::Law::StdStudentT || word == "categorical" ? 1 : 0;
        if (arguments->size() != expected || (word == "categorical" && (!(*arguments)[0].is_tensor() || (*arguments)[0].shape.size() != 1))) {
          diagnostics_.report(Code::A0207, expr.span, word == "categorical" ? "`categorical` takes the list of probabilities, `categorical([0.2, 0.8])`"
                                                                             : absl::StrCat("`", word, "` takes ", expected, " arguments"));
          return Value{};
        }
        auto called = std::make_shared<LawCall>();
        called->primitive = law;
        called->categorical = !law;
        called->arguments = *arguments;
        called->text = source_text(expr.span);
        called->span = expr.span;
        Value value;
        value.kind = Value::Kind::Law;
        value.law = std::move(called);
        return value;
      }
    }
  }
  const Value callee = expression(base, scope);
  if (callee.poisoned()) return callee;
  if (callee.kind != Value::Kind::Function) {
    if (graph_ != nullptr && callee.kind == Value::Kind::Other && callee.declaration->kind == syntax::Decl::Kind::Query) return graph_->query_call(*callee.declaration, expr, scope);
    if (graph_ != nullptr && callee.kind == Value::Kind::Other && callee.declaration->kind == syntax::Decl::Kind::Graph) return graph_->graph_invocation(*callee.declaration, expr, scope);
    if (callee.kind == Value::Kind::Other && callee.declaration->kind == syntax::Decl::Kind::Intervention) {
      diagnostics_.report(Code::A0208, base.span, absl::StrCat("`", callee.declaration->name.text, "` is an intervention")).note(absl::StrCat("apply it with `do ", callee.declaration->name.text, "(…)`"));
    } else {
      diagnostics_.report(Code::A0208, base.span, "this cannot be called").note("only functions can");
    }
    return Value{};
  }
  if (callee.lambda != nullptr) {
    const auto arguments = positional(expr, scope, "this function");
    return arguments ? call_value(callee, *arguments, expr.span) : Value{};
  }
  if (callee.op) {
    const std::string word(op_spelling(*callee.op));
    const auto arguments = positional(expr, scope, word);
    return arguments ? builtin(*callee.op, *arguments, expr.span) : Value{};
  }
  return call_function(callee, expr, scope, {});
}

/// f[3](x): the sizes written at the call. Nullopt where the brackets are an index.
std::optional<Value> Elaborator::generic_call(const syntax::Expr& expr, const Scope& scope) {
  const syntax::Expr& base = *expr.base;
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
    const syntax::Expr& first = base.base->kind == syntax::Expr::Kind::Member ? *base.base->base : *base.base;
    if (s->find(first.name.text, first.span)) return std::nullopt;
  }
  const Module* owner = nullptr;
  const syntax::Decl* function = find_declaration(*scope.module(), declaration_name(*base.base), &owner, base.base->span);
  if (function == nullptr || (function->kind != syntax::Decl::Kind::Fn && function->kind != syntax::Decl::Kind::Mechanism)) return std::nullopt;
  const auto generics = written_sizes(*function, base, scope);
  return generics ? call_function(declaration(*function, *owner, base.base->span), expr, scope, *generics) : Value{};
}

std::optional<std::vector<int64_t>> Elaborator::written_sizes(const syntax::Decl& declared, const syntax::Expr& base, const Scope& scope) {
  const syntax::Decl* function = &declared;
  const std::vector<const syntax::Name*> sizes = sizes_of(*function), needed = only_written(*function, sizes);
  if (base.indices.size() != sizes.size() && (needed.empty() || base.indices.size() != needed.size())) {
    auto report = diagnostics_.report(Code::A0207, base.span, absl::StrCat("`", function->name.text, "` is declared with ", sizes.size(), " sizes in brackets, and here are ", base.indices.size()));
    report.label(function->name.span, "declared here");
    if (!needed.empty() && needed.size() < sizes.size()) report.note(absl::StrCat("all of them, or those that its arguments do not say: `", absl::StrJoin(needed, ", ", [](std::string* out, const syntax::Name* name) { absl::StrAppend(out, name->text); }), "`"));
    return std::nullopt;
  }
  std::vector<int64_t> generics;
  for (const syntax::Index& index : base.indices) {
    const auto size = index.kind == syntax::Index::Kind::Value && !index.name ? this->size(*index.value, scope, "a size") : std::nullopt;
    if (!size) return std::nullopt;
    generics.push_back(*size);
  }
  return generics;
}

Value Elaborator::call_function(const Value& callee, const syntax::Expr& expr, const Scope& scope, const std::vector<int64_t>& generics) {
  const syntax::Decl& function = *callee.declaration;
  const Module& module = *callee.module;
  const Scope defaults(nullptr, &module);
  const auto arguments = match_arguments(function.params, expr.args, scope, defaults, function.name.text, expr.span);
  if (!arguments) return Value{};
  if (function.kind == syntax::Decl::Kind::Fn && function.type->kind == syntax::Type::Kind::Law) {
    auto called = std::make_shared<LawCall>();
    called->declaration = &function;
    called->module = &module;
    called->arguments = *arguments;
    called->generics = generics;
    called->text = source_text(expr.span);
    called->span = expr.span;
    Value value;
    value.kind = Value::Kind::Law;
    value.law = std::move(called);
    value.span = expr.span;
    return value;
  }
  return apply_declared(callee, *arguments, expr.span, generics);
}

std::optional<std::vector<Value>> Elaborator::match_arguments(const std::vector<syntax::Parameter>& parameters,
                                                              const std::vector<syntax::Argument>& arguments, const Scope& scope,
                                                              const Scope& defaults, const std::string& callee, Span span) {
  std::vector<const syntax::Expr*> chosen(parameters.size(), nullptr);
  std::vector<bool> given(parameters.size(), false);
  size_t next = 0;
  for (const syntax::Argument& argument : arguments) {
    if (argument.generator) {
      diagnostics_.report(Code::A0207, argument.span, absl::StrCat("`", callee, "` takes values, not a `for`")).note("`[e for i in 0..N]` is a tensor");
      return std::nullopt;
    }
    size_t position = next;
    if (argument.name) {
      position = static_cast<size_t>(std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name.text == argument.name->text; }) - parameters.begin());
      if (position == parameters.size()) {
        std::vector<std::string> names;
        for (const auto& p : parameters) names.push_back(p.name.text);
        auto report = diagnostics_.report(Code::A0207, argument.name->span, absl::StrCat("`", callee, "` has no parameter `", argument.name->text, "`"));
        if (const std::string near = nearest_name(argument.name->text, names); !near.empty()) report.fix(argument.name->span, near, absl::StrCat("write `", near, "`"));
        else report.note(absl::StrCat("its parameters are ", absl::StrJoin(names, ", ")));
        return std::nullopt;
      }
    } else {
      ++next;
    }
    if (position >= parameters.size()) {
      diagnostics_.report(Code::A0207, argument.span, absl::StrCat("`", callee, "` takes ", parameters.size(), parameters.size() == 1 ? " argument" : " arguments", ", and here are more"));
      return std::nullopt;
    }
    if (given[position]) {
      diagnostics_.report(Code::A0207, argument.span, absl::StrCat("`", parameters[position].name.text, "` is given twice"));
      return std::nullopt;
    }
    given[position] = true;
    chosen[position] = argument.value;
  }
  std::vector<Value> values;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (chosen[i] == nullptr && parameters[i].default_value == nullptr) {
      diagnostics_.report(Code::A0207, span, absl::StrCat("`", callee, "` needs `", parameters[i].name.text, "`")).label(parameters[i].span, "declared here");
      return std::nullopt;
    }
    values.push_back(chosen[i] != nullptr ? expression(*chosen[i], scope) : expression(*parameters[i].default_value, defaults));
    if (values.back().poisoned()) return std::nullopt;
  }
  return values;
}

Value Elaborator::slots(Slot like, const Annotation& type, const std::vector<double>& values, std::vector<Slot*>& made) {
  if (!type.fields.empty()) return slots_of_fields(like, type, values, made);
  like.type = type.element;
  const bool open_argument = like.role == Slot::Role::Argument && sizes::is_open(element_count(type.shape));
  if (open_argument || (like.role == Slot::Role::Learn && (element_count(type.shape) > kUnrolled || (graph_ != nullptr && !type.shape.empty())))) {
    like.type.shape = type.shape;
    like.defaults = values;
    made.push_back(program().make(std::move(like)));
    return Builder::whole(builder_.slot(made.back(), made.back()->span), made.back()->span);
  }
  const std::string name = like.name;
  if (const int64_t count = element_count(type.shape); sizes::is_open(count)) {
    diagnostics_.report(Code::A0701, like.span, absl::StrCat("values set per run of a size that is read at start, ", to_string(type.shape), ", are not built yet")).note("a table has columns of vectors, and `learn` takes tensors of any size");
    return Value{};
  }
  if (constexpr int64_t kMost = 65536; element_count(type.shape) > kMost) {
    diagnostics_.report(Code::A0701, like.span, absl::StrCat("values set per run of more than ", kMost, " elements are not built yet")).note("a table has columns of vectors, and `learn` takes tensors of any size");
    return Value{};
  }
  std::vector<Value> items;
  for (int64_t position = 0; position < element_count(type.shape); ++position) {
    Slot slot = like;
    if (!type.shape.empty()) {
      slot.name = absl::StrCat(name, index_text(type.shape, position));
      slot.vector = VectorElement{name, {type.shape.begin(), type.shape.end()}, position};
    }
    if (!values.empty()) slot.default_value = values[static_cast<size_t>(position)];
    made.push_back(program().make(std::move(slot)));
    items.push_back(Builder::value(builder_.slot(made.back(), like.span)));
  }
  return type.shape.empty() ? items[0] : builder_.tensor(type.shape, std::move(items), like.span);
}

/// A record of slots, called by the paths of its fields: `start.mass`.
Value Elaborator::slots_of_fields(const Slot& like, const Annotation& type, const std::vector<double>& values, std::vector<Slot*>& made) {
  const std::function<size_t(const Annotation&)> count = [&](const Annotation& of) -> size_t {
    if (of.fields.empty()) return sizes::any_open(of.shape) ? 1 : static_cast<size_t>(element_count(of.shape));
    size_t all = 0;
    for (const auto& [name, field] : of.fields) all += count(field);
    return all;
  };
  std::vector<std::string> names;
  std::vector<Value> parts;
  size_t at = 0;
  for (const auto& [name, field] : type.fields) {
    Slot slot = like;
    slot.name = absl::StrCat(like.name, ".", name);
    std::vector<double> own;
    if (!values.empty()) {
      own.assign(values.begin() + static_cast<ptrdiff_t>(at), values.begin() + static_cast<ptrdiff_t>(at + count(field)));
      at += count(field);
    }
    names.push_back(name);
    parts.push_back(slots(std::move(slot), field, own, made));
    if (parts.back().poisoned()) return Value{};
  }
  return builder_.record(std::move(names), std::move(parts), like.span);
}

Value Elaborator::placeholder(const std::string& name, const Annotation& type, Span span) {
  if (!type.fields.empty()) {
    std::vector<std::string> names;
    std::vector<Value> parts;
    for (const auto& [field, of] : type.fields) {
      names.push_back(field);
      parts.push_back(placeholder(absl::StrCat(name, ".", field), of, span));
    }
    return builder_.record(std::move(names), std::move(parts), span);
  }
  Slot slot;
  slot.role = sizes::any_open(type.shape) ? Slot::Role::Learn : Slot::Role::Argument;
  slot.name = name;
  slot.span = span;
  std::vector<Slot*> made;
  return slots(std::move(slot), type, {}, made);
}

void Elaborator::check_function(const syntax::Decl& function, const Module& module) {
  // A mechanism of several functions has no type, nor one of another library before it is written.
  const bool is_law = function.type != nullptr && function.type->kind == syntax::Type::Kind::Law;
  if (function.kind == syntax::Decl::Kind::Mechanism && function.block != nullptr && !function.has_params) return check_members(function, module);
  // A function over any size is tried with sizes that differ from each other.
  Scope scope(nullptr, &module);
  std::vector<int64_t> generics;
  for (const syntax::Name& generic : function.generics) scope.bind_unit(generic.text, units::Unit::label(generic.text));
  for (const syntax::Name* generic : sizes_of(function)) {
    generics.push_back(static_cast<int64_t>(8 + generics.size()));
    scope.bind(generic->text, Builder::value(builder_.integer(generics.back(), generic->span), true));
  }
  std::vector<Value> arguments;
  for (const syntax::Parameter& parameter : function.params) {
    const auto declared = annotation(*parameter.type, scope);
    if (!declared) return;
    const std::string what = absl::StrCat("the default of `", parameter.name.text, "`");
    if (parameter.default_value != nullptr) fit(expression(*parameter.default_value, scope), *declared, parameter.default_value->span, what, false);
    arguments.push_back(placeholder(parameter.name.text, *declared, parameter.name.span));
  }
  if (!is_law) {
    if (function.kind == syntax::Decl::Kind::Mechanism) {
      enter(function.name.text, nullptr, &module, nullptr);
      apply_mechanism(function, module, arguments, function.name.span, generics);
      leave();
    } else {
      inline_function(function, module, arguments, function.name.span, generics);
    }
    return;
  }
  LawCall law;
  law.declaration = &function;
  law.module = &module;
  law.arguments = std::move(arguments);
  law.generics = std::move(generics);
  law.text = function.name.text;
  law.span = function.name.span;
  draw_leaves(law, function.name.text, function.name.span);
}

Value Elaborator::inline_function(const syntax::Decl& function, const Module& module, const std::vector<Value>& arguments, Span span,
                                  const std::vector<int64_t>& generics, const Scope* enclosing) {
  if (const auto outer = std::find(in_progress_.begin(), in_progress_.end(), &function); outer != in_progress_.end()) {
    std::string path;
    for (auto step = outer; step != in_progress_.end(); ++step) absl::StrAppend(&path, (*step)->name.text, " → ");
    diagnostics_.report(Code::A0206, span, absl::StrCat("`", function.name.text, "` calls itself: ", path, function.name.text))
        .note("functions are expanded where they are called, so they cannot recurse; `scan` and `fold` repeat");
    return Value{};
  }
  if (!may_open(span)) return Value{};
  if (of_numbers(function) && std::any_of(arguments.begin(), arguments.end(), [](const Value& v) { return v.is_tensor(); })) {
    return builder_.elementwise(arguments, span, function.name.text, [&](std::vector<Value> at) { return inline_function(function, module, at, span, {}, enclosing); });
  }
  in_progress_.push_back(&function);
  Scope scope(enclosing, &module);
  bool ok = infer_generics(function, arguments, generics, scope, span);
  for (size_t i = 0; ok && i < arguments.size(); ++i) {
    const auto declared = annotation(*function.params[i].type, scope);
    Value value = declared ? fit(arguments[i], *declared, arguments[i].span, absl::StrCat("`", function.params[i].name.text, "` of `", function.name.text, "`"), false) : Value{};
    ok = !value.poisoned();
    scope.bind(function.params[i].name.text, value);
  }
  // Mechanisms that a function calls are named through it, where something owns them.
  const bool frame = function.kind == syntax::Decl::Kind::Fn && enclosing == nullptr && !frames_.empty();
  const bool learns = enclosing != nullptr && !frames_.empty() && std::exchange(frames_.back().mechanism, false);
  if (frame) {
    Frame inner;
    inner.label = function.name.text;
    inner.site = span;
    inner.block = function.block;
    inner.module = &module;
    inner.repeats = frames_.back().repeats;
    frames_.push_back(std::move(inner));
  }
  Value result = ok ? block(*function.block, scope, nullptr) : Value{};
  if (frame) frames_.pop_back();
  if (learns) frames_.back().mechanism = true;
  const auto declared = ok && !result.poisoned() ? annotation(*function.type, scope) : std::nullopt;
  result = declared ? fit(result, *declared, result.span, absl::StrCat("the result of `", function.name.text, "`"), false) : Value{};
  result.literal = false;
  result.span = span;
  in_progress_.pop_back();
  return result;
}

Value Elaborator::builtin(Op op, const std::vector<Value>& arguments, Span span) {
  if (static_cast<int>(arguments.size()) != op_arity(op)) {
    diagnostics_.report(Code::A0207, span, absl::StrCat("`", spelling(op), "` takes ", op_arity(op), op_arity(op) == 1 ? " argument" : " arguments", ", and here are ", arguments.size()));
    return Value{};
  }
  return builder_.apply(op, arguments, span);
}

Value Elaborator::intrinsic(const std::string& name, const std::vector<Value>& arguments, Span span) {
  const auto takes = [&](size_t count) {
    if (arguments.size() == count) return true;
    diagnostics_.report(Code::A0207, span, absl::StrCat("`", name, "` takes ", count, count == 1 ? " argument" : " arguments", ", and here are ", arguments.size()));
    return false;
  };
  const auto number = [&](double value) { return Builder::value(builder_.number(value, span), true); };
  if (name == "min" || name == "max") {
    if (arguments.size() < 2) return takes(2) ? Value{} : Value{};
    Value result = arguments[0];
    for (size_t i = 1; i < arguments.size(); ++i) result = builder_.apply(name == "min" ? Op::Min : Op::Max, {result, arguments[i]}, span);
    return result;
  }
  if (name == "clamp") {
    if (!takes(3)) return Value{};
    return builder_.apply(Op::Min, {builder_.apply(Op::Max, {arguments[0], arguments[1]}, span), arguments[2]}, span);
  }
  if (name == "where") {
    if (!takes(3)) return Value{};
    return builder_.select(arguments[0], arguments[1], arguments[2], span);
  }
  if (name == "hypot") {
    if (!takes(2)) return Value{};
    return builder_.apply(Op::Sqrt, {builder_.apply(Op::Add, {builder_.apply(Op::Mul, {arguments[0], arguments[0]}, span),
                                                              builder_.apply(Op::Mul, {arguments[1], arguments[1]}, span)}, span)}, span);
  }
  if (!takes(1)) return Value{};
  if (arguments[0].is_tensor()) return builder_.elementwise({arguments[0]}, span, name, [&](std::vector<Value> at) { return intrinsic(name, at, span); });
  if (!builder_.require_number(arguments[0])) return Value{};
  const Value zero = Builder::value(builder_.number(0, span, arguments[0].expr->type.unit), true);
  const Value below = builder_.apply(Op::Lt, {arguments[0], zero}, span), above = builder_.apply(Op::Gt, {arguments[0], zero}, span);
  return builder_.select(above, number(1), builder_.select(below, number(-1), number(0), span), span);
}

Value Elaborator::rows(const syntax::Expr& expr, const std::string& name, const Scope& scope) {
  const auto reducer = row_reducer(name);
  if (!reducer) {
    if (name == "quantile") diagnostics_.report(Code::A0711, expr.span, "`rows.quantile` is not built yet");
    else report_unknown("summary of rows called", name, expr.base->name.span, {"mean", "sum", "var", "min", "max", "count"});
    return Value{};
  }
  for (const syntax::Argument& argument : expr.args) {
    if (argument.name && argument.name->text == "by") {
      diagnostics_.report(Code::A0711, argument.span, "summaries by key are not built yet");
      return Value{};
    }
  }
  const auto arguments = positional(expr, scope, absl::StrCat("rows.", name));
  if (!arguments) return Value{};
  const bool counts = *reducer == RowReducer::Count;
  if (arguments->size() > 1 || (arguments->empty() && !counts)) {
    diagnostics_.report(Code::A0207, expr.span, absl::StrCat("`rows.", name, "` takes one expression"));
    return Value{};
  }
  if (!arguments->empty() && (*arguments)[0].is_tensor())
    return builder_.elementwise({(*arguments)[0]}, expr.span, name, [&](std::vector<Value> at) { return row_reduction(*reducer, at, expr.span); });
  return row_reduction(*reducer, *arguments, expr.span);
}

Value Elaborator::row_reduction(RowReducer reducer, const std::vector<Value>& arguments, Span span) {
  Expr result;
  result.kind = Expr::Kind::RowReduce;
  result.reducer = reducer;
  result.type = plain(ScalarKind::F64);
  result.span = span;
  if (!arguments.empty()) {
    if (!averages(arguments[0], span)) return Value{};
    // A `stat` has the type of what it is computed from.
    const bool single = statistic_ && arguments[0].expr->type.scalar == ScalarKind::F32;
    if (single) result.type = plain(ScalarKind::F32);
    // Of a condition the rows are counted where it holds.
    const bool holds = reducer == RowReducer::Count && arguments[0].expr->type.scalar == ScalarKind::Bool;
    Value operand = holds ? arguments[0] : builder_.as_scalar(arguments[0], result.type.scalar, span);
    if (operand.poisoned()) return operand;
    result.type.shape = operand.expr->type.shape;
    result.operands = {operand.expr};
    if (reducer != RowReducer::Count) result.type.unit = operand.expr->type.unit;
    if (reducer == RowReducer::Variance) {
      if (const auto squared = units::power(result.type.unit, 2)) result.type.unit = *squared;
    }
  }
  return Builder::value(program().make(std::move(result)));
}

}  // namespace acie::sema
