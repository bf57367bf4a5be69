#include "runtime/io/ByteSource.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

std::string reason(int error) { return std::strerror(error); }

class FileSource : public ByteSource {
 public:
  FileSource(int descriptor, std::string path, std::optional<uint64_t> size)
      : descriptor_(descriptor), path_(std::move(path)), size_(size) {}
  ~FileSource() override { ::close(descriptor_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  absl::StatusOr<size_t> read(char* out, size_t size) override {
    for (;;) {
      const ssize_t count = ::read(descriptor_, out, size);
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return bad_data_error(path_ + ": reading failed: " + reason(errno));
    }
  }

  absl::Status seek(uint64_t offset) override {
    if (::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) >= 0) return absl::OkStatus();
    return bad_data_error(path_ + " can be read only once, from front to back: " + reason(errno));
  }

  std::optional<uint64_t> size() const override { return size_; }

 private:
  int descriptor_;
  std::string path_;
  std::optional<uint64_t> size_;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<size_t> read(char* out, size_t size) override {
    const size_t count = std::min(size, bytes_.size() - place_);
    std::copy_n(bytes_.data() + place_, count, out);
    place_ += count;
    return count;
  }

  absl::Status seek(uint64_t offset) override {
    place_ = std::min<uint64_t>(offset, bytes_.size());
    return absl::OkStatus();
  }

  std::optional<uint64_t> size() const override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t place_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> open_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return bad_data_error("cannot open " + path + ": " + reason(errno));
  struct stat about;
  if (::fstat(descriptor, &about) != 0 || S_ISDIR(about.st_mode)) {
    ::close(descriptor);
    return bad_data_error(path + " is a directory, not a table");
  }
  std::optional<uint64_t> size;
  if (S_ISREG(about.st_mode)) size = static_cast<uint64_t>(about.st_size);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);  // only advice: failure changes nothing
  return std::make_unique<FileSource>(descriptor, path, size);
}

std::unique_ptr<ByteSource> memory_source(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

absl::StatusOr<size_t> read_fully(ByteSource& source, char* out, size_t size) {
  size_t total = 0;
  while (total < size) {
    ACIE_ASSIGN_OR_RETURN(const size_t count, source.read(out + total, size - total));
    if (count == 0) break;
    total += count;
  }
  return total;
}

}  // namespace acie::io
