// scan and fold: short ones are written out step by step, long ones are one loop whose body is elaborated once.

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/LoopParts.h"

namespace acie::sema {
namespace {

/// Up to as many steps every step has expressions of its own.
constexpr int64_t kWrittenOut = 32;
constexpr int64_t kMostSteps = int64_t{1} << 24;

/// The numbers and tensors that a value is made of, in order; false for one that holds anything else.
bool leaves_of(const Value& v, std::vector<Value>& leaves) {
  if (v.is_number() || v.is_tensor()) {
    leaves.push_back(v);
    return true;
  }
  return v.kind == Value::Kind::Record && std::all_of(v.items->begin(), v.items->end(), [&](const Value& item) { return leaves_of(item, leaves); });
}

/// A value like `v` with these leaves.
Value with_leaves(const Value& v, const std::vector<Value>& leaves, size_t& next) {
  if (v.kind != Value::Kind::Record) return leaves[next++];
  Value result = v;
  std::vector<Value> items;
  for (const Value& item : *v.items) items.push_back(with_leaves(item, leaves, next));
  result.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return result;
}

bool same_fields(const Value& a, const Value& b) {
  if (a.kind != Value::Kind::Record || b.kind != Value::Kind::Record) return (a.kind == Value::Kind::Record) == (b.kind == Value::Kind::Record);
  return *a.fields == *b.fields && std::equal(a.items->begin(), a.items->end(), b.items->begin(), same_fields);
}

}  // namespace

/// scan(init, xs, |carry, x| …): every carry, or (`fold`) the last.
Value Elaborator::scan(const syntax::Expr& expr, const Scope& scope, bool all) {
  const char* name = all ? "scan" : "fold";
  if (expr.args.size() != 3 || expr.args[0].generator || expr.args[0].name) {
    diagnostics_.report(Code::A0207, expr.span, absl::StrCat("`", name, "` takes three arguments")).note(absl::StrCat("`", name, "(init, xs, |carry, x| …)`"));
    return Value{};
  }
  const Value init = expression(*expr.args[0].value, scope);
  const Value function = expression(*expr.args[2].value, scope);
  if (init.poisoned() || function.poisoned()) return Value{};
  if (const auto steps = steps_of(*expr.args[1].value, scope)) {
    const size_t reported = diagnostics_.size();
    const auto value = looped(expr, *steps, init, function, all);
    if (value && diagnostics_.size() == reported) return *value;
    diagnostics_.forget(reported);
  }
  return unrolled(expr, scope, init, function, all);
}

Value Elaborator::unrolled(const syntax::Expr& expr, const Scope& scope, Value carry, const Value& function, bool all) {
  std::vector<Value> carries;
  syntax::Generator steps;
  syntax::Name each{"", expr.args[1].span};
  steps.clauses.emplace_back(each, expr.args[1].value);
  steps.span = expr.args[1].span;
  Shape shape;
  const bool ok = generate(steps, scope, shape, [&](const Scope& inner) {
    carry = call_value(function, {carry, *inner.find("", expr.span)}, expr.span);
    if (carry.poisoned()) return false;
    if (all) carries.push_back(carry);
    return true;
  });
  if (!ok) return Value{};
  if (!all) return carry;
  if (carries.empty()) {
    diagnostics_.report(Code::A0312, expr.args[1].span, "there is nothing to go over");
    return Value{};
  }
  return stack(std::move(carries), shape, expr.span);
}

/// The steps of a scan that is long enough for a loop. What is wrong with them is reported where it is written out.
std::optional<Elaborator::Steps> Elaborator::steps_of(const syntax::Expr& over, const Scope& scope) {
  if (builder_.in_loop() || !drawn_shape_.empty()) return std::nullopt;
  const size_t reported = diagnostics_.size();
  Steps steps;
  if (over.kind == syntax::Expr::Kind::Range) {
    const auto low = size(*over.operands[0], scope, "the start of a range"), high = size(*over.operands[1], scope, "the end of a range");
    const int64_t count = low && high ? sizes::minus(*high, *low) : 0;
    if (sizes::is_open(count) && !sizes::is_open(*low)) {
      steps.count = count;
      steps.whole = builder_.places({count}, *low, {1}, over.span);
      steps.literal = true;
    } else if (count > 0 && count <= kMostSteps) {
      steps.count = count;
      if (steps.count <= kWrittenOut) return std::nullopt;
      std::vector<double> places(static_cast<size_t>(steps.count));
      for (int64_t i = 0; i < steps.count; ++i) places[static_cast<size_t>(i)] = static_cast<double>(*low + i);
      steps.whole = builder_.dense({steps.count}, std::move(places), plain(ScalarKind::I64), over.span);
      steps.literal = true;
    }
  } else {
    const Value tensor = expression(over, scope);
    if (tensor.is_tensor() && tensor.shape[0] > kWrittenOut) {
      steps.count = tensor.shape[0];
      steps.whole = builder_.as_whole(tensor, tensor.shape);
    }
  }
  if (steps.whole != nullptr && diagnostics_.size() == reported) return steps;
  diagnostics_.forget(reported);
  return std::nullopt;
}

/// The scan as a Loop; nullopt where a step cannot be written once for all: what is carried changes its type, or a step
/// needs to know its number when compiling.
std::optional<Value> Elaborator::looped(const syntax::Expr& expr, const Steps& steps, const Value& init, const Value& function, bool all) {
  const Span span = expr.span;
  const Shape rest(steps.whole->type.shape.begin() + 1, steps.whole->type.shape.end());
  // What the first step makes of the initial value tells the types: `0` is carried in the unit of what is added to it.
  Value first = Builder::whole(builder_.first_part(steps.whole, span), span);
  first.literal = steps.literal;
  const Value carried = call_value(function, {init, first}, span);
  std::vector<Value> before, types;
  if (carried.poisoned() || !same_fields(init, carried) || !leaves_of(init, before) || !leaves_of(carried, types)) return std::nullopt;
  const auto number_of = [&](const Value& leaf, const Type& type) -> const Expr* {
    Value number = leaf;
    number.expr = builder_.as_whole(leaf, type.shape);
    number.kind = Value::Kind::Number;
    number.items = nullptr;
    number = builder_.coerce(number, type, span, "what is carried");
    return number.poisoned() ? nullptr : number.expr;
  };

  auto loop = std::make_shared<Expr::Loop>();
  loop->steps = steps.count;
  const auto bound = [&](const Type& type) {
    Expr node;
    node.kind = Expr::Kind::Bound;
    node.type = type;
    node.type.range.reset();
    node.loop = loop;
    node.span = span;
    return program().make(std::move(node));
  };
  Expr node;
  node.kind = Expr::Kind::Loop;
  node.span = span;
  std::vector<Value> states;
  std::vector<Expr*> nodes;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].is_tensor() != types[i].is_tensor() || (before[i].is_tensor() && before[i].shape != types[i].shape)) return std::nullopt;
    Type type = builder_.as_whole(types[i], types[i].shape)->type;
    type.range.reset();
    node.operands.push_back(number_of(before[i], type));
    if (node.operands.back() == nullptr || node.operands.back()->type.shape != type.shape) return std::nullopt;
    nodes.push_back(bound(type));
    states.push_back(Builder::whole(nodes.back(), span));
  }
  Type part = steps.whole->type;
  part.shape = rest;
  nodes.push_back(bound(part));
  nodes.back()->type.range = range_of_parts(steps.whole);
  Value each = Builder::whole(nodes.back(), span);
  each.literal = steps.literal;
  size_t next = 0;
  const Value state = with_leaves(carried, states, next);
  Value left;
  {
    const Builder::Step step(builder_);
    left = call_value(function, {state, each}, span);
  }
  std::vector<Value> leaves;
  if (left.poisoned() || !same_fields(carried, left) || !leaves_of(left, leaves) || leaves.size() != states.size()) return std::nullopt;
  std::vector<const Expr*> after;
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].is_tensor() != types[i].is_tensor() || (leaves[i].is_tensor() && leaves[i].shape != types[i].shape)) return std::nullopt;
    const Type& type = nodes[i]->type;
    if (!units::compatible(builder_.as_whole(leaves[i], type.shape)->type.unit, type.unit)) return std::nullopt;
    after.push_back(number_of(leaves[i], type));
    if (after.back() == nullptr) return std::nullopt;
  }
  const LoopParts parts = parts_of_steps(after, nodes.back(), steps.whole, program());
  after = parts.after;
  if (steps.count <= kUnrolled) {
    // Up to as many noises are numbers of their own, which are recovered one by one where the steps are written out.
    std::vector<const Expr*> all = after;
    all.push_back(steps.whole);
    all.insert(all.end(), node.operands.begin(), node.operands.end());
    const std::vector<const Expr*> read = references(all);
    if (std::any_of(read.begin(), read.end(), [](const Expr* e) { return e->variable->role == Variable::Role::Exo; })) return std::nullopt;
  }
  bool reads_part = false;
  for (const Expr* inside : postorder(after)) {
    reads_part = reads_part || inside == nodes.back();
    // Estimates stand outside of loops.
    if (inside->kind == Expr::Kind::Estimate || inside->kind == Expr::Kind::RowReduce) {
      const std::vector<const Expr*> below = postorder(inside);
      if (std::any_of(below.begin(), below.end(), [&](const Expr* e) { return e->loop == loop; })) return std::nullopt;
    }
  }
  loop->carried.assign(nodes.begin(), nodes.end() - 1);
  if (reads_part) {
    loop->parts = {nodes.back()};
    node.operands.push_back(steps.whole);
  }
  loop->parts.insert(loop->parts.end(), parts.bound.begin(), parts.bound.end());
  node.operands.insert(node.operands.end(), parts.over.begin(), parts.over.end());
  node.operands.insert(node.operands.end(), after.begin(), after.end());
  node.type = nodes[0]->type;
  node.loop = loop;
  const Expr* whole = program().make(std::move(node));
  std::vector<Value> results;
  for (size_t i = 0; i < states.size(); ++i) {
    Expr result;
    result.kind = all ? Expr::Kind::Every : Expr::Kind::Last;
    result.type = nodes[i]->type;
    if (all) result.type.shape.insert(result.type.shape.begin(), steps.count);
    result.integer = static_cast<int64_t>(i);
    result.operands = {whole};
    result.span = span;
    results.push_back(Builder::whole(program().make(std::move(result)), span));
  }
  next = 0;
  return with_leaves(carried, results, next);
}

}  // namespace acie::sema
