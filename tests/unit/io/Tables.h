// Reading whole tables in tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/io/CsvReader.h"
#include "runtime/io/TableReader.h"
#include "runtime/status/Errors.h"

namespace acie::io {

/// A file of shared real data, or empty where the folder is absent, as in a fresh clone; then says so.
inline std::string shared_data(const std::string& name) {
  const char* const folder = std::getenv("ACIE_SHARED_DATA");
  const std::string path = std::string(folder != nullptr ? folder : ACIE_SHARED_DATA) + "/" + name;
  if (std::filesystem::exists(path)) return path;
  std::cerr << "[ NO DATA  ] " << path << " is absent; set ACIE_SHARED_DATA to test with real data\n";
  return "";
}

/// A file that is gone when the test is over.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name, const std::string& bytes = "") {
    static int count = 0;
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("acie_io_" + std::to_string(getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(folder_);
    path_ = folder_ / name;
    if (!bytes.empty()) std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove_all(folder_); }
  std::string path() const { return path_.string(); }
  std::filesystem::path folder() const { return folder_; }
  std::string bytes() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

/// All batches of a table read in blocks of `block` rows.
inline absl::StatusOr<std::vector<Batch>> read_all(TableReader& reader, std::vector<ColumnRequest> requests,
                                                   int64_t block) {
  ACIE_RETURN_IF_ERROR(reader.select(std::move(requests)));
  std::vector<Batch> batches;
  for (;;) {
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<RawBlock> raw, reader.read(block));
    if (raw == nullptr) return batches;
    ACIE_RETURN_IF_ERROR(reader.decode(*raw, batches.emplace_back()));
  }
}

/// Column `index` of the batches, joined.
template <typename T>
std::vector<T> column(const std::vector<Batch>& batches, size_t index) {
  std::vector<T> values;
  for (const Batch& batch : batches)
    for (int64_t row = 0; row < batch.rows; ++row) values.push_back(batch.columns[index].as<T>()[row]);
  return values;
}

inline std::vector<bool> presence(const std::vector<Batch>& batches, size_t index) {
  std::vector<bool> values;
  for (const Batch& batch : batches)
    for (int64_t row = 0; row < batch.rows; ++row) values.push_back(batch.columns[index].is_present(row));
  return values;
}

/// A request for every column as f64.
inline std::vector<ColumnRequest> all_as_f64(const TableSchema& schema) {
  std::vector<ColumnRequest> requests;
  for (size_t i = 0; i < schema.columns.size(); ++i) {
    ColumnRequest request;
    request.index = static_cast<int>(i);
    requests.push_back(request);
  }
  return requests;
}

inline ColumnRequest request(int index, acie_dtype dtype, double factor = 1,
                             std::vector<std::string> categories = {}) {
  ColumnRequest result;
  result.index = index;
  result.dtype = dtype;
  result.factor = factor;
  result.categories = std::move(categories);
  return result;
}

}  // namespace acie::io
