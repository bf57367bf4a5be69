// RUN: %acie-opt %s --acie-require-solutions | FileCheck %s

acie.model @M {
  acie.input @a : tensor<2x2xf64>
}

// What is returned must not be the NaN of a matrix without an inverse; what does not depend on it need not.
// CHECK-LABEL: acie.query @returned
acie.query @returned on @M evidence per_row reads_table {
  acie.program {
    %a = acie.column "a" input : tensor<2x2xf64>
    %i = acie.routine inverse %a : tensor<2x2xf64> to tensor<2x2xf64>
    // CHECK: %[[X:.*]] = acie.view %{{.*}} at 0 by []
    %x = acie.view %i at 0 by [] : tensor<2x2xf64> to f64
    // CHECK: %[[C:.*]] = arith.cmpf ord, %[[X]], %[[X]] : f64
    // CHECK: acie.require %[[C]] "a matrix is singular or not positive definite
    %s = acie.fold sum %a : tensor<2x2xf64> to f64
    // CHECK-NOT: acie.require
    acie.output "x" value %x : f64
    acie.output "s" value %s : f64
  }
}

// A comparison does not show it: the inverse itself is asked.
// CHECK-LABEL: acie.query @compared
acie.query @compared on @M evidence per_row reads_table {
  acie.program {
    %a = acie.column "a" input : tensor<2x2xf64>
    // CHECK: %[[I:.*]] = acie.routine inverse
    %i = acie.routine inverse %a : tensor<2x2xf64> to tensor<2x2xf64>
    // CHECK: %[[C:.*]] = arith.cmpf ord, %[[I]], %[[I]] : tensor<2x2xf64>
    // CHECK: %[[ALL:.*]] = acie.fold all %[[C]]
    // CHECK: acie.require %[[ALL]]
    %x = acie.view %i at 0 by [] : tensor<2x2xf64> to f64
    %zero = arith.constant 0.0 : f64
    %c = arith.cmpf ogt, %x, %zero : f64
    acie.output "positive" value %c : i1
  }
}

// Sums along an axis always have a result.
// CHECK-LABEL: acie.query @sums
acie.query @sums on @M evidence per_row reads_table {
  acie.program {
    %a = acie.column "a" input : tensor<2x2xf64>
    %s = acie.routine cumsum %a : tensor<2x2xf64> to tensor<2x2xf64>
    // CHECK-NOT: acie.require
    acie.output "s" value %s : tensor<2x2xf64>
  }
}
