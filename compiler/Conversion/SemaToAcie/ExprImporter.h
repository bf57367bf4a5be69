// Expressions of the checked program as operations.
#ifndef ACIE_CONVERSION_SEMATOACIE_EXPRIMPORTER_H
#define ACIE_CONVERSION_SEMATOACIE_EXPRIMPORTER_H

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Sema/Program.h"
#include "llvm/ADT/DenseMap.h"
#include "mlir/IR/Builders.h"

namespace acie::conversion {

mlir::Type typeOf(sema::ScalarKind kind, mlir::MLIRContext *context);

/// The same in the type's shape.
mlir::Type typeOf(const sema::Type &type, mlir::MLIRContext *context);

/// The name of a do? slot's column.
std::string doColumnName(const sema::Slot &slot);

/// Imports expressions into one block. A node of the DAG is one value, however often it is used.
class ExprImporter {
 public:
  /// Variables and natural values become what `reference` gives.
  ExprImporter(mlir::OpBuilder &builder, mlir::Location loc,
               std::function<mlir::Value(const sema::Expr &)> reference)
      : b(builder), loc(loc), reference(std::move(reference)) {}

  mlir::Value import(const sema::Expr *root);

  /// `value` as `type`, by the language's conversions: booleans are 0 and 1, floats become integers towards zero.
  mlir::Value convert(mlir::Value value, mlir::Type type);

 private:
  mlir::Value build(const sema::Expr &node);
  mlir::Value apply(const sema::Expr &node);
  mlir::Value arithmetic(const sema::Expr &node, mlir::Type type);
  mlir::Value compare(const sema::Expr &node);
  mlir::Value function(const sema::Expr &node, mlir::Type type);
  mlir::Value power(const sema::Expr &node, mlir::Type type);
  mlir::Value constant(const sema::Expr &node);
  mlir::Value tensor(const sema::Expr &node, mlir::Type type);
  mlir::Value dense(const sema::Expr::Elements &elements, mlir::RankedTensorType type);
  /// A number as every element of `shape`; tensors as they are.
  mlir::Value inShape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value loop(const sema::Expr &node);
  /// Builds what the roots need that no loop but the open ones has a part in; which nodes.
  std::vector<const sema::Expr *> importParts(llvm::ArrayRef<const sema::Expr *> roots);
  mlir::Value slot(const sema::Expr &node);
  mlir::Value operand(const sema::Expr &node, unsigned i) { return values.lookup(node.operands[i]); }
  mlir::Value integer(int64_t number, mlir::Type type);

  mlir::OpBuilder &b;
  mlir::Location loc;
  std::function<mlir::Value(const sema::Expr &)> reference;
  llvm::DenseMap<const sema::Expr *, mlir::Value> values;
  using Loops = std::set<const sema::Expr::Loop *>;
  llvm::DenseMap<const sema::Expr *, Loops> inside;  // loops whose steps a node is another one in; none for most
  Loops open;                                        // loops whose bodies are being built
};

}  // namespace acie::conversion

#endif  // ACIE_CONVERSION_SEMATOACIE_EXPRIMPORTER_H
