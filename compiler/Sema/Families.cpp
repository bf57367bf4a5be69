// Vector variables: a family of one variable per element, the columns they bind to, and the family as a value.

#include <algorithm>
#include <cstdio>
#include <functional>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Listing.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {

/// Makes a variable that is one tensor, read from one column of vectors or from a column for each element.
void ModelElaborator::make_whole(Variable& variable, const Shape& shape, const syntax::Stmt& stmt) {
  variable.type.shape = shape;
  if (variable.role == Variable::Role::Input && !can_read(elaborator_.diagnostics(), shape, stmt.span)) sound_ = false;
  variable.column = stmt.from != nullptr && stmt.from->kind == syntax::Expr::Kind::String ? stmt.from->text : variable.name;
  if (stmt.from == nullptr || stmt.from->kind == syntax::Expr::Kind::String) return;
  const int64_t count = element_count(shape);
  if (sizes::is_open(count) || count > kMostListed) {
    elaborator_.diagnostics().report(Code::A0701, stmt.from->span, sizes::is_open(count) ? "a column for each of as many elements as the data say is not built yet" : absl::StrCat("a column for each of more than ", kMostListed, " elements is not built yet"))
        .note("put the elements into one column of vectors, `from \"FLUX\"`, or name their columns `FLUX[0]`, `FLUX[1]`, …");
    sound_ = false;
    return;
  }
  variable.columns = columns(stmt, variable.name, shape);
}

/// Replaces the variable that `name` was claimed with by one per element: per step and element where the first axis is
/// that of `steps`.
void ModelElaborator::make_family(const std::string& name, const Shape& shape, const syntax::Stmt& stmt, Steps* steps) {
  Entry& root = entries_[name];
  const bool small = element_count(shape) <= (is_by_element(name) ? kMostListed : kUnrolled);
  if (steps == nullptr && !small) return make_whole(*root.variable, shape, stmt);
  const Variable like = *root.variable;
  model_->variables.erase(std::find(model_->variables.begin(), model_->variables.end(), root.variable));
  root.variable = nullptr;
  const Family family{shape, steps, "", 0};
  families_[name] = family;
  const Shape each = family.each();
  const auto make = [&](Variable variable, std::string of) -> Entry& {
    Entry& entry = entries_[variable.name];
    entry.stmt = &stmt;
    entry.root = std::move(of);
    entry.variable = elaborator_.program().make(std::move(variable));
    model_->variables.push_back(entry.variable);
    return entry;
  };
  const bool by_step = element_count(each) > (is_by_element(name) && element_count(shape) <= kMostListed ? kMostListed : kUnrolled);
  const bool listed = by_step && stmt.from != nullptr && stmt.from->kind != syntax::Expr::Kind::String;
  if (listed && steps != nullptr) {
    elaborator_.diagnostics().report(Code::A0701, stmt.from->span, absl::StrCat("a column for each element of series of more than ", kUnrolled, " elements at each step is not built yet")).note("put the elements of a step into one column of vectors, `from \"X\"`: `X[0]`, `X[1]`, …");
    sound_ = false;
  }
  if (steps != nullptr && !each.empty()) {
    for (int64_t step = 0; step < steps->count; ++step) {
      const std::string of = absl::StrCat(name, "[", step, "]");
      if (by_step) {
        Variable variable = like;
        variable.name = of;
        Variable& made = *make(std::move(variable), name).variable;
        if (listed) made.type.shape = each;
        else make_whole(made, each, stmt);
        if (stmt.from != nullptr) entries_[of].variable->column += absl::StrCat("[", step, "]");
      } else {
        entries_[of].stmt = &stmt;
        entries_[of].root = name;
        entries_[of].variable = nullptr;
        families_[of] = Family{each, nullptr, name, step};
      }
      entries_[of].steps = steps;
      entries_[of].step = steps->first + step;
    }
    if (by_step) return;
  }
  const std::vector<std::string> from = columns(stmt, name, shape);
  for (int64_t position = 0; position < element_count(shape); ++position) {
    Variable variable = like;
    variable.name = absl::StrCat(name, index_text(shape, position));
    variable.column = from[static_cast<size_t>(position)];
    if (stmt.from == nullptr || stmt.from->kind == syntax::Expr::Kind::String) {
      variable.vector = VectorElement{name, shape, position};
      variable.vector_column = stmt.from == nullptr ? name : stmt.from->text;
      if (steps != nullptr && element_count(each) > kUnrolled) {  // a column of vectors for each step
        const std::string step = absl::StrCat("[", position / element_count(each), "]");
        variable.vector = VectorElement{name + step, each, position % element_count(each)};
        variable.vector_column += step;
        variable.column = absl::StrCat(variable.vector_column, index_text(each, variable.vector->element));
      }
    }
    const int64_t step = position / element_count(each);
    Entry& entry = make(std::move(variable), each.empty() || steps == nullptr ? name : absl::StrCat(name, "[", step, "]"));
    if (steps == nullptr || !each.empty()) continue;
    entry.steps = steps;
    entry.step = steps->first + step;
  }
}

/// Gives the steps of `name`, declared without a shape, the shape that the first of them turned out to have.
bool ModelElaborator::grow_steps(const std::string& name, const Shape& each, const syntax::Stmt& stmt, Steps& steps) {
  Shape shape = families_[name].shape;
  if (shape.size() > 1) return families_[name].each() == each;
  for (int64_t step = 1; step < steps.count; ++step) {
    const Entry& entry = entries_[absl::StrCat(name, "[", step, "]")];
    if (entry.typed || entry.typing) return false;
  }
  Entry& root = entries_[name];
  for (int64_t step = 0; step < steps.count; ++step) {
    Entry& entry = entries_[absl::StrCat(name, "[", step, "]")];
    if (step == 0) {
      root.variable = entry.variable;
      root.variable->name = name;
    } else {
      model_->variables.erase(std::find(model_->variables.begin(), model_->variables.end(), entry.variable));
    }
    entry.variable = nullptr;
  }
  shape.insert(shape.end(), each.begin(), each.end());
  make_family(name, shape, stmt, &steps);
  return true;
}

namespace {

/// An integer that a size is written as, `12` or the name of a dimension of known size; nullopt for others.
std::optional<int64_t> written_size(const syntax::Expr& expr, const Module& module, int depth = 0) {
  if (expr.kind == syntax::Expr::Kind::Integer && expr.text.size() < 10 && expr.text.find_first_not_of("0123456789") == std::string::npos) return std::stoll(expr.text);
  if (expr.kind == syntax::Expr::Kind::Binary && depth < 8) {
    const auto a = written_size(*expr.operands[0], module, depth + 1), b = written_size(*expr.operands[1], module, depth + 1);
    if (!a || !b || std::abs(*a) > 1 << 20 || std::abs(*b) > 1 << 20) return std::nullopt;
    switch (expr.binary) {
      case syntax::BinaryOp::Add: return *a + *b;
      case syntax::BinaryOp::Sub: return *a - *b;
      case syntax::BinaryOp::Mul: return *a * *b;
      default: return std::nullopt;
    }
  }
  if (expr.kind != syntax::Expr::Kind::Name || depth >= 8) return std::nullopt;
  const auto found = module.declarations.find(expr.name.text);
  if (found == module.declarations.end() || found->second->kind != syntax::Decl::Kind::Dim) return std::nullopt;
  for (size_t i = 0; i < found->second->names.size(); ++i) {
    const syntax::Expr* value = i < found->second->values.size() ? found->second->values[i] : nullptr;
    if (found->second->names[i].text == expr.name.text && value != nullptr) return written_size(*value, module, depth + 1);
  }
  return std::nullopt;
}

}  // namespace

/// How many elements a declared type says, 1 for a number; nullopt where that takes more than reading it.
std::optional<int64_t> ModelElaborator::written_count(const syntax::Stmt& stmt) const {
  if (stmt.type == nullptr) return std::nullopt;
  if (stmt.type->kind != syntax::Type::Kind::Scalar) return std::nullopt;
  int64_t count = 1;
  for (const syntax::Expr* dim : stmt.type->dims) {
    const auto size = written_size(*dim, module_);
    if (!size || *size < 1 || count > kMostListed) return std::nullopt;
    count *= *size;
  }
  return count;
}

/// Given tensors of more than kUnrolled elements whose noise is a small vector, as `concat(u, 2 * u)` is: several elements speak of
/// one noise, so that each is an equation of its own. Those with a noise for each element are solved whole.
void ModelElaborator::choose_larger_than_noise(const std::map<std::string, const syntax::Stmt*>& statements) {
  constexpr int64_t kMostTerms = 65536;
  for (const std::string& name : given_whole_) {
    const auto found = statements.find(name);
    if (found == statements.end() || found->second->kind != syntax::Stmt::Kind::Var || found->second->law != nullptr || found->second->value == nullptr) continue;
    const auto count = written_count(*found->second);
    if (!count || *count <= kUnrolled || *count > kMostListed) continue;
    int64_t noises = 0;
    bool vectors = false, small = true;
    std::vector<const syntax::Stmt*> left = {found->second};
    std::set<const syntax::Stmt*> seen;
    while (!left.empty()) {
      const syntax::Stmt* stmt = left.back();
      left.pop_back();
      if (!seen.insert(stmt).second) continue;
      std::vector<std::string> names;
      mentions(stmt->value, names);
      for (const std::string& other : names) {
        const auto of = statements.find(other);
        if (of == statements.end()) continue;
        if (of->second->kind == syntax::Stmt::Kind::Let) left.push_back(of->second);
        if (of->second->kind != syntax::Stmt::Kind::Exo) continue;
        const auto size = of->second->type == nullptr ? std::optional<int64_t>(1) : written_count(*of->second);
        small = small && size && *size <= kUnrolled;
        vectors = vectors || (size && *size > 1);
        noises += size.value_or(0);
      }
    }
    if (vectors && small && noises * *count <= kMostTerms) by_element_.insert(name);
  }
}

/// Which variables are written out element by element: those of which an element needs another, those that queries speak of
/// so, and the noises of both, because an equation is solved for its own element's noise.
void ModelElaborator::choose_by_element() {
  std::map<std::string, const syntax::Stmt*> statements;
  std::set<const syntax::Stmt*> of_steps;  // of `over`: `x[t-1]` needs no other element of a step
  for (const syntax::Stmt* stmt : declaration_.body) {
    for (const syntax::Name& name : stmt->names) statements[name.text] = stmt;
    if (stmt->kind != syntax::Stmt::Kind::Over) continue;
    for (const syntax::Stmt* inner : stmt->body) {
      for (const syntax::Name& name : inner->names) statements[name.text] = inner;
      of_steps.insert(inner);
    }
  }
  const auto named = [&](const syntax::Stmt& stmt) {
    std::vector<std::string> names;
    mentions(stmt.value, names);
    mentions(stmt.law, names);
    return names;
  };
  for (const auto& [name, stmt] : statements) {
    if (stmt->kind != syntax::Stmt::Kind::Var || of_steps.count(stmt) > 0) continue;
    const std::vector<std::string> names = named(*stmt);
    if (std::find(names.begin(), names.end(), name) != names.end()) by_element_.insert(name);
  }
  std::map<std::string, const syntax::Stmt*> own = statements;
  for (auto each = own.begin(); each != own.end();) each = of_steps.count(each->second) > 0 ? own.erase(each) : std::next(each);
  choose_larger_than_noise(own);
  std::vector<std::string> open(by_element_.begin(), by_element_.end());
  std::set<std::string> seen;
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const auto found = statements.find(name.substr(0, name.find('.')));  // of a field its record
    if (found == statements.end() || !seen.insert(name).second) continue;
    for (std::string& other : named(*found->second)) {
      const auto stmt = statements.find(other);
      if (stmt == statements.end()) continue;
      if (stmt->second->kind == syntax::Stmt::Kind::Exo) by_element_.insert(other);
      if (stmt->second->kind == syntax::Stmt::Kind::Let) open.push_back(std::move(other));
    }
  }
}

/// Whether every step of `name` is one variable, a tensor.
bool ModelElaborator::is_by_step(const std::string& name) const {
  const Family& of = families_.at(name);
  if (of.steps == nullptr || of.each().empty()) return false;
  const auto first = entries_.find(absl::StrCat(name, "[0]"));
  return first != entries_.end() && first->second.variable != nullptr;
}

std::string ModelElaborator::element_name(const std::string& family, int64_t position) const {
  const Family& of = families_.at(family);
  if (of.series.empty()) return absl::StrCat(family, index_text(of.shape, position));
  return absl::StrCat(of.series, index_text(families_.at(of.series).shape, of.step * element_count(of.shape) + position));
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
  const int64_t count = element_count(families_[name].shape);
  for (int64_t position = 0; position < count; ++position) result.push_back(entries_[element_name(name, position)].variable);
  return result;
}

/// A vector as a value: its elements are looked up, and typed, when they are asked for.
std::optional<Value> ModelElaborator::family(const std::string& name, Span use, WorldId world, int64_t here) {
  const Family& of = families_[name];
  if (of.steps != nullptr && of.each().empty() && entries_[name].stmt->type == nullptr) {
    // The first step says whether each is a vector.
    const std::string first = absl::StrCat(name, "[0]");
    type_variable(first, entries_[first]);
  }
  Value value;
  value.kind = Value::Kind::Family;
  value.shape = of.shape;
  value.here = here;
  value.span = use;
  const int64_t each = element_count(of.each());
  if (is_by_step(name)) {
    value.slice = [this, name, use, world](int64_t step) { return *find(absl::StrCat(name, "[", step, "]"), use, world); };
    value.element = [this, slice = value.slice, each, use](int64_t position) {
      const Value step = slice(position / each);
      return step.poisoned() ? step : Builder::value(elaborator_.builder().view(step.expr, {}, position % each, {}, use));
    };
    return value;
  }
  value.element = [this, name, use, world](int64_t position) { return *find(element_name(name, position), use, world); };
  return value;
}

}  // namespace acie::sema
