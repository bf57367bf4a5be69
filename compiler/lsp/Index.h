// Which declaration every name of a file means: what definition, references, rename, highlight and the colours of names
// are answered from. Built from the syntax tree by the language's scoping rules, so that it exists for programs with
// errors of meaning too.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/Sema/Modules.h"
#include "compiler/Support/Span.h"
#include "compiler/Syntax/AST.h"

namespace acie::lsp {

struct Symbol {
  enum class Kind : uint8_t {
    Module, Unit, Dim, Type, Alternative, Const, Param, SharedLet, Function, Mechanism, Model, Intervention, Constraint,
    Query, Fit, Party, Key, Graph,                       // declarations
    Input, Exo, Var, Latent, Learn, Let, World, Result,  // statements
    Parameter, Generic, Step,                            // of functions and queries; of `over`, lambdas, comprehensions
    Builtin                                              // of the prelude, without a text
  };
  Kind kind = Kind::Builtin;
  std::string name;
  Span name_span;  // the name where it is declared
  Span span;       // the whole declaration
  std::string doc;
  const syntax::Decl* decl = nullptr;  // of a declaration, or that a parameter belongs to
  const syntax::Stmt* stmt = nullptr;
  const syntax::Type* type = nullptr;   // as written
  const syntax::Expr* value = nullptr;  // as written
  int parent = -1;                      // the declaration that this one is a part of

  /// What can be a parent or a child in the causal graph.
  bool is_variable() const { return kind == Kind::Input || kind == Kind::Exo || kind == Kind::Var || kind == Kind::Latent; }
};

/// A name in the file's text.
struct Use {
  enum class Role : uint8_t { Declaration, Read, Write };
  Span span;
  int symbol = -1;
  Role role = Role::Read;
};

class Index {
 public:
  Index() = default;
  /// `modules` may be null where a module could not be loaded: then only the file's own names are known.
  Index(const syntax::File& file, const sema::ModuleSet* modules);

  const std::vector<Symbol>& symbols() const { return symbols_; }
  const Symbol& symbol(int id) const { return symbols_[static_cast<size_t>(id)]; }
  /// In the order of the text.
  const std::vector<Use>& uses() const { return uses_; }

  /// The use at `offset`: on the name or right behind it. Null if there is none.
  const Use* use_at(uint32_t offset) const;
  std::vector<Use> uses_of(int symbol) const;
  /// The symbol declared by the name at exactly this place (of any file); -1 if it is not known.
  int declared_at(Span name) const;
  /// The file's own declaration whose text holds `offset`, or -1.
  int declaration_around(uint32_t offset) const;
  /// The members of a model (variables, learnt values, `let`s), query or fit (arguments, worlds, `let`s), by name.
  const std::map<std::string, int>& members(int declaration) const;
  /// What a top-level name means in this file; -1 if nothing.
  int global(const std::string& name) const;
  /// All that can be named at top level here, the prelude included.
  const std::map<std::string, int>& globals() const { return globals_; }
  /// The declaration of a unit that this file knows; -1 for those of the SI.
  int unit(const std::string& name) const;
  const std::map<std::string, int>& units() const { return units_; }
  /// The module that a name stands for (`import … as name`); null if it is none.
  const sema::Module* alias(int symbol) const;
  /// What `name` means in `module`; -1 if nothing.
  int exported(const sema::Module& module, const std::string& name) const;

 private:
  friend class IndexBuilder;

  std::vector<Symbol> symbols_;
  std::vector<Use> uses_;
  std::map<std::string, int> globals_;
  std::map<std::string, int> units_;
  std::map<int, std::map<std::string, int>> members_;
  std::map<const sema::Module*, std::map<std::string, int>> exports_;
  std::map<int, const sema::Module*> aliases_;
  std::map<std::pair<uint32_t, uint32_t>, int> declared_;  // file and beginning of the name
  uint32_t file_ = 0;
};

}  // namespace acie::lsp
