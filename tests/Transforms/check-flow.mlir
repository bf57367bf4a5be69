// RUN: %acie-opt %s --split-input-file --verify-diagnostics --acie-check-flow

secret.graph @g {
  %x = secret.input "x" 0 : !secret.plain<"alice", []>
  // expected-error @+1 {{uses at cloud a value of alice}}
  %y = secret.compute "exp" %x : (!secret.plain<"alice", []>) -> !secret.plain<"cloud", []>
}

// -----

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"cloud", [], "1", "0", "10", "k", derived, 0>
  // expected-error @+1 {{no key is called k}}
  %d = secret.decrypt %c : !secret.cipher<"cloud", [], "1", "0", "10", "k", derived, 0> -> !secret.integers<"cloud", [], "1", "0", "10">
}
