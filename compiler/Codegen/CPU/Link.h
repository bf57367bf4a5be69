// From relocatable objects to shared libraries, with the linker in this process.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace acie::codegen {

/// Links one relocatable ELF object to a shared library that needs no other. Undefined symbols are errors. The bytes
/// depend on the object alone. Calls are serialised: the linker keeps its state in globals.
absl::StatusOr<std::string> link_shared(std::string_view object);

}  // namespace acie::codegen
