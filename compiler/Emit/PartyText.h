// What programs of several parties do, for people: `--emit=plan`.
#pragma once

#include <string>

#include "compiler/Sema/Program.h"

namespace mlir {
class ModuleOp;
}

namespace acie::emit {

/// For every graph: what each party does under encryption, bits needed of bits available, how matrices are multiplied, predicted
/// times, and the messages. `module` holds the Secret dialect before it is split.
std::string party_text(const sema::Program &program, mlir::ModuleOp module);

}  // namespace acie::emit
