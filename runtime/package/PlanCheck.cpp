#include "runtime/package/PlanCheck.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "runtime/status/Errors.h"

namespace acie::package {
namespace {

constexpr size_t kMaxEntries = 4096;
constexpr size_t kMaxBuffers = 1 << 16;
constexpr size_t kMaxNodes = 1 << 16;
constexpr int64_t kMaxSteps = int64_t{1} << 32;
constexpr uint64_t kMaxScratch = uint64_t{1} << 28;
constexpr uint32_t kMaxOrdinal = 1 << 20;
constexpr size_t kMaxName = 4096;
constexpr size_t kMaxAxes = 16;
constexpr int64_t kMaxElements = int64_t{1} << 31;
constexpr uint64_t kConstantAlignment = 64;

uint64_t bytes_of(const Buffer& buffer) {
  const uint64_t element = buffer.dtype == ACIE_F64 || buffer.dtype == ACIE_I64 ? 8 : buffer.dtype == ACIE_BOOL ? 1 : 4;
  return element * static_cast<uint64_t>(buffer.elements());
}

bool outer_or_same(Space space, Space than) { return static_cast<int>(space) >= static_cast<int>(than); }

/// Checks one entry, keeping track of which buffers have been written.
class EntryCheck {
 public:
  explicit EntryCheck(const Entry& entry) : entry_(entry), written_(entry.buffers.size(), false), hidden_(entry.buffers.size(), false) {}

  absl::Status run() {
    if (entry_.name.empty() || entry_.name.size() > kMaxName) return fail("name", "it must not be empty or very long");
    if (entry_.buffers.size() > kMaxBuffers) return fail("buffers", "there are too many");
    if (entry_.nodes.size() > kMaxNodes) return fail("nodes", "there are too many");
    if (entry_.shape == Entry::Shape::PerDraw && !entry_.has_draws) return fail("shape", "draws need has_draws");
    ACIE_RETURN_IF_ERROR(texts());
    ACIE_RETURN_IF_ERROR(sizes());
    ACIE_RETURN_IF_ERROR(shapes());
    ACIE_RETURN_IF_ERROR(columns());
    ACIE_RETURN_IF_ERROR(scalars());
    ACIE_RETURN_IF_ERROR(tensors());
    for (size_t i = 0; i < entry_.nodes.size();) ACIE_RETURN_IF_ERROR(node(i, std::nullopt));
    ACIE_RETURN_IF_ERROR(outputs());
    return answers();
  }

 private:
  absl::Status fail(const std::string& field, const std::string& why) const {
    return refused_error("entry '" + entry_.name + "': " + field + ": " + why);
  }

  bool valid(int buffer) const { return buffer >= 0 && static_cast<size_t>(buffer) < entry_.buffers.size(); }
  Space home(int buffer) const { return home_of(entry_, buffer); }
  Space normal(Space space) const { return !entry_.has_draws && space == Space::Inner ? Space::Row : space; }

  absl::Status write(int buffer, const std::string& field) {
    if (!valid(buffer)) return fail(field, "buffer " + std::to_string(buffer) + " does not exist");
    if (written_[buffer]) return fail(field, "buffer " + std::to_string(buffer) + " is written twice");
    written_[buffer] = true;
    return absl::OkStatus();
  }

  absl::Status read(int buffer, const std::string& field) const {
    if (!valid(buffer)) return fail(field, "buffer " + std::to_string(buffer) + " does not exist");
    if (!written_[buffer]) return fail(field, "buffer " + std::to_string(buffer) + " is read before it is written");
    if (hidden_[buffer]) return fail(field, "buffer " + std::to_string(buffer) + " belongs to a loop");
    return absl::OkStatus();
  }

  absl::Status range(double low, double high, const std::string& field) const {
    return std::isnan(low) || std::isnan(high) || low > high ? fail(field, "its range is empty") : absl::OkStatus();
  }

  absl::Status labels(const std::vector<std::string>& labels, acie_dtype dtype, const std::string& field) const {
    constexpr size_t kMaxLabels = 1 << 16;
    if (labels.empty()) return absl::OkStatus();
    const bool good = labels.size() <= kMaxLabels && std::set<std::string>(labels.begin(), labels.end()).size() == labels.size();
    return good && dtype == ACIE_I64 ? absl::OkStatus() : fail(field + ".labels", "they are texts that differ, of an i64");
  }

  absl::Status text(bool is_text, bool labelled, acie_dtype dtype, const std::string& field) const {
    if (!is_text) return absl::OkStatus();
    return dtype == ACIE_I64 && !labelled && !entry_.texts.empty() ? absl::OkStatus() : fail(field + ".is_text", "it is an i64 without labels, of an entry with texts");
  }

  absl::Status texts() const {
    constexpr size_t kMaxTexts = 1 << 20;
    if (entry_.texts.empty()) return absl::OkStatus();
    const bool good = entry_.texts.size() <= kMaxTexts && entry_.texts[0].empty() && std::set<std::string>(entry_.texts.begin(), entry_.texts.end()).size() == entry_.texts.size();
    return good ? absl::OkStatus() : fail("texts", "they differ, and the first is empty");
  }

  absl::Status vector(const std::optional<VectorElement>& vector, const std::string& field) const {
    if (!vector) return absl::OkStatus();
    int64_t count = 1;
    bool good = !vector->name.empty() && !vector->shape.empty();
    for (int64_t size : vector->shape) good = good && size > 0 && !__builtin_mul_overflow(count, size, &count) && count <= kMaxElements;
    return good && vector->element >= 0 && vector->element < count ? absl::OkStatus()
                                                                   : fail(field + ".vector", "it is no element of a vector");
  }

  absl::Status sizes() const {
    constexpr size_t kMaxDimensions = 256, kMaxSizes = 1 << 16, kMaxTerms = 256, kMaxFactors = 16;
    if (entry_.dimensions.size() > kMaxDimensions || entry_.sizes.size() > kMaxSizes) return fail("sizes", "there are too many");
    std::set<std::string> names;
    for (const std::string& name : entry_.dimensions)
      if (name.empty() || name.size() > kMaxName || !names.insert(name).second) return fail("dimensions", "a name is empty, very long or used twice");
    for (const SizeExpression& size : entry_.sizes) {
      if (size.terms.empty() || size.terms.size() > kMaxTerms) return fail("sizes", "one has no terms, or too many");
      for (const SizeTerm& term : size.terms) {
        if (term.dimensions.size() > kMaxFactors || std::abs(term.factor) > kOpenSize) return fail("sizes", "a term is too large");
        for (const int dimension : term.dimensions)
          if (dimension < 0 || static_cast<size_t>(dimension) >= entry_.dimensions.size()) return fail("sizes", "no such dimension");
      }
    }
    for (const int64_t size : entry_.room)
      if (!is_open(size) || !named(size)) return fail("room", "no such size");
    return absl::OkStatus();
  }

  /// A size that is known only at start.
  static bool is_open(int64_t size) { return size >= kOpenSize; }
  bool named(int64_t size) const { return !is_open(size) || static_cast<size_t>(size - kOpenSize) < entry_.sizes.size(); }
  static bool is_open(const Buffer& buffer) { return std::any_of(buffer.shape.begin(), buffer.shape.end(), [](int64_t size) { return is_open(size); }); }

  absl::Status shapes() const {
    for (size_t i = 0; i < entry_.buffers.size(); ++i) {
      const std::vector<int64_t>& shape = entry_.buffers[i].shape;
      const std::string field = "buffers[" + std::to_string(i) + "].shape";
      if (shape.size() > kMaxAxes) return fail(field, "it has too many axes");
      int64_t elements = 1;
      for (const int64_t size : shape) {
        if (is_open(size) && named(size)) continue;
        if (size < 1 || size > kMaxElements || (elements *= size) > kMaxElements) return fail(field, "it is not possible");
      }
    }
    return absl::OkStatus();
  }

  const std::vector<int64_t>& shape(int buffer) const { return entry_.buffers[static_cast<size_t>(buffer)].shape; }
  bool is_number(int buffer) const { return shape(buffer).empty(); }

  absl::Status tensors() {
    std::set<std::string> names;
    const auto table = [&](int buffer, const std::string& field) -> absl::Status {
      ACIE_RETURN_IF_ERROR(write(buffer, field));
      if (entry_.buffers[buffer].space != Space::Table || is_number(buffer)) return fail(field, "it must be a tensor of the table space");
      return absl::OkStatus();
    };
    for (size_t i = 0; i < entry_.parameters.size(); ++i) {
      const ParameterInput& parameter = entry_.parameters[i];
      const std::string field = "parameters[" + std::to_string(i) + "]";
      if (parameter.name.empty() || !names.insert(parameter.name).second) return fail(field, "its name is empty or used twice");
      ACIE_RETURN_IF_ERROR(table(parameter.buffer, field));
      if (parameter.default_at && is_open(entry_.buffers[parameter.buffer])) return fail(field, "constants have fixed sizes");
      if (parameter.fan != 0 && (!is_open(parameter.fan) || !named(parameter.fan))) return fail(field, "its fan is no open size");
    }
    for (size_t i = 0; i < entry_.constants.size(); ++i) {
      const std::string field = "constants[" + std::to_string(i) + "]";
      ACIE_RETURN_IF_ERROR(table(entry_.constants[i].buffer, field));
      if (is_open(entry_.buffers[entry_.constants[i].buffer])) return fail(field, "constants have fixed sizes");
    }
    return absl::OkStatus();
  }

  absl::Status columns() {
    std::set<std::string> names;
    for (size_t i = 0; i < entry_.columns.size(); ++i) {
      const ColumnInput& column = entry_.columns[i];
      const std::string field = "columns[" + std::to_string(i) + "]";
      const bool ask = column.role == ColumnInput::Role::DoAsk;
      if (column.name.empty() || !names.insert(column.name).second) return fail(field, "its name is empty or used twice");
      if (!entry_.reads_table && !ask) return fail(field, "the entry reads no table");
      ACIE_RETURN_IF_ERROR(range(column.low, column.high, field));
      ACIE_RETURN_IF_ERROR(write(column.buffer, field + ".buffer"));
      if (entry_.buffers[column.buffer].space == Space::Table) return fail(field, "a column has a value per row");
      if (!is_number(column.buffer) && (ask || column.vector || (!is_open(entry_.buffers[column.buffer]) && entry_.buffers[column.buffer].elements() > kMaxListed)))
        return fail(field, "it cannot be a tensor of that many elements");
      if (!column.elements.empty() && (is_number(column.buffer) || static_cast<int64_t>(column.elements.size()) != entry_.buffers[column.buffer].elements()))
        return fail(field + ".elements", "they are the names of a tensor's elements");
      ACIE_RETURN_IF_ERROR(vector(column.vector, field));
      ACIE_RETURN_IF_ERROR(labels(column.labels, entry_.buffers[column.buffer].dtype, field));
      ACIE_RETURN_IF_ERROR(text(column.is_text, !column.labels.empty(), entry_.buffers[column.buffer].dtype, field));
      if (!ask && column.presence != -1) return fail(field, "only do? columns have a presence");
      if (!ask) continue;
      ACIE_RETURN_IF_ERROR(write(column.presence, field + ".presence"));
      if (entry_.buffers[column.presence].dtype != ACIE_BOOL || entry_.buffers[column.presence].space == Space::Table)
        return fail(field, "its presence must be a Bool per row");
    }
    return absl::OkStatus();
  }

  absl::Status scalars() const {
    // Unique per option that sets it: `--given h` and `--do h` may both be there, beside a column h.
    std::set<std::string> names;
    for (size_t i = 0; i < entry_.scalars.size(); ++i) {
      const ScalarInput& scalar = entry_.scalars[i];
      const std::string field = "scalars[" + std::to_string(i) + "]";
      const char* const option = scalar.role == ScalarInput::Role::Given ? "given "
                                 : scalar.role == ScalarInput::Role::Do  ? "do "
                                                                         : "set ";
      if (scalar.name.empty() || !names.insert(option + scalar.name).second) {
        return fail(field, "its name is empty or used twice");
      }
      ACIE_RETURN_IF_ERROR(range(scalar.low, scalar.high, field));
      ACIE_RETURN_IF_ERROR(labels(scalar.labels, scalar.dtype, field));
      ACIE_RETURN_IF_ERROR(text(scalar.is_text, !scalar.labels.empty(), scalar.dtype, field));
      if (scalar.is_text && scalar.default_value && !(*scalar.default_value >= 0 && *scalar.default_value < static_cast<double>(entry_.texts.size())))
        return fail(field + ".default", "there is no such text");
      if (scalar.role == ScalarInput::Role::Size && scalar.dtype != ACIE_I64) return fail(field, "a size is an i64");
    }
    return absl::OkStatus();
  }

  /// Checks the node at `i`, and those of its body, and goes on to the next one. `loop`: the space of the loop around it.
  absl::Status node(size_t& i, std::optional<Space> loop) {
    where_ = "nodes[" + std::to_string(i) + "]";
    const Node& node = entry_.nodes[i];
    if (const auto* of_loop = std::get_if<LoopNode>(&node)) return this->loop(*of_loop, i, loop);
    ++i;
    if (const auto* of_tensors = std::get_if<TensorNode>(&node)) {
      ACIE_RETURN_IF_ERROR(tensor(*of_tensors));
      return inside(of_tensors->output, loop);
    }
    if (const auto* of_kernel = std::get_if<KernelNode>(&node)) {
      ACIE_RETURN_IF_ERROR(kernel(*of_kernel));
      return inside(of_kernel->outputs[0], loop);
    }
    return loop ? fail(where_, "a loop holds no reduction") : reduce(std::get<ReduceNode>(node));
  }

  absl::Status inside(int output, std::optional<Space> loop) const {
    return !loop || home(output) == *loop ? absl::OkStatus() : fail(where_, "its result lies in another space than the loop around it");
  }

  bool same_values(int a, int b) const { return entry_.buffers[a].dtype == entry_.buffers[b].dtype && shape(a) == shape(b); }

  /// Whether `whole` has `each` at every step.
  bool of_steps(int whole, int each, int64_t steps) const {
    const std::vector<int64_t>& all = shape(whole);
    return entry_.buffers[whole].dtype == entry_.buffers[each].dtype && !all.empty() && all[0] == steps &&
           std::equal(all.begin() + 1, all.end(), shape(each).begin(), shape(each).end());
  }

  absl::Status loop(const LoopNode& node, size_t& i, std::optional<Space> around) {
    const std::string where = where_;
    const size_t end = i + 1 + static_cast<size_t>(std::max(node.body, 0));
    if (node.body < 1 || end > entry_.nodes.size()) return fail(where + ".body", "there are not as many nodes");
    if (node.steps < 1 || (is_open(node.steps) ? !named(node.steps) : node.steps > kMaxSteps)) return fail(where + ".steps", "it is not possible");
    if (node.carries.empty()) return fail(where + ".carries", "nothing is carried");
    if (!valid(node.carries[0].state)) return fail(where + ".carries", "no such buffer");
    const Space space = home(node.carries[0].state);
    if (around && *around != space) return fail(where, "it runs in another space than the loop around it");
    std::vector<int> results;
    for (const LoopNode::Carry& carry : node.carries) {
      ACIE_RETURN_IF_ERROR(read(carry.init, where + ".carries.init"));
      ACIE_RETURN_IF_ERROR(write(carry.state, where + ".carries.state"));
      if (!outer_or_same(home(carry.init), space) || home(carry.state) != space || !same_values(carry.init, carry.state))
        return fail(where + ".carries", "the initial value does not fit the state");
    }
    for (const LoopNode::Sequence& sequence : node.sequences) {
      ACIE_RETURN_IF_ERROR(read(sequence.whole, where + ".sequences.whole"));
      ACIE_RETURN_IF_ERROR(write(sequence.each, where + ".sequences.each"));
      if (!outer_or_same(home(sequence.whole), space) || home(sequence.each) != space || !of_steps(sequence.whole, sequence.each, node.steps))
        return fail(where + ".sequences", "its parts are not those of the steps");
    }
    const std::vector<bool> before = written_;
    for (++i; i < end;) ACIE_RETURN_IF_ERROR(this->node(i, space));
    if (i != end) return fail(where + ".body", "it ends inside another loop");
    std::set<int> nexts;
    for (const LoopNode::Carry& carry : node.carries) {
      if (!valid(carry.next) || !written_[carry.next] || before[carry.next] || !nexts.insert(carry.next).second)
        return fail(where + ".carries.next", "the body does not compute it");
      if (!same_values(carry.next, carry.state)) return fail(where + ".carries.next", "it does not fit the state");
    }
    hide_since(before, node);
    for (const LoopNode::Carry& carry : node.carries) {
      for (const int result : {carry.last, carry.every}) {
        if (result == -1) continue;
        ACIE_RETURN_IF_ERROR(write(result, where + ".carries"));
        if (home(result) != space) return fail(where + ".carries", "a result lies in another space");
      }
      if (carry.last != -1 && !same_values(carry.last, carry.state)) return fail(where + ".carries.last", "it does not fit the state");
      if (carry.every != -1 && !of_steps(carry.every, carry.state, node.steps)) return fail(where + ".carries.every", "it does not hold the states of all steps");
    }
    return absl::OkStatus();
  }

  /// What a loop has inside cannot be read, or written again, after it.
  void hide_since(const std::vector<bool>& before, const LoopNode& node) {
    for (size_t buffer = 0; buffer < before.size(); ++buffer)
      if (written_[buffer] && !before[buffer]) hidden_[buffer] = true;
    for (const LoopNode::Carry& carry : node.carries) hidden_[carry.state] = true;
    for (const LoopNode::Sequence& sequence : node.sequences) hidden_[sequence.each] = true;
  }

  absl::Status kernel(const KernelNode& node) {
    if (node.ordinal > kMaxOrdinal || node.scratch > kMaxScratch) return fail(where_, "its numbers are too large");
    const Space space = normal(node.space);
    for (int input : node.inputs) {
      ACIE_RETURN_IF_ERROR(read(input, where_ + ".inputs"));
      if (!outer_or_same(home(input), space)) return fail(where_ + ".inputs", "a buffer of an inner space");
    }
    if (node.outputs.empty()) return fail(where_ + ".outputs", "it computes nothing");
    if (!valid(node.outputs[0])) return fail(where_ + ".outputs", "no such buffer");
    const std::vector<int64_t>& elements = shape(node.outputs[0]);
    for (int input : node.inputs) {
      const bool each = shape(input) == elements && (elements.empty() || home(input) == space);
      if (!is_number(input) && shape(input) != elements) return fail(where_ + ".inputs", "a tensor of another shape");
      if (!elements.empty() && !each && !node.by_point) return fail(where_ + ".by_point", "an input is shared by the elements of a point");
    }
    for (int output : node.outputs) {
      ACIE_RETURN_IF_ERROR(write(output, where_ + ".outputs"));
      if (home(output) != space) return fail(where_ + ".outputs", "a buffer of another space");
      if (shape(output) != elements) return fail(where_ + ".outputs", "tensors of different shapes");
    }
    return absl::OkStatus();
  }

  absl::Status tensor(const TensorNode& node) {
    if (!valid(node.output)) return fail(where_ + ".output", "no such buffer");
    const Space space = home(node.output);
    const Buffer& to = entry_.buffers[node.output];
    for (int input : node.inputs) {
      ACIE_RETURN_IF_ERROR(read(input, where_ + ".inputs"));
      if (!outer_or_same(home(input), space)) return fail(where_ + ".inputs", "a buffer of an inner space");
    }
    ACIE_RETURN_IF_ERROR(write(node.output, where_ + ".output"));
    const auto from = [&](size_t i) -> const Buffer& { return entry_.buffers[node.inputs[i]]; };
    if (node.op == TensorNode::Op::Routine) return routine(node);
    if (node.op == TensorNode::Op::Extern) return node.inputs.empty() ? fail(where_ + ".inputs", "their number is wrong") : absl::OkStatus();
    const size_t wanted = node.op == TensorNode::Op::Places ? 0 : node.op == TensorNode::Op::Gather || node.op == TensorNode::Op::Contract ? 2 : 1;
    const bool adds = node.op == TensorNode::Op::Contract && node.inputs.size() == 3;
    if (node.op == TensorNode::Op::Concat ? node.inputs.empty() : node.inputs.size() != wanted && !adds) return fail(where_ + ".inputs", "their number is wrong");
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (from(i).dtype != (node.op == TensorNode::Op::Gather && i == 1 ? ACIE_I64 : to.dtype)) return fail(where_ + ".inputs", "their type is wrong");
    if (node.activation != TensorNode::Activation::None && node.op != TensorNode::Op::Contract) return fail(where_ + ".activation", "only products have one");
    const bool steps = node.op == TensorNode::Op::View || node.op == TensorNode::Op::Places;
    if (steps && node.strides.size() != to.shape.size()) return fail(where_ + ".strides", "there is one per axis of the output");
    bool open = is_open(to) || is_open(node.offset);
    for (size_t i = 0; i < node.inputs.size(); ++i) open = open || is_open(from(i));
    for (const int64_t stride : node.strides) open = open || is_open(stride);
    if (open) {  // the rest is checked when the sizes are known
      const bool all_named = named(node.offset) && std::all_of(node.strides.begin(), node.strides.end(), [&](int64_t stride) { return named(stride); });
      return all_named ? absl::OkStatus() : fail(where_, "no such size");
    }
    switch (node.op) {
      case TensorNode::Op::Places: {
        if (to.dtype != ACIE_I64) return fail(where_ + ".output", "places are i64");
        for (const int64_t stride : node.strides)
          if (std::abs(stride) > kMaxElements) return fail(where_ + ".strides", "a stride is too large");
        return absl::OkStatus();
      }
      case TensorNode::Op::View: {
        int64_t low = node.offset, high = node.offset;
        for (size_t axis = 0; axis < to.shape.size(); ++axis) {
          if (std::abs(node.strides[axis]) > kMaxElements) return fail(where_ + ".strides", "a stride is too large");
          (node.strides[axis] < 0 ? low : high) += (to.shape[axis] - 1) * node.strides[axis];
          if (low < 0 || high >= kMaxElements) break;
        }
        if (low < 0 || high >= from(0).elements()) return fail(where_ + ".strides", "they reach beyond the input");
        return absl::OkStatus();
      }
      case TensorNode::Op::Gather:
        return from(1).shape == to.shape ? absl::OkStatus() : fail(where_ + ".output", "its shape is not that of the places");
      case TensorNode::Op::Concat: {
        int64_t elements = 0;
        for (size_t i = 0; i < node.inputs.size(); ++i) elements += from(i).elements();
        return elements == to.elements() ? absl::OkStatus() : fail(where_ + ".output", "it does not hold its inputs");
      }
      case TensorNode::Op::Fold: {
        const std::vector<int64_t>& of = from(0).shape;
        const bool logical = node.folding == TensorNode::Folding::Any || node.folding == TensorNode::Folding::All;
        if (to.shape.size() >= of.size() || !std::equal(to.shape.begin(), to.shape.end(), of.begin())) return fail(where_ + ".output", "it must lack the last axes of the input");
        return logical == (to.dtype == ACIE_BOOL) ? absl::OkStatus() : fail(where_ + ".folding", "it does not fit the type");
      }
      case TensorNode::Op::Contract:
        if (adds && (from(0).shape.size() != 2 || from(1).shape.size() != 2 || from(1).shape.back() != 1 || from(2).shape != to.shape ||
                     from(2).elements() != from(0).shape[0] || home(node.inputs[2]) != Space::Table))
          return fail(where_ + ".inputs", "only a vector of the table space is added, to the product of a matrix and a vector");
        return contract(from(0), from(1), to);
      case TensorNode::Op::Routine:
      case TensorNode::Op::Extern: break;
    }
    return absl::OkStatus();
  }

  absl::Status routine(const TensorNode& node) const {
    if (node.inputs.size() != routines::operands_of(node.routine)) return fail(where_ + ".inputs", "their number is wrong");
    const Buffer &a = entry_.buffers[node.inputs.front()], &b = entry_.buffers[node.inputs.back()], &to = entry_.buffers[node.output];
    const bool typed = b.dtype == a.dtype && to.dtype == (routines::makes_places(node.routine) ? ACIE_I64 : a.dtype) &&
                       (a.dtype == ACIE_F64 || a.dtype == ACIE_F32 || !routines::floats_only(node.routine)) && (a.dtype != ACIE_BOOL || routines::makes_places(node.routine));
    if (!typed) return fail(where_ + ".inputs", "their type is wrong");
    // How many terms a transform of real numbers has is seen when the sizes are known.
    const bool halves = node.routine == routines::Routine::RealFft || node.routine == routines::Routine::InverseRealFft;
    if (halves && (is_open(a) || is_open(to))) return absl::OkStatus();
    return routines::fits(node.routine, a.shape, b.shape, to.shape) ? absl::OkStatus() : fail(where_ + ".output", "the routine does not make its shape of the inputs'");
  }

  absl::Status contract(const Buffer& a, const Buffer& b, const Buffer& to) const {
    if (to.dtype != ACIE_F64 && to.dtype != ACIE_F32) return fail(where_ + ".output", "it must be f64 or f32");
    if (a.shape.size() < 2 || b.shape.size() < 2 || a.shape.back() != b.shape[b.shape.size() - 2]) return fail(where_ + ".inputs", "they are no matrices that fit");
    const std::vector<int64_t> batch_a(a.shape.begin(), a.shape.end() - 2), batch_b(b.shape.begin(), b.shape.end() - 2);
    if (!batch_a.empty() && !batch_b.empty() && batch_a != batch_b) return fail(where_ + ".inputs", "their batches differ");
    int64_t elements = a.shape[a.shape.size() - 2] * b.shape.back();
    for (const int64_t size : batch_a.empty() ? batch_b : batch_a) elements *= size;
    return elements == to.elements() ? absl::OkStatus() : fail(where_ + ".output", "its size is not that of the product");
  }

  absl::Status reduce(const ReduceNode& node) {
    if (!valid(node.output)) return fail(where_ + ".output", "no such buffer");
    const auto like_output = [&](int buffer) { return !valid(buffer) || entry_.buffers[buffer].shape == entry_.buffers[node.output].shape; };
    if (!like_output(node.input) || !like_output(node.standard_error) || (node.input == -1 && !is_number(node.output)))
      return fail(where_, "what it makes has another shape than what it is made of");
    const Space to = home(node.output);
    if (to == Space::Inner || (to == Space::Row && !entry_.has_draws)) return fail(where_ + ".output", "nothing to collapse");
    const Space from = to == Space::Row ? Space::Inner : Space::Row;
    if (node.input == -1) {
      if (node.op != ReduceNode::Op::Count) return fail(where_ + ".input", "it needs an input");
    } else {
      ACIE_RETURN_IF_ERROR(read(node.input, where_ + ".input"));
      if (!outer_or_same(home(node.input), from)) return fail(where_ + ".input", "a buffer of a space further in");
    }
    if (node.op == ReduceNode::Op::Quantile && !(node.level >= 0 && node.level <= 1))
      return fail(where_ + ".level", "it must be within 0..1");
    ACIE_RETURN_IF_ERROR(write(node.output, where_ + ".output"));
    if (entry_.buffers[node.output].dtype != ACIE_F64) return fail(where_ + ".output", "it must be f64");
    if (node.standard_error == -1) return absl::OkStatus();
    ACIE_RETURN_IF_ERROR(write(node.standard_error, where_ + ".standard_error"));
    if (entry_.buffers[node.standard_error].dtype != ACIE_F64 || home(node.standard_error) != to)
      return fail(where_ + ".standard_error", "it must be f64 in the output's space");
    return absl::OkStatus();
  }

  /// The space furthest in that a column of the answer may live in.
  Space answer_space() const {
    if (entry_.shape == Entry::Shape::PerDraw) return Space::Inner;
    if (entry_.shape == Entry::Shape::Once && entry_.reads_table) return Space::Table;
    return Space::Row;
  }

  absl::Status outputs() const {
    std::set<std::string> names;
    for (size_t i = 0; i < entry_.outputs.size(); ++i) {
      const OutputColumn& column = entry_.outputs[i];
      const std::string field = "outputs[" + std::to_string(i) + "]";
      // `x[2].mean` is another name than `x.mean[2]`.
      if (column.name.empty() || !names.insert(column.name + '\0' + column.ending).second) return fail(field, "its name is empty or used twice");
      ACIE_RETURN_IF_ERROR(vector(column.vector, field));
      ACIE_RETURN_IF_ERROR(labels(column.labels, column.dtype, field));
      ACIE_RETURN_IF_ERROR(text(column.is_text, !column.labels.empty(), column.dtype, field));
      if (!column.name.ends_with(column.ending) || column.name.size() == column.ending.size()) return fail(field + ".ending", "the name has no such ending");
      if (column.jackknife_of < 0) {
        ACIE_RETURN_IF_ERROR(read(column.buffer, field + ".buffer"));
        if (!outer_or_same(home(column.buffer), answer_space())) return fail(field, "its buffer is of a space further in");
        if (entry_.buffers[column.buffer].dtype != column.dtype) return fail(field, "its type is not its buffer's");
        if (!is_number(column.buffer) && (column.vector || (!is_open(entry_.buffers[column.buffer]) && entry_.buffers[column.buffer].elements() > kMaxListed)))
          return fail(field, "it cannot be a tensor of that many elements");
        continue;
      }
      if (static_cast<size_t>(column.jackknife_of) >= i || column.buffer != -1)
        return fail(field + ".jackknife_of", "no such output before it");
      const OutputColumn& of = entry_.outputs[column.jackknife_of];
      if (of.jackknife_of >= 0 || !entry_.has_draws || entry_.shape == Entry::Shape::PerDraw || !valid(of.buffer) ||
          home(of.buffer) != answer_space() || entry_.buffers[of.buffer].dtype != ACIE_F64 || column.dtype != ACIE_F64)
        return fail(field + ".jackknife_of", "it must be an f64 estimate in the answer's space, made from draws");
    }
    return absl::OkStatus();
  }

  absl::Status answers() const {
    if (entry_.status != -1) {
      ACIE_RETURN_IF_ERROR(read(entry_.status, "status"));
      if (entry_.buffers[entry_.status].dtype != ACIE_I32 || home(entry_.status) == Space::Table || !is_number(entry_.status))
        return fail("status", "it must be i32 per row");
    }
    if ((entry_.violation == -1) != (entry_.constraints_hold == -1))
      return fail("violation", "it goes with constraints_hold");
    if (entry_.violation == -1) return absl::OkStatus();
    ACIE_RETURN_IF_ERROR(read(entry_.violation, "violation"));
    ACIE_RETURN_IF_ERROR(read(entry_.constraints_hold, "constraints_hold"));
    if (!is_number(entry_.violation) || !is_number(entry_.constraints_hold) || entry_.buffers[entry_.violation].dtype != ACIE_F64 || entry_.buffers[entry_.constraints_hold].dtype != ACIE_BOOL ||
        !outer_or_same(home(entry_.violation), answer_space()) ||
        !outer_or_same(home(entry_.constraints_hold), answer_space()))
      return fail("violation", "it must be f64, and constraints_hold Bool, in the answer's space");
    return absl::OkStatus();
  }

  const Entry& entry_;
  std::vector<bool> written_;
  std::vector<bool> hidden_;  // of loops that have ended
  std::string where_;
};

}  // namespace

Space home_of(const Entry& entry, int index) {
  const Space space = entry.buffers[index].space;
  if (space != Space::Inner) return space;
  if (!entry.has_draws) return Space::Row;
  for (const ColumnInput& column : entry.columns)
    if (column.buffer == index || column.presence == index) return Space::Row;
  return Space::Inner;
}

std::vector<int> passes_of(const Entry& entry) {
  std::vector<int> passes(entry.buffers.size(), -1);
  for (const ColumnInput& column : entry.columns) {
    passes[column.buffer] = 0;
    if (column.presence >= 0) passes[column.presence] = 0;
  }
  for (const ParameterInput& parameter : entry.parameters) passes[parameter.buffer] = 0;
  for (const ConstantInput& constant : entry.constants) passes[constant.buffer] = 0;
  std::vector<std::pair<size_t, size_t>> loops;  // open ones: where they stand and end
  const auto close = [&](size_t at) {
    for (; !loops.empty() && loops.back().second <= at; loops.pop_back()) {
      const auto& loop = std::get<LoopNode>(entry.nodes[loops.back().first]);
      for (const LoopNode::Carry& carry : loop.carries)
        for (const int result : {carry.last, carry.every})
          if (result >= 0) passes[result] = passes[carry.state];
    }
  };
  for (size_t at = 0; at < entry.nodes.size(); ++at) {
    const Node& node = entry.nodes[at];
    close(at);
    int pass = 0;
    if (const auto* loop = std::get_if<LoopNode>(&node)) {
      // All of a loop runs in one pass.
      for (const int input : loop_inputs(entry, at)) pass = std::max(pass, passes[input]);
      for (const LoopNode::Carry& carry : loop->carries) passes[carry.state] = pass;
      for (const LoopNode::Sequence& sequence : loop->sequences) passes[sequence.each] = pass;
      loops.emplace_back(at, at + 1 + static_cast<size_t>(loop->body));
      continue;
    }
    for (const auto& [begin, end] : loops) pass = std::max(pass, passes[std::get<LoopNode>(entry.nodes[begin]).carries[0].state]);
    if (const auto* tensor = std::get_if<TensorNode>(&node)) {
      for (int input : tensor->inputs) pass = std::max(pass, passes[input]);
      passes[tensor->output] = pass;
      continue;
    }
    if (const auto* kernel = std::get_if<KernelNode>(&node)) {
      for (int input : kernel->inputs) pass = std::max(pass, passes[input]);
      for (int output : kernel->outputs) passes[output] = pass;
      continue;
    }
    const auto& reduce = std::get<ReduceNode>(node);
    if (reduce.input >= 0) pass = passes[reduce.input];
    if (home_of(entry, reduce.output) == Space::Table) ++pass;
    passes[reduce.output] = pass;
    if (reduce.standard_error >= 0) passes[reduce.standard_error] = pass;
  }
  close(entry.nodes.size());
  return passes;
}

std::vector<int> loop_inputs(const Entry& entry, size_t at) {
  std::set<int> own, read;
  const auto add = [&](const std::vector<int>& inputs, const std::vector<int>& outputs) {
    own.insert(outputs.begin(), outputs.end());
    read.insert(inputs.begin(), inputs.end());
  };
  const size_t end = at + 1 + static_cast<size_t>(std::get<LoopNode>(entry.nodes[at]).body);
  for (size_t i = at; i < end; ++i) {
    if (const auto* kernel = std::get_if<KernelNode>(&entry.nodes[i])) add(kernel->inputs, kernel->outputs);
    if (const auto* tensor = std::get_if<TensorNode>(&entry.nodes[i])) add(tensor->inputs, {tensor->output});
    if (const auto* loop = std::get_if<LoopNode>(&entry.nodes[i])) {
      for (const LoopNode::Carry& carry : loop->carries) add({carry.init}, {carry.state, carry.last, carry.every});
      for (const LoopNode::Sequence& sequence : loop->sequences) add({sequence.whole}, {sequence.each});
    }
  }
  std::vector<int> inputs;
  std::set_difference(read.begin(), read.end(), own.begin(), own.end(), std::back_inserter(inputs));
  return inputs;
}

absl::Status verify_constants(const Plan& plan, uint64_t bytes) {
  for (const ExternModule& module : plan.modules)
    if (module.at > bytes || module.bytes > bytes - module.at) return refused_error("modules: " + module.name + " lies outside the constants");
  for (const Entry& entry : plan.entries) {
    const auto inside = [&](int buffer, uint64_t at) {
      const uint64_t size = bytes_of(entry.buffers[buffer]);
      return at % kConstantAlignment == 0 && at <= bytes && size <= bytes - at;
    };
    for (const ConstantInput& constant : entry.constants)
      if (!inside(constant.buffer, constant.at)) return refused_error("entry '" + entry.name + "': constants: they lie outside their section");
    for (const ParameterInput& parameter : entry.parameters)
      if (parameter.default_at && !inside(parameter.buffer, *parameter.default_at))
        return refused_error("entry '" + entry.name + "': parameters: a default lies outside the constants");
  }
  return absl::OkStatus();
}

absl::Status verify_entry(const Entry& entry) { return EntryCheck(entry).run(); }

absl::Status verify_plan(const Plan& plan) {
  if (plan.entries.size() > kMaxEntries) return refused_error("entries: there are too many");
  std::set<std::string> names, targets;
  for (const Entry& entry : plan.entries) {
    if (!names.insert(entry.name).second) return refused_error("entry '" + entry.name + "' is there twice");
    ACIE_RETURN_IF_ERROR(verify_entry(entry));
    for (const Node& node : entry.nodes) {
      const auto* tensor = std::get_if<TensorNode>(&node);
      if (tensor == nullptr || tensor->op != TensorNode::Op::Extern) continue;
      if (tensor->module < 0 || static_cast<size_t>(tensor->module) >= plan.modules.size()) return refused_error("entry '" + entry.name + "': nodes: there is no such module");
    }
  }
  for (const KernelVariant& variant : plan.variants)
    if (!targets.insert(variant.target).second) return refused_error("variants: " + variant.target + " is there twice");
  return absl::OkStatus();
}

}  // namespace acie::package
