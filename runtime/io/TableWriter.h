// Writing tables: encoding runs on any number of threads, appending is serial and in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/io/Texts.h"
#include "runtime/units/Units.h"

namespace acie::io {

/// What a column is an element of: formats that hold vectors write all elements of one as one column.
struct OutputVector {
  std::string name;            // "flux", where the column is "flux[2]"
  std::vector<int64_t> shape;  // outermost axis first
  int64_t element = 0;         // row-major
};

struct OutputColumn {
  std::string name;
  acie_dtype dtype = ACIE_F64;
  units::Unit unit;
  /// Not empty: values (I64 or I32) are written as labels[value]; a value outside is an absent cell.
  std::vector<std::string> labels;
  std::optional<OutputVector> vector = std::nullopt;
  /// Not null: values (I64) are codes of these texts. In FITS, HDF5 and npy a text has kTextWidth letters at most (bytes, in
  /// npy code points): a longer one is a usage error, which append() or finish() gives. The table outlives the writer.
  const Texts* texts = nullptr;

  bool is_text() const { return texts != nullptr || !labels.empty(); }
};
inline constexpr size_t kTextWidth = 64;

struct OutputMetadata {
  std::string entry;
  uint64_t seed = 0;
};

/// Values of one output column: element i at data + i * stride elements (stride 0: one value for every row).
struct OutputView {
  const void* data = nullptr;
  int64_t stride = 1;
  const uint8_t* present = nullptr;  // one byte per row, 0: absent; null: all are there
};

/// Rows to write. An absent cell, and NaN, is empty in CSV, null in JSON, NaN in FITS, HDF5 and npy (an integer
/// there: the smallest of its type, which FITS declares as TNULL; a boolean: undefined in FITS, false in
/// HDF5 and npy).
struct OutputRows {
  int64_t rows = 0;
  std::vector<OutputView> columns;  // one per OutputColumn
  const uint8_t* keep = nullptr;    // one byte per row, 0: leave the row out; null: keep all
};

enum class OutputFormat { Csv, Json, Fits, Hdf5, Npy };

/// One table being written. What is not finished leaves nothing under the final name.
class TableWriter {
 public:
  virtual ~TableWriter() = default;

  /// Appends the rows in the file's form to `out`. Thread-safe.
  virtual void encode(const OutputRows& rows, std::string& out) const = 0;

  /// Writes what encode() made. Serial, in row order.
  virtual absl::Status append(std::string_view encoded) = 0;

  /// Completes the file and gives it its name. Nothing may follow.
  virtual absl::Status finish() = 0;
};

/// The format of `path` by extension (.csv .json .fits .fit .h5 .hdf5 .npy); `-` is CSV; `runs.h5:/grid/table` is HDF5. A usage error for others.
absl::StatusOr<OutputFormat> output_format(std::string_view path);

/// "csv", "json", "fits", "h5", "npy" as --format says it.
absl::StatusOr<OutputFormat> parse_output_format(std::string_view name);

/// Begins a table at `path`, or on standard output if it is "-" (CSV and JSON only). An ordinary file is
/// written beside its final name and renamed by finish(); a device or pipe is written directly.
absl::StatusOr<std::unique_ptr<TableWriter>> create_table(std::string_view path, OutputFormat format,
                                                          std::vector<OutputColumn> columns,
                                                          OutputMetadata metadata);

}  // namespace acie::io
