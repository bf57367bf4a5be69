// What can be folded: brackets over several lines, comments, runs of imports. From the tokens, so also of broken texts.
#include "AcieLexer.h"
#include "compiler/lsp/Features/Features.h"
#include "compiler/lsp/Tokens.h"

namespace acie::lsp {

Answer folding_ranges(Workspace& workspace, const View& view, const Json& params) {
  using L = grammar::AcieLexer;
  const Text& text = view.document.text();
  Json ranges = Json::array();
  const auto add = [&](uint32_t first, uint32_t last, const char* kind) {
    if (last <= first) return;
    Json range = {{"startLine", first}, {"endLine", last}};
    if (kind != nullptr) range["kind"] = kind;
    ranges.push_back(std::move(range));
  };
  std::vector<uint32_t> open;
  struct Run {
    uint32_t first = 0, last = 0;
    bool active = false;
  };
  Run comments, imports;
  const auto close = [&](Run& run, const char* kind) {
    if (run.active) add(run.first, run.last, kind);
    run.active = false;
  };
  const auto extend = [&](Run& run, uint32_t line, const char* kind) {
    if (run.active && line > run.last + 1) close(run, kind);
    if (!run.active) run = {line, line, true};
    run.last = line;
  };
  for (const Token& token : tokenize(text.str())) {
    const uint32_t line = text.line_of(token.begin);
    switch (token.kind) {
      case Token::Kind::Open: open.push_back(line); break;
      case Token::Kind::Close:
        // The line of the closing bracket stays in sight.
        if (!open.empty() && line > open.back()) add(open.back(), line - 1, nullptr);
        if (!open.empty()) open.pop_back();
        break;
      case Token::Kind::Comment: case Token::Kind::DocComment:
        if (token.type == L::BLOCK_COMMENT) add(line, text.line_of(token.end), "comment");
        else extend(comments, line, "comment");
        break;
      case Token::Kind::Keyword:
        if (token.type == L::IMPORT) extend(imports, line, "imports");
        break;
      default: break;
    }
  }
  close(comments, "comment");
  close(imports, "imports");
  return ranges;
}

}  // namespace acie::lsp
