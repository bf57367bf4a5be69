// Texts: the type `str`. A value stands for a text by its place among those that the program writes and the run meets, so that
// kernels compare numbers; equality is all there is.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {

Type Elaborator::text_type() {
  Program& program = this->program();
  if (program.texts == nullptr) program.texts = program.make(FiniteType{"str", {""}, true});
  Type type = plain(ScalarKind::I64);
  type.finite = program.texts;
  return type;
}

Value Elaborator::text(const std::string& content, Span span) {
  if (content.empty()) {
    diagnostics_.report(Code::A0304, span, "a text has letters: an empty cell is a missing value").note("compare with a word of your own, such as \"none\"");
    return Value{};
  }
  Expr expr;
  expr.kind = Expr::Kind::Constant;
  expr.type = text_type();
  std::vector<std::string>& texts = program().texts->values;
  const auto found = std::find(texts.begin(), texts.end(), content);
  expr.integer = found - texts.begin();
  if (found == texts.end()) texts.push_back(content);
  expr.span = span;
  return Builder::value(program().make(std::move(expr)));
}

}  // namespace acie::sema
