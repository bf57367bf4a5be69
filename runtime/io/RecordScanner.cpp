#include "runtime/io/RecordScanner.h"

#include <bit>

#include "runtime/io/ByteMask.h"

namespace acie::io {

size_t RecordScanner::scan(const char* data, size_t size, int64_t& wanted) {
  for (size_t place = 0; place < size; place += 64) {
    const Bytes64 bytes = Bytes64::load(data + place);
    const uint64_t valid = size - place >= 64 ? ~uint64_t{0} : (uint64_t{1} << (size - place)) - 1;
    const uint64_t newlines = bytes.equal('\n') & valid;
    const uint64_t quotes = bytes.equal('"') & valid;
    const uint64_t inside = quotes == 0 ? inside_ : prefix_xor(quotes) ^ inside_;
    uint64_t ends = newlines & ~inside;
    const int found = std::popcount(ends);
    if (found < wanted) {
      wanted -= found;
      lines_ += std::popcount(newlines);
      if (quotes != 0) inside_ = inside >> 63 != 0 ? ~uint64_t{0} : 0;
      continue;
    }
    for (; wanted > 1; --wanted) ends &= ends - 1;
    wanted = 0;
    const int last = std::countr_zero(ends);
    lines_ += std::popcount(newlines & ((uint64_t{2} << last) - 1));
    inside_ = 0;  // a record ends outside quotes
    return place + static_cast<size_t>(last) + 1;
  }
  return size;
}

}  // namespace acie::io
