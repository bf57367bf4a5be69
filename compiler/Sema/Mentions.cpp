#include "compiler/Sema/Mentions.h"

#include <algorithm>
#include <cctype>

#include "compiler/Syntax/NormalForm.h"

namespace acie::sema {

uint32_t Mentions::number(const std::string& word) { return numbers_.try_emplace(word, static_cast<uint32_t>(numbers_.size())).first->second; }

Mentions::Words Mentions::scan(std::string_view text) {
  const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; };
  Words words;
  const auto add = [&](std::string_view piece) { words.push_back(number(syntax::normal_form(std::string(piece)))); };
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    // In back quotes anything is a name.
    if (text[at] == '`') {
      end = std::min(text.find('`', at + 1), text.size());
      add(text.substr(at + 1, end - at - 1));
      ++at;
      continue;
    }
    while (end < text.size() && part(text[end])) ++end;
    if (end > at) add(text.substr(at, end - at));
    at = std::max(end, at + 1);
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

void Mentions::update(const Module& main, const std::vector<uint64_t>& identities, const SourceManager& sources) {
  const std::vector<syntax::Decl*>& declarations = main.file->declarations;
  constexpr size_t kMostWords = 1 << 18;
  if (numbers_.size() > kMostWords) {
    numbers_.clear();
    known_.clear();
  }
  absl::flat_hash_map<uint64_t, std::shared_ptr<const Words>> kept;
  absl::flat_hash_map<const syntax::Decl*, int> places;
  words_.clear();
  for (size_t i = 0; i < declarations.size(); ++i) {
    places[declarations[i]] = static_cast<int>(i);
    std::shared_ptr<const Words>& words = kept[identities[i]];
    if (words == nullptr) {
      const auto known = known_.find(identities[i]);
      words = known != known_.end() ? known->second : std::make_shared<const Words>(scan(sources.text(declarations[i]->span)));
    }
    words_.push_back(words);
  }
  known_ = std::move(kept);
  std::vector<std::pair<uint32_t, int>> named;
  for (const auto& [name, declaration] : main.declarations) {
    named.emplace_back(number(name), places.at(declaration));
    for (const auto& [value, span] : declaration->alternatives) named.emplace_back(number(value), places.at(declaration));
  }
  declared_.assign(numbers_.size(), {});
  for (const auto& [word, declaration] : named) declared_[word].push_back(declaration);
}

std::vector<int> Mentions::closure(const std::vector<int>& from) const {
  std::vector<bool> reached(words_.size());
  std::vector<int> open = from, all;
  for (const int declaration : from) reached[static_cast<size_t>(declaration)] = true;
  while (!open.empty()) {
    const int declaration = open.back();
    open.pop_back();
    all.push_back(declaration);
    for (const uint32_t word : *words_[static_cast<size_t>(declaration)]) {
      for (const int next : declared_[word]) {
        if (reached[static_cast<size_t>(next)]) continue;
        reached[static_cast<size_t>(next)] = true;
        open.push_back(next);
      }
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace acie::sema
