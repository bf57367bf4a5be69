#include "compiler/Sema/FoldTensors.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <type_traits>

#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"
#include "kernels/linalg/Gemm.h"
#include "kernels/reduce/Fold.h"
#include "kernels/routines/Routines.h"

namespace acie::sema {
namespace {

constexpr int64_t kMostTerms = int64_t{1} << 30;
/// Integers up to here are doubles.
constexpr double kExact = 9007199254740992.0;

/// Calls f with a value of the kernels' type for this scalar.
template <typename F>
auto by_type(ScalarKind scalar, F f) {
  switch (scalar) {
    case ScalarKind::F32: return f(float{});
    case ScalarKind::I64: return f(int64_t{});
    case ScalarKind::I32: return f(int32_t{});
    case ScalarKind::Bool: return f(uint8_t{});
    default: return f(double{});
  }
}

template <typename T>
std::vector<T> elements_of(const Expr& constant) {
  if (constant.kind == Expr::Kind::Constant) return {static_cast<T>(*constant_value(&constant))};
  return {constant.elements->numbers.begin(), constant.elements->numbers.end()};
}

template <typename T>
std::vector<double> widened(const std::vector<T>& elements) {
  return {elements.begin(), elements.end()};
}

reduce::Folding folding_of(Folding folding) {
  switch (folding) {
    case Folding::Sum: return reduce::Folding::kSum;
    case Folding::Product: return reduce::Folding::kProduct;
    case Folding::Min:
    case Folding::All: return reduce::Folding::kMin;
    case Folding::Max:
    case Folding::Any: return reduce::Folding::kMax;
  }
  return reduce::Folding::kSum;
}

template <typename T>
std::vector<double> fold_axes(const Expr& expr) {
  const std::vector<T> from = elements_of<T>(*expr.operands[0]);
  const int64_t rows = element_count(expr.type.shape), length = static_cast<int64_t>(from.size()) / rows;
  std::vector<T> to;
  for (int64_t row = 0; row < rows; ++row) to.push_back(reduce::fold(folding_of(expr.folding), from.data() + row * length, length));
  return widened(to);
}

template <typename T>
std::optional<std::vector<double>> contract(const Expr& expr) {
  const std::vector<T> a = elements_of<T>(*expr.operands[0]), b = elements_of<T>(*expr.operands[1]);
  const Shape &shape_a = expr.operands[0]->type.shape, &shape_b = expr.operands[1]->type.shape;
  const int64_t m = shape_a[shape_a.size() - 2], k = shape_a.back(), n = shape_b.back();
  const int64_t batch_a = static_cast<int64_t>(a.size()) / (m * k), batch_b = static_cast<int64_t>(b.size()) / (k * n), batch = std::max(batch_a, batch_b);
  if (batch * m * n > kMostTerms / k) return std::nullopt;
  std::vector<T> c(static_cast<size_t>(batch * m * n));
  const linalg::Level level = linalg::hostLevel();
  for (int64_t i = 0; i < batch; ++i) {
    linalg::Product<T> product;
    product.rows = m, product.columns = n, product.depth = k;
    product.a = {a.data() + (batch_a > 1 ? i * m * k : 0), k, 1};
    product.b = {b.data() + (batch_b > 1 ? i * k * n : 0), n, 1};
    product.c = {c.data() + i * m * n, n, 1};
    constexpr std::align_val_t kAlignment{64};
    const auto bytes = static_cast<size_t>(linalg::scratchBytes(level, product));
    const auto release = [&](void* memory) { operator delete(memory, kAlignment); };
    const std::unique_ptr<void, decltype(release)> scratch(bytes > 0 ? operator new(bytes, kAlignment) : nullptr, release);
    linalg::multiply(level, product, {0, m, 0, n}, scratch.get());
  }
  return widened(c);
}

std::vector<double> gather(const Expr& expr) {
  const std::vector<double> from = elements_of<double>(*expr.operands[0]);
  std::vector<double> to;
  for (const double at : elements_of<double>(*expr.operands[1])) to.push_back(from[static_cast<size_t>(std::clamp(at, 0.0, static_cast<double>(from.size() - 1)))]);
  return to;
}

template <typename T>
std::optional<std::vector<double>> routine(const Expr& expr) {
  const std::vector<T> a = elements_of<T>(*expr.operands[0]), b = elements_of<T>(*expr.operands.back());
  const Shape &shape_a = expr.operands[0]->type.shape, &shape_b = expr.operands.back()->type.shape;
  const auto count = static_cast<size_t>(element_count(expr.type.shape));
  if (routines::makes_places(expr.routine)) {
    std::vector<int64_t> at(count);
    routines::places<T>(expr.routine, {a.data(), 0, &shape_a}, {at.data(), 0, &expr.type.shape}, 1);
    return widened(at);
  }
  std::vector<T> to(count);
  if constexpr (std::is_floating_point_v<T>) {
    routines::run(expr.routine, {a.data(), 0, &shape_a}, {b.data(), 0, &shape_b}, {to.data(), 0, &expr.type.shape}, 1);
    if (routines::may_fail(expr.routine) && std::any_of(to.begin(), to.end(), [](T x) { return x != x; })) return std::nullopt;
  } else if constexpr (!std::is_same_v<T, uint8_t>) {
    routines::run(expr.routine, {a.data(), 0, &shape_a}, {to.data(), 0, &expr.type.shape}, 1);
  }
  return widened(to);
}

}  // namespace

std::optional<std::vector<double>> fold_tensor(const Expr& expr) {
  const ScalarKind scalar = expr.operands[0]->type.scalar;
  const auto exact = [&](double x) { return is_float(scalar) || std::abs(x) <= kExact; };
  for (const Expr* operand : expr.operands) {
    if (operand->kind == Expr::Kind::Constant ? !exact(*constant_value(operand)) : operand->kind != Expr::Kind::Dense) return std::nullopt;
    if (operand->kind == Expr::Kind::Dense && !is_float(scalar) && !std::all_of(operand->elements->numbers.begin(), operand->elements->numbers.end(), exact)) return std::nullopt;
  }
  std::optional<std::vector<double>> folded;
  switch (expr.kind) {
    case Expr::Kind::Fold: folded = by_type(scalar, [&]<typename T>(T) { return fold_axes<T>(expr); }); break;
    case Expr::Kind::Gather: folded = gather(expr); break;
    case Expr::Kind::Concat:
      folded.emplace();
      for (const Expr* part : expr.operands) {
        const std::vector<double> numbers = elements_of<double>(*part);
        folded->insert(folded->end(), numbers.begin(), numbers.end());
      }
      break;
    case Expr::Kind::Contract: folded = scalar == ScalarKind::F32 ? contract<float>(expr) : contract<double>(expr); break;
    case Expr::Kind::Routine: folded = by_type(scalar, [&]<typename T>(T) { return routine<T>(expr); }); break;
    default: return std::nullopt;
  }
  if (folded && !is_float(expr.type.scalar) && !std::all_of(folded->begin(), folded->end(), [](double x) { return std::abs(x) <= kExact; })) return std::nullopt;
  return folded;
}

}  // namespace acie::sema
