// Random edits on a large program: whatever is typed, the server's diagnostics are those of a fresh start, and it answers.
#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "tests/lsp/Session.h"

namespace acie::lsp {
namespace {

const char* const kPieces[] = {"{", "}", "(", ")", "\n", " ", "do ", "var x = 1\n", "log_mass", "model M { var a = 1 }\n", "/*", "*/", "//", "\"", "<km>", "🌌", "μ", "1", "=", "query ",
                               "omega", "hubble", ",", "\n\n", "exo e ~ normal(0, 1)\n", "const c = 2\n", "`", "\n}\n", "///", "fn ", "relation0(1, 2)"};

/// Edits as a person makes them, mostly small and mostly undone soon, so that the text is now broken and now whole.
class Typist {
 public:
  Typist(std::string text, unsigned seed) : original_(text), text_(std::move(text)), random_(seed) {}

  struct Edit {
    uint32_t begin, end;
    std::string replacement;
  };
  Edit next() {
    if (!undo_.empty() && (undo_.size() > 3 || random_() % 2 == 0)) {
      const Edit edit = undo_.back();
      undo_.pop_back();
      text_.replace(edit.begin, edit.end - edit.begin, edit.replacement);
      return edit;
    }
    const uint32_t begin = boundary(random_() % (text_.size() + 1));
    const uint32_t end = random_() % 3 == 0 ? boundary(std::min<size_t>(text_.size(), begin + random_() % (random_() % 10 == 0 ? 400 : 8))) : begin;
    const Edit edit{begin, std::max(begin, end), random_() % 6 == 0 ? "" : kPieces[random_() % std::size(kPieces)]};
    undo_.push_back({begin, begin + static_cast<uint32_t>(edit.replacement.size()), text_.substr(begin, edit.end - begin)});
    text_.replace(begin, edit.end - begin, edit.replacement);
    return edit;
  }
  const std::string& text() const { return text_; }

 private:
  /// The beginning of the character at `at`.
  uint32_t boundary(size_t at) const {
    while (at > 0 && at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80) --at;
    return static_cast<uint32_t>(at);
  }

  std::string original_, text_;
  std::mt19937 random_;
  std::vector<Edit> undo_;
};

/// What every name means and where it stands: also of declarations that were not parsed again but moved.
std::vector<std::tuple<uint32_t, uint32_t, std::string, uint32_t, uint32_t, uint32_t>> names(const Analysis& analysis) {
  std::vector<std::tuple<uint32_t, uint32_t, std::string, uint32_t, uint32_t, uint32_t>> list;
  if (!analysis.has_tree()) return list;
  for (const Use& use : analysis.index().uses()) {
    const Symbol& symbol = analysis.index().symbol(use.symbol);
    list.emplace_back(use.span.begin, use.span.end, symbol.name, symbol.name_span.begin, symbol.span.begin, symbol.span.end);
  }
  return list;
}

/// Plays `edits` edits; every `stride`th is compared with an analysis that knows nothing of what was before.
void play(int lines, int edits, int stride, unsigned seed, const std::string& encoding) {
  Typist typist(large_program(lines), seed);
  TestSession session(ACIE_STDLIB, encoding);
  Workspace& workspace = session.server().workspace();
  const Encoding columns = encoding == "utf-8" ? Encoding::Utf8 : Encoding::Utf16;
  session.open(typist.text());
  ASSERT_EQ(session.sent().back().at("params").at("diagnostics"), Json::array()) << "the program is correct";
  int broken = 0;
  for (int i = 0; i < edits; ++i) {
    const Text before(typist.text());
    const Typist::Edit edit = typist.next();
    session.change(Json::array({{{"range", range_of(before, edit.begin, edit.end, columns)}, {"text", edit.replacement}}}));
    ASSERT_EQ(workspace.find(TestSession::kUri)->text().str(), typist.text()) << "edit " << i;
    const Json diagnostics = session.diagnostics();
    broken += diagnostics.empty() ? 0 : 1;
    if (i % 7 == 0) {
      const TextPosition at = Text(typist.text()).position(edit.begin, columns);
      for (const char* method : {"textDocument/hover", "textDocument/completion", "textDocument/signatureHelp", "textDocument/definition", "textDocument/documentHighlight"}) {
        ASSERT_FALSE(member(session.request(method, session.at(at.line, at.character)), "code").is_number()) << method << " after edit " << i;
      }
    }
    if (i % stride != 0) continue;
    Document& document = *workspace.find(TestSession::kUri);
    const Analysis fresh(document.path(), typist.text(), {}, workspace.options);
    const View view{document, fresh, nullptr, columns};
    ASSERT_EQ(diagnostics_by_file(workspace, view).at(document.path()), diagnostics) << "after edit " << i << " of seed " << seed;
    ASSERT_TRUE(names(fresh) == names(workspace.view(document).latest)) << "after edit " << i << " of seed " << seed;
  }
  EXPECT_GT(broken, edits / 10);
  EXPECT_LT(broken, edits);
}

TEST(Stress, TwoThousandEditsOfTwoThousandLines) { play(2000, 2000, 16, 1, "utf-16"); }

TEST(Stress, EveryEditOfASmallProgram) {
  for (unsigned seed = 2; seed < 6; ++seed) play(60, 400, 1, seed, seed % 2 == 0 ? "utf-8" : "utf-16");
}

}  // namespace
}  // namespace acie::lsp
