// RUN: %acie-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{has 1024 bits, fewer than 2048}}
secret.key @k "paillier" 1024 held_by "alice"

// -----

// expected-error @+1 {{is weak and not marked so}}
secret.key @k "rc2_128_cbc" 0 held_by "alice"

// -----

secret.graph @g {
  %x = secret.input "x" 0 : !secret.integers<"alice", [2], "1/65536", "0", "65536">
  // expected-error @+1 {{gives fresh ciphertexts}}
  %c = secret.conceal %x : !secret.integers<"alice", [2], "1/65536", "0", "65536"> -> !secret.cipher<"alice", [2], "1/65536", "0", "65536", "k", derived, 0>
}

// -----

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>
  // expected-error @+1 {{gives 0..20, and its type says 0..19}}
  %d = secret.add %c, %c : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>, !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0> -> !secret.cipher<"alice", [], "1", "0", "19", "k", derived, 0>
}

// -----

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>
  %d = secret.input "d" 1 : !secret.cipher<"alice", [], "1/2", "0", "10", "k", derived, 0>
  // expected-error @+1 {{joins scales 1 and 1/2}}
  %e = secret.add %c, %d : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>, !secret.cipher<"alice", [], "1/2", "0", "10", "k", derived, 0> -> !secret.cipher<"alice", [], "1", "0", "20", "k", derived, 0>
}

// -----

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>
  %d = secret.input "d" 1 : !secret.cipher<"alice", [], "1", "0", "10", "other", derived, 0>
  // expected-error @+1 {{joins ciphertexts under k and under other}}
  %e = secret.add %c, %d : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>, !secret.cipher<"alice", [], "1", "0", "10", "other", derived, 0> -> !secret.cipher<"alice", [], "1", "0", "20", "k", derived, 0>
}

// -----

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>
  // expected-error @+1 {{sends ciphertexts that were computed and not sealed}}
  secret.send %c to "cloud" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>
}

// -----

secret.graph @g {
  %x = secret.input "x" 0 : !secret.plain<"alice", [2]>
  // expected-error @+1 {{sends a plaintext that the program does not reveal}}
  secret.send %x to "cloud" 0 : !secret.plain<"alice", [2]>
}

// -----

secret.graph @g {
  %x = secret.input "c" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0>
  %c = secret.seal %x : !secret.cipher<"alice", [], "1", "0", "10", "k", derived, 0> -> !secret.cipher<"alice", [], "1", "0", "10", "k", sealed, 0>
  // expected-error @+1 {{seals what is sealed}}
  %d = secret.seal %c : !secret.cipher<"alice", [], "1", "0", "10", "k", sealed, 0> -> !secret.cipher<"alice", [], "1", "0", "10", "k", sealed, 0>
}

// -----

secret.key @k "paillier" 2048 held_by "alice"
secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"cloud", [], "1", "0", "10", "k", derived, 0>
  // expected-error @+1 {{is at cloud, and alice holds k}}
  %d = secret.decrypt %c : !secret.cipher<"cloud", [], "1", "0", "10", "k", derived, 0> -> !secret.integers<"cloud", [], "1", "0", "10">
}

// -----

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"alice", [4], "1", "-8", "7", "k", derived, 0>
  // expected-error @+1 {{has slots of 4 bits for numbers of 4 and a sign}}
  %d = secret.pack %c : !secret.cipher<"alice", [4], "1", "-8", "7", "k", derived, 0> -> !secret.cipher<"alice", [4], "1", "-8", "7", "k", derived, 4>
}

// -----

secret.graph @g at "alice" {
  // expected-error @+1 {{is at cloud in what alice does}}
  %x = secret.input "x" 0 : !secret.plain<"cloud", [2]>
}

// -----

// Stored ciphertexts may have been read before: as fresh or sealed ones they would leave without being re-randomised.
secret.graph @g {
  // expected-error @+1 {{reads ciphertexts that may have been read before}}
  %c = secret.input "c" 0 : !secret.cipher<"alice", [], "1", "0", "10", "k", sealed, 0>
}

// -----

secret.graph @g {
  %c = secret.input "c" 0 : !secret.cipher<"alice", [4], "1", "-8", "7", "k", derived, 0>
  %d = secret.pack %c : !secret.cipher<"alice", [4], "1", "-8", "7", "k", derived, 0> -> !secret.cipher<"alice", [4], "1", "-8", "7", "k", derived, 8>
  // expected-error @+1 {{stores packed ciphertexts}}
  secret.output %d "c" 0 : !secret.cipher<"alice", [4], "1", "-8", "7", "k", derived, 8>
}
