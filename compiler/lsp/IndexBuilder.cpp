#include "compiler/lsp/IndexBuilder.h"

#include <cctype>

namespace acie::lsp {

using syntax::Decl;
using syntax::Expr;
using syntax::Stmt;

void IndexBuilder::use(Span span, int symbol, Use::Role role) {
  if (symbol >= 0 && span.file == index_.file_) index_.uses_.push_back({span, symbol, role});
}

int IndexBuilder::find(const std::string& name) const {
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if (const auto found = frame->find(name); found != frame->end()) return found->second;
  }
  return index_.global(name);
}

int IndexBuilder::mention(const syntax::Name& name, Use::Role role) {
  const int id = find(name.text);
  use(name.span, id, role);
  return id;
}

void IndexBuilder::local(Symbol::Kind kind, const syntax::Name& name, const Stmt* stmt, const Expr* value, int owner) {
  const int id = declare(kind, name, stmt != nullptr ? stmt->span : name.span, stmt != nullptr ? stmt->doc : "", owner);
  Symbol& symbol = index_.symbols_[static_cast<size_t>(id)];
  symbol.stmt = stmt;
  symbol.type = stmt != nullptr ? stmt->type : nullptr;
  symbol.value = value;
  frames_.back()[name.text] = id;
}

void IndexBuilder::declaration(const Decl& decl, int symbol) {
  switch (decl.kind) {
    case Decl::Kind::Import:
      for (const syntax::ImportedName& item : decl.imported) {
        const int id = index_.global(item.local().text);
        use(item.name.span, id);
        if (item.alias) use(item.alias->span, id);
      }
      return;
    case Decl::Kind::Fn: case Decl::Kind::Mechanism: case Decl::Kind::Graph: return function(decl, symbol);
    default: break;
  }
  unit(decl.unit);
  type(decl.type);
  for (const Expr* value : decl.values) expression(value);
  for (const syntax::Parameter& parameter : decl.params) {
    type(parameter.type);
    expression(parameter.default_value);
  }
  if (decl.holder) mention(*decl.holder);
  // Of a model its own names; elsewhere the declaration's, then those of the model that it is on.
  const bool on_model = decl.has_model || decl.kind == Decl::Kind::Intervention || decl.kind == Decl::Kind::Query || decl.kind == Decl::Kind::Fit;
  const int of = on_model ? model(decl.path) : -1;
  const Scope inherited(*this, of >= 0 ? index_.members(of) : Frame{});
  const Scope own(*this, index_.members(symbol));
  expression(decl.value);
  statements(decl.body, symbol);
}

void IndexBuilder::function(const Decl& decl, int symbol) {
  const Scope own(*this, index_.members(symbol));
  for (const syntax::Parameter& parameter : decl.params) {
    type(parameter.type);
    expression(parameter.default_value);
  }
  type(decl.type);
  expression(decl.value);
  block(decl.block, symbol);
}

void IndexBuilder::type(const syntax::Type* type) {
  if (type == nullptr) return;
  if (type->kind == syntax::Type::Kind::Named && !type->path.parts.empty()) mention(type->path.parts[0]);
  unit(type->unit);
  this->type(type->element);
  for (const syntax::Field& field : type->fields) this->type(field.type);
  for (const Expr* dim : type->dims) expression(dim);
  expression(type->range_low);
  expression(type->range_high);
  if (type->party) mention(*type->party);
  if (type->key) mention(*type->key);
  expression(type->scale);
}

/// The names of a unit's text: letters, not the digits of a power behind `^`.
void IndexBuilder::unit(const std::optional<syntax::UnitText>& unit) {
  if (!unit) return;
  const std::string& text = unit->text;
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; };
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && (letter(text[end]) || (end > i && std::isdigit(static_cast<unsigned char>(text[end])) != 0))) ++end;
    if (end > i) {
      const auto begin = unit->span.begin + static_cast<uint32_t>(i);
      use({unit->span.file, begin, unit->span.begin + static_cast<uint32_t>(end)}, index_.unit(text.substr(i, end - i)));
    }
    i = std::max(end, i + 1);
  }
}

int IndexBuilder::expression(const Expr* expr, Use::Role role) {
  if (expr == nullptr) return -1;
  switch (expr->kind) {
    case Expr::Kind::Name: return mention(expr->name, role);
    case Expr::Kind::Member: return member(*expr, role);
    case Expr::Kind::Call: {
      const int callee = expression(expr->base);
      arguments(expr->args, callee);
      return -1;
    }
    case Expr::Kind::Index:
      expression(expr->base, role);
      indices(expr->indices);
      indices(expr->indices2);
      return -1;
    case Expr::Kind::Lambda: {
      const Scope scope(*this);
      for (const syntax::Parameter& parameter : expr->params) {
        type(parameter.type);
        local(Symbol::Kind::Step, parameter.name, nullptr, nullptr, -1);
      }
      expression(expr->operands[0]);
      return -1;
    }
    case Expr::Kind::Comprehension: {
      const Scope scope(*this);
      if (expr->generator) generator(*expr->generator);
      for (const Expr* operand : expr->operands) expression(operand);
      return -1;
    }
    case Expr::Kind::AtParty:
      mention(expr->name);
      block(expr->block, -1);
      return -1;
    default: break;
  }
  unit(expr->unit);
  for (const Expr* operand : expr->operands) expression(operand);
  for (const syntax::RecordField& field : expr->fields) expression(field.value);
  block(expr->block, -1);
  return -1;
}

int IndexBuilder::member(const Expr& expr, Use::Role role) {
  const int base = expression(expr.base);
  const bool factual = expr.base->kind == Expr::Kind::Name && base < 0 && expr.base->name.text == "factual";
  int id = -1;
  if (factual || (base >= 0 && index_.symbol(base).kind == Symbol::Kind::World)) {
    // Worlds are copies of the model: its names are what `inherited` brought in, two frames from the declaration's.
    for (const Frame& frame : frames_) {
      if (const auto found = frame.find(expr.name.text); found != frame.end()) {
        id = found->second;
        break;
      }
    }
  } else if (base >= 0) {
    if (const sema::Module* module = index_.alias(base)) id = index_.exported(*module, expr.name.text);
    else if (expr.name.text == "noise" && index_.symbol(base).kind == Symbol::Kind::Var) id = -1;
    else if (const auto found = index_.members(base).find(expr.name.text); found != index_.members(base).end() && index_.symbol(base).kind == Symbol::Kind::Model) id = found->second;
  }
  use(expr.name.span, id, role);
  return id;
}

void IndexBuilder::arguments(const std::vector<syntax::Argument>& arguments, int callee) {
  for (const syntax::Argument& argument : arguments) {
    if (argument.name) use(argument.name->span, parameter(callee, argument.name->text));
    const Scope scope(*this);
    if (argument.generator) generator(*argument.generator);
    expression(argument.value);
  }
}

void IndexBuilder::indices(const std::vector<syntax::Index>& indices) {
  for (const syntax::Index& index : indices) {
    if (index.name) mention(*index.name);
    expression(index.value);
    expression(index.low);
    expression(index.high);
  }
}

void IndexBuilder::generator(const syntax::Generator& generator) {
  for (const auto& [name, over] : generator.clauses) {
    expression(over);
    local(Symbol::Kind::Step, name, nullptr, nullptr, -1);
  }
  expression(generator.condition);
}

void IndexBuilder::block(const syntax::Block* block, int owner) {
  if (block == nullptr) return;
  const Scope scope(*this);
  for (const Stmt* stmt : block->statements) {
    // A block's names are seen by what follows them.
    statement(*stmt, owner);
    const bool declares = stmt->kind == Stmt::Kind::Let || stmt->kind == Stmt::Kind::Exo || stmt->kind == Stmt::Kind::Learn || stmt->kind == Stmt::Kind::Stat;
    if (!declares) continue;
    const Symbol::Kind kind = stmt->kind == Stmt::Kind::Let ? Symbol::Kind::Let : stmt->kind == Stmt::Kind::Exo ? Symbol::Kind::Exo : Symbol::Kind::Learn;
    for (const syntax::Name& name : stmt->names) local(kind, name, stmt, stmt->value != nullptr ? stmt->value : stmt->law, owner);
  }
}

void IndexBuilder::statements(const std::vector<Stmt*>& statements, int owner) {
  for (const Stmt* stmt : statements) statement(*stmt, owner);
}

void IndexBuilder::target(const syntax::Target& target) {
  for (size_t i = 0; i < target.path.parts.size(); ++i) mention(target.path.parts[i], i + 1 == target.path.parts.size() ? Use::Role::Write : Use::Role::Read);
  indices(target.indices);
}

void IndexBuilder::statement(const Stmt& stmt, int owner) {
  type(stmt.type);
  if (stmt.kind == Stmt::Kind::Over) {
    expression(stmt.value);
    const Scope scope(*this);
    for (const syntax::Name& name : stmt.names) local(Symbol::Kind::Step, name, nullptr, stmt.value, owner);
    statements(stmt.body, owner);
    return;
  }
  if (stmt.target) target(*stmt.target);
  if (stmt.kind == Stmt::Kind::DoAsk) {
    for (const syntax::Name& name : stmt.names) mention(name, Use::Role::Write);
  }
  for (const Expr* expr : {stmt.value, stmt.law, stmt.method, stmt.condition, stmt.tolerance, stmt.relative, stmt.source}) expression(expr);
  for (const syntax::Name& parent : stmt.parents) mention(parent);
  for (const syntax::Evidence& evidence : stmt.evidence) {
    expression(evidence.subject);
    expression(evidence.value);
  }
  for (const syntax::Result& result : stmt.results) expression(result.value);
  arguments(stmt.args, -1);
  for (const syntax::Path& path : stmt.paths) {
    if (!path.parts.empty()) mention(path.parts[0]);
  }
  statements(stmt.body, owner);
  if (stmt.declaration != nullptr) {
    Frame names;
    const int first = static_cast<int>(index_.symbols_.size());
    declare_all(*stmt.declaration, names);
    frames_.back().insert(names.begin(), names.end());
    declaration(*stmt.declaration, first);
  }
}

}  // namespace acie::lsp
