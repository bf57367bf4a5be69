// Models: variables with their equations, laws and constraints.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/Sema/Elaborate.h"

namespace acie::sema {

/// One model while it is elaborated and afterwards, when queries look its names up. Variables may refer to each other in
/// any order: each is typed on first use.
class ModelElaborator {
 public:
  ModelElaborator(Elaborator& elaborator, const syntax::Decl& declaration, const Module& module);

  Model* model() { return model_; }
  const Module& module() const { return module_; }
  const syntax::Decl& declaration() const { return declaration_; }
  /// Every variable has its equation: false after an error in one of them.
  bool sound() const { return sound_; }

  /// Elaborates every statement.
  void run();
  /// Elaborates a `constraint … on` this model.
  void add_constraint(const syntax::Decl& constraint, const Module& module);

  /// A variable, learnt value or constraint by name, as seen from `world`.
  std::optional<Value> find(const std::string& name, Span use, WorldId world);
  /// Null if there is none, or it is broken.
  const Variable* variable(const std::string& name);
  void list(std::vector<std::string>& names) const;

 private:
  struct Entry {
    const syntax::Stmt* stmt = nullptr;
    Variable* variable = nullptr;
    bool typed = false;
    bool typing = false;
    bool broken = false;  // an error was reported: what mentions it stays silent
  };

  void declare(const syntax::Stmt& stmt);
  void type_in_order();
  void not_built(const syntax::Stmt& stmt);
  void mark_broken(Entry& entry);
  void break_names(const syntax::Stmt& stmt);
  void break_name(const syntax::Name& name);
  Entry* claim(const syntax::Name& name, const syntax::Stmt& stmt);
  void type_variable(Entry& entry);
  bool type_var(Entry& entry);
  bool type_exo(Entry& entry);
  Value let_value(const std::string& name, const syntax::Stmt& stmt);
  void learn(const syntax::Stmt& stmt);
  std::string column(const syntax::Stmt& stmt, const std::string& otherwise);

  Elaborator& elaborator_;
  const syntax::Decl& declaration_;
  const Module& module_;
  Model* model_;
  std::unique_ptr<Scope> scope_;  // the model's names in this world
  std::map<std::string, Entry> entries_;
  std::vector<std::string> order_;
  std::map<std::string, const syntax::Stmt*> lets_;
  std::map<std::string, Value> let_values_;
  std::map<std::string, Slot*> learnt_;
  std::map<std::string, Constraint*> constraints_;
  std::vector<std::string> open_lets_;
  bool sound_ = true;
};

/// The model's names as `world` sees them.
class WorldScope : public Scope {
 public:
  WorldScope(ModelElaborator& model, WorldId world, const Scope* parent, const Module* module)
      : Scope(parent, module), model_(model), world_(world) {}
  std::optional<Value> find(const std::string& name, Span use) const override {
    if (auto bound = Scope::find(name, use)) return bound;
    return model_.find(name, use, world_);
  }
  void list(std::vector<std::string>& names) const override {
    Scope::list(names);
    model_.list(names);
  }

 private:
  ModelElaborator& model_;
  WorldId world_;
};

}  // namespace acie::sema
