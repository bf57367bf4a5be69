// Mechanisms: functions with learnt parameters. Each call site is an instance of its own, named by its path,
// "Galaxy.spectrum.mlp.dense_0.w"; a call that is elaborated many times (in `map`, `scan`, `over`, a comprehension) is one.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {
namespace {

/// Calls inside a syntax tree, in the order in which they are evaluated, arguments first: what numbers the instances of one
/// mechanism, so that of two layers the first applied is number 0. A callee is said by `name(callee)`, "" where it is none.
class CallCollector {
 public:
  using Named = std::function<std::string(const syntax::Expr&)>;
  CallCollector(std::vector<std::pair<std::string, Span>>& calls, Named name) : calls_(calls), name_(std::move(name)) {}

  void visit(const syntax::Block* block) {
    if (block == nullptr) return;
    for (const syntax::Stmt* stmt : block->statements) visit(stmt);
  }
  void visit(const syntax::Stmt* stmt) {
    visit(stmt->value);
    visit(stmt->law);
    visit(stmt->condition);
    for (const syntax::Result& result : stmt->results) visit(result.value);
    for (const syntax::Stmt* inner : stmt->body) visit(inner);
    if (stmt->declaration != nullptr) visit(stmt->declaration->block);
  }

 private:
  void visit(const syntax::Expr* expr) {
    if (expr == nullptr) return;
    const bool pipe = expr->kind == syntax::Expr::Kind::Pipe;
    if (expr->kind != syntax::Expr::Kind::Call && !pipe) return parts(*expr);
    // x |> f(a) is f(x, a).
    const syntax::Expr* callee = pipe ? expr->operands[1] : expr->base;
    const std::vector<syntax::Argument>* arguments = &expr->args;
    if (pipe) visit(expr->operands[0]);
    if (pipe && callee->kind == syntax::Expr::Kind::Call) {
      arguments = &callee->args;
      callee = callee->base;
    }
    visit(callee);
    for (const syntax::Argument& argument : *arguments) {
      visit(argument.value);
      if (argument.generator) visit(*argument.generator);
    }
    add(*callee, expr->span);
    // Handed on by name: map(xs, dense).
    for (const syntax::Argument& argument : *arguments) add(*argument.value, expr->span);
  }
  void parts(const syntax::Expr& expr) {
    visit(expr.base);
    for (const syntax::Expr* operand : expr.operands) visit(operand);
    for (const syntax::Index& index : expr.indices) {
      visit(index.value);
      visit(index.low);
      visit(index.high);
    }
    for (const syntax::RecordField& field : expr.fields) visit(field.value);
    if (expr.generator) visit(*expr.generator);
    visit(expr.block);
  }
  void visit(const syntax::Generator& generator) {
    for (const auto& [name, over] : generator.clauses) visit(over);
    visit(generator.condition);
  }
  void add(const syntax::Expr& callee, Span site) {
    const syntax::Expr& without_sizes = callee.kind == syntax::Expr::Kind::Index ? *callee.base : callee;
    if (std::string name = name_(without_sizes); !name.empty()) calls_.emplace_back(std::move(name), site);
  }

  std::vector<std::pair<std::string, Span>>& calls_;
  Named name_;
};

/// The initialisers that draw from --seed: a law of mean 0 with a width that follows from the sizes of the tensor, rows
/// (fan out) and columns (fan in).
std::optional<Slot::Initial> initialiser(const std::string& name, const Shape& shape) {
  const int64_t fan_in = shape.empty() ? 1 : shape.back(), fan_out = shape.size() < 2 ? 1 : shape[shape.size() - 2];
  const auto of = [](Slot::Initial::Law law, double gain, int64_t fan) {
    return sizes::is_open(fan) ? Slot::Initial{law, gain, fan} : Slot::Initial{law, std::sqrt(gain / static_cast<double>(fan)), 0};
  };
  using Law = Slot::Initial::Law;
  if (name == "xavier_uniform") return of(Law::Uniform, 6, sizes::plus(fan_in, fan_out));  // Glorot & Bengio 2010, eq. 16
  if (name == "xavier_normal") return of(Law::Normal, 2, sizes::plus(fan_in, fan_out));
  if (name == "he_uniform") return of(Law::Uniform, 6, fan_in);  // He et al. 2015, eq. 10
  if (name == "he_normal") return of(Law::Normal, 2, fan_in);
  return std::nullopt;
}

}  // namespace

/// The name of the instance that the call at `span` makes in `frame`: "dense", or "dense_1" where the frame calls the
/// mechanism more than once.
std::string Elaborator::instance_name(Frame& frame, const std::string& mechanism, Span span) {
  if (!frame.collected) {
    CallCollector collector(frame.calls, [&](const syntax::Expr& callee) -> std::string {
      const std::string called = declaration_name(callee);
      if (called.empty() || frame.module == nullptr) return "";
      const Module* owner = nullptr;
      const syntax::Decl* declared = find_declaration(*frame.module, called, &owner);
      return declared != nullptr && (declared->kind == syntax::Decl::Kind::Fn || declared->kind == syntax::Decl::Kind::Mechanism) ? declared->name.text : "";
    });
    collector.visit(frame.block);
    if (frame.stmt != nullptr) collector.visit(frame.stmt);
    frame.collected = true;
  }
  std::vector<Span> sites;
  for (const auto& [name, site] : frame.calls) {
    if (name == mechanism && std::find(sites.begin(), sites.end(), site) == sites.end()) sites.push_back(site);
  }
  if (sites.size() < 2) return mechanism;
  return absl::StrCat(mechanism, "_", std::find(sites.begin(), sites.end(), span) - sites.begin());
}

const std::string& Elaborator::frame_path(size_t index) {
  Frame& frame = frames_[index];
  if (frame.path.empty()) frame.path = absl::StrCat(frame_path(index - 1), ".", instance_name(frames_[index - 1], frame.label, frame.site));
  return frame.path;
}

void Elaborator::enter(const std::string& path, const syntax::Stmt* stmt, const Module* module, std::vector<Slot*>* learnt) {
  Frame frame;
  frame.path = path;
  frame.stmt = stmt;
  frame.module = module;
  frame.learnt = learnt;
  frames_.push_back(std::move(frame));
}

void Elaborator::enter(const std::string& path, const syntax::Block& block, const Module* module, std::vector<Slot*>* learnt) {
  enter(path, nullptr, module, learnt);
  frames_.back().block = &block;
}

void Elaborator::leave() { frames_.pop_back(); }

std::optional<Elaborator::FirstValues> Elaborator::first_values(const syntax::Stmt& stmt, const std::string& name, const Annotation& type, const Scope& scope) {
  FirstValues first;
  if (is_text(type.element)) {
    diagnostics_.report(Code::A0304, stmt.type->span, "what is learnt is numbers, and these are texts").note("`param` is set per run, and may be a text");
    return std::nullopt;
  }
  if (stmt.value == nullptr) return first;
  const syntax::Expr& text = *stmt.value;
  const std::string word = text.kind == syntax::Expr::Kind::Call && text.base->kind == syntax::Expr::Kind::Name ? text.base->name.text : "";
  if (word == "normal" || word == "uniform") {
    // Of mean 0: normal(0.02) is a standard deviation, uniform(0.1) a half width.
    if (text.args.size() != 1 || text.args[0].name || text.args[0].generator) {
      diagnostics_.report(Code::A0207, text.span, absl::StrCat("first values are drawn around 0: `", word, word == "normal" ? "(standard deviation)`" : "(half width)`"));
      return std::nullopt;
    }
    Type width_type = type.element;
    width_type.range.reset();
    const auto width = constant(*text.args[0].value, scope, width_type, "the width of first values");
    if (!width) return std::nullopt;
    if (!(*width > 0) || std::isinf(*width)) {
      diagnostics_.report(Code::A0306, text.args[0].span, "the width of first values is above 0");
      return std::nullopt;
    }
    first.initial = Slot::Initial{word == "normal" ? Slot::Initial::Law::Normal : Slot::Initial::Law::Uniform, *width, 0};
  } else if (text.args.empty()) {
    first.initial = initialiser(word, type.shape);
  }
  if (first.initial) {
    if (!is_float(type.element.scalar)) {
      diagnostics_.report(Code::A0304, text.span, absl::StrCat("first values are drawn of f64 and f32, and `", name, "` is ", to_string(type.element)));
      return std::nullopt;
    }
    // Over an open size, which is at least 1, the width is at most the root.
    const double width = first.initial->fan != 0 ? std::sqrt(first.initial->width) : first.initial->width;
    const double reach = first.initial->law == Slot::Initial::Law::Normal ? std::numeric_limits<double>::infinity() : width;
    if (const auto& range = type.element.range; range && (range->low > -reach || range->high < reach)) {
      diagnostics_.report(Code::A0306, text.span, absl::StrCat("what is drawn so can lie outside the range of `", name, "`")).note("write a first value inside it, or learn its logarithm");
      return std::nullopt;
    }
    return first;
  }
  if ((word == "zeros" || word == "ones") && text.args.empty()) {
    const double value = word == "ones" ? 1 : 0;
    if (const auto& range = type.element.range; range && (value < range->low || value > range->high)) {
      diagnostics_.report(Code::A0306, text.span, absl::StrCat("this is outside the range of `", name, "`"));
      return std::nullopt;
    }
    first.values.assign(sizes::any_open(type.shape) ? 1 : static_cast<size_t>(element_count(type.shape)), value);
    return first;
  }
  const Value value = fit(number(text, scope), type, text.span, absl::StrCat("`", name, "`"), true);
  if (value.poisoned()) return std::nullopt;
  if (!is_constant(value)) {
    diagnostics_.report(Code::A0310, text.span, "the first value of a learnt parameter must be known when compiling");
    return std::nullopt;
  }
  first.values = constant_values(value);
  return first;
}

/// `learn w : f32[M, N] = xavier_uniform()` in the body of a mechanism.
Value Elaborator::learn_in_mechanism(const syntax::Stmt& stmt, const syntax::Name& name, const Scope& scope) {
  Annotation plain_number;
  plain_number.element = plain(ScalarKind::F64);
  const auto type = stmt.type != nullptr ? annotation(*stmt.type, scope) : std::optional<Annotation>(plain_number);
  if (!type) return Value{};
  return learn_as(stmt, name, *type, scope);
}

Value Elaborator::learn_as(const syntax::Stmt& stmt, const syntax::Name& name, const Annotation& type, const Scope& scope) {
  if (!type.fields.empty()) return learn_record(stmt, name, type, scope);
  if (stmt.law != nullptr) {
    const Value prior = expression(*stmt.law, scope);
    if (prior.poisoned()) return prior;
    if (prior.kind != Value::Kind::Law) {
      diagnostics_.report(Code::A0402, stmt.law->span, "`~` takes a law, and this is a value").note("a prior is a distribution, such as `normal(0, 1)`; a first value follows `=`");
      return Value{};
    }
  }
  auto first = first_values(stmt, name.text, type, scope);
  if (!first) return Value{};
  Slot slot;
  slot.role = Slot::Role::Learn;
  slot.name = absl::StrCat(frame_path(frames_.size() - 1), ".", name.text);
  slot.doc = stmt.doc;
  slot.span = name.span;
  return learnt_value(std::move(slot), type, *std::move(first), stmt);
}

Value Elaborator::learnt_value(Slot slot, const Annotation& type, FirstValues first, const syntax::Stmt& stmt) {
  const std::string path = slot.name;
  const std::vector<Repeat>& repeats = frames_.back().repeats;
  Annotation all = type;
  int64_t copies = 1, which = 0;
  for (const Repeat& repeat : repeats) {
    copies *= repeat.count;
    which = which * repeat.count + repeat.which;
  }
  for (auto repeat = repeats.rbegin(); repeat != repeats.rend(); ++repeat) all.shape.insert(all.shape.begin(), repeat->count);
  auto known = instances_.find(path);
  if (known == instances_.end()) {
    slot.initial = first.initial;
    std::vector<double> values;
    // Of an open shape there is one value for all elements, of all copies too.
    const int64_t written = first.values.empty() ? 0 : sizes::any_open(type.shape) ? 1 : copies;
    for (int64_t copy = 0; copy < written; ++copy) values.insert(values.end(), first.values.begin(), first.values.end());
    std::vector<Slot*> made;
    const Value learnt = slots(std::move(slot), all, values, made);
    if (learnt.poisoned()) return learnt;
    for (auto owner = frames_.rbegin(); owner != frames_.rend(); ++owner) {
      if (owner->learnt == nullptr) continue;
      owner->learnt->insert(owner->learnt->end(), made.begin(), made.end());
      break;
    }
    known = instances_.emplace(path, learnt).first;
  } else if (const Shape shape = known->second.is_tensor() ? known->second.shape : Shape{}; shape != all.shape) {
    diagnostics_.report(Code::A0312, stmt.span, absl::StrCat("`", path, "` is one parameter of the shape ", to_string(shape), ", and here it is meant to have ", to_string(all.shape)))
        .note("a call that runs many times, and an instance that `let` names, is one instance: its sizes are the same each time");
    return Value{};
  }
  const Value& whole = known->second;
  if (repeats.empty()) return whole;
  const int64_t count = std::max<int64_t>(element_count(type.shape), 1);
  if (!whole.is_whole()) {
    const auto begin = whole.items->begin() + which * count;
    return type.shape.empty() ? *begin : builder_.tensor(type.shape, {begin, begin + count}, stmt.span);
  }
  std::vector<int64_t> strides(type.shape.size());
  int64_t step = 1;
  for (size_t axis = type.shape.size(); axis-- > 0; step = sizes::times(step, type.shape[axis])) strides[axis] = step;
  return Builder::whole(builder_.view(whole.expr, type.shape, sizes::times(which, count), std::move(strides), stmt.span), stmt.span);
}

Value Elaborator::apply_mechanism(const syntax::Decl& mechanism, const Module& module, const std::vector<Value>& arguments, Span span,
                                  const std::vector<int64_t>& generics, const Owner* owner) {
  if (mechanism.block == nullptr) return apply_extern(mechanism, module, arguments, span, generics);
  if (!mechanism.has_params || mechanism.type == nullptr) {
    diagnostics_.report(Code::A0208, span, absl::StrCat("`", mechanism.name.text, "` is not called itself: its functions are")).label(mechanism.name.span, "declared here").note("`let net = m`, then `net.f(x)` of a function `f` in it");
    return Value{};
  }
  const bool named = owner != nullptr && !owner->path.empty();
  if (!named && frames_.empty()) {
    diagnostics_.report(Code::A0412, span, absl::StrCat("`", mechanism.name.text, "` has learnt parameters, and nothing here owns them")).note("call it in a model or in another mechanism, or name an instance at top level: `let net = m`");
    return Value{};
  }
  Frame frame;
  frame.label = mechanism.name.text;
  frame.site = span;
  frame.block = mechanism.block;
  frame.module = &module;
  frame.mechanism = true;
  if (named) {
    frame.path = owner->path;
    frame.repeats = owner->repeats;
  } else {
    frame.repeats = frames_.back().repeats;
  }
  frames_.push_back(std::move(frame));
  const Value result = inline_function(mechanism, module, arguments, span, generics);
  frames_.pop_back();
  return result;
}

}  // namespace acie::sema
