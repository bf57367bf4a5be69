// RUN: %acie-opt %s --acie-do-surgery --split-input-file --verify-diagnostics | FileCheck %s

acie.model @M {
  acie.input @z : f64
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
  acie.var @y(@x, @u) : f64 {
  ^bb0(%x: f64, %u: f64):
    %s = arith.addf %x, %u : f64
    acie.yield %s : f64
  }
  acie.var @unused(@y) : f64 {
  ^bb0(%y: f64):
    acie.yield %y : f64
  }
}

// An intervention replaces the equation, its natural value is the equation's; what nothing needs does not appear, and
// each variable of each world appears once.
// CHECK-LABEL: acie.query @shift
acie.query @shift on @M population per_draw reads_table {
  acie.world "factual" {
  }
  acie.world "" {
    acie.do @x {
      %n = acie.natural @x in 1 : f64
      %s = acie.slot "shift" argument : f64
      %v = arith.addf %n, %s : f64
      acie.yield %v : f64
    }
  }
  acie.answer {
    %y = acie.ref @y in 1 : f64
    %x = acie.ref @x in 1 : f64
    %sum = arith.addf %y, %x : f64
    acie.output "sum" value %sum : f64
  }
}
// CHECK:      acie.program {
// CHECK-NEXT:   %[[Z:.*]] = acie.column "z" input : f64
// CHECK-NEXT:   %[[N:.*]] = acie.eval @x(%[[Z]]) in [1]
// CHECK-NEXT:   %[[S:.*]] = acie.slot "shift" argument : f64
// CHECK-NEXT:   %[[X:.*]] = arith.addf %[[N]], %[[S]]
// CHECK-NEXT:   %[[U:.*]] = acie.noise @u
// CHECK-NEXT:   %[[Y:.*]] = acie.eval @y(%[[X]], %[[U]]) in [1]
// CHECK-NEXT:   %[[SUM:.*]] = arith.addf %[[Y]], %[[X]]
// CHECK-NEXT:   acie.output "sum" value %[[SUM]]
// CHECK-NEXT: }

// A world may use another world's values, and an input may be set.
// CHECK-LABEL: acie.query @nested
acie.query @nested on @M population per_draw reads_table {
  acie.world "factual" {
  }
  acie.world "control" {
    acie.do @z {
      %c = arith.constant 0.0 : f64
      acie.yield %c : f64
    }
  }
  acie.world "treated" {
    acie.do @x {
      %x = acie.ref @x in 1 : f64
      acie.yield %x : f64
    }
  }
  acie.answer {
    %y = acie.ref @y in 2 : f64
    acie.output "y" value %y : f64
  }
}
// CHECK:      acie.program {
// CHECK-NEXT:   %[[C:.*]] = arith.constant 0.0
// CHECK-NEXT:   %[[X:.*]] = acie.eval @x(%[[C]]) in [1]
// CHECK-NEXT:   %[[U:.*]] = acie.noise @u
// CHECK-NEXT:   %[[Y:.*]] = acie.eval @y(%[[X]], %[[U]]) in [2]
// CHECK-NEXT:   acie.output "y" value %[[Y]]

// What the evidence holds is its factual value; in other worlds its evaluation knows it.
// CHECK-LABEL: acie.query @observed
acie.query @observed on @M evidence per_row reads_table {
  acie.given @y
  acie.recover @u from @y
  acie.world "factual" {
  }
  acie.world "" {
    acie.do @x {
      %s = acie.slot "x" do : f64
      acie.yield %s : f64
    }
  }
  acie.answer {
    %y = acie.ref @y in 1 : f64
    %y0 = acie.ref @y in 0 : f64
    acie.output "y" value %y : f64
    acie.output "y0" value %y0 : f64
  }
}
// CHECK-DAG: %[[S:.*]] = acie.slot "x" do
// CHECK-DAG: %[[Z:.*]] = acie.column "z" input
// CHECK-DAG: %[[X0:.*]] = acie.eval @x(%[[Z]]) in [0]
// CHECK-DAG: %[[U:.*]] = acie.noise @u
// CHECK-DAG: %[[Y0:.*]] = acie.column "y" given
// CHECK:     acie.eval @y(%[[S]], %[[U]]) observed %[[Y0]](%[[X0]], %[[U]]) in [1]
// CHECK:     acie.output "y0" value %[[Y0]]

// -----

acie.model @M {
  acie.input @z : f64
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
}

acie.query @cyclic on @M population per_draw {
  // expected-error @-1 {{the value of 'x' depends on itself}}
  acie.world "factual" {
  }
  acie.world "a" {
    acie.do @x {
      %x = acie.ref @x in 2 : f64
      acie.yield %x : f64
    }
  }
  acie.world "b" {
    acie.do @x {
      %x = acie.ref @x in 1 : f64
      acie.yield %x : f64
    }
  }
  acie.answer {
    %x = acie.ref @x in 1 : f64
    acie.output "x" value %x : f64
  }
}

// -----

acie.query @nowhere on @M population per_draw {
  // expected-error @-1 {{there is no model @M}}
  acie.world "factual" {
  }
  acie.answer {
  }
}

// -----

// Evidence on a variable whose own noise stays open: where nothing reaches its parents it is known all the same; where
// an intervention changes a parent that the evidence leaves open, there is nothing to compare with.
acie.model @Open {
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  acie.exo @v law "normal(0, 1)" : f64 {
    %n = acie.sample "v" std_normal : f64
    acie.yield %n : f64
  }
  acie.var @hidden(@u) : f64 {
  ^bb0(%u: f64):
    acie.yield %u : f64
  }
  acie.var @x(@v) : f64 {
  ^bb0(%v: f64):
    acie.yield %v : f64
  }
  acie.var @y(@hidden) : f64 {
  ^bb0(%h: f64):
    %s = acie.sin %h : f64
    acie.yield %s : f64
  }
}
// CHECK-LABEL: acie.query @open
acie.query @open on @Open evidence per_row reads_table {
  acie.given @x
  acie.given @y
  acie.world "factual" {
  }
  acie.world "" {
    acie.do @hidden {
      %c = arith.constant 1.0 : f64
      acie.yield %c : f64
    }
  }
  acie.answer {
    %x = acie.ref @x in 1 : f64
    %y = acie.ref @y in 1 : f64
    acie.output "x" value %x : f64
    acie.output "y" value %y : f64
  }
}
// CHECK-DAG: %[[V:.*]] = acie.noise @v
// CHECK-DAG: %[[X0:.*]] = acie.column "x" given
// CHECK-DAG: acie.eval @x(%[[V]]) observed %[[X0]](%[[V]]) in [1]
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.0
// CHECK-DAG: acie.eval @y(%[[ONE]]) in [1]
// CHECK-NOT: acie.noise @u
