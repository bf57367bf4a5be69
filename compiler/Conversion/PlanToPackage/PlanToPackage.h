// The Plan dialect as the plan of a package.
#ifndef ACIE_CONVERSION_PLANTOPACKAGE_PLANTOPACKAGE_H
#define ACIE_CONVERSION_PLANTOPACKAGE_PLANTOPACKAGE_H

#include "absl/status/statusor.h"
#include "compiler/Sema/Program.h"
#include "runtime/package/Plan.h"

namespace mlir {
class ModuleOp;
}

namespace acie::conversion {

/// One entry per plan.entry of the module, with names, units, ranges, defaults and documentation from the program it was
/// compiled from. Left to the caller: the program's name, `imports`, `variants`, `units` and each kernel's `scratch`. An
/// error is a defect of the compiler: the module speaks of something the program lacks.
absl::StatusOr<package::Plan> to_package_plan(mlir::ModuleOp module, const sema::Program& program, std::string& constants);

}  // namespace acie::conversion

#endif  // ACIE_CONVERSION_PLANTOPACKAGE_PLANTOPACKAGE_H
