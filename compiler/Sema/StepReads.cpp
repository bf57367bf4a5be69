#include "compiler/Sema/StepReads.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Support/Sizes.h"

namespace acie::sema {
namespace {

/// How far from the first the element of a tensor is: step t's is `by` · t + `from`.
struct Reach {
  int64_t by = 0, from = 0;
};

std::vector<int64_t> row_major(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = sizes::times(strides[axis], std::max<int64_t>(shape[axis], 1));
  return strides;
}

Reach reach(int64_t offset, const std::vector<int64_t>& strides, const std::vector<StepPlace>& place) {
  Reach result{0, offset};
  for (size_t axis = 0; axis < strides.size(); ++axis) {
    result.from = sizes::plus(result.from, sizes::times(place[axis].at, strides[axis]));
    if (place[axis].moves) result.by = sizes::plus(result.by, strides[axis]);
  }
  return result;
}

/// `size` as `by` times a size and what is left, from 0 up to `by`; nullopt where an open part is no multiple.
std::optional<std::pair<int64_t, int64_t>> divided(int64_t size, int64_t by) {
  const auto floored = [by](int64_t n) { return (n - ((n % by) + by) % by) / by; };
  if (!sizes::is_open(size)) return std::pair(floored(size), size - by * floored(size));
  int64_t quotient = 0, rest = 0;
  for (const sizes::Term& term : sizes::polynomial(size)) {
    if (term.dims.empty()) {
      quotient = sizes::plus(quotient, floored(term.factor));
      rest = term.factor - by * floored(term.factor);
      continue;
    }
    if (term.factor % by != 0) return std::nullopt;
    int64_t product = term.factor / by;
    for (const std::string& dim : term.dims) product = sizes::times(product, sizes::dimension(dim));
    quotient = sizes::plus(quotient, product);
  }
  return std::pair(quotient, rest);
}

/// The place along each axis of a tensor of `shape`, steps along its first; nullopt where they go otherwise.
std::optional<std::vector<StepPlace>> unfolded(const Shape& shape, const Reach& at) {
  if (shape.empty()) return std::vector<StepPlace>();
  const std::vector<int64_t> strides = row_major(shape);
  if (std::any_of(strides.begin(), strides.end(), sizes::is_open) || (at.by != 0 && at.by != strides[0])) return std::nullopt;
  std::vector<StepPlace> result;
  int64_t left = at.from;
  for (const int64_t stride : strides) {
    const auto parts = divided(left, stride);
    if (!parts) return std::nullopt;
    result.push_back({result.empty() && at.by != 0, parts->first});
    left = parts->second;
  }
  return result;
}

}  // namespace

bool has_room(ModelElaborator& model, int64_t room) {
  if (sizes::is_open(room)) {
    const sizes::Polynomial terms = sizes::polynomial(room);
    if (std::any_of(terms.begin(), terms.end(), [](const sizes::Term& term) { return term.factor < 0 && !term.dims.empty(); })) return false;
  }
  return model.leave_room(room);
}

const Expr* running_part(Builder& builder, const Expr* each, Span span) {
  Expr part;
  part.kind = Expr::Kind::Gather;
  part.type = each->type;
  part.operands = {each, builder.places(each->type.shape, 0, {1}, span)};
  part.span = span;
  return builder.program().make(std::move(part));
}

bool StepReads::reads_series(const Expr* e) {
  if (const auto known = reads_.find(e); known != reads_.end()) return known->second;
  for (const Expr* part : postorder(e)) {
    if (reads_.count(part) > 0) continue;
    const bool named = (part->kind == Expr::Kind::Variable || part->kind == Expr::Kind::Natural) && part->world == world_ && !model_.element_series(part->variable).empty();
    reads_[part] = named || std::any_of(part->operands.begin(), part->operands.end(), [&](const Expr* operand) { return reads_.at(operand); });
  }
  return reads_.at(e);
}

const Expr* StepReads::at(const Expr* e, const std::vector<StepPlace>& place) {
  if (const auto known = made_.find({e, place}); known != made_.end()) return known->second;
  return made_[{e, place}] = make(e, place);
}

const Expr* StepReads::make(const Expr* e, const std::vector<StepPlace>& place) {
  if (!reads_series(e)) return of_others(e, place);
  switch (e->kind) {
    case Expr::Kind::Variable: case Expr::Kind::Natural: {
      const std::vector<const Variable*> series = model_.element_series(e->variable);
      Shape each = e->type.shape;
      if (place.empty() || each.empty() || each[0] != count_) return nullptr;
      each.erase(each.begin());
      int64_t element = 0;
      for (size_t axis = 0; axis < each.size(); ++axis) {
        if (place[axis + 1].moves || sizes::is_open(place[axis + 1].at)) return nullptr;
        element = element * each[axis] + place[axis + 1].at;
      }
      return of_series(series[static_cast<size_t>(element)], e->kind == Expr::Kind::Natural, place[0], e->span);
    }
    case Expr::Kind::Apply: {
      Expr step = *e;
      for (const Expr*& operand : step.operands) {
        operand = at(operand, operand->type.shape.empty() ? std::vector<StepPlace>() : place);
        if (operand == nullptr) return nullptr;
      }
      step.type.shape = {count_};
      return builder_.program().make(std::move(step));
    }
    case Expr::Kind::View: return through_view(e, place);
    case Expr::Kind::Gather: {
      if (reads_series(e->operands[0])) return nullptr;
      const Expr* where = at(e->operands[1], place);
      return where == nullptr ? nullptr : builder_.gather(e->operands[0], where, e->span);
    }
    case Expr::Kind::Concat: {
      const Reach element = reach(0, row_major(e->type.shape), place);
      const bool numbers = std::all_of(e->operands.begin(), e->operands.end(), [](const Expr* operand) { return operand->type.shape.empty(); });
      if (!numbers || element.by != 0 || sizes::is_open(element.from)) return nullptr;
      return at(e->operands[static_cast<size_t>(element.from)], {});
    }
    case Expr::Kind::Fold: return folded(e, place);
    default: return nullptr;
  }
}

/// Elements made one: as many as are written, `sum(l[..3])`, or those of all steps before the ones that are set, `mean(l[..-1])`.
const Expr* StepReads::folded(const Expr* e, const std::vector<StepPlace>& place) {
  const Expr* of = e->operands[0];
  const Shape each(of->type.shape.begin() + static_cast<ptrdiff_t>(e->type.shape.size()), of->type.shape.end());
  if (sizes::any_open(each) || element_count(each) > kUnrolled) return each.size() == 1 && place.empty() ? running(e, each[0]) : nullptr;
  const std::vector<int64_t> strides = row_major(each);
  std::vector<Value> items;
  for (int64_t position = 0; position < element_count(each); ++position) {
    std::vector<StepPlace> inner = place;
    for (size_t axis = 0; axis < each.size(); ++axis) inner.push_back({false, position / strides[axis] % each[axis]});
    const Expr* one = at(of, inner);
    if (one == nullptr) return nullptr;
    items.push_back(Builder::value(one));
  }
  const Builder::Loop loop(builder_);
  if (e->folding == Folding::Sum) return builder_.sum(items, e->span).expr;
  const Op op = e->folding == Folding::Product ? Op::Mul : e->folding == Folding::Min ? Op::Min : e->folding == Folding::Max ? Op::Max : e->folding == Folding::Any ? Op::Or : Op::And;
  Value result = items[0];
  for (size_t i = 1; i < items.size(); ++i) result = builder_.apply(op, {result, items[i]}, e->span);
  return result.expr;
}

/// Over `count` steps, all of them before those that are set: step t adds the element that it makes.
const Expr* StepReads::running(const Expr* e, int64_t count) {
  constexpr int64_t kFarthest = 8;  // steps that a slice may begin after the first
  for (int64_t first = 0; first <= kFarthest; ++first) {
    const Expr* each = at(e->operands[0], {{true, -first}});
    if (each == nullptr) continue;
    if (!has_room(model_, sizes::plus(sizes::minus(low_, sizes::plus(first, count)), 1))) return nullptr;
    each = running_part(builder_, builder_.as_whole(Builder::value(each), {count_}), e->span);
    return builder_.fold_axes(e->folding, builder_.view(each, {count}, first, {1}, e->span), 1, e->span, e->type.unit);
  }
  return nullptr;
}

const Expr* StepReads::through_view(const Expr* e, const std::vector<StepPlace>& place) {
  const auto inner = unfolded(e->operands[0]->type.shape, reach(e->elements->offset, e->elements->strides, place));
  return inner ? at(e->operands[0], *inner) : nullptr;
}

/// Of what no series makes: its elements where the steps are, the nearest for steps that have none.
const Expr* StepReads::of_others(const Expr* e, const std::vector<StepPlace>& place) {
  const Shape& shape = e->type.shape;
  if (shape.empty()) return e;
  const Reach element = reach(0, row_major(shape), place);
  if (element.by == 0) return builder_.view(e, {}, element.from, {}, e->span);
  const int64_t all = element_count(shape);
  const Expr* flat = builder_.reshaped(e, {all}, e->span);
  if (element.by == 1 && element.from == 0 && all == count_) return flat;
  const auto number = [&](const Expr* size) { return Builder::value(size, true); };
  const Builder::Loop loop(builder_);
  Value places = number(builder_.places({count_}, element.from, {element.by}, e->span));
  places = builder_.apply(Op::Max, {places, builder_.size(0, e->span)}, e->span);
  places = builder_.apply(Op::Min, {places, builder_.size(sizes::minus(all, 1), e->span)}, e->span);
  return builder_.gather(flat, places.expr, e->span);
}

const Expr* StepReads::of_series(const Variable* series, bool natural, StepPlace step, Span span) {
  // Where one step is set every other is so many steps from it.
  if (!step.moves && single_) {
    const int64_t away = sizes::minus(step.at, low_);
    if (!sizes::is_open(away)) step = {true, away};
  }
  if (sizes::is_open(step.at)) return nullptr;
  const Expr* here = builder_.variable(series, world_, span);
  const Expr* own = natural && is_set_(series) ? builder_.natural(series, world_, span) : here;
  const Builder::Loop loop(builder_);
  if (step.moves) {
    if (step.at > 0) return nullptr;
    if (step.at == 0) return own;
    const Expr* places = places_before(builder_, -step.at, count_, span);
    const Expr* before = builder_.gather(here, places, span);
    if (own == here || single_) return before;
    // Steps before the first that is set are as the world has them.
    const Value set = builder_.apply(Op::Ge, {Builder::value(builder_.places({count_}, step.at, {1}, span), true), builder_.size(low_, span)}, span);
    return builder_.select(set, Builder::value(builder_.gather(own, places, span)), Builder::value(before), span).expr;
  }
  // One step's value, for those from it on; where only the run knows how far it is from the first that is set, it must not be that.
  const bool is_first_set = step.at == low_;
  if (step.at < 0 || (!is_first_set && !model_.leave_room(sizes::minus(low_, step.at)))) return nullptr;
  if (!is_first_set) return builder_.gather(here, places_until(builder_, step.at, count_, span), span);
  const Value steps = Builder::value(builder_.places({count_}, 0, {1}, span), true);
  return builder_.gather(own, builder_.apply(Op::Min, {steps, Builder::value(builder_.integer(step.at, span), true)}, span).expr, span);
}

}  // namespace acie::sema
