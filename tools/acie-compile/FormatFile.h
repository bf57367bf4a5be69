// --format.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"

namespace acie::tools {

enum class Formatted { Unchanged, Changed, Errors };

/// Writes the canonical form of a loaded program to `output`, by default to where it came from ("-" is standard output).
/// A program that stands there in that form already is not written again. After errors, which are reported, and where
/// `check` is set nothing is written. Fails where writing fails.
absl::StatusOr<Formatted> format_file(const SourceManager& sources, uint32_t file, const std::string& path,
                                      const std::string& output, bool check, DiagnosticEngine& diagnostics);

}  // namespace acie::tools
