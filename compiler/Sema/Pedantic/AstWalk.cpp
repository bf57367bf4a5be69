#include "compiler/Sema/Pedantic/AstWalk.h"

namespace acie::sema {
namespace {

using syntax::Expr;
using syntax::Stmt;

// The parser bounds how deep text nests, so that recursion is safe.
class Walker {
 public:
  explicit Walker(const AstVisitor& visitor) : visitor_(visitor) {}

  void visit(const Expr* expr) {
    if (expr == nullptr || (visitor_.expr && !visitor_.expr(*expr))) return;
    visit(expr->base);
    for (const Expr* operand : expr->operands) visit(operand);
    for (const syntax::Argument& argument : expr->args) {
      visit(argument.value);
      if (argument.generator) visit(*argument.generator);
    }
    visit(expr->indices);
    visit(expr->indices2);
    visit(expr->params);
    for (const syntax::RecordField& field : expr->fields) visit(field.value);
    if (expr->generator) visit(*expr->generator);
    visit(expr->block);
  }

  void visit(const Stmt* stmt) {
    if (stmt == nullptr) return;
    if (visitor_.stmt) visitor_.stmt(*stmt);
    visit(stmt->type);
    for (const Expr* expr : {stmt->value, stmt->law, stmt->method, stmt->from, stmt->condition, stmt->tolerance, stmt->relative, stmt->source}) visit(expr);
    if (stmt->target) visit(stmt->target->indices);
    for (const syntax::Evidence& item : stmt->evidence) {
      visit(item.subject);
      visit(item.value);
    }
    for (const syntax::Result& item : stmt->results) visit(item.value);
    for (const syntax::Argument& argument : stmt->args) visit(argument.value);
    for (const Stmt* inner : stmt->body) visit(inner);
    if (stmt->declaration != nullptr) visit(*stmt->declaration);
  }

  void visit(const syntax::Decl& decl) {
    visit(decl.type);
    visit(decl.value);
    for (const Expr* value : decl.values) visit(value);
    visit(decl.params);
    visit(decl.block);
    for (const Stmt* stmt : decl.body) visit(stmt);
  }

 private:
  void visit(const syntax::Type* type) {
    if (type == nullptr) return;
    if (visitor_.type) visitor_.type(*type);
    visit(type->element);
    for (const syntax::Field& field : type->fields) visit(field.type);
    for (const Expr* dim : type->dims) visit(dim);
    visit(type->range_low);
    visit(type->range_high);
    visit(type->scale);
  }
  void visit(const syntax::Generator& generator) {
    for (const auto& [name, values] : generator.clauses) visit(values);
    visit(generator.condition);
  }
  void visit(const std::vector<syntax::Index>& indices) {
    for (const syntax::Index& index : indices) {
      visit(index.value);
      visit(index.low);
      visit(index.high);
    }
  }
  void visit(const std::vector<syntax::Parameter>& params) {
    for (const syntax::Parameter& param : params) {
      visit(param.type);
      visit(param.default_value);
    }
  }
  void visit(const syntax::Block* block) {
    if (block == nullptr) return;
    for (const Stmt* stmt : block->statements) visit(stmt);
  }

  const AstVisitor& visitor_;
};

}  // namespace

void walk(const syntax::Decl& decl, const AstVisitor& visitor) { Walker(visitor).visit(decl); }
void walk(const syntax::Stmt& stmt, const AstVisitor& visitor) { Walker(visitor).visit(&stmt); }
void walk(const syntax::Expr& expr, const AstVisitor& visitor) { Walker(visitor).visit(&expr); }

bool any_expr(const syntax::Expr& expr, const std::function<bool(const syntax::Expr&)>& matches) {
  bool found = false;
  AstVisitor visitor;
  visitor.expr = [&](const syntax::Expr& part) {
    found = found || matches(part);
    return !found;
  };
  walk(expr, visitor);
  return found;
}

}  // namespace acie::sema
