#include "compiler/Conversion/PlanToPackage/PlanToPackage.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/Conversion/SemaToAcie/ExprImporter.h"
#include "compiler/Dialect/Acie/AcieDialect.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Emit/PlanText.h"
#include "compiler/Sema/Types.h"
#include "compiler/Support/Sizes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace acie::conversion {
namespace {

absl::Status defect(const std::string &what) { return absl::InternalError("plan: " + what); }

acie_dtype dtypeOf(mlir::Type type) {
  type = mlir::getElementTypeOrSelf(type);
  if (type.isF64()) return ACIE_F64;
  if (type.isF32()) return ACIE_F32;
  if (type.isInteger(64)) return ACIE_I64;
  if (type.isInteger(32)) return ACIE_I32;
  return ACIE_BOOL;
}

acie_dtype dtypeOf(sema::ScalarKind kind) {
  switch (kind) {
    case sema::ScalarKind::F64: return ACIE_F64;
    case sema::ScalarKind::F32: return ACIE_F32;
    case sema::ScalarKind::I64: return ACIE_I64;
    case sema::ScalarKind::I32: return ACIE_I32;
    case sema::ScalarKind::Bool:
    case sema::ScalarKind::Str: break;
  }
  return ACIE_BOOL;
}

package::ReduceNode::Op reduceOp(plan::Reducer reducer) {
  switch (reducer) {
    case plan::Reducer::Mean: return package::ReduceNode::Op::Mean;
    case plan::Reducer::Sum: return package::ReduceNode::Op::Sum;
    case plan::Reducer::Variance: return package::ReduceNode::Op::Variance;
    case plan::Reducer::StdDev: return package::ReduceNode::Op::StdDev;
    case plan::Reducer::Quantile: return package::ReduceNode::Op::Quantile;
    case plan::Reducer::Min: return package::ReduceNode::Op::Min;
    case plan::Reducer::Max: return package::ReduceNode::Op::Max;
    case plan::Reducer::Count: return package::ReduceNode::Op::Count;
    case plan::Reducer::Any: return package::ReduceNode::Op::Any;
    case plan::Reducer::All: return package::ReduceNode::Op::All;
  }
  llvm_unreachable("all reducers are handled");
}

package::Space spaceOf(plan::Space space) {
  switch (space) {
    case plan::Space::Inner: return package::Space::Inner;
    case plan::Space::Row: return package::Space::Row;
    case plan::Space::Table: return package::Space::Table;
  }
  llvm_unreachable("all spaces are handled");
}

/// A do? is a column, a tensor a parameter.
bool isScalar(const sema::Slot &slot) { return slot.role != sema::Slot::Role::DoAsk && slot.type.shape.empty(); }

using Role = package::ScalarInput::Role;

Role roleOf(const sema::Slot &slot) {
  switch (slot.role) {
    case sema::Slot::Role::Param: return Role::Param;
    case sema::Slot::Role::Learn: return Role::Learn;
    case sema::Slot::Role::Argument: return Role::Argument;
    case sema::Slot::Role::Given: return Role::Given;
    case sema::Slot::Role::Size: return Role::Size;
    case sema::Slot::Role::Do:
    case sema::Slot::Role::DoAsk: break;
  }
  return Role::Do;
}

Role roleOf(plan::ScalarRole role) {
  switch (role) {
    case plan::ScalarRole::Param: return Role::Param;
    case plan::ScalarRole::Learn: return Role::Learn;
    case plan::ScalarRole::Argument: return Role::Argument;
    case plan::ScalarRole::Given: return Role::Given;
    case plan::ScalarRole::Size: return Role::Size;
    case plan::ScalarRole::Do: break;
  }
  return Role::Do;
}

/// Writes one entry.
class EntryWriter {
 public:
  EntryWriter(plan::EntryOp op, const sema::Query &query, const sema::Program &program, std::string &constants)
      : op(op), query(query), program(program), constants(constants) {}

  absl::StatusOr<package::Entry> run() {
    entry.name = query.name;
    entry.model = query.model->name;
    entry.doc = query.doc;
    switch (op.getShape()) {
      case plan::Shape::PerRow: entry.shape = package::Entry::Shape::PerRow; break;
      case plan::Shape::Once: entry.shape = package::Entry::Shape::Once; break;
      case plan::Shape::PerDraw: entry.shape = package::Entry::Shape::PerDraw; break;
    }
    entry.reads_table = op.getReadsTable();
    entry.has_draws = op.getHasDraws();
    for (auto reason : op.getReasons().getAsRange<mlir::StringAttr>()) entry.reasons.push_back(reason.str());
    for (mlir::Operation &part : op.getBody().front())
      if (absl::Status status = add(part); !status.ok()) return status;
    addUnusedScalars();
    addRoom();
    return std::move(entry);
  }

 private:
  absl::Status add(mlir::Operation &part) {
    absl::Status status;
    llvm::TypeSwitch<mlir::Operation *>(&part)
        .Case([&](plan::ColumnOp column) { status = add(column); })
        .Case([&](plan::ScalarOp scalar) { status = add(scalar); })
        .Case([&](plan::ParameterOp parameter) { status = add(parameter); })
        .Case([&](plan::DenseOp dense) { entry.constants.push_back({bufferOf(dense.getValue()), append(dense.getElements())}); })
        .Case([&](plan::ClusterOp cluster) { add(cluster); })
        .Case([&](plan::TensorOp tensor) { add(tensor); })
        .Case([&](plan::LoopOp loop) { status = add(loop); })
        .Case([&](plan::ReduceOp reduce) { add(reduce); })
        .Case([&](plan::OutputOp output) { status = add(output); })
        .Case([&](plan::StatusOp value) { entry.status = bufferOf(value.getValue()); })
        .Case([&](plan::ViolationOp violation) {
          entry.violation = bufferOf(violation.getResidual());
          entry.constraints_hold = bufferOf(violation.getHolds());
        });
    return status;
  }

  absl::Status add(plan::LoopOp loop) {
    mlir::Block &body = loop.getBody().front();
    auto next = mlir::cast<plan::NextOp>(body.getTerminator());
    package::LoopNode node;
    node.steps = sizeOf(loop.getSteps());
    for (auto [init, state] : llvm::zip(loop.getInit(), body.getArguments())) node.carries.push_back({bufferOf(init), bufferOf(state)});
    for (auto [whole, each] : llvm::zip(loop.getOver(), body.getArguments().drop_front(loop.getInit().size()))) node.sequences.push_back({bufferOf(whole), bufferOf(each)});
    const size_t at = entry.nodes.size();
    entry.nodes.emplace_back();
    for (mlir::Operation &part : body.without_terminator())
      if (absl::Status status = add(part); !status.ok()) return status;
    node.body = static_cast<int>(entry.nodes.size() - at - 1);
    for (auto [carry, left] : llvm::zip(node.carries, next.getValues())) carry.next = bufferOf(left);
    for (auto [number, value] : llvm::zip(loop.getLast(), loop.getLastValues())) node.carries[number].last = bufferOf(value);
    for (auto [number, value] : llvm::zip(loop.getEvery(), loop.getEveryValues())) node.carries[number].every = bufferOf(value);
    entry.nodes[at] = std::move(node);
    return absl::OkStatus();
  }

  /// The buffer's number; buffers are numbered as their operations come.
  int bufferOf(mlir::Value value) {
    auto [position, isNew] = buffers.try_emplace(value, static_cast<int>(entry.buffers.size()));
    if (isNew) {
      auto type = mlir::cast<plan::BufferType>(value.getType());
      package::Buffer buffer{dtypeOf(type.getElementType()), spaceOf(type.getSpace()), {}};
      if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type.getElementType()))
        for (int64_t size : tensor.getShape()) buffer.shape.push_back(sizeOf(size));
      entry.buffers.push_back(std::move(buffer));
    }
    return position->second;
  }

  /// A size as the package names it.
  int64_t sizeOf(int64_t size) {
    if (!sizes::is_open(size)) return size;
    auto [known, isNew] = openSizes.try_emplace(size, package::kOpenSize + static_cast<int64_t>(entry.sizes.size()));
    if (!isNew) return known->second;
    package::SizeExpression expression;
    for (const sizes::Term &term : sizes::polynomial(size)) {
      package::SizeTerm made{term.factor, {}};
      for (const std::string &dim : term.dims) made.dimensions.push_back(dimensionOf(dim));
      expression.terms.push_back(std::move(made));
    }
    // The constant last, as it is written.
    auto isNumber = [](const package::SizeTerm &term) { return term.dimensions.empty(); };
    std::stable_partition(expression.terms.begin(), expression.terms.end(), std::not_fn(isNumber));
    entry.sizes.push_back(std::move(expression));
    return known->second;
  }

  /// What the program's indices and slices need of the dimensions that the entry has.
  void addRoom() {
    std::vector<int64_t> room(program.room.begin(), program.room.end());
    llvm::sort(room, [](int64_t a, int64_t b) { return sizes::text(a) < sizes::text(b); });  // equal programs give equal plans
    for (int64_t size : room) {
      bool known = true;
      for (const sizes::Term &term : sizes::polynomial(size))
        for (const std::string &dim : term.dims) known &= llvm::is_contained(entry.dimensions, dim);
      if (known) entry.room.push_back(sizeOf(size));
    }
  }

  int dimensionOf(const std::string &name) {
    const auto found = std::find(entry.dimensions.begin(), entry.dimensions.end(), name);
    if (found == entry.dimensions.end()) entry.dimensions.push_back(name);
    return static_cast<int>(llvm::find(entry.dimensions, name) - entry.dimensions.begin());
  }

  static std::optional<package::VectorElement> elementOf(const std::optional<sema::VectorElement> &of) {
    if (!of) return std::nullopt;
    return package::VectorElement{of->name, of->shape, of->element};
  }

  /// How the values of a finite type are called, or that they are texts.
  void setValues(const sema::Type &type, auto &input) {
    input.is_text = sema::is_text(type);
    if (input.is_text) entry.texts = type.finite->values;
    else if (type.finite) input.labels = type.finite->values;
  }

  void setType(const sema::Type &type, auto &input) {
    input.unit = type.unit;
    setValues(type, input);
    if (!type.range) return;
    input.low = type.range->low;
    input.high = type.range->high;
    // The last place of an axis whose size is read at start.
    if (const auto last = static_cast<int64_t>(std::min(input.high, 9e18)); sizes::is_open(last) && !sizes::polynomial(last).empty()) input.high = static_cast<double>(sizeOf(last));
  }

  absl::Status add(plan::ColumnOp column) {
    package::ColumnInput input;
    input.name = column.getName().str();
    input.buffer = bufferOf(column.getValues());
    if (column.getPresence()) input.presence = bufferOf(column.getPresence());
    if (column.getRole() == plan::ColumnRole::DoAsk) {
      const sema::Slot *slot = nullptr;
      for (const sema::Slot *candidate : query.slots)
        if (candidate->role == sema::Slot::Role::DoAsk && doColumnName(*candidate) == input.name) slot = candidate;
      if (!slot) return defect(absl::StrCat("no do? for column '", input.name, "'"));
      input.role = package::ColumnInput::Role::DoAsk;
      input.column = input.name;
      input.doc = slot->doc;
      setType(slot->type, input);
    } else {
      const sema::Variable *variable = nullptr;
      for (const sema::Variable *candidate : query.model->variables)
        if (candidate->name == input.name) variable = candidate;
      if (!variable) return defect(absl::StrCat("no variable for column '", input.name, "'"));
      input.role = column.getRole() == plan::ColumnRole::Input ? package::ColumnInput::Role::Input
                                                               : package::ColumnInput::Role::Given;
      input.column = variable->column.empty() ? variable->name : variable->column;
      input.vector = elementOf(variable->vector);
      input.vector_column = variable->vector_column;
      input.elements = variable->columns;
      input.doc = variable->doc;
      setType(variable->type, input);
    }
    entry.columns.push_back(std::move(input));
    return absl::OkStatus();
  }

  absl::Status add(plan::ScalarOp scalar) {
    if (slots.empty()) {
      for (const sema::Slot *slot : query.slots)
        if (isScalar(*slot)) slots.emplace(std::pair(roleOf(*slot), slot->name), slot);
    }
    const auto found = slots.find({roleOf(scalar.getRole()), scalar.getName().str()});
    if (found == slots.end()) return defect(absl::StrCat("no slot named '", scalar.getName().str(), "'"));
    if (scalar.getIndex() != entry.scalars.size()) return defect("scalars are not in the order of their indices");
    addScalar(*found->second);
    return absl::OkStatus();
  }

  void addScalar(const sema::Slot &slot) {
    package::ScalarInput input;
    input.role = roleOf(slot);
    input.name = slot.name;
    if (input.role == Role::Size) dimensionOf(slot.name);
    input.doc = slot.doc;
    input.dtype = dtypeOf(slot.type.scalar);
    setType(slot.type, input);
    input.default_value = slot.default_value;
    if (slot.initial) {
      using Initial = package::ScalarInput::Initial;
      input.initial = slot.initial->law == sema::Slot::Initial::Law::Uniform ? Initial::Uniform : Initial::Normal;
      input.width = slot.initial->width;
    }
    entry.scalars.push_back(std::move(input));
  }

  /// What the query declares but nothing needs can still be set, with no effect. It need not be set.
  void addUnusedScalars() {
    std::set<std::pair<Role, std::string>> used;
    for (const package::ScalarInput &scalar : entry.scalars) used.emplace(scalar.role, scalar.name);
    for (const sema::Slot *slot : query.slots) {
      if (!isScalar(*slot) || used.count({roleOf(*slot), slot->name})) continue;
      addScalar(*slot);
      package::ScalarInput &added = entry.scalars.back();
      if (added.role != Role::Size && !added.default_value && added.initial == package::ScalarInput::Initial::None) added.default_value = 0;
    }
  }

  void add(plan::ClusterOp cluster) {
    package::KernelNode node;
    node.name = cluster.getName().str();
    node.ordinal = cluster.getOrdinal();
    node.space = spaceOf(cluster.getSpace());
    for (mlir::Value input : cluster.getInputs()) node.inputs.push_back(bufferOf(input));
    for (mlir::Value output : cluster.getOutputs()) node.outputs.push_back(bufferOf(output));
    node.by_point = sharesWithinPoints(cluster);
    entry.nodes.emplace_back(std::move(node));
  }

  /// Whether the elements of a point have something in common that those of the next have not, or random numbers.
  static bool sharesWithinPoints(plan::ClusterOp cluster) {
    auto isTensor = [](mlir::Value value) {
      return mlir::isa<mlir::RankedTensorType>(mlir::cast<plan::BufferType>(value.getType()).getElementType());
    };
    if (cluster.getOutputs().empty() || !isTensor(cluster.getOutputs().front())) return false;
    for (mlir::Value input : cluster.getInputs())
      if (!isTensor(input) || mlir::cast<plan::BufferType>(input.getType()).getSpace() != cluster.getSpace()) return true;
    return cluster.getBody().walk([](mlir::Operation *part) {
      return mlir::isa<ir::UniformOp, plan::UniformOp>(part) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
    }).wasInterrupted();
  }

  void add(plan::TensorOp tensor) {
    package::TensorNode node;
    node.op = static_cast<package::TensorNode::Op>(tensor.getKind());
    if (tensor.getActivation()) node.activation = static_cast<package::TensorNode::Activation>(*tensor.getActivation());
    if (tensor.getFolding()) node.folding = static_cast<package::TensorNode::Folding>(*tensor.getFolding());
    if (tensor.getRoutine()) node.routine = static_cast<routines::Routine>(*tensor.getRoutine());
    for (mlir::Value input : tensor.getInputs()) node.inputs.push_back(bufferOf(input));
    node.output = bufferOf(tensor.getOutput());
    node.offset = sizeOf(tensor.getOffset().value_or(0));
    if (auto strides = tensor.getStrides())
      for (int64_t stride : *strides) node.strides.push_back(sizeOf(stride));
    if (tensor.getModule()) node.module = static_cast<int>(*tensor.getModule());
    entry.nodes.emplace_back(std::move(node));
  }

  absl::Status add(plan::ParameterOp parameter) {
    const std::string name = parameter.getName().str();
    for (const sema::Slot *slot : query.slots) {
      const bool given = slot->role == sema::Slot::Role::Argument || slot->role == sema::Slot::Role::Given;
      if ((slot->role != sema::Slot::Role::Learn && !given) || slot->name != name || slot->type.shape.empty()) continue;
      package::ParameterInput input;
      input.name = name;
      input.doc = slot->doc;
      input.unit = slot->type.unit;
      input.buffer = bufferOf(parameter.getValue());
      const std::vector<double> &defaults = slot->defaults;
      if (!defaults.empty() && llvm::all_equal(defaults)) input.default_value = defaults.front();
      else if (!defaults.empty()) input.default_at = append(defaults, entry.buffers[input.buffer].dtype);
      if (slot->initial) {
        input.initial = slot->initial->law == sema::Slot::Initial::Law::Uniform ? package::ScalarInput::Initial::Uniform
                                                                                : package::ScalarInput::Initial::Normal;
        input.width = slot->initial->width;
        input.fan = sizeOf(slot->initial->fan);
      }
      entry.parameters.push_back(std::move(input));
      return absl::OkStatus();
    }
    return defect(absl::StrCat("no slot named '", name, "'"));
  }

  uint64_t append(mlir::ElementsAttr elements) {
    std::vector<double> numbers;
    mlir::Type type = elements.getElementType();
    if (mlir::isa<mlir::FloatType>(type)) {
      for (llvm::APFloat number : elements.getValues<llvm::APFloat>()) numbers.push_back(number.convertToDouble());
    } else {
      for (llvm::APInt number : elements.getValues<llvm::APInt>())
        numbers.push_back(type.isInteger(1) ? number.getBoolValue() : static_cast<double>(number.getSExtValue()));
    }
    return append(numbers, dtypeOf(type));
  }

  /// Puts the elements of a tensor into the section of constants; where.
  uint64_t append(const std::vector<double> &numbers, acie_dtype dtype) {
    constexpr size_t kAlignment = 64;
    constants.resize((constants.size() + kAlignment - 1) / kAlignment * kAlignment, '\0');
    const uint64_t at = constants.size();
    auto put = [&](auto value) { constants.append(reinterpret_cast<const char *>(&value), sizeof value); };
    for (double number : numbers) {
      switch (dtype) {
        case ACIE_F64: put(number); break;
        case ACIE_F32: put(static_cast<float>(number)); break;
        case ACIE_I64: put(static_cast<int64_t>(number)); break;
        case ACIE_I32: put(static_cast<int32_t>(number)); break;
        case ACIE_BOOL: put(static_cast<uint8_t>(number != 0)); break;
      }
    }
    return at;
  }

  void add(plan::ReduceOp reduce) {
    package::ReduceNode node;
    node.op = reduceOp(reduce.getReducer());
    if (reduce.getLevel()) node.level = reduce.getLevel()->convertToDouble();
    if (reduce.getInput()) node.input = bufferOf(reduce.getInput());
    node.output = bufferOf(reduce.getOutput());
    if (reduce.getStandardError()) node.standard_error = bufferOf(reduce.getStandardError());
    entry.nodes.emplace_back(node);
  }

  absl::Status add(plan::OutputOp output) {
    if (entry.outputs.size() >= query.outputs.size()) return defect("more outputs than the query returns");
    const sema::Output &source = query.outputs[entry.outputs.size()];
    package::OutputColumn column;
    column.name = output.getName().str();
    column.unit = source.value->type.unit;
    const bool whole = source.value->type.scalar == sema::ScalarKind::I64;
    if (whole && output.getValue()) setValues(source.value->type, column);
    column.vector = elementOf(source.vector);
    column.ending = source.ending;
    if (output.getValue()) {
      column.buffer = bufferOf(output.getValue());
      column.dtype = entry.buffers[column.buffer].dtype;
    } else {
      column.jackknife_of = *output.getJackknifeOf();
    }
    entry.outputs.push_back(std::move(column));
    return absl::OkStatus();
  }

  plan::EntryOp op;
  const sema::Query &query;
  const sema::Program &program;
  std::string &constants;
  std::map<std::pair<Role, std::string>, const sema::Slot *> slots;  // of the query, once one is asked for
  package::Entry entry;
  llvm::DenseMap<mlir::Value, int> buffers;
  std::map<int64_t, int64_t> openSizes;  // by their names in the compiler: what the entry calls them
};

}  // namespace

absl::StatusOr<package::Plan> to_package_plan(mlir::ModuleOp module, const sema::Program &program, std::string &constants) {
  package::Plan plan;
  for (const sema::ExternModule &file : program.modules) {
    plan.modules.push_back({file.name, file.sha256, constants.size(), file.content.size()});
    constants += file.content;
  }
  for (auto op : module.getOps<plan::EntryOp>()) {
    const sema::Query *query = nullptr;
    for (const sema::Query *candidate : program.queries)
      if (candidate->name == op.getSymName()) query = candidate;
    if (!query) return defect(absl::StrCat("no query named '", op.getSymName().str(), "'"));
    absl::StatusOr<package::Entry> entry = EntryWriter(op, *query, program, constants).run();
    if (!entry.ok()) return entry.status();
    entry->explanation = emit::plan_text(*query, module);
    plan.entries.push_back(*std::move(entry));
  }
  return plan;
}

}  // namespace acie::conversion
