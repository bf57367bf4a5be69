#include "compiler/Sema/ModuleUnits.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"

namespace acie::sema {
namespace {

/// Units of the library that take prefixes: kpc, Gyr, mJy.
constexpr const char* kPrefixable[] = {"pc", "yr", "ly", "Jy", "erg", "eV"};

/// Whether the text mentions a unit that is yet to be declared.
bool needs(const syntax::UnitText& text, const std::map<std::string, const syntax::Decl*>& waiting, const Module& module) {
  units::UnitTable others = module.units;
  for (const auto& [name, decl] : waiting) others.replace(name, units::Unit::label(name), true);
  const units::UnitResult of = units::parse_unit(text.text, others);
  if (!of) return false;
  return std::any_of(of->dimension().labels().begin(), of->dimension().labels().end(),
                     [&](const auto& label) { return waiting.contains(label.first); });
}

void declare_unit(const syntax::Decl& decl, Module& module, DiagnosticEngine& diagnostics) {
  const std::string& name = decl.name.text;
  units::Unit unit = units::Unit::label(name);
  if (decl.unit) {
    const units::UnitResult of = units::parse_unit(decl.unit->text, module.units);
    if (!of) {
      diagnostics.report(Code::A0301, decl.unit->span, of.error.to_string());
      return;
    }
    const auto factor = units::Scale::from_decimal(decl.number.empty() ? "1" : decl.number);
    const auto defined = factor ? units::Unit::define(name, *factor, *of) : std::nullopt;
    if (!defined) {
      diagnostics.report(Code::A0307, decl.span, absl::StrCat("the size of `", name, "` is not a positive number in range"));
      return;
    }
    unit = *defined;
  }
  const bool prefixable = module.library && std::find(std::begin(kPrefixable), std::end(kPrefixable), name) != std::end(kPrefixable);
  module.units.replace(name, unit, prefixable);  // a local name hides an imported one
  module.ambiguous_units.erase(name);
  if (std::find(module.unit_names.begin(), module.unit_names.end(), name) == module.unit_names.end()) module.unit_names.push_back(name);
}

/// Units may be declared in any order: whichever can be defined is, until nothing changes.
void define_units(std::map<std::string, const syntax::Decl*> waiting, Module& module, DiagnosticEngine& diagnostics) {
  for (bool progress = true; progress;) {
    progress = false;
    for (auto next = waiting.begin(); next != waiting.end();) {
      const syntax::Decl& decl = *next->second;
      if (decl.unit && needs(*decl.unit, waiting, module)) {
        ++next;
        continue;
      }
      declare_unit(decl, module, diagnostics);
      next = waiting.erase(next);
      progress = true;
    }
  }
  for (const auto& [name, decl] : waiting) {
    diagnostics.report(Code::A0307, decl->name.span, absl::StrCat("the unit `", name, "` is defined by itself"))
        .label(decl->unit->span, "defined from units that are defined from it");
  }
}

}  // namespace

void import_units(const Module& from, const std::optional<std::set<std::string>>& chosen, Module& to) {
  for (const std::string& name : from.unit_names) {
    if (is_private(name) || (chosen && !chosen->contains(name))) continue;
    const auto& entry = from.units.entries().at(name);
    const auto origin = to.unit_origins.find(name);
    if (origin != to.unit_origins.end() && !(to.units.entries().at(name).unit == entry.unit)) {
      to.ambiguous_units[name] = {origin->second, from.name};
      continue;
    }
    to.units.replace(name, entry.unit, entry.prefixable);
    if (to.unit_origins.emplace(name, from.name).second) to.unit_names.push_back(name);
  }
}

void declare_units(const syntax::File& file, Module& module, DiagnosticEngine& diagnostics) {
  std::map<std::string, const syntax::Decl*> units;
  for (const syntax::Decl* decl : file.declarations) {
    if (decl->kind != syntax::Decl::Kind::Unit) continue;
    if (const auto [known, fresh] = units.emplace(decl->name.text, decl); !fresh) {
      diagnostics.report(Code::A0202, decl->name.span, absl::StrCat("the unit `", decl->name.text, "` is declared twice"))
          .label(known->second->name.span, "first declared here");
    }
  }
  define_units(std::move(units), module, diagnostics);
}

const Module::AmbiguousUnit* ambiguous_unit(const Module& module, std::string_view text, std::string& name) {
  const auto in_name = [](char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; };
  for (const auto& [unit, between] : module.ambiguous_units) {
    for (size_t at = text.find(unit); at != std::string_view::npos; at = text.find(unit, at + 1)) {
      const size_t end = at + unit.size();
      if ((at > 0 && in_name(text[at - 1])) || (end < text.size() && in_name(text[end]))) continue;
      name = unit;
      return &between;
    }
  }
  return nullptr;
}

}  // namespace acie::sema
