// `given`: evidence on variables and their elements.

#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Listing.h"
#include "compiler/Sema/QueryScope.h"

namespace acie::sema {

namespace {

/// `x`, `star.mass` as one name.
std::optional<syntax::Name> dotted(const syntax::Expr& expr) {
  if (expr.kind == syntax::Expr::Kind::Name) return expr.name;
  if (expr.kind != syntax::Expr::Kind::Member) return std::nullopt;
  auto base = dotted(*expr.base);
  if (!base) return std::nullopt;
  return syntax::Name{absl::StrCat(base->text, ".", expr.name.text), expr.span};
}

}  // namespace

/// Evidence on a record is evidence on each of its fields.
void QueryElaborator::given_record(const syntax::Evidence& item, const syntax::Name& name, const std::vector<std::string>& fields) {
  if (item.value != nullptr) {
    elaborator_.diagnostics().report(Code::A0409, item.span, absl::StrCat("`", name.text, "` is a record, and values are given of its fields")).note(absl::StrCat("`given ", fields[0], " = …`"));
    complete_ = false;
    return;
  }
  for (const std::string& field : fields) {
    if (const std::vector<std::string> inner = model_.record_fields(field); !inner.empty()) {
      given_record(item, {field, name.span}, inner);
      continue;
    }
    Shape shape;
    const std::vector<const Variable*> of = variables(field, name.span, Code::A0409, "`given`", shape);
    if (of.empty()) complete_ = false;
    for (const Variable* variable : of) give_column(variable, item.span);
  }
}

void QueryElaborator::give_column(const Variable* variable, Span span) {
  query_->evidence.push_back({variable, nullptr, span});
  // What a step's noise follows from is the step's own equation.
  if (const Variable* step = model_.step_equation(variable)) query_->evidence.push_back({step, nullptr, span});
}

/// Evidence on a vector at each step: its column, or one vector, or number, for all steps.
void QueryElaborator::give_open_vector(const syntax::Evidence& item, const syntax::Name& name, const std::vector<const Variable*>& series, const Scope& scope) {
  if (item.value == nullptr) {
    // Of a noise one is enough to be refused.
    for (size_t k = 0; k < (series[0]->role == Variable::Role::Exo ? 1 : series.size()); ++k) give_column(series[k], item.span);
    return;
  }
  Annotation each{series[0]->type, model_.open_parts(name.text)[0].each, {}};
  each.element.shape.clear();
  Value value = elaborator_.number(*item.value, scope);
  if (value.is_number()) each.shape.clear();
  value = elaborator_.fit(value, each, item.value->span, absl::StrCat("`", name.text, "` at each step"), true);
  if (value.poisoned()) return;
  for (size_t k = 0; k < series.size(); ++k) {
    const auto known = constant_value(value.is_tensor() ? (*value.items)[k].expr : value.expr);
    if (!known) {
      elaborator_.diagnostics().report(Code::A0310, item.value->span, "evidence is a column, or a value known when compiling");
      return;
    }
    Slot* given = slot(Slot::Role::Given, series[k]->name, series[k]->type, std::nullopt, item.span);
    given->defaults = {*known};
    query_->evidence.push_back({series[k], given, item.span});
    if (const Variable* step = model_.step_equation(series[k])) query_->evidence.push_back({step, given, item.span});
  }
}

void QueryElaborator::given(const syntax::Stmt& stmt) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  for (const syntax::Evidence& item : stmt.evidence) {
    if (item.optional) {
      diagnostics.report(Code::A0709, item.span, "optional evidence is not built yet").note("without the `?`, a row with an empty cell is answered `bad_input`");
      continue;
    }
    const syntax::Expr& subject = *item.subject;
    const bool element = subject.kind == syntax::Expr::Kind::Index && subject.indices2.empty();
    const auto field = dotted(element ? *subject.base : subject);
    const bool is_field = field && model_.is_record(field->text.substr(0, field->text.find('.')));
    if (!element && is_field) {
      if (const std::vector<std::string> fields = model_.record_fields(field->text); !fields.empty()) {
        given_record(item, *field, fields);
        continue;
      }
    }
    if (!is_field && subject.kind == syntax::Expr::Kind::Member) {
      auto report = diagnostics.report(Code::A0708, subject.span, "evidence in another world is not built yet");
      if (subject.base->kind == syntax::Expr::Kind::Name && subject.base->name.text == "factual") report.note(absl::StrCat("evidence speaks of the factual world: write `given ", subject.name.text, "`"));
      continue;
    }
    if (!field) {
      auto report = diagnostics.report(Code::A0409, subject.span, "evidence is a variable, or `variable = value`");
      if (subject.kind == syntax::Expr::Kind::Binary && subject.binary == syntax::BinaryOp::Eq) report.note("one `=` gives a value: `given x = 3`");
      else if (subject.kind == syntax::Expr::Kind::Binary) report.note("evidence about events, such as `x > 3`, is not built yet");
      continue;
    }
    const syntax::Name& name = *field;
    Shape shape;
    std::vector<const Variable*> of = variables(name.text, element ? name.span : subject.span, Code::A0409, "`given`", shape);
    if (of.empty()) {
      complete_ = false;
      continue;
    }
    const QueryScope scope(*this, kFactual, false);
    if (element && shape.empty()) {
      diagnostics.report(Code::A0312, subject.span, absl::StrCat("`", name.text, "` is one number and has no elements"));
      continue;
    }
    if (!element && model_.open_vector(name.text) != nullptr) {
      give_open_vector(item, name, of, scope);
      continue;
    }
    if (element && sizes::any_open(shape) && give_steps(item, name.text, of, shape, scope)) continue;
    const bool whole = !of[0]->type.shape.empty(), series = whole && of[0]->type.shape != shape;
    if (whole && item.value == nullptr && !can_read(diagnostics, of[0]->type.shape, item.span)) {
      complete_ = false;
      continue;
    }
    // Of a series of large tensors evidence is on whole steps.
    if (series && element && item.value == nullptr) {
      const auto chosen = elaborator_.select_elements(shape, subject.indices, scope, subject.span);
      if (!chosen) continue;
      const auto each = static_cast<size_t>(element_count(of[0]->type.shape));
      std::vector<const Variable*> steps;
      bool complete = chosen->positions.size() % each == 0;
      for (size_t begin = 0; complete && begin < chosen->positions.size(); begin += each) {
        const auto first = static_cast<size_t>(chosen->positions[begin]);
        for (size_t i = 0; i < each; ++i) complete = complete && chosen->positions[begin + i] == static_cast<int64_t>(first + i);
        complete = complete && first % each == 0;
        if (complete) steps.push_back(of[first / each]);
      }
      if (complete) {
        for (const Variable* step : steps) query_->evidence.push_back({step, nullptr, item.span});
        continue;
      }
    }
    if (whole && !series && !element && item.value != nullptr) {
      // One number for all elements, however many there are, or one for each.
      Type type = of[0]->type;
      type.shape.clear();
      const Value value = elaborator_.fit(elaborator_.number(*item.value, scope), Annotation{type, shape, {}}, item.value->span, absl::StrCat("`", name.text, "`"), true);
      if (value.poisoned()) continue;
      if (!Elaborator::is_constant(value)) {
        diagnostics.report(Code::A0310, item.value->span, "evidence is a column, or a value known when compiling");
        continue;
      }
      Slot* given = slot(Slot::Role::Given, of[0]->name, of[0]->type, std::nullopt, item.span);
      given->defaults = Elaborator::constant_values(value);
      query_->evidence.push_back({of[0], given, item.span});
      if (const Variable* step = model_.step_equation(of[0])) query_->evidence.push_back({step, given, item.span});
      continue;
    }
    if (element && sizes::any_open(shape)) {
      diagnostics.report(Code::A0701, item.span, "evidence on some elements where a size is read at start is not built yet").note(absl::StrCat("`given ", name.text, "` reads all of them from a column"));
      continue;
    }
    if (whole && (element || item.value != nullptr)) {
      diagnostics.report(Code::A0701, item.span, absl::StrCat(element ? "evidence on some of" : "a constant as evidence on", " more than ", series ? kUnrolled : kMostListed, series ? " elements at each step" : " elements", " is not built yet")).note(absl::StrCat("`given ", name.text, "` reads all of them from a column"));
      continue;
    }
    if (element) {
      const auto chosen = elaborator_.select_elements(shape, subject.indices, scope, subject.span);
      if (!chosen) continue;
      std::vector<const Variable*> elements;
      for (const int64_t position : chosen->positions) elements.push_back(of[static_cast<size_t>(position)]);
      of = std::move(elements);
      shape = chosen->shape;
    }
    Value value;
    if (item.value != nullptr) {
      value = elaborator_.fit(elaborator_.number(*item.value, scope), Annotation{of[0]->type, shape, {}}, item.value->span, absl::StrCat("`", name.text, "`"), true);
      if (value.poisoned()) continue;
      if (value.is_whole()) {
        Builder& builder = elaborator_.builder();
        std::vector<Value> items;
        for (int64_t position = 0; position < element_count(value.shape); ++position) items.push_back(Builder::value(builder.element(value.expr, position)));
        value.items = std::make_shared<const std::vector<Value>>(std::move(items));
        value.expr = nullptr;
      }
      if (!Elaborator::is_constant(value)) {
        diagnostics.report(Code::A0310, item.value->span, "evidence is a column, or a value known when compiling").note(absl::StrCat("`--given ", of[0]->name, "=…` replaces it when running"));
        continue;
      }
    }
    for (size_t i = 0; i < of.size(); ++i) {
      Evidence evidence;
      evidence.variable = of[i];
      evidence.span = item.span;
      if (item.value != nullptr) {
        const Value& given = value.is_tensor() ? (*value.items)[i] : value;
        evidence.value = slot(Slot::Role::Given, of[i]->name, of[i]->type, constant_value(given.expr), item.span);
      }
      query_->evidence.push_back(evidence);
      // What a step's noise follows from is the step's own equation.
      if (const Variable* step = model_.step_equation(of[i])) query_->evidence.push_back({step, nullptr, item.span});
    }
  }
}

}  // namespace acie::sema
