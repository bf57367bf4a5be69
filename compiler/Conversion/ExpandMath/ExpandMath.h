// Expansion of the language's functions into vector arithmetic.
#pragma once

#include <span>
#include <string_view>

#include "compiler/Codegen/Common/TargetLevel.h"
#include "compiler/Codegen/Common/VectorBuilder.h"

namespace acie::codegen {

/// Builds function `name` (an operation of the acie dialect: "tanh") of f64 or f32 operands with the templates of
/// kernels/math. False, with nothing built, if there is no such function of that many operands.
bool expand_function(VectorBuilder& vectors, const TargetLevel& level, std::string_view name,
                     std::span<const Bundle> operands, Bundle& result);

/// Uniform random numbers on (0, 1): Threefry-2x64-20 with key (seed, hash of the name) and counter (row, draw), all i64.
Bundle expand_uniform(VectorBuilder& vectors, const Bundle& seed, const Bundle& name, const Bundle& row,
                      const Bundle& draw);

}  // namespace acie::codegen
