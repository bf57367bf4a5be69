#include "runtime/io/FileValue.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "fast_float/fast_float.h"
#include "runtime/io/CsvReader.h"
#include "runtime/io/FitsReader.h"
#include "runtime/io/Hdf5Path.h"
#include "runtime/io/Hdf5Reader.h"
#include "runtime/io/NpyReader.h"
#include "runtime/io/TableReader.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxColumns = 1024;
constexpr size_t kMaxDepth = 8;                   // of lists in lists
constexpr double kExact = 0x1p53;

absl::Status too_large(const std::string& name, const ValueLimits& limits) {
  return bad_data_error(name + " has more than " + std::to_string(limits.elements) + " elements, which is too large for " + limits.what + limits.instead);
}

/// Numbers written with digits: whole ones are integers.
void narrow(FileArray& array) {
  array.written_out = array.dtype != ACIE_BOOL;
  if (array.dtype != ACIE_F64 || !std::all_of(array.reals.begin(), array.reals.end(), [](double value) {
        return std::nearbyint(value) == value && std::abs(value) <= kExact && !(value == 0 && std::signbit(value));
      }))
    return;
  array.dtype = ACIE_I64;
  array.integers.assign(array.reals.begin(), array.reals.end());
  array.reals.clear();
}

acie_dtype value_dtype(acie_dtype natural) { return natural == ACIE_I32 ? ACIE_I64 : natural; }

/// All rows of column `index` of a table; an error where a cell is missing or the column cannot be read.
absl::StatusOr<FileArray> read_column(TableReader& reader, size_t index, const ValueLimits& limits) {
  const ColumnSchema& column = reader.schema().columns[index];
  ColumnRequest request;
  request.index = static_cast<int>(index);
  request.dtype = value_dtype(column.dtype);
  request.elements = column.elements();
  if (request.elements > limits.elements) return too_large(reader.schema().source + ", column '" + column.name + "',", limits);
  FileArray array;
  array.name = column.name;
  array.dtype = request.dtype;
  array.unit_text = column.unit_text;
  int64_t rows = 0;
  ACIE_RETURN_IF_ERROR(reader.select({request}));
  Batch batch;
  for (;;) {
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<RawBlock> block, reader.read(std::max<int64_t>(1, 4096 / request.elements)));
    if (block == nullptr) break;
    rows += block->rows;
    if (rows > limits.elements / request.elements) return too_large(reader.schema().source, limits);
    ACIE_RETURN_IF_ERROR(reader.decode(*block, batch));
    const ColumnData& data = batch.columns[0];
    const int64_t count = block->rows * request.elements;
    for (int64_t i = 0; i < count; ++i) {
      if (!data.is_present(i))
        return bad_data_error(reader.schema().source + ", row " + std::to_string(block->first_row + i / request.elements + 1) + ", column '" +
                              column.name + "' is empty; " + limits.what + " has all its values");
      switch (request.dtype) {
        case ACIE_F64: array.reals.push_back(data.as<double>()[i]); break;
        case ACIE_F32: array.reals.push_back(static_cast<double>(data.as<float>()[i])); break;
        case ACIE_I64: array.integers.push_back(data.as<int64_t>()[i]); break;
        default: array.integers.push_back(data.as<uint8_t>()[i]); break;
      }
    }
  }
  array.shape = {rows};
  array.shape.insert(array.shape.end(), column.shape.begin(), column.shape.end());
  return array;
}

using Opener = std::function<absl::StatusOr<std::unique_ptr<TableReader>>()>;

/// A table as a record. A reader reads one selection of columns, so each column opens its own.
absl::StatusOr<FileValue> read_record(const Opener& open, const ValueLimits& limits) {
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<TableReader> first, open());
  const TableSchema schema = first->schema();
  if (schema.columns.size() > kMaxColumns) return bad_data_error(schema.source + " has too many columns for " + limits.what + limits.instead);
  FileValue value;
  value.is_record = true;
  int64_t total = 0;
  for (size_t i = 0; i < schema.columns.size(); ++i) {
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<TableReader> reader, open());
    absl::StatusOr<FileArray> column = read_column(*reader, i, limits);
    if (!column.ok()) {
      value.skipped.push_back({schema.columns[i].name, message_of(column.status())});
      continue;
    }
    total += static_cast<int64_t>(column->reals.size() + column->integers.size());
    if (total > limits.record) return bad_data_error(schema.source + " is too large for " + limits.what + limits.instead);
    value.parts.push_back(*std::move(column));
  }
  if (!value.parts.empty()) return value;
  return bad_data_error(value.skipped.empty() ? schema.source + " has no columns" : value.skipped.front().reason);
}

/// A file that is one array: its whole rows are the last column.
absl::StatusOr<FileValue> read_array(TableReader& reader, const ValueLimits& limits) {
  ACIE_ASSIGN_OR_RETURN(FileArray array, read_column(reader, reader.schema().columns.size() - 1, limits));
  array.name.clear();
  if (array.shape[0] == 0) return bad_data_error(reader.schema().source + " holds no values");
  FileValue value;
  value.parts.push_back(std::move(array));
  return value;
}

absl::StatusOr<FileValue> read_table(const Opener& open, const ValueLimits& limits) {
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<TableReader> reader, open());
  return reader->schema().is_array ? read_array(*reader, limits) : read_record(open, limits);
}

std::optional<double> parse_number(const std::string& text) {
  double number = 0;
  const auto [end, problem] = fast_float::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// Appends the rows of a table of numbers alone, and counts them.
absl::Status read_rows(TableReader& reader, FileArray& matrix, int64_t& rows, const ValueLimits& limits) {
  const std::string& name = reader.schema().source;
  const auto columns = static_cast<int64_t>(reader.schema().columns.size());
  std::vector<ColumnRequest> requests(static_cast<size_t>(columns));
  for (size_t i = 0; i < requests.size(); ++i) requests[i].index = static_cast<int>(i);
  ACIE_RETURN_IF_ERROR(reader.select(std::move(requests)));
  Batch batch;
  for (;;) {
    if (rows > limits.elements / columns) return too_large(name, limits);
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<RawBlock> block, reader.read(256));
    if (block == nullptr) return absl::OkStatus();
    ACIE_RETURN_IF_ERROR(reader.decode(*block, batch));
    for (int64_t row = 0; row < block->rows; ++row)
      for (int64_t column = 0; column < columns; ++column) {
        const ColumnData& data = batch.columns[static_cast<size_t>(column)];
        if (!data.is_present(row))
          return bad_data_error(name + ", row " + std::to_string(rows + row + 1) + ", column " + std::to_string(column + 1) +
                                " is empty; " + limits.what + " has all its values");
        matrix.reals.push_back(data.as<double>()[row]);
      }
    rows += block->rows;
  }
}

absl::StatusOr<FileValue> parse_csv(std::string_view bytes, const std::string& name, const ValueLimits& limits) {
  const Opener open = [&] { return open_csv(memory_source(bytes), name); };
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<TableReader> reader, open());
  std::vector<double> first;
  for (const ColumnSchema& column : reader->schema().columns)
    if (const std::optional<double> number = parse_number(column.name)) first.push_back(*number);
  if (first.size() != reader->schema().columns.size()) {
    ACIE_ASSIGN_OR_RETURN(FileValue value, read_record(open, limits));
    for (FileArray& part : value.parts) narrow(part);
    return value;
  }
  // The first line is a row like the others.
  const auto columns = static_cast<int64_t>(first.size());
  FileArray matrix;
  matrix.reals = std::move(first);
  int64_t rows = 1;
  ACIE_RETURN_IF_ERROR(read_rows(*reader, matrix, rows, limits));
  matrix.shape = {rows};
  if (columns > 1) matrix.shape.push_back(columns);
  narrow(matrix);
  FileValue value;
  value.parts.push_back(std::move(matrix));
  return value;
}

/// A number or lists of one length at each depth; false where it is something else.
bool json_array(const Json& json, size_t depth, FileArray& array, const ValueLimits& limits) {
  if (json.is_array()) {
    if (depth == kMaxDepth || json.empty()) return false;
    const auto size = static_cast<int64_t>(json.size());
    const bool first = array.reals.empty() && array.integers.empty() && array.shape.size() == depth;
    if (first) array.shape.push_back(size);
    if (depth >= array.shape.size() || array.shape[depth] != size) return false;
    return std::all_of(json.begin(), json.end(), [&](const Json& item) { return json_array(item, depth + 1, array, limits); });
  }
  if (depth != array.shape.size() || !(json.is_number() || json.is_boolean())) return false;
  if (array.reals.empty() && array.integers.empty() && json.is_boolean()) array.dtype = ACIE_BOOL;
  if (json.is_boolean() != (array.dtype == ACIE_BOOL)) return false;
  if (json.is_boolean()) array.integers.push_back(json.get<bool>() ? 1 : 0);
  else array.reals.push_back(json.get<double>());
  return static_cast<int64_t>(array.reals.size() + array.integers.size()) <= limits.elements;
}

absl::StatusOr<FileValue> parse_json(std::string_view bytes, const std::string& name, const ValueLimits& limits) {
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return bad_data_error(name + " is not JSON");
  FileValue value;
  value.is_record = json.is_object();
  const auto add = [&](const std::string& field, const Json& item) {
    FileArray array;
    array.name = field;
    if (json_array(item, 0, array, limits)) {
      narrow(array);
      value.parts.push_back(std::move(array));
    } else {
      value.skipped.push_back({field, name + (field.empty() ? "" : ", '" + field + "'") +
                                          " is no number, truth value or lists of those with one length at each depth, of at most " +
                                          std::to_string(limits.elements) + " elements"});
    }
  };
  if (value.is_record)
    for (const auto& [field, item] : json.items()) add(field, item);
  else
    add("", json);
  if (!value.parts.empty()) return value;
  return bad_data_error(value.skipped.empty() ? name + " is an empty object" : value.skipped.front().reason);
}

/// A path and the part of its file that it chooses.
std::pair<std::string, std::string> split_part(FileFormat format, const std::string& path) {
  if (format == FileFormat::Hdf5) return split_hdf5_path(path);
  const size_t bracket = path.rfind('[');
  struct stat about;
  if (format != FileFormat::Fits || path.empty() || path.back() != ']' || bracket == std::string::npos || ::stat(path.c_str(), &about) == 0)
    return {path, ""};
  return {path.substr(0, bracket), path.substr(bracket + 1, path.size() - bracket - 2)};
}

absl::StatusOr<std::string> read_bytes(const std::string& path, const ValueLimits& limits) {
  struct stat about;
  if (::stat(path.c_str(), &about) != 0) return bad_data_error("cannot read " + path);
  if (!S_ISREG(about.st_mode)) return bad_data_error(path + " is not a file");
  if (static_cast<uint64_t>(about.st_size) > limits.file)
    return bad_data_error(path + " is larger than " + std::to_string(limits.file >> 20) + " MiB, which is too large for " + limits.what);
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> source, open_file(path));
  std::string bytes(static_cast<size_t>(about.st_size), '\0');
  ACIE_ASSIGN_OR_RETURN(const size_t got, read_fully(*source, bytes.data(), bytes.size()));
  bytes.resize(got);
  return bytes;
}

}  // namespace

absl::StatusOr<FileValue> parse_file_value(FileFormat format, std::string_view bytes, const std::string& name, std::string_view part, const ValueLimits& limits) {
  switch (format) {
    case FileFormat::Csv: return parse_csv(bytes, name, limits);
    case FileFormat::Fits: {
      ACIE_ASSIGN_OR_RETURN(FileValue value, read_table([&] { return open_fits_unit(memory_source(bytes), name, part); }, limits));
      if (!value.is_record) value.parts[0].shape.erase(value.parts[0].shape.begin());  // the one row of an image
      return value;
    }
    case FileFormat::Json: return parse_json(bytes, name, limits);
    case FileFormat::Npy: return read_table([&] { return open_npy(memory_source(bytes), name); }, limits);
    case FileFormat::Hdf5: break;
  }
  return usage_error("HDF5 is read from a file");
}

std::string value_file(FileFormat format, const std::string& path) { return split_part(format, path).first; }

absl::StatusOr<FileValue> read_file_value(FileFormat format, const std::string& path, std::string& bytes, const ValueLimits& limits) {
  const auto [file, part] = split_part(format, path);
  ACIE_ASSIGN_OR_RETURN(bytes, read_bytes(file, limits));
  if (format != FileFormat::Hdf5) return parse_file_value(format, bytes, file, part, limits);
  return read_table([&, &file = file, &part = part] { return open_hdf5(file, part); }, limits);
}

}  // namespace acie::io
