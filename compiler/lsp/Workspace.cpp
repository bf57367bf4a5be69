#include "compiler/lsp/Workspace.h"

#include <algorithm>
#include <filesystem>

#include "compiler/lsp/Uri.h"

namespace acie::lsp {
namespace {

Json position_json(TextPosition at) { return {{"line", at.line}, {"character", at.character}}; }

}  // namespace

Json range_of(const Text& text, uint32_t begin, uint32_t end, Encoding encoding) {
  return {{"start", position_json(text.position(begin, encoding))}, {"end", position_json(text.position(end, encoding))}};
}

std::optional<uint32_t> offset_of(const Text& text, const Json& position, Encoding encoding) {
  return text.offset({natural(position.at("line")), natural(position.at("character"))}, encoding);
}

Json View::range(Span span) const {
  const Span now = document.drift().forward(span);
  return range_now(now.begin, now.end);
}

Json View::range_now(uint32_t begin, uint32_t end) const { return range_of(document.text(), begin, end, encoding); }

Document* Workspace::find(const std::string& uri) {
  const auto found = documents_.find(uri);
  return found == documents_.end() ? nullptr : found->second.get();
}

Document& Workspace::open(const std::string& uri, std::string text, int64_t version) {
  auto& document = documents_[uri];
  document = std::make_unique<Document>(uri, path_of_uri(uri), std::move(text), version);
  return *document;
}

void Workspace::close(const std::string& uri) { documents_.erase(uri); }

std::vector<Document*> Workspace::changed(const std::string& path) {
  std::vector<Document*> touched;
  for (auto& [uri, document] : documents_) {
    const Analysis* good = document->good();
    // Without a good analysis nobody knows what it imports.
    const bool reads = good == nullptr || std::find(good->dependencies().begin(), good->dependencies().end(), path) != good->dependencies().end() || good->modules() == nullptr;
    if (document->path() != path && !reads) continue;
    document->touch();
    touched.push_back(document.get());
  }
  return touched;
}

std::vector<Document*> Workspace::documents() {
  std::vector<Document*> all;
  for (auto& [uri, document] : documents_) all.push_back(document.get());
  return all;
}

std::map<std::string, std::string> Workspace::texts(const Document* except) const {
  std::map<std::string, std::string> texts;
  for (const auto& [uri, document] : documents_) {
    if (document.get() != except) texts.emplace(document->path(), document->text().str());
  }
  return texts;
}

const Analysis& Workspace::analyse(Document& document) {
  return document.dirty() ? document.latest(texts(&document), options, modules_) : document.latest({}, options, modules_);
}

View Workspace::view(Document& document) {
  const Analysis& latest = analyse(document);
  return {document, latest, document.good(), encoding};
}

View Workspace::view_at_once(Document& document) {
  if (!document.dirty() || document.good() == nullptr) return view(document);
  return {document, *document.good(), document.good(), encoding};
}

std::string Workspace::uri_of(const std::string& path) const {
  for (const auto& [uri, document] : documents_) {
    if (document->path() == path) return uri;
  }
  return uri_of_path(path);
}

Json Workspace::location(const View& view, Span span) const {
  if (span.file == view.analysis->file()) return {{"uri", view.document.uri()}, {"range", view.range(span)}};
  return {{"uri", uri_of(view.analysis->sources().path(span.file))},
          {"range", range_of(view.analysis->text(span.file), span.begin, span.end, encoding)}};
}

std::vector<std::string> Workspace::closed_files() const {
  constexpr size_t kMost = 1000;
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    std::error_code error;
    const auto options = std::filesystem::directory_options::skip_permission_denied;
    for (std::filesystem::recursive_directory_iterator entry(folder, options, error), end; !error && entry != end && files.size() < kMost; entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      std::error_code ignored;
      if (entry->is_directory(ignored) && (name.starts_with(".") || name == "build" || name == "node_modules" || entry.depth() > 8)) entry.disable_recursion_pending();
      if (entry->path().extension() != ".acie" || !entry->is_regular_file(ignored)) continue;
      const std::string path = entry->path().string();
      const bool open = std::any_of(documents_.begin(), documents_.end(), [&](const auto& item) { return item.second->path() == path; });
      if (!open) files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace acie::lsp
