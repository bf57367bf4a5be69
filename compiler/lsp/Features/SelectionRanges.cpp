// Growing selections: the word, the expressions around it, statement, declaration, text.
#include "compiler/lsp/Features/Features.h"
#include "compiler/lsp/SyntaxPath.h"
#include "compiler/lsp/Tokens.h"

namespace acie::lsp {

Answer selection_ranges(Workspace& workspace, const View& view, const Json& params) {
  const std::string& text = view.document.text().str();
  const std::vector<Token> tokens = tokenize(text);
  Json result = Json::array();
  for (const Json& position : params.at("positions")) {
    const auto offset = offset_of(view.document.text(), position, view.encoding);
    if (!offset) return absl::InvalidArgumentError("the position lies outside the document");
    std::vector<std::pair<uint32_t, uint32_t>> spans = {{0, view.document.text().size()}};  // outermost first
    const auto add = [&](uint32_t begin, uint32_t end) {
      const auto [outer_begin, outer_end] = spans.back();
      if (begin >= outer_begin && end <= outer_end && (begin != outer_begin || end != outer_end)) spans.emplace_back(begin, end);
    };
    if (view.analysis != nullptr) {
      for (const SyntaxNode& node : syntax_path(view.analysis->tree(), view.analysed(*offset))) {
        const Span now = view.document.drift().forward(node.span);
        if (now.begin <= *offset && *offset <= now.end) add(now.begin, now.end);
      }
    }
    for (const Token& token : tokens) {
      if (token.kind != Token::Kind::Newline && token.begin <= *offset && *offset <= token.end && (token.end > *offset || token.kind == Token::Kind::Word)) add(token.begin, token.end);
    }
    Json range;
    for (const auto& [begin, end] : spans) {
      Json inner = {{"range", view.range_now(begin, end)}};
      if (!range.is_null()) inner["parent"] = std::move(range);
      range = std::move(inner);
    }
    result.push_back(std::move(range));
  }
  return result;
}

}  // namespace acie::lsp
