// Checking by declarations: only what changed is checked again, with what depends on it, and the diagnostics are those of a
// check of everything, on the programs of the repository as they are and edited at random (ACIE_STRESS=1: long).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/lsp/Session.h"
#include "tests/lsp/Typist.h"

namespace acie::lsp {
namespace {

std::string printed(const Analysis& analysis) {
  std::string text;
  for (const Diagnostic& diagnostic : analysis.diagnostics()) text += render_text(diagnostic, analysis.sources());
  return text;
}

/// What is known of the types of names, and where the checked program says that things stand.
std::string types(const Analysis& analysis) {
  std::string text;
  if (!analysis.has_tree()) return text;
  for (const Symbol& symbol : analysis.index().symbols()) {
    if (symbol.value == nullptr || symbol.name_span.file != analysis.file()) continue;
    const auto* entry = analysis.types().find(symbol.value->span);
    text += symbol.name + (entry == nullptr ? " none\n" : " " + entry->type.unit.to_string() + "\n");
  }
  const auto place = [&](const std::string& name, Span span) { absl::StrAppend(&text, name, " at ", span.begin, "-", span.end, "\n"); };
  for (const sema::Model* model : analysis.program()->models) {
    place(model->name, model->span);
    for (const sema::Variable* variable : model->variables) place(variable->name, variable->span);
    for (const sema::Constraint* constraint : model->constraints) place("constraint", constraint->span);
  }
  std::vector<const sema::Query*> queries(analysis.program()->queries.begin(), analysis.program()->queries.end());
  std::sort(queries.begin(), queries.end(), [](const sema::Query* a, const sema::Query* b) { return a->span.begin < b->span.begin; });
  for (const sema::Query* query : queries) {
    place(query->name, query->span);
    for (const sema::World& world : query->worlds) {
      place(world.name, world.span);
      for (const sema::Intervention& intervention : world.interventions) place("do", intervention.span);
    }
  }
  return text;
}

/// One document, analysed again and again.
class Editor {
 public:
  explicit Editor(std::string path) : path_(std::move(path)) { options_.stdlib_dir = ACIE_STDLIB; }

  const Analysis& analyse(const std::string& text) {
    auto next = std::make_unique<Analysis>(path_, text, std::map<std::string, std::string>{}, options_, &modules_, &syntax_, &checks_);
    // One without a tree leaves the last one standing, as documents do.
    std::unique_ptr<Analysis>& place = next->has_tree() ? good_ : broken_;
    place = std::move(next);
    return *place;
  }
  std::unique_ptr<Analysis> fresh(const std::string& text) const { return std::make_unique<Analysis>(path_, text, std::map<std::string, std::string>{}, options_); }
  const sema::CheckCache& checks() const { return checks_; }
  const SyntaxCache& syntax() const { return syntax_; }

 private:
  std::string path_;
  AnalysisOptions options_;
  ModuleCache modules_;
  SyntaxCache syntax_;
  sema::CheckCache checks_;
  std::unique_ptr<Analysis> good_, broken_;
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(Check, OnlyWhatChangedIsCheckedAgainWithWhatDependsOnIt) {
  Editor editor("/acie/large.acie");
  const std::string text = large_program(2000);
  editor.analyse(text);
  const size_t all = editor.checks().checked();
  EXPECT_GE(all, 50U);
  EXPECT_EQ(editor.checks().kept(), 0U);
  const auto again = [&](const std::string& version) {
    editor.analyse(version);
    return editor.checks().checked();
  };
  EXPECT_EQ(again("// A comment at the head moves everything.\n" + text), 0U);
  EXPECT_EQ(editor.syntax().parsed(), 1U) << "what stands before the first declaration";
  EXPECT_EQ(again(replaced(text, "/// A relation, number 3.", "// A comment\n/// A relation, number 3.")), 1U) << "what stands before is parsed with it";
  EXPECT_EQ(again(text), 1U);
  EXPECT_EQ(again(replaced(text, "heavier7(factor)", "heavier7(2 * factor)")), 1U) << "the model with its queries";
  EXPECT_EQ(editor.syntax().parsed(), 1U);
  EXPECT_EQ(again(replaced(text, "heavier7(factor)", "heavier7(factor")), 1U) << "a broken text is not checked";
  EXPECT_EQ(editor.syntax().parsed(), 1U) << "the query with what stands behind it, for the messages";
  EXPECT_EQ(again(text), 1U);
  EXPECT_EQ(again(replaced(text, "(0.84 - 0.026 * t)", "(0.85 - 0.026 * t)")), 1U) << "the function's one user";
  EXPECT_EQ(again(text), 1U);
  EXPECT_EQ(again(replaced(text, "const hubble : f64<km/s/Mpc> = 70", "const hubble : f64<km/s/Mpc> = 71")), all) << "all models use it";
  EXPECT_EQ(again(text + "\nfn unused(x: f64) -> f64 { return x }\n"), all + 1) << "the constant again, and the function";
  EXPECT_EQ(again(text + "\nfn unused(x: f64) -> f64 { return x + 1 }\n"), 1U);
  EXPECT_EQ(again(text + "\nunit fathom = 1.8288<m>\n"), all) << "units are everyone's";
}

/// Whether the analyses agree on `text`; where they do not the test fails.
void compare(Editor& editor, const std::string& name, const std::string& text) {
  const Analysis& incremental = editor.analyse(text);
  const auto fresh = editor.fresh(text);
  ASSERT_EQ(incremental.has_tree(), fresh->has_tree()) << name;
  ASSERT_EQ(printed(incremental), printed(*fresh)) << name << "\n" << text;
}

TEST(Check, ProgramsAreReportedAsInOneRunHoweverTheyAreEdited) {
  std::vector<std::filesystem::path> paths;
  for (const char* folder : {ACIE_SOURCE "/examples", ACIE_SOURCE "/tests/Diagnostics"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".acie" && entry.file_size() < 20'000) paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_GT(paths.size(), 200U);
  const int edits = std::getenv("ACIE_STRESS") != nullptr ? 100 : 5;
  unsigned seed = 0;
  for (const auto& path : paths) {
    std::ifstream stream(path);
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    Editor editor(path.string());
    compare(editor, path.string(), text);
    Typist typist(text + "\n", ++seed);
    for (int edit = 0; edit < edits && !typist.text().empty(); ++edit) {
      typist.next();
      compare(editor, path.string(), typist.text());
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Check, WhatIsAskedWhileTypingDoesNotWaitForTheCheck) {
  TestSession session(ACIE_STDLIB);
  session.open("model M {\n    input z : f64\n    var dose = z + 1\n}\n");
  const Document& document = *session.server().workspace().find(TestSession::kUri);
  const auto insert = [](uint32_t line, uint32_t character, const std::string& text) {
    const Json at = {{"line", line}, {"character", character}};
    return Json::array({{{"range", {{"start", at}, {"end", at}}}, {"text", text}}});
  };
  session.change(insert(0, 0, "const c = 3\n\n"));
  const Json hover = session.request("textDocument/hover", session.at(4, 8));
  EXPECT_TRUE(document.dirty());
  EXPECT_EQ(hover.at("range").at("start").at("line"), 4) << "the place of now";
  session.change(insert(4, 8, "x"));
  EXPECT_TRUE(session.request("textDocument/hover", session.at(4, 9)).is_null()) << "the name is another now";
  const auto has = [](const Json& completion, const std::string& name) {
    return std::any_of(completion.at("items").begin(), completion.at("items").end(), [&](const Json& item) { return item.at("label") == name; });
  };
  const Json early = session.request("textDocument/completion", session.at(4, 17));
  EXPECT_TRUE(early.at("isIncomplete").get<bool>());
  EXPECT_TRUE(has(early, "z") && !has(early, "c"));
  EXPECT_TRUE(document.dirty());
  session.diagnostics();
  const Json late = session.request("textDocument/completion", session.at(4, 17));
  EXPECT_FALSE(late.at("isIncomplete").get<bool>());
  EXPECT_TRUE(has(late, "c"));
}

TEST(Check, TypesMoveWithTheirDeclarations) {
  Editor editor("/acie/types.acie");
  std::string text = large_program(100);
  editor.analyse(text);
  for (const char* inserted : {"// one\n", "// two\n\n", "const extra = 3<m>\n"}) {
    text.insert(text.find("const hubble"), inserted);
    const Analysis& incremental = editor.analyse(text);
    EXPECT_EQ(types(incremental), types(*editor.fresh(text)));
  }
}

}  // namespace
}  // namespace acie::lsp
