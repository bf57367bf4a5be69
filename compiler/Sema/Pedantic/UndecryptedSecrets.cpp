// Ciphertexts that nobody ever opens: encrypted, perhaps computed with, and neither decrypted nor a result of their graph.
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Secrecy/Graph.h"

namespace acie::sema {

void check_undecrypted_secrets(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  for (const Graph* graph : subject.program.graphs) {
    for (const GraphOp& op : graph->undecrypted) {
      diagnostics.report(Code::A0919, op.span, absl::StrCat("what is encrypted here under `", op.key->name, "` is never decrypted"))
          .note(absl::StrCat("no result of `", graph->name, "` depends on it, so nothing is encrypted, sent or computed"));
    }
  }
}

}  // namespace acie::sema
