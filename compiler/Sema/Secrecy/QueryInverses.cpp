// Equations over tensors solved for what stands in one place: the operations around it undone, from the outermost inwards.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Strides.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

using Kind = Expr::Kind;

/// A node of which only the type counts: what stands for it is known otherwise.
const Expr* stand_in(const Type& type, Builder& builder, Span span) {
  Expr node;
  node.kind = Kind::Bound;
  node.type = type;
  node.span = span;
  return builder.program().make(std::move(node));
}

}  // namespace

std::optional<QueryCall::Affine> QueryCall::undone(const Expr* expr, const Unknowns& unknown, Affine value) {
  const size_t errors = builder_.diagnostics().error_count();
  while (!unknown.which(*expr)) {
    const auto at = static_cast<size_t>(std::find_if(expr->operands.begin(), expr->operands.end(), [&](const Expr* each) { return unknown.in(each); }) - expr->operands.begin());
    const Expr* inner = expr->operands[at];
    const Span span = expr->span;
    std::optional<Affine> left;
    if (expr->kind == Kind::View) {
      left = undone_view(*expr, value);
    } else if (expr->kind == Kind::Contract) {
      left = undone_product(*expr, at, value);
    } else if (expr->kind == Kind::Routine) {
      left = undone_routine(*expr, at, value);
    } else if (expr->kind == Kind::Every) {
      const Expr& loop = *inner;
      inner = *std::find_if(loop.operands.begin(), loop.operands.end(), [&](const Expr* each) { return unknown.in(each); });
      left = undone_steps(*expr, unknown, value);
    } else if (expr->kind == Kind::Apply && inner->type.shape == expr->type.shape) {
      std::optional<Affine> other = expr->operands.size() == 2 ? of(expr->operands[1 - at], kFactual) : Affine{};
      if (!other) return other;
      const bool factor = expr->op == Op::Mul || expr->op == Op::Div;
      if (factor && !other->coefficients.empty()) return refuse(*expr, *other);
      switch (expr->op) {
        case Op::Add: left = sum(value, *other, true, span); break;
        case Op::Sub: left = at == 0 ? sum(value, *other, false, span) : sum(*other, value, true, span); break;
        case Op::Neg: left = sum(Affine{}, value, true, span); break;
        case Op::Mul: left = scaled(value, other->rest, Op::Div, span); break;
        case Op::Div:
          if (at == 0) left = scaled(value, other->rest, Op::Mul, span);
          break;
        case Op::Convert:
          if (is_float(expr->type.scalar)) left = value;
          break;
        default: break;
      }
    }
    if (!left) {
      if (builder_.diagnostics().error_count() > errors) return left;
      builder_.diagnostics().report(Code::A1003, span, absl::StrCat("`", unknown.name, "` cannot be recovered from encrypted evidence: this is not linear in it"))
          .note("encrypted evidence may enter the answer of a query as sums of products with plaintexts");
      return left;
    }
    value = *std::move(left);
    expr = inner;
  }
  return value;
}

std::optional<QueryCall::Affine> QueryCall::undone_view(const Expr& view, const Affine& value) {
  const Shape &shape = view.type.shape, &own = view.operands[0]->type.shape;
  const Expr* of = stand_in(view.type, builder_, view.span);
  std::vector<double> places(static_cast<size_t>(element_count(own)), -1);
  for (int64_t position = 0; position < element_count(shape); ++position) {
    places[static_cast<size_t>(view.elements->offset + place_in(shape, view.elements->strides, position))] = static_cast<double>(position);
  }
  Expr back;
  back.kind = Kind::Gather;
  back.type = view.operands[0]->type;
  back.operands = {of, builder_.dense(own, std::move(places), sema::plain(ScalarKind::I64), view.span)};
  back.span = view.span;
  const Expr* made = builder_.program().make(std::move(back));
  return map_of(*made, {value, plain(Builder::whole(made->operands[1], view.span))});
}

/// a x = y: x = a⁻¹ y, or where there are more equations than unknowns (aᵀ a)⁻¹ aᵀ y. x a = y: xᵀ from aᵀ xᵀ = yᵀ.
std::optional<QueryCall::Affine> QueryCall::undone_product(const Expr& product, size_t operand, const Affine& value) {
  const Span span = product.span;
  const auto matrix = of(product.operands[1 - operand], kFactual);
  if (!matrix) return matrix;
  if (!matrix->coefficients.empty()) return refuse(product, *matrix);
  const Expr* a = builder_.as_whole(matrix->rest, product.operands[1 - operand]->type.shape);
  const Type& unknown = product.operands[operand]->type;
  const auto turned = [&](const Expr* e) {
    const Shape& shape = e->type.shape;
    return builder_.view(e, {shape[1], shape[0]}, 0, {1, shape[1]}, span);
  };
  const int64_t equations = a->type.shape[operand == 1 ? 0 : 1], unknowns = a->type.shape[operand == 1 ? 1 : 0];
  Type type = a->type;
  // The matrix that y is multiplied by, [unknowns, equations]; on its right where x stands left.
  const Expr* by = operand == 1 ? a : turned(a);
  if (equations == unknowns) {
    by = builder_.routine(routines::Routine::Inverse, {by}, type, span);
  } else {
    const Expr* transposed = turned(by);
    type.shape = transposed->type.shape;
    by = builder_.routine(routines::Routine::Solve, {builder_.contract(transposed, by, {unknowns, unknowns}, type, span), transposed}, type, span);
  }
  // A product with one column may have lost it.
  Type full = product.type;
  full.shape = operand == 1 ? Shape{equations, unknown.shape[1]} : Shape{unknown.shape[0], equations};
  const Expr* y = stand_in(full, builder_, span);
  std::optional<Affine> right = value;
  if (full.shape != product.type.shape) right = map_of(*builder_.reshaped(stand_in(product.type, builder_, span), full.shape, span), {value});
  if (!right) return right;
  const Affine inverse = plain(Builder::whole(operand == 1 ? by : turned(by), span));
  Expr image;
  image.kind = Kind::Contract;
  image.type = unknown;
  image.type.range.reset();
  image.span = span;
  image.operands = operand == 1 ? std::vector<const Expr*>{inverse.rest.expr, y} : std::vector<const Expr*>{y, inverse.rest.expr};
  const Expr* made = builder_.program().make(std::move(image));
  return operand == 1 ? map_of(*made, {inverse, *right}) : map_of(*made, {*right, inverse});
}

/// Sums by differences, and what a system of equations was solved for by its matrix.
std::optional<QueryCall::Affine> QueryCall::undone_routine(const Expr& routine, size_t operand, const Affine& value) {
  using routines::Routine;
  const Span span = routine.span;
  const Type& type = routine.operands[operand]->type;
  const Shape& shape = type.shape;
  const Expr* of = stand_in(routine.type, builder_, span);
  switch (routine.routine) {
    case Routine::CumulativeSum: {
      std::vector<double> places, counts;
      for (int64_t place = 0; place < element_count(shape); ++place) {
        const bool first = place % shape.back() == 0;
        places.push_back(static_cast<double>(first ? place : place - 1));
        counts.push_back(first ? 0 : 1);
      }
      Expr before;
      before.kind = Kind::Gather;
      before.type = type;
      before.operands = {of, builder_.dense(shape, std::move(places), sema::plain(ScalarKind::I64), span)};
      before.span = span;
      const Expr* made = builder_.program().make(std::move(before));
      const auto shifted = map_of(*made, {value, plain(Builder::whole(made->operands[1], span))});
      if (!shifted) return shifted;
      const auto less = scaled(*shifted, Builder::whole(builder_.dense(shape, std::move(counts), sema::plain(ScalarKind::F64), span), span), Op::Mul, span);
      return less ? sum(value, *less, true, span) : less;
    }
    case Routine::Solve:
    case Routine::SolveLower:
    case Routine::SolveUpper: {
      const auto matrix = this->of(routine.operands[0], kFactual);
      if (!matrix) return matrix;
      if (!matrix->coefficients.empty()) return refuse(routine, *matrix);
      const Type& square = routine.operands[0]->type;
      Value a = Builder::whole(builder_.as_whole(matrix->rest, square.shape), span);
      if (routine.routine != Routine::Solve) {  // what a solver of triangular systems does not read
        const int64_t n = square.shape.back();
        std::vector<double> read;
        for (int64_t i = 0; i < n; ++i)
          for (int64_t j = 0; j < n; ++j) read.push_back((routine.routine == Routine::SolveLower ? j <= i : j >= i) ? 1 : 0);
        a = builder_.apply(Op::Mul, {a, Builder::whole(builder_.dense(square.shape, std::move(read), sema::plain(ScalarKind::F64), span), span)}, span);
        if (a.poisoned()) return std::nullopt;
      }
      const Shape columns = {shape[0], shape.size() == 2 ? shape[1] : 1};
      auto right = map_of(*builder_.reshaped(of, columns, span), {value});
      if (!right) return right;
      Type full = routine.type;
      full.shape = columns;
      Expr image;
      image.kind = Kind::Contract;
      image.type = type;
      image.type.range.reset();
      image.span = span;
      image.operands = {a.expr, stand_in(full, builder_, span)};
      return map_of(*builder_.program().make(std::move(image)), {plain(a), *right});
    }
    default: return std::nullopt;
  }
}

/// What is carried after each step is known, and so is what comes into the next: each is solved for the unknown's part of it.
std::optional<QueryCall::Affine> QueryCall::undone_steps(const Expr& every, const Unknowns& unknown, const Affine& value) {
  const Expr& node = *every.operands[0];
  const Expr::Loop& loop = *node.loop;
  const size_t carried = loop.carried.size(), parts = loop.parts.size();
  const Span span = every.span;
  const auto element = [&](const Expr* whole, const Affine& of, int64_t t, const Type& type) -> std::optional<Affine> {
    return map_of(*builder_.part(stand_in(whole->type, builder_, span), type.shape, t * element_count(type.shape), span), {of});
  };
  size_t which = parts;
  std::vector<std::optional<Affine>> over(parts);
  for (size_t i = 0; i < parts; ++i) {
    if (unknown.in(node.operands[carried + i])) which = i;
    else if (!(over[i] = of(node.operands[carried + i], kFactual))) return std::nullopt;
  }
  std::vector<Affine> state;
  for (size_t i = 0; i < carried; ++i) {
    const auto first = of(node.operands[i], kFactual);
    if (!first) return first;
    state.push_back(*first);
  }
  const std::vector<const Expr*> after(node.operands.begin() + static_cast<std::ptrdiff_t>(carried + parts), node.operands.end());
  const Expr* part = loop.parts[which];
  const Expr* equation = after[static_cast<size_t>(every.integer)];
  const Unknowns here = unknowns_in(equation, [part](const Expr& e) { return &e == part ? std::optional<size_t>(0) : std::nullopt; }, 1, unknown.name);
  const auto bind = [&](const Expr* bound, const Affine& to) { nodes_[{bound, kFactual}] = to; };
  std::set<const Expr*> varies(loop.carried.begin(), loop.carried.end());
  varies.insert(loop.parts.begin(), loop.parts.end());
  for (const Expr* each : postorder(after)) {
    if (std::any_of(each->operands.begin(), each->operands.end(), [&](const Expr* e) { return varies.contains(e); })) varies.insert(each);
  }
  Expr whole;  // the unknown's parts, one after the other
  whole.kind = Kind::Concat;
  whole.type = node.operands[carried + which]->type;
  whole.span = span;
  std::vector<Affine> found;
  const Expr* known = stand_in(every.type, builder_, span);
  for (int64_t t = 0; t < loop.steps; ++t) {
    for (const Expr* each : varies) nodes_.erase({each, kFactual});
    for (size_t i = 0; i < carried; ++i) bind(loop.carried[i], state[i]);
    for (size_t i = 0; i < parts; ++i) {
      if (i == which) continue;
      const auto own = element(node.operands[carried + i], *over[i], t, loop.parts[i]->type);
      if (!own) return own;
      bind(loop.parts[i], *own);
    }
    const auto left = element(known, value, t, equation->type);
    const auto own = left ? solved(equation, here, *left) : std::nullopt;
    if (!own) return own;
    bind(part, *own);
    for (size_t i = 0; i < carried; ++i) {
      const auto next = i == static_cast<size_t>(every.integer) ? left : of(after[i], kFactual);
      if (!next) return next;
      state[i] = *next;
    }
    found.push_back(*own);
    whole.operands.push_back(part);
  }
  for (const Expr* each : varies) nodes_.erase({each, kFactual});
  return map_of(*builder_.program().make(std::move(whole)), found);
}

}  // namespace acie::sema
