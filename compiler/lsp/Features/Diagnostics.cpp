// What the compiler says of a program, with related places.
#include "absl/strings/str_cat.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

int severity(Severity severity) {
  switch (severity) {
    case Severity::Error: return 1;
    case Severity::Warning: return 2;
    case Severity::Note: return 3;
  }
  return 1;
}

/// What is never used can be shown faded.
bool unnecessary(Code code) { return (code >= Code::A0901 && code <= Code::A0904) || code == Code::A0907 || code == Code::A0918; }

Json location(Workspace& workspace, const Analysis& analysis, Span span) {
  return {{"uri", workspace.uri_of(analysis.sources().path(span.file))},
          {"range", range_of(analysis.text(span.file), span.begin, span.end, workspace.encoding)}};
}

Json to_json(Workspace& workspace, const Analysis& analysis, const Diagnostic& diagnostic) {
  std::string message = diagnostic.message;
  Json related = Json::array();
  for (const Label& label : diagnostic.labels) {
    // The text beside the carets says more about the place itself.
    if (label.span == diagnostic.span) absl::StrAppend(&message, "\n", label.text);
    else related.push_back({{"location", location(workspace, analysis, label.span)}, {"message", label.text}});
  }
  for (const std::string& note : diagnostic.notes) absl::StrAppend(&message, "\nnote: ", note);
  Json json = {{"range", range_of(analysis.text(diagnostic.span.file), diagnostic.span.begin, diagnostic.span.end, workspace.encoding)},
               {"severity", severity(diagnostic.severity)},
               {"code", std::string(code_name(diagnostic.code))},
               {"source", "acie"},
               {"message", std::move(message)},
               {"relatedInformation", std::move(related)}};
  if (unnecessary(diagnostic.code)) json["tags"] = {1};
  return json;
}

/// The import through which an error of another file concerns this one: the one that names the file, else the first.
Span import_of(const Analysis& analysis, const std::string& path) {
  Span first{analysis.file(), 0, 0};
  for (const syntax::Decl* decl : analysis.tree().declarations) {
    if (decl->kind != syntax::Decl::Kind::Import) continue;
    const std::string name = decl->file ? *decl->file : decl->path.parts.back().text + ".acie";
    const Span written = decl->file ? decl->name.span : decl->path.span;
    if (first.end == 0) first = written;
    if (path.ends_with(name)) return written;
  }
  return first;
}

/// That an imported file has errors, said once per file where it is imported.
Json imported_error(Workspace& workspace, const Analysis& analysis, const Diagnostic& diagnostic) {
  const Span import = import_of(analysis, analysis.sources().path(diagnostic.span.file));
  return {{"range", range_of(analysis.text(), import.begin, import.end, workspace.encoding)},
          {"severity", 1},
          {"code", std::string(code_name(diagnostic.code))},
          {"source", "acie"},
          {"message", "this module has errors"},
          {"relatedInformation", Json::array({{{"location", location(workspace, analysis, diagnostic.span)}, {"message", diagnostic.message}}})}};
}

}  // namespace

std::map<std::string, Json> diagnostics_by_file(Workspace& workspace, const View& view) {
  std::map<std::string, Json> files;
  files[view.document.path()] = Json::array();
  for (const Diagnostic& diagnostic : view.latest.diagnostics()) {
    const auto [list, first] = files.try_emplace(view.latest.sources().path(diagnostic.span.file), Json::array());
    if (first && diagnostic.severity == Severity::Error && view.latest.has_tree()) {
      files[view.document.path()].push_back(imported_error(workspace, view.latest, diagnostic));
    }
    list->second.push_back(to_json(workspace, view.latest, diagnostic));
  }
  return files;
}

}  // namespace acie::lsp
