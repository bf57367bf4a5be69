// The standard library and the examples stay as the formatter leaves them.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

TEST(Format, LibraryAndExamplesAreFormatted) {
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

}  // namespace
}  // namespace acie::testing
