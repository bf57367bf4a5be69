#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/ModuleUnits.h"
#include "compiler/Support/NearestName.h"

namespace acie::sema {
namespace {

/// Elements of a tensor, as the package's plan bounds them.
constexpr int64_t kLargestTensor = int64_t{1} << 30;


/// What other languages call the scalar types.
constexpr std::pair<const char*, const char*> kForeignTypes[] = {
    {"double", "f64"}, {"float", "f64"}, {"float64", "f64"}, {"real", "f64"}, {"number", "f64"}, {"float32", "f32"},
    {"int", "i64"}, {"integer", "i64"}, {"int64", "i64"}, {"int32", "i32"}, {"boolean", "bool"}, {"Bool", "bool"}, {"string", "str"}};

/// Whole numbers of data: held in a wider type, whose range they keep. Names like others, so that `u8` may be a noise.
struct DataType {
  const char* name;
  ScalarKind held;
  Range range;
};
constexpr DataType kDataTypes[] = {{"u8", ScalarKind::I32, {0, 255}}, {"i8", ScalarKind::I32, {-128, 127}},
                                   {"u16", ScalarKind::I32, {0, 65535}}, {"i16", ScalarKind::I32, {-32768, 32767}},
                                   {"u32", ScalarKind::I64, {0, 4294967295}}};

}  // namespace

std::optional<units::Unit> Elaborator::unit(const syntax::UnitText& text, const Scope& scope) {
  std::string ambiguous;
  if (const auto* between = ambiguous_unit(*scope.module(), text.text, ambiguous)) {
    diagnostics_.report(Code::A0213, text.span, absl::StrCat("the unit `", ambiguous, "` of `", between->first, "` and that of `", between->second, "` differ"))
        .note(absl::StrCat("a `unit ", ambiguous, " = …` of this file hides both; `import … from …` brings in what it lists alone"));
    return std::nullopt;
  }
  std::map<std::string, units::Unit> generic;
  scope.collect_units(generic);
  std::optional<units::UnitTable> with_generics;
  if (!generic.empty()) {
    with_generics = scope.module()->units;
    for (const auto& [name, of] : generic) with_generics->replace(name, of, false);
  }
  const units::UnitTable& table = with_generics ? *with_generics : scope.module()->units;
  const units::UnitResult result = units::parse_unit(text.text, table);
  if (result && generic.empty()) return *result;
  if (result) {
    // Spelled by what the generic names stand for.
    std::optional<units::Unit> spelled = units::Unit();
    for (const auto& [symbol, exponent] : result->factors()) {
      const auto bound = generic.find(symbol);
      const auto part = units::power(bound != generic.end() ? bound->second : *table.find(symbol), exponent);
      spelled = part ? units::multiply(*spelled, *part) : std::nullopt;
      if (!spelled) return *result;
    }
    return spelled;
  }
  Span at = text.span;
  at.begin += static_cast<uint32_t>(std::min<size_t>(result.error.offset, text.text.size()));
  at.end = std::max(at.begin, std::min<uint32_t>(at.end, at.begin + static_cast<uint32_t>(result.error.length)));
  if (names_missing_ && !result.error.unknown_name.empty()) return std::nullopt;
  auto report = diagnostics_.report(Code::A0301, at, result.error.message);
  if (!result.error.suggestions.empty()) {
    const std::string& near = result.error.suggestions.front();
    report.label(at, absl::StrCat("did you mean `", near, "`?")).fix(at, near, absl::StrCat("write `", near, "`"));
  } else if (!result.error.unknown_name.empty()) {
    report.note("astronomers' units come with `import std.astro`; `unit name = 3<m>` declares one");
  }
  return std::nullopt;
}

std::optional<Shape> Elaborator::shape(const std::vector<syntax::Expr*>& dims, const Scope& scope) {
  Shape result;
  for (const syntax::Expr* dim : dims) {
    const auto size = this->size(*dim, scope, "a dimension");
    if (!size) return std::nullopt;
    if (*size < 1) {
      diagnostics_.report(Code::A0312, dim->span, absl::StrCat("a dimension is at least 1, and this is ", *size));
      return std::nullopt;
    }
    result.push_back(*size);
    if (sizes::is_open(element_count(result))) continue;
    if (*size > kLargestTensor || element_count(result) > kLargestTensor) {
      diagnostics_.report(Code::A0701, dim->span, absl::StrCat("tensors of more than ", kLargestTensor, " elements are not built yet"));
      return std::nullopt;
    }
  }
  return result;
}

std::optional<Annotation> Elaborator::annotation(const syntax::Type& written, const Scope& scope) {
  Annotation result;
  if (written.kind == syntax::Type::Kind::Record && !written.party && !written.key && !written.optional && written.dims.empty()) {
    for (const syntax::Field& field : written.fields) {
      auto part = annotation(*field.type, scope);
      if (!part) return std::nullopt;
      result.fields.push_back({field.name.text, *std::move(part)});
    }
    return result;
  }
  if (written.kind == syntax::Type::Kind::Named) {
    const Module* owner = nullptr;
    const syntax::Decl* found = find_declaration(*scope.module(), written.path.str(), &owner, written.path.span);
    if (found != nullptr && found->kind == syntax::Decl::Kind::Type && found->type != nullptr) {
      if (std::find(in_progress_.begin(), in_progress_.end(), found) != in_progress_.end()) {
        diagnostics_.report(Code::A0205, found->name.span, absl::StrCat("`", found->name.text, "` is defined by itself"));
        return std::nullopt;
      }
      mark_used(found);
      in_progress_.push_back(found);
      auto alias = annotation(*found->type, Scope(nullptr, owner));
      in_progress_.pop_back();
      const auto outer = alias ? shape(written.dims, scope) : std::nullopt;
      if (!outer) return std::nullopt;
      if (!outer->empty() && !alias->fields.empty()) {
        diagnostics_.report(Code::A0710, written.span, "tensors of records are not built yet").note("a record of tensors is");
        return std::nullopt;
      }
      alias->shape.insert(alias->shape.begin(), outer->begin(), outer->end());
      return alias;
    }
    if (written.path.str() == "index" && found == nullptr) {
      // index[G]: a place in an axis of G.
      const auto axes = shape(written.dims, scope);
      if (!axes) return std::nullopt;
      if (axes->size() != 1) {
        diagnostics_.report(Code::A0312, written.span, "`index[G]` is a place in one axis");
        return std::nullopt;
      }
      if (const FiniteType* finite = named_finite_type(*written.dims[0], scope)) {
        result.element = of_finite(finite);  // index[Arm] is Arm
        return result;
      }
      // The last place of an axis whose size is read at start is an open size: a number larger than any place.
      result.element = plain(ScalarKind::I64);
      result.element.range = Range{0, static_cast<double>(sizes::minus((*axes)[0], 1))};
      return result;
    }
  }
  syntax::Type element = written;
  element.dims.clear();
  const auto of = type(element, scope);
  const auto sizes = of ? shape(written.dims, scope) : std::nullopt;
  if (!sizes) return std::nullopt;
  result.element = *of;
  result.shape = *sizes;
  return result;
}

Value Elaborator::fit(const Value& v, const Annotation& to, Span span, const std::string& what, bool broadcast) {
  if (v.poisoned()) return v;
  if (!to.fields.empty()) {
    if (v.kind != Value::Kind::Record) {
      diagnostics_.report(Code::A0304, span, absl::StrCat(what, " is a record, and this is none"));
      return Value{};
    }
    std::vector<std::string> names;
    std::vector<Value> parts;
    for (const auto& [name, type] : to.fields) {
      const Value* part = v.field(name);
      if (part == nullptr) {
        diagnostics_.report(Code::A0304, span, absl::StrCat(what, " has a field `", name, "`, and this record has none"));
        return Value{};
      }
      names.push_back(name);
      parts.push_back(fit(*part, type, span, absl::StrCat(what, ".", name), broadcast));
      if (parts.back().poisoned()) return Value{};
    }
    if (v.fields->size() != names.size()) {
      diagnostics_.report(Code::A0304, span, absl::StrCat(what, " has ", names.size(), " fields, and this record has ", v.fields->size()));
      return Value{};
    }
    return builder_.record(std::move(names), std::move(parts), span);
  }
  if (to.shape.empty()) {
    if (!builder_.require_number(v)) return Value{};
    return builder_.coerce(v, to.element, span, what);
  }
  if (v.is_tensor() && v.shape != to.shape && v.shape.size() == to.shape.size()) {
    bool stretches = true;  // what `new` made, to the size that is declared
    for (size_t axis = 0; axis < to.shape.size(); ++axis) stretches = stretches && (v.shape[axis] == to.shape[axis] || v.shape[axis] == kStretch);
    if (stretches) return fit(builder_.stretched_to(v, to.shape), to, span, what, broadcast);
  }
  if (v.is_tensor() ? v.shape != to.shape : !broadcast) {
    if (!builder_.require_numbers(v)) return Value{};
    diagnostics_.report(Code::A0312, v.span, absl::StrCat(what, " has the shape ", to_string(to.shape), ", and this ", v.is_tensor() ? absl::StrCat("has ", to_string(v.shape)) : "is one number"));
    return Value{};
  }
  Value fitted = builder_.coerce(v, to.element, span, what);
  if (fitted.poisoned() || fitted.is_tensor()) return fitted;
  if (element_count(to.shape) > kUnrolled) return Builder::whole(builder_.as_whole(fitted, to.shape), span);
  return builder_.tensor(to.shape, std::vector<Value>(static_cast<size_t>(element_count(to.shape)), fitted), span);
}

std::optional<Type> Elaborator::type(const syntax::Type& written, const Scope& scope) {
  const auto later = [&](Code code, const std::string& what) {
    diagnostics_.report(code, written.span, absl::StrCat(what, " are not built yet"));
    return std::nullopt;
  };
  if (written.party || written.key) {
    diagnostics_.report(Code::A1013, written.span, absl::StrCat("`", written.party ? "at" : "under", "` stands in the types of a graph's parameters, results and `let`s")).note("functions take values of any party, encrypted or not");
    return std::nullopt;
  }
  if (!written.dims.empty() && written.kind != syntax::Type::Kind::Named) {
    diagnostics_.report(Code::A0312, written.span, "one number is meant here, not a tensor");
    return std::nullopt;
  }
  if (written.optional) return later(Code::A0709, "optional values");
  const DataType* data = nullptr;
  switch (written.kind) {
    case syntax::Type::Kind::Scalar: break;
    case syntax::Type::Kind::Stream: return later(Code::A0705, "streams");
    case syntax::Type::Kind::Record: return later(Code::A0710, "records");
    case syntax::Type::Kind::Law:
      diagnostics_.report(Code::A0211, written.span, "a law is the result of a function, not the type of a value");
      return std::nullopt;
    case syntax::Type::Kind::Named: {
      const Module* owner = nullptr;
      const syntax::Decl* found = find_declaration(*scope.module(), written.path.str(), &owner, written.path.span);
      if (found != nullptr && found->kind == syntax::Decl::Kind::Type && found->type == nullptr) {
        mark_used(found);
        const FiniteType* finite = finite_type(*found);
        return finite == nullptr ? std::nullopt : std::optional(of_finite(finite));
      }
      if (found != nullptr ? found->kind == syntax::Decl::Kind::Type : written.path.str() == "index") {
        const auto named = annotation(written, scope);
        if (!named) return std::nullopt;
        if (named->fields.empty() && named->shape.empty()) return named->element;
        diagnostics_.report(Code::A0312, written.span, "one number is meant here, not a tensor or a record");
        return std::nullopt;
      }
      const std::string name = written.path.str();
      for (const DataType& each : kDataTypes) {
        if (name == each.name) data = &each;
      }
      if (data != nullptr) break;
      for (const auto& [foreign, own] : kForeignTypes) {
        if (name != foreign) continue;
        diagnostics_.report(Code::A0201, written.span, absl::StrCat("there is no type `", name, "`"))
            .label(written.span, absl::StrCat("here it is called `", own, "`"))
            .fix(written.span, own, absl::StrCat("write `", own, "`"));
        return std::nullopt;
      }
      if (report_hidden(*scope.module(), name, written.span)) return std::nullopt;
      std::vector<std::string> types = {"f64", "f32", "i64", "i32", "bool", "str"};
      for (const auto& [known, decl] : scope.module()->declarations) {
        if (decl->kind == syntax::Decl::Kind::Type) types.push_back(known);
      }
      for (const auto& [known, meanings] : scope.module()->imported) {
        if (meanings[0].declaration->kind == syntax::Decl::Kind::Type) types.push_back(known);
      }
      report_unknown("type", name, written.span, types);
      return std::nullopt;
    }
  }
  const std::optional<ScalarKind> kind = data != nullptr ? std::optional(data->held) : scalar_kind(written.scalar);
  if (!kind) return later(Code::A0710, absl::StrCat("`", written.scalar, "` data"));
  Type result = *kind == ScalarKind::Str ? text_type() : plain(*kind);
  if (data != nullptr) result.range = data->range;
  if (written.unit) {
    if (!is_float(*kind)) {
      diagnostics_.report(Code::A0304, written.span, absl::StrCat("only f64 and f32 have units, not ", written.scalar));
      return std::nullopt;
    }
    const auto of = unit(*written.unit, scope);
    if (!of) return std::nullopt;
    result.unit = *of;
  }
  if (written.range_low != nullptr && *kind == ScalarKind::Str) {
    diagnostics_.report(Code::A0304, cover(written.range_low->span, written.range_high->span), "texts have no order, and no range").note("`type Band = g | r | i` declares the values there are");
    return std::nullopt;
  }
  if (written.range_low != nullptr) {
    Type bound_type = result;
    bound_type.scalar = ScalarKind::F64;
    const auto bound_of = [&](const syntax::Expr& text) -> std::optional<double> {
      Value v = number(text, scope);
      if (v.poisoned()) return std::nullopt;
      // A plain bound counts in the type's own unit.
      if (v.kind == Value::Kind::Number && v.expr->type.unit.is_one()) {
        if (const auto plain_bound = constant_value(v.expr)) return plain_bound;
      }
      return constant(text, scope, bound_type, "a bound of a range");
    };
    const auto low = bound_of(*written.range_low), high = bound_of(*written.range_high);
    if (!low || !high) return std::nullopt;
    if (!(*low <= *high)) {
      diagnostics_.report(Code::A0311, cover(written.range_low->span, written.range_high->span), "this range is empty: its lower bound is above its upper bound");
      return std::nullopt;
    }
    const Range whole = result.range.value_or(Range{});
    if (*high < whole.low || *low > whole.high) {
      diagnostics_.report(Code::A0311, cover(written.range_low->span, written.range_high->span), absl::StrCat("no ", data->name, " lies in this range"));
      return std::nullopt;
    }
    result.range = Range{std::max(*low, whole.low), std::min(*high, whole.high)};
  }
  return result;
}

}  // namespace acie::sema
