#include "runtime/io/Texts.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace acie::io {

Texts::Texts(const std::vector<std::string>& known) {
  for (const std::string& text : known) code(text);
  if (known.empty()) code("");
}

Texts::~Texts() {
  for (const auto& piece : pieces_) delete[] piece.load();
}

std::pair<size_t, size_t> Texts::place_of(int64_t code) {
  const auto place = static_cast<uint64_t>(code) / kFirst + 1;
  const auto piece = static_cast<size_t>(std::bit_width(place)) - 1;
  return {piece, static_cast<size_t>(code) - kFirst * ((size_t{1} << piece) - 1)};
}

int64_t Texts::code(std::string_view text) {
  Shard& shard = shards_[std::hash<std::string_view>()(text) % kShards];
  {
    const std::shared_lock lock(shard.mutex);
    if (const auto found = shard.codes.find(text); found != shard.codes.end()) return found->second;
  }
  const std::unique_lock lock(shard.mutex);
  if (const auto found = shard.codes.find(text); found != shard.codes.end()) return found->second;
  const int64_t code = add(text);
  shard.codes.emplace(this->text(code), code);
  return code;
}

int64_t Texts::add(std::string_view text) {
  const std::lock_guard lock(growing_);
  const int64_t code = count_.load(std::memory_order_relaxed);
  const auto [piece, at] = place_of(code);
  std::string* texts = pieces_[piece].load(std::memory_order_relaxed);
  if (texts == nullptr) texts = new std::string[kFirst << piece];
  texts[at].assign(text);
  pieces_[piece].store(texts, std::memory_order_release);
  count_.store(code + 1, std::memory_order_release);
  return code;
}

std::string_view Texts::text(int64_t code) const {
  if (code < 0 || code >= count_.load(std::memory_order_acquire)) return {};
  const auto [piece, at] = place_of(code);
  return pieces_[piece].load(std::memory_order_acquire)[at];
}

bool is_plain_text(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (lead < 0x80) {
      if (lead < 0x20 || lead == 0x7F) return false;
      ++i;
      continue;
    }
    const size_t more = lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : 0;
    if (more == 0 || i + more >= bytes.size()) return false;
    uint32_t point = lead & (0x3FU >> more);
    for (size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + k]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3FU);
    }
    constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (point < kLeast[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace acie::io
