#include "compiler/Codegen/CPU/ClusterBody.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/Codegen/CPU/OperationBuilder.h"
#include "compiler/Codegen/CPU/RepeatBody.h"
#include "compiler/Dialect/Acie/AcieDialect.h"
#include "runtime/include/acie/kernel_lines.h"

namespace acie::codegen {
namespace {

constexpr unsigned kRegistersOfV4 = 512;  // the level of 512-bit vectors also doubles the registers to 32

unsigned widest_bits(plan::ClusterOp cluster) {
  unsigned bits = 32;
  const auto consider = [&](mlir::Type type) {
    if (type.isIntOrFloat()) bits = std::max(bits, type.getIntOrFloatBitWidth());
  };
  mlir::Block& body = cluster.getBody().front();
  for (mlir::BlockArgument argument : body.getArguments()) consider(argument.getType());
  body.walk([&](mlir::Operation* op) {
    for (mlir::Type type : op->getResultTypes()) consider(type);
  });
  return bits;
}

llvm::Type* llvm_type(mlir::Type type, llvm::LLVMContext& context) {
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type)) type = tensor.getElementType();
  if (type.isF64()) return llvm::Type::getDoubleTy(context);
  if (type.isF32()) return llvm::Type::getFloatTy(context);
  if (type.isSignlessInteger(64) || type.isSignlessInteger(32) || type.isSignlessInteger(1))
    return llvm::Type::getIntNTy(context, type.getIntOrFloatBitWidth());
  return nullptr;
}

bool is_import(mlir::Operation& op) { return op.hasTrait<ir::ImportedFunction>(); }

// Whether a block argument is read by anything but the steps of a loop, which load it themselves.
bool is_read(mlir::BlockArgument argument) {
  return llvm::any_of(argument.getUses(), [](mlir::OpOperand& use) {
    auto repeat = mlir::dyn_cast<plan::RepeatOp>(use.getOwner());
    return !repeat || use.getOperandNumber() < repeat.getInit().size();
  });
}

// Stores every yielded value that an operation has just produced, so that no result waits in a register for the end.
class Outputs {
 public:
  explicit Outputs(plan::YieldOp yield) {
    for (auto [index, value] : llvm::enumerate(yield.getValues())) users_[value].push_back(index);
  }
  void store(RowKernel& kernel, mlir::Value value, const Bundle& bundle) {
    if (auto it = users_.find(value); it != users_.end())
      for (unsigned index : it->second) kernel.set_output(index, bundle);
  }

 private:
  llvm::DenseMap<mlir::Value, llvm::SmallVector<unsigned, 1>> users_;
};

absl::Status build_body(plan::ClusterOp cluster, OutlinedFunctions& functions, const std::vector<std::string>& imports,
                        RowKernel& kernel) {
  mlir::Block& body = cluster.getBody().front();
  OperationBuilder operations(kernel, functions, imports);
  Outputs outputs(mlir::cast<plan::YieldOp>(body.getTerminator()));
  const unsigned num_inputs = cluster.getInputs().size();
  for (mlir::BlockArgument argument : body.getArguments()) {
    const unsigned index = argument.getArgNumber();
    if (index < num_inputs) {
      // All rows are loaded before anything is computed: loads strewn among the arithmetic made the chain benchmark a
      // third slower, spilled registers cost it nothing.
      if (is_read(argument)) operations.define(argument, kernel.input(index));
      continue;
    }
    if (!is_read(argument)) continue;
    auto scalar = cluster.getScalars()[index - num_inputs].getDefiningOp<plan::ScalarOp>();
    if (!scalar)
      return absl::InvalidArgumentError(
          absl::StrCat("cluster \"", cluster.getName().str(), "\" takes a scalar that is no plan.scalar"));
    llvm::Type* type = llvm_type(scalar.getType(), kernel.vectors().ir().getContext());
    operations.define(argument, kernel.scalar(scalar.getIndex(), type));
  }
  for (mlir::BlockArgument argument : body.getArguments())
    if (llvm::any_of(argument.getUsers(), [](mlir::Operation* user) { return mlir::isa<plan::YieldOp>(user); }))
      outputs.store(kernel, argument, operations.value(argument));
  const std::vector<KeptSeries> kept = kept_series(cluster);
  for (mlir::Operation& op : body.without_terminator()) {
    auto repeat = mlir::dyn_cast<plan::RepeatOp>(op);
    if (!kept.empty()) read_kept(op, kept, kernel, operations);
    if (absl::Status status = repeat ? build_repeat(repeat, kept, kernel, operations) : operations.build(op); !status.ok())
      return absl::Status(status.code(), absl::StrCat("cluster \"", cluster.getName().str(), "\": ", status.message()));
    if (repeat) {
      for (mlir::Value last : repeat.getLastValues()) outputs.store(kernel, last, operations.value(last));
      continue;
    }
    outputs.store(kernel, op.getResult(0), operations.value(op.getResult(0)));
  }
  return absl::OkStatus();
}

}  // namespace

bool is_of_tensors(plan::ClusterOp cluster) {
  return llvm::any_of(cluster.getOutputs(), [](mlir::Value output) {
    return mlir::isa<mlir::RankedTensorType>(mlir::cast<plan::BufferType>(output.getType()).getElementType());
  });
}

void consider_lines(plan::ClusterOp cluster, LineUse& use) {
  if (!is_of_tensors(cluster)) return;
  for (mlir::Value input : cluster.getInputs()) {
    auto made = input.getDefiningOp<plan::TensorOp>();
    use.repeats |= made && made.getKind() == plan::TensorKind::View && llvm::is_contained(*made.getStrides(), 0);
  }
  for (auto [index, output] : llvm::enumerate(cluster.getOutputs())) {
    const auto adds = [](mlir::Operation* user) {
      auto tensor = mlir::dyn_cast<plan::TensorOp>(user);
      return tensor && tensor.getKind() == plan::TensorKind::Fold && tensor.getFolding() == plan::Folding::Sum;
    };
    auto type = mlir::dyn_cast<mlir::RankedTensorType>(mlir::cast<plan::BufferType>(output.getType()).getElementType());
    if (!type || !mlir::isa<mlir::Float32Type, mlir::Float64Type>(type.getElementType()) || llvm::none_of(output.getUsers(), adds)) continue;
    const auto place = std::lower_bound(use.sums.begin(), use.sums.end(), index);
    if (place == use.sums.end() || *place != index) use.sums.insert(place, index);
  }
}

RowShape choose_shape(plan::ClusterOp cluster, const TargetLevel& level) {
  RowShape shape;
  shape.lanes = level.vector_bits / widest_bits(cluster);
  const unsigned preferred = level.vector_bits >= kRegistersOfV4 ? 2 : 1;
  const auto asked = cluster.getInterleave();
  shape.parts = asked ? std::clamp<unsigned>(*asked, 1, kMaxParts) : preferred;
  return shape;
}

std::vector<std::string> collect_imports(const std::vector<plan::ClusterOp>& clusters) {
  std::set<std::string> names;
  for (plan::ClusterOp cluster : clusters)
    cluster.getBody().walk([&](mlir::Operation* op) {
      if (is_import(*op)) names.insert(op->getName().stripDialect().str());
    });
  return {names.begin(), names.end()};
}

KernelSource kernel_of_cluster(plan::ClusterOp cluster, const TargetLevel& level, OutlinedFunctions& functions,
                               const std::vector<std::string>& imports, llvm::LLVMContext& context) {
  KernelSource kernel;
  kernel.ordinal = cluster.getOrdinal();
  kernel.signature.name = absl::StrCat("kernel_", kernel.ordinal, "_", cluster.getName().str());
  kernel.signature.shape = choose_shape(cluster, level);
  for (mlir::Value input : cluster.getInputs())
    kernel.signature.inputs.push_back(llvm_type(mlir::cast<plan::BufferType>(input.getType()).getElementType(), context));
  for (mlir::Value output : cluster.getOutputs())
    kernel.signature.outputs.push_back(
        llvm_type(mlir::cast<plan::BufferType>(output.getType()).getElementType(), context));
  kernel.signature.of_tensors = is_of_tensors(cluster);
  for (const auto& [repeat, series] : kept_series(cluster)) {
    auto advance = mlir::cast<plan::AdvanceOp>(plan::RepeatOp(repeat).getBody().front().getTerminator());
    kernel.signature.series.emplace_back(llvm_type(advance.getEvery()[series].getType(), context), plan::RepeatOp(repeat).getSteps());
  }
  for (mlir::Value scalar : cluster.getScalars())
    if (auto op = scalar.getDefiningOp<plan::ScalarOp>())
      kernel.num_scalars = std::max(kernel.num_scalars, op.getIndex() + 1);
  cluster.getBody().walk([&](mlir::Operation* op) {
    if (op->getNumResults() != 1 || op->getNumRegions() != 0) return;
    OperationBuilder::announce(*op, kernel.signature.shape, functions);
    if (!is_import(*op)) return;
    kernel.signature.import_arity = std::max<int>(kernel.signature.import_arity, op->getNumOperands());
    kernel.num_imports = imports.size();
  });
  kernel.build_body = [cluster, &functions, &imports](RowKernel& row) {
    return build_body(cluster, functions, imports, row);
  };
  return kernel;
}

std::optional<KernelSource> lines_of_cluster(plan::ClusterOp cluster, const KernelSource& kernel, const LineUse& use) {
  if (!use.repeats && use.sums.empty()) return std::nullopt;
  constexpr size_t kFew = 12;
  mlir::Block& body = cluster.getBody().front();
  if (llvm::any_of(body, [](mlir::Operation& op) { return mlir::isa<plan::RepeatOp>(op); })) return std::nullopt;
  const bool few = body.getOperations().size() <= kFew && kernel.signature.import_arity == 0;
  KernelSource lines = kernel;
  lines.ordinal |= ACIE_KERNEL_LINES;
  lines.signature.name += "_lines";
  lines.signature.shape = shape_of_lines(kernel.signature.shape, few);
  lines.signature.by_lines = true;
  lines.signature.sums = use.sums;
  return lines;
}

}  // namespace acie::codegen
