// How large the dimensions are that an entry reads at start: from the table's columns of vectors, from tensors of parameter
// files, or as the caller says. Everything that speaks of a dimension must agree.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/io/ParameterStore.h"
#include "runtime/io/Table.h"
#include "runtime/package/StartSizes.h"

namespace acie::scheduler {

class Dimensions {
 public:
  explicit Dimensions(const package::Entry& entry) : entry_(entry) {}

  /// `name` is `size`, as `source` ("-D J=12") says. A usage error where the entry has no such dimension.
  absl::Status set(std::string_view name, int64_t size, const std::string& source);

  /// What the table's columns say that `binds` (program name to column name) and the names of the entry's inputs choose. A
  /// vector is a column of vectors, or columns x[0], x[1], …
  absl::Status read_table(const io::TableSchema& schema, const std::map<std::string, std::string>& binds);

  /// What the shapes of parameter tensors say.
  absl::Status read_parameters(const io::ParameterStore& store);

  /// The shape of one input as its caller has it.
  absl::Status see(const std::vector<int64_t>& declared, const std::vector<int64_t>& found, const std::string& source);

  /// All sizes; a usage error that names those which nothing says. Bad data where two sources differ.
  absl::StatusOr<package::DimensionSizes> finish();

 private:
  struct Seen {
    int64_t size;  // of the entry
    int64_t found;
    std::string source;
  };

  const package::Entry& entry_;
  package::DimensionSizes known_;
  std::map<std::string, std::string> sources_;  // by dimension: what said it
  std::vector<Seen> seen_;
};

}  // namespace acie::scheduler
