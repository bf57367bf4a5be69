#include "compiler/Sema/Analysis/Undetermined.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "compiler/Sema/Analysis/Conditioning.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Symbols.h"

namespace acie::sema {
namespace {

bool holds(const Variable* variable, const Variable* noise) {
  return std::find(variable->noises.begin(), variable->noises.end(), noise) != variable->noises.end();
}

constexpr char kDistribution[] =
    "several values of the noise agree with the evidence: the answer is a distribution for every row, which takes Monte "
    "Carlo abduction and is not built yet";

/// The equation of a known variable that holds nothing unknown but `noise`, and cannot be solved for it.
Undetermined not_invertible(const Variable* variable, const Expr* equation, const Variable* noise, const Ranges& ranges) {
  Obstacle obstacle = invert(equation, noise, ranges).obstacle.value_or(Obstacle{});
  Undetermined out;
  // The body of a library law says nothing to who wrote `var y ~ law(...)`.
  bool own_text = obstacle.at != nullptr && obstacle.at->span.file == variable->span.file;
  out.at = own_text ? obstacle.at->span : variable->span;
  std::string what = noise->generated ? "its noise" : noise_text(noise);
  out.reason = absl::StrCat("the equation of `", name_text(variable), "` cannot be solved for ", what, ": ", obstacle.reason);
  if (!obstacle.help.empty()) out.notes.push_back(obstacle.help);
  // Elements of a tensor that is one expression may say together what none says alone.
  const Shape& shape = variable->type.shape;
  if (obstacle.mixes && !shape.empty() && !sizes::any_open(shape) && element_count(shape) <= kMostListed && observed_of(variable)->role == Variable::Role::Var) {
    out.notes.push_back(absl::StrCat("`given ", name_text(observed_of(variable)), "[..]` writes its elements out, up to ", kMostListed, " of them, each with an equation of its own"));
  } else if (!obstacle.discrete) {
    out.notes.push_back(kDistribution);
  }
  if (obstacle.discrete) {
    out.notes.push_back(
        "what the evidence says about such a noise is a range of values, not one; abduction by enumeration or by Monte "
        "Carlo is not built yet");
  }
  return out;
}

Undetermined several_unknowns(const Variable* variable, const Variable* noise, const Variable* other) {
  Undetermined out;
  out.at = variable->span;
  if (other->role == Variable::Role::Exo) {
    out.reason = absl::StrCat("`", name_text(variable), "` depends on two noises that the evidence does not determine, `",
                              name_text(noise), "` and `", name_text(other), "`");
    out.notes.push_back("one equation determines one noise: give another variable that depends on one of them");
  } else {
    out.reason = absl::StrCat("`", name_text(variable), "` depends on `", name_text(other),
                              "`, which is neither given nor follows from the evidence");
    out.notes.push_back(absl::StrCat("add `", name_text(other), "` to the evidence"));
  }
  return out;
}

Undetermined not_given(const Variable* variable, const Variable* noise) {
  Undetermined out;
  out.at = variable->span;
  out.reason = absl::StrCat("`", name_text(variable), "` holds ", noise_text(noise), " and is not given");
  out.notes.push_back(absl::StrCat("add `", name_text(variable), "` to the evidence"));
  return out;
}

}  // namespace

std::string name_text(const Variable* variable) {
  std::string name = variable->name;
  // "x[..,0]" is the series of an element of `x`, "q.x[..3]" what query `q` is given of `x`.
  if (const size_t begin = name.find("[..,"), end = name.find(']', begin); begin != std::string::npos && end != std::string::npos) name.erase(begin, end + 1 - begin);
  if (variable->generated && variable->role == Variable::Role::Var && name.find("[..") != std::string::npos) name.erase(0, name.find('.') + 1);
  return name;
}

std::string noise_text(const Variable* noise) {
  const std::string name = name_text(noise);
  absl::string_view owner = name;
  if (noise->generated && absl::ConsumeSuffix(&owner, ".noise")) return absl::StrCat("the noise of `", owner, "`");
  return absl::StrCat("noise `", name, "`");
}

Undetermined why_undetermined(const WorldGraph& graph, const Ranges& ranges, const Abduction& abduction,
                              const Variable* noise) {
  // The most telling equation: one that is blocked by an operation, then one with too many unknowns, then one whose
  // variable is not given.
  const Variable *blocked = nullptr, *crowded = nullptr, *other = nullptr, *open = nullptr;
  if (abduction.conditioned(noise)) {
    const Recovery& found = *abduction.recovery(noise);
    const auto another = std::find_if(found.unknowns.begin(), found.unknowns.end(), [&](const Variable* v) { return v != noise; });
    Undetermined out = several_unknowns(found.from, noise, another == found.unknowns.end() ? noise : *another);
    out.notes.push_back("without `by exact` they are drawn from what they are given the evidence: they are normal, and the equations linear in them");
    return out;
  }
  for (const Variable* variable : graph.query().model->variables) {
    const Variable& composed = abduction.composed(variable);
    if (!holds(&composed, noise)) continue;
    if (!abduction.anchored(variable)) {
      if (open == nullptr) open = variable;
      continue;
    }
    const Variable* second = nullptr;
    const bool alone = abduction.unknowns(&composed).size() == 1;
    for (const Variable* unknown : abduction.unknowns(variable)) {
      if (unknown != noise && !alone && second == nullptr) second = unknown;
    }
    if (second == nullptr && blocked == nullptr) blocked = variable;
    if (second != nullptr && crowded == nullptr) crowded = variable, other = second;
  }
  if (blocked != nullptr) return not_invertible(blocked, abduction.composed(blocked).equation, noise, ranges);
  if (crowded != nullptr) {
    Undetermined out = several_unknowns(crowded, noise, other);
    const std::string why = why_not_normal(abduction.open_equations(), noise);
    if (!why.empty()) out.notes.push_back(absl::StrCat("linear equations of normal noises are conditioned on the evidence; here ", why));
    return out;
  }
  if (open != nullptr) return not_given(open, noise);
  for (const World& world : graph.query().worlds) {
    for (const Intervention& intervention : world.interventions) {
      for (const Expr* reference : references(intervention.value)) {
        if (reference->variable != noise) continue;
        return {intervention.span, "this intervention draws fresh noise, of which no evidence can speak", {}};
      }
    }
  }
  return {noise->span, absl::StrCat(noise_text(noise), " enters no equation, so no evidence can speak of it"), {}};
}

}  // namespace acie::sema
