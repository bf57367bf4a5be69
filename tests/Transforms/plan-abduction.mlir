// RUN: %acie-opt %s --acie-plan-abduction --split-input-file --verify-diagnostics | FileCheck %s

acie.model @M {
  acie.input @z : f64
  acie.exo @u law "exponential(1)" over (@z) : f64 {
  ^bb0(%z: f64):
    %n = acie.sample "u" std_exponential : f64
    acie.yield %n : f64
  } support {
  ^bb0(%v: f64, %z: f64):
    %in = arith.cmpf oge, %v, %z : f64
    acie.yield %in : i1
  }
  acie.exo @b law "bernoulli(0.5)" : i1 {
    %n = acie.sample "b" std_uniform : f64
    %h = arith.constant 0.5 : f64
    %r = arith.cmpf olt, %n, %h : f64
    acie.yield %r : i1
  }
  acie.var @x(@z, @u) : f64 {
  ^bb0(%z: f64, %u: f64):
    %s = arith.addf %z, %u : f64
    acie.yield %s : f64
  }
  acie.var @y(@x) : f64 {
  ^bb0(%x: f64):
    %s = acie.exp %x : f64
    acie.yield %s : f64
  }
  acie.var @w(@b) : f64 {
  ^bb0(%b: i1):
    %s = arith.uitofp %b : i1 to f64
    acie.yield %s : f64
  }
}

// A recovered noise must be finite and lie in the support of its law.
// CHECK-LABEL: acie.query @exact
acie.query @exact on @M evidence per_row reads_table {
  acie.given @x
  acie.recover @u from @x
  acie.world "factual" {
  }
  acie.program {
    %u = acie.noise @u : f64
    acie.output "u" value %u : f64
  }
}
// CHECK-DAG: %[[X:.*]] = acie.column "x" given
// CHECK-DAG: %[[Z:.*]] = acie.column "z" input
// CHECK:     %[[U:.*]] = acie.abduct @u from @x %[[X]](%[[Z]]) : (f64, f64) -> f64
// CHECK:     %[[S:.*]] = acie.supported @u %[[U]](%[[Z]])
// CHECK:     %[[D:.*]] = arith.subf %[[U]], %[[U]]
// CHECK:     %[[F:.*]] = arith.cmpf oeq, %[[D]]
// CHECK:     acie.require %[[S]] "the recovered noise 'u' lies outside the support of its law, exponential(1)"
// CHECK:     acie.require %[[F]] "'u' cannot be recovered: no finite value gives the evidence"
// CHECK:     acie.output "u" value %[[U]]

// A variable deduced from its child is as good as given: its own noise follows.
// CHECK-LABEL: acie.query @deduced
acie.query @deduced on @M evidence per_row reads_table {
  acie.given @y
  acie.recover @x from @y
  acie.recover @u from @x
  acie.world "factual" {
  }
  acie.program {
    %u = acie.noise @u : f64
    acie.output "u" value %u : f64
  }
}
// CHECK: %[[X:.*]] = acie.abduct @x from @y %{{.*}}() : (f64) -> f64
// CHECK: acie.abduct @u from @x %[[X]](%{{.*}}) : (f64, f64) -> f64

// A whole number or truth value may not solve the equation at all.
// CHECK-LABEL: acie.query @discrete
acie.query @discrete on @M evidence per_row reads_table {
  acie.given @w
  acie.recover @b from @w
  acie.world "factual" {
  }
  acie.program {
    %b = acie.noise @b : i1
    acie.output "b" value %b : i1
  }
}
// CHECK: %[[B:.*]] = acie.abduct @b from @w
// CHECK: acie.eval @w(%[[B]]) in [0]
// CHECK: acie.require %{{.*}} "the evidence contradicts the equation of 'w'"

// Evidence that speaks of one thing twice must agree to 1e-9 relative.
// CHECK-LABEL: acie.query @consistent
acie.query @consistent on @M evidence per_row reads_table {
  acie.given @x
  acie.given @y
  acie.consistent @y
  acie.world "factual" {
  }
  acie.program {
    %y = acie.column "y" given : f64
    acie.output "y" value %y : f64
  }
}
// CHECK: %[[E:.*]] = acie.eval @y(%{{.*}}) in [0]
// CHECK: arith.subf %{{.*}}, %[[E]]
// CHECK: arith.constant 1.000000e-09
// CHECK: %[[OK:.*]] = arith.cmpf ole
// CHECK: acie.require %[[OK]] "the evidence contradicts the equation of 'y'"

// CHECK-LABEL: acie.query @drawn
acie.query @drawn on @M population per_draw reads_table {
  acie.random @u
  acie.world "factual" {
  }
  acie.program {
    %u = acie.noise @u : f64
    acie.output "u" value %u : f64
  }
}
// CHECK: %[[Z:.*]] = acie.column "z" input
// CHECK: acie.draw @u(%[[Z]]) : (f64) -> f64

// -----

acie.model @M {
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
}

acie.query @open on @M evidence per_row {
  acie.world "factual" {
  }
  acie.program {
    // expected-error @+1 {{the noise 'u' is neither recovered from the evidence nor drawn}}
    %u = acie.noise @u : f64
    acie.output "u" value %u : f64
  }
}
