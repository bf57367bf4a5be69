#include "compiler/Sema/Secrecy/Declarations.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"

namespace acie::sema {
namespace {

using Kind = syntax::Decl::Kind;

constexpr int kSmallestBits = 2048, kLargestBits = 8192, kUsualBits = 3072;

constexpr std::pair<const char*, Key::Scheme> kSchemes[] = {{"paillier", Key::Scheme::Paillier},
                                                            {"aes256_gcm", Key::Scheme::Aes256Gcm},
                                                            {"chacha20_poly1305", Key::Scheme::ChaCha20Poly1305},
                                                            {"rc2_128_cbc", Key::Scheme::Rc2Cbc}};

struct Refused {
  const char* prefix;
  const char* why;
};
/// Ciphers that are no choice, by how their names begin.
constexpr Refused kRefused[] = {
    {"aes256_ecb", "blocks that are equal stay equal, so it shows patterns"}, {"aes128_ecb", "blocks that are equal stay equal, so it shows patterns"},
    {"aes256_cbc", "nothing notices changes of what it encrypts"},            {"aes128_cbc", "nothing notices changes of what it encrypts"},
    {"aes256_ctr", "nothing notices changes of what it encrypts"},            {"des", "its keys can be found by trying all"},
    {"rc4", "its output is not random"},                                      {"blowfish", "its blocks of 64 bits repeat in large files"}};

}  // namespace

void SecrecyDeclarations::declare(const Module& module) {
  for (const syntax::Decl* decl : module.file->declarations) {
    if (decl->kind != Kind::Party) continue;
    for (const syntax::Name& name : decl->names) make_party(*decl, name);
  }
  for (const syntax::Decl* decl : module.file->declarations) {
    if (decl->kind == Kind::Key) make_key(*decl, module);
  }
}

const Party* SecrecyDeclarations::make_party(const syntax::Decl& decl, const syntax::Name& name) {
  auto& known = parties_[{&decl, name.text}];
  if (known != nullptr) return known;
  Party party;
  party.name = name.text;
  party.doc = decl.doc;
  party.span = name.span;
  Party* made = elaborator_.program().make(std::move(party));
  elaborator_.program().parties.push_back(made);
  return known = made;
}

std::vector<std::string> SecrecyDeclarations::names(const Module& module, Kind kind) const {
  std::vector<std::string> found;
  for (const auto& [name, decl] : module.declarations) {
    if (decl->kind == kind) found.push_back(name);
  }
  for (const auto& [name, meanings] : module.imported) {
    if (meanings[0].declaration->kind == kind) found.push_back(name);
  }
  return found;
}

const Party* SecrecyDeclarations::party(const syntax::Name& name, const Module& module) {
  const Module* owner = nullptr;
  const syntax::Decl* found = elaborator_.find_declaration(module, name.text, &owner, name.span);
  if (found != nullptr && found->kind == Kind::Party) {
    elaborator_.mark_used(found);
    return make_party(*found, name);
  }
  if (found != nullptr) {
    elaborator_.diagnostics().report(Code::A1012, name.span, absl::StrCat("`", name.text, "` is not a party")).label(found->name.span, "declared here").note("`party alice, bob` declares parties");
    return nullptr;
  }
  elaborator_.report_unknown("party", name.text, name.span, names(module, Kind::Party));
  return nullptr;
}

const Key* SecrecyDeclarations::key(const syntax::Name& name, const Module& module) {
  const Module* owner = nullptr;
  const syntax::Decl* found = elaborator_.find_declaration(module, name.text, &owner, name.span);
  if (found != nullptr && found->kind == Kind::Key) {
    elaborator_.mark_used(found);
    return make_key(*found, *owner);
  }
  if (found != nullptr) {
    elaborator_.diagnostics().report(Code::A1012, name.span, absl::StrCat("`", name.text, "` is not a key")).label(found->name.span, "declared here").note("`key k = paillier(bits: 3072) held by alice` declares one");
    return nullptr;
  }
  elaborator_.report_unknown("key", name.text, name.span, names(module, Kind::Key));
  return nullptr;
}

const Key* SecrecyDeclarations::make_key(const syntax::Decl& decl, const Module& module) {
  if (const auto known = keys_.find(&decl); known != keys_.end()) return known->second;
  keys_[&decl] = nullptr;
  Key key;
  key.name = decl.name.text;
  key.span = decl.span;
  key.allow_weak = decl.allow_weak;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Expr& scheme = *decl.value;
  const bool call = scheme.kind == syntax::Expr::Kind::Call && scheme.base->kind == syntax::Expr::Kind::Name;
  const syntax::Expr& word = call ? *scheme.base : scheme;
  if (word.kind == syntax::Expr::Kind::String) {
    diagnostics.report(Code::A1011, word.span, "a key is not a text of the program: whoever reads the program has it").note("declare its kind, `aes256_gcm()`: `acie-run key generate` makes the key, in a file under a password");
    return nullptr;
  }
  const auto known = word.kind != syntax::Expr::Kind::Name ? std::end(kSchemes) : std::find_if(std::begin(kSchemes), std::end(kSchemes), [&](const auto& each) { return word.name.text == each.first; });
  if (known == std::end(kSchemes)) {
    const std::string name = word.kind == syntax::Expr::Kind::Name ? word.name.text : "";
    for (const Refused& each : kRefused) {
      if (!name.starts_with(each.prefix)) continue;
      diagnostics.report(Code::A1010, word.span, absl::StrCat("`", name, "` is refused: ", each.why)).fix(word.span, "aes256_gcm", "write `aes256_gcm`");
      return nullptr;
    }
    if (name.empty()) diagnostics.report(Code::A1009, scheme.span, "this is no kind of key").note("`paillier(bits: 3072)`, `aes256_gcm()`, `chacha20_poly1305()`");
    else elaborator_.report_unknown("kind of key called", name, word.span, {"paillier", "aes256_gcm", "chacha20_poly1305", "rc2_128_cbc"});
    return nullptr;
  }
  if (!call) {
    diagnostics.report(Code::A1009, scheme.span, absl::StrCat("a kind of key is written as a call: `", known->first, known->second == Key::Scheme::Paillier ? "(bits: 3072)" : "()", "`"));
    return nullptr;
  }
  key.scheme = known->second;
  key.holder = party(*decl.holder, module);
  const Scope scope(nullptr, &module);
  if (key.holder == nullptr || !(key.is_cipher() ? cipher(key, decl) : paillier(key, decl, scope))) return nullptr;
  Key* made = elaborator_.program().make(std::move(key));
  elaborator_.program().keys.push_back(made);
  return keys_[&decl] = made;
}

bool SecrecyDeclarations::paillier(Key& key, const syntax::Decl& decl, const Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  key.bits = kUsualBits;
  bool fine = true;
  for (const syntax::Argument& argument : decl.value->args) {
    const std::string name = argument.name ? argument.name->text : "";
    if (name == "bits" || (name.empty() && !argument.generator)) {
      const auto bits = elaborator_.integer(*argument.value, scope, "a key's size");
      if (!bits) return false;
      if (*bits < kSmallestBits) {
        diagnostics.report(Code::A1009, argument.value->span, absl::StrCat("a Paillier key of ", *bits, " bits can be broken"))
            .note("at least 2048 bits; 3072 is as strong as a key of 128 bits of AES")
            .fix(argument.value->span, "3072", "write `3072`");
        return false;
      }
      if (*bits > kLargestBits || *bits % 64 != 0) {
        diagnostics.report(Code::A1009, argument.value->span, *bits > kLargestBits ? "keys of more than 8192 bits are not made" : "a key's size is a multiple of 64 bits").note("2048, 3072 and 4096 are usual");
        return false;
      }
      key.bits = static_cast<int>(*bits);
    } else if (name == "fingerprint" && argument.value->kind == syntax::Expr::Kind::String) {
      key.fingerprint = argument.value->text;
      const bool digits = key.fingerprint.size() == 64 && std::all_of(key.fingerprint.begin(), key.fingerprint.end(), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
      if (!digits) {
        diagnostics.report(Code::A1009, argument.value->span, "a fingerprint has 64 hexadecimal digits").note("`acie-run key show` prints it");
        fine = false;
      }
      std::transform(key.fingerprint.begin(), key.fingerprint.end(), key.fingerprint.begin(), [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    } else {
      diagnostics.report(Code::A0207, argument.span, "`paillier` takes `bits:` and `fingerprint:`");
      fine = false;
    }
  }
  if (key.allow_weak) {
    diagnostics.report(Code::A1010, decl.span, "`allow weak` is for ciphers of old archives, and Paillier is none").note("remove `allow weak`");
    fine = false;
  }
  return fine;
}

bool SecrecyDeclarations::cipher(Key& key, const syntax::Decl& decl) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  for (const syntax::Argument& argument : decl.value->args) {
    const std::string name = argument.name ? argument.name->text : "";
    if (name == "nonce" || name == "iv") {
      diagnostics.report(Code::A1011, argument.span, "a nonce that the program names would be used again at every run, and two files under one nonce give each other away")
          .note("every file gets fresh ones by itself: remove the argument");
    } else if (name == "password" || name == "passphrase" || argument.value->kind == syntax::Expr::Kind::String) {
      diagnostics.report(Code::A1011, argument.span, "a password is not a key: people choose few of them, and whoever reads the program has it")
          .note("`acie-run key generate` makes a key and keeps it in a file under a password, asked for when it is needed");
    } else {
      diagnostics.report(Code::A0207, argument.span, absl::StrCat("`", std::string(scheme_name(key.scheme)), "` takes no arguments"));
    }
    return false;
  }
  if (key.scheme != Key::Scheme::Rc2Cbc) {
    if (!key.allow_weak) return true;
    diagnostics.report(Code::A1010, decl.span, absl::StrCat("`", std::string(scheme_name(key.scheme)), "` is not weak")).note("remove `allow weak`");
    return false;
  }
  if (!key.allow_weak) {
    diagnostics.report(Code::A1010, decl.value->span, "RC2 is weak: it is there to read and keep old archives").note("write `held by … allow weak` if that is what this is, else `aes256_gcm()`");
    return false;
  }
  diagnostics.report(Code::A1017, decl.value->span, absl::StrCat("`", key.name, "` uses RC2, which is weak")).note("new archives should be sealed under `aes256_gcm()`");
  return true;
}

}  // namespace acie::sema
