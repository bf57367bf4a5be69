// RUN: %acie-opt %s --acie-invert-mechanism --split-input-file --verify-diagnostics | FileCheck %s

acie.model @M {
  acie.input @z : f64
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  // x = tanh(z) - exp(2 u)^3
  acie.var @x(@z, @u) : f64 {
  ^bb0(%z: f64, %u: f64):
    %two = arith.constant 2.0 : f64
    %three = arith.constant 3.0 : f64
    %a = acie.tanh %z : f64
    %b = arith.mulf %two, %u : f64
    %c = acie.exp %b : f64
    %d = acie.pow %c, %three : f64
    %e = arith.subf %a, %d : f64
    acie.yield %e : f64
  }
  // x = z u + (u - z) / 2
  acie.var @linear(@z, @u) : f64 {
  ^bb0(%z: f64, %u: f64):
    %two = arith.constant 2.0 : f64
    %a = arith.mulf %z, %u : f64
    %b = arith.subf %u, %z : f64
    %c = arith.divf %b, %two : f64
    %d = arith.addf %a, %c : f64
    acie.yield %d : f64
  }
  // x = if z > 2 then exp(u) else -u
  acie.var @branches(@z, @u) : f64 {
  ^bb0(%z: f64, %u: f64):
    %two = arith.constant 2.0 : f64
    %c = arith.cmpf ogt, %z, %two : f64
    %a = acie.exp %u : f64
    %b = arith.negf %u : f64
    %r = arith.select %c, %a, %b : f64
    acie.yield %r : f64
  }
}

acie.query @q on @M evidence per_row reads_table {
  acie.world "factual" {
  }
  // CHECK: acie.program {
  acie.program {
    %x = acie.column "x" given : f64
    %z = acie.column "z" input : f64
    // CHECK:      %[[X:.*]] = acie.column "x"
    // CHECK:      %[[Z:.*]] = acie.column "z"
    // CHECK:      %[[A:.*]] = acie.tanh %[[Z]]
    // CHECK-NEXT: %[[D:.*]] = arith.subf %[[A]], %[[X]]
    // CHECK-NEXT: %[[C:.*]] = acie.cbrt %[[D]]
    // CHECK-NEXT: %[[B:.*]] = acie.log %[[C]]
    // CHECK-NEXT: %[[U:.*]] = arith.divf %[[B]], %{{.*}}
    %0 = acie.abduct @u from @x %x(%z) : (f64, f64) -> f64
    // CHECK: acie.output "path" value %[[U]]
    acie.output "path" value %0 : f64

    // slope z + 1/2, offset -z/2
    // CHECK: %[[HALF:.*]] = arith.divf
    // CHECK: %[[SLOPE:.*]] = arith.addf %[[Z]], %[[HALF]]
    // CHECK: %[[REST:.*]] = arith.subf %[[X]], %{{.*}}
    // CHECK: %[[V:.*]] = arith.divf %[[REST]], %[[SLOPE]]
    // No number where the slope is infinite:
    // CHECK: %[[GAP:.*]] = arith.subf %[[SLOPE]], %[[SLOPE]]
    // CHECK: %[[U:.*]] = arith.subf %[[V]], %[[GAP]]
    %1 = acie.abduct @u from @linear %x(%z) affine : (f64, f64) -> f64
    // CHECK: acie.output "affine" value %[[U]]
    acie.output "affine" value %1 : f64

    // CHECK:     %[[COND:.*]] = arith.cmpf ogt, %[[Z]]
    // CHECK-DAG: %[[YES:.*]] = acie.log %[[X]]
    // CHECK-DAG: %[[NO:.*]] = arith.negf %[[X]]
    // CHECK:     %[[U:.*]] = arith.select %[[COND]], %[[YES]], %[[NO]]
    %2 = acie.abduct @u from @branches %x(%z) : (f64, f64) -> f64
    // CHECK: acie.output "branches" value %[[U]]
    acie.output "branches" value %2 : f64

    // log |dx/du| of the branches: u and 0.
    // CHECK:     %[[LOG:.*]] = acie.log %[[X]]
    // CHECK:     arith.addf %{{.*}}, %[[LOG]]
    // CHECK:     %[[J:.*]] = arith.select
    %3, %j = acie.abduct @u from @branches %x(%z) : (f64, f64) -> f64, f64
    // CHECK: acie.output "jacobian"
    acie.output "jacobian" value %j : f64
  }
  // CHECK-NOT: acie.abduct
}

// -----

acie.model @M {
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  acie.var @x(@u) : f64 {
  ^bb0(%u: f64):
    // expected-note @+1 {{at this operation}}
    %a = acie.abs %u : f64
    acie.yield %a : f64
  }
}
acie.query @q on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    // expected-error @+1 {{cannot solve the equation of @x for @u: the operation has no inverse}}
    %0 = acie.abduct @u from @x %x() : (f64) -> f64
    acie.output "u" value %0 : f64
  }
}

// -----

acie.model @M {
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  acie.var @x(@u) : f64 {
  ^bb0(%u: f64):
    %a = acie.exp %u : f64
    // expected-note @+1 {{at this operation}}
    %b = arith.addf %a, %u : f64
    acie.yield %b : f64
  }
}
acie.query @q on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    // expected-error @+1 {{cannot solve the equation of @x for @u: the noise reaches two operands}}
    %0 = acie.abduct @u from @x %x() : (f64) -> f64
    acie.output "u" value %0 : f64
  }
}

// -----

acie.model @M {
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  acie.var @x(@u) : f64 {
  ^bb0(%u: f64):
    // expected-note @+1 {{at this operation}}
    %a = arith.mulf %u, %u : f64
    acie.yield %a : f64
  }
}
acie.query @q on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    // expected-error @+1 {{cannot solve the equation of @x for @u: it is not linear in the noise}}
    %0 = acie.abduct @u from @x %x() affine : (f64) -> f64
    acie.output "u" value %0 : f64
  }
}

// -----

acie.model @M {
  acie.exo @u law "normal(0, 1)" : f64 {
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  acie.var @x(@u) : f64 {
  ^bb0(%u: f64):
    %zero = arith.constant 0.0 : f64
    %c = arith.cmpf ogt, %u, %zero : f64
    // expected-note @+1 {{at this operation}}
    %r = arith.select %c, %u, %zero : f64
    acie.yield %r : f64
  }
}
acie.query @q on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    // expected-error @+1 {{cannot solve the equation of @x for @u: the condition depends on the noise}}
    %0 = acie.abduct @u from @x %x() : (f64) -> f64
    acie.output "u" value %0 : f64
  }
}

// -----

// A product with a square matrix is a system of equations; the vector as a column and back.
acie.model @M {
  acie.input @a : tensor<3x3xf64>
  acie.exo @u law "normal(0, 1)" : tensor<3xf64> {
    %n = acie.sample "u" std_normal : tensor<3xf64>
    acie.yield %n : tensor<3xf64>
  }
  acie.var @x(@a, @u) : tensor<3xf64> {
  ^bb0(%a: tensor<3x3xf64>, %u: tensor<3xf64>):
    %c = acie.view %u at 0 by [1, 1] : tensor<3xf64> to tensor<3x1xf64>
    %p = acie.contract %a, %c : tensor<3x3xf64>, tensor<3x1xf64> to tensor<3xf64>
    acie.yield %p : tensor<3xf64>
  }
}
// CHECK-LABEL: acie.query @system
acie.query @system on @M evidence per_row reads_table {
  acie.program {
    %a = acie.column "a" input : tensor<3x3xf64>
    %x = acie.column "x" given : tensor<3xf64>
    // CHECK: %[[Y:.*]] = acie.view %{{.*}} at 0 by [1, 1] : tensor<3xf64> to tensor<3x1xf64>
    // CHECK: %[[S:.*]] = acie.routine solve %{{.*}}, %[[Y]] : tensor<3x3xf64>, tensor<3x1xf64> to tensor<3x1xf64>
    // CHECK: acie.view %[[S]] at 0 by [1] : tensor<3x1xf64> to tensor<3xf64>
    %0 = acie.abduct @u from @x %x(%a) : (tensor<3xf64>, tensor<3x3xf64>) -> tensor<3xf64>
    acie.output "u" value %0 : tensor<3xf64>
  }
}

// -----

// x = a + b, y = 2 a - z b: coefficients of the noises, and what is left of the evidence.
acie.model @M {
  acie.input @z : f64
  acie.exo @a law "normal(0, 1)" : f64 {
    %n = acie.sample "a" std_normal : f64
    acie.yield %n : f64
  }
  acie.exo @b law "normal(0, 1)" : f64 {
    %n = acie.sample "b" std_normal : f64
    acie.yield %n : f64
  }
  acie.var @x(@a, @b) : f64 {
  ^bb0(%a: f64, %b: f64):
    %s = arith.addf %a, %b : f64
    acie.yield %s : f64
  }
  acie.var @y(@a, @z, @b) : f64 {
  ^bb0(%a: f64, %z: f64, %b: f64):
    %two = arith.constant 2.0 : f64
    %p = arith.mulf %two, %a : f64
    %q = arith.mulf %z, %b : f64
    %s = arith.subf %p, %q : f64
    %r = arith.addf %s, %z : f64
    acie.yield %r : f64
  }
}
// CHECK-LABEL: acie.query @together
acie.query @together on @M evidence per_row reads_table {
  acie.program {
    // CHECK-DAG: %[[Z:.*]] = acie.column "z"
    %z = acie.column "z" input : f64
    // CHECK-DAG: %[[X:.*]] = acie.column "x"
    %x = acie.column "x" given : f64
    // CHECK-DAG: %[[Y:.*]] = acie.column "y"
    %y = acie.column "y" given : f64
    // CHECK: %[[B:.*]] = arith.negf %[[Z]]
    // CHECK: %[[REST:.*]] = arith.subf %[[Y]], %[[Z]]
    // CHECK: %[[M:.*]] = acie.concat %{{.*}}, %{{.*}}, %{{.*}}, %[[B]] : f64, f64, f64, f64 to tensor<2x2xf64>
    // CHECK: %[[R:.*]] = acie.concat %[[X]], %[[REST]] : f64, f64 to tensor<2xf64>
    // CHECK: %[[S:.*]] = acie.routine solve %[[M]], %[[R]]
    // CHECK: acie.view %[[S]] at 0 by [] : tensor<2xf64> to f64
    // CHECK: acie.view %[[S]] at 1 by [] : tensor<2xf64> to f64
    %u:2 = acie.abduct_together(@a, @b) from(@x, @y) %x, %y with %z : (f64, f64, f64) -> (f64, f64)
    acie.output "a" value %u#0 : f64
    acie.output "b" value %u#1 : f64
  }
}
