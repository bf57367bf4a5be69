// RUN: %acie-opt %s --acie-fuse-epilogues --split-input-file | FileCheck %s

// The product adds the bias; what else the cluster does stays. A bias per row, or a product used twice, stays where it is.
// CHECK-LABEL: plan.entry @net
plan.entry @net on "M"  per_row reads_table reasons [] {
  %x = plan.column "x" given : <tensor<3x1xf64>, inner>
  %z = plan.column "z" given : <tensor<2xf64>, inner>
  %w = plan.parameter "w" : <tensor<2x3xf64>, table>
  %b = plan.parameter "b" : <tensor<2xf64>, table>
  // CHECK: %[[C:.*]] = plan.tensor contract(%{{.*}}, %{{.*}}, %{{.*}}) : !plan.buffer<tensor<2x3xf64>, table>, !plan.buffer<tensor<3x1xf64>, inner>, !plan.buffer<tensor<2xf64>, table> -> <tensor<2xf64>, inner>
  %c = plan.tensor contract(%w, %x) : !plan.buffer<tensor<2x3xf64>, table>, !plan.buffer<tensor<3x1xf64>, inner> -> <tensor<2xf64>, inner>
  // CHECK: plan.cluster "layer" 0 inner(%[[C]] : !plan.buffer<tensor<2xf64>, inner>)
  // CHECK-NEXT: ^bb0(%[[E:.*]]: f64):
  // CHECK-NEXT: acie.exp %[[E]] : f64
  %h = plan.cluster "layer" 0 inner(%c, %b : !plan.buffer<tensor<2xf64>, inner>, !plan.buffer<tensor<2xf64>, table>) {
  ^bb0(%e: f64, %f: f64):
    %s = arith.addf %e, %f : f64
    %t = acie.exp %s : f64
    plan.yield %t : f64
  } -> !plan.buffer<tensor<2xf64>, inner>
  // CHECK: %[[D:.*]] = plan.tensor contract(%{{.*}}, %{{.*}}) :
  %d = plan.tensor contract(%w, %x) : !plan.buffer<tensor<2x3xf64>, table>, !plan.buffer<tensor<3x1xf64>, inner> -> <tensor<2xf64>, inner>
  // CHECK: plan.cluster "by row" 1 inner(%[[D]], %{{.*}} :
  %i = plan.cluster "by row" 1 inner(%d, %z : !plan.buffer<tensor<2xf64>, inner>, !plan.buffer<tensor<2xf64>, inner>) {
  ^bb0(%e: f64, %f: f64):
    %s = arith.addf %e, %f : f64
    plan.yield %s : f64
  } -> !plan.buffer<tensor<2xf64>, inner>
  // A cluster of which nothing is left goes.
  // CHECK-NOT: plan.cluster
  // CHECK: %[[N:.*]] = plan.tensor contract(%{{.*}}, %{{.*}}, %{{.*}}) :
  %n = plan.tensor contract(%w, %x) : !plan.buffer<tensor<2x3xf64>, table>, !plan.buffer<tensor<3x1xf64>, inner> -> <tensor<2xf64>, inner>
  %j = plan.cluster "sum" 2 inner(%n, %b : !plan.buffer<tensor<2xf64>, inner>, !plan.buffer<tensor<2xf64>, table>) {
  ^bb0(%e: f64, %f: f64):
    %s = arith.addf %e, %f : f64
    plan.yield %s : f64
  } -> !plan.buffer<tensor<2xf64>, inner>
  // CHECK: plan.output "j" %[[N]]
  plan.output "j" %j : !plan.buffer<tensor<2xf64>, inner>
  plan.output "h" %h : !plan.buffer<tensor<2xf64>, inner>
  plan.output "i" %i : !plan.buffer<tensor<2xf64>, inner>
}

// -----

// Activations: of a product used once, and where the cluster does nothing else.
// CHECK-LABEL: plan.entry @activations
plan.entry @activations on "M"  per_row reads_table reasons [] {
  %x = plan.column "x" given : <tensor<3x1xf64>, inner>
  %w = plan.parameter "w" : <tensor<2x3xf64>, table>
  %b = plan.parameter "b" : <tensor<2xf64>, table>
  // CHECK: %[[H:.*]] = plan.tensor contract then tanh(%{{.*}}, %{{.*}}, %{{.*}}) :
  %c = plan.tensor contract(%w, %x) : !plan.buffer<tensor<2x3xf64>, table>, !plan.buffer<tensor<3x1xf64>, inner> -> <tensor<2xf64>, inner>
  %h = plan.cluster "layer" 0 inner(%c, %b : !plan.buffer<tensor<2xf64>, inner>, !plan.buffer<tensor<2xf64>, table>) {
  ^bb0(%e: f64, %f: f64):
    %s = arith.addf %e, %f : f64
    %t = acie.tanh %s : f64
    plan.yield %t : f64
  } -> !plan.buffer<tensor<2xf64>, inner>
  // CHECK-NOT: plan.cluster
  // CHECK: %[[G:.*]] = plan.tensor contract then gelu
  %d = plan.tensor contract(%w, %x) : !plan.buffer<tensor<2x3xf64>, table>, !plan.buffer<tensor<3x1xf64>, inner> -> <tensor<2xf64>, inner>
  %g = plan.cluster "gelu" 1 inner(%d : !plan.buffer<tensor<2xf64>, inner>) {
  ^bb0(%e: f64):
    %p = acie.norm_cdf %e : f64
    %t = arith.mulf %e, %p : f64
    plan.yield %t : f64
  } -> !plan.buffer<tensor<2xf64>, inner>
  // CHECK: plan.tensor contract(
  // CHECK: plan.cluster "more"
  %k = plan.tensor contract(%w, %x) : !plan.buffer<tensor<2x3xf64>, table>, !plan.buffer<tensor<3x1xf64>, inner> -> <tensor<2xf64>, inner>
  %m = plan.cluster "more" 2 inner(%k : !plan.buffer<tensor<2xf64>, inner>) {
  ^bb0(%e: f64):
    %p = acie.tanh %e : f64
    %t = arith.addf %e, %p : f64
    plan.yield %t : f64
  } -> !plan.buffer<tensor<2xf64>, inner>
  // CHECK: plan.output "h" %[[H]]
  // CHECK: plan.output "g" %[[G]]
  plan.output "h" %h : !plan.buffer<tensor<2xf64>, inner>
  plan.output "g" %g : !plan.buffer<tensor<2xf64>, inner>
  plan.output "m" %m : !plan.buffer<tensor<2xf64>, inner>
}
