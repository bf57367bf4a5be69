// A local name that hides another: of the function or query around it, of the model, or a constant of the file. Names of imports
// and of the prelude are meant to be hidden.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

using syntax::Decl;
using syntax::Expr;
using syntax::Name;
using syntax::Stmt;

class Shadowing {
 public:
  explicit Shadowing(DiagnosticEngine& diagnostics) : diagnostics_(diagnostics) {}

  void file(const syntax::File& file) {
    open();
    for (const Decl* decl : file.declarations) {
      const bool value = decl->kind == Decl::Kind::Const || decl->kind == Decl::Kind::Param || decl->kind == Decl::Kind::Let;
      if (value) declare(decl->names.empty() ? std::vector<Name>{decl->name} : decl->names);
    }
    for (const Decl* decl : file.declarations) declaration(*decl);
    close();
  }

 private:
  void open() { scopes_.emplace_back(); }
  void close() { scopes_.pop_back(); }

  void declare(const Name& name) {
    if (is_private(name.text)) return;
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto hidden = scope->find(name.text);
      if (hidden == scope->end()) continue;
      // Twice in one scope is an error of its own.
      if (scope != scopes_.rbegin()) {
        diagnostics_.report(Code::A0908, name.span, absl::StrCat("`", name.text, "` hides another `", name.text, "`")).label(hidden->second, "this one");
      }
      break;
    }
    scopes_.back().emplace(name.text, name.span);
  }
  void declare(const std::vector<Name>& names) {
    for (const Name& name : names) declare(name);
  }
  void declare(const std::vector<syntax::Parameter>& params) {
    for (const syntax::Parameter& param : params) declare(param.name);
  }

  void declaration(const Decl& decl) {
    open();
    declare(decl.generics);
    declare(decl.params);
    if (decl.kind == Decl::Kind::Model) members(decl.body);
    expression(decl.value);
    if (decl.block != nullptr) block(*decl.block);
    else statements(decl.body, decl.kind != Decl::Kind::Model);
    close();
  }

  void members(const std::vector<Stmt*>& body) {
    using Kind = Stmt::Kind;
    for (const Stmt* stmt : body) {
      const bool member = stmt->kind == Kind::Input || stmt->kind == Kind::Exo || stmt->kind == Kind::Var || stmt->kind == Kind::Learn || stmt->kind == Kind::Let;
      if (member) declare(stmt->names);
      if (stmt->kind == Kind::Over) members(stmt->body);
    }
  }

  void block(const syntax::Block& block) {
    open();
    statements(block.statements, true);
    close();
  }

  /// `lets`: whether names are declared on the way; a model has declared them all.
  void statements(const std::vector<Stmt*>& body, bool lets) {
    for (const Stmt* stmt : body) {
      for (const Expr* expr : {stmt->value, stmt->law, stmt->condition, stmt->tolerance, stmt->relative, stmt->source}) expression(expr);
      for (const syntax::Result& item : stmt->results) expression(item.value);
      for (const syntax::Evidence& item : stmt->evidence) expression(item.value);
      const bool local = stmt->kind == Stmt::Kind::Let || stmt->kind == Stmt::Kind::Exo || stmt->kind == Stmt::Kind::Learn;
      if (lets && local) declare(stmt->names);
      if (stmt->kind != Stmt::Kind::Over && stmt->kind != Stmt::Kind::World) continue;
      open();
      if (stmt->kind == Stmt::Kind::Over) declare(stmt->names);
      statements(stmt->body, lets);
      close();
    }
  }

  void expression(const Expr* expr) {
    if (expr == nullptr) return;
    AstVisitor visitor;
    visitor.expr = [&](const Expr& part) {
      if (part.kind == Expr::Kind::Lambda) {
        open();
        declare(part.params);
        expression(part.operands[0]);
        close();
        return false;
      }
      if (part.kind == Expr::Kind::Comprehension) {
        generated(*part.generator, part.operands[0]);
        return false;
      }
      if (part.kind == Expr::Kind::Block) {
        block(*part.block);
        return false;
      }
      if (part.kind != Expr::Kind::Call) return true;
      expression(part.base);
      for (const syntax::Argument& argument : part.args) {
        if (argument.generator) generated(*argument.generator, argument.value);
        else expression(argument.value);
      }
      return false;
    };
    walk(*expr, visitor);
  }

  void generated(const syntax::Generator& generator, const Expr* body) {
    open();
    for (const auto& [name, values] : generator.clauses) {
      expression(values);
      declare(name);
    }
    expression(generator.condition);
    expression(body);
    close();
  }

  DiagnosticEngine& diagnostics_;
  std::vector<std::map<std::string, Span>> scopes_;
};

}  // namespace

void check_shadowing(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module != nullptr && subject.read_text) Shadowing(diagnostics).file(*subject.module->file);
}

}  // namespace acie::sema
