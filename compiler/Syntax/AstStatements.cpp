#include "compiler/Syntax/AstBuilder.h"

namespace acie::syntax {

Stmt* AstBuilder::make(Stmt::Kind kind, antlr4::ParserRuleContext* tree) {
  Stmt* stmt = context_.make<Stmt>();
  stmt->kind = kind;
  stmt->span = span(tree);
  stmt->doc = doc_before(tree);
  return stmt;
}

Stmt* AstBuilder::value_stmt(Stmt::Kind kind, antlr4::ParserRuleContext* tree, P::ExpressionContext* value) {
  Stmt* stmt = make(kind, tree);
  stmt->value = expression(value);
  return stmt;
}

std::vector<Stmt*> AstBuilder::body(antlr4::ParserRuleContext* tree) {
  std::vector<Stmt*> result;
  for (antlr4::tree::ParseTree* child : tree->children) {
    if (auto* t = dynamic_cast<P::DoStmtContext*>(child)) result.push_back(do_stmt(t));
    else if (auto* t = dynamic_cast<P::DoAskStmtContext*>(child)) result.push_back(do_ask_stmt(t));
    else if (auto* t = dynamic_cast<P::LetStmtContext*>(child)) result.push_back(let_stmt(t));
    else if (auto* t = dynamic_cast<P::ConstraintRowContext*>(child)) result.push_back(row_stmt(t));
    else if (auto* t = dynamic_cast<P::QueryStmtContext*>(child)) result.push_back(query_stmt(t));
    else if (auto* t = dynamic_cast<P::FitStmtContext*>(child)) result.push_back(fit_stmt(t));
    else if (auto* t = dynamic_cast<P::ModelStmtContext*>(child)) result.push_back(model_stmt(t));
    else if (auto* t = dynamic_cast<P::PlainStmtContext*>(child)) result.push_back(plain_stmt(t));
    else if (auto* t = dynamic_cast<P::KeywordStmtContext*>(child)) result.push_back(keyword_stmt(t));
  }
  return result;
}

std::vector<Stmt*> AstBuilder::model_body(P::ModelBodyContext* tree) { return body(tree); }

Stmt* AstBuilder::model_stmt(P::ModelStmtContext* tree) {
  if (auto* t = tree->exoStmt()) return exo_stmt(t);
  if (auto* t = tree->varStmt()) return var_stmt(t);
  if (auto* t = tree->learnStmt()) return learn_stmt(t);
  if (auto* t = tree->statStmt()) return stat_stmt(t);
  if (auto* t = tree->letStmt()) return let_stmt(t);
  if (auto* t = tree->inputStmt()) {
    Stmt* stmt = make(Stmt::Kind::Input, t);
    stmt->names = names(t->name());
    stmt->type = type(t->type());
    if (t->column() != nullptr) stmt->from = postfix(t->column()->postfix());
    if (t->expression() != nullptr) stmt->value = expression(t->expression());
    return stmt;
  }
  if (auto* t = tree->latentStmt()) {
    Stmt* stmt = make(Stmt::Kind::Latent, t);
    stmt->parents = names(t->name());
    stmt->names = {stmt->parents.front()};
    stmt->parents.erase(stmt->parents.begin());
    return stmt;
  }
  if (auto* t = tree->overStmt()) {
    Stmt* stmt = value_stmt(Stmt::Kind::Over, t, t->expression());
    stmt->names = {name(t->name())};
    stmt->body = model_body(t->modelBody());
    return stmt;
  }
  if (auto* t = tree->abductStmt()) {
    Stmt* stmt = make(Stmt::Kind::Abduct, t);
    stmt->names = names(t->nameGroup()->name());
    stmt->law = expression(t->expression());
    return stmt;
  }
  auto* t = tree->enforceStmt();
  Stmt* stmt = make(Stmt::Kind::Enforce, t);
  stmt->paths = {path(t->path())};
  stmt->names = names(t->name());
  return stmt;
}

Stmt* AstBuilder::exo_stmt(P::ExoStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::Exo, tree);
  stmt->names = names(tree->nameGroup()->name());
  if (tree->type() != nullptr) stmt->type = type(tree->type());
  stmt->law = expression(tree->expression());
  if (tree->byClause() != nullptr) stmt->method = expression(tree->byClause()->expression());
  return stmt;
}

Stmt* AstBuilder::var_stmt(P::VarStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::Var, tree);
  stmt->names = {name(tree->name(0))};
  if (tree->type() != nullptr) stmt->type = type(tree->type());
  if (tree->ASSIGN() != nullptr) stmt->value = expression(tree->expression());
  if (tree->TILDE() != nullptr) stmt->law = expression(tree->expression());
  if (tree->LT() != nullptr) {
    stmt->has_parents = true;
    stmt->parents = names(tree->name());
    stmt->parents.erase(stmt->parents.begin());
  }
  if (tree->byClause() != nullptr) stmt->method = expression(tree->byClause()->expression());
  if (tree->column() != nullptr) stmt->from = postfix(tree->column()->postfix());
  return stmt;
}

Stmt* AstBuilder::learn_stmt(P::LearnStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::Learn, tree);
  stmt->names = names(tree->name());
  if (tree->type() != nullptr) stmt->type = type(tree->type());
  size_t next = 0;
  if (tree->TILDE() != nullptr) stmt->law = expression(tree->expression(next++));
  if (tree->ASSIGN() != nullptr) stmt->value = expression(tree->expression(next));
  return stmt;
}

Stmt* AstBuilder::stat_stmt(P::StatStmtContext* tree) {
  Stmt* stmt = value_stmt(Stmt::Kind::Stat, tree, tree->expression());
  stmt->names = {name(tree->name())};
  if (tree->type() != nullptr) stmt->type = type(tree->type());
  if (tree->byClause() != nullptr) stmt->method = expression(tree->byClause()->expression());
  return stmt;
}

Stmt* AstBuilder::let_stmt(P::LetStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::Let, tree);
  stmt->names = names(tree->name());
  stmt->destructures = tree->LBRACE() != nullptr;
  if (tree->type() != nullptr) stmt->type = type(tree->type());
  (tree->TILDE() != nullptr ? stmt->law : stmt->value) = expression(tree->expression());
  return stmt;
}

Stmt* AstBuilder::do_stmt(P::DoStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::Do, tree);
  Expr* subject = postfix(tree->postfix());
  const bool sets = tree->ASSIGN() != nullptr || tree->PLUS_ASSIGN() != nullptr || tree->TILDE() != nullptr;
  size_t next = 0;
  Expr* value = sets ? expression(tree->expression(next++)) : nullptr;
  if (tree->IF() != nullptr) stmt->condition = expression(tree->expression(next));
  if (!sets && subject->kind == Expr::Kind::Call) {
    stmt->do_kind = Stmt::DoKind::Apply;
    stmt->value = subject;
    return stmt;
  }
  stmt->do_kind = tree->ASSIGN() != nullptr        ? Stmt::DoKind::Hard
                  : tree->PLUS_ASSIGN() != nullptr ? Stmt::DoKind::Shift
                  : tree->TILDE() != nullptr       ? Stmt::DoKind::Stochastic
                                                   : Stmt::DoKind::Symbolic;
  (tree->TILDE() != nullptr ? stmt->law : stmt->value) = value;

  // The target is a path, with indices where elements are set.
  Target target;
  target.span = subject->span;
  Expr* node = subject;
  if (node->kind == Expr::Kind::Index) {
    target.indices = node->indices;
    node = node->base;
  }
  target.path.span = node->span;
  while (node->kind == Expr::Kind::Member) {
    target.path.parts.insert(target.path.parts.begin(), node->name);
    node = node->base;
  }
  if (node->kind != Expr::Kind::Name) {
    diagnostics_.report(Code::A0101, subject->span, "`do` sets a variable: expected its name")
        .label(subject->span, "in a `do`");
  } else {
    target.path.parts.insert(target.path.parts.begin(), node->name);
  }
  stmt->target = std::move(target);
  return stmt;
}

Stmt* AstBuilder::do_ask_stmt(P::DoAskStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::DoAsk, tree);
  stmt->names = names(tree->name());
  return stmt;
}

Stmt* AstBuilder::world_stmt(P::WorldStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::World, tree);
  stmt->names = {name(tree->name())};
  stmt->body = body(tree);
  return stmt;
}

Stmt* AstBuilder::return_stmt(P::ReturnStmtContext* tree) {
  Stmt* stmt = make(Stmt::Kind::Return, tree);
  for (auto* result : tree->result()) {
    Result item{std::nullopt, expression(result->expression()), span(result)};
    if (result->name() != nullptr) item.name = name(result->name());
    stmt->results.push_back(std::move(item));
  }
  return stmt;
}

Stmt* AstBuilder::row_stmt(P::ConstraintRowContext* tree) {
  if (tree->letStmt() != nullptr) return let_stmt(tree->letStmt());
  size_t next = 0;
  Stmt* stmt = value_stmt(Stmt::Kind::Row, tree, tree->expression(next++));
  if (tree->TOLERANCE() != nullptr) stmt->tolerance = expression(tree->expression(next++));
  if (tree->RELATIVE() != nullptr) stmt->relative = expression(tree->expression(next));
  return stmt;
}

std::vector<Evidence> AstBuilder::evidence(const std::vector<P::EvidenceContext*>& trees) {
  std::vector<Evidence> result;
  for (auto* tree : trees) {
    result.push_back({comparison(tree->comparison()), tree->QUESTION() != nullptr,
                      tree->expression() != nullptr ? expression(tree->expression()) : nullptr, span(tree)});
  }
  return result;
}

Stmt* AstBuilder::query_stmt(P::QueryStmtContext* tree) {
  if (auto* t = tree->doStmt()) return do_stmt(t);
  if (auto* t = tree->doAskStmt()) return do_ask_stmt(t);
  if (auto* t = tree->worldStmt()) return world_stmt(t);
  if (auto* t = tree->letStmt()) return let_stmt(t);
  if (auto* t = tree->returnStmt()) return return_stmt(t);
  if (auto* t = tree->weightStmt()) return value_stmt(Stmt::Kind::Weight, t, t->expression());
  if (auto* t = tree->byStmt()) {
    Stmt* stmt = make(Stmt::Kind::By, t);
    stmt->method = expression(t->expression());
    return stmt;
  }
  auto* t = tree->givenStmt();
  Stmt* stmt = make(Stmt::Kind::Given, t);
  stmt->evidence = evidence(t->evidence());
  return stmt;
}

Stmt* AstBuilder::fit_stmt(P::FitStmtContext* tree) {
  if (auto* t = tree->doStmt()) return do_stmt(t);
  if (auto* t = tree->doAskStmt()) return do_ask_stmt(t);
  if (auto* t = tree->worldStmt()) return world_stmt(t);
  if (auto* t = tree->letStmt()) return let_stmt(t);
  if (auto* t = tree->minimizeStmt()) return value_stmt(Stmt::Kind::Minimize, t, t->expression());
  if (auto* t = tree->weightStmt()) return value_stmt(Stmt::Kind::Weight, t, t->expression());
  if (auto* t = tree->byStmt()) {
    Stmt* stmt = make(Stmt::Kind::By, t);
    stmt->method = expression(t->expression());
    return stmt;
  }
  if (auto* t = tree->observeStmt()) {
    Stmt* stmt = make(Stmt::Kind::Observe, t);
    stmt->evidence = evidence(t->evidence());
    return stmt;
  }
  if (auto* t = tree->withStmt()) {
    Stmt* stmt = make(Stmt::Kind::With, t);
    for (auto* item : t->argument()) stmt->args.push_back(argument(item));
    return stmt;
  }
  if (auto* t = tree->freezeStmt()) {
    Stmt* stmt = make(t->FREEZE() != nullptr ? Stmt::Kind::Freeze : Stmt::Kind::Train, t);
    for (auto* item : t->path()) stmt->paths.push_back(path(item));
    return stmt;
  }
  auto* t = tree->monitorStmt();
  Stmt* stmt = value_stmt(Stmt::Kind::Monitor, t, t->expression());
  stmt->names = {name(t->name())};
  return stmt;
}

Block* AstBuilder::block(P::BlockContext* tree) {
  Block* result = context_.make<Block>();
  result->span = span(tree);
  result->statements = body(tree);
  return result;
}

Stmt* AstBuilder::keyword_stmt(P::KeywordStmtContext* tree) {
  if (auto* t = tree->letStmt()) return let_stmt(t);
  if (auto* t = tree->learnStmt()) return learn_stmt(t);
  if (auto* t = tree->exoStmt()) return exo_stmt(t);
  if (auto* t = tree->returnStmt()) return return_stmt(t);
  Stmt* stmt = make(Stmt::Kind::Param, tree);
  stmt->declaration = fn_decl(tree->fnDecl());
  return stmt;
}

Stmt* AstBuilder::plain_stmt(P::PlainStmtContext* tree) {
  if (auto* t = tree->statStmt()) return stat_stmt(t);
  if (auto* t = tree->paramDecl()) {
    Stmt* stmt = make(Stmt::Kind::Param, t);
    stmt->declaration = param_decl(t);
    return stmt;
  }
  if (auto* t = tree->writeStmt()) {
    Stmt* stmt = value_stmt(Stmt::Kind::Write, t, t->expression(0));
    stmt->source = expression(t->expression(1));
    return stmt;
  }
  if (auto* t = tree->checkStmt()) {
    Stmt* stmt = make(Stmt::Kind::Check, t);
    stmt->value = postfix(t->postfix());
    return stmt;
  }
  return value_stmt(Stmt::Kind::Expression, tree, tree->expression());
}

}  // namespace acie::syntax
