// The loop around a row kernel's body.
//
//   entry:    bind each input to a slot {pointer, mask}; a broadcast input fills its block once
//   partial:  where the whole range has fewer rows than an iteration, copy it to blocks padded with the last row, and point
//             the slots there; after the body, copy the outputs back
//   body:     fetch what is needed soon, load row vectors from the slots, compute, store through the output slots
//
// A kernel by lines (kernel_lines.h) has a loop over lines around that, binds its operands for each, and adds up what it writes
// (LineSums.h). Lines are long enough for an iteration.
//
// The last iteration ends with the range: rows that it shares with the one before it are computed twice, to the same bits.
// So the body is emitted once and knows nothing of the end of a range, no masked operation is needed on any level, and no
// lane ever computes on anything but a row of the range. Nothing in the loop but a body's own calls takes registers away
// from constants.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/Codegen/CPU/LineSums.h"
#include "compiler/Codegen/Common/VectorBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/Module.h"

namespace acie::codegen {

/// What a kernel reads and writes; element types are double, float, i64, i32, i1.
struct RowSignature {
  std::string name;  // of the LLVM function
  std::vector<llvm::Type*> inputs;
  std::vector<llvm::Type*> outputs;
  std::vector<std::pair<llvm::Type*, uint64_t>> series;  // kept within an iteration: element and number of steps
  int import_arity = 0;  // the most operands any called import takes; 0: it calls none
  RowShape shape;
  bool of_tensors = false;  // heeds acie_call::ahead and ACIE_CALL_STREAM
  bool by_lines = false;    // kernel_lines.h
  std::vector<unsigned> sums = {};  // outputs that a kernel by lines adds up
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
  /// The same of one step of a repeat: operand indices[step]; all are of one type.
  Bundle input(llvm::ArrayRef<unsigned> indices, llvm::Value* step);
  Bundle scalar(llvm::ArrayRef<unsigned> indices, llvm::Type* type, llvm::Value* step);
  void set_output(llvm::ArrayRef<unsigned> indices, const Bundle& value, llvm::Value* step);
  /// Keeps a step of a series in scratch memory, and reads it again.
  void keep(unsigned series, llvm::Value* step, const Bundle& value);
  Bundle kept(unsigned series, uint64_t step);
  /// elements[step], the same in every row.
  Bundle constant(llvm::Constant* elements, llvm::Value* step);
  Bundle seed();
  Bundle row();   // global row number, i64
  Bundle draw();  // draw number, i64
  /// Calls acie_call::imports[index] on f64 bundles.
  Bundle call_import(unsigned index, llvm::ArrayRef<Bundle> operands);

 private:
  struct Operand {
    llvm::Type* memory_type;  // i8 for truth values
    uint64_t size, block_bytes, block_offset;
  };

  RowKernel(llvm::Module& module, const RowSignature& signature, llvm::IRBuilder<>& builder);
  void plan_scratch();
  void emit_entry(llvm::Function* function);
  void emit_binds();
  void emit_line_binds();
  void emit_partial();
  void emit_flush();
  absl::Status emit_range(llvm::Function* function, llvm::function_ref<absl::Status(RowKernel&)> build_body);
  absl::Status emit_lines(llvm::Function* function, llvm::function_ref<absl::Status(RowKernel&)> build_body);
  void set_elements_of_sums();
  /// The loop, which begins here and ends at `done`.
  absl::Status emit_rows(llvm::BasicBlock* done, llvm::function_ref<absl::Status(RowKernel&)> build_body);
  void emit_fetches();
  void emit_streams();
  llvm::Value* call_field(uint64_t offset, llvm::Type* type);
  llvm::Value* block(uint64_t offset);
  /// The {pointer, mask} of the operand with a number in inputs_ or, with `output`, in outputs_.
  llvm::Value* slot(llvm::Value* number, bool output = false);
  /// What the slot holds; an output's has a mask only where it is added up.
  std::pair<llvm::Value*, llvm::Value*> slot_of(llvm::Value* number, bool output);
  /// Emits `make(number, scratch block, operand)` for every operand: those of one size in a loop where they are many.
  void for_each(const std::vector<Operand>& operands,
                llvm::function_ref<void(llvm::Value*, llvm::Value*, const Operand&)> make);
  llvm::Value* buffer_address(llvm::Value* buffers, llvm::Value* number);
  llvm::Value* choose(llvm::ArrayRef<unsigned> numbers, llvm::Value* step);
  llvm::Value* table_element(llvm::Constant* elements, llvm::Value* step);
  Bundle load_input(const Operand& operand, llvm::Type* type, llvm::Value* number);
  Bundle load_scalar(llvm::Type* type, llvm::Value* number);
  void store_output(const Operand& operand, llvm::Type* type, llvm::Value* number, const Bundle& value);
  llvm::Value* element_address(llvm::Value* base, llvm::Type* type, llvm::Value* index, unsigned part);
  Bundle counter(uint64_t base_offset, uint64_t step_offset);

  llvm::Module& module_;
  const RowSignature& signature_;
  llvm::IRBuilder<>& b_;
  VectorBuilder vectors_;
  std::vector<Operand> inputs_, outputs_, series_;
  uint64_t import_block_ = 0, sums_block_ = 0, scratch_bytes_ = 0;
  llvm::Value* call_ = nullptr;
  llvm::Value* scratch_ = nullptr;
  llvm::Value* count_ = nullptr;
  llvm::Value* whole_ = nullptr;  // rows of whole iterations
  llvm::Value* slots_ = nullptr;
  llvm::Value* import_operands_ = nullptr;  // array of pointers to the operands' blocks
  llvm::Value* streams_ = nullptr;          // whether outputs are written past the caches
  llvm::Value* row_index_ = nullptr;        // of the iteration's first row in the range or line
  llvm::Value* flat_index_ = nullptr;       // the same in all lines
  llvm::Value* line_ = nullptr;             // of a kernel by lines
  std::vector<std::pair<llvm::Value*, llvm::Value*>> line_inputs_, line_outputs_;  // their slots in that line
  LineSums sums_;
  llvm::Instruction* ready_ = nullptr;      // the end of what comes before the loop
};

}  // namespace acie::codegen
