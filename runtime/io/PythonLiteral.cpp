#include "runtime/io/PythonLiteral.h"

#include <charconv>
#include <utility>

namespace acie::io {
namespace {

constexpr int kMaxDepth = 16;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<PythonLiteral> run() {
    std::optional<PythonLiteral> literal = value(0);
    skip_space();
    if (place_ != text_.size()) return std::nullopt;
    return literal;
  }

 private:
  std::optional<PythonLiteral> value(int depth) {
    skip_space();
    if (depth > kMaxDepth || place_ == text_.size()) return std::nullopt;
    PythonLiteral literal;
    const char c = text_[place_];
    if (c == '\'' || c == '"') {
      literal.kind = PythonLiteral::Kind::Text;
      if (!quoted(literal.text)) return std::nullopt;
      return literal;
    }
    if (c == '(' || c == '[') {
      literal.kind = PythonLiteral::Kind::Sequence;
      ++place_;
      while (!take(c == '(' ? ')' : ']')) {
        std::optional<PythonLiteral> item = value(depth + 1);
        if (!item) return std::nullopt;
        literal.items.push_back(std::move(*item));
        if (!take(',') && !at(c == '(' ? ')' : ']')) return std::nullopt;
      }
      return literal;
    }
    if (c == '{') {
      literal.kind = PythonLiteral::Kind::Dictionary;
      ++place_;
      while (!take('}')) {
        std::optional<PythonLiteral> key = value(depth + 1);
        if (!key || key->kind != PythonLiteral::Kind::Text || !take(':')) return std::nullopt;
        std::optional<PythonLiteral> entry = value(depth + 1);
        if (!entry) return std::nullopt;
        literal.keys.push_back(std::move(key->text));
        literal.items.push_back(std::move(*entry));
        if (!take(',') && !at('}')) return std::nullopt;
      }
      return literal;
    }
    for (const auto& [word, truth] : {std::pair<std::string_view, int>{"True", 1}, {"False", 0}})
      if (text_.substr(place_, word.size()) == word) {
        place_ += word.size();
        literal.kind = PythonLiteral::Kind::Boolean;
        literal.integer = truth;
        return literal;
      }
    const char* const begin = text_.data() + place_;
    const auto [end, problem] = std::from_chars(begin, text_.data() + text_.size(), literal.integer);
    if (problem != std::errc()) return std::nullopt;
    place_ += static_cast<size_t>(end - begin);
    if (place_ < text_.size() && text_[place_] == 'L') ++place_;  // written by Python 2
    return literal;
  }

  bool quoted(std::string& out) {
    const char quote = text_[place_++];
    while (place_ < text_.size()) {
      const char c = text_[place_++];
      if (c == quote) return true;
      if (c == '\n') return false;
      if (c != '\\') {
        out += c;
        continue;
      }
      // Names may hold quotes and backslashes; other escapes do not occur in files NumPy writes for printable
      // names.
      if (place_ == text_.size() || (text_[place_] != '\\' && text_[place_] != '\'' && text_[place_] != '"'))
        return false;
      out += text_[place_++];
    }
    return false;
  }

  bool at(char c) {
    skip_space();
    return place_ < text_.size() && text_[place_] == c;
  }
  bool take(char c) {
    if (!at(c)) return false;
    ++place_;
    return true;
  }
  void skip_space() {
    while (place_ < text_.size() && (text_[place_] == ' ' || text_[place_] == '\n' || text_[place_] == '\t'))
      ++place_;
  }

  std::string_view text_;
  size_t place_ = 0;
};

}  // namespace

const PythonLiteral* PythonLiteral::find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key) return &items[i];
  return nullptr;
}

std::optional<PythonLiteral> parse_python_literal(std::string_view text) { return Parser(text).run(); }

}  // namespace acie::io
