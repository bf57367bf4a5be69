// RUN: %acie-opt %s --split-input-file --verify-diagnostics --acie-infer-ranges | FileCheck %s

secret.key @k "paillier" 2048 held_by "alice"
// CHECK-LABEL: secret.graph @tight
secret.graph @tight {
  %c = secret.input "c" 0 : !secret.cipher<"cloud", [2], "1", "0", "10", "k", derived, 0>
  %w = secret.constant [3.0, -1.0] : !secret.plain<"cloud", [1, 2]>
  %i = secret.quantise %w : !secret.plain<"cloud", [1, 2]> -> !secret.integers<"cloud", [1, 2], "1", "-1", "3">
  // The row itself, not twice the widest product.
  // CHECK: secret.matvec {{.*}} -> !secret.cipher<"cloud", [1], "1", "-10", "30", "k", derived, 0>
  %z = secret.matvec %i, %c : !secret.integers<"cloud", [1, 2], "1", "-1", "3">, !secret.cipher<"cloud", [2], "1", "0", "10", "k", derived, 0> -> !secret.cipher<"cloud", [1], "1", "-100", "100", "k", derived, 0>
}
