// Arithmetic on exact and encrypted values: the rule of each operation for keys, scales and intervals.

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/GraphBuilder.h"
#include "compiler/Sema/Symbols.h"

namespace acie::sema {

using Form = GraphValue::Form;
using Kind = GraphOp::Kind;

std::vector<Bounds> GraphBuilder::elementwise(int a, int b, const Shape& shape, const std::function<Bounds(const Bounds&, const Bounds&)>& f) const {
  const GraphValue &x = value(a), &y = value(b);
  if (x.bounds.size() == 1 && y.bounds.size() == 1) return {f(x.bounds[0], y.bounds[0])};
  std::vector<Bounds> out;
  for (int64_t i = 0; i < element_count(shape); ++i) {
    out.push_back(f(x.bounds_of(repeated(i, x.elements())), y.bounds_of(repeated(i, y.elements()))));
  }
  return out;
}

/// How the scales of two values can be made equal: the coarser one times 1, exact at the scale between them.
std::string GraphBuilder::meeting(int a, int b) const {
  const bool first = value(a).scale.value() > value(b).scale.value();
  const GraphValue &coarse = value(first ? a : b), &fine = value(first ? b : a);
  const Scale between(mpq_class(fine.scale.value() / coarse.scale.value()));
  const mpq_class steps(1 / between.value());
  if (steps.get_den() != 1) return "multiply one by `fixed(1, scale: …)` so that they meet";
  return absl::StrCat("make the coarser one finer: `", coarse.name, " * fixed(1, scale: ", between.text(), ")`");
}

GraphBuilder::Made GraphBuilder::add(bool subtract, int a, int b, Span span) {
  // A plain term is rounded to the other's scale.
  if (!exact(a) || !exact(b)) {
    const Scale scale = exact(a) ? value(a).scale : value(b).scale;
    const Made x = exact(a) ? Made(a) : quantise(a, scale, span), y = exact(b) ? Made(b) : quantise(b, scale, span);
    return x && y ? add(subtract, *x, *y, span) : std::nullopt;
  }
  if (!same_key(a, b, span)) return std::nullopt;
  if (!(value(a).scale == value(b).scale)) {
    // Exact constants, and whole numbers, can be had at any finer scale; a ciphertext has one.
    diagnostics_.report(Code::A1005, span, absl::StrCat("`", value(a).name, "` counts in steps of ", value(a).scale.text(), " and `", value(b).name, "` in steps of ", value(b).scale.text()))
        .label(value(a).span, absl::StrCat("scale ", value(a).scale.text()))
        .label(value(b).span, absl::StrCat("scale ", value(b).scale.text()))
        .note(absl::StrCat("sums need one scale, and products multiply theirs: encrypt both at one scale, or ", meeting(a, b)));
    return std::nullopt;
  }
  GraphOp op;
  op.kind = subtract ? Kind::Subtract : Kind::Add;
  op.inputs = {a, b};
  op.span = span;
  GraphValue out;
  out.form = encrypted(a) || encrypted(b) ? Form::Ciphertexts : Form::Integers;
  out.key = value(a).key != nullptr ? value(a).key : value(b).key;
  out.party = value(a).party;
  out.shape = broadcast(value(a).shape, value(b).shape);
  out.scale = value(a).scale;
  out.bounds = elementwise(a, b, out.shape, [&](const Bounds& x, const Bounds& y) { return subtract ? x - y : x + y; });
  if (!fits(out, span)) return std::nullopt;
  return make(std::move(op), std::move(out));
}

GraphBuilder::Made GraphBuilder::negate(int id, Span span) {
  GraphOp op;
  op.kind = Kind::Negate;
  op.inputs = {id};
  op.span = span;
  GraphValue out = value(id);
  out.name.clear();
  for (Bounds& each : out.bounds) each = -each;
  return make(std::move(op), std::move(out));
}

GraphBuilder::Made GraphBuilder::multiply(int a, int b, Span span) {
  if (encrypted(a) && encrypted(b)) {
    if (!same_key(a, b, span)) return std::nullopt;
    diagnostics_.report(Code::A1002, span, a == b || value(a).name == value(b).name ? absl::StrCat("`", value(a).name, "` is encrypted, and Paillier cannot multiply a ciphertext by itself")
                                                  : absl::StrCat("`", value(a).name, "` and `", value(b).name, "` are both encrypted, and Paillier cannot multiply ciphertexts"))
        .label(value(a).span, absl::StrCat("under ", value(a).key->name))
        .label(value(b).span, absl::StrCat("under ", value(b).key->name))
        .note(absl::StrCat("one factor must be plaintext at ", value(a).party->name, "; or send one to ", value(a).key->holder->name, ", who decrypts, multiplies and encrypts again"));
    return std::nullopt;
  }
  const Made x = factor(a, span), y = factor(b, span);
  if (!x || !y) return std::nullopt;
  GraphOp op;
  op.kind = Kind::Multiply;
  op.inputs = {*x, *y};
  op.span = span;
  GraphValue out;
  out.form = encrypted(a) || encrypted(b) ? Form::Ciphertexts : Form::Integers;
  out.key = value(a).key != nullptr ? value(a).key : value(b).key;
  out.party = value(a).party;
  out.shape = broadcast(value(*x).shape, value(*y).shape);
  out.scale = value(*x).scale.times(value(*y).scale);
  out.bounds = elementwise(*x, *y, out.shape, [](const Bounds& p, const Bounds& q) { return p * q; });
  if (!fits(out, span)) return std::nullopt;
  return make(std::move(op), std::move(out));
}

GraphBuilder::Made GraphBuilder::contract(int a, int b, Shape shape, Span span) {
  if (encrypted(a) && encrypted(b)) return multiply(a, b, span);
  const Made left = factor(a, span), right = factor(b, span);
  if (!left || !right) return std::nullopt;
  const GraphValue &x = value(*left), &y = value(*right);
  const bool reversed = encrypted(a);
  const int64_t inner = x.shape.back();
  const int64_t rows = x.elements() / inner, columns = y.elements() / inner;
  GraphOp op;
  op.kind = reversed ? Kind::MatVecPlain : Kind::MatVec;
  op.inputs = {*left, *right};
  op.span = span;
  GraphValue out;
  out.form = encrypted(a) || encrypted(b) ? Form::Ciphertexts : Form::Integers;
  out.key = x.key != nullptr ? x.key : y.key;
  out.party = x.party;
  out.shape = std::move(shape);
  out.scale = x.scale.times(y.scale);
  if (x.bounds.size() == 1 && y.bounds.size() == 1) {
    const Bounds each = x.bounds[0] * y.bounds[0];
    out.bounds = {{each.low * inner, each.high * inner}};
  } else {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        Bounds total{};
        for (int64_t k = 0; k < inner; ++k) {
          const Bounds product = x.bounds_of(r * inner + k) * y.bounds_of(k * columns + c);
          total.low += product.low;
          total.high += product.high;
        }
        out.bounds.push_back(std::move(total));
      }
    }
  }
  if (!fits(out, span)) return std::nullopt;
  return make(std::move(op), std::move(out));
}

GraphBuilder::Made GraphBuilder::sum(int id, int64_t axes, Shape shape, Span span) {
  const GraphValue& v = value(id);
  GraphOp op;
  op.kind = Kind::Sum;
  op.inputs = {id};
  op.index = axes;
  op.span = span;
  GraphValue out;
  out.form = v.form;
  out.key = v.key;
  out.party = v.party;
  out.scale = v.scale;
  const int64_t count = element_count(shape), each = v.elements() / count;
  out.shape = std::move(shape);
  if (v.bounds.size() == 1) {
    out.bounds = {{v.bounds[0].low * each, v.bounds[0].high * each}};
  } else {
    for (int64_t i = 0; i < count; ++i) {
      Bounds total{};
      for (int64_t k = 0; k < each; ++k) total = total + v.bounds_of(i * each + k);
      out.bounds.push_back(std::move(total));
    }
  }
  if (!fits(out, span)) return std::nullopt;
  return make(std::move(op), std::move(out));
}

int GraphBuilder::gather(int id, Shape shape, std::vector<int64_t> indices, Span span) {
  GraphOp op;
  op.kind = Kind::Gather;
  op.inputs = {id};
  op.span = span;
  GraphValue out = value(id);
  out.name.clear();
  out.shape = std::move(shape);
  if (out.bounds.size() > 1) {
    std::vector<Bounds> bounds;
    for (const int64_t i : indices) bounds.push_back(out.bounds[static_cast<size_t>(i)]);
    out.bounds = std::move(bounds);
  }
  op.indices = std::move(indices);
  return make(std::move(op), std::move(out));
}

int GraphBuilder::reshape(int id, const Shape& shape, Span span) {
  if (value(id).shape == shape) return id;
  std::vector<int64_t> indices(static_cast<size_t>(value(id).elements()));
  std::iota(indices.begin(), indices.end(), 0);
  const std::string name = value(id).name;
  const int made = gather(id, shape, std::move(indices), span);
  rename(made, name);
  return made;
}

GraphBuilder::Made GraphBuilder::concat(std::vector<int> parts, Shape shape, Span span) {
  // One form for all: what is plain beside exact values is rounded to their scale, constants beside ciphertexts are refused.
  int lead = parts[0];
  for (const int part : parts) {
    if (encrypted(part) && !encrypted(lead)) lead = part;
    else if (exact(part) && !exact(lead)) lead = part;
  }
  GraphValue out = value(lead);
  out.name.clear();
  out.bounds.clear();
  bool uniform = true;
  for (int& part : parts) {
    if (exact(lead)) {
      const Made made = quantise(part, value(lead).scale, span);
      if (!made) return std::nullopt;
      part = *made;
      if (!same_key(lead, part, span)) return std::nullopt;
      if (!(value(lead).scale == value(part).scale)) {
        diagnostics_.report(Code::A1005, span, absl::StrCat("the elements of one tensor count in steps of ", value(lead).scale.text(), " and of ", value(part).scale.text()))
            .label(value(lead).span, absl::StrCat("scale ", value(lead).scale.text()))
            .label(value(part).span, absl::StrCat("scale ", value(part).scale.text()))
            .note("encrypt them at one scale");
        return std::nullopt;
      }
      if (encrypted(lead) && !encrypted(part)) {
        const Made lifted = encrypt(part, *value(lead).key, value(lead).scale, span);
        if (!lifted) return std::nullopt;
        part = *lifted;
      }
      for (int64_t i = 0; i < value(part).elements(); ++i) out.bounds.push_back(value(part).bounds_of(i));
      uniform = uniform && out.bounds.back() == out.bounds.front();
    } else {
      out.range = hull(out.range, value(part).range);
      out.whole_numbers = out.whole_numbers && value(part).whole_numbers;
    }
  }
  GraphOp op;
  op.kind = Kind::Concat;
  op.inputs = std::move(parts);
  op.span = span;
  out.shape = std::move(shape);
  return make(std::move(op), std::move(out));
}

}  // namespace acie::sema
