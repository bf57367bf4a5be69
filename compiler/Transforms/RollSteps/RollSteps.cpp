#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Transforms/Passes.h"
#include "compiler/Transforms/RollSteps/StepRuns.h"
#include "kernels/random/Threefry.h"
#include "llvm/ADT/MapVector.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::transforms {
#define GEN_PASS_DEF_ROLLSTEPS
#include "compiler/Transforms/Passes.h.inc"
}  // namespace acie::transforms

using namespace mlir;
using namespace acie;
using acie::transforms::StepOperand;
using acie::transforms::StepRun;
using acie::transforms::StepRuns;

namespace {

/// Makes a `plan.repeat` of each run of a cluster's body.
class Roller {
 public:
  Roller(plan::ClusterOp cluster, int minSteps) : body(cluster.getBody().front()), runs(cluster, minSteps), b(cluster.getContext()) {}

  void run() {
    const std::vector<StepRun> found = runs.find();
    if (found.empty()) return;
    SmallVector<Operation *> constants;
    for (Operation &op : body)
      if (isa<arith::ConstantOp>(op)) constants.push_back(&op);
    for (Operation *constant : llvm::reverse(constants)) constant->moveBefore(&body, body.begin());
    int next = 0;
    auto keep = [&](int end) {
      for (; next < end; ++next) runs.order()[next]->moveBefore(body.getTerminator());
    };
    for (const StepRun &run : found) {
      keep(run.start);
      roll(run);
      next = run.end();
    }
    keep(runs.order().size());
    for (Operation *constant : constants)
      if (constant->use_empty()) constant->erase();
  }

 private:
  /// A memory of some steps: its registers hold what `position` gave one, two, … steps ago.
  struct Memory {
    int position, lag;
    SmallVector<Value> first;  // of the oldest register, step by step
    unsigned argument = 0;     // of the register of the step before; the older ones follow
  };

  Operation *node(const StepRun &run, int step, int position) const { return runs.order()[run.start + step * run.period + position]; }
  /// What stands for a value that a former run computed.
  Value now(Value value) const {
    auto found = replaced.find(value);
    return found == replaced.end() ? value : found->second;
  }

  /// The constants of each step, as a table; null if they are no constants, or all the same.
  DenseElementsAttr tableOf(const StepOperand &operand) const {
    SmallVector<Attribute> elements;
    for (Value value : operand.values) {
      auto constant = value.getDefiningOp<arith::ConstantOp>();
      if (!constant) return {};
      elements.push_back(constant.getValue());
    }
    if (llvm::all_equal(elements)) return {};
    auto type = RankedTensorType::get({static_cast<int64_t>(elements.size())}, operand.values.front().getType());
    return DenseElementsAttr::get(type, elements);
  }

  void roll(const StepRun &run) {
    // What the loop reads, each once.
    SmallVector<Memory> memories;
    llvm::MapVector<Attribute, unsigned> tables;
    SmallVector<ArrayRef<Value>> streams;  // of the run's operands
    auto memoryOf = [&](const StepOperand &operand) -> Memory & {
      SmallVector<Value> first;
      for (Value value : operand.values) first.push_back(now(value));
      for (Memory &memory : memories)
        if (memory.position == operand.position && memory.lag == *operand.lag && memory.first == first) return memory;
      return memories.emplace_back(Memory{operand.position, *operand.lag, std::move(first)});
    };
    enum class From { Step, Memory, Stream, Table, Outside };
    struct Source {
      From from;
      unsigned number;
    };
    SmallVector<Source> sources;
    for (const StepOperand &operand : run.operands) {
      if (operand.lag && *operand.lag == 0) {
        sources.push_back({From::Step, static_cast<unsigned>(operand.position)});
      } else if (operand.lag) {
        sources.push_back({From::Memory, static_cast<unsigned>(&memoryOf(operand) - memories.data())});
      } else if (DenseElementsAttr table = tableOf(operand)) {
        sources.push_back({From::Table, tables.insert({table, static_cast<unsigned>(tables.size())}).first->second});
      } else if (isa<BlockArgument>(operand.values.front()) && !llvm::all_equal(operand.values)) {
        auto same = llvm::find(streams, ArrayRef<Value>(operand.values));
        if (same == streams.end()) {
          streams.emplace_back(operand.values);
          same = std::prev(streams.end());
        }
        sources.push_back({From::Stream, static_cast<unsigned>(same - streams.begin())});
      } else {
        sources.push_back({From::Outside, 0});
      }
    }
    SmallVector<unsigned> names(run.period);
    for (int i = 0; i < run.period; ++i) {
      if (!isa<ir::UniformOp>(node(run, 0, i))) continue;
      SmallVector<int64_t> keys;
      for (int step = 0; step < run.steps; ++step) {
        StringRef name = cast<ir::UniformOp>(node(run, step, i)).getName();
        keys.push_back(static_cast<int64_t>(random::hashName({name.data(), name.size()})));
      }
      names[i] = tables.insert({b.getI64TensorAttr(keys), static_cast<unsigned>(tables.size())}).first->second;
    }

    // Its results: what is stored at every step, and what is needed behind it of the last ones.
    SmallVector<int> every, last;
    SmallVector<Type> everyTypes, lastTypes;
    for (int i = 0; i < run.period; ++i) {
      if (!runs.isStored(run.start + i) && !run.kept[i]) continue;
      every.push_back(i);
      everyTypes.append(run.steps, node(run, 0, i)->getResult(0).getType());
    }
    for (int number = run.start; number < run.end(); ++number) {
      const int position = (number - run.start) % run.period;
      const bool needed = run.kept[position] ? runs.isStored(number) && !runs.isStored(run.start + position) : runs.neededBehind(run, number).has_value();
      if (!needed) continue;
      last.push_back(number);
      lastTypes.push_back(runs.order()[number]->getResult(0).getType());
    }

    SmallVector<Value> init, over;
    Block *inside = new Block();
    Location loc = node(run, 0, 0)->getLoc();
    for (Memory &memory : memories) {
      memory.argument = init.size();
      for (Value value : llvm::reverse(memory.first)) {
        init.push_back(value);
        inside->addArgument(value.getType(), loc);
      }
    }
    for (ArrayRef<Value> stream : streams) {
      over.append(stream.begin(), stream.end());
      inside->addArgument(stream.front().getType(), loc);
    }
    SmallVector<Attribute> tableList;
    for (const auto &[table, number] : tables) {
      tableList.push_back(table);
      inside->addArgument(cast<DenseElementsAttr>(table).getElementType(), loc);
    }
    b.setInsertionPoint(body.getTerminator());
    auto repeat = b.create<plan::RepeatOp>(loc, lastTypes, everyTypes, b.getI64IntegerAttr(run.steps), init, over, b.getArrayAttr(tableList));
    repeat.getBody().push_back(inside);

    b.setInsertionPointToEnd(inside);
    SmallVector<Value> made;
    size_t slot = 0;
    const unsigned firstStream = init.size(), firstTable = firstStream + streams.size();
    for (int i = 0; i < run.period; ++i) {
      Operation *op = node(run, 0, i);
      if (isa<ir::UniformOp>(op)) {
        made.push_back(b.create<plan::UniformOp>(op->getLoc(), op->getResult(0).getType(), inside->getArgument(firstTable + names[i])));
        continue;
      }
      // Not by mapping values: in the first step two operands may be one value and differ later.
      Operation *copy = b.clone(*op);
      for (OpOperand &operand : copy->getOpOperands()) {
        const auto [from, number] = sources[slot];
        switch (from) {
          case From::Step: operand.set(made[number]); break;
          case From::Memory: operand.set(inside->getArgument(memories[number].argument + memories[number].lag - 1)); break;
          case From::Stream: operand.set(inside->getArgument(firstStream + number)); break;
          case From::Table: operand.set(inside->getArgument(firstTable + number)); break;
          case From::Outside: operand.set(now(run.operands[slot].values.front())); break;
        }
        ++slot;
      }
      made.push_back(copy->getResult(0));
    }
    SmallVector<Value> next, lastValues, everyValues;
    for (const Memory &memory : memories)
      for (int age = 0; age < memory.lag; ++age)
        next.push_back(age == 0 ? made[memory.position] : inside->getArgument(memory.argument + age - 1));
    for (int number : last) {
      const int position = (number - run.start) % run.period;
      const int back = *runs.neededBehind(run, number);
      Value value = made[position];
      if (back > 0) {
        auto memory = llvm::find_if(memories, [&](const Memory &m) { return m.position == position && m.lag >= back; });
        value = inside->getArgument(memory->argument + back - 1);
      }
      lastValues.push_back(value);
    }
    for (int position : every) everyValues.push_back(made[position]);
    b.create<plan::AdvanceOp>(loc, next, lastValues, everyValues);

    replace(run, last, repeat.getLastValues(), every, repeat.getEveryValues());
  }

  /// Lets results stand for what they are outside of the run, and removes its operations.
  void replace(const StepRun &run, ArrayRef<int> last, ValueRange lastValues, ArrayRef<int> every, ValueRange everyValues) {
    auto yielded = [&](OpOperand &use) { return use.getOwner() == body.getTerminator(); };
    auto behind = [&](OpOperand &use) {
      const int user = runs.numberOf(use.getOwner());
      return user < 0 || user >= run.end();
    };
    for (auto [n, position] : llvm::enumerate(every))
      for (int step = 0; step < run.steps; ++step) {
        Value old = node(run, step, position)->getResult(0), value = everyValues[n * run.steps + step];
        if (runs.isStored(run.start + position)) old.replaceUsesWithIf(value, yielded);
        if (!run.kept[position]) continue;
        replaced[old] = value;
        old.replaceUsesWithIf(value, [&](OpOperand &use) { return behind(use) && !yielded(use); });
      }
    for (auto [number, value] : llvm::zip(last, lastValues)) {
      Value old = runs.order()[number]->getResult(0);
      replaced[old] = value;
      old.replaceUsesWithIf(value, behind);
    }
    for (int number = run.end() - 1; number >= run.start; --number) runs.order()[number]->erase();
  }

  Block &body;
  StepRuns runs;
  OpBuilder b;
  llvm::DenseMap<Value, Value> replaced;
};

struct RollStepsPass : acie::transforms::impl::RollStepsBase<RollStepsPass> {
  using RollStepsBase::RollStepsBase;

  void runOnOperation() override {
    getOperation().walk([&](plan::ClusterOp cluster) {
      if (cluster.getBody().front().getOperations().size() >= static_cast<size_t>(minOperations)) Roller(cluster, minSteps).run();
    });
  }
};

}  // namespace
