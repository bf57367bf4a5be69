// RUN: %acie-opt %s --acie-share-worlds | FileCheck %s

acie.model @M {
  acie.input @z : f64
  acie.input @u : f64
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
  acie.var @y(@x, @u) : f64 {
  ^bb0(%x: f64, %u: f64):
    %s = arith.addf %x, %u : f64
    acie.yield %s : f64
  }
}

// Worlds whose parents are one value share the evaluation; worlds that set the same thing do, too.
// CHECK-LABEL: acie.query @merge
acie.query @merge on @M evidence per_row {
  acie.program {
    %z = acie.column "z" input : f64
    %u = acie.column "u" input : f64
    %x0 = acie.eval @x(%z) in [0] : (f64) -> f64
    %x1 = acie.eval @x(%z) in [1] : (f64) -> f64
    %y0 = acie.eval @y(%x0, %u) in [0] : (f64, f64) -> f64
    %y1 = acie.eval @y(%x1, %u) in [1] : (f64, f64) -> f64
    %c2 = arith.constant 2.0 : f64
    %y2 = acie.eval @y(%c2, %u) in [2] : (f64, f64) -> f64
    %c3 = arith.constant 2.0 : f64
    %y3 = acie.eval @y(%c3, %u) in [3] : (f64, f64) -> f64
    acie.output "y0" value %y0 : f64
    acie.output "y1" value %y1 : f64
    acie.output "y2" value %y2 : f64
    acie.output "y3" value %y3 : f64
  }
}
// CHECK:      acie.program attributes {distinct = 3 : i32, evaluations = 6 : i32} {
// CHECK:        %[[X:.*]] = acie.eval @x(%{{.*}}) in [0, 1]
// CHECK-NEXT:   %[[Y:.*]] = acie.eval @y(%[[X]], %{{.*}}) in [0, 1]
// CHECK-NEXT:   %[[C:.*]] = arith.constant 2.0
// CHECK-NEXT:   %[[Y2:.*]] = acie.eval @y(%[[C]], %{{.*}}) in [2, 3]
// CHECK-NEXT:   acie.output "y0" value %[[Y]]
// CHECK-NEXT:   acie.output "y1" value %[[Y]]
// CHECK-NEXT:   acie.output "y2" value %[[Y2]]
// CHECK-NEXT:   acie.output "y3" value %[[Y2]]

// Evidence whose parents are factual is the evidence, in every world and through every descendant.
// CHECK-LABEL: acie.query @evidence
acie.query @evidence on @M evidence per_row {
  acie.program {
    %z = acie.column "z" input : f64
    %u = acie.column "u" input : f64
    %x = acie.column "x" given : f64
    %y = acie.column "y" given : f64
    %x1 = acie.eval @x(%z) observed %x(%z) in [1] : (f64) -> f64
    %y1 = acie.eval @y(%x1, %u) observed %y(%x, %u) in [1] : (f64, f64) -> f64
    acie.output "y" value %y1 : f64
  }
}
// CHECK:      acie.program
// CHECK-NEXT:   %[[Y:.*]] = acie.column "y" given
// CHECK-NEXT:   acie.output "y" value %[[Y]]
// CHECK-NEXT: }

// Where only running shows it, the bits of the parents that may differ are compared.
// CHECK-LABEL: acie.query @keep
acie.query @keep on @M evidence per_row {
  acie.program {
    %u = acie.column "u" input : f64
    %x = acie.column "x" given : f64
    %y = acie.column "y" given : f64
    %s = acie.slot "s" argument : f64
    %x1 = arith.addf %x, %s : f64
    %y1 = acie.eval @y(%x1, %u) observed %y(%x, %u) in [1] : (f64, f64) -> f64
    acie.output "y" value %y1 : f64
  }
}
// CHECK:      %[[X1:.*]] = arith.addf %[[X:.*]], %{{.*}}
// CHECK-NEXT: %[[R:.*]] = acie.eval @y(%[[X1]], %{{.*}}) in [1]
// CHECK-NEXT: %[[K:.*]] = acie.keep %{{.*}}, %[[R]] if(%[[X1]]) is(%[[X]]) : f64, f64
// CHECK-NEXT: acie.output "y" value %[[K]]
