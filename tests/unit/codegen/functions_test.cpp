// Every function of kernels/math, compiled: the bits of the kernels are those of the scalar backend on every level.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/math/Functions.h"
#include "kernels/math/ScalarBackend.h"
#include "tests/unit/codegen/Interpreter.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::codegen::testing {
namespace {

constexpr int kSamples = 20011;  // no multiple of any row vector

template <class T>
std::vector<T> sweep(uint32_t salt) {
  using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  std::mt19937_64 random(salt);
  std::vector<T> values = {T(0), -T(0), T(1), -T(1), T(0.5), T(2), std::numeric_limits<T>::infinity(),
                           -std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN(),
                           std::numeric_limits<T>::min(), std::numeric_limits<T>::denorm_min(),
                           -std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::max(),
                           std::numeric_limits<T>::lowest(), std::numeric_limits<T>::epsilon()};
  std::uniform_real_distribution<T> unit(0, 1), small(-3, 3), large(-750, 750);
  while (values.size() < kSamples) {
    switch (random() % 4) {
      case 0: values.push_back(std::bit_cast<T>(static_cast<Bits>(random()))); break;
      case 1: values.push_back(unit(random)); break;
      case 2: values.push_back(small(random)); break;
      case 3: values.push_back(large(random)); break;
    }
  }
  return values;
}

// A plan of one cluster per function of the element type. Functions of kernels/math that are no operation of the language
// are its helpers.
template <class B>
std::string plan_of_functions(const std::string& type, mlir::MLIRContext& context) {
  std::string text = "plan.entry @functions on \"M\" per_row reads_table reasons [] {\n";
  for (const char* name : {"x", "y"})
    text += std::string("  %") + name + " = plan.column \"" + name + "\" given : !plan.buffer<" + type + ", inner>\n";
  int ordinal = 0;
  for (const auto& function : math::functions<B>()) {
    if (!mlir::RegisteredOperationName::lookup("acie." + std::string(function.name), &context)) continue;
    const std::string name(function.name), buffer = "!plan.buffer<" + type + ", inner>";
    const std::string operands = function.arity == 2 ? "%a, %b" : "%a";
    text += "  %r" + std::to_string(ordinal) + " = plan.cluster \"" + name + "\" " + std::to_string(ordinal) +
            " inner (%x, %y : " + buffer + ", " + buffer + ") {\n  ^bb0(%a: " + type + ", %b: " + type + "):\n    %v = acie." +
            name + " " + operands + " : " + type + "\n    plan.yield %v : " + type + "\n  } -> " + buffer + "\n";
    ++ordinal;
  }
  return text + "}\n";
}

template <class B, class T>
void compare_all(const std::string& type, acie_dtype dtype) {
  auto context = plan_context();
  auto module = parse_plan(*context, plan_of_functions<B>(type, *context));
  ASSERT_TRUE(module);
  CodegenOptions options;
  options.targets = runnable_targets();
  auto compiled = compile_kernels(*module, options);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  const std::vector<Column> inputs = {Column::of(dtype, sweep<T>(1)), Column::of(dtype, sweep<T>(2))};
  for (const KernelLibrary& library : compiled->libraries) {
    const LoadedKernels kernels(library.elf, compiled->imports, compiled->scratch);
    module->walk([&](plan::ClusterOp cluster) {
      std::vector<Column> expected, actual = {Column::zeros(dtype, 0)};
      interpret(cluster, kSamples, inputs, expected, {});
      ASSERT_EQ(kernels.run(cluster.getOrdinal(), kSamples, inputs, actual), ACIE_KERNEL_OK);
      EXPECT_TRUE(same_bits(expected[0], actual[0])) << cluster.getName().str() << " on " << library.target;
    });
  }
}

TEST(Functions, F64KernelsHaveTheScalarBackendsBits) { compare_all<math::Scalar64, double>("f64", ACIE_F64); }

TEST(Functions, F32KernelsHaveTheScalarBackendsBits) { compare_all<math::Scalar32, float>("f32", ACIE_F32); }

}  // namespace
}  // namespace acie::codegen::testing
