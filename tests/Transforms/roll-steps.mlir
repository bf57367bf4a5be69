// RUN: %acie-opt %s --acie-roll-steps="min-operations=1 min-steps=3" | FileCheck %s

// A walk: what is carried, a column, a constant and a noise of each step; every step is stored.
// CHECK-LABEL: plan.entry @walk
// CHECK: %[[K:.*]] = arith.constant 5.000000e-01
// CHECK: plan.repeat 3 from(%{{.*}} : f64) over(%{{.*}}, %{{.*}}, %{{.*}} : f64, f64, f64)
// CHECK-SAME: tables [dense<[1.000000e+00, 2.000000e+00, 4.000000e+00]> : tensor<3xf64>, dense<{{.*}}> : tensor<3xi64>]
// CHECK-NEXT: ^bb0(%[[C:.*]]: f64, %[[Y:.*]]: f64, %[[T:.*]]: f64, %[[N:.*]]: i64):
// CHECK-NEXT: %[[A:.*]] = arith.mulf %[[C]], %[[K]]
// CHECK-NEXT: %[[B:.*]] = arith.addf %[[A]], %[[Y]]
// CHECK-NEXT: %[[D:.*]] = arith.addf %[[B]], %[[T]]
// CHECK-NEXT: %[[U:.*]] = plan.uniform %[[N]]
// CHECK-NEXT: %[[X:.*]] = arith.addf %[[D]], %[[U]]
// CHECK-NEXT: plan.advance(%[[X]] : f64) last() every(%[[X]] : f64)
// CHECK-NOT: arith.mulf
plan.entry @walk on "M" per_row reads_table reasons [] {
  %b0 = plan.column "y[0]" given : <f64, inner>
  %b1 = plan.column "y[1]" given : <f64, inner>
  %b2 = plan.column "y[2]" given : <f64, inner>
  %s = plan.column "start" given : <f64, inner>
  %r:3 = plan.cluster "walk" 0 inner(%b0, %b1, %b2, %s : !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>) {
  ^bb0(%y0: f64, %y1: f64, %y2: f64, %start: f64):
    %k = arith.constant 0.5 : f64
    %one = arith.constant 1.0 : f64
    %two = arith.constant 2.0 : f64
    %four = arith.constant 4.0 : f64
    %a0 = arith.mulf %start, %k : f64
    %c0 = arith.addf %a0, %y0 : f64
    %d0 = arith.addf %c0, %one : f64
    %u0 = acie.uniform "u[0]" : f64
    %x0 = arith.addf %d0, %u0 : f64
    %a1 = arith.mulf %x0, %k : f64
    %c1 = arith.addf %a1, %y1 : f64
    %d1 = arith.addf %c1, %two : f64
    %u1 = acie.uniform "u[1]" : f64
    %x1 = arith.addf %d1, %u1 : f64
    %a2 = arith.mulf %x1, %k : f64
    %c2 = arith.addf %a2, %y2 : f64
    %d2 = arith.addf %c2, %four : f64
    %u2 = acie.uniform "u[2]" : f64
    %x2 = arith.addf %d2, %u2 : f64
    plan.yield %x0, %x1, %x2 : f64, f64, f64
  } -> !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>
}

// Noises that were recovered before anything else go to the step that uses them; the step that is set stands alone. Memories
// of two steps are two registers.
// CHECK-LABEL: plan.entry @set
// CHECK: %[[L:.*]] = plan.repeat 3 from(%{{.*}}, %{{.*}}, %{{.*}} : f64, f64, f64)
// CHECK-NEXT: ^bb0(%[[P:.*]]: f64, %[[P1:.*]]: f64, %[[P2:.*]]: f64, %[[Y:.*]]: f64):
// CHECK-NEXT: %[[U:.*]] = arith.negf %[[Y]]
// CHECK-NEXT: %[[A:.*]] = arith.subf %[[P]], %[[U]]
// CHECK-NEXT: %[[X:.*]] = arith.addf %[[A]], %[[P2]]
// CHECK-NEXT: plan.advance(%[[X]], %[[X]], %[[P1]] : f64, f64, f64) last(%[[X]] : f64) every()
// CHECK: %[[S:.*]] = arith.mulf
// CHECK: plan.repeat 3 from(%[[S]], %[[S]], %[[L]] : f64, f64, f64)
// CHECK: plan.advance(%[[X:[0-9]+]], %[[X]], %{{.*}} : f64, f64, f64) last(%{{.*}}, %[[X]] : f64, f64) every()
// CHECK: arith.divf
plan.entry @set on "M" per_row reads_table reasons [] {
  %b0 = plan.column "y[0]" given : <f64, inner>
  %b1 = plan.column "y[1]" given : <f64, inner>
  %b2 = plan.column "y[2]" given : <f64, inner>
  %b3 = plan.column "y[3]" given : <f64, inner>
  %b4 = plan.column "y[4]" given : <f64, inner>
  %b5 = plan.column "y[5]" given : <f64, inner>
  %b6 = plan.column "y[6]" given : <f64, inner>
  %r = plan.cluster "set" 0 inner(%b0, %b1, %b2, %b3, %b4, %b5, %b6 : !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>) {
  ^bb0(%y0: f64, %y1: f64, %y2: f64, %y3: f64, %y4: f64, %y5: f64, %y6: f64):
    %k = arith.constant 0.5 : f64
    %u0 = arith.negf %y0 : f64
    %u1 = arith.negf %y1 : f64
    %u2 = arith.negf %y2 : f64
    %u4 = arith.negf %y4 : f64
    %u5 = arith.negf %y5 : f64
    %u6 = arith.negf %y6 : f64
    %a0 = arith.subf %k, %u0 : f64
    %x0 = arith.addf %a0, %k : f64
    %a1 = arith.subf %x0, %u1 : f64
    %x1 = arith.addf %a1, %k : f64
    %a2 = arith.subf %x1, %u2 : f64
    %x2 = arith.addf %a2, %x0 : f64
    %x3 = arith.mulf %y3, %k : f64
    %a4 = arith.subf %x3, %u4 : f64
    %x4 = arith.addf %a4, %x2 : f64
    %a5 = arith.subf %x4, %u5 : f64
    %x5 = arith.addf %a5, %x3 : f64
    %a6 = arith.subf %x5, %u6 : f64
    %x6 = arith.addf %a6, %x4 : f64
    %x = arith.divf %x5, %x6 : f64
    plan.yield %x : f64
  } -> !plan.buffer<f64, inner>
}

// Powers of other constants are other functions, values from outside that differ are no series, and a result of one step
// ends a loop.
// CHECK-LABEL: plan.entry @declined
// CHECK-NOT: plan.repeat
plan.entry @declined on "M" per_row reads_table reasons [] {
  %b0 = plan.column "y[0]" given : <f64, inner>
  %b1 = plan.column "y[1]" given : <f64, inner>
  %b2 = plan.column "y[2]" given : <f64, inner>
  %r:2 = plan.cluster "declined" 0 inner(%b0, %b1, %b2 : !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>) {
  ^bb0(%y0: f64, %y1: f64, %y2: f64):
    %one = arith.constant 1.5 : f64
    %two = arith.constant 2.0 : f64
    %three = arith.constant 3.0 : f64
    %p0 = acie.pow %y0, %one : f64
    %x0 = arith.addf %p0, %one : f64
    %p1 = acie.pow %y1, %two : f64
    %x1 = arith.addf %p1, %x0 : f64
    %p2 = acie.pow %y2, %three : f64
    %x2 = arith.addf %p2, %x1 : f64
    %z0 = arith.mulf %x2, %x0 : f64
    %z1 = arith.subf %z0, %x1 : f64
    %z2 = arith.mulf %z1, %x2 : f64
    plan.yield %x1, %z2 : f64, f64
  } -> !plan.buffer<f64, inner>, !plan.buffer<f64, inner>
}

// What sums pairs of pairs reads every step: they are kept, and the sum stands behind the loop.
// CHECK-LABEL: plan.entry @sum
// CHECK: %[[V:.*]]:6 = plan.repeat 6
// CHECK: plan.advance(%[[X:.*]] : f64) last() every(%[[X]] : f64)
// CHECK: %[[A:.*]] = arith.addf %[[V]]#0, %[[V]]#1
// CHECK: %[[B:.*]] = arith.addf %[[V]]#2, %[[V]]#3
// CHECK: %[[C:.*]] = arith.addf %[[V]]#4, %[[V]]#5
// CHECK: plan.yield
plan.entry @sum on "M" per_row reads_table reasons [] {
  %b0 = plan.column "y[0]" given : <f64, inner>
  %b1 = plan.column "y[1]" given : <f64, inner>
  %b2 = plan.column "y[2]" given : <f64, inner>
  %b3 = plan.column "y[3]" given : <f64, inner>
  %b4 = plan.column "y[4]" given : <f64, inner>
  %b5 = plan.column "y[5]" given : <f64, inner>
  %r = plan.cluster "sum" 0 inner(%b0, %b1, %b2, %b3, %b4, %b5 : !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>, !plan.buffer<f64, inner>) {
  ^bb0(%y0: f64, %y1: f64, %y2: f64, %y3: f64, %y4: f64, %y5: f64):
    %k = arith.constant 0.5 : f64
    %x0 = arith.mulf %k, %y0 : f64
    %x1 = arith.mulf %x0, %y1 : f64
    %s0 = arith.addf %x0, %x1 : f64
    %x2 = arith.mulf %x1, %y2 : f64
    %x3 = arith.mulf %x2, %y3 : f64
    %s1 = arith.addf %x2, %x3 : f64
    %x4 = arith.mulf %x3, %y4 : f64
    %x5 = arith.mulf %x4, %y5 : f64
    %s2 = arith.addf %x4, %x5 : f64
    %s = arith.addf %s0, %s1 : f64
    %z = arith.addf %s, %s2 : f64
    plan.yield %z : f64
  } -> !plan.buffer<f64, inner>
}
