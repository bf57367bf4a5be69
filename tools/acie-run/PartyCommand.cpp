// acie-run party init | show | trust: who a party is, and whom it talks to.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/Secret.h"
#include "runtime/parties/Identity.h"
#include "runtime/status/Errors.h"
#include "tools/acie-run/Commands.h"
#include "tools/acie-run/Password.h"
#include "tools/acie-run/SubcommandLine.h"

namespace acie::cli {
namespace {

void print_identity(const std::string& name, const std::string& fingerprint) {
  std::printf("%s\n  fingerprint %s\n", name.c_str(), secure::to_hex(fingerprint).c_str());
}

absl::Status show_peers(const std::string& folder) {
  ACIE_ASSIGN_OR_RETURN(const parties::PeerPins pins, parties::read_pins(folder));
  if (pins.empty()) std::printf("No peers are pinned in %s.\n", folder.c_str());
  for (const auto& [name, fingerprint] : pins) print_identity(name, fingerprint);
  return absl::OkStatus();
}

}  // namespace

absl::Status party_command(int argc, char** argv) {
  std::string given_folder, name, pin;
  bool replace = false;
  CLI::App app(
      "Identities of parties: each has a certificate of its own, and pins the fingerprints of its peers.",
      "acie-run party");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--keys", given_folder,
                 "The folder of keys (default: acie/keys in the user's configuration)")
      ->type_name("DIR");
  CLI::App* init = app.add_subcommand("init", "Make a party's key and certificate, and show its fingerprint");
  init->add_option("NAME", name)->required();
  CLI::App* show = app.add_subcommand("show", "Show a party's fingerprint, or those of all pinned peers");
  show->add_option("NAME", name);
  CLI::App* trust = app.add_subcommand(
      "trust", "Pin a peer's fingerprint, compared by other means with what its owner sees");
  trust->add_option("NAME", name)->required();
  trust->add_option("FINGERPRINT", pin, "64 hexadecimal digits, or the peer's certificate file")->required();
  trust->add_flag("--replace", replace, "The peer has a new certificate");

  ACIE_ASSIGN_OR_RETURN(const bool go_on, parse_subcommand(app, argc, argv));
  if (!go_on) return absl::OkStatus();
  secure::protect_process();
  ACIE_ASSIGN_OR_RETURN(const std::string folder, key_folder_or(given_folder));
  if (trust->parsed()) return parties::pin_peer(folder, name, pin, replace);
  if (show->parsed() && name.empty()) return show_peers(folder);
  ACIE_ASSIGN_OR_RETURN(const parties::Identity identity, init->parsed()
                                                              ? parties::create_identity(folder, name)
                                                              : parties::load_identity(folder, name));
  print_identity(identity.name, identity.fingerprint);
  if (init->parsed())
    std::printf("  peers pin it with: acie-run party trust %s %s\n", name.c_str(),
                secure::to_hex(identity.fingerprint).c_str());
  return absl::OkStatus();
}

}  // namespace acie::cli
