// Symbols in words: what hover, completion and outlines show of them.
#pragma once

#include <string>
#include <vector>

#include "compiler/Sema/Program.h"
#include "compiler/lsp/Analysis.h"

namespace acie::lsp {

/// "f64<Msun/yr>", "f64[3]": as declared, else as inferred; empty if it is not known.
std::string type_text(const Analysis& analysis, const Symbol& symbol);
/// "fn main_sequence(log_mass: f64, z: f64) -> f64", "var log_mass : f64 = …": the declaration's text without its body.
std::string signature(const Analysis& analysis, const Symbol& symbol);
/// "variable", "function": in words.
std::string_view kind_text(Symbol::Kind kind);

/// The checked variable of a model's symbol (the first element of a vector); null if it was not elaborated.
const sema::Variable* checked(const Analysis& analysis, const Symbol& symbol);
/// The model that a symbol is a part of, checked; null if there is none.
const sema::Model* model_of(const Analysis& analysis, const Symbol& symbol);

/// The symbols of the variables that the equation of `symbol` mentions, and those whose equations mention it, in the order
/// of declaration.
std::vector<int> parents_of(const Analysis& analysis, int symbol);
std::vector<int> children_of(const Analysis& analysis, int symbol);

/// How each query recovers the noise of a variable, one line per query.
std::vector<std::string> recoveries_of(const Analysis& analysis, const Symbol& symbol);
/// "exact", "sampled", …: how the noise of a variable is found in most queries, short; empty if no query says.
std::string recovery_method(const Analysis& analysis, const Symbol& symbol);

}  // namespace acie::lsp
