#include "compiler/Sema/Analyser.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/Analysis.h"
#include "compiler/Sema/Secrecy/GraphElaborator.h"

namespace acie::sema {
namespace {

using Kind = syntax::Decl::Kind;

bool is_value(const syntax::Decl& decl) { return decl.kind == Kind::Const || decl.kind == Kind::Param || decl.kind == Kind::Let; }

void not_built(const syntax::Decl& decl, DiagnosticEngine& diagnostics) {
  const auto later = [&](Code code, const char* what) { diagnostics.report(code, decl.span, absl::StrCat(what, " are not built yet")); };
  switch (decl.kind) {
    case Kind::Fit: return later(Code::A0703, "fits");
    default: return;
  }
}

}  // namespace

void report_not_built(const ModuleSet& modules, DiagnosticEngine& diagnostics) {
  for (const auto& module : modules.modules) {
    for (const syntax::Decl* decl : module->file->declarations) {
      if (!module->library) not_built(*decl, diagnostics);
    }
  }
}

std::vector<const Module*> visible_modules(const ModuleSet& modules) {
  std::vector<const Module*> found = {modules.main};
  const auto add = [&](const Module* module) {
    if (!module->library && std::find(found.begin(), found.end(), module) == found.end()) found.push_back(module);
  };
  const Module& main = *modules.main;
  for (const Module* module : main.imports) add(module);
  for (const auto& [name, module] : main.aliases) add(module);
  for (const auto& [name, meanings] : main.imported) {
    for (const Module::Imported& meaning : meanings) add(meaning.owner);
  }
  return found;
}

std::vector<DeclarationUse> declaration_uses(const Module& main, const std::function<bool(const void*)>& is_used) {
  std::vector<DeclarationUse> uses;
  // A file that asks nothing is there for others to import: only what is private to it must be used by it.
  const bool asks = std::any_of(main.file->declarations.begin(), main.file->declarations.end(), [](const syntax::Decl* decl) {
    return decl->kind == Kind::Query || decl->kind == Kind::Fit || decl->kind == Kind::Graph;
  });
  const auto add = [&](const char* kind, const syntax::Name& name, const void* declaration) {
    if (asks || is_private(name.text)) uses.push_back({kind, name.text, name.span, is_used(declaration)});
  };
  for (const syntax::Decl* decl : main.file->declarations) {
    switch (decl->kind) {
      case Kind::Const: add("constant", decl->name, decl); break;
      case Kind::Param: add("parameter", decl->name, decl); break;
      case Kind::Let: add("`let`", decl->name, decl); break;
      case Kind::Fn: add("function", decl->name, decl); break;
      case Kind::Mechanism: add("mechanism", decl->name, decl); break;
      case Kind::Type: add("type", decl->name, decl); break;
      case Kind::Intervention: add("intervention", decl->name, decl); break;
      case Kind::Model: case Kind::Query:
        for (const syntax::Stmt* stmt : decl->body) {
          if (stmt->kind == syntax::Stmt::Kind::Let) add("`let`", stmt->names[0], stmt);
        }
        break;
      default: break;
    }
  }
  return uses;
}

Analyser::Analyser(Program& program, const SourceManager& sources, DiagnosticEngine& diagnostics, const ModuleSet& modules, ExpressionTypes* types)
    : program_(program), sources_(sources), diagnostics_(diagnostics), modules_(modules), types_(types),
      elaborator_(program, sources, diagnostics, modules.prelude), secrecy_(elaborator_) {
  elaborator_.record_types(types);
  if (!modules.complete) elaborator_.expect_missing_names();
}

void Analyser::run(const Declarations* wanted) {
  const auto asked = [&](const syntax::Decl* decl) { return wanted == nullptr || wanted->contains(decl); };
  // Models of imported modules can be asked too; their queries are their own.
  const std::vector<const Module*> visible = visible_modules(modules_);
  for (const Module* module : visible) {
    for (const syntax::Decl* decl : module->file->declarations) {
      if (decl->kind == Kind::Model && asked(decl)) add_model(*decl, *module);
    }
  }
  for (const Module* module : visible) {
    for (const syntax::Decl* decl : module->file->declarations) {
      if (decl->has_model && !decl->path.parts.empty() && asked(decl)) add_model_of(*decl, *module);
    }
  }
  for (const syntax::Decl* decl : modules_.main->file->declarations) {
    if (decl->kind != Kind::Query || !asked(decl)) continue;
    const Module* owner = nullptr;
    const syntax::Decl* on = elaborator_.find_declaration(*modules_.main, decl->path.str(), &owner);
    if (const auto model = by_declaration_.find(on); model != by_declaration_.end() && model->second != nullptr) model->second->speak_of_elements(*decl, *modules_.main);
  }
  std::vector<const Module*> constraining = visible;
  for (auto& model : models_) {
    model->run();
    if (std::find(constraining.begin(), constraining.end(), &model->module()) == constraining.end()) constraining.push_back(&model->module());
  }
  for (const Module* module : constraining) {
    for (const syntax::Decl* decl : module->file->declarations) {
      if (decl->kind == Kind::Constraint && asked(decl)) add_constraint(*decl, *module);
    }
  }
  if (wanted == nullptr) report_not_built(modules_, diagnostics_);
  const auto asked_of_parties = [&](const syntax::Decl* decl) { return (decl->kind == Kind::Party || decl->kind == Kind::Key) && asked(decl); };
  for (const Module* module : visible) {
    const auto& all = module->file->declarations;
    if (std::any_of(all.begin(), all.end(), asked_of_parties)) secrecy_.declare(*module);
  }
  const Module& main = *modules_.main;
  for (const syntax::Decl* decl : main.file->declarations) {
    if (!asked(decl)) continue;
    if (is_value(*decl)) {
      elaborator_.declaration(*decl, main, decl->name.span);
    } else if (decl->kind == Kind::Type && decl->type == nullptr) {
      elaborator_.finite_type(*decl);
    } else if (decl->kind == Kind::Dim) {
      for (const syntax::Name& name : decl->names) elaborator_.dimension(*decl, name.text, main, decl->name.span);
    } else if (decl->kind == Kind::Query) {
      add_query(*decl, main);
    }
  }
  // What nothing uses is checked all the same; of the main file first, so that its constants are elaborated in its order.
  for (const Module* module : visible) {
    for (const syntax::Decl* decl : module->file->declarations) {
      if (is_value(*decl) && module != &main && asked(decl)) elaborator_.declaration(*decl, *module, decl->name.span);
      if (wanted == nullptr && !elaborator_.is_used(decl)) check_unused(*decl, *module);
    }
  }
  decide();
  // After the decisions: graphs may call queries.
  for (const syntax::Decl* decl : main.file->declarations) {
    if (decl->kind != Kind::Graph || !asked(decl)) continue;
    const Graph* graph = GraphElaborator(elaborator_, secrecy_, sources_, *decl, main).run();
    if (graph != nullptr) program_.graphs.push_back(graph);
  }
}

void Analyser::check_unused(const syntax::Decl& decl, const Module& module) {
  if (decl.kind == Kind::Fn || decl.kind == Kind::Mechanism) elaborator_.check_function(decl, module);
  if (decl.kind != Kind::Intervention) return;
  if (ModelElaborator* model = find_model(decl, module)) QueryElaborator(elaborator_, *model, decl, module).check(decl, module);
}

void Analyser::judge() {
  if (diagnostics_.has_errors()) return;
  const auto is_used = [this](const void* declaration) { return elaborator_.is_used(declaration); };
  PedanticSubject subject{program_, declaration_uses(*modules_.main, is_used)};
  subject.module = modules_.main;
  subject.sources = &sources_;
  subject.types = types_;
  subject.is_used = is_used;
  check_pedantic(subject, diagnostics_);
}

ModelElaborator* Analyser::add_model(const syntax::Decl& decl, const Module& module) {
  const auto [known, fresh] = by_declaration_.emplace(&decl, nullptr);
  if (!fresh) return known->second;
  models_.push_back(std::make_unique<ModelElaborator>(elaborator_, decl, module));
  program_.models.push_back(models_.back()->model());
  return known->second = models_.back().get();
}

/// The model that a declaration is `on`, wherever it stands: a module may import what the main one does not.
void Analyser::add_model_of(const syntax::Decl& decl, const Module& module) {
  const Module* owner = nullptr;
  const syntax::Decl* found = elaborator_.find_declaration(module, decl.path.str(), &owner);
  if (found != nullptr && found->kind == Kind::Model) add_model(*found, *owner);
}

ModelElaborator* Analyser::find_model(const syntax::Decl& decl, const Module& module) {
  const std::string name = decl.path.str();
  const Module* owner = nullptr;
  const syntax::Decl* found = elaborator_.find_declaration(module, name, &owner, decl.path.span);
  if (found != nullptr && found->kind == Kind::Model) {
    const auto model = by_declaration_.find(found);
    return model == by_declaration_.end() ? nullptr : model->second;
  }
  if (found != nullptr) {
    diagnostics_.report(Code::A0401, decl.path.span, absl::StrCat("`", name, "` is not a model")).label(found->name.span, "declared here");
    return nullptr;
  }
  if (elaborator_.report_hidden(module, name, decl.path.span)) return nullptr;
  std::vector<std::string> names;
  for (const auto& [known, model] : module.declarations) {
    if (model->kind == Kind::Model) names.push_back(known);
  }
  for (const auto& [known, meanings] : module.imported) {
    if (meanings[0].declaration->kind == Kind::Model) names.push_back(known);
  }
  for (const auto& [alias, other] : module.aliases) {
    for (const auto& [known, model] : other->declarations) {
      if (model->kind == Kind::Model && !is_private(known)) names.push_back(absl::StrCat(alias, ".", known));
    }
  }
  elaborator_.report_unknown("model", name, decl.path.span, names);
  return nullptr;
}

void Analyser::add_constraint(const syntax::Decl& decl, const Module& module) {
  if (!decl.has_model) {
    diagnostics_.report(Code::A0711, decl.name.span, "constraints with arguments are not built yet").note("write `constraint … on` a model");
    return;
  }
  // A module that only brings a model may have constraints on others, which nothing here asks.
  const Module* owner = nullptr;
  const syntax::Decl* on = elaborator_.find_declaration(module, decl.path.str(), &owner);
  if (on != nullptr && on->kind == Kind::Model && !by_declaration_.contains(on)) return;
  if (ModelElaborator* model = find_model(decl, module)) model->add_constraint(decl, module);
}

void Analyser::add_query(const syntax::Decl& decl, const Module& module) {
  ModelElaborator* model = find_model(decl, module);
  if (model == nullptr) return;
  queries_.push_back(std::make_unique<QueryElaborator>(elaborator_, *model, decl, module));
  if (!queries_.back()->run()) queries_.pop_back();
}

/// What needs whole models: order, cycles, abduction.
void Analyser::decide() {
  // Where an equation was not understood, what would follow from it is no news.
  std::map<const Model*, bool> sound;
  for (auto& model : models_) {
    sound[model->model()] = model->sound() && analyze_model(program_, *model->model(), diagnostics_);
    if (sound[model->model()]) model->add_ranges();
  }
  for (auto& query : queries_) {
    if (!sound[query->query()->model]) continue;
    if (analyze_query(program_, *query->query(), query->returns(), query->method(), diagnostics_)) {
      program_.queries.push_back(query->query());
    }
  }
}

}  // namespace acie::sema
