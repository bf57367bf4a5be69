// Imports of which no name, no unit and no constraint is used; names that an import lists and nothing uses; imports twice.
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/AstWalk.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

/// Names in the texts of units that the file writes.
std::set<std::string> unit_words(const syntax::File& file) {
  std::set<std::string> words;
  const auto add = [&](const std::optional<syntax::UnitText>& unit) {
    if (!unit) return;
    std::string word;
    for (const char c : unit->text + " ") {
      const bool part = c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
      if (part) word += c;
      else if (!word.empty()) words.insert(std::exchange(word, ""));
    }
  };
  AstVisitor visitor;
  visitor.expr = [&](const syntax::Expr& expr) {
    add(expr.unit);
    return true;
  };
  visitor.type = [&](const syntax::Type& type) { add(type.unit); };
  for (const syntax::Decl* decl : file.declarations) {
    add(decl->unit);
    walk(*decl, visitor);
  }
  return words;
}

/// Whether the file writes this unit, also with a prefix before it.
bool writes(const std::set<std::string>& words, const std::string& unit, const Module& module) {
  if (words.contains(unit)) return true;
  const auto entry = module.units.entries().find(unit);
  if (entry == module.units.entries().end() || !entry->second.prefixable) return false;
  for (const std::string& word : words) {
    if (word.size() > unit.size() && word.size() <= unit.size() + 2 && word.ends_with(unit)) return true;
  }
  return false;
}

bool has_constraint(const Module& module) {
  for (const syntax::Decl* decl : module.file->declarations) {
    if (decl->kind == syntax::Decl::Kind::Constraint) return true;
  }
  return false;
}

}  // namespace

void check_unused_imports(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  if (subject.module == nullptr || !subject.read_text) return;
  const Module& module = *subject.module;
  const std::set<std::string> words = unit_words(*module.file);
  std::set<const Module*> whole;
  for (const auto& [import, from] : module.import_declarations) {
    const Span place = import->file ? import->name.span : import->path.span;
    if (!import->imported.empty()) {
      for (const syntax::ImportedName& item : import->imported) {
        const bool unit = !from->declarations.contains(item.name.text) || module.unit_origins.contains(item.name.text);
        if (subject.is_used(&item) || (unit && writes(words, item.name.text, module))) continue;
        diagnostics.report(Code::A0907, item.span, absl::StrCat("`", item.local().text, "` is imported and never used"));
      }
      continue;
    }
    const bool twice = !import->alias && !whole.insert(from).second;
    bool used = subject.is_used(import) || (!import->alias && has_constraint(*from));
    for (const std::string& unit : from->unit_names) {
      const auto origin = module.unit_origins.find(unit);
      used = used || (origin != module.unit_origins.end() && origin->second == from->name && writes(words, unit, module));
    }
    if (used && !twice) continue;
    diagnostics.report(Code::A0907, place, absl::StrCat("`", from->name, twice ? "` is imported twice" : "` is imported and never used"))
        .fix(import->span, "", "leave the import out");
  }
}

}  // namespace acie::sema
