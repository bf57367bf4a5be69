#include "compiler/Transforms/RollSteps/StepRuns.h"

#include <algorithm>
#include <numeric>

#include "compiler/Dialect/Acie/AcieDialect.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringExtras.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace acie::transforms {
namespace {

/// The first index of a name: 7 of `x[7]` and `x[7,2]`; −1 without one.
int stepOfName(StringRef name) {
  size_t open = name.find('[');
  int step = -1;
  if (open == StringRef::npos || name.substr(open + 1).consumeInteger(10, step)) return -1;
  return step;
}

int stepOfOperand(Value operand) {
  Operation *op = operand.getDefiningOp();
  if (auto column = dyn_cast_or_null<plan::ColumnOp>(op)) return stepOfName(column.getName());
  if (auto scalar = dyn_cast_or_null<plan::ScalarOp>(op)) return stepOfName(scalar.getName());
  return -1;
}

}  // namespace

StepRuns::StepRuns(plan::ClusterOp cluster, int minSteps) : cluster(cluster), inputs(cluster.getInputs().size()), minSteps(minSteps) {
  for (Operation &op : cluster.getBody().front().without_terminator())
    if (!isa<arith::ConstantOp>(op)) nodes.push_back(&op);
  sortBySteps();
  const int count = nodes.size();
  for (int i = 0; i < count; ++i) {
    numbers[nodes[i]] = i;
    attributes[nodes[i]] = nodes[i]->getAttrDictionary();
  }
  stored.resize(count);
  users.resize(count);
  for (int i = 0; i < count; ++i)
    for (Operation *user : nodes[i]->getUsers()) {
      if (auto found = numbers.find(user); found != numbers.end())
        users[i].push_back(found->second);
      else
        stored[i] = true;
    }
  // What stands from here on, by the forms of four operations; from the last to the first, the next alike is known.
  std::vector<llvm::hash_code> forms;
  for (Operation *op : nodes) {
    llvm::hash_code form = llvm::hash_value(op->getName().getAsOpaquePointer());
    for (Value operand : op->getOperands()) {
      auto definer = numbers.find(operand.getDefiningOp());
      form = llvm::hash_combine(form, operand.getType().getAsOpaquePointer(), definer == numbers.end());
    }
    forms.push_back(form);
  }
  llvm::DenseMap<size_t, int> next;
  nextAlike.assign(count, -1);
  for (int i = count - 1; i >= 0; --i) {
    const size_t key = llvm::hash_combine_range(forms.begin() + i, forms.begin() + std::min(i + 4, count)) >> 1;
    if (auto [found, isNew] = next.try_emplace(key, i); !isNew) nextAlike[i] = std::exchange(found->second, i);
  }
  budget = int64_t{64} * count;
}

void StepRuns::sortBySteps() {
  llvm::DenseMap<Operation *, int> steps;
  std::vector<int> own;
  for (Operation *op : nodes) {
    int step = -1;
    if (auto uniform = dyn_cast<ir::UniformOp>(op)) step = stepOfName(uniform.getName());
    for (Value operand : op->getOperands()) {
      if (auto argument = dyn_cast<BlockArgument>(operand)) {
        const unsigned number = argument.getArgNumber();
        step = std::max(step, stepOfOperand(number < inputs ? cluster.getInputs()[number] : cluster.getScalars()[number - inputs]));
      } else if (auto found = steps.find(operand.getDefiningOp()); found != steps.end()) {
        step = std::max(step, found->second);
      }
    }
    steps[op] = step;
    own.push_back(step);
  }
  std::vector<int> order(nodes.size());
  std::iota(order.begin(), order.end(), 0);
  const std::vector<bool> builtOn = findBuiltOn(own);
  llvm::stable_sort(order, [&](int a, int b) { return builtOn[a] != builtOn[b] ? builtOn[a] : own[a] < own[b]; });
  std::vector<Operation *> sorted;
  for (int i : order) {
    firstOfStep.try_emplace(own[i], static_cast<int>(sorted.size()));
    sorted.push_back(nodes[i]);
    stepOf.push_back(own[i]);
  }
  nodes = std::move(sorted);
}

/// Which operations, in the order of the body, steps are made of: they are of a form that consecutive steps have, or much
/// follows from them. The others are what becomes of steps, as the sums of pairs of pairs.
std::vector<bool> StepRuns::findBuiltOn(const std::vector<int> &own) const {
  constexpr int kShallow = 24;  // more than the depth of a sum of 65,536 terms
  const int count = nodes.size();
  llvm::DenseMap<Operation *, int> place;
  struct Stretch {
    int step = -2, length = 0, longest = 0;
  };
  llvm::DenseMap<size_t, Stretch> stretches;
  std::vector<size_t> forms(count);
  for (int i = 0; i < count; ++i) {
    place[nodes[i]] = i;
    llvm::hash_code form = llvm::hash_combine(nodes[i]->getName().getAsOpaquePointer(), nodes[i]->getResult(0).getType().getAsOpaquePointer());
    for (Value operand : nodes[i]->getOperands()) {
      auto from = place.find(operand.getDefiningOp());
      form = llvm::hash_combine(form, from == place.end() ? -1 : own[i] - own[from->second]);
    }
    forms[i] = static_cast<size_t>(form) >> 1;
  }
  std::vector<int> bySteps(count);
  std::iota(bySteps.begin(), bySteps.end(), 0);
  llvm::stable_sort(bySteps, [&](int a, int b) { return own[a] < own[b]; });
  for (int i : bySteps) {
    Stretch &stretch = stretches[forms[i]];
    if (stretch.step == own[i]) continue;
    stretch.length = stretch.step == own[i] - 1 ? stretch.length + 1 : 1;
    stretch.step = own[i];
    stretch.longest = std::max(stretch.longest, stretch.length);
  }
  std::vector<bool> result(count);
  std::vector<int> depth(count, 0);
  for (int i = count - 1; i >= 0; --i) {
    result[i] = result[i] || depth[i] > kShallow || stretches[forms[i]].longest >= minSteps;
    for (Value operand : nodes[i]->getOperands()) {
      auto from = place.find(operand.getDefiningOp());
      if (from == place.end()) continue;
      depth[from->second] = std::max(depth[from->second], depth[i] + 1);
      if (result[i]) result[from->second] = true;
    }
  }
  return result;
}

int StepRuns::numberOf(Operation *op) const {
  auto found = numbers.find(op);
  return found == numbers.end() ? -1 : found->second;
}

StepRuns::Leaf StepRuns::leafOf(Value value) const {
  if (auto argument = dyn_cast<BlockArgument>(value)) return argument.getArgNumber() < inputs ? Leaf::Input : Leaf::Scalar;
  return value.getDefiningOp<arith::ConstantOp>() ? Leaf::Constant : Leaf::Node;
}

/// Whether values from outside of two steps can stand at one place without a lag.
bool StepRuns::agree(Operation *op, Value first, Value other) const {
  if (first == other) return true;
  const Leaf leaf = leafOf(first);
  // Constant operands choose what code computes a power: each its own.
  return leaf != Leaf::Node && leaf == leafOf(other) && !(leaf == Leaf::Constant && isa<ir::PowOp>(op));
}

bool StepRuns::sameForm(Operation *a, Operation *b) const {
  if (a->getName() != b->getName() || a->getNumOperands() != b->getNumOperands() || a->getNumRegions() != 0 || a->getNumResults() != 1 ||
      a->getResultTypes() != b->getResultTypes() || a->getOperandTypes() != b->getOperandTypes())
    return false;
  return isa<ir::UniformOp>(a) || attributes.lookup(a) == attributes.lookup(b);
}

bool StepRuns::matchOperand(const StepRun &run, StepOperand &operand, int step, Operation *op, Value value) const {
  const int number = numberOf(value);
  if (number >= run.start) {
    const int lag = step - (number - run.start) / run.period, position = (number - run.start) % run.period;
    if (operand.lag) return *operand.lag == lag && operand.position == position;
    // The first that the run computes: the steps before it have found theirs outside.
    if (lag != step || lag > kMostLag) return false;
    if (isa<ir::PowOp>(op) && llvm::any_of(operand.values, [&](Value v) { return leafOf(v) == Leaf::Constant; })) return false;
    operand.lag = lag;
    operand.position = position;
    return true;
  }
  if (operand.lag || (step > kMostLag && !agree(op, operand.values.front(), value))) return false;
  operand.values.push_back(value);
  return true;
}

/// Takes one more step into the run; false, and nothing changed, if it differs.
bool StepRuns::matchStep(StepRun &run, int step) const {
  const int base = run.start + step * run.period;
  size_t slot = 0;
  bool same = true;
  for (int i = 0; i < run.period && same; ++i) {
    Operation *op = nodes[base + i];
    same = sameForm(nodes[run.start + i], op) && (stored[base + i] || !stored[run.start + i]);
    if (step == 0) run.operands.resize(slot + op->getNumOperands());
    for (size_t k = 0; same && k < op->getNumOperands(); ++k) same = matchOperand(run, run.operands[slot + k], step, op, op->getOperand(k));
    slot += op->getNumOperands();
  }
  if (same) return true;
  for (StepOperand &operand : run.operands) {
    if (operand.lag == step) operand.lag.reset();
    if (!operand.lag && operand.values.size() > static_cast<size_t>(step)) operand.values.resize(step);
  }
  return false;
}

/// Ends the run where values from outside that are no first values of a memory do not agree.
void StepRuns::cutToAgreement(StepRun &run) const {
  for (bool changed = true; changed;) {
    changed = false;
    size_t slot = 0;
    for (int i = 0; i < run.period; ++i)
      for (size_t k = 0; k < nodes[run.start + i]->getNumOperands(); ++k) {
        StepOperand &operand = run.operands[slot++];
        if (operand.lag && *operand.lag >= run.steps) operand.lag.reset();
        if (operand.lag) continue;
        operand.values.resize(run.steps);
        for (int step = 1; step < run.steps; ++step)
          if (!agree(nodes[run.start + i], operand.values[0], operand.values[step])) {
            run.steps = step;
            changed = true;
          }
      }
  }
}

std::optional<int> StepRuns::neededBehind(const StepRun &run, int node) const {
  const int step = (node - run.start) / run.period;
  const bool behind = llvm::any_of(users[node], [&](int user) { return user >= run.end(); }) ||
                      (stored[node] && !stored[run.start + (node - run.start) % run.period]);
  return behind ? std::optional(run.steps - 1 - step) : std::nullopt;
}

/// Ends the run at the first step of which something is needed behind the run that its last step does not remember. What
/// is needed of many steps is kept instead.
void StepRuns::cutToUses(StepRun &run) const {
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<int> memory(run.period, 0), forgotten(run.period, 0), first(run.period, run.steps);
    for (const StepOperand &operand : run.operands)
      if (operand.lag) memory[operand.position] = std::max(memory[operand.position], *operand.lag);
    for (int node = run.start; node < run.end(); ++node) {
      const int position = (node - run.start) % run.period;
      const std::optional<int> back = neededBehind(run, node);
      if (!back || *back <= memory[position]) continue;
      ++forgotten[position];
      first[position] = std::min(first[position], (node - run.start) / run.period);
    }
    run.kept.assign(run.period, false);
    for (int position = 0; position < run.period; ++position) {
      run.kept[position] = forgotten[position] >= minSteps;
      if (forgotten[position] == 0 || run.kept[position] || first[position] + 1 >= run.steps) continue;
      run.steps = first[position] + 1;
      changed = true;
    }
    if (changed) cutToAgreement(run);
  }
}

StepRun StepRuns::grow(int start, int period) {
  StepRun run{start, period, 0, {}, {}};
  const int most = (static_cast<int>(nodes.size()) - start) / period;
  for (bool more = true; more && run.steps < most && matchStep(run, run.steps); ++run.steps) {
    budget -= period;
    // A step with a result of its own is the last.
    for (int i = 0; i < period && run.steps > 0; ++i)
      more &= stored[start + run.steps * period + i] == stored[start + i];
  }
  budget -= period;
  if (run.steps < minSteps) return {};
  cutToAgreement(run);
  if (run.steps >= minSteps) cutToUses(run);  // which decides what is kept
  return run.steps >= minSteps ? run : StepRun{};
}

/// Lengths that a step beginning here may have, likely ones first.
std::vector<int> StepRuns::periodsAt(int start) const {
  std::vector<int> periods;
  const int most = (static_cast<int>(nodes.size()) - start) / minSteps;
  auto add = [&](int period) {
    if (period > 0 && period <= most && !llvm::is_contained(periods, period)) periods.push_back(period);
  };
  auto first = [&](int step) {
    auto found = firstOfStep.find(step);
    return found == firstOfStep.end() ? 0 : found->second;
  };
  const int step = std::max(stepOf[start], 0);
  add(first(step + 1) - first(step));
  add(first(step + 2) - first(step + 1));
  int next = start;
  for (int i = 0; i < 6 && nextAlike[next] >= 0; ++i) {
    next = nextAlike[next];
    add(next - start);
  }
  return periods;
}

std::vector<StepRun> StepRuns::find() {
  std::vector<StepRun> runs;
  const int count = nodes.size();
  for (int start = 0; start < count && budget > 0;) {
    StepRun best;
    for (int period : periodsAt(start)) {
      StepRun run = grow(start, period);
      if (run.period * (run.steps - 1) > best.period * (best.steps - 1)) best = std::move(run);
      if (best.end() == count || budget <= 0) break;
    }
    if (best.steps == 0) {
      ++start;
      continue;
    }
    start = best.end();
    runs.push_back(std::move(best));
  }
  return runs;
}

}  // namespace acie::transforms
