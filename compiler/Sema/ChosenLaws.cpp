// Laws that a condition chooses: of one family, whose arguments it chooses, or of two families that are made of the same noise,
// at steps whose number says which.

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {
namespace {

/// Whether the number of a step alone says what a condition is, as `t == 0`.
bool is_of_steps(const Expr* condition) {
  const std::vector<const Expr*> all = postorder(condition);
  return std::all_of(all.begin(), all.end(), [](const Expr* e) {
    return e->kind == Expr::Kind::Constant || e->kind == Expr::Kind::Places || e->kind == Expr::Kind::Apply || e->kind == Expr::Kind::View;
  });
}

}  // namespace

/// The one primitive noise that a law of the library is made of, "std_normal()"; empty where it is made otherwise.
std::string Elaborator::primitive_noise(const LawCall& law) {
  if (!law.families.empty()) {
    const std::string first = primitive_noise(law.families[0]);
    return first == primitive_noise(law.families[1]) ? first : "";
  }
  if (law.declaration == nullptr || !law.module->library || is_joint(law)) return "";
  std::string noise;
  for (const syntax::Stmt* stmt : law.declaration->block->statements) {
    if (stmt->kind != syntax::Stmt::Kind::Exo) continue;
    const std::string text = source_text(stmt->law->span);
    if (!noise.empty() || !absl::StartsWith(text, "std_") || !absl::EndsWith(text, "()")) return "";
    noise = text;
  }
  return noise;
}

/// `if t == 0 then normal(0, 3) else normal(x[t-1], 1)`.
Value Elaborator::choose_law(const Value& condition, const LawCall& then, const LawCall& otherwise, Span span) {
  Value result;
  LawCall law = then;
  law.span = span;
  const bool one_family = then.families.empty() && otherwise.families.empty() && then.declaration == otherwise.declaration && then.primitive == otherwise.primitive &&
                          then.categorical == otherwise.categorical && then.generics == otherwise.generics && then.arguments.size() == otherwise.arguments.size();
  if (one_family) {
    for (size_t i = 0; i < law.arguments.size(); ++i) {
      law.arguments[i] = choose(condition, then.arguments[i], otherwise.arguments[i], span);
      if (law.arguments[i].poisoned()) return Value{};
    }
  } else if (const std::string noise = primitive_noise(then); !noise.empty() && noise == primitive_noise(otherwise) && condition.is_number() && is_of_steps(condition.expr)) {
    law = LawCall();
    law.families = {then, otherwise};
    law.arguments = {condition};
    for (const LawCall& family : law.families) law.arguments.insert(law.arguments.end(), family.arguments.begin(), family.arguments.end());
    law.text = absl::StrCat(then.text, " or ", otherwise.text);
    law.span = span;
  } else {
    diagnostics_.report(Code::A0708, span, "laws of two families, one of which is chosen when running, are not built yet")
        .note("a condition may choose among laws of one family, `if c then normal(0, 3) else normal(1, 1)`, and the number of a step among those made of one noise, `normal` and `lognormal`; of two, declare a variable for each and choose between their values");
    return Value{};
  }
  result.kind = Value::Kind::Law;
  result.law = std::make_shared<const LawCall>(std::move(law));
  result.span = span;
  return result;
}

/// Both families from one noise: each step is of one of them.
DrawnLaw Elaborator::draw_chosen(const LawCall& law, const std::string& name, Span span, const DrawNoise& draw_noise) {
  Value noise;
  const DrawNoise once = [&](const LawCall& inner, const std::string& called, Span at, const Shape& shape) {
    if (noise.poisoned()) noise = draw_noise(inner, called, at, shape);
    return noise;
  };
  std::vector<Value> results;
  auto next = law.arguments.begin() + 1;
  for (LawCall family : law.families) {
    const auto end = next + static_cast<ptrdiff_t>(family.arguments.size());
    family.arguments.assign(next, end);
    next = end;
    results.push_back(draw(family, name, span, once).result);
    if (results.back().poisoned()) return {};
  }
  return {builder_.select(law.arguments[0], results[0], results[1], span), {}};
}

}  // namespace acie::sema
