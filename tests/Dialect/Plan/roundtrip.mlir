// RUN: %acie-opt %s | acie-opt | FileCheck %s

// CHECK-LABEL: plan.entry @q on "Galaxy" per_row reads_table has_draws reasons ["no"]
plan.entry @q on "Galaxy" per_row reads_table has_draws reasons ["no"] {
  // CHECK: plan.column "x" given : <f64, row>
  %x = plan.column "x" given : !plan.buffer<f64, row>
  // CHECK: plan.column "do.x" do_ask : {{.*}}, !plan.buffer<i1, row>
  %d, %p = plan.column "do.x" do_ask : !plan.buffer<f64, row>, !plan.buffer<i1, row>
  // CHECK: plan.scalar 0 "factor" argument : f64
  %f = plan.scalar 0 "factor" argument : f64
  // CHECK: plan.cluster "q.draws" 3 inner interleave 2(%{{.*}}, %{{.*}} : !plan.buffer<f64, row>, !plan.buffer<i1, row>) scalars(%{{.*}} : f64) {
  %r:2 = plan.cluster "q.draws" 3 inner interleave 2 (%x, %p : !plan.buffer<f64, row>, !plan.buffer<i1, row>) scalars (%f : f64) {
  // CHECK-NEXT: ^bb0(%{{.*}}: f64, %{{.*}}: i1, %{{.*}}: f64):
  ^bb0(%a: f64, %b: i1, %s: f64):
    %u = acie.uniform "u" : f64
    %v = arith.addf %u, %a : f64
    %w = arith.select %b, %v, %s : f64
    %z = arith.constant 0 : i32
    // CHECK: plan.yield %{{.*}}, %{{.*}} : f64, i32
    plan.yield %w, %z : f64, i32
  // CHECK: } -> !plan.buffer<f64, inner>, !plan.buffer<i32, inner>
  } -> !plan.buffer<f64, inner>, !plan.buffer<i32, inner>
  // CHECK: plan.reduce mean %{{.*}} : !plan.buffer<f64, inner> -> <f64, row>, !plan.buffer<f64, row>
  %m, %se = plan.reduce mean %r#0 : !plan.buffer<f64, inner> -> !plan.buffer<f64, row>, !plan.buffer<f64, row>
  // CHECK: plan.reduce quantile level 0.9{{[0-9]*}} %
  %q = plan.reduce quantile level 0.95 %r#0 : !plan.buffer<f64, inner> -> !plan.buffer<f64, row>
  // CHECK: plan.reduce count -> <f64, table>
  %n = plan.reduce count -> !plan.buffer<f64, table>
  // CHECK: plan.output "m" %{{.*}} : !plan.buffer<f64, row>
  plan.output "m" %m : !plan.buffer<f64, row>
  // CHECK: plan.output "m.se" jackknife_of 0
  plan.output "m.se" jackknife_of 0
  // CHECK: plan.status %{{.*}} : <i32, inner>
  plan.status %r#1 : !plan.buffer<i32, inner>
}
