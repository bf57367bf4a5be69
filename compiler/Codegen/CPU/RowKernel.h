// The loop around a row kernel's body.
//
//   entry:    bind each input to a slot {pointer, mask}; a broadcast input fills its block once
//   body:     load row vectors from the slots, compute, store through the output slots
//   partial:  before a last iteration with fewer rows than fit, copy what is left to blocks padded with the last row, and
//             point the slots there; after it, copy the outputs back
//
// The body is emitted once and knows nothing of the end of a range: no masked operation is needed on any level, and no
// lane ever computes on anything but a row of the range.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/Codegen/Common/VectorBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/Module.h"

namespace acie::codegen {

/// What a kernel reads and writes; element types are double, float, i64, i32, i1.
struct RowSignature {
  std::string name;  // of the LLVM function
  std::vector<llvm::Type*> inputs;
  std::vector<llvm::Type*> outputs;
  int import_arity = 0;  // the most operands any called import takes; 0: it calls none
  RowShape shape;
};

/// Access to one iteration's operands while its body is built.
class RowKernel {
 public:
  /// Adds the function `int32_t name(const acie_call*)` to the module. `build_body` emits the straight-line body of one
  /// iteration and stores every output; its error is returned.
  static absl::StatusOr<llvm::Function*> build(llvm::Module& module, const RowSignature& signature,
                                               llvm::function_ref<absl::Status(RowKernel&)> build_body);

  /// Bytes of acie_call::scratch the kernel uses.
  static uint64_t scratch_bytes(const llvm::DataLayout& layout, const RowSignature& signature);

  llvm::Module& module() { return module_; }
  VectorBuilder& vectors() { return vectors_; }
  Bundle input(unsigned index);
  Bundle scalar(unsigned index, llvm::Type* type);  // acie_call::scalars[index], the same in every row
  void set_output(unsigned index, const Bundle& value);
  Bundle seed();
  Bundle row();   // global row number, i64
  Bundle draw();  // draw number, i64
  /// Calls acie_call::imports[index] on f64 bundles.
  Bundle call_import(unsigned index, llvm::ArrayRef<Bundle> operands);

 private:
  struct Operand {
    llvm::Type* memory_type;  // i8 for truth values
    uint64_t size, block_bytes, block_offset;
    llvm::Value* slot;
  };

  RowKernel(llvm::Module& module, const RowSignature& signature, llvm::IRBuilder<>& builder);
  void plan_scratch();
  void emit_entry(llvm::Function* function);
  void emit_partial();
  llvm::Value* call_field(uint64_t offset, llvm::Type* type);
  llvm::Value* block(uint64_t offset);
  llvm::Value* element_address(llvm::Value* base, llvm::Type* type, llvm::Value* index, unsigned part);
  Bundle counter(uint64_t base_offset, uint64_t step_offset);

  llvm::Module& module_;
  const RowSignature& signature_;
  llvm::IRBuilder<>& b_;
  VectorBuilder vectors_;
  std::vector<Operand> inputs_, outputs_;
  uint64_t import_block_ = 0, scratch_bytes_ = 0;
  llvm::Value* call_ = nullptr;
  llvm::Value* scratch_ = nullptr;
  llvm::Value* count_ = nullptr;
  llvm::Value* import_operands_ = nullptr;  // array of pointers to the operands' blocks
  llvm::Value* row_index_ = nullptr;     // of the iteration's first row in the range
  llvm::Value* memory_index_ = nullptr;  // of its first element in the slots: 0 where they are blocks
};

}  // namespace acie::codegen
