// Variables, inputs and learnt values that are records: every field is one of its own, called by its path ("star.mass"), so
// that evidence, interventions and abduction speak of it as of any other.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {
namespace {

syntax::Name field_name(const syntax::Name& record, const std::string& field) { return {absl::StrCat(record.text, ".", field), record.span}; }

}  // namespace

/// After `name` was claimed as one variable.
void ModelElaborator::declare_record(const syntax::Name& name, const syntax::Stmt& stmt, Variable::Role role, const Annotation& type) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const auto refuse = [&](Span span, const std::string& message, const std::string& note) {
    diagnostics.report(Code::A0304, span, message).note(note);
    mark_broken(entries_[name.text]);
  };
  if (role == Variable::Role::Exo || stmt.law != nullptr) return refuse((stmt.law != nullptr ? stmt.law->span : stmt.span), absl::StrCat("`", name.text, "` is a record, and a law is of numbers"), "declare a noise per field, and put the record together: `var star : {…} = {mass: m, …}`");
  if (stmt.from != nullptr) return refuse(stmt.from->span, absl::StrCat("`", name.text, "` is a record, and its fields are columns of their own"), absl::StrCat("they are called by their paths, as `", name.text, ".", type.fields[0].name, "`"));
  entries_.erase(name.text);
  order_.pop_back();
  model_->variables.pop_back();
  records_[name.text] = {&stmt, type, std::nullopt};
  declare_fields(name, name, stmt, role, type);
}

void ModelElaborator::declare_fields(const syntax::Name& name, const syntax::Name& record, const syntax::Stmt& stmt, Variable::Role role, const Annotation& type) {
  for (const auto& [field, of] : type.fields) {
    const syntax::Name path = field_name(name, field);
    if (!of.fields.empty()) {
      records_[path.text] = {&stmt, of, std::nullopt};
      declare_fields(path, record, stmt, role, of);
      continue;
    }
    Entry* entry = claim(path, stmt);
    if (entry == nullptr) continue;
    entry->record = record.text;
    entry->declared = of;
    entry->variable->role = role;
    entry->variable->type = of.element;
    if (!of.shape.empty()) make_family(path.text, of.shape, stmt, nullptr);
  }
}

/// `learn net : {w: f64[3], b: f64} = {w: zeros(), b: 1}`: a parameter per field.
void ModelElaborator::learn_record(const syntax::Name& name, const syntax::Stmt& stmt, const Annotation& type) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (is_declared(name.text)) {
    claim(name, stmt);
    return;
  }
  const syntax::Expr* first = stmt.value;
  if (stmt.law != nullptr || (first != nullptr && first->kind != syntax::Expr::Kind::Record)) {
    diagnostics.report(Code::A0304, stmt.law != nullptr ? stmt.law->span : first->span, absl::StrCat("`", name.text, "` is a record, and starts from one: `{", type.fields[0].name, ": …}`")).note("a field that is not mentioned starts from 0");
    return break_name(name);
  }
  records_[name.text] = {&stmt, type, std::nullopt};
  for (const auto& [field, of] : type.fields) {
    syntax::Stmt part = stmt;
    part.value = nullptr;
    if (first != nullptr) {
      for (const syntax::RecordField& written : first->fields) {
        if (written.name && written.name->text == field) part.value = written.value;
      }
    }
    part.names = {field_name(name, field)};
    if (!of.fields.empty()) {
      learn_record(part.names[0], part, of);
      continue;
    }
    const auto values = first_values(part, of, *scope_);
    if (!values) {
      break_name(part.names[0]);
      continue;
    }
    declare_learnt(part.names[0], stmt, of, *values);
  }
  if (first == nullptr) return;
  for (const syntax::RecordField& written : first->fields) {
    const auto known = [&](const Annotation::Field& field) { return written.name && field.name == written.name->text; };
    if (std::any_of(type.fields.begin(), type.fields.end(), known)) continue;
    diagnostics.report(Code::A0304, written.value->span, absl::StrCat("`", name.text, "` has no such field"));
    sound_ = false;
  }
}

std::vector<std::string> ModelElaborator::record_fields(const std::string& name) const {
  std::vector<std::string> paths;
  if (const auto record = records_.find(name); record != records_.end()) {
    for (const auto& [field, of] : record->second.type.fields) paths.push_back(absl::StrCat(name, ".", field));
  }
  return paths;
}

/// The record as a value: its fields are looked up, and typed.
Value ModelElaborator::record_as(const std::string& name, const Annotation& type, Span use, WorldId world) {
  std::vector<std::string> names;
  std::vector<Value> parts;
  for (const auto& [field, of] : type.fields) {
    const auto part = find(absl::StrCat(name, ".", field), use, world);
    if (!part || part->poisoned()) return Value{};
    names.push_back(field);
    parts.push_back(elaborator_.force(*part, use));
    if (parts.back().poisoned()) return Value{};
  }
  Value record = elaborator_.builder().record(std::move(names), std::move(parts), use);
  record.span = use;
  return record;
}

/// What the equation of the whole record says of one field. The equation is elaborated once: while it is, its fields have
/// their types, so that other variables may lead back to them.
Value ModelElaborator::field_value(const std::string& name, Entry& entry, const Scope& scope) {
  const std::string root = entry.record;
  Record& record = records_[root];
  if (!record.value) {
    std::vector<Entry*> opened;
    for (auto& [other, of] : entries_) {
      if (of.record != root || of.typing || of.typed) continue;
      of.typing = true;
      opened.push_back(&of);
      for (Variable* variable : members(other, of)) variable->equation = elaborator_.builder().number(0, variable->span, variable->type.unit);
    }
    const Value value = elaborator_.expression(*record.stmt->value, scope);
    record.value = elaborator_.fit(value, record.type, record.stmt->value->span, absl::StrCat("`", root, "`"), true);
    for (Entry* of : opened) of->typing = false;
  }
  Value part = *record.value;
  for (size_t begin = root.size() + 1; !part.poisoned() && begin < name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    part = *part.field(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return part;
}

std::optional<Annotation> ModelElaborator::declared_type(const Entry& entry, const Scope& scope) {
  return entry.record.empty() ? elaborator_.annotation(*entry.stmt->type, scope) : std::optional(entry.declared);
}

}  // namespace acie::sema
