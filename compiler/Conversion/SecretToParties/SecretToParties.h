// The Secret dialect, one graph per party → the programs of packages.
#ifndef ACIE_CONVERSION_SECRETTOPARTIES_SECRETTOPARTIES_H
#define ACIE_CONVERSION_SECRETTOPARTIES_SECRETTOPARTIES_H

#include <string>
#include <vector>

#include "compiler/Sema/Program.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/package/Party.h"

namespace acie::conversion {

struct PartyPackage {
  package::PartyProgram program;
  std::string constants;  // of section "party.constants"
};

/// One for each party the program declares, also for those that do nothing. Names, documentation, units and ranges of inputs and outputs are the
/// checked program's.
std::vector<PartyPackage> to_parties(mlir::ModuleOp module, const sema::Program &program);

}  // namespace acie::conversion

#endif  // ACIE_CONVERSION_SECRETTOPARTIES_SECRETTOPARTIES_H
