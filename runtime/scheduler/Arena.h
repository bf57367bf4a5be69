// Memory of tiles, kept from run to run.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace acie::scheduler {

/// One block of memory aligned for vector loads, cut into pieces that are each aligned too.
class Arena {
 public:
  static constexpr size_t kAlignment = 64;

  static size_t padded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

  void reserve(size_t bytes) {
    if (bytes <= size_) return;
    const size_t alignment = bytes >= kLarge ? kLargePage : kAlignment;
    block_ = Block(static_cast<std::byte*>(::operator new(bytes, std::align_val_t(alignment))), Free{alignment});
    size_ = bytes;
    // The system hands out large blocks page by page as they are first written, which takes longer than writing; in large pages
    // it does not. Where there are none, all is as before.
    if (bytes >= kLarge) madvise(block_.get(), bytes, MADV_HUGEPAGE);
  }
  void reset() { used_ = 0; }
  void* take(size_t bytes) {
    std::byte* piece = block_.get() + used_;
    used_ += padded(bytes);
    return piece;
  }
  size_t size() const { return size_; }
  bool empty() const { return block_ == nullptr; }

 private:
  static constexpr size_t kLarge = size_t{2} << 20, kLargePage = size_t{2} << 20;

  struct Free {
    explicit Free(size_t block_alignment) : alignment(block_alignment) {}
    size_t alignment;
    void operator()(std::byte* block) const { ::operator delete(block, std::align_val_t(alignment)); }
  };
  using Block = std::unique_ptr<std::byte, Free>;
  Block block_{nullptr, Free{kAlignment}};
  size_t size_ = 0;
  size_t used_ = 0;
};

/// Arenas that nobody uses now. The system hands out new memory page by page, which takes longer than to compute what goes there:
/// a program that runs many times has the memory of its last runs. Any thread may call.
class ArenaPool {
 public:
  /// An arena with room for `bytes`: the smallest that has it, else the largest, made larger.
  Arena take(size_t bytes) {
    Arena arena;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      size_t best = 0;
      for (size_t i = 1; i < idle_.size(); ++i) {
        const size_t least = idle_[best].size(), size = idle_[i].size();
        if (least < bytes ? size > least : size >= bytes && size < least) best = i;
      }
      if (!idle_.empty()) {
        std::swap(idle_[best], idle_.back());
        arena = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    arena.reserve(bytes);
    arena.reset();
    return arena;
  }
  void give_back(Arena arena) {
    if (arena.empty()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(arena));
  }

 private:
  std::mutex mutex_;
  std::vector<Arena> idle_;
};

/// An arena of a pool while this lives; the pool lives longer.
class BorrowedArena {
 public:
  explicit BorrowedArena(ArenaPool& pool) : pool_(pool) {}
  BorrowedArena(BorrowedArena&&) = default;
  ~BorrowedArena() { pool_.give_back(std::move(arena_)); }

  /// Forgets what was taken, and has room for `bytes`.
  void prepare(size_t bytes) {
    if (arena_.size() < bytes) {
      pool_.give_back(std::exchange(arena_, Arena()));
      arena_ = pool_.take(bytes);
    }
    arena_.reset();
  }
  void* take(size_t bytes) { return arena_.take(bytes); }

 private:
  ArenaPool& pool_;
  Arena arena_;
};

}  // namespace acie::scheduler
