// "Did you mean …?" for the compiler; the runtime, which may not include the compiler's headers, holds the implementation.
#pragma once

#include "runtime/units/NearestName.h"  // IWYU pragma: export
