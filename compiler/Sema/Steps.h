// Names inside `over t in 0..T { … }` of a model, at one step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Models.h"

namespace acie::sema {

/// The step, what each step declares (the bare name is this step's), then the model's names.
class ModelElaborator::StepScope : public Scope {
 public:
  StepScope(ModelElaborator& model, Steps& steps, int64_t step) : Scope(model.scope_.get(), &model.module_), model_(model), steps_(steps), step_(step) {}
  std::optional<Value> find(const std::string& name, Span use) const override;
  void list(std::vector<std::string>& names) const override;

 private:
  ModelElaborator& model_;
  Steps& steps_;
  int64_t step_;
};

}  // namespace acie::sema
