#include "compiler/lsp/SyntaxCache.h"

#include <utility>

#include "compiler/Syntax/Parser.h"
#include "compiler/lsp/Outline.h"
#include "compiler/lsp/ShiftSpans.h"

namespace acie::lsp {
namespace {

/// Null if there is anything to report.
std::shared_ptr<ParsedDeclaration> parse_part(std::string_view text) {
  auto part = std::make_shared<ParsedDeclaration>();
  SourceManager sources;
  DiagnosticEngine diagnostics;
  const uint32_t file = sources.add("", std::string(text));
  part->file = syntax::parse(sources, file, part->context, diagnostics);
  return diagnostics.size() == 0 ? part : nullptr;
}

}  // namespace

std::shared_ptr<ParsedText> SyntaxCache::parse(std::string_view text) {
  parsed_ = 0;
  if (text.size() > SourceManager::kMaximumBytes || text.starts_with("\xEF\xBB\xBF")) return nullptr;
  std::vector<OutlineItem> items = outline(text);
  // What stands before the first declaration can be comments only; parsing it says so.
  const uint32_t head = items.empty() ? static_cast<uint32_t>(text.size()) : items.front().begin;
  items.insert(items.begin(), {0, head, true});

  std::vector<std::pair<Parts::node_type, int64_t>> parts;  // with the place each belongs to
  bool sound = true;
  for (const OutlineItem& item : items) {
    if (!item.complete) {
      sound = false;
      continue;
    }
    std::string part(text.substr(item.begin, item.end - item.begin));
    auto known = known_.find(part);
    if (known == known_.end()) {
      auto fresh = parse_part(part);
      ++parsed_;
      // `edition` is the first thing in a file, which a part cannot know.
      if (fresh == nullptr || (fresh->file->edition && item.begin > 0)) {
        sound = false;
        continue;
      }
      known = known_.emplace(std::move(part), std::move(fresh));
    }
    parts.emplace_back(known_.extract(known), item.begin);
  }
  if (!sound) {
    // The parts stay where they are: the tree they belong to answers until the text is whole again.
    if (known_.size() > 2 * items.size() + 64) known_.clear();  // versions of a long time without a whole text
    for (auto& [node, place] : parts) known_.insert(std::move(node));
    return nullptr;
  }

  known_.clear();
  auto result = std::make_shared<ParsedText>();
  for (auto& [node, place] : parts) {
    ParsedDeclaration& part = *node.mapped();
    shift_spans(*part.file, place - std::exchange(part.offset, place));
    result->file.declarations.insert(result->file.declarations.end(), part.file->declarations.begin(), part.file->declarations.end());
    if (part.file->edition) result->file.edition = part.file->edition;
    result->parts.push_back(node.mapped());
    known_.insert(std::move(node));
  }
  return result;
}

}  // namespace acie::lsp
