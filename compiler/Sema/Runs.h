// Elements of a tensor in a row, made of what makes these alone.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Builder.h"

namespace acie::sema {

/// Reads runs of elements through what is joined of parts: where steps of a series, or elements, are set one by one from a
/// tensor of them all, each then needs only the parts that it is made of, and not all the others. What several runs share,
/// or one reads twice, is made once.
class Runs {
 public:
  explicit Runs(Builder& builder) : builder_(builder) {}

  /// As many elements of `tensor` as `shape` has, in their order, from `offset` on. Numbers are their own elements.
  const Expr* of(const Expr* tensor, const Shape& shape, int64_t offset);

 private:
  using Run = std::tuple<const Expr*, Shape, int64_t>;

  bool joins(const Expr* tensor);
  std::vector<Run> parts(const Run& run);
  const Expr* make(const Run& run, const std::vector<const Expr*>& parts);

  Builder& builder_;
  absl::flat_hash_map<const Expr*, bool> joins_;
  std::map<Run, const Expr*> made_;
};

}  // namespace acie::sema
