// Tensors of random numbers: their elements row-major, and the draws of each as one more axis, the last.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/GraphBuilder.h"
#include "compiler/Sema/Secrecy/QueryCall.h"
#include "compiler/Sema/Strides.h"
#include "compiler/Sema/Symbols.h"

namespace acie::sema {
namespace {

using Kind = Expr::Kind;
using routines::Routine;
constexpr int64_t kDraws = GraphBuilder::kDraws;
constexpr int64_t kMostTermsDrawn = int64_t{1} << 26;  // half a gigabyte

/// Whether axis 0 is the real and the imaginary part of what a routine takes, and of what it makes.
bool takes_complex(Routine routine) { return routine == Routine::Fft || routine == Routine::InverseFft || routine == Routine::InverseRealFft; }
bool makes_complex(Routine routine) { return routine == Routine::Fft || routine == Routine::InverseFft || routine == Routine::RealFft; }

}  // namespace

Shape QueryCall::drawn_shape(Shape shape) {
  shape.push_back(kDraws);
  return shape;
}

Value QueryCall::over_draws(const Value& v, const Shape& own, const Shape& shape) {
  if (v.poisoned() || !v.is_tensor() || v.shape == drawn_shape(shape)) return v;
  const Shape to = drawn_shape(shape);
  // A number's draws are the same in each element, a tensor's elements in each draw.
  const bool drawn = is_drawn(v, own);
  std::vector<int64_t> strides = drawn ? std::vector<int64_t>(shape.size(), 0) : strides_of(shape);
  strides.push_back(drawn ? 1 : 0);
  return Builder::whole(builder_.view(builder_.as_whole(v, v.shape), to, 0, std::move(strides), v.span), v.span);
}

QueryCall::Affine QueryCall::over_draws(const Affine& a, const Shape& own, const Shape& shape) {
  Affine result;
  for (const auto& [base, coefficient] : a.coefficients) result.coefficients[base] = over_draws(coefficient, own, shape);
  result.rest = over_draws(a.rest, own, shape);
  return result;
}

/// A number's draws are the same in each element of the tensors that it meets.
void QueryCall::meet_tensors(const Expr& expr, std::vector<Affine>& operands) {
  if (!query_.draws() || expr.type.shape.empty()) return;
  for (size_t i = 0; i < operands.size(); ++i) {
    if (expr.operands[i]->type.shape.empty()) operands[i] = over_draws(operands[i], {}, expr.type.shape);
  }
}

/// Of tensors that meet, those without draws are the same in all.
void QueryCall::meet(std::vector<Value>& operands) {
  size_t most = 0;
  for (const Value& each : operands) most = std::max(most, each.shape.size());
  for (Value& each : operands) {
    if (each.is_tensor() && each.shape.size() < most) each = over_draws(each, each.shape, each.shape);
  }
}

Value QueryCall::apply(Op op, std::vector<Value> operands, Span span) {
  meet(operands);
  return builder_.apply(op, std::move(operands), span);
}

const Expr* QueryCall::moved(const Expr* of, size_t from, size_t to) {
  Shape shape = of->type.shape;
  std::vector<int64_t> strides = strides_of(shape);
  const int64_t size = shape[from], stride = strides[from];
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(from)), strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(from));
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(to), size), strides.insert(strides.begin() + static_cast<std::ptrdiff_t>(to), stride);
  return builder_.view(of, std::move(shape), 0, std::move(strides), of->span);
}

/// What `expr` makes of operands some of which have draws, and so has the result. Null after reporting.
const Expr* QueryCall::drawn_map(const Expr& expr, std::vector<const Expr*> operands, const std::vector<bool>& drawn) {
  const Span span = expr.span;
  const Shape &shape = expr.type.shape, to = drawn_shape(shape);
  const auto refused = [&](const char* what) -> const Expr* {
    builder_.diagnostics().report(Code::A0704, span, absl::StrCat(what, " in a query that a graph calls are not built yet"));
    return nullptr;
  };
  Type type = expr.type;
  type.shape = to;
  switch (expr.kind) {
    case Kind::View: {
      std::vector<int64_t> strides = expr.elements->strides;
      for (int64_t& each : strides) each *= kDraws;
      strides.push_back(1);
      return builder_.view(operands[0], to, expr.elements->offset * kDraws, std::move(strides), span);
    }
    case Kind::Gather: {
      const auto integer = [&](int64_t x) { return Builder::value(builder_.integer(x, span), true); };
      const Shape& own = expr.operands[1]->type.shape;
      const Value places = over_draws(Builder::whole(operands[1], span), drawn[1] ? Shape{} : own, own);
      const Value scaled = builder_.apply(Op::Mul, {places, integer(kDraws)}, span);
      std::vector<int64_t> strides(to.size(), 0);
      strides.back() = 1;
      const Value number = Builder::whole(builder_.places(to, 0, std::move(strides), span), span);
      const Value at = builder_.apply(Op::Add, {Builder::whole(builder_.as_whole(scaled, to), span), number}, span);
      const Value of = over_draws(Builder::whole(operands[0], span), expr.operands[0]->type.shape, expr.operands[0]->type.shape);
      return at.poisoned() ? nullptr : builder_.gather(builder_.as_whole(of, of.shape), builder_.as_whole(at, to), span);
    }
    case Kind::Concat: {
      for (size_t i = 0; i < operands.size(); ++i) {
        const Shape& own = expr.operands[i]->type.shape;
        operands[i] = builder_.as_whole(over_draws(Builder::whole(operands[i], span), own, own), drawn_shape(own));
      }
      return builder_.concat(std::move(operands), to, span);
    }
    case Kind::Fold: {
      const int64_t rows = element_count(shape), each = element_count(expr.operands[0]->type.shape) / rows;
      const Expr* across = builder_.view(operands[0], {rows, kDraws, each}, 0, {each * kDraws, 1, kDraws}, span);
      return builder_.reshaped(builder_.fold_axes(expr.folding, across, 1, span, expr.type.unit), to, span);
    }
    case Kind::Contract: {
      const Shape &a = expr.operands[0]->type.shape, &b = expr.operands[1]->type.shape;
      if (a.size() > 2 || b.size() > 2) return refused("products of batches of random matrices");
      if (drawn[0] && drawn[1]) {
        // Every product of two elements, for each draw, and their sums.
        const Shape terms = {a[0], b[1], kDraws, a[1]};
        if (element_count(terms) > kMostTermsDrawn) return refused("products of two large random matrices");
        const Expr* left = builder_.view(operands[0], terms, 0, {a[1] * kDraws, 0, 1, kDraws}, span);
        const Expr* right = builder_.view(operands[1], terms, 0, {0, kDraws, 1, b[1] * kDraws}, span);
        const Value products = builder_.apply(Op::Mul, {Builder::whole(left, span), Builder::whole(right, span)}, span);
        return products.poisoned() ? nullptr : builder_.reshaped(builder_.fold_axes(Folding::Sum, builder_.as_whole(products, terms), 1, span), to, span);
      }
      if (drawn[1]) return builder_.reshaped(builder_.contract(operands[0], builder_.reshaped(operands[1], {b[0], b[1] * kDraws}, span), {a[0], b[1] * kDraws}, type, span), to, span);
      const Expr* rows = builder_.reshaped(moved(builder_.reshaped(operands[0], {a[0], a[1], kDraws}, span), 2, 1), {a[0] * kDraws, a[1]}, span);
      const Expr* product = builder_.contract(rows, operands[1], {a[0] * kDraws, b[1]}, type, span);
      return builder_.reshaped(moved(builder_.reshaped(product, {a[0], kDraws, b[1]}, span), 1, 2), to, span);
    }
    case Kind::Routine: {
      if (routines::operands_of(expr.routine) == 2) {
        const Shape &a = expr.operands[0]->type.shape, &b = expr.operands[1]->type.shape;
        if (a.size() > 2) return refused("batches of systems of equations of random numbers");
        if (drawn[0]) {
          // A system for each draw.
          const Expr* right = builder_.as_whole(over_draws(Builder::whole(operands[1], span), b, b), drawn_shape(b));
          type.shape = b;
          type.shape.insert(type.shape.begin(), kDraws);
          return moved(builder_.routine(expr.routine, {moved(operands[0], 2, 0), moved(right, b.size(), 0)}, type, span), 0, b.size());
        }
        const Shape columns = {b[0], element_count(b) / b[0] * kDraws};
        type.shape = columns;
        return builder_.reshaped(builder_.routine(expr.routine, {operands[0], builder_.reshaped(operands[1], columns, span)}, type, span), to, span);
      }
      // The draws go before the lines.
      const size_t last = operands[0]->type.shape.size() - 1, in = takes_complex(expr.routine) ? 1 : 0, out = makes_complex(expr.routine) ? 1 : 0;
      type.shape = shape;
      type.shape.insert(type.shape.begin() + static_cast<std::ptrdiff_t>(out), kDraws);
      return moved(builder_.routine(expr.routine, {moved(operands[0], last, in)}, type, span), out, shape.size());
    }
    default: return refused("such values of random numbers");
  }
}

}  // namespace acie::sema
