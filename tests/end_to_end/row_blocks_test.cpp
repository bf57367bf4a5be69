// Tensors so large that the runtime computes them a few rows at a time: rows of them have the bits of the same rows of a tensor
// so small that it does not.

#include <gtest/gtest.h>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

constexpr int kRows = 16, kColumns = 300;

class RowBlocks : public ProgramTest {
 protected:
  /// Answers of `query` where ROWS is `rows`.
  Rows with_rows(std::string text, const std::string& rows, const std::string& query, const std::string& more) {
    for (size_t at = text.find("ROWS"); at != std::string::npos; at = text.find("ROWS")) text.replace(at, 4, rows);
    compile(text);
    return answer(query, more);
  }
  void expect_same(const std::string& text, const std::string& query, const std::string& more) {
    const Rows few = with_rows(text, std::to_string(kRows), query, more);
    ASSERT_FALSE(few.empty());
    ASSERT_GT(few[0].size(), 1u);
    // 509 is prime: the last block has fewer rows than the others.
    const Rows many = with_rows(text, "509", query, more);
    EXPECT_EQ(many, few) << query << " " << more;
    for (const char* how : {" --target x86-64-v3 --tile-rows 1", " --tile-rows 2 --threads 2"}) EXPECT_EQ(answer(query, more + how), few) << query << how;
  }
};

constexpr const char* kPerRow = R"(
model M {
    input s : f64
    input b : f64[300]
    let w = [sin(s * (0.1 * i + 1) + 0.37 * j) * 5 for i in 0..ROWS, j in 0..300]
    let e = exp(w - max(w, axis: 1)[.., new])
    var p = e / sum(e, axis: 1)[.., new]
    let c = p - mean(p, axis: 1)[.., new]
    var n = c / sqrt(mean(c^2, axis: 1) + 1e-9)[.., new] * b[new, ..]
    let halves = reshape(w, ROWS, 2, 150)
    let f = exp(halves - max(halves, axis: 2)[.., .., new])
    var q = reshape(f / sum(f, axis: 2)[.., .., new], ROWS, 300)
    var reversed = sum(n[.., ..] * p, axis: 1)
}
query go on M { return p[3], n[15], q[15], reversed[..16] }
)";

TEST_F(RowBlocks, RowsOfTensorsOfEachRow) {
  expect_same(kPerRow, "go", table({{"s", random_rows(3, 1, 1)}, {"b", random_rows(3, kColumns, 2)}}));
}

TEST_F(RowBlocks, DrawnNumbersAreThoseOfTheirElements) {
  constexpr const char* text = R"(
model M {
    input s : f64
    exo u : f64[ROWS, 300] ~ normal(0, 1)
    let e = exp(s * u - max(u, axis: 1)[.., new])
    var p = e / sum(e, axis: 1)[.., new]
}
query go on M { return p[5], p[15, 4] }
query average on M { return E[p[5, 3]], E[p[15, 299]] }
)";
  const std::string data = table({{"s", random_rows(2, 1, 3)}});
  expect_same(text, "go", data + " --draws 2 --seed 5");
  expect_same(text, "average", data + " --draws 20 --seed 5");
}

// Results of 13 MB are written past the caches. Rows come again every 16.
TEST_F(RowBlocks, LargeResultsHaveTheBitsOfSmallOnes) {
  constexpr const char* text = R"(
model M {
    input s : f64
    let w = [sin(s * (0.1 * mod(i, 16) + 1) + 0.37 * j) * 5 for i in 0..ROWS, j in 0..512]
    let e = exp(w - max(w, axis: 1)[.., new])
    var p = e / sum(e, axis: 1)[.., new]
    let c = w - mean(w, axis: 1)[.., new]
    var n = c / sqrt(mean(c^2, axis: 1) + 1e-9)[.., new]
    var both = [p[3], n[15], p[ROWS - 2], n[ROWS - 1]]
}
query go on M { return both[0], both[1], both[2], both[3] }
)";
  const std::string data = table({{"s", random_rows(2, 1, 4)}});
  const Rows few = with_rows(text, "16", "go", data);
  ASSERT_EQ(few.size(), 2u);
  EXPECT_EQ(with_rows(text, "3216", "go", data), few);
  for (const char* how : {" --target x86-64-v3", " --threads 2"}) EXPECT_EQ(answer("go", data + how), few) << how;
}

TEST_F(RowBlocks, FoldsOfColumns) {
  constexpr const char* text = R"(
model M {
    input s : f64
    let w = [sin(s * (i + 1) + 0.37 * j) for i in 0..200, j in 0..ROWS]
    let t = [sin(s * (i + 1) + 0.37 * j) for j in 0..ROWS, i in 0..200]
    let cube = reshape(w, 4, 50, ROWS)
    var all = [sum(w, axis: 0) - sum(t, axis: 1), max(w, axis: 0) - max(t, axis: 1), min(w, axis: 0) - min(t, axis: 1)]
    var middle = sum(cube, axis: 1)
    var outer = [sum(cube[a], axis: 0) for a in 0..4]
    var checked = middle - outer
    var first = all[0][..16]
    var second = all[1][..16]
    var third = all[2][..16]
    var fourth = checked[2, ..16]
    var total = sum(w, axis: 0)[..16]
}
query go on M { return first, second, third, fourth, total }
)";
  const Rows rows = with_rows(text, "509", "go", table({{"s", random_rows(2, 1, 3)}}));
  ASSERT_EQ(rows.size(), 2u);
  for (size_t r = 0; r < rows.size(); ++r)
    for (const auto& [name, cell] : rows[r])
      if (name.starts_with("first") || name.starts_with("second") || name.starts_with("third") || name.starts_with("fourth")) EXPECT_EQ(std::stod(cell), 0) << name;
  expect_same(text, "go", table({{"s", random_rows(2, 1, 3)}}));
}

/// Tensors of so few rows that they are not computed by blocks are the reference: small ones, or fewer than eight rows.
class Normalisations : public RowBlocks, public ::testing::WithParamInterface<std::pair<const char*, int>> {};

// z = 0 makes one element of the second and of the fourth row NaN; else they are infinite, of either sign.
constexpr const char* kNormalisations = R"(
model M {
    input s : f64
    input z : f64
    let odd = [z / (abs(i - 1.0) + abs(j - 2.0)) - z / (abs(i - 3.0) + abs(j - 4.0)) for i in 0..ROWS, j in 0..COLUMNS]
    let w = [(sin(s * (0.1 * i + 1) + 0.37 * j) * 5 + odd[i, j]) as TYPE for i in 0..ROWS, j in 0..COLUMNS]
    let scale = [(1 + 0.01 * j) as TYPE for j in 0..COLUMNS]
    let m = w - max(w, axis: 1)[.., new]
    let e = exp(m)
    let total = sum(e, axis: 1)
    let soft = e / total[.., new]
    let logarithm = m - log(total)[.., new]
    let c = w - mean(w, axis: 1)[.., new]
    let norm = c / sqrt(mean(c^2, axis: 1) + 1e-5)[.., new] * scale[new, ..] + scale[new, ..]
    let rms = w / sqrt(mean(w^2, axis: 1) + 1e-5)[.., new] * scale[new, ..]
    let all = [soft, logarithm, norm, rms]
    var ends = reshape([all[k][i, j * (COLUMNS - 1)] for k in 0..4, i in 0..4, j in 0..2], 32)
    var sums = reshape([sum(all[k][i]) for k in 0..4, i in 0..4], 16)
}
query go on M { return ends, sums }
)";

TEST_P(Normalisations, HaveTheBitsOfStepsDoneOneByOne) {
  const auto [type, columns] = GetParam();
  std::string text = kNormalisations;
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"TYPE", type}, {"COLUMNS", std::to_string(columns)}})
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from)) text.replace(at, from.size(), to);
  const std::string data = table({{"s", {{0.7}, {1.3}, {0.2}}}, {"z", {{0}, {1}, {1e-3}}}});
  // The least tensors are compiled as numbers, whose sums have another order.
  const Rows few = with_rows(text, columns < 100 ? "19" : "5", "go", data);
  ASSERT_EQ(few.size(), 3u);
  // A softmax is one in all: of rows without an odd element, and of that with a weight of exp(-inf).
  const double bound = std::string(type) == "f32" ? 3e-6 : 1e-14;
  for (const auto& [row, softmax] : {std::pair{0, 2}, {1, 2}, {1, 3}}) EXPECT_NEAR(at(few, static_cast<size_t>(row), "sums", softmax), 1, bound);
  EXPECT_TRUE(std::isnan(at(few, 0, "sums", 1)));
  EXPECT_EQ(with_rows(text, columns < 100 ? "2003" : "61", "go", data), few);
  EXPECT_EQ(answer("go", data + " --threads 2 --tile-rows 1"), few);
  EXPECT_EQ(answer("go", data + " --threads 1 --target x86-64-v3"), few);
}

INSTANTIATE_TEST_SUITE_P(Columns, Normalisations,
                         ::testing::Values(std::pair{"f64", 7}, std::pair{"f64", 33}, std::pair{"f32", 250}, std::pair{"f64", 250},
                                           std::pair{"f32", 1024}, std::pair{"f32", 1025}, std::pair{"f64", 2049}));

}  // namespace
}  // namespace acie::testing
