// Packages made by hand for the runtime's tests: plans over the kernels of test_kernels.c.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime/package/Package.h"

namespace acie::testing {

/// The bytes of the kernel library that CMake built from test_kernels.c.
inline std::string kernel_image() {
  std::ifstream in(ACIE_TEST_KERNELS, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// y = a * factor + b per row; b < 0 is undefined; a is declared within 0..100.
inline package::Entry line_entry() {
  using namespace package;
  Entry entry;
  entry.name = "line";
  entry.model = "M";
  entry.reads_table = true;
  entry.buffers = {{ACIE_F64, Space::Row, {}}, {ACIE_F64, Space::Row, {}}, {ACIE_F64, Space::Row, {}}, {ACIE_I32, Space::Row, {}}};
  ColumnInput a, b;
  a.name = a.column = "a";
  a.low = 0;
  a.high = 100;
  a.buffer = 0;
  b.name = "b";
  b.column = "B_COLUMN";
  b.buffer = 1;
  entry.columns = {a, b};
  ScalarInput factor;
  factor.name = "factor";
  factor.low = 0;
  factor.default_value = 2;
  entry.scalars = {factor};
  entry.nodes = {KernelNode{"line.rows", 0, Space::Row, {0, 1}, {2, 3}, 0}};
  entry.outputs = {{"y", {}, ACIE_F64, 2, -1}};
  entry.status = 3;
  entry.reasons = {"b is negative"};
  return entry;
}

inline package::ReduceNode reduce(package::ReduceNode::Op op, int input, int output, int error = -1, double level = 0.5) {
  return {op, level, input, output, error};
}

/// Mean, probability, variance, sd and median of uniform draws, with errors, and the ratio mean / sd by the jackknife.
inline package::Entry population_entry() {
  using namespace package;
  using Op = ReduceNode::Op;
  Entry entry;
  entry.name = "population";
  entry.model = "M";
  entry.shape = Entry::Shape::Once;
  entry.has_draws = true;
  entry.buffers = {{ACIE_F64, Space::Inner, {}}, {ACIE_BOOL, Space::Inner, {}}};
  entry.nodes.push_back(KernelNode{"population.draws", 1, Space::Inner, {}, {0, 1}, 0});
  const auto estimate = [&](const std::string& name, Op op, int input) {
    const int value = static_cast<int>(entry.buffers.size());
    entry.buffers.push_back({ACIE_F64, Space::Row, {}});
    entry.buffers.push_back({ACIE_F64, Space::Row, {}});
    entry.nodes.push_back(reduce(op, input, value, value + 1));
    entry.outputs.push_back({name, {}, ACIE_F64, value, -1});
    entry.outputs.push_back({name + ".se", {}, ACIE_F64, value + 1, -1});
    return value;
  };
  const int mean = estimate("mean", Op::Mean, 0);
  estimate("probability", Op::Mean, 1);
  estimate("variance", Op::Variance, 0);
  const int sd = estimate("sd", Op::StdDev, 0);
  estimate("median", Op::Quantile, 0);
  const int ratio = static_cast<int>(entry.buffers.size());
  entry.buffers.push_back({ACIE_F64, Space::Row, {}});
  entry.nodes.push_back(KernelNode{"population.rows", 2, Space::Row, {mean, sd}, {ratio}, 0});
  entry.outputs.push_back({"ratio", {}, ACIE_F64, ratio, -1});
  entry.outputs.push_back({"ratio.se", {}, ACIE_F64, -1, static_cast<int>(entry.outputs.size()) - 1});
  return entry;
}

/// Sums of column a over the table, and the row count.
inline package::Entry table_entry() {
  using namespace package;
  using Op = ReduceNode::Op;
  Entry entry;
  entry.name = "table";
  entry.model = "M";
  entry.shape = Entry::Shape::Once;
  entry.reads_table = true;
  entry.buffers = {{ACIE_F64, Space::Row, {}}};
  ColumnInput a;
  a.name = a.column = "a";
  a.buffer = 0;
  entry.columns = {a};
  int next = 1;
  for (const auto& [name, op] : {std::pair{"sum", Op::Sum}, {"mean", Op::Mean}, {"var", Op::Variance},
                                 {"min", Op::Min}, {"max", Op::Max}, {"count", Op::Count}}) {
    entry.buffers.push_back({ACIE_F64, Space::Table, {}});
    entry.nodes.push_back(reduce(op, op == Op::Count ? -1 : 0, next));
    entry.outputs.push_back({name, {}, ACIE_F64, next, -1});
    ++next;
  }
  return entry;
}

/// a divided by its mean over the table: two passes. |a| / 10 <= 1/2 is a constraint.
inline package::Entry relative_entry() {
  using namespace package;
  Entry entry = table_entry();
  entry.name = "relative";
  entry.shape = Entry::Shape::PerRow;
  entry.buffers.resize(1);
  entry.buffers.insert(entry.buffers.end(), {{ACIE_F64, Space::Table, {}}, {ACIE_F64, Space::Row, {}}, {ACIE_F64, Space::Row, {}},
                                             {ACIE_BOOL, Space::Row, {}}});
  entry.nodes = {reduce(ReduceNode::Op::Mean, 0, 1), KernelNode{"relative.rows", 2, Space::Row, {0, 1}, {2}, 0},
                 KernelNode{"relative.constraint", 3, Space::Row, {0}, {3, 4}, 0}};
  entry.outputs = {{"relative", {}, ACIE_F64, 2, -1}};
  entry.violation = 3;
  entry.constraints_hold = 4;
  return entry;
}

/// Uniform draws above column a, listed one by one.
inline package::Entry draws_entry(bool reads_table) {
  using namespace package;
  Entry entry;
  entry.name = reads_table ? "draws_by_row" : "draws";
  entry.model = "M";
  entry.shape = Entry::Shape::PerDraw;
  entry.has_draws = true;
  entry.reads_table = reads_table;
  entry.buffers = {{ACIE_F64, Space::Inner, {}}, {ACIE_F64, Space::Inner, {}}};
  KernelNode kernel{"draws.draws", 1, Space::Inner, {}, {1}, 0};
  if (reads_table) {
    ColumnInput a;
    a.name = a.column = "a";
    a.buffer = 0;
    entry.columns = {a};
    kernel.inputs = {0};
    entry.outputs.push_back({"a", {}, ACIE_F64, 0, -1});
  }
  entry.nodes = {kernel};
  entry.outputs.push_back({"x", {}, ACIE_F64, 1, -1});
  return entry;
}

/// Per row: the mean of uniform draws above column a, and the mean of draws divided by that mean, which is 1.
inline package::Entry nested_entry() {
  using namespace package;
  Entry entry;
  entry.name = "nested";
  entry.model = "M";
  entry.reads_table = true;
  entry.has_draws = true;
  entry.buffers = {{ACIE_F64, Space::Inner, {}}, {ACIE_F64, Space::Inner, {}}, {ACIE_F64, Space::Row, {}},
                   {ACIE_F64, Space::Row, {}},   {ACIE_F64, Space::Inner, {}}, {ACIE_F64, Space::Row, {}}};
  ColumnInput a;
  a.name = a.column = "a";
  a.buffer = 0;
  entry.columns = {a};
  entry.nodes = {KernelNode{"nested.draws", 1, Space::Inner, {0}, {1}, 0}, reduce(ReduceNode::Op::Mean, 1, 2, 3),
                 KernelNode{"nested.relative", 2, Space::Inner, {1, 2}, {4}, 0}, reduce(ReduceNode::Op::Mean, 4, 5)};
  entry.outputs = {{"mean", {}, ACIE_F64, 2, -1}, {"mean.se", {}, ACIE_F64, 3, -1}, {"one", {}, ACIE_F64, 5, -1}};
  return entry;
}

/// do? x: the value asked for where there is one, else column a.
inline package::Entry asked_entry() {
  using namespace package;
  Entry entry;
  entry.name = "asked";
  entry.model = "M";
  entry.reads_table = true;
  entry.buffers = {{ACIE_F64, Space::Row, {}}, {ACIE_F64, Space::Row, {}}, {ACIE_BOOL, Space::Row, {}}, {ACIE_F64, Space::Row, {}}};
  ColumnInput a, x;
  a.name = a.column = "a";
  a.buffer = 0;
  x.role = ColumnInput::Role::DoAsk;
  x.name = x.column = "do.x";
  x.buffer = 1;
  x.presence = 2;
  entry.columns = {a, x};
  entry.nodes = {KernelNode{"asked.rows", 5, Space::Row, {2, 1, 0}, {3}, 0}};
  entry.outputs = {{"x", {}, ACIE_F64, 3, -1}};
  return entry;
}

inline package::Plan test_plan() {
  package::Plan plan;
  plan.program = "test";
  plan.entries = {line_entry(),       population_entry(),   table_entry(), relative_entry(),
                  draws_entry(false), draws_entry(true), asked_entry(), nested_entry()};
  plan.variants = {{"x86-64-v3", "kernels.v3"}};
  return plan;
}

inline std::vector<package::Section> test_sections() {
  return {{package::SectionType::Kernels, "kernels.v3", kernel_image(), true, 1},
          {package::SectionType::GraphDot, "graph.dot", "digraph {}\n", false, 1}};
}

/// The bytes of the unsigned test package.
inline std::string test_package() { return *package::write_package(test_plan(), test_sections(), nullptr); }

inline package::TrustPolicy trust_all() { return {{}, true}; }

}  // namespace acie::testing
