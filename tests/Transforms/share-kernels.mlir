// RUN: %acie-opt %s --acie-share-kernels | FileCheck %s

// Steps with one body share a kernel, whatever buffers they read; another constant, operand or per-run value does not.
// CHECK-LABEL: plan.entry @steps
plan.entry @steps on "M"  per_row reads_table reasons [] {
  %x = plan.column "x" given : <f64, inner>
  %s = plan.scalar 0 "s" argument : f64
  %t = plan.scalar 1 "t" argument : f64
  // CHECK: plan.cluster "a" 0
  %a = plan.cluster "a" 0 inner(%x : !plan.buffer<f64, inner>) scalars(%s : f64) {
  ^bb0(%e: f64, %f: f64):
    %y = arith.mulf %e, %f : f64
    plan.yield %y : f64
  } -> !plan.buffer<f64, inner>
  // CHECK: plan.cluster "b" 0
  %b = plan.cluster "b" 1 inner(%a : !plan.buffer<f64, inner>) scalars(%s : f64) {
  ^bb0(%e: f64, %f: f64):
    %y = arith.mulf %e, %f : f64
    plan.yield %y : f64
  } -> !plan.buffer<f64, inner>
  // CHECK: plan.cluster "other scalar" 1
  %c = plan.cluster "other scalar" 2 inner(%b : !plan.buffer<f64, inner>) scalars(%t : f64) {
  ^bb0(%e: f64, %f: f64):
    %y = arith.mulf %e, %f : f64
    plan.yield %y : f64
  } -> !plan.buffer<f64, inner>
  // CHECK: plan.cluster "other operands" 2
  %d = plan.cluster "other operands" 3 inner(%c : !plan.buffer<f64, inner>) scalars(%s : f64) {
  ^bb0(%e: f64, %f: f64):
    %y = arith.mulf %e, %e : f64
    plan.yield %y : f64
  } -> !plan.buffer<f64, inner>
  plan.output "d" %d : !plan.buffer<f64, inner>
}
