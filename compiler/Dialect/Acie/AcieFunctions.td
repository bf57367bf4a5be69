// The scalar functions of the language: one operation each. Code generation expands them into arithmetic
// (kernels/math) or, for the functions marked as imports, into calls through the kernel's import table.
#ifndef ACIE_DIALECT_ACIE_ACIEFUNCTIONS_TD
#define ACIE_DIALECT_ACIE_ACIEFUNCTIONS_TD

include "compiler/Dialect/Acie/AcieBase.td"
include "compiler/Dialect/Acie/InvertibleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Acie_F64Like : TypeOrValueSemanticsContainer<F64, "f64">;

class Acie_FunctionOp<string mnemonic, string meaning, string example, list<Trait> traits = []>
    : Acie_Op<mnemonic, !listconcat([Pure], traits)> {
  let summary = meaning;
  let description = meaning # ".\n\n```mlir\n" # example # "\n```";
}

// `inverse` solves y = f(x) for x; `logDerivative` is log |dy/dx|. Both are C++ expressions over the terms x and y,
// with the operators of Formula.h.
class Acie_UnaryOp<string mnemonic, string meaning, string inverse = "", string logDerivative = "">
    : Acie_FunctionOp<mnemonic, meaning, "%y = acie." # mnemonic # " %x : f64",
        !listconcat([SameOperandsAndResultType],
                    !if(!empty(inverse), []<Trait>, [DeclareOpInterfaceMethods<InvertibleOpInterface>]))> {
  let arguments = (ins FloatLike:$x);
  let results = (outs FloatLike:$y);
  let assemblyFormat = "$x attr-dict `:` type($y)";
  let extraClassDefinition = !if(!empty(inverse), "", [{
    ::mlir::FailureOr<::mlir::Value> $cppClass::buildInverse(::mlir::OpBuilder &b, ::mlir::Location loc, unsigned,
                                                            ::mlir::Value result, ::llvm::ArrayRef<::mlir::Value>) {
      ::acie::ir::Term y{&b, loc, result};
      return ::acie::ir::Term(}] # inverse # [{).value;
    }
    ::mlir::FailureOr<::mlir::Value> $cppClass::buildLogDerivative(::mlir::OpBuilder &b, ::mlir::Location loc,
                                                                  unsigned, ::mlir::Value result,
                                                                  ::llvm::ArrayRef<::mlir::Value> operands) {
      [[maybe_unused]] ::acie::ir::Term y{&b, loc, result}, x{&b, loc, operands[0]};
      return ::acie::ir::Term(}] # logDerivative # [{).value;
    }
  }]);
}

// Functions of several operands that can be solved for the first; the others are the terms p and q.
class Acie_ParametricOp<string mnemonic, string meaning, dag ins, string operands, string inverse,
                        string logDerivative, list<Trait> traits = []>
    : Acie_FunctionOp<mnemonic, meaning, "%y = acie." # mnemonic # " " # operands # " : f64",
        !listconcat([SameOperandsAndResultType],
                    !if(!empty(inverse), []<Trait>, [DeclareOpInterfaceMethods<InvertibleOpInterface>]), traits)> {
  let arguments = ins;
  let results = (outs FloatLike:$y);
  let assemblyFormat = "operands attr-dict `:` type($y)";
  let extraClassDefinition = !if(!empty(inverse), "", [{
    ::mlir::FailureOr<::mlir::Value> $cppClass::buildInverse(::mlir::OpBuilder &b, ::mlir::Location loc,
                                                            unsigned operand, ::mlir::Value result,
                                                            ::llvm::ArrayRef<::mlir::Value> operands) {
      if (operand != 0) return ::mlir::failure();
      [[maybe_unused]] ::acie::ir::Term y{&b, loc, result}, p{&b, loc, operands[1]}, q{&b, loc, operands.back()};
      return ::acie::ir::Term(}] # inverse # [{).value;
    }
    ::mlir::FailureOr<::mlir::Value> $cppClass::buildLogDerivative(::mlir::OpBuilder &b, ::mlir::Location loc,
                                                                  unsigned operand, ::mlir::Value result,
                                                                  ::llvm::ArrayRef<::mlir::Value> operands) {
      if (operand != 0) return ::mlir::failure();
      [[maybe_unused]] ::acie::ir::Term y{&b, loc, result}, x{&b, loc, operands[0]}, p{&b, loc, operands[1]},
          q{&b, loc, operands.back()};
      return ::acie::ir::Term(}] # logDerivative # [{).value;
    }
  }]);
}

//===----------------------------------------------------------------------===//
// Powers and roots
//===----------------------------------------------------------------------===//

def Acie_SqrtOp : Acie_UnaryOp<"sqrt", "the square root, correctly rounded; NaN below zero",
                               "y * y", "-log(2.0 * y)">;
def Acie_CbrtOp : Acie_UnaryOp<"cbrt", "the real cube root", "y * y * y", "-log(abs(3.0 * y * y))">;

def Acie_PowOp : Acie_FunctionOp<"pow", "x to the power p, as IEEE 754's pow", "%y = acie.pow %x, %p : f64",
    [SameOperandsAndResultType, DeclareOpInterfaceMethods<InvertibleOpInterface>]> {
  let description = [{
    x to the power p, with the special values of IEEE 754's pow. Solved for the base where p is constant and odd or the
    base is positive, and for the exponent.

    ```mlir
    %y = acie.pow %x, %p : f64
    ```
  }];
  let arguments = (ins FloatLike:$x, FloatLike:$p);
  let results = (outs FloatLike:$y);
  let assemblyFormat = "operands attr-dict `:` type($y)";
}

//===----------------------------------------------------------------------===//
// Rounding, division with remainder, order
//===----------------------------------------------------------------------===//

def Acie_AbsOp : Acie_UnaryOp<"abs", "the absolute value: the sign bit cleared">;
def Acie_FloorOp : Acie_UnaryOp<"floor", "the largest integral value not above x">;
def Acie_CeilOp : Acie_UnaryOp<"ceil", "the smallest integral value not below x">;
def Acie_RoundOp : Acie_UnaryOp<"round", "the nearest integral value, halves to even">;
def Acie_TruncOp : Acie_UnaryOp<"trunc", "x without its fraction">;

class Acie_NumberOp<string mnemonic, string meaning, list<Trait> traits = []>
    : Acie_FunctionOp<mnemonic, meaning, "%y = acie." # mnemonic # " %a, %b : i64",
                      !listconcat([SameOperandsAndResultType], traits)> {
  let arguments = (ins SignlessIntegerOrFloatLike:$a, SignlessIntegerOrFloatLike:$b);
  let results = (outs SignlessIntegerOrFloatLike:$y);
  let assemblyFormat = "operands attr-dict `:` type($y)";
}
def Acie_IDivOp : Acie_NumberOp<"idiv",
    "the quotient a / b rounded towards minus infinity; for integers wrapping, and 0 where b is 0">;
def Acie_ModOp : Acie_NumberOp<"mod",
    "a - b * idiv(a, b), with the sign of b; for integers a where b is 0">;
def Acie_MinOp : Acie_NumberOp<"min", "the smaller operand; for floats NaN where either is; of equal operands the first",
                               [Commutative]>;
def Acie_MaxOp : Acie_NumberOp<"max", "the larger operand; for floats NaN where either is; of equal operands the first",
                               [Commutative]>;

def Acie_ToIntOp : Acie_FunctionOp<"to_int",
    "x towards zero as an integer; the nearest integer of the type where out of range, 0 for NaN",
    "%i = acie.to_int %x : f64 to i64"> {
  let arguments = (ins FloatLike:$x);
  let results = (outs SignlessIntegerLike:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
}

//===----------------------------------------------------------------------===//
// Exponentials and logarithms
//===----------------------------------------------------------------------===//

def Acie_ExpOp : Acie_UnaryOp<"exp", "e to the power x", "log(y)", "x">;
def Acie_Exp2Op : Acie_UnaryOp<"exp2", "2 to the power x", "log2(y)", "log(y * kLn2)">;
def Acie_Exp10Op : Acie_UnaryOp<"exp10", "10 to the power x", "log10(y)", "log(y * kLn10)">;
def Acie_Expm1Op : Acie_UnaryOp<"expm1", "exp(x) - 1 without cancellation near zero", "log1p(y)", "x">;
def Acie_LogOp : Acie_UnaryOp<"log", "the natural logarithm", "exp(y)", "-y">;
def Acie_Log2Op : Acie_UnaryOp<"log2", "the logarithm to base 2", "exp2(y)", "-log(x * kLn2)">;
def Acie_Log10Op : Acie_UnaryOp<"log10", "the logarithm to base 10", "exp10(y)", "-log(x * kLn10)">;
def Acie_Log1pOp : Acie_UnaryOp<"log1p", "log(1 + x) without cancellation near zero", "expm1(y)", "-y">;

//===----------------------------------------------------------------------===//
// Trigonometric and hyperbolic functions
//===----------------------------------------------------------------------===//

def Acie_SinOp : Acie_UnaryOp<"sin", "the sine of x radians">;
def Acie_CosOp : Acie_UnaryOp<"cos", "the cosine of x radians">;
def Acie_TanOp : Acie_UnaryOp<"tan", "the tangent of x radians", "atan(y)", "log1p(y * y)">;
def Acie_AsinOp : Acie_UnaryOp<"asin", "the angle in [-pi/2, pi/2] whose sine is x", "sin(y)", "-0.5 * log1p(-(x * x))">;
def Acie_AcosOp : Acie_UnaryOp<"acos", "the angle in [0, pi] whose cosine is x", "cos(y)", "-0.5 * log1p(-(x * x))">;
def Acie_AtanOp : Acie_UnaryOp<"atan", "the angle in [-pi/2, pi/2] whose tangent is x", "tan(y)", "-log1p(x * x)">;
def Acie_SinhOp : Acie_UnaryOp<"sinh", "the hyperbolic sine", "asinh(y)", "log(cosh(x))">;
def Acie_CoshOp : Acie_UnaryOp<"cosh", "the hyperbolic cosine">;
def Acie_TanhOp : Acie_UnaryOp<"tanh", "the hyperbolic tangent", "atanh(y)", "log1p(-(y * y))">;
def Acie_AsinhOp : Acie_UnaryOp<"asinh", "the inverse hyperbolic sine", "sinh(y)", "-0.5 * log1p(x * x)">;
def Acie_AcoshOp : Acie_UnaryOp<"acosh", "the inverse hyperbolic cosine, not below zero", "cosh(y)",
                                "-0.5 * log(x * x - 1.0)">;
def Acie_AtanhOp : Acie_UnaryOp<"atanh", "the inverse hyperbolic tangent", "tanh(y)", "-log1p(-(x * x))">;

def Acie_Atan2Op : Acie_ParametricOp<"atan2", "the angle of the point (p, x) from the positive first axis, in [-pi, pi]",
    (ins FloatLike:$x, FloatLike:$p), "%x, %p", "", "">;

//===----------------------------------------------------------------------===//
// Sigmoids and the normal distribution
//===----------------------------------------------------------------------===//

def Acie_SigmoidOp : Acie_UnaryOp<"sigmoid", "1 / (1 + exp(-x))", "logit(y)", "log(y) + log1p(-y)">;
def Acie_LogitOp : Acie_UnaryOp<"logit", "log(x / (1 - x))", "sigmoid(y)", "-(log(x) + log1p(-x))">;
def Acie_SoftplusOp : Acie_UnaryOp<"softplus", "log(1 + exp(x))", "y + log(-expm1(-y))", "-softplus(-x)">;
def Acie_ErfOp : Acie_UnaryOp<"erf", "the error function", "norm_quantile(0.5 * (1.0 + y)) * kSqrtHalf",
                              "kLogTwoOverSqrtPi - x * x">;
def Acie_ErfcOp : Acie_UnaryOp<"erfc", "1 - erf(x) without cancellation", "-(norm_quantile(0.5 * y) * kSqrtHalf)",
                               "kLogTwoOverSqrtPi - x * x">;
def Acie_NormCdfOp : Acie_UnaryOp<"norm_cdf", "the standard normal distribution function", "norm_quantile(y)",
                                  "-0.5 * (x * x) - kHalfLog2Pi">;
def Acie_NormQuantileOp : Acie_UnaryOp<"norm_quantile", "the standard normal quantile", "norm_cdf(y)",
                                       "0.5 * (y * y) + kHalfLog2Pi">;

//===----------------------------------------------------------------------===//
// Functions reached through the kernel's import table (f64 only)
//===----------------------------------------------------------------------===//

class Acie_ImportTrait : NativeOpTrait<"ImportedFunction"> { let cppNamespace = "::acie::ir"; }
def Acie_Import : Acie_ImportTrait;

def Acie_LgammaOp : Acie_FunctionOp<"lgamma", "the logarithm of |Gamma(x)|", "%y = acie.lgamma %x : f64",
                                    [SameOperandsAndResultType, Acie_Import]> {
  let arguments = (ins Acie_F64Like:$x);
  let results = (outs Acie_F64Like:$y);
  let assemblyFormat = "operands attr-dict `:` type($y)";
}
def Acie_GammaCdfOp : Acie_ParametricOp<"gamma_cdf", "the gamma distribution function at x, shape p, rate 1",
    (ins Acie_F64Like:$x, Acie_F64Like:$p), "%x, %p", "gamma_quantile(y, p)", "gamma_log_density(x, p)", [Acie_Import]>;
def Acie_GammaQuantileOp : Acie_ParametricOp<"gamma_quantile", "the gamma quantile of the probability x, shape p, rate 1",
    (ins Acie_F64Like:$x, Acie_F64Like:$p), "%x, %p", "gamma_cdf(y, p)", "-gamma_log_density(y, p)", [Acie_Import]>;
def Acie_BetaCdfOp : Acie_ParametricOp<"beta_cdf", "the beta distribution function at x, shapes p and q",
    (ins Acie_F64Like:$x, Acie_F64Like:$p, Acie_F64Like:$q), "%x, %p, %q", "beta_quantile(y, p, q)", "beta_log_density(x, p, q)", [Acie_Import]>;
def Acie_BetaQuantileOp : Acie_ParametricOp<"beta_quantile", "the beta quantile of the probability x, shapes p and q",
    (ins Acie_F64Like:$x, Acie_F64Like:$p, Acie_F64Like:$q), "%x, %p, %q", "beta_cdf(y, p, q)", "-beta_log_density(y, p, q)", [Acie_Import]>;
def Acie_StudentTCdfOp : Acie_ParametricOp<"student_t_cdf", "Student's t distribution function at x, p degrees of freedom",
    (ins Acie_F64Like:$x, Acie_F64Like:$p), "%x, %p", "student_t_quantile(y, p)", "student_t_log_density(x, p)", [Acie_Import]>;
def Acie_StudentTQuantileOp : Acie_ParametricOp<"student_t_quantile",
    "Student's t quantile of the probability x, p degrees of freedom",
    (ins Acie_F64Like:$x, Acie_F64Like:$p), "%x, %p", "student_t_cdf(y, p)", "-student_t_log_density(y, p)", [Acie_Import]>;
def Acie_PoissonQuantileOp : Acie_ParametricOp<"poisson_quantile",
    "the smallest count whose Poisson distribution function, of rate p, is not below x",
    (ins Acie_F64Like:$x, Acie_F64Like:$p), "%x, %p", "", "", [Acie_Import]>;

//===----------------------------------------------------------------------===//
// Random numbers
//===----------------------------------------------------------------------===//

def Acie_UniformOp : Acie_FunctionOp<"uniform", "a random number in the open interval (0, 1)",
                                     "%u = acie.uniform \"metal.noise\" : f64"> {
  let description = [{
    A random number in the open interval (0, 1), a function of the run's seed, the row, the draw and `name` alone:
    Threefry-2x64-20 with key (seed, hash of the name) and counter (row, draw). So two operations of one name are the same number,
    and removing one changes no other.

    ```mlir
    %u = acie.uniform "metal.noise" : f64
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs Acie_F64Like:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
}

#endif  // ACIE_DIALECT_ACIE_ACIEFUNCTIONS_TD
