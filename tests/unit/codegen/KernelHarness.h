// Compiles the clusters of a textual plan, loads the libraries into the test and runs them on columns.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/Codegen/Codegen.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/include/acie/kernel_abi.h"

namespace acie::codegen::testing {

/// A column of raw elements; `stride` 0 has one element for every row.
struct Column {
  acie_dtype dtype = ACIE_F64;
  int64_t stride = 1;
  std::vector<uint8_t> bytes;

  template <class T>
  static Column of(acie_dtype dtype, const std::vector<T>& values, int64_t stride = 1) {
    Column column{dtype, stride, std::vector<uint8_t>(values.size() * sizeof(T))};
    for (size_t i = 0; i < column.bytes.size(); ++i)
      column.bytes[i] = reinterpret_cast<const uint8_t*>(values.data())[i];
    return column;
  }
  static Column zeros(acie_dtype dtype, size_t count);
  size_t element_size() const;
  template <class T>
  T at(size_t i) const {
    T value;
    std::copy_n(bytes.data() + i * sizeof(T), sizeof(T), reinterpret_cast<uint8_t*>(&value));
    return value;
  }
};

/// What a call needs besides columns.
struct CallContext {
  std::vector<acie_scalar> scalars;
  uint64_t seed = 0;
  int64_t row_base = 0, row_step = 1, draw_base = 0, draw_step = 0;
  const void* ahead[ACIE_KERNEL_AHEAD] = {};
  uint32_t flags = 0;
};

/// A loaded library.
class LoadedKernels {
 public:
  LoadedKernels(std::string_view elf, std::vector<std::string> imports, std::map<uint32_t, uint64_t> scratch);
  ~LoadedKernels();
  LoadedKernels(const LoadedKernels&) = delete;

  acie_kernel_fn entry() const { return entry_; }

  /// Runs kernel `ordinal` over `count` rows; outputs are resized and surrounded by guard bytes that must survive.
  int32_t run(uint32_t ordinal, int64_t count, const std::vector<Column>& inputs, std::vector<Column>& outputs,
              const CallContext& context = {}) const;

 private:
  int fd_ = -1;
  void* handle_ = nullptr;
  acie_kernel_fn entry_ = nullptr;
  std::vector<acie_import> imports_;
  std::vector<const acie_import*> import_table_;
  std::map<uint32_t, uint64_t> scratch_;
};

/// A context with the dialects of plans.
std::unique_ptr<mlir::MLIRContext> plan_context();

/// Parses a plan; the test fails with the parser's message if it does not parse.
mlir::OwningOpRef<mlir::ModuleOp> parse_plan(mlir::MLIRContext& context, const std::string& text);

/// Targets this processor can run.
std::vector<std::string> runnable_targets();

/// An import the tests know, computed by plain C++: lgamma(x) = x + 0.5, beta_cdf(x, p, q) = x + 2 p + 4 q.
double test_import(std::string_view name, const double* operands);

}  // namespace acie::codegen::testing
