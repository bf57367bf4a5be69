#include "runtime/scheduler/Engine.h"

#include "absl/strings/str_cat.h"
#include "kernels/math/Imports.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {

absl::StatusOr<std::shared_ptr<const Engine>> Engine::load(package::Package package, std::string_view target) {
  const std::shared_ptr<Engine> engine(new Engine(std::move(package)));
  for (const std::string& name : engine->package_.plan().imports) {
    const acie_import* import = math::find_math_import(name);
    if (import == nullptr)
      return refused_error("the package needs the function " + name + ", which this runtime lacks; use a newer acie-run");
    engine->imports_.push_back(import);
  }
  ACIE_ASSIGN_OR_RETURN(engine->loaded_, loader::load_kernels(engine->package_, target));
  engine->self_ = engine;
  return std::shared_ptr<const Engine>(engine);
}

absl::StatusOr<std::shared_ptr<const Program>> Engine::program(std::string_view name, const package::DimensionSizes& sizes) const {
  ACIE_ASSIGN_OR_RETURN(const package::Entry* entry, find_entry(package_.plan(), name));
  std::unique_ptr<const package::Entry> sized;
  if (!entry->dimensions.empty()) {
    for (const std::string& dimension : entry->dimensions)
      if (!sizes.contains(dimension) && !package::is_half(dimension)) return usage_error(absl::StrCat(entry->name, ": the size of ", dimension, " is read at start and must be given"));
    ACIE_ASSIGN_OR_RETURN(package::Entry fixed, package::with_sizes(*entry, sizes));
    sized = std::make_unique<const package::Entry>(std::move(fixed));
    entry = sized.get();
  }
  const std::string_view constants = package_.section(package::kConstantsSection).value_or("");
  ACIE_ASSIGN_OR_RETURN(std::shared_ptr<ExternModules> modules, ExternModules::load(package_.plan(), *entry, constants));
  ACIE_ASSIGN_OR_RETURN(std::unique_ptr<Program> program, Program::make(*entry, loaded_.library->entry(), imports_, constants, std::move(modules)));
  struct Shared {
    std::shared_ptr<const Engine> engine;
    std::unique_ptr<const package::Entry> sized;  // of which the program is, where its sizes were open
    std::unique_ptr<Program> program;
  };
  auto shared = std::make_shared<Shared>(Shared{self_.lock(), std::move(sized), std::move(program)});
  return std::shared_ptr<const Program>(shared, shared->program.get());
}

absl::StatusOr<const package::Entry*> find_entry(const package::Plan& plan, std::string_view name) {
  std::string names;
  for (const package::Entry& entry : plan.entries) {
    if (entry.name == name) return &entry;
    absl::StrAppend(&names, names.empty() ? "" : ", ", entry.name);
  }
  return usage_error(absl::StrCat("the package has no entry '", std::string(name), "'; it has ",
                                  names.empty() ? "none" : names));
}

}  // namespace acie::scheduler
