// RUN: %acie-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: secret.graph @g
secret.graph @g {
  %x = secret.input "x" 0 : !secret.plain<"alice", [3]>
  // A gather of a gather is one, and one that takes every element in order is none.
  // CHECK: %[[X:.*]] = secret.input
  // CHECK-NEXT: %[[ONE:.*]] = secret.gather %[[X]] [2, 1]
  // CHECK-NEXT: secret.output %[[ONE]] "a" 0
  // CHECK-NEXT: secret.output %[[X]] "b" 1
  %r = secret.gather %x [2, 1, 0] : !secret.plain<"alice", [3]> -> !secret.plain<"alice", [3]>
  %s = secret.gather %r [0, 1] : !secret.plain<"alice", [3]> -> !secret.plain<"alice", [2]>
  %b = secret.gather %r [2, 1, 0] : !secret.plain<"alice", [3]> -> !secret.plain<"alice", [3]>
  secret.output %s "a" 0 : !secret.plain<"alice", [2]>
  secret.output %b "b" 1 : !secret.plain<"alice", [3]>
}

// CHECK-LABEL: secret.graph @negate
secret.graph @negate {
  // CHECK: %[[X:.*]] = secret.input
  // CHECK-NOT: secret.negate
  %x = secret.input "x" 0 : !secret.integers<"alice", [], "1", "-3", "3">
  %n = secret.negate %x : !secret.integers<"alice", [], "1", "-3", "3"> -> !secret.integers<"alice", [], "1", "-3", "3">
  %m = secret.negate %n : !secret.integers<"alice", [], "1", "-3", "3"> -> !secret.integers<"alice", [], "1", "-3", "3">
  // CHECK: secret.output %[[X]]
  secret.output %m "x" 0 : !secret.integers<"alice", [], "1", "-3", "3">
}
