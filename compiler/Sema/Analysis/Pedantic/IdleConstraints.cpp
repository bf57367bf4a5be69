// A constraint that always holds, or does not depend on the model.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Analysis/Pedantic/Pedantic.h"
#include "compiler/Sema/Analysis/Ranges.h"

namespace acie::sema {

void check_idle_constraints(const Model& model, DiagnosticEngine& diagnostics) {
  Ranges ranges(model);
  for (const Constraint* constraint : model.constraints) {
    for (const ConstraintRow& row : constraint->rows) {
      Interval residual = ranges.of(row.residual);
      if (references(row.residual).empty()) {
        diagnostics.report(Code::A0906, row.span, absl::StrCat("constraint `", constraint->name, "` mentions no variable"))
            .note("it holds for every row or for none");
      } else if (std::abs(residual.low) <= row.tolerance && std::abs(residual.high) <= row.tolerance) {
        diagnostics.report(Code::A0906, row.span, absl::StrCat("constraint `", constraint->name, "` cannot be violated"))
            .note("the declared ranges and the equations imply it already");
      }
    }
  }
}

}  // namespace acie::sema
