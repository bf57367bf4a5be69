// Models, queries and the graph of a query between surgery and clustering.
#ifndef ACIE_DIALECT_ACIE_ACIEOPS_TD
#define ACIE_DIALECT_ACIE_ACIEOPS_TD

include "compiler/Dialect/Acie/AcieFunctions.td"
include "compiler/Dialect/Acie/AcieTensors.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"


//===----------------------------------------------------------------------===//
// Enumerations
//===----------------------------------------------------------------------===//

def Acie_Law : Acie_Enum<"Law", "the law of a primitive noise", [
  I32EnumAttrCase<"StdUniform", 0, "std_uniform">, I32EnumAttrCase<"StdNormal", 1, "std_normal">,
  I32EnumAttrCase<"StdExponential", 2, "std_exponential">, I32EnumAttrCase<"StdLogistic", 3, "std_logistic">,
  I32EnumAttrCase<"StdGumbel", 4, "std_gumbel">, I32EnumAttrCase<"StdCauchy", 5, "std_cauchy">,
  I32EnumAttrCase<"StdLaplace", 6, "std_laplace">, I32EnumAttrCase<"StdStudentT", 7, "std_student_t">
]>;
def Acie_LawAttr : EnumAttr<Acie_Dialect, Acie_Law, "law">;

def Acie_SlotRole : Acie_Enum<"SlotRole", "what a per-run value is in the program", [
  I32EnumAttrCase<"Param", 0, "param">, I32EnumAttrCase<"Learn", 1, "learn">,
  I32EnumAttrCase<"Argument", 2, "argument">, I32EnumAttrCase<"Given", 3, "given">, I32EnumAttrCase<"Do", 4, "do">,
  I32EnumAttrCase<"Size", 5, "size">
]>;
def Acie_SlotRoleAttr : EnumAttr<Acie_Dialect, Acie_SlotRole, "slot_role">;

def Acie_ColumnRole : Acie_Enum<"ColumnRole", "why a column is read", [
  I32EnumAttrCase<"Input", 0, "input">, I32EnumAttrCase<"Given", 1, "given">, I32EnumAttrCase<"DoAsk", 2, "do_ask">
]>;
def Acie_ColumnRoleAttr : EnumAttr<Acie_Dialect, Acie_ColumnRole, "column_role">;

def Acie_Mode : Acie_Enum<"Mode", "where the noise of a query comes from", [
  I32EnumAttrCase<"Evidence", 0, "evidence">, I32EnumAttrCase<"Population", 1, "population">
]>;
def Acie_ModeAttr : EnumAttr<Acie_Dialect, Acie_Mode, "mode">;

def Acie_Shape : Acie_Enum<"Shape", "how many rows the answer has", [
  I32EnumAttrCase<"PerRow", 0, "per_row">, I32EnumAttrCase<"Once", 1, "once">,
  I32EnumAttrCase<"PerDraw", 2, "per_draw">
]>;
def Acie_ShapeAttr : EnumAttr<Acie_Dialect, Acie_Shape, "shape">;

def Acie_Form : Acie_Enum<"Form", "what an output column holds", [
  I32EnumAttrCase<"Value", 0, "value">, I32EnumAttrCase<"StandardError", 1, "standard_error">,
  I32EnumAttrCase<"Draw", 2, "draw">
]>;
def Acie_FormAttr : EnumAttr<Acie_Dialect, Acie_Form, "form">;

def Acie_Estimator : Acie_Enum<"Estimator", "an estimate over the noise", [
  I32EnumAttrCase<"Mean", 0, "mean">, I32EnumAttrCase<"Probability", 1, "probability">,
  I32EnumAttrCase<"Variance", 2, "variance">, I32EnumAttrCase<"StdDev", 3, "std_dev">,
  I32EnumAttrCase<"Quantile", 4, "quantile">, I32EnumAttrCase<"Min", 5, "min">, I32EnumAttrCase<"Max", 6, "max">
]>;
def Acie_EstimatorAttr : EnumAttr<Acie_Dialect, Acie_Estimator, "estimator">;

def Acie_RowReducer : Acie_Enum<"RowReducer", "a summary over the rows of the table", [
  I32EnumAttrCase<"Mean", 0, "mean">, I32EnumAttrCase<"Sum", 1, "sum">, I32EnumAttrCase<"Variance", 2, "variance">,
  I32EnumAttrCase<"Min", 3, "min">, I32EnumAttrCase<"Max", 4, "max">, I32EnumAttrCase<"Count", 5, "count">
]>;
def Acie_RowReducerAttr : EnumAttr<Acie_Dialect, Acie_RowReducer, "row_reducer">;

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

def Acie_ModelOp : Acie_Op<"model", [Symbol, SymbolTable, SingleBlock, NoTerminator]> {
  let summary = "a structural causal model";
  let description = [{
    Holds inputs, exogenous variables, structural equations and constraints. The order of its operations is
    topological: an equation's parents stand before it.

    ```mlir
    acie.model @Chain {
      acie.exo @u law "normal(0, 1)" : f64 {
        %n = acie.sample "u" std_normal : f64
        acie.yield %n : f64
      }
      acie.var @x(@u) : f64 {
      ^bb0(%u: f64):
        acie.yield %u : f64
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
}

def Acie_YieldOp : Acie_Op<"yield", [Pure, Terminator]> {
  let summary = "the value of an equation, law, intervention or constraint";
  let description = [{
    ```mlir
    acie.yield %x : f64
    ```
  }];
  let arguments = (ins Variadic<Acie_Value>:$values);
  let assemblyFormat = "attr-dict $values `:` type($values)";
}

def Acie_InputOp : Acie_Op<"input", [Symbol, HasParent<"ModelOp">]> {
  let summary = "a known covariate of a model";
  let description = [{
    ```mlir
    acie.input @z : f64
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Acie_Value>:$type);
  let assemblyFormat = "$sym_name attr-dict `:` $type";
}

def Acie_ExoOp : Acie_Op<"exo", [Symbol, HasParent<"ModelOp">, IsolatedFromAbove]> {
  let summary = "an exogenous variable and its law";
  let description = [{
    The first region draws the variable by transforming primitive noises (`acie.sample`). The second one, where the
    law's support is not the whole line, takes a value and yields whether it lies in the support. A law may depend on
    inputs (`over`); they are further arguments of both regions.

    ```mlir
    acie.exo @u law "exponential(1)" : f64 {
      %n = acie.sample "u" std_exponential : f64
      acie.yield %n : f64
    } support {
    ^bb0(%v: f64):
      %zero = arith.constant 0.0 : f64
      %inside = arith.cmpf oge, %v, %zero : f64
      acie.yield %inside : i1
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$law_text, OptionalAttr<FlatSymbolRefArrayAttr>:$parents,
                       TypeAttrOf<Acie_Value>:$type);
  let regions = (region SizedRegion<1>:$law, MaxSizedRegion<1>:$support);
  let assemblyFormat = [{
    $sym_name `law` $law_text (`over` custom<SymbolList>($parents)^)? `:` $type attr-dict-with-keyword $law
    (`support` $support^)?
  }];
  let hasVerifier = 1;
}

def Acie_VarOp : Acie_Op<"var", [Symbol, HasParent<"ModelOp">, IsolatedFromAbove]> {
  let summary = "a variable and its structural equation";
  let description = [{
    The region is the equation; its arguments are the values of `parents` (variables, inputs and exogenous variables of
    the model, each once), in order.

    ```mlir
    acie.var @y(@x, @u) : f64 {
    ^bb0(%x: f64, %u: f64):
      %y = arith.addf %x, %u : f64
      acie.yield %y : f64
    }
    ```

    An equation `of` another variable has those of some parents in their places; it is solved for noise and never evaluated.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefArrayAttr:$parents, TypeAttrOf<Acie_Value>:$type,
                       OptionalAttr<FlatSymbolRefAttr>:$of);
  let regions = (region SizedRegion<1>:$equation);
  let assemblyFormat = [{
    $sym_name custom<SymbolList>($parents) `:` $type (`of` $of^)? attr-dict-with-keyword $equation
  }];
  let hasVerifier = 1;
}

def Acie_ConstraintOp : Acie_Op<"constraint", [Symbol, HasParent<"ModelOp">, IsolatedFromAbove]> {
  let summary = "a constraint between variables of a model";
  let description = [{
    The region yields one dimensionless residual per row of the constraint; a row holds where |r| is at most its
    tolerance.

    ```mlir
    acie.constraint @balance(@x, @y) tolerance [1.000000e-09] {
    ^bb0(%x: f64, %y: f64):
      %r = arith.subf %x, %y : f64
      acie.yield %r : f64
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefArrayAttr:$parents, F64ArrayAttr:$tolerances);
  let regions = (region SizedRegion<1>:$residuals);
  let assemblyFormat = [{
    $sym_name custom<SymbolList>($parents) `tolerance` custom<F64List>($tolerances) attr-dict-with-keyword $residuals
  }];
  let hasVerifier = 1;
}

def Acie_SampleOp : Acie_FunctionOp<"sample", "a primitive noise", "%n = acie.sample \"u\" std_normal : f64"> {
  let description = [{
    A number drawn from a fixed law, keyed by its name: the law's quantile of `acie.uniform` of that name. Student's t
    takes its degrees of freedom.

    ```mlir
    %n = acie.sample "metal.noise" std_normal : f64
    %t = acie.sample "u" std_student_t(%nu) : f64
    ```
  }];
  let arguments = (ins StrAttr:$name, Acie_LawAttr:$law, Optional<F64>:$shape);
  let results = (outs Acie_F64Like:$value);
  let assemblyFormat = "$name $law (`(` $shape^ `)`)? attr-dict `:` type($value)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

def Acie_QueryOp : Acie_Op<"query", [Symbol, SingleBlock, NoTerminator]> {
  let summary = "a query: worlds, evidence and what to return";
  let description = [{
    Worlds are numbered in the order of their operations; the first is factual. All share the model's noise. How each
    noise is recovered has been decided before (`acie.recover`).

    ```mlir
    acie.query @doubled on @Galaxy evidence per_row reads_table {
      acie.given @log_mass
      acie.recover @u_mass from @log_mass
      acie.world "factual" {
      }
      acie.world "" {
        acie.do @log_mass {
          %x = acie.natural @log_mass in 1 : f64
          acie.yield %x : f64
        }
      }
      acie.answer {
        %y = acie.ref @log_sfr in 1 : f64
        acie.output "log_sfr" value %y : f64
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$model, Acie_ModeAttr:$mode, Acie_ShapeAttr:$shape,
                       UnitAttr:$reads_table);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `on` $model $mode $shape (`reads_table` $reads_table^)? attr-dict-with-keyword $body
  }];
}

def Acie_GivenOp : Acie_Op<"given", [HasParent<"QueryOp">]> {
  let summary = "a variable whose factual value is known";
  let description = [{
    From the column of the variable's name, or from a value set per run (`slot`, its name).

    ```mlir
    acie.given @log_mass
    acie.given @dose slot "dose"
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable, OptionalAttr<StrAttr>:$slot);
  let assemblyFormat = "$variable (`slot` $slot^)? attr-dict";
}

def Acie_RecoverOp : Acie_Op<"recover", [HasParent<"QueryOp">]> {
  let summary = "how a noise is recovered from the evidence";
  let description = [{
    Solve the equation of the known variable `from` for `noise`, an exogenous variable, or a variable that is not given
    but follows from a child without noise. `affine`: the noise occurs several times, linearly.
    `reason` says in words why that can be done. `equations` are solved together for as many `unknowns`, linear in all of them.
    `conditioned`: there are more unknowns, with normal laws; they are drawn from their law given the evidence.

    ```mlir
    acie.recover @u_sfr from @log_sfr
    acie.recover @u from @y affine
    acie.recover @u from @x affine with (@x, @y) for (@u, @v)
    acie.recover @u from @x affine with (@x) for (@u, @v) conditioned
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$noise, FlatSymbolRefAttr:$from, UnitAttr:$affine,
                       OptionalAttr<StrAttr>:$reason, OptionalAttr<FlatSymbolRefArrayAttr>:$equations,
                       OptionalAttr<FlatSymbolRefArrayAttr>:$unknowns, UnitAttr:$conditioned);
  let assemblyFormat = [{
    $noise `from` $from (`affine` $affine^)? (`reason` $reason^)?
    (`with` custom<SymbolList>($equations)^ `for` custom<SymbolList>($unknowns))? (`conditioned` $conditioned^)? attr-dict
  }];
}

def Acie_ConsistentOp : Acie_Op<"consistent", [HasParent<"QueryOp">]> {
  let summary = "a known variable whose noise is all known";
  let description = [{
    Its equation must give the known value to 1e-9 relative, or the evidence has probability zero.

    ```mlir
    acie.consistent @total
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable);
  let assemblyFormat = "$variable attr-dict";
}

def Acie_RandomOp : Acie_Op<"random", [HasParent<"QueryOp">]> {
  let summary = "a noise sampled from its law";
  let description = [{
    ```mlir
    acie.random @u
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$noise);
  let assemblyFormat = "$noise attr-dict";
}

def Acie_CheckOp : Acie_Op<"check", [HasParent<"QueryOp">]> {
  let summary = "a constraint checked in some worlds";
  let description = [{
    ```mlir
    acie.check @energy in [0, 1]
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$constraint, DenseI32ArrayAttr:$worlds);
  let assemblyFormat = "$constraint `in` $worlds attr-dict";
}

def Acie_WorldOp : Acie_Op<"world", [HasParent<"QueryOp">, SingleBlock, NoTerminator]> {
  let summary = "a copy of the model with some equations replaced";
  let description = [{
    ```mlir
    acie.world "treated" {
      acie.do @dose {
        %one = arith.constant 1.0 : f64
        acie.yield %one : f64
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$name attr-dict-with-keyword $body";
}

def Acie_DoOp : Acie_Op<"do", [HasParent<"WorldOp">]> {
  let summary = "replaces the equation of a variable";
  let description = [{
    The region yields the new value, over values of any world.

    ```mlir
    acie.do @mediator {
      %m = acie.ref @mediator in 1 : f64
      acie.yield %m : f64
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable);
  let regions = (region SizedRegion<1>:$value);
  let assemblyFormat = "$variable attr-dict-with-keyword $value";
}

def Acie_RefOp : Acie_Op<"ref", [Pure]> {
  let summary = "the value of a variable in a world";
  let description = [{
    Of the query's model. Only before surgery.

    ```mlir
    %y = acie.ref @log_sfr in 1 : f64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable, I32Attr:$world);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$variable `in` $world attr-dict `:` type($value)";
}

def Acie_NaturalOp : Acie_Op<"natural", [Pure]> {
  let summary = "what a variable's own equation gives in a world";
  let description = [{
    The value the variable would have in that world if it alone were not intervened on. Only before surgery.

    ```mlir
    %x = acie.natural @log_mass in 1 : f64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable, I32Attr:$world);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$variable `in` $world attr-dict `:` type($value)";
}

def Acie_AnswerOp : Acie_Op<"answer", [HasParent<"QueryOp">, SingleBlock, NoTerminator]> {
  let summary = "what a query returns, before surgery";
  let description = [{
    ```mlir
    acie.answer {
      %y = acie.ref @log_sfr in 1 : f64
      acie.output "log_sfr" value %y : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Acie_ProgramOp : Acie_Op<"program", [HasParent<"QueryOp">, SingleBlock, NoTerminator]> {
  let summary = "what a query computes, after surgery";
  let description = [{
    A flat graph over all worlds, written by surgery and worked on by every later pass.

    ```mlir
    acie.program {
      %x = acie.column "x" given : f64
      acie.output "x" value %x : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

def Acie_SlotOp : Acie_Op<"slot", [Pure]> {
  let summary = "a value set per run";
  let description = [{
    ```mlir
    %factor = acie.slot "factor" argument : f64
    ```
  }];
  let arguments = (ins StrAttr:$name, Acie_SlotRoleAttr:$role);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$name $role attr-dict `:` type($value)";
}

def Acie_ColumnOp : Acie_Op<"column", [Pure]> {
  let summary = "a cell of the row's column";
  let description = [{
    ```mlir
    %m = acie.column "log_mass" given : f64
    ```
  }];
  let arguments = (ins StrAttr:$name, Acie_ColumnRoleAttr:$role);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$name $role attr-dict `:` type($value)";
}

def Acie_PresentOp : Acie_Op<"present", [Pure]> {
  let summary = "whether the row's cell of a do? column holds a value";
  let description = [{
    ```mlir
    %set = acie.present "do.x" : i1
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs I1:$value);
  let assemblyFormat = "$name attr-dict `:` type($value)";
}

//===----------------------------------------------------------------------===//
// The graph of a query
//===----------------------------------------------------------------------===//

def Acie_NoiseOp : Acie_Op<"noise", [Pure]> {
  let summary = "the value of an exogenous variable, shared by all worlds";
  let description = [{
    Where it comes from is the business of abduction planning. Also the factual value of a variable that the query
    deduces from a child (`acie.recover` of a variable).

    ```mlir
    %u = acie.noise @u_mass : f64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$noise);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$noise attr-dict `:` type($value)";
}

def Acie_EvalOp : Acie_Op<"eval", [Pure, AttrSizedOperandSegments]> {
  let summary = "a variable's equation in a world";
  let description = [{
    Applies the equation of `variable` to the values of its parents. `worlds`: those this value belongs to.

    An evaluation of a variable that the evidence holds carries what abduction knows of it (`observed`): the known
    value and the parents' factual values. The evidence's bits are kept wherever the parents have their factual bits,
    because f(f⁻¹(y)) need not be y.

    ```mlir
    %y = acie.eval @y(%x, %u) in [1] : (f64, f64) -> f64
    %z = acie.eval @z(%x1, %u) observed %z0(%x0, %u) in [1] : (f64, f64) -> f64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$variable, Variadic<Acie_Value>:$parents, Optional<Acie_Value>:$evidence,
                       Variadic<Acie_Value>:$factual, DenseI32ArrayAttr:$worlds);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = [{
    $variable `(` $parents `)` (`observed` $evidence^ `(` $factual `)`)? `in` $worlds attr-dict
    custom<EvalTypes>(ref($evidence), type($parents), type($evidence), type($factual), type($value))
  }];
  let hasVerifier = 1;
}

def Acie_KeepOp : Acie_Op<"keep", [Pure, SameVariadicOperandSize]> {
  let summary = "the evidence's bits where the parents have their factual bits";
  let description = [{
    `evidence` where each value of `parents` has the bits of its counterpart in `factual`, else `recomputed`.

    ```mlir
    %v = acie.keep %evidence, %recomputed if (%x1) is (%x0) : f64, f64
    ```
  }];
  let arguments = (ins Acie_Value:$evidence, Acie_Value:$recomputed, Variadic<Acie_Value>:$parents,
                       Variadic<Acie_Value>:$factual);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = [{
    $evidence `,` $recomputed `if` `(` $parents `)` `is` `(` $factual `)` attr-dict
    custom<KeepTypes>(type($value), type($evidence), type($recomputed), type($parents), type($factual))
  }];
  let hasVerifier = 1;
}

def Acie_AbductOp : Acie_Op<"abduct", [Pure]> {
  let summary = "a noise solved from a known variable's equation";
  let description = [{
    The value of `noise` for which the equation of `from`, at the factual parents, gives `observed`. `parents` are all
    arguments of the equation but the noise, in their order. `affine`: the noise occurs several times, linearly. The
    second result, where wanted, is log |d from / d noise| at the solution.

    ```mlir
    %u = acie.abduct @u from @y %y(%x) : (f64, f64) -> f64
    %u, %j = acie.abduct @u from @y %y(%x) affine : (f64, f64) -> f64, f64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$noise, FlatSymbolRefAttr:$from, Acie_Value:$observed,
                       Variadic<Acie_Value>:$parents, UnitAttr:$affine);
  let results = (outs Acie_Value:$value, Optional<F64>:$log_jacobian);
  let assemblyFormat = [{
    $noise `from` $from $observed `(` $parents `)` (`affine` $affine^)? attr-dict
    custom<AbductTypes>(type($observed), type($parents), type($value), type($log_jacobian))
  }];
}

def Acie_AbductTogetherOp : Acie_Op<"abduct_together", [Pure, AttrSizedOperandSegments]> {
  let summary = "noises solved together from as many equations";
  let description = [{
    The values of `noises` for which the equations of `from`, linear in all of them, give `observed`. `parents` are the other
    arguments of each equation, one equation after the other. NaN where the system is singular.

    ```mlir
    %u:2 = acie.abduct_together(@u, @v) from(@x, @y) %x, %y with %a : (f64, f64, f64) -> (f64, f64)
    ```
  }];
  let arguments = (ins FlatSymbolRefArrayAttr:$noises, FlatSymbolRefArrayAttr:$from, Variadic<Acie_Scalar>:$observed,
                       Variadic<Acie_Value>:$parents);
  let results = (outs Variadic<Acie_Scalar>:$values);
  let assemblyFormat = [{
    custom<SymbolList>($noises) `from` custom<SymbolList>($from) $observed (`with` $parents^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def Acie_ConditionOp : Acie_Op<"condition", [Pure, AttrSizedOperandSegments]> {
  let summary = "normal noises drawn from their law given the evidence";
  let description = [{
    The equations of `from`, linear in all `noises`, give `observed`; there are fewer of them than noises, whose laws are normal.
    `drawn` are values of the noises by their laws alone: what an equation of them lacks of the evidence is given to each noise by its
    share. `parents` are the other arguments of each equation, one equation after the other, `inputs` those of each law. All are
    numbers, or there is one equation and all are tensors of one shape, which are conditioned element by element.

    ```mlir
    %u:2 = acie.condition(@u, @v) from(@x) %x to %du, %dv : (f64, f64, f64) -> (f64, f64)
    ```
  }];
  let arguments = (ins FlatSymbolRefArrayAttr:$noises, FlatSymbolRefArrayAttr:$from, Variadic<Acie_Value>:$observed,
                       Variadic<Acie_Value>:$drawn, Variadic<Acie_Value>:$parents, Variadic<Acie_Value>:$inputs);
  let results = (outs Variadic<Acie_Value>:$values);
  let assemblyFormat = [{
    custom<SymbolList>($noises) `from` custom<SymbolList>($from) $observed `to` $drawn (`with` $parents^)? (`at` $inputs^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def Acie_SupportedOp : Acie_Op<"supported", [Pure]> {
  let summary = "whether a value lies in the support of a noise's law";
  let description = [{
    `parents` are the inputs that the law depends on.

    ```mlir
    %inside = acie.supported @u %v() : (f64) -> i1
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$noise, Acie_Value:$operand, Variadic<Acie_Value>:$parents);
  let results = (outs I1:$value);
  let assemblyFormat = "$noise $operand `(` $parents `)` attr-dict `:` functional-type(operands, $value)";
}

def Acie_DrawOp : Acie_Op<"draw", [Pure]> {
  let summary = "an exogenous variable drawn from its law";
  let description = [{
    Applies the law of `noise` to the inputs it depends on; every draw of one noise is the same value.

    ```mlir
    %u = acie.draw @u(%z) : (f64) -> f64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$noise, Variadic<Acie_Value>:$parents);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$noise `(` $parents `)` attr-dict `:` functional-type(operands, $value)";
}

def Acie_ResidualOp : Acie_Op<"residual", [Pure]> {
  let summary = "how far a constraint is from holding";
  let description = [{
    The largest |r| over the rows of `constraint`, and whether each row is within its tolerance.

    ```mlir
    %r, %ok = acie.residual @balance(%x, %y) in 1 : (f64, f64)
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$constraint, Variadic<Acie_Value>:$parents, I32Attr:$world);
  let results = (outs F64:$residual, I1:$holds);
  let assemblyFormat = "$constraint `(` $parents `)` `in` $world attr-dict `:` `(` type($parents) `)`";
}

def Acie_RequireOp : Acie_Op<"require"> {
  let summary = "a condition without which the row is undefined";
  let description = [{
    The row's status is the reason of a condition that fails: the last one in the order of the program.

    ```mlir
    acie.require %inside "recovered noise u lies outside its law's support"
    ```
  }];
  let arguments = (ins I1:$condition, StrAttr:$reason);
  let assemblyFormat = "$condition $reason attr-dict";
}

def Acie_ExpectOp : Acie_Op<"expect", [Pure]> {
  let summary = "an estimate over the noise: from draws to rows";
  let description = [{
    Of a tensor, of each of its elements.

    ```mlir
    %m = acie.expect mean %y : f64 -> f64
    %q = acie.expect quantile level 9.500000e-01 %y : tensor<100xf64> -> tensor<100xf64>
    %p = acie.expect probability %b : i1 -> f64
    ```
  }];
  let arguments = (ins Acie_EstimatorAttr:$estimator, OptionalAttr<F64Attr>:$level, Acie_Value:$operand);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$estimator (`level` $level^)? $operand attr-dict `:` type($operand) `->` type($value)";
  let hasVerifier = 1;
}

def Acie_RowsOp : Acie_Op<"rows", [Pure]> {
  let summary = "a summary over the rows of the table";
  let description = [{
    Of a tensor, of each of its elements.

    ```mlir
    %m = acie.rows mean %y : f64 -> f64
    %n = acie.rows count -> f64
    ```
  }];
  let arguments = (ins Acie_RowReducerAttr:$reducer, Optional<Acie_Value>:$operand);
  let results = (outs Acie_Value:$value);
  let assemblyFormat = "$reducer ($operand^ `:` type($operand))? attr-dict `->` type($value)";
  let hasVerifier = 1;
}

def Acie_OutputOp : Acie_Op<"output"> {
  let summary = "a column of the answer";
  let description = [{
    `value`: the operand; `standard_error`: of the operand's estimate, found by the runtime; `draw`: the operand in each
    draw.

    ```mlir
    acie.output "log_sfr" value %y : f64
    ```
  }];
  let arguments = (ins StrAttr:$name, Acie_FormAttr:$form, Acie_Value:$operand);
  let assemblyFormat = "$name $form $operand attr-dict `:` type($operand)";
}

def Acie_ViolationOp : Acie_Op<"violation"> {
  let summary = "how far the answer is from satisfying the checked constraints";
  let description = [{
    ```mlir
    acie.violation %r, %ok
    ```
  }];
  let arguments = (ins F64:$residual, I1:$holds);
  let assemblyFormat = "$residual `,` $holds attr-dict";
}

#endif  // ACIE_DIALECT_ACIE_ACIEOPS_TD
