// Which declarations of a file a declaration can depend on: those whose names, or names of values, its text mentions, and
// theirs. A name that only happens to be the same counts too: more is checked again than must be, never less.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Support/SourceManager.h"

namespace acie::sema {

/// Keeps the words of declarations from one version of a file to the next.
class Mentions {
 public:
  /// The graph of `main`, whose declarations are known by `identities`, one each: equal ones have equal texts.
  void update(const Module& main, const std::vector<uint64_t>& identities, const SourceManager& sources);

  /// Numbers of declarations in the order of the file: those of `from`, and all they depend on.
  std::vector<int> closure(const std::vector<int>& from) const;

 private:
  using Words = std::vector<uint32_t>;  // by number, each once
  Words scan(std::string_view text);
  uint32_t number(const std::string& word);

  absl::flat_hash_map<std::string, uint32_t> numbers_;
  absl::flat_hash_map<uint64_t, std::shared_ptr<const Words>> known_;  // by identity
  std::vector<std::shared_ptr<const Words>> words_;                    // by declaration
  std::vector<std::vector<int>> declared_;                             // by word: what it can mean, mostly nothing
};

}  // namespace acie::sema
