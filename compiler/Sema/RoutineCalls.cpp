// The prelude's algorithms on tensors: systems of equations, factors and Fourier transforms; what sums, orders and finds
// along an axis of a large one. The typing rules; kernels/routines computes them.

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {
namespace {

using routines::Routine;

constexpr const char* kRoutineCalls[] = {"solve", "triangular_solve", "cholesky", "inverse", "fft", "ifft", "rfft", "irfft"};

/// size div 2, which of an open size is a dimension of its own: "J div 2", found when J is.
int64_t half_of(Program& program, int64_t size, Span span) {
  if (!sizes::is_open(size)) return size / 2;
  const std::string text = sizes::text(size), name = absl::StrCat(text.find(' ') == std::string::npos ? text : absl::StrCat("(", text, ")"), " div 2");
  Slot*& known = program.dimensions[name];
  if (known == nullptr) {
    Slot slot;
    slot.role = Slot::Role::Size;
    slot.name = name;
    slot.type = plain(ScalarKind::I64);
    slot.type.range = Range{0, std::numeric_limits<double>::infinity()};
    slot.span = span;
    known = program.make(std::move(slot));
  }
  return sizes::dimension(name);
}

}  // namespace

bool is_routine_call(const std::string& name) {
  return std::any_of(std::begin(kRoutineCalls), std::end(kRoutineCalls), [&](const char* known) { return name == known; });
}

std::vector<std::string> routine_call_names() { return {std::begin(kRoutineCalls), std::end(kRoutineCalls)}; }

/// A result of up to kUnrolled elements as the list that such tensors are.
Value Elaborator::settled(const Expr* expr, Span span) {
  Value v = Builder::whole(expr, span);
  v.span = span;
  if (!v.is_tensor() || element_count(v.shape) > kUnrolled) return v;
  v = builder_.as_items(v);
  v.span = span;
  return v;
}

/// `of` with its axis `axis` last through f, and back.
Value Elaborator::along_axis(const Value& of, size_t axis, Span span, const std::function<const Expr*(const Expr*)>& f) {
  const size_t last = of.shape.size() - 1;
  return Builder::whole(moved_axis(f(moved_axis(of.expr, axis, last, span)), last, axis, span), span);
}

Value Elaborator::routine_call(const std::string& name, std::vector<Value> arguments, std::optional<int64_t> axis, bool lower, Span span) {
  const auto wrong = [&](const std::string& usage) {
    diagnostics_.report(Code::A0207, span, absl::StrCat("`", name, "` is called otherwise")).note(usage);
    return Value{};
  };
  const bool equations = name == "solve" || name == "triangular_solve", matrix = name == "cholesky" || name == "inverse";
  if (axis && (equations || matrix)) return wrong(absl::StrCat("`", name, "` has no `axis:`"));
  if (equations || matrix) {
    if (arguments.size() != (equations ? 2 : 1)) {
      return wrong(name == "solve" ? "`solve(a, b)`: the x with a @ x = b"
                   : equations     ? "`triangular_solve(l, b)`: the x with l @ x = b, l lower triangular; `triangular_solve(r, b, lower: false)` of an upper one"
                                   : absl::StrCat("`", name, "(a)` of a square matrix"));
    }
    return equations ? equations_call(name, lower, std::move(arguments), span) : matrix_call(name, arguments[0], span);
  }
  return transform_call(name, std::move(arguments), axis, span);
}

/// A tensor's elements as floats.
Value Elaborator::as_floats(const Value& v, Span span) {
  if (!builder_.require_numbers(v)) return Value{};
  const ScalarKind scalar = v.is_whole() || v.is_number() ? v.expr->type.scalar : (*v.items)[0].expr->type.scalar;
  return is_float(scalar) ? v : builder_.as_scalar(v, ScalarKind::F64, span);
}

bool Elaborator::require_square(const std::string& name, const Value& a) {
  if (!a.is_tensor()) {
    if (builder_.require_number(a)) diagnostics_.report(Code::A0312, a.span, absl::StrCat("`", name, "` takes a square matrix, and this is one number"));
    return false;
  }
  const size_t rank = a.shape.size();
  const bool stretches = std::count(a.shape.begin(), a.shape.end(), kStretch) > 0;
  if (rank >= 2 && !stretches && a.shape[rank - 1] == a.shape[rank - 2]) return true;
  diagnostics_.report(Code::A0312, a.span, absl::StrCat("`", name, "` takes a square matrix, and this has shape ", to_string(a.shape)))
      .note(rank >= 2 ? "it has as many rows as columns" : "a matrix has two axes: `x[.., new]` makes a column of a vector");
  return false;
}

Value Elaborator::equations_call(const std::string& name, bool lower, std::vector<Value> arguments, Span span) {
  const Value &a = arguments[0], &b = arguments[1];
  if (!require_square(name, a)) return Value{};
  const size_t rank = a.shape.size();
  const bool sided = b.is_tensor() && (b.shape.size() == rank || b.shape.size() + 1 == rank) && std::equal(a.shape.begin(), a.shape.end() - 1, b.shape.begin());
  if (!sided || b.shape.back() == kStretch) {
    if (!b.is_tensor() && !builder_.require_number(b)) return Value{};
    diagnostics_.report(Code::A0312, b.span, absl::StrCat("the right side of `", name, "` has an element, or a row, for each of the ", sizes::text(a.shape.back()), " equations", rank > 2 ? " of each system" : ""))
        .label(a.span, absl::StrCat("shape ", to_string(a.shape)))
        .label(b.span, b.is_tensor() ? absl::StrCat("shape ", to_string(b.shape)) : "a number");
    return Value{};
  }
  // The type and unit of one quotient are those of all.
  std::vector<Value> one;
  for (const Value* v : {&b, &a}) {
    one.push_back(Builder::value(builder_.view(builder_.as_whole(*v, v->shape), {}, 0, {}, v->span)));
    one.back().literal = v->literal;
    one.back().span = v->span;
  }
  const Value quotient = builder_.apply(Op::Div, one, span);
  if (quotient.poisoned()) return quotient;
  Type type = quotient.expr->type;
  type.shape = b.shape;
  std::vector<const Expr*> operands;
  for (const Value* v : {&a, &b}) {
    const Value converted = builder_.as_scalar(*v, type.scalar, span);
    operands.push_back(builder_.as_whole(converted, converted.shape));
  }
  const Routine routine = name == "solve" ? Routine::Solve : lower ? Routine::SolveLower : Routine::SolveUpper;
  return settled(builder_.routine(routine, std::move(operands), type, span), span);
}

Value Elaborator::matrix_call(const std::string& name, const Value& argument, Span span) {
  if (!require_square(name, argument)) return Value{};
  const Value a = as_floats(argument, span);
  if (a.poisoned()) return a;
  const bool factor = name == "cholesky";
  const Expr* whole = builder_.as_whole(a, a.shape);
  Type type = whole->type;
  const auto unit = units::power(type.unit, factor ? *units::Rational::make(1, 2) : *units::Rational::make(-1, 1));
  if (!unit) {
    diagnostics_.report(Code::A0302, span, "the unit of this result is out of range");
    return Value{};
  }
  type.unit = *unit;
  Value result = settled(builder_.routine(factor ? Routine::Cholesky : Routine::Inverse, {whole}, type, span), span);
  if (!factor || result.is_whole()) return result;
  // Zeros above the diagonal are no dependence: abduction sees the triangle.
  std::vector<Value> items = *result.items;
  const int64_t n = result.shape.back();
  for (int64_t position = 0; position < element_count(result.shape); ++position) {
    if (position % n > position / n % n) items[static_cast<size_t>(position)] = Builder::value(builder_.number(0, span, type.unit), true);
  }
  return builder_.tensor(result.shape, std::move(items), span);
}

/// rfft(x) and fft(x) of real numbers, fft({re, im}), ifft({re, im}), irfft({re, im}, n).
Value Elaborator::transform_call(const std::string& name, std::vector<Value> arguments, std::optional<int64_t> axis, Span span) {
  const bool real_in = name == "rfft", real_out = name == "irfft", takes_real = real_in || name == "fft";
  const std::string usage = real_in           ? "`rfft(x)` of real numbers: a record {re, im} of n div 2 + 1 terms"
                            : real_out        ? "`irfft({re, im}, n)`: n real numbers from the n div 2 + 1 terms of their `rfft`"
                            : name == "fft"   ? "`fft(x)` or `fft({re, im})`: a record {re, im}"
                                              : "`ifft({re, im})`: a record {re, im}";
  const auto wrong = [&] {
    diagnostics_.report(Code::A0207, span, absl::StrCat("`", name, "` is called otherwise")).note(usage);
    return Value{};
  };
  if (arguments.size() != (real_out ? 2 : 1)) return wrong();
  std::vector<Value> parts;
  if (arguments[0].kind == Value::Kind::Record) {
    const Value *re = arguments[0].field("re"), *im = arguments[0].field("im");
    if (real_in || re == nullptr || im == nullptr) return wrong();
    parts = {*re, *im};
  } else {
    if (!takes_real) return wrong();
    parts = {arguments[0]};
  }
  for (Value& part : parts) {
    if (!part.is_tensor()) {
      if (builder_.require_number(part)) diagnostics_.report(Code::A0312, part.span, absl::StrCat("`", name, "` works on a tensor, and this is one number"));
      return Value{};
    }
    if (std::count(part.shape.begin(), part.shape.end(), kStretch) > 0 || part.shape != parts[0].shape) {
      diagnostics_.report(Code::A0312, part.span, absl::StrCat("the real and the imaginary part have one shape, and ", to_string(parts[0].shape), " is not ", to_string(part.shape)));
      return Value{};
    }
    part = as_floats(part, span);
    if (part.poisoned()) return part;
  }
  const Shape shape = parts[0].shape;
  const auto rank = static_cast<int64_t>(shape.size());
  const int64_t along = axis.value_or(-1) < 0 ? axis.value_or(-1) + rank : *axis;
  if (along < 0 || along >= rank) {
    diagnostics_.report(Code::A0312, span, absl::StrCat("there is no such axis: the shape is ", to_string(shape)));
    return Value{};
  }
  if (routines::too_long_to_transform(shape[static_cast<size_t>(along)])) {
    diagnostics_.report(Code::A0701, span, absl::StrCat("transforms of more than ", routines::kLongestTransform, " numbers are not built yet"));
    return Value{};
  }
  std::vector<const Expr*> exprs = builder_.join(parts, span);
  if (exprs.empty()) return Value{};
  for (const Expr*& expr : exprs) expr = moved_axis(expr, static_cast<size_t>(along), shape.size() - 1, span);
  const Shape moved = exprs[0]->type.shape;
  if (name == "fft" && exprs.size() == 1) exprs.push_back(builder_.as_whole(Builder::value(builder_.number(0, span, exprs[0]->type.unit)), moved));
  Shape both = moved;
  both.insert(both.begin(), 2);
  const Expr* of = exprs.size() == 1 ? exprs[0] : builder_.concat(std::move(exprs), both, span);
  Type type = of->type;
  type.range.reset();
  if (real_in) {
    type.shape = both;
    type.shape.back() = sizes::plus(half_of(program(), moved.back(), span), 1);
  } else if (real_out) {
    const auto size = arguments[1].is_number() ? Builder::size_of(arguments[1].expr) : std::nullopt;
    const int64_t n = size.value_or(0), terms = moved.back();
    if (n < 1 || sizes::plus(half_of(program(), n, span), 1) != terms) {
      const auto numbers = [&](int64_t less) { return sizes::text(sizes::minus(sizes::times(2, terms), less)); };
      diagnostics_.report(Code::A0312, arguments[1].span, absl::StrCat("`irfft` makes ", numbers(2), " or ", numbers(1), " numbers of ", sizes::text(terms), " terms")).note(usage);
      return Value{};
    }
    type.shape = moved;
    type.shape.back() = n;
  }
  const Routine routine = real_in ? Routine::RealFft : real_out ? Routine::InverseRealFft : name == "fft" ? Routine::Fft : Routine::InverseFft;
  const Expr* transformed = builder_.routine(routine, {of}, type, span);
  if (real_out) return settled(moved_axis(transformed, moved.size() - 1, static_cast<size_t>(along), span), span);
  const Shape part(type.shape.begin() + 1, type.shape.end());
  std::vector<Value> fields;
  for (int64_t i = 0; i < 2; ++i) {
    std::vector<int64_t> strides(part.size());
    int64_t step = 1;
    for (size_t a = part.size(); a-- > 0; step = sizes::times(step, part[a])) strides[a] = step;
    const Expr* half = builder_.view(transformed, part, i == 0 ? 0 : step, strides, span);
    fields.push_back(settled(moved_axis(half, part.size() - 1, static_cast<size_t>(along), span), span));
  }
  return builder_.record({"re", "im"}, std::move(fields), span);
}

}  // namespace acie::sema
