// RUN: %acie-opt %s --acie-build-parties | FileCheck %s

// What leaves is sealed, several results go in one ciphertext, a constant matrix is planned, and both sides number the
// messages alike.
secret.key @k "paillier" 2048 held_by "alice"
secret.graph @score {
  %x = secret.input "x" 0 : !secret.plain<"alice", [2]>
  %q = secret.quantise %x : !secret.plain<"alice", [2]> -> !secret.integers<"alice", [2], "1", "0", "10">
  %c = secret.conceal %q : !secret.integers<"alice", [2], "1", "0", "10"> -> !secret.cipher<"alice", [2], "1", "0", "10", "k", fresh, 0>
  %m = secret.move %c : !secret.cipher<"alice", [2], "1", "0", "10", "k", fresh, 0> -> !secret.cipher<"cloud", [2], "1", "0", "10", "k", derived, 0>
  %w = secret.constant [3.0, -1.0, 2.0, 5.0] : !secret.plain<"cloud", [2, 2]>
  %i = secret.quantise %w : !secret.plain<"cloud", [2, 2]> -> !secret.integers<"cloud", [2, 2], "1", "-1", "5">
  %z = secret.matvec %i, %m : !secret.integers<"cloud", [2, 2], "1", "-1", "5">, !secret.cipher<"cloud", [2], "1", "0", "10", "k", derived, 0> -> !secret.cipher<"cloud", [2], "1", "-1000", "1000", "k", derived, 0>
  %b = secret.move %z : !secret.cipher<"cloud", [2], "1", "-1000", "1000", "k", derived, 0> -> !secret.cipher<"alice", [2], "1", "-1000", "1000", "k", derived, 0>
  %d = secret.decrypt %b : !secret.cipher<"alice", [2], "1", "-1000", "1000", "k", derived, 0> -> !secret.integers<"alice", [2], "1", "-1000", "1000">
  %p = secret.dequantise %d : !secret.integers<"alice", [2], "1", "-1000", "1000"> -> !secret.plain<"alice", [2]>
  secret.output %p "score" 0 : !secret.plain<"alice", [2]>
}
// CHECK-LABEL: secret.graph @score.alice at "alice"
// CHECK: secret.conceal
// CHECK-NEXT: secret.send {{.*}} to "cloud" 0
// CHECK-NEXT: secret.receive from "cloud" 1
// CHECK-SAME: "-10", "70", "k", derived, 8>
// CHECK-NEXT: secret.decrypt
// CHECK: secret.output
// CHECK-LABEL: secret.graph @score.cloud at "cloud"
// CHECK: secret.receive from "alice" 0
// CHECK: secret.matvec {{.*}} {cost = {{.*}}, inverted_rows = 1 : i64, method = "{{.*}}"
// CHECK-NEXT: secret.pack
// CHECK-NEXT: secret.seal
// CHECK-NEXT: secret.send {{.*}} to "alice" 1
