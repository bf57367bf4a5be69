// The units that a module sees: SI, those of its imports, its own.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/Sema/Symbols.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

/// Makes units of `from` visible in `to`: all it sees, or those in `chosen`. What a module declares is written in its units,
/// so they come along with its names. Two of one name and of different sizes are ambiguous where they are used.
void import_units(const Module& from, const std::optional<std::set<std::string>>& chosen, Module& to);

/// Adds the `unit` declarations of a file, in any order; they hide imported ones.
void declare_units(const syntax::File& file, Module& module, DiagnosticEngine& diagnostics);

/// The ambiguous unit that a unit's text names, if any.
const Module::AmbiguousUnit* ambiguous_unit(const Module& module, std::string_view text, std::string& name);

}  // namespace acie::sema
