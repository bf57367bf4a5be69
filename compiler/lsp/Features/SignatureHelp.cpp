// The parameters of the function, mechanism, law or intervention that is being called.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/lsp/Context.h"
#include "compiler/lsp/Describe.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

/// The symbol called by the token: as the index has it, else by its name.
int callee(const View& view, const Token& token) {
  if (const Use* use = use_at(view, token.begin); use != nullptr && use->role != Use::Role::Declaration) return use->symbol;
  return view.analysis->index().global(view.document.text().str().substr(token.begin, token.end - token.begin));
}

Json of_operation(const std::string& name) {
  const auto op = sema::find_operation(name);
  if (!op) return Json();
  static constexpr const char* kNames[] = {"x", "y", "z"};
  Json parameters = Json::array();
  std::string label = name + "(";
  for (int i = 0; i < std::min(3, sema::op_arity(*op)); ++i) {
    if (i > 0) label += ", ";
    label += kNames[i];
    parameters.push_back({{"label", kNames[i]}});
  }
  return {{"label", label + ")"}, {"parameters", std::move(parameters)}};
}

Json of_declaration(const View& view, const Symbol& symbol) {
  Json parameters = Json::array();
  for (const syntax::Parameter& parameter : symbol.decl->params) parameters.push_back({{"label", view.source(parameter.span)}});
  Json signature_json = {{"label", signature(*view.analysis, symbol)}, {"parameters", std::move(parameters)}};
  if (!symbol.doc.empty()) signature_json["documentation"] = {{"kind", "markdown"}, {"value", symbol.doc}};
  return signature_json;
}

}  // namespace

Answer signature_help(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  const std::string& text = view.document.text().str();
  const std::vector<Token> tokens = tokenize_around(text, *offset);
  const CallSite site = call_around(tokens, text, *offset);
  if (!site.found || view.analysis == nullptr) return Json();
  const int id = callee(view, tokens[site.name]);
  if (id < 0) return Json();
  const Symbol& symbol = view.analysis->index().symbol(id);
  int active = site.argument;
  Json described;
  if (symbol.kind == Symbol::Kind::Builtin) {
    described = of_operation(symbol.name);
  } else if (symbol.decl != nullptr && symbol.decl->has_params) {
    described = of_declaration(view, symbol);
    const auto& parameters = symbol.decl->params;
    const auto named = std::find_if(parameters.begin(), parameters.end(), [&](const syntax::Parameter& p) { return p.name.text == site.argument_name; });
    if (named != parameters.end()) active = static_cast<int>(named - parameters.begin());
  }
  if (described.is_null()) return Json();
  return Json{{"signatures", {described}}, {"activeSignature", 0}, {"activeParameter", active}};
}

}  // namespace acie::lsp
