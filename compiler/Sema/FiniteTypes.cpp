// Finite types: `type Arm = placebo | drug`. A value is a constant, called by its name or as `Arm.drug`; it compares with
// values of its type and chooses elements of tensors that have the type as a dimension.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Support/NearestName.h"

namespace acie::sema {
namespace {

bool is_finite(const syntax::Decl& declaration) { return declaration.kind == syntax::Decl::Kind::Type && declaration.type == nullptr; }

bool has(const syntax::Decl& declaration, const std::string& name) {
  return is_finite(declaration) && std::any_of(declaration.alternatives.begin(), declaration.alternatives.end(), [&](const auto& each) { return each.first == name; });
}

}  // namespace

const FiniteType* Elaborator::finite_type(const syntax::Decl& declaration) {
  if (const auto known = finite_types_.find(&declaration); known != finite_types_.end()) return known->second;
  FiniteType made;
  made.name = declaration.name.text;
  bool sound = true;
  for (const auto& [text, span] : declaration.alternatives) {
    if (const auto first = std::find(made.values.begin(), made.values.end(), text); first != made.values.end()) {
      diagnostics_.report(Code::A0202, span, absl::StrCat("`", text, "` is there twice in `", made.name, "`"))
          .label(declaration.alternatives[static_cast<size_t>(first - made.values.begin())].second, "first declared here");
      sound = false;
    }
    made.values.push_back(text);
  }
  return finite_types_[&declaration] = sound ? program().make(std::move(made)) : nullptr;
}

Type Elaborator::of_finite(const FiniteType* finite) {
  Type type = plain(ScalarKind::I64);
  type.finite = finite;
  type.range = Range{0, static_cast<double>(finite->values.size() - 1)};
  return type;
}

std::optional<Value> Elaborator::alternative_of(const syntax::Decl& declaration, const std::string& name, Span use) {
  if (!is_finite(declaration)) return std::nullopt;
  const FiniteType* finite = finite_type(declaration);
  if (finite == nullptr) return Value{};
  const auto found = std::find(finite->values.begin(), finite->values.end(), name);
  if (found == finite->values.end()) {
    report_unknown(absl::StrCat("value of `", finite->name, "` called"), name, use, finite->values);
    return Value{};
  }
  mark_used(&declaration);
  Expr expr;
  expr.kind = Expr::Kind::Constant;
  expr.type = of_finite(finite);
  expr.type.range.reset();
  expr.integer = found - finite->values.begin();
  expr.span = use;
  return Builder::value(program().make(std::move(expr)));
}

std::optional<Value> Elaborator::alternative(const std::string& name, const Module& module, Span use) {
  std::vector<const syntax::Decl*> found;
  for (const auto& [known, declaration] : module.declarations) {
    if (has(*declaration, name)) found.push_back(declaration);
  }
  if (found.empty()) {
    for (const auto& [known, meanings] : module.imported) {
      for (const Module::Imported& meaning : meanings) {
        if (!has(*meaning.declaration, name)) continue;
        found.push_back(meaning.declaration);
        mark_used(meaning.by);
      }
    }
  }
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) {
    diagnostics_.report(Code::A0213, use, absl::StrCat("`", name, "` is a value of `", found[0]->name.text, "` and of `", found[1]->name.text, "`"))
        .label(found[0]->name.span, "declared here")
        .label(found[1]->name.span, "declared here")
        .note(absl::StrCat("`", found[0]->name.text, ".", name, "` says which"));
    return Value{};
  }
  return alternative_of(*found[0], name, use);
}

const FiniteType* Elaborator::named_finite_type(const syntax::Expr& expr, const Scope& scope) {
  const std::string name = declaration_name(expr);
  if (name.empty()) return nullptr;
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
    if (s->find(expr.kind == syntax::Expr::Kind::Name ? name : expr.base->name.text, expr.span)) return nullptr;
  }
  const Module* owner = nullptr;
  const syntax::Decl* found = find_declaration(*scope.module(), name, &owner);
  if (found == nullptr || !is_finite(*found)) return nullptr;
  mark_used(found);
  return finite_type(*found);
}

bool Elaborator::averages(const Value& operand, Span span) {
  const FiniteType* finite = operand.is_number() ? operand.expr->type.finite : nullptr;
  if (finite == nullptr) return true;
  diagnostics_.report(Code::A0304, span, absl::StrCat("values of `", finite->name, "` have no average")).note(absl::StrCat("`P[x == ", example_of(*finite), "]` is the probability of one of them"));
  return false;
}

Value Elaborator::as_drawn(const Value& v, const LawCall& law, const Type& declared) {
  if (declared.finite == nullptr || !v.is_number() || v.expr->type.finite != nullptr || v.expr->type.scalar == ScalarKind::Bool || is_float(v.expr->type.scalar)) return v;
  if (declared.finite->open) {
    diagnostics_.report(Code::A0304, law.span, "a law is of numbers, not of texts").note("draw a value of a finite type, or choose by a noise: `if u > 0 then \"a\" else \"b\"`");
    return Value{};
  }
  const auto outcomes = law.categorical ? element_count(law.arguments[0].shape) : 0;
  if (outcomes != static_cast<int64_t>(declared.finite->values.size())) {
    diagnostics_.report(Code::A0304, law.span, absl::StrCat("`", declared.finite->name, "` has ", declared.finite->values.size(), " values, and this law ", law.categorical ? absl::StrCat(outcomes, " outcomes") : "is of other numbers"))
        .note("`categorical([0.3, 0.7])` has a probability for each value");
    return Value{};
  }
  Expr drawn = *v.expr;
  drawn.type.finite = declared.finite;
  Value result = v;
  result.expr = program().make(std::move(drawn));
  return result;
}

}  // namespace acie::sema
