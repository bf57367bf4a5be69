#include "compiler/lsp/ModuleCache.h"

#include "compiler/Syntax/Parser.h"

namespace acie::lsp {

const syntax::File* ModuleCache::parse(SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics, std::vector<std::shared_ptr<const ParsedDeclaration>>& used) {
  constexpr size_t kMost = 256;
  const std::pair key(sources.path(file), file);
  if (const auto known = known_.find(key); known != known_.end() && known->second.text == sources.text(file)) {
    used.push_back(known->second.parsed);
    return known->second.parsed->file;
  }
  auto parsed = std::make_shared<ParsedDeclaration>();
  const size_t reported = diagnostics.size();
  parsed->file = syntax::parse(sources, file, parsed->context, diagnostics);
  used.push_back(parsed);
  // Whoever parses it again is to hear again what is wrong with it.
  if (parsed->file != nullptr && diagnostics.size() == reported) {
    if (known_.size() >= kMost) known_.clear();
    known_[key] = {std::string(sources.text(file)), parsed};
  }
  return parsed->file;
}

}  // namespace acie::lsp
