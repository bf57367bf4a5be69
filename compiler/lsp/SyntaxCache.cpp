#include "compiler/lsp/SyntaxCache.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "AcieLexer.h"
#include "compiler/Syntax/Parser.h"
#include "compiler/lsp/ShiftSpans.h"
#include "compiler/lsp/Tokens.h"

namespace acie::lsp {
namespace {

/// `file` is null if there is anything to report, which `diagnostics` then has.
std::shared_ptr<ParsedDeclaration> parse_part(std::string_view text, std::vector<Diagnostic>& diagnostics) {
  auto part = std::make_shared<ParsedDeclaration>();
  SourceManager sources;
  DiagnosticEngine engine;
  const uint32_t file = sources.add("", std::string(text));
  part->file = syntax::parse(sources, file, part->context, engine);
  diagnostics = engine.sorted();
  if (!diagnostics.empty()) part->file = nullptr;
  return part;
}

/// Whether errors in the part would be the same in the whole text: it begins with a keyword, so that nothing in it goes on with
/// what stands before, its last line does not go on with what stands behind, and nothing they speak of reaches its last token.
bool are_local(std::string_view part, const std::vector<Diagnostic>& diagnostics) {
  using L = grammar::AcieLexer;
  std::optional<Token> first;
  Token last;
  for (const Token& token : tokenize(part)) {
    if (token.kind == Token::Kind::Newline || token.kind == Token::Kind::Comment || token.kind == Token::Kind::DocComment) continue;
    if (!first) first = token;
    last = token;
  }
  if (!first || ((first->type < L::IMPORT || first->type > L::GRAPH) && first->type != L::LET)) return false;
  constexpr Token::Kind kEnds[] = {Token::Kind::Word, Token::Kind::Number, Token::Kind::String, Token::Kind::Unit, Token::Kind::Scalar, Token::Kind::Close};
  if (std::find(std::begin(kEnds), std::end(kEnds), last.kind) == std::end(kEnds)) return false;
  const auto inside = [&](Span span) { return span.end < last.end; };
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!inside(diagnostic.span) || diagnostic.severity != Severity::Error) return false;
    for (const Label& label : diagnostic.labels) {
      if (!inside(label.span)) return false;
    }
    for (const Fix& fix : diagnostic.fixes) {
      if (!inside(fix.span)) return false;
    }
  }
  return true;
}

/// Reports what was found in a part of the text that begins at `offset`.
void move_to(uint32_t offset, const Diagnostic& diagnostic, DiagnosticEngine& engine) {
  const auto moved = [&](Span span) { return Span{span.file, span.begin + offset, span.end + offset}; };
  auto builder = engine.report(diagnostic.code, moved(diagnostic.span), diagnostic.message);
  for (const Label& label : diagnostic.labels) builder.label(moved(label.span), label.text);
  for (const std::string& note : diagnostic.notes) builder.note(note);
  for (const Fix& fix : diagnostic.fixes) builder.fix(moved(fix.span), fix.replacement, fix.title, fix.applicability);
}

}  // namespace

void SyntaxCache::report(std::string_view text, const std::vector<OutlineItem>& items, std::vector<Mistake> mistakes, DiagnosticEngine& diagnostics) {
  DiagnosticEngine found;
  for (size_t first = 0, next; first < mistakes.size(); first = next) {
    // What is wrong up to the end of a declaration may go on in the next: they are parsed together, as far as one that is sound.
    bool local = mistakes[first].local;
    for (next = first + 1; next < mistakes.size() && mistakes[next].item == mistakes[next - 1].item + 1; ++next) local = local && mistakes[next].local;
    if (!local) {
      const size_t last = std::min(mistakes[next - 1].item + 1, items.size() - 1);
      const uint32_t begin = items[mistakes[first].item].begin;
      const std::string_view together = text.substr(begin, items[last].end - begin);
      Mistake all{mistakes[first].item, {}, false};
      parse_part(together, all.diagnostics);
      ++parsed_;
      if (all.diagnostics.empty() || !are_local(together, all.diagnostics)) return;
      mistakes[first] = std::move(all);
    }
    for (size_t i = first; i < (local ? next : first + 1); ++i) {
      for (const Diagnostic& diagnostic : mistakes[i].diagnostics) move_to(items[mistakes[i].item].begin, diagnostic, found);
    }
  }
  if (!found.full()) diagnostics = std::move(found);
}

std::shared_ptr<ParsedText> SyntaxCache::parse(std::string_view text, DiagnosticEngine& diagnostics) {
  parsed_ = 0;
  if (text.size() > SourceManager::kMaximumBytes || text.starts_with("\xEF\xBB\xBF")) return nullptr;
  std::vector<OutlineItem> items = outline(text);
  // What stands before the first declaration can be comments only; parsing it says so.
  const uint32_t head = items.empty() ? static_cast<uint32_t>(text.size()) : items.front().begin;
  items.insert(items.begin(), {0, head, true});

  std::vector<std::pair<Parts::node_type, int64_t>> parts;  // with the place each belongs to
  std::vector<Mistake> mistakes;
  for (size_t i = 0; i < items.size(); ++i) {
    const OutlineItem& item = items[i];
    Mistake mistake{i, {}, false};
    if (item.complete) {
      std::string part(text.substr(item.begin, item.end - item.begin));
      auto known = known_.find(part);
      if (known == known_.end()) {
        auto fresh = parse_part(part, mistake.diagnostics);
        ++parsed_;
        fresh->number = ++last_number_;
        // `edition` is the first thing in a file, which a part cannot know.
        const bool edition = fresh->file != nullptr && fresh->file->edition && item.begin > 0;
        if (fresh->file != nullptr && !edition) {
          known = known_.emplace(std::move(part), std::move(fresh));
        } else {
          mistake.local = !edition && are_local(part, mistake.diagnostics);
        }
      }
      if (known != known_.end()) {
        parts.emplace_back(known_.extract(known), item.begin);
        continue;
      }
    }
    mistakes.push_back(std::move(mistake));
  }
  if (!mistakes.empty()) {
    // The parts stay where they are: the tree they belong to answers until the text is whole again.
    if (known_.size() > 2 * items.size() + 64) known_.clear();  // versions of a long time without a whole text
    for (auto& [node, place] : parts) known_.insert(std::move(node));
    report(text, items, std::move(mistakes), diagnostics);
    return nullptr;
  }

  known_.clear();
  auto result = std::make_shared<ParsedText>();
  for (auto& [node, place] : parts) {
    ParsedDeclaration& part = *node.mapped();
    shift_spans(*part.file, place - std::exchange(part.offset, place));
    result->file.declarations.insert(result->file.declarations.end(), part.file->declarations.begin(), part.file->declarations.end());
    constexpr uint64_t kMost = 1 << 20;  // declarations of one part, of at most 10 MB
    for (uint64_t i = 0; i < part.file->declarations.size(); ++i) result->identities.push_back(part.number * kMost + i);
    if (part.file->edition) result->file.edition = part.file->edition;
    result->parts.push_back(node.mapped());
    known_.insert(std::move(node));
  }
  return result;
}

}  // namespace acie::lsp
