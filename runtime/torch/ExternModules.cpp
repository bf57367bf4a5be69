#include "runtime/torch/ExternModules.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::TensorNode;
using torch_plugin::Api;

/// Where the plug-in may lie, in the order in which it is looked for.
std::vector<std::string> places() {
  if (const char* set = std::getenv("ACIE_TORCH_PLUGIN"); set != nullptr && *set != '\0') return {set};
  std::vector<std::string> found;
  const auto beside = [&](const std::string& file) {
    const size_t slash = file.rfind('/');
    if (slash == std::string::npos) return;
    for (const char* name : {"libacie-torch.so", "acie/libacie-torch.so", "../lib/acie/libacie-torch.so"}) found.push_back(file.substr(0, slash + 1) + name);
  };
  Dl_info here;  // the runtime as a library
  if (::dladdr(reinterpret_cast<const void*>(&places), &here) != 0 && here.dli_fname != nullptr) beside(here.dli_fname);
  std::error_code ignored;
  beside(std::filesystem::read_symlink("/proc/self/exe", ignored).string());
  found.push_back("libacie-torch.so");
  return found;
}

absl::StatusOr<const Api*> open_plugin() {
  std::string said;
  for (const std::string& place : places()) {
    void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      // A plug-in that is there and cannot be loaded says more than one that is not.
      const char* reason = ::dlerror();
      if (said.empty() || (reason != nullptr && std::strstr(reason, "No such file") == nullptr)) said = reason != nullptr ? reason : place;
      continue;
    }
    const auto entry = reinterpret_cast<torch_plugin::EntryPoint>(::dlsym(library, torch_plugin::kEntryPoint));
    if (entry == nullptr || entry()->version != torch_plugin::kVersion) return run_error(place + " is the plug-in of another version of acie");
    return entry();
  }
  return run_error("the package calls a TorchScript module, which needs the plug-in libacie-torch.so; acie builds and installs it where LibTorch is there (on Debian, apt-get install libtorch-dev). The system says: " + said);
}

const absl::StatusOr<const Api*>& plugin() {
  static const absl::StatusOr<const Api*> opened = open_plugin();
  return opened;
}

size_t width_of(acie_dtype dtype) { return dtype == ACIE_BOOL ? 1 : dtype == ACIE_F32 || dtype == ACIE_I32 ? 4 : 8; }

}  // namespace

absl::StatusOr<std::shared_ptr<ExternModules>> ExternModules::load(const package::Plan& plan, const package::Entry& entry, std::string_view constants) {
  std::shared_ptr<ExternModules> modules;
  for (const package::Node& part : entry.nodes) {
    const auto* node = std::get_if<TensorNode>(&part);
    if (node == nullptr || node->op != TensorNode::Op::Extern) continue;
    if (modules == nullptr) {
      if (!plugin().ok()) return plugin().status();
      modules.reset(new ExternModules(plan, entry, **plugin()));
    }
    const package::ExternModule& module = plan.modules[static_cast<size_t>(node->module)];
    void*& loaded = modules->loaded_[static_cast<size_t>(node->module)];
    if (loaded == nullptr) {
      char error[512] = "";
      loaded = modules->api_.load(constants.data() + module.at, module.bytes, error, sizeof error);
      if (loaded == nullptr) return refused_error(absl::StrCat("the module ", module.name, " is no TorchScript file that LibTorch can load: ", error));
    }
    // Tried once on zeros, so that a module of other shapes is refused before anything is computed.
    std::vector<std::vector<char>> memory;
    std::vector<void*> inputs;
    const auto zeros = [&](int buffer) -> void* {
      const package::Buffer& of = entry.buffers[static_cast<size_t>(buffer)];
      return memory.emplace_back(static_cast<size_t>(of.elements()) * width_of(of.dtype)).data();
    };
    memory.reserve(node->inputs.size() + 1);
    for (const int input : node->inputs) inputs.push_back(zeros(input));
    ACIE_RETURN_IF_ERROR(modules->call(*node, inputs, zeros(node->output)));
  }
  return modules;
}

ExternModules::~ExternModules() {
  for (void* module : loaded_) {
    if (module != nullptr) api_.unload(module);
  }
}

absl::Status ExternModules::call(const TensorNode& node, const std::vector<void*>& inputs, void* output) const {
  const auto tensor = [&](int buffer, void* data) {
    const package::Buffer& of = entry_.buffers[static_cast<size_t>(buffer)];
    return torch_plugin::Tensor{of.dtype, static_cast<int32_t>(of.shape.size()), of.shape.data(), data};
  };
  std::vector<torch_plugin::Tensor> arguments;
  for (size_t i = 0; i < inputs.size(); ++i) arguments.push_back(tensor(node.inputs[i], inputs[i]));
  const torch_plugin::Tensor result = tensor(node.output, output);
  char error[512] = "";
  if (api_.run(loaded_[static_cast<size_t>(node.module)], arguments.data(), arguments.size(), &result, error, sizeof error) == 0) return absl::OkStatus();
  return run_error(absl::StrCat("the module ", plan_.modules[static_cast<size_t>(node.module)].name, " cannot be called as the program declares it: ", error));
}

void ExternModules::run(const TensorNode& node, const std::vector<void*>& inputs, void* output) {
  const absl::Status status = call(node, inputs, output);
  if (status.ok()) return;
  const package::Buffer& of = entry_.buffers[static_cast<size_t>(node.output)];
  std::memset(output, 0, static_cast<size_t>(of.elements()) * width_of(of.dtype));
  const std::lock_guard lock(mutex_);
  status_.Update(status);
}

absl::Status ExternModules::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace acie::scheduler
