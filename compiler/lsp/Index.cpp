#include "compiler/lsp/Index.h"

#include <algorithm>

#include "compiler/lsp/IndexBuilder.h"

namespace acie::lsp {

Index::Index(const syntax::File& file, const sema::ModuleSet* modules) : file_(file.file_id) {
  IndexBuilder(*this, modules).run(file);
  std::sort(uses_.begin(), uses_.end(), [](const Use& a, const Use& b) {
    return std::pair(a.span.begin, a.span.end) < std::pair(b.span.begin, b.span.end);
  });
  // The same name can be reached twice, say as the default of a parameter: it is one use.
  uses_.erase(std::unique(uses_.begin(), uses_.end(), [](const Use& a, const Use& b) { return a.span == b.span && a.symbol == b.symbol; }), uses_.end());
}

const Use* Index::use_at(uint32_t offset) const {
  const Use* touching = nullptr;
  auto after = std::upper_bound(uses_.begin(), uses_.end(), offset, [](uint32_t at, const Use& use) { return at < use.span.begin; });
  while (after != uses_.begin()) {
    const Use& use = *--after;
    if (offset < use.span.end) return &use;
    if (offset == use.span.end && touching == nullptr) touching = &use;
    if (use.span.end + 256 < offset) break;  // names do not overlap: what lies far before cannot reach here
  }
  return touching;
}

std::vector<Use> Index::uses_of(int symbol) const {
  std::vector<Use> result;
  std::copy_if(uses_.begin(), uses_.end(), std::back_inserter(result), [&](const Use& use) { return use.symbol == symbol; });
  return result;
}

int Index::declared_at(Span name) const {
  const auto found = declared_.find({name.file, name.begin});
  return found == declared_.end() ? -1 : found->second;
}

int Index::declaration_around(uint32_t offset) const {
  for (size_t i = 0; i < symbols_.size(); ++i) {
    const Symbol& symbol = symbols_[i];
    if (symbol.parent < 0 && symbol.decl != nullptr && symbol.span.file == file_ && symbol.span.begin <= offset && offset <= symbol.span.end) return static_cast<int>(i);
  }
  return -1;
}

namespace {

int find_in(const std::map<std::string, int>& names, const std::string& name) {
  const auto found = names.find(name);
  return found == names.end() ? -1 : found->second;
}

}  // namespace

const std::map<std::string, int>& Index::members(int declaration) const {
  static const std::map<std::string, int> kNone;
  const auto found = members_.find(declaration);
  return found == members_.end() ? kNone : found->second;
}

int Index::global(const std::string& name) const { return find_in(globals_, name); }

int Index::unit(const std::string& name) const { return find_in(units_, name); }

const sema::Module* Index::alias(int symbol) const {
  const auto found = aliases_.find(symbol);
  return found == aliases_.end() ? nullptr : found->second;
}

int Index::exported(const sema::Module& module, const std::string& name) const {
  const auto found = exports_.find(&module);
  return found == exports_.end() ? -1 : find_in(found->second, name);
}

}  // namespace acie::lsp
