// `over t in 0..T { … }`: families with a variable per step.
#include "compiler/Sema/Steps.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace acie::sema {

using Kind = syntax::Stmt::Kind;

/// over t in 0..T { … }: a variable per step.
void ModelElaborator::over(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (stmt.value->kind != syntax::Expr::Kind::Range) {
    diagnostics.report(Code::A0312, stmt.value->span, "`over` runs over a range, `over t in 0..T`");
    return break_names(stmt);
  }
  const auto first = elaborator_.integer(*stmt.value->operands[0], *scope_, "the first step"), last = elaborator_.integer(*stmt.value->operands[1], *scope_, "the end of the steps");
  if (!first || !last) return break_names(stmt);
  if (*first != 0 || *last < 1 || *last > 65536) {
    diagnostics.report(Code::A0312, stmt.value->span, *first != 0 ? "steps count from 0" : *last < 1 ? "there is no step: the range is empty" : "more than 65536 steps are not built yet");
    return break_names(stmt);
  }
  auto made = std::make_unique<Steps>();
  Steps& steps = *made;
  steps.stmt = &stmt;
  steps.name = stmt.names[0].text;
  steps.count = *last;
  steps_.push_back(std::move(made));
  std::vector<std::string> names;
  for (const syntax::Stmt* inner : stmt.body) {
    switch (inner->kind) {
      case Kind::Let:
        if (inner->destructures || is_declared(inner->names[0].text) || !steps.lets.emplace(inner->names[0].text, inner).second) {
          diagnostics.report(Code::A0202, inner->span, absl::StrCat("`", inner->names[0].text, "` is declared twice in `", model_->name, "`"));
          sound_ = false;
        }
        break;
      case Kind::Input: case Kind::Exo: case Kind::Var: {
        if (inner->type != nullptr && !inner->type->dims.empty()) {
          diagnostics.report(Code::A0706, inner->type->span, "vectors inside `over` are not built yet").note("declare a variable per element");
          break_names(*inner);
          break;
        }
        for (const syntax::Name& name : inner->names) {
          Entry* entry = claim(name, *inner);
          if (entry == nullptr) continue;
          order_.pop_back();
          entry->variable->role = inner->kind == Kind::Input ? Variable::Role::Input : inner->kind == Kind::Exo ? Variable::Role::Exo : Variable::Role::Var;
          steps.variables.insert(name.text);
          names.push_back(name.text);
          make_family(name.text, {steps.count}, *inner, &steps);
        }
        break;
      }
      default:
        diagnostics.report(Code::A0706, inner->span, "this statement is not built yet inside `over`");
        break_names(*inner);
        break;
    }
  }
  // Step by step, so that typing one needs none that is not typed yet.
  for (int64_t step = 0; step < steps.count; ++step) {
    for (const std::string& name : names) order_.push_back(absl::StrCat(name, index_text({steps.count}, step)));
  }
}

std::optional<Value> ModelElaborator::StepScope::find(const std::string& name, Span use) const {
  Elaborator& elaborator = model_.elaborator_;
  if (name == steps_.name) return Builder::value(elaborator.builder().integer(step_, use), true);
  if (steps_.variables.count(name) > 0) return model_.family(name, use, kThisWorld, step_ - steps_.first);
  const auto let = steps_.lets.find(name);
  if (let == steps_.lets.end()) return std::nullopt;
  elaborator.mark_used(let->second);
  const auto key = std::pair(name, step_);
  if (const auto known = steps_.let_values.find(key); known != steps_.let_values.end()) return known->second;
  steps_.let_values[key] = Value{};  // a `let` of itself
  Value value = elaborator.expression(*let->second->value, *this);
  if (!value.poisoned() && let->second->type != nullptr) {
    const auto declared = elaborator.annotation(*let->second->type, *this);
    value = declared ? elaborator.fit(value, *declared, let->second->value->span, absl::StrCat("`", name, "`"), true) : Value{};
  }
  return steps_.let_values[key] = value;
}

void ModelElaborator::StepScope::list(std::vector<std::string>& names) const {
  names.push_back(steps_.name);
  for (const auto& [name, let] : steps_.lets) names.push_back(name);
}

}  // namespace acie::sema
