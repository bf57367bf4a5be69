// How places moved since a text was analysed: maps offsets through the edits made after it.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/Support/Span.h"

namespace acie::lsp {

class Drift {
 public:
  void edit(uint32_t begin, uint32_t end, uint32_t length) { edits_.push_back({begin, end, length}); }
  void clear() { edits_.clear(); }
  bool empty() const { return edits_.empty(); }

  /// From a place of the text before the edits to the one after them; what was replaced maps to the ends of what took
  /// its place.
  uint32_t forward(uint32_t offset) const;
  /// From the text after the edits to the one before them.
  uint32_t back(uint32_t offset) const;
  Span forward(Span span) const { return {span.file, forward(span.begin), forward(span.end)}; }

 private:
  struct Edit {
    uint32_t begin, end, length;
  };
  std::vector<Edit> edits_;
};

}  // namespace acie::lsp
