// A query whose results are what it was given. With constraints it is a check of the table, and has its use.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {

void check_returned_evidence(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  for (const Query* query : subject.program.queries) {
    if (query->outputs.empty() || !query->model->constraints.empty()) continue;
    const bool all = std::all_of(query->outputs.begin(), query->outputs.end(), [&](const Output& output) {
      const Expr& value = *output.value;
      return output.form == Output::Form::Value && value.kind == Expr::Kind::Variable && value.world <= kFactual &&
             std::any_of(query->evidence.begin(), query->evidence.end(), [&](const Evidence& given) { return given.variable == value.variable; });
    });
    if (!all) continue;
    diagnostics.report(Code::A0916, query->span, absl::StrCat("`", query->name, "` returns its evidence and nothing else"))
        .note("the answer is the table again; return what the evidence says about other variables or worlds");
  }
}

}  // namespace acie::sema
