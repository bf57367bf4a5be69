#include "tests/unit/codegen/KernelHarness.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"

namespace acie::codegen::testing {
namespace {

constexpr size_t kGuardBytes = 64;
constexpr uint8_t kGuard = 0xA5;

void import_lgamma(int64_t n, const double* const* x, double* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = test_import("lgamma", &x[0][i]);
}

void import_beta_cdf(int64_t n, const double* const* x, double* out) {
  for (int64_t i = 0; i < n; ++i) {
    const double operands[] = {x[0][i], x[1][i], x[2][i]};
    out[i] = test_import("beta_cdf", operands);
  }
}

}  // namespace

double test_import(std::string_view name, const double* x) {
  return name == "lgamma" ? x[0] + 0.5 : x[0] + 2 * x[1] + 4 * x[2];
}

size_t Column::element_size() const {
  switch (dtype) {
    case ACIE_F64: case ACIE_I64: return 8;
    case ACIE_F32: case ACIE_I32: return 4;
    case ACIE_BOOL: return 1;
  }
  return 0;
}

Column Column::zeros(acie_dtype dtype, size_t count) {
  Column column{dtype, 1, {}};
  column.bytes.resize(count * column.element_size());
  return column;
}

LoadedKernels::LoadedKernels(std::string_view elf, std::vector<std::string> imports,
                             std::map<uint32_t, uint64_t> scratch)
    : scratch_(std::move(scratch)) {
  for (const std::string& name : imports) {
    if (name == "lgamma") imports_.push_back({"lgamma", 1, 1, import_lgamma});
    if (name == "beta_cdf") imports_.push_back({"beta_cdf", 1, 3, import_beta_cdf});
  }
  EXPECT_EQ(imports_.size(), imports.size()) << "an import the tests do not know";
  for (const acie_import& import : imports_) import_table_.push_back(&import);
  fd_ = memfd_create("kernels", MFD_CLOEXEC);
  EXPECT_EQ(write(fd_, elf.data(), elf.size()), static_cast<ssize_t>(elf.size()));
  handle_ = dlopen(("/proc/self/fd/" + std::to_string(fd_)).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle_) {
    ADD_FAILURE() << dlerror();
    return;
  }
  entry_ = reinterpret_cast<acie_kernel_fn>(dlsym(handle_, ACIE_KERNEL_SYMBOL));
  EXPECT_NE(entry_, nullptr);
}

LoadedKernels::~LoadedKernels() {
  if (handle_) dlclose(handle_);
  close(fd_);
}

int32_t LoadedKernels::run(uint32_t ordinal, int64_t count, const std::vector<Column>& inputs,
                           std::vector<Column>& outputs, const CallContext& context) const {
  std::vector<acie_buffer> in(inputs.size()), out(outputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    in[i].data = const_cast<uint8_t*>(inputs[i].bytes.data());
    in[i].dtype = inputs[i].dtype;
    in[i].rank = 1;
    in[i].stride = inputs[i].stride;
  }
  // Between guards, at a multiple of 64 bytes.
  std::vector<std::vector<uint8_t>> guarded(outputs.size());
  std::vector<uint8_t*> begins(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    guarded[i].assign(count * outputs[i].element_size() + 3 * kGuardBytes, kGuard);
    begins[i] = guarded[i].data() + 2 * kGuardBytes - reinterpret_cast<uintptr_t>(guarded[i].data()) % kGuardBytes;
    out[i].data = begins[i];
    out[i].dtype = outputs[i].dtype;
    out[i].rank = 1;
    out[i].stride = 1;
  }
  const uint64_t scratch_bytes = scratch_.at(ordinal);
  std::vector<uint8_t> scratch(scratch_bytes + 64 + kGuardBytes, kGuard);
  uint8_t* aligned = scratch.data() + (64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64) % 64;
  acie_call call{};
  call.struct_size = sizeof call;
  call.abi_version = ACIE_KERNEL_ABI_VERSION;
  call.ordinal = ordinal;
  call.num_inputs = in.size();
  call.num_outputs = out.size();
  call.num_scalars = context.scalars.size();
  call.num_imports = import_table_.size();
  call.inputs = in.data();
  call.outputs = out.data();
  call.scalars = context.scalars.data();
  call.imports = import_table_.data();
  call.count = count;
  call.seed = context.seed;
  call.row_base = context.row_base;
  call.row_step = context.row_step;
  call.draw_base = context.draw_base;
  call.draw_step = context.draw_step;
  std::copy(std::begin(context.ahead), std::end(context.ahead), call.ahead);
  call.flags = context.flags;
  call.scratch = aligned;
  call.scratch_size = scratch_bytes;
  const int32_t answer = entry_(&call);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const size_t bytes = count * outputs[i].element_size();
    for (size_t k = 1; k <= kGuardBytes; ++k) {
      EXPECT_EQ(*(begins[i] - k), kGuard) << "output " << i << " written before its begin";
      EXPECT_EQ(begins[i][bytes + k - 1], kGuard) << "output " << i << " written after its end";
    }
    outputs[i].bytes.assign(begins[i], begins[i] + bytes);
  }
  for (uint8_t* p = aligned + scratch_bytes; p < scratch.data() + scratch.size(); ++p)
    if (*p != kGuard) {
      ADD_FAILURE() << "the kernel wrote beyond its scratch";
      break;
    }
  return answer;
}

std::unique_ptr<mlir::MLIRContext> plan_context() {
  auto context = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
  context->loadDialect<mlir::arith::ArithDialect, ir::AcieDialect, plan::PlanDialect>();
  return context;
}

mlir::OwningOpRef<mlir::ModuleOp> parse_plan(mlir::MLIRContext& context, const std::string& text) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module) << "the plan does not parse:\n" << text;
  return module;
}

std::vector<std::string> runnable_targets() {
  std::vector<std::string> targets;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    targets.push_back("x86-64-v3");
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    targets.push_back("x86-64-v4");
  return targets;
}

}  // namespace acie::codegen::testing
