// Every diagnostic has a page; the first program of a page gives its code, the second is correct.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiler/Sema/Sema.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/Parser.h"

namespace acie {
namespace {

/// The texts of the fences that begin with `opening` ("```acie error" or "```acie").
std::vector<std::string> fences(std::string_view page, std::string_view opening) {
  std::vector<std::string> found;
  std::string current;
  bool inside = false;
  while (!page.empty()) {
    const size_t end = page.find('\n');
    const std::string_view line = page.substr(0, end);
    page.remove_prefix(end == std::string_view::npos ? page.size() : end + 1);
    if (inside && line == "```") {
      found.push_back(current);
      inside = false;
    } else if (inside) {
      current += std::string(line) + "\n";
    } else if (line == opening) {
      inside = true;
      current.clear();
    }
  }
  return found;
}

std::vector<Diagnostic> check(const std::string& program) {
  SourceManager sources;
  DiagnosticEngine diagnostics;
  syntax::AstContext context;
  const uint32_t file = sources.add("page.acie", program);
  if (const syntax::File* tree = syntax::parse(sources, file, context, diagnostics)) {
    sema::SemaOptions options;
    options.stdlib_dir = ACIE_STDLIB_DIR;
    options.pedantic = true;
    sema::analyze(*tree, sources, context, diagnostics, options);
  }
  return diagnostics.sorted();
}

class Explain : public ::testing::TestWithParam<Code> {};

TEST_P(Explain, PageTriggersAndMendsIt) {
  const std::string name(code_name(GetParam()));
  const std::string_view page = explain(GetParam());
  ASSERT_FALSE(page.empty()) << "compiler/Support/Explain/" << name << ".md is missing";
  EXPECT_EQ(page.substr(0, 4 + name.size()), "# " + name + ": ");
  for (const std::string& program : fences(page, "```acie error")) {
    bool given = false;
    for (const Diagnostic& diagnostic : check(program)) given = given || diagnostic.code == GetParam();
    EXPECT_TRUE(given) << "this program does not give " << name << ":\n" << program;
  }
  for (const std::string& program : fences(page, "```acie")) {
    for (const Diagnostic& diagnostic : check(program)) {
      EXPECT_TRUE(diagnostic.severity != Severity::Error && diagnostic.code != GetParam())
          << "the mended program gives " << code_name(diagnostic.code) << ", " << diagnostic.message << ":\n" << program;
    }
  }
  // Bytes, sizes and files cannot be shown on a page.
  static const std::vector<std::string> kWithoutExample = {"A0001", "A0002", "A0003", "A0203", "A0204", "A0212", "A0213", "A0215"};
  if (std::find(kWithoutExample.begin(), kWithoutExample.end(), name) == kWithoutExample.end()) {
    EXPECT_FALSE(fences(page, "```acie error").empty()) << name << " has no example";
    EXPECT_FALSE(fences(page, "```acie").empty()) << name << " has no mended example";
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, Explain, ::testing::ValuesIn(all_codes()),
                         [](const auto& info) { return std::string(code_name(info.param)); });

}  // namespace
}  // namespace acie
