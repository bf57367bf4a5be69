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

/// In the value of `do a[t] = e`, at one step: the step, what each step declares as `world` sees it (the bare name is this
/// step's), then the names of `parent`.
class ModelElaborator::PolicyScope : public Scope {
 public:
  PolicyScope(ModelElaborator& model, Steps& steps, int64_t step, WorldId world, const Scope* parent)
      : Scope(parent, &model.module_), at_(model, steps, step), elaborator_(model.elaborator_), model_(model), steps_(steps), step_(step), world_(world) {}
  std::optional<Value> find(const std::string& name, Span use) const override;
  void list(std::vector<std::string>& names) const override { at_.list(names); }

 private:
  StepScope at_;
  Elaborator& elaborator_;
  ModelElaborator& model_;
  Steps& steps_;
  int64_t step_;
  WorldId world_;
};

}  // namespace acie::sema
