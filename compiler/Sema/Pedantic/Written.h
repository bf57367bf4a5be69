// Operations as they stand in the text of models and queries, with the values they can take by what is declared.
#pragma once

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "compiler/Sema/Analysis/Interval.h"
#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {

class WrittenOperations {
 public:
  /// One place of the text is one operation or, over the elements of a tensor or the queries that share it, several.
  struct Place {
    Span span;
    Op op = Op::Add;
    std::vector<const Expr*> nodes;
  };

  explicit WrittenOperations(const PedanticSubject& subject);

  /// Those in the bodies of models and queries of the file: what functions that they call do with other arguments is not
  /// known. In the order of the text.
  const std::vector<Place>& places() const { return places_; }

  /// What declared ranges and the supports of noises allow. Equations say nothing here: an intervention can replace them.
  Interval range(const Expr* expr) const;
  Interval range(const Variable* variable) const;

 private:
  Interval compute(const Expr& expr) const;

  std::vector<Place> places_;
  absl::flat_hash_map<const Variable*, Interval> noises_;
  mutable absl::flat_hash_map<const Expr*, Interval> known_;
};

}  // namespace acie::sema
