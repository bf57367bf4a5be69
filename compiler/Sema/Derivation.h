// How a value came by its type and unit, for messages about units that do not fit.
#pragma once

#include <string>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// "`length` is `f64<m>`" for something with a name, "this is `f64<km/s>`: distance<km> / time<s>" for what was computed.
std::string derivation(const Expr* expr);

}  // namespace acie::sema
