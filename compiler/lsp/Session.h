// The server on a pair of streams.
#pragma once

#include <string>

namespace acie::lsp {

/// Serves until `exit` or the end of `input`, both file descriptors; returns the exit code of the process.
int serve(int input, int output, const std::string& stdlib_dir);

}  // namespace acie::lsp
