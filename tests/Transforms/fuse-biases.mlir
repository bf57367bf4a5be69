// RUN: %acie-opt %s --acie-fuse-biases | FileCheck %s

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
  // CHECK-NEXT: acie.tanh %[[E]] : f64
  %h = plan.cluster "layer" 0 inner(%c, %b : !plan.buffer<tensor<2xf64>, inner>, !plan.buffer<tensor<2xf64>, table>) {
  ^bb0(%e: f64, %f: f64):
    %s = arith.addf %e, %f : f64
    %t = acie.tanh %s : f64
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
  plan.output "h" %h : !plan.buffer<tensor<2xf64>, inner>
  plan.output "i" %i : !plan.buffer<tensor<2xf64>, inner>
}
