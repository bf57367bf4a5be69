// Files that appear whole or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace acie::io {

/// A file being written. An ordinary file has no name until commit(), where the system can do that, else a
/// temporary name beside the final one; either way an interrupted run leaves the final name as it was.
/// Devices and pipes are written directly. Small writes are gathered.
class OutputFile {
 public:
  /// Whether the file needs a name before commit(): libraries that open it for themselves find it by its temporary one.
  enum class Naming { None, Temporary };

  /// Begins the file that commit() will call `path`. Errors name the path.
  static absl::StatusOr<std::unique_ptr<OutputFile>> create(const std::string& path, Naming naming = Naming::None);

  /// Standard output, left open in the end.
  static std::unique_ptr<OutputFile> standard_output();

  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  absl::Status write(std::string_view bytes);

  /// Overwrites bytes written before.
  absl::Status patch(uint64_t offset, std::string_view bytes);

  /// Whether patch() works: not for pipes.
  bool can_patch() const { return atomic_; }

  /// The name until commit(), where Naming::Temporary was asked for; empty for devices and pipes.
  const std::string& temporary() const { return temporary_; }

  /// Gives the file its name, replacing what had it. Nothing may be written afterwards.
  absl::Status commit();

 private:
  OutputFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  absl::Status flush();
  absl::Status link_in_place();
  absl::Status failure(const char* what) const;

  int descriptor_;
  std::string path_;       // for messages: as the caller gave it
  std::string target_;     // where it goes, symbolic links resolved
  std::string temporary_;  // its name until commit(); empty: it has none
  bool atomic_ = false;
  bool owned_ = true;
  std::string pending_;
};

}  // namespace acie::io
