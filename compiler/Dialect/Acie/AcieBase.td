// The Acie dialect: models, worlds and queries, and the scalar functions of the language.
#ifndef ACIE_DIALECT_ACIE_ACIEBASE_TD
#define ACIE_DIALECT_ACIE_ACIEBASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Acie_Dialect : Dialect {
  let name = "acie";
  let cppNamespace = "::acie::ir";
  let summary = "Structural causal models, worlds, queries and scalar functions";
  let description = [{
    A module holds models (structural equations) and queries (worlds, evidence, what to return). The passes turn the
    body of a query step by step into straight-line code:

      * imported: `acie.answer` refers to variables of worlds by name (`acie.ref`, `acie.natural`);
      * after surgery: `acie.program`, a flat SSA graph of `acie.eval` (one equation in one world), `acie.noise`,
        `acie.column`, …;
      * after abduction: no `acie.noise`; noises are inverted from the evidence or sampled;
      * after inlining: only scalar operations.

    Arithmetic is the `arith` dialect's.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let useDefaultAttributePrinterParser = 1;
}

class Acie_Op<string mnemonic, list<Trait> traits = []> : Op<Acie_Dialect, mnemonic, traits>;

class Acie_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::acie::ir";
  let genSpecializedAttr = 0;
}

#endif  // ACIE_DIALECT_ACIE_ACIEBASE_TD
