// RUN: %acie-opt %s --acie-inline-mechanisms --split-input-file --verify-diagnostics | FileCheck %s

acie.model @M {
  acie.input @z : f64
  acie.exo @g law "gumbel(0, 2)" : f64 {
    %n = acie.sample "g" std_gumbel : f64
    %s = arith.constant 2.0 : f64
    %r = arith.mulf %s, %n : f64
    acie.yield %r : f64
  } support {
  ^bb0(%v: f64):
    %zero = arith.constant 0.0 : f64
    %in = arith.cmpf oge, %v, %zero : f64
    acie.yield %in : i1
  }
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64):
    %two = arith.constant 2.0 : f64
    %sq = acie.pow %z, %two : f64
    acie.yield %sq : f64
  }
  acie.constraint @c(@x, @z) tolerance [1.0e-9, 1.0e-3] {
  ^bb0(%x: f64, %z: f64):
    acie.yield %x, %z : f64, f64
  }
}

// Equations are copied in, a square is a product, equal operations are one.
// CHECK-LABEL: acie.query @equation
acie.query @equation on @M evidence per_row reads_table {
  acie.program {
    %z = acie.column "z" input : f64
    %x = acie.eval @x(%z) in [0] : (f64) -> f64
    %y = arith.mulf %z, %z : f64
    acie.output "x" value %x : f64
    acie.output "y" value %y : f64
  }
}
// CHECK:      acie.program {
// CHECK-NEXT:   %[[Z:.*]] = acie.column "z"
// CHECK-NEXT:   %[[X:.*]] = arith.mulf %[[Z]], %[[Z]]
// CHECK-NEXT:   acie.output "x" value %[[X]]
// CHECK-NEXT:   acie.output "y" value %[[X]]

// Parents are compared by their bits.
// CHECK-LABEL: acie.query @keep
acie.query @keep on @M evidence per_row reads_table {
  acie.program {
    %a = acie.column "a" given : f64
    %b = acie.column "b" given : f64
    %c = acie.column "c" given : f64
    %d = acie.column "d" given : i1
    %e = acie.column "e" given : i1
    %k = acie.keep %a, %b if (%a, %d) is (%c, %e) : f64, f64, i1
    acie.output "k" value %k : f64
  }
}
// CHECK-DAG: %[[A:.*]] = acie.column "a"
// CHECK-DAG: %[[B:.*]] = acie.column "b"
// CHECK-DAG: %[[C:.*]] = acie.column "c"
// CHECK-DAG: %[[D:.*]] = acie.column "d"
// CHECK-DAG: %[[E:.*]] = acie.column "e"
// CHECK-DAG: %[[AB:.*]] = arith.bitcast %[[A]] : f64 to i64
// CHECK-DAG: %[[CB:.*]] = arith.bitcast %[[C]] : f64 to i64
// CHECK-DAG: %[[S1:.*]] = arith.cmpi eq, %[[AB]], %[[CB]] : i64
// CHECK-DAG: %[[S2:.*]] = arith.cmpi eq, %[[D]], %[[E]] : i1
// CHECK:     %[[ALL:.*]] = arith.andi %[[S1]], %[[S2]]
// CHECK:     arith.select %[[ALL]], %[[A]], %[[B]] : f64

// A draw is the law's transformation of a uniform number, the same wherever it is used.
// CHECK-LABEL: acie.query @draw
acie.query @draw on @M population per_draw {
  acie.program {
    %g = acie.draw @g() : () -> f64
    %h = acie.draw @g() : () -> f64
    %s = arith.addf %g, %h : f64
    %in = acie.supported @g %g() : (f64) -> i1
    acie.require %in "outside"
    acie.output "g" draw %s : f64
  }
}
// CHECK:      %[[U:.*]] = acie.uniform "g" : f64
// CHECK-NEXT: %[[L:.*]] = acie.log %[[U]]
// CHECK-NEXT: %[[N:.*]] = arith.negf %[[L]]
// CHECK-NEXT: %[[M:.*]] = acie.log %[[N]]
// CHECK-NEXT: %[[Q:.*]] = arith.negf %[[M]]
// CHECK-NEXT: %[[TWO:.*]] = arith.constant 2.0
// CHECK-NEXT: %[[G:.*]] = arith.mulf %[[Q]], %[[TWO]]
// CHECK-NEXT: arith.addf %[[G]], %[[G]]
// CHECK:      %[[IN:.*]] = arith.cmpf oge, %[[G]]
// CHECK:      acie.require %[[IN]] "outside"

// The largest |r| of a constraint's rows, and whether each is within its tolerance.
// CHECK-LABEL: acie.query @residual
acie.query @residual on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    %z = acie.column "z" given : f64
    %r, %h = acie.residual @c(%x, %z) in 0 : (f64, f64)
    acie.violation %r, %h
  }
}
// CHECK-DAG: %[[X:.*]] = acie.abs
// CHECK-DAG: %[[XT:.*]] = arith.constant 1.000000e-09
// CHECK-DAG: %[[XH:.*]] = arith.cmpf ole, %[[X]], %[[XT]]
// CHECK-DAG: %[[Z:.*]] = acie.abs
// CHECK-DAG: %[[ZT:.*]] = arith.constant 1.000000e-03
// CHECK-DAG: %[[ZH:.*]] = arith.cmpf ole, %[[Z]], %[[ZT]]
// CHECK-DAG: %[[R:.*]] = acie.max %[[X]], %[[Z]]
// CHECK-DAG: %[[H:.*]] = arith.andi %[[XH]], %[[ZH]]
// CHECK:     acie.violation %[[R]], %[[H]]

// -----

acie.model @M {
  acie.input @z : f64
}
acie.query @unshared on @M evidence per_row reads_table {
  acie.program {
    %z = acie.column "z" input : f64
    // expected-error @+1 {{is still observed: run acie-share-worlds first}}
    %x = acie.eval @x(%z) observed %z(%z) in [0] : (f64) -> f64
    acie.output "x" value %x : f64
  }
}
