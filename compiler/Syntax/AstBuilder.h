// Parse tree to AST: one method per grammar rule, in the files AstDeclarations, AstStatements, AstTypes and
// AstExpressions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "AcieParser.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "compiler/Syntax/AST.h"
#include "compiler/Syntax/Tokens.h"

namespace acie::syntax {

class AstBuilder {
 public:
  using P = grammar::AcieParser;

  AstBuilder(const SourceManager& sources, uint32_t file, const ByteOffsets& offsets, antlr4::TokenStream& stream,
             const std::vector<std::unique_ptr<antlr4::Token>>& docs, AstContext& context, DiagnosticEngine& diagnostics)
      : sources_(sources), file_(file), offsets_(offsets), stream_(stream), docs_(docs), context_(context),
        diagnostics_(diagnostics) {}

  Decl* declaration(P::DeclarationContext* tree);
  /// The edition's number; reports one that does not exist.
  std::string edition(P::EditionContext* tree);

 private:
  // AstDeclarations.cpp
  Decl* make(Decl::Kind kind, antlr4::ParserRuleContext* tree, P::NameContext* name);
  Decl* import_decl(P::ImportDeclContext* tree);
  Decl* unit_decl(P::UnitDeclContext* tree);
  Decl* type_decl(P::TypeDeclContext* tree);
  Decl* param_decl(P::ParamDeclContext* tree);
  Decl* fn_decl(P::FnDeclContext* tree);
  Decl* mechanism_decl(P::MechanismDeclContext* tree);
  Decl* key_decl(P::KeyDeclContext* tree);
  Decl* graph_decl(P::GraphDeclContext* tree);
  template <class Tree>
  Decl* on_model(Decl::Kind kind, Tree* tree);
  std::vector<Name> generics(P::GenericsContext* tree);
  std::vector<Parameter> parameters(P::ParametersContext* tree);
  std::string doc_before(antlr4::ParserRuleContext* tree) const;

  // AstStatements.cpp
  Stmt* make(Stmt::Kind kind, antlr4::ParserRuleContext* tree);
  std::vector<Stmt*> model_body(P::ModelBodyContext* tree);
  Stmt* model_stmt(P::ModelStmtContext* tree);
  Stmt* exo_stmt(P::ExoStmtContext* tree);
  Stmt* var_stmt(P::VarStmtContext* tree);
  Stmt* learn_stmt(P::LearnStmtContext* tree);
  Stmt* stat_stmt(P::StatStmtContext* tree);
  Stmt* let_stmt(P::LetStmtContext* tree);
  Stmt* do_stmt(P::DoStmtContext* tree);
  Stmt* do_ask_stmt(P::DoAskStmtContext* tree);
  Stmt* world_stmt(P::WorldStmtContext* tree);
  Stmt* return_stmt(P::ReturnStmtContext* tree);
  Stmt* row_stmt(P::ConstraintRowContext* tree);
  Stmt* query_stmt(P::QueryStmtContext* tree);
  Stmt* fit_stmt(P::FitStmtContext* tree);
  Stmt* keyword_stmt(P::KeywordStmtContext* tree);
  Stmt* plain_stmt(P::PlainStmtContext* tree);
  Stmt* value_stmt(Stmt::Kind kind, antlr4::ParserRuleContext* tree, P::ExpressionContext* value);
  Block* block(P::BlockContext* tree);
  std::vector<Evidence> evidence(const std::vector<P::EvidenceContext*>& trees);
  /// The statements among a body's children, in the order of the text.
  std::vector<Stmt*> body(antlr4::ParserRuleContext* tree);

  // AstTypes.cpp
  Type* type(P::TypeContext* tree);
  UnitText unit_text(antlr4::Token* token) const;
  Name name(P::NameContext* tree) const;
  Name name(const antlr4::Token* word) const;
  std::vector<Name> names(const std::vector<P::NameContext*>& trees) const;
  Path path(P::PathContext* tree) const;
  std::string string_value(antlr4::Token* token);
  Span span(const antlr4::Token* token) const { return span_of(*token, file_, offsets_); }
  std::string_view text(const antlr4::Token* token) const { return sources_.text(span(token)); }
  Span span(antlr4::ParserRuleContext* tree) const;

  // AstExpressions.cpp
  Expr* expression(P::ExpressionContext* tree);
  Expr* pipeline(P::PipelineContext* tree);
  Expr* disjunction(P::DisjunctionContext* tree);
  Expr* conjunction(P::ConjunctionContext* tree);
  Expr* negation(P::NegationContext* tree);
  Expr* comparison(P::ComparisonContext* tree);
  Expr* range(P::RangeContext* tree);
  Expr* conversion(P::ConversionContext* tree);
  Expr* sum(P::SumContext* tree);
  Expr* product(P::ProductContext* tree);
  Expr* negated(P::NegatedContext* tree);
  Expr* power(P::PowerContext* tree);
  Expr* postfix(P::PostfixContext* tree);
  Expr* suffix(Expr* base, P::SuffixContext* tree);
  Expr* primary(P::PrimaryContext* tree);
  Expr* parenthesised(P::PrimaryContext* tree);
  Expr* braced(P::PrimaryContext* tree);
  Expr* number(antlr4::Token* token);
  Argument argument(P::ArgumentContext* tree);
  Generator generator(P::GeneratorContext* tree);
  Index index(P::IndexContext* tree);
  Expr* make(Expr::Kind kind, Span span);
  Expr* binary(BinaryOp op, Span op_span, Expr* left, Expr* right);

  const SourceManager& sources_;
  uint32_t file_;
  const ByteOffsets& offsets_;
  antlr4::TokenStream& stream_;
  const std::vector<std::unique_ptr<antlr4::Token>>& docs_;
  AstContext& context_;
  DiagnosticEngine& diagnostics_;
};

}  // namespace acie::syntax
