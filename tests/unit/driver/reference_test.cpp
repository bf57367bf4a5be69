// The language reference is true: each chapter's programs compile, those shown as mistakes give the code they are shown
// for, and the output printed beside a command is what the command prints. grammar/README.md says how fences are marked.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/Driver/Driver.h"
#include "compiler/Support/Diagnostic.h"

namespace acie {
namespace {

namespace fs = std::filesystem;

struct Fence {
  size_t line = 0;          // of its opening, in the chapter
  std::string marks;        // what stands after ```
  std::string text;
  std::string program;      // acie: the text after its section's prelude. console: the program before it
};

/// The fences of a chapter. A heading of the second level ends the reach of an `acie prelude`.
std::vector<Fence> fences(const fs::path& chapter) {
  std::vector<Fence> found;
  std::ifstream in(chapter);
  std::string line, prelude, last_program;
  bool inside = false;
  for (size_t number = 1; std::getline(in, line); ++number) {
    if (!inside && line.rfind("## ", 0) == 0) prelude.clear();
    if (line.rfind("```", 0) != 0) {
      if (inside) found.back().text += line + "\n";
      continue;
    }
    if (!inside) {
      found.push_back({number, line.substr(3), "", ""});
    } else {
      Fence& fence = found.back();
      if (fence.marks == "acie prelude") prelude = fence.text;
      if (fence.marks.rfind("acie", 0) == 0) {
        fence.program = fence.marks == "acie prelude" ? fence.text : prelude + fence.text;
        last_program = fence.program;
      } else {
        fence.program = last_program;
      }
    }
    inside = !inside;
  }
  EXPECT_FALSE(inside) << chapter << " ends inside a fence";
  return found;
}

std::vector<fs::path> chapters() {
  std::vector<fs::path> found = {fs::path(ACIE_SOURCE_DIR) / "grammar" / "README.md"};
  for (const auto& entry : fs::directory_iterator(fs::path(ACIE_SOURCE_DIR) / "grammar" / "reference")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Standard output of a shell command, which must succeed.
std::string output_of(const std::string& command) {
  std::string text;
  std::array<char, 4096> buffer;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), n);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return text;
}

class Reference : public ::testing::TestWithParam<fs::path> {};

TEST_P(Reference, ProgramsDoWhatIsSaid) {
  size_t programs = 0;
  for (const Fence& fence : fences(GetParam())) {
    if (fence.marks.rfind("acie", 0) != 0) continue;
    ++programs;
    SCOPED_TRACE(GetParam().filename().string() + ":" + std::to_string(fence.line));
    SourceManager sources;
    DiagnosticEngine diagnostics;
    driver::Options options;
    options.emit = driver::Emit::Check;
    options.stdlib_dir = ACIE_STDLIB_DIR;
    const uint32_t file = sources.add("reference.acie", fence.program);
    const auto result = driver::compile(sources, file, diagnostics, options);
    ASSERT_TRUE(result.ok()) << result.status();
    const std::string opening = "acie error ";
    if (fence.marks.rfind(opening, 0) == 0) {
      const std::string code = fence.marks.substr(opening.size());
      bool given = false;
      for (const Diagnostic& diagnostic : diagnostics.sorted()) given = given || code_name(diagnostic.code) == code;
      EXPECT_TRUE(given) << "does not give " << code << ":\n" << fence.program;
    } else {
      EXPECT_TRUE(fence.marks == "acie" || fence.marks == "acie prelude") << "unknown mark: " << fence.marks;
      for (const Diagnostic& diagnostic : diagnostics.sorted()) {
        EXPECT_NE(diagnostic.severity, Severity::Error) << code_name(diagnostic.code) << ": " << diagnostic.message << "\n" << fence.program;
      }
    }
  }
  EXPECT_GT(programs, 0u);
}

/// A console fence is lines `$ acie-run program.acie QUERY …`, each followed by its output.
TEST_P(Reference, CommandsPrintWhatIsShown) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("acie_reference_" + GetParam().stem().string());
  fs::create_directories(folder);
  for (const Fence& fence : fences(GetParam())) {
    if (fence.marks != "console") continue;
    SCOPED_TRACE(GetParam().filename().string() + ":" + std::to_string(fence.line));
    std::ofstream(folder / "program.acie") << fence.program;
    std::istringstream lines(fence.text);
    std::string line, command, expected;
    const auto finish = [&] {
      if (command.empty()) return;
      const std::string run = "cd '" + folder.string() + "' && XDG_CACHE_HOME='" + folder.string() + "' XDG_CONFIG_HOME='" + folder.string() + "' PATH='" ACIE_BIN_DIR "':$PATH " + command + " 2>/dev/null";
      EXPECT_EQ(output_of(run), expected) << command;
    };
    while (std::getline(lines, line)) {
      if (line.rfind("$ ", 0) != 0) {
        expected += line + "\n";
        continue;
      }
      finish();
      command = line.substr(2);
      expected.clear();
    }
    finish();
  }
  fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Chapters, Reference, ::testing::ValuesIn(chapters()), [](const auto& info) {
  std::string name = info.param.stem().string();
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace acie
