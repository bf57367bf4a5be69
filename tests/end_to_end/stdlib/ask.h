// Runs expressions over the standard library and looks its numbers up, for tests that compute them independently.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "tests/end_to_end/command.h"

namespace acie::testing {

/// One answered row of a query.
class Answer {
 public:
  explicit Answer(std::map<std::string, std::string> cells) : cells_(std::move(cells)) {}

  /// The number in a column, NaN (and a failure) where there is none.
  double operator()(const std::string& column) const {
    const auto cell = cells_.find(column);
    EXPECT_NE(cell, cells_.end()) << "no column " << column;
    return cell == cells_.end() || cell->second.empty() ? NAN : std::stod(cell->second);
  }
  double operator()(const std::string& column, size_t i) const { return (*this)(column + "[" + std::to_string(i) + "]"); }
  const std::string& text(const std::string& column) const { return cells_.at(column); }

 private:
  std::map<std::string, std::string> cells_;
};

/// |value / expected - 1| ≤ relative, or |value| ≤ relative where 0 is expected.
inline void expect_close(double value, double expected, const std::string& what, double relative = 1e-12) {
  EXPECT_NEAR(value, expected, relative * (expected == 0 ? 1 : std::abs(expected))) << what;
}

/// Compiles `program`, runs its query `q` on the table `data` (CSV) and gives the rows of the answer.
inline std::vector<Answer> ask(const std::string& program, const std::string& data, const std::string& options = "", const std::string& parameters = "") {
  TemporaryFolder folder;
  const auto text = folder / "program.acie", table = folder / "data.csv", values = folder / "values.json";
  std::ofstream(text) << program;
  std::ofstream(table) << data;
  const std::string package = (folder / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + text.string() + " --target x86-64-v3 -o " + package);
  EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
  std::string command = runner() + " " + package + " q --allow-unsigned --out - --data " + table.string() + " " + options;
  if (!parameters.empty()) {
    std::ofstream(values) << parameters;
    command += " --params " + values.string();
  }
  const CommandResult ran = run(command);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  std::vector<Answer> rows;
  for (auto& row : parse_csv(ran.out)) rows.emplace_back(std::move(row));
  return rows;
}

}  // namespace acie::testing
