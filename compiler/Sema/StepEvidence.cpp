// `given l[..k]`, `given l[2]`: evidence on some steps of a series whose number of steps is read at start. The noise of the
// steps up to the last of them is told, that of the others is as its law has it. To the analysis the first steps are a vector of their
// own: what was seen of them, with the step's equation over it, whose noise, u', is recovered as any is. Then in the factual
// world the series is set to what was seen, and in the others its equation has u' for u at these steps. Where that does not do,
// because steps before are open or a step has several noises, they are written out instead (WrittenEvidence.cpp).

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Queries.h"

namespace acie::sema {
namespace {

bool reads(const Expr* e, const Variable* variable) {
  const std::vector<const Expr*> all = references(e);
  return std::any_of(all.begin(), all.end(), [&](const Expr* reference) { return reference->variable == variable; });
}

/// The first `count` of what an expression over `steps` steps makes, in which vectors of the first steps stand for series.
class FirstPart {
 public:
  FirstPart(Builder& builder, int64_t steps, int64_t count, std::string noise_suffix) : builder_(builder), steps_(steps), count_(count), suffix_(std::move(noise_suffix)) {}

  void stand_for(const Variable* series, const Variable* first) { first_[series] = first; }

  const Expr* of(const Expr* e) {
    if (const auto known = done_.find(e); known != done_.end()) return known->second;
    return done_[e] = make(e);
  }

 private:
  const Expr* make(const Expr* e) {
    if (e->type.shape != Shape{steps_}) return e;
    const auto source = [&](const Expr* of) {
      const auto found = of->kind == Expr::Kind::Variable ? first_.find(of->variable) : first_.end();
      return found == first_.end() ? of : builder_.variable(found->second, of->world, of->span);
    };
    Expr part = *e;
    part.type.shape = {count_};
    switch (e->kind) {
      case Expr::Kind::Variable: return source(e) != e ? source(e) : builder_.view(e, {count_}, 0, {1}, e->span);
      case Expr::Kind::Apply:
        for (const Expr*& operand : part.operands) operand = of(operand);
        break;
      case Expr::Kind::View:
        // Each its own, or one for all: of what was seen it must be among the first.
        if (source(e->operands[0]) != e->operands[0] && e->elements->offset != 0 && (e->elements->strides[0] != 0 || sizes::is_open(count_) || e->elements->offset >= count_)) return e;
        part.operands = {source(e->operands[0])};
        break;
      case Expr::Kind::Gather: part.operands = {source(e->operands[0]), of(e->operands[1])}; break;
      case Expr::Kind::Places: break;
      case Expr::Kind::Noise: {
        Noise noise = *e->noise;
        noise.name += suffix_;
        part.noise = builder_.program().make(std::move(noise));
        break;
      }
      default: return builder_.view(e, {count_}, 0, {1}, e->span);
    }
    return builder_.program().make(std::move(part));
  }

  Builder& builder_;
  const int64_t steps_, count_;
  const std::string suffix_;
  std::map<const Variable*, const Variable*> first_;
  std::map<const Expr*, const Expr*> done_;
};

}  // namespace

/// Notes evidence on some steps of series, all elements of one name; what it comes to is known when all evidence is. False where
/// `series` are none.
bool QueryElaborator::give_steps(const syntax::Evidence& item, const std::string& name, const std::vector<const Variable*>& series, const Shape& shape, const Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (series[0]->role != Variable::Role::Var || model_.step_of(series[0]) == nullptr) return false;
  const auto refused = [&] {
    complete_ = false;
    return true;
  };
  const auto parts = elaborator_.axis_parts(shape, item.subject->indices, scope, item.subject->span);
  if (!parts) return refused();
  if (parts->size() != shape.size()) {
    diagnostics.report(Code::A0312, item.span, "evidence is on elements that are there, and `new` makes an axis");
    return refused();
  }
  const Elaborator::AxisPart steps = (*parts)[0];
  const bool all = steps.kind == Elaborator::AxisPart::Kind::Slice && steps.low == 0 && steps.count == shape[0];
  // Which elements of a step.
  std::vector<const Variable*> chosen;
  for (size_t k = 0; k < series.size(); ++k) {
    auto below = static_cast<int64_t>(series.size()), rest = static_cast<int64_t>(k);
    bool in = true;
    for (size_t axis = 1; axis < shape.size(); ++axis) {
      below /= shape[axis];
      const int64_t at = rest / below - (*parts)[axis].low;
      rest %= below;
      in = in && at >= 0 && at < (*parts)[axis].count;
    }
    if (in) chosen.push_back(series[k]);
  }
  const bool fresh = std::none_of(chosen.begin(), chosen.end(), [&](const Variable* each) { return first_steps_.count(each) > 0; });
  if (all && fresh && item.value == nullptr) {
    for (const Variable* each : chosen) give_column(each, item.span);
    return true;
  }
  const bool known = !sizes::is_open(steps.low) && !sizes::is_open(steps.count);
  Value value;
  if (item.value != nullptr && known) {
    Annotation type{series[0]->type, {}, {}};
    type.element.shape.clear();
    for (const Elaborator::AxisPart& part : *parts) {
      if (part.kind == Elaborator::AxisPart::Kind::Slice) type.shape.push_back(part.count);
    }
    value = elaborator_.fit(elaborator_.number(*item.value, scope), type, item.value->span, absl::StrCat("`", name, "`"), true);
    if (value.poisoned()) return refused();
    if (value.is_whole()) value = elaborator_.builder().as_items(value);
    if (!Elaborator::is_constant(value)) {
      diagnostics.report(Code::A0310, item.value->span, "evidence is a column, or a value known when compiling");
      return refused();
    }
  }
  for (size_t k = 0; k < chosen.size(); ++k) {
    FirstSteps& first = first_steps_[chosen[k]];
    const bool next = first.in_a_row && steps.low == first.count && item.value == nullptr;
    if (!next && (!known || sizes::is_open(first.count))) {
      diagnostics.report(Code::A0701, item.span, absl::StrCat("evidence on steps of `", name, "` ", item.value != nullptr ? "as values" : "after steps that are left open", ", as many as the data say, is not built yet"))
          .note(absl::StrCat("`given ", name, "[..3]` and `given ", name, "[5]` are steps whose numbers are known, and `given ", name, "` all of them; with their number written, `dim T = 12`, any steps may be given"));
      return refused();
    }
    first.name = name;
    first.span = item.span;
    first.in_a_row = next;
    if (!known) {
      first.count = sizes::plus(first.count, steps.count);
      continue;
    }
    for (int64_t step = 0; step < steps.count; ++step) {
      const size_t position = static_cast<size_t>(step) * chosen.size() + k;
      FirstSteps::Given given{item.span, std::nullopt};
      if (item.value != nullptr) given.value = constant_value(value.is_tensor() ? (*value.items)[position].expr : value.expr);
      const auto [before, is_new] = first.given.try_emplace(steps.low + step, given);
      if (!is_new) {
        diagnostics.report(Code::A0502, item.span, absl::StrCat("`", name, "[", steps.low + step, "]` is given twice")).label(before->second.span, "given here already").note("a variable has one value in the factual world: keep one of the two");
        return refused();
      }
    }
    first.count = first.given.rbegin()->first + 1;
  }
  return true;
}

/// Why the first steps of a series cannot be abducted as a vector, and what can be done instead; nullopt where they can.
std::optional<std::pair<std::string, std::string>> QueryElaborator::why_no_vector(const Variable* series, FirstSteps& first) {
  const std::string all = absl::StrCat("`given ", first.name, "` reads all steps");
  if (!first.in_a_row) return std::pair(std::string("is built one after the other from the first, or up to step 64"), all);
  if (model_.element_series(series) != std::vector<const Variable*>{series} || series->vector) return std::pair(absl::StrCat("is built for up to ", kUnrolled, " steps of vectors"), all);
  for (const auto& [other, of] : first_steps_) {
    if (of.count != first.count) return std::pair(absl::StrCat("is built up to the same step as of `", of.name, "`"), absl::StrCat("up to step ", kUnrolled, " each may have its own"));
  }
  std::vector<const Variable*> noises;
  for (const Expr* reference : references(model_.step_of(series))) {
    const Variable* read = reference->variable;
    if (read->role == Variable::Role::Exo) noises.push_back(read);
    const bool open = model_.step_of(read) != nullptr && first_steps_.count(read) == 0 && follows_from_open_steps(read, {});
    if (open) return std::pair(absl::StrCat("is built where `", read->name, "`, which it follows from, is given up to the same step"), all);
  }
  if (noises.size() != 1 || noises[0]->type.shape != series->type.shape) return std::pair(std::string("is built where each step has one noise of its own"), all);
  first.noise = noises[0];
  // What else follows from that noise would have to be told of it.
  for (const Variable* other : model_.model()->variables) {
    const bool own = other == series || other == model_.step_equation(series) || other->role == Variable::Role::Exo;
    const Expr* equation = model_.step_of(other) != nullptr ? model_.step_of(other) : other->equation;
    if (!own && equation != nullptr && reads(equation, first.noise) && !other->generated) return std::pair(absl::StrCat("is built where `", first.noise->name, "` is the noise of `", first.name, "` alone, and `", other->name, "` follows from it too"), all);
  }
  for (const Constraint* constraint : model_.model()->constraints) {
    for (const ConstraintRow& row : constraint->rows) {
      if (row.residual != nullptr && reads(row.residual, first.noise)) return std::pair(absl::StrCat("is not built yet where the constraint `", constraint->name, "` reads `", first.noise->name, "`"), all);
    }
  }
  // What speaks of the open steps says more of their noise than its law.
  for (const Evidence& item : query_->evidence) {
    if (follows_from_open_steps(item.variable, {})) return std::pair(absl::StrCat("beside evidence on `", item.variable->name, "`, which follows from later steps, is not built yet"), std::string("give all steps, or the first steps alone"));
  }
  return std::nullopt;
}

/// What the evidence on some steps tells, as vectors where it can be; false after reporting.
bool QueryElaborator::tell_first_steps() {
  for (const Evidence& item : query_->evidence) {
    const auto some = first_steps_.find(item.variable);
    if (some == first_steps_.end()) continue;
    const bool later = some->second.span.begin > item.span.begin;
    elaborator_.diagnostics().report(Code::A0502, later ? some->second.span : item.span, absl::StrCat("`", some->second.name, "` is given twice")).label(later ? item.span : some->second.span, "given here already").note("a variable has one value in the factual world: keep one of the two");
    return false;
  }
  std::optional<std::pair<std::string, std::string>> why;
  const FirstSteps* of = nullptr;
  for (auto& [series, first] : first_steps_) {
    if (why) break;
    why = why_no_vector(series, first);
    of = &first;
  }
  const bool few = std::all_of(first_steps_.begin(), first_steps_.end(), [](const auto& each) { return !sizes::is_open(each.second.count) && each.second.count <= kUnrolled; });
  if (why && !few) {
    elaborator_.diagnostics().report(Code::A0701, of->span, absl::StrCat("evidence on some steps of `", of->name, "`, whose number of steps is read at start, ", why->first)).note(why->second);
    return false;
  }
  if (!(why ? tell_written_steps() : tell_as_vectors())) return false;
  for (ReturnItem& item : returns_) item.value = with_first_noises(item.value);
  for (World& world : query_->worlds) {
    for (Intervention& intervention : world.interventions) intervention.value = with_first_noises(intervention.value);
  }
  return true;
}

/// `known` at the first steps, then `open`.
const Expr* QueryElaborator::known_then_open(const Expr* known, const Expr* open, const FirstSteps& first) {
  Builder& builder = elaborator_.builder();
  const Builder::Loop loop(builder);
  const Value at = Builder::value(builder.places(open->type.shape, 0, {1}, first.span), true);
  const Value among = builder.apply(Op::Min, {at, builder.size(sizes::minus(first.count, 1), first.span)}, first.span);
  const Value is_first = builder.apply(Op::Lt, {at, builder.size(first.count, first.span)}, first.span);
  return builder.select(is_first, Builder::value(builder.gather(known, among.expr, first.span)), Builder::value(open), first.span).expr;
}

/// The factual series: `known` at the first steps, then what its equation makes.
void QueryElaborator::set_first_steps(const Variable* series, const FirstSteps& first, const Expr* known) {
  query_->worlds[kFactual].interventions.push_back({series, known_then_open(known, elaborator_.builder().natural(series, kFactual, first.span), first), first.span});
}

/// The variables behind that evidence where the first steps are vectors; false after reporting.
bool QueryElaborator::tell_as_vectors() {
  Builder& builder = elaborator_.builder();
  Program& program = elaborator_.program();
  std::vector<Variable*>& variables = model_.model()->variables;
  for (auto& [series, first] : first_steps_) {
    const auto like = [&](const Variable& of, const std::string& name) {
      Variable made = of;
      made.name = absl::StrCat(query_->name, ".", name, "[..", sizes::text(first.count), "]");
      made.type.shape = {first.count};
      made.generated = true;
      made.doc.clear();
      return made;
    };
    Variable seen = like(*series, series->name);
    seen.name += ".seen";
    seen.role = Variable::Role::Input;
    seen.equation = nullptr;
    if (seen.column.empty()) seen.column = series->name;
    variables.push_back(program.make(std::move(seen)));
    first.seen = variables.back();
  }
  for (auto& [series, first] : first_steps_) {
    const int64_t steps = series->type.shape[0];
    const std::string suffix = absl::StrCat(".", query_->name, ".first");
    FirstPart part(builder, steps, first.count, suffix);
    for (const auto& [other, of] : first_steps_) {
      if (of.count == first.count && other->type.shape == series->type.shape) part.stand_for(other, of.seen);
    }
    Variable noise = *first.noise;
    noise.name += suffix;
    noise.type.shape = {first.count};
    noise.generated = true;
    noise.equation = part.of(first.noise->equation);
    if (noise.support.low != nullptr) noise.support.low = part.of(noise.support.low);
    if (noise.support.high != nullptr) noise.support.high = part.of(noise.support.high);
    variables.push_back(program.make(std::move(noise)));
    first.seen_noise = variables.back();
    part.stand_for(first.noise, first.seen_noise);
    const Variable* own = model_.step_equation(series);
    Variable told = *first.seen;
    told.role = Variable::Role::Var;
    told.name.resize(told.name.size() - std::string(".seen").size());
    told.equation = part.of((own != nullptr ? own : series)->equation);
    if (reads(told.equation, series) || reads(told.equation, first.noise)) {
      elaborator_.diagnostics().report(Code::A0701, first.span, absl::StrCat("evidence on the first steps of `", first.name, "`, whose number of steps is read at start, is built where a step reads this step and steps before it by a known number")).note(absl::StrCat("`given ", first.name, "` reads all steps"));
      return false;
    }
    variables.push_back(program.make(std::move(told)));
    query_->evidence.push_back({variables.back(), nullptr, first.span});
    set_first_steps(series, first, builder.variable(first.seen, kFactual, first.span));
    const Expr* known = builder.variable(first.seen_noise, kFactual, first.span);
    told_noises_[first.noise] = {known, known_then_open(known, builder.variable(first.noise, kFactual, first.span), first)};
  }
  return true;
}

/// Whether a variable is a vector of noises of each step, put together from them.
bool QueryElaborator::is_noise_vector(const Variable* variable) const {
  if (variable->role != Variable::Role::Var || model_.open_vector(variable->name) != variable) return false;
  const std::vector<const Expr*> parts = references(variable->equation);
  return std::all_of(parts.begin(), parts.end(), [](const Expr* part) { return part->variable->role == Variable::Role::Exo; });
}

/// Noises of series whose first steps are given as they are: told, then open. One of these steps in the factual world is
/// what is known of it.
const Expr* QueryElaborator::with_first_noises(const Expr* e) {
  if (e == nullptr || first_steps_.empty()) return e;
  Builder& builder = elaborator_.builder();
  return replaced({e}, [&](const Expr& node) -> const Expr* {
    const Expr* of = node.kind == Expr::Kind::View && node.type.shape.empty() ? node.operands[0] : nullptr;
    const auto told = told_noises_.find(of != nullptr ? of->variable : node.kind == Expr::Kind::Variable ? node.variable : nullptr);
    if (told != told_noises_.end() && of == nullptr) return told->second.all;
    if (told != told_noises_.end() && !sizes::is_open(told->second.known->type.shape[0]) && node.elements->offset < told->second.known->type.shape[0]) return builder.element(told->second.known, node.elements->offset);
    const Variable* noises = node.kind == Expr::Kind::Variable && !told_noises_.empty() && is_noise_vector(node.variable) ? node.variable : nullptr;
    if (noises != nullptr) return with_first_noises(noises->equation);
    if (of != nullptr && of->kind == Expr::Kind::Variable && of->world == kFactual) {
      const std::vector<const Variable*> series = model_.element_series(of->variable);
      const auto each = static_cast<int64_t>(std::max<size_t>(series.size(), 1));
      const auto given = series.empty() ? first_steps_.end() : first_steps_.find(series[static_cast<size_t>(node.elements->offset % each)]);
      const int64_t step = node.elements->offset / each;
      if (given != first_steps_.end() && !sizes::is_open(given->second.count) && step < given->second.count) {
        const FirstSteps& first = given->second;
        return first.written.empty() ? builder.view(builder.variable(first.seen, kFactual, node.span), {}, step, {}, node.span) : builder.variable(first.written[static_cast<size_t>(step)], kFactual, node.span);
      }
    }
    return nullptr;
  }, elaborator_.program())[0];
}

}  // namespace acie::sema
