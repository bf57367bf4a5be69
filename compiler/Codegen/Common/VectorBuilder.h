// Builds vector code in which every scalar of a row kernel is a bundle of rows.
//
// A bundle is `parts` LLVM vectors of `lanes` elements: lanes fill a register, parts are independent streams that run
// side by side where a chain of equations is bound by latency. Instructions are shared as they are built (a kernel's body
// is one basic block), so that no pass has to find common subexpressions later.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/IRBuilder.h"

namespace acie::codegen {

inline constexpr unsigned kMaxParts = 4;

/// How many rows one iteration computes, and in what pieces.
struct RowShape {
  unsigned lanes = 0;
  unsigned parts = 1;
  unsigned rows() const { return lanes * parts; }
};

/// The values of one scalar of the body in `RowShape::rows()` consecutive rows.
struct Bundle {
  std::array<llvm::Value*, kMaxParts> part{};
};

class VectorBuilder {
 public:
  VectorBuilder(llvm::IRBuilder<>& builder, RowShape shape) : builder_(builder), shape_(shape) {}

  llvm::IRBuilder<>& ir() { return builder_; }
  RowShape shape() const { return shape_; }

  llvm::Type* f64() { return builder_.getDoubleTy(); }
  llvm::Type* f32() { return builder_.getFloatTy(); }
  llvm::Type* i64() { return builder_.getInt64Ty(); }
  llvm::Type* i32() { return builder_.getInt32Ty(); }
  llvm::Type* i1() { return builder_.getInt1Ty(); }
  llvm::Type* element_type(const Bundle& x) { return x.part[0]->getType()->getScalarType(); }
  llvm::VectorType* vector_of(llvm::Type* element) { return llvm::FixedVectorType::get(element, shape_.lanes); }

  Bundle real(llvm::Type* element, double value);        // rounded to the element type
  Bundle integer(llvm::Type* element, int64_t value);    // its low bits
  Bundle splat(llvm::Value* scalar);

  Bundle binary(llvm::Instruction::BinaryOps op, const Bundle& x, const Bundle& y);
  Bundle compare(llvm::CmpInst::Predicate predicate, const Bundle& x, const Bundle& y);
  Bundle select(const Bundle& mask, const Bundle& x, const Bundle& y);
  Bundle negate(const Bundle& x);  // the sign bit of a floating-point number flipped
  Bundle cast(llvm::Instruction::CastOps op, const Bundle& x, llvm::Type* element);
  /// An intrinsic overloaded on `overloads`, each a vector of that element type.
  Bundle intrinsic(llvm::Intrinsic::ID id, std::initializer_list<llvm::Type*> overloads,
                   std::initializer_list<Bundle> operands);
  /// A target's intrinsic with extra trailing operands, the same for each part.
  Bundle target_intrinsic(llvm::Intrinsic::ID id, std::initializer_list<Bundle> operands,
                          llvm::function_ref<void(llvm::SmallVectorImpl<llvm::Value*>&)> extra);

  /// Builds each part by `make(part)`.
  Bundle per_part(llvm::function_ref<llvm::Value*(unsigned)> make);

 private:
  // Operation (class and number), result type, operands.
  struct Key {
    uint64_t operation;
    llvm::Type* type;
    std::array<llvm::Value*, 3> operands;
    bool operator==(const Key&) const = default;
  };
  struct KeyInfo {
    static Key getEmptyKey() { return {~uint64_t{0}, nullptr, {}}; }
    static Key getTombstoneKey() { return {~uint64_t{1}, nullptr, {}}; }
    static unsigned getHashValue(const Key& key);
    static bool isEqual(const Key& x, const Key& y) { return x == y; }
  };
  llvm::Value* shared(const Key& key, llvm::function_ref<llvm::Value*()> make);

  llvm::IRBuilder<>& builder_;
  RowShape shape_;
  llvm::DenseMap<Key, llvm::Value*, KeyInfo> built_;
};

}  // namespace acie::codegen
