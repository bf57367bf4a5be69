// Tests that compile a program, run its queries on a table and compare numbers.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/end_to_end/command.h"

namespace acie::testing {

using Rows = std::vector<std::map<std::string, std::string>>;
using Vector = std::vector<double>;

/// Compiles a program into a folder of its own and runs its queries.
class ProgramTest : public ::testing::Test {
 protected:
  void compile(const std::string& text, const std::string& more = "") {
    std::ofstream(folder_ / "program.acie") << text;
    const CommandResult compiled = run(compiler() + " " + (folder_ / "program.acie").string() + " -o " + package() + " " + more);
    ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  }
  Rows answer(const std::string& query, const std::string& more = "") {
    const CommandResult ran = run(runner() + " " + package() + " " + query + " --allow-unsigned --out - " + more);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return parse_csv(ran.out);
  }
  std::string table(const std::vector<std::pair<std::string, std::vector<Vector>>>& columns) {
    std::ostringstream text;
    text.precision(17);
    bool first = true;
    for (const auto& [name, rows] : columns)
      for (size_t i = 0; i < rows[0].size(); ++i, first = false) text << (first ? "" : ",") << name << (rows[0].size() > 1 ? "[" + std::to_string(i) + "]" : "");
    text << "\n";
    for (size_t r = 0; r < columns[0].second.size(); ++r) {
      first = true;
      for (const auto& [name, rows] : columns)
        for (const double value : rows[r]) text << (first ? "" : ",") << value, first = false;
      text << "\n";
    }
    const auto path = folder_ / "data.csv";
    std::ofstream(path) << text.str();
    return "--data " + path.string();
  }
  /// The same of matrices, "x[1,2]"; of the shape {0, 0} a number.
  std::string matrix_table(const std::vector<std::tuple<std::string, std::pair<int, int>, std::vector<Vector>>>& columns) {
    std::ostringstream text;
    text.precision(17);
    bool first = true;
    for (const auto& [name, shape, rows] : columns) {
      if (shape.first == 0) text << (first ? "" : ",") << name, first = false;
      for (int i = 0; i < shape.first; ++i)
        for (int j = 0; j < shape.second; ++j, first = false) text << (first ? "" : ",") << "\"" << name << "[" << i << "," << j << "]\"";
    }
    text << "\n";
    for (size_t r = 0; r < std::get<2>(columns[0]).size(); ++r) {
      first = true;
      for (const auto& [name, shape, rows] : columns)
        for (const double value : rows[r]) text << (first ? "" : ",") << value, first = false;
      text << "\n";
    }
    const auto path = folder_ / "data.csv";
    std::ofstream(path) << text.str();
    return "--data " + path.string();
  }
  std::string package() const { return (folder_ / "program.aciepkg").string(); }

  TemporaryFolder folder_;
};

/// The same rows with names that have commas, "E[x[2, 0]]", without their quotes.
inline Rows unquoted(const Rows& rows) {
  Rows result(rows.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    for (const auto& [name, cell] : rows[r]) result[r][name.front() == '"' ? name.substr(1, name.size() - 2) : name] = cell;
  }
  return result;
}

inline double at(const Rows& rows, size_t row, const std::string& name, int i = -1) {
  const std::string column = i < 0 ? name : name + "[" + std::to_string(i) + "]";
  const auto cell = rows.at(row).find(column);
  EXPECT_NE(cell, rows[row].end()) << "no column " << column;
  return cell == rows[row].end() || cell->second.empty() ? NAN : std::stod(cell->second);
}

inline std::vector<Vector> random_rows(int rows, int size, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<Vector> result(rows, Vector(size));
  for (Vector& row : result)
    for (double& value : row) value = normal(generator);
  return result;
}

}  // namespace acie::testing
