// Running FILE.acie directly: compiled by acie-compile once, then taken from the cache while nothing it was made from changes.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace acie::cli {

struct CompiledPackage {
  std::string bytes;
  /// Of a program with parties: the package of each; `bytes` is empty then, and nothing is cached.
  std::map<std::string, std::string> parties;
  bool made_here = false;  // by this very process, where no cache and perhaps no signing key could be kept
};

/// The package of the program `path`. The compiler is the acie-compile beside this executable, else the one on PATH. Its
/// diagnostics go to standard error; that the program does not compile is an error of kind Run. `fresh` compiles even where
/// the cache has the package.
absl::StatusOr<CompiledPackage> compile_cached(const std::string& path, bool fresh);

}  // namespace acie::cli
