// The Plan dialect: how an entry of a package runs. It mirrors runtime/package/Plan.h one to one, with the kernels'
// bodies still visible; code generation reads the clusters, the package writer everything else.
#ifndef ACIE_DIALECT_PLAN_PLANOPS_TD
#define ACIE_DIALECT_PLAN_PLANOPS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::acie::plan";
  let summary = "Entries, buffers, clusters and reductions of a package";
  let description = [{
    An entry is a straight list of operations over buffers. A buffer holds one element per point of its space and is the
    result of exactly one operation, so the graph is acyclic by construction. A cluster is one loop over its space with
    a straight-line scalar body (`arith` and the functions of the `acie` dialect); reductions join spaces.

    ```mlir
    plan.entry @doubled on "Galaxy" per_row reads_table reasons ["recovered noise u lies outside its law's support"] {
      %m = plan.column "log_mass" given : !plan.buffer<f64, inner>
      %f = plan.scalar 0 "factor" argument : f64
      %r:2 = plan.cluster "doubled" 0 inner (%m : !plan.buffer<f64, inner>) scalars (%f : f64) {
      ^bb0(%m_i: f64, %f_i: f64):
        %a = arith.addf %m_i, %f_i : f64
        %s = arith.constant 0 : i32
        plan.yield %a, %s : f64, i32
      } -> !plan.buffer<f64, inner>, !plan.buffer<i32, inner>
      plan.output "log_mass" %r#0 : !plan.buffer<f64, inner>
      plan.status %r#1 : !plan.buffer<i32, inner>
    }
    ```
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

class Plan_Op<string mnemonic, list<Trait> traits = []> : Op<Plan_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// Enumerations
//===----------------------------------------------------------------------===//

class Plan_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::acie::plan";
  let genSpecializedAttr = 0;
}

def Plan_Space : Plan_Enum<"Space", "what a buffer has one element of", [
  I32EnumAttrCase<"Inner", 0, "inner">,   // each draw of each row; each row where nothing is random
  I32EnumAttrCase<"Row", 1, "row">,       // each row of the table
  I32EnumAttrCase<"Table", 2, "table">    // the run
]>;
def Plan_SpaceAttr : EnumAttr<Plan_Dialect, Plan_Space, "space">;

def Plan_Reducer : Plan_Enum<"Reducer", "how draws or rows are collapsed", [
  I32EnumAttrCase<"Mean", 0, "mean">, I32EnumAttrCase<"Sum", 1, "sum">, I32EnumAttrCase<"Variance", 2, "variance">,
  I32EnumAttrCase<"StdDev", 3, "std_dev">, I32EnumAttrCase<"Quantile", 4, "quantile">, I32EnumAttrCase<"Min", 5, "min">,
  I32EnumAttrCase<"Max", 6, "max">, I32EnumAttrCase<"Count", 7, "count">, I32EnumAttrCase<"Any", 8, "any">,
  I32EnumAttrCase<"All", 9, "all">
]>;
def Plan_ReducerAttr : EnumAttr<Plan_Dialect, Plan_Reducer, "reducer">;

def Plan_ColumnRole : Plan_Enum<"ColumnRole", "why a column is read", [
  I32EnumAttrCase<"Input", 0, "input">, I32EnumAttrCase<"Given", 1, "given">, I32EnumAttrCase<"DoAsk", 2, "do_ask">
]>;
def Plan_ColumnRoleAttr : EnumAttr<Plan_Dialect, Plan_ColumnRole, "column_role">;

def Plan_ScalarRole : Plan_Enum<"ScalarRole", "what a per-run value is in the program", [
  I32EnumAttrCase<"Param", 0, "param">, I32EnumAttrCase<"Learn", 1, "learn">,
  I32EnumAttrCase<"Argument", 2, "argument">, I32EnumAttrCase<"Given", 3, "given">, I32EnumAttrCase<"Do", 4, "do">,
  I32EnumAttrCase<"Size", 5, "size">
]>;
def Plan_ScalarRoleAttr : EnumAttr<Plan_Dialect, Plan_ScalarRole, "scalar_role">;

def Plan_Shape : Plan_Enum<"Shape", "how many rows an answer has", [
  I32EnumAttrCase<"PerRow", 0, "per_row">, I32EnumAttrCase<"Once", 1, "once">,
  I32EnumAttrCase<"PerDraw", 2, "per_draw">
]>;
def Plan_ShapeAttr : EnumAttr<Plan_Dialect, Plan_Shape, "shape">;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def Plan_Scalar : AnyTypeOf<[F64, F32, I64, I32, I1], "a number or truth value">;

def Plan_TensorKind : Plan_Enum<"TensorKind", "an operation of the runtime on tensors", [
  I32EnumAttrCase<"View", 0, "view">, I32EnumAttrCase<"Gather", 1, "gather">, I32EnumAttrCase<"Concat", 2, "concat">,
  I32EnumAttrCase<"Fold", 3, "fold">, I32EnumAttrCase<"Contract", 4, "contract">,
  I32EnumAttrCase<"Routine", 5, "routine">, I32EnumAttrCase<"Places", 6, "places">, I32EnumAttrCase<"Extern", 7, "extern">
]>;
def Plan_TensorKindAttr : EnumAttr<Plan_Dialect, Plan_TensorKind, "tensor_kind">;

def Plan_Activation : Plan_Enum<"Activation", "what becomes of each element of a product", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Gelu", 1, "gelu">, I32EnumAttrCase<"Tanh", 2, "tanh">,
  I32EnumAttrCase<"Sigmoid", 3, "sigmoid">, I32EnumAttrCase<"Silu", 4, "silu">
]>;
def Plan_ActivationAttr : EnumAttr<Plan_Dialect, Plan_Activation, "activation">;

def Plan_Folding : Plan_Enum<"Folding", "what makes one element of several", [
  I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Product", 1, "product">, I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Max", 3, "max">, I32EnumAttrCase<"Any", 4, "any">, I32EnumAttrCase<"All", 5, "all">
]>;
def Plan_FoldingAttr : EnumAttr<Plan_Dialect, Plan_Folding, "folding">;

// In the order of routines::Routine (kernels/routines/Routine.h).
def Plan_Routine : Plan_Enum<"Routine", "an algorithm on tensors", [
  I32EnumAttrCase<"Solve", 0, "solve">, I32EnumAttrCase<"SolveLower", 1, "solve_lower">, I32EnumAttrCase<"SolveUpper", 2, "solve_upper">,
  I32EnumAttrCase<"Cholesky", 3, "cholesky">, I32EnumAttrCase<"Inverse", 4, "inverse">, I32EnumAttrCase<"Fft", 5, "fft">,
  I32EnumAttrCase<"InverseFft", 6, "inverse_fft">, I32EnumAttrCase<"RealFft", 7, "rfft">, I32EnumAttrCase<"InverseRealFft", 8, "inverse_rfft">,
  I32EnumAttrCase<"CumulativeSum", 9, "cumsum">, I32EnumAttrCase<"Sort", 10, "sort">, I32EnumAttrCase<"ArgMin", 11, "argmin">,
  I32EnumAttrCase<"ArgMax", 12, "argmax">
]>;
def Plan_RoutineAttr : EnumAttr<Plan_Dialect, Plan_Routine, "routine">;

def Plan_Buffer : TypeDef<Plan_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "one element per point of a space";
  let description = [{
    `!plan.buffer<f64, inner>`. In memory an array of the element type; `i1` is one byte, 0 or 1. A tensor per point,
    `!plan.buffer<tensor<3800xf64>, inner>`, is all elements of the first point, row-major, then those of the next.
  }];
  let parameters = (ins "::mlir::Type":$elementType, EnumParameter<Plan_Space>:$space);
  let assemblyFormat = "`<` $elementType `,` $space `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Entries and their inputs
//===----------------------------------------------------------------------===//

def Plan_EntryOp : Plan_Op<"entry", [Symbol, IsolatedFromAbove, SingleBlock, NoTerminator]> {
  let summary = "one entry of a package";
  let description = [{
    A compiled query. `has_draws`: its inner space is the draws of each row. `reasons`: texts of the values 1, 2, … of
    the status buffer. See the dialect's description for an example.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$model, Plan_ShapeAttr:$shape, UnitAttr:$reads_table,
                       UnitAttr:$has_draws, StrArrayAttr:$reasons);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `on` $model $shape (`reads_table` $reads_table^)? (`has_draws` $has_draws^)? `reasons` $reasons
    attr-dict-with-keyword $body
  }];
}

def Plan_ColumnOp : Plan_Op<"column", [HasParent<"EntryOp">]> {
  let summary = "a column read from the table";
  let description = [{
    `name` is the program's name of the column. A `do_ask` column has a second result: true where the cell holds a
    value.

    ```mlir
    %x = plan.column "log_mass" given : !plan.buffer<f64, inner>
    %v, %set = plan.column "do.x" do_ask : !plan.buffer<f64, inner>, !plan.buffer<i1, inner>
    ```
  }];
  let arguments = (ins StrAttr:$name, Plan_ColumnRoleAttr:$role);
  let results = (outs Plan_Buffer:$values, Optional<Plan_Buffer>:$presence);
  let assemblyFormat = "$name $role attr-dict `:` type($values) (`,` type($presence)^)?";
  let hasVerifier = 1;
}

def Plan_ScalarOp : Plan_Op<"scalar", [HasParent<"EntryOp">]> {
  let summary = "a value set per run";
  let description = [{
    `index` is its position in `acie_call::scalars`, the same for every cluster of the entry. A truth value is an i64,
    0 or 1, in memory.

    ```mlir
    %factor = plan.scalar 0 "factor" argument : f64
    ```
  }];
  let arguments = (ins I32Attr:$index, StrAttr:$name, Plan_ScalarRoleAttr:$role);
  let results = (outs Plan_Scalar:$value);
  let assemblyFormat = "$index $name $role attr-dict `:` type($value)";
}

def Plan_ParameterOp : Plan_Op<"parameter", [HasParent<"EntryOp">]> {
  let summary = "a learnt tensor, the same for all rows";
  let description = [{
    ```mlir
    %w = plan.parameter "Decoder.w" : !plan.buffer<tensor<256x16xf32>, table>
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs Plan_Buffer:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
}

def Plan_DenseOp : Plan_Op<"dense", [HasParent<"EntryOp">]> {
  let summary = "a tensor of constants";
  let description = [{
    ```mlir
    %c = plan.dense dense<[1.0, 2.0]> : tensor<2xf64> : !plan.buffer<tensor<2xf64>, table>
    ```
  }];
  let arguments = (ins ElementsAttr:$elements);
  let results = (outs Plan_Buffer:$value);
  let assemblyFormat = "$elements attr-dict `:` type($value)";
}

//===----------------------------------------------------------------------===//
// Computation
//===----------------------------------------------------------------------===//

def Plan_TensorOp : Plan_Op<"tensor", [ParentOneOf<["EntryOp", "LoopOp"]>]> {
  let summary = "an operation on the tensors of each point";
  let description = [{
    What the operations of the same names in the acie dialect do, for every point of the result's space. Operands lie in that
    space or in an outer one.

    ```mlir
    %s = plan.tensor fold of sum (%x) : !plan.buffer<tensor<3800xf64>, inner> -> !plan.buffer<f64, inner>
    %h = plan.tensor contract then tanh (%w, %x, %b) : … -> !plan.buffer<tensor<256xf32>, inner>
    %x = plan.tensor routine by solve (%a, %b) : !plan.buffer<tensor<4x4xf64>, table>, !plan.buffer<tensor<4xf64>, inner> -> !plan.buffer<tensor<4xf64>, inner>
    %t = plan.tensor view at 3799 by [-1] (%x) : !plan.buffer<tensor<3800xf64>, inner> -> !plan.buffer<tensor<3800xf64>, inner>
    ```
  }];
  let arguments = (ins Plan_TensorKindAttr:$kind, Variadic<Plan_Buffer>:$inputs, OptionalAttr<Plan_FoldingAttr>:$folding, OptionalAttr<Plan_RoutineAttr>:$routine,
                       OptionalAttr<I64Attr>:$offset, OptionalAttr<DenseI64ArrayAttr>:$strides, OptionalAttr<Plan_ActivationAttr>:$activation,
                       OptionalAttr<I64Attr>:$module);
  let results = (outs Plan_Buffer:$output);
  let assemblyFormat = [{
    $kind (`of` $folding^)? (`by` $routine^)? (`then` $activation^)? (`at` $offset^ `by` $strides)? (`module` $module^)? `(` $inputs `)` attr-dict (`:` type($inputs)^)? `->` type($output)
  }];
}

def Plan_ClusterOp : Plan_Op<"cluster", [ParentOneOf<["EntryOp", "LoopOp"]>, AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock]> {
  let summary = "one loop over a space with a straight-line body";
  let description = [{
    Runs its body once per element of `space`. Block arguments: first one scalar per buffer of `inputs` (an element of
    this space, or of an outer one: the same for all elements within), then one per scalar of `scalars`. Every result of
    the yield becomes an element of one result buffer of this space. Where the results are tensors the body runs once per
    element of each point: inputs of their shape give their element, numbers are the same for all. The body is straight-line code of `arith` and
    scalar `acie` operations and of loops of these (`plan.repeat`); `acie.uniform` is its only source of random numbers.

    `ordinal` is the kernel's number in the library, unique in the module. `interleave`, where set, is how many row
    vectors one iteration computes side by side.

    ```mlir
    %r = plan.cluster "doubled" 0 inner (%m : !plan.buffer<f64, inner>) scalars (%f : f64) {
    ^bb0(%m_i: f64, %f_i: f64):
      %a = arith.addf %m_i, %f_i : f64
      plan.yield %a : f64
    } -> !plan.buffer<f64, inner>
    ```
  }];
  let arguments = (ins StrAttr:$name, I32Attr:$ordinal, Plan_SpaceAttr:$space, Variadic<Plan_Buffer>:$inputs,
                       Variadic<Plan_Scalar>:$scalars, OptionalAttr<I32Attr>:$interleave);
  let results = (outs Variadic<Plan_Buffer>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name $ordinal $space (`interleave` $interleave^)? `(` ($inputs^ `:` type($inputs))? `)`
    (`scalars` `(` $scalars^ `:` type($scalars) `)`)? attr-dict-with-keyword $body (`->` type($outputs)^)?
  }];
  let hasVerifier = 1;
}

def Plan_LoopOp : Plan_Op<"loop", [ParentOneOf<["EntryOp", "LoopOp"]>, SingleBlock, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "clusters and operations on tensors, step after step";
  let description = [{
    Block arguments: one buffer per buffer of `init`, what is carried, and one per buffer of `over`, its part of this step.
    `plan.next` ends the body with what is carried on. Results: after the last step those carried buffers whose numbers are
    in `last`, then, of all steps, those whose numbers are in `every`. All lie in one space.

    ```mlir
    %y = plan.loop 10 from (%x) over () last [0] every [] : (!plan.buffer<f64, inner>), () {
    ^bb0(%c: !plan.buffer<f64, inner>):
      …
      plan.next %n : !plan.buffer<f64, inner>
    } -> (!plan.buffer<f64, inner>), ()
    ```
  }];
  let arguments = (ins I64Attr:$steps, Variadic<Plan_Buffer>:$init, Variadic<Plan_Buffer>:$over, DenseI32ArrayAttr:$last, DenseI32ArrayAttr:$every);
  let results = (outs Variadic<Plan_Buffer>:$last_values, Variadic<Plan_Buffer>:$every_values);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $steps `from` `(` $init `)` `over` `(` $over `)` `last` $last `every` $every attr-dict `:` `(` type($init) `)` `,` `(` type($over) `)`
    $body `->` `(` type($last_values) `)` `,` `(` type($every_values) `)`
  }];
  let hasVerifier = 1;
}

def Plan_NextOp : Plan_Op<"next", [HasParent<"LoopOp">, Pure, Terminator]> {
  let summary = "the buffers a loop carries on";
  let description = [{
    ```mlir
    plan.next %n : !plan.buffer<f64, inner>
    ```
  }];
  let arguments = (ins Variadic<Plan_Buffer>:$values);
  let assemblyFormat = "attr-dict $values `:` type($values)";
}

def Plan_RepeatOp : Plan_Op<"repeat", [HasParent<"ClusterOp">, SingleBlock, AttrSizedOperandSegments, AttrSizedResultSegments]> {
  let summary = "a loop in the body of a cluster, step after step";
  let description = [{
    Block arguments: one number per number of `init`, what is carried; then, of each step, one per series in `over` and one per
    table. `over` holds series after series, each of `steps` block arguments of the cluster, all buffers' elements or all
    scalars; a table is a tensor of `steps` constants. `plan.advance` ends the body. Results: what it names as last, of
    the last step; then, series after series, what it names as every, of each step. The cluster yields all steps of a series or
    none; what else reads them has them kept in memory.

    ```mlir
    %r:3 = plan.repeat 2 from (%x : f64) over (%u1, %u2 : f64, f64) tables [] {
    ^bb0(%c: f64, %u: f64):
      %n = arith.addf %c, %u : f64
      plan.advance (%n : f64) last(%n : f64) every(%n : f64)
    } -> (f64), (f64, f64)
    ```
  }];
  let arguments = (ins I64Attr:$steps, Variadic<Plan_Scalar>:$init, Variadic<Plan_Scalar>:$over, ArrayAttr:$tables);
  let results = (outs Variadic<Plan_Scalar>:$last_values, Variadic<Plan_Scalar>:$every_values);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $steps `from` `(` ($init^ `:` type($init))? `)` `over` `(` ($over^ `:` type($over))? `)` `tables` $tables attr-dict-with-keyword
    $body `->` `(` type($last_values) `)` `,` `(` type($every_values) `)`
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// How many series `over` holds.
    unsigned numSeries() { return getOver().size() / getSteps(); }
  }];
}

def Plan_AdvanceOp : Plan_Op<"advance", [HasParent<"RepeatOp">, Pure, Terminator, AttrSizedOperandSegments]> {
  let summary = "what a step of a repeat leaves";
  let description = [{
    ```mlir
    plan.advance (%n : f64) last(%n : f64) every()
    ```
  }];
  let arguments = (ins Variadic<Plan_Scalar>:$next, Variadic<Plan_Scalar>:$last, Variadic<Plan_Scalar>:$every);
  let assemblyFormat = [{
    `(` ($next^ `:` type($next))? `)` `last` `(` ($last^ `:` type($last))? `)` `every` `(` ($every^ `:` type($every))? `)` attr-dict
  }];
}

def Plan_UniformOp : Plan_Op<"uniform", [HasParent<"RepeatOp">, Pure]> {
  let summary = "acie.uniform of a name that the step decides";
  let description = [{
    `key` is the name's hash, `random::hashName`.

    ```mlir
    %u = plan.uniform %key : f64
    ```
  }];
  let arguments = (ins I64:$key);
  let results = (outs F64:$value);
  let assemblyFormat = "$key attr-dict `:` type($value)";
}

def Plan_YieldOp : Plan_Op<"yield", [HasParent<"ClusterOp">, Pure, Terminator]> {
  let summary = "the elements a cluster writes";
  let description = [{
    ```mlir
    plan.yield %a, %status : f64, i32
    ```
  }];
  let arguments = (ins Variadic<Plan_Scalar>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Plan_ReduceOp : Plan_Op<"reduce", [HasParent<"EntryOp">]> {
  let summary = "collapses draws or rows";
  let description = [{
    Reduces a buffer to the next outer space, by sums that do not depend on the order of the elements. `count` takes
    no operand and counts rows. A second result holds the standard error of an estimate over draws. Of tensors, every element
    is reduced by itself.

    ```mlir
    %m, %se = plan.reduce mean %y : !plan.buffer<f64, inner> -> !plan.buffer<f64, row>, !plan.buffer<f64, row>
    %q = plan.reduce quantile level 0.95 %y : !plan.buffer<f64, inner> -> !plan.buffer<f64, row>
    %n = plan.reduce count -> !plan.buffer<f64, table>
    ```
  }];
  let arguments = (ins Plan_ReducerAttr:$reducer, OptionalAttr<F64Attr>:$level, Optional<Plan_Buffer>:$input);
  let results = (outs Plan_Buffer:$output, Optional<Plan_Buffer>:$standard_error);
  let assemblyFormat = [{
    $reducer (`level` $level^)? ($input^ `:` type($input))? attr-dict `->` type($output)
    (`,` type($standard_error)^)?
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

def Plan_OutputOp : Plan_Op<"output", [HasParent<"EntryOp">]> {
  let summary = "a column of the answer";
  let description = [{
    Columns stand in the order of their operations. A column that is the standard error of an expression of several
    estimates has no buffer: the runtime finds it by the grouped jackknife of output number `jackknife_of`.

    ```mlir
    plan.output "effect" %e : !plan.buffer<f64, row>
    plan.output "effect.se" jackknife_of 0
    ```
  }];
  let arguments = (ins StrAttr:$name, OptionalAttr<I32Attr>:$jackknife_of, Optional<Plan_Buffer>:$value);
  let assemblyFormat = "$name (`jackknife_of` $jackknife_of^)? ($value^ `:` type($value))? attr-dict";
  let hasVerifier = 1;
}

def Plan_StatusOp : Plan_Op<"status", [HasParent<"EntryOp">]> {
  let summary = "which rows have an answer";
  let description = [{
    0: the row has an answer; k: it has none, for the k-th of the entry's reasons.

    ```mlir
    plan.status %s : !plan.buffer<i32, inner>
    ```
  }];
  let arguments = (ins Plan_Buffer:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Plan_ViolationOp : Plan_Op<"violation", [HasParent<"EntryOp">]> {
  let summary = "how far the answer is from satisfying the constraints";
  let description = [{
    `residual` is the largest |r| over the checked constraints, `holds` whether each is within its tolerance.

    ```mlir
    plan.violation %r, %ok : !plan.buffer<f64, inner>, !plan.buffer<i1, inner>
    ```
  }];
  let arguments = (ins Plan_Buffer:$residual, Plan_Buffer:$holds);
  let assemblyFormat = "$residual `,` $holds attr-dict `:` type($residual) `,` type($holds)";
  let hasVerifier = 1;
}

#endif  // ACIE_DIALECT_PLAN_PLANOPS_TD
