#include "compiler/Codegen/Common/VectorBuilder.h"

#include <cmath>

#include "llvm/ADT/Hashing.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Intrinsics.h"

namespace acie::codegen {
namespace {

// Classes of operations, above the opcode or number in a key.
constexpr uint64_t kBinary = 1ull << 32, kCompare = 2ull << 32, kSelect = 3ull << 32, kNegate = 4ull << 32,
                   kCast = 5ull << 32, kIntrinsic = 6ull << 32, kSplat = 7ull << 32;

}  // namespace

unsigned VectorBuilder::KeyInfo::getHashValue(const Key& key) {
  return static_cast<unsigned>(
      llvm::hash_combine(key.operation, key.type, key.operands[0], key.operands[1], key.operands[2]));
}

llvm::Value* VectorBuilder::shared(const Key& key, llvm::function_ref<llvm::Value*()> make) {
  if (auto it = built_.find(key); it != built_.end()) return it->second;
  llvm::Value* value = make();
  built_.try_emplace(key, value);
  return value;
}

Bundle VectorBuilder::per_part(llvm::function_ref<llvm::Value*(unsigned)> make) {
  Bundle result;
  for (unsigned p = 0; p < shape_.parts; ++p) result.part[p] = make(p);
  return result;
}

Bundle VectorBuilder::real(llvm::Type* element, double value) {
  // APFloat keeps a NaN's payload as host arithmetic may not: every NaN constant is the canonical one.
  llvm::Constant* c = std::isnan(value) ? llvm::ConstantFP::getNaN(vector_of(element))
                                        : llvm::ConstantFP::get(vector_of(element), value);
  return per_part([&](unsigned) { return c; });
}

Bundle VectorBuilder::integer(llvm::Type* element, int64_t value) {
  llvm::Constant* c = llvm::ConstantInt::getSigned(vector_of(element), value);
  return per_part([&](unsigned) { return c; });
}

Bundle VectorBuilder::splat(llvm::Value* scalar) {
  llvm::Value* v = shared({kSplat, nullptr, {scalar, nullptr, nullptr}},
                          [&] { return builder_.CreateVectorSplat(shape_.lanes, scalar); });
  return per_part([&](unsigned) { return v; });
}

Bundle VectorBuilder::binary(llvm::Instruction::BinaryOps op, const Bundle& x, const Bundle& y) {
  return per_part([&](unsigned p) {
    return shared({kBinary | op, nullptr, {x.part[p], y.part[p], nullptr}},
                  [&] { return builder_.CreateBinOp(op, x.part[p], y.part[p]); });
  });
}

Bundle VectorBuilder::compare(llvm::CmpInst::Predicate predicate, const Bundle& x, const Bundle& y) {
  return per_part([&](unsigned p) {
    return shared({kCompare | predicate, nullptr, {x.part[p], y.part[p], nullptr}},
                  [&] { return builder_.CreateCmp(predicate, x.part[p], y.part[p]); });
  });
}

Bundle VectorBuilder::select(const Bundle& mask, const Bundle& x, const Bundle& y) {
  return per_part([&](unsigned p) -> llvm::Value* {
    if (x.part[p] == y.part[p]) return x.part[p];
    return shared({kSelect, nullptr, {mask.part[p], x.part[p], y.part[p]}},
                  [&] { return builder_.CreateSelect(mask.part[p], x.part[p], y.part[p]); });
  });
}

Bundle VectorBuilder::negate(const Bundle& x) {
  return per_part([&](unsigned p) {
    return shared({kNegate, nullptr, {x.part[p], nullptr, nullptr}}, [&] { return builder_.CreateFNeg(x.part[p]); });
  });
}

Bundle VectorBuilder::cast(llvm::Instruction::CastOps op, const Bundle& x, llvm::Type* element) {
  llvm::Type* type = vector_of(element);
  return per_part([&](unsigned p) -> llvm::Value* {
    if (x.part[p]->getType() == type) return x.part[p];
    return shared({kCast | op, type, {x.part[p], nullptr, nullptr}},
                  [&] { return builder_.CreateCast(op, x.part[p], type); });
  });
}

Bundle VectorBuilder::intrinsic(llvm::Intrinsic::ID id, std::initializer_list<llvm::Type*> overloads,
                                std::initializer_list<Bundle> operands) {
  llvm::SmallVector<llvm::Type*, 2> types;
  for (llvm::Type* element : overloads) types.push_back(vector_of(element));
  return per_part([&](unsigned p) {
    Key key{kIntrinsic | id, types.empty() ? nullptr : types.front(), {}};
    llvm::SmallVector<llvm::Value*, 3> arguments;
    for (const Bundle& operand : operands) {
      key.operands[arguments.size()] = operand.part[p];
      arguments.push_back(operand.part[p]);
    }
    return shared(key, [&] { return builder_.CreateIntrinsic(id, types, arguments); });
  });
}

Bundle VectorBuilder::target_intrinsic(llvm::Intrinsic::ID id, std::initializer_list<Bundle> operands,
                                       llvm::function_ref<void(llvm::SmallVectorImpl<llvm::Value*>&)> extra) {
  return per_part([&](unsigned p) {
    Key key{kIntrinsic | id, nullptr, {}};
    llvm::SmallVector<llvm::Value*, 6> arguments;
    for (const Bundle& operand : operands) {
      key.operands[arguments.size()] = operand.part[p];
      arguments.push_back(operand.part[p]);
    }
    return shared(key, [&] {
      extra(arguments);
      return builder_.CreateIntrinsic(id, {}, arguments);
    });
  });
}

}  // namespace acie::codegen
