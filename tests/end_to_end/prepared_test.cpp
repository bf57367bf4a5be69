// Prepared runs of programs with tensors, against the same query run as usual: the same bits.

#include <gtest/gtest.h>

#include <span>

#include "runtime/include/acie/acie.hpp"
#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

class PreparedTensors : public ProgramTest {};

TEST_F(PreparedTensors, GiveTheBitsOfARun) {
  compile(R"(
mechanism mix(x: f64[100]) -> f64[100] {
    learn w : f64[100, 100] = xavier_uniform()
    return tanh(w @ x)
}
model M {
    input scale : f64 in 0..10
    exo u : f64[100] ~ normal(0, 1)
    var x : f64[100] = scale * u
    var y : f64[100] = mix(x) + x[0] * scale
    var total = sum(y)
}
query changed(factor: f64 = 2) on M { given x; do x[10..20] = factor * x[10..20]; return y, total }
)");
  auto package = Package::open(this->package(), {.allow_unsigned = true});
  ASSERT_TRUE(package.ok()) << package.status();
  auto query = package->query("changed");
  ASSERT_TRUE(query.ok()) << query.status();
  constexpr int kRows = 5, kSize = 100;
  const std::vector<double> scale{1, 2, 0.5, 11, 3};  // the fourth is out of its range
  const auto rows = random_rows(kRows, kSize, 21);
  std::vector<double> x;
  for (const Vector& row : rows) x.insert(x.end(), row.begin(), row.end());
  auto prepared = query->prepare(kRows, 3);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  std::vector<std::vector<double>> y(kSize, std::vector<double>(kRows));
  std::vector<double> total(kRows);
  std::vector<int32_t> status(kRows);
  ASSERT_TRUE(prepared->bind_input("scale", scale).ok());
  for (int i = 0; i < kSize; ++i) {
    const std::string index = "[" + std::to_string(i) + "]";
    ASSERT_TRUE(prepared->bind_input("x" + index, std::span(x).subspan(i), kSize).ok());
    ASSERT_TRUE(prepared->bind_output("y" + index, y[i]).ok());
  }
  EXPECT_FALSE(prepared->bind_input("x[100]", x, kSize).ok());
  ASSERT_TRUE(prepared->bind_output("total", total).ok());
  ASSERT_TRUE(prepared->bind_status(status).ok());
  for (const double factor : {2.0, -1.0}) {
    ASSERT_TRUE(prepared->set("factor", factor).ok());
    ASSERT_TRUE(prepared->call(kRows).ok());
    const Rows expected = answer("changed", table({{"scale", {{1}, {2}, {0.5}, {11}, {3}}}, {"x", rows}}) + " --seed 3 --set factor=" + std::to_string(factor));
    for (int r = 0; r < kRows; ++r) {
      EXPECT_EQ(status[r] == 0 ? "ok" : "bad_input", expected[r].at("status"));
      if (status[r] != 0) {
        EXPECT_TRUE(std::isnan(total[r]));
        continue;
      }
      EXPECT_EQ(total[r], at(expected, r, "total"));
      for (int i = 0; i < kSize; ++i) EXPECT_EQ(y[i][r], at(expected, r, "y", i)) << r << " " << i;
    }
  }
}

}  // namespace
}  // namespace acie::testing
