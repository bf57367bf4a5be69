// Laws of tensors: functions with result `law<f64[N]>`, whose elements are made together, and laws of numbers that take tensors.
// The noise of a body may be a tensor too.

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"

namespace acie::sema {

bool Elaborator::is_joint(const LawCall& law) {
  if (law.declaration == nullptr) return false;
  const syntax::Decl& function = *law.declaration;
  return !function.generics.empty() || !function.type->element->dims.empty() ||
         std::any_of(function.params.begin(), function.params.end(), [](const syntax::Parameter& parameter) { return !parameter.type->dims.empty(); });
}

std::optional<Shape> Elaborator::joint_shape(const LawCall& law) {
  const syntax::Decl& function = *law.declaration;
  Scope scope(nullptr, law.module);
  if (!infer_generics(function, law.arguments, law.generics, scope, law.span)) return std::nullopt;
  const auto result = annotation(*function.type->element, scope);
  if (!result) return std::nullopt;
  if (result->fields.empty()) return result->shape;
  diagnostics_.report(Code::A0304, function.type->span, "a law is of numbers and tensors, not of records").note("declare a variable per field");
  return std::nullopt;
}

/// `exo e : f64[N] ~ normal(0, 1)` in the body of a law: a tensor of noises where its type, or its law, has a shape.
Value Elaborator::noise_in_block(const syntax::Stmt& stmt, const LawCall& law, const Scope& scope, const DrawNoise& draw_noise) {
  const std::string& name = stmt.names[0].text;
  const auto declared = stmt.type != nullptr ? annotation(*stmt.type, scope) : std::optional<Annotation>(Annotation{});
  const auto of_law = law_shape(law);
  if (!declared || !of_law) return Value{};
  const Shape shape = of_law->empty() ? declared->shape : *of_law;
  if (stmt.type != nullptr && shape != declared->shape) {
    diagnostics_.report(Code::A0312, stmt.law->span, absl::StrCat("`", name, "` ", declared->shape.empty() ? "is one number" : absl::StrCat("has the shape ", to_string(declared->shape)), ", and this law has ", to_string(shape)));
    return Value{};
  }
  Value noise;
  if (is_joint(law) && !of_law->empty()) {
    noise = draw(law, name, stmt.span, draw_noise).result;
  } else {
    noise = draw_noise(law, name, stmt.span, shape);
  }
  if (noise.poisoned() || stmt.type == nullptr) return noise;
  Type type = declared->element;
  type.range.reset();
  return builder_.coerce(noise, type, stmt.span, absl::StrCat("`", name, "`"));
}

Value Elaborator::each_noise(const LawCall& law, const std::string& name, Span span, const Shape& shape, const DrawNoise& element) {
  if (sizes::any_open(shape) || element_count(shape) > kMostListed) {
    diagnostics_.report(Code::A0701, span, absl::StrCat("noise of the shape ", to_string(shape), " inside the law of one number is not built yet"));
    return Value{};
  }
  std::vector<Value> items;
  for (int64_t position = 0; position < element_count(shape); ++position) {
    items.push_back(element(law_at(law, position), absl::StrCat(name, index_text(shape, position)), span, {}));
    if (items.back().poisoned()) return Value{};
  }
  return builder_.tensor(shape, std::move(items), span);
}

Value Elaborator::draw_jointly(const LawCall& law, const std::string& name, const std::vector<std::string>& names, const Shape& shape, Span span, std::vector<Variable*>& noises, const Shape& steps) {
  std::optional<Builder::Loop> loop;  // over the steps
  if (!steps.empty()) loop.emplace(builder_);
  const std::string base = absl::StrCat(name, ".noise");
  const DrawNoise as_variables = [&](const LawCall& inner, const std::string& noise_name, Span at, const Shape& of) -> Value {
    const auto made = [&](const LawCall& each, const std::string& called, const Shape& whole) {
      noises.push_back(make_exo(each, called, span, true, whole));
      return builder_.variable(noises.back(), kThisWorld, span);
    };
    if (of.empty()) return Builder::value(made(inner, noise_name, steps));
    const std::string local = noise_name.substr(base.size());  // ".e" where the law has several
    const bool own = of == shape;
    const bool small = element_count(of) <= kUnrolled && !sizes::any_open(of);
    if (steps.empty() && (own ? names.size() == 1 : !small)) return Builder::whole(made(law_of_all(inner, of), own ? absl::StrCat(names[0], ".noise", local) : noise_name, of), span);
    std::vector<Value> items;
    for (int64_t position = 0; position < element_count(of); ++position) {
      const std::string called = own ? absl::StrCat(names[static_cast<size_t>(position)], ".noise", local) : absl::StrCat(noise_name, index_text(of, position));
      items.push_back(Builder::value(made(law_at(inner, position), called, steps)));
    }
    return builder_.tensor(of, std::move(items), span);
  };
  return draw(law, base, span, as_variables).result;
}

}  // namespace acie::sema
