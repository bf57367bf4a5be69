// Tensors of indices that only the run knows: along any axis, beside slices, of small tensors and large ones.
#include <algorithm>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

struct Gathers : ProgramTest {};

TEST_F(Gathers, ChooseAlongAnyAxis) {
  compile(R"(
dim J
model M {
    input pick : i64[4] in 0..2
    input far : i64[J] in 0..2
    input small : f64[3]
    input m : f64[3, 40]
    let best = argmax([m[0, j] for j in 0..40])
}
query q on M {
    return small[pick], rows = m[pick, 7], columns = m[.., 1..4][pick][3], both = m[1, pick], same = sum(gather(m, pick)), second = gather(m, pick, axis: 1)[2],
           many = sum(m[far]), few = m[far, 3][0], highest = m[1, best], nested = small[pick[pick[0]]]
}
)");
  constexpr int kAt[2][4] = {{2, 0, 1, 2}, {1, 1, 2, 0}};
  std::ostringstream text;
  for (int i = 0; i < 4; ++i) text << "pick[" << i << "],";
  for (int i = 0; i < 6; ++i) text << "far[" << i << "],";
  for (int i = 0; i < 3; ++i) text << "small[" << i << "],";
  for (int i = 0; i < 120; ++i) text << (i > 0 ? "," : "") << "\"m[" << i / 40 << "," << i % 40 << "]\"";
  const auto m = [](int r, int i, int j) { return 100 * i + (j * 7 + r) % 40; };
  for (int r = 0; r < 2; ++r) {
    text << "\n";
    for (const int at : kAt[r]) text << at << ",";
    for (int i = 0; i < 6; ++i) text << (i + r) % 3 << ",";
    for (int i = 0; i < 3; ++i) text << 10 * (i + 1) + r << ",";
    for (int i = 0; i < 120; ++i) text << (i > 0 ? "," : "") << m(r, i / 40, i % 40);
  }
  std::ofstream(folder_ / "data.csv") << text.str() << "\n";
  const Rows rows = answer("q", "--data " + (folder_ / "data.csv").string());
  for (int r = 0; r < 2; ++r) {
    double same = 0, many = 0;
    int best = 0;
    for (int j = 0; j < 40; ++j) {
      if (m(r, 0, j) > m(r, 0, best)) best = j;
      for (int i = 0; i < 4; ++i) same += m(r, kAt[r][i], j);
      for (int i = 0; i < 6; ++i) many += m(r, (i + r) % 3, j);
    }
    const auto row = static_cast<size_t>(r);
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(at(rows, row, "small[pick]", i), 10 * (kAt[r][i] + 1) + r);
      EXPECT_EQ(at(rows, row, "rows", i), m(r, kAt[r][i], 7));
      EXPECT_EQ(at(rows, row, "both", i), m(r, 1, kAt[r][i]));
      EXPECT_EQ(at(rows, row, "second", i), m(r, 2, kAt[r][i]));
    }
    for (int j = 0; j < 3; ++j) EXPECT_EQ(at(rows, row, "columns", j), m(r, kAt[r][3], j + 1));
    EXPECT_EQ(at(rows, row, "same"), same);
    EXPECT_EQ(at(rows, row, "many"), many);
    EXPECT_EQ(at(rows, row, "few"), m(r, r, 3));
    EXPECT_EQ(at(rows, row, "highest"), m(r, 1, best));
    EXPECT_EQ(at(rows, row, "nested"), 10 * (kAt[r][kAt[r][0]] + 1) + r);
  }
}

TEST_F(Gathers, SeveralTensorsChooseEachAlongItsAxis) {
  compile(R"(
dim J
dim W = 4
type Arm = low | mid | high
fn half[N](x: f64[2 * N]) -> f64[N] { return x[..N] + x[N..] }
fn total[N, M](x: f64[N, M]) -> f64[M] { return sum(x, N) }
model M {
    input r : i64[2] in 0..2
    input c : i64[3] in 0..3
    input far : i64[J] in 0..3
    input k : index[4]
    input m : f64[3, W]
    input e : f64[Arm]
    var stretched : f64[Arm, 2] = e[.., new]
}
query q on M {
    return outer = m[r, c], mixed = m[[2, 0], c], lists = m[[0, 2], [3, 1]], cell = m[[k - k, 2], k], long = m[r, far], pairs = map(r, c[..2], |i, j| m[i, j]),
           arms = sum(e[a] * (if a == mid then 10 else 1) for a in Arm), rows = sum(m, W), columns = total(m), halves = half(m[1]), stretched
}
)");
  const auto m = [](int i, int j) { return 10 * i + j * j; };
  constexpr int kR[] = {2, 0}, kC[] = {3, 3, 1}, kFar[] = {0, 1, 3, 2, 2}, kK = 2;
  constexpr double kE[] = {1, 2, 5};
  std::ostringstream text;
  text << "k,r[0],r[1],c[0],c[1],c[2],far[0],far[1],far[2],far[3],far[4],e[0],e[1],e[2]";
  for (int i = 0; i < 12; ++i) text << ",\"m[" << i / 4 << "," << i % 4 << "]\"";
  text << "\n2,2,0,3,3,1,0,1,3,2,2,1,2,5";
  for (int i = 0; i < 12; ++i) text << "," << m(i / 4, i % 4);
  std::ofstream(folder_ / "data.csv") << text.str() << "\n";
  const Rows rows = answer("q", "--data " + (folder_ / "data.csv").string());
  const auto cell = [&](const std::string& name, int i, int j) { return at(rows, 0, "\"" + name + "[" + std::to_string(i) + "," + std::to_string(j) + "]\""); };
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      EXPECT_EQ(cell("outer", i, j), m(kR[i], kC[j]));
      EXPECT_EQ(cell("mixed", i, j), m(i == 0 ? 2 : 0, kC[j]));
    }
    for (int j = 0; j < 5; ++j) EXPECT_EQ(cell("long", i, j), m(kR[i], kFar[j]));
    for (int j = 0; j < 2; ++j) EXPECT_EQ(cell("lists", i, j), m(i == 0 ? 0 : 2, j == 0 ? 3 : 1));
    EXPECT_EQ(at(rows, 0, "cell", i), m(i == 0 ? 0 : 2, kK));
    EXPECT_EQ(at(rows, 0, "pairs", i), m(kR[i], kC[i]));
    EXPECT_EQ(at(rows, 0, "halves", i), m(1, i) + m(1, i + 2));
  }
  EXPECT_EQ(at(rows, 0, "arms"), 1 + 20 + 5);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(at(rows, 0, "rows", i), m(i, 0) + m(i, 1) + m(i, 2) + m(i, 3));
    for (int j = 0; j < 2; ++j) EXPECT_EQ(cell("stretched", i, j), kE[i]);
  }
  for (int j = 0; j < 4; ++j) EXPECT_EQ(at(rows, 0, "columns", j), m(0, j) + m(1, j) + m(2, j));
}

TEST_F(Gathers, RangesOfIndicesAreComputed) {
  compile(R"(
model M {
    input k : i64 in 0..9
    input x : f64[200]
    input small : f64[12]
}
query q on M { return far = x[100 + 2 * k], near = small[11 - k], turned = x[min(150 + k, 155)], place = [1.0, 4, 2][mod(k, 3)], half = small[div(k, 2)] }
)");
  std::ostringstream text;
  text << "k";
  for (int i = 0; i < 200; ++i) text << ",x[" << i << "]";
  for (int i = 0; i < 12; ++i) text << ",small[" << i << "]";
  for (int k = 0; k < 10; ++k) {
    text << "\n" << k;
    for (int i = 0; i < 200; ++i) text << "," << i * i;
    for (int i = 0; i < 12; ++i) text << "," << -i;
  }
  std::ofstream(folder_ / "data.csv") << text.str() << "\n";
  const Rows rows = answer("q", "--data " + (folder_ / "data.csv").string());
  for (int k = 0; k < 10; ++k) {
    const auto row = static_cast<size_t>(k);
    EXPECT_EQ(at(rows, row, "far"), (100 + 2 * k) * (100 + 2 * k));
    EXPECT_EQ(at(rows, row, "near"), k - 11);
    EXPECT_EQ(at(rows, row, "turned"), std::min(150 + k, 155) * std::min(150 + k, 155));
    EXPECT_EQ(at(rows, row, "half"), -(k / 2));
    EXPECT_EQ(at(rows, row, "place"), k % 3 == 0 ? 1 : k % 3 == 1 ? 4 : 2);
  }
}

TEST_F(Gathers, AnIndexOutsideItsRangeIsBadInput) {
  compile("model M {\n    input pick : i64[2] in 0..2\n    input x : f64[3]\n}\nquery q on M { return x[pick] }\n");
  std::ofstream(folder_ / "data.csv") << "pick[0],pick[1],x[0],x[1],x[2]\n0,3,1,2,3\n2,1,1,2,3\n";
  const Rows rows = answer("q", "--data " + (folder_ / "data.csv").string());
  EXPECT_EQ(rows.at(0).at("status"), "bad_input");
  EXPECT_EQ(at(rows, 1, "x[pick]", 0), 3);
}

// Places computed from sizes: the median's, the quarter's, the last third's.
TEST_F(Gathers, IndicesComputedFromSizes) {
  compile(R"(
dim J
model Sample {
    input x : f64[J]
    exo u ~ normal(0, 1)
    var y = sort(x)[div(J, 2)] + u
}
query q on Sample { given y; return u, median = 0.5 * (sort(x)[div(J - 1, 2)] + sort(x)[div(J, 2)]), quarter = x[div(J - 1, 4)], late = x[J - 1 - div(J, 3)], odd = x[mod(J, 1)] }
)");
  for (const int size : {1, 2, 5, 12, 301}) {
    Vector x = random_rows(1, size, static_cast<unsigned>(size))[0], sorted = x;
    std::sort(sorted.begin(), sorted.end());
    const Rows rows = answer("q", table({{"x", {x}}, {"y", {{10}}}}));
    const auto half = static_cast<size_t>(size / 2);
    // A vector of one element is the column `x`.
    EXPECT_NEAR(at(rows, 0, "u"), 10 - sorted[half], 1e-12);
    EXPECT_NEAR(at(rows, 0, "median"), 0.5 * (sorted[half] + sorted[static_cast<size_t>((size - 1) / 2)]), 1e-12);
    EXPECT_EQ(at(rows, 0, "quarter"), x[static_cast<size_t>((size - 1) / 4)]);
    EXPECT_EQ(at(rows, 0, "late"), x[static_cast<size_t>(size - 1 - size / 3)]);
    EXPECT_EQ(at(rows, 0, "odd"), x[0]);
  }
  std::ofstream(folder_ / "outside.acie") << "dim J\nmodel M { input x : f64[J]; var y = x[div(J, 2) + 1 - J] }\nquery q on M { return y }\n";
  const CommandResult outside = run(compiler() + " " + (folder_ / "outside.acie").string() + " -o " + (folder_ / "outside.aciepkg").string());
  EXPECT_EQ(outside.exit_code, 0) << outside.err;  // of one element it is there
  const CommandResult ran = run(runner() + " " + (folder_ / "outside.aciepkg").string() + " q --allow-unsigned --out - --data " + (folder_ / "data.csv").string());
  EXPECT_NE(ran.exit_code, 0) << ran.out;
}

}  // namespace
}  // namespace acie::testing
