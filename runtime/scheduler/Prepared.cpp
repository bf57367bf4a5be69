#include "runtime/scheduler/Prepared.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ColumnInput;
using package::Space;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Marks rows whose value is missing or out of range.
template <typename T>
void check_range(const ColumnInput& column, const View& view, const View& presence, int64_t rows, int32_t* status) {
  const T* values = static_cast<const T*>(view.data);
  const uint8_t* present = static_cast<const uint8_t*>(presence.data);
  for (int64_t i = 0; i < rows; ++i) {
    const double value = static_cast<double>(values[i * view.stride]);
    const bool good = (value >= column.low && value <= column.high) || (present != nullptr && present[i * presence.stride] == 0);
    if (!good) status[i] = kRowBadInput;
  }
}

/// Copies elements, with `absent` where the row has no answer.
template <typename T>
void copy_good(const View& from, const int32_t* status, int64_t rows, T absent, T* to) {
  const T* source = static_cast<const T*>(from.data);
  for (int64_t i = 0; i < rows; ++i) to[i] = status[i] == kRowOk ? source[i * from.stride] : absent;
}

void copy_good(acie_dtype dtype, const View& from, const int32_t* status, int64_t rows, void* to) {
  switch (dtype) {
    case ACIE_F64: copy_good(from, status, rows, kNan, static_cast<double*>(to)); break;
    case ACIE_F32: copy_good(from, status, rows, std::numeric_limits<float>::quiet_NaN(), static_cast<float*>(to)); break;
    case ACIE_I64: copy_good(from, status, rows, int64_t{0}, static_cast<int64_t*>(to)); break;
    case ACIE_I32: copy_good(from, status, rows, int32_t{0}, static_cast<int32_t*>(to)); break;
    case ACIE_BOOL: copy_good(from, status, rows, uint8_t{0}, static_cast<uint8_t*>(to)); break;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Prepared>> Prepared::make(std::shared_ptr<const Program> program, RunConstants constants,
                                                         int64_t max_rows) {
  if (max_rows < 1) return usage_error("a prepared run needs room for one row at least");
  std::unique_ptr<Prepared> prepared(new Prepared(std::move(program), std::move(constants), max_rows));
  ACIE_RETURN_IF_ERROR(prepared->check());
  const package::Entry& entry = prepared->program_->entry();
  const size_t count = entry.buffers.size();
  prepared->views_.resize(count);
  prepared->bound_.resize(entry.columns.size());
  prepared->outputs_.resize(entry.outputs.size());
  prepared->status_.resize(static_cast<size_t>(max_rows));
  prepared->tensors_ = std::any_of(entry.buffers.begin(), entry.buffers.end(), [](const package::Buffer& buffer) { return !buffer.shape.empty(); }) ||
                       std::any_of(entry.nodes.begin(), entry.nodes.end(), [](const package::Node& node) { return std::holds_alternative<package::LoopNode>(node); });
  if (prepared->tensors_) {
    prepared->place_tensors();
    return prepared;
  }
  size_t bytes = Arena::padded(prepared->program_->scratch());
  for (size_t i = 0; i < count; ++i) bytes += Arena::padded(size_of(entry.buffers[i].dtype) * static_cast<size_t>(max_rows));
  prepared->arena_.prepare(bytes);
  for (size_t i = 0; i < count; ++i) {
    const bool row = prepared->program_->home(static_cast<int>(i)) == Space::Row;
    const bool given = std::any_of(entry.columns.begin(), entry.columns.end(),
                                   [&](const ColumnInput& column) { return column.buffer == static_cast<int>(i); });
    if (!given)
      prepared->views_[i] = {prepared->arena_.take(size_of(entry.buffers[i].dtype) * static_cast<size_t>(row ? max_rows : 1)),
                             row ? 1 : 0};
  }
  prepared->scratch_ = prepared->arena_.take(prepared->program_->scratch());
  return prepared;
}

absl::Status Prepared::check() const {
  const package::Entry& entry = program_->entry();
  if (entry.has_draws || !program_->reduce_steps().empty() || (entry.shape == package::Entry::Shape::Once && entry.reads_table))
    return usage_error(absl::StrCat("'", entry.name, "' cannot be prepared: only answers per row, without draws and without "
                                    "sums over the table, can; run it instead"));
  return absl::OkStatus();
}

/// Memory of an entry with tensors: everything but numbers that are bound, which stay where they are.
void Prepared::place_tensors() {
  const package::Entry& entry = program_->entry();
  std::vector<bool> bound(entry.buffers.size(), false);
  for (const ColumnInput& column : entry.columns)
    if (entry.buffers[column.buffer].shape.empty()) bound[column.buffer] = true;
  const auto own = [&](size_t i) {
    const int buffer = static_cast<int>(i);
    return !bound[i] && program_->home(buffer) != Space::Table && program_->aliased(buffer) < 0 && program_->placed(buffer);
  };
  size_t bytes = 0;
  for (size_t i = 0; i < entry.buffers.size(); ++i)
    if (own(i)) bytes += Arena::padded(program_->point_bytes(static_cast<int>(i)) * static_cast<size_t>(max_rows_));
  arena_.prepare(bytes);
  for (size_t i = 0; i < entry.buffers.size(); ++i)
    if (own(i)) views_[i] = take_points(*program_, static_cast<int>(i), max_rows_, arena_);
  table_ = std::make_unique<TableState>(*program_, constants_, false);
  for (size_t i = 0; i < entry.buffers.size(); ++i)
    if (program_->home(static_cast<int>(i)) == Space::Table) views_[i] = table_->views()[i];
  place_aliases(*program_, Space::Row, views_);
}

acie_dtype Prepared::input_dtype(size_t column) const {
  const package::Entry& entry = program_->entry();
  return entry.buffers[entry.columns[column].buffer].dtype;
}

acie_dtype Prepared::output_dtype(size_t output) const { return program_->entry().outputs[output].dtype; }

absl::Status Prepared::bind_input(size_t column, const void* data, int64_t stride) {
  const package::Entry& entry = program_->entry();
  if (column >= entry.columns.size()) return usage_error("there is no such input");
  const ColumnInput& input = entry.columns[column];
  bound_[column] = {const_cast<void*>(data), stride};
  if (entry.buffers[input.buffer].shape.empty()) views_[input.buffer] = bound_[column];
  built_ = false;
  return absl::OkStatus();
}

absl::Status Prepared::bind_output(size_t output, void* data) {
  if (output >= outputs_.size()) return usage_error("there is no such output");
  outputs_[output] = data;
  built_ = false;
  return absl::OkStatus();
}

void Prepared::set_scalar(size_t index, acie_scalar value) {
  constants_.scalars[index] = value;
  table_stale_ = true;
}

absl::Status Prepared::explain_unbound() const {
  const std::vector<ColumnInput>& columns = program_->entry().columns;
  for (size_t i = 0; i < columns.size(); ++i)
    if (bound_[i].data == nullptr) return usage_error(absl::StrCat("the input ", columns[i].name, " is not bound"));
  return absl::OkStatus();
}

/// Copies the elements of tensors from where they are bound to where they lie together.
void Prepared::gather_tensors(int64_t rows) {
  const package::Entry& entry = program_->entry();
  for (size_t i = 0; i < entry.columns.size(); ++i) {
    const ColumnInput& column = entry.columns[i];
    const package::Buffer& buffer = entry.buffers[column.buffer];
    if (buffer.shape.empty()) continue;
    const size_t bytes = size_of(buffer.dtype);
    const int64_t elements = buffer.elements();
    auto* to = static_cast<std::byte*>(views_[column.buffer].data) + static_cast<size_t>(column.vector->element) * bytes;
    const auto* from = static_cast<const std::byte*>(bound_[i].data);
    for (int64_t row = 0; row < rows; ++row)
      std::memcpy(to + static_cast<size_t>(row * elements) * bytes, from + row * bound_[i].stride * static_cast<int64_t>(bytes), bytes);
  }
}

absl::Status Prepared::run_tensors(int64_t rows, int64_t row_base) {
  gather_tensors(rows);
  if (table_stale_) ACIE_RETURN_IF_ERROR(table_->run_kernels(0));
  const Range range{.count = rows, .row_base = row_base};
  for (const KernelStep& step : program_->kernel_steps())
    if (step.space != Space::Table) ACIE_RETURN_IF_ERROR(call_kernel(*program_, step, views_, constants_, range, memory_));
  return absl::OkStatus();
}

absl::Status Prepared::run_steps(int64_t rows, int64_t row_base) {
  const acie_kernel_fn kernels = program_->kernels();
  for (Step& step : steps_) {
    const bool table = step.step->space == Space::Table;
    if (table && !table_stale_) continue;
    step.call.count = table ? 1 : rows;
    step.call.row_base = table ? 0 : row_base;
    step.call.row_step = table ? 0 : 1;
    if (const int32_t code = kernels(&step.call); code != ACIE_KERNEL_OK) return kernel_error(*step.step->node, code);
  }
  return absl::OkStatus();
}

void Prepared::build() {
  const package::Entry& entry = program_->entry();
  built_ = true;
  table_stale_ = true;
  if (tensors_) return;
  operands_.clear();
  steps_.clear();
  for (const KernelStep& step : program_->kernel_steps()) {
    const package::KernelNode& node = *step.node;
    steps_.push_back({&step, {}, operands_.size()});
    for (int input : node.inputs) operands_.push_back(operand_of(views_[input], entry.buffers[input].dtype));
    for (int output : node.outputs) operands_.push_back(operand_of(views_[output], entry.buffers[output].dtype));
    acie_call& call = steps_.back().call;
    call.struct_size = sizeof(acie_call);
    call.abi_version = ACIE_KERNEL_ABI_VERSION;
    call.ordinal = node.ordinal;
    call.num_inputs = static_cast<uint32_t>(node.inputs.size());
    call.num_outputs = static_cast<uint32_t>(node.outputs.size());
    call.num_scalars = static_cast<uint32_t>(constants_.scalars.size());
    call.num_imports = static_cast<uint32_t>(program_->imports().size());
    call.scalars = constants_.scalars.data();
    call.imports = program_->imports().data();
    call.seed = constants_.seed;
    call.scratch_size = node.scratch;
  }
  for (Step& step : steps_) {
    step.call.inputs = operands_.data() + step.first_operand;
    step.call.outputs = step.call.inputs + step.call.num_inputs;
    step.call.scratch = step.call.scratch_size > 0 ? scratch_ : nullptr;
  }
}

absl::Status Prepared::call(int64_t rows, int64_t row_base) {
  if (rows < 0 || rows > max_rows_) return usage_error("more rows than were prepared for");
  if (!built_) {
    ACIE_RETURN_IF_ERROR(explain_unbound());
    build();
  }
  const package::Entry& entry = program_->entry();
  for (size_t i = 0; i < entry.columns.size(); ++i) {
    const ColumnInput& column = entry.columns[i];
    if (column.presence < 0) continue;
    const View& view = bound_[i];
    auto* present = static_cast<uint8_t*>(views_[column.presence].data);
    const auto mark = [&]<typename T>(const T* values) {
      for (int64_t row = 0; row < rows; ++row) present[row] = values[row * view.stride] == values[row * view.stride];
    };
    switch (entry.buffers[column.buffer].dtype) {
      case ACIE_F64: mark(static_cast<const double*>(view.data)); break;
      case ACIE_F32: mark(static_cast<const float*>(view.data)); break;
      default: std::fill_n(present, rows, uint8_t{1}); break;
    }
  }
  ACIE_RETURN_IF_ERROR(tensors_ ? run_tensors(rows, row_base) : run_steps(rows, row_base));
  table_stale_ = false;
  finish(rows);
  return absl::OkStatus();
}

void Prepared::finish(int64_t rows) {
  const package::Entry& entry = program_->entry();
  int32_t* status = status_out_ != nullptr ? status_out_ : status_.data();
  std::fill_n(status, rows, kRowOk);
  if (entry.status >= 0) {
    const View& view = views_[entry.status];
    const int32_t* codes = static_cast<const int32_t*>(view.data);
    for (int64_t i = 0; i < rows; ++i) status[i] = codes[i * view.stride];
  }
  for (size_t i = 0; i < entry.columns.size(); ++i) {
    const ColumnInput& column = entry.columns[i];
    const View presence = column.presence >= 0 ? views_[column.presence] : View{};
    const View& view = bound_[i];
    switch (entry.buffers[column.buffer].dtype) {
      case ACIE_F64: check_range<double>(column, view, presence, rows, status); break;
      case ACIE_F32: check_range<float>(column, view, presence, rows, status); break;
      case ACIE_I64: check_range<int64_t>(column, view, presence, rows, status); break;
      case ACIE_I32: check_range<int32_t>(column, view, presence, rows, status); break;
      case ACIE_BOOL: check_range<uint8_t>(column, view, presence, rows, status); break;
    }
  }
  for (size_t i = 0; i < outputs_.size(); ++i)
    if (outputs_[i] != nullptr) copy_good(entry.outputs[i].dtype, element_view(entry, entry.outputs[i], views_[entry.outputs[i].buffer]), status, rows, outputs_[i]);
  if (violation_out_ != nullptr && entry.violation >= 0)
    copy_good(ACIE_F64, views_[entry.violation], status, rows, violation_out_);
}

}  // namespace acie::scheduler
