// All open documents, and how they see each other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/lsp/Documents.h"

namespace acie::lsp {

/// What a request about a place of a document is answered from. Spans are those of `analysis`; `range` and `location`
/// bring them to the text as it is now.
struct View {
  Document& document;
  const Analysis& latest;    // of the text as it is; may have no tree
  const Analysis* analysis;  // the last one with a tree; null if there is none
  Encoding encoding = Encoding::Utf16;

  /// An offset of the current text in the analysed one.
  uint32_t analysed(uint32_t offset) const { return document.drift().back(offset); }
  /// Of a span of the analysed text.
  Json range(Span span) const;
  /// Of a span of the current text.
  Json range_now(uint32_t begin, uint32_t end) const;
  std::string source(Span span) const { return std::string(analysis->sources().text(span)); }
};

class Workspace {
 public:
  AnalysisOptions options;
  Encoding encoding = Encoding::Utf16;
  std::vector<std::string> folders;

  Document* find(const std::string& uri);
  Document& open(const std::string& uri, std::string text, int64_t version);
  void close(const std::string& uri);
  /// Says that the text of `path` is another now; returns the open documents that read it, the one itself included.
  std::vector<Document*> changed(const std::string& path);
  std::vector<Document*> documents();

  const Analysis& analyse(Document& document);
  View view(Document& document);
  /// The same without waiting: while the text is not checked yet, from the last analysis with a tree.
  View view_at_once(Document& document);
  /// Where a span of an analysis lies, in any file.
  Json location(const View& view, Span span) const;
  /// The document's own URI where the file is open.
  std::string uri_of(const std::string& path) const;
  /// The programs of the workspace's folders that are not open.
  std::vector<std::string> closed_files() const;
  /// The texts of the open documents by path, `except` left out.
  std::map<std::string, std::string> texts(const Document* except = nullptr) const;

 private:
  std::map<std::string, std::unique_ptr<Document>> documents_;
  ModuleCache modules_;
};

/// {"start", "end"} of a part of `text`.
Json range_of(const Text& text, uint32_t begin, uint32_t end, Encoding encoding);
/// The offset that a request's {"line", "character"} means; nullopt outside the text.
std::optional<uint32_t> offset_of(const Text& text, const Json& position, Encoding encoding);

}  // namespace acie::lsp
