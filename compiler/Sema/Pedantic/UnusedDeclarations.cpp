#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {

void check_unused_declarations(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  for (const DeclarationUse& declaration : subject.declarations) {
    if (declaration.used) continue;
    diagnostics.report(Code::A0901, declaration.span,
                       absl::StrCat(declaration.kind, " `", declaration.name, "` is never used"));
  }
}

}  // namespace acie::sema
