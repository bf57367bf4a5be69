// Which steps of an entry are done together.

#include "runtime/scheduler/Fusion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/scheduler/Program.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::Entry;
using package::KernelNode;
using package::Space;
using package::TensorNode;

int32_t no_kernel(const acie_call*) { return ACIE_KERNEL_OK; }

class Fusion : public ::testing::Test {
 protected:
  int buffer(std::vector<int64_t> shape, Space space = Space::Table) {
    entry_.buffers.push_back({ACIE_F32, space, std::move(shape)});
    return static_cast<int>(entry_.buffers.size()) - 1;
  }
  int learnt(std::vector<int64_t> shape) {
    const int made = buffer(std::move(shape));
    entry_.parameters.push_back({.name = "w", .doc = "", .unit = {}, .buffer = made, .default_value = 0.0, .default_at = {}});
    return made;
  }
  int kernel(std::vector<int> inputs, std::vector<int64_t> shape) {
    const int made = buffer(std::move(shape));
    KernelNode node;
    node.name = "k", node.space = Space::Table, node.inputs = std::move(inputs), node.outputs = {made};
    entry_.nodes.push_back(node);
    return made;
  }
  int fold(int input, std::vector<int64_t> shape) { return tensor(TensorNode::Op::Fold, input, std::move(shape), {}); }
  int view(int input, std::vector<int64_t> shape, std::vector<int64_t> strides) { return tensor(TensorNode::Op::View, input, std::move(shape), std::move(strides)); }
  int tensor(TensorNode::Op op, int input, std::vector<int64_t> shape, std::vector<int64_t> strides) {
    const int made = buffer(std::move(shape));
    TensorNode node;
    node.op = op, node.inputs = {input}, node.output = made, node.strides = std::move(strides);
    entry_.nodes.push_back(node);
    return made;
  }
  void answer(int buffer) {
    entry_.shape = Entry::Shape::Once;
    package::OutputColumn column;
    column.name = "y", column.dtype = ACIE_F32, column.buffer = buffer;
    entry_.outputs.push_back(column);
  }
  /// softmax of [rows, columns] along the last axis, by a view of a view as the compiler makes it.
  int softmax(int x, int64_t rows, int64_t columns) {
    const auto stretched = [&](int folded) { return view(view(folded, {rows, 1}, {1, 0}), {rows, columns}, {1, 0}); };
    const int e = kernel({x, stretched(fold(x, {rows}))}, {rows, columns});
    return kernel({e, stretched(fold(e, {rows}))}, {rows, columns});
  }
  void make() {
    auto made = Program::make(entry_, no_kernel, {});
    ASSERT_TRUE(made.ok()) << made.status();
    program_ = *std::move(made);
  }
  std::vector<int64_t> blocks() const {
    std::vector<int64_t> rows;
    for (const KernelStep& step : program_->kernel_steps())
      if (step.blocks) rows.push_back(step.blocks->rows);
    return rows;
  }

  Entry entry_;
  std::unique_ptr<Program> program_;
};

TEST_F(Fusion, SoftmaxIsOneStepAndOnlyItsResultIsThereAsAWhole) {
  const int x = learnt({1000, 500}), p = softmax(x, 1000, 500);
  answer(fold(fold(p, {1000}), {}));
  make();
  ASSERT_EQ(blocks(), std::vector<int64_t>{1000});
  // The sum of every row joins too, so that not even the probabilities are.
  const KernelStep& step = program_->kernel_steps()[0];
  EXPECT_EQ(step.body.size(), 9u);
  EXPECT_EQ(step.inputs, std::vector<int>{x});
  EXPECT_EQ(step.outputs.size(), 1u);
  EXPECT_FALSE(program_->placed(p));
  EXPECT_TRUE(program_->placed(step.outputs[0]));
  EXPECT_LT(step.blocks->bytes, size_t{1} << 20);
}

TEST_F(Fusion, WhatIsReadElsewhereIsThereAsAWhole) {
  const int p = softmax(learnt({1000, 500}), 1000, 500);
  const int columns = fold(view(p, {500, 1000}, {1, 500}), {500});
  answer(fold(columns, {}));
  make();
  EXPECT_EQ(blocks(), std::vector<int64_t>{1000});
  EXPECT_TRUE(program_->placed(p));
  // The sum along the first axis reads columns; the view with that axis last is not made.
  const KernelStep& last = *(program_->kernel_steps().end() - 2);
  ASSERT_TRUE(last.columns.has_value());
  EXPECT_EQ(last.inputs, std::vector<int>{p});
  EXPECT_EQ(last.columns->rows, 1000);
  EXPECT_EQ(last.columns->columns, 500);
  EXPECT_EQ(last.columns->stride, 500);
}

TEST_F(Fusion, StepsInBetweenThatDoNotBelongAreTakenOut) {
  const int x = learnt({1000, 500}), z = learnt({300, 700});
  const int x_max = fold(x, {1000}), z_max = fold(z, {300});
  const int e = kernel({x, view(x_max, {1000, 500}, {1, 0})}, {1000, 500}), f = kernel({z, view(z_max, {300, 700}, {1, 0})}, {300, 700});
  const int e_sum = fold(e, {1000}), f_sum = fold(f, {300});
  answer(fold(e_sum, {}));
  answer(fold(f_sum, {}));
  make();
  std::vector<int64_t> rows = blocks();
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(rows, (std::vector<int64_t>{300, 1000}));
}

TEST_F(Fusion, RowsThatNeedOtherRowsAreNotTaken) {
  // Shifted by one row, reversed, and a sum of everything.
  const int x = learnt({1000, 500}), e = kernel({x}, {1000, 500});
  const int shifted = view(e, {999, 500}, {500, 1});
  auto& node = std::get<TensorNode>(entry_.nodes.back());
  node.offset = 500;
  const int reversed = view(e, {1000, 500}, {-500, 1});
  std::get<TensorNode>(entry_.nodes.back()).offset = 499500;
  answer(fold(kernel({kernel({e, reversed}, {1000, 500})}, {1000, 500}), {}));
  answer(fold(shifted, {}));
  make();
  for (const KernelStep& step : program_->kernel_steps())
    if (step.blocks) EXPECT_EQ(std::count(step.inputs.begin(), step.inputs.end(), e), 1) << "what is read from elsewhere in e comes after e";
  EXPECT_TRUE(program_->placed(e));
}

TEST_F(Fusion, SmallTensorsAreLeftAlone) {
  answer(fold(softmax(learnt({32, 64}), 32, 64), {}));
  make();
  EXPECT_TRUE(blocks().empty());
}

}  // namespace
}  // namespace acie::scheduler
