// From checked programs built by hand to verified package plans.
#include <gtest/gtest.h>

#include <variant>

#include "compiler/Conversion/PlanToPackage/PlanToPackage.h"
#include "compiler/Emit/GraphText.h"
#include "compiler/Emit/PlanText.h"
#include "compiler/Pipelines/Pipelines.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/package/PlanCheck.h"
#include "tests/unit/pipelines/ProgramBuilder.h"

namespace acie {
namespace {

using sema::Op;
using testing::ProgramBuilder;

/// x0 = u0; x1 = tanh(x0) + u1; …: every variable observed, x3 shifted in `worlds` worlds, the last one returned in each.
struct Chain {
  ProgramBuilder b;
  sema::Query* query;

  Chain(int length, int worlds) {
    sema::Model* model = b.model("Chain");
    std::vector<sema::Variable*> noise, x;
    for (int i = 0; i < length; ++i) noise.push_back(b.exo(model, "u" + std::to_string(i)));
    for (int i = 0; i < length; ++i) {
      ProgramBuilder::E u = b.value(noise[i]);
      x.push_back(b.var(model, "x" + std::to_string(i),
                        i == 0 ? u : b.apply(Op::Add, {b.apply(Op::Tanh, {b.value(x[i - 1])}), u})));
    }
    query = b.query(model, "shifted");
    query->reads_table = true;
    for (int i = 0; i < length; ++i) {
      query->evidence.push_back({x[i], nullptr, {}});
      query->recoveries.push_back({.noise = noise[i], .from = x[i], .explanation = "increasing"});
    }
    for (int w = 1; w <= worlds; ++w) {
      sema::Slot slot;
      slot.role = sema::Slot::Role::Argument;
      slot.name = "shift" + std::to_string(w);
      slot.default_value = 0.5;
      const sema::Slot* shift = b.program.make(std::move(slot));
      query->slots.push_back(shift);
      query->worlds.push_back(
          {"w" + std::to_string(w), {{x[3], b.apply(Op::Add, {b.natural(x[3], w), b.slot(shift)}), {}}}, {}});
      query->outputs.push_back({sema::Output::Form::Value, "y" + std::to_string(w), b.value(x[length - 1], w)});
    }
  }
};

size_t count_operations(mlir::ModuleOp module) {
  size_t count = 0;
  module.walk([&](mlir::Operation*) { ++count; });
  return count;
}

TEST(PipelinesPlan, OneClusterForAChain) {
  Chain chain(20, 1);
  pipelines::ProgramIr ir(chain.b.program);
  ASSERT_TRUE(ir.buildPlan().ok()) << ir.buildPlan();
  std::string constants;
  absl::StatusOr<package::Plan> plan = conversion::to_package_plan(ir.module(), chain.b.program, constants);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(package::verify_plan(*plan).ok()) << package::verify_plan(*plan);
  const package::Entry& entry = plan->entries.at(0);
  ASSERT_EQ(entry.nodes.size(), 1u);
  EXPECT_EQ(std::get<package::KernelNode>(entry.nodes[0]).name, "shifted.rows");
  // x0, x1 and x2 lie before the intervention: nothing needs them but x2, the parent in x3's own equation, whose
  // natural value is the evidence. So the kernel reads x3 … x19.
  EXPECT_EQ(entry.columns.size(), 17u);
  EXPECT_EQ(entry.columns[0].name, "x3");
  EXPECT_EQ(entry.outputs.at(0).name, "y1");
  EXPECT_EQ(entry.scalars.at(0).default_value, 0.5);
  EXPECT_GE(entry.status, 0);
}

TEST(PipelinesPlan, WorldsCostWhatTheyChange) {
  size_t sizes[3];
  int worlds[3] = {1, 2, 20};
  for (int i = 0; i < 3; ++i) {
    Chain chain(20, worlds[i]);
    pipelines::ProgramIr ir(chain.b.program);
    ASSERT_TRUE(ir.buildPlan().ok());
    sizes[i] = count_operations(ir.module());
  }
  size_t step = sizes[1] - sizes[0];
  EXPECT_LE(sizes[2], sizes[0] + 19 * step);
  EXPECT_LT(step, sizes[0]);  // the second world shares the inversion of the noise
}

TEST(PipelinesPlan, EstimatesAreReducedAndTheirErrorsKept) {
  ProgramBuilder b;
  sema::Model* model = b.model("M");
  sema::Variable* u = b.exo(model, "u");
  sema::Variable* x = b.var(model, "x", b.apply(Op::Mul, {b.number(2), b.value(u)}));
  sema::Query* query = b.query(model, "q");
  query->mode = sema::Query::Mode::Population;
  query->free_noises = {u};
  ProgramBuilder::E mean = b.estimate(sema::Estimator::Mean, b.value(x, 0));
  ProgramBuilder::E ratio = b.apply(Op::Div, {mean, b.estimate(sema::Estimator::StdDev, b.value(x, 0))});
  query->outputs = {{sema::Output::Form::Value, "m", mean},
                    {sema::Output::Form::StandardError, "m.se", mean},
                    {sema::Output::Form::Value, "r", ratio},
                    {sema::Output::Form::StandardError, "r.se", ratio}};
  pipelines::ProgramIr ir(b.program);
  ASSERT_TRUE(ir.buildPlan().ok()) << ir.text();
  std::string constants;
  absl::StatusOr<package::Plan> plan = conversion::to_package_plan(ir.module(), b.program, constants);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(package::verify_plan(*plan).ok()) << package::verify_plan(*plan) << ir.text();
  const package::Entry& entry = plan->entries.at(0);
  EXPECT_TRUE(entry.has_draws);
  ASSERT_EQ(entry.nodes.size(), 4u) << ir.text();  // draws, mean, standard deviation, ratio
  EXPECT_EQ(std::get<package::KernelNode>(entry.nodes[0]).space, package::Space::Inner);
  EXPECT_EQ(std::get<package::KernelNode>(entry.nodes[3]).space, package::Space::Row);
  EXPECT_EQ(entry.outputs[1].jackknife_of, -1);
  EXPECT_EQ(entry.outputs[3].jackknife_of, 2);
  EXPECT_EQ(entry.status, -1);
}

TEST(PipelinesPlan, TextsNameMethodsAndCutEdges) {
  Chain chain(5, 1);
  pipelines::ProgramIr ir(chain.b.program);
  ASSERT_TRUE(ir.buildPlan().ok());
  std::string text = emit::plan_text(chain.b.program, ir.module());
  EXPECT_NE(text.find("u4"), std::string::npos) << text;
  EXPECT_NE(text.find("exact, solved from x4: increasing"), std::string::npos) << text;
  EXPECT_NE(text.find("shifted.rows"), std::string::npos) << text;
  // A shift reads the natural value, so the edges into x3 stay; a constant cuts them.
  EXPECT_EQ(emit::graph_text(chain.b.program, "", emit::GraphForm::Dot, nullptr).value().find("dashed"), std::string::npos);
  chain.query->worlds[1].interventions[0].value = chain.b.number(1);
  std::string dot = emit::graph_text(chain.b.program, "shifted", emit::GraphForm::Dot, nullptr).value();
  EXPECT_NE(dot.find("\"x2@1\" -> \"x3@1\" [style=dashed"), std::string::npos) << dot;
  std::string json = emit::graph_text(chain.b.program, "", emit::GraphForm::Json, nullptr).value();
  EXPECT_NE(json.find("\"cuts\""), std::string::npos) << json;
  EXPECT_FALSE(emit::graph_text(chain.b.program, "nothing", emit::GraphForm::Dot, nullptr).ok());
}

}  // namespace
}  // namespace acie
