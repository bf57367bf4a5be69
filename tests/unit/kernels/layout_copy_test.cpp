// Copies of matrices against the formula of Copy.h, element by element.
#include "kernels/layout/Copy.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace acie::layout {
namespace {

template <typename T>
class LayoutCopy : public ::testing::Test {};
using Widths = ::testing::Types<uint8_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(LayoutCopy, Widths);

TYPED_TEST(LayoutCopy, FollowsTheStrides) {
  using T = TypeParam;
  constexpr int64_t kGuard = 64;
  std::vector<T> from(1 << 15);
  for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i * 7 + i / 256);
  const std::vector<std::pair<int64_t, int64_t>> shapes = {{1, 1}, {1, 300}, {64, 16}, {16, 64}, {8, 8}, {13, 21}, {21, 13}, {3, 70}, {70, 3}, {1, 7}, {9, 1}, {2, 100}};
  for (const auto& [rows, columns] : shapes)
    for (const auto& [row_stride, column_stride] : std::vector<std::pair<int64_t, int64_t>>{
             {columns, 1}, {columns + 3, 1}, {0, 1}, {1, 0}, {5, 0}, {0, 0}, {1, rows}, {1, rows + 5}, {1, -rows}, {3, 2}, {-columns, 1}, {columns, -1}}) {
      // Negative strides begin in the middle.
      const T* origin = from.data() + (1 << 14);
      std::vector<T> to(static_cast<size_t>(rows * columns + 2 * kGuard), T(99));
      copy(origin, rows, columns, row_stride, column_stride, to.data() + kGuard);
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          ASSERT_EQ(to[static_cast<size_t>(kGuard + i * columns + j)], origin[i * row_stride + j * column_stride])
              << rows << " x " << columns << " by " << row_stride << ", " << column_stride << " at " << i << ", " << j;
      for (int64_t g = 0; g < kGuard; ++g) {
        ASSERT_EQ(to[static_cast<size_t>(g)], T(99));
        ASSERT_EQ(to[to.size() - 1 - static_cast<size_t>(g)], T(99));
      }
    }
}

}  // namespace
}  // namespace acie::layout
