// What the expressions of one file turned out to be: recorded while they are elaborated, for editors.
#pragma once

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Symbols.h"

namespace acie::sema {

class TypeLookup {
 public:
  /// The type of a number, or of the elements of a tensor of `shape`.
  struct Entry {
    Type type;
    Shape shape;
  };

  virtual ~TypeLookup() = default;
  /// Of the expression whose text is exactly `span`; null if it was not elaborated or is no number and no tensor.
  virtual const Entry* find(Span span) const = 0;
};

class ExpressionTypes : public TypeLookup {
 public:
  /// Expressions of other files are not recorded.
  explicit ExpressionTypes(uint32_t file) : file_(file) {}

  /// The body of a function is elaborated at every call: its first one counts.
  void record(Span span, const Value& value) {
    if (span.file != file_ || (!value.is_number() && !value.is_tensor())) return;
    const Expr* element = value.is_number() || value.items == nullptr ? value.expr : value.items->empty() ? nullptr : value.items->front().expr;
    if (element != nullptr) entries_.try_emplace(key(span), Entry{element->type, value.is_number() ? Shape{} : value.shape});
  }

  const Entry* find(Span span) const override {
    const auto found = entries_.find(key(span));
    return span.file != file_ || found == entries_.end() ? nullptr : &found->second;
  }

 private:
  static uint64_t key(Span span) { return uint64_t{span.begin} << 32 | span.end; }

  uint32_t file_;
  absl::flat_hash_map<uint64_t, Entry> entries_;
};

}  // namespace acie::sema
