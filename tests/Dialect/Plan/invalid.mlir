// RUN: %acie-opt %s --split-input-file --verify-diagnostics

plan.entry @q on "M" per_row reasons [] {
  // expected-error @+1 {{has a presence result exactly when its role is do_ask}}
  %x = plan.column "do.x" do_ask : !plan.buffer<f64, row>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  // expected-error @+1 {{a buffer's element is f64, f32, i64, i32 or i1, not 'i8'}}
  %x = plan.column "x" given : !plan.buffer<i8, row>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  %x = plan.column "x" given : !plan.buffer<f64, inner>
  // expected-error @+1 {{input 0 lies in the space 'inner', which is inside the cluster's}}
  %r = plan.cluster "k" 0 row (%x : !plan.buffer<f64, inner>) {
  ^bb0(%a: f64):
    plan.yield %a : f64
  } -> !plan.buffer<f64, row>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  %x = plan.column "x" given : !plan.buffer<f64, inner>
  // expected-error @+1 {{input 0 holds 'f64' but its block argument is 'i64'}}
  %r = plan.cluster "k" 0 inner (%x : !plan.buffer<f64, inner>) {
  ^bb0(%a: i64):
    plan.yield %a : i64
  } -> !plan.buffer<i64, inner>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  %x = plan.column "x" given : !plan.buffer<f64, inner>
  // expected-error @+1 {{yields 1 values for 2 results}}
  %r:2 = plan.cluster "k" 0 inner (%x : !plan.buffer<f64, inner>) {
  ^bb0(%a: f64):
    plan.yield %a : f64
  } -> !plan.buffer<f64, inner>, !plan.buffer<f64, inner>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  %x = plan.column "x" given : !plan.buffer<f64, row>
  // expected-error @+1 {{goes from the space 'row' to 'inner', which is not outside it}}
  %m = plan.reduce mean %x : !plan.buffer<f64, row> -> !plan.buffer<f64, inner>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  %x = plan.column "x" given : !plan.buffer<tensor<3xf64>, inner>
  // expected-error @+1 {{has a result of another shape than its operand}}
  %m = plan.reduce mean %x : !plan.buffer<tensor<3xf64>, inner> -> !plan.buffer<f64, row>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  // expected-error @+1 {{counts into a number}}
  %n = plan.reduce count -> !plan.buffer<tensor<3xf64>, table>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  // expected-error @+1 {{without an operand is only for count}}
  %m = plan.reduce mean -> !plan.buffer<f64, table>
}

// -----

plan.entry @q on "M" per_row reasons [] {
  // expected-error @+1 {{has either a buffer or jackknife_of}}
  plan.output "x"
}

// -----

plan.entry @q on "M" per_row reasons [] {
  %x = plan.column "x" given : !plan.buffer<f64, row>
  // expected-error @+1 {{takes an i32 buffer}}
  plan.status %x : !plan.buffer<f64, row>
}
