#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Support/NearestName.h"

namespace acie::sema {
namespace {

/// What other languages call the scalar types.
constexpr std::pair<const char*, const char*> kForeignTypes[] = {
    {"double", "f64"}, {"float", "f64"}, {"float64", "f64"}, {"real", "f64"}, {"number", "f64"}, {"float32", "f32"},
    {"int", "i64"}, {"integer", "i64"}, {"int64", "i64"}, {"int32", "i32"}, {"boolean", "bool"}, {"Bool", "bool"}, {"string", "str"}};

}  // namespace

std::optional<units::Unit> Elaborator::unit(const syntax::UnitText& text, const Module& module) {
  const units::UnitResult result = units::parse_unit(text.text, module.units);
  if (result) return *result;
  Span at = text.span;
  at.begin += static_cast<uint32_t>(std::min<size_t>(result.error.offset, text.text.size()));
  at.end = std::max(at.begin, std::min<uint32_t>(at.end, at.begin + static_cast<uint32_t>(result.error.length)));
  auto report = diagnostics_.report(Code::A0301, at, result.error.message);
  if (!result.error.suggestions.empty()) {
    const std::string& near = result.error.suggestions.front();
    report.label(at, absl::StrCat("did you mean `", near, "`?")).fix(at, near, absl::StrCat("write `", near, "`"));
  } else if (!result.error.unknown_name.empty()) {
    report.note("astronomers' units come with `import std.astro`; `unit name = 3<m>` declares one");
  }
  return std::nullopt;
}

std::optional<Type> Elaborator::type(const syntax::Type& written, const Scope& scope) {
  const auto later = [&](Code code, const std::string& what) {
    diagnostics_.report(code, written.span, absl::StrCat(what, " are not built yet"));
    return std::nullopt;
  };
  if (written.party || written.key) return later(Code::A0704, "parties and encrypted values");
  if (!written.dims.empty()) return later(Code::A0701, "tensors");
  if (written.optional) return later(Code::A0709, "optional values");
  switch (written.kind) {
    case syntax::Type::Kind::Scalar: break;
    case syntax::Type::Kind::Stream: return later(Code::A0705, "streams");
    case syntax::Type::Kind::Record: return later(Code::A0710, "records");
    case syntax::Type::Kind::Law:
      diagnostics_.report(Code::A0211, written.span, "a law is the result of a function, not the type of a value");
      return std::nullopt;
    case syntax::Type::Kind::Named: {
      const Module* owner = nullptr;
      const syntax::Decl* found = find_declaration(*scope.module(), written.path.str(), &owner);
      if (found != nullptr && found->kind == syntax::Decl::Kind::Type) return std::nullopt;  // reported where it is declared
      if (written.path.str() == "index") return later(Code::A0701, "indices");
      const std::string name = written.path.str();
      for (const auto& [foreign, own] : kForeignTypes) {
        if (name != foreign) continue;
        diagnostics_.report(Code::A0201, written.span, absl::StrCat("there is no type `", name, "`"))
            .label(written.span, absl::StrCat("here it is called `", own, "`"))
            .fix(written.span, own, absl::StrCat("write `", own, "`"));
        return std::nullopt;
      }
      report_unknown("type", name, written.span, {"f64", "f32", "i64", "i32", "bool", "str"});
      return std::nullopt;
    }
  }
  const auto kind = scalar_kind(written.scalar);
  if (!kind) return later(Code::A0710, absl::StrCat("`", written.scalar, "` data"));
  if (*kind == ScalarKind::Str) return later(Code::A0710, "texts");
  Type result = plain(*kind);
  if (written.unit) {
    if (!is_float(*kind)) {
      diagnostics_.report(Code::A0304, written.span, absl::StrCat("only f64 and f32 have units, not ", written.scalar));
      return std::nullopt;
    }
    const auto of = unit(*written.unit, *scope.module());
    if (!of) return std::nullopt;
    result.unit = *of;
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
    result.range = Range{*low, *high};
  }
  return result;
}

}  // namespace acie::sema
