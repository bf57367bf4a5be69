// acie-run: lists, inspects and runs packages. The options are in Options.cpp, the work in runtime/.

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "runtime/package/Package.h"
#include "runtime/scheduler/Engine.h"
#include "runtime/status/Errors.h"
#include "tools/acie-run/Commands.h"
#include "tools/acie-run/CompileCache.h"
#include "tools/acie-run/Listing.h"
#include "tools/acie-run/Options.h"
#include "tools/acie-run/RunEntry.h"
#include "tools/acie-run/RunParty.h"

namespace acie::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

/// The first signal asks the run to stop and clean up; a second one ends the process at once.
void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = SA_RESETHAND;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

bool is_program(const std::string& path) { return path.size() > 5 && path.compare(path.size() - 5, 5, ".acie") == 0; }

absl::StatusOr<package::TrustPolicy> trust_policy(const Options& options) {
  package::TrustPolicy policy = package::default_trust();
  policy.allow_unsigned = options.allow_unsigned;
  for (const std::string& key : options.trust) {
    ACIE_ASSIGN_OR_RETURN(const package::PublicKey trusted, package::read_trusted_key(key));
    policy.trusted.push_back(trusted);
  }
  return policy;
}

/// The packages of all parties beside the one at `path`, PROGRAM.PARTY.aciepkg each; `first` is that one.
absl::StatusOr<std::vector<package::Package>> with_other_parties(const std::string& path, package::Package first,
                                                                 const package::TrustPolicy& policy) {
  const std::string mine = "." + first.party()->party + ".aciepkg";
  if (!path.ends_with(mine)) return usage_error("--local finds the other parties' packages by their names, PROGRAM.PARTY.aciepkg; " + path + " is not called so");
  const std::vector<std::string> names = first.party()->parties;
  std::vector<package::Package> packages;
  for (const std::string& name : names) {
    if (name == first.party()->party) continue;
    ACIE_ASSIGN_OR_RETURN(package::Package other, package::Package::open(path.substr(0, path.size() - mine.size()) + "." + name + ".aciepkg", policy));
    if (!other.party() || other.party()->party != name || other.party()->digest != first.party()->digest)
      return refused_error("the packages of " + name + " and " + first.party()->party + " come from different programs; compile again");
    packages.push_back(std::move(other));
  }
  packages.push_back(std::move(first));
  return packages;
}

/// One package, or those of all parties (--local). Of a program that is compiled here, the party's that --party names.
absl::StatusOr<std::vector<package::Package>> open_packages(const Options& options) {
  ACIE_ASSIGN_OR_RETURN(package::TrustPolicy policy, trust_policy(options));
  std::vector<package::Package> packages;
  if (!is_program(options.package)) {
    ACIE_ASSIGN_OR_RETURN(package::Package package, package::Package::open(options.package, policy));
    if (options.local && package.party()) return with_other_parties(options.package, std::move(package), policy);
    packages.push_back(std::move(package));
    return packages;
  }
  ACIE_ASSIGN_OR_RETURN(CompiledPackage compiled, compile_cached(options.package, /*fresh=*/false));
  if (!compiled.made_here) {
    absl::StatusOr<package::Package> kept = package::Package::parse(std::move(compiled.bytes), policy);
    if (kept.ok()) {
      packages.push_back(*std::move(kept));
      return packages;
    }
    // Damaged, or made when there was no key to sign with: what this process makes itself needs no signature.
    ACIE_ASSIGN_OR_RETURN(compiled, compile_cached(options.package, /*fresh=*/true));
  }
  policy.allow_unsigned = true;
  for (auto& [party, bytes] : compiled.parties) {
    if (!options.local && party != options.party) continue;
    ACIE_ASSIGN_OR_RETURN(package::Package package, package::Package::parse(std::move(bytes), policy));
    packages.push_back(std::move(package));
  }
  if (!compiled.parties.empty() && packages.empty()) {
    std::string names;
    for (const auto& [party, bytes] : compiled.parties) names += (names.empty() ? "" : ", ") + party;
    return usage_error("the program has parties: --party NAME says which one this is (" + names + "), or --local runs all");
  }
  if (!packages.empty()) return packages;
  ACIE_ASSIGN_OR_RETURN(package::Package package, package::Package::parse(std::move(compiled.bytes), policy));
  packages.push_back(std::move(package));
  return packages;
}

/// A query of a program with parties: everybody who has the package can ask it.
bool asks_query(const Options& options, const package::Plan& plan) {
  return std::any_of(plan.entries.begin(), plan.entries.end(), [&](const package::Entry& entry) { return entry.name == options.entry; });
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

absl::Status use_parties(const Options& options, const std::vector<package::Package>& packages) {
  const package::PartyProgram& first = *packages.front().party();
  if (!options.local && !options.party.empty() && options.party != first.party)
    return usage_error("the package is for the party " + first.party + ", not " + options.party);
  if (options.entry.empty()) {
    for (const package::Package& package : packages) print(list_party(*package.party()));
    if (!packages.front().plan().entries.empty()) print("\n" + list_entries(packages.front().plan()));
    return absl::OkStatus();
  }
  if (!options.plan) {
    stop_on_signals();
    return run_parties(options, packages, interrupted);
  }
  ACIE_ASSIGN_OR_RETURN(const auto taking_part, parties_of(options, packages));
  for (const auto& [package, entry] : taking_part) print(describe_party(*package->party(), *entry));
  return absl::OkStatus();
}

absl::Status run(int argc, char** argv) {
  if (const Command command = argc > 1 ? find_command(argv[1]) : nullptr) return command(argc - 1, argv + 1);
  ACIE_ASSIGN_OR_RETURN(const Parsed parsed, parse_options(argc, argv));
  if (parsed.text) {
    print(*parsed.text);
    return absl::OkStatus();
  }
  const Options& options = parsed.options;
  ACIE_ASSIGN_OR_RETURN(std::vector<package::Package> packages, open_packages(options));
  const bool is_query = asks_query(options, packages.front().plan());
  if (packages.front().party() && !options.inspect && !is_query) return use_parties(options, packages);
  const bool party_options = !(options.listen + options.exchange).empty() || !options.peers.empty() || !options.args.empty() ||
                             ((options.local || !options.party.empty()) && !packages.front().party());
  if (party_options && is_query && packages.front().party()) return usage_error(options.entry + " is a query, which one party answers by itself: --listen, --peer, --exchange and --arg are for graphs");
  if (party_options) return usage_error(options.package + " has no parties; --local, --party, --listen, --peer, --exchange and --arg are for programs that have");
  package::Package& package = packages.front();
  if (options.inspect) {
    print(inspect_package(package));
  } else if (options.plan) {
    if (options.entry.empty()) return usage_error("--plan needs the name of an entry");
    ACIE_ASSIGN_OR_RETURN(const package::Entry* entry, scheduler::find_entry(package.plan(), options.entry));
    print(describe_plan(*entry));
  } else if (options.entry.empty()) {
    print(list_entries(package.plan()));
  } else {
    stop_on_signals();
    return run_entry(options, std::move(package), interrupted);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace acie::cli

int main(int argc, char** argv) {
  const absl::Status status = acie::cli::run(argc, argv);
  if (!status.ok()) std::fprintf(stderr, "acie-run: %s\n", acie::message_of(status).c_str());
  return acie::exit_code(status);
}
