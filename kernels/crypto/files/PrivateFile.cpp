#include "kernels/crypto/files/PrivateFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

namespace fs = std::filesystem;

absl::Status cannot(const char* what, const std::string& path) {
  return run_error(std::string("cannot ") + what + " " + path + ": " + std::strerror(errno));
}

/// A descriptor that closes itself.
struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::string mode_text(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

void sync_folder_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  const Descriptor folder{::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.number >= 0) ::fsync(folder.number);  // some file systems refuse; the file itself is safe
}

absl::StatusOr<Secret> read_file(const std::string& path, size_t limit, bool is_private) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat about {};
  if (file.number < 0 || ::fstat(file.number, &about) != 0) return cannot("read", path);
  if (!S_ISREG(about.st_mode)) return bad_data_error("cannot read " + path + ": it is not a file");
  if (is_private && (about.st_mode & 077) != 0)
    return refused_error(path + " is open to other users (mode " + mode_text(about.st_mode) +
                         "); if nobody can have read it, say chmod 600, else make a new one");
  if (is_private && about.st_uid != ::geteuid() && about.st_uid != 0)
    return refused_error(path + " belongs to another user");
  if (static_cast<uint64_t>(about.st_size) > limit)
    return bad_data_error(path + " is larger than such a file can be (" + std::to_string(limit) + " bytes)");
  Secret content(static_cast<size_t>(about.st_size));
  for (size_t at = 0; at < content.size();) {
    const ssize_t count = ::read(file.number, content.data() + at, content.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return cannot("read", path);
    at += static_cast<size_t>(count);
  }
  return content;
}

}  // namespace

absl::StatusOr<PrivateFile> PrivateFile::create(const std::string& path, Existing existing, Readers readers) {
  std::error_code error;
  if (existing == Existing::Refuse && fs::exists(fs::symlink_status(path, error)))
    return usage_error(path + " exists; it is not overwritten");
  if (fs::is_directory(path, error)) return usage_error("cannot write " + path + ": it is a folder");
  std::string temporary = path + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (descriptor < 0) return cannot("write", path);
  if (readers == Readers::Everyone)
    ::fchmod(descriptor, 0644);  // where this cannot be done, the owner at least can read
  return PrivateFile(descriptor, std::move(temporary), path, existing);
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      temporary_(std::exchange(other.temporary_, {})),
      path_(std::move(other.path_)),
      existing_(other.existing_) {}

PrivateFile::~PrivateFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

absl::Status PrivateFile::failure() const { return cannot("write", path_); }

absl::Status PrivateFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure();
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status PrivateFile::commit() {
  if (::fsync(descriptor_) != 0) return failure();
  if (::close(std::exchange(descriptor_, -1)) != 0) return failure();
  if (existing_ == Existing::Replace) {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failure();
    temporary_.clear();
  } else if (::link(temporary_.c_str(), path_.c_str()) !=
             0) {  // fails where the name is taken, as rename does not
    if (errno == EEXIST) return usage_error(path_ + " exists; it is not overwritten");
    return failure();
  }
  sync_folder_of(path_);
  return absl::OkStatus();
}

absl::Status write_private_file(const std::string& path, std::string_view bytes, Existing existing,
                                Readers readers) {
  ACIE_ASSIGN_OR_RETURN(PrivateFile file, PrivateFile::create(path, existing, readers));
  ACIE_RETURN_IF_ERROR(file.write(bytes));
  return file.commit();
}

absl::Status make_private_folder(const std::string& path) {
  std::error_code error;
  const fs::path parent = fs::path(path).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  if (::mkdir(path.c_str(), 0700) == 0) return absl::OkStatus();
  if (errno != EEXIST) return cannot("make the folder", path);
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode))
    return usage_error(path + " is not a folder");
  if ((about.st_mode & 022) != 0)
    return refused_error("the folder " + path + " can be changed by other users (mode " +
                         mode_text(about.st_mode) + "): chmod 700 it");
  return absl::OkStatus();
}

absl::StatusOr<Secret> read_whole_file(const std::string& path, size_t limit) {
  return read_file(path, limit, false);
}
absl::StatusOr<Secret> read_private_file(const std::string& path, size_t limit) {
  return read_file(path, limit, true);
}

}  // namespace acie::secure
