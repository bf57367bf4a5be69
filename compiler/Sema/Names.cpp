#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Support/NearestName.h"

namespace acie::sema {
namespace {

using syntax::Decl;

/// Operations that a program calls by name; the others are operators.
bool callable(Op op) {
  const std::string_view spelling = op_spelling(op);
  return (std::isalpha(static_cast<unsigned char>(spelling[0])) != 0) && op != Op::And && op != Op::Or && op != Op::Not &&
         op != Op::Select && op != Op::Convert;
}

constexpr const char* kIntrinsics[] = {"clamp", "sign", "where", "hypot"};

constexpr std::pair<const char*, Noise::Law> kPrimitives[] = {
    {"std_uniform", Noise::Law::StdUniform},   {"std_normal", Noise::Law::StdNormal},
    {"std_exponential", Noise::Law::StdExponential}, {"std_logistic", Noise::Law::StdLogistic},
    {"std_gumbel", Noise::Law::StdGumbel},     {"std_cauchy", Noise::Law::StdCauchy},
    {"std_laplace", Noise::Law::StdLaplace},   {"std_student_t", Noise::Law::StdStudentT}};

}  // namespace

std::optional<Op> find_operation(const std::string& name) {
  static constexpr Op kOps[] = {
#define ACIE_OP(name, spelling, arity, group) Op::name,
#include "compiler/Sema/Ops.def"
  };
  for (const Op op : kOps) {
    if (op_spelling(op) == name && callable(op)) return op;
  }
  return std::nullopt;
}

std::optional<Noise::Law> find_primitive_law(const std::string& name) {
  for (const auto& [spelling, law] : kPrimitives) {
    if (name == spelling) return law;
  }
  return std::nullopt;
}

bool is_intrinsic(const std::string& name) {
  return std::any_of(std::begin(kIntrinsics), std::end(kIntrinsics), [&](const char* known) { return name == known; });
}

std::vector<std::string> prelude_names() {
  std::vector<std::string> names(std::begin(kIntrinsics), std::end(kIntrinsics));
  static constexpr Op kOps[] = {
#define ACIE_OP(name, spelling, arity, group) Op::name,
#include "compiler/Sema/Ops.def"
  };
  for (const Op op : kOps) {
    if (callable(op)) names.emplace_back(op_spelling(op));
  }
  const std::vector<std::string> tensors = tensor_call_names();
  names.insert(names.end(), tensors.begin(), tensors.end());
  names.insert(names.end(), {"pi", "inf", "fitting", "categorical"});
  return names;
}

const Decl* Elaborator::find_declaration(const Module& module, const std::string& name, const Module** owner, std::optional<Span> use) {
  const auto in = [&](const Module* candidate, std::string_view called) -> const Decl* {
    const auto found = candidate->declarations.find(called);
    if (found == candidate->declarations.end() || (candidate != &module && is_private(called))) return nullptr;
    *owner = candidate;
    return found->second;
  };
  if (const size_t dot = name.find('.'); dot != std::string::npos) {
    const auto alias = module.aliases.find(name.substr(0, dot));
    if (alias == module.aliases.end()) return nullptr;
    mark_used(module.alias_imports.at(alias->first));
    return in(alias->second, std::string_view(name).substr(dot + 1));
  }
  if (const Decl* own = in(&module, name)) return own;
  if (module.aliases.contains(name)) return nullptr;
  if (const auto imported = module.imported.find(name); imported != module.imported.end()) {
    const auto& meanings = imported->second;
    if (use && meanings.size() > 1) {
      auto report = diagnostics_.report(Code::A0213, *use, absl::StrCat("`", name, "` is declared in `", meanings[0].owner->name, "` and in `", meanings[1].owner->name, "`"));
      for (const Module::Imported& meaning : meanings) report.label(meaning.declaration->name.span, absl::StrCat("in `", meaning.owner->name, "`"));
      report.note(absl::StrCat("`import ", name, " from …` says which, and `import … as m` makes it `m.", name, "`"));
    }
    for (const Module::Imported& meaning : meanings) mark_used(meaning.by);
    *owner = meanings[0].owner;
    return meanings[0].declaration;
  }
  for (const Module* library : prelude_) {
    if (const Decl* found = in(library, name)) return found;
  }
  return nullptr;
}

std::string Elaborator::declaration_name(const syntax::Expr& expr) {
  if (expr.kind == syntax::Expr::Kind::Name) return expr.name.text;
  if (expr.kind != syntax::Expr::Kind::Member || expr.base->kind != syntax::Expr::Kind::Name) return "";
  return absl::StrCat(expr.base->name.text, ".", expr.name.text);
}

bool Elaborator::report_hidden(const Module& module, const std::string& name, Span use) {
  const Module* from = &module;
  std::string called = name;
  if (const size_t dot = name.find('.'); dot != std::string::npos) {
    const auto alias = module.aliases.find(name.substr(0, dot));
    if (alias == module.aliases.end()) return false;
    from = alias->second;
    called = name.substr(dot + 1);
  }
  std::vector<const Module*> imports = module.imports;
  if (from != &module) imports = {from};
  for (const Module* imported : imports) {
    if (const auto found = imported->declarations.find(called); found != imported->declarations.end() && is_private(called)) {
      diagnostics_.report(Code::A0212, use, absl::StrCat("`", called, "` is private to `", imported->name, "`")).label(found->second->name.span, "names that begin with `_` are their file's own");
      return true;
    }
    if (const auto passed = imported->imported.find(called); passed != imported->imported.end()) {
      const std::string& owner = passed->second[0].owner->name;
      diagnostics_.report(Code::A0201, use, absl::StrCat("`", name, "` is not declared")).note(absl::StrCat("it is declared in `", owner, "`, which `", imported->name, "` imports: a module does not pass its imports on, so import `", owner, "` here too"));
      return true;
    }
  }
  for (const auto& [alias, other] : module.aliases) {
    if (from != &module || is_private(name) || !other->declarations.contains(name)) continue;
    const std::string qualified = absl::StrCat(alias, ".", name);
    diagnostics_.report(Code::A0201, use, absl::StrCat("`", name, "` is not declared")).label(use, absl::StrCat("did you mean `", qualified, "`?")).fix(use, qualified, absl::StrCat("write `", qualified, "`"));
    return true;
  }
  return false;
}

namespace {

/// What a name of other languages and of papers is called here.
const char* said_here(std::string_view name) {
  static const std::pair<std::string_view, const char*> kNames[] = {
      {"ln", "the natural logarithm is `log(x)`"},
      {"pow", "a power is written `x^2`"},
      {"power", "a power is written `x^2`"},
      {"True", "the truth values are `true` and `false`"},
      {"False", "the truth values are `true` and `false`"},
      {"gaussian", "the Gaussian law is `normal(mu, sigma)`"},
      {"Gaussian", "the Gaussian law is `normal(mu, sigma)`"},
      {"N", "the Gaussian law is `normal(mu, sigma)`"},
      {"E", "an expectation is written `E[x]`, in the results of a query"},
      {"P", "a probability is written `P[x > 3]`, in the results of a query"},
      {"Var", "a variance is written `Var[x]`, in the results of a query"},
      {"sd", "a standard deviation is written `sd[x]`, in the results of a query"},
      {"Q", "a quantile is written `Q[0.95; x]`, in the results of a query"},
      {"factual", "worlds are spoken of in queries; equations hold in every world"},
      {"None", "there is no empty value; a number that is missing is `bad_input`"},
      {"null", "there is no empty value; a number that is missing is `bad_input`"}};
  for (const auto& [foreign, said] : kNames) {
    if (foreign == name) return said;
  }
  return nullptr;
}

}  // namespace

void Elaborator::report_unknown(const std::string& what, const std::string& name, Span use,
                                const std::vector<std::string>& candidates) {
  if (names_missing_) return;
  auto report = diagnostics_.report(Code::A0201, use, what == "name" ? absl::StrCat("`", name, "` is not declared")
                                                                       : absl::StrCat("there is no ", what, " `", name, "`"));
  if (const std::string near = nearest_name(name, candidates); !near.empty()) {
    report.label(use, absl::StrCat("did you mean `", near, "`?"))
        .fix(use, near, absl::StrCat("write `", near, "`"), Applicability::MaybeIncorrect);
  } else if (const char* said = what == "name" ? said_here(name) : nullptr) {
    report.note(said);
  } else if (const auto other = std::find_if(candidates.begin(), candidates.end(), [&](const std::string& c) { return absl::EqualsIgnoreCase(c, name); }); other != candidates.end()) {
    report.note(absl::StrCat("upper and lower case differ, and there is `", *other, "`"));
  }
}

Value Elaborator::name(const std::string& name, Span use, const Scope& scope) {
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) {
    if (auto found = s->find(name, use)) {
      found->span = use;
      return *found;
    }
  }
  const Module& module = *scope.module();
  const Module* owner = nullptr;
  const Decl* found = nullptr;
  // The prelude's own operations come before its library functions, and after everything of the program.
  found = find_declaration(module, name, &owner, use);
  if (found != nullptr) {
    Value value = found->kind == Decl::Kind::Dim ? dimension(*found, name, *owner, use) : declaration(*found, *owner, use);
    value.span = use;
    return value;
  }
  if (auto member = alternative(name, module, use)) return *std::move(member);
  Value value;
  value.span = use;
  if (const auto alias = module.aliases.find(name); alias != module.aliases.end()) {
    value.kind = Value::Kind::ModuleName;
    value.module = alias->second;
    mark_used(module.alias_imports.at(name));
    return value;
  }
  if (const auto op = find_operation(name)) {
    value.kind = Value::Kind::Function;
    value.op = op;
    return value;
  }
  if (name == "pi") {
    Value pi = Builder::value(builder_.number(3.141592653589793, use), true);
    return pi;
  }
  if (name == "fitting") return Builder::value(builder_.truth(false, use));
  if (name == "inf") return Builder::value(builder_.number(std::numeric_limits<double>::infinity(), use), true);

  // What would not be kept need not be looked for among all names.
  if (diagnostics_.full() && !names_missing_) {
    diagnostics_.report(Code::A0201, use, absl::StrCat("`", name, "` is not declared"));
    return value;
  }
  if (report_hidden(module, name, use)) return value;
  std::vector<std::string> candidates = prelude_names();
  for (const Scope* s = &scope; s != nullptr; s = s->parent()) s->list(candidates);
  for (const auto& [known, decl] : module.declarations) candidates.push_back(known);
  for (const auto& [known, meanings] : module.imported) candidates.push_back(known);
  for (const auto& [known, imported] : module.aliases) candidates.push_back(known);
  for (const Module* library : prelude_) {
    for (const auto& [known, decl] : library->declarations) candidates.push_back(known);
  }
  report_unknown("name", name, use, candidates);
  return value;
}

bool Elaborator::may_open(Span use) {
  constexpr size_t kDeepest = 256;  // definitions inside definitions, as deep as brackets may nest
  if (++opened_ > kMostCalls) {  // two calls in each of thirty are a billion
    if (opened_ == kMostCalls + 1) diagnostics_.report(Code::A0002, use, absl::StrCat("this program calls functions more than ", kMostCalls, " times")).note("functions are expanded where they are called, and what they call in them again: give what is used several times a name with `let`");
    return false;
  }
  if (in_progress_.size() < kDeepest) return true;
  diagnostics_.report(Code::A0002, use, "definitions follow from one another too deeply").note("constants and functions may be 256 deep: declare what is needed first, first");
  return false;
}

Value Elaborator::dimension(const Decl& decl, const std::string& name, const Module& module, Span use) {
  if (use != decl.name.span) mark_used(&decl);
  const auto which = std::find_if(decl.names.begin(), decl.names.end(), [&](const syntax::Name& known) { return known.text == name; }) - decl.names.begin();
  const syntax::Expr* text = decl.values[static_cast<size_t>(which)];
  if (text == nullptr) return read_at_start(decl.names[static_cast<size_t>(which)], module, use);
  if (std::find(in_progress_.begin(), in_progress_.end(), &decl) != in_progress_.end()) {
    diagnostics_.report(Code::A0205, decl.names[static_cast<size_t>(which)].span, absl::StrCat("`", name, "` is defined by itself")).label(use, "needed here while it is being defined");
    return Value{};
  }
  if (!may_open(use)) return Value{};
  in_progress_.push_back(&decl);
  const auto size = this->size(*text, Scope(nullptr, &module), "a dimension");
  in_progress_.pop_back();
  if (!size) return Value{};
  if (*size < 1) {
    diagnostics_.report(Code::A0312, text->span, absl::StrCat("a dimension is at least 1, and this is ", *size));
    return Value{};
  }
  return builder_.size(*size, use);
}

bool Elaborator::is_constant(const Value& v) {
  if (v.is_number()) return constant_value(v.expr).has_value();
  if (v.is_whole()) return v.expr->kind == Expr::Kind::Dense || (v.expr->kind == Expr::Kind::View && constant_value(v.expr->operands[0]));
  return v.items != nullptr && std::all_of(v.items->begin(), v.items->end(), is_constant);
}

std::vector<double> Elaborator::constant_values(const Value& v) {
  if (v.is_number()) return {*constant_value(v.expr)};
  if (v.is_whole() && v.expr->kind == Expr::Kind::Dense) return v.expr->elements->numbers;
  if (v.is_whole()) return std::vector<double>(sizes::any_open(v.shape) ? 1 : static_cast<size_t>(element_count(v.shape)), *constant_value(v.expr->operands[0]));
  std::vector<double> values;
  for (const Value& item : *v.items) {
    const std::vector<double> more = constant_values(item);  // of a record: field by field
    values.insert(values.end(), more.begin(), more.end());
  }
  return values;
}

namespace {

/// What a run calls a declaration: its name, but where modules share it.
std::string run_name(const Decl& decl, const Module& module) {
  const auto renamed = module.run_names.find(&decl);
  return renamed != module.run_names.end() ? renamed->second : decl.name.text;
}

}  // namespace

Value Elaborator::declaration(const Decl& decl, const Module& module, Span use) {
  if (use != decl.name.span) mark_used(&decl);  // checking a declaration by itself is no use of it
  if (const auto known = declared_.find(&decl); known != declared_.end()) return known->second;
  Value value;
  value.declaration = &decl;
  value.module = &module;
  value.span = use;
  switch (decl.kind) {
    case Decl::Kind::Fn: case Decl::Kind::Mechanism:
      value.kind = Value::Kind::Function;
      return value;
    case Decl::Kind::Const: case Decl::Kind::Let: case Decl::Kind::Param: break;
    default:
      value.kind = Value::Kind::Other;
      return value;
  }
  if (std::find(in_progress_.begin(), in_progress_.end(), &decl) != in_progress_.end()) {
    diagnostics_.report(Code::A0205, decl.name.span, absl::StrCat("`", decl.name.text, "` is defined by itself"))
        .label(use, "needed here while it is being defined");
    return declared_[&decl] = Value{};
  }
  if (!may_open(use)) return Value{};
  in_progress_.push_back(&decl);
  auto& top = top_level_[&module];
  if (top == nullptr) top = std::make_unique<Scope>(nullptr, &module);
  const Scope& scope = *top;
  std::optional<Annotation> declared = decl.type != nullptr ? annotation(*decl.type, scope) : std::nullopt;
  Value result;
  if (decl.value != nullptr && (decl.type == nullptr || declared)) {
    result = expression(*decl.value, scope);
    if (decl.kind == Decl::Kind::Let && declared == std::nullopt) result = named_by_let(std::move(result), run_name(decl, module), nullptr);
    const bool function = decl.kind == Decl::Kind::Let && declared == std::nullopt && result.kind == Value::Kind::Function;
    if (!function && result.kind != Value::Kind::Record && !result.is_tensor() && !builder_.require_number(result)) result = Value{};
    if (declared && !result.poisoned()) {
      result = fit(result, *declared, decl.value->span, absl::StrCat("`", decl.name.text, "`"), true);
      result.literal = false;
    }
  }
  if (decl.kind == Decl::Kind::Const && !result.poisoned() && !is_constant(result)) {
    diagnostics_.report(Code::A0310, decl.value->span, absl::StrCat("`", decl.name.text, "` is a constant, and this is not known when compiling"))
        .note("a value that is set per run is a `param`");
    result = Value{};
  }
  if (decl.kind == Decl::Kind::Param && !result.poisoned()) {
    Slot slot;
    slot.role = Slot::Role::Param;
    slot.name = run_name(decl, module);
    slot.doc = decl.doc;
    slot.span = decl.name.span;
    std::vector<double> values;
    if (!is_constant(result)) {
      diagnostics_.report(Code::A0310, decl.value->span, absl::StrCat("the default of `", decl.name.text, "` is not a number known when compiling"));
      result = Value{};
    } else {
      std::vector<Slot*> made;
      result = slots(std::move(slot), *declared, constant_values(result), made);
    }
  }
  in_progress_.pop_back();
  return declared_[&decl] = result;
}

}  // namespace acie::sema
