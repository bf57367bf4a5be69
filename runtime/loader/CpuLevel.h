// Which micro-architecture level this processor offers (x86-64 psABI, "Micro-Architecture Levels"), and which variant of a
// package fits it best.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace acie::loader {

/// Features `target` needs and this processor (or its operating system) lacks, by the names of /proc/cpuinfo; nothing
/// where it can run. A target that is not known needs "a processor called <target>".
std::vector<std::string> missing_features(std::string_view target);

/// Index in `targets` of the best one this processor runs. `wanted` chooses one by name instead (empty: the best); it is
/// still refused where the processor cannot run it. Errors list what is missing.
absl::StatusOr<size_t> choose_target(const std::vector<std::string>& targets, std::string_view wanted);

}  // namespace acie::loader
