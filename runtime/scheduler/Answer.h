// The shape of an answer: which columns an entry gives, and tiles of them on their way to a sink.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/include/acie/kernel_abi.h"
#include "runtime/io/Texts.h"
#include "runtime/package/Plan.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {

/// A column of the answer, in the order of cli.md: row and draw (answers per draw), the returned columns, then
/// physics_violation if a constraint is checked, then status in answers per row.
struct AnswerField {
  enum class Kind : uint8_t { RowNumber, DrawNumber, Value, Violation, Status };
  Kind kind = Kind::Value;
  std::string name;
  units::Unit unit;
  acie_dtype dtype = ACIE_F64;  // Status: I32 codes, written as text
  int output = -1;              // Value: index into Entry::outputs
  std::optional<package::VectorElement> vector = std::nullopt;  // as OutputColumn's
  std::vector<std::string> labels = {};                         // as OutputColumn's
  const io::Texts* texts = nullptr;                             // of the run, where values are codes of texts
};

/// `texts`: those of the run, Arguments::texts().
std::vector<AnswerField> answer_fields(const package::Entry& entry, const io::Texts* texts = nullptr);

/// The shortest text that reads back as the number.
std::string number_text(double number);
std::string number_text(float number);

/// "ok", "undefined" or "bad_input".
const char* status_text(int32_t status);

/// Some rows of the answer. Where status is not ok every value is absent; row, draw and status are always there.
struct AnswerTile {
  int64_t rows = 0;
  std::vector<View> fields;        // one per AnswerField
  const int32_t* status = nullptr;  // one per row
};

}  // namespace acie::scheduler
