// Hostile .npy: the input is a header (a first byte of 1 … 3 is the version it is wrapped in) or a whole
// file.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/io/NpyReader.h"

namespace {

using namespace acie::io;

std::string wrapped(std::string_view header, int version) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes.append(header).append(64, '\x42');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const int version = data[0] % 4;
  const std::string bytes = version == 0 ? std::string(rest) : wrapped(rest.substr(0, 60000), version);
  const auto reader = open_npy(memory_source(bytes), "fuzz.npy");
  if (!reader.ok()) return 0;
  std::vector<ColumnRequest> requests;
  for (size_t i = 0; i < (*reader)->schema().columns.size(); ++i) {
    const ColumnSchema& column = (*reader)->schema().columns[i];
    if (!column.refusal.empty()) continue;
    ColumnRequest request;
    request.index = static_cast<int>(i);
    request.element = column.elements() - 1;
    request.dtype = static_cast<acie_dtype>(data[0] / 4 % 5);
    if (column.is_text) {
      request.dtype = ACIE_I32;
      request.categories = {"BBBB", "x"};
    }
    requests.push_back(request);
  }
  if (!(*reader)->select(requests).ok()) std::abort();
  Batch batch;
  for (int blocks = 0; blocks < 100; ++blocks) {
    const auto block = (*reader)->read(3);
    if (!block.ok() || *block == nullptr) break;
    (void)(*reader)->decode(**block, batch);
  }
  return 0;
}
