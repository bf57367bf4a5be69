// Parameters of functions, mechanisms and interventions that the body does not mention. Those of lambdas are given by whoever
// calls them, those with a default are options that an interface keeps, and a name that begins with `_` says that it is not used.
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {

void check_unused_parameters(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module == nullptr) return;
  using Kind = syntax::Decl::Kind;
  for (const syntax::Decl* decl : subject.texts()) {
    if (decl->kind != Kind::Fn && decl->kind != Kind::Mechanism && decl->kind != Kind::Intervention) continue;
    if (decl->kind != Kind::Intervention && decl->block == nullptr) continue;  // its body is elsewhere
    std::set<std::string> mentioned;
    AstVisitor visitor;
    visitor.expr = [&](const syntax::Expr& expr) {
      if (expr.kind == syntax::Expr::Kind::Name) mentioned.insert(expr.name.text);
      return true;
    };
    walk(*decl, visitor);
    for (const syntax::Parameter& parameter : decl->params) {
      if (parameter.default_value != nullptr || is_private(parameter.name.text) || mentioned.contains(parameter.name.text)) continue;
      diagnostics.report(Code::A0918, parameter.name.span, absl::StrCat("`", decl->name.text, "` does not use its parameter `", parameter.name.text, "`"))
          .fix(parameter.name.span, absl::StrCat("_", parameter.name.text), "begin its name with `_` if that is meant");
    }
  }
}

}  // namespace acie::sema
