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

}  // namespace
}  // namespace acie::testing
