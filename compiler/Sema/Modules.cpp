#include "compiler/Sema/Modules.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/ModuleFiles.h"
#include "compiler/Sema/ModuleUnits.h"
#include "compiler/Support/NearestName.h"
#include "compiler/Syntax/Parser.h"

namespace acie::sema {
namespace {

using Kind = syntax::Decl::Kind;

/// An import chain this deep is a generated one, and each step takes the compiler's stack.
constexpr size_t kDeepest = 256;

/// The module's name in the text of an import.
Span written_at(const syntax::Decl& import) { return import.file ? import.name.span : import.path.span; }

std::vector<syntax::Name> names_of(const syntax::Decl& decl) {
  return decl.names.empty() ? std::vector<syntax::Name>{decl.name} : decl.names;
}

class Loader {
 public:
  Loader(SourceManager& sources, syntax::AstContext& context, DiagnosticEngine& diagnostics, const SemaOptions& options, ModuleSet& set)
      : sources_(sources), context_(context), diagnostics_(diagnostics), options_(options), set_(set) {}

  bool run(const syntax::File& main) {
    for (const char* name : {"std.dist", "std.math"}) {
      const Module* module = load(library_file(name, options_), {main.file_id, 0, 0});
      if (module == nullptr) return false;
      set_.prelude.push_back(module);
    }
    const std::string& path = sources_.path(main.file_id);
    const std::string identity = module_identity(path);
    by_file_[identity] = nullptr;
    open_.push_back({identity, path, {main.file_id, 0, 0}});
    // A file of the library may use what only the library has, also when it is the one that is compiled.
    const bool library = std::filesystem::path(identity).parent_path() == module_identity(options_.stdlib_dir);
    set_.main = add(main, std::filesystem::path(path).filename().string(), library);
    open_.pop_back();
    name_for_run();
    return true;
  }

 private:
  struct Import {
    const syntax::Decl* decl;
    const Module* module;
  };
  /// A module whose imports are being loaded, and the import that asked for it.
  struct Open {
    std::string identity;
    std::string path;
    Span use;
  };

  const Module* load(const ModuleFile& file, Span use) {
    const std::string identity = module_identity(file.path);
    if (const auto known = by_file_.find(identity); known != by_file_.end()) {
      if (known->second == nullptr) report_cycle(identity, use);
      return known->second;
    }
    if (open_.size() >= kDeepest) {
      diagnostics_.report(Code::A0002, use, absl::StrCat("modules import one another more than ", kDeepest, " deep"));
      return nullptr;
    }
    const auto text = sources_.load(file.path);
    if (!text.ok()) {
      auto report = diagnostics_.report(Code::A0203, use, absl::StrCat("there is no module `", file.name, "`"));
      report.note(std::string(text.status().message()));
      if (file.library) report.note("the standard library lies beside the compiler; --stdlib names another folder");
      return nullptr;
    }
    by_file_[identity] = nullptr;
    open_.push_back({identity, file.path, use});
    if (!file.library) set_.files.push_back(file.path);
    const syntax::File* tree = options_.parse ? options_.parse(sources_, *text, context_, diagnostics_) : syntax::parse(sources_, *text, context_, diagnostics_);
    const Module* module = tree != nullptr ? add(*tree, file.name, file.library) : nullptr;
    open_.pop_back();
    by_file_[identity] = module;
    return module;
  }

  /// Silent about a module that was loaded before and has errors of its own.
  void report_cycle(const std::string& identity, Span use) {
    const auto first = std::find_if(open_.begin(), open_.end(), [&](const Open& open) { return open.identity == identity; });
    if (first == open_.end()) return;
    if (first + 1 == open_.end()) {
      diagnostics_.report(Code::A0204, use, absl::StrCat(first->path, " imports itself"));
      return;
    }
    std::string cycle;
    for (auto step = first; step != open_.end(); ++step) absl::StrAppend(&cycle, step->path, " → ");
    auto report = diagnostics_.report(Code::A0204, use, absl::StrCat("these modules import each other: ", cycle, first->path));
    for (auto step = first + 1; step != open_.end(); ++step) report.label(step->use, absl::StrCat("imports ", step->path));
    report.label(use, absl::StrCat("imports ", first->path)).note("move what both need into a module that both import");
  }

  const Module* add(const syntax::File& tree, const std::string& name, bool library) {
    auto owned = std::make_unique<Module>();
    Module& module = *owned;
    module.name = name;
    module.file = &tree;
    module.library = library;
    module.units = units::UnitTable::si();
    set_.modules.push_back(std::move(owned));
    std::vector<Import> imports;
    for (const syntax::Decl* decl : tree.declarations) {
      if (decl->kind == Kind::Import) {
        const auto file = find_module_file(*decl, sources_.path(tree.file_id), options_, diagnostics_);
        if (const Module* imported = file ? load(*file, written_at(*decl)) : nullptr) imports.push_back({decl, imported});
      } else if (decl->kind != Kind::Unit) {
        declare(*decl, module);
      }
    }
    for (const Import& import : imports) {
      module.import_declarations.emplace_back(import.decl, import.module);
      if (import.decl->imported.empty() && !import.decl->alias) bring_in_all(*import.decl, *import.module, module);
    }
    for (const Import& import : imports) {
      if (import.decl->alias) bring_in_as(*import.decl, *import.module, module);
      if (!import.decl->imported.empty()) bring_in_chosen(*import.decl, *import.module, module);
    }
    declare_units(tree, module, diagnostics_);
    return &module;
  }

  void declare(const syntax::Decl& decl, Module& module) {
    for (const syntax::Name& name : names_of(decl)) {
      const auto [known, fresh] = module.declarations.emplace(name.text, &decl);
      if (!fresh) report_twice(name, known->second->name.span);
    }
  }

  void report_twice(const syntax::Name& name, Span first) {
    diagnostics_.report(Code::A0202, name.span, absl::StrCat("`", name.text, "` is declared twice")).label(first, "first declared here");
  }

  /// import m: every name that `m` declares itself and does not keep to itself.
  void bring_in_all(const syntax::Decl& import, const Module& from, Module& module) {
    if (std::find(module.imports.begin(), module.imports.end(), &from) != module.imports.end()) return;
    module.imports.push_back(&from);
    for (const auto& [name, decl] : from.declarations) {
      if (!is_private(name)) module.imported[name].push_back({decl, &from, &import});
    }
    import_units(from, std::nullopt, module);
  }

  /// import m as n: the names as members of `n`. Units have no members: they come into scope.
  void bring_in_as(const syntax::Decl& import, const Module& from, Module& module) {
    const syntax::Name& alias = *import.alias;
    if (!local(alias, module)) return;
    module.aliases[alias.text] = &from;
    module.alias_imports[alias.text] = &import;
    chosen_.emplace(std::pair(&module, alias.text), alias.span);
    import_units(from, std::nullopt, module);
  }

  /// import f, g as h from m: declarations and units of these names.
  void bring_in_chosen(const syntax::Decl& import, const Module& from, Module& module) {
    std::set<std::string> units;
    for (const syntax::ImportedName& item : import.imported) {
      const std::string& name = item.name.text;
      const bool unit = std::find(from.unit_names.begin(), from.unit_names.end(), name) != from.unit_names.end();
      const auto found = from.declarations.find(name);
      if (is_private(name) && (unit || found != from.declarations.end())) {
        auto report = diagnostics_.report(Code::A0212, item.name.span, absl::StrCat("`", name, "` is private to `", from.name, "`"));
        if (found != from.declarations.end()) report.label(found->second->name.span, "names that begin with `_` are their file's own");
        continue;
      }
      if (!unit && found == from.declarations.end()) {
        report_missing(item, from);
        continue;
      }
      if (unit) units.insert(name);
      if (found == from.declarations.end() || !local(item.local(), module)) continue;
      // A name that is asked for hides those that come along with others.
      module.imported[item.local().text] = {{found->second, &from, &item}};
      chosen_.emplace(std::pair(&module, item.local().text), item.local().span);
    }
    if (!units.empty()) import_units(from, units, module);
  }

  void report_missing(const syntax::ImportedName& item, const Module& from) {
    std::vector<std::string> names = from.unit_names;
    for (const auto& [known, decl] : from.declarations) {
      if (!is_private(known)) names.push_back(known);
    }
    auto report = diagnostics_.report(Code::A0201, item.name.span, absl::StrCat("there is no declaration in `", from.name, "` called `", item.name.text, "`"));
    if (const std::string near = nearest_name(item.name.text, names); !near.empty()) {
      report.label(item.name.span, absl::StrCat("did you mean `", near, "`?")).fix(item.name.span, near, absl::StrCat("write `", near, "`"));
      return;
    }
    for (const auto& [known, meanings] : from.imported) {
      if (known == item.name.text) report.note(absl::StrCat("it is declared in `", meanings[0].owner->name, "`, which `", from.name, "` imports: import it from there"));
    }
  }

  /// Whether a name that an import gives is new in its file; reports where not.
  bool local(const syntax::Name& name, const Module& module) {
    if (const auto own = module.declarations.find(name.text); own != module.declarations.end()) {
      report_twice(name, own->second->name.span);
      return false;
    }
    if (const auto other = chosen_.find(std::pair(&module, name.text)); other != chosen_.end()) {
      report_twice(name, other->second);
      return false;
    }
    return true;
  }

  /// The run knows params and models by name alone: of two of one name, that of the main file keeps it, and the other is
  /// called by its module too.
  void name_for_run() {
    std::set<std::string> taken;
    for (const auto& module : set_.modules) {
      const std::string stem = std::filesystem::path(module->name).filename().string();
      const std::string prefix = module->library ? module->name : stem.substr(0, stem.find(".acie"));
      for (const auto& [name, decl] : module->declarations) {
        if (decl->kind != Kind::Param && decl->kind != Kind::Model) continue;
        std::string unique = name;
        for (int again = 1; !taken.insert(unique).second; ++again) unique = absl::StrCat(prefix, again > 1 ? absl::StrCat("_", again) : "", ".", name);
        if (unique != name) module->run_names[decl] = unique;
      }
    }
  }

  SourceManager& sources_;
  syntax::AstContext& context_;
  DiagnosticEngine& diagnostics_;
  const SemaOptions& options_;
  ModuleSet& set_;
  std::map<std::string, const Module*> by_file_;  // by identity; null while a module is being loaded
  std::vector<Open> open_;
  std::map<std::pair<const Module*, std::string>, Span> chosen_;  // aliases, and names that imports list
};

}  // namespace

std::optional<ModuleSet> load_modules(const syntax::File& main, SourceManager& sources, syntax::AstContext& context,
                                      DiagnosticEngine& diagnostics, const SemaOptions& options) {
  ModuleSet set;
  const size_t errors = diagnostics.error_count();
  if (!Loader(sources, context, diagnostics, options, set).run(main)) return std::nullopt;
  set.complete = diagnostics.error_count() == errors;
  return set;
}

}  // namespace acie::sema
