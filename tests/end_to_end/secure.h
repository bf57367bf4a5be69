// What tests of the encrypted examples share: keys, runs with all parties in one process, arrays, fixed point.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "tests/end_to_end/command.h"

namespace acie::testing {

/// Keys in a folder of their own, and the packages of an example.
class Secure : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }
  CommandResult good(const std::string& arguments) const {
    const CommandResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.err;
    return result;
  }
  void make_key(const std::string& arguments) const {
    write("password", "correct horse\n");
    std::filesystem::permissions(folder_ / "password", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    good(runner() + " key generate " + arguments + " --keys " + path("keys") + " --password-file " + path("password"));
  }
  /// Compiles the example and runs `entry` with all parties in one process.
  std::vector<std::map<std::string, std::string>> play(const std::string& program, const std::string& party, const std::string& arguments) const {
    good(compiler() + " " + source(program) + " -o " + path("program.aciepkg"));
    return parse_csv(good(runner() + " " + path("program." + party + ".aciepkg") + " " + arguments + " --local --allow-unsigned --keys " + path("keys") +
                          " --password-file " + path("password") + " --out -")
                         .out);
  }
  /// A program of alice's and others, and a command that runs an entry of it as alice with all parties in one process.
  void compile(const std::string& program) {
    write("program.acie", program);
    good(compiler() + " " + path("program.acie") + " -o " + path("program.aciepkg"));
  }
  std::string command(const std::string& entry, const std::string& arguments) const {
    return runner() + " " + path("program.alice.aciepkg") + " " + entry + " --local --allow-unsigned --keys " + path("keys") + " --password-file " + path("password") + " " + arguments;
  }

  TemporaryFolder folder_;
};

/// Bytes of an array in NumPy's format; Number is int8_t or double.
template <class Number>
std::string npy(const std::vector<size_t>& shape, const std::vector<Number>& values) {
  std::string head = std::string("{'descr': '") + (sizeof(Number) == 1 ? "|i1" : "<f8") + "', 'fortran_order': False, 'shape': (";
  for (const size_t axis : shape) head += std::to_string(axis) + ", ";
  head += "), }";
  head.append(64 - (head.size() + 11) % 64, ' ');
  head += "\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(head.size());
  bytes += static_cast<char>(head.size() >> 8);
  bytes += head;
  return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Number));
}

using Matrix = std::vector<std::vector<double>>;

inline Matrix read_matrix(const std::string& file, bool header) {
  Matrix rows;
  std::istringstream lines(read_file(source(file)));
  std::string line;
  if (header) std::getline(lines, line);
  while (std::getline(lines, line)) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

/// round(x·2^16), ties to even.
inline int64_t fixed(double x) { return static_cast<int64_t>(std::nearbyint(std::ldexp(x, 16))); }

/// The pixels of a stamp of the example: 28 × 28 floats after one block of header.
inline std::vector<double> stamp(const std::string& file) {
  const std::string bytes = read_file(source(file));
  std::vector<double> pixels(28 * 28);
  for (size_t i = 0; i < pixels.size(); ++i) {
    uint32_t word = 0;
    for (size_t byte = 0; byte < 4; ++byte) word = word << 8 | static_cast<uint8_t>(bytes.at(2880 + 4 * i + byte));
    pixels[i] = std::bit_cast<float>(word);
  }
  return pixels;
}

}  // namespace acie::testing
