// What a program declares: symbols of the file, of what it imports and of the prelude.
#include <limits>

#include "compiler/Sema/Elaborate.h"
#include "compiler/lsp/IndexBuilder.h"

namespace acie::lsp {

using syntax::Decl;
using syntax::Stmt;

namespace {

Symbol::Kind kind_of(Decl::Kind kind) {
  switch (kind) {
    case Decl::Kind::Import: return Symbol::Kind::Module;
    case Decl::Kind::Unit: return Symbol::Kind::Unit;
    case Decl::Kind::Dim: return Symbol::Kind::Dim;
    case Decl::Kind::Type: return Symbol::Kind::Type;
    case Decl::Kind::Const: return Symbol::Kind::Const;
    case Decl::Kind::Param: return Symbol::Kind::Param;
    case Decl::Kind::Let: return Symbol::Kind::SharedLet;
    case Decl::Kind::Fn: return Symbol::Kind::Function;
    case Decl::Kind::Mechanism: return Symbol::Kind::Mechanism;
    case Decl::Kind::Model: return Symbol::Kind::Model;
    case Decl::Kind::Intervention: return Symbol::Kind::Intervention;
    case Decl::Kind::Constraint: return Symbol::Kind::Constraint;
    case Decl::Kind::Query: return Symbol::Kind::Query;
    case Decl::Kind::Fit: return Symbol::Kind::Fit;
    case Decl::Kind::Party: return Symbol::Kind::Party;
    case Decl::Kind::Key: return Symbol::Kind::Key;
    case Decl::Kind::Graph: return Symbol::Kind::Graph;
  }
  return Symbol::Kind::Const;
}

/// Whether the statement declares names that others see, and as what.
std::optional<Symbol::Kind> kind_of(const Stmt& stmt) {
  switch (stmt.kind) {
    case Stmt::Kind::Input: return Symbol::Kind::Input;
    case Stmt::Kind::Exo: return Symbol::Kind::Exo;
    case Stmt::Kind::Var: return Symbol::Kind::Var;
    case Stmt::Kind::Latent: return Symbol::Kind::Latent;
    case Stmt::Kind::Learn: case Stmt::Kind::Stat: return Symbol::Kind::Learn;
    case Stmt::Kind::Let: return Symbol::Kind::Let;
    case Stmt::Kind::World: return Symbol::Kind::World;
    default: return std::nullopt;
  }
}

}  // namespace

int IndexBuilder::add(Symbol symbol) {
  const int id = static_cast<int>(index_.symbols_.size());
  if (symbol.kind != Symbol::Kind::Builtin) index_.declared_.emplace(std::pair(symbol.name_span.file, symbol.name_span.begin), id);
  index_.symbols_.push_back(std::move(symbol));
  return id;
}

int IndexBuilder::declare(Symbol::Kind kind, const syntax::Name& name, Span span, const std::string& doc, int parent) {
  Symbol symbol;
  symbol.kind = kind;
  symbol.name = name.text;
  symbol.name_span = name.span;
  symbol.span = span;
  symbol.doc = doc;
  symbol.parent = parent;
  const int id = add(std::move(symbol));
  if (name.span.file == index_.file_) use(name.span, id, Use::Role::Declaration);
  return id;
}

/// The symbols of a declaration, entered in `names` where they are names of values.
void IndexBuilder::declare_all(const Decl& decl, Frame& names) {
  if (decl.kind == Decl::Kind::Import) {
    if (!decl.alias) return;
    names[decl.alias->text] = declare(Symbol::Kind::Module, *decl.alias, decl.span, decl.doc, -1);
    return;
  }
  std::vector<syntax::Name> declared = decl.names.empty() ? std::vector<syntax::Name>{decl.name} : decl.names;
  for (size_t i = 0; i < declared.size(); ++i) {
    const int id = declare(kind_of(decl.kind), declared[i], decl.span, decl.doc, -1);
    Symbol& symbol = index_.symbols_[static_cast<size_t>(id)];
    symbol.decl = &decl;
    symbol.type = decl.type;
    symbol.value = decl.kind == Decl::Kind::Dim && i < decl.values.size() ? decl.values[i] : decl.value;
    if (decl.kind == Decl::Kind::Unit) {
      index_.units_.emplace(declared[i].text, id);
      continue;
    }
    names.emplace(declared[i].text, id);
    declare_parameters(id, decl.params);
    declare_members(id, decl.body);
    for (const syntax::Name& generic : decl.generics) index_.members_[id].emplace(generic.text, declare(Symbol::Kind::Generic, generic, generic.span, "", id));
    for (const auto& [text, span] : decl.alternatives) {
      names.emplace(text, declare(Symbol::Kind::Alternative, {text, span}, span, "", id));
    }
  }
}

void IndexBuilder::declare_parameters(int declaration, const std::vector<syntax::Parameter>& parameters) {
  for (const syntax::Parameter& parameter : parameters) {
    const int id = declare(Symbol::Kind::Parameter, parameter.name, parameter.span, "", declaration);
    Symbol& symbol = index_.symbols_[static_cast<size_t>(id)];
    symbol.type = parameter.type;
    symbol.value = parameter.default_value;
    index_.members_[declaration].emplace(parameter.name.text, id);
  }
}

void IndexBuilder::declare_members(int declaration, const std::vector<Stmt*>& body) {
  for (const Stmt* stmt : body) {
    if (stmt->kind == Stmt::Kind::Over) declare_members(declaration, stmt->body);
    const auto kind = kind_of(*stmt);
    if (!kind) continue;
    for (const syntax::Name& name : stmt->names) {
      const int id = declare(*kind, name, stmt->span, stmt->doc, declaration);
      Symbol& symbol = index_.symbols_[static_cast<size_t>(id)];
      symbol.stmt = stmt;
      symbol.type = stmt->type;
      symbol.value = stmt->value != nullptr ? stmt->value : stmt->law;
      index_.members_[declaration].emplace(name.text, id);
    }
  }
}

void IndexBuilder::declare_builtins() {
  for (const std::string& name : sema::prelude_names()) {
    if (index_.globals_.contains(name)) continue;
    Symbol symbol;
    symbol.name = name;
    index_.globals_.emplace(name, add(std::move(symbol)));
  }
}

/// What imports and the prelude bring: imports hide the prelude, the file's own names hide both.
void IndexBuilder::bring_in(const Frame& own) {
  const sema::Module& main = *modules_->main;
  for (const auto& module : modules_->modules) {
    if (module.get() == &main) continue;
    Frame& names = index_.exports_[module.get()];
    for (const Decl* decl : module->file->declarations) {
      if (decl->kind != Decl::Kind::Import) declare_all(*decl, names);
    }
  }
  for (const auto& [name, meanings] : main.imported) {
    if (meanings.empty()) continue;
    // By the name it has there: an import can give another one here.
    const Decl& declaration = *meanings[0].declaration;
    for (const auto& [declared, symbol] : index_.exports_[meanings[0].owner]) {
      if (index_.symbol(symbol).decl == &declaration && (declared == name || declaration.names.size() <= 1)) index_.globals_.emplace(name, symbol);
    }
  }
  for (const sema::Module* module : modules_->prelude) index_.globals_.insert(index_.exports_[module].begin(), index_.exports_[module].end());
  for (const auto& [name, module] : main.aliases) {
    if (const auto symbol = own.find(name); symbol != own.end()) index_.aliases_.emplace(symbol->second, module);
  }
}

void IndexBuilder::run(const syntax::File& file) {
  Frame own;
  std::vector<std::pair<const Decl*, int>> declared;
  for (const Decl* decl : file.declarations) {
    const int first = static_cast<int>(index_.symbols_.size());
    declare_all(*decl, own);
    declared.emplace_back(decl, first);
  }
  index_.globals_ = own;
  if (modules_ != nullptr) bring_in(own);
  declare_builtins();
  for (const auto& [decl, symbol] : declared) declaration(*decl, symbol);
}

int IndexBuilder::model(const syntax::Path& path) {
  int id = path.parts.empty() ? -1 : mention(path.parts[0]);
  for (size_t i = 1; i < path.parts.size() && id >= 0; ++i) {
    const sema::Module* module = index_.alias(id);
    id = module != nullptr ? index_.exported(*module, path.parts[i].text) : -1;
    if (id >= 0) use(path.parts[i].span, id);
  }
  return id >= 0 && index_.symbol(id).kind == Symbol::Kind::Model ? id : -1;
}

int IndexBuilder::parameter(int callee, const std::string& name) const {
  if (callee < 0) return -1;
  const auto& members = index_.members(callee);
  const auto found = members.find(name);
  return found != members.end() && index_.symbol(found->second).kind == Symbol::Kind::Parameter ? found->second : -1;
}

}  // namespace acie::lsp
