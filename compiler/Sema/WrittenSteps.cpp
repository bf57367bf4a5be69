// First steps of series whose number of steps is read at start, written out as those of a known number are: each a variable
// with noises of its own, "l[2]", "u[2]", so that evidence on any of them is abducted as every other is (WrittenEvidence.cpp).

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {
namespace {

/// "l[2]" of the series "l", "x[2,0]" of "x[..,0]", "l[2].noise" of the noise of a law.
std::string name_at(const Variable& series, int64_t step) {
  std::string name = series.name;
  if (const size_t dots = name.find("[..,"); dots != std::string::npos) return name.replace(dots + 1, 2, absl::StrCat(step));
  const size_t law = series.role == Variable::Role::Exo && series.generated ? name.rfind(".noise") : std::string::npos;
  return name.insert(std::min(law, name.size()), absl::StrCat("[", step, "]"));
}

/// What an expression over all steps is at one of them; `of_series` gives that of a series or of its noise, null for none.
class AtStep {
 public:
  using OfSeries = std::function<const Expr*(const Expr* reference, int64_t step)>;
  AtStep(Builder& builder, int64_t count, std::function<bool(const Variable*)> is_series, OfSeries of_series)
      : builder_(builder), count_(count), is_series_(std::move(is_series)), of_series_(std::move(of_series)) {}

  /// Null where it takes more than single steps whose numbers are known.
  const Expr* of(const Expr* e, int64_t step) {
    const std::pair key(e, e->type.shape.empty() ? -1 : step);
    if (const auto known = done_.find(key); known != done_.end()) return known->second;
    const Expr* made = make(e, step);
    return done_[key] = made;
  }

 private:
  bool reads_series(const Expr* e) const {
    const std::vector<const Expr*> reads = references(e);
    return std::any_of(reads.begin(), reads.end(), [&](const Expr* reference) { return is_series_(reference->variable); });
  }

  const Expr* make(const Expr* e, int64_t step) {
    const bool each = e->type.shape == Shape{count_};
    if (!each && !e->type.shape.empty()) return nullptr;
    switch (e->kind) {
      case Expr::Kind::Variable: return !each ? e : is_series_(e->variable) ? of_series_(e, step) : builder_.element(e, step);
      case Expr::Kind::Places: return element(e->elements->offset, e->elements->strides[0], step, [&](int64_t at) { return builder_.integer(at, e->span); });
      case Expr::Kind::View: return element(e->elements->offset, each ? e->elements->strides[0] : 0, step, [&](int64_t at) { return place(e->operands[0], at); });
      case Expr::Kind::Apply: return apply(e, step);
      case Expr::Kind::Gather: {
        const Expr* at = of(e->operands[1], step);
        if (at == nullptr) return nullptr;
        if (const auto known = constant_value(at)) return place(e->operands[0], std::max<int64_t>(static_cast<int64_t>(*known), 0));
        return reads_series(e->operands[0]) ? nullptr : builder_.gather(e->operands[0], at, e->span);
      }
      case Expr::Kind::Noise: {
        Expr one = *e;
        Noise noise = *e->noise;
        noise.name = absl::StrCat(noise.name, "[", step, "]");
        one.noise = builder_.program().make(std::move(noise));
        one.type.shape.clear();
        return builder_.program().make(std::move(one));
      }
      default: return reads_series(e) ? nullptr : each ? builder_.element(e, step) : e;
    }
  }

  static const Expr* element(int64_t offset, int64_t stride, int64_t step, const std::function<const Expr*(int64_t)>& at) {
    const int64_t place = sizes::plus(offset, sizes::times(stride, step));
    return sizes::is_open(place) || place < 0 ? nullptr : at(place);
  }

  const Expr* place(const Expr* of, int64_t at) {
    if (of->type.shape == Shape{count_} || of->type.shape.empty()) return this->of(of, at);
    return reads_series(of) ? nullptr : builder_.element(of, at);
  }

  /// What a condition that is known at this step leaves out need not have a meaning: `if t > 0 then l[t-1] else 0`.
  const Expr* apply(const Expr* e, int64_t step) {
    const auto known = [](const Expr* value) { return value == nullptr ? std::nullopt : constant_value(value); };
    if (e->op == Op::Select || e->op == Op::And || e->op == Op::Or) {
      const Expr* first = of(e->operands[0], step);
      if (const auto truth = known(first)) {
        if (e->op == Op::Select) return of(e->operands[*truth != 0 ? 1 : 2], step);
        return (*truth != 0) == (e->op == Op::Or) ? first : of(e->operands[1], step);
      }
    }
    std::vector<const Expr*> operands;
    for (const Expr* operand : e->operands) {
      operands.push_back(of(operand, step));
      if (operands.back() == nullptr) return nullptr;
    }
    if (operands == e->operands) return e;
    Expr one = *e;
    one.type.shape.clear();
    return builder_.again(one, std::move(operands));
  }

  Builder& builder_;
  const int64_t count_;
  std::function<bool(const Variable*)> is_series_;
  OfSeries of_series_;
  std::map<std::pair<const Expr*, int64_t>, const Expr*> done_;
};

}  // namespace

const Expr* ModelElaborator::step_of(const Variable* series) const {
  const auto found = steps_of_.find(series);
  return found == steps_of_.end() ? nullptr : found->second;
}

/// Null where its equation needs more of series than single steps whose numbers are known.
const Variable* ModelElaborator::written_step(const Variable* of, int64_t step) {
  const auto [known, is_new] = written_steps_.try_emplace({of, step}, nullptr);
  if (!is_new) return known->second;
  const Shape all = of->type.shape;
  const auto is_series = [&](const Variable* each) { return step_of(each) != nullptr || (each->role == Variable::Role::Exo && each->type.shape == all); };
  AtStep at(elaborator_.builder(), all[0], is_series, [&](const Expr* reference, int64_t place) -> const Expr* {
    const Variable* one = written_step(reference->variable, place);
    return one == nullptr ? nullptr : elaborator_.builder().variable(one, reference->world, reference->span);
  });
  Variable made = *of;
  made.name = name_at(*of, step);
  made.type.shape.clear();
  made.generated = true;
  made.doc.clear();
  made.equation = at.of(of->role == Variable::Role::Exo ? of->equation : step_of(of), step);
  if (made.equation == nullptr) return nullptr;
  if (made.support.low != nullptr) made.support.low = at.of(made.support.low, step);
  if (made.support.high != nullptr) made.support.high = at.of(made.support.high, step);
  if (of->role == Variable::Role::Var) {  // its column, "x[2,0]", is an element of that of all steps
    const std::string& root = of->vector ? of->vector->name : of->name;
    made.column = absl::StrCat((of->vector ? open_vector(root) : of)->column, made.name.substr(root.size()));
  }
  made.vector.reset();
  made.vector_column.clear();
  model_->variables.push_back(elaborator_.program().make(std::move(made)));
  return written_steps_[{of, step}] = model_->variables.back();
}

}  // namespace acie::sema
