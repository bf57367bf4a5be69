#include "kernels/crypto/paillier/Pool.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

constexpr size_t kHeaderBytes = 64;

}  // namespace

Pool::Pool(Randomizers source, size_t capacity)
    : source_(std::move(source)), row_(bigint::row_words(source_.key().modulus().digits())) {
  const size_t bytes = kHeaderBytes + capacity * row_ * 8;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  if (madvise(memory, bytes, MADV_WIPEONFORK) != 0 || madvise(memory, bytes, MADV_DONTDUMP) != 0) {
    munmap(memory, bytes);
    return;
  }
  header_ = static_cast<Header*>(memory);
  rows_ = static_cast<uint64_t*>(memory) + kHeaderBytes / 8;
  bytes_ = bytes;
  capacity_ = capacity;
}

Pool::~Pool() {
  if (header_ == nullptr) return;
  OPENSSL_cleanse(header_, bytes_);
  munmap(header_, bytes_);
}

size_t Pool::available() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return header_ == nullptr ? 0 : header_->count;
}

absl::Status Pool::fill(size_t count) {
  const Modulus& m = key().modulus();
  Scratch s(m.digits());
  Words blocks(m.words() * kBlocksAtATime);
  while (count > 0) {
    const size_t room = capacity_ - std::min(capacity_, available());
    const size_t now = std::min({room, count, static_cast<size_t>(kLanes * kBlocksAtATime)});
    if (now == 0) break;
    ACIE_RETURN_IF_ERROR(source_.take(blocks.data(), now, s));  // long: not under the lock
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; i < now && header_->count < capacity_; ++i) {
      if (i % kLanes == 0) bigint::scatter(key().kernels(), s.rows.data(), blocks.data() + i / kLanes * m.words(), m.digits());
      std::memcpy(row(header_->count++), s.rows.data() + i % kLanes * row_, row_ * 8);
    }
    count -= now;
  }
  return absl::OkStatus();
}

absl::Status Pool::take(uint64_t* blocks, size_t count, Scratch& s) {
  const Modulus& m = key().modulus();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (header_ != nullptr && header_->count >= count) {
      for (size_t first = 0; first < count; first += kLanes) {
        bigint::scatter(key().kernels(), s.rows.data(), m.one(), m.digits());
        for (size_t lane = 0; lane < kLanes && first + lane < count; ++lane) {
          uint64_t* last = row(--header_->count);
          std::memcpy(s.rows.data() + lane * row_, last, row_ * 8);
          OPENSSL_cleanse(last, row_ * 8);
        }
        bigint::gather(key().kernels(), blocks + first / kLanes * m.words(), s.rows.data(), m.digits());
      }
      OPENSSL_cleanse(s.rows.data(), s.rows.size() * 8);
      return absl::OkStatus();
    }
  }
  return source_.take(blocks, count, s);
}

}  // namespace acie::paillier
