// Random edits as a person makes them: characters, and what changes the meaning of a program: names, signatures, units, sizes,
// imports, members of models, whole declarations. Mostly small and mostly undone soon, so that the text is now broken and now whole.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace acie::lsp {

class Typist {
 public:
  Typist(std::string text, unsigned seed) : text_(std::move(text)), random_(seed) {}

  struct Edit {
    uint32_t begin, end;
    std::string replacement;
  };
  Edit next() {
    if (!undo_.empty() && (undo_.size() > 3 || one_in(2))) {
      const Edit edit = undo_.back();
      undo_.pop_back();
      text_.replace(edit.begin, edit.end - edit.begin, edit.replacement);
      return edit;
    }
    const Edit edit = one_in(3) ? characters() : meaning();
    undo_.push_back({edit.begin, edit.begin + static_cast<uint32_t>(edit.replacement.size()), text_.substr(edit.begin, edit.end - edit.begin)});
    text_.replace(edit.begin, edit.end - edit.begin, edit.replacement);
    return edit;
  }
  const std::string& text() const { return text_; }

 private:
  bool one_in(size_t n) { return random_() % n == 0; }
  template <size_t N>
  std::string one_of(const char* const (&choices)[N]) { return choices[random_() % N]; }

  Edit characters() {
    static constexpr const char* kPieces[] = {"{", "}", "(", ")", "\n", " ", "do ", "var x = 1\n", "/*", "*/", "//", "\"", "<km>", "🌌", "μ", "1", "=", "query ", ",", "\n\n", "`", "\n}\n", "///", "fn "};
    const uint32_t begin = boundary(random_() % (text_.size() + 1));
    const uint32_t end = one_in(3) ? boundary(std::min<size_t>(text_.size(), begin + random_() % (one_in(10) ? 400 : 8))) : begin;
    return {begin, std::max(begin, end), one_in(6) ? "" : one_of(kPieces)};
  }

  /// A word for a word, a unit for a unit, a line or a declaration more, less or elsewhere.
  Edit meaning() {
    switch (random_() % 10) {
      case 0: case 1: {
        const auto [begin, end] = word();
        const auto [other, other_end] = word();
        return {begin, end, text_.substr(other, other_end - other)};
      }
      case 2: {
        static constexpr const char* kUnits[] = {"<km>", "<Mpc>", "<s>", "<kg>", "<fathom>", "<km/s/Mpc>", "<1>"};
        const size_t open = text_.find('<', random_() % text_.size()), close = text_.find('>', open);
        if (close == std::string::npos || close - open > 20) return characters();
        return {static_cast<uint32_t>(open), static_cast<uint32_t>(close + 1), one_of(kUnits)};
      }
      case 3: {
        static constexpr const char* kParameters[] = {"(extra: f64, ", "(extra: f64 = 1, ", "(", "(n: i64, "};
        return instead_of("(", kParameters);
      }
      case 4: {
        static constexpr const char* kSizes[] = {"dim K", "dim K = 4\ndim L", "dim K, L", "let K", "dim Q"};
        return instead_of("dim K", kSizes);
      }
      case 5: {
        static constexpr const char* kImports[] = {"import std.astro\n", "import std.astro as sky\n", "import \"shared.acie\"\n", "import \"shared.acie\" as other\n", "import growth from \"shared.acie\"\n", "import \"missing.acie\"\n",
                                                   "unit fathom = 1.8288<m>\n", "unit fathom = 2<m>\n", "const omega = 0.4\n", "param depth : f64<km> = 3<km>\n"};
        return {0, 0, one_of(kImports)};
      }
      case 6: {
        static constexpr const char* kMembers[] = {"    var extra : f64 = 2 * z\n", "    input weight : f64<kg>\n", "    exo noise ~ normal(0, 2)\n", "    learn slope : f64 = 1\n", "    let half = z / 2\n",
                                                   "    given z\n", "    do log_mass = 9\n", "    return z\n", "    world other { do log_mass = 8 }\n", "    var log_mass = 3\n"};
        const auto at = static_cast<uint32_t>(std::min(text_.find("\n    ", random_() % text_.size()), text_.size() - 1) + 1);
        return {at, at, one_of(kMembers)};
      }
      case 7: {
        const auto [begin, end] = line();
        return {begin, end, one_in(2) ? "" : text_.substr(begin, end - begin) + text_.substr(begin, end - begin)};
      }
      case 8: {
        const auto [begin, end] = declaration();
        return {begin, end, one_in(2) ? "" : text_.substr(begin, end - begin) + text_.substr(begin, end - begin)};
      }
      default: {
        const auto [begin, end] = declaration();
        const auto at = declaration().first;
        return {at, at, text_.substr(begin, end - begin)};
      }
    }
  }

  template <size_t N>
  Edit instead_of(const std::string& what, const char* const (&choices)[N]) {
    const size_t at = text_.find(what, random_() % text_.size());
    if (at == std::string::npos) return characters();
    return {static_cast<uint32_t>(at), static_cast<uint32_t>(at + what.size()), one_of(choices)};
  }

  std::pair<uint32_t, uint32_t> word() {
    const auto part = [&](size_t at) { return at < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at])) != 0 || text_[at] == '_'); };
    size_t begin = random_() % text_.size();
    while (begin < text_.size() && !part(begin)) ++begin;
    while (begin > 0 && part(begin - 1)) --begin;
    size_t end = begin;
    while (part(end)) ++end;
    return {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }
  std::pair<uint32_t, uint32_t> line() {
    const size_t at = random_() % text_.size();
    const size_t before = at == 0 ? std::string::npos : text_.rfind('\n', at - 1), after = text_.find('\n', at);
    return {static_cast<uint32_t>(before == std::string::npos ? 0 : before + 1), static_cast<uint32_t>(after == std::string::npos ? text_.size() : after + 1)};
  }
  /// What stands between two empty lines.
  std::pair<uint32_t, uint32_t> declaration() {
    const size_t at = random_() % text_.size();
    const size_t before = text_.rfind("\n\n", at), after = text_.find("\n\n", before == std::string::npos ? 0 : before + 1);
    return {static_cast<uint32_t>(before == std::string::npos ? 0 : before + 1), static_cast<uint32_t>(after == std::string::npos ? text_.size() : after + 1)};
  }
  /// The beginning of the character at `at`.
  uint32_t boundary(size_t at) const {
    while (at > 0 && at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80) --at;
    return static_cast<uint32_t>(at);
  }

  std::string text_;
  std::mt19937 random_;
  std::vector<Edit> undo_;
};

}  // namespace acie::lsp
