#include "runtime/scheduler/Loops.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "runtime/scheduler/ReadySteps.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::LoopNode;

std::byte* bytes_at(const View& view, int64_t point, size_t width) {
  return static_cast<std::byte*>(view.data) + static_cast<size_t>(point * view.stride) * width;
}

/// The elements of `buffer` at each point, from one view to another.
void copy_points(const Buffer& buffer, const View& from, const View& to, int64_t points) {
  const size_t width = size_of(buffer.dtype), bytes = width * static_cast<size_t>(buffer.elements());
  for (int64_t point = 0; point < points; ++point) std::memcpy(bytes_at(to, point, width), bytes_at(from, point, width), bytes);
}

/// Part `step` of a tensor whose leading axis has a part per step, of which `each` is one.
View part_of(const Buffer& each, const View& whole, int64_t step) {
  return {static_cast<std::byte*>(whole.data) + size_of(each.dtype) * static_cast<size_t>(step * each.elements()), whole.stride};
}

/// Where the buffers of a loop are from step to step. Their views are as before when it goes.
class Places {
 public:
  Places(const Program& program, const LoopNode& loop, std::vector<View>& views, int64_t points)
      : buffers_(program.entry().buffers), loop_(loop), views_(views), points_(points) {
    for (const LoopNode::Carry& carry : loop.carries) {
      const auto same = [&](const LoopNode::Carry& other) { return other.next == carry.next; };
      const bool alone = std::count_if(loop.carries.begin(), loop.carries.end(), same) == 1;
      // One point's states lie in the tensor of all of them as they do anywhere: there they are computed.
      carried_.push_back({views[carry.init], {views[carry.next], views[carry.state]}, carry.every >= 0 && points == 1 && alone});
    }
    for (const LoopNode::Sequence& sequence : loop.sequences) {
      const View& whole = views[sequence.whole];
      // Kernels take all points in one call where they lie one after the other.
      const bool together = points == 1 || whole.stride == 0 || whole.stride == buffer(sequence.each).elements();
      parts_.push_back({views[sequence.each], together});
    }
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  ~Places() {
    for (size_t c = 0; c < carried_.size(); ++c) {
      views_[loop_.carries[c].next] = carried_[c].places[0];
      views_[loop_.carries[c].state] = carried_[c].places[1];
    }
    for (size_t s = 0; s < parts_.size(); ++s) views_[loop_.sequences[s].each] = parts_[s].room;
  }

  void begin(int64_t step) {
    for (size_t c = 0; c < carried_.size(); ++c) {
      const LoopNode::Carry& carry = loop_.carries[c];
      const Carried& carried = carried_[c];
      views_[carry.state] = step == 0 ? carried.first : views_[carry.next];
      if (is_last(step) && carry.last >= 0)
        views_[carry.next] = views_[carry.last];
      else if (carried.in_every)
        views_[carry.next] = part_of(buffer(carry.state), views_[carry.every], step);
      else
        views_[carry.next] = carried.places[static_cast<size_t>(step % 2)];
    }
    for (size_t s = 0; s < parts_.size(); ++s) {
      const LoopNode::Sequence& sequence = loop_.sequences[s];
      const Buffer& each = buffer(sequence.each);
      const View part = part_of(each, views_[sequence.whole], step);
      if (!parts_[s].together) copy_points(each, part, parts_[s].room, points_);
      views_[sequence.each] = parts_[s].together ? part : parts_[s].room;
    }
  }

  void end(int64_t step) {
    for (size_t c = 0; c < carried_.size(); ++c) {
      const LoopNode::Carry& carry = loop_.carries[c];
      if (carry.every < 0 || (carried_[c].in_every && !(is_last(step) && carry.last >= 0))) continue;
      const Buffer& state = buffer(carry.state);
      copy_points(state, views_[carry.next], part_of(state, views_[carry.every], step), points_);
    }
  }

  /// Buffers whose data is not at one place in all steps.
  std::vector<bool> moving() const {
    std::vector<bool> moving(buffers_.size(), false);
    for (const LoopNode::Carry& carry : loop_.carries) moving[carry.state] = moving[carry.next] = true;
    for (const LoopNode::Sequence& sequence : loop_.sequences) moving[sequence.each] = true;
    return moving;
  }

 private:
  /// A state and where its next values go: into the tensor of all states, or to one of two places in turn, which is the state of
  /// the step after.
  struct Carried {
    View first;  // before the first step
    std::array<View, 2> places;
    bool in_every;
  };
  struct Part {
    View room;      // for a copy
    bool together;  // needs none
  };

  const Buffer& buffer(int index) const { return buffers_[static_cast<size_t>(index)]; }
  bool is_last(int64_t step) const { return step + 1 == loop_.steps; }

  const std::vector<Buffer>& buffers_;
  const LoopNode& loop_;
  std::vector<View>& views_;
  const int64_t points_;
  std::vector<Carried> carried_;
  std::vector<Part> parts_;
};

}  // namespace

absl::Status run_loop(const Program& program, const KernelStep& step, std::vector<View>& views, const RunConstants& constants,
                      const Range& range, CallScratch& memory) {
  const LoopNode& loop = *step.loop;
  Places places(program, loop, views, range.count);
  // The first state and the last may lie otherwise than those between them, for which the body is made ready once.
  std::optional<ReadySteps> ready;
  for (int64_t at = 0; at < loop.steps; ++at) {
    places.begin(at);
    if (at > 0 && at + 1 < loop.steps) {
      if (!ready) ready.emplace(program, step.body, views, constants, range, memory, places.moving());
      ACIE_RETURN_IF_ERROR(ready->run());
    } else {
      for (const KernelStep& inner : step.body) ACIE_RETURN_IF_ERROR(call_kernel(program, inner, views, constants, range, memory));
    }
    places.end(at);
  }
  return absl::OkStatus();
}

}  // namespace acie::scheduler
