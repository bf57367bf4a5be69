#include "compiler/lsp/SyntaxPath.h"

namespace acie::lsp {
namespace {

using Visit = std::function<void(const SyntaxNode&)>;

void expr(const syntax::Expr* e, const Visit& visit) {
  if (e != nullptr) visit({e->span, nullptr, nullptr, e});
}

void type(const syntax::Type* t, const Visit& visit) {
  if (t != nullptr) visit({t->span, nullptr, nullptr, nullptr});
}

void parameters(const std::vector<syntax::Parameter>& parameters, const Visit& visit) {
  for (const syntax::Parameter& parameter : parameters) {
    type(parameter.type, visit);
    expr(parameter.default_value, visit);
  }
}

void generator(const std::optional<syntax::Generator>& generator, const Visit& visit) {
  if (!generator) return;
  for (const auto& [name, over] : generator->clauses) expr(over, visit);
  expr(generator->condition, visit);
}

void arguments(const std::vector<syntax::Argument>& arguments, const Visit& visit) {
  for (const syntax::Argument& argument : arguments) {
    expr(argument.value, visit);
    generator(argument.generator, visit);
  }
}

void indices(const std::vector<syntax::Index>& indices, const Visit& visit) {
  for (const syntax::Index& index : indices) {
    expr(index.value, visit);
    expr(index.low, visit);
    expr(index.high, visit);
  }
}

void statements(const std::vector<syntax::Stmt*>& statements, const Visit& visit) {
  for (const syntax::Stmt* stmt : statements) visit({stmt->span, nullptr, stmt, nullptr});
}

}  // namespace

void for_each_child(const SyntaxNode& node, const Visit& visit) {
  if (const syntax::Decl* decl = node.decl) {
    parameters(decl->params, visit);
    type(decl->type, visit);
    expr(decl->value, visit);
    for (const syntax::Expr* value : decl->values) expr(value, visit);
    statements(decl->body, visit);
    if (decl->block != nullptr) statements(decl->block->statements, visit);
  } else if (const syntax::Stmt* stmt = node.stmt) {
    type(stmt->type, visit);
    for (const syntax::Expr* e : {stmt->value, stmt->law, stmt->method, stmt->from, stmt->condition, stmt->tolerance, stmt->relative, stmt->source}) expr(e, visit);
    if (stmt->target) indices(stmt->target->indices, visit);
    for (const syntax::Evidence& evidence : stmt->evidence) {
      expr(evidence.subject, visit);
      expr(evidence.value, visit);
    }
    for (const syntax::Result& result : stmt->results) expr(result.value, visit);
    arguments(stmt->args, visit);
    statements(stmt->body, visit);
    if (stmt->declaration != nullptr) visit({stmt->declaration->span, stmt->declaration, nullptr, nullptr});
  } else if (const syntax::Expr* e = node.expr) {
    expr(e->base, visit);
    for (const syntax::Expr* operand : e->operands) expr(operand, visit);
    arguments(e->args, visit);
    indices(e->indices, visit);
    indices(e->indices2, visit);
    parameters(e->params, visit);
    for (const syntax::RecordField& field : e->fields) expr(field.value, visit);
    generator(e->generator, visit);
    if (e->block != nullptr) statements(e->block->statements, visit);
  }
}

std::vector<SyntaxNode> syntax_path(const syntax::File& file, uint32_t offset) {
  std::vector<SyntaxNode> path;
  const auto holds = [&](Span span) { return span.begin <= offset && offset <= span.end; };
  for (const syntax::Decl* decl : file.declarations) {
    if (holds(decl->span) && (path.empty() || decl->span.begin == offset)) path = {{decl->span, decl, nullptr, nullptr}};
  }
  while (!path.empty()) {
    SyntaxNode inner;
    bool found = false;
    for_each_child(path.back(), [&](const SyntaxNode& child) {
      // Of two that touch here the one that begins here.
      if (!holds(child.span) || (found && child.span.begin < inner.span.begin)) return;
      inner = child;
      found = true;
    });
    if (!found) break;
    path.push_back(inner);
  }
  return path;
}

}  // namespace acie::lsp
