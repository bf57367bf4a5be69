// Evidence on a common effect of what is set and what is asked. Abduction treats it correctly, but the answer then holds
// among units with that value of the effect, which is rarely the question.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

using Set = absl::flat_hash_set<const Variable*>;

/// `from` and what it causes along paths that avoid `without`.
Set effects(const Model& model, const Variable* from, const Variable* without) {
  Set out = {from};
  for (const Variable* variable : model.variables) {  // parents stand before their children
    if (variable == without) continue;
    for (const Variable* parent : variable->parents) {
      if (out.contains(parent)) out.insert(variable);
    }
  }
  return out;
}

/// Two different parents of `effect`, one in each set.
bool meets(const Variable* effect, const Set& a, const Set& b) {
  for (const Variable* first : effect->parents) {
    for (const Variable* second : effect->parents) {
      if (first != second && a.contains(first) && b.contains(second)) return true;
    }
  }
  return false;
}

/// What noise enters, directly or through what causes it. The rest is the same in every unit with these inputs, and knowing an
/// effect of it says nothing about it.
Set with_noise(const Model& model) {
  Set out;
  for (const Variable* variable : model.variables) {
    const bool inherited = std::any_of(variable->parents.begin(), variable->parents.end(), [&](const Variable* parent) { return out.contains(parent); });
    if (inherited || !variable->noises.empty()) out.insert(variable);
  }
  return out;
}

/// The name of the whole of which this may be an element.
std::string whole(const Variable* variable) { return variable->name.substr(0, variable->name.find('[')); }

void check(const Query& query, DiagnosticEngine& diagnostics) {
  Set given, asked, set;
  const Set noisy = with_noise(*query.model);
  for (const Evidence& evidence : query.evidence) given.insert(evidence.variable);
  for (const Output& output : query.outputs) {
    for (const Expr* reference : references(output.value)) asked.insert(reference->variable);
  }
  for (const World& world : query.worlds) {
    for (const Intervention& intervention : world.interventions) set.insert(intervention.target);
  }
  for (const Variable* cause : query.model->variables) {
    if (!set.contains(cause) || !noisy.contains(cause)) continue;
    for (const Variable* outcome : query.model->variables) {
      // Where the outcome itself is given, its noise is known without the common effect.
      if (!asked.contains(outcome) || !noisy.contains(outcome) || set.contains(outcome) || given.contains(outcome)) continue;
      Set of_cause = effects(*query.model, cause, outcome), of_outcome = effects(*query.model, outcome, nullptr);
      for (const Evidence& evidence : query.evidence) {
        if (evidence.variable == cause || !meets(evidence.variable, of_cause, of_outcome)) continue;
        const std::string name = whole(evidence.variable);
        diagnostics.report(Code::A0905, evidence.span, absl::StrCat("`", name, "` is a common effect of `", whole(cause), "` and `", whole(outcome), "`"))
            .label(cause->span, "this is set")
            .label(outcome->span, "this is asked")
            .note(absl::StrCat("among units with one value of `", name, "` the two are related even where neither causes "
                               "the other; leave it out of the evidence unless that is the question"));
      }
    }
  }
}

}  // namespace

void check_colliders(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  for (const Query* query : subject.program.queries) check(*query, diagnostics);
}

}  // namespace acie::sema
