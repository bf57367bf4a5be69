// What was computed leaves without being re-randomised: a party who knows what went in could tell what was done to it. The
// compiler seals whatever leaves, so that no program in the language comes to this; one that is edited by hand does.
// RUN: not %acie-opt %s 2>&1 | FileCheck %s

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>
  %d = secret.add %c, %c : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>, !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0> -> !secret.cipher<"alice", [], "1", "0", "20", "k", derived, 0>
  secret.send %d to "cloud" 0 : !secret.cipher<"alice", [], "1", "0", "20", "k", derived, 0>
}

// CHECK: {{.*}}:8:3: error: 'secret.send' op sends ciphertexts that were computed and not sealed: the key's holder could tell from what
// CHECK-NEXT: secret.send %d to "cloud" 0 : !secret.cipher<"alice", [], "1", "0", "20", "k", derived, 0>
// CHECK-NEXT: ^
// CHECK-NEXT: {{.*}}note: see current operation: "secret.send"(%1) <{number = 0 : i64, peer = "cloud"}> : (!secret.cipher<"alice", [], "1", "0", "20", "k", derived, 0>) -> ()
