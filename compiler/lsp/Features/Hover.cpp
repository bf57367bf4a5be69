// What a name is: its declaration, type and unit, doc comment; of a variable its parents, children, and how its noise is
// recovered.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Graph/Vectors.h"
#include "compiler/Sema/Types.h"
#include "compiler/lsp/Describe.h"
#include "compiler/lsp/Features/Features.h"
#include "compiler/lsp/SyntaxPath.h"
#include "compiler/lsp/Tokens.h"
#include "compiler/lsp/Words.h"

namespace acie::lsp {
namespace {

std::string names(const Index& index, const std::vector<int>& symbols) {
  return absl::StrJoin(symbols, ", ", [&](std::string* out, int id) { absl::StrAppend(out, "`", index.symbol(id).name, "`"); });
}

void describe_unit(const Analysis& analysis, const Symbol& symbol, std::string& text) {
  if (const sema::Variable* variable = checked(analysis, symbol)) {
    const std::string unit = variable->type.unit.to_string();
    if (unit != "1") absl::StrAppend(&text, "\n\nUnit: `", unit, "`");
    if (variable->column != symbol.name && variable->name == symbol.name) absl::StrAppend(&text, "\n\nColumn: `", variable->column, "`");
  }
}

/// Whether elements of the symbol's series cause others of it: those of steps before.
bool causes_itself(const Analysis& analysis, const Symbol& symbol) {
  const sema::Model* model = model_of(analysis, symbol);
  const auto of_symbol = [&](const sema::Variable* variable) { return graph::vector_name(variable->name) == symbol.name; };
  return model != nullptr && std::any_of(model->variables.begin(), model->variables.end(), [&](const sema::Variable* variable) {
    return of_symbol(variable) && std::any_of(variable->parents.begin(), variable->parents.end(), of_symbol);
  });
}

void describe_causes(const Analysis& analysis, int id, std::string& text) {
  const Index& index = analysis.index();
  const Symbol& symbol = index.symbol(id);
  if (!symbol.is_variable()) return;
  std::string parents = names(index, parents_of(analysis, id));
  if (causes_itself(analysis, symbol)) absl::StrAppend(&parents, parents.empty() ? "`" : ", `", symbol.name, "` of steps before");
  if (!parents.empty()) absl::StrAppend(&text, "\n\nParents: ", parents);
  if (const auto children = children_of(analysis, id); !children.empty()) absl::StrAppend(&text, "\n\nChildren: ", names(index, children));
  if (const auto lines = recoveries_of(analysis, symbol); !lines.empty()) {
    absl::StrAppend(&text, "\n\nNoise recovered\n\n- ", absl::StrJoin(lines, "\n- "));
  }
}

void describe_query(const Analysis& analysis, const Symbol& symbol, std::string& text) {
  if (symbol.kind != Symbol::Kind::Query) return;
  for (const sema::Query* query : analysis.program()->queries) {
    if (query->span != symbol.name_span) continue;
    absl::StrAppend(&text, "\n\n", query->mode == sema::Query::Mode::Evidence ? query->draws() ? "Answered from the evidence, over what it leaves open" : "Answered from the evidence" : "Answered over the population");
    absl::StrAppend(&text, query->shape == sema::Query::Shape::PerRow ? ", once per row." : query->shape == sema::Query::Shape::Once ? ", once." : ", a row per draw.");
    std::vector<std::string> columns;
    for (const sema::Output& output : query->outputs) columns.push_back(absl::StrCat("`", output.name, "`"));
    if (!columns.empty()) absl::StrAppend(&text, "\n\nColumns: ", absl::StrJoin(columns, ", "));
  }
}

Json content(const View& view, std::string text, Span span) {
  return {{"contents", {{"kind", "markdown"}, {"value", std::move(text)}}}, {"range", view.range(span)}};
}

/// Of a word of the language itself or a unit under `offset`; null if there is neither. Needs no tree.
Json of_language(const View& view, uint32_t offset) {
  const std::string& text = view.document.text().str();
  const std::vector<Token> tokens = tokenize_around(text, offset);
  const auto token = std::find_if(tokens.begin(), tokens.end(), [&](const Token& t) { return t.begin <= offset && offset < t.end; });
  if (token == tokens.end()) return Json();
  const std::string_view word = std::string_view(text).substr(token->begin, token->end - token->begin);
  const bool unit = token->kind == Token::Kind::Number || token->kind == Token::Kind::Scalar || token->kind == Token::Kind::Unit;
  if (unit && view.analysis != nullptr) {
    uint32_t begin = 0, end = 0;
    std::string described = unit_text(word, offset - token->begin, view.analysis->units(), begin, end);
    if (described.empty()) return Json();
    return {{"contents", {{"kind", "markdown"}, {"value", std::move(described)}}}, {"range", view.range_now(token->begin + begin, token->begin + end)}};
  }
  if (token->kind != Token::Kind::Keyword && token->kind != Token::Kind::Word) return Json();
  const Word* meaning = word_of(word);
  if (meaning == nullptr) return Json();
  std::string described = absl::StrCat("```acie\n", std::string(meaning->form), "\n```\n\n", std::string(meaning->meaning));
  return {{"contents", {{"kind", "markdown"}, {"value", std::move(described)}}}, {"range", view.range_now(token->begin, token->end)}};
}

}  // namespace

Answer hover(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  if (view.analysis == nullptr) return Json();
  const Analysis& analysis = *view.analysis;
  if (const Use* use = use_at(view, *offset)) {
    const Symbol& symbol = analysis.index().symbol(use->symbol);
    if (symbol.kind == Symbol::Kind::Builtin) {
      if (Json word = of_language(view, *offset); !word.is_null()) return word;
    }
    std::string text = absl::StrCat("```acie\n", signature(analysis, symbol), "\n```");
    absl::StrAppend(&text, "\n\n", std::string(kind_text(symbol.kind)));
    if (symbol.parent >= 0 && symbol.kind != Symbol::Kind::Step) {
      const Symbol& owner = analysis.index().symbol(symbol.parent);
      absl::StrAppend(&text, " of ", std::string(kind_text(owner.kind)), " `", owner.name, "`");
    }
    if (!symbol.doc.empty()) absl::StrAppend(&text, "\n\n", symbol.doc);
    describe_unit(analysis, symbol, text);
    describe_causes(analysis, use->symbol, text);
    describe_query(analysis, symbol, text);
    return content(view, std::move(text), use->span);
  }
  if (Json word = of_language(view, *offset); !word.is_null()) return word;
  // No name: the type of the smallest expression here.
  const std::vector<SyntaxNode> path = syntax_path(analysis.tree(), view.analysed(*offset));
  for (auto node = path.rbegin(); node != path.rend(); ++node) {
    const sema::ExpressionTypes::Entry* entry = node->expr != nullptr ? analysis.types().find(node->span) : nullptr;
    if (entry == nullptr || !unchanged(view, node->span)) continue;
    const std::string type = absl::StrCat(sema::to_string(entry->type), entry->shape.empty() ? "" : sema::to_string(entry->shape));
    return content(view, absl::StrCat("```acie\n", type, "\n```"), node->span);
  }
  return Json();
}

}  // namespace acie::lsp
