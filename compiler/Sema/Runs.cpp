#include "compiler/Sema/Runs.h"

#include <algorithm>
#include <utility>

#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Strides.h"

namespace acie::sema {
namespace {

using Kind = Expr::Kind;

bool is_known(const Expr* e) { return !sizes::any_open(e->type.shape); }

/// Where in its operand the elements of a run of a View or a Gather lie; empty where that is not known.
std::vector<double> places(const Expr* e, int64_t count, int64_t offset) {
  std::vector<double> found;
  if (e->kind == Kind::View) {
    const bool known = !sizes::is_open(e->elements->offset) && std::none_of(e->elements->strides.begin(), e->elements->strides.end(), sizes::is_open);
    for (int64_t i = 0; known && i < count; ++i) found.push_back(static_cast<double>(e->elements->offset + place_in(e->type.shape, e->elements->strides, offset + i)));
  } else if (e->kind == Kind::Gather && e->operands[1]->kind == Kind::Dense) {
    const auto last = static_cast<double>(element_count(e->operands[0]->type.shape) - 1);
    const std::vector<double>& all = e->operands[1]->elements->numbers;
    for (int64_t i = 0; i < count; ++i) found.push_back(std::clamp(all[static_cast<size_t>(offset + i)], 0.0, last));
  }
  return found;
}

/// Whether it reads a table at places that are computed.
bool reads_at_places(const Expr* e) { return e->kind == Kind::Gather && e->operands[1]->kind != Kind::Dense; }

/// Whether it makes a number of each run of elements along its operand's last axes, which it lacks.
bool is_folded(const Expr* e) { return e->kind == Kind::Fold || (e->kind == Kind::Routine && makes_places(e->routine)); }

/// Whether it makes each line of the last axis of that line alone.
bool works_by_lines(const Expr* e) { return e->kind == Kind::Routine && (e->routine == routines::Routine::CumulativeSum || e->routine == routines::Routine::Sort); }

/// Of a product of matrices, or of as many as its batch has: the shapes of one of them.
struct Product {
  int64_t m, k, n;
  bool left, right;  // whether that operand has the batch
  explicit Product(const Expr* e)
      : m(e->operands[0]->type.shape.end()[-2]), k(e->operands[0]->type.shape.back()), n(e->operands[1]->type.shape.back()),
        left(e->operands[0]->type.shape.size() > 2), right(e->operands[1]->type.shape.size() > 2) {}
  /// Whether these are whole rows, each by the same matrix; or whole products.
  bool are_rows(int64_t count, int64_t offset) const { return !right && count % n == 0 && offset % n == 0; }
  bool are_products(int64_t count, int64_t offset) const { return count % (m * n) == 0 && offset % (m * n) == 0; }
};

}  // namespace

const Expr* Runs::of(const Expr* tensor, const Shape& shape, int64_t offset) {
  // A list of what is to be made, and not a recursion: what programs write one after the other may be deep.
  std::vector<Run> open = {{tensor, shape, offset}};
  const auto known = [&](const Run& run) -> const Expr* {
    const auto& [e, shape, offset] = run;
    if (e->type.shape.empty()) return e;
    if (!joins(e)) return builder_.part(e, shape, offset, e->span);
    const auto found = made_.find(run);
    return found == made_.end() ? nullptr : found->second;
  };
  while (!open.empty()) {
    const Run run = open.back();
    std::vector<const Expr*> of_parts;
    const size_t before = open.size();
    if (known(run) == nullptr) {
      for (Run& part : parts(run)) {
        if (const Expr* made = known(part)) of_parts.push_back(made);
        else open.push_back(std::move(part));
      }
      if (open.size() > before) continue;
      made_[run] = make(run, of_parts);
    }
    open.pop_back();
  }
  return known({tensor, shape, offset});
}

/// Whether runs of it may need less than all that it is made of: something is joined, and known operations lie between.
bool Runs::joins(const Expr* tensor) {
  if (const auto found = joins_.find(tensor); found != joins_.end()) return found->second;
  for (const Expr* e : postorder(tensor)) {
    const auto some = [&] {
      if (reads_at_places(e)) return joins_[e->operands[1]];
      return std::any_of(e->operands.begin(), e->operands.end(), [&](const Expr* operand) { return joins_[operand] && is_known(operand); });
    };
    bool& joined = joins_[e];
    if (e->type.shape.empty() || !is_known(e)) continue;
    joined = e->kind == Kind::Concat || ((e->kind == Kind::Apply || e->kind == Kind::View || e->kind == Kind::Gather || is_folded(e) || e->kind == Kind::Contract || works_by_lines(e)) && some());
  }
  return joins_[tensor];
}

/// The runs that a run is made of; none where it is a part of the whole.
std::vector<Runs::Run> Runs::parts(const Run& run) {
  const auto& [e, shape, offset] = run;
  const int64_t count = element_count(shape);
  std::vector<Run> found;
  if (reads_at_places(e)) return {{e->operands[1], shape, offset}};
  if (is_folded(e)) {
    const Shape& all = e->operands[0]->type.shape;
    Shape wider = shape;
    wider.insert(wider.end(), all.begin() + static_cast<std::ptrdiff_t>(e->type.shape.size()), all.end());
    return {{e->operands[0], wider, offset * (element_count(wider) / count)}};
  }
  switch (e->kind) {
    case Kind::Apply:
      for (const Expr* operand : e->operands) found.push_back({operand, shape, offset});
      break;
    case Kind::Concat: {
      int64_t begin = 0;
      for (const Expr* part : e->operands) {
        const int64_t end = begin + element_count(part->type.shape), from = std::max(begin, offset), to = std::min(end, offset + count);
        if (from < to) found.push_back({part, to - from == count ? shape : Shape{to - from}, from - begin});
        begin = end;
      }
      break;
    }
    case Kind::View: case Kind::Gather: {
      const std::vector<double> at = places(e, count, offset);
      if (at.empty()) break;
      const auto [first, last] = std::minmax_element(at.begin(), at.end());
      found.push_back({e->operands[0], {static_cast<int64_t>(*last - *first) + 1}, static_cast<int64_t>(*first)});
      break;
    }
    case Kind::Contract: {
      const Product product(e);
      if (product.are_rows(count, offset)) {
        found = {{e->operands[0], {count / product.n, product.k}, offset / product.n * product.k}, {e->operands[1], e->operands[1]->type.shape, 0}};
      } else if (product.are_products(count, offset)) {
        const int64_t one = product.m * product.n, products = count / one, at = offset / one;
        const auto part = [&](const Expr* operand, bool batched, int64_t rows, int64_t columns) -> Run {
          return batched ? Run{operand, {products, rows, columns}, at * rows * columns} : Run{operand, operand->type.shape, 0};
        };
        found = {part(e->operands[0], product.left, product.m, product.k), part(e->operands[1], product.right, product.k, product.n)};
      }
      break;
    }
    case Kind::Routine: {
      const int64_t line = e->type.shape.back();
      if (count % line == 0 && offset % line == 0) found.push_back({e->operands[0], {count / line, line}, offset});
      break;
    }
    default: break;
  }
  return found;
}

const Expr* Runs::make(const Run& run, const std::vector<const Expr*>& parts) {
  const auto& [e, shape, offset] = run;
  if (parts.empty()) return builder_.part(e, shape, offset, e->span);
  if (reads_at_places(e)) return builder_.gather(e->operands[0], parts[0], e->span);
  switch (e->kind) {
    case Kind::Concat: return parts.size() == 1 && parts[0]->type.shape == shape ? parts[0] : builder_.concat(parts, shape, e->span);
    case Kind::View: case Kind::Gather: {
      std::vector<double> at = places(e, element_count(shape), offset);
      const double first = *std::min_element(at.begin(), at.end());
      for (double& place : at) place -= first;
      Type integers;
      integers.scalar = ScalarKind::I64;
      return builder_.gather(parts[0], builder_.dense(shape, std::move(at), integers, e->span), e->span);
    }
    case Kind::Contract: {
      const Product product(e);
      const int64_t count = element_count(shape);
      Shape made = {count / product.n, product.n};
      if (!product.are_rows(count, offset)) made = {count / (product.m * product.n), product.m, product.n};
      return builder_.reshaped(builder_.contract(parts[0], parts[1], std::move(made), e->type, e->span), shape, e->span);
    }
    case Kind::Routine:
      if (is_folded(e)) {
        Type places = e->type;
        places.shape = shape;
        return builder_.routine(e->routine, parts, std::move(places), e->span);
      }
      return builder_.reshaped(builder_.routine(e->routine, parts, parts[0]->type, e->span), shape, e->span);
    default: {
      Expr node = *e;
      node.type.shape = shape;
      return builder_.again(node, parts);
    }
  }
}

}  // namespace acie::sema
