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

class TextColumns : public ProgramTest {};

/// Texts of a caller's own, there and back.
TEST_F(TextColumns, ThroughTheApi) {
  compile(R"(
model M {
    input name : str
    input z : f64
    var label : str = if z > 1 then "far" else name
}
query q(called: str = "none") on M { return label, same = name == called, called }
)");
  auto package = Package::open(this->package(), {.allow_unsigned = true});
  ASSERT_TRUE(package.ok()) << package.status();
  auto query = package->query("q");
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_TRUE(query->inputs().at(0).is_text || query->inputs().at(1).is_text);
  const std::vector<double> z{0, 2, 0, 0};
  ASSERT_TRUE(query->bind("z", z).ok());
  EXPECT_FALSE(query->bind("name", z).ok());
  EXPECT_FALSE(query->bind_texts("z", {"a"}).ok());
  EXPECT_FALSE(query->bind_texts("name", {"\xFF"}).ok());
  ASSERT_TRUE(query->bind_texts("name", {"M31", "M32", "", "μ Cep"}).ok());
  EXPECT_FALSE(query->set("called", 1).ok());
  EXPECT_FALSE(query->set_text("called", "").ok());
  ASSERT_TRUE(query->set_text("called", "μ Cep").ok());
  EXPECT_FALSE(query->prepare(4).ok());
  auto answer = query->run();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer->texts("label"), (std::vector<std::string>{"M31", "far", "", "μ Cep"}));
  EXPECT_EQ(*answer->texts("called"), (std::vector<std::string>{"μ Cep", "μ Cep", "", "μ Cep"}));
  const auto same = *answer->column<uint8_t>("same");
  EXPECT_EQ(same[0], 0);
  EXPECT_EQ(same[3], 1);
  EXPECT_EQ(answer->status()[2], -1);

  // Through Arrow the answer's column of texts is an input again.
  ArrowSchema schema;
  ArrowArray array;
  ASSERT_TRUE(answer->export_arrow(&schema, &array).ok());
  EXPECT_STREQ(schema.children[0]->format, "u");
  schema.children[0]->name = "name";
  auto again = package->query("q");
  ASSERT_TRUE(again->bind_arrow(schema, array).ok());
  const std::vector<double> zeros(4);
  ASSERT_TRUE(again->bind("z", zeros).ok());
  auto copy = again->run();
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(*copy->texts("label"), (std::vector<std::string>{"M31", "far", "", "μ Cep"}));
  schema.release(&schema);
  array.release(&array);
}

}  // namespace
}  // namespace acie::testing
