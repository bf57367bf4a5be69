#include "kernels/crypto/files/SealedFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

constexpr size_t kReadAtOnce = size_t{1} << 20;

/// Gives every chunk of the container at `path` to `sink`; returns the context. Refusals name the file.
absl::StatusOr<std::string> drain(const Secret& key, OpenOptions options, const std::string& path,
                                  const Sink& sink) {
  ACIE_ASSIGN_OR_RETURN(Source source, file_source(path));
  absl::StatusOr<Opener> opener = Opener::create(key, std::move(options), std::move(source));
  if (!opener.ok()) return annotate(opener.status(), path);
  for (;;) {
    const absl::StatusOr<std::optional<std::string_view>> chunk = opener->next();
    if (!chunk.ok()) return annotate(chunk.status(), path);
    if (!*chunk) return opener->context();
    ACIE_RETURN_IF_ERROR(sink(**chunk));
  }
}

}  // namespace

absl::StatusOr<Source> file_source(const std::string& path) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  if (number < 0 || ::fstat(number, &about) != 0 || S_ISDIR(about.st_mode)) {
    const std::string reason = number < 0 ? std::strerror(errno) : "it is a folder";
    if (number >= 0) ::close(number);
    return bad_data_error("cannot read " + path + ": " + reason);
  }
  ::posix_fadvise(number, 0, 0, POSIX_FADV_SEQUENTIAL);
  const std::shared_ptr<const int> descriptor(new int(number), [](const int* open) {
    ::close(*open);
    delete open;
  });
  return Source([descriptor, path](std::span<char> out) -> absl::StatusOr<size_t> {
    for (;;) {
      const ssize_t count = ::read(*descriptor, out.data(), out.size());
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return bad_data_error("cannot read " + path + ": " + std::strerror(errno));
    }
  });
}

absl::Status seal_file(const Secret& key, SealOptions options, const std::string& from,
                       const std::string& to) {
  ACIE_ASSIGN_OR_RETURN(const Source source, file_source(from));
  ACIE_ASSIGN_OR_RETURN(PrivateFile file, PrivateFile::create(to, Existing::Replace));
  ACIE_ASSIGN_OR_RETURN(Sealer sealer, Sealer::create(key, std::move(options), [&](std::string_view bytes) {
                          return file.write(bytes);
                        }));
  Secret buffer(kReadAtOnce);
  for (;;) {
    ACIE_ASSIGN_OR_RETURN(const size_t count,
                          source({reinterpret_cast<char*>(buffer.data()), buffer.size()}));
    if (count == 0) break;
    ACIE_RETURN_IF_ERROR(sealer.write(buffer.view().substr(0, count)));
  }
  ACIE_RETURN_IF_ERROR(sealer.finish());
  return file.commit();
}

absl::Status open_file(const Secret& key, OpenOptions options, const std::string& from,
                       const std::string& to) {
  ACIE_ASSIGN_OR_RETURN(PrivateFile file, PrivateFile::create(to, Existing::Replace));
  const absl::StatusOr<std::string> context =
      drain(key, std::move(options), from, [&](std::string_view bytes) { return file.write(bytes); });
  return context.ok() ? file.commit() : context.status();
}

absl::StatusOr<std::string> verify_file(const Secret& key, OpenOptions options, const std::string& path) {
  return drain(key, std::move(options), path, [](std::string_view) { return absl::OkStatus(); });
}

}  // namespace acie::secure
