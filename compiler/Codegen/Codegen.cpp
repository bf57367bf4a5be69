#include "compiler/Codegen/Codegen.h"

#include <algorithm>
#include <future>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "compiler/Codegen/CPU/ClusterBody.h"
#include "compiler/Codegen/CPU/Link.h"
#include "compiler/Codegen/CPU/ObjectCode.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/loader/ElfCheck.h"

namespace acie::codegen {
namespace {

struct Generated {
  KernelLibrary library;
  std::map<uint32_t, uint64_t> scratch;
};

absl::StatusOr<std::string> link_checked(const std::string& object) {
  auto elf = link_shared(object);
  if (!elf.ok()) return elf.status();
  if (absl::Status status = loader::check_kernel_image(*elf); !status.ok())
    return absl::InternalError(absl::StrCat("the runtime would refuse the linked kernels: ", status.message()));
  return elf;
}

// One level's library. Runs on a thread of its own: the plan is only read, LLVM's state is local.
absl::StatusOr<Generated> generate(const std::vector<plan::ClusterOp>& clusters, const std::map<uint32_t, LineUse>& uses,
                                   const std::vector<std::string>& imports, const TargetLevel& level, const CodegenOptions& options) {
  auto machine = create_target_machine(level, options.optimisation);
  if (!machine.ok()) return machine.status();
  const llvm::DataLayout layout = (*machine)->createDataLayout();
  llvm::LLVMContext context;
  Generated generated;
  generated.library.target = level.name;
  OutlinedFunctions functions(level);
  std::vector<KernelSource> kernels;
  for (plan::ClusterOp cluster : clusters) {
    KernelSource kernel = kernel_of_cluster(cluster, level, functions, imports, context);
    uint64_t& scratch = generated.scratch[kernel.ordinal];
    scratch = RowKernel::scratch_bytes(layout, kernel.signature);
    if (std::optional<KernelSource> lines = lines_of_cluster(cluster, kernel, uses.at(kernel.ordinal))) {
      scratch = std::max(scratch, RowKernel::scratch_bytes(layout, lines->signature));
      kernels.push_back(*std::move(lines));
    }
    kernels.push_back(std::move(kernel));
  }
  auto module = build_kernel_module(context, level, layout, kernels);
  if (!module.ok()) return module.status();
  if (options.want_llvm_ir) {
    llvm::raw_string_ostream stream(generated.library.llvm_ir);
    (*module)->print(stream, nullptr);
  }
  auto code = emit_object(**module, **machine, options.want_assembly);
  if (!code.ok()) return code.status();
  generated.library.assembly = std::move(code->assembly);
  auto elf = link_checked(code->object);
  if (!elf.ok()) return elf.status();
  generated.library.elf = *std::move(elf);
  return generated;
}

}  // namespace

absl::StatusOr<CompiledKernels> compile_kernels(mlir::ModuleOp plan, const CodegenOptions& options) {
  std::vector<const TargetLevel*> levels;
  for (const std::string& target : options.targets) {
    const TargetLevel* level = find_target_level(target);
    if (!level) return absl::InvalidArgumentError(absl::StrCat("no code can be generated for target \"", target, "\""));
    levels.push_back(level);
  }
  std::vector<plan::ClusterOp> clusters;
  std::map<uint32_t, size_t> places;  // clusters that share a kernel have one number: one of tensors stands for them
  std::map<uint32_t, LineUse> uses;
  plan.walk([&](plan::ClusterOp cluster) {
    consider_lines(cluster, uses[cluster.getOrdinal()]);
    const auto [place, is_new] = places.emplace(cluster.getOrdinal(), clusters.size());
    if (is_new) clusters.push_back(cluster);
    else if (is_of_tensors(cluster)) clusters[place->second] = cluster;
  });

  CompiledKernels result;
  result.imports = collect_imports(clusters);
  // The last level runs on this thread, the others beside it.
  std::vector<std::future<absl::StatusOr<Generated>>> pending;
  for (size_t i = 0; i < levels.size(); ++i)
    pending.push_back(std::async(i + 1 < levels.size() ? std::launch::async : std::launch::deferred, [&, level = levels[i]] {
      return generate(clusters, uses, result.imports, *level, options);
    }));
  if (!pending.empty()) pending.back().wait();
  absl::Status failure;
  for (size_t i = 0; i < levels.size(); ++i) {
    auto generated = pending[i].get();  // every thread is joined, also after a failure
    if (!failure.ok()) continue;
    if (!generated.ok()) {
      failure = generated.status();
      continue;
    }
    for (const auto& [ordinal, bytes] : generated->scratch)
      result.scratch[ordinal] = std::max(result.scratch[ordinal], bytes);
    result.libraries.push_back(std::move(generated->library));
  }
  if (!failure.ok()) return failure;
  return result;
}

}  // namespace acie::codegen
