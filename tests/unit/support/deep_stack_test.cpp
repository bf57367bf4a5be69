#include "compiler/Support/DeepStack.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace acie {
namespace {

/// Calls itself `depth` times, each with a kilobyte of its own.
int descend(int depth) {
  volatile char room[1024] = {};
  room[depth % 1024] = 1;
  return depth == 0 ? 0 : descend(depth - 1) + room[depth % 1024];
}

TEST(DeepStack, HoldsWhatAnOrdinaryStackDoesNot) {
  constexpr int kDepth = 100'000;  // a hundred megabytes
  int reached = 0;
  on_deep_stack([&] { reached = descend(kDepth); });
  EXPECT_EQ(reached, kDepth);
}

TEST(DeepStack, ThrowsWhatTheBodyThrows) {
  EXPECT_THROW(on_deep_stack([] { throw std::runtime_error("inside"); }), std::runtime_error);
}

}  // namespace
}  // namespace acie
