// The plan's JSON: what is written is read back, and nothing unsound is read at all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "runtime/package/PlanCheck.h"
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
         e.buffers.push_back({ACIE_F64, Space::Row});
         e.nodes.push_back(testing::reduce(ReduceNode::Op::Mean, 2, 4));
       }},
      {"within 0..1", [&](Entry& e) {
         e.buffers.push_back({ACIE_F64, Space::Table});
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
