// Hostile programs. Null means errors and errors mean null; whatever is parsed prints, and every diagnostic renders.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/AstPrinter.h"
#include "compiler/Syntax/Parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  acie::SourceManager sources;
  const uint32_t id = sources.add("fuzz.acie", std::string(reinterpret_cast<const char*>(data), size));
  acie::syntax::AstContext context;
  acie::DiagnosticEngine diagnostics;
  const acie::syntax::File* file = acie::syntax::parse(sources, id, context, diagnostics);
  if ((file == nullptr) != diagnostics.has_errors()) std::abort();
  if (file != nullptr) (void)acie::syntax::print(*file);
  for (const acie::Diagnostic& diagnostic : diagnostics.sorted()) {
    if (diagnostic.span.begin > diagnostic.span.end || diagnostic.span.end > size) std::abort();
    (void)acie::render_text(diagnostic, sources);
    (void)acie::render_json(diagnostic, sources);
  }
  return 0;
}
