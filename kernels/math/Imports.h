// The special functions as the import table that compiled kernels reach them through
// (runtime/include/acie/kernel_abi.h).
#ifndef ACIE_KERNELS_MATH_IMPORTS_H
#define ACIE_KERNELS_MATH_IMPORTS_H

#include <acie/kernel_abi.h>

#include <span>
#include <string_view>

namespace acie::math {

// One element-wise function per function of Special.h, of the same name and operand order, version 1, sorted
// by name. The entries live as long as the program.
std::span<const acie_import> math_imports();

// The import of that name, or null.
const acie_import* find_math_import(std::string_view name);

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_IMPORTS_H
