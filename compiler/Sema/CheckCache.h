// Checks a file declaration by declaration and keeps what was found: after an edit only what changed is checked again, with
// what depends on it. The results are those of analyze().
//
// A file falls into units: each model with the constraints and queries on it; constants, parameters and `let`s; every function
// and intervention that nothing uses; every graph with the models and parties it reaches. A unit is checked by an Analyser of its own, and its result holds while its
// declarations, all they mention and what every file has in common (imports, units, options) stay as they are. What only a
// whole run can tell, such as which of several constants begins a cycle, is left to one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Mentions.h"
#include "compiler/Sema/Sema.h"

namespace acie::sema {

class CheckCache {
 public:
  CheckCache();
  ~CheckCache();

  /// analyze(), by units. `identities` has one number for each declaration of `main`; those that had the same number in the
  /// call before are the same objects, moved at most: their spans moved with them. Spans in programs returned before are void.
  Analysed analyze(const syntax::File& main, const std::vector<uint64_t>& identities, SourceManager& sources, syntax::AstContext& context,
                   DiagnosticEngine& diagnostics, const SemaOptions& options);
  /// Keeps the trees of imported files until the next call: results refer to them.
  void hold(std::vector<std::shared_ptr<const void>> trees) { trees_ = std::move(trees); }

  /// How many units the last call checked; all of them, where it was a whole run.
  size_t checked() const { return checked_; }
  /// How many units the last call kept from before.
  size_t kept() const { return kept_; }

 private:
  friend class UnitRun;
  struct Unit;
  class Types;
  using Key = std::vector<uint64_t>;

  Mentions mentions_;
  Key common_;  // imports, units and options of the last call
  absl::flat_hash_map<Key, std::shared_ptr<Unit>> units_;
  std::vector<std::shared_ptr<const void>> trees_;
  size_t checked_ = 0, kept_ = 0;
};

}  // namespace acie::sema
