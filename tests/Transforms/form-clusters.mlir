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
    %m = acie.expect mean %u : f64
    %v = acie.expect std_dev %u : f64
    %r = arith.divf %m, %v : f64
    %c = arith.constant 2.0 : f64
    %k = acie.expect mean %c : f64
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
    %m = acie.rows mean %e : f64
    %n = acie.rows sum %x : f64
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
    %m = acie.expect mean %x : f64
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
