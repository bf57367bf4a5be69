// RUN: %acie-opt %s | acie-opt | FileCheck %s

// CHECK-LABEL: acie.model @Galaxy
acie.model @Galaxy {
  // CHECK: acie.input @z : f64
  acie.input @z : f64
  // CHECK: acie.exo @u law "normal(0, 1)" : f64 {
  acie.exo @u law "normal(0, 1)" : f64 {
    // CHECK: acie.sample "u" std_normal : f64
    %n = acie.sample "u" std_normal : f64
    acie.yield %n : f64
  }
  // CHECK: acie.exo @v law "student_t(z, 0, 1)" over (@z) : f64 {
  acie.exo @v law "student_t(z, 0, 1)" over (@z) : f64 {
  ^bb0(%z: f64):
    // CHECK: acie.sample "v" std_student_t(%{{.*}}) : f64
    %n = acie.sample "v" std_student_t(%z) : f64
    acie.yield %n : f64
  // CHECK: } support {
  // CHECK-NEXT: ^bb0(%{{.*}}: f64, %{{.*}}: f64):
  } support {
  ^bb0(%v: f64, %z: f64):
    %in = arith.cmpf oge, %v, %z : f64
    acie.yield %in : i1
  }
  // CHECK: acie.var @metal.x (@z, @u) : f64 {
  acie.var @"metal.x"(@z, @u) : f64 {
  ^bb0(%z: f64, %u: f64):
    %s = arith.addf %z, %u : f64
    acie.yield %s : f64
  }
  // CHECK: acie.constraint @balance (@metal.x) tolerance [1.000000e-09] {
  acie.constraint @balance(@"metal.x") tolerance [1.0e-9] {
  ^bb0(%x: f64):
    acie.yield %x : f64
  }
}

// CHECK-LABEL: acie.query @q on @Galaxy evidence per_row reads_table
acie.query @q on @Galaxy evidence per_row reads_table {
  // CHECK-NEXT: acie.given @metal.x
  acie.given @"metal.x"
  // CHECK-NEXT: acie.given @z slot "z"
  acie.given @z slot "z"
  // CHECK-NEXT: acie.recover @u from @metal.x affine reason "it is linear"
  acie.recover @u from @metal.x affine reason "it is linear"
  // CHECK-NEXT: acie.consistent @metal.x
  acie.consistent @"metal.x"
  // CHECK-NEXT: acie.random @v
  acie.random @v
  // CHECK-NEXT: acie.check @balance in [0, 1]
  acie.check @balance in [0, 1]
  // CHECK-NEXT: acie.world "factual" {
  acie.world "factual" {
  }
  acie.world "w" {
    // CHECK: acie.do @z {
    acie.do @z {
      // CHECK: acie.natural @z in 1 : f64
      %n = acie.natural @z in 1 : f64
      // CHECK: acie.slot "shift" do : f64
      %s = acie.slot "shift" do : f64
      // CHECK: acie.present "do.z" : i1
      %p = acie.present "do.z" : i1
      // CHECK: acie.column "do.z" do_ask : f64
      %c = acie.column "do.z" do_ask : f64
      %r = arith.select %p, %c, %s : f64
      acie.yield %r : f64
    }
  }
  // CHECK: acie.answer {
  acie.answer {
    // CHECK: acie.ref @metal.x in 1 : f64
    %x = acie.ref @"metal.x" in 1 : f64
    // CHECK: acie.expect quantile level 0.9{{[0-9]*}} %{{.*}} : f64 -> f64
    %q = acie.expect quantile level 0.95 %x : f64 -> f64
    // CHECK: acie.rows mean %{{.*}} : f64 -> f64
    %m = acie.rows mean %q : f64 -> f64
    // CHECK: acie.rows count
    %n = acie.rows count -> f64
    // CHECK: acie.output "x" value %{{.*}} : f64
    acie.output "x" value %m : f64
    // CHECK: acie.output "x.se" standard_error %{{.*}} : f64
    acie.output "x.se" standard_error %q : f64
  }
}

// CHECK-LABEL: acie.query @flat
acie.query @flat on @Galaxy population per_draw {
  acie.world "factual" {
  }
  // CHECK: acie.program {
  acie.program {
    // CHECK: acie.noise @u : f64
    %u = acie.noise @u : f64
    // CHECK: acie.column "z" input : f64
    %z = acie.column "z" input : f64
    // CHECK: acie.eval @metal.x(%{{.*}}, %{{.*}}) in [0, 1] : (f64, f64) -> f64
    %x = acie.eval @"metal.x"(%z, %u) in [0, 1] : (f64, f64) -> f64
    // CHECK: acie.eval @metal.x(%{{.*}}, %{{.*}}) observed %{{.*}}(%{{.*}}, %{{.*}}) in [1] : (f64, f64) -> f64
    %y = acie.eval @"metal.x"(%x, %u) observed %x(%z, %u) in [1] : (f64, f64) -> f64
    // CHECK: acie.keep %{{.*}}, %{{.*}} if(%{{.*}}, %{{.*}}) is(%{{.*}}, %{{.*}}) : f64, f64, f64
    %k = acie.keep %x, %y if (%x, %u) is (%z, %u) : f64, f64, f64
    // CHECK: acie.abduct @u from @metal.x %{{.*}}(%{{.*}}) : (f64, f64) -> f64
    %a = acie.abduct @u from @"metal.x" %x(%z) : (f64, f64) -> f64
    // CHECK: acie.abduct @u from @metal.x %{{.*}}(%{{.*}}) affine : (f64, f64) -> f64, f64
    %b, %j = acie.abduct @u from @"metal.x" %x(%z) affine : (f64, f64) -> f64, f64
    // CHECK: acie.supported @v %{{.*}}(%{{.*}}) : (f64, f64) -> i1
    %s = acie.supported @v %b(%z) : (f64, f64) -> i1
    // CHECK: acie.draw @v(%{{.*}}) : (f64) -> f64
    %d = acie.draw @v(%z) : (f64) -> f64
    // CHECK: acie.uniform "u" : f64
    %r = acie.uniform "u" : f64
    // CHECK: acie.require %{{.*}} "no"
    acie.require %s "no"
    // CHECK: acie.residual @balance(%{{.*}}) in 0 : (f64)
    %v, %h = acie.residual @balance(%x) in 0 : (f64)
    // CHECK: acie.violation %{{.*}}, %{{.*}}
    acie.violation %v, %h
    acie.output "x" draw %k : f64
  }
}
