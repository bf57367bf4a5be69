#include "runtime/io/OutputFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr size_t kGather = size_t{256} << 10;

std::string reason(int error) { return std::strerror(error); }

std::string directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A name beside `path` that no other run takes.
std::string temporary_name(const std::string& path) {
  std::random_device random;
  char suffix[32];
  std::snprintf(suffix, sizeof suffix, ".%08x%08x.part", random(), random());
  return path + suffix;
}

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return 0;
}

// Where a symbolic link points to: it is the file that is replaced, not the link.
std::string resolve(const std::string& path) {
  char* const resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string result(resolved);
  std::free(resolved);
  return result;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path, Naming naming) {
  struct stat about;
  const bool there = ::stat(path.c_str(), &about) == 0;
  if (there && S_ISDIR(about.st_mode)) return run_error("cannot write " + path + ": it is a directory");
  if (there && !S_ISREG(about.st_mode)) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return run_error("cannot write " + path + ": " + reason(errno));
    return std::unique_ptr<OutputFile>(new OutputFile(descriptor, path));
  }
  const std::string target = there ? resolve(path) : path;
  const mode_t mode = there ? about.st_mode & 0777 : 0666;
  std::string temporary;
  int descriptor = naming == Naming::Temporary
                       ? -1
                       : ::open(directory_of(target).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  for (int attempt = 0; descriptor < 0 && attempt < 16;
       ++attempt) {  // not every file system has nameless files
    temporary = temporary_name(target);
    descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0 && errno != EEXIST) break;
  }
  if (descriptor < 0) return run_error("cannot write " + path + ": " + reason(errno));
  std::unique_ptr<OutputFile> file(new OutputFile(descriptor, path));
  file->target_ = target;
  file->temporary_ = temporary;
  file->atomic_ = true;
  return file;
}

std::unique_ptr<OutputFile> OutputFile::standard_output() {
  std::unique_ptr<OutputFile> file(new OutputFile(STDOUT_FILENO, "standard output"));
  file->owned_ = false;
  return file;
}

OutputFile::~OutputFile() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

absl::Status OutputFile::failure(const char* what) const {
  return run_error(std::string(what) + " " + path_ + " failed: " + reason(errno));
}

absl::Status OutputFile::write(std::string_view bytes) {
  if (pending_.size() + bytes.size() < kGather) {
    pending_.append(bytes);
    return absl::OkStatus();
  }
  ACIE_RETURN_IF_ERROR(flush());
  errno = write_all(descriptor_, bytes);
  return errno == 0 ? absl::OkStatus() : failure("writing");
}

absl::Status OutputFile::flush() {
  errno = write_all(descriptor_, pending_);
  pending_.clear();
  return errno == 0 ? absl::OkStatus() : failure("writing");
}

absl::Status OutputFile::patch(uint64_t offset, std::string_view bytes) {
  ACIE_RETURN_IF_ERROR(flush());
  if (::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
      static_cast<ssize_t>(bytes.size()))
    return failure("writing");
  return absl::OkStatus();
}

absl::Status OutputFile::commit() {
  ACIE_RETURN_IF_ERROR(flush());
  if (!owned_) return absl::OkStatus();
  if (atomic_ && temporary_.empty()) ACIE_RETURN_IF_ERROR(link_in_place());
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0) return failure("writing");
  if (!atomic_) return absl::OkStatus();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return failure("writing");
  temporary_.clear();
  return absl::OkStatus();
}

// A nameless file gets a temporary name: only a rename replaces what has the final one.
absl::Status OutputFile::link_in_place() {
  const std::string self = "/proc/self/fd/" + std::to_string(descriptor_);
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::string name = temporary_name(target_);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = std::move(name);
      return absl::OkStatus();
    }
    if (errno != EEXIST) break;
  }
  return failure("naming");
}

}  // namespace acie::io
