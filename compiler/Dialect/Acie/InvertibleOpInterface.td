// Operations that can be solved for an operand.
#ifndef ACIE_DIALECT_ACIE_INVERTIBLEOPINTERFACE_TD
#define ACIE_DIALECT_ACIE_INVERTIBLEOPINTERFACE_TD

include "mlir/IR/OpBase.td"

def InvertibleOpInterface : OpInterface<"InvertibleOpInterface"> {
  let cppNamespace = "::acie::ir";
  let description = [{
    An operation y = f(x_0, …) that is injective in some of its operands, the others fixed. Abduction solves for a
    noise by walking from an equation's result to the noise through this interface. Where the function is injective
    only on part of its domain, the inverse is the one the language's checks rely on (positive bases of powers, the
    main branch of tan).
  }];
  let methods = [
    InterfaceMethod<
      "Builds the operand number `operand`, given the result and the other operands (`operands[operand]` is null). "
      "Fails where the operation has no inverse in that operand.",
      "::mlir::FailureOr<::mlir::Value>", "buildInverse",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "unsigned":$operand, "::mlir::Value":$result,
           "::llvm::ArrayRef<::mlir::Value>":$operands)>,
    InterfaceMethod<
      "Builds log |d result / d operand|, given the result and all operands.",
      "::mlir::FailureOr<::mlir::Value>", "buildLogDerivative",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "unsigned":$operand, "::mlir::Value":$result,
           "::llvm::ArrayRef<::mlir::Value>":$operands)>
  ];
}

#endif  // ACIE_DIALECT_ACIE_INVERTIBLEOPINTERFACE_TD
