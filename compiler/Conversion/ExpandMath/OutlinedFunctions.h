// Functions used several times become functions of the module instead of being expanded again and again.
//
// Instruction selection takes time in proportion to the code, and a query of twenty worlds may evaluate hundreds of
// functions of fifty instructions each; its code would also outgrow the instruction cache. A call spills the registers
// around it, so what is used once or twice, or is only a few instructions, is expanded in place.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "compiler/Codegen/Common/TargetLevel.h"
#include "compiler/Codegen/Common/VectorBuilder.h"
#include "llvm/IR/Module.h"

namespace acie::codegen {

class OutlinedFunctions {
 public:
  explicit OutlinedFunctions(const TargetLevel& level) : level_(level) {}

  /// Announces one use of a function of elements of `bits` bits in a kernel of `shape`. All uses are announced before the
  /// first is built.
  void announce(std::string_view name, unsigned bits, RowShape shape) { ++uses_[key(name, bits, shape)]; }

  /// Builds function `name` of f64 or f32 operands, in place or as a call. False if there is no such function.
  bool build(llvm::Module& module, VectorBuilder& vectors, std::string_view name, std::span<const Bundle> operands,
             Bundle& result);

  /// Like expand_uniform; announced as kUniform of 64 bits.
  Bundle build_uniform(llvm::Module& module, VectorBuilder& vectors, const Bundle& seed, const Bundle& name_hash,
                       const Bundle& row, const Bundle& draw);

  static constexpr std::string_view kUniform = "uniform";

 private:
  static std::string key(std::string_view name, unsigned bits, RowShape shape);
  bool expand(VectorBuilder& vectors, std::string_view name, std::span<const Bundle> operands, Bundle& result);
  llvm::Function* outline(llvm::Module& module, const std::string& symbol, RowShape shape, std::string_view name,
                          std::span<const Bundle> operands);

  const TargetLevel& level_;
  std::map<std::string, int> uses_;
  std::map<std::string, llvm::Function*> functions_;  // null: too short to call
};

}  // namespace acie::codegen
