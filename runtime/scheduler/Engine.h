// A package ready to run: its kernels loaded, its imports resolved, its entries placed. Immutable; any number of runs may
// use it at once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/loader/KernelLibrary.h"
#include "runtime/package/Package.h"
#include "runtime/package/StartSizes.h"
#include "runtime/scheduler/Program.h"

namespace acie::scheduler {

class Engine {
 public:
  /// Loads the variant that fits this processor best, or the one called `target` if that is not empty.
  static absl::StatusOr<std::shared_ptr<const Engine>> load(package::Package package, std::string_view target = "");

  const package::Package& package() const { return package_; }
  const std::string& target() const { return loaded_.target; }

  /// The program of an entry, which shares the engine's life; an unknown name is a usage error that lists the entries. Of an
  /// entry with dimensions read at start, for these `sizes`: all of them, see Dimensions.h.
  absl::StatusOr<std::shared_ptr<const Program>> program(std::string_view entry, const package::DimensionSizes& sizes = {}) const;

 private:
  explicit Engine(package::Package package) : package_(std::move(package)) {}

  package::Package package_;
  loader::Loaded loaded_;
  std::vector<const acie_import*> imports_;
  std::weak_ptr<const Engine> self_;
};

/// The entry of that name; a usage error that lists the entries where there is none.
absl::StatusOr<const package::Entry*> find_entry(const package::Plan& plan, std::string_view name);

}  // namespace acie::scheduler
