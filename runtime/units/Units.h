// Units of measurement: the one header that users of the library include.
#pragma once

#include "runtime/units/Dimension.h"  // IWYU pragma: export
#include "runtime/units/ParseUnit.h"  // IWYU pragma: export
#include "runtime/units/Rational.h"   // IWYU pragma: export
#include "runtime/units/Scale.h"      // IWYU pragma: export
#include "runtime/units/Unit.h"       // IWYU pragma: export
#include "runtime/units/UnitTable.h"  // IWYU pragma: export
