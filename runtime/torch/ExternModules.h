// Modules of other libraries that an entry calls: TorchScript modules in its package, through the plug-in with LibTorch.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/package/Plan.h"
#include "runtime/torch/Plugin.h"

namespace acie::scheduler {

/// The modules of one entry, loaded and tried: their results have the declared types and shapes. Several threads may run them.
class ExternModules {
 public:
  /// Null where the entry calls none; then no plug-in is loaded. `constants` is the package's section of that name. The plug-in is
  /// libacie-torch.so beside this library, in acie/ there or in ../lib/acie, or the file that the environment variable
  /// ACIE_TORCH_PLUGIN names.
  static absl::StatusOr<std::shared_ptr<ExternModules>> load(const package::Plan& plan, const package::Entry& entry, std::string_view constants);

  ~ExternModules();
  ExternModules(const ExternModules&) = delete;
  ExternModules& operator=(const ExternModules&) = delete;

  /// One call of `node`. What goes wrong is kept for status(), and the output is zeros.
  void run(const package::TensorNode& node, const std::vector<void*>& inputs, void* output);

  /// The first thing that went wrong while running.
  absl::Status status() const;

 private:
  ExternModules(const package::Plan& plan, const package::Entry& entry, const torch_plugin::Api& api)
      : plan_(plan), entry_(entry), api_(api), loaded_(plan.modules.size(), nullptr) {}
  absl::Status call(const package::TensorNode& node, const std::vector<void*>& inputs, void* output) const;

  const package::Plan& plan_;
  const package::Entry& entry_;
  const torch_plugin::Api& api_;
  std::vector<void*> loaded_;  // by module of the plan; null where the entry does not call it
  mutable std::mutex mutex_;
  absl::Status status_;
};

}  // namespace acie::scheduler
