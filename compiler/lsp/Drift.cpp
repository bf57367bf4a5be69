#include "compiler/lsp/Drift.h"

#include <algorithm>

namespace acie::lsp {

uint32_t Drift::forward(uint32_t offset) const {
  for (const Edit& edit : edits_) {
    if (offset >= edit.end) offset = offset - edit.end + edit.begin + edit.length;
    else if (offset > edit.begin) offset = std::min(offset, edit.begin + edit.length);
  }
  return offset;
}

uint32_t Drift::back(uint32_t offset) const {
  for (auto edit = edits_.rbegin(); edit != edits_.rend(); ++edit) {
    if (offset >= edit->begin + edit->length) offset = offset - edit->begin - edit->length + edit->end;
    else if (offset > edit->begin) offset = std::min(offset, edit->end);
  }
  return offset;
}

}  // namespace acie::lsp
