// Texts as numbers: what stands for a text in columns, so that computing with texts is comparing numbers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace acie::io {

/// The texts of one run. Those that the program writes have the codes it was compiled with; others get the next ones as they
/// are met, in an order that depends on threads: equality of codes is all that means something. Code 0 is the empty text,
/// which is no value: a missing cell. Any thread may use it.
class Texts {
 public:
  /// `known[i]` has the code i; the first is empty.
  explicit Texts(const std::vector<std::string>& known);
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;
  ~Texts();

  /// The code of a text, the next one where it is new.
  int64_t code(std::string_view text);

  /// The text of a code; empty where there is none. It stays where it is while this lives.
  std::string_view text(int64_t code) const;

 private:
  static constexpr size_t kShards = 64, kFirst = 256, kPieces = 48;
  struct Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string_view, int64_t> codes;
  };
  /// Where the text of a code stands: piece k has kFirst 2^k places.
  static std::pair<size_t, size_t> place_of(int64_t code);
  int64_t add(std::string_view text);

  std::array<Shard, kShards> shards_;
  std::array<std::atomic<std::string*>, kPieces> pieces_{};
  std::atomic<int64_t> count_{0};
  std::mutex growing_;
};

/// Whether the bytes are UTF-8 without control characters: what a text may hold.
bool is_plain_text(std::string_view bytes);

}  // namespace acie::io
