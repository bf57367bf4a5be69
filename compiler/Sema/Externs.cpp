// mechanism decoder(z: f32[16]) -> f32[6000] extern torch("decoder.pt"): modules of other libraries.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/FileNames.h"

namespace acie::sema {

/// The module that `mechanism` calls, read into the program once; nullopt after reporting.
std::optional<int64_t> Elaborator::extern_module(const syntax::Decl& mechanism) {
  const syntax::Expr& call = *mechanism.value;
  const bool torch = call.kind == syntax::Expr::Kind::Call && call.base->kind == syntax::Expr::Kind::Name && call.base->name.text == "torch";
  if (!torch || call.args.size() != 1 || call.args[0].name || call.args[0].generator || call.args[0].value->kind != syntax::Expr::Kind::String) {
    diagnostics_.report(Code::A0207, call.span, "a module of another library is written `extern torch(\"file.pt\")`").note("the file is a TorchScript module, which is read when compiling");
    return std::nullopt;
  }
  const syntax::Expr& text = *call.args[0].value;
  const std::string location = beside(sources_.path(call.span.file), text.text);
  if (const auto known = externs_.find(location); known != externs_.end()) return known->second;
  std::error_code error;
  std::ifstream file(location, std::ios::binary);
  ExternModule module;
  if (file && !std::filesystem::is_directory(location, error)) module.content.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || module.content.empty()) {
    diagnostics_.report(Code::A0214, text.span, absl::StrCat("cannot read ", location)).note("a file is looked for beside the program that mentions it");
    return externs_[location] = std::nullopt;
  }
  // TorchScript files are archives in the format of ZIP.
  if (!module.content.starts_with("PK")) {
    diagnostics_.report(Code::A0214, text.span, absl::StrCat(location, " is no TorchScript module")).note("save one with `torch.jit.script(model).save(\"file.pt\")`; what `torch.save` writes cannot be called");
    return externs_[location] = std::nullopt;
  }
  module.name = text.text;
  module.location = location;
  module.sha256 = hash_of(module.content);
  program().modules.push_back(std::move(module));
  return externs_[location] = static_cast<int64_t>(program().modules.size()) - 1;
}

Value Elaborator::apply_extern(const syntax::Decl& mechanism, const Module& module, const std::vector<Value>& arguments, Span span, const std::vector<int64_t>& generics) {
  if (!mechanism.has_params || mechanism.params.empty() || mechanism.type == nullptr) {
    diagnostics_.report(Code::A0207, mechanism.name.span, "a module of another library is declared with its parameters and its result").note("`mechanism decoder(z: f32[16]) -> f32[6000] extern torch(\"decoder.pt\")`");
    return Value{};
  }
  Scope scope(nullptr, &module);
  if (!infer_generics(mechanism, arguments, generics, scope, span)) return Value{};
  Expr call;
  call.kind = Expr::Kind::Extern;
  call.span = span;
  const auto one_tensor = [&](const syntax::Type& written, const Annotation& type) {
    if (type.fields.empty()) return true;
    diagnostics_.report(Code::A0710, written.span, "records in calls of other libraries are not built yet").note("modules take numbers and tensors, and give one");
    return false;
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto declared = annotation(*mechanism.params[i].type, scope);
    if (!declared || !one_tensor(*mechanism.params[i].type, *declared)) return Value{};
    const Value value = fit(arguments[i], *declared, arguments[i].span, absl::StrCat("`", mechanism.params[i].name.text, "` of `", mechanism.name.text, "`"), false);
    if (value.poisoned()) return value;
    call.operands.push_back(builder_.as_whole(value, {}));
  }
  const auto result = annotation(*mechanism.type, scope);
  if (!result || !one_tensor(*mechanism.type, *result)) return Value{};
  const auto number = extern_module(mechanism);
  if (!number) return Value{};
  call.integer = *number;
  call.type = result->element;
  call.type.range.reset();
  call.type.shape = result->shape;
  Value value = Builder::whole(program().make(std::move(call)), span);
  if (value.is_whole() && element_count(value.shape) <= kUnrolled) value = builder_.as_items(value);
  return value;
}

}  // namespace acie::sema
