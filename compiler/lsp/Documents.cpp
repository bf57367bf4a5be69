#include "compiler/lsp/Documents.h"

#include "absl/strings/str_cat.h"

namespace acie::lsp {
namespace {

TextPosition position_of(const Json& json) { return {natural(json.at("line")), natural(json.at("character"))}; }

}  // namespace

absl::Status Document::change(const Json& changes, int64_t version, Encoding encoding) {
  Text text = text_;
  Drift drift = drift_;
  for (const Json& change : changes) {
    const std::string& replacement = change.at("text").get_ref<const std::string&>();
    uint32_t begin = 0, end = text.size();
    if (const Json& range = member(change, "range"); !range.is_null()) {
      const auto from = text.offset(position_of(range.at("start")), encoding), to = text.offset(position_of(range.at("end")), encoding);
      if (!from || !to || *from > *to) {
        return absl::OutOfRangeError(absl::StrCat("an edit of ", uri_, " lies outside its ", text.line_count(), " lines: nothing was changed; open the document again"));
      }
      begin = *from;
      end = *to;
    }
    if (text.size() - (end - begin) + replacement.size() > 4 * SourceManager::kMaximumBytes) {
      return absl::OutOfRangeError(absl::StrCat(uri_, " would be longer than 40 MB"));
    }
    text.replace(begin, end, replacement);
    drift.edit(begin, end, static_cast<uint32_t>(replacement.size()));
  }
  text_ = std::move(text);
  drift_ = std::move(drift);
  version_ = version;
  latest_.reset();
  return absl::OkStatus();
}

const Analysis& Document::latest(const std::map<std::string, std::string>& unsaved, const AnalysisOptions& options, ModuleCache& modules) {
  if (latest_ != nullptr) return *latest_;
  latest_ = std::make_shared<const Analysis>(path_, text_.str(), unsaved, options, &modules, &syntax_, &checks_);
  if (latest_->has_tree()) {
    good_ = latest_;
    drift_.clear();
  } else if (good_ == nullptr) {
    // Broken from the start: what can be told of the declarations that are not.
    auto partial = std::make_shared<const Analysis>(path_, without_broken_declarations(*latest_), unsaved, options, &modules);
    if (partial->has_tree()) {
      good_ = std::move(partial);
      drift_.clear();
    }
  }
  return *latest_;
}

}  // namespace acie::lsp
