// A constraint that always holds, or does not depend on the model.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Analysis/Ranges.h"

namespace acie::sema {
namespace {

bool cannot_be_violated(const ConstraintRow& row, const Ranges& ranges) {
  const Interval residual = ranges.of(row.residual);
  return std::abs(residual.low) <= row.tolerance && std::abs(residual.high) <= row.tolerance;
}

void check(const Model& model, DiagnosticEngine& diagnostics) {
  Ranges ranges(model);
  for (const Constraint* constraint : model.constraints) {
    if (constraint->range_of != nullptr) continue;
    for (const ConstraintRow& row : constraint->rows) {
      // Of a row over vectors each element is one; some that can be violated are enough.
      const bool idle = std::all_of(constraint->rows.begin(), constraint->rows.end(), [&](const ConstraintRow& other) {
        return !(other.span == row.span) || cannot_be_violated(other, ranges);
      });
      if (references(row.residual).empty()) {
        diagnostics.report(Code::A0906, row.span, absl::StrCat("constraint `", constraint->name, "` mentions no variable"))
            .note("it holds for every row or for none");
      } else if (idle) {
        diagnostics.report(Code::A0906, row.span, absl::StrCat("constraint `", constraint->name, "` cannot be violated"))
            .note("the declared ranges and the equations imply it already");
      }
    }
  }
}

}  // namespace

void check_idle_constraints(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  for (const Model* model : subject.program.models) check(*model, diagnostics);
}

}  // namespace acie::sema
