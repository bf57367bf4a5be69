// Which tensors of more than 64 elements a query speaks of by element: these are a variable per element all the same.

#include <algorithm>
#include <functional>

#include "compiler/Sema/Models.h"

namespace acie::sema {
namespace {

using Body = std::vector<syntax::Stmt*>;
using Names = std::map<std::string, std::vector<std::string>>;  // names, and what the value of each mentions

constexpr int kMostApplied = 1024;  // as many interventions as a query may apply

/// What the statements that act in one world say of tensors.
struct Spoken {
  std::map<std::string, int> parts;  // how many set a part of it
  Names values;                      // what those that set it, or a part of it, make it of
  int applied = 0;                   // interventions, by name
};

/// What a field belongs to: "star" of "star.mass". Mentions say no more.
std::string root_of(const std::string& name) { return name.substr(0, name.find('.')); }

/// What `names` are made of: they, and what the values of those that `made` has mention.
std::set<std::string> sources(std::vector<std::string> names, const Names& made) {
  std::set<std::string> found;
  while (!names.empty()) {
    const std::string name = std::move(names.back());
    names.pop_back();
    if (!found.insert(name).second) continue;
    if (const auto value = made.find(name); value != made.end()) names.insert(names.end(), value->second.begin(), value->second.end());
  }
  return found;
}

/// What mentions what, the other way round.
Names turned(const Names& made) {
  Names result;
  for (const auto& [name, values] : made) {
    for (const std::string& value : values) result[value].push_back(name);
  }
  return result;
}

/// Adds the lets of `body`.
void add_lets(const Body& body, Names& lets) {
  for (const syntax::Stmt* stmt : body) {
    if (stmt->kind != syntax::Stmt::Kind::Let) continue;
    for (const syntax::Name& name : stmt->names) mentions(stmt->value, lets[name.text]);
  }
}

}  // namespace

/// Whether it is declared `over` steps: evidence on whole steps, and `do` of them, speak of no elements.
bool ModelElaborator::is_declared_over(const std::string& name) const {
  return std::any_of(declaration_.body.begin(), declaration_.body.end(), [&](const syntax::Stmt* stmt) {
    return stmt->kind == syntax::Stmt::Kind::Over && std::any_of(stmt->body.begin(), stmt->body.end(), [&](const syntax::Stmt* inner) {
             return std::any_of(inner->names.begin(), inner->names.end(), [&](const syntax::Name& each) { return each.text == name; });
           });
  });
}

/// Whether it, or the record that it is a field of, is a variable per element however many it has.
bool ModelElaborator::is_by_element(const std::string& name) const { return by_element_.count(name) > 0 || by_element_.count(root_of(name)) > 0; }

void ModelElaborator::speak_of_evidence(const syntax::Evidence& item) {
  const syntax::Expr* subject = item.subject;
  if (subject == nullptr) return;
  const size_t indices = subject->kind == syntax::Expr::Kind::Index ? subject->indices.size() : 0;
  if (indices > 0) subject = subject->base;
  if (subject->kind != syntax::Expr::Kind::Name) return;
  const std::string& name = subject->name.text;
  const bool part = indices > 1 || (indices == 1 && !is_declared_over(name));
  if (indices == 0) given_whole_.insert(name);
  if (part || item.value != nullptr) by_element_.insert(name);
}

void ModelElaborator::speak_of_elements(const syntax::Decl& query, const Module& module) {
  const std::function<void(const Body&, const Module&, Names, Spoken&)> add = [&](const Body& body, const Module& in, Names lets, Spoken& spoken) {
    add_lets(body, lets);
    for (const syntax::Stmt* stmt : body) {
      if (stmt->kind == syntax::Stmt::Kind::DoAsk) {
        for (const syntax::Name& name : stmt->names) by_element_.insert(name.text);
      }
      if (stmt->kind != syntax::Stmt::Kind::Do) continue;
      std::vector<std::string> names;
      for (const syntax::Expr* expr : {stmt->value, stmt->law, stmt->condition}) mentions(expr, names);
      if (stmt->target) {
        for (const syntax::Index& index : stmt->target->indices) mentions(index.value, names);
      }
      const std::set<std::string> read = sources(names, lets);
      if (stmt->target) {
        const std::string name = stmt->target->path.str();
        if (stmt->target->indices.size() > (is_declared_over(name) ? 1 : 0)) ++spoken.parts[name];
        std::vector<std::string>& values = spoken.values[name];
        values.insert(values.end(), read.begin(), read.end());
      } else if (++spoken.applied <= kMostApplied && stmt->value != nullptr && stmt->value->kind == syntax::Expr::Kind::Call) {
        const Module* owner = nullptr;
        const syntax::Decl* applied = elaborator_.find_declaration(in, Elaborator::declaration_name(*stmt->value->base), &owner);
        if (applied == nullptr || applied->kind != syntax::Decl::Kind::Intervention) continue;
        Names parameters;
        for (const syntax::Parameter& param : applied->params) parameters[param.name.text].assign(read.begin(), read.end());
        add(applied->body, *owner, std::move(parameters), spoken);
      }
    }
  };
  Names lets, model;
  add_lets(query.body, lets);
  const auto add_equations = [&](const Body& body) {
    for (const syntax::Stmt* stmt : body) {
      for (const syntax::Name& name : stmt->names) {
        for (const syntax::Expr* expr : {stmt->value, stmt->law}) mentions(expr, model[name.text]);
      }
    }
  };
  add_equations(declaration_.body);
  for (const syntax::Stmt* stmt : declaration_.body) add_equations(stmt->body);
  const auto act = [&](const Body& body) {
    Spoken spoken;
    add(body, module, lets, spoken);
    Names made = model;
    for (const auto& [name, values] : spoken.values) {
      std::vector<std::string>& all = made[root_of(name)];
      all.insert(all.end(), values.begin(), values.end());
    }
    const Names readers = spoken.parts.empty() ? Names() : turned(made);
    for (const auto& [name, count] : spoken.parts) {
      const std::string root = root_of(name);
      // What one statement reads of a tensor another may set.
      const std::vector<std::string>& values = spoken.values[name];
      if (count > 1 && std::find(values.begin(), values.end(), root) != values.end()) by_element_.insert(name);
      if (is_declared_over(root)) continue;  // steps of large tensors are not written out for that
      // And what a value reads may be made of other elements than those that it sets.
      const std::set<std::string> reading = sources({root}, readers);
      for (const std::string& through : sources(values, made)) {
        if (through != root && model.count(through) > 0 && reading.count(through) > 0) by_element_.insert({name, through});
      }
    }
  };
  act(query.body);
  for (const syntax::Stmt* stmt : query.body) {
    for (const syntax::Evidence& item : stmt->evidence) speak_of_evidence(item);
    if (stmt->kind == syntax::Stmt::Kind::World) act(stmt->body);
  }
}

}  // namespace acie::sema
