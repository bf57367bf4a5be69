#include "compiler/Graph/Vectors.h"

#include "absl/strings/str_cat.h"
#include "compiler/Graph/CausalGraph.h"
#include "compiler/Graph/Labels.h"
#include "compiler/Graph/Render.h"
#include "compiler/Support/Sizes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace acie::graph {
namespace {

using sema::Variable;
using testing::ElementsAre;

/// A model by its edges; nothing else of it matters here.
struct Sketch {
  sema::Program program;
  sema::Model model;

  Variable* add(const std::string& name, std::vector<const Variable*> parents = {}) {
    Variable* variable = program.make<Variable>();
    variable->name = name;
    variable->parents = std::move(parents);
    model.variables.push_back(variable);
    return variable;
  }
};

TEST(GraphVectors, NamesOfVectors) {
  EXPECT_EQ(vector_name("x"), "x");
  EXPECT_EQ(vector_name("x[3]"), "x");
  EXPECT_EQ(vector_name("x[0, 12]"), "x");
  EXPECT_EQ(vector_name("x[0].noise"), "x.noise");
}

TEST(GraphVectors, ElementByElementIsOneNodeEach) {
  Sketch sketch;
  const Variable* a0 = sketch.add("a[0]");
  const Variable* a1 = sketch.add("a[1]");
  sketch.add("b[0]", {a0});
  sketch.add("b[1]", {a1});
  EXPECT_THAT(node_names(sketch.model, nullptr), ElementsAre("a", "a", "b", "b"));
  const CausalGraph graph = build(sketch.model, nullptr, nullptr);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[0].elements, 2);
  EXPECT_EQ(graph.edges.size(), 1u);
}

TEST(GraphVectors, AsManyElementsAsTheDataSay) {
  Sketch sketch;
  sketch.add("x")->type.shape = {sizes::times(2, sizes::dimension("T"))};
  const CausalGraph graph = build(sketch.model, nullptr, nullptr);
  EXPECT_EQ(title_of(graph.nodes[0]), "x[2*T]");
  EXPECT_EQ(to_json(graph)["nodes"][0]["elements"], "2*T");
}

TEST(GraphVectors, ASeriesStaysApartAndSoDoesWhatFeedsItsSteps) {
  Sketch sketch;
  const Variable* u0 = sketch.add("u[0]");
  const Variable* u1 = sketch.add("u[1]");
  const Variable* s0 = sketch.add("s[0]", {u0});
  sketch.add("s[1]", {s0, u1});
  EXPECT_THAT(node_names(sketch.model, nullptr), ElementsAre("u[0]", "u[1]", "s[0]", "s[1]"));
}

TEST(GraphVectors, ACauseThroughAnotherVectorSplitsBoth) {
  Sketch sketch;
  const Variable* a0 = sketch.add("a[0]");
  const Variable* b = sketch.add("b", {a0});
  sketch.add("a[1]", {b});
  EXPECT_THAT(node_names(sketch.model, nullptr), ElementsAre("a[0]", "b", "a[1]"));
}

TEST(GraphVectors, WhatAQueryTreatsDifferentlyStaysApart) {
  Sketch sketch;
  Variable* a0 = sketch.add("a[0]");
  sketch.add("a[1]");
  sema::Query query;
  query.model = &sketch.model;
  query.worlds.push_back({"factual", {}, {}});
  EXPECT_THAT(node_names(sketch.model, &query), ElementsAre("a", "a"));
  query.evidence.push_back({a0, nullptr, {}});
  EXPECT_THAT(node_names(sketch.model, &query), ElementsAre("a[0]", "a[1]"));
}

TEST(CausalGraph, AWorldFromOutsideCutsAndReaches) {
  Sketch sketch;
  const Variable* a = sketch.add("a");
  const Variable* b = sketch.add("b", {a});
  sketch.add("c", {b});
  sketch.add("d", {a});
  CausalGraph graph = build(sketch.model, nullptr, nullptr);
  add_world(graph, "w", {{"b", false, ""}, {"nothing", false, ""}});
  ASSERT_EQ(graph.worlds.size(), 2u);
  ASSERT_EQ(graph.worlds[1].sets.size(), 1u);
  EXPECT_TRUE(graph.cut(1, {0, 1}));
  EXPECT_FALSE(graph.cut(1, {1, 2}));
  EXPECT_FALSE(graph.cut(0, {0, 1}));
  EXPECT_THAT(graph.worlds[1].reached, ElementsAre(1, 2));
}

}  // namespace
}  // namespace acie::graph
