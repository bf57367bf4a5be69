#include "runtime/scheduler/BadRows.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace acie::scheduler {
namespace {

double value_at(const View& view, acie_dtype dtype, int64_t row) {
  const int64_t at = row * view.stride;
  switch (dtype) {
    case ACIE_F64: return static_cast<const double*>(view.data)[at];
    case ACIE_F32: return static_cast<const float*>(view.data)[at];
    case ACIE_I64: return static_cast<double>(static_cast<const int64_t*>(view.data)[at]);
    case ACIE_I32: return static_cast<const int32_t*>(view.data)[at];
    case ACIE_BOOL: return static_cast<const uint8_t*>(view.data)[at];
  }
  return 0;
}

/// Counts one row, or one draw of it.
void count(BadRows& bad, int32_t status) {
  if (status < 0)
    ++bad.bad_input;
  else if (static_cast<size_t>(status) <= bad.undefined.size())
    ++bad.undefined[static_cast<size_t>(status) - 1];
}

void describe(BadRows& bad, const package::Entry& entry, const TileInput& input, int64_t row, int32_t status) {
  RejectedRow rejected{input.row_base + row, status, ""};
  if (status < 0)
    rejected.reason = describe_bad_input(entry, input, row);
  else
    rejected.reason = static_cast<size_t>(status) <= entry.reasons.size() ? entry.reasons[static_cast<size_t>(status) - 1]
                                                                          : "the answer is undefined";
  bad.rows.push_back(std::move(rejected));
}

}  // namespace

std::string describe_bad_input(const package::Entry& entry, const TileInput& input, int64_t row) {
  for (const package::ColumnInput& column : entry.columns) {
    const acie_dtype dtype = entry.buffers[column.buffer].dtype;
    View view = input.columns[column.buffer];
    if (!entry.buffers[column.buffer].shape.empty()) view.data = View{view.data, 1}.from(column.vector->element, dtype).data;
    const double value = value_at(view, dtype, row);
    if (column.presence >= 0 && value_at(input.columns[column.presence], ACIE_BOOL, row) == 0) continue;
    if (std::isnan(value)) return column.name + " is missing";
    if (!(value >= column.low && value <= column.high))
      return absl::StrCat(column.name, " = ", dtype == ACIE_F32 ? number_text(static_cast<float>(value)) : number_text(value),
                          " is outside its declared range ", number_text(column.low), "..", number_text(column.high));
  }
  return "a cell that the query needs is missing";
}

BadRows BadRows::of(const Program& program, const AnswerBuilder& answer, const TileInput& input, const RowTile& rows,
                    bool reasons) {
  BadRows bad;
  bad.undefined.resize(program.entry().reasons.size());
  const AnswerTile& tile = answer.tile();
  const bool per_draw = program.entry().shape == package::Entry::Shape::PerDraw;
  int64_t last = -1;
  for (int64_t i = 0; i < tile.rows; ++i) {
    const int32_t status = tile.status[i];
    if (status == kRowOk) continue;
    count(bad, status);
    if (!reasons) continue;
    const int64_t row = per_draw ? static_cast<const int64_t*>(tile.fields[0].data)[i] - rows.row_base() : i;
    if (row != last) describe(bad, program.entry(), input, row, status);
    last = row;
  }
  if (reasons && answer.first_violation() >= 0) {
    const int64_t first = answer.first_violation();
    const int64_t row = per_draw ? static_cast<const int64_t*>(tile.fields[0].data)[first] : rows.row_base() + first;
    bad.first_violation = absl::StrCat("row ", row + 1, ": a constraint is violated, its largest residual is ",
                                       answer.violation_at(first), " (--strict)");
  }
  return bad;
}

BadRows BadRows::of(const Program& program, const TileInput& input, const RowTile& rows, bool reasons) {
  BadRows bad;
  bad.undefined.resize(program.entry().reasons.size());
  for (int64_t i = 0; i < rows.rows(); ++i) {
    if (rows.status()[i] == kRowOk) continue;
    count(bad, rows.status()[i]);
    if (reasons) describe(bad, program.entry(), input, i, rows.status()[i]);
  }
  return bad;
}

}  // namespace acie::scheduler
