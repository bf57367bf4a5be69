// Kernels by lines (kernel_lines.h) against plain loops: elements, chains of sums, what may be refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "runtime/include/acie/kernel_lines.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::codegen::testing {
namespace {

// Centred numbers, whose squares are added up, and their doubles, which are not.
constexpr char kCentred[] = R"(
plan.entry @e on "M" per_row reads_table reasons [] {
  %x = plan.column "x" given : !plan.buffer<tensor<40xTYPE>, inner>
  %m = plan.column "m" given : !plan.buffer<tensor<1xTYPE>, inner>
  %v = plan.tensor view at 0 by [0] (%m) : !plan.buffer<tensor<1xTYPE>, inner> -> !plan.buffer<tensor<40xTYPE>, inner>
  %r:2 = plan.cluster "centred" 0 inner INTERLEAVE (%x, %v : !plan.buffer<tensor<40xTYPE>, inner>, !plan.buffer<tensor<40xTYPE>, inner>) {
  ^bb0(%a: TYPE, %b: TYPE):
    %c = arith.subf %a, %b : TYPE
    %d = arith.addf %c, %c : TYPE
    %square = arith.mulf %c, %c : TYPE
    plan.yield %d, %square : TYPE, TYPE
  } -> !plan.buffer<tensor<40xTYPE>, inner>, !plan.buffer<tensor<40xTYPE>, inner>
  %s = plan.tensor fold of sum (%r#1) : !plan.buffer<tensor<40xTYPE>, inner> -> !plan.buffer<TYPE, inner>
}
)";

class Kernels {
 public:
  Kernels(const char* type, const std::string& interleave) : context_(plan_context()) {
    module_ = parse_plan(*context_, absl::StrReplaceAll(kCentred, {{"TYPE", type}, {"INTERLEAVE", interleave}}));
    CodegenOptions options;
    options.targets = runnable_targets();
    auto compiled = compile_kernels(*module_, options);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    if (!compiled.ok()) return;
    scratch_.resize(compiled->scratch.at(0) / sizeof(Line));
    for (const KernelLibrary& library : compiled->libraries)
      loaded_.push_back(std::make_unique<LoadedKernels>(library.elf, compiled->imports, compiled->scratch));
  }
  const std::vector<std::unique_ptr<LoadedKernels>>& loaded() const { return loaded_; }

  /// operands: x, m, doubles, squares, and the chains of both; `steps` from line to line.
  int32_t run(const LoadedKernels& kernels, const std::array<void*, 6>& operands, const std::array<int64_t, 6>& steps, int64_t lines, int64_t count) {
    const std::array<int64_t, 2> shape = {lines, count};
    std::array<std::array<int64_t, 2>, 6> strides;
    std::array<acie_buffer, 6> buffers = {};
    for (size_t i = 0; i < 6; ++i) {
      strides[i] = {steps[i], i == 1 ? 0 : 1};
      buffers[i].data = operands[i];
      buffers[i].rank = 2;
      buffers[i].stride = strides[i][1];
      buffers[i].shape = shape.data();
      buffers[i].strides = strides[i].data();
    }
    acie_call call{};
    call.struct_size = sizeof call;
    call.abi_version = ACIE_KERNEL_ABI_VERSION;
    call.ordinal = ACIE_KERNEL_LINES;
    call.num_inputs = 2;
    call.num_outputs = 4;
    call.inputs = buffers.data();
    call.outputs = buffers.data() + 2;
    call.count = count;
    call.scratch = scratch_.data();
    call.scratch_size = scratch_.size() * sizeof(Line);
    return kernels.entry()(&call);
  }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::unique_ptr<mlir::MLIRContext> context_;
  mlir::OwningOpRef<mlir::ModuleOp> module_;
  std::vector<Line> scratch_;
  std::vector<std::unique_ptr<LoadedKernels>> loaded_;
};

template <typename T>
std::vector<T> numbers(int64_t count) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::vector<T> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<T>(normal(random)));
  return values;
}

template <typename T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <typename T>
void check(Kernels& kernels, int64_t lines, int64_t count) {
  SCOPED_TRACE(std::to_string(lines) + " lines of " + std::to_string(count));
  const int64_t runs = (count + ACIE_LINE_RUN - 1) / ACIE_LINE_RUN;
  const auto size = static_cast<size_t>(lines * count);
  std::vector<T> x = numbers<T>(lines * count), means = {T(0.5), T(-1.25), T(3), T(0.1), T(-0.7)};
  x[size / 2] = std::numeric_limits<T>::infinity(), x[size - 1] = std::numeric_limits<T>::quiet_NaN();
  // Whatever is not written stays, the numbers after the end too.
  constexpr T kNothing = T(42);
  std::vector<T> doubles(size + 8, kNothing), squares(size + 8, kNothing), chains(static_cast<size_t>(lines * runs * ACIE_LINE_CHAINS + 8), kNothing);
  std::vector<T> expected_doubles = doubles, expected_squares = squares, expected_chains = chains;
  std::fill_n(expected_chains.begin(), lines * runs * ACIE_LINE_CHAINS, T(0));
  for (int64_t line = 0; line < lines; ++line)
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(line * count + i);
      const T centred = x[at] - means[static_cast<size_t>(line)];
      expected_doubles[at] = centred + centred;
      expected_squares[at] = centred * centred;
      expected_chains[static_cast<size_t>((line * runs + i / ACIE_LINE_RUN) * ACIE_LINE_CHAINS + i % ACIE_LINE_CHAINS)] += expected_squares[at];
    }
  for (const auto& loaded : kernels.loaded())
    for (const bool adds : {true, false})
      for (const bool writes : {true, false}) {
        std::vector<T> d(doubles), s(squares), c(chains);
        const std::array<void*, 6> operands = {x.data(), means.data(), d.data(), writes ? s.data() : nullptr, nullptr, adds ? c.data() : nullptr};
        ASSERT_EQ(kernels.run(*loaded, operands, {count, 1, count, count, 0, 0}, lines, count), ACIE_KERNEL_OK);
        EXPECT_TRUE(same(d, expected_doubles));
        EXPECT_TRUE(same(s, writes ? expected_squares : squares)) << adds;
        EXPECT_TRUE(same(c, adds ? expected_chains : chains)) << writes;
      }
}

template <typename T>
void check_all(const char* type, const std::string& interleave) {
  Kernels kernels(type, interleave);
  ASSERT_FALSE(kernels.loaded().empty());
  for (const int64_t count : {32, 33, 40, 63, 96, 127, 128, 129, 160, 250, 256, 1000, 1023, 1024, 1025})
    for (const int64_t lines : {1, 2, 5}) check<T>(kernels, lines, count);
}

TEST(Lines, ElementsAndChainsAreThoseOfPlainLoops) {
  for (const char* interleave : {"", "interleave 1", "interleave 3", "interleave 4"}) {
    check_all<float>("f32", interleave);
    check_all<double>("f64", interleave);
  }
}

TEST(Lines, OneLineOfAnOperandMayServeAll) {
  Kernels kernels("f64", "");
  std::vector<double> x = numbers<double>(64), mean = {0.5}, doubles(192), squares(192);
  for (const auto& loaded : kernels.loaded()) {
    ASSERT_EQ(kernels.run(*loaded, {x.data(), mean.data(), doubles.data(), squares.data(), nullptr, nullptr}, {0, 0, 64, 64, 0, 0}, 3, 64), ACIE_KERNEL_OK);
    for (size_t i = 0; i < 192; ++i) ASSERT_EQ(doubles[i], 2 * (x[i % 64] - 0.5));
  }
}

TEST(Lines, RefusesWhatItDoesNotDo) {
  Kernels kernels("f64", "");
  ASSERT_FALSE(kernels.loaded().empty());
  std::vector<double> numbers(64, 1);
  double* x = numbers.data();
  for (const auto& loaded : kernels.loaded())
    for (const int64_t lines : {0, 1}) {
      EXPECT_EQ(kernels.run(*loaded, {x, x, nullptr, nullptr, x, nullptr}, {}, lines, 64), ACIE_KERNEL_BAD_ABI) << "doubles are not added up";
      EXPECT_EQ(kernels.run(*loaded, {x, x, nullptr, nullptr, nullptr, x}, {}, lines, 31), ACIE_KERNEL_BAD_ABI) << "lines are too short";
    }
  for (const auto& loaded : kernels.loaded()) EXPECT_EQ(kernels.run(*loaded, {}, {}, 0, 64), ACIE_KERNEL_OK);
}

TEST(Lines, OnlyWhereThereIsAReason) {
  auto context = plan_context();
  std::string text = absl::StrReplaceAll(kCentred, {{"TYPE", "f64"}, {"INTERLEAVE", ""}});
  const auto has_lines = [&](const std::string& program) {
    auto module = parse_plan(*context, program);
    CodegenOptions options;
    options.want_llvm_ir = true;
    auto compiled = compile_kernels(*module, options);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    return compiled.ok() && compiled->libraries[0].llvm_ir.find("kernel_0_centred_lines") != std::string::npos;
  };
  EXPECT_TRUE(has_lines(text));
  text = absl::StrReplaceAll(text, {{"fold of sum", "fold of max"}});
  EXPECT_TRUE(has_lines(text)) << "a value for a line";
  text = absl::StrReplaceAll(text, {{"by [0]", "by [1]"}});
  EXPECT_FALSE(has_lines(text));
}

}  // namespace
}  // namespace acie::codegen::testing
