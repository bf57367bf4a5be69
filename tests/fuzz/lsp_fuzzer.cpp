// A hostile client. The first byte chooses: raw bytes through the transport into a server, or a document and a sequence of
// edits and requests at random places. Nothing may crash; after valid edits server and client agree on the text.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "compiler/lsp/Server.h"
#include "compiler/lsp/Transport.h"

namespace {

using acie::lsp::Json;

constexpr const char* kUri = "file:///fuzz.acie";

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  uint8_t byte() { return empty() ? 0 : data_[at_++]; }
  std::string_view rest() const { return {reinterpret_cast<const char*>(data_) + at_, size_ - at_}; }
  std::string text(size_t length) {
    std::string out;
    while (out.size() < length && !empty()) out += static_cast<char>(byte() & 0x7F);
    return out;
  }

 private:
  const uint8_t* data_;
  size_t size_, at_ = 0;
};

void raw(Input& input) {
  acie::lsp::Server server("", [](const Json&) {});
  server.handle({acie::lsp::Incoming::Kind::Message, {{"jsonrpc", "2.0"}, {"id", 0}, {"method", "initialize"}, {"params", Json::object()}}, ""}, {});
  acie::lsp::MessageReader reader;
  acie::lsp::MessageQueue queue;
  std::string_view bytes = input.rest();
  while (!bytes.empty()) {
    const size_t step = std::min<size_t>(bytes.size(), 1 + bytes.size() % 13);
    reader.feed(bytes.substr(0, step));
    bytes.remove_prefix(step);
    while (auto frame = reader.next()) {
      if (frame->error.empty()) queue.push(frame->body);
      else queue.push_malformed(frame->error);
    }
  }
  queue.end();
  while (const auto incoming = queue.pop({})) {
    if (incoming->kind == acie::lsp::Incoming::Kind::End) break;
    server.handle(*incoming, {});
    server.idle({});
  }
}

void edits(Input& input) {
  acie::lsp::Server server("", [](const Json& message) { (void)acie::lsp::dump(message); });
  int id = 1;
  const auto send = [&](const char* method, Json params, bool request) {
    Json message = {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
    if (request) message["id"] = id++;
    server.handle({acie::lsp::Incoming::Kind::Message, std::move(message), ""}, {});
  };
  const Json document = {{"uri", kUri}, {"version", 1}};
  send("initialize", Json::object(), true);
  std::string mirror = input.text(input.byte());
  send("textDocument/didOpen", {{"textDocument", {{"uri", kUri}, {"version", 0}, {"text", mirror}}}}, false);
  for (int steps = 0; steps < 32 && !input.empty(); ++steps) {
    const uint8_t what = input.byte();
    const Json start = {{"line", input.byte() % 16}, {"character", input.byte() % 64}}, end = {{"line", input.byte() % 16}, {"character", input.byte() % 64}};
    const Json range = {{"start", start}, {"end", end}};
    if (what % 2 == 0) {
      const std::string text = input.text(input.byte() % 32);
      const acie::lsp::Text before(mirror);
      const auto from = acie::lsp::offset_of(before, start, acie::lsp::Encoding::Utf16), to = acie::lsp::offset_of(before, end, acie::lsp::Encoding::Utf16);
      if (from && to && *from <= *to) mirror.replace(*from, *to - *from, text);
      send("textDocument/didChange", {{"textDocument", document}, {"contentChanges", {{{"range", range}, {"text", text}}}}}, false);
      if (server.workspace().find(kUri)->text().str() != mirror) std::abort();
      server.idle(acie::lsp::Server::Clock::time_point::max());
      continue;
    }
    static constexpr const char* kMethods[] = {
        "textDocument/hover", "textDocument/completion", "textDocument/signatureHelp", "textDocument/definition", "textDocument/references", "textDocument/documentHighlight",
        "textDocument/prepareRename", "textDocument/documentSymbol", "textDocument/inlayHint", "textDocument/formatting", "textDocument/rangeFormatting", "textDocument/codeAction",
        "textDocument/foldingRange", "textDocument/prepareCallHierarchy", "textDocument/codeLens", "textDocument/documentLink", "acie/graph", "textDocument/semanticTokens/full",
        "textDocument/semanticTokens/full/delta", "textDocument/semanticTokens/range", "textDocument/selectionRange", "textDocument/rename"};
    send(kMethods[what / 2 % std::size(kMethods)],
         {{"textDocument", document}, {"position", start}, {"range", range}, {"positions", Json::array({start})}, {"newName", "n"}, {"context", Json::object()}, {"previousResultId", "1"}}, true);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  if (input.byte() % 4 == 0) raw(input);
  else edits(input);
  return 0;
}
