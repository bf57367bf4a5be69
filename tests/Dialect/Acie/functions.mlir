// RUN: %acie-opt %s | acie-opt | FileCheck %s
// Every scalar function prints as it is read.

// CHECK-LABEL: acie.model @Functions
acie.model @Functions {
  acie.input @a : f64
  acie.input @f : f32
  acie.input @i : i64
  // CHECK: acie.var @y (@a, @f, @i) : f64
  acie.var @y(@a, @f, @i) : f64 {
  ^bb0(%x: f64, %f: f32, %i: i64):
    // CHECK: acie.sqrt %{{.*}} : f64
    %0 = acie.sqrt %x : f64
    // CHECK: acie.cbrt
    %1 = acie.cbrt %0 : f64
    // CHECK: acie.pow %{{.*}}, %{{.*}} : f64
    %2 = acie.pow %1, %x : f64
    // CHECK: acie.abs
    %3 = acie.abs %2 : f64
    // CHECK: acie.floor
    %4 = acie.floor %3 : f64
    // CHECK: acie.ceil
    %5 = acie.ceil %4 : f64
    // CHECK: acie.round
    %6 = acie.round %5 : f64
    // CHECK: acie.trunc
    %7 = acie.trunc %6 : f64
    // CHECK: acie.idiv %{{.*}}, %{{.*}} : i64
    %8 = acie.idiv %i, %i : i64
    // CHECK: acie.mod %{{.*}}, %{{.*}} : i64
    %9 = acie.mod %8, %i : i64
    // CHECK: acie.min %{{.*}}, %{{.*}} : f64
    %10 = acie.min %7, %x : f64
    // CHECK: acie.max %{{.*}}, %{{.*}} : f64
    %11 = acie.max %10, %x : f64
    // CHECK: acie.to_int %{{.*}} : f32 to i64
    %12 = acie.to_int %f : f32 to i64
    // CHECK: acie.exp %{{.*}} : f32
    %13 = acie.exp %f : f32
    // CHECK: acie.exp2
    %14 = acie.exp2 %11 : f64
    // CHECK: acie.expm1
    %15 = acie.expm1 %14 : f64
    // CHECK: acie.log %
    %16 = acie.log %15 : f64
    // CHECK: acie.log2
    %17 = acie.log2 %16 : f64
    // CHECK: acie.log10
    %18 = acie.log10 %17 : f64
    // CHECK: acie.log1p
    %19 = acie.log1p %18 : f64
    // CHECK: acie.sin %
    %20 = acie.sin %19 : f64
    // CHECK: acie.cos %
    %21 = acie.cos %20 : f64
    // CHECK: acie.tan %
    %22 = acie.tan %21 : f64
    // CHECK: acie.asin %
    %23 = acie.asin %22 : f64
    // CHECK: acie.acos %
    %24 = acie.acos %23 : f64
    // CHECK: acie.atan %
    %25 = acie.atan %24 : f64
    // CHECK: acie.atan2
    %26 = acie.atan2 %25, %x : f64
    // CHECK: acie.sinh
    %27 = acie.sinh %26 : f64
    // CHECK: acie.cosh
    %28 = acie.cosh %27 : f64
    // CHECK: acie.tanh
    %29 = acie.tanh %28 : f64
    // CHECK: acie.asinh
    %30 = acie.asinh %29 : f64
    // CHECK: acie.acosh
    %31 = acie.acosh %30 : f64
    // CHECK: acie.atanh
    %32 = acie.atanh %31 : f64
    // CHECK: acie.sigmoid
    %33 = acie.sigmoid %32 : f64
    // CHECK: acie.logit
    %34 = acie.logit %33 : f64
    // CHECK: acie.softplus
    %35 = acie.softplus %34 : f64
    // CHECK: acie.erf %
    %36 = acie.erf %35 : f64
    // CHECK: acie.erfc
    %37 = acie.erfc %36 : f64
    // CHECK: acie.norm_cdf
    %38 = acie.norm_cdf %37 : f64
    // CHECK: acie.norm_quantile
    %39 = acie.norm_quantile %38 : f64
    // CHECK: acie.lgamma
    %40 = acie.lgamma %39 : f64
    // CHECK: acie.gamma_cdf
    %41 = acie.gamma_cdf %40, %x : f64
    // CHECK: acie.gamma_quantile
    %42 = acie.gamma_quantile %41, %x : f64
    // CHECK: acie.beta_cdf %{{.*}}, %{{.*}}, %{{.*}} : f64
    %43 = acie.beta_cdf %42, %x, %x : f64
    // CHECK: acie.beta_quantile
    %44 = acie.beta_quantile %43, %x, %x : f64
    // CHECK: acie.student_t_cdf
    %45 = acie.student_t_cdf %44, %x : f64
    // CHECK: acie.student_t_quantile
    %46 = acie.student_t_quantile %45, %x : f64
    // CHECK: acie.poisson_quantile
    %47 = acie.poisson_quantile %46, %x : f64
    // CHECK: acie.exp10
    %48 = acie.exp10 %47 : f64
    acie.yield %48 : f64
  }
}
