// Tensors in a query that a graph calls: linear maps of what is encrypted, and any of plaintexts.

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Secrecy/GraphBuilder.h"
#include "compiler/Sema/Secrecy/LinearMaps.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Secrecy/WrittenOut.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

using Kind = Expr::Kind;

/// What a graph does not compute is called; empty for what it does.
std::string not_built(const Expr& expr) {
  switch (expr.kind) {
    case Kind::View: case Kind::Gather: case Kind::Concat: case Kind::Fold: case Kind::Contract: case Kind::Places: case Kind::Routine: return "";
    case Kind::RowReduce: return "summaries of rows";
    case Kind::Extern: return "modules of other libraries";
    default: return "such values";
  }
}

/// Whether it is linear in operand `position`, the others being plain.
bool linear_in(const Expr& expr, size_t position) {
  switch (expr.kind) {
    case Kind::View: case Kind::Gather: return position == 0;
    case Kind::Fold: return expr.folding == Folding::Sum;
    case Kind::Contract: case Kind::Concat: return true;
    case Kind::Routine: return linear_operand(expr) == position;
    default: return false;
  }
}

/// The place of the one element that is read, where it is known.
std::optional<int64_t> place_read(const Expr& expr) {
  if (expr.kind == Kind::View && expr.type.shape.empty()) return expr.elements->offset;
  return std::nullopt;
}

/// A matrix of 0 and 1 that puts the elements of operand `position` of a Concat where they belong.
const Expr* placing(const Expr& concat, size_t position, Builder& builder) {
  int64_t before = 0;
  for (size_t i = 0; i < position; ++i) before += element_count(concat.operands[i]->type.shape);
  const int64_t all = element_count(concat.type.shape), own = element_count(concat.operands[position]->type.shape);
  std::vector<double> numbers(static_cast<size_t>(all * own), 0);
  for (int64_t i = 0; i < own; ++i) numbers[static_cast<size_t>((before + i) * own + i)] = 1;
  Type type = concat.type;
  type.unit = {};
  return builder.dense({all, own}, std::move(numbers), type, concat.span);
}

}  // namespace

/// What `expr` makes of `made`, its operand `position`, as an encrypted value: where no matrix can say it.
bool QueryCall::realise(const Expr& expr, size_t position, const Expr* by, const Expr* beside, Base& made) {
  const Span span = expr.span;
  const auto factor = [&](const Expr* v) {
    ++made.factors;
    return factors_(Builder::whole(v, span), GraphBuilder::kFactorBits, span);
  };
  const Shape& own = expr.operands[position]->type.shape;
  if (made.matrix != nullptr) {
    const Value matrix = factor(made.matrix);
    if (matrix.poisoned()) return false;
    const Expr* column = builder_.reshaped(builder_.as_whole(made.value, made.value.shape), {made.matrix->type.shape[1], 1}, span);
    const Expr* product = builder_.contract(matrix.expr, column, {made.matrix->type.shape[0], 1}, column->type, span);
    made.value = Builder::whole(builder_.reshaped(product, own, span), span);
    made.matrix = nullptr;
  }
  if (by != nullptr) {
    const Value fixed = factor(by);
    if (fixed.poisoned()) return false;
    made.value = builder_.apply(Op::Mul, {fixed, made.value}, span);
  }
  const Expr* of = builder_.as_whole(made.value, own);
  Expr image = expr;
  image.operands[position] = of;
  if (expr.kind == Kind::Contract || (expr.kind == Kind::Routine && beside != nullptr)) image.operands[1 - position] = beside;
  if (expr.kind == Kind::Gather) image.operands[1] = beside;
  if (expr.kind == Kind::Concat) {
    const int64_t size = element_count(own);
    const Expr* column = builder_.contract(placing(expr, position, builder_), builder_.reshaped(of, {size, 1}, span), {element_count(made.shape), 1}, of->type, span);
    made.value = Builder::whole(builder_.reshaped(column, made.shape, span), span);
  } else if (expr.kind == Kind::Routine && expr.routine != routines::Routine::CumulativeSum) {
    const Value matrix = factor(matrix_of(image, builder_));
    if (matrix.poisoned()) return false;
    made.value = Builder::whole(product_with(matrix.expr, image, of, builder_), span);
  } else {
    if (expr.kind == Kind::Contract) {
      const Value matrix = factor(beside);
      if (matrix.poisoned()) return false;
      image.operands[1 - position] = matrix.expr;
    }
    made.value = Builder::whole(builder_.program().make(std::move(image)), span);
  }
  return true;
}

bool QueryCall::is_linear_map(const Expr& expr) {
  for (size_t i = 0; i < expr.operands.size(); ++i) {
    if (linear_in(expr, i)) return true;
  }
  return false;
}

std::optional<int> QueryCall::mapped(const Expr& expr, size_t position, int id, Value& coefficient, const std::vector<Affine>& operands) {
  const Span span = expr.span;
  const Value one = Builder::value(builder_.number(1, span), true);
  const Expr* beside = nullptr;
  if (operands.size() == 2 && expr.kind != Kind::Concat) beside = builder_.as_whole(operands[1 - position].rest, expr.operands[1 - position]->type.shape);
  // What only rearranges does so with coefficients too; else they go into the matrix.
  const bool rearranges = expr.kind == Kind::View || expr.kind == Kind::Gather || expr.kind == Kind::Concat;
  const Expr* by = nullptr;
  if (coefficient.is_tensor()) {
    if (rearranges) {
      std::vector<Affine> own = operands;
      if (expr.kind == Kind::Concat) own.assign(operands.size(), {});
      own[position] = plain(coefficient);
      const Expr* there = rest_of(expr, own);
      if (there == nullptr) return std::nullopt;
      coefficient = Builder::whole(there, span);
    } else {
      by = builder_.as_whole(coefficient, coefficient.shape);
      coefficient = one;
    }
  }
  const auto [known, first] = mapped_.try_emplace({&expr, position, id, by, beside}, 0);
  if (!first) return known->second;
  Base made = base(id);
  made.whole = -1;
  made.shape = expr.type.shape;
  if (const Expr* matrix = matrix_for(expr, position, made, by, beside)) made.matrix = matrix;
  else if (!realise(expr, position, by, beside, made)) return std::nullopt;
  const int number = static_cast<int>(bases_.size());
  mapped_[{&expr, position, id, by, beside}] = number;
  bases_.push_back(std::move(made));
  return number;
}

/// What `expr` makes of plaintexts, 0 where an operand has none.
const Expr* QueryCall::rest_of(const Expr& expr, const std::vector<Affine>& operands) {
  std::vector<const Expr*> rests;
  std::vector<bool> drawn;
  for (size_t i = 0; i < operands.size(); ++i) {
    const Value rest = operands[i].rest.poisoned() ? Builder::value(builder_.number(0, expr.span), true) : operands[i].rest;
    const Shape& own = expr.operands[i]->type.shape;
    drawn.push_back(query_.draws() && is_drawn(rest, own));
    rests.push_back(builder_.as_whole(rest, drawn.back() ? rest.shape : own));
  }
  if (std::find(drawn.begin(), drawn.end(), true) != drawn.end()) return drawn_map(expr, std::move(rests), drawn);
  return builder_.again(expr, std::move(rests));
}

/// An element of a coefficient of a tensor of shape `own`, with its draws where it has any.
Value QueryCall::part_of(const Value& coefficient, const Shape& own, int64_t place) {
  if (!coefficient.is_tensor()) return coefficient;
  const Expr* whole = builder_.as_whole(coefficient, coefficient.shape);
  if (!is_drawn(coefficient, own)) return Builder::value(builder_.element(whole, place));
  const int64_t draws = coefficient.shape.back();
  return Builder::whole(builder_.part(whole, {draws}, place * draws, coefficient.span), coefficient.span);
}

/// Adds what `expr`, linear in its operand `position`, makes of what is encrypted there.
bool QueryCall::add_mapped(const Expr& expr, size_t position, const std::vector<Affine>& operands, Affine& result) {
  const Shape& own = expr.operands[position]->type.shape;
  const auto add_image = [&](int id, const Value& coefficient) { return add(result, Affine{{{id, coefficient}}, {}}, false, expr.span); };
  for (const auto& [id, coefficient] : operands[position].coefficients) {
    if (base(id).shape.empty()) continue;  // see map_coefficients
    if (const auto place = place_read(expr)) {
      if (!add_image(element_of(id, *place), part_of(coefficient, own, *place))) return false;
      continue;
    }
    const bool rearranges = expr.kind == Kind::View || expr.kind == Kind::Gather || expr.kind == Kind::Concat;
    if (!rearranges && is_drawn(coefficient, own)) {
      // A matrix for each draw would be large: each element by itself has a coefficient for each draw.
      for (int64_t place = 0; place < element_count(own); ++place) {
        std::vector<double> one(static_cast<size_t>(element_count(own)), 0);
        one[static_cast<size_t>(place)] = 1;
        Type type = expr.operands[position]->type;
        type.unit = {};
        std::vector<Affine> others = operands;
        others[position] = plain(apply(Op::Mul, {Builder::whole(builder_.dense(own, std::move(one), type, expr.span), expr.span), coefficient}, expr.span));
        const Expr* there = others[position].rest.poisoned() ? nullptr : rest_of(expr, others);
        if (there == nullptr || !add_image(element_of(id, place), Builder::whole(there, expr.span))) return false;
      }
      continue;
    }
    Value there = coefficient;
    const auto image = mapped(expr, position, id, there, operands);
    if (!image) return false;
    if (!add_image(*image, there)) return false;
  }
  return true;
}

/// A base that is a number is in every element of an operand, and the map is one of its coefficients.
bool QueryCall::map_coefficients(const Expr& expr, const std::vector<Affine>& operands, Affine& result) {
  std::vector<Affine> rests;  // what is beside it: plaintexts, of a Concat nothing
  for (const Affine& each : operands) rests.push_back(expr.kind == Kind::Concat ? Affine{} : plain(each.rest));
  std::map<int, std::vector<std::pair<size_t, Value>>> coefficients;  // by the operands that have the base
  for (size_t i = 0; i < operands.size(); ++i) {
    for (const auto& [id, coefficient] : operands[i].coefficients) {
      if (base(id).shape.empty()) coefficients[id].emplace_back(i, coefficient);
    }
  }
  for (auto& [id, own] : coefficients) {
    for (auto& [i, coefficient] : own) std::swap(rests[i].rest, coefficient);
    const Expr* there = rest_of(expr, rests);
    for (auto& [i, coefficient] : own) std::swap(rests[i].rest, coefficient);
    if (there == nullptr) return false;
    if (constant_value(there) == std::optional<double>(0)) continue;  // of an element that others make
    if (!add(result, Affine{{{id, Builder::whole(there, expr.span)}}, {}}, false, expr.span)) return false;
  }
  return true;
}

std::optional<QueryCall::Affine> QueryCall::tensor_map(const Expr& expr, WorldId world) {
  if (expr.kind == Kind::Last || expr.kind == Kind::Every) return loop(expr, world);
  if (const std::string what = not_built(expr); !what.empty()) {
    builder_.diagnostics().report(Code::A0704, expr.span, absl::StrCat(what, " in a query that a graph calls are not built yet"));
    return std::nullopt;
  }
  std::vector<Affine> operands;
  for (const Expr* each : expr.operands) {
    auto made = of(each, world);
    if (!made) return made;
    operands.push_back(*std::move(made));
  }
  return map_of(expr, operands);
}

std::optional<QueryCall::Affine> QueryCall::map_of(const Expr& expr, const std::vector<Affine>& operands) {
  std::optional<size_t> encrypted;
  bool plain_too = expr.operands.empty();
  for (size_t i = 0; i < operands.size(); ++i) {
    const bool here = !operands[i].coefficients.empty();
    plain_too = plain_too || (!operands[i].rest.poisoned() && (expr.kind == Kind::Concat || here));
    if (!here) continue;
    if ((encrypted && expr.kind != Kind::Concat) || !linear_in(expr, i)) return refuse(expr, operands[i]);
    encrypted = i;
  }
  Affine result;
  if (!map_coefficients(expr, operands, result)) return std::nullopt;
  for (size_t i = 0; i < operands.size(); ++i) {
    if (!add_mapped(expr, i, operands, result)) return std::nullopt;
  }
  if (encrypted && !plain_too) return result;
  const Expr* rest = rest_of(expr, operands);
  if (rest == nullptr) return std::nullopt;
  result.rest = Builder::whole(rest, expr.span);
  return result;
}

/// Step by step, operands first, so that long loops do not nest.
std::optional<QueryCall::Affine> QueryCall::loop(const Expr& expr, WorldId world) {
  const Expr* steps = written_out(&expr, builder_);
  if (steps == nullptr) return std::nullopt;
  for (const Expr* each : postorder(steps)) {
    if (!of(each, world)) return std::nullopt;
  }
  return of(steps, world);
}

}  // namespace acie::sema
