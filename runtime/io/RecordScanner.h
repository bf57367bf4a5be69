// Where CSV records end: newlines outside quotes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace acie::io {

/// Scans a text that arrives in pieces. A quote mark toggles between inside and outside, so that "" inside a
/// quoted field needs no care.
class RecordScanner {
 public:
  /// Scans data[0, size) (64 bytes beyond must be readable) for record ends until `wanted` of them are found.
  /// Returns how many bytes it went over: up to and with the last newline wanted, else all. Subtracts what it
  /// found from `wanted`.
  size_t scan(const char* data, size_t size, int64_t& wanted);

  /// Newlines gone over, those inside quotes too: what an editor counts as lines.
  int64_t lines() const { return lines_; }
  bool in_quotes() const { return inside_ != 0; }

 private:
  int64_t lines_ = 0;
  uint64_t inside_ = 0;  // all ones within quotes, else 0
};

}  // namespace acie::io
