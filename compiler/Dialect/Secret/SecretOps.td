// The Secret dialect: programs of several parties on plain, exact and encrypted values.
#ifndef ACIE_DIALECT_SECRET_SECRETOPS_TD
#define ACIE_DIALECT_SECRET_SECRETOPS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Secret_Dialect : Dialect {
  let name = "secret";
  let cppNamespace = "::acie::secret";
  let summary = "what parties compute together without showing it to each other";
  let description = [{
    A `secret.graph` is a list of operations, each at a party: that of its result's type. A type says everything that is
    known of a value without its bits: where it is, its shape, and of exact and encrypted values what one unit is worth
    and the integers they can be.

    Sema makes one graph for all parties, where `secret.reveal` and `secret.move` take values to another one. The passes
    infer intervals anew (InferRanges), look after the flow (CheckFlow), pack, choose how matrices are multiplied
    (PlanMatvec), re-randomise what leaves (InsertSeal), and make one graph per party with the messages between them
    (SplitParties). Ciphertexts go from `fresh` (as encrypted) over `derived` (computed) to `sealed` (re-randomised).
  }];
  let useDefaultTypePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Secret_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::acie::secret";
}

def Secret_State : Secret_Enum<"State", "whether a ciphertext may leave", [
  I32EnumAttrCase<"Fresh", 0, "fresh">, I32EnumAttrCase<"Derived", 1, "derived">, I32EnumAttrCase<"Sealed", 2, "sealed">]>;

class Secret_Type<string name, string mnem, string what> : TypeDef<Secret_Dialect, name> {
  let mnemonic = mnem;
  let summary = what;
}

def Secret_Plain : Secret_Type<"Plain", "plain", "f64 numbers at a party"> {
  let parameters = (ins StringRefParameter<"where">:$party, OptionalArrayRefParameter<"int64_t">:$shape);
  let assemblyFormat = "`<` $party `,` `[` (`]`) : ($shape^ `]`)? `>`";
}

def Secret_Integers : Secret_Type<"Integers", "integers", "fixed-point numbers at a party"> {
  let parameters = (ins StringRefParameter<"where">:$party, OptionalArrayRefParameter<"int64_t">:$shape,
                        StringRefParameter<"what one unit is worth, a rational number">:$scale,
                        StringRefParameter<"smallest integer">:$low, StringRefParameter<"largest integer">:$high);
  let assemblyFormat = "`<` $party `,` `[` (`]`) : ($shape^ `]`)? `,` $scale `,` $low `,` $high `>`";
}

def Secret_Cipher : Secret_Type<"Cipher", "cipher", "fixed-point numbers under a key"> {
  let parameters = (ins StringRefParameter<"where">:$party, OptionalArrayRefParameter<"int64_t">:$shape,
                        StringRefParameter<"what one unit is worth">:$scale, StringRefParameter<"smallest integer">:$low,
                        StringRefParameter<"largest integer">:$high, StringRefParameter<"the key's name">:$key,
                        EnumParameter<Secret_State>:$state, "int64_t":$slots);
  let assemblyFormat = "`<` $party `,` `[` (`]`) : ($shape^ `]`)? `,` $scale `,` $low `,` $high `,` $key `,` $state `,` $slots `>`";
}

def Secret_Bytes : Secret_Type<"Bytes", "bytes", "what a file holds"> {
  let parameters = (ins StringRefParameter<"where">:$party);
  let assemblyFormat = "`<` $party `>`";
}

def Secret_Exact : AnyTypeOf<[Secret_Integers, Secret_Cipher]>;
def Secret_Numbers : AnyTypeOf<[Secret_Plain, Secret_Integers, Secret_Cipher]>;
def Secret_Any : AnyTypeOf<[Secret_Plain, Secret_Integers, Secret_Cipher, Secret_Bytes]>;

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

class Secret_Op<string mnemonic, list<Trait> traits = []> : Op<Secret_Dialect, mnemonic, traits>;

def Secret_KeyOp : Secret_Op<"key", [Symbol]> {
  let summary = "a key and who holds it";
  let description = "Example: `secret.key @k paillier 3072 held_by \"observatory\"`.";
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$scheme, I32Attr:$bits, StrAttr:$holder, UnitAttr:$allow_weak, OptionalAttr<StrAttr>:$fingerprint);
  let assemblyFormat = "$sym_name $scheme $bits `held_by` $holder attr-dict";
  let hasVerifier = 1;
}

def Secret_GraphOp : Secret_Op<"graph", [Symbol, NoTerminator, SingleBlock, NoRegionArguments, IsolatedFromAbove]> {
  let summary = "a program of all parties, or what one of them does";
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<StrAttr>:$party);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name (`at` $party^)? attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Plain values
//===----------------------------------------------------------------------===//

def Secret_InputOp : Secret_Op<"input"> {
  let summary = "what the user gives to a party: numbers, a file, or ciphertexts that it stored";
  let arguments = (ins StrAttr:$name, I64Attr:$index);
  let results = (outs Secret_Any:$result);
  let assemblyFormat = "$name $index attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Secret_ConstantOp : Secret_Op<"constant", [Pure]> {
  let summary = "numbers of the program";
  let arguments = (ins DenseF64ArrayAttr:$numbers);
  let results = (outs Secret_Plain:$result);
  let assemblyFormat = "$numbers attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Secret_DrawOp : Secret_Op<"draw", [Pure]> {
  let summary = "a number uniform on (0, 1) for each draw of a noise, which is a function of the run's seed and the noise's name";
  let arguments = (ins StrAttr:$noise);
  let results = (outs Secret_Plain:$result);
  let assemblyFormat = "$noise attr-dict `:` type($result)";
}

def Secret_PlainOp : Secret_Op<"compute", [Pure]> {
  let summary = "a function of plain values";
  let arguments = (ins StrAttr:$function, Variadic<Secret_Plain>:$operands);
  let results = (outs Secret_Plain:$result);
  let assemblyFormat = "$function $operands attr-dict `:` functional-type($operands, $result)";
}

def Secret_QuantiseOp : Secret_Op<"quantise", [Pure]> {
  let summary = "plain numbers to the nearest multiples of a scale, ties to even";
  let arguments = (ins Secret_Plain:$operand);
  let results = (outs Secret_Integers:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
}

def Secret_DequantiseOp : Secret_Op<"dequantise", [Pure]> {
  let summary = "exact numbers to the nearest f64";
  let arguments = (ins Secret_Integers:$operand);
  let results = (outs Secret_Plain:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Any numbers
//===----------------------------------------------------------------------===//

def Secret_GatherOp : Secret_Op<"gather", [Pure]> {
  let summary = "result element i is element indices[i]";
  let arguments = (ins Secret_Numbers:$operand, DenseI64ArrayAttr:$indices);
  let results = (outs Secret_Numbers:$result);
  let assemblyFormat = "$operand $indices attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Secret_ConcatOp : Secret_Op<"concat", [Pure]> {
  let summary = "elements one after the other";
  let arguments = (ins Variadic<Secret_Numbers>:$operands);
  let results = (outs Secret_Numbers:$result);
  let assemblyFormat = "$operands attr-dict `:` functional-type($operands, $result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Exact and encrypted numbers
//===----------------------------------------------------------------------===//

def Secret_ConcealOp : Secret_Op<"conceal"> {
  let summary = "encryption; gives fresh ciphertexts";
  let arguments = (ins Secret_Integers:$operand);
  let results = (outs Secret_Cipher:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Secret_DecryptOp : Secret_Op<"decrypt", [Pure]> {
  let summary = "decryption by the key's holder";
  let arguments = (ins Secret_Cipher:$operand);
  let results = (outs Secret_Integers:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

class Secret_Binary<string mnemonic, string what, dag operands, list<Trait> traits = []> : Secret_Op<mnemonic, [Pure] # traits> {
  let summary = what;
  let arguments = operands;
  let results = (outs Secret_Exact:$result);
  let assemblyFormat = "$left `,` $right attr-dict `:` type($left) `,` type($right) `->` type($result)";
  let hasVerifier = 1;
}

def Secret_AddOp : Secret_Binary<"add", "ciphertext + ciphertext, or integers + integers", (ins Secret_Exact:$left, Secret_Exact:$right)>;
def Secret_SubtractOp : Secret_Binary<"subtract", "left − right, both encrypted or both not", (ins Secret_Exact:$left, Secret_Exact:$right)>;
def Secret_AddPlainOp : Secret_Binary<"add_plain", "ciphertext + integers", (ins Secret_Cipher:$left, Secret_Integers:$right)> { let hasFolder = 1; }
def Secret_MultiplyPlainOp : Secret_Binary<"multiply_plain", "ciphertext or integers times integers, element by element",
                                           (ins Secret_Exact:$left, Secret_Integers:$right)>;

def Secret_NegateOp : Secret_Op<"negate", [Pure]> {
  let summary = "the opposite";
  let arguments = (ins Secret_Exact:$operand);
  let results = (outs Secret_Exact:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Secret_MatvecOp : Secret_Op<"matvec", [Pure]> {
  let summary = "a matrix of integers times a vector or matrix that is encrypted";
  let description = [{
    With `reversed` the operand is on the left of the matrix. PlanMatvec sets `method`, `window`, `products`, `squarings`, `numbers` (held at a
    time) and `milliseconds` (predicted), where the matrix is constant; else it is planned when its values are there.
  }];
  let arguments = (ins Secret_Integers:$matrix, Secret_Exact:$operand, UnitAttr:$reversed);
  let results = (outs Secret_Exact:$result);
  let assemblyFormat = "$matrix `,` $operand (`reversed` $reversed^)? attr-dict `:` type($matrix) `,` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Secret_SumOp : Secret_Op<"sum", [Pure]> {
  let summary = "over the last `axes` axes";
  let arguments = (ins Secret_Exact:$operand, I64Attr:$axes);
  let results = (outs Secret_Exact:$result);
  let assemblyFormat = "$operand $axes attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Secret_PackOp : Secret_Op<"pack", [Pure]> {
  let summary = "ciphertexts of one number each to ciphertexts of many";
  let arguments = (ins Secret_Cipher:$operand);
  let results = (outs Secret_Cipher:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Secret_SealOp : Secret_Op<"seal"> {
  let summary = "re-randomises: nobody can tell any more what it was computed from";
  let arguments = (ins Secret_Cipher:$operand);
  let results = (outs Secret_Cipher:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// From party to party
//===----------------------------------------------------------------------===//

def Secret_RevealOp : Secret_Op<"reveal"> {
  let summary = "a value that another party may see, as the program says";
  let arguments = (ins Secret_Any:$operand);
  let results = (outs Secret_Any:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Secret_MoveOp : Secret_Op<"move", [Pure]> {
  let summary = "ciphertexts at another party";
  let arguments = (ins Secret_Cipher:$operand);
  let results = (outs Secret_Cipher:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Secret_SendOp : Secret_Op<"send"> {
  let summary = "message `number` to a peer; ciphertexts are fresh or sealed, anything else was revealed";
  let arguments = (ins Secret_Any:$operand, StrAttr:$peer, I64Attr:$number, UnitAttr:$reveal);
  let assemblyFormat = "$operand `to` $peer $number (`reveal` $reveal^)? attr-dict `:` type($operand)";
  let hasVerifier = 1;
}

def Secret_ReceiveOp : Secret_Op<"receive"> {
  let summary = "message `number` from a peer";
  let arguments = (ins StrAttr:$peer, I64Attr:$number);
  let results = (outs Secret_Any:$result);
  let assemblyFormat = "`from` $peer $number attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

def Secret_FingerprintOp : Secret_Op<"fingerprint", [Pure]> {
  let summary = "hash of bytes, or of numbers as f64";
  let arguments = (ins AnyTypeOf<[Secret_Bytes, Secret_Plain]>:$operand, StrAttr:$hash);
  let results = (outs Secret_Bytes:$result);
  let assemblyFormat = "$operand $hash attr-dict `:` type($operand) `->` type($result)";
}

def Secret_SealBytesOp : Secret_Op<"seal_bytes"> {
  let summary = "bytes to an authenticated container under a cipher's key";
  let arguments = (ins Secret_Bytes:$operand, FlatSymbolRefAttr:$key);
  let results = (outs Secret_Bytes:$result);
  let assemblyFormat = "$operand $key attr-dict `:` type($operand) `->` type($result)";
}

def Secret_OpenBytesOp : Secret_Op<"open_bytes", [Pure]> {
  let summary = "the reverse of seal_bytes";
  let arguments = (ins Secret_Bytes:$operand, FlatSymbolRefAttr:$key);
  let results = (outs Secret_Bytes:$result);
  let assemblyFormat = "$operand $key attr-dict `:` type($operand) `->` type($result)";
}

def Secret_OutputOp : Secret_Op<"output"> {
  let summary = "a result, at its party; ciphertexts are stored there";
  let arguments = (ins Secret_Any:$operand, StrAttr:$name, I64Attr:$index);
  let assemblyFormat = "$operand $name $index attr-dict `:` type($operand)";
  let hasVerifier = 1;
}

#endif  // ACIE_DIALECT_SECRET_SECRETOPS_TD
