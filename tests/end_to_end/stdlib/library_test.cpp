// The library as a whole: it and the examples stay as the formatter leaves them, and every function is well typed, also those
// that nothing calls, for any size and unit.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

TEST(Library, LibraryAndExamplesAreFormatted) {
  std::vector<std::string> files;
  for (const char* folder : {"stdlib", "examples"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source(folder))) {
      if (entry.path().extension() == ".acie") files.push_back(entry.path().string());
    }
  }
  EXPECT_GE(files.size(), 8u);
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    const CommandResult checked = run(compiler() + " --format --check " + file);
    EXPECT_EQ(checked.exit_code, 0) << "run acie-compile --format " << file << "\n" << checked.out << checked.err;
  }
}

TEST(Library, EveryFunctionIsChecked) {
  size_t modules = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source("stdlib"))) {
    // The laws of dist stand on noises that no other program may name.
    if (entry.path().extension() != ".acie" || entry.path().stem() == "dist") continue;
    ++modules;
    const CommandResult checked = run(compiler() + " --check " + entry.path().string());
    EXPECT_EQ(checked.exit_code, 0) << checked.err;
    EXPECT_EQ(checked.err, "");
  }
  EXPECT_GE(modules, 6u);
}

TEST(Library, TheExamplesOfItsReadmeCompile) {
  const std::string text = read_file(source("stdlib/README.md")), opening = "```acie\n";
  size_t programs = 0;
  TemporaryFolder folder;
  const auto program = folder / "program.acie";
  for (size_t at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
    at += opening.size();
    std::ofstream(program) << text.substr(at, text.find("```", at) - at);
    const CommandResult checked = run(compiler() + " --check " + program.string());
    EXPECT_EQ(checked.exit_code, 0) << checked.err;
    ++programs;
  }
  EXPECT_EQ(programs, 3u);
}

}  // namespace
}  // namespace acie::testing
