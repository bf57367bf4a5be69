#include "compiler/lsp/Analysis.h"

#include <algorithm>
#include <tuple>

#include "compiler/Syntax/Parser.h"
#include "compiler/lsp/Outline.h"

namespace acie::lsp {

Analysis::Analysis(const std::string& path, std::string text, const std::map<std::string, std::string>& unsaved, const AnalysisOptions& options, ModuleCache* modules, SyntaxCache* own,
                   sema::CheckCache* checks)
    : file_(sources_.add(path, std::move(text))), types_(file_) {
  for (const auto& [other, content] : unsaved) sources_.overlay(other, content);
  DiagnosticEngine diagnostics;
  if (own != nullptr) parsed_ = own->parse(sources_.text(file_), diagnostics);
  if (parsed_ != nullptr) tree_ = &parsed_->file;
  else if (!diagnostics.has_errors()) tree_ = syntax::parse(sources_, file_, context_, diagnostics);
  if (tree_ != nullptr) {
    sema::SemaOptions sema_options;
    sema_options.include_dirs = options.include_dirs;
    sema_options.stdlib_dir = options.stdlib_dir;
    sema_options.pedantic = options.pedantic;
    sema_options.types = &types_;
    if (modules != nullptr) {
      sema_options.parse = [&](SourceManager& sources, uint32_t file, syntax::AstContext&, DiagnosticEngine& engine) { return modules->parse(sources, file, engine, imported_); };
    }
    if (checks != nullptr && parsed_ != nullptr) {
      analysed_ = checks->analyze(*tree_, parsed_->identities, sources_, context_, diagnostics, sema_options);
      checks->hold({imported_.begin(), imported_.end()});
    } else {
      analysed_ = sema::analyze(*tree_, sources_, context_, diagnostics, sema_options);
    }
    index_ = Index(*tree_, this->modules());
  }
  diagnostics_ = diagnostics.sorted();
  if (tree_ == nullptr) return;
  // Of several that checking found at one place whichever was found first came first, which depends on what was checked when.
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(), [this](const Diagnostic& a, const Diagnostic& b) {
    if (a.span.file != file_ || b.span.file != file_) return a.span.file < b.span.file;
    return std::tie(a.span.begin, a.span.end, a.code, a.message) < std::tie(b.span.begin, b.span.end, b.code, b.message);
  });
}

const Text& Analysis::text(uint32_t file) const {
  auto known = texts_.find(file);
  if (known == texts_.end()) known = texts_.emplace(file, Text(std::string(sources_.text(file)))).first;
  return known->second;
}

std::string without_broken_declarations(const Analysis& broken) {
  std::string text(broken.sources().text(broken.file()));
  for (const OutlineItem& item : outline(text)) {
    bool damaged = !item.complete;
    for (const Diagnostic& diagnostic : broken.diagnostics()) {
      damaged = damaged || (diagnostic.span.begin <= item.end && item.begin <= diagnostic.span.end);
    }
    if (!damaged) continue;
    for (uint32_t i = item.begin; i < item.end; ++i) {
      if (text[i] != '\n' && text[i] != '\r') text[i] = ' ';
    }
  }
  return text;
}

}  // namespace acie::lsp
