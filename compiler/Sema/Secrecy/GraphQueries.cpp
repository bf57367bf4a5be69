// Queries called in graphs: what they are given, and their answers as sums of products.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

/// The numbers of a constant, a number's or a tensor's; nothing of what varies.
std::optional<std::vector<double>> constants(const Value& v) {
  if (v.items == nullptr) {
    if (v.expr->kind == Expr::Kind::Dense) return v.expr->elements->numbers;
    const auto known = constant_value(v.expr);
    return known ? std::optional(std::vector<double>{*known}) : std::nullopt;
  }
  std::vector<double> numbers;
  for (const Value& item : *v.items) {
    const auto known = constant_value(item.expr);
    if (!known) return std::nullopt;
    numbers.push_back(*known);
  }
  return numbers;
}

bool is_whole_numbers(const Value& v) {
  const auto known = constants(v);
  return known && std::all_of(known->begin(), known->end(), [](double x) { return x == std::trunc(x) && std::abs(x) < 0x1p63; });
}

bool is_one(const Value& v) {
  const auto known = constants(v);
  return known && std::all_of(known->begin(), known->end(), [](double x) { return x == 1; });
}

bool vanishes(const Value& v) {
  const auto known = constants(v);
  return known && std::all_of(known->begin(), known->end(), [](double x) { return quantise(x, Scale::binary(GraphBuilder::kFactorBits)) == 0; });
}

}  // namespace

/// Draws of a noise, at whichever party computes with them.
Value GraphElaborator::draws(const std::string& noise, Span span) {
  Slot slot;
  slot.role = Slot::Role::Argument;
  slot.name = noise;
  slot.type = plain(ScalarKind::F64);
  slot.type.shape = {GraphBuilder::kDraws};
  slot.span = span;
  const Slot* made = elaborator_.program().make(std::move(slot));
  leaves_[made] = {-1, nullptr, {}, noise};
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

/// Σ coefficient · encrypted + rest for one answer, a row for each of its elements where they are by themselves (`shape`). What
/// comes from the elements of one vector is a matrix times it, or where only its diagonal is there an element-wise product.
Value GraphElaborator::summed(const QueryCall& call, const std::vector<QueryCall::Affine>& rows, const Shape& shape, const std::map<std::string, QueryCall::Given>& given, Span span) {
  Builder& build = elaborator_.builder();
  struct Part {
    std::map<std::pair<int64_t, int64_t>, Value> coefficients;  // by row and element
    int base = 0;
  };
  std::map<std::string, Part> families;
  std::map<int, Part> others;
  bool whole = true;
  unsigned deepest = 0;
  for (size_t row = 0; row < rows.size(); ++row) {
    for (const auto& [id, coefficient] : rows[row].coefficients) {
      if (vanishes(coefficient)) continue;
      const QueryCall::Base& base = call.base(id);
      whole = whole && is_whole_numbers(coefficient);
      deepest = std::max(deepest, base.factors);
      Part& part = base.family.empty() ? others[id] : families[base.family];
      part.base = id;
      part.coefficients[{static_cast<int64_t>(row), base.element}] = coefficient;
    }
  }
  const auto count = static_cast<int64_t>(rows.size());
  // All products at one scale, so that they can be added: of whole numbers where all factors are.
  const auto factor = [&](const Value& v, unsigned made) {
    const unsigned bits = GraphBuilder::kFactorBits * (deepest + (whole ? 0 : 1) - made);
    return fixed_at(v, bits == 0 ? Scale() : Scale::binary(bits), span);
  };
  const Value zero = Builder::value(build.number(0, span), true);
  const auto filled = [&](const Shape& to, const std::map<std::pair<int64_t, int64_t>, Value>& items, auto position) {
    std::vector<Value> all(static_cast<size_t>(element_count(to)), zero);
    for (const auto& [at, item] : items) all[static_cast<size_t>(position(at))] = item;
    return build.tensor(to, std::move(all), span);
  };
  Value total;
  const auto join = [&](const Value& term) {
    total = total.poisoned() ? term : build.apply(Op::Add, {total, term}, span);
    return !total.poisoned();
  };
  const auto multiplied = [&](const Value& coefficient, const Value& base, unsigned made) {
    if (!coefficient.poisoned() && whole && made == deepest && is_one(coefficient)) return join(base);
    const Value fixed = coefficient.poisoned() ? coefficient : factor(coefficient, made);
    return !fixed.poisoned() && join(build.apply(Op::Mul, {fixed, base}, span));
  };
  const auto first = [](const auto& at) { return at.first; };
  for (const auto& [id, part] : others) {
    const QueryCall::Base& base = call.base(id);
    if (!multiplied(shape.empty() || count == 1 ? part.coefficients.begin()->second : filled(shape, part.coefficients, first), base.value, base.factors)) return Value{};
  }
  for (const auto& [name, part] : families) {
    const Value& vector = given.at(name).value;
    const int64_t size = element_count(vector.shape);
    if (count == 1 && part.coefficients.size() == 1) {
      if (!multiplied(part.coefficients.begin()->second, call.base(part.base).value, 0)) return Value{};
      continue;
    }
    const bool diagonal = count == size && std::all_of(part.coefficients.begin(), part.coefficients.end(), [](const auto& each) { return each.first.first == each.first.second; });
    const Expr* elements = build.as_whole(vector, vector.shape);
    if (diagonal) {
      if (!multiplied(filled(shape, part.coefficients, first), Builder::whole(build.reshaped(elements, shape, span), span), 0)) return Value{};
      continue;
    }
    const Value matrix = filled({count, size}, part.coefficients, [&](const auto& at) { return at.first * size + at.second; });
    const Value fixed = matrix.poisoned() ? matrix : factor(matrix, 0);
    if (fixed.poisoned()) return Value{};
    const Expr* column = build.reshaped(elements, {size, 1}, span);
    const Expr* product = build.contract(build.as_whole(fixed, fixed.shape), column, {count, 1}, column->type, span);
    if (!join(Builder::whole(build.reshaped(product, shape, span), span))) return Value{};
  }
  if (count == 1) {
    if (!rows[0].rest.poisoned() && !join(rows[0].rest)) return Value{};
  } else {
    std::map<std::pair<int64_t, int64_t>, Value> rests;
    for (int64_t row = 0; row < count; ++row) {
      if (const Value& rest = rows[static_cast<size_t>(row)].rest; !rest.poisoned()) rests[{row, 0}] = rest;
    }
    if (!rests.empty() && !join(filled(shape, rests, first))) return Value{};
  }
  if (total.poisoned()) total = zero;
  return total.shape == shape ? total : Builder::whole(build.as_whole(total, shape), span);
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
      elaborator_.builder(), *query, given, [&](const std::string& noise, Span span) { return draws(noise, span); },
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
    const Value total = summed(answers, rows, shape, given, call.span);
    if (total.poisoned()) return total;
    fields.push_back(name);
    results.push_back(total);
  }
  return results.size() == 1 ? results[0] : elaborator_.builder().record(std::move(fields), std::move(results), call.span);
}

}  // namespace acie::sema
