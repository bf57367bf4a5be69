#include "runtime/loader/KernelLibrary.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/loader/CpuLevel.h"
#include "runtime/loader/ElfCheck.h"
#include "runtime/status/Errors.h"

namespace acie::loader {
namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KernelLibrary>> KernelLibrary::load(std::string_view image) {
  ACIE_RETURN_IF_ERROR(check_kernel_image(image));
  std::unique_ptr<KernelLibrary> library(new KernelLibrary);
  library->fd_ = memfd_create("acie-kernels", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (library->fd_ < 0 || !write_all(library->fd_, image))
    return run_error(std::string("cannot put the kernels into memory: ") + std::strerror(errno));
  const std::string path = "/proc/self/fd/" + std::to_string(library->fd_);
  library->handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library->handle_ == nullptr) {
    const char* reason = dlerror();
    return run_error(std::string("cannot load the kernels: ") + (reason != nullptr ? reason : "unknown reason"));
  }
  library->entry_ = reinterpret_cast<acie_kernel_fn>(dlsym(library->handle_, ACIE_KERNEL_SYMBOL));
  if (library->entry_ == nullptr) return refused_error("the kernel image has no " ACIE_KERNEL_SYMBOL);
  return library;
}

KernelLibrary::~KernelLibrary() {
  if (handle_ != nullptr) dlclose(handle_);
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<Loaded> load_kernels(const package::Package& package, std::string_view wanted) {
  std::vector<std::string> targets;
  for (const package::KernelVariant& variant : package.plan().variants) targets.push_back(variant.target);
  if (wanted.empty())
    if (const char* chosen = std::getenv(kTargetVariable)) wanted = chosen;
  ACIE_ASSIGN_OR_RETURN(const size_t index, choose_target(targets, wanted));
  const auto image = package.section(package.plan().variants[index].section);
  if (!image) return refused_error("the package has no kernels for its variant " + targets[index]);
  Loaded loaded;
  loaded.target = targets[index];
  ACIE_ASSIGN_OR_RETURN(loaded.library, KernelLibrary::load(*image));
  return loaded;
}

}  // namespace acie::loader
