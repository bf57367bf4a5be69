// A graph called in a graph: its statements stand where it is called. What its types promise is proved here, not when files are read.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Secrecy/GraphElaborator.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

using Form = GraphValue::Form;

/// Whether value `id` is at its party what `type` says: encrypted or not, key, scale, range. `name` is what it is called there.
std::optional<int> GraphElaborator::as_declared(int id, const std::string& name, const syntax::Type& type, const Party* party, const std::optional<Range>& range, const Scope& scope, Span span) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const GraphValue& value = builder_.value(id);
  if (is_bytes(type) != (value.form == Form::Bytes)) {
    diagnostics.report(Code::A0304, span, absl::StrCat(name, is_bytes(type) ? " is a file, and these are numbers" : " is numbers, and these are bytes"));
    return std::nullopt;
  }
  if (type.key) {
    const Key* key = key_of_type(type);
    if (key == nullptr || !encrypted_under(id, *key, type, scope, span)) return std::nullopt;
  } else if (builder_.encrypted(id)) {
    diagnostics.report(Code::A1014, span, absl::StrCat("`", value.name, "` is encrypted, and ", name, " is plain")).label(value.span, absl::StrCat("under ", value.key->name));
    return std::nullopt;
  } else {
    id = builder_.plain_of(id, span);
  }
  if (range && !within(id, *range, type, span)) return std::nullopt;
  return builder_.at(id, party, span);
}

/// Whether everything that a value can be lies in `range`, which `type` declares.
bool GraphElaborator::within(int id, const Range& range, const syntax::Type& type, Span span) {
  if (std::isinf(range.low) && std::isinf(range.high)) return true;
  const GraphValue& value = builder_.value(id);
  double low = value.range.low, high = value.range.high;
  bool inside = low >= range.low && high <= range.high;
  if (builder_.encrypted(id)) {
    const Bounds all = value.hull_of_bounds();
    low = mpq_class(all.low * value.scale.value()).get_d(), high = mpq_class(all.high * value.scale.value()).get_d();
    inside = (std::isinf(range.low) || all.low >= sema::quantise(range.low, value.scale)) && (std::isinf(range.high) || all.high <= sema::quantise(range.high, value.scale));
  }
  if (inside) return true;
  auto report = elaborator_.diagnostics().report(Code::A1018, span, absl::StrCat("`", value.name, "` can be anything in ", low, "..", high, ", more than its type says"));
  if (type.range_low != nullptr) report.label(type.range_low->span, "nothing keeps it in here");
  report.note(builder_.encrypted(id) ? "nobody can look at a ciphertext to see: narrower ranges of what it is computed from would prove it" : "`clamp(x, low, high)` bounds a value");
  return false;
}

Value GraphElaborator::invoked_argument(const syntax::Parameter& parameter, const syntax::Expr& text, const Scope& scope, const Scope& own, const std::string& graph) {
  const syntax::Type& type = *parameter.type;
  const std::string name = absl::StrCat("`", parameter.name.text, "` of `", graph, "`");
  const Party* party = type.party ? declarations_.party(*type.party, module_) : nullptr;
  if (party == nullptr) return Value{};  // reported where the graph is declared
  Value v = elaborator_.expression(text, scope);
  if (v.poisoned()) return v;
  Type element = plain(ScalarKind::Str);
  std::optional<Range> range;
  if (!is_bytes(type)) {
    const auto declared = elaborator_.annotation(bare(type), own);
    if (!declared || !declared->fields.empty()) return Value{};
    v = elaborator_.fit(v, *declared, text.span, name, true);
    if (v.poisoned()) return v;
    element = declared->element;
    range = declared->element.range;
  }
  bool failed = false;
  auto id = computed(v, nullptr, text.span, failed);
  if (failed) return Value{};
  if (!id) id = lowered(elaborator_.builder().as_whole(v, v.shape), party, text.span);
  if (id) id = as_declared(*id, name, type, party, range, own, text.span);
  return id ? value_of(*id, element, text.span) : Value{};
}

Value GraphElaborator::invoked_result(const Value& value, const std::string& name, const syntax::Type& type, const Party* all, Span span) {
  const Party* party = type.party ? declarations_.party(*type.party, module_) : all;
  if (party == nullptr) return Value{};
  const Scope own(nullptr, &module_);
  Value v = value;
  Type element = plain(ScalarKind::Str);
  if (!is_bytes(type)) {
    const auto declared = elaborator_.annotation(bare(type), own);
    if (!declared) return Value{};
    v = elaborator_.fit(value, *declared, span, name, false);
    if (v.poisoned()) return v;
    element = declared->element;
  }
  bool failed = false;
  auto id = computed(v, nullptr, span, failed);
  if (failed) return Value{};
  if (!id) id = lowered(elaborator_.builder().as_whole(v, v.shape), party, span);
  if (id) id = as_declared(*id, name, type, party, type.key ? element.range : std::nullopt, own, span);
  return id ? value_of(*id, element, span) : Value{};
}

Value GraphElaborator::graph_invocation(const syntax::Decl& graph, const syntax::Expr& call, const Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (const auto outer = std::find(within_.begin(), within_.end(), &graph); outer != within_.end()) {
    std::string path;
    for (auto step = outer; step != within_.end(); ++step) absl::StrAppend(&path, (*step)->name.text, " → ");
    diagnostics.report(Code::A0206, call.span, absl::StrCat("`", graph.name.text, "` calls itself: ", path, graph.name.text)).note("a graph stands where it is called, so it cannot recurse");
    return Value{};
  }
  const auto own = module_.declarations.find(graph.name.text);
  if (own == module_.declarations.end() || own->second != &graph || graph.type == nullptr) {
    diagnostics.report(Code::A0208, call.span, absl::StrCat("`", graph.name.text, "` is a graph of another module")).note("its parties and keys are those of that module: call it there, or make what both need a function");
    return Value{};
  }
  std::vector<std::string> names;
  for (const syntax::Parameter& each : graph.params) names.push_back(each.name.text);
  const auto found = arguments(call, names, 0, graph.name.text);
  if (!found) return Value{};
  Scope inner(nullptr, &module_);
  for (size_t i = 0; i < names.size(); ++i) {
    const syntax::Parameter& parameter = graph.params[i];
    const bool given = (*found)[i] != nullptr;
    if (!given && parameter.default_value == nullptr) {
      diagnostics.report(Code::A0207, call.span, absl::StrCat("`", graph.name.text, "` needs `", names[i], "`")).note(absl::StrCat("`", graph.name.text, "(", absl::StrJoin(names, ", "), ")`"));
      return Value{};
    }
    const Value v = invoked_argument(parameter, given ? *(*found)[i] : *parameter.default_value, given ? scope : inner, inner, graph.name.text);
    if (v.poisoned()) return v;
    inner.bind(names[i], v);
  }
  const Party* outer = std::exchange(here_, nullptr);
  within_.push_back(&graph);
  std::vector<Slot*> learnt;  // inputs of the parties that compute with them
  elaborator_.enter(graph.name.text, *graph.block, &module_, &learnt);
  const Value value = statements(*graph.block, inner);
  elaborator_.leave();
  within_.pop_back();
  here_ = outer;
  if (value.poisoned()) return value;

  const std::string name = absl::StrCat("the result of `", graph.name.text, "`");
  const syntax::Type& type = *graph.type;
  if (type.kind != syntax::Type::Kind::Record) return invoked_result(value, name, type, nullptr, call.span);
  const Party* all = type.party ? declarations_.party(*type.party, module_) : nullptr;
  std::vector<std::string> fields;
  std::vector<Value> items;
  for (const syntax::Field& field : type.fields) {
    const Value* part = value.field(field.name.text);
    if (part == nullptr) return Value{};  // reported where the graph is declared
    items.push_back(invoked_result(*part, name, *field.type, all, call.span));
    if (items.back().poisoned()) return Value{};
    fields.push_back(field.name.text);
  }
  return elaborator_.builder().record(std::move(fields), std::move(items), call.span);
}

}  // namespace acie::sema
