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

/// After `name` was claimed as one variable. `steps`: those of `over` where it stands in one.
void ModelElaborator::declare_record(const syntax::Name& name, const syntax::Stmt& stmt, Variable::Role role, const Annotation& type, Steps* steps, std::vector<std::string>* series) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const auto refuse = [&](Span span, const std::string& message, const std::string& note) {
    diagnostics.report(Code::A0304, span, message).note(note);
    mark_broken(entries_[name.text]);
    entries_[name.text].typed = true;
  };
  if (role == Variable::Role::Exo || stmt.law != nullptr) return refuse((stmt.law != nullptr ? stmt.law->span : stmt.span), absl::StrCat("`", name.text, "` is a record, and a law is of numbers"), "declare a noise per field, and put the record together: `var star : {…} = {mass: m, …}`");
  if (stmt.from != nullptr) return refuse(stmt.from->span, absl::StrCat("`", name.text, "` is a record, and its fields are columns of their own"), absl::StrCat("they are called by their paths, as `", name.text, ".", type.fields[0].name, "`"));
  entries_.erase(name.text);
  order_.pop_back();
  model_->variables.pop_back();
  declare_fields(name, name, stmt, role, type, steps, series);
}

/// The names of fields that `over` declares for each step are added to `series`.
void ModelElaborator::declare_fields(const syntax::Name& name, const syntax::Name& record, const syntax::Stmt& stmt, Variable::Role role, const Annotation& type, Steps* steps, std::vector<std::string>* series) {
  records_[name.text] = {&stmt, type, {}, steps};
  for (const auto& [field, of] : type.fields) {
    const syntax::Name path = field_name(name, field);
    if (!of.fields.empty()) {
      declare_fields(path, record, stmt, role, of, steps, series);
      continue;
    }
    Entry* entry = claim(path, stmt);
    if (entry == nullptr) continue;
    entry->record = record.text;
    entry->declared = of;
    entry->variable->role = role;
    entry->variable->type = of.element;
    if (steps != nullptr && sizes::is_open(steps->count)) {
      declare_open(path.text, of, stmt, *steps);
      continue;
    }
    if (steps != nullptr) {
      order_.pop_back();  // typed step by step
      Shape shape{steps->count};
      shape.insert(shape.end(), of.shape.begin(), of.shape.end());
      steps->variables.insert(path.text);
      series->push_back(path.text);
      make_family(path.text, shape, stmt, steps);
      for (int64_t step = 0; step < steps->count; ++step) {
        Entry& each = entries_[absl::StrCat(path.text, "[", step, "]")];
        each.record = record.text;
        each.declared = of;
      }
      continue;
    }
    if (!of.shape.empty()) make_family(path.text, of.shape, stmt, nullptr);
  }
}

std::optional<std::vector<syntax::Stmt>> Elaborator::learnt_fields(const syntax::Stmt& stmt, const syntax::Name& name, const Annotation& type) {
  const syntax::Expr* first = stmt.value;
  if (stmt.law != nullptr || (first != nullptr && first->kind != syntax::Expr::Kind::Record)) {
    diagnostics_.report(Code::A0304, stmt.law != nullptr ? stmt.law->span : first->span, absl::StrCat("`", name.text, "` is a record, and starts from one: `{", type.fields[0].name, ": …}`")).note("a field that is not mentioned starts from 0");
    return std::nullopt;
  }
  std::vector<syntax::Stmt> parts;
  for (const auto& [field, of] : type.fields) {
    syntax::Stmt& part = parts.emplace_back(stmt);
    part.value = nullptr;
    part.names = {field_name(name, field)};
    if (first == nullptr) continue;
    for (const syntax::RecordField& written : first->fields) {
      if (written.name && written.name->text == field) part.value = written.value;
    }
  }
  if (first == nullptr) return parts;
  bool known = true;
  for (const syntax::RecordField& written : first->fields) {
    if (std::any_of(type.fields.begin(), type.fields.end(), [&](const Annotation::Field& field) { return written.name && field.name == written.name->text; })) continue;
    diagnostics_.report(Code::A0304, written.value->span, absl::StrCat("`", name.text, "` has no such field"));
    known = false;
  }
  return known ? std::optional(std::move(parts)) : std::nullopt;
}

/// In a mechanism: a parameter per field.
Value Elaborator::learn_record(const syntax::Stmt& stmt, const syntax::Name& name, const Annotation& type, const Scope& scope) {
  const auto parts = learnt_fields(stmt, name, type);
  if (!parts) return Value{};
  std::vector<std::string> names;
  std::vector<Value> values;
  for (size_t i = 0; i < parts->size(); ++i) {
    names.push_back(type.fields[i].name);
    values.push_back(learn_as((*parts)[i], (*parts)[i].names[0], type.fields[i].type, scope));
    if (values.back().poisoned()) return Value{};
  }
  return builder_.record(std::move(names), std::move(values), name.span);
}

/// `learn net : {w: f64[3], b: f64} = {w: zeros(), b: 1}`: a parameter per field.
void ModelElaborator::learn_record(const syntax::Name& name, const syntax::Stmt& stmt, const Annotation& type) {
  if (is_declared(name.text)) {
    claim(name, stmt);
    return;
  }
  const auto parts = elaborator_.learnt_fields(stmt, name, type);
  if (!parts) return break_name(name);
  records_[name.text] = {&stmt, type, {}, nullptr};
  for (size_t i = 0; i < parts->size(); ++i) {
    const syntax::Stmt& part = (*parts)[i];
    const Annotation& of = type.fields[i].type;
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
    // Of a series the steps are looked up one by one.
    parts.push_back(records_.at(name).steps != nullptr ? *part : elaborator_.force(*part, use));
    if (parts.back().poisoned()) return Value{};
  }
  Value record = elaborator_.builder().record(std::move(names), std::move(parts), use);
  record.span = use;
  return record;
}

/// What the equation of the whole record says of one field, "star.mass" or at a step "star.mass[2]". The equation is elaborated once
/// (a step): while it is, its fields have their types, so that other variables may lead back to them.
Value ModelElaborator::field_value(const std::string& name, Entry& entry, const Scope& scope) {
  const std::string root = entry.record;
  Record& record = records_[root];
  std::optional<Value>& known = record.values[entry.step];
  const std::string path = entry.steps != nullptr ? name.substr(0, name.rfind('[')) : name;
  if (!known) {
    std::vector<Entry*> opened;
    for (auto& [other, of] : entries_) {
      if (of.record != root || of.step != entry.step || of.typing || of.typed) continue;
      of.typing = true;
      opened.push_back(&of);
      for (Variable* variable : members(other, of)) variable->equation = elaborator_.builder().number(0, variable->span, variable->type.unit);
    }
    const Value value = elaborator_.expression(*record.stmt->value, scope);
    known = elaborator_.fit(value, record.type, record.stmt->value->span, absl::StrCat("`", root, "`"), true);
    for (Entry* of : opened) of->typing = false;
  }
  Value part = *known;
  for (size_t begin = root.size() + 1; !part.poisoned() && begin < path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    part = *part.field(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return part;
}

std::optional<Annotation> ModelElaborator::declared_type(const Entry& entry, const Scope& scope) {
  return entry.record.empty() ? elaborator_.annotation(*entry.stmt->type, scope) : std::optional(entry.declared);
}

}  // namespace acie::sema
