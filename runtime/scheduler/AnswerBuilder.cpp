#include "runtime/scheduler/AnswerBuilder.h"

#include <cstring>

#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::Space;

template <typename T>
void gather(const View& from, const std::vector<int64_t>& rows, void* to) {
  const T* source = static_cast<const T*>(from.data);
  T* target = static_cast<T*>(to);
  for (size_t i = 0; i < rows.size(); ++i) target[i] = source[rows[i] * from.stride];
}

/// Elements `rows` of a view, one after the other.
std::vector<uint64_t> gathered(const View& view, acie_dtype dtype, const std::vector<int64_t>& rows) {
  std::vector<uint64_t> values(rows.size() * size_of(dtype) / 8 + 1);
  switch (size_of(dtype)) {
    case 8: gather<uint64_t>(view, rows, values.data()); break;
    case 4: gather<uint32_t>(view, rows, values.data()); break;
    default: gather<uint8_t>(view, rows, values.data()); break;
  }
  return values;
}

}  // namespace

AnswerBuilder::AnswerBuilder(const Program& program, const RunConstants& constants, const DrawOptions& draws)
    : program_(program), constants_(constants), draws_(draws), fields_(answer_fields(program.entry())) {}

void AnswerBuilder::place_fields(const std::vector<View>& views, const std::vector<std::vector<double>>* jackknife) {
  const package::Entry& entry = program_.entry();
  tile_.fields.clear();
  for (const AnswerField& field : fields_) {
    switch (field.kind) {
      case AnswerField::Kind::RowNumber: tile_.fields.push_back({row_numbers_.data(), 1}); break;
      case AnswerField::Kind::DrawNumber: tile_.fields.push_back({draw_numbers_.data(), 1}); break;
      case AnswerField::Kind::Violation: tile_.fields.push_back(views[entry.violation]); break;
      case AnswerField::Kind::Status: tile_.fields.push_back({status_.data(), 1}); break;
      case AnswerField::Kind::Value: {
        const package::OutputColumn& output = entry.outputs[field.output];
        if (output.jackknife_of >= 0)
          tile_.fields.push_back({const_cast<double*>((*jackknife)[output.jackknife_of].data()), 1});
        else
          tile_.fields.push_back(element_view(entry, output, views[output.buffer]));
        break;
      }
    }
  }
  tile_.status = status_.data();
  count_violations(views);
}

void AnswerBuilder::count_violations(const std::vector<View>& views) {
  const package::Entry& entry = program_.entry();
  if (entry.violation < 0) return;
  violation_ = views[entry.violation];
  const View& hold = views[entry.constraints_hold];
  for (int64_t i = 0; i < tile_.rows; ++i) {
    if (status_[i] != kRowOk || static_cast<const uint8_t*>(hold.data)[i * hold.stride] != 0) continue;
    if (violations_++ == 0) first_violation_ = i;
  }
}

double AnswerBuilder::violation_at(int64_t index) const {
  return static_cast<const double*>(violation_.data)[index * violation_.stride];
}

void AnswerBuilder::rows(const RowTile& rows) {
  tile_.rows = rows.rows();
  status_ = rows.status();
  place_fields(rows.views(), &rows.jackknife());
}

void AnswerBuilder::once(const TableState& table) {
  tile_.rows = 1;
  status_.assign(1, kRowOk);
  place_fields(table.views(), &table.jackknife());
}

absl::Status AnswerBuilder::draws(const RowTile& rows, int64_t begin, int64_t end) {
  const package::Entry& entry = program_.entry();
  const auto& buffers = entry.buffers;
  const int64_t count = end - begin;
  tile_.rows = count;
  sweep_ = std::make_unique<DrawSweep>(program_, constants_, count);
  status_.resize(static_cast<size_t>(count));
  row_numbers_.resize(static_cast<size_t>(count));
  draw_numbers_.resize(static_cast<size_t>(count));
  std::vector<int64_t> row_of(static_cast<size_t>(count));
  const bool inner_status = entry.status >= 0 && program_.home(entry.status) == Space::Inner;
  for (int64_t at = begin; at < end;) {
    const int64_t row = at / draws_.draws, first = at % draws_.draws;
    const int64_t stop = std::min(end, (row + 1) * draws_.draws), offset = at - begin;
    ACIE_RETURN_IF_ERROR(
        sweep_->fill(rows.views(), row, rows.row_base() + row, 0, 0, first, first + (stop - at), offset));
    for (int64_t i = offset; i < offset + (stop - at); ++i) {
      row_of[i] = row;
      row_numbers_[i] = rows.row_base() + row;
      draw_numbers_[i] = first + i - offset;
      status_[i] = rows.status()[row];
      if (status_[i] == kRowOk && inner_status) status_[i] = static_cast<const int32_t*>(sweep_->views()[entry.status].data)[i];
    }
    at = stop;
  }
  // Values of the row stand beside each of its draws.
  std::vector<View> views(buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i)
    views[i] = program_.home(static_cast<int>(i)) == Space::Inner ? sweep_->views()[i] : rows.views()[i];
  const auto spread = [&](int buffer) {
    if (buffer < 0 || program_.home(buffer) != Space::Row || views[buffer].data != rows.views()[buffer].data) return;
    const int64_t elements = buffers[buffer].elements();
    std::vector<int64_t> places;
    for (const int64_t row : row_of)
      for (int64_t element = 0; element < elements; ++element) places.push_back(row * rows.views()[buffer].stride + element);
    owned_.push_back(gathered({rows.views()[buffer].data, 1}, buffers[buffer].dtype, places));
    views[buffer] = {owned_.back().data(), elements};
  };
  for (const package::OutputColumn& output : entry.outputs) spread(output.buffer);
  spread(entry.violation);
  spread(entry.constraints_hold);
  place_fields(views, nullptr);
  return absl::OkStatus();
}

void AnswerBuilder::drop_bad_rows() {
  std::vector<int64_t> good;
  for (int64_t i = 0; i < tile_.rows; ++i)
    if (status_[i] == kRowOk) good.push_back(i);
  if (static_cast<int64_t>(good.size()) == tile_.rows) return;
  std::vector<std::vector<uint64_t>> columns;
  for (size_t i = 0; i < fields_.size(); ++i) {
    columns.push_back(gathered(tile_.fields[i], fields_[i].dtype, good));
    tile_.fields[i] = {columns.back().data(), 1};
  }
  owned_ = std::move(columns);
  status_.assign(good.size(), kRowOk);
  tile_.rows = static_cast<int64_t>(good.size());
  tile_.status = status_.data();
}

}  // namespace acie::scheduler
