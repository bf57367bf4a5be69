#include "runtime/scheduler/Loops.h"

#include <array>
#include <cstring>

#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::LoopNode;

/// A state and where its next values go: to one of two places in turn, which is the state of the step after.
struct Carried {
  View first;                  // before the first step
  std::array<View, 2> places;
};

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

}  // namespace

absl::Status run_loop(const Program& program, const KernelStep& step, std::vector<View>& views, const RunConstants& constants,
                      const Range& range, CallScratch& memory) {
  const LoopNode& loop = *step.loop;
  const std::vector<Buffer>& buffers = program.entry().buffers;
  std::vector<Carried> carried;
  for (const LoopNode::Carry& carry : loop.carries) carried.push_back({views[carry.init], {views[carry.next], views[carry.state]}});
  std::vector<View> parts;
  for (const LoopNode::Sequence& sequence : loop.sequences) parts.push_back(views[sequence.each]);
  const auto restore = [&] {
    for (size_t c = 0; c < carried.size(); ++c) {
      views[loop.carries[c].next] = carried[c].places[0];
      views[loop.carries[c].state] = carried[c].places[1];
    }
    for (size_t s = 0; s < parts.size(); ++s) views[loop.sequences[s].each] = parts[s];
  };
  for (int64_t at = 0; at < loop.steps; ++at) {
    for (size_t c = 0; c < carried.size(); ++c) {
      const LoopNode::Carry& carry = loop.carries[c];
      views[carry.state] = at == 0 ? carried[c].first : views[carry.next];
      views[carry.next] = at + 1 == loop.steps && carry.last >= 0 ? views[carry.last] : carried[c].places[static_cast<size_t>(at % 2)];
    }
    for (size_t s = 0; s < parts.size(); ++s) {
      const Buffer& each = buffers[static_cast<size_t>(loop.sequences[s].each)];
      const View part = part_of(each, views[loop.sequences[s].whole], at);
      // Kernels take all points in one call where they lie one after the other.
      const bool together = range.count == 1 || part.stride == 0 || part.stride == each.elements();
      if (!together) copy_points(each, part, parts[s], range.count);
      views[loop.sequences[s].each] = together ? part : parts[s];
    }
    for (const KernelStep& inner : step.body) {
      if (absl::Status status = call_kernel(program, inner, views, constants, range, memory); !status.ok()) {
        restore();
        return status;
      }
    }
    for (const LoopNode::Carry& carry : loop.carries) {
      if (carry.every < 0) continue;
      const Buffer& state = buffers[static_cast<size_t>(carry.state)];
      copy_points(state, views[carry.next], part_of(state, views[carry.every], at), range.count);
    }
  }
  restore();
  return absl::OkStatus();
}

}  // namespace acie::scheduler
