// The plan of a query in words.
#ifndef ACIE_EMIT_PLANTEXT_H
#define ACIE_EMIT_PLANTEXT_H

#include <string>

#include "compiler/Sema/Program.h"

namespace mlir {
class ModuleOp;
}

namespace acie::emit {

/// How `query` runs: its worlds, where each noise comes from and why, what is checked, what worlds share, and its
/// kernels. `module` holds the Plan dialect. Ends with a newline.
std::string plan_text(const sema::Query& query, mlir::ModuleOp module);

/// The same for every query of the program, in order.
std::string plan_text(const sema::Program& program, mlir::ModuleOp module);

}  // namespace acie::emit

#endif  // ACIE_EMIT_PLANTEXT_H
