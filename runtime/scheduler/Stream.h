// Where a run takes its rows from and where its answer goes. Files are behind these (FileStream.h), as are a caller's own
// arrays (ArrayStream.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/scheduler/Answer.h"
#include "runtime/scheduler/RowTile.h"

namespace acie::scheduler {

/// A piece of a table: raw after TileSource::read, with `input` filled in after decode.
class SourceTile {
 public:
  virtual ~SourceTile() = default;
  TileInput input;
};

class TileSource {
 public:
  virtual ~TileSource() = default;

  /// The next rows, undecoded; null at the end. Called by one thread at a time, in order.
  virtual absl::StatusOr<std::unique_ptr<SourceTile>> read() = 0;

  /// Makes columns of a tile. Called by any thread.
  virtual absl::Status decode(SourceTile& tile) const = 0;

  /// Back to the first row, for entries that need the whole table more than once.
  virtual absl::Status rewind() = 0;

  /// How much of the table has been read, 0 to 1; nothing where it cannot be known.
  virtual std::optional<double> fraction_read() const = 0;
};

/// An answer tile in the form in which the sink writes it.
class EncodedTile {
 public:
  virtual ~EncodedTile() = default;
};

class AnswerSink {
 public:
  virtual ~AnswerSink() = default;

  /// Called by any thread.
  virtual absl::StatusOr<std::unique_ptr<EncodedTile>> encode(const AnswerTile& tile) const = 0;

  /// Called by one thread at a time, in order.
  virtual absl::Status write(const EncodedTile& tile) = 0;
};

/// One row and no columns: the source of entries that read no table.
std::unique_ptr<TileSource> single_row_source(size_t num_buffers);

}  // namespace acie::scheduler
