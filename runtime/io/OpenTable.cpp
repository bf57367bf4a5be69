#include <sys/stat.h>

#include <string>
#include <utility>

#include "runtime/io/ByteSource.h"
#include "runtime/io/CsvReader.h"
#include "runtime/io/FitsReader.h"
#include "runtime/io/Hdf5Path.h"
#include "runtime/io/Hdf5Reader.h"
#include "runtime/io/NpyReader.h"
#include "runtime/io/PathText.h"
#include "runtime/io/TableReader.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

enum class Format { Csv, Tsv, Fits, Npy, Hdf5, Gzip };

bool exists(const std::string& path) {
  struct stat about;
  return ::stat(path.c_str(), &about) == 0;
}

Format format_of_bytes(std::string_view start) {
  const auto begins = [start](std::string_view magic) { return start.substr(0, magic.size()) == magic; };
  if (begins("SIMPLE")) return Format::Fits;
  if (begins("\x93NUMPY")) return Format::Npy;
  if (begins("\x89HDF")) return Format::Hdf5;
  if (begins("\x1f\x8b")) return Format::Gzip;
  return Format::Csv;
}

// By extension where that is known; the first bytes tell a compressed or HDF5 file whatever it is called.
Format choose_format(std::string_view path, std::string_view start) {
  const Format sniffed = format_of_bytes(start);
  if (sniffed == Format::Gzip || sniffed == Format::Hdf5) return sniffed;
  const std::string extension = extension_of(path);
  if (extension == ".csv" || extension == ".txt") return Format::Csv;
  if (extension == ".tsv") return Format::Tsv;
  if (extension == ".fits" || extension == ".fit" || extension == ".fts") return Format::Fits;
  if (extension == ".npy") return Format::Npy;
  if (is_hdf5_name(path)) return Format::Hdf5;
  return sniffed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> open_table(std::string_view path) {
  auto [file, inside] = split_hdf5_path(path);
  std::string_view hdu;
  const size_t bracket = path.rfind('[');
  if (!path.empty() && path.back() == ']' && bracket != std::string_view::npos && bracket > 0 &&
      !exists(file)) {
    hdu = path.substr(bracket + 1, path.size() - bracket - 2);
    file.resize(bracket);
  }
  ACIE_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, open_file(file));
  std::string start;
  if (source->size()) {  // what is not a file can be read only once
    start.resize(8);
    ACIE_ASSIGN_OR_RETURN(const size_t count, read_fully(*source, start.data(), start.size()));
    start.resize(count);
    ACIE_RETURN_IF_ERROR(source->seek(0));
  }
  const Format format = choose_format(file, start);
  if (!hdu.empty() && format != Format::Fits)
    return usage_error(std::string(path) + ": '[" + std::string(hdu) +
                       "]' chooses a part of a FITS file, and " + file + " is none");
  if (!inside.empty() && format != Format::Hdf5)
    return usage_error(std::string(path) + ": ':" + inside + "' chooses a part of an HDF5 file, and " + file + " is none");
  switch (format) {
    case Format::Csv:
      return open_csv(std::move(source), file);
    case Format::Tsv:
      return open_csv(std::move(source), file, '\t');
    case Format::Fits:
      return open_fits(std::move(source), file, hdu);
    case Format::Npy:
      return open_npy(std::move(source), file);
    case Format::Hdf5:
      return open_hdf5(file, inside);
    case Format::Gzip:
      return usage_error(file + " is compressed; uncompress it first (gunzip)");
  }
  return run_error("unknown table format");
}

}  // namespace acie::io
