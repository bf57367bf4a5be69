// Parties and keys of a program.
#pragma once

#include <map>
#include <string>

#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/Secrecy/Graph.h"

namespace acie::sema {

class SecrecyDeclarations {
 public:
  explicit SecrecyDeclarations(Elaborator& elaborator) : elaborator_(elaborator) {}

  /// All parties and keys of a module, in order.
  void declare(const Module& module);
  /// What a name means in `module`; null after reporting.
  const Party* party(const syntax::Name& name, const Module& module);
  const Key* key(const syntax::Name& name, const Module& module);

 private:
  const Party* make_party(const syntax::Decl& decl, const syntax::Name& name);
  const Key* make_key(const syntax::Decl& decl, const Module& module);
  bool paillier(Key& key, const syntax::Decl& decl, const Scope& scope);
  bool cipher(Key& key, const syntax::Decl& decl);
  std::vector<std::string> names(const Module& module, syntax::Decl::Kind kind) const;

  Elaborator& elaborator_;
  std::map<std::pair<const syntax::Decl*, std::string>, const Party*> parties_;
  std::map<const syntax::Decl*, const Key*> keys_;  // null: a declaration with errors
};

}  // namespace acie::sema
