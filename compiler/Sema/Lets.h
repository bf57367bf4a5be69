// `let` outside of the bodies of functions: it names a value there, and draws and takes apart nothing yet.
#pragma once

#include "absl/strings/str_cat.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/AST.h"

namespace acie::sema {

/// Whether `let` names one value; reports it where it does not. `where` says what it stands in ("a query").
inline bool names_a_value(const syntax::Stmt& let, const char* where, DiagnosticEngine& diagnostics) {
  if (let.law != nullptr) {
    diagnostics.report(Code::A0711, let.span, absl::StrCat("`let … ~` is not built yet in ", where)).note("noise is drawn in models, `exo u ~ …`, and in the bodies of laws");
  } else if (let.destructures) {
    diagnostics.report(Code::A0711, let.span, absl::StrCat("`let {…} =` is not built yet in ", where)).note("name the record, `let r = …`, and its fields are `r.a`, `r.b`");
  }
  return let.law == nullptr && !let.destructures;
}

}  // namespace acie::sema
