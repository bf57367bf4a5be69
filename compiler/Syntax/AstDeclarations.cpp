#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Syntax/AstBuilder.h"

namespace acie::syntax {

std::string AstBuilder::edition(P::EditionContext* tree) {
  std::string number = tree->INTEGER()->getText();
  if (number != "2027") {
    diagnostics_.report(Code::A0106, span(tree), absl::StrCat("there is no edition ", number))
        .note("the only edition is 2027; leave the line out to use it");
  }
  return number;
}

Decl* AstBuilder::declaration(P::DeclarationContext* tree) {
  Decl* decl = nullptr;
  if (auto* t = tree->importDecl()) decl = import_decl(t);
  else if (auto* t = tree->unitDecl()) decl = unit_decl(t);
  else if (auto* t = tree->typeDecl()) decl = type_decl(t);
  else if (auto* t = tree->paramDecl()) decl = param_decl(t);
  else if (auto* t = tree->fnDecl()) decl = fn_decl(t);
  else if (auto* t = tree->mechanismDecl()) decl = mechanism_decl(t);
  else if (auto* t = tree->interventionDecl()) decl = on_model(Decl::Kind::Intervention, t);
  else if (auto* t = tree->constraintDecl()) decl = on_model(Decl::Kind::Constraint, t);
  else if (auto* t = tree->queryDecl()) decl = on_model(Decl::Kind::Query, t);
  else if (auto* t = tree->fitDecl()) decl = on_model(Decl::Kind::Fit, t);
  else if (auto* t = tree->keyDecl()) decl = key_decl(t);
  else if (auto* t = tree->graphDecl()) decl = graph_decl(t);
  else if (auto* t = tree->dimDecl()) {
    decl = make(Decl::Kind::Dim, t, t->dimItem(0)->name());
    for (auto* item : t->dimItem()) {
      decl->names.push_back(name(item->name()));
      decl->values.push_back(item->expression() != nullptr ? expression(item->expression()) : nullptr);
    }
  } else if (auto* t = tree->constDecl()) {
    decl = make(Decl::Kind::Const, t, t->name());
    if (t->type() != nullptr) decl->type = type(t->type());
    decl->value = expression(t->expression());
  } else if (auto* t = tree->letStmt()) {
    decl = make(Decl::Kind::Let, t, t->name(0));
    decl->names = names(t->name());
    if (t->type() != nullptr) decl->type = type(t->type());
    decl->value = expression(t->expression());
  } else if (auto* t = tree->modelDecl()) {
    decl = make(Decl::Kind::Model, t, t->name());
    decl->body = model_body(t->modelBody());
  } else if (auto* t = tree->partyDecl()) {
    decl = make(Decl::Kind::Party, t, t->name(0));
    decl->names = names(t->name());
  }
  decl->doc = doc_before(tree);
  return decl;
}

Decl* AstBuilder::make(Decl::Kind kind, antlr4::ParserRuleContext* tree, P::NameContext* named) {
  Decl* decl = context_.make<Decl>();
  decl->kind = kind;
  decl->span = span(tree);
  if (named != nullptr) decl->name = name(named);
  return decl;
}

Decl* AstBuilder::import_decl(P::ImportDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Import, tree, nullptr);
  if (tree->path() != nullptr) {
    decl->path = path(tree->path());
    decl->name = decl->path.parts.back();
  } else {
    decl->file = string_value(tree->STRING()->getSymbol());
    decl->name = {*decl->file, span(tree->STRING()->getSymbol())};
  }
  if (tree->name() != nullptr) decl->alias = name(tree->name());
  for (auto* item : tree->importedName()) {
    decl->imported.push_back({name(item->name(0)), std::nullopt, span(item)});
    if (item->name().size() > 1) decl->imported.back().alias = name(item->name(1));
  }
  if (decl->alias && !decl->imported.empty()) {
    diagnostics_.report(Code::A0101, decl->alias->span, "an import of single names has no name for the module")
        .note("import the module again, `import … as …`, or rename single names, `import f as g from …`");
  }
  return decl;
}

Decl* AstBuilder::unit_decl(P::UnitDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Unit, tree, tree->name());
  if (auto* unit = tree->UNIT_REF()) decl->unit = unit_text(unit->getSymbol());
  if (auto* quantity = tree->QUANTITY()) {
    decl->unit = unit_text(quantity->getSymbol());
    const std::string text = quantity->getText();
    for (const char c : text.substr(0, text.find('<'))) {
      if (c != '_') decl->number += c;
    }
  }
  return decl;
}

Decl* AstBuilder::type_decl(P::TypeDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Type, tree, tree->name());
  if (tree->type() != nullptr) decl->type = type(tree->type());
  for (auto* alternative : tree->alternative()) {
    if (alternative->name() != nullptr) {
      const Name named = name(alternative->name());
      decl->alternatives.emplace_back(named.text, named.span);
    } else {
      antlr4::Token* token = alternative->STRING()->getSymbol();
      decl->alternatives.emplace_back(string_value(token), span(token));
    }
  }
  return decl;
}

Decl* AstBuilder::param_decl(P::ParamDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Param, tree, tree->name());
  decl->type = type(tree->type());
  decl->value = expression(tree->expression());
  return decl;
}

Decl* AstBuilder::fn_decl(P::FnDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Fn, tree, tree->name());
  decl->generics = generics(tree->generics());
  decl->has_params = true;
  decl->params = parameters(tree->parameters());
  decl->type = type(tree->type());
  decl->block = block(tree->block());
  return decl;
}

Decl* AstBuilder::mechanism_decl(P::MechanismDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Mechanism, tree, tree->name());
  decl->generics = generics(tree->generics());
  decl->has_params = tree->parameters() != nullptr;
  decl->params = parameters(tree->parameters());
  if (tree->type() != nullptr) decl->type = type(tree->type());
  if (tree->block() != nullptr) decl->block = block(tree->block());
  if (tree->expression() != nullptr) decl->value = expression(tree->expression());
  return decl;
}

Decl* AstBuilder::key_decl(P::KeyDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Key, tree, tree->name(0));
  decl->value = expression(tree->expression());
  decl->holder = name(tree->name(1));
  decl->allow_weak = tree->ALLOW() != nullptr;
  return decl;
}

Decl* AstBuilder::graph_decl(P::GraphDeclContext* tree) {
  Decl* decl = make(Decl::Kind::Graph, tree, tree->name());
  decl->has_params = true;
  decl->params = parameters(tree->parameters());
  if (tree->type() != nullptr) decl->type = type(tree->type());
  decl->block = block(tree->block());
  return decl;
}

template <class Tree>
Decl* AstBuilder::on_model(Decl::Kind kind, Tree* tree) {
  Decl* decl = make(kind, tree, tree->name());
  decl->has_params = tree->parameters() != nullptr;
  decl->params = parameters(tree->parameters());
  decl->has_model = tree->path() != nullptr;
  if (decl->has_model) decl->path = path(tree->path());
  decl->body = body(tree);
  return decl;
}

std::vector<Name> AstBuilder::generics(P::GenericsContext* tree) {
  return tree == nullptr ? std::vector<Name>() : names(tree->name());
}

std::vector<Parameter> AstBuilder::parameters(P::ParametersContext* tree) {
  std::vector<Parameter> result;
  if (tree == nullptr) return result;
  for (auto* parameter : tree->parameter()) {
    result.push_back({name(parameter->name()), type(parameter->type()),
                      parameter->expression() != nullptr ? expression(parameter->expression()) : nullptr, span(parameter)});
  }
  return result;
}

std::string AstBuilder::doc_before(antlr4::ParserRuleContext* tree) const {
  const antlr4::Token* first = tree->getStart();
  const size_t start = first->getStartIndex();
  const size_t after = first->getTokenIndex() == 0 ? 0 : stream_.get(first->getTokenIndex() - 1)->getStartIndex();
  auto doc = std::lower_bound(docs_.begin(), docs_.end(), after,
                              [](const auto& token, size_t at) { return token->getStartIndex() < at; });
  std::string text;
  for (; doc != docs_.end() && (*doc)->getStartIndex() < start; ++doc) {
    std::string line = (*doc)->getText().substr(3);
    if (!line.empty() && line[0] == ' ') line.erase(0, 1);
    line.erase(line.find_last_not_of(" \t\f") + 1);
    absl::StrAppend(&text, text.empty() ? "" : "\n", line);
  }
  return text;
}

}  // namespace acie::syntax
