#include "compiler/lsp/Features/Features.h"

#include <cctype>

namespace acie::lsp {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

absl::StatusOr<uint32_t> place_of(const View& view, const Json& params) {
  const auto offset = offset_of(view.document.text(), params.at("position"), view.encoding);
  if (!offset) return absl::InvalidArgumentError("the position lies outside the document");
  return *offset;
}

bool unchanged(const View& view, Span span) {
  const Span now = view.document.drift().forward(span);
  const std::string_view text = view.document.text().str();
  if (now.end > text.size() || text.substr(now.begin, now.end - now.begin) != view.analysis->sources().text(span)) return false;
  // A word that grew at an end of it is another word.
  const auto inside_word = [&](uint32_t at) { return at > 0 && at < text.size() && is_word(text[at - 1]) && is_word(text[at]); };
  return now.begin == now.end || (!inside_word(now.begin) && !inside_word(now.end));
}

const Use* use_at(const View& view, uint32_t offset_now) {
  if (view.analysis == nullptr) return nullptr;
  const Use* use = view.analysis->index().use_at(view.analysed(offset_now));
  if (use == nullptr) return nullptr;
  const Span now = view.document.drift().forward(use->span);
  return unchanged(view, use->span) && now.begin <= offset_now && offset_now <= now.end ? use : nullptr;
}

}  // namespace acie::lsp
