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
bool unnecessary(Code code) { return code >= Code::A0901 && code <= Code::A0904; }

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

}  // namespace

std::map<std::string, Json> diagnostics_by_file(Workspace& workspace, const View& view) {
  std::map<std::string, Json> files;
  files[view.document.path()] = Json::array();
  for (const Diagnostic& diagnostic : view.latest.diagnostics()) {
    Json& list = files.try_emplace(view.latest.sources().path(diagnostic.span.file), Json::array()).first->second;
    list.push_back(to_json(workspace, view.latest, diagnostic));
  }
  return files;
}

Answer pull_diagnostics(Workspace& workspace, const View& view, const Json& params) {
  return Json{{"kind", "full"}, {"items", diagnostics_by_file(workspace, view).at(view.document.path())}};
}

}  // namespace acie::lsp
