// The opinions of --pedantic as a whole: each code has its check, its page and its programs; none against the examples and the library.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Sema.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/Parser.h"

namespace acie::sema {
namespace {

namespace fs = std::filesystem;

std::string opinions(const fs::path& program) {
  SourceManager sources;
  DiagnosticEngine diagnostics;
  syntax::AstContext context;
  const auto file = sources.load(program.string());
  if (!file.ok()) return std::string(file.status().message());
  if (const syntax::File* tree = syntax::parse(sources, *file, context, diagnostics)) {
    SemaOptions options;
    options.stdlib_dir = ACIE_SOURCE_DIR "/stdlib";
    options.pedantic = true;
    analyze(*tree, sources, context, diagnostics, options);
  }
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) text += render_text(diagnostic, sources) + "\n";
  return text;
}

class Programs : public ::testing::TestWithParam<fs::path> {};

TEST_P(Programs, HaveNoOpinionsAgainstThem) { EXPECT_EQ(opinions(GetParam()), ""); }

std::vector<fs::path> programs() {
  std::vector<fs::path> found;
  for (const char* folder : {"examples", "stdlib"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(ACIE_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".acie") found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

INSTANTIATE_TEST_SUITE_P(Sources, Programs, ::testing::ValuesIn(programs()), [](const auto& info) {
  std::string name = info.param.parent_path().stem().string() + "_" + info.param.stem().string();
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(PedanticChecks, EveryCodeOfTheirsHasOne) {
  std::set<Code> checked;
  for (const PedanticCheck& check : pedantic_checks()) {
    EXPECT_EQ(code_name(check.code).substr(0, 3), "A09") << check.what;
    EXPECT_EQ(code_severity(check.code), Severity::Warning) << check.what;
    checked.insert(check.code);
  }
  for (const Code code : all_codes()) {
    if (code_name(code).substr(0, 3) == "A09") EXPECT_TRUE(checked.contains(code)) << code_name(code) << " has no check";
  }
}

/// Opinions are about the file that is compiled: an imported one has its own compilation.
TEST(PedanticChecks, SayNothingOfImportedFiles) {
  const fs::path folder = fs::path(::testing::TempDir()) / "acie_pedantic_imports";
  fs::create_directories(folder);
  const auto write = [&](const char* name, const char* text) {
    FILE* file = std::fopen((folder / name).c_str(), "w");
    std::fputs(text, file);
    std::fclose(file);
  };
  write("model.acie", "fn odd(x: f64, y: f64) -> f64 { return x / 0 }\nmodel M { exo u ~ normal(0, 1); exo idle ~ normal(0, 1); var x = odd(u, 1) }\n");
  write("main.acie", "import \"model.acie\"\nquery q on M { return E[x] }\n");
  EXPECT_EQ(opinions(folder / "main.acie"), "");
  EXPECT_NE(opinions(folder / "model.acie"), "");
  fs::remove_all(folder);
}

/// A file that asks nothing is a library: what it offers is not unused, what it keeps to itself may be.
TEST(PedanticChecks, AFileWithoutQueriesOffersItsNames) {
  const fs::path program = fs::path(::testing::TempDir()) / "acie_pedantic_library.acie";
  FILE* file = std::fopen(program.c_str(), "w");
  std::fputs("const offered = 1\nconst _kept = 2\nconst _read = 3\nfn twice(x: f64) -> f64 { return _read * x }\n", file);
  std::fclose(file);
  const std::string text = opinions(program);
  EXPECT_NE(text.find("constant `_kept` is never used"), std::string::npos) << text;
  EXPECT_EQ(text.find("offered"), std::string::npos) << text;
  EXPECT_EQ(text.find("`_read`"), std::string::npos) << text;
  fs::remove(program);
}

}  // namespace
}  // namespace acie::sema
