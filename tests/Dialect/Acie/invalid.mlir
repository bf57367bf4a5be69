// RUN: %acie-opt %s --split-input-file --verify-diagnostics

acie.model @M {
  acie.input @z : f64
  // expected-error @+1 {{has 1 parents but its region takes 2 arguments}}
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64, %u: f64):
    acie.yield %z : f64
  }
}

// -----

acie.model @M {
  // expected-error @+1 {{refers to @z, which is no variable of the model}}
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
}

// -----

acie.model @M {
  // expected-error @+1 {{stands before its parent @z}}
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
  acie.input @z : f64
}

// -----

acie.model @M {
  acie.input @z : i64
  // expected-error @+1 {{takes @z as 'f64' but it is 'i64'}}
  acie.var @x(@z) : f64 {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
}

// -----

acie.model @M {
  acie.input @z : f64
  // expected-error @+1 {{equation yields ('f64'), expected ('i1')}}
  acie.var @x(@z) : i1 {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
}

// -----

acie.model @M {
  // expected-error @+1 {{support takes a value of the variable's type}}
  acie.exo @u law "uniform(0, 1)" : f64 {
    %n = acie.sample "u" std_uniform : f64
    acie.yield %n : f64
  } support {
    %t = arith.constant true
    acie.yield %t : i1
  }
}

// -----

acie.model @M {
  acie.exo @u law "student_t(1, 0, 1)" : f64 {
    // expected-error @+1 {{takes degrees of freedom exactly when its law is std_student_t}}
    %n = acie.sample "u" std_student_t : f64
    acie.yield %n : f64
  }
}

// -----

acie.model @M {
  acie.input @z : f64
  // expected-error @+1 {{constraint yields ('f64'), expected ('f64', 'f64')}}
  acie.constraint @c(@z) tolerance [1.0e-9, 1.0e-9] {
  ^bb0(%z: f64):
    acie.yield %z : f64
  }
}

// -----

acie.query @q on @M evidence per_row {
  acie.program {
    %z = acie.column "z" input : f64
    // expected-error @+1 {{is a probability exactly when its operand is i1}}
    %p = acie.expect probability %z : f64 -> f64
  }
}

// -----

acie.query @q on @M evidence per_row {
  acie.program {
    %z = acie.column "z" input : f64
    // expected-error @+1 {{has a level exactly when it is a quantile}}
    %p = acie.expect quantile %z : f64 -> f64
  }
}

// -----

acie.query @q on @M evidence per_row {
  acie.program {
    // expected-error @+1 {{without an operand is only for count}}
    %p = acie.rows mean -> f64
  }
}

// -----

acie.query @q on @M evidence per_row {
  // expected-error @+1 {{expects parent op 'acie.world'}}
  acie.do @x {
    %z = acie.column "z" input : f64
    acie.yield %z : f64
  }
}

// -----

acie.model @M {
  acie.input @m : tensor<4x3xf64>
  acie.var @y(@m) : f64 {
  ^bb0(%m: tensor<4x3xf64>):
    // expected-error @+1 {{reaches beyond its operand}}
    %v = acie.view %m at 12 by [] : tensor<4x3xf64> to f64
    acie.yield %v : f64
  }
}

// -----

acie.model @M {
  acie.input @m : tensor<4x3xf64>
  acie.var @y(@m) : tensor<4xf64> {
  ^bb0(%m: tensor<4x3xf64>):
    // expected-error @+1 {{is of truth values exactly for any and all}}
    %v = acie.fold all %m : tensor<4x3xf64> to tensor<4xf64>
    acie.yield %v : tensor<4xf64>
  }
}

// -----

acie.model @M {
  acie.input @m : tensor<4x3xf64>
  acie.var @y(@m) : tensor<4x4xf64> {
  ^bb0(%m: tensor<4x3xf64>):
    // expected-error @+1 {{adds over 3 and 4 terms}}
    %v = acie.contract %m, %m : tensor<4x3xf64>, tensor<4x3xf64> to tensor<4x4xf64>
    acie.yield %v : tensor<4x4xf64>
  }
}

// -----

acie.model @M {
  acie.input @m : tensor<4x3xf64>
  acie.var @y(@m) : tensor<5xf64> {
  ^bb0(%m: tensor<4x3xf64>):
    // expected-error @+1 {{joins 12 elements into 5}}
    %v = acie.concat %m : tensor<4x3xf64> to tensor<5xf64>
    acie.yield %v : tensor<5xf64>
  }
}

// -----

acie.model @M {
  acie.input @m : tensor<4x3xf64>
  acie.var @y(@m) : tensor<4x3xf64> {
  ^bb0(%m: tensor<4x3xf64>):
    // expected-error @+1 {{does not make this shape of these}}
    %v = acie.routine inverse %m : tensor<4x3xf64> to tensor<4x3xf64>
    acie.yield %v : tensor<4x3xf64>
  }
}

// -----

acie.model @M {
  acie.input @m : tensor<3x3xi64>
  acie.var @y(@m) : tensor<3x3xi64> {
  ^bb0(%m: tensor<3x3xi64>):
    // expected-error @+1 {{works on floats}}
    %v = acie.routine inverse %m : tensor<3x3xi64> to tensor<3x3xi64>
    acie.yield %v : tensor<3x3xi64>
  }
}
