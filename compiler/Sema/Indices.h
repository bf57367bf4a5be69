// How indices are written.
#pragma once

#include <string>
#include <vector>

#include "compiler/Syntax/AST.h"

namespace acie::sema {

/// `x[name]`, a name by itself.
inline bool is_name(const syntax::Index& index, const std::string& name) {
  return index.kind == syntax::Index::Kind::Value && !index.name && index.value->kind == syntax::Expr::Kind::Name && index.value->name.text == name;
}

/// `x[new]`: an axis that stretches.
inline bool is_new(const syntax::Index& index) { return is_name(index, "new"); }

/// `x[t]`, `x[t, i]`: elements of every step, where `step` is what steps are called.
inline bool are_of_every(const std::string& step, const std::vector<syntax::Index>& indices) { return !indices.empty() && is_name(indices[0], step); }

/// `-1` as it is written: counts from the end. A computed negative index is a mistake.
inline bool counts_from_end(const syntax::Expr& expr) {
  return expr.kind == syntax::Expr::Kind::Unary && expr.unary == syntax::UnaryOp::Neg && expr.operands[0]->kind == syntax::Expr::Kind::Integer;
}

}  // namespace acie::sema
