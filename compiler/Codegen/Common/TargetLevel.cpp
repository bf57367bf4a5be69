#include "compiler/Codegen/Common/TargetLevel.h"

namespace acie::codegen {

std::span<const TargetLevel> target_levels() {
  static constexpr TargetLevel kLevels[] = {
      {.name = "x86-64-v3", .vector_bits = 256, .has_scalef = false},
      {.name = "x86-64-v4", .vector_bits = 512, .has_scalef = true},
  };
  return kLevels;
}

const TargetLevel* find_target_level(std::string_view name) {
  for (const TargetLevel& level : target_levels())
    if (level.name == name) return &level;
  return nullptr;
}

}  // namespace acie::codegen
