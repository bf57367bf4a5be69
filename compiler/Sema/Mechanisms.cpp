// Mechanisms: functions with learnt parameters. Each call site is an instance of its own, named by its path,
// "Galaxy.spectrum.mlp.dense_0.w"; a call that is elaborated many times (in `map`, `scan`, `over`, a comprehension) is one.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {
namespace {

/// Calls by bare name inside a syntax tree, in the order in which they are evaluated, arguments first: what numbers the instances of
/// one mechanism, so that of two layers the first applied is number 0.
class CallCollector {
 public:
  explicit CallCollector(std::vector<std::pair<std::string, Span>>& calls) : calls_(calls) {}

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
  }
  void visit(const syntax::Expr* expr) {
    if (expr == nullptr) return;
    visit(expr->base);
    for (const syntax::Expr* operand : expr->operands) visit(operand);
    for (const syntax::Argument& argument : expr->args) visit(argument.value);
    for (const syntax::Index& index : expr->indices) visit(index.value);
    for (const syntax::RecordField& field : expr->fields) visit(field.value);
    visit(expr->block);
    if (expr->kind == syntax::Expr::Kind::Call || expr->kind == syntax::Expr::Kind::Pipe) {
      const syntax::Expr* callee = expr->kind == syntax::Expr::Kind::Call ? expr->base : expr->operands[1];
      if (callee->kind == syntax::Expr::Kind::Call) callee = callee->base;
      if (callee->kind == syntax::Expr::Kind::Index) callee = callee->base;
      if (callee->kind == syntax::Expr::Kind::Name) calls_.emplace_back(callee->name.text, expr->span);
      // Handed on by name: map(xs, dense).
      for (const syntax::Argument& argument : expr->args) {
        if (argument.value->kind == syntax::Expr::Kind::Name) calls_.emplace_back(argument.value->name.text, expr->span);
      }
    }
  }

 private:
  std::vector<std::pair<std::string, Span>>& calls_;
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
    CallCollector collector(frame.calls);
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

void Elaborator::enter(const std::string& path, const syntax::Stmt* stmt, std::vector<Slot*>* learnt) {
  Frame frame;
  frame.path = path;
  frame.stmt = stmt;
  frame.learnt = learnt;
  frames_.push_back(std::move(frame));
}

void Elaborator::leave() { frames_.pop_back(); }

/// `learn w : f32[M, N] = xavier_uniform()` in the body of a mechanism.
Value Elaborator::learn_in_mechanism(const syntax::Stmt& stmt, const syntax::Name& name, const Scope& scope) {
  const std::string path = absl::StrCat(frame_path(frames_.size() - 1), ".", name.text);
  Annotation plain_number;
  plain_number.element = plain(ScalarKind::F64);
  const auto type = stmt.type != nullptr ? annotation(*stmt.type, scope) : std::optional<Annotation>(plain_number);
  if (!type) return Value{};
  if (!type->fields.empty()) {
    diagnostics_.report(Code::A0710, stmt.type->span, "learnt records are not built yet").note("declare a parameter per field");
    return Value{};
  }
  if (const auto known = instances_.find(path); known != instances_.end()) {
    const Shape shape = known->second.is_tensor() ? known->second.shape : Shape{};
    if (shape == type->shape) return known->second;
    diagnostics_.report(Code::A0312, stmt.span, absl::StrCat("`", path, "` is one parameter of the shape ", to_string(shape), ", and here it is meant to have ", to_string(type->shape)))
        .note("a call that runs many times is one instance: its sizes are the same each time");
    return Value{};
  }
  Slot slot;
  slot.role = Slot::Role::Learn;
  slot.name = path;
  slot.doc = stmt.doc;
  slot.span = name.span;
  std::vector<double> values;
  if (stmt.value != nullptr) {
    const bool call = stmt.value->kind == syntax::Expr::Kind::Call && stmt.value->base->kind == syntax::Expr::Kind::Name && stmt.value->args.empty();
    const std::string word = call ? stmt.value->base->name.text : "";
    if (const auto initial = initialiser(word, type->shape)) {
      slot.initial = *initial;
    } else if (word == "zeros" || word == "ones") {
      values.assign(sizes::any_open(type->shape) ? 1 : static_cast<size_t>(element_count(type->shape)), word == "ones" ? 1 : 0);
    } else {
      const Value value = fit(number(*stmt.value, scope), *type, stmt.value->span, absl::StrCat("`", name.text, "`"), true);
      if (value.poisoned()) return value;
      if (!is_constant(value)) {
        diagnostics_.report(Code::A0310, stmt.value->span, "the first value of a learnt parameter must be known when compiling");
        return Value{};
      }
      values = constant_values(value);
    }
  }
  std::vector<Slot*> made;
  Value learnt = slots(std::move(slot), *type, values, made);
  for (auto owner = frames_.rbegin(); owner != frames_.rend(); ++owner) {
    if (owner->learnt == nullptr) continue;
    owner->learnt->insert(owner->learnt->end(), made.begin(), made.end());
    break;
  }
  return instances_[path] = learnt;
}

Value Elaborator::apply_mechanism(const syntax::Decl& mechanism, const Module& module, const std::vector<Value>& arguments, Span span,
                                  const std::vector<int64_t>& generics) {
  const auto later = [&](const char* what) {
    diagnostics_.report(Code::A0702, mechanism.name.span, absl::StrCat(what, " are not built yet"));
    return Value{};
  };
  if (mechanism.block == nullptr) return later("mechanisms of another library");
  if (!mechanism.has_params || mechanism.type == nullptr) return later("mechanisms of several functions");
  if (frames_.empty()) {
    diagnostics_.report(Code::A0702, span, absl::StrCat("`", mechanism.name.text, "` has learnt parameters, and nothing here owns them")).note("call it in a model, or in another mechanism");
    return Value{};
  }
  Frame frame;
  frame.label = mechanism.name.text;
  frame.site = span;
  frame.block = mechanism.block;
  frame.mechanism = true;
  frames_.push_back(std::move(frame));
  const Value result = inline_function(mechanism, module, arguments, span, generics);
  frames_.pop_back();
  return result;
}

}  // namespace acie::sema
