// Why the evidence does not determine a noise, in words for the user.
#pragma once

#include <string>
#include <vector>

#include "compiler/Sema/Analysis/Abduction.h"

namespace acie::sema {

struct Undetermined {
  Span at;             // the place in the way: an operation, or a variable's declaration
  std::string reason;  // the text beside that place
  std::vector<std::string> notes;
};

/// `noise` is an Exo that `abduction` does not know.
Undetermined why_undetermined(const WorldGraph& graph, const Ranges& ranges, const Abduction& abduction,
                              const Variable* noise);

/// The name as the program has it, where the compiler gave the variable another: "x" of the series "x[..,0]".
std::string name_text(const Variable* variable);

/// "noise `u`", "the noise of `metal`".
std::string noise_text(const Variable* noise);

}  // namespace acie::sema
