// Walks a syntax tree and fills an Index. Scopes are frames of names, innermost last.
#pragma once

#include <string>
#include <vector>

#include "compiler/lsp/Index.h"

namespace acie::lsp {

class IndexBuilder {
 public:
  IndexBuilder(Index& index, const sema::ModuleSet* modules) : index_(index), modules_(modules) {}
  void run(const syntax::File& file);

 private:
  using Frame = std::map<std::string, int>;
  /// Enters a frame for as long as it lives.
  class Scope {
   public:
    explicit Scope(IndexBuilder& builder, Frame frame = {}) : builder_(builder) { builder_.frames_.push_back(std::move(frame)); }
    ~Scope() { builder_.frames_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    IndexBuilder& builder_;
  };

  // ---- IndexSymbols.cpp: what is declared
  int add(Symbol symbol);
  int declare(Symbol::Kind kind, const syntax::Name& name, Span span, const std::string& doc, int parent);
  void declare_all(const syntax::Decl& decl, Frame& names);
  void declare_members(int declaration, const std::vector<syntax::Stmt*>& body);
  void declare_parameters(int declaration, const std::vector<syntax::Parameter>& parameters);
  void declare_builtins();
  void bring_in(const Frame& own);
  /// The model that `path` names, with its members; -1 if there is none.
  int model(const syntax::Path& path);
  /// The parameter `name` of what `callee` declares, or -1.
  int parameter(int callee, const std::string& name) const;

  // ---- IndexBuilder.cpp: what is mentioned
  void use(Span span, int symbol, Use::Role role = Use::Role::Read);
  int find(const std::string& name) const;
  int mention(const syntax::Name& name, Use::Role role = Use::Role::Read);
  void declaration(const syntax::Decl& decl, int symbol);
  void function(const syntax::Decl& decl, int symbol);
  void type(const syntax::Type* type);
  void unit(const std::optional<syntax::UnitText>& unit);
  /// Returns what the expression names, if it is a name or a member: -1 otherwise.
  int expression(const syntax::Expr* expr, Use::Role role = Use::Role::Read);
  int member(const syntax::Expr& expr, Use::Role role);
  void arguments(const std::vector<syntax::Argument>& arguments, int callee);
  void indices(const std::vector<syntax::Index>& indices);
  /// Declares the names of the clauses in the innermost frame.
  void generator(const syntax::Generator& generator);
  void block(const syntax::Block* block, int owner);
  void statements(const std::vector<syntax::Stmt*>& statements, int owner);
  void statement(const syntax::Stmt& stmt, int owner);
  void target(const syntax::Target& target);
  void local(Symbol::Kind kind, const syntax::Name& name, const syntax::Stmt* stmt, const syntax::Expr* value, int owner);

  Index& index_;
  const sema::ModuleSet* modules_;
  std::vector<Frame> frames_;
};

}  // namespace acie::lsp
