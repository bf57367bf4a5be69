// RUN: %acie-opt %s | acie-opt | FileCheck %s
// Operations on tensors print as they are read; arithmetic and functions are those of numbers.

// CHECK-LABEL: acie.model @Tensors
acie.model @Tensors {
  acie.input @x : f64
  acie.input @m : tensor<4x3xf64>
  acie.input @k : tensor<2xi64>
  // CHECK: acie.var @y (@x, @m, @k) : f64
  acie.var @y(@x, @m, @k) : f64 {
  ^bb0(%x: f64, %m: tensor<4x3xf64>, %k: tensor<2xi64>):
    // CHECK: acie.splat %{{.*}} : f64 to tensor<4x3xf64>
    %s = acie.splat %x : f64 to tensor<4x3xf64>
    // CHECK: arith.mulf %{{.*}}, %{{.*}} : tensor<4x3xf64>
    %p = arith.mulf %m, %s : tensor<4x3xf64>
    // CHECK: acie.exp %{{.*}} : tensor<4x3xf64>
    %e = acie.exp %p : tensor<4x3xf64>
    // CHECK: acie.view %{{.*}} at 11 by [-1, -4] : tensor<4x3xf64> to tensor<3x2xf64>
    %v = acie.view %e at 11 by [-1, -4] : tensor<4x3xf64> to tensor<3x2xf64>
    // CHECK: acie.contract %{{.*}}, %{{.*}} : tensor<4x3xf64>, tensor<3x2xf64> to tensor<4x2xf64>
    %v2 = acie.view %v at 0 by [1, 2] : tensor<3x2xf64> to tensor<2x3xf64>
    %c = acie.contract %m, %v : tensor<4x3xf64>, tensor<3x2xf64> to tensor<4x2xf64>
    // CHECK: acie.fold sum %{{.*}} : tensor<4x2xf64> to tensor<4xf64>
    %f = acie.fold sum %c : tensor<4x2xf64> to tensor<4xf64>
    // CHECK: acie.gather %{{.*}} at %{{.*}} : tensor<4xf64>, tensor<2xi64> to tensor<2xf64>
    %g = acie.gather %f at %k : tensor<4xf64>, tensor<2xi64> to tensor<2xf64>
    // CHECK: acie.concat %{{.*}}, %{{.*}} : tensor<2xf64>, f64 to tensor<3xf64>
    %j = acie.concat %g, %x : tensor<2xf64>, f64 to tensor<3xf64>
    // CHECK: acie.fold max %{{.*}} : tensor<3xf64> to f64
    %r = acie.fold max %j : tensor<3xf64> to f64
    // CHECK: acie.routine cholesky %{{.*}} : tensor<3x3xf64> to tensor<3x3xf64>
    %w = acie.contract %v, %v2 : tensor<3x2xf64>, tensor<2x3xf64> to tensor<3x3xf64>
    %l = acie.routine cholesky %w : tensor<3x3xf64> to tensor<3x3xf64>
    // CHECK: acie.routine solve_lower %{{.*}}, %{{.*}} : tensor<3x3xf64>, tensor<3xf64> to tensor<3xf64>
    %q = acie.routine solve_lower %l, %j : tensor<3x3xf64>, tensor<3xf64> to tensor<3xf64>
    // CHECK: acie.routine argmax %{{.*}} : tensor<3xf64> to i64
    %at = acie.routine argmax %q : tensor<3xf64> to i64
    acie.yield %r : f64
  }
}
