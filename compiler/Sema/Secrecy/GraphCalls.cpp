// encrypt, decrypt, reveal, fixed, fingerprint, seal and open.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Secrecy/GraphElaborator.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

using Form = GraphValue::Form;
using syntax::Argument;

constexpr const char* kHashes[] = {"sha256", "sha512", "streebog256", "streebog512"};
constexpr const char* kBroken[] = {"md5", "sha1", "md4", "gost94", "gost3411_94", "ripemd160"};

Type type_of(const Value& v) { return v.expr != nullptr ? v.expr->type : (*v.items)[0].expr->type; }

}  // namespace

Value GraphElaborator::graph_call(const std::string& word, const syntax::Expr& call, const Scope& scope) {
  if (word == "encrypt") return encrypt(call, scope);
  if (word == "decrypt") return decrypt(call, scope);
  if (word == "reveal") return reveal(call, scope);
  if (word == "fixed") return fixed(call, scope);
  if (word == "fingerprint") return fingerprint(call, scope);
  if (word == "top_k") return top_k(call, scope);
  return container(call, scope, word == "seal");
}

std::optional<std::vector<const syntax::Expr*>> GraphElaborator::arguments(const syntax::Expr& call, const std::vector<std::string>& names, size_t needed, std::string word) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (word.empty()) word = call.base->name.text;
  std::vector<const syntax::Expr*> found(names.size(), nullptr);
  size_t next = 0;
  for (const Argument& argument : call.args) {
    size_t position = next;
    if (argument.name) position = static_cast<size_t>(std::find(names.begin(), names.end(), argument.name->text) - names.begin());
    else ++next;
    if (position >= names.size() || argument.generator || found[position] != nullptr) {
      diagnostics.report(Code::A0207, argument.span, absl::StrCat("`", word, "` takes ", absl::StrJoin(names, ", "), ", and this is none of them"));
      return std::nullopt;
    }
    found[position] = argument.value;
  }
  for (size_t i = 0; i < needed; ++i) {
    if (found[i] != nullptr) continue;
    diagnostics.report(Code::A0207, call.span, absl::StrCat("`", word, "` needs `", names[i], "`")).note(absl::StrCat("`", word, "(", absl::StrJoin(names, ", "), ")`"));
    return std::nullopt;
  }
  return found;
}

std::optional<Scale> GraphElaborator::scale(const syntax::Expr& text, const Scope& scope) {
  const auto number = elaborator_.constant(text, scope, plain(ScalarKind::F64), "a scale");
  if (!number) return std::nullopt;
  const auto result = Scale::from_number(*number);
  if (!result) {
    elaborator_.diagnostics().report(Code::A1016, text.span, *number > 0 ? "a scale is a power of two or a short decimal number, so that it is exact" : "a scale is above 0")
        .note("`2^-16`, `1e-3`, `1`: what one unit of the integers under encryption is worth");
  }
  return result;
}

const Key* GraphElaborator::key_argument(const syntax::Expr& text, const Scope& scope) {
  if (text.kind == syntax::Expr::Kind::Name) return declarations_.key(text.name, module_);
  auto report = elaborator_.diagnostics().report(text.kind == syntax::Expr::Kind::String ? Code::A1011 : Code::A1012, text.span,
                                                 text.kind == syntax::Expr::Kind::String ? "a password is not a key" : "a declared key is meant here");
  report.note("`key k = paillier(bits: 3072) held by alice` declares one");
  return nullptr;
}

Value GraphElaborator::encrypt(const syntax::Expr& call, const Scope& scope) {
  const auto given = arguments(call, {"x", "k", "scale"}, 2);
  if (!given) return Value{};
  const Value v = elaborator_.number(*(*given)[0], scope);
  const Key* key = key_argument(*(*given)[1], scope);
  if (v.poisoned() || key == nullptr) return Value{};
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (key->is_cipher()) {
    diagnostics.report(Code::A1012, (*given)[1]->span, absl::StrCat("`", key->name, "` is a key for files")).label(key->span, "declared here").note("numbers that are computed with are encrypted under `paillier`; `seal(x, k)` seals bytes");
    return Value{};
  }
  bool failed = false;
  auto id = computed(v, nullptr, call.span, failed);  // where the plaintexts are, whatever `at` is around
  if (failed) return Value{};
  if (!id) id = lowered(elaborator_.builder().as_whole(v, v.shape), here_ != nullptr ? here_ : key->holder, call.span);
  if (!id) return Value{};
  if (builder_.encrypted(*id)) {
    diagnostics.report(Code::A1014, call.span, absl::StrCat("`", builder_.value(*id).name, "` is encrypted already")).label(builder_.value(*id).span, absl::StrCat("under ", builder_.value(*id).key->name));
    return Value{};
  }
  Scale chosen = builder_.value(*id).whole_numbers ? Scale() : Scale::binary(GraphBuilder::kFactorBits);
  if ((*given)[2] != nullptr) {
    const auto written = scale(*(*given)[2], scope);
    if (!written) return Value{};
    chosen = *written;
    if (builder_.exact(*id) && !(builder_.value(*id).scale == chosen)) {
      diagnostics.report(Code::A1005, (*given)[2]->span, absl::StrCat("`", builder_.value(*id).name, "` is exact at scale ", builder_.value(*id).scale.text(), ", and this is ", chosen.text())).note("leave `scale:` out: it stays exact");
      return Value{};
    }
  }
  const auto made = builder_.encrypt(*id, *key, chosen, call.span);
  return made ? value_of(*made, type_of(v), call.span) : Value{};
}

Value GraphElaborator::decrypt(const syntax::Expr& call, const Scope& scope) {
  const auto given = arguments(call, {"x", "k"}, 2);
  if (!given) return Value{};
  const Value v = elaborator_.number(*(*given)[0], scope);
  const Key* key = key_argument(*(*given)[1], scope);
  if (v.poisoned() || key == nullptr) return Value{};
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  bool failed = false;
  const auto id = computed(v, nullptr, call.span, failed);
  if (failed) return Value{};
  if (!id || !builder_.encrypted(*id)) {
    diagnostics.report(Code::A1014, (*given)[0]->span, "this is not encrypted").note("only what `encrypt` made can be decrypted");
    return Value{};
  }
  const GraphValue& cipher = builder_.value(*id);
  if (cipher.key != key) {
    diagnostics.report(Code::A1007, call.span, absl::StrCat("`", cipher.name, "` is under ", cipher.key->name, ", not under ", key->name))
        .label(cipher.span, absl::StrCat("under ", cipher.key->name))
        .note(absl::StrCat(cipher.key->holder->name, " holds ", cipher.key->name));
    return Value{};
  }
  if (here_ != nullptr && here_ != key->holder) {
    diagnostics.report(Code::A1007, call.span, absl::StrCat(here_->name, " cannot decrypt: ", key->holder->name, " holds ", key->name))
        .label(key->span, absl::StrCat("held by ", key->holder->name))
        .note(absl::StrCat("decrypt at ", key->holder->name, "; what ", here_->name, " may then see, ", key->holder->name, " reveals: `reveal(…, to: ", here_->name, ")`"));
    return Value{};
  }
  const auto there = builder_.at(*id, key->holder, call.span);
  const auto made = there ? builder_.decrypt(*there, *key, call.span) : there;
  return made ? value_of(*made, type_of(v), call.span) : Value{};
}

Value GraphElaborator::reveal(const syntax::Expr& call, const Scope& scope) {
  const auto given = arguments(call, {"x", "to"}, 2);
  if (!given) return Value{};
  const Value v = elaborator_.expression(*(*given)[0], scope);
  if (v.poisoned()) return v;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Expr& to = *(*given)[1];
  if (to.kind != syntax::Expr::Kind::Name) {
    diagnostics.report(Code::A1012, to.span, "a party is meant here").note("`reveal(x, to: cloud)`");
    return Value{};
  }
  const Party* party = declarations_.party(to.name, module_);
  if (party == nullptr) return Value{};
  bool failed = false;
  const auto id = computed(v, here_, call.span, failed);
  if (failed) return Value{};
  if (!id) return v;  // a constant is everybody's
  if (builder_.encrypted(*id)) {
    diagnostics.report(Code::A1014, call.span, absl::StrCat("`", builder_.value(*id).name, "` is encrypted: it may go to any party by itself, and revealing it shows nothing"))
        .label(builder_.value(*id).span, absl::StrCat("under ", builder_.value(*id).key->name))
        .note(absl::StrCat("what ", party->name, " is to see is decrypted first, by ", builder_.value(*id).key->holder->name));
    return Value{};
  }
  if (builder_.value(*id).party == party) {
    diagnostics.report(Code::A1014, call.span, absl::StrCat("`", builder_.value(*id).name, "` is at ", party->name, " already")).label(builder_.value(*id).span, absl::StrCat("at ", party->name));
    return Value{};
  }
  return value_of(builder_.reveal(*id, party, call.span), type_of(v), call.span);
}

Value GraphElaborator::fixed(const syntax::Expr& call, const Scope& scope) {
  const auto given = arguments(call, {"x", "scale"}, 2);
  if (!given) return Value{};
  const Value v = elaborator_.number(*(*given)[0], scope);
  const auto chosen = scale(*(*given)[1], scope);
  return v.poisoned() || !chosen ? Value{} : fixed_at(v, *chosen, call.span);
}

/// Rounded to multiples of `scale`, and exact from then on.
Value GraphElaborator::fixed_at(const Value& v, const Scale& scale, Span span) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  bool failed = false;
  const auto id = computed(v, here_, span, failed);
  if (failed) return Value{};
  if (!id) {
    // A constant, at no party yet.
    const Expr* constant = elaborator_.builder().as_whole(v, v.shape);
    Slot slot;
    slot.role = Slot::Role::Argument;
    slot.name = "fixed";
    slot.type = constant->type;
    if (!is_float(slot.type.scalar)) slot.type.scalar = ScalarKind::F64;
    slot.span = span;
    const Slot* made = elaborator_.program().make(std::move(slot));
    leaves_[made] = {-1, constant, scale, {}};
    return Builder::whole(elaborator_.builder().slot(made, span), span);
  }
  if (builder_.encrypted(*id)) {
    diagnostics.report(Code::A1003, span, absl::StrCat("rounding to a scale follows from comparisons, and `", builder_.value(*id).name, "` is encrypted"))
        .label(builder_.value(*id).span, absl::StrCat("at scale ", builder_.value(*id).scale.text()))
        .note("the scale of a ciphertext is chosen where it is encrypted");
    return Value{};
  }
  const auto made = builder_.quantise(builder_.plain_of(*id, span), scale, span);
  return made ? value_of(*made, type_of(v), span) : Value{};
}

Value GraphElaborator::fingerprint(const syntax::Expr& call, const Scope& scope) {
  const auto given = arguments(call, {"x", "hash"}, 2);
  if (!given) return Value{};
  const Value v = elaborator_.expression(*(*given)[0], scope);
  if (v.poisoned()) return v;
  const syntax::Expr& hash = *(*given)[1];
  const std::string name = hash.kind == syntax::Expr::Kind::Name ? hash.name.text : "";
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (std::find(std::begin(kBroken), std::end(kBroken), name) != std::end(kBroken)) {
    diagnostics.report(Code::A1010, hash.span, absl::StrCat("`", name, "` is broken: two files with one fingerprint can be made")).fix(hash.span, "sha256", "write `sha256`");
    return Value{};
  }
  if (std::find(std::begin(kHashes), std::end(kHashes), name) == std::end(kHashes)) {
    elaborator_.report_unknown("hash called", name, hash.span, {std::begin(kHashes), std::end(kHashes)});
    return Value{};
  }
  bool failed = false;
  const auto id = computed(v, here_, call.span, failed);
  if (failed) return Value{};
  if (!id || builder_.encrypted(*id)) {
    diagnostics.report(Code::A1014, call.span, id ? "a fingerprint of a ciphertext says nothing of what is encrypted: it differs each time" : "a fingerprint of a constant is a constant");
    return Value{};
  }
  const int bare_value = builder_.plain_of(*id, call.span);
  return value_of(builder_.bytes(GraphOp::Kind::Fingerprint, bare_value, name, nullptr, builder_.value(bare_value).party, call.span), plain(ScalarKind::Str), call.span);
}

Value GraphElaborator::container(const syntax::Expr& call, const Scope& scope, bool seal) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  for (const Argument& argument : call.args) {
    const std::string name = argument.name ? argument.name->text : "";
    if (name == "nonce" || name == "iv") {
      diagnostics.report(Code::A1011, argument.span, "a nonce that the program names would be used again at every run, and two files under one nonce give each other away").note("every file gets fresh ones by itself: remove the argument");
      return Value{};
    }
    if (name == "password" || name == "passphrase") {
      diagnostics.report(Code::A1011, argument.span, "a password is not a key").note("declare a key, `key k = aes256_gcm() held by alice`; its file is kept under a password");
      return Value{};
    }
    if (name == "verify" || name == "check" || name == "tag") {
      diagnostics.report(Code::A1015, argument.span, "nothing of a container is given out before its tag is verified").note("whoever sent it could have changed it: remove the argument, `open` always verifies");
      return Value{};
    }
  }
  const auto given = arguments(call, {"x", "k"}, 2);
  if (!given) return Value{};
  const Value v = elaborator_.expression(*(*given)[0], scope);
  const Key* key = key_argument(*(*given)[1], scope);
  if (v.poisoned() || key == nullptr) return Value{};
  if (!key->is_cipher()) {
    diagnostics.report(Code::A1012, (*given)[1]->span, absl::StrCat("`", key->name, "` is a key for numbers that are computed with")).label(key->span, "declared here").note("bytes are sealed under `aes256_gcm` or `chacha20_poly1305`");
    return Value{};
  }
  bool failed = false;
  const auto id = computed(v, here_, call.span, failed);
  if (failed) return Value{};
  if (!id || builder_.value(*id).form != Form::Bytes) {
    diagnostics.report(Code::A0304, (*given)[0]->span, absl::StrCat("`", seal ? "seal" : "open", "` takes bytes, and this is a number")).note("a parameter `image: bytes at alice` is a file");
    return Value{};
  }
  if (builder_.value(*id).party != key->holder) {
    const Party* at = builder_.value(*id).party;
    diagnostics.report(Code::A1007, call.span, absl::StrCat("`", builder_.value(*id).name, "` is at ", at->name, ", and ", key->holder->name, " holds ", key->name))
        .label(key->span, absl::StrCat("held by ", key->holder->name))
        .label(builder_.value(*id).span, absl::StrCat("at ", at->name));
    return Value{};
  }
  return value_of(builder_.bytes(seal ? GraphOp::Kind::SealBytes : GraphOp::Kind::OpenBytes, *id, "", key, key->holder, call.span), plain(ScalarKind::Str), call.span);
}

/// The positions of the k largest elements of a vector, the largest first.
Value GraphElaborator::top_k(const syntax::Expr& call, const Scope& scope) {
  const auto given = arguments(call, {"x", "k"}, 2);
  if (!given) return Value{};
  const Value v = elaborator_.number(*(*given)[0], scope);
  const auto count = elaborator_.integer(*(*given)[1], scope, "how many are taken");
  if (v.poisoned() || !count) return Value{};
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (!v.is_tensor() || v.shape.size() != 1 || *count < 1 || *count > v.shape[0]) {
    diagnostics.report(Code::A0312, call.span, "`top_k(x, k)` takes a vector and how many of its elements, at least 1 and at most all");
    return Value{};
  }
  bool failed = false;
  const auto id = computed(v, here_, call.span, failed);
  if (failed) return Value{};
  if (!id) {
    diagnostics.report(Code::A1013, call.span, "at which party this is computed is not known").note("`at p { … }` says where");
    return Value{};
  }
  if (builder_.encrypted(*id)) {
    const GraphValue& cipher = builder_.value(*id);
    diagnostics.report(Code::A1003, call.span, absl::StrCat("the largest follow from comparisons, and `", cipher.name, "` is encrypted"))
        .label(cipher.span, absl::StrCat("encrypted under ", cipher.key->name))
        .note(absl::StrCat("let ", cipher.key->holder->name, " decrypt them and choose"));
    return Value{};
  }
  const int plain_id = builder_.plain_of(*id, call.span);
  const Interval places = Interval::closed(0, static_cast<double>(v.shape[0] - 1));
  Type index = plain(ScalarKind::I64);  // so that the positions can be indices
  index.range = Range{places.low, places.high};
  return value_of(builder_.plain("top_k", {plain_id}, {*count}, places, true, call.span), index, call.span);
}

}  // namespace acie::sema
