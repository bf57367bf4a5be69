// Files that acie-run writes itself: the rows without an answer, and the trace. Each is whole under its name or not there.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/scheduler/Run.h"

namespace acie::cli {

/// Writes `text` beside `path` and renames it.
absl::Status write_whole(const std::string& path, const std::string& text);

/// CSV with columns row (global, from 0), status and reason.
class RejectsFile {
 public:
  static absl::StatusOr<std::unique_ptr<RejectsFile>> create(const std::string& path);
  ~RejectsFile();
  RejectsFile(const RejectsFile&) = delete;
  RejectsFile& operator=(const RejectsFile&) = delete;

  absl::Status add(const scheduler::RejectedRow& row);
  absl::Status finish();

 private:
  RejectsFile(std::string path, std::string temporary, std::FILE* file)
      : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

  std::string path_, temporary_;
  std::FILE* file_;
};

}  // namespace acie::cli
