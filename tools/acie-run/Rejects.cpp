#include "tools/acie-run/Rejects.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/scheduler/Answer.h"
#include "runtime/status/Errors.h"

namespace acie::cli {
namespace {

absl::Status cannot_write(const std::string& path) {
  return run_error("cannot write " + path + ": " + std::strerror(errno));
}

/// Opens a file beside `path`, whose name comes back in `temporary`; null on failure.
std::FILE* open_beside(const std::string& path, std::string& temporary) {
  temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  return fd < 0 ? nullptr : fdopen(fd, "wb");
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + "\"";
}

}  // namespace

absl::Status write_whole(const std::string& path, const std::string& text) {
  std::string temporary;
  std::FILE* file = open_beside(path, temporary);
  if (file == nullptr) return cannot_write(path);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) == 0 && written && std::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  const absl::Status status = cannot_write(path);
  unlink(temporary.c_str());
  return status;
}

absl::StatusOr<std::unique_ptr<RejectsFile>> RejectsFile::create(const std::string& path) {
  std::string temporary;
  std::FILE* file = open_beside(path, temporary);
  if (file == nullptr) return cannot_write(path);
  std::fputs("row,status,reason\n", file);
  return std::unique_ptr<RejectsFile>(new RejectsFile(path, temporary, file));
}

RejectsFile::~RejectsFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  unlink(temporary_.c_str());
}

absl::Status RejectsFile::add(const scheduler::RejectedRow& row) {
  const std::string line =
      std::to_string(row.row) + "," + scheduler::status_text(row.status) + "," + quoted(row.reason) + "\n";
  if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) return cannot_write(path_);
  return absl::OkStatus();
}

absl::Status RejectsFile::finish() {
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (closed && std::rename(temporary_.c_str(), path_.c_str()) == 0) return absl::OkStatus();
  const absl::Status status = cannot_write(path_);
  unlink(temporary_.c_str());
  return status;
}

}  // namespace acie::cli
