#include "compiler/Sema/StepLoops.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"

namespace acie::sema {
namespace {

/// The body of a loop over steps, made of expressions over whole series.
class Roller {
 public:
  Roller(Builder& builder, const std::vector<StepSeries>& series, WorldId world, int64_t count, const std::set<const Variable*>& given)
      : builder_(builder), program_(builder.program()), series_(series), world_(world), count_(count), given_(given), loop_(std::make_shared<Expr::Loop>()), values_(series.size()), carried_(series.size()) {
    loop_->steps = count;
  }

  std::vector<const Expr*> run() {
    for (size_t i = 0; i < series_.size(); ++i) {
      if (value(i) == nullptr) return {};
    }
    std::vector<std::pair<const Expr*, const Expr*>> firsts;  // what is carried, and what a step leaves
    for (size_t i = 0; i < remembered_.size(); ++i) {
      const std::function<const Expr*()> make = remembered_[i].next;  // which may remember more
      const Expr* next = make();
      if (next == nullptr) return {};
      firsts.emplace_back(remembered_[i].bound, next);
    }
    const Expr* same = remember_sameness();
    for (size_t i = 0; i < series_.size(); ++i) {
      if (first_before_[i] != nullptr) firsts.emplace_back(first_before_[i], first(i));
    }
    Expr node;
    node.kind = Expr::Kind::Loop;
    node.span = series_[0].variable->span;
    std::vector<const Expr*> nexts;
    std::vector<size_t> first(series_.size());  // which carried value each series' latest is
    for (size_t i = 0; i < series_.size(); ++i) {
      before(i, 1);  // also one that nothing looks back at, so that every step gives its value
      first[i] = loop_->carried.size();
      const Expr* latest = values_[i];
      for (const Expr* bound : carried_[i]) {
        loop_->carried.push_back(bound);
        node.operands.push_back(nothing(bound->type));
        nexts.push_back(latest);
        latest = bound;
      }
    }
    if (same != nullptr) {
      loop_->carried.push_back(same_before_);
      node.operands.push_back(builder_.truth(true, node.span));
      nexts.push_back(same);
    }
    for (const auto& [bound, next] : firsts) {
      loop_->carried.push_back(bound);
      node.operands.push_back(nothing(bound->type));
      nexts.push_back(next);
    }
    for (const auto& [whole, bound] : parts_) {
      loop_->parts.push_back(bound);
      node.operands.push_back(whole);
    }
    node.operands.insert(node.operands.end(), nexts.begin(), nexts.end());
    node.type = loop_->carried[0]->type;
    node.loop = loop_;
    const Expr* loop = program_.make(std::move(node));
    std::vector<const Expr*> results;
    for (size_t i = 0; i < series_.size(); ++i) {
      Expr every;
      every.kind = Expr::Kind::Every;
      every.type = loop_->carried[first[i]]->type;
      every.type.shape = {count_};
      every.integer = static_cast<int64_t>(first[i]);
      every.operands = {loop};
      every.span = series_[i].variable->span;
      results.push_back(program_.make(std::move(every)));
    }
    return results;
  }

 private:
  std::optional<size_t> member(const Expr* e) const {
    if ((e->kind != Expr::Kind::Variable && e->kind != Expr::Kind::Natural) || e->world != world_) return std::nullopt;
    for (size_t i = 0; i < series_.size(); ++i) {
      if (series_[i].variable == e->variable && (e->kind == Expr::Kind::Variable || series_[i].natural != nullptr)) return i;
    }
    return std::nullopt;
  }

  bool depends(const Expr* e) {
    if (const auto known = depends_.find(e); known != depends_.end()) return known->second;
    for (const Expr* part : postorder(e)) {
      if (depends_.count(part) > 0) continue;
      depends_[part] = member(part).has_value() || std::any_of(part->operands.begin(), part->operands.end(), [&](const Expr* operand) { return depends_.at(operand); });
    }
    return depends_.at(e);
  }

  const Expr* bound(Type type) {
    Expr node;
    node.kind = Expr::Kind::Bound;
    type.range.reset();
    type.shape.clear();
    node.type = std::move(type);
    node.loop = loop_;
    node.span = series_[0].variable->span;
    return program_.make(std::move(node));
  }

  /// The value of a series so many steps ago.
  const Expr* before(size_t i, int64_t back) {
    while (static_cast<int64_t>(carried_[i].size()) < back) carried_[i].push_back(bound(series_[i].variable->type));
    return carried_[i][static_cast<size_t>(back - 1)];
  }

  /// The first value of a series, as steps after the first read it.
  const Expr* first_before(size_t i) {
    if (first_before_[i] == nullptr) first_before_[i] = bound(series_[i].variable->type);
    return first_before_[i];
  }

  /// This step's value of a series, or what its equation makes of it.
  const Expr* now(size_t i, bool natural) { return natural ? this->natural(i) : value(i); }

  /// A value that steps keep for later ones: `next` makes what this step leaves, `which` tells equal ones.
  const Expr* keep_for_later(const Type& type, std::tuple<size_t, bool, int64_t, bool> which, std::function<const Expr*(const Expr*)> next) {
    for (const Remembered& known : remembered_) {
      if (known.which == which) return known.bound;
    }
    const Expr* kept = bound(type);
    remembered_.push_back({which, kept, [next = std::move(next), kept] { return next(kept); }});
    return kept;
  }

  /// What a Gather of a series reads beside its steps before: what its equation made some steps ago, and one step's value
  /// for those from it on, `l[min(t, k)]`, or after it, `l[min(t - 1, k)]`. Null for others.
  const Expr* remembered(size_t i, bool natural, const Expr* gather) {
    const Type& type = series_[i].variable->type;
    if (const int64_t back = steps_back(gather); back > 0) {
      const Expr* kept = nullptr;
      for (int64_t k = 1; k <= back; ++k) {
        kept = keep_for_later(type, {i, natural, k, false}, [this, i, natural, later = kept](const Expr*) { return later != nullptr ? later : now(i, natural); });
      }
      return kept;
    }
    const Expr* places = gather->operands[1];
    if (places->kind != Expr::Kind::Apply || places->op != Op::Min || places->operands[1]->kind != Expr::Kind::Constant) return nullptr;
    const Expr* from = places->operands[0];
    const int64_t step = places->operands[1]->integer;
    const bool here = from->kind == Expr::Kind::Places && from->elements->offset == 0 && from->elements->strides == std::vector<int64_t>{1};
    if (!here && (from->kind != Expr::Kind::Apply || from->op != Op::Max || from->operands[0]->kind != Expr::Kind::Places || from->operands[0]->elements->offset != -1)) return nullptr;
    // Up to that step the value of each, then what was left.
    const auto until = [this, i, natural, step](const Expr* kept) -> const Expr* {
      const Expr* now = this->now(i, natural);
      if (now == nullptr) return nullptr;
      const Span span = series_[i].variable->span;
      if (steps_ == nullptr) steps_ = builder_.places({count_}, 0, {1}, span);
      const Expr* so_far = apply(Op::Le, {part(steps_), builder_.integer(step, span)});
      return builder_.select(Builder::value(so_far), Builder::value(now), Builder::value(kept), span).expr;
    };
    const Expr* kept = keep_for_later(type, {i, natural, step, true}, until);
    return here ? until(kept) : kept;
  }

  /// What a run of steps makes together, `sum(l[..-1])`, as steps after it read it. Null for what is made otherwise.
  const Expr* running(const Expr* fold) {
    const Expr* slice = fold->operands[0];
    const Expr* part = slice->kind == Expr::Kind::View ? slice->operands[0] : nullptr;
    if (part == nullptr || part->kind != Expr::Kind::Gather || part->operands[1]->kind != Expr::Kind::Places) return nullptr;
    const auto so_far = [this, fold, slice, part](const Expr* kept) -> const Expr* {
      const Expr* now = of(part->operands[0]);
      if (now == nullptr) return nullptr;
      const Span span = fold->span;
      if (steps_ == nullptr) steps_ = builder_.places({count_}, 0, {1}, span);
      const int64_t offset = slice->elements->offset;
      const Expr *step = this->part(steps_), *first = builder_.size(offset, span).expr, *end = builder_.size(sizes::plus(offset, slice->type.shape[0]), span).expr;
      const Op op = fold->folding == Folding::Sum ? Op::Add : fold->folding == Folding::Product ? Op::Mul : fold->folding == Folding::Min ? Op::Min : fold->folding == Folding::Max ? Op::Max : fold->folding == Folding::Any ? Op::Or : Op::And;
      const Value inside = Builder::value(apply(Op::And, {apply(Op::Gt, {step, first}), apply(Op::Lt, {step, end})}));
      const Value later = builder_.select(inside, Builder::value(apply(op, {kept, now})), Builder::value(kept), span);
      return builder_.select(Builder::value(apply(Op::Eq, {step, first})), Builder::value(now), later, span).expr;
    };
    return keep_for_later(fold->type, {series_.size(), false, static_cast<int64_t>(remembered_.size()), false}, so_far);
  }

  /// The same, as any step may: the first reads its own.
  const Expr* first(size_t i) {
    const Expr* before = first_before(i);
    const Expr* now = value(i);
    if (now == nullptr) return nullptr;
    const Expr* steps = builder_.places({count_}, 0, {1}, series_[i].variable->span);
    const Expr* begins = apply(Op::Eq, {part(steps_ == nullptr ? steps_ = steps : steps_), builder_.integer(0, series_[i].variable->span)});
    return builder_.select(Builder::value(begins), Builder::value(now), Builder::value(before), series_[i].variable->span).expr;
  }

  const Expr* nothing(const Type& type) {
    Expr zero;
    zero.kind = Expr::Kind::Constant;
    zero.type = type;
    zero.span = series_[0].variable->span;
    return program_.make(std::move(zero));
  }

  /// This step's part of what no series makes.
  const Expr* part(const Expr* whole) {
    for (const auto& [known, bound] : parts_) {
      if (known == whole) return bound;
    }
    parts_.emplace_back(whole, bound(whole->type));
    return parts_.back().second;
  }

  /// The value of series `i` at this step; null after reporting.
  const Expr* value(size_t i) {
    if (values_[i] != nullptr) return values_[i];
    if (std::find(open_.begin(), open_.end(), i) != open_.end()) {
      const bool model = world_ == kThisWorld;
      std::string arrows;
      for (auto at = std::find(open_.begin(), open_.end(), i); at != open_.end(); ++at) absl::StrAppend(&arrows, series_[*at].variable->name, " → ");
      builder_.diagnostics().report(model ? Code::A0410 : Code::A0420, series_[i].variable->span, absl::StrCat(model ? "a step needs itself: " : "the interventions close a cycle within a step: ", arrows, series_[i].variable->name))
          .note("a series may need its own earlier steps, `x[t-1]`");
      return nullptr;
    }
    open_.push_back(i);
    const Expr* step = of(series_[i].step);
    open_.pop_back();
    // A series that is set has its own value, which may be the same or not; its equation is kept in natural().
    if (step != nullptr && series_[i].natural == series_[i].step) step = keep(i, step);
    return values_[i] = step;
  }

  const Expr* natural(size_t i) {
    const auto [known, is_new] = naturals_.emplace(i, nullptr);
    if (is_new) {
      const Expr* own = of(series_[i].natural);
      naturals_[i] = own == nullptr ? own : keep(i, own);
    }
    return naturals_.at(i);
  }

  const Expr* of(const Expr* e) {
    if (const auto known = done_.find(e); known != done_.end()) return known->second;
    const Expr* result = make(e);
    if (result != nullptr) done_[e] = result;
    return result;
  }

  const Expr* make(const Expr* e) {
    if (!depends(e)) {
      if (e->type.shape == Shape{count_}) return part(e);
      if (e->type.shape.empty() && std::find(numbers_.begin(), numbers_.end(), e) == numbers_.end()) numbers_.push_back(e);
      return e;
    }
    if (const auto i = member(e)) return e->kind == Expr::Kind::Natural ? natural(*i) : value(*i);
    const bool number = e->type.shape == Shape{count_};
    if (number && e->kind == Expr::Kind::Gather) {
      const auto series = member(e->operands[0]);
      const int64_t back = series && e->operands[0]->kind == Expr::Kind::Variable ? steps_back(e) : 0;
      if (back > 0) return before(*series, back);
      if (const auto own = member(e->operands[0])) {
        if (const Expr* known = remembered(*own, e->operands[0]->kind == Expr::Kind::Natural, e)) return known;
      }
    }
    if (e->kind == Expr::Kind::View && e->elements->offset == 0 && std::all_of(e->elements->strides.begin(), e->elements->strides.end(), [](int64_t stride) { return stride == 0; })) {
      // One number for all steps: the first of a series, `l[0]`, for steps after the first where that is said of each step.
      const Expr* of = e->operands[0];
      if (const auto series = of->kind == Expr::Kind::Variable ? member(of) : std::nullopt) return number ? first_before(*series) : first(*series);
      if (of->type.shape.empty()) return this->of(of);
    }
    if (e->kind == Expr::Kind::Fold && e->type.shape.empty()) {
      if (const Expr* made = running(e)) return made;
    }
    const bool gathers = e->kind == Expr::Kind::Gather && !depends(e->operands[0]);
    if ((!number && !(e->kind == Expr::Kind::Apply && e->type.shape.empty())) || (e->kind != Expr::Kind::Apply && !gathers)) {
      builder_.diagnostics().report(Code::A0701, e->span, "where the number of steps is read at start, each step reads this step and steps before it, one by one: this is not built yet")
          .note("`l[t-1]`, `l[t-2]`, …, and of what a `do` sets `l[1..]`, `l[..-1]`, `l[0]`; what is made of a whole series stands outside of `over`");
      return nullptr;
    }
    Expr step = *e;
    step.type.shape.clear();
    for (const Expr*& operand : step.operands) {
      if (gathers && operand == e->operands[0]) continue;
      operand = of(operand);
      if (operand == nullptr) return nullptr;
    }
    return program_.make(std::move(step));
  }

  // ---- What stays the same keeps its bits: f(f⁻¹(y)) need not be y.

  const Expr* apply(Op op, std::vector<const Expr*> operands) {
    std::vector<Value> values;
    for (const Expr* operand : operands) values.push_back(Builder::value(operand));
    return builder_.apply(op, std::move(values), series_[0].variable->span).expr;
  }

  /// Whether all steps before were the same, and what this step reads from outside is.
  const Expr* same_here() {
    if (same_before_ == nullptr) same_before_ = bound(plain(ScalarKind::Bool));
    return same_before_;
  }

  /// What the equation of series `i` makes at this step, with the evidence's bits where all that it reads is the same.
  const Expr* keep(size_t i, const Expr* step) {
    if (series_[i].kept == nullptr || series_[i].natural == series_[i].kept) return step;
    // Of a series that the evidence does not say nobody knows whether it is the same.
    for (const Expr* reference : references(series_[i].natural)) {
      const auto read = member(reference);
      if (read && *read != i && series_[*read].kept == nullptr) return step;
    }
    const Expr* same = same_here();
    // What this step read of outside, and series of this step before it.
    for (const auto& [whole, bound] : std::vector(parts_)) {
      if (!comparable(whole)) return step;
      const Expr* there = elsewhere(whole);
      if (there != whole) same = apply(Op::And, {same, apply(Op::Eq, {bound, part(there)})});
    }
    for (const Expr* number : numbers_) {
      if (!comparable(number)) return step;
      const Expr* there = elsewhere(number);
      if (there != number) same = apply(Op::And, {same, apply(Op::Eq, {number, there})});
    }
    for (size_t j = 0; j < series_.size(); ++j) {
      if (j != i && values_[j] != nullptr && series_[j].kept != nullptr) same = apply(Op::And, {same, apply(Op::Eq, {values_[j], part(series_[j].kept)})});
    }
    return builder_.select(Builder::value(same), Builder::value(part(series_[i].kept)), Builder::value(step), series_[0].variable->span).expr;
  }

  /// Whether the evidence says what an expression is in the factual world.
  bool comparable(const Expr* e) const {
    const std::vector<const Expr*> of = references(e);
    return std::all_of(of.begin(), of.end(), [&](const Expr* reference) {
      return reference->world != world_ || reference->variable->role != Variable::Role::Var || given_.count(reference->variable) > 0;
    });
  }

  /// The same expression in the factual world.
  const Expr* elsewhere(const Expr* e) {
    for (const Expr* part : postorder(e)) {
      const Expr*& there = factual_[part];
      if (there != nullptr) continue;
      Expr node = *part;
      if ((part->kind == Expr::Kind::Variable || part->kind == Expr::Kind::Natural) && part->world == world_) {
        const Expr*& variable = factual_variables_[part->variable];
        node.kind = Expr::Kind::Variable;
        node.world = kFactual;
        if (variable == nullptr) variable = program_.make(std::move(node));
        there = variable;
        continue;
      }
      for (const Expr*& operand : node.operands) operand = factual_.at(operand);
      there = node.operands == part->operands ? part : program_.make(std::move(node));
    }
    return factual_.at(e);
  }

  /// Whether this step, as those before, is what it is in the factual world; null where nothing is kept.
  const Expr* remember_sameness() {
    if (same_before_ == nullptr) return nullptr;
    const Expr* same = same_before_;
    for (size_t j = 0; j < series_.size(); ++j) {
      if (series_[j].kept == nullptr) return builder_.truth(false, series_[0].variable->span);
      same = apply(Op::And, {same, apply(Op::Eq, {values_[j], part(series_[j].kept)})});
    }
    return same;
  }

  Builder& builder_;
  Program& program_;
  const std::vector<StepSeries>& series_;
  const WorldId world_;
  const int64_t count_;
  const std::set<const Variable*>& given_;
  std::shared_ptr<Expr::Loop> loop_;
  std::vector<const Expr*> values_;
  std::vector<std::vector<const Expr*>> carried_;  // one step ago, two steps ago, …
  std::vector<std::pair<const Expr*, const Expr*>> parts_;
  std::vector<const Expr*> numbers_;  // the same at all steps, and made by no series
  std::vector<size_t> open_;
  std::map<size_t, const Expr*> naturals_;
  std::map<const Expr*, const Expr*> done_;
  std::map<const Expr*, bool> depends_;
  std::map<const Expr*, const Expr*> factual_;
  std::map<const Variable*, const Expr*> factual_variables_;
  const Expr* same_before_ = nullptr;
  std::vector<const Expr*> first_before_ = std::vector<const Expr*>(series_.size());  // the first value, where a step reads it
  const Expr* steps_ = nullptr;  // their numbers
  struct Remembered {
    std::tuple<size_t, bool, int64_t, bool> which;
    const Expr* bound;
    std::function<const Expr*()> next;
  };
  std::vector<Remembered> remembered_;
};

}  // namespace

int64_t steps_back(const Expr* gather) {
  if (gather->kind != Expr::Kind::Gather) return 0;
  const Expr* places = gather->operands[1];
  if (places->kind != Expr::Kind::Apply || places->op != Op::Max || places->operands[0]->kind != Expr::Kind::Places) return 0;
  const Expr::Elements& at = *places->operands[0]->elements;
  return at.strides == std::vector<int64_t>{1} && at.offset < 0 ? -at.offset : 0;
}

const Expr* places_before(Builder& builder, int64_t back, int64_t count, Span span) {
  const Value at = Builder::value(builder.places({count}, -back, {1}, span), true);
  return builder.apply(Op::Max, {at, Builder::value(builder.integer(0, span), true)}, span).expr;
}

const Expr* places_until(Builder& builder, int64_t step, int64_t count, Span span) {
  const Value before = Builder::value(places_before(builder, 1, count, span), true);
  return builder.apply(Op::Min, {before, Builder::value(builder.integer(step, span), true)}, span).expr;
}

std::vector<SeriesGroup> group_series(const std::vector<StepSeries>& series, WorldId world) {
  const size_t n = series.size();
  std::vector<std::vector<bool>> needs(n, std::vector<bool>(n, false));
  for (size_t i = 0; i < n; ++i) {
    if (series[i].step == nullptr) continue;
    std::vector<const Expr*> roots = {series[i].step};
    const auto natural = [](const Expr* reference) { return reference->kind == Expr::Kind::Natural; };
    const std::vector<const Expr*> of_step = references(series[i].step);
    if (series[i].natural != nullptr && std::any_of(of_step.begin(), of_step.end(), natural)) roots.push_back(series[i].natural);
    // The natural value of another, as elements of a vector have of each other, is computed with it, step by step.
    for (const Expr* reference : of_step) {
      for (size_t j = 0; j < n; ++j) {
        if (j == i || !natural(reference) || reference->world != world || reference->variable != series[j].variable || series[j].natural == nullptr) continue;
        roots.push_back(series[j].natural);
        needs[i][j] = needs[j][i] = true;
      }
    }
    for (const Expr* reference : references(roots)) {
      for (size_t j = 0; j < n; ++j) needs[i][j] = needs[i][j] || (reference->variable == series[j].variable && reference->world == world && !natural(reference));
    }
  }
  for (size_t k = 0; k < n; ++k) {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) needs[i][j] = needs[i][j] || (needs[i][k] && needs[k][j]);
    }
  }
  std::vector<SeriesGroup> groups;
  std::vector<bool> placed(n, false);
  for (size_t i = 0; i < n; ++i) {
    if (placed[i]) continue;
    SeriesGroup group;
    for (size_t j = i; j < n; ++j) {
      if (j != i && !(needs[i][j] && needs[j][i])) continue;
      group.members.push_back(j);
      placed[j] = true;
    }
    group.circle = needs[i][i];
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<const Expr*> roll_series(Builder& builder, const std::vector<StepSeries>& series, WorldId world, int64_t count, const std::set<const Variable*>& given) {
  return Roller(builder, series, world, count, given).run();
}

}  // namespace acie::sema
