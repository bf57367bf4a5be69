// The plan's JSON: what is written is read back, and nothing unsound is read at all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "runtime/package/PlanCheck.h"
#include "runtime/package/StartSizes.h"
#include "runtime/status/Errors.h"
#include "tests/unit/runtime/Fixture.h"

namespace acie::package {
namespace {

using ::testing::HasSubstr;

Plan plan_with_units() {
  Plan plan = testing::test_plan();
  plan.units = units::astro_units();
  plan.entries[0].columns[0].unit = *units::parse_unit("km^(1/2)*mag/s", plan.units);
  plan.entries[0].outputs[0].unit = *units::parse_unit("Msun/yr", plan.units);
  plan.entries[0].explanation = "line\n\"quoted\" μ";
  plan.imports = {"gamma_cdf"};
  plan.entries[0].columns[0].vector = {"v", {2, 3}, 5};
  plan.entries[0].columns[0].vector_column = "V";
  plan.entries[0].outputs[0].vector = {"w", {1}, 0};
  plan.files = {{"species.csv", std::string(64, 'a'), 17}};
  return plan;
}

TEST(PlanJson, ReadsBackWhatItWrites) {
  const Plan plan = plan_with_units();
  const std::string json = to_json(plan);
  const absl::StatusOr<Plan> parsed = parse_plan(json);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(to_json(*parsed), json);
  EXPECT_EQ(parsed->entries[0].columns[0].unit, plan.entries[0].columns[0].unit);
  EXPECT_EQ(parsed->entries[0].columns[0].unit.to_string(), plan.entries[0].columns[0].unit.to_string());
  EXPECT_EQ(parsed->entries[0].outputs[0].unit, plan.entries[0].outputs[0].unit);
  EXPECT_EQ(parsed->entries[0].columns[0].high, 100);
  EXPECT_EQ(parsed->entries[0].columns[1].high, std::numeric_limits<double>::infinity());
  EXPECT_EQ(parsed->entries[0].scalars[0].default_value, 2);
  EXPECT_EQ(parsed->units.entries().size(), plan.units.entries().size());
  EXPECT_EQ(parsed->imports, plan.imports);
  ASSERT_TRUE(parsed->entries[0].columns[0].vector && parsed->entries[0].outputs[0].vector);
  EXPECT_EQ(parsed->entries[0].columns[0].vector->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(parsed->entries[0].columns[0].vector->element, 5);
  EXPECT_EQ(parsed->entries[0].columns[0].vector_column, "V");
  EXPECT_FALSE(parsed->entries[0].columns[1].vector);
  ASSERT_EQ(parsed->files.size(), 1u);
  EXPECT_EQ(parsed->files[0].name, "species.csv");
  EXPECT_EQ(parsed->files[0].bytes, 17u);
}

/// Columns of 2 J - 1 numbers, and the sum of those after the third.
Plan open_plan() {
  Plan plan = testing::test_plan();
  Entry entry;
  entry.name = "open";
  entry.model = "M";
  entry.reads_table = true;
  entry.dimensions = {"J"};
  entry.sizes = {{{{2, {0}}, {-1, {}}}}, {{{2, {0}}, {-4, {}}}}};
  entry.room = {kOpenSize + 1};
  entry.buffers = {{ACIE_F64, Space::Row, {kOpenSize}}, {ACIE_F64, Space::Row, {kOpenSize + 1}}, {ACIE_F64, Space::Row, {}}};
  ColumnInput x;
  x.name = x.column = "x";
  x.buffer = 0;
  entry.columns = {x};
  TensorNode rest, sum;
  rest.op = TensorNode::Op::View;
  rest.inputs = {0};
  rest.output = 1;
  rest.offset = 3;
  rest.strides = {1};
  sum.op = TensorNode::Op::Fold;
  sum.inputs = {1};
  sum.output = 2;
  entry.nodes = {rest, sum};
  OutputColumn total;
  total.name = "total";
  total.buffer = 2;
  entry.outputs = {total};
  plan.entries = {entry};
  return plan;
}

TEST(StartSizes, AreFixedWhenTheyAreKnown) {
  const absl::StatusOr<Plan> parsed = parse_plan(to_json(open_plan()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Entry& open = parsed->entries[0];
  ASSERT_EQ(open.columns.size(), 1u) << "not listed before its size is known";
  EXPECT_EQ(shape_text(open, open.buffers[0].shape), "[2*J - 1]");
  const Solution solved = solve(open, kOpenSize, 7, {});
  EXPECT_EQ(solved.kind, Solution::Kind::Dimension);
  EXPECT_EQ(solved.value, 4);
  EXPECT_EQ(solve(open, kOpenSize, 8, {}).kind, Solution::Kind::Impossible);
  EXPECT_EQ(solve(open, kOpenSize, 8, {{"J", 4}}).kind, Solution::Kind::Differs);
  EXPECT_EQ(solve(open, kOpenSize, 7, {{"J", 4}}).kind, Solution::Kind::Agrees);
  const absl::StatusOr<Entry> fixed = with_sizes(open, {{"J", 4}});
  ASSERT_TRUE(fixed.ok()) << fixed.status();
  EXPECT_EQ(fixed->columns.size(), 7u);
  EXPECT_EQ(fixed->buffers[1].shape, std::vector<int64_t>{4});
  const absl::Status small = with_sizes(open, {{"J", 2}}).status();
  EXPECT_THAT(std::string(small.message()), HasSubstr("2*J - 4 is 0 and must be at least 1"));
}

TEST(StartSizes, AreCheckedWhenRead) {
  const auto refused = [](const std::function<void(Entry&)>& change) {
    Plan plan = open_plan();
    change(plan.entries[0]);
    return !parse_plan(to_json(plan)).ok();
  };
  EXPECT_TRUE(refused([](Entry& entry) { entry.buffers[0].shape = {kOpenSize + 2}; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.sizes[0].terms[0].dimensions = {1}; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.room = {kOpenSize + 2}; }));
  EXPECT_TRUE(refused([](Entry& entry) { std::get<TensorNode>(entry.nodes[0]).strides = {kOpenSize + 5}; }));
  // What cannot be seen before the sizes are known is seen then.
  Plan plan = open_plan();
  std::get<TensorNode>(plan.entries[0].nodes[0]).offset = 4;
  const absl::StatusOr<Plan> parsed = parse_plan(to_json(plan));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_FALSE(with_sizes(parsed->entries[0], {{"J", 4}}).ok());
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(PlanJson, RefusesWhatItDoesNotKnow) {
  const std::string json = to_json(testing::test_plan());
  const std::pair<std::string, std::string> edits[] = {
      {R"("version":1)", R"("version":2)"},       {R"("program")", R"("programme")"},
      {R"("dtype":"f64")", R"("dtype":"f65")"},   {R"("buffer":0)", R"("buffer":-1)"},
      {R"("buffer":0)", R"("buffer":0.5)"},       {R"("buffer":0)", R"("buffer":"0")"},
      {R"("low":0)", R"("low":0,"low":0)"},       {R"("low":0)", R"("lower":0)"},
      {R"("kind":"kernel")", R"("kind":"shell")"}, {R"("unit":"1")", R"("unit":"m")"},
      {R"("scratch":0)", R"("scratch":1e300)"},   {R"({"version")", R"([{"version")"},
  };
  for (const auto& [from, to] : edits) EXPECT_FALSE(parse_plan(replaced(json, from, to)).ok()) << to;
  const std::string with_file = to_json(plan_with_units());
  for (const std::string& hash : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')})
    EXPECT_FALSE(parse_plan(replaced(with_file, std::string(64, 'a'), hash)).ok()) << hash;
  EXPECT_FALSE(parse_plan("").ok());
  EXPECT_FALSE(parse_plan(json.substr(0, json.size() - 1)).ok());
  EXPECT_FALSE(parse_plan(std::string(100000, '[')).ok());
}

TEST(PlanJson, ErrorsNameThePlace) {
  const std::string json = to_json(testing::test_plan());
  EXPECT_THAT(message_of(parse_plan(replaced(json, R"("dtype":"f64")", R"("dtype":"f65")")).status()),
              HasSubstr("entries[0].buffers[0].dtype: 'f65'"));
}

struct Unsound {
  const char* what;
  std::function<void(Entry&)> edit;
};

TEST(PlanCheck, RefusesUnsoundEntries) {
  const auto kernel = [](Entry& entry) -> KernelNode& { return std::get<KernelNode>(entry.nodes[0]); };
  const Unsound cases[] = {
      {"does not exist", [&](Entry& e) { kernel(e).inputs[0] = 99; }},
      {"does not exist", [&](Entry& e) { kernel(e).inputs[0] = -1; }},
      {"read before it is written", [&](Entry& e) { kernel(e).inputs[0] = 2; }},
      {"written twice", [&](Entry& e) { kernel(e).outputs = {2, 2}; }},
      {"written twice", [&](Entry& e) { kernel(e).outputs[0] = 0; }},
      {"buffer of another space", [&](Entry& e) { e.buffers[2].space = Space::Table; }},
      {"too large", [&](Entry& e) { kernel(e).scratch = uint64_t{1} << 60; }},
      {"computes nothing", [&](Entry& e) { kernel(e).outputs.clear(); }},
      {"reads no table", [&](Entry& e) { e.reads_table = false; }},
      {"used twice", [&](Entry& e) { e.columns[1].name = "a"; }},
      {"used twice", [&](Entry& e) { e.scalars.push_back(e.scalars[0]); }},
      {"no element of a vector", [&](Entry& e) { e.columns[0].vector = {"v", {3}, 3}; }},
      {"no element of a vector", [&](Entry& e) { e.columns[0].vector = {"v", {}, 0}; }},
      {"no element of a vector", [&](Entry& e) { e.columns[0].vector = {"v", {2000000000, 2000000000, 2000000000}, 0}; }},
      {"no element of a vector", [&](Entry& e) { e.outputs[0].vector = {"", {3}, 0}; }},
      {"range is empty", [&](Entry& e) { e.columns[0].low = 101; }},
      {"its type is not", [&](Entry& e) { e.outputs[0].dtype = ACIE_F32; }},
      {"read before it is written", [&](Entry& e) { e.nodes.clear(); }},
      {"it must be i32", [&](Entry& e) { e.status = 2; }},
      {"goes with", [&](Entry& e) { e.violation = 2; }},
      {"draws need has_draws", [&](Entry& e) { e.shape = Entry::Shape::PerDraw; }},
      {"made from draws", [&](Entry& e) { e.outputs.push_back({"se", {}, ACIE_F64, -1, 0}); }},
      {"nothing to collapse", [&](Entry& e) {
         e.buffers.push_back({ACIE_F64, Space::Row, {}});
         e.nodes.push_back(testing::reduce(ReduceNode::Op::Mean, 2, 4));
       }},
      {"within 0..1", [&](Entry& e) {
         e.buffers.push_back({ACIE_F64, Space::Table, {}});
         e.nodes.push_back(testing::reduce(ReduceNode::Op::Quantile, 2, 4, -1, 1.5));
       }},
  };
  for (const Unsound& each : cases) {
    Plan plan = testing::test_plan();
    each.edit(plan.entries[0]);
    const absl::Status status = verify_plan(plan);
    EXPECT_EQ(failure_of(status), Failure::Refused) << each.what;
    EXPECT_THAT(message_of(status), HasSubstr(each.what));
    EXPECT_THAT(message_of(status), HasSubstr("entry 'line'"));
  }
}

/// An entry with tensors: a constant and a parameter of [2, 3] in the table space, their product, a fold, a view.
Entry tensor_entry() {
  Entry entry;
  entry.name = "line";
  entry.reads_table = true;
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{2, 3}, {3, 1}, {2}, {}, {2}, {3}}) entry.buffers.push_back({ACIE_F64, Space::Table, shape});
  entry.buffers.push_back({ACIE_F64, Space::Row, {2}});
  entry.buffers.push_back({ACIE_F64, Space::Row, {2}});
  entry.constants = {{0, 0}};
  entry.parameters = {{.name = "w", .buffer = 1, .default_at = 64}};
  entry.nodes = {TensorNode{TensorNode::Op::Contract, {}, {0, 1}, 2, 0, {}},
                 TensorNode{TensorNode::Op::Fold, TensorNode::Folding::Max, {2}, 3, 0, {}},
                 TensorNode{TensorNode::Op::View, {}, {0}, 4, 5, {-3}},
                 TensorNode{TensorNode::Op::Concat, {}, {4, 3}, 5, 0, {}}};
  entry.columns = {{.name = "x", .column = "x", .buffer = 6}};
  entry.nodes.push_back(KernelNode{.name = "k", .space = Space::Row, .inputs = {6, 3}, .outputs = {7}, .by_point = true});
  entry.outputs = {{.name = "y", .buffer = 7}};
  entry.buffers.push_back({ACIE_F64, Space::Table, {2, 2}});
  entry.buffers.push_back({ACIE_F64, Space::Table, {2, 2}});
  entry.buffers.push_back({ACIE_F64, Space::Table, {2}});
  entry.buffers.push_back({ACIE_I64, Space::Table, {}});
  const auto routine = [&](routines::Routine which, std::vector<int> inputs, int output) {
    entry.nodes.push_back(TensorNode{.op = TensorNode::Op::Routine, .inputs = std::move(inputs), .output = output, .routine = which});
  };
  entry.nodes.push_back(TensorNode{TensorNode::Op::View, {}, {0}, 8, 0, {3, 1}});
  routine(routines::Routine::Inverse, {8}, 9);
  routine(routines::Routine::Solve, {9, 4}, 10);
  routine(routines::Routine::ArgMax, {10}, 11);
  return entry;
}

TEST(PlanCheck, TensorsRoundTripAndAreListedByElement) {
  Plan plan = testing::test_plan();
  plan.entries = {tensor_entry()};
  ASSERT_TRUE(verify_plan(plan).ok()) << verify_plan(plan);
  const auto parsed = parse_plan(to_json(plan));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Entry& entry = parsed->entries[0];
  ASSERT_EQ(entry.columns.size(), 2u);
  EXPECT_EQ(entry.columns[1].name, "x[1]");
  EXPECT_EQ(entry.columns[1].vector_column, "x");
  EXPECT_EQ(entry.columns[1].vector->element, 1);
  EXPECT_EQ(entry.outputs[0].name, "y[0]");
  EXPECT_EQ(std::get<TensorNode>(entry.nodes[2]).strides, std::vector<int64_t>{-3});
  EXPECT_TRUE(std::get<KernelNode>(entry.nodes[4]).by_point);
  EXPECT_EQ(std::get<TensorNode>(entry.nodes[6]).routine, routines::Routine::Inverse);
  EXPECT_EQ(std::get<TensorNode>(entry.nodes[8]).routine, routines::Routine::ArgMax);
  EXPECT_TRUE(verify_constants(*parsed, 64 + 24).ok());
  EXPECT_THAT(message_of(verify_constants(*parsed, 64 + 23)), HasSubstr("outside the constants"));
  EXPECT_THAT(message_of(verify_constants(*parsed, 47)), HasSubstr("outside their section"));
}

/// An entry with a loop of 3 steps that carries a number and goes along a column of [3].
Entry loop_entry() {
  Entry entry;
  entry.name = "line";
  entry.reads_table = true;
  // x, whole, state, part, next, last, every
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{}, {3}, {}, {}, {}, {}, {3}}) entry.buffers.push_back({ACIE_F64, Space::Row, shape});
  entry.columns = {{.name = "x", .column = "x", .buffer = 0}, {.name = "w", .column = "w", .buffer = 1}};
  entry.nodes = {LoopNode{.steps = 3, .body = 1, .carries = {{0, 2, 4, 5, 6}}, .sequences = {{1, 3}}},
                 KernelNode{.name = "k", .space = Space::Row, .inputs = {2, 3}, .outputs = {4}}};
  entry.outputs = {{.name = "y", .buffer = 5}, {.name = "z", .buffer = 6}};
  return entry;
}

TEST(PlanCheck, LoopsRoundTrip) {
  Plan plan = testing::test_plan();
  plan.entries = {loop_entry()};
  ASSERT_TRUE(verify_plan(plan).ok()) << verify_plan(plan);
  const auto parsed = parse_plan(to_json(plan));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const auto& loop = std::get<LoopNode>(parsed->entries[0].nodes[0]);
  EXPECT_EQ(loop.steps, 3);
  EXPECT_EQ(loop.carries[0].every, 6);
  EXPECT_EQ(loop.sequences[0].each, 3);
  EXPECT_EQ(loop_inputs(parsed->entries[0], 0), (std::vector<int>{0, 1}));
}

TEST(PlanCheck, RefusesUnsoundLoops) {
  const auto loop = [](Entry& entry) -> LoopNode& { return std::get<LoopNode>(entry.nodes[0]); };
  const Unsound cases[] = {
      {"not as many nodes", [&](Entry& e) { loop(e).body = 2; }},
      {"nothing is carried", [&](Entry& e) { loop(e).carries.clear(); }},
      {"does not exist", [&](Entry& e) { loop(e).carries[0].init = 70; }},
      {"no such buffer", [&](Entry& e) { loop(e).carries[0].state = 70; }},
      {"read before it is written", [&](Entry& e) { loop(e).carries[0].init = 5; }},
      {"does not fit the state", [&](Entry& e) { loop(e).carries[0].init = 1; }},
      {"not those of the steps", [&](Entry& e) { loop(e).steps = 4; }},
      {"not those of the steps", [&](Entry& e) { e.buffers[3].shape = {3}; }},
      {"does not compute it", [&](Entry& e) { loop(e).carries[0].next = 3; }},
      {"does not compute it", [&](Entry& e) { loop(e).carries[0].next = 70; }},
      {"does not compute it", [&](Entry& e) { loop(e).carries.push_back({0, 5, 4, -1, -1}); }},
      {"written twice", [&](Entry& e) { loop(e).carries[0].last = 4; }},
      {"states of all steps", [&](Entry& e) { e.buffers[6].shape = {2}; }},
      {"lies in another space", [&](Entry& e) { e.buffers[5].space = Space::Table; }},
      {"another space than the loop", [&](Entry& e) { e.buffers[4].space = Space::Table; std::get<KernelNode>(e.nodes[1]) = {.name = "k", .space = Space::Table, .outputs = {4}}; }},
      {"belongs to a loop", [&](Entry& e) { e.outputs[0].buffer = 4; }},
      {"holds no reduction", [&](Entry& e) { e.nodes[1] = testing::reduce(ReduceNode::Op::Mean, 2, 4); }},
      {"ends inside another loop", [&](Entry& e) {
         for (int i = 0; i < 2; ++i) e.buffers.push_back({ACIE_F64, Space::Row, {}});
         e.nodes.insert(e.nodes.begin() + 1, LoopNode{.steps = 1, .body = 1, .carries = {{0, 7, 8, -1, -1}}});
         std::get<KernelNode>(e.nodes[2]).outputs = {8};
       }},
  };
  for (const Unsound& each : cases) {
    Plan plan = testing::test_plan();
    plan.entries = {loop_entry()};
    each.edit(plan.entries[0]);
    const absl::Status status = verify_plan(plan);
    EXPECT_FALSE(status.ok()) << each.what;
    EXPECT_THAT(message_of(status), HasSubstr(each.what));
  }
}

TEST(PlanCheck, RefusesUnsoundTensors) {
  const auto tensor = [](Entry& entry, int i) -> TensorNode& { return std::get<TensorNode>(entry.nodes[static_cast<size_t>(i)]); };
  const Unsound cases[] = {
      {"is not possible", [&](Entry& e) { e.buffers[0].shape = {2, -3}; }},
      {"is not possible", [&](Entry& e) { e.buffers[0].shape = {int64_t{1} << 31, int64_t{1} << 31}; }},
      {"no matrices that fit", [&](Entry& e) { e.buffers[1].shape = {2, 1}; }},
      {"not that of the product", [&](Entry& e) { e.buffers[2].shape = {3}; }},
      {"lack the last axes", [&](Entry& e) { e.buffers[3].shape = {2}; }},
      {"does not fit the type", [&](Entry& e) { tensor(e, 1).folding = TensorNode::Folding::All; }},
      {"reach beyond", [&](Entry& e) { tensor(e, 2).offset = 2; }},
      {"reach beyond", [&](Entry& e) { tensor(e, 2).strides = {1}; }},
      {"one per axis", [&](Entry& e) { tensor(e, 2).strides = {}; }},
      {"too large", [&](Entry& e) { tensor(e, 2).strides = {INT64_MIN + 1}; }},
      {"does not hold its inputs", [&](Entry& e) { tensor(e, 3).inputs = {4}; }},
      {"type is wrong", [&](Entry& e) { e.buffers[4].dtype = ACIE_F32; }},
      {"only a vector of the table space", [&](Entry& e) { tensor(e, 0).inputs = {0, 1, 0}; }},
      {"number is wrong", [&](Entry& e) { tensor(e, 0).inputs = {0}; }},
      {"read before it is written", [&](Entry& e) { tensor(e, 0).inputs = {0, 5}; }},
      {"written twice", [&](Entry& e) { tensor(e, 3).output = 2; }},
      {"shared by the elements", [&](Entry& e) { std::get<KernelNode>(e.nodes[4]).by_point = false; }},
      {"another shape", [&](Entry& e) { std::get<KernelNode>(e.nodes[4]).inputs = {6, 5}; }},
      {"tensor of the table space", [&](Entry& e) { e.constants[0].buffer = 7; }},
      {"tensor of that many", [&](Entry& e) { e.columns[0].role = ColumnInput::Role::DoAsk; }},
      {"must be i32", [&](Entry& e) { e.status = 7; }},
      {"does not make its shape", [&](Entry& e) { e.buffers[9].shape = {4}; }},
      {"does not make its shape", [&](Entry& e) { tensor(e, 6).routine = routines::Routine::RealFft; }},
      {"number is wrong", [&](Entry& e) { tensor(e, 7).inputs = {9}; }},
      {"type is wrong", [&](Entry& e) { e.buffers[11].dtype = ACIE_F64; }},
      {"read before it is written", [&](Entry& e) { tensor(e, 6).inputs = {9}; }},
  };
  for (const Unsound& each : cases) {
    Plan plan = testing::test_plan();
    plan.entries = {tensor_entry()};
    each.edit(plan.entries[0]);
    EXPECT_THAT(message_of(verify_plan(plan)), HasSubstr(each.what));
  }
}

TEST(PlanCheck, ModulesOfOtherLibrariesLieInTheConstants) {
  Plan plan = testing::test_plan();
  plan.entries = {tensor_entry()};
  TensorNode call;
  call.op = TensorNode::Op::Extern;
  call.inputs = {2, 3};
  call.output = static_cast<int>(plan.entries[0].buffers.size());
  call.module = 0;
  plan.entries[0].buffers.push_back({ACIE_F32, Space::Table, {7}});
  plan.entries[0].nodes.push_back(call);
  EXPECT_THAT(message_of(verify_plan(plan)), HasSubstr("no such module"));
  plan.modules = {{"decoder.pt", std::string(64, 'b'), 88, 100}};
  ASSERT_TRUE(verify_plan(plan).ok()) << verify_plan(plan);
  const auto parsed = parse_plan(to_json(plan));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  Plan listed = plan;
  list_elements(listed.entries[0]);
  EXPECT_EQ(to_json(*parsed), to_json(listed));
  EXPECT_EQ(std::get<TensorNode>(parsed->entries[0].nodes.back()).module, 0);
  EXPECT_EQ(parsed->modules[0].name, "decoder.pt");
  EXPECT_TRUE(verify_constants(*parsed, 188).ok());
  EXPECT_THAT(message_of(verify_constants(*parsed, 187)), HasSubstr("decoder.pt lies outside the constants"));
  std::get<TensorNode>(plan.entries[0].nodes.back()).inputs = {};
  EXPECT_THAT(message_of(verify_plan(plan)), HasSubstr("number is wrong"));
  std::get<TensorNode>(plan.entries[0].nodes.back()).inputs = {7};
  EXPECT_THAT(message_of(verify_plan(plan)), HasSubstr("inner space"));
}

/// Estimates of a tensor of three elements, and of a tensor made of them.
Entry estimates_entry() {
  Entry entry;
  entry.name = "estimates";
  entry.model = "M";
  entry.shape = Entry::Shape::Once;
  entry.has_draws = true;
  entry.buffers = {{ACIE_F64, Space::Inner, {3}}, {ACIE_F64, Space::Row, {3}}, {ACIE_F64, Space::Row, {3}}, {ACIE_F64, Space::Row, {3}}};
  KernelNode drawn{"drawn", 0, Space::Inner, {}, {0}, 0, true}, made{"made", 1, Space::Row, {1}, {3}, 0, false};
  entry.nodes = {drawn, ReduceNode{ReduceNode::Op::Mean, 0.5, 0, 1, 2}, made};
  const auto column = [&](const std::string& name, const std::string& ending, int buffer, int jackknife_of) {
    OutputColumn output;
    output.name = name, output.ending = ending, output.buffer = buffer, output.jackknife_of = jackknife_of;
    entry.outputs.push_back(output);
  };
  column("x.mean", ".mean", 1, -1);
  column("x.mean.se", ".mean.se", 2, -1);
  column("r", "", 3, -1);
  column("r.se", ".se", -1, 2);
  return entry;
}

TEST(PlanCheck, TensorsAreReducedElementByElement) {
  Plan plan = testing::test_plan();
  plan.entries = {estimates_entry()};
  ASSERT_TRUE(verify_plan(plan).ok()) << verify_plan(plan);
  const auto parsed = parse_plan(to_json(plan));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  std::vector<std::string> names;
  for (const OutputColumn& output : parsed->entries[0].outputs) names.push_back(output.name);
  EXPECT_THAT(names, ::testing::ElementsAre("x[0].mean", "x[0].mean.se", "x[1].mean", "x[1].mean.se", "x[2].mean", "x[2].mean.se", "r[0]", "r[0].se", "r[1]", "r[1].se", "r[2]", "r[2].se"));
  const std::vector<OutputColumn>& outputs = parsed->entries[0].outputs;
  EXPECT_EQ(outputs[3].vector->name, "x.mean.se");
  EXPECT_EQ(outputs[3].vector->element, 1);
  EXPECT_EQ(outputs[11].jackknife_of, 10);
  const std::vector<Unsound> cases = {
      {"another shape", [](Entry& e) { e.buffers[0].shape = {4}; }},
      {"another shape", [](Entry& e) { e.buffers[2].shape = {}; }},
      {"another shape", [](Entry& e) { std::get<ReduceNode>(e.nodes[1]) = ReduceNode{ReduceNode::Op::Count, 0.5, -1, 1, -1}; }},
      {"no such ending", [](Entry& e) { e.outputs[0].ending = ".sd"; }},
      {"no such ending", [](Entry& e) { e.outputs[2].ending = "r"; }},
      {"no such output before it", [](Entry& e) { std::swap(e.outputs[2], e.outputs[3]); }},
      {"used twice", [](Entry& e) { e.outputs[1] = e.outputs[0]; }},
  };
  for (const Unsound& each : cases) {
    plan.entries = {estimates_entry()};
    each.edit(plan.entries[0]);
    EXPECT_THAT(message_of(verify_plan(plan)), HasSubstr(each.what));
  }
}

TEST(PlanCheck, ATensorMayHaveAColumnForEachElement) {
  Plan plan = testing::test_plan();
  plan.entries = {tensor_entry()};
  const int64_t count = plan.entries[0].buffers[static_cast<size_t>(plan.entries[0].columns[0].buffer)].elements();
  for (int64_t i = 0; i < count; ++i) plan.entries[0].columns[0].elements.push_back("m" + std::to_string(i + 1));
  const auto parsed = parse_plan(to_json(plan));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->entries[0].columns[1].column, "m2");
  EXPECT_TRUE(parsed->entries[0].columns[1].elements.empty());
  plan.entries[0].columns[0].elements.pop_back();
  EXPECT_THAT(message_of(verify_plan(plan)), HasSubstr("names of a tensor's elements"));
}

TEST(PlanCheck, OptionsHaveNamesOfTheirOwn) {
  Plan plan = testing::test_plan();
  ScalarInput given = plan.entries[0].scalars[0], hard = given;
  given.role = ScalarInput::Role::Given;
  hard.role = ScalarInput::Role::Do;
  given.name = hard.name = "a";  // as a column is called
  plan.entries[0].scalars.insert(plan.entries[0].scalars.end(), {given, hard});
  EXPECT_TRUE(verify_plan(plan).ok());
}

TEST(PlanCheck, AnswersOfDrawsMayNotBeInnerPerRow) {
  Plan plan = testing::test_plan();
  plan.entries[1].outputs[0].buffer = 0;
  EXPECT_THAT(message_of(verify_plan(plan)), HasSubstr("further in"));
}

TEST(PlanCheck, CountsPasses) {
  const std::vector<int> passes = passes_of(testing::relative_entry());
  EXPECT_EQ(passes, (std::vector<int>{0, 1, 1, 0, 0}));
}

}  // namespace
}  // namespace acie::package
