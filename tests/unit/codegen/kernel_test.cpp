// Row kernels against the row-by-row interpreter: element types, tails, broadcast inputs, scalars, random numbers, imports.
#include <gtest/gtest.h>

#include <random>

#include "runtime/loader/ElfCheck.h"
#include "tests/unit/codegen/Interpreter.h"
#include "tests/unit/codegen/KernelHarness.h"

namespace acie::codegen::testing {
namespace {

struct Compiled {
  std::unique_ptr<mlir::MLIRContext> context = plan_context();
  mlir::OwningOpRef<mlir::ModuleOp> module;
  CompiledKernels kernels;
  std::vector<std::unique_ptr<LoadedKernels>> loaded;

  explicit Compiled(const std::string& text) {
    module = parse_plan(*context, text);
    if (!module) return;
    CodegenOptions options;
    options.targets = runnable_targets();
    auto compiled = compile_kernels(*module, options);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    if (!compiled.ok()) return;
    kernels = *std::move(compiled);
    for (const KernelLibrary& library : kernels.libraries)
      loaded.push_back(std::make_unique<LoadedKernels>(library.elf, kernels.imports, kernels.scratch));
  }

  plan::ClusterOp cluster(uint32_t ordinal = 0) {
    plan::ClusterOp found;
    module->walk([&](plan::ClusterOp op) {
      if (op.getOrdinal() == ordinal) found = op;
    });
    return found;
  }

  // Runs every library and compares it with the interpreter.
  void check(int64_t count, const std::vector<Column>& inputs, const CallContext& call = {}, uint32_t ordinal = 0) {
    std::vector<Column> expected;
    interpret(cluster(ordinal), count, inputs, expected, call);
    for (size_t i = 0; i < loaded.size(); ++i) {
      std::vector<Column> actual = expected;
      for (Column& column : actual) column.bytes.clear();
      ASSERT_EQ(loaded[i]->run(ordinal, count, inputs, actual, call), ACIE_KERNEL_OK);
      for (size_t k = 0; k < expected.size(); ++k)
        EXPECT_TRUE(same_bits(expected[k], actual[k]))
            << "output " << k << ", " << count << " rows, " << kernels.libraries[i].target;
    }
  }
};

template <class T>
std::vector<T> numbers(size_t count, uint32_t salt, double scale = 4) {
  std::mt19937 random(salt);
  std::uniform_real_distribution<double> range(-scale, scale);
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(range(random));
  return values;
}

std::vector<uint8_t> truths(size_t count, uint32_t salt) {
  std::mt19937 random(salt);
  std::vector<uint8_t> values(count);
  for (uint8_t& value : values) value = random() & 1;
  return values;
}

constexpr char kEveryType[] = R"(
plan.entry @e on "M" per_row reads_table reasons [] {
  %a = plan.column "a" given : !plan.buffer<f64, inner>
  %b = plan.column "b" given : !plan.buffer<f32, inner>
  %c = plan.column "c" given : !plan.buffer<i64, inner>
  %d = plan.column "d" given : !plan.buffer<i32, inner>
  %e = plan.column "e" given : !plan.buffer<i1, inner>
  %p = plan.scalar 3 "p" argument : f64
  %q = plan.scalar 0 "q" argument : i1
  %s = plan.scalar 1 "s" argument : f32
  %t = plan.scalar 2 "t" argument : i32
  %r:5 = plan.cluster "every_type" 0 inner (%a, %b, %c, %d, %e : !plan.buffer<f64, inner>, !plan.buffer<f32, inner>,
      !plan.buffer<i64, inner>, !plan.buffer<i32, inner>, !plan.buffer<i1, inner>)
      scalars (%p, %q, %s, %t : f64, i1, f32, i32) {
  ^bb0(%a_i: f64, %b_i: f32, %c_i: i64, %d_i: i32, %e_i: i1, %p_i: f64, %q_i: i1, %s_i: f32, %t_i: i32):
    %b_wide = arith.extf %b_i : f32 to f64
    %sum = arith.addf %a_i, %b_wide : f64
    %scaled = arith.mulf %sum, %p_i : f64
    %f = arith.select %e_i, %scaled, %a_i : f64
    %g = arith.mulf %b_i, %s_i : f32
    %c_next = arith.addi %c_i, %c_i : i64
    %d_wide = arith.extsi %d_i : i32 to i64
    %h = acie.idiv %c_next, %d_wide : i64
    %i = acie.mod %d_i, %t_i : i32
    %below = arith.cmpf olt, %f, %b_wide : f64
    %j = arith.xori %below, %q_i : i1
    plan.yield %f, %g, %h, %i, %j : f64, f32, i64, i32, i1
  } -> !plan.buffer<f64, inner>, !plan.buffer<f32, inner>, !plan.buffer<i64, inner>, !plan.buffer<i32, inner>,
       !plan.buffer<i1, inner>
}
)";

CallContext every_type_scalars() {
  CallContext call;
  call.scalars.resize(4);
  call.scalars[0].i64 = 1;
  call.scalars[1].f32 = 1.5f;
  call.scalars[2].i32 = -3;
  call.scalars[3].f64 = 0.3;
  return call;
}

std::vector<Column> every_type_inputs(size_t count, uint32_t broadcast) {
  const auto stride = [&](int i) { return broadcast >> i & 1 ? 0 : 1; };
  const auto size = [&](int i) { return stride(i) ? count : 1; };
  return {Column::of(ACIE_F64, numbers<double>(size(0), 1), stride(0)),
          Column::of(ACIE_F32, numbers<float>(size(1), 2), stride(1)),
          Column::of(ACIE_I64, numbers<int64_t>(size(2), 3, 1e6), stride(2)),
          Column::of(ACIE_I32, numbers<int32_t>(size(3), 4, 20), stride(3)),
          Column::of(ACIE_BOOL, truths(size(4), 5), stride(4))};
}

TEST(Kernel, EveryElementTypeAndTail) {
  Compiled compiled(kEveryType);
  ASSERT_FALSE(compiled.loaded.empty());
  for (int64_t count = 0; count <= 40; ++count) compiled.check(count, every_type_inputs(count, 0), every_type_scalars());
  compiled.check(1000, every_type_inputs(1000, 0), every_type_scalars());
}

TEST(Kernel, BroadcastInputs) {
  Compiled compiled(kEveryType);
  ASSERT_FALSE(compiled.loaded.empty());
  for (uint32_t broadcast = 1; broadcast < 32; ++broadcast)
    for (int64_t count : {1, 7, 16, 33}) compiled.check(count, every_type_inputs(count, broadcast), every_type_scalars());
}

TEST(Kernel, InterleavingChangesNoBit) {
  const std::string text(kEveryType), head = "\"every_type\" 0 inner ";
  for (int interleave = 1; interleave <= 4; ++interleave) {
    std::string changed = text;
    changed.replace(changed.find(head), head.size(), head + "interleave " + std::to_string(interleave) + " ");
    Compiled compiled(changed);
    ASSERT_FALSE(compiled.loaded.empty());
    for (int64_t count : {1, 15, 64, 100}) compiled.check(count, every_type_inputs(count, 0), every_type_scalars());
  }
}

constexpr char kSinglePrecision[] = R"(
plan.entry @e on "M" per_row reads_table reasons [] {
  %a = plan.column "a" given : !plan.buffer<f32, inner>
  %r:2 = plan.cluster "f32" 7 inner (%a : !plan.buffer<f32, inner>) {
  ^bb0(%x: f32):
    %y = acie.exp %x : f32
    %one = arith.constant 1.0 : f32
    %z = arith.cmpf ogt, %y, %one : f32
    plan.yield %y, %z : f32, i1
  } -> !plan.buffer<f32, inner>, !plan.buffer<i1, inner>
}
)";

TEST(Kernel, SinglePrecisionFillsTheRegister) {
  Compiled compiled(kSinglePrecision);
  ASSERT_FALSE(compiled.loaded.empty());
  for (int64_t count = 0; count <= 80; ++count)
    compiled.check(count, {Column::of(ACIE_F32, numbers<float>(count, 9))}, {}, 7);
}

constexpr char kRandom[] = R"(
plan.entry @e on "M" per_draw has_draws reasons [] {
  %r:3 = plan.cluster "draws" 0 inner () {
  ^bb0:
    %u = acie.uniform "u" : f64
    %v = acie.uniform "v" : f64
    %n = acie.norm_quantile %v : f64
    %same = acie.uniform "u" : f64
    plan.yield %u, %n, %same : f64, f64, f64
  } -> !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>
}
)";

TEST(Kernel, RandomNumbersAreKeyedByRowAndDraw) {
  Compiled compiled(kRandom);
  ASSERT_FALSE(compiled.loaded.empty());
  CallContext rows{.scalars = {}, .seed = 42, .row_base = 1'000'000'007, .row_step = 1, .draw_base = 3, .draw_step = 0};
  compiled.check(101, {}, rows);
  CallContext draws{.scalars = {}, .seed = ~uint64_t{0}, .row_base = 5, .row_step = 0, .draw_base = -4, .draw_step = 1};
  compiled.check(37, {}, draws);

  // A shard's draws are those of the whole.
  std::vector<Column> whole(3), shard(3);
  ASSERT_EQ(compiled.loaded[0]->run(0, 50, {}, whole, rows), ACIE_KERNEL_OK);
  rows.row_base += 20;
  ASSERT_EQ(compiled.loaded[0]->run(0, 30, {}, shard, rows), ACIE_KERNEL_OK);
  EXPECT_EQ(std::vector<uint8_t>(whole[1].bytes.begin() + 20 * 8, whole[1].bytes.end()), shard[1].bytes);
  EXPECT_EQ(whole[0].bytes, whole[2].bytes);
  EXPECT_NE(whole[0].bytes, whole[1].bytes);
}

constexpr char kImports[] = R"(
plan.entry @e on "M" per_row reads_table reasons [] {
  %a = plan.column "a" given : !plan.buffer<f64, inner>
  %b = plan.column "b" given : !plan.buffer<f64, inner>
  %r:2 = plan.cluster "imports" 0 inner (%a, %b : !plan.buffer<f64, inner>, !plan.buffer<f64, inner>) {
  ^bb0(%x: f64, %y: f64):
    %g = acie.lgamma %x : f64
    %h = acie.beta_cdf %g, %y, %x : f64
    %s = arith.addf %h, %y : f64
    plan.yield %s, %g : f64, f64
  } -> !plan.buffer<f64, inner>, !plan.buffer<f64, inner>
}
)";

TEST(Kernel, ImportedFunctionsAreCalledOnWholeVectors) {
  Compiled compiled(kImports);
  ASSERT_FALSE(compiled.loaded.empty());
  EXPECT_EQ(compiled.kernels.imports, (std::vector<std::string>{"beta_cdf", "lgamma"}));
  for (int64_t count : {0, 1, 5, 16, 47})
    compiled.check(count, {Column::of(ACIE_F64, numbers<double>(count, 1)), Column::of(ACIE_F64, numbers<double>(count, 2))});
}

TEST(Kernel, LongFunctionsUsedOftenAreBuiltOnce) {
  std::string body, values, types, buffers;
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    body += "    %u" + n + " = acie.uniform \"u" + n + "\" : f64\n    %n" + n + " = acie.norm_quantile %u" + n +
            " : f64\n    %p" + n + " = acie.pow %x, %n" + n + " : f64\n";
    values += (i ? ", %p" : "%p") + n;
    types += i ? ", f64" : "f64";
    buffers += i ? ", !plan.buffer<f64, inner>" : "!plan.buffer<f64, inner>";
  }
  Compiled compiled("plan.entry @e on \"M\" per_row reads_table reasons [] {\n"
                    "  %a = plan.column \"a\" given : !plan.buffer<f64, inner>\n"
                    "  %r:6 = plan.cluster \"often\" 0 inner (%a : !plan.buffer<f64, inner>) {\n  ^bb0(%x: f64):\n" +
                    body + "    plan.yield " + values + " : " + types + "\n  } -> " + buffers + "\n}\n");
  ASSERT_FALSE(compiled.loaded.empty());
  for (int64_t count : {1, 16, 50}) compiled.check(count, {Column::of(ACIE_F64, numbers<double>(count, 3))}, {.scalars = {}, .seed = 7});
  CodegenOptions options;
  options.want_llvm_ir = true;
  auto text = compile_kernels(*compiled.module, options);
  ASSERT_TRUE(text.ok());
  for (const KernelLibrary& library : text->libraries)
    for (const char* name : {"acie_uniform_64", "acie_norm_quantile_64", "acie_pow_64"})
      EXPECT_NE(library.llvm_ir.find(name), std::string::npos) << name << " is not called on " << library.target;
}

TEST(Kernel, ToIntSaturates) {
  Compiled compiled(R"(
plan.entry @e on "M" per_row reads_table reasons [] {
  %a = plan.column "a" given : !plan.buffer<f64, inner>
  %r:2 = plan.cluster "to_int" 0 inner (%a : !plan.buffer<f64, inner>) {
  ^bb0(%x: f64):
    %g = acie.to_int %x : f64 to i64
    %h = acie.to_int %x : f64 to i32
    plan.yield %g, %h : i64, i32
  } -> !plan.buffer<i64, inner>, !plan.buffer<i32, inner>
}
)");
  ASSERT_FALSE(compiled.loaded.empty());
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> values = {0, -0.0, 0.9, -0.9, 1e9, -1e10, 2147483647.5, -2147483648.5, 9.3e18, -9.3e18,
                                      9223372036854774784.0, inf, -inf, std::numeric_limits<double>::quiet_NaN()};
  compiled.check(values.size(), {Column::of(ACIE_F64, values)});
}

TEST(Kernel, RefusesCallsOfAnotherShape) {
  Compiled compiled(kImports);
  ASSERT_FALSE(compiled.loaded.empty());
  for (const auto& kernels : compiled.loaded) {
    acie_call call{};
    call.struct_size = sizeof call;
    call.abi_version = ACIE_KERNEL_ABI_VERSION;
    call.num_inputs = 2;
    call.num_outputs = 2;
    call.num_imports = 2;
    call.scratch_size = compiled.kernels.scratch.at(0);
    const auto answer_with = [&](auto change) {
      acie_call changed = call;
      change(changed);
      return kernels->entry()(&changed);
    };
    EXPECT_EQ(answer_with([](acie_call& c) { c.struct_size = 64; }), ACIE_KERNEL_BAD_ABI);
    EXPECT_EQ(answer_with([](acie_call& c) { c.abi_version = 2; }), ACIE_KERNEL_BAD_ABI);
    EXPECT_EQ(answer_with([](acie_call& c) { c.ordinal = 1; }), ACIE_KERNEL_BAD_ORDINAL);
    EXPECT_EQ(answer_with([](acie_call& c) { c.num_inputs = 1; }), ACIE_KERNEL_BAD_ABI);
    EXPECT_EQ(answer_with([](acie_call& c) { c.num_outputs = 3; }), ACIE_KERNEL_BAD_ABI);
    EXPECT_EQ(answer_with([](acie_call& c) { c.num_imports = 1; }), ACIE_KERNEL_BAD_ABI);
    EXPECT_EQ(answer_with([](acie_call& c) { c.scratch_size = 0; }), ACIE_KERNEL_BAD_ABI);
  }
}

TEST(Kernel, LibrariesAreHermeticAndReproducible) {
  const Compiled first(kEveryType), second(kEveryType);
  ASSERT_EQ(first.kernels.libraries.size(), second.kernels.libraries.size());
  for (size_t i = 0; i < first.kernels.libraries.size(); ++i) {
    EXPECT_EQ(first.kernels.libraries[i].elf, second.kernels.libraries[i].elf);
    EXPECT_TRUE(loader::check_kernel_image(first.kernels.libraries[i].elf).ok());
  }
}

TEST(Kernel, EmitsTextOnRequest) {
  auto context = plan_context();
  auto module = parse_plan(*context, kSinglePrecision);
  CodegenOptions options;
  options.want_llvm_ir = options.want_assembly = true;
  auto compiled = compile_kernels(*module, options);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  ASSERT_EQ(compiled->libraries.size(), 2u);
  EXPECT_NE(compiled->libraries[0].llvm_ir.find("<8 x float>"), std::string::npos);
  EXPECT_NE(compiled->libraries[1].llvm_ir.find("<16 x float>"), std::string::npos);
  EXPECT_EQ(compiled->libraries[0].assembly.find("zmm"), std::string::npos);
  EXPECT_NE(compiled->libraries[1].assembly.find("zmm"), std::string::npos);
}

constexpr char kOfTensors[] = R"(
plan.entry @e on "M" per_row reads_table reasons [] {
  %x = plan.column "x" given : !plan.buffer<tensor<40xf64>, inner>
  %y = plan.cluster "elements" 0 inner (%x : !plan.buffer<tensor<40xf64>, inner>) {
  ^bb0(%x_i: f64):
    %square = arith.mulf %x_i, %x_i : f64
    plan.yield %square : f64
  } -> !plan.buffer<tensor<40xf64>, inner>
}
)";

TEST(Kernel, ElementsOfTensorsAreTheSameWhereverTheyGoAndWhateverIsFetched) {
  Compiled compiled(kOfTensors);
  ASSERT_FALSE(compiled.loaded.empty());
  const std::vector<double> x = numbers<double>(1000, 6);
  CallContext none, one, two, past;
  one.ahead[0] = x.data();
  two.ahead[0] = reinterpret_cast<const void*>(1), two.ahead[1] = x.data() + 990;
  past.flags = ACIE_CALL_STREAM;
  for (const auto& kernels : compiled.loaded)
    for (const CallContext& call : {none, one, two, past})
      for (const int64_t count : {1, 7, 16, 40, 96, 992}) {
        if (call.flags != 0 && count % 32 != 0) continue;
        std::vector<Column> squares = {Column::zeros(ACIE_F64, 0)};
        ASSERT_EQ(kernels->run(0, count, {Column::of(ACIE_F64, x)}, squares, call), ACIE_KERNEL_OK);
        ASSERT_EQ(squares[0].bytes.size(), static_cast<size_t>(count) * sizeof(double));
        const auto* square = reinterpret_cast<const double*>(squares[0].bytes.data());
        for (int64_t i = 0; i < count; ++i) ASSERT_EQ(square[i], x[static_cast<size_t>(i)] * x[static_cast<size_t>(i)]) << i << " of " << count;
      }
  CodegenOptions options;
  options.want_llvm_ir = true;
  const auto has = [&](const char* text, const char* what) {
    auto module = parse_plan(*compiled.context, text);
    auto kernels = compile_kernels(*module, options);
    return kernels.ok() && kernels->libraries[0].llvm_ir.find(what) != std::string::npos;
  };
  for (const char* what : {"llvm.prefetch", "!nontemporal"}) {
    EXPECT_TRUE(has(kOfTensors, what)) << what;
    EXPECT_FALSE(has(kSinglePrecision, what)) << what;
  }
}

TEST(Kernel, OptimisationChangesNoBit) {
  Compiled compiled(kEveryType);
  ASSERT_FALSE(compiled.loaded.empty());
  for (int optimisation = 0; optimisation < 3; ++optimisation) {
    CodegenOptions options;
    options.targets = runnable_targets();
    options.optimisation = optimisation;
    auto kernels = compile_kernels(*compiled.module, options);
    ASSERT_TRUE(kernels.ok()) << kernels.status();
    compiled.loaded.clear();
    for (const KernelLibrary& library : kernels->libraries)
      compiled.loaded.push_back(std::make_unique<LoadedKernels>(library.elf, kernels->imports, kernels->scratch));
    for (int64_t count : {3, 16, 50}) compiled.check(count, every_type_inputs(count, 0), every_type_scalars());
  }
}

TEST(Kernel, NamesTheUnknownTarget) {
  auto context = plan_context();
  auto module = parse_plan(*context, kSinglePrecision);
  CodegenOptions options;
  options.targets = {"pdp-11"};
  const auto compiled = compile_kernels(*module, options);
  ASSERT_FALSE(compiled.ok());
  EXPECT_NE(compiled.status().message().find("pdp-11"), std::string::npos);
}

}  // namespace
}  // namespace acie::codegen::testing
