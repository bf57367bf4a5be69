// Random clusters: compiled kernels and the interpreter agree bit for bit on every level.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/unit/codegen/Interpreter.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::codegen::testing {
namespace {

constexpr const char* kTypes[] = {"f64", "f32", "i64", "i32", "i1"};
enum { F64, F32, I64, I32, I1 };

// Writes the text of a random plan.entry with `kClusters` clusters.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string cluster(int ordinal) {
    pools_ = {};
    next_ = 0;
    // Some clusters have no 64-bit value, so that 32-bit lanes fill the registers.
    single_ = pick(4) == 0;
    std::string arguments, body;
    for (int type = 0; type < 5; ++type) {
      if (single_ && (type == F64 || type == I64)) continue;
      const std::string name = fresh();
      pools_[type].push_back(name);
      arguments += (arguments.empty() ? "" : ", ") + name + ": " + kTypes[type];
    }
    const int operations = 5 + pick(40);
    for (int i = 0; i < operations; ++i) body += "    " + operation() + "\n";
    std::string values, types, buffers;
    for (int type = 0; type < 5; ++type) {
      if (pools_[type].empty()) continue;
      for (const std::string& value : {pools_[type].back(), any(type)}) {
        values += (values.empty() ? "" : ", ") + value;
        types += (types.empty() ? std::string() : ", ") + kTypes[type];
        buffers += (buffers.empty() ? "" : ", ") + buffer(type);
      }
    }
    const int results = std::count(types.begin(), types.end(), ',') + 1;
    std::string operands, operand_types;
    for (int type = 0; type < 5; ++type) {
      if (single_ && (type == F64 || type == I64)) continue;
      operands += (operands.empty() ? "%" : ", %") + std::string("c") + kTypes[type];
      operand_types += (operand_types.empty() ? "" : ", ") + buffer(type);
    }
    const std::string number = std::to_string(ordinal);
    return "  %r" + number + ":" + std::to_string(results) + " = plan.cluster \"k" + number + "\" " + number + " inner (" +
           operands + " : " + operand_types + ") {\n  ^bb0(" + arguments + "):\n" + body + "    plan.yield " + values + " : " +
           types + "\n  } -> " + buffers + "\n";
  }

  static std::string buffer(int type) { return std::string("!plan.buffer<") + kTypes[type] + ", inner>"; }

 private:
  int pick(int n) { return static_cast<int>(random_() % n); }
  std::string fresh() { return "%v" + std::to_string(next_++); }
  const std::string& any(int type) { return pools_[type][pick(pools_[type].size())]; }
  std::string add(int type, const std::string& text) {
    const std::string name = fresh();
    pools_[type].push_back(name);
    return name + " = " + text;
  }
  int float_type() { return single_ || pick(3) == 0 ? F32 : F64; }
  int integer_type() { return single_ || pick(2) == 0 ? I32 : I64; }

  std::string operation() {
    const int f = float_type(), i = integer_type();
    const std::string ft = kTypes[f], it = kTypes[i];
    switch (pick(12)) {
      case 0:
      case 1: {
        constexpr const char* names[] = {"arith.addf", "arith.subf", "arith.mulf", "arith.divf", "acie.min", "acie.max", "acie.mod",
                                         "acie.idiv", "acie.atan2", "acie.pow"};
        return add(f, std::string(names[pick(10)]) + " " + any(f) + ", " + any(f) + " : " + ft);
      }
      case 2: {
        constexpr const char* names[] = {"exp", "tanh", "log", "sqrt", "log1p", "expm1", "norm_cdf", "sigmoid", "floor", "abs", "sin",
                                         "erf", "norm_quantile", "cbrt"};
        return add(f, std::string("acie.") + names[pick(14)] + " " + any(f) + " : " + ft);
      }
      case 3: {
        constexpr const char* predicates[] = {"oeq", "olt", "oge", "une", "ult", "uno", "ord", "ueq"};
        return add(I1, std::string("arith.cmpf ") + predicates[pick(8)] + ", " + any(f) + ", " + any(f) + " : " + ft);
      }
      case 4: {
        constexpr const char* names[] = {"arith.addi", "arith.subi", "arith.muli", "acie.idiv", "acie.mod", "acie.min", "acie.max"};
        return add(i, std::string(names[pick(7)]) + " " + any(i) + ", " + any(i) + " : " + it);
      }
      case 5: {
        constexpr const char* predicates[] = {"eq", "ne", "slt", "sge"};
        return add(I1, std::string("arith.cmpi ") + predicates[pick(4)] + ", " + any(i) + ", " + any(i) + " : " + it);
      }
      case 6: {
        constexpr const char* names[] = {"arith.andi", "arith.ori", "arith.xori"};
        return add(I1, std::string(names[pick(3)]) + " " + any(I1) + ", " + any(I1) + " : i1");
      }
      case 7: return add(f, "arith.select " + any(I1) + ", " + any(f) + ", " + any(f) + " : " + ft);
      case 8: return add(i, "arith.select " + any(I1) + ", " + any(i) + ", " + any(i) + " : " + it);
      case 9:
        return pick(2) ? add(f, "arith.sitofp " + any(i) + " : " + it + " to " + ft)
                       : add(i, "acie.to_int " + any(f) + " : " + ft + " to " + it);
      case 10:
        if (pick(2)) return add(f, "arith.uitofp " + any(I1) + " : i1 to " + ft);
        if (single_) return add(I1, "arith.select " + any(I1) + ", " + any(I1) + ", " + any(I1) + " : i1");
        return pick(2) ? add(F64, "arith.extf " + any(F32) + " : f32 to f64")
                       : add(F32, "arith.truncf " + any(F64) + " : f64 to f32");
      default:
        if (single_) return add(f, "arith.negf " + any(f) + " : " + ft);
        return pick(2) ? add(I64, "arith.extsi " + any(I32) + " : i32 to i64")
                       : add(F64, "acie.uniform \"u" + std::to_string(pick(3)) + "\" : f64");
    }
  }

  std::mt19937 random_;
  std::array<std::vector<std::string>, 5> pools_;
  int next_ = 0;
  bool single_ = false;
};

std::string random_plan(uint32_t seed, int clusters) {
  Generator generator(seed);
  std::string text = "plan.entry @e on \"M\" per_row reads_table reasons [] {\n";
  for (int type = 0; type < 5; ++type)
    text += std::string("  %c") + kTypes[type] + " = plan.column \"" + kTypes[type] + "\" given : " +
            Generator::buffer(type) + "\n";
  for (int i = 0; i < clusters; ++i) text += generator.cluster(i);
  return text + "}\n";
}

template <class T>
Column random_column(acie_dtype dtype, int64_t count, std::mt19937& random, double scale) {
  std::normal_distribution<double> normal;
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(normal(random) * scale);
  if (count > 3 && std::is_floating_point_v<T>) {
    values[1] = std::numeric_limits<T>::infinity();
    values[2] = std::numeric_limits<T>::quiet_NaN();
    values[3] = T(-0.0);
  }
  return Column::of(dtype, values);
}

class RandomClusters : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RandomClusters, CompiledAndInterpretedAgree) {
  constexpr int kClusters = 12;
  const std::string text = random_plan(GetParam(), kClusters);
  auto context = plan_context();
  auto module = parse_plan(*context, text);
  ASSERT_TRUE(module);
  CodegenOptions options;
  options.targets = runnable_targets();
  auto compiled = compile_kernels(*module, options);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  std::mt19937 random(GetParam());
  for (const KernelLibrary& library : compiled->libraries) {
    const LoadedKernels kernels(library.elf, compiled->imports, compiled->scratch);
    module->walk([&](plan::ClusterOp cluster) {
      const int64_t count = 1 + random() % 90;
      std::vector<Column> inputs;
      for (mlir::Value input : cluster.getInputs()) {
        switch (dtype_of(mlir::cast<plan::BufferType>(input.getType()).getElementType())) {
          case ACIE_F64: inputs.push_back(random_column<double>(ACIE_F64, count, random, 2)); break;
          case ACIE_F32: inputs.push_back(random_column<float>(ACIE_F32, count, random, 2)); break;
          case ACIE_I64: inputs.push_back(random_column<int64_t>(ACIE_I64, count, random, 1e5)); break;
          case ACIE_I32: inputs.push_back(random_column<int32_t>(ACIE_I32, count, random, 10)); break;
          case ACIE_BOOL: inputs.push_back(random_column<uint8_t>(ACIE_BOOL, count, random, 0)); break;
        }
        if (inputs.back().dtype == ACIE_BOOL)
          for (uint8_t& truth : inputs.back().bytes) truth = random() & 1;
      }
      CallContext call{.scalars = {}, .seed = random(), .row_base = 11};
      std::vector<Column> expected;
      interpret(cluster, count, inputs, expected, call);
      std::vector<Column> actual = expected;
      ASSERT_EQ(kernels.run(cluster.getOrdinal(), count, inputs, actual, call), ACIE_KERNEL_OK);
      for (size_t k = 0; k < expected.size(); ++k) {
        const auto same = same_bits(expected[k], actual[k]);
        if (!same) {
          std::string body;
          llvm::raw_string_ostream(body) << cluster;
          ADD_FAILURE() << same.message() << " in output " << k << " on " << library.target << ":\n" << body;
          break;
        }
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomClusters, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace acie::codegen::testing
