// Where acie-compile writes.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace acie::tools {

inline bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) != 0 && std::getenv("NO_COLOR") == nullptr; }

/// Writes beside `path` and renames, so that an interrupted run never leaves half a file there; "-" is standard output.
inline absl::Status write_output(const std::string& path, const std::string& bytes) {
  const auto failed = [&](const char* what) {
    return absl::UnavailableError(absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
  };
  if (path == "-") {
    return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0 ? absl::OkStatus() : failed("write");
  }
  std::string temporary = path + ".XXXXXX";
  const int descriptor = mkstemp(temporary.data());
  if (descriptor < 0) return failed("create");
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = write(descriptor, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) break;
    done += static_cast<size_t>(wrote);
  }
  const bool whole = done == bytes.size() && fchmod(descriptor, 0644) == 0;
  if (close(descriptor) != 0 || !whole || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const absl::Status status = failed("write");
    unlink(temporary.c_str());
    return status;
  }
  return absl::OkStatus();
}

}  // namespace acie::tools
