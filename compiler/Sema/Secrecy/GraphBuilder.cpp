#include "compiler/Sema/Secrecy/GraphBuilder.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Symbols.h"

namespace acie::sema {

using Form = GraphValue::Form;
using Kind = GraphOp::Kind;

namespace {

constexpr size_t kLongestName = 40;

bool whole(double x) { return std::isfinite(x) && x == std::floor(x); }

}  // namespace

std::string_view scheme_name(Key::Scheme scheme) {
  switch (scheme) {
    case Key::Scheme::Paillier: return "paillier";
    case Key::Scheme::Aes256Gcm: return "aes256_gcm";
    case Key::Scheme::ChaCha20Poly1305: return "chacha20_poly1305";
    case Key::Scheme::Rc2Cbc: return "rc2_128_cbc";
  }
  return "";
}

int64_t GraphValue::elements() const { return element_count(shape); }

Bounds GraphValue::hull_of_bounds() const {
  Bounds all = bounds.empty() ? Bounds{} : bounds[0];
  for (const Bounds& each : bounds) all = hull(all, each);
  return all;
}

std::string shape_text(const Shape& shape) { return shape.empty() ? "a number" : to_string(shape); }

std::string GraphBuilder::text(Span span) const {
  std::string out;
  for (const char c : sources_.text(span)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.size() > kLongestName) {
    size_t cut = kLongestName;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0) == 0x80) --cut;
    out = out.substr(0, cut) + "…";
  }
  return out;
}

int GraphBuilder::make(GraphOp op, GraphValue value) {
  const int id = static_cast<int>(graph_.values.size());
  op.output = id;
  op.party = value.party;
  op.line = static_cast<int>(sources_.position(op.span.file, op.span.begin).line);
  if (value.name.empty()) value.name = text(op.span);
  value.span = op.span;
  makers_.push_back(static_cast<int>(graph_.ops.size()));
  graph_.ops.push_back(std::move(op));
  graph_.values.push_back(std::move(value));
  return id;
}

int GraphBuilder::input(GraphInput input, Shape shape, bool whole_numbers, Span span) {
  GraphOp op;
  op.kind = Kind::Input;
  op.index = static_cast<int64_t>(graph_.inputs.size());
  op.span = span;
  GraphValue value;
  value.name = input.name;
  value.shape = std::move(shape);
  value.party = input.party;
  value.range = {input.range.low, input.range.high, std::isinf(input.range.low), std::isinf(input.range.high)};
  value.whole_numbers = whole_numbers;
  graph_.inputs.push_back(std::move(input));
  return make(std::move(op), std::move(value));
}

int GraphBuilder::file_input(GraphInput input, Span span) {
  const int id = this->input(std::move(input), {}, false, span);
  graph_.values[static_cast<size_t>(id)].form = Form::Bytes;
  return id;
}

GraphBuilder::Made GraphBuilder::cipher_input(GraphInput input, Shape shape, const Key& key, const Scale& scale, Bounds bounds, Span span) {
  const int id = this->input(std::move(input), std::move(shape), false, span);
  GraphValue& value = graph_.values[static_cast<size_t>(id)];
  value.form = Form::Ciphertexts;
  value.key = &key;
  value.scale = scale;
  value.bounds = {std::move(bounds)};
  return fits(value, span) ? Made(id) : std::nullopt;
}

int GraphBuilder::constant(const Party* party, Shape shape, std::vector<double> numbers, Span span) {
  GraphOp op;
  op.kind = Kind::Constant;
  op.span = span;
  GraphValue value;
  value.shape = std::move(shape);
  value.party = party;
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  if (std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); })) value.range = Interval::closed(*low, *high);
  value.whole_numbers = std::all_of(numbers.begin(), numbers.end(), whole);
  op.numbers = std::make_shared<const std::vector<double>>(std::move(numbers));
  return make(std::move(op), std::move(value));
}

void GraphBuilder::output(int id, GraphOutput output, Span span) {
  GraphOp op;
  op.kind = Kind::Output;
  op.inputs = {id};
  op.index = static_cast<int64_t>(graph_.outputs.size());
  op.party = output.party;
  op.span = span;
  op.line = static_cast<int>(sources_.position(span.file, span.begin).line);
  graph_.ops.push_back(std::move(op));
  graph_.outputs.push_back(std::move(output));
}

std::string GraphBuilder::history(int id) const {
  std::vector<int> chain;
  for (int at = id;;) {
    if (chain.empty() || value(at).name != value(chain.back()).name) chain.push_back(at);
    const GraphOp& op = maker(at);
    // The operand that brings the secret: the first that is no constant.
    const auto next = std::find_if(op.inputs.begin(), op.inputs.end(), [&](int in) { return maker(in).kind != Kind::Constant; });
    if (next == op.inputs.end() || value(*next).party != value(at).party) break;
    at = *next;
  }
  std::string out;
  for (auto each = chain.rbegin(); each != chain.rend(); ++each) {
    absl::StrAppend(&out, out.empty() ? "" : " → ", "`", value(*each).name, "` (", value(*each).party->name, ")");
  }
  return out;
}

GraphBuilder::Made GraphBuilder::at(int id, const Party* party, Span use) {
  const GraphValue& v = value(id);
  if (v.party == party) return id;
  if (const auto known = moved_.find({id, party}); known != moved_.end()) return known->second;
  GraphOp op;
  op.span = v.span;
  GraphValue there = v;
  there.party = party;
  if (maker(id).kind == Kind::Constant) {
    op.kind = Kind::Constant;
    op.numbers = maker(id).numbers;
  } else if (v.form == Form::Ciphertexts) {
    op.kind = Kind::Move;
    op.inputs = {id};
  } else {
    const std::string name = v.name;
    const bool result = use == v.span;
    auto report = diagnostics_.report(Code::A1001, use, absl::StrCat("`", name, "` of ", v.party->name, " would reach ", party->name, " as plaintext"));
    if (!result) report.label(use, absl::StrCat("computed at ", party->name));
    report.label(v.span, result ? absl::StrCat("computed at ", v.party->name, ", wanted at ", party->name) : absl::StrCat("`", name, "` is at ", v.party->name));
    report.note(absl::StrCat("the flow: ", history(id), " ─✗→ ", result ? "" : absl::StrCat("`", text(use), "` "), result ? party->name : absl::StrCat("(", party->name, ")")));
    report.note(absl::StrCat("send it encrypted, `encrypt(", name, ", k)` with a key, or say that ", party->name, " may see it: `reveal(", name, ", to: ", party->name, ")`"));
    return std::nullopt;
  }
  return moved_[{id, party}] = make(std::move(op), std::move(there));
}

int GraphBuilder::draw(const std::string& noise, Shape shape, const Party* party, Span span) {
  GraphOp op;
  op.kind = Kind::Draw;
  op.function = noise;
  op.span = span;
  GraphValue out;
  out.party = party;
  out.shape = std::move(shape);
  out.range = Interval::closed(0x1p-53, 1 - 0x1p-53);
  return make(std::move(op), std::move(out));
}

int GraphBuilder::plain(const std::string& function, std::vector<int> inputs, Shape shape, Interval range, bool whole_numbers, Span span) {
  GraphOp op;
  op.kind = Kind::Plain;
  op.function = function;
  op.span = span;
  GraphValue out;
  out.party = value(inputs[0]).party;
  out.shape = std::move(shape);
  out.range = range;
  out.whole_numbers = whole_numbers;
  op.inputs = std::move(inputs);
  return make(std::move(op), std::move(out));
}

int GraphBuilder::plain_of(int id, Span span) {
  if (value(id).form != Form::Integers) return id;
  GraphOp op;
  op.kind = Kind::Dequantise;
  op.inputs = {id};
  op.span = span;
  GraphValue out;
  out.name = value(id).name;
  out.party = value(id).party;
  out.shape = value(id).shape;
  const Bounds all = value(id).hull_of_bounds();
  out.range = Interval::closed(mpq_class(all.low * value(id).scale.value()).get_d(), mpq_class(all.high * value(id).scale.value()).get_d());
  out.whole_numbers = value(id).scale == Scale();
  return make(std::move(op), std::move(out));
}

int GraphBuilder::source_of_range(int id) const {
  // The input without a range that leaves this value without one.
  const GraphOp& op = maker(id);
  if (op.kind == Kind::Input) return id;
  for (const int in : op.inputs) {
    const Interval& range = value(in).range;
    if (value(in).form == Form::Plain && (std::isinf(range.low) || std::isinf(range.high))) return source_of_range(in);
  }
  return id;
}

/// Whether a plain value went through floating-point arithmetic since it was read.
bool GraphBuilder::computed(int id) const {
  const GraphOp& op = maker(id);
  if (op.kind == Kind::Plain || op.kind == Kind::Draw) return true;
  const bool rearranged = op.kind == Kind::Gather || op.kind == Kind::Concat || op.kind == Kind::Reveal;
  return rearranged && std::any_of(op.inputs.begin(), op.inputs.end(), [&](int in) { return computed(in); });
}

GraphBuilder::Made GraphBuilder::quantise(int id, const Scale& scale, Span span) {
  const GraphValue& v = value(id);
  if (exact(id)) return id;
  if (std::isinf(v.range.low) || std::isinf(v.range.high)) {
    const int source = source_of_range(id);
    const bool from_input = maker(source).kind == Kind::Input;
    auto report = diagnostics_.report(Code::A1008, span, absl::StrCat("how large `", v.name, "` can be is not known, so nothing proves that what is computed under encryption fits the key"));
    report.label(value(source).span, from_input ? absl::StrCat("`", value(source).name, "` has no range") : "nothing bounds this");
    report.note(from_input ? "give its type a range, `f64 in 0..1`: values outside are refused when they are read"
                           : absl::StrCat("`clamp(x, low, high)` bounds a value"));
    return std::nullopt;
  }
  GraphOp op;
  op.kind = Kind::Quantise;
  op.inputs = {id};
  op.span = span;
  GraphValue out;
  out.form = Form::Integers;
  out.name = v.name;
  out.party = v.party;
  out.shape = v.shape;
  out.scale = scale;
  const GraphOp& made = maker(id);
  if (made.kind == Kind::Constant) {
    for (const double x : *made.numbers) out.bounds.push_back(Bounds::point(sema::quantise(x, scale)));
  } else {
    out.bounds = {{sema::quantise(v.range.low, scale), sema::quantise(v.range.high, scale)}};
    // What is computed in floating point may lie a rounding beyond what interval arithmetic says.
    if (computed(id)) out.bounds[0] = {out.bounds[0].low - 1, out.bounds[0].high + 1};
  }
  return make(std::move(op), std::move(out));
}

GraphBuilder::Made GraphBuilder::factor(int id, Span span) {
  if (exact(id)) return id;
  return quantise(id, value(id).whole_numbers ? Scale() : Scale::binary(kFactorBits), span);
}

bool GraphBuilder::same_key(int a, int b, Span span) {
  const GraphValue &x = value(a), &y = value(b);
  if (x.key == nullptr || y.key == nullptr || x.key == y.key) return true;
  diagnostics_.report(Code::A1004, span, absl::StrCat("`", x.name, "` is under ", x.key->name, " and `", y.name, "` under ", y.key->name))
      .label(x.span, absl::StrCat("under ", x.key->name))
      .label(y.span, absl::StrCat("under ", y.key->name))
      .note("ciphertexts of different keys have nothing to do with each other: encrypt both under one key, or have a holder decrypt one and encrypt it anew");
  return false;
}

bool GraphBuilder::same_party(int a, int b, Span span) {
  return value(a).party == value(b).party || at(b, value(a).party, span).has_value();
}

bool GraphBuilder::fits(const GraphValue& v, Span span) {
  if (v.key == nullptr) return true;
  const mpz_class limit = plaintext_limit(v.key->bits);
  for (size_t i = 0; i < v.bounds.size(); ++i) {
    const mpz_class magnitude = v.bounds[i].magnitude();
    if (magnitude <= limit) continue;
    const int needed = bits_of(magnitude), available = bits_of(limit);
    const std::string row = v.bounds.size() > 1 && v.shape.size() == 1 ? absl::StrCat("row ", i, " of ")
                            : v.bounds.size() > 1                        ? absl::StrCat("element ", index_text(v.shape, static_cast<int64_t>(i)), " of ")
                                                                         : "";
    const int key = smallest_key(magnitude);
    auto report = diagnostics_.report(Code::A1006, span, absl::StrCat(row, "`", v.name.empty() ? text(span) : v.name, "` may wrap around: it needs ", needed, " bits, and ", v.key->name, " has ", available));
    report.label(span, absl::StrCat(std::max(1, needed - available), " bits short, at scale ", v.scale.text()));
    report.label(v.key->span, absl::StrCat("plaintexts of this key lie within ±2^", available));
    report.note(key <= 8192 ? absl::StrCat("the smallest key that holds it: `paillier(bits: ", key, ")`") : "no key is that large");
    report.note("coarser scales and narrower ranges need fewer bits too");
    return false;
  }
  return true;
}

GraphBuilder::Made GraphBuilder::encrypt(int id, const Key& key, const Scale& scale, Span span) {
  const Made exact_value = quantise(id, scale, span);
  if (!exact_value) return std::nullopt;
  GraphOp op;
  op.kind = Kind::Encrypt;
  op.inputs = {*exact_value};
  op.key = &key;
  op.span = span;
  GraphValue out = value(*exact_value);
  out.form = Form::Ciphertexts;
  out.key = &key;
  out.name.clear();
  if (!fits(out, span)) return std::nullopt;
  return make(std::move(op), std::move(out));
}

GraphBuilder::Made GraphBuilder::decrypt(int id, const Key& key, Span span) {
  GraphOp op;
  op.kind = Kind::Decrypt;
  op.inputs = {id};
  op.key = &key;
  op.span = span;
  GraphValue out = value(id);
  out.form = Form::Integers;
  out.key = nullptr;
  out.name = text(span);
  return plain_of(make(std::move(op), std::move(out)), span);
}

int GraphBuilder::reveal(int id, const Party* to, Span span) {
  GraphOp op;
  op.kind = Kind::Reveal;
  op.inputs = {id};
  op.span = span;
  GraphValue out = value(id);
  out.party = to;
  out.name.clear();
  return make(std::move(op), std::move(out));
}

int GraphBuilder::bytes(GraphOp::Kind kind, int id, const std::string& function, const Key* key, const Party* party, Span span) {
  GraphOp op;
  op.kind = kind;
  op.inputs = {id};
  op.function = function;
  op.key = key;
  op.span = span;
  GraphValue out;
  out.form = Form::Bytes;
  out.party = party;
  return make(std::move(op), std::move(out));
}

void GraphBuilder::prune() {
  std::vector<bool> needed(graph_.values.size(), false), asked(graph_.values.size(), false);
  for (const int id : asked_) asked[static_cast<size_t>(id)] = true;
  std::vector<GraphOp> kept;
  for (auto op = graph_.ops.rbegin(); op != graph_.ops.rend(); ++op) {
    if (op->output >= 0 && !needed[static_cast<size_t>(op->output)] && op->kind != Kind::Input) {
      if (asked[static_cast<size_t>(op->output)]) {
        for (const int in : op->inputs) asked[static_cast<size_t>(in)] = true;
      } else if (op->kind == Kind::Encrypt) {
        graph_.undecrypted.push_back(std::move(*op));
      }
      continue;
    }
    for (const int in : op->inputs) needed[static_cast<size_t>(in)] = true;
    kept.push_back(std::move(*op));
  }
  std::reverse(kept.begin(), kept.end());
  graph_.ops = std::move(kept);
}

}  // namespace acie::sema
