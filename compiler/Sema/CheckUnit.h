// The result of checking one unit of a file, see CheckCache.h, and how it moves with its declarations.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "compiler/Sema/CheckCache.h"
#include "compiler/Sema/ExpressionTypes.h"

namespace acie::sema {

/// Where declarations stood, in the order of the file.
class Places {
 public:
  void add(const syntax::Decl& decl) { places_.push_back({&decl, decl.span}); }
  /// Whether `span` lies in one of them (or in another file).
  bool holds(Span span, uint32_t file) const { return span.file != file || find(span) != nullptr; }
  /// Whether none of them moved.
  bool still() const;
  /// Where a span of then lies now; one outside of all stays.
  Span now(Span span, uint32_t file) const;
  /// The way back, for a span in `decl`.
  Span then(Span span, const syntax::Decl& decl) const;
  /// Lets now be then.
  void settle();

 private:
  struct Place {
    const syntax::Decl* decl;
    Span span;
  };
  const Place* find(Span span) const;

  std::vector<Place> places_;
};

/// What a file on disk is known again by.
using FileStamp = std::pair<int64_t, uint64_t>;  // time of the last change, length
FileStamp stamp_of(const std::string& location);

struct CheckCache::Unit {
  explicit Unit(uint32_t file) : types(file) {}

  /// Brings everything but `types` to where the declarations are now.
  void settle(uint32_t file);
  /// Whether all that is reported lies where it can be moved.
  bool movable(uint32_t file) const;
  /// Whether the files that were read are as they were.
  bool fresh() const;

  Program program;
  ExpressionTypes types;
  Places types_places, places;
  std::vector<Diagnostic> diagnostics, opinions;
  bool failed = false;  // errors were reported
  bool whole = false;   // something was reported that only a whole run can tell rightly
  absl::flat_hash_set<const void*> used;
  int64_t calls = 0;    // that were expanded
  std::vector<std::pair<std::string, FileStamp>> files;  // that were read, as they were then
  uint64_t names = 0;  // what top-level names there were: what they are taken for when one is unknown
};

}  // namespace acie::sema
