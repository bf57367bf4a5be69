// `given l[..k]`: evidence on the first steps of a series whose number of steps is read at start. The noise of those steps is
// recovered from them, that of the others is as its law has it. To the analysis the first steps are a vector of their own:
// what was seen of them, with the step's equation over it, whose noise, u', is recovered as any is. Then in the factual world the
// series is set to what was seen, and in the others its equation has u' for u at these steps.

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

/// Notes evidence on some steps of a series; what it comes to is known when all evidence is.
bool QueryElaborator::give_steps(const syntax::Evidence& item, const std::string& name, const Variable* series, const Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (model_.element_series(series) != std::vector<const Variable*>{series} || series->role != Variable::Role::Var || item.value != nullptr) return false;
  const auto parts = elaborator_.axis_parts(series->type.shape, item.subject->indices, scope, item.subject->span);
  if (!parts) {
    complete_ = false;
    return true;
  }
  const Elaborator::AxisPart& part = (*parts)[0];
  if (parts->size() == 1 && part.kind == Elaborator::AxisPart::Kind::Slice && part.low == 0 && part.count == series->type.shape[0] && first_steps_.count(series) == 0) {
    give_column(series, item.span);  // all of them
    return true;
  }
  FirstSteps& first = first_steps_.try_emplace(series).first->second;
  if (parts->size() != 1 || part.kind == Elaborator::AxisPart::Kind::New || part.low != first.count) {
    diagnostics.report(Code::A0701, item.span, absl::StrCat("evidence on steps of `", name, "` after steps that are left open is not built yet where their number is read at start"))
        .note(absl::StrCat("`given ", name, "[..3]` are the first steps, one after the other, and `given ", name, "` all of them; with their number written, `dim T = 12`, any steps may be given"));
    complete_ = false;
    return true;
  }
  first.count = sizes::plus(first.count, part.count);
  first.span = item.span;
  first.name = name;
  return true;
}

/// The variables behind that evidence; false after reporting.
bool QueryElaborator::tell_first_steps() {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  Program& program = elaborator_.program();
  std::vector<Variable*>& variables = model_.model()->variables;
  const auto refuse = [&](const FirstSteps& first, const std::string& why, const std::string& note) {
    diagnostics.report(Code::A0701, first.span, absl::StrCat("evidence on the first steps of `", first.name, "`, whose number of steps is read at start, ", why)).note(note);
    return false;
  };
  std::set<const Variable*> open;  // series that steps without evidence make
  for (auto& [series, first] : first_steps_) {
    const Expr* step = nullptr;
    for (const StepSeries& each : model_.series_with(series)) {
      if (each.step != nullptr) open.insert(each.variable);
      if (each.variable == series) step = each.step;
    }
    std::vector<const Variable*> noises;
    for (const Expr* reference : references(step)) {
      if (reference->variable->role == Variable::Role::Exo) noises.push_back(reference->variable);
    }
    if (noises.size() != 1 || noises[0]->type.shape != series->type.shape) return refuse(first, "is built where each step has one noise of its own", absl::StrCat("`given ", first.name, "` reads all steps"));
    first.noise = noises[0];
    // What else follows from that noise would have to be told of it.
    for (const Variable* other : variables) {
      const bool own = other == series || other == model_.step_equation(series) || other->role == Variable::Role::Exo;
      const std::vector<StepSeries> with = model_.series_with(other);
      const auto among = std::find_if(with.begin(), with.end(), [&](const StepSeries& each) { return each.variable == other; });
      const Expr* equation = among != with.end() ? among->step : other->equation;
      if (!own && equation != nullptr && reads(equation, first.noise) && !other->generated) return refuse(first, absl::StrCat("is built where `", first.noise->name, "` is the noise of `", first.name, "` alone, and `", other->name, "` follows from it too"), absl::StrCat("`given ", first.name, "` reads all steps"));
    }
    for (const Constraint* constraint : model_.model()->constraints) {
      for (const ConstraintRow& row : constraint->rows) {
        if (row.residual != nullptr && reads(row.residual, first.noise)) return refuse(first, absl::StrCat("is not built yet where the constraint `", constraint->name, "` reads `", first.noise->name, "`"), absl::StrCat("`given ", first.name, "` reads all steps"));
      }
    }
  }
  // What speaks of the open steps says more of their noise than its law.
  for (const Evidence& item : query_->evidence) {
    std::set<const Variable*> seen;
    std::vector<const Variable*> left = {item.variable};
    while (!left.empty()) {
      const Variable* variable = left.back();
      left.pop_back();
      if (variable->role == Variable::Role::Input || !seen.insert(variable).second) continue;
      if (open.count(variable) > 0) return refuse(first_steps_.begin()->second, absl::StrCat("beside evidence on `", item.variable->name, "`, which follows from later steps, is not built yet"), "give all steps, or the first steps alone");
      if (variable->equation == nullptr) continue;
      for (const Expr* reference : references(variable->equation)) left.push_back(reference->variable);
    }
  }
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
    if (reads(told.equation, series) || reads(told.equation, first.noise)) return refuse(first, "is built where a step reads this step and steps before it by a known number", absl::StrCat("`given ", first.name, "` reads all steps"));
    variables.push_back(program.make(std::move(told)));
    query_->evidence.push_back({variables.back(), nullptr, first.span});
    // The factual series: what was seen, then what its equation makes.
    const Builder::Loop loop(builder);
    const Value at = Builder::value(builder.places({steps}, 0, {1}, first.span), true);
    const Value among = builder.apply(Op::Min, {at, builder.size(sizes::minus(first.count, 1), first.span)}, first.span);
    const Value is_first = builder.apply(Op::Lt, {at, builder.size(first.count, first.span)}, first.span);
    const auto taken = [&](const Variable* of) { return Builder::value(builder.gather(builder.variable(of, kFactual, first.span), among.expr, first.span)); };
    const Expr* factual = builder.select(is_first, taken(first.seen), Builder::value(builder.natural(series, kFactual, first.span)), first.span).expr;
    first.with_noise = builder.select(is_first, taken(first.seen_noise), Builder::value(builder.variable(first.noise, kFactual, first.span)), first.span).expr;
    query_->worlds[kFactual].interventions.push_back({series, factual, first.span});
  }
  for (ReturnItem& item : returns_) item.value = with_first_noises(item.value);
  for (World& world : query_->worlds) {
    for (Intervention& intervention : world.interventions) intervention.value = with_first_noises(intervention.value);
  }
  return true;
}

/// Noises of series whose first steps are given as they are: recovered, then open. One of these steps in the factual world is
/// what was seen of it.
const Expr* QueryElaborator::with_first_noises(const Expr* e) {
  if (e == nullptr || first_steps_.empty()) return e;
  return replaced({e}, [&](const Expr& node) -> const Expr* {
    const Expr* of = node.kind == Expr::Kind::View && node.type.shape.empty() ? node.operands[0] : nullptr;
    const auto given = of != nullptr && of->kind == Expr::Kind::Variable && of->world == kFactual ? first_steps_.find(of->variable) : first_steps_.end();
    if (given != first_steps_.end() && !sizes::is_open(given->second.count) && node.elements->offset < given->second.count) {
      Builder& builder = elaborator_.builder();
      return builder.view(builder.variable(given->second.seen, kFactual, node.span), {}, node.elements->offset, {}, node.span);
    }
    if (node.kind != Expr::Kind::Variable || node.variable->role != Variable::Role::Exo) return nullptr;
    for (const auto& [series, first] : first_steps_) {
      if (first.noise == node.variable) return first.with_noise;
    }
    return nullptr;
  }, elaborator_.program())[0];
}

}  // namespace acie::sema
