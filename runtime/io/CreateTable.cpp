#include <string>
#include <tuple>
#include <utility>

#include "runtime/io/Hdf5Path.h"
#include "runtime/io/PathText.h"
#include "runtime/io/TableWriter.h"
#include "runtime/io/Writers.h"
#include "runtime/status/Errors.h"

namespace acie::io {

absl::StatusOr<OutputFormat> output_format(std::string_view path) {
  if (path == "-") return OutputFormat::Csv;
  if (is_hdf5_name(split_hdf5_path(path).first)) return OutputFormat::Hdf5;
  const std::string extension = extension_of(path);
  if (extension == ".csv" || extension == ".txt") return OutputFormat::Csv;
  if (extension == ".json") return OutputFormat::Json;
  if (extension == ".fits" || extension == ".fit" || extension == ".fts") return OutputFormat::Fits;
  if (extension == ".npy") return OutputFormat::Npy;
  return usage_error("cannot tell the format of " + std::string(path) +
                     "; end its name with .csv, .json, .fits, .h5 or .npy");
}

absl::StatusOr<OutputFormat> parse_output_format(std::string_view name) {
  if (name == "csv") return OutputFormat::Csv;
  if (name == "json") return OutputFormat::Json;
  if (name == "fits") return OutputFormat::Fits;
  if (name == "h5" || name == "hdf5") return OutputFormat::Hdf5;
  if (name == "npy") return OutputFormat::Npy;
  return usage_error("unknown format '" + std::string(name) + "'; it is csv, json, fits, h5 or npy");
}

absl::StatusOr<std::unique_ptr<TableWriter>> create_table(std::string_view path, OutputFormat format,
                                                          std::vector<OutputColumn> columns,
                                                          OutputMetadata metadata) {
  std::unique_ptr<OutputFile> file;
  std::string place(path), inside;
  if (format == OutputFormat::Hdf5) std::tie(place, inside) = split_hdf5_path(path);
  if (path == "-") {
    file = OutputFile::standard_output();
  } else {
    ACIE_ASSIGN_OR_RETURN(file, OutputFile::create(place, format == OutputFormat::Hdf5 ? OutputFile::Naming::Temporary
                                                                              : OutputFile::Naming::None));
  }
  switch (format) {
    case OutputFormat::Csv:
      return create_csv(std::move(file), std::move(columns));
    case OutputFormat::Json:
      return create_json(std::move(file), std::move(columns), metadata);
    case OutputFormat::Fits:
      return create_fits(std::move(file), std::move(columns), metadata);
    case OutputFormat::Hdf5:
      return create_hdf5(std::move(file), inside, std::move(columns), metadata);
    case OutputFormat::Npy:
      return create_npy(std::move(file), std::move(columns));
  }
  return run_error("unknown output format");
}

}  // namespace acie::io
