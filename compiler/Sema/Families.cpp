// Vector variables: a family of one variable per element, the columns they bind to, and the family as a value.

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {

/// Replaces the variable that `name` was claimed with by one per element.
void ModelElaborator::make_family(const std::string& name, const Shape& shape, const syntax::Stmt& stmt, Steps* steps) {
  Entry& root = entries_[name];
  if (steps == nullptr && element_count(shape) > kUnrolled) {
    // One variable that is a tensor, read from one column of vectors.
    root.variable->type.shape = shape;
    root.variable->column = stmt.from != nullptr && stmt.from->kind == syntax::Expr::Kind::String ? stmt.from->text : name;
    if (stmt.from != nullptr && stmt.from->kind != syntax::Expr::Kind::String) {
      elaborator_.diagnostics().report(Code::A0701, stmt.from->span, absl::StrCat("a column per element is built for up to ", kUnrolled, " elements")).note("put the elements into one column of vectors: `from \"FLUX\"`");
      sound_ = false;
    }
    return;
  }
  const Variable like = *root.variable;
  model_->variables.erase(std::find(model_->variables.begin(), model_->variables.end(), root.variable));
  root.variable = nullptr;
  families_[name] = {shape, steps};
  const std::vector<std::string> from = columns(stmt, name, shape);
  for (int64_t position = 0; position < element_count(shape); ++position) {
    Variable variable = like;
    variable.name = absl::StrCat(name, index_text(shape, position));
    variable.column = from[static_cast<size_t>(position)];
    if (stmt.from == nullptr || stmt.from->kind == syntax::Expr::Kind::String) {
      variable.vector = VectorElement{name, shape, position};
      variable.vector_column = stmt.from == nullptr ? name : stmt.from->text;
    }
    Entry& entry = entries_[variable.name];
    entry.stmt = &stmt;
    entry.root = name;
    entry.steps = steps;
    entry.step = steps != nullptr ? steps->first + position : -1;
    entry.variable = elaborator_.program().make(std::move(variable));
    model_->variables.push_back(entry.variable);
  }
}

/// The columns a variable binds to: `from "A"`, `from columns("A", "B")` with `{1..3}` for a run of numbers.
std::vector<std::string> ModelElaborator::columns(const syntax::Stmt& stmt, const std::string& name, const Shape& shape) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  std::vector<std::string> result;
  const auto count = static_cast<size_t>(element_count(shape));
  const auto suffixed = [&](const std::string& base) {
    for (size_t i = 0; i < count; ++i) result.push_back(shape.empty() ? base : absl::StrCat(base, index_text(shape, static_cast<int64_t>(i))));
    return result;
  };
  if (stmt.from == nullptr) return suffixed(name);
  if (stmt.from->kind == syntax::Expr::Kind::String) return suffixed(stmt.from->text);
  const syntax::Expr& call = *stmt.from;
  const bool lists = call.kind == syntax::Expr::Kind::Call && call.base->kind == syntax::Expr::Kind::Name && call.base->name.text == "columns";
  for (const syntax::Argument& argument : call.args) {
    if (!lists || argument.name || argument.value->kind != syntax::Expr::Kind::String) break;
    const std::string& text = argument.value->text;
    const size_t open = text.find('{'), close = text.find('}', open == std::string::npos ? 0 : open);
    int64_t first = 0, last = -1;
    if (open == std::string::npos || close == std::string::npos ||
        std::sscanf(text.substr(open, close - open + 1).c_str(), "{%ld..%ld}", &first, &last) != 2) {
      result.push_back(text);
      continue;
    }
    for (int64_t i = first; i <= last && result.size() <= count; ++i) result.push_back(absl::StrCat(text.substr(0, open), i, text.substr(close + 1)));
  }
  if (!lists || result.size() != count) {
    auto report = diagnostics.report(Code::A0312, call.span, lists ? absl::StrCat("`", name, "` has ", count, count == 1 ? " element" : " elements", ", and here are ", result.size() > count ? "more" : absl::StrCat(result.size()), " columns")
                                                       : "`from` takes the name of a column, `from \"LOGMSTAR\"`, or `columns(…)`");
    report.note("`from columns(\"m1\", \"m2\")`, or `columns(\"m{1..2}\")`, names a column per element");
    result.clear();
    return suffixed(name);
  }
  return result;
}

std::vector<Variable*> ModelElaborator::members(const std::string& name, const Entry& entry) {
  if (entry.variable != nullptr) return {entry.variable};
  std::vector<Variable*> result;
  const Shape& shape = families_[name].shape;
  for (int64_t position = 0; position < element_count(shape); ++position) result.push_back(entries_[absl::StrCat(name, index_text(shape, position))].variable);
  return result;
}

/// A vector as a value: its elements are looked up, and typed, when they are asked for.
std::optional<Value> ModelElaborator::family(const std::string& name, Span use, WorldId world, int64_t here) {
  Value value;
  value.kind = Value::Kind::Family;
  value.shape = families_[name].shape;
  value.here = here;
  value.span = use;
  value.element = [this, name, use, world, shape = value.shape](int64_t position) {
    return *find(absl::StrCat(name, index_text(shape, position)), use, world);
  };
  return value;
}

}  // namespace acie::sema
