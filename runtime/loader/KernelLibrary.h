// A kernel library in memory: chosen for this processor, checked, loaded, ready to call.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/package/Package.h"

namespace acie::loader {

/// Owns the loaded image. The file descriptor it was loaded from stays open until it is unloaded: a reused
/// /proc/self/fd/N would give dlopen the old library again.
class KernelLibrary {
 public:
  /// Checks and loads an ELF image.
  static absl::StatusOr<std::unique_ptr<KernelLibrary>> load(std::string_view image);

  ~KernelLibrary();
  KernelLibrary(const KernelLibrary&) = delete;
  KernelLibrary& operator=(const KernelLibrary&) = delete;

  acie_kernel_fn entry() const { return entry_; }

 private:
  KernelLibrary() = default;
  int fd_ = -1;
  void* handle_ = nullptr;
  acie_kernel_fn entry_ = nullptr;
};

struct Loaded {
  std::string target;  // the variant chosen
  std::unique_ptr<KernelLibrary> library;
};

/// Loads the variant of `package` that fits this processor best, or the one called `wanted` if that is not empty.
absl::StatusOr<Loaded> load_kernels(const package::Package& package, std::string_view wanted = "");

/// Environment variable that chooses a variant by name where the caller gives none.
inline constexpr char kTargetVariable[] = "ACIE_TARGET";

}  // namespace acie::loader
