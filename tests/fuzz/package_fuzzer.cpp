// Hostile packages. The first byte chooses what the rest is: a package as it stands, a package whose hashes are put right
// (so that what lies behind them is reached), a plan, or a kernel image. Nothing may crash, and what is accepted must be
// sound enough to be written again.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "runtime/loader/ElfCheck.h"
#include "runtime/package/Format.h"
#include "runtime/package/Package.h"

namespace {

using namespace acie;

std::string with_hashes(std::string file) {
  using namespace package::format;
  if (file.size() < kHeaderSize) return file;
  file.replace(0, kMagic.size(), kMagic);
  put<uint32_t>(file, 8, package::kFormatVersion);
  put<uint64_t>(file, 16, file.size());
  const uint64_t count = get<uint32_t>(file, 24) % 8;
  put<uint32_t>(file, 24, static_cast<uint32_t>(count));
  const uint64_t end = kHeaderSize + kEntrySize * count;
  if (file.size() < end + kDigestSize) return file;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t at = kHeaderSize + kEntrySize * i, offset = get<uint64_t>(file, at + 48), size = get<uint64_t>(file, at + 56);
    if (offset <= file.size() && size <= file.size() - offset)
      file.replace(at + 64, kDigestSize, sha256(std::string_view(file).substr(offset, size)));
  }
  return file.replace(end, kDigestSize, sha256(std::string_view(file).substr(0, end)));
}

void parse_package(std::string bytes) { (void)package::Package::parse(std::move(bytes), {{}, true}); }

/// Whether reading an entry has replaced its tensors by their elements, which no file holds.
bool is_listed(const package::Entry& entry) {
  const auto element = [&](const auto& column) { return column.buffer >= 0 && column.vector && !entry.buffers[static_cast<size_t>(column.buffer)].shape.empty(); };
  return std::any_of(entry.columns.begin(), entry.columns.end(), element) || std::any_of(entry.outputs.begin(), entry.outputs.end(), element);
}

void parse_plan(std::string_view bytes) {
  const absl::StatusOr<package::Plan> plan = package::parse_plan(bytes);
  if (!plan.ok() || std::any_of(plan->entries.begin(), plan->entries.end(), is_listed)) return;
  const std::string json = package::to_json(*plan);
  const absl::StatusOr<package::Plan> again = package::parse_plan(json);
  if (!again.ok() || package::to_json(*again) != json) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: parse_package(rest); break;
    case 1: parse_package(with_hashes(rest)); break;
    case 2: parse_plan(rest); break;
    default: (void)loader::check_kernel_image(rest); break;
  }
  return 0;
}
