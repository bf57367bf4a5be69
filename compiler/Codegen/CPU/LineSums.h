// The chains of sums that a kernel by lines leaves (kernel_lines.h), kept in registers from iteration to iteration.
//
// An iteration is a whole part of a run, so a run ends with an iteration, after which its chains are written. So it is after the last that
// has only elements of its own: one that computes some once more is in no sum, and the rest of the line is added after the loop.
#pragma once

#include <vector>

#include "compiler/Codegen/Common/VectorBuilder.h"
#include "runtime/include/acie/kernel_lines.h"

namespace acie::codegen {

/// The shape of a kernel by lines: `shape` as nearly as its elements can be added up, or for a body of `few` operations, which wait for
/// each other or cost less than the loop, as many elements as a line has at least.
RowShape shape_of_lines(RowShape shape, bool few);

class LineSums {
 public:
  static constexpr uint64_t kBytesOfRun = ACIE_LINE_CHAINS * sizeof(double);

  LineSums(llvm::IRBuilder<>& builder, RowShape shape) : b_(builder), shape_(shape) {}

  /// An output of elements of `type` is added up; its chains begin at `to`, which may be null.
  void add_output(unsigned index, llvm::Type* type, llvm::Value* to) { sums_.push_back({index, type, to}); }
  bool empty() const { return sums_.empty(); }
  /// Line number `line` of `count` elements begins, of which the loop adds `whole`; chains that are not wanted are written to `nowhere`.
  void begin_line(llvm::Value* line, llvm::Value* count, llvm::Value* whole, llvm::Value* nowhere);
  /// Element 0 of an output of this line; of those before its last `rows()` none need be there.
  void set_elements(unsigned index, llvm::Value* elements);
  /// At the begin of the loop's body, which is come to from `ready` first.
  void begin_iteration(llvm::BasicBlock* ready);
  /// What the iteration writes to output `index`; nothing happens where that is not added up.
  void add(unsigned index, const Bundle& value);
  /// Where the run that begins with element `first` ends, for the loop.
  llvm::Value* end_of_run(llvm::Value* first);
  /// At the end of an iteration, from whose last block, `from`, the run goes on.
  void go_on(llvm::BasicBlock* from);
  /// After the last iteration of a run, which began with element `row` and before `next`; what is next is come to from `latch`.
  void end_run(llvm::Value* row, llvm::Value* next, llvm::BasicBlock* latch);
  /// After the loop.
  void end_line();

 private:
  struct Sum {
    unsigned output;
    llvm::Type* type;
    llvm::Value* to;
    llvm::Value *begin = nullptr, *run_bytes = nullptr;  // of this line's chains, and of those of a run
    llvm::Value* elements = nullptr;
    llvm::PHINode* before = nullptr;                     // chains when the iteration begins
    llvm::Value* now = nullptr;
  };
  Sum* find(unsigned index);
  llvm::Value* run_address(const Sum& sum, llvm::Value* element);
  llvm::VectorType* chains_of(const Sum& sum) const { return llvm::FixedVectorType::get(sum.type, ACIE_LINE_CHAINS); }

  llvm::IRBuilder<>& b_;
  const RowShape shape_;
  std::vector<Sum> sums_;
  llvm::Value *count_ = nullptr, *added_ = nullptr;  // elements of the line, and those that the loop adds
  llvm::Value* nowhere_ = nullptr;
};

}  // namespace acie::codegen
