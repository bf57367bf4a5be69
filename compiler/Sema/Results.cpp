// `return`: the results of a query and their names.

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Listing.h"
#include "compiler/Sema/QueryScope.h"
#include "compiler/Sema/Strides.h"

namespace acie::sema {

/// Some elements of a variable that is a whole tensor, under their own names: `w.x[4..6]` gives w.x[4] and w.x[5]. False
/// where the value is none of that, or has too many elements to list.
bool QueryElaborator::add_slice(const syntax::Expr& text, const Value& value, Span span) {
  const Expr* view = value.expr;
  if (text.kind != syntax::Expr::Kind::Index || view->kind != Expr::Kind::View || element_count(value.shape) > kUnrolled) return false;
  const Expr* of = view->operands[0];
  if (of->kind != Expr::Kind::Variable) return false;
  // Names need the places, which are known but for the length of the first axis.
  if (sizes::is_open(view->elements->offset) || sizes::any_open(view->elements->strides) || sizes::any_open({of->type.shape.begin() + 1, of->type.shape.end()})) return false;
  const std::string name = elaborator_.source_text(text.base->span);
  const Value items = elaborator_.builder().as_items(value);
  for (const Value& each : *items.items) {
    // An element is a view of the view.
    const Expr* element = each.expr;
    const int64_t place = view->elements->offset + place_in(value.shape, view->elements->strides, element->elements->offset);
    // Of one step of a series, x[3], the element is x[3,0].
    std::string index = index_text(of->type.shape, place);
    if (const size_t step = of->variable->name.rfind('['); step != std::string::npos) index = absl::StrCat(of->variable->name.substr(step, of->variable->name.size() - step - 1), ",", index.substr(1));
    returns_.push_back({absl::StrCat(name, index), element, false, span});
  }
  return true;
}

void QueryElaborator::result(const syntax::Result& item) {
  const QueryScope scope(*this, default_world_, true);
  const syntax::Expr& text = *item.value;
  // A tensor is a column per element, a record a result per field.
  const std::function<void(const std::string&, const Value&, bool, Span)> add = [&](const std::string& name, const Value& written, bool draw, Span span) {
    const Value value = Builder::settled_axes(written);
    complete_ = complete_ && !value.poisoned() && (!value.is_whole() || can_return(elaborator_.diagnostics(), value.shape, span));
    if (value.kind == Value::Kind::Record) {
      for (size_t i = 0; i < value.fields->size(); ++i) add(absl::StrCat(name, ".", (*value.fields)[i]), (*value.items)[i], draw, span);
      return;
    }
    if (value.is_whole() && !item.name && !draw && add_slice(text, value, span)) return;
    if (value.is_number() || value.is_whole()) returns_.push_back({name, value.expr, draw, span});
    if (!value.is_tensor() || value.is_whole()) return;
    // Some elements of a variable keep their own names: `w.x[4..6]` gives w.x[4] and w.x[5].
    const bool slice = text.kind == syntax::Expr::Kind::Index && !item.name && !draw;
    for (size_t i = 0; i < value.items->size(); ++i) {
      const Expr* expr = (*value.items)[i].expr;
      std::string of = absl::StrCat(name, index_text(value.shape, static_cast<int64_t>(i)));
      if (slice && expr->kind == Expr::Kind::Variable) of = absl::StrCat(elaborator_.source_text(text.base->span), expr->variable->name.substr(expr->variable->name.find('[')));
      returns_.push_back({std::move(of), expr, draw, span, VectorElement{name, value.shape, static_cast<int64_t>(i)}});
    }
  };
  const bool draws = text.kind == syntax::Expr::Kind::Index && text.base->kind == syntax::Expr::Kind::Name && text.base->name.text == "draws";
  if (draws && !scope.find("draws", text.base->span)) {
    for (const syntax::Index& index : text.indices) {
      if (index.kind != syntax::Index::Kind::Value) {
        elaborator_.diagnostics().report(Code::A0207, index.span, "`draws[…]` lists expressions");
        continue;
      }
      add(elaborator_.source_text(index.span), elaborator_.number(*index.value, scope), true, index.span);
    }
    return;
  }
  const Value written = elaborator_.expression(text, scope), value = written.kind == Value::Kind::Record ? written : elaborator_.as_number(written, text.span);
  add(item.name ? item.name->text : elaborator_.source_text(text.span), value, false, item.span);
}

}  // namespace acie::sema