// How indices are written.
#pragma once

#include "compiler/Syntax/AST.h"

namespace acie::sema {

/// `x[new]`: an axis that stretches.
inline bool is_new(const syntax::Index& index) {
  return index.kind == syntax::Index::Kind::Value && !index.name && index.value->kind == syntax::Expr::Kind::Name && index.value->name.text == "new";
}

/// `-1` as it is written: counts from the end. A computed negative index is a mistake.
inline bool counts_from_end(const syntax::Expr& expr) {
  return expr.kind == syntax::Expr::Kind::Unary && expr.unary == syntax::UnaryOp::Neg && expr.operands[0]->kind == syntax::Expr::Kind::Integer;
}

}  // namespace acie::sema
