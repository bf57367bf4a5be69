// acie.hpp, and through it the C interface: columns, errors, Arrow, cancellation and prepared runs.

#include "runtime/include/acie/acie.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>

#include "tests/unit/runtime/Fixture.h"

namespace acie {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string text(const absl::Status& status) { return std::string(status.message()); }

class Api : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string bytes = testing::test_package();
    auto package = Package::from_memory(bytes, {.allow_unsigned = true});
    ASSERT_TRUE(package.ok()) << package.status();
    package_ = std::make_unique<Package>(*std::move(package));
  }
  Query query(const std::string& name) { return *package_->query(name); }

  std::unique_ptr<Package> package_;
  const std::vector<double> a_{1, 2, 3}, b_{10, 20, 30};
};

TEST_F(Api, DescribesQueries) {
  EXPECT_EQ(package_->entries().front(), "line");
  EXPECT_EQ(package_->target(), "x86-64-v3");
  const Query line = query("line");
  ASSERT_EQ(line.inputs().size(), 2u);
  EXPECT_EQ(line.inputs()[0].high, 100);
  EXPECT_EQ(line.values()[0].name, "factor");
  EXPECT_EQ(line.values()[0].default_value, 2);
  EXPECT_EQ(line.outputs()[0].name, "y");
}

TEST_F(Api, RunsOnSpans) {
  Query line = query("line");
  ASSERT_TRUE(line.set("factor", 3).ok());
  ASSERT_TRUE(line.bind("a", a_).ok());
  ASSERT_TRUE(line.bind("b", b_).ok());
  const auto answer = line.run();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(*answer->column<double>("y"), ElementsAre(13, 26, 39));
  EXPECT_THAT(answer->status(), ElementsAre(0, 0, 0));
  EXPECT_FALSE(answer->column<float>("y").ok());
  EXPECT_FALSE(answer->column<double>("z").ok());
}

TEST_F(Api, ConvertsTypesAndReportsBadRows) {
  Query line = query("line");
  const std::vector<float> a{1, std::numeric_limits<float>::quiet_NaN(), 3};
  const std::vector<int32_t> b{10, 20, -30};
  ASSERT_TRUE(line.bind("a", a).ok());
  ASSERT_TRUE(line.bind("b", b).ok());
  const auto answer = line.run();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ((*answer->column<double>("y"))[0], 12);
  EXPECT_THAT(answer->status(), ElementsAre(0, -1, 1));
  EXPECT_EQ(answer->reason(1), "b is negative");
  const auto kept = line.run({.skip_bad_rows = true});
  EXPECT_EQ(kept->rows(), 1);
}

TEST_F(Api, ErrorsSayWhat) {
  const std::string bytes = testing::test_package();
  EXPECT_EQ(Package::from_memory(bytes).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Package::open("/nonexistent").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(text(package_->query("nothing").status()), HasSubstr("it has line"));
  Query line = query("line");
  EXPECT_THAT(text(line.run().status()), HasSubstr("input a is not bound"));
  EXPECT_THAT(text(line.bind("c", a_)), HasSubstr("it reads a, b"));
  EXPECT_THAT(text(line.bind("a", a_, "km")), HasSubstr("cannot be converted"));
  EXPECT_THAT(text(line.bind("a", a_, "parrots")), HasSubstr("parrots"));
  ASSERT_TRUE(line.bind("a", a_).ok());
  ASSERT_TRUE(line.bind("b", std::vector<double>{1}).ok());
  EXPECT_THAT(text(line.run().status()), HasSubstr("1 elements"));
}

TEST_F(Api, EstimatesAndSeeds) {
  Query population = query("population");
  const auto once = population.run({.seed = 5, .draws = 1000, .threads = 1});
  const auto again = population.run({.seed = 5, .draws = 1000, .threads = 2, .tile_rows = 13});
  const auto other = population.run({.seed = 6, .draws = 1000});
  EXPECT_EQ((*once->column<double>("ratio.se"))[0], (*again->column<double>("ratio.se"))[0]);
  EXPECT_NE((*once->column<double>("mean"))[0], (*other->column<double>("mean"))[0]);
}

TEST_F(Api, ProgressCanStop) {
  Query line = query("line");
  const std::vector<double> column(10000, 1.0);
  ASSERT_TRUE(line.bind("a", column).ok());
  ASSERT_TRUE(line.bind("b", column).ok());
  int calls = 0;
  const auto answer = line.run({.tile_rows = 10, .progress = [&](int64_t, double) { return ++calls == 3; }});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(calls, 3);
  acie_cancel* cancel = acie_cancel_new();
  acie_cancel_request(cancel);
  EXPECT_EQ(line.run({.cancel = cancel}).status().code(), absl::StatusCode::kCancelled);
  acie_cancel_free(cancel);
}

TEST_F(Api, AnswersGoThroughArrowAndBack) {
  Query relative = query("relative");
  const std::vector<double> a{2, kNan, 6};
  ASSERT_TRUE(relative.bind("a", a).ok());
  const auto answer = relative.run();
  ASSERT_TRUE(answer.ok()) << answer.status();
  ArrowSchema schema;
  ArrowArray array;
  ASSERT_TRUE(answer->export_arrow(&schema, &array).ok());
  ASSERT_EQ(schema.n_children, 2);
  EXPECT_STREQ(schema.format, "+s");
  EXPECT_STREQ(schema.children[0]->name, "relative");
  EXPECT_STREQ(schema.children[0]->format, "g");
  ASSERT_EQ(array.children[0]->length, 3);
  EXPECT_EQ(array.children[0]->null_count, 1);
  EXPECT_EQ(static_cast<const uint8_t*>(array.children[0]->buffers[0])[0], 0b101);
  EXPECT_EQ(static_cast<const double*>(array.children[0]->buffers[1])[2], 1.5);

  // Back in: the column `relative` as input a of another query, null where it was null.
  ArrowSchema* children[] = {schema.children[0]};
  children[0]->name = "a";
  ArrowSchema in = schema;
  in.n_children = 1;
  in.children = children;
  ArrowArray data = array;
  data.n_children = 1;
  Query table = query("table");
  ASSERT_TRUE(table.bind_arrow(in, data).ok());
  const auto sums = table.run();
  ASSERT_TRUE(sums.ok()) << sums.status();
  EXPECT_EQ((*sums->column<double>("count"))[0], 2);
  EXPECT_EQ((*sums->column<double>("sum"))[0], 2);
  array.release(&array);
  schema.release(&schema);
  EXPECT_EQ(array.release, nullptr);
}

TEST_F(Api, ArrowOffsetsAndTypes) {
  // b = {_, 10, 20, 30} as i32 from offset 1, element 2 (of the slice: 1) null.
  const int32_t b[] = {0, 10, 20, 30};
  const uint8_t validity[] = {0b1011};
  const double a[] = {1, 2, 3};
  const void* b_buffers[] = {validity, b};
  const void* a_buffers[] = {nullptr, a};
  const void* none[] = {nullptr};
  ArrowSchema schema_a{}, schema_b{}, schema{};
  schema_a.format = "g";
  schema_a.name = "a";
  schema_b.format = "i";
  schema_b.name = "b";
  ArrowSchema* schemas[] = {&schema_a, &schema_b};
  schema.format = "+s";
  schema.n_children = 2;
  schema.children = schemas;
  ArrowArray array_a{}, array_b{}, array{};
  array_a.length = array_b.length = array.length = 3;
  array_a.n_buffers = array_b.n_buffers = 2;
  array_a.buffers = a_buffers;
  array_b.buffers = b_buffers;
  array_b.offset = 1;
  array_b.null_count = -1;  // not computed
  ArrowArray* arrays[] = {&array_a, &array_b};
  array.n_buffers = 1;
  array.buffers = none;
  array.n_children = 2;
  array.children = arrays;
  Query line = query("line");
  ASSERT_TRUE(line.bind_arrow(schema, array).ok());
  const auto answer = line.run();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->status(), ElementsAre(0, -1, 0));
  EXPECT_EQ((*answer->column<double>("y"))[2], 36);
  schema_b.format = "u";
  EXPECT_THAT(text(line.bind_arrow(schema, array)), HasSubstr("Arrow type"));
}

TEST_F(Api, PreparedCallsEqualRuns) {
  Query line = query("line");
  auto prepared = line.prepare(3);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  std::vector<double> a = a_, b = b_, y(3);
  std::vector<int32_t> status(3);
  EXPECT_THAT(text(prepared->call(3)), HasSubstr("a is not bound"));
  ASSERT_TRUE(prepared->bind_input("a", a).ok());
  ASSERT_TRUE(prepared->bind_input("b", b).ok());
  ASSERT_TRUE(prepared->bind_output("y", y).ok());
  ASSERT_TRUE(prepared->bind_status(status).ok());
  ASSERT_TRUE(prepared->call(3).ok());
  EXPECT_THAT(y, ElementsAre(12, 24, 36));
  a[0] = 200;  // out of range
  b[1] = -1;   // undefined
  ASSERT_TRUE(prepared->set("factor", 10).ok());
  ASSERT_TRUE(prepared->call(3).ok());
  EXPECT_THAT(status, ElementsAre(-1, 1, 0));
  EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1]));
  EXPECT_EQ(y[2], 60);
  EXPECT_THAT(text(prepared->set("factor", -1)), HasSubstr("range"));
  EXPECT_THAT(text(prepared->call(4)), HasSubstr("more rows"));
  EXPECT_THAT(text(query("table").prepare(3).status()), HasSubstr("cannot be prepared"));
  EXPECT_THAT(text(query("population").prepare(3).status()), HasSubstr("cannot be prepared"));
}

TEST_F(Api, PreparedAsksWhereValuesArePresent) {
  auto prepared = query("asked").prepare(2);
  std::vector<double> a{1, 2}, asked{kNan, 7}, x(2);
  ASSERT_TRUE(prepared->bind_input("a", a).ok());
  ASSERT_TRUE(prepared->bind_input("do.x", asked).ok());
  ASSERT_TRUE(prepared->bind_output("x", x).ok());
  ASSERT_TRUE(prepared->call(2).ok());
  EXPECT_THAT(x, ElementsAre(1, 7));
}

TEST_F(Api, PreparedCallsAreCheap) {
  auto prepared = query("line").prepare(8);
  std::vector<double> a(8, 1.0), b(8, 2.0), y(8);
  ASSERT_TRUE(prepared->bind_input("a", a).ok());
  ASSERT_TRUE(prepared->bind_input("b", b).ok());
  ASSERT_TRUE(prepared->bind_output("y", y).ok());
  double best = 1;
  for (int round = 0; round < 50; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(prepared->call(8).ok());
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 1000);
  }
  RecordProperty("nanoseconds", static_cast<int>(best * 1e9));
  std::printf("prepared call on 8 rows: %.0f ns\n", best * 1e9);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(best, 1e-6);
#endif
}

}  // namespace
}  // namespace acie
