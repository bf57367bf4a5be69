// The formatter's edits, of the whole text or of what begins on some of its lines. A text with syntax errors stays as it is.
#include "compiler/Syntax/Format/Format.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

Answer edits_of(const View& view, const std::optional<std::vector<syntax::Edit>>& edits) {
  if (!edits) return absl::FailedPreconditionError("a program with syntax errors cannot be formatted");
  Json result = Json::array();
  for (const syntax::Edit& edit : *edits) {
    result.push_back({{"range", view.range_now(edit.span.begin, edit.span.end)}, {"newText", edit.replacement}});
  }
  return result;
}

}  // namespace

Answer format_document(Workspace& workspace, const View& view, const Json& params) {
  DiagnosticEngine diagnostics;
  return edits_of(view, syntax::format(view.latest.sources(), view.latest.file(), diagnostics));
}

Answer format_range(Workspace& workspace, const View& view, const Json& params) {
  const Json& range = params.at("range");
  const auto begin = offset_of(view.document.text(), range.at("start"), view.encoding);
  const auto end = offset_of(view.document.text(), range.at("end"), view.encoding);
  if (!begin || !end || *end < *begin) return absl::InvalidArgumentError("the range lies outside the document");
  const SourceManager& sources = view.latest.sources();
  const uint32_t first = sources.position(view.latest.file(), *begin).line;
  // A selection that ends before the first column of a line does not mean that line.
  const uint32_t last = sources.position(view.latest.file(), *end > *begin && natural(range.at("end").at("character")) == 0 ? *end - 1 : *end).line;
  DiagnosticEngine diagnostics;
  return edits_of(view, syntax::format_lines(sources, view.latest.file(), first, last, diagnostics));
}

}  // namespace acie::lsp
