// Names in a query as one world sees them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Queries.h"

namespace acie::sema {

/// Arguments, worlds, `let`s, then the model's names.
class QueryScope : public Scope {
 public:
  QueryScope(QueryElaborator& query, WorldId world, bool estimates)
      : Scope(nullptr, &query.module_), query_(query), world_(world), estimates_(estimates) {}

  std::optional<Value> find(const std::string& name, Span use) const override;
  void list(std::vector<std::string>& names) const override;
  bool takes_estimates() const override { return estimates_; }

 private:
  QueryElaborator& query_;
  WorldId world_;
  bool estimates_;
};

}  // namespace acie::sema
