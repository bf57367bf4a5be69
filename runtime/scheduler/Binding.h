// Which column of a table feeds which input of an entry, and in which unit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/io/Table.h"
#include "runtime/package/Plan.h"

namespace acie::scheduler {

/// For one ColumnInput: where its values come from.
struct ColumnBinding {
  int column = -1;      // into TableSchema::columns; -1: not in the table (a do? column that nobody asks for)
  int64_t element = 0;  // of a column of vectors
  double factor = 1;    // from the file's unit to the entry's
};

struct TableBinding {
  std::vector<ColumnBinding> columns;  // one per ColumnInput of the entry
  std::vector<std::string> warnings;   // a unit that is not known
};

/// Binds each input of `entry` to the column that `binds` (program name to column name) gives it, else to its default
/// column, else to a column of its own name. The elements of a vector come from one column of vectors of the vector's shape,
/// else from a column each, `x[0]`, `x[1]`, …; a column of vectors of another shape is a data error. Units the file spells are read with the program's and the astronomer's; an
/// unknown one is taken for the program's with a warning, one of another dimension is a data error, as is a column that is
/// not there. A name in `binds` that the entry does not have is a usage error.
absl::StatusOr<TableBinding> bind_table(const package::Entry& entry, const units::UnitTable& units,
                                        const io::TableSchema& schema,
                                        const std::map<std::string, std::string>& binds);

}  // namespace acie::scheduler
