#include "compiler/Sema/Sema.h"

#include "compiler/Sema/Analyser.h"
#include "compiler/Support/DeepStack.h"

namespace acie::sema {

Analysed analyze(const syntax::File& main, SourceManager& sources, syntax::AstContext& context,
                 DiagnosticEngine& diagnostics, const SemaOptions& options) {
  Analysed result;
  result.program = std::make_unique<Program>();
  result.modules = load_modules(main, sources, context, diagnostics, options);
  if (result.modules) analyze(result, main, sources, diagnostics, options);
  return result;
}

void analyze(Analysed& result, const syntax::File& main, const SourceManager& sources, DiagnosticEngine& diagnostics, const SemaOptions& options) {
  result.dependencies = result.modules->files;
  result.units = result.modules->main->units;
  ExpressionTypes own_types(main.file_id);
  ExpressionTypes* types = options.types != nullptr || !options.pedantic ? options.types : &own_types;
  on_deep_stack([&] {
    Analyser analyser(*result.program, sources, diagnostics, *result.modules, types);
    analyser.run();
    for (const ConstantFile& file : result.program->files) result.dependencies.push_back(file.location);
    for (const ExternModule& module : result.program->modules) result.dependencies.push_back(module.location);
    if (options.pedantic) analyser.judge();
  });
}

}  // namespace acie::sema
