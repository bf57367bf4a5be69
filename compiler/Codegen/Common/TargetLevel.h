// The CPU levels kernels are compiled for. A package carries one library per level; the runtime picks at load.
#pragma once

#include <span>
#include <string_view>

namespace acie::codegen {

/// One x86-64 micro-architecture level of the System V psABI. `name` is also LLVM's name of the CPU.
struct TargetLevel {
  std::string_view name;
  unsigned vector_bits;  // width of the widest vector register
  bool has_scalef;       // vscalefpd: p * 2^n in one instruction
};

/// Lowest first.
std::span<const TargetLevel> target_levels();

/// The level of that name, or null.
const TargetLevel* find_target_level(std::string_view name);

}  // namespace acie::codegen
