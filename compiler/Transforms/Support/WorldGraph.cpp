#include "compiler/Transforms/Support/WorldGraph.h"

#include <algorithm>

#include "compiler/Dialect/Acie/GivenPart.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace acie::ir;

namespace acie::transforms {

ModelOp modelOf(QueryOp query) {
  return SymbolTable::lookupNearestSymbolFrom<ModelOp>(query->getParentOp(), query.getModelAttr());
}

ProgramOp programOf(QueryOp query) {
  auto programs = query.getBody().front().getOps<ProgramOp>();
  return programs.empty() ? ProgramOp() : *programs.begin();
}

WorldGraph::WorldGraph(QueryOp query, ProgramOp program, ModelOp model)
    : query(query), builder(OpBuilder::atBlockEnd(&program.getBody().front())) {
  for (Operation &op : model.getBody().front())
    symbols[op.getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName())] = &op;
  int world = 0;
  for (Operation &op : query.getBody().front()) {
    if (auto item = dyn_cast<GivenOp>(op)) given[item.getVariableAttr().getAttr()] = item;
    if (auto item = dyn_cast<RecoverOp>(op))
      if (isa_and_nonnull<VarOp>(lookup(item.getNoiseAttr().getAttr())))
        recovered.insert(item.getNoiseAttr().getAttr());
    if (auto copy = dyn_cast<WorldOp>(op)) {
      for (auto action : copy.getBody().front().getOps<DoOp>())
        interventions[{action.getVariableAttr().getAttr(), world}] = action;
      ++world;
    }
  }
  findDetermined(model);
  findAffected(model, world);
  for (Operation &op : program.getBody().front()) {
    if (auto eval = dyn_cast<EvalOp>(op))
      for (int w : eval.getWorlds()) naturals[{eval.getVariableAttr().getAttr(), w}] = eval.getValue();
    if (auto noise = dyn_cast<NoiseOp>(op)) {
      noises[noise.getNoiseAttr().getAttr()] = noise.getValue();
      openNoises.push_back(noise);
    }
    if (auto column = dyn_cast<ColumnOp>(op)) columns[column.getNameAttr()] = column.getValue();
  }
}

void WorldGraph::findDetermined(ModelOp model) {
  for (Operation &op : query.getBody().front()) {
    // What is drawn given evidence is what a world sets it to with probability zero: nothing is compared with it.
    if (auto item = dyn_cast<RecoverOp>(op); item && !item.getConditioned()) determined.insert(item.getNoiseAttr().getAttr());
    if (auto item = dyn_cast<GivenOp>(op)) determined.insert(item.getVariableAttr().getAttr());
  }
  for (Operation &op : model.getBody().front()) {  // parents stand before their children
    auto name = op.getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
    if (isa<InputOp>(op) || (isa<ExoOp>(op) && query.getMode() == Mode::Population)) determined.insert(name);
    auto variable = dyn_cast<VarOp>(op);
    if (variable && llvm::all_of(variable.getParents().getAsRange<FlatSymbolRefAttr>(),
                                 [&](auto parent) { return determined.contains(parent.getAttr()); }))
      determined.insert(name);
  }
}

void WorldGraph::findAffected(ModelOp model, int worlds) {
  for (int world = 0; world < worlds; ++world) {
    for (Operation &op : model.getBody().front()) {
      auto name = op.getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
      auto variable = dyn_cast<VarOp>(op);
      if (interventions.contains({name, world}) ||
          (variable && llvm::any_of(variable.getParents().getAsRange<FlatSymbolRefAttr>(),
                                    [&](auto parent) { return isAffected(parent.getAttr(), world); })))
        affected.insert({name, world});
    }
  }
}

bool WorldGraph::isKept(VarOp variable, int world) const {
  return isKnown(variable.getSymNameAttr()) &&
         llvm::all_of(variable.getParents().getAsRange<FlatSymbolRefAttr>(), [&](auto parent) {
           return determined.contains(parent.getAttr()) || !isAffected(parent.getAttr(), world);
         });
}

Value WorldGraph::leaf(llvm::DenseMap<StringAttr, Value> &leaves, StringAttr name,
                       llvm::function_ref<Value()> create) {
  Value &value = leaves[name];
  if (!value) value = create();
  return value;
}

Value WorldGraph::value(StringAttr variable, int world) { return resolve({variable, world, false}); }

Value WorldGraph::natural(StringAttr variable, int world) { return resolve({variable, world, true}); }

/// Builds a node after all that it depends on. With a stack of its own: models may be long chains.
Value WorldGraph::resolve(Node root) {
  if (Value found = find(root)) return found;
  struct Open {
    Node node;
    SmallVector<Node> rest;  // dependencies not yet looked at
  };
  SmallVector<Open> stack;
  llvm::DenseSet<Key> open;
  auto keyOf = [&](Node node) {
    bool natural = node.natural || !interventions.contains({node.variable, node.world});
    return Key{node.variable, 2 * node.world + natural};
  };
  auto push = [&](Node node) {
    if (!open.insert(keyOf(node)).second) {
      query.emitError("the value of '") << node.variable.getValue() << "' depends on itself";
      return false;
    }
    stack.push_back({node, {}});
    dependencies(node, stack.back().rest);
    return true;
  };
  if (!push(root)) return {};
  while (!stack.empty()) {
    if (stack.back().rest.empty()) {
      Node node = stack.back().node;
      if (!build(node)) return {};
      open.erase(keyOf(node));
      stack.pop_back();
      continue;
    }
    Node next = stack.back().rest.pop_back_val();
    if (!find(next) && !push(next)) return {};
  }
  return find(root);
}

Value WorldGraph::find(Node node) const {
  Key key{node.variable, node.world};
  if (!node.natural && interventions.contains(key)) return values.lookup(key);
  return naturals.lookup(key);
}

void WorldGraph::dependencies(Node node, SmallVectorImpl<Node> &result) const {
  if (DoOp action = node.natural ? DoOp() : interventions.lookup({node.variable, node.world})) {
    for (Operation &op : action.getValue().front()) {
      if (auto ref = dyn_cast<RefOp>(op))
        result.push_back({ref.getVariableAttr().getAttr(), static_cast<int>(ref.getWorld()), false});
      if (auto own = dyn_cast<NaturalOp>(op))
        result.push_back({own.getVariableAttr().getAttr(), static_cast<int>(own.getWorld()), true});
    }
    std::reverse(result.begin(), result.end());
    return;
  }
  auto variable = dyn_cast_or_null<VarOp>(lookup(node.variable));
  if (!variable || (node.world == 0 && isKnown(node.variable))) return;
  bool kept = isKept(variable, node.world);
  for (auto parent : llvm::reverse(variable.getParents().getAsRange<FlatSymbolRefAttr>())) {
    if (kept && determined.contains(parent.getAttr())) result.push_back({parent.getAttr(), 0, false});
    result.push_back({parent.getAttr(), node.world, false});
  }
}

/// Builds a node whose dependencies are there.
Value WorldGraph::build(Node node) {
  Key key{node.variable, node.world};
  DoOp action = node.natural ? DoOp() : interventions.lookup(key);
  if (!action) return naturals[key] = buildNatural(node.variable, node.world);
  IRMapping mapping;
  Block &block = action.getValue().front();
  if (failed(splice(block, mapping))) return {};
  return values[key] = mapping.lookup(cast<YieldOp>(block.getTerminator()).getValues().front());
}

Value WorldGraph::buildNatural(StringAttr variable, int world) {
  Operation *op = lookup(variable);
  if (auto input = dyn_cast_or_null<InputOp>(op)) {
    if (given.contains(variable)) return evidence(variable, input.getType());
    return leaf(columns, variable, [&] {
      return builder.create<ColumnOp>(query.getLoc(), input.getType(), variable, ColumnRole::Input);
    });
  }
  if (auto exo = dyn_cast_or_null<ExoOp>(op)) {
    if (given.contains(variable)) return evidence(variable, exo.getType());
    return noise(variable, exo.getType());
  }
  auto var = dyn_cast_or_null<VarOp>(op);
  if (!var) {
    query.emitError("the model has no variable '") << variable.getValue() << "'";
    return {};
  }
  if (world == 0 && isKnown(variable)) return evidence(variable, var.getType());
  return evaluate(var, world);
}

Value WorldGraph::noise(StringAttr variable, Type type) {
  return leaf(noises, variable, [&] {
    openNoises.push_back(builder.create<NoiseOp>(query.getLoc(), type, FlatSymbolRefAttr::get(variable)));
    return openNoises.back().getValue();
  });
}

Value WorldGraph::evidence(StringAttr variable, Type type) {
  GivenOp item = given.lookup(variable);
  if (!item) return noise(variable, type);
  return leaf(known, variable, [&]() -> Value {
    if (StringAttr slot = item.getSlotAttr())
      return builder.create<SlotOp>(item.getLoc(), type, slot, SlotRole::Given);
    if (const std::optional<GivenPart> part = partOf(item)) {
      Operation *source = lookup(part->of);
      auto input = dyn_cast<InputOp>(source);
      const Type whole = input ? input.getType() : cast<VarOp>(source).getType();
      const Value column = leaf(columns, part->of, [&] {
        return builder.create<ColumnOp>(item.getLoc(), whole, part->of, input ? ColumnRole::Input : ColumnRole::Given);
      });
      return builder.create<ViewOp>(item.getLoc(), type, column, part->place, ArrayRef<int64_t>{part->stride});
    }
    return leaf(columns, variable, [&] {
      return builder.create<ColumnOp>(item.getLoc(), type, variable, ColumnRole::Given);
    });
  });
}

LogicalResult WorldGraph::factualParents(ArrayAttr parents, StringAttr except, SmallVectorImpl<Value> &result) {
  for (auto parent : parents.getAsRange<FlatSymbolRefAttr>()) {
    if (parent.getAttr() == except) continue;
    result.push_back(value(parent.getAttr(), 0));
    if (!result.back()) return failure();
  }
  return success();
}

Value WorldGraph::evaluate(VarOp variable, int world) {
  SmallVector<Value> parents, factual;
  for (auto parent : variable.getParents().getAsRange<FlatSymbolRefAttr>()) {
    parents.push_back(value(parent.getAttr(), world));
    if (!parents.back()) return {};
  }
  Value known;
  if (isKept(variable, world)) {
    known = evidence(variable.getSymNameAttr(), variable.getType());
    for (auto [parent, here] : llvm::zip(variable.getParents().getAsRange<FlatSymbolRefAttr>(), parents)) {
      // What the evidence leaves open but no intervention reaches is the same in both worlds, whatever it is.
      factual.push_back(determined.contains(parent.getAttr()) ? value(parent.getAttr(), 0) : here);
      if (!factual.back()) return {};
    }
  }
  return builder.create<EvalOp>(variable.getLoc(), variable.getType(), FlatSymbolRefAttr::get(variable.getSymNameAttr()),
                                parents, known, factual, builder.getDenseI32ArrayAttr({world}));
}

Value WorldGraph::recompute(VarOp variable) {
  SmallVector<Value> parents;
  if (failed(factualParents(variable.getParents(), {}, parents))) return {};
  return builder.create<EvalOp>(variable.getLoc(), variable.getType(), FlatSymbolRefAttr::get(variable.getSymNameAttr()),
                                parents, Value(), ValueRange(), builder.getDenseI32ArrayAttr({0}));
}

LogicalResult WorldGraph::splice(Block &block, IRMapping &mapping) {
  for (Operation &op : block) {
    if (op.hasTrait<OpTrait::IsTerminator>()) break;
    Value found;
    if (auto ref = dyn_cast<RefOp>(op)) {
      found = value(ref.getVariableAttr().getAttr(), ref.getWorld());
      if (!found) return failure();
      mapping.map(ref.getValue(), found);
    } else if (auto own = dyn_cast<NaturalOp>(op)) {
      found = natural(own.getVariableAttr().getAttr(), own.getWorld());
      if (!found) return failure();
      mapping.map(own.getValue(), found);
    } else {
      builder.clone(op, mapping);
    }
  }
  return success();
}

}  // namespace acie::transforms
