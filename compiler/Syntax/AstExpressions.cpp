#include "absl/strings/str_cat.h"
#include "compiler/Syntax/AstBuilder.h"

namespace acie::syntax {
namespace {

/// The only child of a layer without an operator, which is nearly every one; else null. The grammar fixes its type.
template <class Child>
Child* sole(const antlr4::ParserRuleContext* tree) {
  return tree->children.size() == 1 ? static_cast<Child*>(tree->children.front()) : nullptr;
}

}  // namespace

Expr* AstBuilder::make(Expr::Kind kind, Span at) {
  Expr* expr = context_.make<Expr>();
  expr->kind = kind;
  expr->span = at;
  return expr;
}

Expr* AstBuilder::binary(BinaryOp op, Span op_span, Expr* left, Expr* right) {
  Expr* expr = make(Expr::Kind::Binary, cover(left->span, right->span));
  expr->binary = op;
  expr->op_span = op_span;
  expr->operands = {left, right};
  return expr;
}

Expr* AstBuilder::expression(P::ExpressionContext* tree) {
  if (auto* t = dynamic_cast<P::OperatorsContext*>(tree)) return pipeline(t->pipeline());
  if (auto* t = dynamic_cast<P::ConditionalContext*>(tree)) {
    Expr* expr = make(Expr::Kind::If, span(tree));
    for (auto* operand : t->expression()) expr->operands.push_back(expression(operand));
    return expr;
  }
  auto* t = static_cast<P::LambdaContext*>(tree);
  Expr* expr = make(Expr::Kind::Lambda, span(tree));
  for (auto* parameter : t->lambdaParameter()) {
    expr->params.push_back({name(parameter->name()), parameter->type() != nullptr ? type(parameter->type()) : nullptr,
                            nullptr, span(parameter)});
  }
  expr->operands = {expression(t->expression())};
  return expr;
}

Expr* AstBuilder::pipeline(P::PipelineContext* tree) {
  if (auto* only = sole<P::DisjunctionContext>(tree)) return disjunction(only);
  Expr* left = disjunction(tree->disjunction(0));
  for (size_t i = 1; i < tree->disjunction().size(); ++i) {
    Expr* right = disjunction(tree->disjunction(i));
    Expr* expr = make(Expr::Kind::Pipe, cover(left->span, right->span));
    expr->op_span = span(tree->PIPE(i - 1)->getSymbol());
    expr->operands = {left, right};
    left = expr;
  }
  return left;
}

Expr* AstBuilder::disjunction(P::DisjunctionContext* tree) {
  if (auto* only = sole<P::ConjunctionContext>(tree)) return conjunction(only);
  Expr* left = conjunction(tree->conjunction(0));
  for (size_t i = 1; i < tree->conjunction().size(); ++i) {
    left = binary(BinaryOp::Or, span(tree->OR(i - 1)->getSymbol()), left, conjunction(tree->conjunction(i)));
  }
  return left;
}

Expr* AstBuilder::conjunction(P::ConjunctionContext* tree) {
  if (auto* only = sole<P::NegationContext>(tree)) return negation(only);
  Expr* left = negation(tree->negation(0));
  for (size_t i = 1; i < tree->negation().size(); ++i) {
    left = binary(BinaryOp::And, span(tree->AND(i - 1)->getSymbol()), left, negation(tree->negation(i)));
  }
  return left;
}

Expr* AstBuilder::negation(P::NegationContext* tree) {
  if (auto* only = sole<P::ComparisonContext>(tree)) return comparison(only);
  Expr* expr = make(Expr::Kind::Unary, span(tree));
  expr->unary = UnaryOp::Not;
  expr->op_span = span(tree->NOT()->getSymbol());
  expr->operands = {negation(tree->negation())};
  return expr;
}

Expr* AstBuilder::comparison(P::ComparisonContext* tree) {
  if (auto* only = sole<P::RangeContext>(tree)) return range(only);
  Expr* left = range(tree->range(0));
  if (tree->range().size() == 1) return left;
  const auto token = [&](antlr4::tree::TerminalNode* node) { return span(node->getSymbol()); };
  Expr* right = range(tree->range(1));
  if (auto* op = tree->EQ()) return binary(BinaryOp::Eq, token(op), left, right);
  if (auto* op = tree->NE()) return binary(BinaryOp::Ne, token(op), left, right);
  if (auto* op = tree->LT()) return binary(BinaryOp::Lt, token(op), left, right);
  if (auto* op = tree->LE()) return binary(BinaryOp::Le, token(op), left, right);
  if (auto* op = tree->GT()) return binary(BinaryOp::Gt, token(op), left, right);
  return binary(BinaryOp::Ge, token(tree->GE()), left, right);
}

Expr* AstBuilder::range(P::RangeContext* tree) {
  if (auto* only = sole<P::ConversionContext>(tree)) return conversion(only);
  Expr* low = conversion(tree->conversion(0));
  if (tree->DOTDOT() == nullptr) return low;
  Expr* high = conversion(tree->conversion(1));
  Expr* expr = make(Expr::Kind::Range, cover(low->span, high->span));
  expr->op_span = span(tree->DOTDOT()->getSymbol());
  expr->operands = {low, high};
  return expr;
}

Expr* AstBuilder::conversion(P::ConversionContext* tree) {
  if (auto* only = sole<P::SumContext>(tree)) return sum(only);
  Expr* expr = sum(tree->sum());
  // The conversions in the order of the text.
  for (size_t i = 1; i < tree->children.size(); ++i) {
    auto* node = dynamic_cast<antlr4::tree::TerminalNode*>(tree->children[i]);
    antlr4::Token* token = node->getSymbol();
    if (token->getType() == P::AS) continue;
    const bool to_unit = token->getType() == P::AS_UNIT;
    Expr* converted = make(to_unit ? Expr::Kind::ConvertUnit : Expr::Kind::ConvertType, cover(expr->span, span(token)));
    converted->op_span = span(token);
    converted->operands = {expr};
    if (to_unit) converted->unit = unit_text(token);
    else converted->text = text(token);
    expr = converted;
  }
  return expr;
}

Expr* AstBuilder::sum(P::SumContext* tree) {
  if (auto* only = sole<P::ProductContext>(tree)) return product(only);
  const auto operand = [&](size_t i) { return product(static_cast<P::ProductContext*>(tree->children[i])); };
  Expr* left = operand(0);
  for (size_t i = 1; i + 1 < tree->children.size(); i += 2) {
    antlr4::Token* token = static_cast<antlr4::tree::TerminalNode*>(tree->children[i])->getSymbol();
    left = binary(token->getType() == P::PLUS ? BinaryOp::Add : BinaryOp::Sub, span(token), left, operand(i + 1));
  }
  return left;
}

Expr* AstBuilder::product(P::ProductContext* tree) {
  if (auto* only = sole<P::NegatedContext>(tree)) return negated(only);
  const auto operand = [&](size_t i) { return negated(static_cast<P::NegatedContext*>(tree->children[i])); };
  Expr* left = operand(0);
  for (size_t i = 1; i + 1 < tree->children.size(); i += 2) {
    antlr4::Token* token = static_cast<antlr4::tree::TerminalNode*>(tree->children[i])->getSymbol();
    const BinaryOp op = token->getType() == P::STAR    ? BinaryOp::Mul
                        : token->getType() == P::SLASH ? BinaryOp::Div
                                                       : BinaryOp::MatMul;
    left = binary(op, span(token), left, operand(i + 1));
  }
  return left;
}

Expr* AstBuilder::negated(P::NegatedContext* tree) {
  if (auto* only = sole<P::PowerContext>(tree)) return power(only);
  Expr* expr = make(Expr::Kind::Unary, span(tree));
  expr->unary = UnaryOp::Neg;
  expr->op_span = span(tree->MINUS()->getSymbol());
  expr->operands = {negated(tree->negated())};
  return expr;
}

Expr* AstBuilder::power(P::PowerContext* tree) {
  if (auto* only = sole<P::PostfixContext>(tree)) return postfix(only);
  Expr* base = postfix(tree->postfix());
  Expr* exponent = negated(tree->negated());
  if (exponent->kind == Expr::Kind::Quantity) {
    const std::string unit = absl::StrCat("<", exponent->unit->text, ">");
    const Span at{file_, exponent->unit->span.begin - 1, exponent->unit->span.end + 1};
    diagnostics_.report(Code::A0105, exponent->span, "an exponent has no unit")
        .label(exponent->span, absl::StrCat("this reads as a power of ", exponent->text, " ", exponent->unit->text))
        .fix(cover(base->span, exponent->span),
             absl::StrCat("(", std::string(sources_.text({file_, base->span.begin, at.begin})), ")*1", unit),
             "give the unit to the power", Applicability::MaybeIncorrect);
  }
  return binary(BinaryOp::Pow, span(tree->CARET()->getSymbol()), base, exponent);
}

Expr* AstBuilder::postfix(P::PostfixContext* tree) {
  if (auto* only = sole<P::PrimaryContext>(tree)) return primary(only);
  Expr* expr = primary(tree->primary());
  for (auto* part : tree->suffix()) expr = suffix(expr, part);
  return expr;
}

Expr* AstBuilder::suffix(Expr* base, P::SuffixContext* tree) {
  const Span at = cover(base->span, span(tree));
  if (tree->DOT() != nullptr) {
    Expr* expr = make(Expr::Kind::Member, at);
    expr->base = base;
    expr->name = name(tree->anyWord()->getStart());  // `rows.var`: after a dot any word is a name
    return expr;
  }
  if (tree->LPAREN() != nullptr) {
    Expr* expr = make(Expr::Kind::Call, at);
    expr->base = base;
    for (auto* item : tree->argument()) expr->args.push_back(argument(item));
    return expr;
  }
  Expr* expr = make(Expr::Kind::Index, at);
  expr->base = base;
  bool second = false;
  for (antlr4::tree::ParseTree* child : tree->children) {
    if (auto* item = dynamic_cast<P::IndexContext*>(child)) (second ? expr->indices2 : expr->indices).push_back(index(item));
    else if (static_cast<antlr4::tree::TerminalNode*>(child)->getSymbol()->getType() == P::SEMI) second = true;
  }
  return expr;
}

Index AstBuilder::index(P::IndexContext* tree) {
  Index result{Index::Kind::All, std::nullopt, nullptr, nullptr, nullptr, span(tree)};
  if (tree->name() != nullptr) result.name = name(tree->name());
  if (tree->expression() != nullptr) {
    Expr* value = expression(tree->expression());
    if (value->kind == Expr::Kind::Range) {
      result.kind = Index::Kind::Slice;
      result.low = value->operands[0];
      result.high = value->operands[1];
    } else {
      result.kind = Index::Kind::Value;
      result.value = value;
    }
  } else if (tree->conversion() != nullptr) {
    result.kind = Index::Kind::Slice;
    const bool upper = dynamic_cast<antlr4::tree::TerminalNode*>(tree->children.back()) == nullptr;
    (upper ? result.high : result.low) = conversion(tree->conversion());
  }
  return result;
}

Argument AstBuilder::argument(P::ArgumentContext* tree) {
  Argument result;
  if (tree->anyWord() != nullptr) result.name = name(tree->anyWord()->getStart());
  result.value = expression(tree->expression());
  if (tree->generator() != nullptr) result.generator = generator(tree->generator());
  result.span = span(tree);
  return result;
}

Generator AstBuilder::generator(P::GeneratorContext* tree) {
  Generator result;
  for (size_t i = 0; i < tree->name().size(); ++i) {
    result.clauses.emplace_back(name(tree->name(i)), expression(tree->expression(i)));
  }
  if (tree->IF() != nullptr) result.condition = expression(tree->expression().back());
  result.span = span(tree);
  return result;
}

Expr* AstBuilder::number(antlr4::Token* token) {
  std::string_view digits = text(token);
  Expr* expr = make(token->getType() == P::INTEGER ? Expr::Kind::Integer
                    : token->getType() == P::FLOAT ? Expr::Kind::Float
                                                   : Expr::Kind::Quantity,
                    span(token));
  if (expr->kind == Expr::Kind::Quantity) {
    expr->unit = unit_text(token);
    digits = digits.substr(0, digits.find('<'));
  }
  for (const char c : digits) {
    if (c != '_') expr->text += c;
  }
  return expr;
}

Expr* AstBuilder::primary(P::PrimaryContext* tree) {
  antlr4::Token* first = tree->getStart();
  const Span at = span(tree);
  switch (first->getType()) {
    case P::QUANTITY: case P::FLOAT: case P::INTEGER:
      return number(first);
    case P::STRING: {
      Expr* expr = make(Expr::Kind::String, at);
      expr->text = string_value(first);
      return expr;
    }
    case P::TRUE: case P::FALSE: {
      Expr* expr = make(Expr::Kind::Boolean, at);
      expr->truth = first->getType() == P::TRUE;
      return expr;
    }
    case P::SCALAR: {
      Expr* expr = make(Expr::Kind::ScalarName, at);
      expr->text = text(first);
      return expr;
    }
    case P::AT: {
      Expr* expr = make(Expr::Kind::AtParty, at);
      expr->name = name(tree->name());
      expr->block = block(tree->block());
      return expr;
    }
    case P::LPAREN: return parenthesised(tree);
    case P::LBRACKET: {
      Expr* expr = make(tree->generator() != nullptr ? Expr::Kind::Comprehension : Expr::Kind::List, at);
      for (auto* item : tree->expression()) expr->operands.push_back(expression(item));
      if (tree->generator() != nullptr) expr->generator = generator(tree->generator());
      return expr;
    }
    case P::LBRACE: return braced(tree);
    default: {
      Expr* expr = make(Expr::Kind::Name, at);
      expr->name = name(first);
      return expr;
    }
  }
}

Expr* AstBuilder::parenthesised(P::PrimaryContext* tree) {
  const auto items = tree->expression();
  if (items.size() == 1) {
    // Parentheses leave no node, but the span takes them in.
    Expr* inner = expression(items.front());
    inner->span = span(tree);
    return inner;
  }
  Expr* expr = make(Expr::Kind::Tuple, span(tree));
  for (auto* item : items) expr->operands.push_back(expression(item));
  return expr;
}

Expr* AstBuilder::braced(P::PrimaryContext* tree) {
  auto* record = tree->record();
  Expr* expr = make(record != nullptr ? Expr::Kind::Record : Expr::Kind::Block, span(tree));
  if (record == nullptr) {
    expr->block = block(tree->block());
    return expr;
  }
  for (auto* field : record->recordField()) {
    expr->fields.push_back({field->name() != nullptr ? std::optional<Name>(name(field->name())) : std::nullopt,
                            expression(field->expression())});
  }
  return expr;
}

}  // namespace acie::syntax
