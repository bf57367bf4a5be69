// Names inside `over t in 0..T { … }` whose number of steps is read at start: all steps at once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Models.h"

namespace acie::sema {

/// `t`, what each step declares (the bare name is this step's) as `world` sees it, then the names of `parent`. Of `target`
/// this step's natural value is meant: of a vector, of the elements at `positions`, of all where there are none.
class ModelElaborator::OpenStepScope : public Scope {
 public:
  OpenStepScope(ModelElaborator& model, Steps& steps, WorldId world, std::string target, const Scope* parent, std::vector<int64_t> positions = {})
      : Scope(parent, &model.module_), model_(model), steps_(steps), world_(world), target_(std::move(target)), positions_(std::move(positions)) {}
  std::optional<Value> find(const std::string& name, Span use) const override;
  void list(std::vector<std::string>& names) const override;

 private:
  ModelElaborator& model_;
  Steps& steps_;
  WorldId world_;
  std::string target_;
  std::vector<int64_t> positions_;
};

}  // namespace acie::sema
