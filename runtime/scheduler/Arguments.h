// Values set per run: arguments, parameters, learnt values and the replaceable constants of `given` and `do`.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/io/Texts.h"
#include "runtime/package/Plan.h"

namespace acie::scheduler {

/// Collects the values of one run and checks them against what the entry declares. Values are in declared units.
class Arguments {
 public:
  explicit Arguments(const package::Entry& entry);

  const package::Entry& entry() const { return entry_; }

  /// What a caller means by a name: `--set` reaches arguments, parameters and learnt values, `--given` and `--do` the
  /// constants of the query. A name of another kind is as unknown as any.
  enum class Kind { Set, Given, Do };

  /// Sets one value. A name the entry does not have gives a usage error that lists those it has.
  absl::Status set(Kind kind, std::string_view name, double value);

  /// Sets a text. Values of other types are a usage error, as is a number for a text.
  absl::Status set_text(Kind kind, std::string_view name, std::string_view text);

  /// Whether what the name sets is a text.
  bool is_text(Kind kind, std::string_view name) const;

  /// The texts of this run, and what stands for them; null where the entry has none.
  const std::shared_ptr<io::Texts>& texts() const { return texts_; }

  /// The same as set() for Kind::Set; false where there is no such name: a file of parameters may serve several entries.
  absl::StatusOr<bool> set_if_known(std::string_view name, double value);

  /// The index in Entry::scalars of what a name sets, -1 where there is none.
  int find(Kind kind, std::string_view name) const;

  /// A do? variable set for every row by `--do`: the value by column name.
  const std::map<std::string, double, std::less<>>& asked() const { return asked_; }

  /// The value of scalar `index` as it stands.
  acie_scalar value(size_t index) const { return values_[index]; }

  /// The values in kernel argument order. Learnt parameters without a value that have an initial law are drawn from it, by
  /// `seed` and name; others without default that were never set are a usage error naming them.
  absl::StatusOr<std::vector<acie_scalar>> finish(uint64_t seed) const;

  /// How many values finish() would draw: parameters that nobody has learnt yet.
  size_t drawn() const;

  /// "factor, rate" of what `kind` can set; "nothing" where it can set nothing.
  std::string names(Kind kind) const;

 private:
  absl::Status store(size_t index, double value);
  const package::ColumnInput* asked_column(Kind kind, std::string_view name) const;

  const package::Entry& entry_;
  std::unordered_map<std::string_view, std::vector<int>> by_name_;  // names lie in entry_
  std::vector<acie_scalar> values_;
  std::vector<bool> is_set_;
  std::shared_ptr<io::Texts> texts_;
  std::map<std::string, double, std::less<>> asked_;
};

/// "a, b and 3 more": the first of them.
std::string names_in_brief(std::vector<std::string> names);

}  // namespace acie::scheduler
