// Emits the scalar operations of a cluster's body (arith and acie) as operations on bundles of rows.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compiler/Codegen/CPU/RowKernel.h"
#include "compiler/Conversion/ExpandMath/OutlinedFunctions.h"
#include "mlir/IR/Operation.h"

namespace acie::codegen {

class OperationBuilder {
 public:
  OperationBuilder(RowKernel& kernel, OutlinedFunctions& functions, const std::vector<std::string>& imports)
      : kernel_(kernel), v_(kernel.vectors()), functions_(functions), imports_(imports) {}

  /// Tells `functions` of the function that building `op` will ask for, if any.
  static void announce(mlir::Operation& op, RowShape shape, OutlinedFunctions& functions);


  /// Gives a value of the body that no operation of it computes.
  void define(mlir::Value value, const Bundle& bundle) { values_.try_emplace(value, bundle); }

  bool knows(mlir::Value value) const { return values_.contains(value); }

  /// The bundle of a value that has been built or defined.
  Bundle value(mlir::Value value) const { return values_.at(value); }

  /// Emits one operation. Its operands have been built. Unimplemented if it has no expansion.
  absl::Status build(mlir::Operation& op);

  /// The type of a bundle's elements for numbers of `type`.
  llvm::Type* element(mlir::Type type);

 private:
  bool build_constant(mlir::Operation& op, Bundle& result);
  bool build_arith(mlir::Operation& op, llvm::ArrayRef<Bundle> x, Bundle& result);
  bool build_integer(llvm::StringRef name, llvm::ArrayRef<Bundle> x, Bundle& result);
  bool build_acie(mlir::Operation& op, llvm::ArrayRef<Bundle> x, Bundle& result);
  bool build_function(llvm::StringRef name, llvm::ArrayRef<Bundle> x, Bundle& result);
  Bundle safe_divisor(const Bundle& x, const Bundle& y, const Bundle& zero);

  RowKernel& kernel_;
  VectorBuilder& v_;
  OutlinedFunctions& functions_;
  const std::vector<std::string>& imports_;
  llvm::DenseMap<mlir::Value, Bundle> values_;
};

}  // namespace acie::codegen
