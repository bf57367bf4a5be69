#include "compiler/Codegen/CPU/Link.h"

#include <mutex>

#include "absl/strings/str_cat.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

namespace acie::codegen {
namespace {

using TemporaryName = llvm::SmallString<128>;

// An empty file in the system's folder for temporary files.
absl::Status create_temporary(const char* suffix, int& fd, TemporaryName& name) {
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("acie-kernel", suffix, fd, name))
    return absl::UnavailableError(absl::StrCat("cannot create a temporary file to link kernels: ", error.message(),
                                               "; set TMPDIR to a writable folder"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> link_shared(std::string_view object) {
  static std::mutex linker;
  const std::lock_guard lock(linker);

  TemporaryName input, output;
  int fd = -1;
  if (absl::Status status = create_temporary("o", fd, input); !status.ok()) return status;
  const auto remove_input = llvm::make_scope_exit([&] { llvm::sys::fs::remove(input); });
  {
    llvm::raw_fd_ostream stream(fd, /*shouldClose=*/true);
    stream << llvm::StringRef(object.data(), object.size());
    stream.close();
    if (stream.has_error()) {
      const std::string reason = stream.error().message();
      stream.clear_error();
      return absl::UnavailableError(absl::StrCat("cannot write the temporary file ", input.c_str(), ": ", reason));
    }
  }
  if (absl::Status status = create_temporary("so", fd, output); !status.ok()) return status;
  const auto remove_output = llvm::make_scope_exit([&] { llvm::sys::fs::remove(output); });
  llvm::sys::Process::SafelyCloseFileDescriptor(fd);

  const char* arguments[] = {
      "ld.lld", "-shared", "-nostdlib", "-static", "--no-undefined", "--no-allow-shlib-undefined", "--gc-sections",
      "-z", "now", "-z", "relro", "-z", "noexecstack", "--discard-all", "--strip-all", "--icf=all", "--hash-style=sysv",
      "--build-id=none", "--threads=1", "--no-mmap-output-file", "-o", output.c_str(), input.c_str()};
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  const lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0) return absl::InternalError(absl::StrCat("linking kernels failed: ", stream.str()));
  auto linked = llvm::MemoryBuffer::getFile(output, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!linked)
    return absl::UnavailableError(absl::StrCat("cannot read back the linked kernels: ", linked.getError().message()));
  return (*linked)->getBuffer().str();
}

}  // namespace acie::codegen
