// Every expression, statement and type of a declaration, for checks that read a program as it is written.
#pragma once

#include <functional>

#include "compiler/Syntax/AST.h"

namespace acie::sema {

/// What to call for each node, before its parts; null: nothing. A false from `expr` leaves its parts out.
struct AstVisitor {
  std::function<bool(const syntax::Expr&)> expr;
  std::function<void(const syntax::Stmt&)> stmt;
  std::function<void(const syntax::Type&)> type;
};

void walk(const syntax::Decl& decl, const AstVisitor& visitor);
void walk(const syntax::Stmt& stmt, const AstVisitor& visitor);
void walk(const syntax::Expr& expr, const AstVisitor& visitor);

/// Whether an expression holds a node that `matches`.
bool any_expr(const syntax::Expr& expr, const std::function<bool(const syntax::Expr&)>& matches);

}  // namespace acie::sema
