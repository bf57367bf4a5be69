// `do` on variables that are whole tensors.

#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Queries.h"

namespace acie::sema {

/// The same for a variable that is a whole tensor: one intervention, which chooses element by element.
void QueryElaborator::set_whole(WorldId world, const syntax::Stmt& stmt, const Targets& targets, Value value, const Value& law, Value condition) {
  Builder& builder = elaborator_.builder();
  const Variable* variable = targets.elements[0];
  const auto each = [&](Value v) {
    v.expr = builder.as_whole(v, targets.shape);
    v.kind = Value::Kind::Number;
    v.items = nullptr;
    return v;
  };
  const bool some = static_cast<int64_t>(targets.chosen.size()) != element_count(targets.shape);
  // Of some elements: where they are, and which item of the value is whose.
  std::vector<double> set(static_cast<size_t>(element_count(targets.shape)), 0), item = set;
  for (size_t i = 0; some && i < targets.chosen.size(); ++i) {
    set[static_cast<size_t>(targets.chosen[i])] = 1;
    item[static_cast<size_t>(targets.chosen[i])] = static_cast<double>(i);
  }
  const auto spread = [&](const Value& v) {
    if (!some || !v.is_tensor()) return each(v);
    const Expr* items = builder.reshaped(builder.as_whole(v, v.shape), {element_count(v.shape)}, v.span);
    return Builder::value(builder.gather(items, builder.dense(targets.shape, item, plain(ScalarKind::I64), v.span), v.span));
  };
  if (stmt.do_kind == syntax::Stmt::DoKind::Stochastic) {
    if (some) {
      elaborator_.diagnostics().report(Code::A0701, stmt.span, absl::StrCat("laws for some of more than ", kUnrolled, " elements are not built yet"));
      return;
    }
    std::vector<Variable*> noises;
    const Value drawn = elaborator_.draw_variables(elaborator_.law_of_all(*law.law, targets.shape), absl::StrCat(query_->name, ".", prefixed(world, variable->name), ".do"), stmt.span, noises, targets.shape).result;
    for (Variable* noise : noises) model_.model()->variables.push_back(noise);
    value = builder.in_world(drawn, world);
  } else {
    value = spread(value);
    if (stmt.do_kind == syntax::Stmt::DoKind::Shift) value = builder.apply(Op::Add, {Builder::value(builder.natural(variable, world, stmt.span)), value}, stmt.span);
  }
  if (!condition.poisoned()) condition = spread(condition);
  if (some) {
    const Value chosen = Builder::value(builder.dense(targets.shape, std::move(set), plain(ScalarKind::Bool), stmt.span));
    condition = condition.poisoned() ? chosen : builder.apply(Op::And, {chosen, condition}, stmt.span);
  }
  this->set(world, variable, value, condition, stmt.span);
}

}  // namespace acie::sema
