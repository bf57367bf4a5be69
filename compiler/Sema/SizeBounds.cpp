#include "compiler/Sema/SizeBounds.h"

namespace acie::sema {
namespace {

constexpr int64_t kLargestDivisor = int64_t{1} << 20;

SizeBounds sum(const SizeBounds& a, const SizeBounds& b) {
  const auto join = [](int64_t x, int64_t x_by, int64_t y, int64_t y_by) { return sizes::plus(sizes::times(x, y_by), sizes::times(y, x_by)); };
  return {join(a.low, a.low_by, b.low, b.low_by), a.low_by * b.low_by, join(a.high, a.high_by, b.high, b.high_by), a.high_by * b.high_by};
}

SizeBounds times(const SizeBounds& a, int64_t factor) {
  if (factor >= 0) return {sizes::times(a.low, factor), a.low_by, sizes::times(a.high, factor), a.high_by};
  return {sizes::times(a.high, factor), a.high_by, sizes::times(a.low, factor), a.low_by};
}

/// The integer that a size is, nullopt for an open one.
std::optional<int64_t> integer_of(const Expr* e) {
  const auto size = Builder::size_of(e);
  return size && !sizes::is_open(*size) ? size : std::nullopt;
}

std::optional<SizeBounds> bounds(const Expr* e, int depth) {
  if (const auto size = Builder::size_of(e)) return sizes::is_exact(*size) ? std::optional(SizeBounds{*size, 1, *size, 1}) : std::nullopt;
  if (e->kind != Expr::Kind::Apply || !e->type.shape.empty() || e->type.scalar != ScalarKind::I64 || e->operands.empty() || depth > 64) return std::nullopt;
  const auto a = bounds(e->operands[0], depth + 1);
  if (!a) return std::nullopt;
  if (e->op == Op::Neg) return times(*a, -1);
  if (e->operands.size() != 2) return std::nullopt;
  const auto b = bounds(e->operands[1], depth + 1);
  if (!b || a->low_by > kLargestDivisor || a->high_by > kLargestDivisor || b->low_by > kLargestDivisor || b->high_by > kLargestDivisor) return std::nullopt;
  const auto by = integer_of(e->operands[1]), of = integer_of(e->operands[0]);
  switch (e->op) {
    case Op::Add: return sum(*a, *b);
    case Op::Sub: return sum(*a, times(*b, -1));
    case Op::Mul: return by ? std::optional(times(*a, *by)) : of ? std::optional(times(*b, *of)) : std::nullopt;
    case Op::IDiv:
      // Rounded down: (a - (by - 1)) / by ≤ div(a, by) ≤ a / by.
      if (!by || *by < 1 || *by > kLargestDivisor) return std::nullopt;
      return SizeBounds{sizes::minus(a->low, sizes::times(a->low_by, *by - 1)), a->low_by * *by, a->high, a->high_by * *by};
    case Op::Mod: return by && *by >= 1 ? std::optional(SizeBounds{0, 1, *by - 1, 1}) : std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<SizeBounds> size_bounds(const Expr* e) {
  const auto found = bounds(e, 0);
  if (!found || found->low_by > kLargestDivisor || found->high_by > kLargestDivisor || !sizes::is_exact(found->low) || !sizes::is_exact(found->high)) return std::nullopt;
  return found;
}

}  // namespace acie::sema
