// Hostile CSV. The first byte chooses the types of the columns. A table must come out the same, or be refused
// the same, however it is cut into blocks.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/io/CsvReader.h"

namespace {

using namespace acie::io;

// The bits of every cell and its presence, or "!" and nothing else where the table is refused.
std::string contents(std::string_view text, int types, int64_t block_rows) {
  auto reader = open_csv(memory_source(text), "fuzz.csv");
  if (!reader.ok()) return "!";
  std::vector<ColumnRequest> requests;
  for (size_t i = 0; i < (*reader)->schema().columns.size() && i < 16; ++i) {
    ColumnRequest request;
    request.index = static_cast<int>(i);
    request.dtype = static_cast<acie_dtype>((static_cast<size_t>(types) + i) % 5);
    if ((types & 8) != 0 && request.dtype == ACIE_I32) request.categories = {"a", "b\"", ""};
    if ((types & 16) != 0) request.factor = 0.5;
    requests.push_back(request);
  }
  if (!(*reader)->select(requests).ok()) std::abort();
  if ((types & 32) != 0 && !(*reader)->skip_to(2).ok()) return "!";
  std::string all;
  Batch batch;
  for (;;) {
    const auto block = (*reader)->read(block_rows);
    if (!block.ok()) return "!";
    if (*block == nullptr) return all;
    if ((*block)->rows < 1 || (*block)->rows > block_rows) std::abort();
    if (!(*reader)->decode(**block, batch).ok()) return "!";
    for (int64_t row = 0; row < batch.rows; ++row)
      for (const ColumnData& column : batch.columns) {
        const size_t size = element_size(column.dtype);
        all += column.is_present(row) ? '1' : '0';
        if (column.is_present(row))
          all.append(reinterpret_cast<const char*>(column.values.data()) + static_cast<size_t>(row) * size,
                     size);
      }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = contents(text, data[0], 1000000);
  for (int64_t rows : {1, 3})
    if (contents(text, data[0], rows) != whole) std::abort();
  return 0;
}
