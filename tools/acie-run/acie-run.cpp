// acie-run: lists, inspects and runs packages. The options are in Options.cpp, the work in runtime/.

#include <signal.h>

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

absl::StatusOr<package::Package> open_package(const Options& options) {
  package::TrustPolicy policy = package::default_trust();
  policy.allow_unsigned = options.allow_unsigned;
  for (const std::string& key : options.trust) {
    ACIE_ASSIGN_OR_RETURN(const package::PublicKey trusted, package::read_trusted_key(key));
    policy.trusted.push_back(trusted);
  }
  if (!is_program(options.package)) return package::Package::open(options.package, policy);
  ACIE_ASSIGN_OR_RETURN(CompiledPackage compiled, compile_cached(options.package, /*fresh=*/false));
  if (!compiled.made_here) {
    absl::StatusOr<package::Package> kept = package::Package::parse(std::move(compiled.bytes), policy);
    if (kept.ok()) return kept;
    // Damaged, or made when there was no key to sign with: what this process makes itself needs no signature.
    ACIE_ASSIGN_OR_RETURN(compiled, compile_cached(options.package, /*fresh=*/true));
  }
  policy.allow_unsigned = true;
  return package::Package::parse(std::move(compiled.bytes), policy);
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

absl::Status run(int argc, char** argv) {
  if (const Command command = argc > 1 ? find_command(argv[1]) : nullptr) return command(argc - 1, argv + 1);
  ACIE_ASSIGN_OR_RETURN(const Parsed parsed, parse_options(argc, argv));
  if (parsed.text) {
    print(*parsed.text);
    return absl::OkStatus();
  }
  const Options& options = parsed.options;
  ACIE_ASSIGN_OR_RETURN(package::Package package, open_package(options));
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
