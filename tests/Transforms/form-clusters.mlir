// RUN: %acie-opt %s --acie-form-clusters="report=true" --split-input-file 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks

// One cluster for all worlds, whatever fans out; a known column is answered as it was read; the last requirement that
// fails names the status, which follows the conditions as they become known.
// REMARK: cluster 'rows.rows' over inner: {{[0-9]+}} operations, 1 inputs, 1 scalars, 3 outputs
// CHECK-LABEL: plan.entry @rows on "M" per_row reads_table reasons ["first", "second"]
acie.model @M {
}
acie.query @rows on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    %s = acie.slot "shift" argument : f64
    %e = acie.exp %x : f64
    %a = arith.addf %e, %s : f64
    %b = arith.mulf %e, %e : f64
    %c = arith.cmpf ogt, %a, %b : f64
    %d = arith.cmpf ogt, %b, %a : f64
    acie.require %c "first"
    acie.require %d "second"
    acie.require %c "second"
    acie.output "a" value %a : f64
    acie.output "b" value %b : f64
    acie.output "x" value %x : f64
  }
}
// CHECK-NEXT: %[[X:.*]] = plan.column "x" given
// CHECK-NEXT: %[[S:.*]] = plan.scalar 0 "shift" argument : f64
// CHECK-NEXT: %[[R:.*]]:3 = plan.cluster "rows.rows" 0 inner(%[[X]] : !plan.buffer<f64, inner>) scalars(%[[S]] : f64)
// CHECK-DAG:    %[[OK:.*]] = arith.constant 0 : i64
// CHECK-DAG:    %[[ONE:.*]] = arith.constant 1 : i64
// CHECK-DAG:    %[[TWO:.*]] = arith.constant 2 : i64
// CHECK:        %[[C:.*]] = arith.cmpf ogt
// CHECK-NEXT:   %[[S1:.*]] = arith.select %[[C]], %[[OK]], %[[ONE]] : i64
// CHECK-NEXT:   %[[S2:.*]] = arith.select %[[C]], %[[S1]], %[[TWO]] : i64
// CHECK-NEXT:   %[[D:.*]] = arith.cmpf ogt
// CHECK-NEXT:   %[[S3:.*]] = arith.select %[[D]], %[[S2]], %[[TWO]] : i64
// CHECK-NEXT:   %[[STATUS:.*]] = arith.trunci %[[S3]] : i64 to i32
// CHECK-NEXT:   plan.yield %{{.*}}, %{{.*}}, %[[STATUS]]
// CHECK-NOT:  plan.cluster
// CHECK:      plan.output "a" %[[R]]#0
// CHECK-NEXT: plan.output "b" %[[R]]#1
// CHECK-NEXT: plan.output "x" %[[X]]
// CHECK-NEXT: plan.status %[[R]]#2

// -----

// Draws, their estimates, and what is computed from these: two clusters with reductions between. A function of several
// estimates has its error by the jackknife, a known number has none.
// CHECK-LABEL: plan.entry @draws on "M" per_row has_draws reasons []
acie.model @M {
}
acie.query @draws on @M population per_row {
  acie.program {
    %u = acie.uniform "u" : f64
    %m = acie.expect mean %u : f64 -> f64
    %v = acie.expect std_dev %u : f64 -> f64
    %r = arith.divf %m, %v : f64
    %c = arith.constant 2.0 : f64
    %k = acie.expect mean %c : f64 -> f64
    acie.output "m" value %m : f64
    acie.output "m.se" standard_error %m : f64
    acie.output "r" value %r : f64
    acie.output "r.se" standard_error %r : f64
    acie.output "k" value %k : f64
    acie.output "k.se" standard_error %k : f64
  }
}
// CHECK:      %[[U:.*]] = plan.cluster "draws.draws" {{[0-9]+}} inner()
// CHECK:      %[[M:.*]], %[[SE:.*]] = plan.reduce mean %[[U]]
// CHECK:      %[[V:.*]] = plan.reduce std_dev %[[U]]
// CHECK:      %[[R:.*]] = plan.cluster "draws.rows.1" {{[0-9]+}} row(%[[M]], %[[V]] :
// CHECK:      plan.output "m" %[[M]]
// CHECK-NEXT: plan.output "m.se" %[[SE]]
// CHECK-NEXT: plan.output "r" %[[R]]
// CHECK-NEXT: plan.output "r.se" jackknife_of 2
// CHECK-NEXT: plan.output "k" %[[K:.*]] : !plan.buffer<f64, row>
// CHECK-NEXT: plan.output "k.se"

// -----

// Over the table: rows, a summary, a cluster of one element. Violations are summarised to the answer's space.
// CHECK-LABEL: plan.entry @table on "M" once reads_table reasons []
acie.model @M {
}
acie.query @table on @M evidence once reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    %e = acie.exp %x : f64
    %m = acie.rows mean %e : f64 -> f64
    %n = acie.rows sum %x : f64 -> f64
    %q = arith.divf %m, %n : f64
    %t = arith.constant 1.0 : f64
    %h = arith.cmpf ole, %e, %t : f64
    acie.output "q" value %q : f64
    acie.violation %e, %h
  }
}
// CHECK:      %[[X:.*]] = plan.column "x" given
// CHECK:      %[[SUM:.*]] = plan.reduce sum %[[X]] : !plan.buffer<f64, inner> -> <f64, table>
// CHECK:      %[[E:.*]]:2 = plan.cluster "table.rows" 0 inner(%[[X]] :
// CHECK:      plan.reduce mean %[[E]]#{{[01]}} : !plan.buffer<f64, inner> -> <f64, table>
// CHECK:      %[[MAX:.*]] = plan.reduce max %[[E]]#{{[01]}}
// CHECK:      plan.reduce min %[[E]]#{{[01]}}
// CHECK:      %[[T:.*]]:2 = plan.cluster "table.table.1" 1 table(
// CHECK:      plan.output "q" %[[T]]#{{[01]}}
// CHECK:      plan.violation %[[MAX]], %[[T]]#{{[01]}} : <f64, table>, <i1, table>

// -----

// What depends on columns alone is computed once per row, not once per draw.
// CHECK-LABEL: plan.entry @hoisted on "M" per_row reads_table has_draws
acie.model @M {
}
acie.query @hoisted on @M population per_row reads_table {
  acie.program {
    %z = acie.column "z" input : f64
    %p = acie.present "do.x" : i1
    %v = acie.column "do.x" do_ask : f64
    %e = acie.exp %z : f64
    %u = acie.uniform "u" : f64
    %y = arith.mulf %e, %u : f64
    %x = arith.select %p, %v, %y : f64
    %m = acie.expect mean %x : f64 -> f64
    acie.output "m" value %m : f64
  }
}
// CHECK:      plan.column "z" input : <f64, row>
// CHECK:      %[[V:.*]], %[[P:.*]] = plan.column "do.x" do_ask : <f64, row>, !plan.buffer<i1, row>
// CHECK:      %[[E:.*]] = plan.cluster "hoisted.rows" 0 row(
// CHECK:        acie.exp
// CHECK:      plan.cluster "hoisted.draws" 1 inner(
// CHECK-NOT:    acie.exp
// CHECK:        acie.uniform

// -----

// Elements of tensors have clusters of their own, with scalar bodies; constants and learnt tensors lie in the table space,
// where what depends on them alone is computed once; what changes shapes stands between clusters.
// CHECK-LABEL: plan.entry @tensors on "M"
acie.model @M {
}
acie.query @tensors on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : tensor<3xf64>
    %z = acie.column "z" input : f64
    %c = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf64>
    %w = acie.slot "M.w" learn : tensor<3xf64>
    %two = arith.constant dense<2.0> : tensor<3xf64>
    %once = arith.mulf %w, %c : tensor<3xf64>
    %shift = acie.exp %z : f64
    %all = acie.splat %shift : f64 to tensor<3xf64>
    %a = arith.mulf %x, %two : tensor<3xf64>
    %b = arith.addf %a, %all : tensor<3xf64>
    %d = arith.addf %b, %once : tensor<3xf64>
    %sum = acie.fold sum %d : tensor<3xf64> to f64
    %y = arith.addf %sum, %z : f64
    acie.output "d" value %d : tensor<3xf64>
    acie.output "y" value %y : f64
  }
}
// CHECK: %[[X:.*]] = plan.column "x" given : <tensor<3xf64>, inner>
// CHECK: %[[Z:.*]] = plan.column "z" input : <f64, inner>
// CHECK: %[[C:.*]] = plan.dense dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<3xf64> : <tensor<3xf64>, table>
// CHECK: %[[W:.*]] = plan.parameter "M.w" : <tensor<3xf64>, table>
// CHECK: %[[ONCE:.*]] = plan.cluster "tensors.table.3" 0 table(
// CHECK:   arith.mulf %{{.*}}, %{{.*}} : f64
// CHECK: %[[SHIFT:.*]] = plan.cluster "tensors.rows" 1 inner(%[[Z]]
// CHECK: %[[D:.*]] = plan.cluster "tensors.rows.3" 2 inner(
// CHECK-NOT: acie.splat
// CHECK:   plan.yield %{{.*}} : f64
// CHECK: -> !plan.buffer<tensor<3xf64>, inner>
// CHECK: %[[SUM:.*]] = plan.tensor fold of sum(%[[D]]) : !plan.buffer<tensor<3xf64>, inner> -> <f64, inner>
// CHECK: plan.cluster "tensors.rows.1" 3 inner(
// CHECK: plan.output "d" %[[D]]

// -----

// A loop: its body is formed like a program of its own; what all its steps read lies outside; a value that is carried on as it
// came is copied.
// CHECK-LABEL: plan.entry @looped
acie.model @M {
}
acie.query @looped on @M evidence per_row reads_table {
  acie.program {
    %x = acie.column "x" given : f64
    %w = acie.column "w" given : tensor<40xf64>
    %k = acie.slot "k" argument : f64
    %last:2, %every:2 = acie.loop 40 from(%x, %x) over(%w) with(%k) : (f64, f64), (tensor<40xf64>), (f64) {
    ^bb0(%c: f64, %d: f64, %e: f64, %f: f64):
      %p = arith.mulf %c, %f : f64
      %n = arith.addf %p, %e : f64
      acie.next %n, %c : f64, f64
    } -> (f64, f64), (tensor<40xf64>, tensor<40xf64>)
    acie.output "last" value %last#0 : f64
    acie.output "every" value %every#1 : tensor<40xf64>
  }
}
// CHECK-DAG: %[[X:.*]] = plan.column "x" given
// CHECK-DAG: %[[W:.*]] = plan.column "w" given
// CHECK-DAG: %[[K:.*]] = plan.cluster "looped.table"
// CHECK: %[[LAST:.*]], %[[EVERY:.*]] = plan.loop 40 from(%[[X]], %[[X]]) over(%[[W]]) last [0] every [1]
// CHECK-NEXT: ^bb0(%[[C:.*]]: !plan.buffer<f64, inner>, %{{.*}}: !plan.buffer<f64, inner>, %[[E:.*]]: !plan.buffer<f64, inner>):
// CHECK-NEXT:   %[[N:.*]] = plan.cluster "looped.step.rows" {{.*}} inner(%[[C]], %[[E]], %[[K]] :
// CHECK:        %[[D:.*]] = plan.tensor view at 0 by [](%[[C]])
// CHECK-NEXT:   plan.next %[[N]], %[[D]]
// CHECK: plan.output "last" %[[LAST]]
// CHECK: plan.output "every" %[[EVERY]]
