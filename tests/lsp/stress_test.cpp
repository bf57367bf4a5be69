// Random edits on a large program: whatever is typed, the server's diagnostics are those of a fresh start to the byte, and it
// answers.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/lsp/Session.h"
#include "tests/lsp/Typist.h"

namespace acie::lsp {
namespace {

/// What the program imports.
const char* const kShared = "const offset = 2\n\nfn growth(x: f64) -> f64 { return offset * x }\n\nmodel Other {\n    exo u ~ normal(0, 1)\n    var size = 3 + u\n}\n";

/// A program of at least `lines` lines with a bit of everything: half of them as in `large_program`, half with finite types, sizes,
/// mechanisms, steps, tensors, parameters and what is imported.
std::string varied_program(int lines) {
  std::string text = "import \"shared.acie\"\n" + large_program(lines / 2) + "dim K = 4\n\nunit stone = 6.35029318<kg>\n\nparam depth : f64<stone> = 3<stone>\n\n";
  for (int i = 0; std::count(text.begin(), text.end(), '\n') < lines; ++i) {
    std::string block = R"(type Arm@ = placebo@ | drug@

dim Visits@ = K

/// Doses by arm.
const dose@ : f64[Arm@] = [0.0, 1.5]

const weight@ : f64<stone> = 10<kg> + depth@

const depth@ : f64<kg> = 2<stone>

mechanism answer@(x: f64) -> f64 {
    learn slope : f64 = 2
    return slope * x
}

fn unused@(x: f64<kg>) -> f64<stone> { return x + weight@ }

model Patient@ {
    input start : f64 in 0..2000
    input arm : Arm@
    over t in 0..Visits@ {
        exo u ~ normal(0, 1)
        var count : f64 = if t == 0 then start + 15 * u else 0.9 * count[t-1] + dose@[arm] * u
    }
    var last = answer@(growth(count[-1]))
    var mass : f64<kg> = last * depth@ + weight@
}

intervention spare@(most: f64) on Patient@ { do last = min(last, most) }

query treated@ on Patient@ {
    given count
    do arm = drug@
    return last, mass
}

query other@ on Other {
    do size = offset + @
    return E[size]
}

)";
    const std::string number = std::to_string(i);
    for (size_t at = block.find('@'); at != std::string::npos; at = block.find('@', at)) block.replace(at, 1, number);
    text += block;
  }
  return text;
}

/// What every name means and where it stands: also of declarations that were not parsed again but moved.
std::string names(const Analysis& analysis) {
  std::string list;
  if (!analysis.has_tree()) return list;
  for (const Use& use : analysis.index().uses()) {
    const Symbol& symbol = analysis.index().symbol(use.symbol);
    absl::StrAppend(&list, use.span.begin, "-", use.span.end, " ", symbol.name, " of ", symbol.name_span.begin, " in ", symbol.span.begin, "-", symbol.span.end, "\n");
  }
  return list;
}

std::string printed(const Analysis& analysis) {
  std::string text;
  for (const Diagnostic& diagnostic : analysis.diagnostics()) text += render_text(diagnostic, analysis.sources());
  return text;
}

bool has_errors(const Analysis& analysis) {
  return std::any_of(analysis.diagnostics().begin(), analysis.diagnostics().end(), [](const Diagnostic& one) { return one.severity == Severity::Error; });
}

/// Plays `edits` edits; every `stride`th is compared with an analysis that knows nothing of what was before: what is published,
/// every byte of the diagnostics, and what the names mean.
void play(int lines, int edits, int stride, unsigned seed, const std::string& encoding) {
  Typist typist(varied_program(lines), seed);
  TestSession session(ACIE_STDLIB, encoding);
  Workspace& workspace = session.server().workspace();
  std::string folder = ::testing::TempDir() + "acie_stress_XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/shared.acie") << kShared;
  workspace.options.include_dirs = {folder};
  workspace.options.pedantic = seed % 2 != 0;
  const Encoding columns = encoding == "utf-8" ? Encoding::Utf8 : Encoding::Utf16;
  session.open(typist.text());
  Document& document = *workspace.find(TestSession::kUri);
  ASSERT_FALSE(has_errors(workspace.view(document).latest)) << "the program is correct, but\n" << printed(workspace.view(document).latest);
  int broken = 0, wrong = 0, compared = 0;
  size_t checked = 0, kept = 0;
  for (int i = 0; i < edits; ++i) {
    const Text before(typist.text());
    const Typist::Edit edit = typist.next();
    session.change(Json::array({{{"range", range_of(before, edit.begin, edit.end, columns)}, {"text", edit.replacement}}}));
    ASSERT_EQ(document.text().str(), typist.text()) << "edit " << i;
    const Json diagnostics = session.diagnostics();
    const Analysis& latest = workspace.view(document).latest;
    broken += latest.has_tree() ? 0 : 1;
    if (latest.has_tree()) {
      wrong += has_errors(latest) ? 1 : 0;
      checked += document.checks().checked();
      kept += document.checks().kept();
    }
    if (i % 7 == 0) {
      const TextPosition at = Text(typist.text()).position(edit.begin, columns);
      for (const char* method : {"textDocument/hover", "textDocument/completion", "textDocument/signatureHelp", "textDocument/definition", "textDocument/documentHighlight"}) {
        ASSERT_FALSE(member(session.request(method, session.at(at.line, at.character)), "code").is_number()) << method << " after edit " << i;
      }
    }
    if (i % stride != 0) continue;
    ++compared;
    const Analysis fresh(document.path(), typist.text(), {}, workspace.options);
    ASSERT_EQ(printed(fresh), printed(latest)) << "after edit " << i << " of seed " << seed;
    const View view{document, fresh, nullptr, columns};
    ASSERT_EQ(diagnostics_by_file(workspace, view).at(document.path()), diagnostics) << "after edit " << i << " of seed " << seed;
    ASSERT_EQ(names(fresh), names(latest)) << "after edit " << i << " of seed " << seed;
  }
  std::printf("%d edits: %d broke the text, %d its meaning; %d compared; %zu units checked, %zu kept\n", edits, broken, wrong, compared, checked, kept);
  std::filesystem::remove_all(folder);
  EXPECT_GT(broken, edits / 20);
  EXPECT_GT(wrong, edits / 20);
  EXPECT_LT(broken + wrong, edits);
}

/// Every edit is compared where ACIE_STRESS is set, else every sixteenth.
TEST(Stress, TwoThousandEditsOfTwoThousandLines) { play(2000, 2000, std::getenv("ACIE_STRESS") != nullptr ? 1 : 16, 1, "utf-16"); }

TEST(Stress, EveryEditOfASmallProgram) {
  const unsigned seeds = std::getenv("ACIE_STRESS") != nullptr ? 40 : 4;
  for (unsigned seed = 2; seed < 2 + seeds; ++seed) {
    play(150, 400, 1, seed, seed % 2 == 0 ? "utf-8" : "utf-16");
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace acie::lsp
