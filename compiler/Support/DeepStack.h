// Room for recursion as deep as programs are long.
#pragma once

#include "absl/functional/function_ref.h"

namespace acie {

/// Runs `body` on a stack of gigabytes and comes back when it has. A program of lines that each read the one before is as deep as it is
/// long, and what goes through its expressions may call itself as often. Memory is taken only as the stack is used; where the system gives
/// no such stack a smaller one is tried, at last that of the caller. What `body` throws is thrown here.
void on_deep_stack(absl::FunctionRef<void()> body);

}  // namespace acie
