#include "compiler/Graph/Layout.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "gtest/gtest.h"

namespace acie::graph {
namespace {

std::vector<Box> boxes(size_t count) {
  std::vector<Box> out;
  for (size_t i = 0; i < count; ++i) out.push_back({60 + 10.0 * static_cast<double>(i % 4), 30 + 14.0 * static_cast<double>(i % 3), {}});
  return out;
}

bool overlap(const Box& a, const Box& b) {
  return std::abs(a.centre.x - b.centre.x) < (a.width + b.width) / 2 - 1e-6 && std::abs(a.centre.y - b.centre.y) < (a.height + b.height) / 2 - 1e-6;
}

/// What every picture must be, whatever the graph.
void expect_sound(const std::vector<Box>& boxes, const std::vector<Line>& lines, Point size) {
  for (size_t i = 0; i < boxes.size(); ++i) {
    EXPECT_GE(boxes[i].centre.x - boxes[i].width / 2, -1e-6);
    EXPECT_LE(boxes[i].centre.x + boxes[i].width / 2, size.x + 1e-6);
    EXPECT_GE(boxes[i].centre.y - boxes[i].height / 2, -1e-6);
    EXPECT_LE(boxes[i].centre.y + boxes[i].height / 2, size.y + 1e-6);
    for (size_t j = 0; j < i; ++j) EXPECT_FALSE(overlap(boxes[i], boxes[j])) << i << " and " << j;
  }
  for (const Line& line : lines) {
    ASSERT_GE(line.points.size(), 2u);
    EXPECT_NEAR(line.points.front().y, boxes[line.from].centre.y + boxes[line.from].height / 2, 1e-6);
    EXPECT_NEAR(line.points.back().y, boxes[line.to].centre.y - boxes[line.to].height / 2, 1e-6);
    for (size_t p = 1; p < line.points.size(); ++p) EXPECT_GE(line.points[p].y, line.points[p - 1].y) << "lines go down";
    // A bend lies beside every box of its layer.
    for (size_t p = 1; p + 1 < line.points.size(); ++p) {
      for (const Box& box : boxes) {
        const bool inside = std::abs(line.points[p].x - box.centre.x) < box.width / 2 - 1e-6 && std::abs(line.points[p].y - box.centre.y) < box.height / 2 - 1e-6;
        EXPECT_FALSE(inside);
      }
    }
  }
}

TEST(GraphLayout, NothingIsAnEmptyPicture) {
  std::vector<Box> none;
  std::vector<Line> lines;
  const Point size = lay_out(none, lines);
  EXPECT_EQ(size.x, 0);
  EXPECT_EQ(size.y, 0);
}

TEST(GraphLayout, AChainIsAColumn) {
  std::vector<Box> chain = boxes(4);
  std::vector<Line> lines{{0, 1, {}}, {1, 2, {}}, {2, 3, {}}};
  expect_sound(chain, lines, lay_out(chain, lines));
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_NEAR(chain[i].centre.x, chain[0].centre.x, 1e-6);
    EXPECT_GT(chain[i].centre.y, chain[i - 1].centre.y);
  }
}

TEST(GraphLayout, ACauseStandsJustAboveItsFirstEffect) {
  std::vector<Box> four = boxes(4);  // 0 → 1 → 2, and 3 → 2
  std::vector<Line> lines{{0, 1, {}}, {1, 2, {}}, {3, 2, {}}};
  lay_out(four, lines);
  EXPECT_DOUBLE_EQ(four[3].centre.y, four[1].centre.y);
}

TEST(GraphLayout, LinesOfATreeDoNotCross) {
  // Declared so that the order of declaration crosses everywhere: 0, 1 above; 2 and 4 belong to 1, 3 and 5 to 0.
  std::vector<Box> tree = boxes(6);
  std::vector<Line> lines{{1, 2, {}}, {0, 3, {}}, {1, 4, {}}, {0, 5, {}}};
  expect_sound(tree, lines, lay_out(tree, lines));
  for (const Line& a : lines) {
    for (const Line& b : lines) {
      if (a.from == b.from) continue;
      const bool above = tree[a.from].centre.x < tree[b.from].centre.x, below = tree[a.to].centre.x < tree[b.to].centre.x;
      EXPECT_EQ(above, below);
    }
  }
}

TEST(GraphLayout, RandomGraphsAreSoundAndRepeatable) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const int count = 1 + static_cast<int>(random() % 24);
    std::vector<Line> lines;
    for (int to = 1; to < count; ++to)
      for (int from = 0; from < to; ++from)
        if (random() % 6 == 0) lines.push_back({from, to, {}});
    std::vector<Box> first = boxes(static_cast<size_t>(count)), second = first;
    std::vector<Line> again = lines;
    expect_sound(first, lines, lay_out(first, lines));
    lay_out(second, again);
    for (size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(first[i].centre.x, second[i].centre.x);
      EXPECT_EQ(first[i].centre.y, second[i].centre.y);
    }
  }
}

}  // namespace
}  // namespace acie::graph
