#include "runtime/scheduler/Answer.h"

#include <charconv>

namespace acie::scheduler {
namespace {

template <typename T>
std::string shortest(T number) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, number).ptr);
}

}  // namespace

using package::Entry;

std::vector<AnswerField> answer_fields(const Entry& entry, const io::Texts* texts) {
  using Kind = AnswerField::Kind;
  std::vector<AnswerField> fields;
  const bool per_draw = entry.shape == Entry::Shape::PerDraw;
  if (per_draw) {
    fields.push_back({Kind::RowNumber, "row", {}, ACIE_I64, -1});
    fields.push_back({Kind::DrawNumber, "draw", {}, ACIE_I64, -1});
  }
  for (size_t i = 0; i < entry.outputs.size(); ++i) {
    const package::OutputColumn& output = entry.outputs[i];
    fields.push_back({Kind::Value, output.name, output.unit, output.dtype, static_cast<int>(i), output.vector, output.labels, output.is_text ? texts : nullptr});
  }
  if (entry.violation >= 0) fields.push_back({Kind::Violation, "physics_violation", {}, ACIE_F64, -1});
  if (entry.shape == Entry::Shape::PerRow || (per_draw && entry.reads_table))
    fields.push_back({Kind::Status, "status", {}, ACIE_I32, -1});
  return fields;
}

std::string number_text(double number) { return shortest(number); }
std::string number_text(float number) { return shortest(number); }

const char* status_text(int32_t status) { return status == 0 ? "ok" : status < 0 ? "bad_input" : "undefined"; }

}  // namespace acie::scheduler
