// Generic sizes of functions: what the arguments, or the brackets at a call, say that each is.

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {

std::vector<const syntax::Name*> Elaborator::sizes_of(const syntax::Decl& function) {
  std::vector<const syntax::Name*> sizes;
  for (const syntax::Name& generic : function.generics) {
    const bool unit = std::any_of(function.params.begin(), function.params.end(), [&](const syntax::Parameter& p) { return p.type->unit && p.type->unit->text == generic.text; });
    if (!unit) sizes.push_back(&generic);
  }
  return sizes;
}

/// Of these sizes those that are no parameter's bare dimension, so that a call must write them.
std::vector<const syntax::Name*> Elaborator::only_written(const syntax::Decl& function, std::vector<const syntax::Name*> sizes) {
  std::erase_if(sizes, [&](const syntax::Name* size) {
    return std::any_of(function.params.begin(), function.params.end(), [&](const syntax::Parameter& p) {
      return std::any_of(p.type->dims.begin(), p.type->dims.end(), [&](const syntax::Expr* dim) { return dim->kind == syntax::Expr::Kind::Name && dim->name.text == size->text; });
    });
  });
  return sizes;
}

namespace {

/// factor · (a generic whose size is not known yet) + rest.
struct LinearSize {
  std::string of;  // "" where factor is 0
  int64_t factor = 0, rest = 0;
};

std::optional<LinearSize> linear_size(const syntax::Expr& dim, const std::vector<const syntax::Name*>& names, const std::map<std::string, int64_t>& known) {
  using Kind = syntax::Expr::Kind;
  if (dim.kind == Kind::Integer) {
    int64_t number = 0;
    const char* const end = dim.text.data() + dim.text.size();
    const auto [stop, error] = std::from_chars(dim.text.data(), end, number);
    return error == std::errc() && stop == end ? std::optional(LinearSize{"", 0, number}) : std::nullopt;
  }
  if (dim.kind == Kind::Name) {
    if (const auto found = known.find(dim.name.text); found != known.end()) return LinearSize{"", 0, found->second};
    const bool generic = std::any_of(names.begin(), names.end(), [&](const syntax::Name* name) { return name->text == dim.name.text; });
    return generic ? std::optional(LinearSize{dim.name.text, 1, 0}) : std::nullopt;
  }
  if (dim.kind != Kind::Binary) return std::nullopt;
  const auto a = linear_size(*dim.operands[0], names, known), b = linear_size(*dim.operands[1], names, known);
  if (!a || !b || (!a->of.empty() && !b->of.empty() && (a->of != b->of || dim.binary == syntax::BinaryOp::Mul))) return std::nullopt;
  const std::string& of = a->of.empty() ? b->of : a->of;
  switch (dim.binary) {
    case syntax::BinaryOp::Add: return LinearSize{of, a->factor + b->factor, sizes::plus(a->rest, b->rest)};
    case syntax::BinaryOp::Sub: return LinearSize{of, a->factor - b->factor, sizes::minus(a->rest, b->rest)};
    case syntax::BinaryOp::Mul: {
      const LinearSize &linear = a->of.empty() ? *b : *a, &times = a->of.empty() ? *a : *b;
      if (!of.empty() && sizes::is_open(times.rest)) return std::nullopt;
      return LinearSize{of, of.empty() ? 0 : linear.factor * times.rest, sizes::times(a->rest, b->rest)};
    }
    default: return std::nullopt;
  }
}

/// Which generic, and how large, makes `dim` the size of an argument's axis; nullopt where that is not linear in one.
std::optional<std::pair<std::string, int64_t>> solve_size(const syntax::Expr& dim, int64_t size, const std::vector<const syntax::Name*>& names, const std::map<std::string, int64_t>& known) {
  const auto linear = linear_size(dim, names, known);
  if (!linear || linear->factor == 0) return std::nullopt;
  const int64_t rest = sizes::minus(size, linear->rest);
  if (linear->factor == 1) return std::pair(linear->of, rest);
  if (sizes::is_open(rest) || rest % linear->factor != 0) return std::nullopt;
  return std::pair(linear->of, rest / linear->factor);
}

}  // namespace

/// Binds each generic size: as written at the call, where all are or those that the arguments do not say; else where a parameter's dimension is its bare name, the argument's. A
/// generic that is the bare unit of a parameter is the unit of the first such argument.
bool Elaborator::infer_generics(const syntax::Decl& function, const std::vector<Value>& arguments, const std::vector<int64_t>& written, Scope& scope, Span span,
                                const std::vector<syntax::Parameter>* of_member) {
  const std::vector<syntax::Parameter>& parameters = of_member != nullptr ? *of_member : function.params;
  std::map<std::string, int64_t> sizes;
  const std::vector<const syntax::Name*> names = sizes_of(function);
  const std::vector<const syntax::Name*> said = written.size() == names.size() ? names : only_written(function, names);
  for (size_t i = 0; i < written.size(); ++i) sizes[said[i]->text] = written[i];
  std::set<std::string> units;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto& of = parameters[i].type->unit;
    const Value* number = arguments[i].items != nullptr && arguments[i].is_tensor() ? &arguments[i].items->front() : &arguments[i];
    if (of && number->expr != nullptr && std::any_of(function.generics.begin(), function.generics.end(), [&](const syntax::Name& g) { return g.text == of->text; }) && units.insert(of->text).second) {
      scope.bind_unit(of->text, number->expr->type.unit);
    }
    const std::vector<syntax::Expr*>& dims = parameters[i].type->dims;
    if (!arguments[i].is_tensor() || dims.size() != arguments[i].shape.size()) continue;  // reported where it is fitted
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      if (dims[axis]->kind == syntax::Expr::Kind::Name) sizes.emplace(dims[axis]->name.text, std::max<int64_t>(arguments[i].shape[axis], 1));
    }
  }
  // Then those of which a dimension is a multiple and a sum, `2 * N + 1`.
  for (bool more = true; std::exchange(more, false);) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const std::vector<syntax::Expr*>& dims = parameters[i].type->dims;
      if (!arguments[i].is_tensor() || dims.size() != arguments[i].shape.size()) continue;
      for (size_t axis = 0; axis < dims.size(); ++axis) {
        const auto solved = solve_size(*dims[axis], std::max<int64_t>(arguments[i].shape[axis], 1), names, sizes);
        if (solved) more = sizes.insert(*solved).second || more;
      }
    }
  }
  for (const syntax::Name* generic : names) {
    const auto found = sizes.find(generic->text);
    if (found == sizes.end()) {
      diagnostics_.report(Code::A0313, span, absl::StrCat("nothing here says what `", generic->text, "` of `", function.name.text, "` is"))
          .label(generic->span, "declared here")
          .note(of_member != nullptr ? absl::StrCat("write it where the instance is named, `let net = ", function.name.text, "[…]`") : absl::StrCat("write it at the call, `", function.name.text, "[…](…)`"));
      return false;
    }
    if (found->second < 1) {
      diagnostics_.report(Code::A0312, span, absl::StrCat("`", generic->text, "` of `", function.name.text, "` is at least 1, and here it is ", found->second)).label(generic->span, "declared here");
      return false;
    }
    scope.bind(generic->text, builder_.size(found->second, generic->span));
  }
  return true;
}

}  // namespace acie::sema
