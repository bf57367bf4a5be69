#include "tests/unit/syntax/ProgramGenerator.h"

#include <cctype>
#include <set>
#include <sstream>

namespace acie::syntax {
namespace {

const char* const kEnd = "<end>";        // between statements: something must stand here
const char* const kMaybe = "<maybe>";    // at the edges of a body: something may

/// After these a line goes on.
bool continues_after(const std::string& word) {
  static const std::set<std::string> kWords = {",", "(", "[", "{", ":", ".", "not", "if", "then", "else", "->", "|>", "..", "==",
      "!=", "<=", ">=", "+=", "<", "=", "~", "+", "-", "*", "/", "@", "^", "|", "and", "or"};
  return kWords.count(word) > 0;
}

bool continues_before(const std::string& word) {
  static const std::set<std::string> kWords = {",", ".", ")", "]", "then", "else", "as", "->", "|>", "..", "==", "!=", "<=", ">=",
      "+=", "=", "~", "+", "-", "*", "/", "@", "^", "and", "or", "|"};
  return kWords.count(word) > 0;
}

/// Begins a statement where it begins a line.
bool is_reserved(const std::string& word) {
  static const std::set<std::string> kWords = {"exo", "var", "learn", "let", "return", "do", "do?", "given", "fn", "import",
      "const", "mechanism", "model", "intervention", "constraint", "query", "fit"};
  return kWords.count(word) > 0;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '`' || c == '"' || (c & 0x80) != 0; }

}  // namespace

void ProgramGenerator::say(const std::string& words) {
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    for (char& c : word) c = c == '$' ? ' ' : c;
    words_.push_back(word);
  }
}

void ProgramGenerator::name() {
  one_of({"x", "y", "z", "mass", "μ", "σ_2", "`H+`", "tolerance", "key", "unit", "weight", "from", "input", "a_rather_long_name_of_something", "graph", "T"});
}

void ProgramGenerator::path() { list(2, [&] { name(); }, "."); }

void ProgramGenerator::type(int depth) {
  switch (below(depth > 0 ? 7 : 3)) {
    case 0: one_of({"f64", "i32", "bool", "str"}); break;
    case 1: one_of({"f64<Msun/yr>", "f32<m^2/(s*kg)^(1/2)>", "f64<$km$/$s$>"}); break;
    case 2: path(); break;
    case 3: say("law<"), type(depth - 1), say(">"); break;
    case 4: say("stream<"), type(depth - 1), say(">"); break;
    case 5:
      say("{"), list(3, [&] { name(), say(":"), type(depth - 1); });
      if (chance(4)) say(",");
      say("}");
      break;
    case 6: one_of({"f32", "f64<Jy>"}), say("["), list(2, [&] { expression(0); }), say("]"); break;
  }
  if (chance(6)) say("?");
  if (chance(6)) say("in"), one_of({"0", "- 4", "n - 1", "a * b"}), say(".."), one_of({"1", "inf", "N + 1"});
  if (chance(8)) say("at"), name();
  if (chance(8)) say("under"), name();
}

void ProgramGenerator::record(int depth) {
  say("{");
  list(3, [&] {
    if (chance(3)) say(".."), operand(depth - 1);
    else name(), say(":"), expression(depth - 1);
  });
  if (chance(4)) say(",");
  say("}");
}

void ProgramGenerator::generator(int depth) {
  say("for"), list(2, [&] { name(), say("in"), expression(depth); });
  if (chance(3)) say("if"), expression(depth);
}

void ProgramGenerator::argument(int depth) {
  if (chance(3)) one_of({"by:", "if:", "draws :", "model:", "x :", "return:", "on :"});
  expression(depth);
  if (chance(8)) generator(depth);
}

void ProgramGenerator::call(int depth) {
  say("(");
  if (!chance(6)) {
    list(5, [&] { argument(depth); });
    if (chance(6)) say(",");
  }
  say(")");
}

void ProgramGenerator::index(int depth) {
  const auto item = [&] {
    switch (below(6)) {
      case 0: say(".."); break;
      case 1: operand(depth), say(".."); break;
      case 2: say(".."), operand(depth); break;
      case 3: name(), say("="), expression(depth); break;
      case 4: one_of({"t - 1", "i + 1", "i - j"}); break;
      default: expression(depth);
    }
  };
  say("["), list(3, item);
  if (chance(5)) say(";"), list(2, item);
  say("]");
}

void ProgramGenerator::operand(int depth) {
  switch (below(depth > 0 ? 11 : 3)) {
    case 0: one_of({"1", "0x1F", "1_000", "2.5", "1e-26", "6.02e23"}); break;
    case 1: one_of({"3<m>", "299792458<m/s>", "\"a$text,$//$of$it\"", "true", "\"\\\"\"", "0.5<%>"}); break;
    case 2: name(); break;
    case 3: say("("), expression(depth - 1), say(")"); break;
    case 4: say("("), expression(depth - 1), say(","), expression(depth - 1), say(")"); break;
    case 5:
      say("[");
      if (chance(3)) expression(depth - 1), generator(depth - 1);
      else if (!chance(6)) list(6, [&] { expression(depth - 1); });
      say("]");
      break;
    case 6: record(depth); break;
    case 7: block(depth - 1); break;
    case 8: say("at"), name(), block(depth - 1); break;
    case 9: name(), call(depth - 1); break;
    case 10: name(), index(depth - 1); break;
  }
  if (depth > 0 && chance(5)) say("."), one_of({"x", "if", "do", "mean", "model", "and"});
  if (depth > 0 && chance(6)) chance(2) ? call(depth - 1) : index(depth - 1);
}

void ProgramGenerator::infix(int depth) {
  operand(depth);
  for (size_t more = below(4); more > 0; --more) {
    if (chance(4)) one_of({"^ 2", "^ - 1.5", "^ n"});
    one_of({"+", "-", "*", "/", "@", "+ -", "* -", "and", "or not", "|>"});
    operand(depth);
  }
  if (chance(8)) one_of({"as f32", "as$<km>", "as<m/s>"});
}

void ProgramGenerator::expression(int depth) {
  if (depth <= 0) return operand(0);
  switch (below(9)) {
    case 0: say("if"), expression(depth - 1), say("then"), expression(depth - 1), say("else"), expression(depth - 1); break;
    case 1:
      say("|"), list(2, [&] {
        name();
        if (chance(3)) say(":"), type(0);
      }), say("|"), expression(depth - 1);
      break;
    case 2: say("-"), operand(depth - 1); break;
    case 3: say("not"), operand(depth - 1); break;
    case 4: operand(depth - 1), one_of({"<", ">", "<=", ">=", "==", "!="}), operand(depth - 1); break;
    case 5: operand(depth - 1), say(".."), operand(depth - 1); break;
    default: infix(depth - 1);
  }
}

template <class Statement>
void ProgramGenerator::body(const Statement& statement) {
  say("{"), say(kMaybe);
  for (size_t more = below(5); more > 0; --more) {
    statement();
    if (more > 1) say(kEnd);
  }
  say(kMaybe), say("}");
}

void ProgramGenerator::let_statement(int depth) {
  say("let");
  if (chance(5)) say("{"), names(), say("}");
  else name();
  if (chance(4)) say(":"), type(1);
  say(chance(5) ? "~" : "="), expression(depth);
}

void ProgramGenerator::keyword_statement(int depth) {
  switch (below(5)) {
    case 0: case 1: let_statement(depth); break;
    case 2: say("return"), list(2, [&] {
        if (chance(3)) name(), say("=");
        expression(depth);
      });
      break;
    case 3: say("exo"), name(), say("~"), expression(depth); break;
    case 4: say("fn"), name(), parameters(0), say("->"), type(0), block(0); break;
  }
}

void ProgramGenerator::plain_statement(int depth) {
  switch (below(6)) {
    case 0: say("stat"), name(), say("="), expression(depth); break;
    case 1: say("param"), name(), say(":"), type(0), say("="), expression(depth); break;
    case 2: say("write"), name(), call(depth), say("from"), expression(depth); break;
    case 3: say("check"), name(), call(depth); break;
    default: expression(depth);
  }
}

void ProgramGenerator::block(int depth) {
  body([&] { chance(3) ? plain_statement(depth) : keyword_statement(depth); });
}

void ProgramGenerator::parameters(int depth) {
  say("(");
  if (!chance(5)) {
    list(4, [&] {
      name(), say(":"), type(1);
      if (chance(4)) say("="), expression(depth);
    });
    if (chance(6)) say(",");
  }
  say(")");
}

void ProgramGenerator::model_statement(int depth) {
  switch (below(11)) {
    case 0: say("input"), names(), say(":"), type(1); if (chance(3)) say("from"), one_of({"\"COL\"", "columns ( \"m_{1..3}\" )"}); break;
    case 1: say("exo"), chance(4) ? (say("("), names(), say(")")) : name(); say("~"), expression(2); if (chance(4)) say("by gumbel_max"); break;
    case 2: say("var"), name(), say(":"), type(1), say("="), expression(3); if (chance(4)) say("from \"Z\""); break;
    case 3: say("var"), name(), say("~"), expression(2); if (chance(4)) say("by inverse_cdf"); break;
    case 4: say("var"), name(), say(": bool < -"), names(); break;
    case 5: say("latent"), name(), say("->"), names(); break;
    case 6:
      if (depth > 0) say("over"), name(), say("in"), expression(0), body([&] { model_statement(depth - 1); });
      else let_statement(1);
      break;
    case 7: say("learn"), names(); if (chance(2)) say(":"), type(1); if (chance(2)) say("~"), expression(1); if (chance(2)) say("="), expression(1); break;
    case 8: let_statement(3); break;
    case 9: say("abduct"), name(), say("~"), expression(2); break;
    case 10: say("enforce"), path(); if (chance(2)) say("moving"), names(); break;
  }
}

void ProgramGenerator::do_statement() {
  if (chance(5)) {
    say("do?"), names();
    return;
  }
  say("do"), name();
  if (chance(4)) say("["), one_of({"i", "t - 1", "3 .."}), say("]");
  if (!chance(6)) one_of({"=", "+=", "~"}), expression(2);
  if (chance(4)) say("if"), expression(1);
}

void ProgramGenerator::evidence() {
  list(4, [&] {
    name();
    if (chance(4)) say(". do");
    if (chance(4)) say("?");
    if (chance(3)) say("="), expression(1);
  });
}

void ProgramGenerator::shared_statement() {
  switch (below(5)) {
    case 0: do_statement(); break;
    case 1: say("world"), name(), body([&] { do_statement(); }); break;
    case 2: say("by"), one_of({"exact", "nuts ( draws : 1000 )", "identify"}); break;
    case 3: let_statement(2); break;
    case 4: say("weight"), expression(1); break;
  }
}

void ProgramGenerator::query_statement() {
  switch (below(4)) {
    case 0: say("given"), evidence(); break;
    case 1:
      say("return"), list(4, [&] {
        if (chance(3)) name(), say("=");
        expression(2);
      });
      if (chance(3)) say("by"), one_of({"identify", "estimate ( aipw )"});
      break;
    default: shared_statement();
  }
}

void ProgramGenerator::fit_statement() {
  switch (below(6)) {
    case 0: say("observe"), evidence(); break;
    case 1: say("minimize"), expression(2); break;
    case 2: say("with"), list(6, [&] { argument(1); }); break;
    case 3: one_of({"freeze", "train"}), list(3, [&] { path(); }); break;
    case 4: say("monitor"), name(), say("="), expression(2); break;
    case 5: shared_statement(); break;
  }
}

void ProgramGenerator::declaration() {
  const auto on = [&] {
    if (chance(2)) parameters(1);
    say("on"), path();
  };
  switch (below(17)) {
    case 0:
      say("import");
      if (chance(3)) {
        name();
        if (chance(3)) say("as"), name();
        if (chance(2)) say(","), name();
        say("from"), one_of({"std . astro", "\"other.acie\""});
      } else {
        one_of({"std . astro", "\"other.acie\""});
        if (chance(3)) say("as"), name();
      }
      break;
    case 1: say("unit"), name(); if (chance(2)) say("="), one_of({"<W/m^2>", "1e-26<W/m^2/Hz>"}); break;
    case 2: say("dim"), list(3, [&] { name(); if (chance(2)) say("="), expression(0); }); break;
    case 3: say("type"), name(), say("="); chance(2) ? type(2) : say("A | \"b\" | C"); break;
    case 4: say("const"), name(); if (chance(2)) say(":"), type(1); say("="), expression(3); break;
    case 5: say("param"), name(), say(":"), type(1), say("="), expression(2); break;
    case 6: let_statement(3); break;
    case 7: say("fn"), name(); if (chance(3)) say("["), names(), say("]"); parameters(1), say("->"), type(2), block(3); break;
    case 8:
      say("mechanism"), name();
      if (chance(2)) parameters(1), say("->"), type(1);
      chance(4) ? say("extern torch ( \"decoder.pt\" )") : block(3);
      break;
    case 9: case 10: say("model"), name(), body([&] { model_statement(2); }); break;
    case 11: say("intervention"), name(), on(), body([&] { chance(4) ? let_statement(2) : do_statement(); }); break;
    case 12:
      say("constraint"), name(), on(), body([&] {
        expression(2);
        if (chance(3)) say("tolerance 1e-5");
        if (chance(3)) say("relative to"), operand(1);
      });
      break;
    case 13: say("query"), name(), on(), body([&] { query_statement(); }); break;
    case 14: say("fit"), name(), on(), body([&] { fit_statement(); }); break;
    case 15: chance(2) ? (say("party"), names()) : (say("key"), name(), say("= paillier ( bits : 3072 ) held by"), name()); break;
    case 16: say("graph"), name(), parameters(1); if (chance(2)) say("->"), type(1); block(3); break;
  }
}

std::string ProgramGenerator::program() {
  words_.clear();
  say(kMaybe);
  if (chance(8)) say("edition 2027"), say(kEnd);
  for (size_t more = 1 + below(6); more > 0; --more) {
    declaration();
    if (more > 1) say(kEnd);
  }
  say(kMaybe);
  return spell();
}

std::string ProgramGenerator::blank(const std::string& left, const std::string& right, bool free) {
  const bool may_break = (free || continues_after(left) || continues_before(right)) && !is_reserved(right);
  switch (below(may_break ? 16 : 12)) {
    case 0: return "  ";
    case 1: return "\t";
    case 2: return chance(4) ? " /* c */ " : " ";
    case 3: return chance(8) ? " /* two\n lines */ " : " ";
    case 12: return "\n";
    case 13: return chance(2) ? " // c\n" : "\n\n\n";
    case 14: return chance(2) ? "\n // c \n" : "\n  ";
    case 15: return chance(4) ? " /// d\n" : " ";
  }
  // Nothing, where two tokens stay two.
  static const std::string kFree = "()[]{},;";
  static const std::set<std::string> kOperators = {"+", "-", "*", "=", "~", "@", "^", "->", "==", ":", "|"};
  const bool bracket = kFree.find(left.back()) != std::string::npos || kFree.find(right.front()) != std::string::npos;
  const bool tight = (is_word(left.back()) && kOperators.count(right) > 0) || (kOperators.count(left) > 0 && is_word(right.front()));
  return (bracket || tight) && !chance(3) ? "" : " ";
}

std::string ProgramGenerator::boundary(const std::string& left, const std::string& right) {
  static const std::vector<std::string> kWith = {";", "; ", " ;\n", ";;", "; // c\n", "\n;\n", "; /// d\n", ";\n\n\n/// d\n", "; /* c */ ",
                                                 " /* c */;", ";\n// c\n\n// e\n"};
  static const std::vector<std::string> kWithout = {"\n", "\n", "\n  ", "\n\n\n", " // c\n", "\n// c\n", "\n/// d\n", " /// d\n", "\n\n/* c */\n",
                                                    "\n/* c */ "};
  const bool needed = continues_after(left) || continues_before(right);
  const auto& choices = needed || chance(3) ? kWith : kWithout;
  return choices[below(choices.size())];
}

std::string ProgramGenerator::spell() {
  std::string out;
  std::string left;             // the last word
  std::vector<char> brackets;
  std::string between;          // what a boundary wrote, until the next word
  bool at_boundary = true;
  for (size_t i = 0; i < words_.size(); ++i) {
    const std::string& word = words_[i];
    if (word == kMaybe) {
      static const std::vector<std::string> kEdges = {"", " ", "\n", "\n", " // c\n", "\n// c\n\n", ";", "\n\n\n", " /* c */ ", "\n/// d\n"};
      if (left != "{" && continues_after(left)) out += ';';  // of a field named `if`
      out += kEdges[below(kEdges.size())];
      at_boundary = true;
      continue;
    }
    if (word == kEnd) {
      out += boundary(left, words_[i + 1]);
      at_boundary = true;
      continue;
    }
    // A word that names an argument has its `:` in it, so that it may begin a line.
    if (!at_boundary) out += blank(left, word, !brackets.empty() && brackets.back() != '{');
    at_boundary = false;
    if (word == "(" || word == "[" || word == "{") brackets.push_back(word[0]);
    if (word == ")" || word == "]" || word == "}") brackets.pop_back();
    out += word;
    left = word;
  }
  return out;
}

}  // namespace acie::syntax
