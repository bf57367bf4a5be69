// The passes from an imported module to the Plan dialect, in the order they run.
#ifndef ACIE_TRANSFORMS_PASSES_TD
#define ACIE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def DoSurgery : Pass<"acie-do-surgery", "::mlir::ModuleOp"> {
  let summary = "splice interventions into the graph of a query";
  let description = [{
    Turns each query's `acie.answer` into an `acie.program`: a flat graph with one `acie.eval` per needed variable and
    world, pulled from what is returned and checked. Interventions replace equations, natural values are resolved. Its
    size is linear in worlds × variables; what nothing needs never appears.

    Declines: a variable that depends on itself across worlds (sema reports those with their cycle).
  }];
  let dependentDialects = ["::acie::ir::AcieDialect"];
}

def ShareWorlds : Pass<"acie-share-worlds", "::mlir::ModuleOp"> {
  let summary = "compute the common part of all worlds once";
  let description = [{
    Merges evaluations of one equation on the same parents, and propagates the evidence: a known variable whose parents
    have their factual values keeps its known value. Where that is only seen when running, `acie.keep` compares the
    parents' bits. Nodes that nothing reads go.

    Leaves on each program what it did: `evaluations` (worlds × variables asked for) and `distinct` (computed).
  }];
  let dependentDialects = ["::acie::ir::AcieDialect"];
}

def PlanAbduction : Pass<"acie-plan-abduction", "::mlir::ModuleOp"> {
  let summary = "say where each noise comes from";
  let description = [{
    Replaces `acie.noise` by `acie.abduct` where the query recovers it from the evidence, with checks that it is finite
    and lies in its law's support, and by `acie.draw` where it is random. Known variables whose noise is all known get
    a check against their equation.

    Declines: a noise that the query neither recovers nor draws.
  }];
  let dependentDialects = ["::acie::ir::AcieDialect"];
}

def InvertMechanism : Pass<"acie-invert-mechanism", "::mlir::ModuleOp"> {
  let summary = "solve equations for their noise";
  let description = [{
    Replaces `acie.abduct` by the symbolic inverse of the equation: from the result to the noise through
    `InvertibleOpInterface`, or through the coefficients of a linear form where the noise occurs several times. A
    selection on a condition free of the noise is inverted branch by branch. Builds the log-Jacobian where it is used.

    Declines: an operation without an inverse on the way, a condition that depends on the noise.
  }];
  let dependentDialects = ["::acie::ir::AcieDialect"];
}

def InlineMechanisms : Pass<"acie-inline-mechanisms", "::mlir::ModuleOp"> {
  let summary = "put equations, laws and constraints in place of their evaluations";
  let description = [{
    Afterwards a program holds scalar operations only. Folds constants, merges equal operations and removes dead ones;
    nothing that changes a bit of a result.
  }];
  let dependentDialects = ["::acie::ir::AcieDialect"];
}

def RequireSolutions : Pass<"acie-require-solutions", "::mlir::ModuleOp"> {
  let summary = "rows whose matrices have no solution are undefined";
  let description = [{
    Where a value that is returned, estimated, summarised or checked depends on an `acie.routine` that may have no result, an
    `acie.require` says that it is not NaN.
  }];
  let dependentDialects = ["::acie::ir::AcieDialect"];
}

def FormClusters : Pass<"acie-form-clusters", "::mlir::ModuleOp"> {
  let summary = "group each query into one loop per space";
  let description = [{
    Replaces queries by `plan.entry` operations: every operation goes to the cluster of its space (draws, rows, table),
    estimates become reductions between them. Values of one number per run are recomputed where they are needed. Models
    go. With `report`, a remark per cluster says what it holds.
  }];
  let options = [Option<"report", "report", "bool", "false", "emit a remark for each cluster">];
  let dependentDialects = ["::acie::plan::PlanDialect"];
}

def FuseEpilogues : Pass<"acie-fuse-epilogues", "::mlir::ModuleOp"> {
  let summary = "let matrix products finish what becomes of them";
  let description = [{
    A vector of the table space that a cluster adds to the product of a matrix and a vector becomes an operand of the product.
    A cluster that does nothing but tanh, sigmoid, GELU (x · Φ(x)) or SiLU (x · sigmoid(x)) to a product becomes its activation.
  }];
  let dependentDialects = ["::acie::plan::PlanDialect"];
}

def RollSteps : Pass<"acie-roll-steps", "::mlir::ModuleOp"> {
  let summary = "make loops of the equal steps of long clusters";
  let description = [{
    Finds runs of equal steps in the straight-line bodies of clusters, `x1 = f(x0, u1)`, `x2 = f(x1, u2)`, …, and makes a
    `plan.repeat` of each. The order of independent operations may change, no bit of a result does.

    Declines: bodies of less than `min-operations`, runs of less than `min-steps`, steps that read more than the eight before
    them, and values computed outside that differ from step to step.
  }];
  let options = [Option<"minOperations", "min-operations", "int", "512", "the least operations of a body">,
                 Option<"minSteps", "min-steps", "int", "8", "the least steps of a loop">];
  let dependentDialects = ["::acie::plan::PlanDialect"];
}

def ShareKernels : Pass<"acie-share-kernels", "::mlir::ModuleOp"> {
  let summary = "compile equal clusters once";
  let description = [{
    Numbers the kernels of all entries: clusters with equal bodies and the same per-run values have one number.
  }];
  let dependentDialects = ["::acie::plan::PlanDialect"];
}

#endif  // ACIE_TRANSFORMS_PASSES_TD
