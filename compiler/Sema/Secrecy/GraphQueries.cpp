// Queries called in graphs: what they are given, and their answers as sums of products.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Secrecy/AnswerSum.h"
#include "compiler/Sema/Secrecy/GraphElaborator.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

/// What a query returns as a distribution rather than as a number: `x`, of which it prints x.mean and x.sd, or draws[x].
std::string random_answer(const Query& query) {
  if (query.shape == Query::Shape::PerDraw || query.draws_rows) return query.outputs.empty() ? query.name : query.outputs[0].name;
  for (const Output& output : query.outputs) {
    if (output.form == Output::Form::Draw) return output.name;
    const size_t dot = output.name.rfind('.');
    if (dot != std::string::npos && output.name.substr(dot) == ".mean" && output.value != nullptr && output.value->kind == Expr::Kind::Estimate) return output.name.substr(0, dot);
  }
  return "";
}

}  // namespace

/// Draws of a noise, at whichever party computes with them.
Value GraphElaborator::draws(const Noise& noise, const Shape& shape, Span span) {
  Slot slot;
  slot.role = Slot::Role::Argument;
  slot.name = noise.name;
  slot.type = plain(ScalarKind::F64);
  slot.type.shape = shape;
  slot.type.shape.push_back(GraphBuilder::kDraws);
  slot.span = span;
  const Slot* made = elaborator_.program().make(std::move(slot));
  leaves_[made] = {-1, nullptr, {}, noise.name};
  return Builder::whole(elaborator_.builder().slot(made, span), span);
}

/// One value for a parameter of a query; false after reporting.
bool GraphElaborator::give(const QueryCall::Parameter& parameter, const syntax::Expr& text, const Query& query, const Scope& scope, std::map<std::string, QueryCall::Given>& given) {
  Builder& build = elaborator_.builder();
  Value v = elaborator_.number(text, scope);
  if (v.poisoned()) return false;
  const std::string what = absl::StrCat("`", parameter.name, "` of `", query.name, "`");
  if (v.shape != parameter.type.shape) {
    elaborator_.diagnostics().report(Code::A0312, text.span, absl::StrCat(what, " is ", parameter.type.shape.empty() ? "one number" : absl::StrCat("of shape ", to_string(parameter.type.shape)), ", and this is ", v.shape.empty() ? "one number" : absl::StrCat("of shape ", to_string(v.shape))));
    return false;
  }
  v = build.coerce(v, parameter.type, text.span, what);
  if (!v.poisoned()) v = materialised(v, "", nullptr, text.span);
  if (v.poisoned()) return false;
  const auto leaf = v.expr != nullptr && v.expr->kind == Expr::Kind::Slot ? leaves_.find(v.expr->slot) : leaves_.end();
  const bool encrypted = leaf != leaves_.end() && leaf->second.value >= 0 && builder_.encrypted(leaf->second.value);
  if (encrypted) builder_.ask_with(leaf->second.value);
  given[parameter.name] = {v, encrypted};
  if (parameter.elements.empty()) return true;
  const Expr* whole = build.as_whole(v, v.shape);
  for (size_t i = 0; i < parameter.elements.size(); ++i) {
    Value element = Builder::value(build.element(whole, static_cast<int64_t>(i)));
    element.span = text.span;
    given[parameter.elements[i]] = {element, encrypted, parameter.name, static_cast<int64_t>(i)};
  }
  return true;
}

Value GraphElaborator::query_call(const syntax::Decl& decl, const syntax::Expr& call, const Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const Query* query = nullptr;
  for (const Query* each : elaborator_.program().queries) {
    if (each->span == decl.name.span || each->name == decl.name.text) query = each;
  }
  if (query == nullptr) return Value{};  // reported where it is declared
  if (const std::string random = random_answer(*query); !random.empty()) {
    diagnostics.report(Code::A1019, call.span, absl::StrCat("`", random, "` of `", query->name, "` is random, and a graph has one answer")).note("let the query return what is estimated of it: `m = E[…]`, `p = P[…]`, `s = sd[…]`");
    return Value{};
  }
  const std::vector<QueryCall::Parameter> parameters = QueryCall::parameters(*query);
  std::vector<std::string> names;
  for (const QueryCall::Parameter& each : parameters) names.push_back(each.name);
  const auto found = arguments(call, names, 0, query->name);
  if (!found) return Value{};
  std::map<std::string, QueryCall::Given> given;
  for (size_t i = 0; i < names.size(); ++i) {
    if ((*found)[i] == nullptr) {
      diagnostics.report(Code::A0207, call.span, absl::StrCat("`", query->name, "` needs `", names[i], "`")).note(absl::StrCat("its evidence and inputs: ", absl::StrJoin(names, ", ")));
      return Value{};
    }
    if (!give(parameters[i], *(*found)[i], *query, scope, given)) return Value{};
  }
  QueryCall answers(
      elaborator_.builder(), *query, given, [&](const Noise& noise, const Shape& of, Span span) { return draws(noise, of, span); },
      [&](const Value& v, unsigned bits, Span span) { return fixed_at(v, Scale::binary(bits), span); });
  std::vector<std::string> fields;
  std::vector<Value> results;
  for (size_t i = 0; i < query->outputs.size();) {
    const Output& first = query->outputs[i];
    if (first.form == Output::Form::StandardError) {
      ++i;
      continue;
    }
    const bool by_element = first.vector.has_value() && first.value->type.shape.empty();
    const std::string name = by_element ? first.vector->name : first.name;
    Shape shape = first.value->type.shape;
    if (by_element) shape.assign(first.vector->shape.begin(), first.vector->shape.end());
    std::vector<QueryCall::Affine> rows;
    for (; i < query->outputs.size(); ++i) {
      const Output& output = query->outputs[i];
      if (output.form == Output::Form::StandardError) continue;
      if (!rows.empty() && (!by_element || !output.vector || output.vector->name != name)) break;
      const auto affine = answers.answer(output);
      if (!affine) return Value{};
      rows.push_back(*affine);
    }
    const Value total = AnswerSum(*this, answers, shape, call.span).of(rows);
    if (total.poisoned()) return total;
    fields.push_back(name);
    results.push_back(total);
  }
  return results.size() == 1 ? results[0] : elaborator_.builder().record(std::move(fields), std::move(results), call.span);
}

}  // namespace acie::sema
