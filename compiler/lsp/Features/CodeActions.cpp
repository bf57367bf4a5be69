// Fixes of the compiler's diagnostics, and for opinions the removal of what is not used.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

struct Removal {
  std::string title;
  Span span;
};

/// The whole lines of `span`, if nothing else stands on them.
Span whole_lines(std::string_view text, Span span) {
  uint32_t begin = span.begin, end = span.end;
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  while (end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) ++end;
  const bool alone = (begin == 0 || text[begin - 1] == '\n') && (end == text.size() || text[end] == '\n');
  if (!alone) return span;
  return {span.file, begin, std::min<uint32_t>(end + 1, static_cast<uint32_t>(text.size()))};
}

/// With the doc comment on the lines before it.
Span with_doc(std::string_view text, Span span) {
  uint32_t begin = span.begin;
  while (begin > 0) {
    uint32_t line = begin;
    while (line > 0 && text[line - 1] != '\n') --line;
    if (line == 0) break;
    uint32_t above = line - 1;
    while (above > 0 && text[above - 1] != '\n') --above;
    std::string_view content = text.substr(above, line - 1 - above);
    content.remove_prefix(std::min(content.find_first_not_of(" \t"), content.size()));
    if (!content.starts_with("///")) break;
    begin = above + static_cast<uint32_t>(text.substr(above).find('/'));
  }
  return {span.file, begin, span.end};
}

/// What to take out where the compiler says that nothing uses it.
std::optional<Removal> removal(const Analysis& analysis, const Diagnostic& diagnostic) {
  const std::string_view text = analysis.sources().text(analysis.file());
  if (diagnostic.code == Code::A0904) {
    for (const syntax::Decl* decl : analysis.tree().declarations) {
      for (const syntax::Stmt* stmt : decl->body) {
        for (size_t i = 0; i < stmt->evidence.size(); ++i) {
          const auto& list = stmt->evidence;
          if (list[i].span.begin > diagnostic.span.begin || diagnostic.span.end > list[i].span.end) continue;
          const std::string title = absl::StrCat("remove `", std::string(analysis.sources().text(list[i].span)), "` from the evidence");
          if (list.size() == 1) return Removal{title, whole_lines(text, stmt->span)};
          // With the comma that goes with it.
          if (i + 1 < list.size()) return Removal{title, {list[i].span.file, list[i].span.begin, list[i + 1].span.begin}};
          return Removal{title, {list[i].span.file, list[i - 1].span.end, list[i].span.end}};
        }
      }
    }
    return std::nullopt;
  }
  if (diagnostic.code == Code::A0907) {
    for (const syntax::Decl* decl : analysis.tree().declarations) {
      const bool here = decl->kind == syntax::Decl::Kind::Import && decl->span.begin <= diagnostic.span.begin && diagnostic.span.end <= decl->span.end;
      if (here && decl->imported.size() <= 1) return Removal{"remove this import", whole_lines(text, with_doc(text, decl->span))};
    }
    return std::nullopt;
  }
  if (diagnostic.code < Code::A0901 || diagnostic.code > Code::A0903) return std::nullopt;
  const int id = analysis.index().declared_at(diagnostic.span);
  if (id < 0) return std::nullopt;
  const Symbol& symbol = analysis.index().symbol(id);
  const bool one_of_many = symbol.stmt != nullptr ? symbol.stmt->names.size() > 1 : symbol.decl == nullptr || symbol.decl->names.size() > 1;
  if (one_of_many) return std::nullopt;
  return Removal{absl::StrCat("remove `", symbol.name, "`"), whole_lines(text, with_doc(text, symbol.span))};
}

}  // namespace

Answer code_actions(Workspace& workspace, const View& view, const Json& params) {
  const auto begin = offset_of(view.document.text(), params.at("range").at("start"), view.encoding);
  const auto end = offset_of(view.document.text(), params.at("range").at("end"), view.encoding);
  if (!begin || !end) return absl::InvalidArgumentError("the range lies outside the document");
  const Json& only = member(member(params, "context"), "only");
  const auto wanted = [&](std::string_view kind) {
    if (!only.is_array()) return true;
    return std::any_of(only.begin(), only.end(), [&](const Json& prefix) { return prefix.is_string() && kind.starts_with(prefix.get_ref<const std::string&>()); });
  };
  const Analysis& analysis = view.latest;
  Json actions = Json::array(), all_edits = Json::array();
  const auto edit = [&](Span span, const std::string& text) { return Json{{"range", view.range_now(span.begin, span.end)}, {"newText", text}}; };
  const auto add = [&](const std::string& title, const Diagnostic& diagnostic, Json edits, bool preferred) {
    Json told = {{"range", view.range_now(diagnostic.span.begin, diagnostic.span.end)}, {"code", std::string(code_name(diagnostic.code))}, {"message", diagnostic.message}, {"source", "acie"}};
    actions.push_back({{"title", title}, {"kind", "quickfix"}, {"isPreferred", preferred}, {"diagnostics", {told}}, {"edit", {{"changes", {{view.document.uri(), std::move(edits)}}}}}});
  };
  for (const Diagnostic& diagnostic : analysis.diagnostics()) {
    if (diagnostic.span.file != analysis.file()) continue;
    for (const Fix& fix : diagnostic.fixes) {
      if (fix.span.file == analysis.file() && fix.applicability == Applicability::MachineApplicable) all_edits.push_back(edit(fix.span, fix.replacement));
    }
    if (diagnostic.span.end < *begin || *end < diagnostic.span.begin || !wanted("quickfix")) continue;
    for (const Fix& fix : diagnostic.fixes) {
      if (fix.span.file == analysis.file()) add(fix.title, diagnostic, Json::array({edit(fix.span, fix.replacement)}), fix.applicability == Applicability::MachineApplicable);
    }
    if (!analysis.has_tree()) continue;
    if (const auto remove = removal(analysis, diagnostic)) add(remove->title, diagnostic, Json::array({edit(remove->span, "")}), false);
  }
  if (only.is_array() && wanted("source.fixAll.acie") && !all_edits.empty()) {
    actions.push_back({{"title", "apply every certain fix"}, {"kind", "source.fixAll.acie"}, {"edit", {{"changes", {{view.document.uri(), std::move(all_edits)}}}}}});
  }
  return actions;
}

}  // namespace acie::lsp
