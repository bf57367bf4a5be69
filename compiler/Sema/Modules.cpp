#include "compiler/Sema/Modules.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Support/NearestName.h"
#include "compiler/Syntax/Parser.h"

namespace acie::sema {
namespace {

using Kind = syntax::Decl::Kind;

/// Units of the library that take prefixes: kpc, Gyr, mJy.
constexpr const char* kPrefixable[] = {"pc", "yr", "ly", "Jy", "erg", "eV"};

class Loader {
 public:
  Loader(SourceManager& sources, syntax::AstContext& context, DiagnosticEngine& diagnostics, const SemaOptions& options, ModuleSet& set)
      : sources_(sources), context_(context), diagnostics_(diagnostics), options_(options), set_(set) {}

  bool run(const syntax::File& main) {
    for (const char* name : {"std.dist", "std.math"}) {
      const Module* module = library(name, {main.file_id, 0, 0});
      if (module == nullptr) return false;
      set_.prelude.push_back(module);
    }
    set_.main = add(main, sources_.path(main.file_id), false);
    return set_.main != nullptr;
  }

 private:
  const Module* library(const std::string& name, Span use) {
    const std::string path = absl::StrCat(options_.stdlib_dir, "/", name.substr(4), ".acie");
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored) && std::filesystem::exists(options_.stdlib_dir, ignored)) {
      unknown_library_module(name, use);
      return nullptr;
    }
    return load(path, name, true, use);
  }

  void unknown_library_module(const std::string& name, Span use) {
    std::vector<std::string> known;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(options_.stdlib_dir, ignored)) {
      if (entry.path().extension() == ".acie") known.push_back(absl::StrCat("std.", entry.path().stem().string()));
    }
    std::sort(known.begin(), known.end());
    auto report = diagnostics_.report(Code::A0203, use, absl::StrCat("there is no module `", name, "` in the standard library"));
    if (const std::string near = nearest_name(name, known); !near.empty()) {
      report.label(use, absl::StrCat("did you mean `", near, "`?")).fix(use, near, absl::StrCat("write `", near, "`"));
    } else {
      report.note(absl::StrCat("it has ", absl::StrJoin(known, ", ")));
    }
  }

  const Module* load(const std::string& path, const std::string& name, bool is_library, Span use) {
    if (const auto known = by_path_.find(path); known != by_path_.end()) {
      if (known->second != nullptr) return known->second;
      std::string cycle;
      for (auto step = std::find(open_.begin(), open_.end(), path); step != open_.end(); ++step) absl::StrAppend(&cycle, *step, " → ");
      if (!cycle.empty()) diagnostics_.report(Code::A0204, use, absl::StrCat("these modules import each other: ", cycle, path));
      return nullptr;
    }
    const auto file = sources_.load(path);
    if (!file.ok()) {
      auto report = diagnostics_.report(Code::A0203, use, absl::StrCat("there is no module `", name, "`"));
      report.note(absl::StrCat("looked for ", path));
      if (is_library) report.note("the standard library lies beside the compiler; --stdlib names another folder");
      return nullptr;
    }
    by_path_[path] = nullptr;
    open_.push_back(path);
    if (!is_library) set_.files.push_back(path);
    const syntax::File* tree = syntax::parse(sources_, *file, context_, diagnostics_);
    const Module* module = tree != nullptr ? add(*tree, name, is_library) : nullptr;
    open_.pop_back();
    by_path_[path] = module;
    return module;
  }

  const Module* import(const syntax::Decl& decl, const std::string& from) {
    const auto folder = std::filesystem::path(from).parent_path();
    std::vector<std::string> candidates;
    std::string relative;
    if (decl.file) {
      relative = *decl.file;
    } else if (decl.path.parts[0].text == "std") {
      return library(decl.path.str(), decl.path.span);
    } else {
      std::vector<std::string> parts;
      for (const syntax::Name& part : decl.path.parts) parts.push_back(part.text);
      relative = absl::StrCat(absl::StrJoin(parts, "/"), ".acie");
    }
    candidates.push_back((folder / relative).lexically_normal().string());
    for (const std::string& dir : options_.include_dirs) candidates.push_back((std::filesystem::path(dir) / relative).lexically_normal().string());
    std::error_code ignored;
    for (const std::string& path : candidates) {
      if (std::filesystem::exists(path, ignored)) return load(path, decl.file ? *decl.file : decl.path.str(), false, decl.name.span);
    }
    diagnostics_.report(Code::A0203, decl.name.span, absl::StrCat("there is no module `", decl.file ? *decl.file : decl.path.str(), "`"))
        .note(absl::StrCat("looked for ", absl::StrJoin(candidates, ", ")))
        .note("-I names more folders; the standard library is imported as `std.astro`");
    return nullptr;
  }

  const Module* add(const syntax::File& tree, const std::string& name, bool is_library) {
    auto owned = std::make_unique<Module>();
    Module& module = *owned;
    module.name = name;
    module.file = &tree;
    module.library = is_library;
    module.units = units::UnitTable::si();
    set_.modules.push_back(std::move(owned));
    const std::string path = sources_.path(tree.file_id);
    for (const syntax::Decl* decl : tree.declarations) {
      if (decl->kind == Kind::Import) bring_in(*decl, path, module);
    }
    std::map<std::string, const syntax::Decl*> units;
    for (const syntax::Decl* decl : tree.declarations) {
      if (decl->kind == Kind::Import) continue;
      if (decl->kind != Kind::Unit) {
        declare(*decl, module);
      } else if (const auto [known, fresh] = units.emplace(decl->name.text, decl); !fresh) {
        diagnostics_.report(Code::A0202, decl->name.span, absl::StrCat("the unit `", decl->name.text, "` is declared twice"))
            .label(known->second->name.span, "first declared here");
      }
    }
    declare_units(std::move(units), module);
    return &module;
  }

  /// Units may be declared in any order: whichever can be defined is, until nothing changes.
  void declare_units(std::map<std::string, const syntax::Decl*> waiting, Module& module) {
    for (bool progress = true; progress;) {
      progress = false;
      for (auto next = waiting.begin(); next != waiting.end();) {
        const syntax::Decl& decl = *next->second;
        if (decl.unit && needs(*decl.unit, waiting, module)) {
          ++next;
          continue;
        }
        declare_unit(decl, module);
        next = waiting.erase(next);
        progress = true;
      }
    }
    for (const auto& [name, decl] : waiting) {
      diagnostics_.report(Code::A0307, decl->name.span, absl::StrCat("the unit `", name, "` is defined by itself"))
          .label(decl->unit->span, "defined from units that are defined from it");
    }
  }

  /// Whether the text mentions a unit that is yet to be declared.
  static bool needs(const syntax::UnitText& text, const std::map<std::string, const syntax::Decl*>& waiting, const Module& module) {
    units::UnitTable others = module.units;
    for (const auto& [name, decl] : waiting) others.replace(name, units::Unit::label(name), true);
    const units::UnitResult of = units::parse_unit(text.text, others);
    if (!of) return false;
    return std::any_of(of->dimension().labels().begin(), of->dimension().labels().end(),
                       [&](const auto& label) { return waiting.contains(label.first); });
  }

  void bring_in(const syntax::Decl& decl, const std::string& path, Module& module) {
    const Module* imported = import(decl, path);
    if (imported == nullptr) return;
    if (decl.alias) {
      module.aliases[decl.alias->text] = imported;
    } else {
      module.imports.push_back(imported);
    }
    for (const std::string& unit : imported->unit_names) {
      const auto& entry = imported->units.entries().at(unit);
      module.units.replace(unit, entry.unit, entry.prefixable);
      module.unit_names.push_back(unit);
    }
  }

  void declare(const syntax::Decl& decl, Module& module) {
    std::vector<syntax::Name> names = decl.names.empty() ? std::vector<syntax::Name>{decl.name} : decl.names;
    for (const syntax::Name& name : names) {
      const auto [known, fresh] = module.declarations.emplace(name.text, &decl);
      if (fresh) continue;
      diagnostics_.report(Code::A0202, name.span, absl::StrCat("`", name.text, "` is declared twice"))
          .label(known->second->name.span, "first declared here");
    }
  }

  void declare_unit(const syntax::Decl& decl, Module& module) {
    const std::string& name = decl.name.text;
    units::Unit unit = units::Unit::label(name);
    if (decl.unit) {
      const units::UnitResult of = units::parse_unit(decl.unit->text, module.units);
      if (!of) {
        diagnostics_.report(Code::A0301, decl.unit->span, of.error.to_string());
        return;
      }
      const auto factor = units::Scale::from_decimal(decl.number.empty() ? "1" : decl.number);
      const auto defined = factor ? units::Unit::define(name, *factor, *of) : std::nullopt;
      if (!defined) {
        diagnostics_.report(Code::A0307, decl.span, absl::StrCat("the size of `", name, "` is not a positive number in range"));
        return;
      }
      unit = *defined;
    }
    const bool prefixable = module.library && std::find(std::begin(kPrefixable), std::end(kPrefixable), name) != std::end(kPrefixable);
    module.units.replace(name, unit, prefixable);  // a local name hides an imported one
    if (std::find(module.unit_names.begin(), module.unit_names.end(), name) == module.unit_names.end()) module.unit_names.push_back(name);
  }

  SourceManager& sources_;
  syntax::AstContext& context_;
  DiagnosticEngine& diagnostics_;
  const SemaOptions& options_;
  ModuleSet& set_;
  std::map<std::string, const Module*> by_path_;  // null while a module is being loaded
  std::vector<std::string> open_;
};

}  // namespace

std::optional<ModuleSet> load_modules(const syntax::File& main, SourceManager& sources, syntax::AstContext& context,
                                      DiagnosticEngine& diagnostics, const SemaOptions& options) {
  ModuleSet set;
  const size_t errors = diagnostics.error_count();
  if (!Loader(sources, context, diagnostics, options, set).run(main) || diagnostics.error_count() > errors) return std::nullopt;
  return set;
}

}  // namespace acie::sema
