// The nodes of the syntax tree around a place, from the declaration inwards.
#pragma once

#include <functional>
#include <vector>

#include "compiler/Syntax/AST.h"

namespace acie::lsp {

struct SyntaxNode {
  Span span;
  const syntax::Decl* decl = nullptr;  // one of these is set, or none: a type, a list of arguments
  const syntax::Stmt* stmt = nullptr;
  const syntax::Expr* expr = nullptr;
};

/// Calls `visit` for the node's children, in no particular order.
void for_each_child(const SyntaxNode& node, const std::function<void(const SyntaxNode&)>& visit);

/// The nodes whose text holds `offset` or ends there, outermost first; each lies in the one before it.
std::vector<SyntaxNode> syntax_path(const syntax::File& file, uint32_t offset);

}  // namespace acie::lsp
