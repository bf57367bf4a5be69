#include "absl/strings/str_cat.h"
#include "compiler/Syntax/AstBuilder.h"
#include "compiler/Syntax/NormalForm.h"

namespace acie::syntax {

Span AstBuilder::span(antlr4::ParserRuleContext* tree) const {
  return cover(span(tree->getStart()), span(tree->getStop()));
}

Name AstBuilder::name(const antlr4::Token* word) const {
  std::string_view written = text(word);
  if (written.size() > 2 && written.front() == '`') written = written.substr(1, written.size() - 2);
  return {normal_form(std::string(written)), span(word)};
}

Name AstBuilder::name(P::NameContext* tree) const { return name(tree->getStart()); }

std::vector<Name> AstBuilder::names(const std::vector<P::NameContext*>& trees) const {
  std::vector<Name> result;
  for (auto* tree : trees) result.push_back(name(tree));
  return result;
}

Path AstBuilder::path(P::PathContext* tree) const { return {names(tree->name()), span(tree)}; }

UnitText AstBuilder::unit_text(antlr4::Token* token) const {
  const Span whole = span(token);
  const std::string_view text = sources_.text(whole);
  const size_t open = text.find('<');
  return {normal_form(std::string(text.substr(open + 1, text.size() - open - 2))),
          {file_, whole.begin + static_cast<uint32_t>(open) + 1, whole.end - 1}};
}

std::string AstBuilder::string_value(antlr4::Token* token) {
  const std::string_view written = text(token);
  std::string value;
  for (size_t i = 1; i + 1 < written.size(); ++i) {
    if (written[i] != '\\') {
      value += written[i];
      continue;
    }
    switch (written[++i]) {
      case 'n': value += '\n'; break;
      case 't': value += '\t'; break;
      case 'r': value += '\r'; break;
      case '"': case '\\': value += written[i]; break;
      default:
        diagnostics_.report(Code::A0101, span(token), absl::StrCat("`\\", std::string(written.substr(i, 1)), "` is not an escape"))
            .note("escapes are \\n, \\t, \\r, \\\" and \\\\");
    }
  }
  return value;
}

Type* AstBuilder::type(P::TypeContext* tree) {
  Type* result = context_.make<Type>();
  result->span = span(tree);
  auto* base = tree->baseType();
  if (auto* scalar = base->SCALAR_UNIT()) {
    result->kind = Type::Kind::Scalar;
    result->scalar = scalar->getText().substr(0, scalar->getText().find('<'));
    result->unit = unit_text(scalar->getSymbol());
  } else if (base->SCALAR() != nullptr) {
    result->kind = Type::Kind::Scalar;
    result->scalar = base->SCALAR()->getText();
  } else if (base->path() != nullptr) {
    result->kind = Type::Kind::Named;
    result->path = path(base->path());
  } else if (base->type() != nullptr) {
    result->kind = base->LAW_OF() != nullptr ? Type::Kind::Law : Type::Kind::Stream;
    result->element = type(base->type());
  } else {
    result->kind = Type::Kind::Record;
    for (auto* field : base->field()) result->fields.push_back({name(field->name()), type(field->type())});
  }
  for (auto* dim : base->expression()) result->dims.push_back(expression(dim));
  result->optional = tree->QUESTION() != nullptr;
  if (tree->IN() != nullptr) {
    result->range_low = conversion(tree->conversion(0));
    result->range_high = conversion(tree->conversion(1));
  }
  size_t next = 0;
  if (tree->AT() != nullptr) result->party = name(tree->name(next++));
  if (tree->UNDER() != nullptr) result->key = name(tree->name(next++));
  if (tree->LPAREN() != nullptr) {
    if (const Name word = name(tree->name(next)); word.text != "scale")
      diagnostics_.report(Code::A0101, word.span, absl::StrCat("expected `scale`, found `", word.text, "`")).note("`f64 under k(scale: 2^-32)`");
    result->scale = expression(tree->expression());
  }
  return result;
}

}  // namespace acie::syntax
