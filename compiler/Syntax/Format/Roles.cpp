#include "compiler/Syntax/Format/Roles.h"

#include <algorithm>

#include "AcieParser.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;
using antlr4::ParserRuleContext;
using antlr4::tree::ParseTree;
using antlr4::tree::TerminalNode;

/// How much breaking a line disturbs, least first: lists, then the loosest operators.
enum BreakWeight { kList = 0, kBranch = 1, kLogic = 2, kComparison = 3, kSum = 4, kProduct = 5, kDefinition = 12, kBracket = 13 };

class Roles {
 public:
  explicit Roles(std::vector<Atom>& atoms) : atoms_(atoms) {}

  void visit(ParserRuleContext& declaration) {
    start_of(declaration).starts = true;
    std::vector<ParserRuleContext*> open = {&declaration};
    while (!open.empty()) {
      ParserRuleContext& tree = *open.back();
      open.pop_back();
      for (size_t i = 0; i < tree.children.size(); ++i) {
        if (auto* leaf = dynamic_cast<TerminalNode*>(tree.children[i])) {
          terminal(tree, i, *leaf->getSymbol());
        } else {
          open.push_back(static_cast<ParserRuleContext*>(tree.children[i]));
        }
      }
      body(tree);
    }
  }

 private:
  size_t index_of(const antlr4::Token& token) const {
    const auto at = std::lower_bound(atoms_.begin(), atoms_.end(), token.getStartIndex(),
                                     [](const Atom& atom, size_t start) { return atom.character < start; });
    return static_cast<size_t>(at - atoms_.begin());
  }
  Atom& start_of(ParserRuleContext& tree) { return atoms_[index_of(*tree.getStart())]; }

  static bool is_rule(const ParseTree* tree, size_t rule) {
    auto* context = dynamic_cast<const ParserRuleContext*>(tree);
    return context != nullptr && context->getRuleIndex() == rule;
  }
  static size_t leaf_type(ParseTree* tree) {
    auto* leaf = dynamic_cast<TerminalNode*>(tree);
    return leaf == nullptr ? 0 : leaf->getSymbol()->getType();
  }

  /// The braces around statements, and where these begin.
  void body(ParserRuleContext& tree) {
    ParserRuleContext* owner = &tree;
    switch (tree.getRuleIndex()) {
      case P::RuleBlock: case P::RuleModelBody:
        owner = static_cast<ParserRuleContext*>(tree.parent);
        break;
      case P::RuleInterventionDecl: case P::RuleConstraintDecl: case P::RuleQueryDecl: case P::RuleFitDecl: case P::RuleWorldStmt:
        break;
      default:
        return;
    }
    const bool inner = owner->getRuleIndex() == P::RulePrimary;
    if (!inner) start_of(*owner).header = true;
    bool inside = false;
    for (ParseTree* child : tree.children) {
      const size_t type = leaf_type(child);
      if (type == P::LBRACE || type == P::RBRACE) {
        Atom& brace = atoms_[index_of(*static_cast<TerminalNode*>(child)->getSymbol())];
        brace.bracket = inner ? Atom::Bracket::Inner : Atom::Bracket::Body;
        brace.tight_before = brace.tight_after = false;
        inside = type == P::LBRACE;
      } else if (inside && type == 0 && !is_rule(child, P::RuleSeparator)) {
        start_of(*static_cast<ParserRuleContext*>(child)).starts = true;
      }
    }
  }

  void terminal(ParserRuleContext& tree, size_t child, const antlr4::Token& token) {
    const size_t type = token.getType();
    if (type == P::END || type == antlr4::Token::EOF) return;
    Atom& atom = atoms_[index_of(token)];
    const size_t rule = tree.getRuleIndex();
    const auto tight = [&](bool before, bool after) {
      atom.tight_before = before;
      atom.tight_after = after;
    };
    switch (type) {
      case P::LPAREN: case P::LBRACKET:
        tight(rule == P::RuleSuffix || rule == P::RuleParameters || rule == P::RuleGenerics || rule == P::RuleBaseType || rule == P::RuleType, true);
        atom.break_after = kBracket;
        break;
      case P::LBRACE: tight(false, true); break;
      case P::RPAREN: case P::RBRACKET: case P::RBRACE: tight(true, false); break;
      case P::DOT: case P::CARET: tight(true, true); break;
      case P::DOTDOT: tight(child > 0, child + 1 < tree.children.size()); break;
      case P::COMMA:
        tight(true, false);
        atom.break_after = kList;
        atom.first_item = first_item(tree, child);
        break;
      case P::SEMI:
        tight(true, false);
        if (rule == P::RuleSeparator) atom.separator = Atom::Separator::Needless;
        break;
      case P::COLON: tight(!stands_apart(rule), false); break;
      case P::QUESTION: tight(true, false); break;
      case P::STREAM_OF: case P::LAW_OF: tight(false, true); break;
      case P::BAR:
        if (rule == P::RuleExpression) tight(child > 0, child == 0);
        if (rule == P::RuleTypeDecl) atom.break_before = kList;
        break;
      case P::GT:
        atom.closes_type = rule == P::RuleBaseType;
        if (atom.closes_type) tight(true, false);
        if (rule == P::RuleComparison) atom.break_before = kComparison;
        break;
      case P::LT:
        if (rule == P::RuleVarStmt) tight(false, true);
        if (rule == P::RuleComparison) atom.break_before = kComparison;
        break;
      case P::EQ: case P::NE: case P::LE: case P::GE: atom.break_before = kComparison; break;
      case P::PLUS: case P::MINUS:
        if (rule == P::RuleNegated) tight(false, true);
        if (rule == P::RuleSum && is_index(tree)) tight(true, true);
        else if (rule == P::RuleSum) atom.break_before = kSum;
        break;
      case P::STAR: case P::SLASH: case P::AT_SIGN: atom.break_before = kProduct; break;
      case P::AND: case P::OR:
        if (rule == P::RuleConjunction || rule == P::RuleDisjunction) atom.break_before = kLogic;
        break;
      case P::THEN: case P::ELSE:
        if (rule == P::RuleExpression) atom.break_before = kBranch;
        break;
      case P::PIPE: atom.break_before = kList; break;
      case P::ARROW: atom.break_before = kList; break;
      case P::ASSIGN: case P::TILDE:
        if (rule != P::RuleParameter && rule != P::RuleIndex && rule != P::RuleResult && rule != P::RuleEvidence) atom.break_after = kDefinition;
        break;
    }
  }

  /// `var x : f64`, but `f(x: f64)` and `{x: 1}`.
  static bool stands_apart(size_t rule) {
    switch (rule) {
      case P::RuleParameter: case P::RuleLambdaParameter: case P::RuleField: case P::RuleRecordField: case P::RuleArgument: case P::RuleType:
        return false;
      default:
        return true;
    }
  }

  /// A small sum with a number where one counts: `x[t-1]`, `0..n+1`, `f64[N+1]`.
  static bool is_index(ParserRuleContext& sum) {
    bool number = false;
    for (size_t i = 0; i < sum.children.size(); i += 2) {
      auto* operand = static_cast<ParserRuleContext*>(sum.children[i]);
      if (operand->getStart() != operand->getStop()) return false;
      number = number || operand->getStart()->getType() == P::INTEGER;
    }
    if (!number) return false;
    for (auto* tree = static_cast<ParserRuleContext*>(sum.parent); tree != nullptr; tree = static_cast<ParserRuleContext*>(tree->parent)) {
      const size_t rule = tree->getRuleIndex();
      if (rule == P::RuleIndex) return true;
      if (tree->children.size() > 1) return rule == P::RuleRange || rule == P::RuleType || rule == P::RuleBaseType;
    }
    return false;
  }

  /// Of the items that commas divide, the first before the comma that is child number `comma`.
  size_t first_item(ParserRuleContext& tree, size_t comma) const {
    // The comma before it knows already.
    if (comma >= 2 && leaf_type(tree.children[comma - 2]) == P::COMMA) {
      return atoms_[index_of(*static_cast<TerminalNode*>(tree.children[comma - 2])->getSymbol())].first_item;
    }
    ParseTree* child = tree.children[comma - 1];
    if (auto* leaf = dynamic_cast<TerminalNode*>(child)) return index_of(*leaf->getSymbol());
    return index_of(*static_cast<ParserRuleContext*>(child)->getStart());
  }

  std::vector<Atom>& atoms_;
};

}  // namespace

void assign_roles(ParserRuleContext& declaration, std::vector<Atom>& atoms) { Roles(atoms).visit(declaration); }

}  // namespace acie::syntax
