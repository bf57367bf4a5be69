// Files only their owner may read, that appear whole or not at all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/crypto/files/Secret.h"

namespace acie::secure {

/// What to do where the name is taken: a key is never overwritten, an output is.
enum class Existing { Refuse, Replace };

/// Everyone is for what may be seen by all because it is sealed.
enum class Readers { Owner, Everyone };

/// A file being written under a temporary name beside its own, with mode 0600 (0644 for Readers::Everyone).
/// Without commit() nothing is left of it.
class PrivateFile {
 public:
  static absl::StatusOr<PrivateFile> create(const std::string& path, Existing existing,
                                            Readers readers = Readers::Owner);
  ~PrivateFile();
  PrivateFile(PrivateFile&& other) noexcept;
  PrivateFile& operator=(PrivateFile&&) = delete;

  absl::Status write(std::string_view bytes);
  /// Brings everything to the disk, then gives the file its name. Of two that race with Existing::Refuse one
  /// gets an error.
  absl::Status commit();

 private:
  PrivateFile(int descriptor, std::string temporary, std::string path, Existing existing)
      : descriptor_(descriptor),
        temporary_(std::move(temporary)),
        path_(std::move(path)),
        existing_(existing) {}
  absl::Status failure() const;

  int descriptor_;
  std::string temporary_, path_;
  Existing existing_;
};

/// All of it in one call.
absl::Status write_private_file(const std::string& path, std::string_view bytes, Existing existing,
                                Readers readers = Readers::Owner);

/// A folder with mode 0700, made with those above it where they are missing. One that others may write to is
/// refused.
absl::Status make_private_folder(const std::string& path);

/// A file of at most `limit` bytes. Errors: no such file, a larger one, not a regular file.
absl::StatusOr<Secret> read_whole_file(const std::string& path, size_t limit);

/// The same for secrets: refused where group or others may read or write it, or where it belongs to another
/// user than this one or root.
absl::StatusOr<Secret> read_private_file(const std::string& path, size_t limit);

}  // namespace acie::secure
