#include "runtime/scheduler/Fusion.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "runtime/scheduler/Program.h"
#include "runtime/scheduler/Stretches.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::Entry;
using package::KernelNode;
using package::LoopNode;
using package::Node;
using package::OutputColumn;
using package::ReduceNode;
using package::TensorNode;

using Shape = std::vector<int64_t>;

// Tensors between steps that fit the second-level cache together gain nothing.
constexpr uint64_t kLarge = uint64_t{256} << 10;
// What the rows of a block take, what is outside and read and written there too: long rows stay in the first-level cache, one or a
// few at a time; of short ones there are so many that a block is worth its calls. In between the calls for one number of each row
// cost more than the first-level cache gains, where there are as many rows as such a call is worth.
constexpr uint64_t kLongRow = uint64_t{2} << 10, kManyRows = 12;
constexpr uint64_t kBlockOfLong = uint64_t{32} << 10, kBlockOfMany = uint64_t{64} << 10, kBlockOfShort = uint64_t{256} << 10;
constexpr uint64_t kLongestRow = uint64_t{256} << 10;
constexpr int64_t kFewestRows = 8;
// How many steps in a row that do not belong are looked past.
constexpr size_t kLookPast = 64;

/// How often each buffer is read.
std::vector<int> count_reads(const Entry& entry) {
  std::vector<int> reads(entry.buffers.size(), 0);
  const auto read = [&](int buffer) {
    if (buffer >= 0) ++reads[static_cast<size_t>(buffer)];
  };
  for (const Node& node : entry.nodes) {
    if (const auto* kernel = std::get_if<KernelNode>(&node)) std::for_each(kernel->inputs.begin(), kernel->inputs.end(), read);
    if (const auto* tensor = std::get_if<TensorNode>(&node)) std::for_each(tensor->inputs.begin(), tensor->inputs.end(), read);
    if (const auto* reduce = std::get_if<ReduceNode>(&node)) read(reduce->input);
    if (const auto* loop = std::get_if<LoopNode>(&node)) {
      for (const LoopNode::Carry& carry : loop->carries) read(carry.init), read(carry.next);
      for (const LoopNode::Sequence& sequence : loop->sequences) read(sequence.whole);
    }
  }
  for (const OutputColumn& column : entry.outputs) read(column.buffer);
  for (const int buffer : {entry.status, entry.violation, entry.constraints_hold}) read(buffer);
  return reads;
}

/// Whether axes [first, last) are one, of elements `stride` apart; sets that.
bool are_one(const Shape& shape, const Shape& strides, size_t first, size_t last, int64_t& stride) {
  int64_t count = 1;
  for (size_t axis = last; axis-- > first;) {
    if (shape[axis] == 1) continue;
    if (count == 1) stride = strides[axis];
    if (strides[axis] != stride * count) return false;
    count *= shape[axis];
  }
  return true;
}

/// The fold of `view` by columns, where that is what it is.
std::optional<ColumnFold> column_fold(const Entry& entry, const TensorNode& view, const TensorNode& fold) {
  const Shape& shape = entry.buffers[static_cast<size_t>(view.output)].shape;
  const int64_t length = entry.buffers[static_cast<size_t>(view.output)].elements() / entry.buffers[static_cast<size_t>(fold.output)].elements();
  ColumnFold made{&view, length, 1, 1, {}, {}};
  size_t kept = shape.size();
  for (int64_t count = 1; count < length;) count *= shape[--kept];
  int64_t side = 0;
  if (kept == shape.size() || !are_one(shape, view.strides, kept, shape.size(), made.stride) || made.stride <= 1) return std::nullopt;
  // As many axes as lie together side by side.
  size_t outer = kept;
  for (size_t axis = kept; axis-- > 0 && are_one(shape, view.strides, axis, kept, side) && side == 1; outer = axis) made.columns *= shape[axis];
  if (made.columns == 1) return std::nullopt;
  made.shape.assign(shape.begin(), shape.begin() + static_cast<int64_t>(outer));
  made.strides.assign(view.strides.begin(), view.strides.begin() + static_cast<int64_t>(outer));
  return made;
}

class Fuser {
 public:
  Fuser(const Entry& entry, const std::vector<int>& aliases, std::vector<bool>& placed)
      : entry_(entry), aliases_(aliases), placed_(placed), reads_(count_reads(entry)), lends_(aliases.size(), false) {
    for (const int alias : aliases)
      if (alias >= 0) lends_[static_cast<size_t>(alias)] = true;
  }

  void fuse(std::vector<KernelStep>& steps) {
    for (KernelStep& step : steps)
      if (step.loop != nullptr) fuse(step.body);
    fold_columns(steps);
    form_blocks(steps);
  }

 private:
  const Buffer& buffer(int index) const { return entry_.buffers[static_cast<size_t>(index)]; }
  uint64_t bytes(int index) const { return size_of(buffer(index).dtype) * static_cast<uint64_t>(buffer(index).elements()); }
  static bool together(const KernelStep& a, const KernelStep& b) {
    return a.space == b.space && a.pass == b.pass && a.sweep == b.sweep && a.after_draws == b.after_draws;
  }

  void fold_columns(std::vector<KernelStep>& steps) {
    std::map<int, size_t> views;  // steps by what they show
    std::set<size_t> gone;
    for (size_t at = 0; at < steps.size(); ++at) {
      if (steps[at].tensor == nullptr) continue;
      const TensorNode& node = *steps[at].tensor;
      if (node.op == TensorNode::Op::View && aliases_[static_cast<size_t>(node.output)] < 0 && reads_[static_cast<size_t>(node.output)] == 1 && !lends_[static_cast<size_t>(node.output)])
        views[node.output] = at;
      if (node.op != TensorNode::Op::Fold) continue;
      const auto view = views.find(node.inputs[0]);
      if (view == views.end() || !together(steps[view->second], steps[at])) continue;
      std::optional<ColumnFold> columns = column_fold(entry_, *steps[view->second].tensor, node);
      if (!columns) continue;
      steps[at].columns = std::move(columns);
      steps[at].inputs = steps[view->second].inputs;
      placed_[static_cast<size_t>(node.inputs[0])] = false;
      gone.insert(view->second);
    }
    std::vector<KernelStep> left;
    for (size_t at = 0; at < steps.size(); ++at)
      if (gone.count(at) == 0) left.push_back(std::move(steps[at]));
    steps = std::move(left);
  }

  /// A view whose rows, of the first `leading` axes, are `stride` apart in its operand; within rows of that, where `within`.
  bool views_rows(const TensorNode& view, const Shape& lead, size_t leading, bool within) const {
    const Shape& shape = buffer(view.output).shape;
    int64_t rows = 1, stride = 0;
    for (size_t axis = 0; axis < leading; ++axis) rows *= lead[axis];
    // The last of them says how far: an axis of one place that says otherwise would be misread.
    if (!are_one(shape, view.strides, 0, leading, stride) || stride != view.strides[leading - 1]) return false;
    if (!within) return true;
    const int64_t row = buffer(view.inputs[0]).elements() / rows;
    if (buffer(view.inputs[0]).elements() % rows != 0 || stride != row) return false;
    int64_t low = view.offset, high = view.offset;
    for (size_t axis = leading; axis < shape.size(); ++axis) {
      const int64_t reach = (shape[axis] - 1) * view.strides[axis];
      (reach < 0 ? low : high) += reach;
    }
    return low >= 0 && high < row;
  }

  /// How many of the leading axes `lead` a step goes along row by row: what it computes of a row needs no other row of what
  /// steps before it `made`.
  size_t axes_of(const KernelStep& step, const Shape& lead, const std::set<int>& made) const {
    const auto common = [&](int index) {
      const Shape& shape = buffer(index).shape;
      return static_cast<size_t>(std::mismatch(lead.begin(), lead.end(), shape.begin(), shape.end()).first - lead.begin());
    };
    if (step.node != nullptr) {
      size_t axes = lead.size();
      for (const int output : step.node->outputs) axes = std::min(axes, common(output));
      for (const int input : step.node->inputs)
        if (!buffer(input).shape.empty() && buffer(input).elements() != buffer(step.node->outputs[0]).elements()) return 0;
      return axes;
    }
    if (step.tensor == nullptr || step.columns) return 0;
    const TensorNode& node = *step.tensor;
    // Of what lies in another buffer, only that which is all of one that is made here.
    if (aliases_[static_cast<size_t>(node.output)] >= 0)
      return made.count(node.inputs[0]) != 0 && buffer(node.output).elements() == buffer(node.inputs[0]).elements() ? common(node.output) : 0;
    if (node.op == TensorNode::Op::Fold) return std::min(common(node.output), common(node.inputs[0]));
    if (node.op != TensorNode::Op::View) return 0;
    const bool within = made.count(node.inputs[0]) != 0;
    size_t axes = common(node.output);
    while (axes > 0 && !views_rows(node, lead, axes, within)) --axes;
    return axes;
  }

  static int64_t rows_of(const Shape& lead, size_t axes) {
    int64_t rows = 1;
    for (size_t axis = 0; axis < axes; ++axis) rows *= lead[axis];
    return rows;
  }

  /// Steps from `steps[at]` on that go along the same rows: their places, ascending, and the leading axes.
  std::vector<size_t> gather(const std::vector<KernelStep>& steps, size_t at, Shape& lead) const {
    const KernelStep& first = steps[at];
    lead = buffer(first.outputs[0]).shape;
    std::set<int> made, later;  // by the steps gathered, and by those that then come after them
    std::vector<size_t> gathered;
    uint64_t row_bytes = 0;
    for (size_t next = at, seen = at; next < steps.size() && next - seen <= kLookPast && together(first, steps[next]); ++next) {
      const KernelStep& step = steps[next];
      const auto reads = [&](const std::set<int>& some) { return std::any_of(step.inputs.begin(), step.inputs.end(), [&](int input) { return some.count(input) != 0; }); };
      const size_t axes = reads(later) ? 0 : axes_of(step, lead, made);
      uint64_t whole = row_bytes;
      for (const int output : step.outputs) whole += bytes(output);
      if (axes > 0 && rows_of(lead, axes) >= kFewestRows && whole / static_cast<uint64_t>(rows_of(lead, axes)) <= kLongestRow) {
        lead.resize(axes);
        row_bytes = whole;
        gathered.push_back(next);
        seen = next;
        made.insert(step.outputs.begin(), step.outputs.end());
      } else if (reads(made) || reads(later)) {
        later.insert(step.outputs.begin(), step.outputs.end());
      }
    }
    // Some joined when there were more axes.
    made.clear();
    for (const size_t place : gathered) {
      if (axes_of(steps[place], lead, made) != lead.size()) return {};
      made.insert(steps[place].outputs.begin(), steps[place].outputs.end());
    }
    return gathered;
  }

  int root(int index) const {
    while (aliases_[static_cast<size_t>(index)] >= 0) index = aliases_[static_cast<size_t>(index)];
    return index;
  }

  /// Lays out a block's memory: buffers that are never needed together share it.
  RowBlocks place(const std::vector<KernelStep>& body, const std::set<int>& inside, int64_t rows) const {
    RowBlocks blocks;
    blocks.rows = rows;
    blocks.stretches = find_stretches(entry_, body, inside, rows);
    // Bytes of a row: of what is stretched only what there is.
    const auto row_bytes = [&](int index) {
      const uint64_t row = bytes(index) / static_cast<uint64_t>(rows);
      for (const RowBlocks::Stretch& stretch : blocks.stretches)
        if (stretch.buffer == index) return stretch.repeats ? 0 : row / static_cast<uint64_t>(stretch.run);
      return row;
    };
    // What is stretched is read where it lies.
    std::map<int, int> shown;
    for (const KernelStep& step : body)
      for (const RowBlocks::Stretch& stretch : blocks.stretches)
        if (step.outputs[0] == stretch.buffer) shown[stretch.buffer] = step.inputs[0];
    std::map<int, size_t> last;
    uint64_t outside = 0;
    std::set<int> touched;
    for (size_t at = 0; at < body.size(); ++at)
      for (const auto* list : {&body[at].inputs, &body[at].outputs})
        for (const int index : *list) {
          if (const auto found = shown.find(index); found != shown.end() && inside.count(found->second) != 0) last[root(found->second)] = at;
          if (inside.count(index) != 0) last[root(index)] = at;
          else if (buffer(index).elements() % rows == 0 && touched.insert(index).second) outside += bytes(index) / static_cast<uint64_t>(rows);
        }
    std::vector<uint64_t> slots;  // bytes of a row
    std::map<int, size_t> slot_of;
    std::multimap<uint64_t, size_t> free;
    for (size_t at = 0; at < body.size(); ++at) {
      for (const int output : body[at].outputs) {
        if (inside.count(output) == 0 || root(output) != output) continue;
        const uint64_t row = row_bytes(output);
        const auto found = free.lower_bound(row);
        if (found != free.end()) {
          slot_of[output] = found->second;
          free.erase(found);
        } else {
          slot_of[output] = slots.size();
          slots.push_back(row);
        }
      }
      for (const auto& [index, end] : last)
        if (end == at) free.emplace(slots[slot_of[index]], slot_of[index]);
    }
    uint64_t row = outside;
    for (const uint64_t slot : slots) row += slot;
    const uint64_t block = row <= kLongRow ? kBlockOfShort : kManyRows * row <= kBlockOfMany ? kBlockOfMany : kBlockOfLong;
    blocks.at_once = std::clamp<int64_t>(static_cast<int64_t>(block / std::max<uint64_t>(row, 1)), 1, rows);
    std::vector<size_t> begins;
    for (const uint64_t slot : slots) {
      begins.push_back(blocks.bytes);
      blocks.bytes += Arena::padded(slot * static_cast<uint64_t>(blocks.at_once));
    }
    for (const int index : inside) blocks.inside.push_back({index, begins[slot_of.at(root(index))]});
    return blocks;
  }

  /// The step that runs those at `places` block by block; none where too little stays inside.
  std::optional<KernelStep> block_step(const std::vector<KernelStep>& steps, const std::vector<size_t>& places, int64_t rows) const {
    KernelStep made;
    std::map<int, int> read;  // here
    std::set<int> written;
    for (const size_t at : places) {
      made.body.push_back(steps[at]);
      for (const int input : steps[at].inputs) ++read[input];
      written.insert(steps[at].outputs.begin(), steps[at].outputs.end());
    }
    // What is read elsewhere too is there as a whole, with all that lies in it.
    std::set<int> whole;
    for (const int index : written) {
      const auto found = read.find(index);
      if (found == read.end() || found->second != reads_[static_cast<size_t>(index)]) whole.insert(root(index));
    }
    for (size_t i = 0; i < aliases_.size(); ++i)
      if (aliases_[i] >= 0 && written.count(static_cast<int>(i)) == 0) whole.insert(root(static_cast<int>(i)));
    std::set<int> inside;
    uint64_t saved = 0;
    for (const int index : written) {
      if (whole.count(root(index)) != 0) {
        made.outputs.push_back(index);
        continue;
      }
      inside.insert(index);
      if (root(index) == index) saved += bytes(index);
    }
    if (saved < kLarge) return std::nullopt;
    for (const auto& [index, times] : read)
      if (written.count(index) == 0) made.inputs.push_back(index);
    const KernelStep& first = steps[places.front()];
    made.space = first.space, made.pass = first.pass, made.sweep = first.sweep, made.after_draws = first.after_draws;
    made.blocks = place(made.body, inside, rows);
    return made;
  }

  void form_blocks(std::vector<KernelStep>& steps) {
    for (size_t at = 0; at < steps.size(); ++at) {
      const KernelStep& first = steps[at];
      if (first.loop != nullptr || first.blocks || buffer(first.outputs[0]).shape.empty()) continue;
      uint64_t touched = 0;
      for (const auto* list : {&first.inputs, &first.outputs})
        for (const int index : *list) touched = std::max(touched, bytes(index));
      if (touched < kLarge / 4) continue;
      Shape lead;
      const std::vector<size_t> places = gather(steps, at, lead);
      if (places.size() < 2 || places.front() != at) continue;
      std::optional<KernelStep> block = block_step(steps, places, rows_of(lead, lead.size()));
      if (!block) continue;
      for (const RowBlocks::Inside& inside : block->blocks->inside) placed_[static_cast<size_t>(inside.buffer)] = false;
      replace(steps, at, places, *std::move(block));
      --at;  // what came before it is looked at again
    }
  }

  /// Puts `block` for the steps at `places`, after those in between that need nothing of it, before the others.
  static void replace(std::vector<KernelStep>& steps, size_t at, const std::vector<size_t>& places, KernelStep block) {
    std::set<int> made(block.outputs.begin(), block.outputs.end());
    std::vector<KernelStep> before, after;
    size_t next = 0;
    for (size_t i = at; i <= places.back(); ++i) {
      if (next < places.size() && places[next] == i) {
        ++next;
        continue;
      }
      const bool needs = std::any_of(steps[i].inputs.begin(), steps[i].inputs.end(), [&](int input) { return made.count(input) != 0; });
      if (needs) made.insert(steps[i].outputs.begin(), steps[i].outputs.end());
      (needs ? after : before).push_back(std::move(steps[i]));
    }
    std::vector<KernelStep> all = std::move(before);
    all.push_back(std::move(block));
    std::move(after.begin(), after.end(), std::back_inserter(all));
    steps.erase(steps.begin() + static_cast<int64_t>(at), steps.begin() + static_cast<int64_t>(places.back()) + 1);
    steps.insert(steps.begin() + static_cast<int64_t>(at), std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
  }

  const Entry& entry_;
  const std::vector<int>& aliases_;
  std::vector<bool>& placed_;
  std::vector<int> reads_;
  std::vector<bool> lends_;  // some buffer lies in it
};

}  // namespace

void fuse_steps(const Entry& entry, const std::vector<int>& aliases, std::vector<KernelStep>& steps, std::vector<bool>& placed) {
  Fuser(entry, aliases, placed).fuse(steps);
}

}  // namespace acie::scheduler
