// RUN: %acie-opt %s --acie-build-plan | FileCheck %s
// All phases on one model: y = tanh(x) + log(v), v exponential, z = x + y; x shifted, everything else kept.

acie.model @Chain {
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  acie.exo @v law "exponential(1)" : f64 {
    %n = acie.sample "v" std_exponential : f64
    acie.yield %n : f64
  } support {
  ^bb0(%v: f64):
    %zero = arith.constant 0.0 : f64
    %in = arith.cmpf oge, %v, %zero : f64
    acie.yield %in : i1
  }
  acie.var @x(@u) : f64 {
  ^bb0(%u: f64):
    acie.yield %u : f64
  }
  acie.var @y(@x, @v) : f64 {
  ^bb0(%x: f64, %v: f64):
    %t = acie.tanh %x : f64
    %l = acie.log %v : f64
    %y = arith.addf %t, %l : f64
    acie.yield %y : f64
  }
  acie.var @z(@x, @y) : f64 {
  ^bb0(%x: f64, %y: f64):
    %s = arith.addf %x, %y : f64
    acie.yield %s : f64
  }
}

// CHECK-LABEL: plan.entry @shifted on "Chain" per_row reads_table reasons
acie.query @shifted on @Chain evidence per_row reads_table {
  acie.given @x
  acie.given @y
  acie.recover @u from @x
  acie.recover @v from @y
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
    %z = acie.ref @z in 1 : f64
    %y0 = acie.ref @y in 0 : f64
    acie.output "z" value %z : f64
    acie.output "y0" value %y0 : f64
  }
}
// The noise of x is not recovered: nothing returned depends on it.
// CHECK-DAG:  %[[XC:.*]] = plan.column "x" given
// CHECK-DAG:  %[[YC:.*]] = plan.column "y" given
// CHECK:      plan.cluster "shifted.rows" 0 inner(%{{.*}}, %{{.*}} : !plan.buffer<f64, inner>, !plan.buffer<f64, inner>) scalars(%{{.*}} : f64)
// CHECK-NEXT: ^bb0(%[[X:.*]]: f64, %[[Y:.*]]: f64, %[[S:.*]]: f64):
// CHECK:        %[[X1:.*]] = arith.addf %[[X]], %[[S]]
// CHECK:        %[[T0:.*]] = acie.tanh %[[X]]
// CHECK:        %[[L:.*]] = arith.subf %[[Y]], %[[T0]]
// CHECK:        %[[V:.*]] = acie.exp %[[L]]
// CHECK:        %[[T1:.*]] = acie.tanh %[[X1]]
// CHECK:        %[[LV:.*]] = acie.log %[[V]]
// CHECK:        %[[F:.*]] = arith.addf %[[T1]], %[[LV]]
// CHECK:        %[[SAME:.*]] = arith.cmpi eq
// CHECK:        %[[Y1:.*]] = arith.select %[[SAME]], %[[Y]], %[[F]]
// CHECK:        arith.addf %[[X1]], %[[Y1]]
// CHECK-NOT:  plan.cluster
// CHECK:      plan.output "z"
// CHECK-NEXT: plan.output "y0" %[[YC]]
// CHECK-NEXT: plan.status

// A hard intervention with nothing random left: no draws, whatever the query's mode.
// CHECK-LABEL: plan.entry @fixed on "Chain" per_row reasons []
acie.query @fixed on @Chain population per_row {
  acie.random @u
  acie.random @v
  acie.world "factual" {
  }
  acie.world "" {
    acie.do @x {
      %s = acie.slot "x" do : f64
      acie.yield %s : f64
    }
  }
  acie.answer {
    %x = acie.ref @x in 1 : f64
    %m = acie.expect mean %x : f64 -> f64
    acie.output "x" value %m : f64
  }
}
// CHECK-NEXT: plan.scalar 0 "x" do : f64
// CHECK-NOT:  acie.uniform
// CHECK:      plan.output "x"

// The answer of a population: draws, then their mean with its error.
// CHECK-LABEL: plan.entry @average on "Chain" per_row has_draws reasons []
acie.query @average on @Chain population per_row {
  acie.random @u
  acie.random @v
  acie.world "factual" {
  }
  acie.answer {
    %z = acie.ref @z in 0 : f64
    %m = acie.expect mean %z : f64 -> f64
    acie.output "z" value %m : f64
    acie.output "z.se" standard_error %m : f64
  }
}
// CHECK:      plan.cluster "average.draws" {{[0-9]+}} inner()
// CHECK-DAG:    acie.uniform "u" : f64
// CHECK-DAG:    acie.uniform "v" : f64
// CHECK:      %[[M:.*]], %[[SE:.*]] = plan.reduce mean
// CHECK-NEXT: plan.output "z" %[[M]]
// CHECK-NEXT: plan.output "z.se" %[[SE]]

// CHECK-NOT: acie.model
