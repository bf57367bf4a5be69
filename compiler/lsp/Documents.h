// The documents that the client has open: their texts, kept up by incremental edits, and what is known of them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "compiler/lsp/Analysis.h"
#include "compiler/lsp/Drift.h"
#include "compiler/lsp/Json.h"
#include "compiler/lsp/Text.h"

namespace acie::lsp {

class Document {
 public:
  Document(std::string uri, std::string path, std::string text, int64_t version)
      : uri_(std::move(uri)), path_(std::move(path)), text_(std::move(text)), version_(version) {}

  const std::string& uri() const { return uri_; }
  const std::string& path() const { return path_; }
  const Text& text() const { return text_; }
  int64_t version() const { return version_; }

  /// Applies the content changes of a didChange, all or none: an edit outside the text is refused with OutOfRange.
  absl::Status change(const Json& changes, int64_t version, Encoding encoding);

  /// Whether the text, or what it imports, changed since it was analysed.
  bool dirty() const { return latest_ == nullptr; }
  void touch() { latest_.reset(); }
  /// Of the text as it is; analysed now if it was not.
  const Analysis& latest(const std::map<std::string, std::string>& unsaved, const AnalysisOptions& options, ModuleCache& modules);
  /// The last analysis that has a tree, with the way from its places to the text's. Null if there never was one.
  const Analysis* good() const { return good_.get(); }
  const Drift& drift() const { return drift_; }
  /// What was checked for the last analysis that has a tree, and what was kept.
  const sema::CheckCache& checks() const { return checks_; }

 private:
  std::string uri_, path_;
  Text text_;
  int64_t version_;
  SyntaxCache syntax_;
  sema::CheckCache checks_;
  std::shared_ptr<const Analysis> latest_, good_;
  Drift drift_;  // from good_'s text to text_
};

}  // namespace acie::lsp
