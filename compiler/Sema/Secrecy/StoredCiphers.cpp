// Parameters and results that are ciphertexts: what a party keeps from one run to the next.
//
// A file of ciphertexts says nothing that can be trusted before it is authentic, and nothing at all when compiling. So the type
// says everything that is proved with: key, scale and range. The run compares them with what the file was sealed with.

#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/GraphElaborator.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {

const Key* GraphElaborator::key_of_type(const syntax::Type& type) {
  const Key* key = declarations_.key(*type.key, module_);
  if (key == nullptr || !key->is_cipher()) return key;
  elaborator_.diagnostics().report(Code::A1012, type.key->span, absl::StrCat("`", key->name, "` is a key for files")).label(key->span, "declared here").note("numbers that are computed with are encrypted under `paillier`");
  return nullptr;
}

bool GraphElaborator::encrypted_under(int id, const Key& key, const syntax::Type& type, const Scope& scope, Span span) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const GraphValue& value = builder_.value(id);
  if (!builder_.encrypted(id)) {
    diagnostics.report(Code::A1014, span, "the type says that this is encrypted, and it is not").label(type.key->span, absl::StrCat("under ", key.name)).note(absl::StrCat("`encrypt(x, ", key.name, ")` encrypts"));
    return false;
  }
  if (value.key != &key) {
    diagnostics.report(Code::A1004, span, absl::StrCat("`", value.name, "` is under ", value.key->name, ", and the type says ", key.name)).label(type.key->span, absl::StrCat("under ", key.name));
    return false;
  }
  return scale_as_written(id, type, scope, span);
}

bool GraphElaborator::scale_as_written(int id, const syntax::Type& type, const Scope& scope, Span span) {
  if (type.scale == nullptr) return true;
  const auto written = scale(*type.scale, scope);
  if (!written) return false;
  const GraphValue& value = builder_.value(id);
  if (value.scale == *written) return true;
  elaborator_.diagnostics().report(Code::A1005, span, absl::StrCat("`", value.name, "` counts in steps of ", value.scale.text(), ", and its type says ", written->text()))
      .label(type.scale->span, absl::StrCat("scale ", written->text()))
      .note("products multiply scales: the type of a stored value says the scale that it has");
  return false;
}

bool GraphElaborator::cipher_parameter(const syntax::Parameter& parameter, GraphInput input, const Type& element, const Shape& shape, Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Type& type = *parameter.type;
  const Key* key = key_of_type(type);
  if (key == nullptr) return false;
  if (parameter.default_value != nullptr) {
    diagnostics.report(Code::A1014, parameter.default_value->span, absl::StrCat("`", parameter.name.text, "` is encrypted, and a default is plain")).label(type.key->span, absl::StrCat("under ", key->name)).note("leave it out: a file gives the ciphertexts");
    return false;
  }
  if (std::isinf(input.range.low) || std::isinf(input.range.high)) {
    diagnostics.report(Code::A1008, parameter.span, absl::StrCat("how large the stored `", parameter.name.text, "` can be is not known, so nothing proves that what is computed under encryption fits the key"))
        .note("give its type a range, `f64 in -4..4 at cloud under k`: stored ciphertexts of a wider one are refused");
    return false;
  }
  std::optional<Scale> chosen = is_float(element.scalar) ? Scale::binary(GraphBuilder::kFactorBits) : Scale();
  if (type.scale != nullptr) chosen = scale(*type.scale, scope);
  if (!chosen) return false;
  Bounds bounds{sema::quantise(input.range.low, *chosen), sema::quantise(input.range.high, *chosen)};
  const auto id = builder_.cipher_input(std::move(input), shape, *key, *chosen, std::move(bounds), parameter.name.span);
  if (!id) return false;
  scope.bind(parameter.name.text, value_of(*id, element, parameter.name.span));
  return true;
}

bool GraphElaborator::cipher_result(int id, GraphOutput output, const syntax::Type& type, const std::optional<Range>& range, Span span) {
  const Key* key = key_of_type(type);
  if (key == nullptr) return false;
  const Scope scope(nullptr, &module_);
  if (!encrypted_under(id, *key, type, scope, span)) return false;
  if (range && !within(id, *range, type, span)) return false;
  const auto there = builder_.at(id, output.party, span);
  if (!there) return false;
  builder_.output(*there, std::move(output), span);
  return true;
}

}  // namespace acie::sema
