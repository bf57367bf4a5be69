// An entry made ready to run: its nodes in order with their place in the schedule, its kernels resolved. Shared by every thread; nothing
// but the memory it lends changes.
//
// Two numbers place a node. `pass` counts readings of the whole table: a node that needs a sum over rows runs one pass
// later than that sum. `sweep` counts goings through the draws of a row: a node that needs an expectation over draws runs
// one sweep later. Most entries have one of each.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/package/Plan.h"
#include "runtime/package/PlanCheck.h"
#include "runtime/scheduler/Arena.h"
#include "runtime/scheduler/Fusion.h"
#include "runtime/torch/ExternModules.h"

namespace acie::scheduler {

/// A kernel over the points of a space, an operation on the tensors of each, a loop of such, or several a block of rows at a
/// time: one of the first three, or `blocks`.
struct KernelStep {
  const package::KernelNode* node = nullptr;
  const package::TensorNode* tensor = nullptr;
  const package::LoopNode* loop = nullptr;
  std::optional<ColumnFold> columns;  // of a `tensor` that is a fold: a view that it reads through
  std::optional<RowBlocks> blocks;
  package::Space space = package::Space::Row;  // Inner only where there are draws
  int pass = 0;
  int sweep = 0;
  bool after_draws = false;  // depends on an estimate over draws: what the jackknife runs again
  std::vector<KernelStep> body;  // of a loop, or of `blocks`

  /// Buffers read from outside, and written for outside.
  std::vector<int> inputs, outputs;
  /// Every buffer it writes, those that a loop has inside too.
  std::vector<int> written() const;
};

struct ReduceStep {
  const package::ReduceNode* node;
  bool over_rows;        // else over draws
  package::Space input;  // where the operand lives; an operand of the same or an outer space is a constant
  int pass;              // of the operand
  int sweep;             // of the operand
  int64_t elements;      // of the operand's tensor, each of which is collapsed by itself
};

class Program {
 public:
  /// `entry` and the library behind `kernels` must outlive the program. `imports` are the plan's, resolved in order.
  /// `constants` are the bytes of the package's section of that name.
  static absl::StatusOr<std::unique_ptr<Program>> make(const package::Entry& entry, acie_kernel_fn kernels,
                                                       std::vector<const acie_import*> imports, std::string_view constants = "",
                                                       std::shared_ptr<ExternModules> modules = nullptr);

  const package::Entry& entry() const { return entry_; }
  acie_kernel_fn kernels() const { return kernels_; }
  const std::vector<const acie_import*>& imports() const { return imports_; }

  /// In plan order.
  const std::vector<KernelStep>& kernel_steps() const { return kernel_steps_; }
  const std::vector<ReduceStep>& reduce_steps() const { return reduce_steps_; }
  package::Space home(int buffer) const { return homes_[buffer]; }
  bool is_column(int buffer) const { return column_[buffer]; }
  std::string_view constants() const { return constants_; }
  /// Null where the entry calls no modules of other libraries.
  ExternModules* modules() const { return modules_.get(); }

  /// Bytes of one point of a buffer.
  size_t point_bytes(int buffer) const {
    const package::Buffer& of = entry_.buffers[static_cast<size_t>(buffer)];
    return size_of(of.dtype) * static_cast<size_t>(of.elements());
  }
  /// A buffer that lies inside another one: a slice whose elements lie together. -1 for others.
  int aliased(int buffer) const { return aliases_[static_cast<size_t>(buffer)]; }
  /// Where a buffer of the Row space lies in a tile's memory: buffers that are never needed together share a slot. -1 for
  /// columns, aliases and other spaces.
  int slot(int buffer) const { return slot_of_[static_cast<size_t>(buffer)]; }
  /// Whether a buffer has memory of its own: not where it is never there as a whole (Fusion.h).
  bool placed(int buffer) const { return placed_[static_cast<size_t>(buffer)]; }
  /// Memory for runs of this program.
  ArenaPool& memory() const { return memory_; }
  /// Bytes per row of each slot.
  const std::vector<size_t>& slots() const { return slots_; }
  /// Rows of a tile, at most `asked`, whose tensors stay in the caches of a processor; where it is known how
  /// many `rows` there are, as many tiles for each thread, of about equal size. Changes no result.
  int64_t tile_rows(int64_t asked, std::optional<int64_t> rows = std::nullopt, int threads = 1) const;
  /// Draws computed at once, at most `asked`, whose tensors stay in the caches of a processor. Changes no result.
  int64_t draw_chunk(int64_t asked) const;
  int num_passes() const { return num_passes_; }
  int num_sweeps() const { return num_sweeps_; }
  bool has_jackknife() const { return has_jackknife_; }
  /// Whether the jackknife is of values over the table, not of each row's.
  bool has_table_jackknife() const { return has_jackknife_ && entry_.shape == package::Entry::Shape::Once && entry_.reads_table; }
  uint64_t scratch() const { return scratch_; }

 private:
  explicit Program(const package::Entry& entry) : entry_(entry) {}
  void place_nodes();
  KernelStep step_of(size_t& at) const;
  void place_in_others(const KernelStep& step);
  void assign_slots();
  uint64_t matrix_bytes() const;
  bool is_slice(const package::TensorNode& node) const;
  absl::Status check() const;

  const package::Entry& entry_;
  acie_kernel_fn kernels_ = nullptr;
  std::vector<const acie_import*> imports_;
  std::vector<KernelStep> kernel_steps_;
  std::vector<ReduceStep> reduce_steps_;
  std::vector<package::Space> homes_;
  std::vector<bool> column_;
  std::vector<int> aliases_;
  std::vector<bool> placed_;
  mutable ArenaPool memory_;
  std::vector<int> slot_of_;
  std::vector<size_t> slots_;
  std::string_view constants_;
  std::shared_ptr<ExternModules> modules_;
  int num_passes_ = 1;
  int num_sweeps_ = 1;
  bool has_jackknife_ = false;
  uint64_t scratch_ = 0;
};

}  // namespace acie::scheduler
