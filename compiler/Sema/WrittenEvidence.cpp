// Evidence on some steps of series whose number of steps is read at start, where the steps up to the last that is given are
// written out (WrittenSteps.cpp): they are abducted as those of a known number are, and the steps after them are open.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Queries.h"

namespace acie::sema {

/// Whether a variable follows from noise of steps that the evidence leaves open. Of the series `whole` it gives all steps.
bool QueryElaborator::follows_from_open_steps(const Variable* start, const std::set<const Variable*>& whole) const {
  std::set<const Variable*> seen;
  std::vector<const Variable*> left = {start};
  while (!left.empty()) {
    const Variable* variable = left.back();
    left.pop_back();
    if (variable->role != Variable::Role::Var || !seen.insert(variable).second) continue;
    const bool given = whole.count(variable) > 0;
    if (given && variable != start) continue;
    const Expr* step = model_.step_of(variable);
    const std::vector<const Expr*> reads = references(step != nullptr ? step : variable->equation);
    for (const Expr* reference : reads) {
      const Variable* read = reference->variable;
      if (step != nullptr && !given && read->role == Variable::Role::Exo) return true;
      left.push_back(read);
    }
  }
  return false;
}

/// The variables behind that evidence; false after reporting.
bool QueryElaborator::tell_written_steps() {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  Builder& builder = elaborator_.builder();
  const std::vector<Variable*> variables = model_.model()->variables;  // in their order, which that of addresses is not
  const auto refuse = [&](const FirstSteps& first, const std::string& why) {
    diagnostics.report(Code::A0701, first.span, absl::StrCat("evidence on some steps of `", first.name, "`, whose number of steps is read at start, ", why)).note(absl::StrCat("`given ", first.name, "` reads all steps; with their number written, `dim T = 12`, any steps may be given"));
    return false;
  };
  std::set<const Variable*> whole;
  for (const Evidence& item : query_->evidence) {
    if (model_.step_of(item.variable) != nullptr) whole.insert(item.variable);
  }
  // The series that the given steps follow from, and those that share their noise; steps of one `over` are written out equally far.
  std::map<Shape, const FirstSteps*> last;
  std::vector<const Variable*> left;
  for (const auto& [series, first] : first_steps_) {
    const FirstSteps*& furthest = last[series->type.shape];
    if (furthest == nullptr || first.count > furthest->count) furthest = &first;
    left.push_back(series);
  }
  std::set<const Variable*> told, noises;
  while (!left.empty()) {
    const Variable* series = left.back();
    left.pop_back();
    if (!told.insert(series).second) continue;
    for (const Expr* reference : references(model_.step_of(series))) {
      const Variable* read = reference->variable;
      if (model_.step_of(read) != nullptr && read->type.shape == series->type.shape) left.push_back(read);
      if (read->role != Variable::Role::Exo || read->type.shape != series->type.shape || !noises.insert(read).second) continue;
      for (const StepSeries& other : model_.series_with(series)) {
        const std::vector<const Expr*> reads = references(other.step);
        if (std::any_of(reads.begin(), reads.end(), [&](const Expr* each) { return each->variable == read; })) left.push_back(other.variable);
      }
    }
  }
  const auto furthest = [&](const Variable* of) -> const FirstSteps& { return *last.at(of->type.shape); };
  // What else reads their noise would have to be told of it.
  for (const Variable* noise : noises) {
    const auto reads = [&](const Expr* e) {
      const std::vector<const Expr*> all = references(e);
      return std::any_of(all.begin(), all.end(), [&](const Expr* reference) {
        if (!is_noise_vector(reference->variable)) return reference->variable == noise;
        const std::vector<const Expr*> parts = references(reference->variable->equation);
        return std::any_of(parts.begin(), parts.end(), [&](const Expr* part) { return part->variable == noise; });
      });
    };
    for (const Variable* other : variables) {
      if (other->role == Variable::Role::Var && !other->generated && model_.step_of(other) == nullptr && !is_noise_vector(other) && reads(other->equation)) return refuse(furthest(noise), absl::StrCat("is built where `", noise->name, "` is noise of its steps alone, and `", other->name, "` follows from it too"));
    }
    for (const Constraint* constraint : model_.model()->constraints) {
      for (const ConstraintRow& row : constraint->rows) {
        if (reads(row.residual)) return refuse(furthest(noise), absl::StrCat("is not built yet where the constraint `", constraint->name, "` reads `", noise->name, "`"));
      }
    }
  }
  for (const Evidence& item : query_->evidence) {
    if (!follows_from_open_steps(item.variable, whole)) continue;
    return refuse(first_steps_.begin()->second, absl::StrCat("beside evidence on `", item.variable->name, "`, which follows from open steps, is not built yet"));
  }
  std::vector<Evidence> evidence;
  for (const Variable* series : variables) {
    // What inputs alone make is known without.
    if (told.count(series) == 0 || (first_steps_.count(series) == 0 && !follows_from_open_steps(series, {}))) continue;
    const FirstSteps& end = furthest(series);
    std::vector<const Variable*> written;
    for (int64_t step = 0; step < end.count; ++step) {
      written.push_back(model_.written_step(series, step));
      if (written.back() == nullptr) return refuse(end, "is built where a step reads this step and steps before it by a known number");
      if (follows_from_open_steps(written.back(), whole)) return refuse(end, absl::StrCat("is not built yet where `", series->name, "` follows from all steps of others"));
    }
    if (whole.count(series) > 0) {
      const auto item = std::find_if(query_->evidence.begin(), query_->evidence.end(), [&](const Evidence& each) { return each.variable == series; });
      if (item->value != nullptr) return refuse(end, absl::StrCat("is not built yet beside one value for all steps of `", series->name, "`"));
      for (const Variable* step : written) evidence.push_back({step, nullptr, item->span});
      continue;
    }
    FirstSteps& first = first_steps_[series];
    for (const auto& [step, given] : first.given) {
      const Variable* variable = written[static_cast<size_t>(step)];
      evidence.push_back({variable, given.value ? slot(Slot::Role::Given, variable->name, variable->type, given.value, given.span) : nullptr, given.span});
    }
    first.count = end.count;
    first.span = end.span;
    first.written = std::move(written);
  }
  query_->evidence.insert(query_->evidence.end(), evidence.begin(), evidence.end());
  const auto together = [&](const std::vector<const Variable*>& written, const FirstSteps& first) {
    std::vector<const Expr*> values;
    for (const Variable* step : written) values.push_back(builder.variable(step, kFactual, first.span));
    return builder.concat(std::move(values), {first.count}, first.span);
  };
  for (const Variable* series : variables) {
    if (const auto first = first_steps_.find(series); first != first_steps_.end()) set_first_steps(series, first->second, together(first->second.written, first->second));
    if (noises.count(series) == 0) continue;
    std::vector<const Variable*> written;
    for (int64_t step = 0; step < furthest(series).count; ++step) {
      written.push_back(model_.written_step(series, step));
      if (written.back() == nullptr) return refuse(furthest(series), "is built where a law reads this step alone");
    }
    const FirstSteps& end = furthest(series);
    told_noises_[series] = {together(written, end), known_then_open(together(written, end), builder.variable(series, kFactual, end.span), end)};
  }
  return true;
}

}  // namespace acie::sema
