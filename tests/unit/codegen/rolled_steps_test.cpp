// Random clusters of repeated steps: rolled and compiled, they agree bit for bit with the interpreter on the body as it was.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "compiler/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "tests/unit/codegen/Interpreter.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::codegen::testing {
namespace {

constexpr const char* kTypes[] = {"f64", "f32", "i64", "i1"};
enum { F64, F32, I64, I1 };

std::string buffer(int type) { return std::string("!plan.buffer<") + kTypes[type] + ", inner>"; }

/// Writes a plan of one cluster: a step's operations, drawn once, of which every step reads its own columns, values, constants
/// and noise and what earlier steps made. Some steps deviate, as interventions make them.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed), steps_(12 + pick(40)), size_(3 + pick(14)), lag_(1 + pick(3)), outputs_(1 + pick(3)) {
    for (int i = 0; i < size_; ++i) step_.push_back(draw(i));
    for (int i = 0; i < outputs_; ++i) stored_.push_back(pick(size_));
    for (int i = pick(3); i > 0; --i) deviating_.push_back(pick(steps_));
  }

  std::string plan() {
    std::string body;
    for (int t = 0; t < steps_; ++t) body += step(t);
    std::string columns, names, types, arguments, scalars, scalar_names, scalar_types;
    const auto list = [](std::string& text, const std::string& item) { text += (text.empty() ? "" : ", ") + item; };
    for (int type = 0; type < 4; ++type) {
      for (int t = 0; t < steps_; ++t) {
        const std::string name = "c" + std::to_string(type) + "_" + std::to_string(t);
        columns += "  %b" + name + " = plan.column \"" + name.substr(0, 2) + "[" + std::to_string(t) + "]\" given : " + buffer(type) + "\n";
        list(names, "%b" + name);
        list(types, buffer(type));
        list(arguments, "%" + name + ": " + kTypes[type]);
      }
    }
    for (int t = 0; t < steps_; ++t) {
      const std::string n = std::to_string(t);
      columns += "  %sv" + n + " = plan.scalar " + n + " \"s[" + n + "]\" given : f64\n";
      list(scalar_names, "%sv" + n);
      list(scalar_types, "f64");
      list(arguments, "%s" + n + ": f64");
    }
    std::string values, value_types, buffers;
    int count = 0;
    const auto yield = [&](int t, int i) {
      list(values, name(t, i));
      list(value_types, kTypes[step_[i].type]);
      list(buffers, buffer(step_[i].type));
      ++count;
    };
    for (int i = 0; i < size_; ++i)
      for (int t = 0; t < steps_; ++t)
        if (t == steps_ - 1 || std::count(stored_.begin(), stored_.end(), i) > 0) yield(t, i);
    // The pairwise sum of one of them reads every step.
    if (pick(2) && step_[size_ - 1].type == F64) {
      std::vector<std::string> terms;
      for (int t = 0; t < steps_; ++t) terms.push_back(name(t, size_ - 1));
      for (int n = 0; terms.size() > 1; ++n) {
        body += "    %z" + std::to_string(n) + " = arith.addf " + terms[0] + ", " + terms[1] + " : f64\n";
        terms.erase(terms.begin(), terms.begin() + 2);
        terms.push_back("%z" + std::to_string(n));
      }
      list(values, terms[0]);
      list(value_types, "f64");
      list(buffers, buffer(F64));
      ++count;
    }
    return "plan.entry @e on \"M\" per_row reads_table reasons [] {\n" + columns + "  %r:" + std::to_string(count) +
           " = plan.cluster \"k\" 0 inner (" + names + " : " + types + ") scalars (" + scalar_names + " : " + scalar_types + ") {\n  ^bb0(" +
           arguments + "):\n" + constants_ + body + "    plan.yield " + values + " : " + value_types + "\n  } -> " + buffers + "\n}\n";
  }

 private:
  /// An operand: of the same step (lag 0) or an earlier one, or the step's own column, value or constant, or the same for all.
  struct Operand {
    enum { Node, Column, Scalar, Constant, Shared } from;
    int lag = 0, position = 0;
  };
  struct Operation {
    int type;
    std::string text;  // with %0, %1 … for operands
    std::vector<int> types;
    std::vector<Operand> operands;
    bool uniform = false;
  };

  int pick(int n) { return static_cast<int>(random_() % n); }

  Operation draw(int position) {
    static const std::vector<Operation> kForms = {
        {F64, "arith.addf %0, %1 : f64", {F64, F64}, {}}, {F64, "arith.mulf %0, %1 : f64", {F64, F64}, {}},
        {F64, "arith.subf %0, %1 : f64", {F64, F64}, {}}, {F64, "acie.tanh %0 : f64", {F64}, {}},
        {F64, "arith.select %0, %1, %2 : f64", {I1, F64, F64}, {}}, {I1, "arith.cmpf olt, %0, %1 : f64", {F64, F64}, {}},
        {F32, "arith.addf %0, %1 : f32", {F32, F32}, {}}, {F32, "arith.truncf %0 : f64 to f32", {F64}, {}},
        {F64, "arith.extf %0 : f32 to f64", {F32}, {}}, {I64, "arith.addi %0, %1 : i64", {I64, I64}, {}},
        {I64, "arith.select %0, %1, %2 : i64", {I1, I64, I64}, {}}, {I1, "arith.andi %0, %1 : i1", {I1, I1}, {}},
        {F64, "acie.pow %0, %1 : f64", {F64, F64}, {}}, {F64, "arith.sitofp %0 : i64 to f64", {I64}, {}},
        {F64, "acie.uniform", {}, {}, true}, {F64, "acie.lgamma %0 : f64", {F64}, {}}};
    Operation op = kForms[pick(kForms.size())];
    for (const int type : op.types) {
      std::vector<Operand> choices{{Operand::Column}, {Operand::Shared}};
      if (type != I1) choices.push_back({Operand::Constant});
      if (type == F64) choices.push_back({Operand::Scalar});
      for (int i = 0; i < position; ++i)
        if (step_[i].type == type) choices.insert(choices.end(), {{Operand::Node, 0, i}, {Operand::Node, lag_, i}});
      if (type == op.type && pick(2)) choices = {{Operand::Node, 1 + pick(lag_), position}};
      op.operands.push_back(choices[pick(choices.size())]);
    }
    return op;
  }

  static std::string name(int t, int i) { return "%v" + std::to_string(t) + "_" + std::to_string(i); }

  std::string operand(int t, const Operand& operand, int type, int slot) {
    const auto column = [&](int step) { return "%c" + std::to_string(type) + "_" + std::to_string(step); };
    switch (operand.from) {
      case Operand::Node: return t >= operand.lag ? name(t - operand.lag, operand.position) : column(slot % steps_);
      case Operand::Column: return column(t);
      case Operand::Scalar: return "%s" + std::to_string(t);
      case Operand::Shared: return column(0);
      case Operand::Constant: break;
    }
    const std::string constant = "%k" + std::to_string(next_++);
    const std::string value = std::to_string((t * 7 + slot) % 5 - 2);
    constants_ += "    " + constant + " = arith.constant " + value + (type == I64 ? "" : ".5") + " : " + kTypes[type] + "\n";
    return constant;
  }

  std::string step(int t) {
    std::string result;
    for (int i = 0; i < size_; ++i) {
      const Operation& op = step_[i];
      std::string text = op.text;
      if (op.uniform) text += " \"u" + std::to_string(i) + "[" + std::to_string(t) + "]\" : f64";
      for (size_t k = 0; k < op.operands.size(); ++k) text.replace(text.find("%" + std::to_string(k)), 2, operand(t, op.operands[k], op.types[k], 3 * i + k));
      if (i == 0 && std::count(deviating_.begin(), deviating_.end(), t) > 0 && op.type == F64)
        text = "arith.negf %s" + std::to_string(t) + " : f64";  // set from outside
      result += "    " + name(t, i) + " = " + text + "\n";
    }
    return result;
  }

  std::mt19937 random_;
  int steps_, size_, lag_, outputs_, next_ = 0;
  std::vector<Operation> step_;
  std::vector<int> stored_, deviating_;
  std::string constants_;
};

template <class T>
Column random_column(acie_dtype dtype, int64_t count, std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<T> values(count);
  for (T& value : values) value = dtype == ACIE_BOOL ? random() & 1 : static_cast<T>(2 * normal(random));
  return Column::of(dtype, values);
}

int rolled = 0, kept = 0;

class RolledSteps : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RolledSteps, RolledAndPlainAgree) {
  auto context = plan_context();
  const std::string text = Generator(GetParam()).plan();
  auto plain = parse_plan(*context, text), module = parse_plan(*context, text);
  ASSERT_TRUE(plain && module) << text;
  mlir::PassManager passes(context.get());
  transforms::RollStepsOptions roll;
  roll.minOperations = 1;
  roll.minSteps = 3;
  passes.addPass(transforms::createRollSteps(roll));
  ASSERT_TRUE(succeeded(passes.run(*module)));  // the verifier looks at what it made
  module->walk([](plan::RepeatOp repeat) {
    ++rolled;
    kept += llvm::any_of(repeat.getEveryValues(), [](mlir::Value value) { return !mlir::isa<plan::YieldOp>(*value.user_begin()); });
  });
  CodegenOptions options;
  options.targets = runnable_targets();
  auto compiled = compile_kernels(*module, options);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  std::mt19937 random(GetParam());
  plan::ClusterOp cluster;
  plain->walk([&](plan::ClusterOp op) { cluster = op; });
  for (const KernelLibrary& library : compiled->libraries) {
    const LoadedKernels kernels(library.elf, compiled->imports, compiled->scratch);
    const int64_t count = 1 + random() % 50;
    std::vector<Column> inputs;
    for (mlir::Value input : cluster.getInputs()) {
      switch (const acie_dtype dtype = dtype_of(mlir::cast<plan::BufferType>(input.getType()).getElementType())) {
        case ACIE_F64: inputs.push_back(random_column<double>(dtype, count, random)); break;
        case ACIE_F32: inputs.push_back(random_column<float>(dtype, count, random)); break;
        case ACIE_I64: inputs.push_back(random_column<int64_t>(dtype, count, random)); break;
        default: inputs.push_back(random_column<uint8_t>(dtype, count, random)); break;
      }
    }
    CallContext call{.scalars = {}, .seed = random(), .row_base = 11};
    for (size_t i = 0; i < cluster.getScalars().size(); ++i) call.scalars.push_back({.f64 = 0.25 * static_cast<double>(i) - 1});
    std::vector<Column> expected;
    interpret(cluster, count, inputs, expected, call);
    std::vector<Column> actual = expected;
    ASSERT_EQ(kernels.run(0, count, inputs, actual, call), ACIE_KERNEL_OK);
    for (size_t k = 0; k < expected.size(); ++k) ASSERT_TRUE(same_bits(expected[k], actual[k])) << "output " << k << " on " << library.target << "\n" << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RolledSteps, ::testing::Range(1u, 41u));

// A test of plain code alone would pass as well.
class MostAreRolled : public ::testing::Environment {
  void TearDown() override {
    EXPECT_GT(rolled, 30);
    EXPECT_GT(kept, 3);
  }
};
const auto* const kMostAreRolled = ::testing::AddGlobalTestEnvironment(new MostAreRolled);

}  // namespace
}  // namespace acie::codegen::testing
