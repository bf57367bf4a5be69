// What the protocol says of requests that are cancelled, of what a server announces, and of columns, in both encodings.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiler/lsp/MessageQueue.h"
#include "tests/lsp/Session.h"

namespace acie::lsp {
namespace {

/// What a server says to these messages, which all have arrived before it takes the first.
std::vector<Json> answers(const std::vector<std::string>& messages) {
  std::vector<Json> sent;
  Server server(ACIE_STDLIB, [&](const Json& message) { sent.push_back(message); });
  MessageQueue queue;
  for (const std::string& message : messages) queue.push(message);
  queue.end();
  for (auto incoming = queue.pop({}); incoming && incoming->kind != Incoming::Kind::End; incoming = queue.pop({})) server.handle(*incoming, {});
  return sent;
}

const Json& answer_to(const std::vector<Json>& sent, const Json& id) {
  static const Json kNone;
  for (const Json& message : sent) {
    if (member(message, "id") == id) return message;
  }
  return kNone;
}

TEST(Protocol, CancelledRequestsAreAnsweredAsCancelled) {
  const std::string open = R"({"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.acie","languageId":"acie","version":1,"text":"const a = 1\n"}}})";
  const auto hover = [](const std::string& id) {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a.acie"},"position":{"line":0,"character":6}}})";
  };
  const auto cancel = [](const std::string& id) { return R"({"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":)" + id + "}}"; };
  const std::vector<Json> sent = answers({R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}})", open, hover("1"), hover("\"1\""), hover("2"), cancel("1"), cancel("99"), cancel("null"),
                                          R"({"jsonrpc":"2.0","method":"$/cancelRequest"})", hover("3"), cancel("\"1\"")});
  EXPECT_EQ(answer_to(sent, 1).at("error").at("code"), -32800);
  EXPECT_EQ(answer_to(sent, "1").at("error").at("code"), -32800);
  for (const int id : {2, 3}) EXPECT_TRUE(answer_to(sent, id).at("result").is_object()) << id;
  for (const Json& message : sent) EXPECT_TRUE(message.contains("method") || message.contains("id"));
}

TEST(Protocol, CapabilitiesAreTheSameWhateverTheClientDeclares) {
  const auto announced = [](const std::string& client) {
    const std::vector<Json> sent = answers({R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":)" + client + "}}", R"({"jsonrpc":"2.0","method":"initialized","params":{}})"});
    EXPECT_EQ(sent.size(), 1U) << "nothing is registered later";
    return answer_to(sent, 0).at("result").at("capabilities");
  };
  const Json nothing = announced("{}");
  EXPECT_EQ(announced(R"({"textDocument":{"hover":{"dynamicRegistration":true,"contentFormat":["plaintext"]},"semanticTokens":{"dynamicRegistration":true,"requests":{}},"inlayHint":{"dynamicRegistration":true},
                          "codeAction":{"dynamicRegistration":true}},"workspace":{"didChangeWatchedFiles":{"dynamicRegistration":true}}})"),
            nothing);
  for (const char* feature : {"hoverProvider", "completionProvider", "signatureHelpProvider", "definitionProvider", "referencesProvider", "documentHighlightProvider", "renameProvider", "documentSymbolProvider",
                              "workspaceSymbolProvider", "semanticTokensProvider", "inlayHintProvider", "documentFormattingProvider", "documentRangeFormattingProvider", "codeActionProvider", "foldingRangeProvider",
                              "selectionRangeProvider", "callHierarchyProvider", "codeLensProvider", "documentLinkProvider"}) {
    EXPECT_TRUE(nothing.contains(feature)) << feature;
  }
}

/// 🌌 is four bytes, two UTF-16 units and one character; μ is two bytes and one unit.
TEST(Protocol, ColumnsCountWhatTheClientCounts) {
  const std::string text = "model M {\n    exo u ~ normal(0, 1)\n    /* 🌌 μ */ var dose = u\n    /* 🌌🌌 */ var late = dose + wrong\n}\n";
  for (const std::string encoding : {"utf-8", "utf-16"}) {
    const bool bytes = encoding == "utf-8";
    TestSession session(ACIE_STDLIB, encoding);
    session.open(text);
    const uint32_t declared = bytes ? 22 : 19, used = bytes ? 30 : 26;  // columns of `dose`
    const Json diagnostics = session.sent().back().at("params").at("diagnostics");
    ASSERT_EQ(diagnostics.size(), 1U);
    EXPECT_EQ(diagnostics[0].at("range").at("start").at("character"), used + 7) << encoding;
    const Json definition = session.request("textDocument/definition", session.at(3, used + 2));
    EXPECT_EQ(definition.at("range").at("start"), (Json{{"line", 2}, {"character", declared}})) << encoding;
    EXPECT_EQ(definition.at("range").at("end"), (Json{{"line", 2}, {"character", declared + 4}})) << encoding;
    // An edit between characters of several units, then the places have moved.
    const Json at = {{"line", 3}, {"character", bytes ? 11 : 9}};
    session.change(Json::array({{{"range", {{"start", at}, {"end", at}}}, {"text", "🌌"}}}));
    EXPECT_EQ(session.diagnostics()[0].at("range").at("start").at("character"), used + 7 + (bytes ? 4 : 2)) << encoding;
    Json rename = session.at(2, declared);
    rename["newName"] = "drug";
    const Json edits = session.request("textDocument/rename", rename).at("changes").at(TestSession::kUri);
    ASSERT_EQ(edits.size(), 2U);
    EXPECT_EQ(edits[1].at("range").at("start").at("character"), used + (bytes ? 4 : 2)) << encoding;
  }
}

TEST(Protocol, EditsOutsideTheDocumentChangeNothing) {
  TestSession session(ACIE_STDLIB);
  session.open("const a = 1\n");
  const auto edit = [](int line, int character, int end_line, int end_character) {
    return Json::array({{{"range", {{"start", {{"line", line}, {"character", character}}}, {"end", {{"line", end_line}, {"character", end_character}}}}}, {"text", "x"}}});
  };
  const auto text = [&] { return session.server().workspace().find(TestSession::kUri)->text().str(); };
  session.change(edit(7, 0, 7, 0));
  EXPECT_EQ(text(), "const a = 1\n");
  session.change(edit(0, 5, 0, 1));
  EXPECT_EQ(text(), "const a = 1\n");
  session.change(edit(0, 0, 99, 0));
  EXPECT_EQ(text(), "const a = 1\n");
  session.change(edit(0, 11, 0, 99));
  EXPECT_EQ(text(), "const a = 1x\n") << "beyond a line's end is its end, says the protocol";
}

}  // namespace
}  // namespace acie::lsp
