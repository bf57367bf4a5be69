// Tells ThreadSanitizer what it cannot see: that oneTBB, which is not built with it, orders a task's end before the start
// of what waits for it. Nothing in other builds.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define ACIE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ACIE_THREAD_SANITIZER 1
#endif
#endif

#ifdef ACIE_THREAD_SANITIZER
extern "C" void __tsan_acquire(void*);
extern "C" void __tsan_release(void*);
#endif

namespace acie::scheduler {

/// What was written before hand_over(place) is seen after take_over(place).
inline void hand_over([[maybe_unused]] const void* place) {
#ifdef ACIE_THREAD_SANITIZER
  __tsan_release(const_cast<void*>(place));
#endif
}
inline void take_over([[maybe_unused]] const void* place) {
#ifdef ACIE_THREAD_SANITIZER
  __tsan_acquire(const_cast<void*>(place));
#endif
}

/// Over one piece of work: takes over what `place` handed over, and hands over what was done.
class Handoff {
 public:
  explicit Handoff(const void* place) : place_(place) { take_over(place_); }
  ~Handoff() { hand_over(place_); }
  Handoff(const Handoff&) = delete;
  Handoff& operator=(const Handoff&) = delete;

 private:
  const void* place_;
};

}  // namespace acie::scheduler
