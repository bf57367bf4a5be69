// Tensors: values of more than one element. Arithmetic and functions work on them element by element, on operands of one
// shape; the operations here change shapes. Sizes, offsets and steps may be open, known only at start: they then stand for
// polynomials over dimensions, see compiler/Support/Sizes.h.
#ifndef ACIE_DIALECT_ACIE_ACIETENSORS_TD
#define ACIE_DIALECT_ACIE_ACIETENSORS_TD

include "compiler/Dialect/Acie/AcieBase.td"
include "compiler/Dialect/Acie/InvertibleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Acie_Scalar : AnyTypeOf<[F64, F32, I64, I32, I1], "a number or truth value">;
def Acie_Tensor : StaticShapeTensorOf<[F64, F32, I64, I32, I1]>;
def Acie_Value : AnyTypeOf<[Acie_Scalar, Acie_Tensor], "a number, truth value or tensor of them">;

def Acie_Folding : Acie_Enum<"Folding", "what makes one element of several", [
  I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Product", 1, "product">, I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Max", 3, "max">, I32EnumAttrCase<"Any", 4, "any">, I32EnumAttrCase<"All", 5, "all">
]>;
def Acie_FoldingAttr : EnumAttr<Acie_Dialect, Acie_Folding, "folding">;

// In the order of routines::Routine (kernels/routines/Routine.h).
def Acie_Routine : Acie_Enum<"Routine", "an algorithm on tensors", [
  I32EnumAttrCase<"Solve", 0, "solve">, I32EnumAttrCase<"SolveLower", 1, "solve_lower">, I32EnumAttrCase<"SolveUpper", 2, "solve_upper">,
  I32EnumAttrCase<"Cholesky", 3, "cholesky">, I32EnumAttrCase<"Inverse", 4, "inverse">, I32EnumAttrCase<"Fft", 5, "fft">,
  I32EnumAttrCase<"InverseFft", 6, "inverse_fft">, I32EnumAttrCase<"RealFft", 7, "rfft">, I32EnumAttrCase<"InverseRealFft", 8, "inverse_rfft">,
  I32EnumAttrCase<"CumulativeSum", 9, "cumsum">, I32EnumAttrCase<"Sort", 10, "sort">, I32EnumAttrCase<"ArgMin", 11, "argmin">,
  I32EnumAttrCase<"ArgMax", 12, "argmax">
]>;
def Acie_RoutineAttr : EnumAttr<Acie_Dialect, Acie_Routine, "routine">;

/// Operations whose result is made by the runtime's kernels, not by a loop over its elements.
def Acie_TensorOperation : NativeOpTrait<"TensorOperation"> {
  let cppNamespace = "::acie::ir";
}

class Acie_TensorOp<string mnemonic, list<Trait> traits = []>
    : Acie_Op<mnemonic, !listconcat([Pure, Acie_TensorOperation], traits)>;

def Acie_SplatOp : Acie_Op<"splat", [Pure]> {
  let summary = "one number as every element";
  let description = [{
    ```mlir
    %t = acie.splat %x : f64 to tensor<3800xf64>
    ```
  }];
  let arguments = (ins Acie_Scalar:$x);
  let results = (outs Acie_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `to` type($y)";
}

def Acie_ViewOp : Acie_TensorOp<"view", [DeclareOpInterfaceMethods<InvertibleOpInterface>]> {
  let summary = "elements of a tensor at even steps";
  let description = [{
    Element (i, j, …) of the result is element `offset` + i strides[0] + j strides[1] + … of the operand, counted row-major:
    slices, transposes, reversals, repeated axes, other shapes of the same elements, single elements.

    ```mlir
    %row = acie.view %m at 6 by [1] : tensor<4x3xf64> to tensor<3xf64>
    %one = acie.view %m at 5 by [] : tensor<4x3xf64> to f64
    ```
  }];
  let arguments = (ins Acie_Value:$x, I64Attr:$offset, DenseI64ArrayAttr:$strides);
  let results = (outs Acie_Value:$y);
  let assemblyFormat = "$x `at` $offset `by` $strides attr-dict `:` type($x) `to` type($y)";
  let hasVerifier = 1;
}

def Acie_PlacesOp : Acie_TensorOp<"places"> {
  let summary = "integers at even steps";
  let description = [{
    Element (i, j, …) is `offset` + i strides[0] + j strides[1] + …: what the names of a comprehension stand for.

    ```mlir
    %i = acie.places at 0 by [1, 0] : tensor<4x3xi64>
    ```
  }];
  let arguments = (ins I64Attr:$offset, DenseI64ArrayAttr:$strides);
  let results = (outs Acie_Tensor:$y);
  let assemblyFormat = "`at` $offset `by` $strides attr-dict `:` type($y)";
}

def Acie_GatherOp : Acie_TensorOp<"gather"> {
  let summary = "elements of a tensor at computed places";
  let description = [{
    Element i of the result is the element of `x`, counted row-major, at place `at[i]`; a place outside means the nearest one.

    ```mlir
    %t = acie.gather %x at %places : tensor<10xf64>, tensor<3xi64> to tensor<3xf64>
    ```
  }];
  let arguments = (ins Acie_Tensor:$x, Acie_Value:$at);
  let results = (outs Acie_Value:$y);
  let assemblyFormat = "$x `at` $at attr-dict `:` type($x) `,` type($at) `to` type($y)";
}

def Acie_ConcatOp : Acie_TensorOp<"concat"> {
  let summary = "the elements of several values, one after the other";
  let description = [{
    ```mlir
    %t = acie.concat %x, %y : tensor<3xf64>, f64 to tensor<4xf64>
    ```
  }];
  let arguments = (ins Variadic<Acie_Value>:$parts);
  let results = (outs Acie_Tensor:$y);
  let assemblyFormat = "$parts attr-dict `:` type($parts) `to` type($y)";
  let hasVerifier = 1;
}

def Acie_FoldOp : Acie_TensorOp<"fold"> {
  let summary = "the last axes of a tensor as one element each";
  let description = [{
    Over the axes that the result lacks. Sums and products join pairs of pairs, so that errors grow with the logarithm of
    their length.

    ```mlir
    %s = acie.fold sum %m : tensor<4x3xf64> to tensor<4xf64>
    ```
  }];
  let arguments = (ins Acie_FoldingAttr:$folding, Acie_Tensor:$x);
  let results = (outs Acie_Value:$y);
  let assemblyFormat = "$folding $x attr-dict `:` type($x) `to` type($y)";
  let hasVerifier = 1;
}

def Acie_ContractOp : Acie_TensorOp<"contract", [DeclareOpInterfaceMethods<InvertibleOpInterface>]> {
  let summary = "matrix products";
  let description = [{
    [batch…, m, k] times [batch…, k, n]; one operand may lack the batch. The result may lack axes m or n of size 1.

    ```mlir
    %c = acie.contract %a, %b : tensor<4x3xf64>, tensor<3x5xf64> to tensor<4x5xf64>
    ```
  }];
  let arguments = (ins Acie_Tensor:$a, Acie_Tensor:$b);
  let results = (outs Acie_Value:$y);
  let assemblyFormat = "operands attr-dict `:` type($a) `,` type($b) `to` type($y)";
  let hasVerifier = 1;
}

def Acie_LoopOp : Acie_TensorOp<"loop", [IsolatedFromAbove, SingleBlock, AttrSizedOperandSegments, SameVariadicResultSize]> {
  let summary = "carries values from step to step";
  let description = [{
    The body's arguments are what is carried, the part of this step of each tensor in `over` (whose leading axes have `steps`
    places), and `with`, the same at every step. `acie.next` ends it with what is carried on. Results: first what is carried
    after the last step, then what is carried after each step, with a leading axis.

    ```mlir
    %last, %every = acie.loop 10 from(%x) over(%xs) with(%a) : (f64), (tensor<10xf64>), (f64) {
    ^bb0(%c: f64, %i: f64, %k: f64):
      %p = arith.mulf %c, %k : f64
      %n = arith.addf %p, %i : f64
      acie.next %n : f64
    } -> (f64), (tensor<10xf64>)
    ```
  }];
  let arguments = (ins I64Attr:$steps, Variadic<Acie_Value>:$init, Variadic<Acie_Tensor>:$over, Variadic<Acie_Value>:$same);
  let results = (outs Variadic<Acie_Value>:$last, Variadic<Acie_Tensor>:$every);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $steps `from` `(` $init `)` `over` `(` $over `)` `with` `(` $same `)` attr-dict `:`
    `(` type($init) `)` `,` `(` type($over) `)` `,` `(` type($same) `)` $body `->` `(` type($last) `)` `,` `(` type($every) `)`
  }];
  let hasVerifier = 1;
}

def Acie_NextOp : Acie_Op<"next", [Pure, HasParent<"LoopOp">, Terminator]> {
  let summary = "what a loop carries on";
  let description = [{
    ```mlir
    acie.next %n : f64
    ```
  }];
  let arguments = (ins Variadic<Acie_Value>:$values);
  let assemblyFormat = "attr-dict $values `:` type($values)";
}

def Acie_RoutineOp : Acie_TensorOp<"routine", [DeclareOpInterfaceMethods<InvertibleOpInterface>]> {
  let summary = "an algorithm on tensors, of kernels/routines";
  let description = [{
    Systems of equations, factors, Fourier transforms, sums and orders along an axis. `Routine.h` says what each makes of
    which shapes.

    ```mlir
    %x = acie.routine solve %a, %b : tensor<4x4xf64>, tensor<4xf64> to tensor<4xf64>
    %i = acie.routine argmax %t : tensor<100xf64> to i64
    ```
  }];
  let arguments = (ins Acie_RoutineAttr:$routine, Variadic<Acie_Tensor>:$x);
  let results = (outs Acie_Value:$y);
  let assemblyFormat = "$routine $x attr-dict `:` type($x) `to` type($y)";
  let hasVerifier = 1;
}

def Acie_ExternOp : Acie_TensorOp<"extern"> {
  let summary = "a module of another library";
  let description = [{
    What module number `module` of the program gives for these values.

    ```mlir
    %y = acie.extern 0(%z) : tensor<16xf32> to tensor<6000xf32>
    ```
  }];
  let arguments = (ins I64Attr:$module, Variadic<Acie_Value>:$inputs);
  let results = (outs Acie_Value:$y);
  let assemblyFormat = "$module `(` $inputs `)` attr-dict `:` type($inputs) `to` type($y)";
}

#endif  // ACIE_DIALECT_ACIE_ACIETENSORS_TD
