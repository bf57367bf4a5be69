#include "compiler/Sema/QueryScope.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace acie::sema {

std::optional<Value> QueryScope::find(const std::string& name, Span use) const {
  Builder& builder = query_.elaborator_.builder();
  if (auto bound = Scope::find(name, use)) return bound;
  if (const auto argument = query_.arguments_.find(name); argument != query_.arguments_.end()) {
    Value value = argument->second;
    if (value.is_number()) value = Builder::value(builder.slot(value.expr->slot, use));
    value.span = use;
    return value;
  }
  if (const auto world = query_.worlds_.find(name); world != query_.worlds_.end()) {
    Value value;
    value.kind = Value::Kind::World;
    value.world = world->second;
    value.names = query_.world_scopes_[static_cast<size_t>(world->second)].get();
    value.span = use;
    return value;
  }
  if (const auto let = query_.lets_.find(name); let != query_.lets_.end()) {
    query_.elaborator_.mark_used(let->second);
    auto& open = query_.open_lets_;
    if (std::find(open.begin(), open.end(), name) != open.end()) {
      query_.elaborator_.diagnostics().report(Code::A0205, use, absl::StrCat("`", name, "` is defined by itself"));
      return Value{};
    }
    if (open.size() >= 256) {
      query_.elaborator_.diagnostics().report(Code::A0002, use, "`let`s follow from one another too deeply").note("they may be 256 deep");
      return Value{};
    }
    open.push_back(name);
    const QueryScope here(query_, world_, estimates_);
    Value value = query_.elaborator_.expression(*let->second->value, here);
    const bool function = value.kind == Value::Kind::Function && let->second->type == nullptr;
    if (value.names == &here) value.names = this;
    if (!function && value.kind != Value::Kind::Record && value.kind != Value::Kind::Constraint && !builder.require_numbers(value)) value = Value{};
    if (!value.poisoned() && let->second->type != nullptr) {
      const auto declared = query_.elaborator_.annotation(*let->second->type, here);
      value = declared ? query_.elaborator_.fit(value, *declared, use, absl::StrCat("`", name, "`"), true) : Value{};
    }
    open.pop_back();
    value.span = use;
    return value;
  }
  return query_.model_.find(name, use, world_);
}

void QueryScope::list(std::vector<std::string>& names) const {
  Scope::list(names);
  for (const auto& [name, slot] : query_.arguments_) names.push_back(name);
  for (const auto& [name, world] : query_.worlds_) names.push_back(name);
  for (const auto& [name, let] : query_.lets_) names.push_back(name);
  query_.model_.list(names);
}

}  // namespace acie::sema
