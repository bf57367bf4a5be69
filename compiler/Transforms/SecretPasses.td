// The passes on the Secret dialect, in the order they run.
#ifndef ACIE_TRANSFORMS_SECRETPASSES_TD
#define ACIE_TRANSFORMS_SECRETPASSES_TD

include "mlir/Pass/PassBase.td"

def InferRanges : Pass<"acie-infer-ranges", "::mlir::ModuleOp"> {
  let summary = "narrow intervals to what the operands' give, and see that they fit their keys";
  let description = [{
    Exact arithmetic on integers of any size; a product with a constant matrix takes the largest row. Declines an interval that may wrap around
    modulo the key (Sema reports those, with the row).
  }];
  let dependentDialects = ["::acie::secret::SecretDialect"];
}

def CheckFlow : Pass<"acie-check-flow", "::mlir::ModuleOp"> {
  let summary = "nothing of one party reaches another unless encrypted or revealed";
  let description = [{
    Labels rise from public over a party to a key's holder. Declines an operation whose operands are at another party than its result, unless it is
    `secret.reveal` of a plaintext or `secret.move` of ciphertexts; a decryption by anybody but the holder; a key that nobody declared.
  }];
  let dependentDialects = ["::acie::secret::SecretDialect"];
}

def PackCiphertexts : Pass<"acie-pack-ciphertexts", "::mlir::ModuleOp"> {
  let summary = "several results to a ciphertext where they are sent to be decrypted";
  let description = [{
    A vector that was computed and moves only to be decrypted is packed first, where its interval leaves room for two or more slots of up to 63
    bits: packing costs a squaring a bit, a decryption hundreds of them.
  }];
  let dependentDialects = ["::acie::secret::SecretDialect"];
}

def PlanMatvec : Pass<"acie-plan-matvec", "::mlir::ModuleOp"> {
  let summary = "choose how constant matrices are multiplied, by counted products";
  let description = [{
    Asks the planner of kernels/crypto/paillier for the cheapest of power tables, subset products (of shifted weights too) and buckets, and leaves method, window, products,
    squarings and table size on the operation. A matrix that is read when running is planned then.
  }];
  let dependentDialects = ["::acie::secret::SecretDialect"];
}

def InsertSeal : Pass<"acie-insert-seal", "::mlir::ModuleOp"> {
  let summary = "re-randomise what leaves a party, exactly once";
  let description = [{
    A product by zero is the constant 1, and a key's holder who encrypted x can test guesses of W against W·x that was not re-randomised. Derived
    ciphertexts are sealed before they move, and so are fresh ones that move more than once.
  }];
  let dependentDialects = ["::acie::secret::SecretDialect"];
}

def SplitParties : Pass<"acie-split-parties", "::mlir::ModuleOp"> {
  let summary = "one graph per party, with the messages between them";
  let description = [{
    Numbers the messages of a graph in its order: the same on both sides, so that parties never wait for each other in a circle.
  }];
  let dependentDialects = ["::acie::secret::SecretDialect"];
}

#endif  // ACIE_TRANSFORMS_SECRETPASSES_TD
