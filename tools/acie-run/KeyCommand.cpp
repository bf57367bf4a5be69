// acie-run key generate | show | export | import

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/KeyFolder.h"
#include "kernels/crypto/files/PaillierJson.h"
#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/status/Errors.h"
#include "tools/acie-run/Commands.h"
#include "tools/acie-run/Password.h"
#include "tools/acie-run/SubcommandLine.h"

namespace acie::cli {
namespace {

using secure::Key;
using secure::KeyDescription;
using secure::KeyFolder;
using secure::NamedKey;
using secure::Secret;

constexpr size_t kLargestJson = size_t{256} << 10;

struct KeyOptions {
  std::string name, folder, password_file, kind = "paillier", comment, file, out = "-";
  int bits = secure::kDefaultPaillierBits;
  bool insecure = false, allow_weak = false, json = false, secret = false, check = false;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

bool is_insecure(const KeyDescription& about) {
  return about.kind.is_paillier() ? about.bits < secure::kSmallestPaillierBits
                                  : secure::is_weak(*about.kind.cipher);
}

std::string describe(const NamedKey& key) {
  const KeyDescription& about = key.description;
  std::string text = key.name + ": " + std::string(name_of(about.kind)) + ", " + std::to_string(about.bits) +
                     " bits, " + (key.is_private ? "private" : "public only") +
                     (is_insecure(about) ? ", INSECURE" : "") + "\n";
  text += "  fingerprint " + secure::to_hex(about.fingerprint) + "\n";
  if (!about.comment.empty()) text += "  " + about.comment + "\n";
  return text;
}

nlohmann::json to_json(const NamedKey& key) {
  return {{"name", key.name},
          {"kind", std::string(name_of(key.description.kind))},
          {"bits", key.description.bits},
          {"private", key.is_private},
          {"insecure", is_insecure(key.description)},
          {"fingerprint", secure::to_hex(key.description.fingerprint)},
          {"comment", key.description.comment}};
}

absl::Status generate(const KeyOptions& options, const KeyFolder& keys) {
  const std::optional<secure::KeyKind> kind = secure::key_kind_from_name(options.kind);
  if (!kind)
    return usage_error("there is no kind of key '" + options.kind +
                       "': paillier, aes256_gcm, chacha20_poly1305, rc2_128_cbc");
  if (kind->cipher && secure::is_weak(*kind->cipher) && !options.allow_weak)
    return usage_error(
        options.kind +
        " is a weak cipher for old archives only; --allow-weak makes a key of it nevertheless");
  const int smallest = options.insecure ? secure::kSmallestTestBits : secure::kSmallestPaillierBits;
  if (kind->is_paillier() && options.bits < smallest)
    return usage_error("a Paillier key of " + std::to_string(options.bits) + " bits is not safe: at least " +
                       std::to_string(smallest) +
                       (options.insecure ? "" : " (tests may say --insecure-test-key)"));
  ACIE_RETURN_IF_ERROR(KeyFolder::check_name(options.name));
  ACIE_ASSIGN_OR_RETURN(const Secret password, read_password(options.password_file, PasswordUse::New,
                                                             "the new key " + options.name));
  ACIE_ASSIGN_OR_RETURN(const Key key, secure::generate_key(*kind, options.bits, options.comment));
  ACIE_RETURN_IF_ERROR(keys.add(options.name, key, password.view()));
  print(describe({options.name, key.description, true}));
  return absl::OkStatus();
}

absl::Status show(const KeyOptions& options, const KeyFolder& keys) {
  std::vector<NamedKey> found;
  if (options.name.empty()) {
    ACIE_ASSIGN_OR_RETURN(found, keys.list());
  } else {
    ACIE_ASSIGN_OR_RETURN(NamedKey key, keys.describe(options.name));
    found.push_back(std::move(key));
  }
  if (options.check) {
    if (options.name.empty()) return usage_error("--check needs the name of a key");
    ACIE_ASSIGN_OR_RETURN(const Secret password, read_password(options.password_file, PasswordUse::Known,
                                                               "the key " + options.name));
    ACIE_RETURN_IF_ERROR(keys.load(options.name, password.view()).status());
  }
  if (options.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const NamedKey& key : found) list.push_back(to_json(key));
    print(list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return absl::OkStatus();
  }
  if (found.empty()) print("There are no keys in " + keys.path() + ".\n");
  for (const NamedKey& key : found) print(describe(key));
  return absl::OkStatus();
}

absl::Status export_key(const KeyOptions& options, const KeyFolder& keys) {
  ACIE_ASSIGN_OR_RETURN(const NamedKey named, keys.describe(options.name));
  if (!named.description.kind.is_paillier())
    return usage_error("'" + options.name + "' is a key of " + std::string(name_of(named.description.kind)) +
                       "; only Paillier keys have a form to exchange");
  if (!options.secret) {
    ACIE_ASSIGN_OR_RETURN(const Key key, keys.load_public(options.name));
    const std::string text = to_public_json(key.paillier, key.description.comment);
    if (options.out != "-") return secure::write_private_file(options.out, text, secure::Existing::Replace);
    print(text);
    return absl::OkStatus();
  }
  if (options.out == "-")
    return usage_error("a private key is not written to standard output: give --out FILE");
  ACIE_ASSIGN_OR_RETURN(const Secret password,
                        read_password(options.password_file, PasswordUse::Known, "the key " + options.name));
  ACIE_ASSIGN_OR_RETURN(const Key key, keys.load(options.name, password.view()));
  ACIE_ASSIGN_OR_RETURN(const Secret text, to_private_json(key.paillier, key.description.comment));
  std::fprintf(stderr, "acie-run: %s holds the private key without a password\n", options.out.c_str());
  return secure::write_private_file(options.out, text.view(), secure::Existing::Refuse);
}

absl::Status import_key(KeyOptions options, const KeyFolder& keys) {
  if (options.name.empty()) options.name = std::filesystem::path(options.file).stem().string();
  ACIE_RETURN_IF_ERROR(KeyFolder::check_name(options.name));
  ACIE_ASSIGN_OR_RETURN(const Secret text, secure::read_whole_file(options.file, kLargestJson));
  absl::StatusOr<secure::PaillierJson> read = secure::parse_paillier_json(text.view());
  if (!read.ok()) return annotate(read.status(), options.file);
  const int smallest = options.insecure ? secure::kSmallestTestBits : secure::kSmallestPaillierBits;
  if (const absl::Status sound = check_paillier(read->numbers, smallest); !sound.ok())
    return annotate(sound, options.file);
  const bool is_private = read->numbers.is_private();
  Secret password;
  if (is_private) {
    ACIE_ASSIGN_OR_RETURN(
        password, read_password(options.password_file, PasswordUse::New, "the new key " + options.name));
  }
  ACIE_ASSIGN_OR_RETURN(
      const Key key,
      make_paillier_key(std::move(read->numbers), options.comment.empty() ? read->comment : options.comment));
  ACIE_RETURN_IF_ERROR(keys.add(options.name, key, password.view()));
  print(describe({options.name, key.description, is_private}));
  if (!is_private)
    std::fprintf(stderr,
                 "acie-run: no check can tell that a foreign modulus was made well; compare the fingerprint "
                 "with its owner\n");
  return absl::OkStatus();
}

}  // namespace

absl::Status key_command(int argc, char** argv) {
  KeyOptions options;
  CLI::App app("Keys of programs with parties and of sealed files.", "acie-run key");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--keys", options.folder,
                 "The folder of keys (default: acie/keys in the user's configuration)")
      ->type_name("DIR");
  app.add_option("--password-file", options.password_file,
                 "File whose first line is the password, - for standard input (default: ask)")
      ->type_name("FILE");
  CLI::App* make = app.add_subcommand("generate", "Make a key");
  make->add_option("NAME", options.name)->required();
  make->add_option("--kind", options.kind, "paillier (default), aes256_gcm, chacha20_poly1305, rc2_128_cbc");
  make->add_option("--bits", options.bits, "Size of a Paillier key (default 3072, at least 2048)");
  make->add_option("--comment", options.comment, "A line to remember it by; public");
  make->add_flag("--allow-weak", options.allow_weak, "Make a key for a weak cipher");
  make->add_flag("--insecure-test-key", options.insecure,
                 "Allow a Paillier key that is too small to be safe");
  CLI::App* list = app.add_subcommand("show", "Show a key or all of them, without secrets");
  list->add_option("NAME", options.name);
  list->add_flag("--json", options.json, "As JSON");
  list->add_flag("--check", options.check, "Ask for the password and check that it opens the key");
  CLI::App* give = app.add_subcommand(
      "export", "Write a Paillier key as python-paillier's JSON, the public half by default");
  give->add_option("NAME", options.name)->required();
  give->add_option("--out", options.out, "FILE, - is standard output");
  give->add_flag("--private", options.secret, "With the secret, in the clear, to a new file");
  CLI::App* take = app.add_subcommand("import", "Add a Paillier key from python-paillier's JSON");
  take->add_option("FILE", options.file)->required();
  take->add_option("--name", options.name, "Its name here (default: the file's)");
  take->add_option("--comment", options.comment, "Replaces the comment in the file");
  take->add_flag("--insecure-test-key", options.insecure, "Allow a key that is too small to be safe");

  ACIE_ASSIGN_OR_RETURN(const bool go_on, parse_subcommand(app, argc, argv));
  if (!go_on) return absl::OkStatus();
  secure::protect_process();
  ACIE_ASSIGN_OR_RETURN(const std::string folder, key_folder_or(options.folder));
  const KeyFolder keys(folder);
  if (make->parsed()) return generate(options, keys);
  if (list->parsed()) return show(options, keys);
  if (give->parsed()) return export_key(options, keys);
  return import_key(options, keys);
}

}  // namespace acie::cli
