// Reading tables in blocks: reading is serial and cheap, decoding is the work and runs on any number of
// threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/io/Table.h"

namespace acie::io {

/// Undecoded rows of a table. Owns its bytes and outlives later reads, but not its reader.
class RawBlock {
 public:
  virtual ~RawBlock() = default;
  int64_t first_row = 0;  // global, from 0
  int64_t rows = 0;
};

/// A table being read from its first row to its last, in memory bounded by the blocks that are alive.
///
/// Bad cells are DataLoss errors (exit 3) that name file, row, line, column, text and what was expected; rows
/// and lines are counted from 1 in messages.
class TableReader {
 public:
  virtual ~TableReader() = default;

  virtual const TableSchema& schema() const = 0;

  /// Chooses the columns of every batch, in this order; a column may be asked for more than once. Called
  /// once, before read. Refuses what can never work (a number asked of a text column) with a DataLoss error.
  virtual absl::Status select(std::vector<ColumnRequest> requests) = 0;

  /// The next rows; null after the last. Every block but the last has exactly `max_rows` rows. Serial.
  virtual absl::StatusOr<std::unique_ptr<RawBlock>> read(int64_t max_rows) = 0;

  /// Turns a block into columns. Thread-safe. `batch` is overwritten, its memory reused.
  virtual absl::Status decode(const RawBlock& block, Batch& batch) const = 0;

  /// Makes `row` (from 0) the next to be read, forwards from where reading stands. Past the end: the next
  /// read is null.
  virtual absl::Status skip_to(int64_t row) = 0;

  /// Back to the first row. Fails for what can be read only once, such as a pipe.
  virtual absl::Status rewind() = 0;

  /// How much has been read, 0 to 1, where it can be known.
  virtual std::optional<double> fraction_read() const = 0;
};

/// Opens a table by its extension (.csv .tsv .txt .fits .fit .fts .h5 .hdf5 .npy), else by its first bytes.
/// `file.fits[1]` and `file.fits[GALAXIES]` choose an HDU by CFITSIO's number (0 is the primary) or by
/// EXTNAME; default: the first table. `file.h5:/path` chooses a table in an HDF5 file; default: the only one.
absl::StatusOr<std::unique_ptr<TableReader>> open_table(std::string_view path);

}  // namespace acie::io
