// The graph of a query, built on demand: the value of a variable in a world, and all it depends on.
#ifndef ACIE_TRANSFORMS_SUPPORT_WORLDGRAPH_H
#define ACIE_TRANSFORMS_SUPPORT_WORLDGRAPH_H

#include <utility>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace acie::transforms {

/// Appends to a program what is asked for and not yet there. Every (variable, world) is built at most once, so that the
/// graph is linear in worlds × variables whatever the number of paths.
class WorldGraph {
 public:
  /// `program` lies in `query`; evaluations that it already holds are used.
  WorldGraph(ir::QueryOp query, ir::ProgramOp program, ir::ModelOp model);

  /// The value of a variable in a world: its intervention's, or its natural value. Null after an error was emitted.
  mlir::Value value(mlir::StringAttr variable, int world);

  /// What the variable's own equation gives in the world (the evidence's value in the factual one).
  mlir::Value natural(mlir::StringAttr variable, int world);

  /// The variable's equation on the factual values of its parents, though the evidence holds the variable.
  mlir::Value recompute(ir::VarOp variable);

  /// The factual values of an equation's parents, without `except`; empty and failed after an error.
  mlir::LogicalResult factualParents(mlir::ArrayAttr parents, mlir::StringAttr except,
                                     llvm::SmallVectorImpl<mlir::Value> &values);

  /// Copies the operations of a region of the query into the program, references replaced by values.
  mlir::LogicalResult splice(mlir::Block &block, mlir::IRMapping &mapping);

  /// The noises in the program that nothing has replaced yet, oldest first; asking for values may add some.
  llvm::SmallVector<ir::NoiseOp> takeNoises() { return std::exchange(openNoises, {}); }

  /// From now on `value` is the value of a noise.
  void setNoise(mlir::StringAttr noise, mlir::Value value) { noises[noise] = value; }

  mlir::Operation *lookup(mlir::StringAttr name) const { return symbols.lookup(name); }
  mlir::OpBuilder &getBuilder() { return builder; }

 private:
  /// A variable's value in a world, or what its own equation gives there.
  struct Node {
    mlir::StringAttr variable;
    int world;
    bool natural;
  };

  mlir::Value build(Node node);
  mlir::Value buildNatural(mlir::StringAttr variable, int world);
  mlir::Value find(Node node) const;
  mlir::Value resolve(Node node);
  void dependencies(Node node, llvm::SmallVectorImpl<Node> &result) const;
  bool isKnown(mlir::StringAttr variable) const { return given.contains(variable) || recovered.contains(variable); }
  /// Whether a known variable keeps its known value in a world where all of its parents have their factual values. That
  /// can be seen of parents that no intervention of the world reaches, and compared where the evidence determines the
  /// factual value; where it leaves a parent open that the world changes, the equation decides.
  bool isKept(ir::VarOp variable, int world) const;
  bool isAffected(mlir::StringAttr variable, int world) const { return affected.contains({variable, world}); }
  void findDetermined(ir::ModelOp model);
  void findAffected(ir::ModelOp model, int worlds);
  mlir::Value evidence(mlir::StringAttr variable, mlir::Type type);
  mlir::Value noise(mlir::StringAttr variable, mlir::Type type);
  mlir::Value evaluate(ir::VarOp variable, int world);
  mlir::Value leaf(llvm::DenseMap<mlir::StringAttr, mlir::Value> &leaves, mlir::StringAttr name,
                   llvm::function_ref<mlir::Value()> create);

  using Key = std::pair<mlir::StringAttr, int>;

  ir::QueryOp query;
  mlir::OpBuilder builder;
  llvm::DenseMap<mlir::StringAttr, mlir::Operation *> symbols;
  llvm::DenseMap<mlir::StringAttr, ir::GivenOp> given;
  llvm::DenseSet<mlir::StringAttr> recovered;  // variables deduced from a child: as good as given
  llvm::DenseSet<mlir::StringAttr> determined;  // factual values and noises that are known, recovered, drawn or follow
  llvm::DenseSet<Key> affected;                 // by the interventions of a world
  llvm::DenseMap<Key, ir::DoOp> interventions;
  llvm::DenseMap<Key, mlir::Value> values, naturals;
  llvm::DenseMap<mlir::StringAttr, mlir::Value> columns, noises, known;
  llvm::SmallVector<ir::NoiseOp> openNoises;
};

/// The model of a query, and its program (null before surgery).
ir::ModelOp modelOf(ir::QueryOp query);
ir::ProgramOp programOf(ir::QueryOp query);

}  // namespace acie::transforms

#endif  // ACIE_TRANSFORMS_SUPPORT_WORLDGRAPH_H
