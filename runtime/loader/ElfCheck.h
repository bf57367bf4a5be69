// Is this ELF image a hermetic kernel library?
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace acie::loader {

/// Checks an ELF image before the dynamic linker sees it: a 64-bit little-endian x86-64 shared object with no needed
/// libraries, no undefined dynamic symbols, no initialisers or finalisers, no text relocations, no writable and executable
/// segment, no executable stack, only relative relocations and exactly one export, ACIE_KERNEL_SYMBOL. Every table it reads
/// is bounds-checked first. Errors are of kind Refused.
///
/// It keeps a damaged or careless image from reaching dlopen; native code that passes still is trusted code, which is what
/// the package's signature is for.
absl::Status check_kernel_image(std::string_view image);

}  // namespace acie::loader
