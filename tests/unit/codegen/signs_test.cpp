// What bodies say of the sign of their numbers, and exp of numbers that are not above 0: the bits of exp on every level.
#include "compiler/Codegen/CPU/Signs.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/Dialect/Acie/AcieDialect.h"
#include "tests/unit/codegen/Interpreter.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::codegen::testing {
namespace {

/// A plan of x [6, 6], views of the largest elements of its rows, and one cluster of `body`, whose operands are x (%x) and one of the views
/// (%m), a number (%y), and some constants.
std::string plan_of(const std::string& view, const std::string& body) {
  return absl::StrCat(R"(plan.entry @e on "M" per_row reads_table reasons [] {
  %t = plan.column "t" given : !plan.buffer<tensor<6x6xf64>, inner>
  %u = plan.column "u" given : !plan.buffer<tensor<6x6xf64>, inner>
  %n = plan.column "n" given : !plan.buffer<f64, inner>
  %largest = plan.tensor fold of max (%t) : !plan.buffer<tensor<6x6xf64>, inner> -> !plan.buffer<tensor<6xf64>, inner>
  %other = plan.tensor fold of max (%u) : !plan.buffer<tensor<6x6xf64>, inner> -> !plan.buffer<tensor<6xf64>, inner>
  %least = plan.tensor fold of min (%t) : !plan.buffer<tensor<6x6xf64>, inner> -> !plan.buffer<tensor<6xf64>, inner>
  %stood = plan.tensor view at 0 by [1, 0] (%largest) : !plan.buffer<tensor<6xf64>, inner> -> !plan.buffer<tensor<6x1xf64>, inner>
  %turned = plan.tensor view at 5 by [-1] (%largest) : !plan.buffer<tensor<6xf64>, inner> -> !plan.buffer<tensor<6xf64>, inner>
  %v = plan.tensor view )", view, R"(, inner> -> !plan.buffer<tensor<6x6xf64>, inner>
  %r = plan.cluster "c" 0 inner (%t, %v, %n : !plan.buffer<tensor<6x6xf64>, inner>, !plan.buffer<tensor<6x6xf64>, inner>, !plan.buffer<f64, inner>) {
  ^bb0(%x: f64, %m: f64, %y: f64):
    %minus = arith.constant -0.5 : f64
    %plus = arith.constant 2.0 : f64
    %three = arith.constant 3.0 : f64
    )", body, R"(
    %e = acie.exp %z : f64
    plan.yield %e : f64
  } -> !plan.buffer<tensor<6x6xf64>, inner>
}
)");
}

bool says_nonpositive(const std::string& view, const std::string& body) {
  auto context = plan_context();
  auto module = parse_plan(*context, plan_of(view, body));
  EXPECT_TRUE(module) << view << ' ' << body;
  if (!module) return false;
  bool answer = false;
  module->walk([&](ir::ExpOp op) { answer = is_nonpositive(op->getOperand(0)); });
  return answer;
}

constexpr char kRows[] = "at 0 by [1, 0] (%largest) : !plan.buffer<tensor<6xf64>";
constexpr char kDifference[] = "%z = arith.subf %x, %m : f64";

TEST(Signs, OfStraightLineCode) {
  for (const char* body : {
           "%a = arith.mulf %x, %x : f64\n %z = arith.negf %a : f64",
           "%a = acie.pow %x, %plus : f64\n %z = arith.mulf %minus, %a : f64",
           "%a = arith.mulf %minus, %x : f64\n %b = acie.abs %a : f64\n %z = arith.mulf %b, %minus : f64",
           "%a = acie.sqrt %x : f64\n %b = acie.exp %y : f64\n %c = arith.addf %a, %b : f64\n %z = arith.negf %c : f64",
           "%a = acie.abs %x : f64\n %z = arith.subf %minus, %a : f64",
           "%a = acie.max %y, %x : f64\n %z = arith.subf %x, %a : f64",
           "%z = arith.mulf %minus, %plus : f64",
       })
    EXPECT_TRUE(says_nonpositive(kRows, body)) << body;
  for (const char* body : {
           "%z = arith.negf %x : f64",
           "%z = arith.mulf %x, %y : f64",
           "%z = arith.mulf %minus, %x : f64",
           "%a = arith.mulf %x, %x : f64\n %z = arith.addf %a, %minus : f64",
           "%a = arith.mulf %x, %x : f64\n %z = arith.mulf %a, %plus : f64",
           "%a = acie.pow %x, %three : f64\n %z = arith.negf %a : f64",
           "%a = acie.max %y, %x : f64\n %z = arith.subf %a, %x : f64",
           "%a = acie.min %y, %x : f64\n %z = arith.subf %x, %a : f64",
           "%a = acie.abs %x : f64\n %z = arith.divf %minus, %a : f64",  // by -0
       })
    EXPECT_FALSE(says_nonpositive(kRows, body)) << body;
}

TEST(Signs, OfDifferencesFromTheLargestOfALine) {
  EXPECT_TRUE(says_nonpositive(kRows, kDifference));
  EXPECT_TRUE(says_nonpositive("at 0 by [1, 0] (%stood) : !plan.buffer<tensor<6x1xf64>", kDifference));
  EXPECT_FALSE(says_nonpositive("at 0 by [0, 1] (%largest) : !plan.buffer<tensor<6xf64>", kDifference)) << "of other rows";
  EXPECT_FALSE(says_nonpositive("at 0 by [0, 0] (%largest) : !plan.buffer<tensor<6xf64>", kDifference)) << "of the first row";
  EXPECT_FALSE(says_nonpositive("at 5 by [-1, 0] (%largest) : !plan.buffer<tensor<6xf64>", kDifference)) << "backwards";
  EXPECT_FALSE(says_nonpositive("at 0 by [1, 0] (%turned) : !plan.buffer<tensor<6xf64>", kDifference)) << "backwards before";
  EXPECT_FALSE(says_nonpositive("at 0 by [1, 0] (%other) : !plan.buffer<tensor<6xf64>", kDifference)) << "of another tensor";
  EXPECT_FALSE(says_nonpositive("at 0 by [1, 0] (%least) : !plan.buffer<tensor<6xf64>", kDifference));
  EXPECT_FALSE(says_nonpositive(kRows, "%z = arith.subf %m, %x : f64"));
  EXPECT_FALSE(says_nonpositive(kRows, "%z = arith.subf %y, %m : f64"));
}

template <class T>
std::vector<T> sweep() {
  using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  std::vector<T> values = {T(0), -T(0), std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::denorm_min(),
                           std::numeric_limits<T>::max()};
  // NaN whose payload, shifted, would look like an exponent; and results from 1 to nothing, subnormal ones among them.
  for (int bit = 0; bit < 20; ++bit) values.push_back(std::bit_cast<T>(std::bit_cast<Bits>(std::numeric_limits<T>::quiet_NaN()) | Bits(1) << bit));
  const T end = sizeof(T) == 8 ? T(760) : T(110);
  for (int i = 0; i < 20000; ++i) values.push_back(end * T(i) / T(20000));
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i) values.push_back(std::bit_cast<T>(static_cast<Bits>(random())));
  return values;
}

template <class T>
void compare(const std::string& type, acie_dtype dtype) {
  auto context = plan_context();
  auto module = parse_plan(*context, absl::StrCat("plan.entry @e on \"M\" per_row reads_table reasons [] {\n  %x = plan.column \"x\" given : !plan.buffer<", type,
                                                  ", inner>\n  %r = plan.cluster \"c\" 0 inner (%x : !plan.buffer<", type, ", inner>) {\n  ^bb0(%a: ", type,
                                                  "):\n    %b = acie.abs %a : ", type, "\n    %c = arith.negf %b : ", type, "\n    %e = acie.exp %c : ", type,
                                                  "\n    plan.yield %e : ", type, "\n  } -> !plan.buffer<", type, ", inner>\n}\n"));
  ASSERT_TRUE(module);
  module->walk([&](ir::ExpOp op) { ASSERT_TRUE(is_nonpositive(op->getOperand(0))); });
  CodegenOptions options;
  options.targets = runnable_targets();
  auto compiled = compile_kernels(*module, options);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  const std::vector<T> values = sweep<T>();
  const std::vector<Column> inputs = {Column::of(dtype, values)};
  const auto count = static_cast<int64_t>(values.size());
  for (const KernelLibrary& library : compiled->libraries) {
    const LoadedKernels kernels(library.elf, compiled->imports, compiled->scratch);
    module->walk([&](plan::ClusterOp cluster) {
      std::vector<Column> expected, actual = {Column::zeros(dtype, 0)};
      interpret(cluster, count, inputs, expected, {});
      ASSERT_EQ(kernels.run(cluster.getOrdinal(), count, inputs, actual), ACIE_KERNEL_OK);
      EXPECT_TRUE(same_bits(expected[0], actual[0])) << library.target;
    });
  }
}

TEST(Signs, ExpOfNonpositiveHasExpsBits) {
  compare<float>("f32", ACIE_F32);
  compare<double>("f64", ACIE_F64);
}

}  // namespace
}  // namespace acie::codegen::testing
