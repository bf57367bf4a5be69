// Whose the learnt parameters are where it is not the place of the call: instances that a `let` names, functions inside a
// mechanism, `stack`, state computed from the rows of training.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {
namespace {

using Kind = syntax::Stmt::Kind;

/// The functions inside a mechanism, in order.
std::vector<const syntax::Decl*> functions_in(const syntax::Decl& mechanism) {
  std::vector<const syntax::Decl*> functions;
  if (mechanism.block == nullptr) return functions;
  for (const syntax::Stmt* stmt : mechanism.block->statements) {
    if (stmt->kind == Kind::Param && stmt->declaration->kind == syntax::Decl::Kind::Fn) functions.push_back(stmt->declaration);
  }
  return functions;
}

/// Where `rows` means the rows of training.
class TrainingScope : public Scope {
 public:
  explicit TrainingScope(const Scope& parent) : Scope(&parent, parent.module()) {}
  bool takes_estimates() const override { return true; }
};

struct Contents {
  bool rows = false, estimates = false;
};

void look_into(const Expr* expr, std::set<const Expr*>& seen, Contents& found) {
  if (!seen.insert(expr).second) return;
  found.rows |= expr->kind == Expr::Kind::RowReduce;
  found.estimates |= expr->kind == Expr::Kind::Estimate;
  for (const Expr* operand : expr->operands) look_into(operand, seen, found);
}

}  // namespace

Value Elaborator::named_by_let(Value value, const std::string& path, const syntax::Stmt* stmt) const {
  if (value.kind != Value::Kind::Function || (value.owner != nullptr && !value.owner->path.empty())) return value;
  const bool mechanism = value.declaration != nullptr && value.declaration->kind == syntax::Decl::Kind::Mechanism;
  if (!mechanism && (value.lambda == nullptr || stmt == nullptr)) return value;
  Owner owner = value.owner != nullptr ? *value.owner : Owner{};
  owner.path = path;
  if (mechanism) owner.mechanism = value.declaration;
  else owner.stmt = stmt;
  if (!frames_.empty()) owner.repeats = frames_.back().repeats;
  value.owner = std::make_shared<const Owner>(std::move(owner));
  return value;
}

std::optional<Value> Elaborator::sized(const syntax::Expr& expr, const Scope& scope) {
  const std::string called = declaration_name(*expr.base);
  if (called.empty()) return std::nullopt;
  const syntax::Expr& first = expr.base->kind == syntax::Expr::Kind::Member ? *expr.base->base : *expr.base;
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
    if (s->find(first.name.text, first.span)) return std::nullopt;
  }
  const Module* owner = nullptr;
  const syntax::Decl* function = find_declaration(*scope.module(), called, &owner, expr.base->span);
  if (function == nullptr || (function->kind != syntax::Decl::Kind::Fn && function->kind != syntax::Decl::Kind::Mechanism)) return std::nullopt;
  const auto sizes = written_sizes(*function, expr, scope);
  if (!sizes) return Value{};
  Value value = declaration(*function, *owner, expr.span);
  Owner with_sizes;
  with_sizes.sizes = *sizes;
  value.owner = std::make_shared<const Owner>(std::move(with_sizes));
  value.span = expr.span;
  return value;
}

Value Elaborator::apply_declared(const Value& function, const std::vector<Value>& arguments, Span span, const std::vector<int64_t>& generics) {
  const syntax::Decl& declaration = *function.declaration;
  const Owner* owner = function.owner.get();
  const std::vector<int64_t>& sizes = generics.empty() && owner != nullptr ? owner->sizes : generics;
  if (declaration.kind == syntax::Decl::Kind::Mechanism) return apply_mechanism(declaration, *function.module, arguments, span, sizes, owner);
  if (owner != nullptr && owner->mechanism != nullptr) return call_member(function, arguments, span, generics);
  return inline_function(declaration, *function.module, arguments, span, sizes, function.names);
}

Value Elaborator::function_of(const Value& instance, const syntax::Name& name) {
  const syntax::Decl& mechanism = *instance.declaration;
  const std::vector<const syntax::Decl*> functions = functions_in(mechanism);
  if (functions.empty() || mechanism.has_params) {
    auto report = diagnostics_.report(Code::A0210, name.span, absl::StrCat("`", mechanism.name.text, "` has no functions that are called by name"));
    report.label(mechanism.name.span, "declared here");
    if (mechanism.has_params) report.note("it has parameters of its own and is called itself; functions inside it are its own");
    return Value{};
  }
  const auto found = std::find_if(functions.begin(), functions.end(), [&](const syntax::Decl* f) { return f->name.text == name.text; });
  if (found == functions.end()) {
    std::vector<std::string> names;
    for (const syntax::Decl* f : functions) names.push_back(f->name.text);
    report_unknown(absl::StrCat("function of `", mechanism.name.text, "` called"), name.text, name.span, names);
    return Value{};
  }
  if (instance.owner == nullptr || instance.owner->path.empty()) {
    diagnostics_.report(Code::A0412, name.span, absl::StrCat("`", mechanism.name.text, "` is no instance: nothing here owns its parameters"))
        .note(absl::StrCat("name one, `let net = ", mechanism.name.text, "`, and call `net.", name.text, "(…)`"));
    return Value{};
  }
  Value function;
  function.kind = Value::Kind::Function;
  function.declaration = *found;
  function.module = instance.module;
  function.owner = instance.owner;
  function.span = name.span;
  return function;
}

bool Elaborator::open_mechanism(const syntax::Decl& mechanism, Scope& scope) {
  for (const syntax::Stmt* stmt : mechanism.block->statements) {
    if (stmt->kind == Kind::Return || stmt->kind == Kind::Expression) {
      diagnostics_.report(Code::A0404, stmt->span, absl::StrCat("`", mechanism.name.text, "` has no parameters: its functions return, not it")).note("declare its parameters and its result, `mechanism m(x: f64) -> f64`, to call it itself");
      return false;
    }
    if (!declare_in_block(*stmt, scope, nullptr)) return false;
  }
  return true;
}

/// `ae.encode(x)`: the parameters and `let`s of the mechanism as the instance has them, then the function among them.
Value Elaborator::call_member(const Value& function, const std::vector<Value>& arguments, Span span, const std::vector<int64_t>& generics) {
  const Owner& owner = *function.owner;
  const syntax::Decl& mechanism = *owner.mechanism;
  if (std::find(in_progress_.begin(), in_progress_.end(), &mechanism) != in_progress_.end()) {
    diagnostics_.report(Code::A0206, span, absl::StrCat("`", mechanism.name.text, "` calls a function of an instance of itself"));
    return Value{};
  }
  if (!may_open(span)) return Value{};
  Frame frame;
  frame.path = owner.path;
  frame.block = mechanism.block;
  frame.module = function.module;
  frame.mechanism = true;
  frame.repeats = owner.repeats;
  frames_.push_back(std::move(frame));
  in_progress_.push_back(&mechanism);
  Scope scope(nullptr, function.module);
  bool ok = infer_generics(mechanism, arguments, owner.sizes, scope, span, &function.declaration->params);
  ok = ok && open_mechanism(mechanism, scope);
  const Value result = ok ? inline_function(*function.declaration, *function.module, arguments, span, generics, &scope) : Value{};
  in_progress_.pop_back();
  frames_.pop_back();
  return result;
}

void Elaborator::check_members(const syntax::Decl& mechanism, const Module& module) {
  Value instance;
  instance.kind = Value::Kind::Function;
  instance.declaration = &mechanism;
  instance.module = &module;
  Scope sizes(nullptr, &module);
  Owner owner;
  owner.path = mechanism.name.text;
  owner.mechanism = &mechanism;
  for (const syntax::Name& generic : mechanism.generics) {
    owner.sizes.push_back(static_cast<int64_t>(8 + owner.sizes.size()));
    sizes.bind(generic.text, Builder::value(builder_.integer(owner.sizes.back(), generic.span), true));
  }
  instance.owner = std::make_shared<const Owner>(owner);
  const std::vector<const syntax::Decl*> functions = functions_in(mechanism);
  if (functions.empty()) {
    diagnostics_.report(Code::A0404, mechanism.name.span, absl::StrCat("`", mechanism.name.text, "` computes nothing")).note("a mechanism has parameters and a result, `mechanism m(x: f64) -> f64 { … }`, or functions, `fn encode(x: f64) -> f64 { … }`");
    return;
  }
  for (const syntax::Decl* function : functions) {
    Scope scope(&sizes, &module);
    int64_t next = 8 + static_cast<int64_t>(owner.sizes.size());
    std::vector<int64_t> generics;
    for (const syntax::Name* generic : sizes_of(*function)) {
      generics.push_back(next++);
      scope.bind(generic->text, Builder::value(builder_.integer(generics.back(), generic->span), true));
    }
    std::vector<Value> arguments;
    for (const syntax::Parameter& parameter : function->params) {
      const auto declared = annotation(*parameter.type, scope);
      if (!declared) return;
      arguments.push_back(placeholder(parameter.name.text, *declared, parameter.name.span));
    }
    const size_t errors = diagnostics_.error_count();
    call_member(function_of(instance, function->name), arguments, function->name.span, generics);
    if (diagnostics_.error_count() != errors) return;
  }
}

Value Elaborator::repeat(const std::vector<Value>& arguments, Span span) {
  constexpr int64_t kMost = 1024;
  const Value& times = arguments[0];
  const auto count = times.is_number() && !is_float(times.expr->type.scalar) && times.expr->type.scalar != ScalarKind::Bool ? constant_value(times.expr) : std::nullopt;
  if (!count || *count < 1 || *count > kMost) {
    diagnostics_.report(Code::A0310, times.span, absl::StrCat("how many instances there are is an integer from 1 to ", kMost, " known when compiling")).note("`stack(8, x, |h| block(h))` applies eight blocks one after the other");
    return Value{};
  }
  Value result = arguments[1];
  const auto owns = !frames_.empty();
  if (owns) frames_.back().repeats.push_back({static_cast<int64_t>(*count), 0});
  for (int64_t i = 0; i < static_cast<int64_t>(*count) && !result.poisoned(); ++i) {
    if (owns) frames_.back().repeats.back().which = i;
    result = call_value(arguments[2], {result}, span);
  }
  if (owns) frames_.back().repeats.pop_back();
  return result;
}

/// stat m = rows.mean(x): what it would be in training gives its type; its value is set per run as a parameter's is.
Value Elaborator::statistic(const syntax::Stmt& stmt, const Scope& scope) {
  const syntax::Name& name = stmt.names[0];
  const TrainingScope training(scope);
  const bool outer = std::exchange(statistic_, true);
  const Value computed = number(*stmt.value, training);
  statistic_ = outer;
  if (computed.poisoned()) return computed;
  Contents found;
  std::set<const Expr*> seen;
  for (const Value& item : computed.items != nullptr ? *computed.items : std::vector<Value>{computed}) look_into(item.expr, seen, found);
  if (!found.rows || found.estimates) {
    diagnostics_.report(Code::A0404, stmt.value->span, found.estimates ? "a `stat` is computed from the rows of training, not from noise" : "a `stat` is computed from the rows of training, and this reads none")
        .note("`stat m = rows.mean(x)`; what is learnt by descent is a `learn`");
    return Value{};
  }
  if (stmt.method != nullptr) {
    const syntax::Expr& by = *stmt.method;
    const bool batch = by.kind == syntax::Expr::Kind::Call && by.base->kind == syntax::Expr::Kind::Name && by.base->name.text == "batch" && by.args.size() == 1 && by.args[0].name && by.args[0].name->text == "momentum" && !by.args[0].generator;
    const auto momentum = batch ? constant(*by.args[0].value, scope, plain(ScalarKind::F64), "the momentum") : std::nullopt;
    if (batch && !momentum) return Value{};
    if (!batch || !(*momentum > 0 && *momentum <= 1)) {
      diagnostics_.report(Code::A0306, by.span, "how a `stat` follows its batches is said with `by batch(momentum: 0.1)`, of a momentum above 0 and up to 1");
      return Value{};
    }
  }
  Annotation type;
  const Expr* element = computed.items != nullptr ? computed.items->front().expr : computed.expr;
  type.element = plain(element->type.scalar);
  type.element.unit = element->type.unit;
  type.shape = computed.is_tensor() ? computed.shape : Shape{};
  if (stmt.type != nullptr) {
    const auto declared = annotation(*stmt.type, scope);
    if (!declared) return Value{};
    const Value as_declared = is_float(declared->element.scalar) ? builder_.as_scalar(computed, declared->element.scalar, computed.span) : computed;
    if (as_declared.poisoned() || fit(as_declared, *declared, stmt.value->span, absl::StrCat("`", name.text, "`"), false).poisoned()) return Value{};
    type = *declared;
  }
  Slot slot;
  slot.role = Slot::Role::Learn;
  slot.name = absl::StrCat(frame_path(frames_.size() - 1), ".", name.text);
  slot.doc = stmt.doc;
  slot.span = name.span;
  return learnt_value(std::move(slot), type, {}, stmt);
}

/// param rate : f32 = 0.3 of a mechanism: set per run by its path, never learnt.
Value Elaborator::param_in_mechanism(const syntax::Decl& param, const Scope& scope) {
  const auto type = annotation(*param.type, scope);
  if (!type) return Value{};
  const Value written = type->fields.empty() ? number(*param.value, scope) : expression(*param.value, scope);
  const Value value = fit(written, *type, param.value->span, absl::StrCat("`", param.name.text, "`"), true);
  if (value.poisoned()) return value;
  if (!is_constant(value)) {
    diagnostics_.report(Code::A0310, param.value->span, absl::StrCat("the default of `", param.name.text, "` is not a number known when compiling"));
    return Value{};
  }
  Slot slot;
  slot.role = Slot::Role::Param;
  slot.name = absl::StrCat(frame_path(frames_.size() - 1), ".", param.name.text);
  slot.doc = param.doc;
  slot.span = param.name.span;
  syntax::Stmt at;
  at.span = param.span;
  return param_value(std::move(slot), *type, value, at);
}

/// Of a record: a parameter per field.
Value Elaborator::param_value(Slot slot, const Annotation& type, const Value& value, const syntax::Stmt& at) {
  if (type.fields.empty()) return learnt_value(std::move(slot), type, {constant_values(value), std::nullopt}, at);
  std::vector<std::string> names;
  std::vector<Value> parts;
  for (const auto& [name, field] : type.fields) {
    Slot part = slot;
    part.name = absl::StrCat(slot.name, ".", name);
    names.push_back(name);
    parts.push_back(param_value(std::move(part), field, *value.field(name), at));
    if (parts.back().poisoned()) return Value{};
  }
  return builder_.record(std::move(names), std::move(parts), slot.span);
}

bool Elaborator::may_declare(const syntax::Name& name, const Scope& scope) {
  if (!scope.has_own(name.text)) return true;
  diagnostics_.report(Code::A0202, name.span, absl::StrCat("`", name.text, "` is declared twice here")).note("a parameter, a learnt value and a function have one meaning in a block");
  return false;
}

Value Elaborator::outside(Value result, const Scope& scope, Span span) {
  if (result.kind != Value::Kind::Function || result.names != &scope) return result;
  diagnostics_.report(Code::A0209, span, "a function stays in the block that makes it").note("return what it gives, or declare it with `fn`");
  return Value{};
}

}  // namespace acie::sema
