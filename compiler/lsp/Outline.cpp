#include "compiler/lsp/Outline.h"

#include <algorithm>
#include <cctype>

namespace acie::lsp {
namespace {

constexpr std::string_view kBeginnings[] = {"import", "unit", "dim", "type", "const", "param", "let", "fn", "mechanism", "model", "intervention",
                                            "constraint", "query", "fit", "party", "key", "graph", "edition"};

/// Goes through a text by what matters for its outline: comments, strings, brackets and words at the margin.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<OutlineItem> run() {
    while (at_ < text_.size()) step();
    if (!items_.empty()) items_.back().complete = items_.back().complete && depth_ == 0 && !open_comment_;
    return std::move(items_);
  }

 private:
  bool at_margin() const { return at_ == 0 || text_[at_ - 1] == '\n'; }

  void step() {
    const char c = text_[at_];
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      const bool doc = rest.starts_with("///");
      if (doc && at_margin()) begin(true);
      at_ += std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      const size_t end = rest.find("*/", 2);
      open_comment_ = end == std::string_view::npos;
      at_ = open_comment_ ? text_.size() : at_ + end + 2;
    } else if (c == '"') {
      string();
    } else if (c == '`') {
      const size_t end = rest.find_first_of("`\n", 1);
      at_ += end == std::string_view::npos ? rest.size() : end + (rest[end] == '`');
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80) {
      word();
    } else {
      bracket(c);
      ++at_;
    }
  }

  void string() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') at_ += text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n' ? 2 : 1;
    if (at_ < text_.size() && text_[at_] == '"') ++at_;
  }

  void word() {
    size_t end = at_;
    while (end < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[end])) != 0 || text_[end] == '_' || static_cast<unsigned char>(text_[end]) >= 0x80)) ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (at_margin() && std::find(std::begin(kBeginnings), std::end(kBeginnings), word) != std::end(kBeginnings)) begin(false);
    at_ = end;
  }

  void begin(bool doc) {
    if (!documented_) {
      if (!items_.empty()) {
        items_.back().end = static_cast<uint32_t>(at_);
        items_.back().complete = items_.back().complete && depth_ == 0;
      }
      items_.push_back({static_cast<uint32_t>(at_), static_cast<uint32_t>(text_.size()), true});
      depth_ = 0;
    }
    documented_ = doc;
  }

  void bracket(char c) {
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if (c != ')' && c != ']' && c != '}') return;
    if (depth_ > 0) --depth_;
    else if (!items_.empty()) items_.back().complete = false;
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  bool documented_ = false;    // the doc comment before has begun the item
  bool open_comment_ = false;  // a comment without its end
  std::vector<OutlineItem> items_;
};

}  // namespace

std::vector<OutlineItem> outline(std::string_view text) { return Scanner(text).run(); }

}  // namespace acie::lsp
