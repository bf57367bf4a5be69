// acie-run seal | open | verify: sealed files under a key of the user.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "kernels/crypto/files/KeyFolder.h"
#include "kernels/crypto/files/SealedFile.h"
#include "runtime/status/Errors.h"
#include "tools/acie-run/Commands.h"
#include "tools/acie-run/Password.h"
#include "tools/acie-run/SubcommandLine.h"

namespace acie::cli {
namespace {

using secure::Key;

struct ArchiveOptions {
  std::string file, out, key, folder, password_file, context;
  bool allow_weak = false;
};

void add_common(CLI::App& app, ArchiveOptions& options) {
  app.add_option("FILE", options.file)->required();
  app.add_option("--key", options.key, "The key's name")->type_name("NAME")->required();
  app.add_option("--keys", options.folder, "The folder of keys")->type_name("DIR");
  app.add_option("--password-file", options.password_file,
                 "File whose first line is the password, - for standard input (default: ask)")
      ->type_name("FILE");
  app.add_flag("--allow-weak", options.allow_weak, "Let the key be one of a weak cipher");
}

/// The key the options name, which must be that of a cipher.
absl::StatusOr<Key> load_cipher_key(const ArchiveOptions& options) {
  secure::protect_process();
  ACIE_ASSIGN_OR_RETURN(const std::string folder, key_folder_or(options.folder));
  const secure::KeyFolder keys(folder);
  ACIE_ASSIGN_OR_RETURN(const secure::NamedKey named, keys.describe(options.key));
  if (named.description.kind.is_paillier())
    return usage_error("'" + options.key +
                       "' is a Paillier key; files are sealed with a key of a cipher, such as aes256_gcm");
  ACIE_ASSIGN_OR_RETURN(const secure::Secret password,
                        read_password(options.password_file, PasswordUse::Known, "the key " + options.key));
  return keys.load(options.key, password.view());
}

}  // namespace

absl::Status seal_command(int argc, char** argv) {
  ArchiveOptions options;
  CLI::App app("Seals a file: encrypts it so that any change to it is found.", "acie-run seal");
  add_common(app, options);
  app.add_option("--out", options.out, "The sealed file (default: FILE.sealed)");
  app.add_option("--context", options.context, "What it is: readable by all, checked by who opens it");
  ACIE_ASSIGN_OR_RETURN(const bool go_on, parse_subcommand(app, argc, argv));
  if (!go_on) return absl::OkStatus();
  ACIE_ASSIGN_OR_RETURN(const Key key, load_cipher_key(options));
  secure::SealOptions sealing;
  sealing.cipher = *key.description.kind.cipher;
  sealing.context = options.context;
  sealing.allow_weak = options.allow_weak;
  if (secure::is_weak(sealing.cipher) && options.allow_weak)
    std::fprintf(stderr,
                 "acie-run: warning: the key %s is one of a weak cipher; new files are better sealed with "
                 "aes256_gcm\n",
                 options.key.c_str());
  return secure::seal_file(key.symmetric, sealing, options.file,
                           options.out.empty() ? options.file + ".sealed" : options.out);
}

absl::Status open_command(int argc, char** argv) {
  ArchiveOptions options;
  CLI::App app("Opens a sealed file. One that was changed or cut short leaves no output.", "acie-run open");
  add_common(app, options);
  app.add_option("--out", options.out, "The file to write")->required();
  CLI::Option* context =
      app.add_option("--context", options.context, "Refuse a file sealed with another context");
  ACIE_ASSIGN_OR_RETURN(const bool go_on, parse_subcommand(app, argc, argv));
  if (!go_on) return absl::OkStatus();
  ACIE_ASSIGN_OR_RETURN(const Key key, load_cipher_key(options));
  secure::OpenOptions opening;
  opening.allow_weak = options.allow_weak;
  if (*context) opening.context = options.context;
  return secure::open_file(key.symmetric, opening, options.file, options.out);
}

absl::Status verify_command(int argc, char** argv) {
  ArchiveOptions options;
  CLI::App app("Checks that a sealed file is whole and was sealed with a key; prints its context.",
               "acie-run verify");
  add_common(app, options);
  ACIE_ASSIGN_OR_RETURN(const bool go_on, parse_subcommand(app, argc, argv));
  if (!go_on) return absl::OkStatus();
  ACIE_ASSIGN_OR_RETURN(const Key key, load_cipher_key(options));
  secure::OpenOptions opening;
  opening.allow_weak = options.allow_weak;
  ACIE_ASSIGN_OR_RETURN(const std::string context, secure::verify_file(key.symmetric, opening, options.file));
  std::printf("%s is whole%s%s\n", options.file.c_str(), context.empty() ? "" : ": ", context.c_str());
  return absl::OkStatus();
}

}  // namespace acie::cli
