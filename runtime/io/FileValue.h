// Small files as values of a program: `const s = csv("species.csv")` reads one when compiling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"

namespace acie::io {

/// A number (no shape) or an array of numbers or truth values, row-major.
struct FileArray {
  std::string name;  // of a column or field; empty of what is the whole file
  acie_dtype dtype = ACIE_F64;      // F64, F32, I64 or BOOL
  std::vector<int64_t> shape;       // outermost axis first
  std::vector<double> reals;        // of F64 and F32
  std::vector<int64_t> integers;    // of I64 and BOOL
  std::string unit_text;            // as the file spells it
  bool written_out = false;         // digits in a text: a number of no particular type
};

/// What a file holds: one array, or a record of columns.
struct FileValue {
  bool is_record = false;
  std::vector<FileArray> parts;  // one where it is no record
  /// Columns that are no constants, and why: they hold text, or an empty cell.
  struct Skipped {
    std::string name, reason;
  };
  std::vector<Skipped> skipped;
};

enum class FileFormat { Csv, Fits, Hdf5, Json, Npy };

/// How much is read into memory, and what for.
struct ValueLimits {
  int64_t elements = 65536;             // of an array
  int64_t record = int64_t{1} << 18;    // of all columns together
  uint64_t file = uint64_t{64} << 20;   // bytes
  const char* what = "a constant";
  const char* instead = "; read it as data";
};
/// What stands in a program; what is larger is data.
inline constexpr ValueLimits kConstantLimits;
/// What is given to a run as one array.
inline constexpr ValueLimits kArrayLimits{int64_t{1} << 28, int64_t{1} << 28, uint64_t{4} << 30, "an array", ""};

/// Reads the file at `path`; `path[1]` chooses a unit of a FITS file, else the first that holds something counts, and
/// `path:/name` an object of an HDF5 file.
///
/// - CSV: a record of columns, numbers alone where they are; without a header, where all cells of the first line are numbers,
///   a matrix (a vector where there is one column).
/// - FITS: an image as an array, slowest axis first, with BSCALE, BZERO and BUNIT; a binary table as a record.
/// - HDF5: a dataset as an array, records and groups of columns as a record.
/// - JSON: a number, a truth value, lists of one length at each depth as an array, an object as a record.
/// - .npy: an array; a structured one as a record.
///
/// `bytes` gets what the file holds, for its hash. Errors name the file and say what is wrong: an empty or missing value
/// in an array, nothing that is a number, too large.
absl::StatusOr<FileValue> read_file_value(FileFormat format, const std::string& path, std::string& bytes, const ValueLimits& limits = kConstantLimits);

/// The same from memory; HDF5 cannot be read so.
absl::StatusOr<FileValue> parse_file_value(FileFormat format, std::string_view bytes, const std::string& name, std::string_view part, const ValueLimits& limits = kConstantLimits);

/// The file that `path` speaks of, without the part of it that is chosen.
std::string value_file(FileFormat format, const std::string& path);

}  // namespace acie::io
