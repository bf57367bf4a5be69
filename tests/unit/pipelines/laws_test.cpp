// Laws of counterfactuals on random models, on what the passes produce (causal.md): the kernels' bodies are computed on
// doubles, so a law that fails here fails in the passes and not in code generation.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>

#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Pipelines/Pipelines.h"
#include "mlir/IR/BuiltinOps.h"
#include "tests/unit/pipelines/Evaluator.h"
#include "tests/unit/pipelines/ProgramBuilder.h"

namespace acie {
namespace {

using sema::Op;
using testing::ProgramBuilder;

uint64_t bits(double x) { return std::bit_cast<uint64_t>(x); }

/// The outputs of an entry of one cluster, on one row.
std::map<std::string, double> run_entry(mlir::ModuleOp module, const std::map<std::string, double>& columns,
                                        const std::map<std::string, double>& scalars) {
  auto entry = *module.getOps<plan::EntryOp>().begin();
  llvm::DenseMap<mlir::Value, double> buffers;
  std::map<std::string, double> outputs;
  for (mlir::Operation& op : entry.getBody().front()) {
    if (auto column = mlir::dyn_cast<plan::ColumnOp>(op)) buffers[column.getValues()] = columns.at(column.getName().str());
    if (auto scalar = mlir::dyn_cast<plan::ScalarOp>(op)) buffers[scalar.getValue()] = scalars.at(scalar.getName().str());
    if (auto cluster = mlir::dyn_cast<plan::ClusterOp>(op)) {
      mlir::Block& body = cluster.getBody().front();
      testing::Evaluator evaluator;
      for (auto [argument, operand] : llvm::zip(body.getArguments(), cluster->getOperands()))
        evaluator.values[argument] = buffers.lookup(operand);
      evaluator.run(body);
      for (auto [value, output] : llvm::zip(body.getTerminator()->getOperands(), cluster.getOutputs()))
        buffers[output] = evaluator.values.lookup(value);
    }
    if (auto output = mlir::dyn_cast<plan::OutputOp>(op)) outputs[output.getName().str()] = buffers.lookup(output.getValue());
    if (auto status = mlir::dyn_cast<plan::StatusOp>(op)) outputs["status"] = buffers.lookup(status.getValue());
  }
  return outputs;
}

/// x_i = g(parents) + c_i u_i or exp of that, over random earlier variables.
struct RandomModel {
  static constexpr int kSize = 8;
  ProgramBuilder b;
  sema::Model* model;
  std::vector<sema::Variable*> noise, x;
  std::mt19937 random;

  explicit RandomModel(unsigned seed) : model(b.model("M")), random(seed) {
    for (int i = 0; i < kSize; ++i) noise.push_back(b.exo(model, "u" + std::to_string(i)));
    for (int i = 0; i < kSize; ++i) {
      ProgramBuilder::E sum = b.apply(Op::Mul, {b.number(0.3 + 0.1 * i), b.value(noise[i])});
      for (int k = 0; k < i; ++k)
        if (random() % 2) sum = b.apply(Op::Add, {function(b.value(x[k])), sum});
      if (random() % 3 == 0) sum = b.apply(Op::Exp, {b.apply(Op::Tanh, {sum})});
      x.push_back(b.var(model, "x" + std::to_string(i), sum));
    }
  }

  ProgramBuilder::E function(ProgramBuilder::E e) {
    switch (random() % 4) {
      case 0: return b.apply(Op::Tanh, {e});
      case 1: return b.apply(Op::Mul, {b.number(0.7), e});
      case 2: return b.apply(Op::Sin, {e});
      default: return b.apply(Op::Log1p, {b.apply(Op::Mul, {e, e})});
    }
  }

  /// A row that the model can produce.
  std::map<std::string, double> draw() {
    std::normal_distribution<double> normal;
    std::map<const sema::Variable*, double> row;
    for (sema::Variable* u : noise) row[u] = normal(random);
    std::function<double(ProgramBuilder::E)> value = [&](ProgramBuilder::E e) -> double {
      if (e->kind == sema::Expr::Kind::Constant) return e->number;
      if (e->kind == sema::Expr::Kind::Variable) return row.at(e->variable);
      double a = value(e->operands[0]);
      switch (e->op) {
        case Op::Add: return a + value(e->operands[1]);
        case Op::Mul: return a * value(e->operands[1]);
        case Op::Tanh: return math::scalar::tanh(a);
        case Op::Sin: return math::scalar::sin(a);
        case Op::Exp: return math::scalar::exp(a);
        default: return math::scalar::log1p(a);
      }
    };
    std::map<std::string, double> columns;
    for (sema::Variable* v : x) columns[v->name] = row[v] = value(v->equation);
    return columns;
  }

  /// Everything observed, `target` set in world 1, every variable of world 1 returned.
  sema::Query* query(sema::Variable* target, std::function<ProgramBuilder::E()> set) {
    sema::Query* query = b.query(model, "q");
    query->reads_table = true;
    for (int i = 0; i < kSize; ++i) {
      query->evidence.push_back({x[i], nullptr, {}});
      query->recoveries.push_back({.noise = noise[i], .from = x[i]});
    }
    query->worlds.push_back({"", {{target, set(), {}}}, {}});
    for (sema::Variable* v : x) query->outputs.push_back({sema::Output::Form::Value, v->name, b.value(v, 1)});
    return query;
  }

  const sema::Slot* slot() {
    sema::Slot slot;
    slot.role = sema::Slot::Role::Argument;
    slot.name = "s";
    return b.program.make(std::move(slot));
  }
};

class Laws : public ::testing::TestWithParam<unsigned> {};

TEST_P(Laws, SettingTheFactualValueChangesNoBit) {
  RandomModel m(GetParam());
  sema::Variable* target = m.x[m.random() % 4];
  m.query(target, [&] { return m.b.slot(m.slot()); });
  pipelines::ProgramIr ir(m.b.program);
  ASSERT_TRUE(ir.buildPlan().ok());
  for (int row = 0; row < 50; ++row) {
    auto columns = m.draw();
    auto outputs = run_entry(ir.module(), columns, {{"s", columns.at(target->name)}});
    for (sema::Variable* v : m.x) EXPECT_EQ(bits(outputs.at(v->name)), bits(columns.at(v->name))) << v->name;
    EXPECT_EQ(outputs["status"], 0);
  }
}

TEST_P(Laws, AShiftByZeroChangesNoBit) {
  RandomModel m(GetParam());
  sema::Variable* target = m.x[m.random() % 4];
  m.query(target, [&] { return m.b.apply(Op::Add, {m.b.natural(target, 1), m.b.slot(m.slot())}); });
  pipelines::ProgramIr ir(m.b.program);
  ASSERT_TRUE(ir.buildPlan().ok());
  for (int row = 0; row < 50; ++row) {
    auto columns = m.draw();
    auto outputs = run_entry(ir.module(), columns, {{"s", 0.0}});
    for (sema::Variable* v : m.x) EXPECT_EQ(bits(outputs.at(v->name)), bits(columns.at(v->name))) << v->name;
  }
}

TEST_P(Laws, EffectivenessAndNonDescendants) {
  RandomModel m(GetParam());
  sema::Variable* target = m.x[m.random() % 4];
  m.query(target, [&] { return m.b.slot(m.slot()); });
  pipelines::ProgramIr ir(m.b.program);
  ASSERT_TRUE(ir.buildPlan().ok());
  std::set<const sema::Variable*> descendants = {target};
  for (sema::Variable* v : m.x)
    for (const sema::Variable* parent : v->parents)
      if (descendants.contains(parent)) descendants.insert(v);
  for (int row = 0; row < 20; ++row) {
    auto columns = m.draw();
    auto outputs = run_entry(ir.module(), columns, {{"s", 1.25}});
    EXPECT_EQ(outputs.at(target->name), 1.25);
    for (sema::Variable* v : m.x)
      if (!descendants.contains(v)) EXPECT_EQ(bits(outputs.at(v->name)), bits(columns.at(v->name))) << v->name;
  }
}

INSTANTIATE_TEST_SUITE_P(RandomModels, Laws, ::testing::Range(1u, 31u));

}  // namespace
}  // namespace acie
