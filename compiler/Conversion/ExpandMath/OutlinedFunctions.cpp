#include "compiler/Conversion/ExpandMath/OutlinedFunctions.h"

#include "absl/strings/str_cat.h"
#include "compiler/Conversion/ExpandMath/ExpandMath.h"

namespace acie::codegen {
namespace {

constexpr int kFewestUses = 3;

// With 32 registers the convention leaves half of them to the caller (ZMM16 to ZMM31, masks K4 to K7): what lives across a
// call stays there, where the platform's own convention spills everything. With 16 it would leave YMM8 to YMM15, whose upper
// halves LLVM clears (vzeroupper) in functions that return narrower vectors.
llvm::CallingConv::ID convention(const TargetLevel& level) {
  return level.vector_bits >= 512 ? llvm::CallingConv::Intel_OCL_BI : llvm::CallingConv::C;
}

// Whether a function of `size` instructions on one row vector is called where it is used. Measured (tests/perf/chain): with
// 32 registers a call costs a short function a sixth of its time, and a body of many worlds nothing, because its code no
// longer outgrows the caches; with 16 registers it costs a third, so that only long functions and very long bodies pay.
bool worth_calling(const TargetLevel& level, size_t size, int uses) {
  constexpr size_t kShort = 20, kLong = 50, kVeryLongBody = 2000;
  if (level.vector_bits >= 512) return size >= kShort;
  return size >= kLong || (size >= kShort && size * uses >= kVeryLongBody);
}

}  // namespace

std::string OutlinedFunctions::key(std::string_view name, unsigned bits, RowShape shape) {
  return absl::StrCat("acie_", std::string(name), "_", bits, "x", shape.lanes, "x", shape.parts);
}

bool OutlinedFunctions::expand(VectorBuilder& vectors, std::string_view name, std::span<const Bundle> operands,
                               Bundle& result) {
  if (name != kUniform) return expand_function(vectors, level_, name, operands, result);
  result = expand_uniform(vectors, operands[0], operands[1], operands[2], operands[3]);
  return true;
}

llvm::Function* OutlinedFunctions::outline(llvm::Module& module, const std::string& symbol, RowShape shape,
                                           std::string_view name, std::span<const Bundle> operands) {
  llvm::IRBuilder<> b(module.getContext());
  VectorBuilder vectors(b, shape);
  llvm::SmallVector<llvm::Type*, 8> parameters;
  for (const Bundle& operand : operands) parameters.append(shape.parts, operand.part[0]->getType());
  llvm::Type* part = vectors.vector_of(vectors.element_type(operands[0])->isFloatTy() ? b.getFloatTy() : b.getDoubleTy());
  llvm::SmallVector<llvm::Type*, kMaxParts> parts(shape.parts, part);
  auto* function = llvm::Function::Create(llvm::FunctionType::get(llvm::StructType::get(b.getContext(), parts), parameters, false),
                                          llvm::GlobalValue::InternalLinkage, symbol, module);
  auto* block = llvm::BasicBlock::Create(b.getContext(), "", function);
  b.SetInsertPoint(block);
  llvm::SmallVector<Bundle, 4> arguments;
  for (size_t i = 0; i < operands.size(); ++i)
    arguments.push_back(vectors.per_part([&](unsigned p) { return function->getArg(i * shape.parts + p); }));
  Bundle result;
  if (!expand(vectors, name, arguments, result) ||
      !worth_calling(level_, block->size() / shape.parts, uses_[symbol])) {
    function->eraseFromParent();
    return nullptr;
  }
  llvm::Value* packed = llvm::PoisonValue::get(function->getReturnType());
  for (unsigned p = 0; p < shape.parts; ++p) packed = b.CreateInsertValue(packed, result.part[p], p);
  b.CreateRet(packed);
  function->setCallingConv(convention(level_));
  function->addFnAttr(llvm::Attribute::NoInline);
  function->setDoesNotAccessMemory();
  function->setWillReturn();
  return function;
}

bool OutlinedFunctions::build(llvm::Module& module, VectorBuilder& vectors, std::string_view name,
                              std::span<const Bundle> operands, Bundle& result) {
  if (operands.empty()) return false;
  const RowShape shape = vectors.shape();
  const std::string symbol = key(name, vectors.element_type(operands[0])->getScalarSizeInBits(), shape);
  llvm::Function* function = nullptr;
  if (uses_[symbol] >= kFewestUses) {
    const auto [it, inserted] = functions_.try_emplace(symbol, nullptr);
    if (inserted) it->second = outline(module, symbol, shape, name, operands);
    function = it->second;
  }
  if (!function) return expand(vectors, name, operands, result);
  llvm::SmallVector<llvm::Value*, 8> arguments;
  for (const Bundle& operand : operands) arguments.append(operand.part.begin(), operand.part.begin() + shape.parts);
  llvm::CallInst* call = vectors.ir().CreateCall(function, arguments);
  call->setCallingConv(convention(level_));
  result = vectors.per_part([&](unsigned p) { return vectors.ir().CreateExtractValue(call, p); });
  return true;
}

Bundle OutlinedFunctions::build_uniform(llvm::Module& module, VectorBuilder& vectors, const Bundle& seed,
                                        const Bundle& name_hash, const Bundle& row, const Bundle& draw) {
  const Bundle operands[] = {seed, name_hash, row, draw};
  Bundle result;
  build(module, vectors, kUniform, operands, result);
  return result;
}

}  // namespace acie::codegen
