#include "compiler/Conversion/SemaToAcie/SemaToAcie.h"

#include <set>
#include <string>

#include "compiler/Conversion/SemaToAcie/ExprImporter.h"
#include "compiler/Dialect/Acie/GivenPart.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "llvm/ADT/SetVector.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace acie::conversion {
namespace {

using sema::Expr;

class Importer {
 public:
  explicit Importer(MLIRContext &context) : b(&context), loc(b.getUnknownLoc()) {}

  OwningOpRef<ModuleOp> run(const sema::Program &program) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    for (const sema::Model *model : program.models) {
      b.setInsertionPointToEnd(module->getBody());
      importModel(*model);
    }
    for (const sema::Query *query : program.queries) {
      b.setInsertionPointToEnd(module->getBody());
      importQuery(*query);
    }
    return module;
  }

 private:
  Type type(const sema::Type &type) { return typeOf(type, b.getContext()); }
  FlatSymbolRefAttr symbol(StringRef name) { return FlatSymbolRefAttr::get(b.getContext(), name); }
  Location at(StringRef name) { return NameLoc::get(b.getStringAttr(name)); }

  /// Starts the single block of a region.
  Block &enter(Region &region) {
    Block &block = region.emplaceBlock();
    b.setInsertionPointToStart(&block);
    return block;
  }

  //===--------------------------------------------------------------------===//
  // Models
  //===--------------------------------------------------------------------===//

  void importModel(const sema::Model &model) {
    auto op = b.create<ir::ModelOp>(at(model.name), model.name);
    models[&model] = op;
    Block &body = op.getBody().emplaceBlock();
    std::set<std::string> names;
    for (const sema::Variable *variable : model.variables) {
      names.insert(variable->name);
      b.setInsertionPointToEnd(&body);
      switch (variable->role) {
        case sema::Variable::Role::Input:
          b.create<ir::InputOp>(at(variable->name), variable->name, type(variable->type));
          break;
        case sema::Variable::Role::Exo: importExo(*variable); break;
        case sema::Variable::Role::Var: importVar(*variable, variable->name); break;
      }
    }
    for (const sema::Constraint *constraint : model.constraints) {
      b.setInsertionPointToEnd(&body);
      std::string name = constraint->name;
      while (!names.insert(name).second) name += ".constraint";  // a variable may have the same name
      constraintNames[constraint] = name;
      importConstraint(*constraint, name);
    }
  }

  void importExo(const sema::Variable &variable) {
    SmallVector<const Expr *> parts = {variable.equation};
    for (const Expr *bound : {variable.support.low, variable.support.high})
      if (bound) parts.push_back(bound);
    auto parents = parentsOf(parts);
    auto op = b.create<ir::ExoOp>(at(variable.name), variable.name, variable.law_text,
                                  parents.empty() ? ArrayAttr() : symbols(parents.getArrayRef()),
                                  type(variable.type));
    auto bound = bindParents(enter(op.getLaw()), parents.getArrayRef());
    ExprImporter law(b, op.getLoc(), [&](const Expr &e) { return bound.lookup(e.variable); });
    Value drawn = law.convert(law.import(variable.equation), type(variable.type));
    b.create<ir::YieldOp>(op.getLoc(), drawn);
    if (parts.size() > 1) importSupport(op, variable.support, parents.getArrayRef());
  }

  void importSupport(ir::ExoOp op, const sema::Support &support, ArrayRef<const sema::Variable *> parents) {
    Block &block = enter(op.getSupport());
    Value x = block.addArgument(op.getType(), op.getLoc());
    auto bound = bindParents(block, parents);
    ExprImporter bounds(b, op.getLoc(), [&](const Expr &e) { return bound.lookup(e.variable); });
    Type wide = ir::typeLike(x.getType(), b.getF64Type());
    x = bounds.convert(x, wide);
    Value inside;
    auto require = [&](const Expr *bound, arith::CmpFPredicate predicate) {
      if (!bound) return;
      Value number = bounds.convert(bounds.import(bound), wide);
      Value holds = b.create<arith::CmpFOp>(op.getLoc(), predicate, x, number);
      if (isa<RankedTensorType>(holds.getType()))
        holds = b.create<ir::FoldOp>(op.getLoc(), b.getI1Type(), ir::Folding::All, holds);
      inside = inside ? b.create<arith::AndIOp>(op.getLoc(), inside, holds).getResult() : holds;
    };
    require(support.low, support.low_open ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OGE);
    require(support.high, support.high_open ? arith::CmpFPredicate::OLT : arith::CmpFPredicate::OLE);
    b.create<ir::YieldOp>(op.getLoc(), inside);
  }

  /// The variables that expressions over one model read, each once; they become block arguments.
  llvm::SetVector<const sema::Variable *> parentsOf(ArrayRef<const Expr *> roots) {
    llvm::SetVector<const sema::Variable *> parents;
    for (const Expr *reference : sema::references(absl::MakeConstSpan(roots.data(), roots.size())))
      parents.insert(reference->variable);
    return parents;
  }

  ArrayAttr symbols(ArrayRef<const sema::Variable *> variables) {
    SmallVector<Attribute> names;
    for (const sema::Variable *variable : variables) names.push_back(symbol(variable->name));
    return b.getArrayAttr(names);
  }

  /// Gives a block one argument per parent.
  llvm::DenseMap<const sema::Variable *, Value> bindParents(Block &block, ArrayRef<const sema::Variable *> parents) {
    llvm::DenseMap<const sema::Variable *, Value> bound;
    for (const sema::Variable *parent : parents)
      bound[parent] = block.addArgument(type(parent->type), at(parent->name));
    return bound;
  }

  /// `of`: of an equation put together for a query, which variable's it is.
  void importVar(const sema::Variable &variable, StringRef name, FlatSymbolRefAttr of = {}) {
    auto parents = parentsOf(variable.equation);
    auto op = b.create<ir::VarOp>(at(variable.name), name, symbols(parents.getArrayRef()), type(variable.type), of);
    auto bound = bindParents(enter(op.getEquation()), parents.getArrayRef());
    ExprImporter equation(b, op.getLoc(), [&](const Expr &e) { return bound.lookup(e.variable); });
    Value value = equation.convert(equation.import(variable.equation), type(variable.type));
    b.create<ir::YieldOp>(op.getLoc(), value);
  }

  void importConstraint(const sema::Constraint &constraint, StringRef name) {
    SmallVector<const Expr *> residuals;
    SmallVector<double> tolerances;
    for (const sema::ConstraintRow &row : constraint.rows) {
      residuals.push_back(row.residual);
      tolerances.push_back(row.tolerance);
    }
    auto parents = parentsOf(residuals);
    auto op = b.create<ir::ConstraintOp>(at(constraint.name), name, symbols(parents.getArrayRef()),
                                         b.getF64ArrayAttr(tolerances));
    auto bound = bindParents(enter(op.getResiduals()), parents.getArrayRef());
    ExprImporter rows(b, op.getLoc(), [&](const Expr &e) { return bound.lookup(e.variable); });
    SmallVector<Value> values;
    for (const Expr *residual : residuals) values.push_back(rows.convert(rows.import(residual), b.getF64Type()));
    b.create<ir::YieldOp>(op.getLoc(), values);
  }

  //===--------------------------------------------------------------------===//
  // Queries
  //===--------------------------------------------------------------------===//

  /// Equations that abduction put together for a query stand in its model, by names of their own.
  FlatSymbolRefAttr equationOf(const sema::Variable *variable, const sema::Query &query) {
    if (variable->observed == nullptr) return symbol(variable->name);
    std::string &name = composed[variable];
    if (name.empty()) {
      name = variable->name + " through " + query.name;
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToEnd(&models.lookup(query.model).getBody().front());
      importVar(*variable, name, symbol(variable->observed->name));
    }
    return symbol(name);
  }

  ArrayAttr equationsOf(const sema::Recovery &item, const sema::Query &query) {
    SmallVector<Attribute> names;
    for (const sema::Variable *equation : item.equations) names.push_back(equationOf(equation, query));
    return names.empty() ? ArrayAttr() : b.getArrayAttr(names);
  }

  void importQuery(const sema::Query &query) {
    auto op = b.create<ir::QueryOp>(at(query.name), query.name, query.model->name, static_cast<ir::Mode>(query.mode),
                                    static_cast<ir::Shape>(query.shape), query.reads_table);
    Block &body = enter(op.getBody());
    for (const sema::Evidence &item : query.evidence) {
      auto given = b.create<ir::GivenOp>(op.getLoc(), symbol(item.variable->name),
                                         item.value ? b.getStringAttr(item.value->name) : StringAttr());
      // A series that is an element of a vector at each step is a part of that vector's column.
      if (item.value || !item.variable->vector || item.variable->type.shape.empty()) continue;
      const sema::VectorElement &element = *item.variable->vector;
      int64_t stride = 1;
      for (size_t axis = 1; axis < element.shape.size(); ++axis) stride *= element.shape[axis];
      ir::setPart(given, element.name, element.element, stride);
    }
    for (const sema::Recovery &item : query.recoveries)
      b.create<ir::RecoverOp>(op.getLoc(), symbol(item.noise->name), equationOf(&item.solved(), query),
                              item.affine ? b.getUnitAttr() : UnitAttr(),
                              item.explanation.empty() ? StringAttr() : b.getStringAttr(item.explanation),
                              equationsOf(item, query), item.unknowns.empty() ? ArrayAttr() : symbols(item.unknowns),
                              item.conditioned ? b.getUnitAttr() : UnitAttr());
    for (const sema::Variable *variable : query.consistency)
      b.create<ir::ConsistentOp>(op.getLoc(), symbol(variable->name));
    for (const sema::Variable *variable : query.free_noises)
      b.create<ir::RandomOp>(op.getLoc(), symbol(variable->name));
    for (const sema::Constraint *constraint : query.constraints)
      b.create<ir::CheckOp>(op.getLoc(), symbol(constraintNames.lookup(constraint)),
                            b.getDenseI32ArrayAttr(query.constraint_worlds));
    for (size_t world = 0; world < query.worlds.size(); ++world) {
      b.setInsertionPointToEnd(&body);
      importWorld(query.worlds[world], static_cast<sema::WorldId>(world));
    }
    b.setInsertionPointToEnd(&body);
    enter(b.create<ir::AnswerOp>(op.getLoc()).getBody());
    ExprImporter answer(b, op.getLoc(), [&](const Expr &e) { return refer(e, sema::kFactual); });
    for (const sema::Output &output : query.outputs)
      b.create<ir::OutputOp>(at(output.name), output.name, static_cast<ir::Form>(output.form),
                             answer.import(output.value));
  }

  void importWorld(const sema::World &world, sema::WorldId id) {
    auto op = b.create<ir::WorldOp>(loc, world.name);
    Block &body = op.getBody().emplaceBlock();
    for (const sema::Intervention &intervention : world.interventions) {
      b.setInsertionPointToEnd(&body);
      const sema::Variable &target = *intervention.target;
      auto action = b.create<ir::DoOp>(at(target.name), symbol(target.name));
      enter(action.getValue());
      ExprImporter value(b, action.getLoc(), [&](const Expr &e) { return refer(e, id); });
      Value set = value.convert(value.import(intervention.value), type(target.type));
      b.create<ir::YieldOp>(action.getLoc(), set);
    }
  }

  /// A variable of a world, or its natural value there.
  Value refer(const Expr &node, sema::WorldId here) {
    int32_t world = node.world == sema::kThisWorld ? here : node.world;
    Type of = type(node.variable->type);
    FlatSymbolRefAttr name = symbol(node.variable->name);
    if (node.kind == Expr::Kind::Natural)
      return b.create<ir::NaturalOp>(loc, of, name, b.getI32IntegerAttr(world));
    return b.create<ir::RefOp>(loc, of, name, b.getI32IntegerAttr(world));
  }

  OpBuilder b;
  Location loc;
  llvm::DenseMap<const sema::Constraint *, std::string> constraintNames;
  llvm::DenseMap<const sema::Model *, ir::ModelOp> models;
  llvm::DenseMap<const sema::Variable *, std::string> composed;  // equations put together for a query
};

}  // namespace

OwningOpRef<ModuleOp> importProgram(MLIRContext &context, const sema::Program &program) {
  return Importer(context).run(program);
}

}  // namespace acie::conversion
