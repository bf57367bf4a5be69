// Hostile FITS headers. The first byte chooses: the input as it stands, or a sound file into whose headers
// the rest is written, in pieces of a place (two bytes), a length (one) and letters.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/io/FitsReader.h"
#include "runtime/io/TableWriter.h"

namespace {

using namespace acie::io;

std::string make_sound_file() {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const std::string path = (folder / ("acie_fits_fuzzer_" + std::to_string(std::rand()) + ".fits")).string();
  const auto writer = create_table(path, OutputFormat::Fits,
                                   {{"d", ACIE_F64, {}, {}},
                                    {"i", ACIE_I32, {}, {}},
                                    {"k", ACIE_I64, {}, {}},
                                    {"l", ACIE_BOOL, {}, {}},
                                    {"s", ACIE_I32, {}, {"spiral", "lens"}}},
                                   {"table", 1});
  if (!writer.ok()) std::abort();
  const double doubles[3] = {1, 2, 3};
  const int32_t integers[3] = {0, 1, 2};
  const int64_t longs[3] = {4, 5, 6};
  const uint8_t truths[3] = {0, 1, 0};
  std::string rows;
  (*writer)->encode({3, {{doubles}, {integers}, {longs}, {truths}, {integers}}}, rows);
  if (!(*writer)->append(rows).ok() || !(*writer)->finish().ok()) std::abort();
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  std::filesystem::remove(path);
  return bytes.str();
}

std::string patched(std::string_view patches) {
  static const std::string sound = make_sound_file();
  std::string bytes = sound;
  while (patches.size() > 3) {
    const size_t place =
        (static_cast<uint8_t>(patches[0]) << 8 | static_cast<uint8_t>(patches[1])) % bytes.size();
    const size_t length =
        std::min({size_t{static_cast<uint8_t>(patches[2])} % 81, patches.size() - 3, bytes.size() - place});
    bytes.replace(place, length, patches.substr(3, length));
    patches.remove_prefix(3 + length);
  }
  return bytes;
}

void read(const std::string& bytes, std::string_view hdu) {
  const auto reader = open_fits(memory_source(bytes), "fuzz.fits", hdu);
  if (!reader.ok()) return;
  std::vector<ColumnRequest> requests;
  for (size_t i = 0; i < (*reader)->schema().columns.size(); ++i) {
    const ColumnSchema& column = (*reader)->schema().columns[i];
    if (!column.refusal.empty()) continue;
    ColumnRequest request;
    request.index = static_cast<int>(i);
    request.element = column.elements() - 1;
    request.dtype = column.dtype;
    if (column.is_text) request.categories = {"spiral", "lens"};
    requests.push_back(request);
  }
  if (!(*reader)->select(requests).ok()) std::abort();
  Batch batch;
  for (int blocks = 0; blocks < 100; ++blocks) {
    const auto block = (*reader)->read(2);
    if (!block.ok() || *block == nullptr) return;
    (void)(*reader)->decode(**block, batch);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string bytes = data[0] % 4 == 0 ? std::string(rest) : patched(rest);
  read(bytes, data[0] % 8 < 4 ? "" : "1");
  return 0;
}
