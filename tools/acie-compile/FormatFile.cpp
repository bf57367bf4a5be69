#include "tools/acie-compile/FormatFile.h"

#include <filesystem>
#include <system_error>

#include "compiler/Syntax/Format/Format.h"
#include "tools/acie-compile/Output.h"

namespace acie::tools {
namespace {

/// Writes to the file itself, not over a link to it, and leaves its permissions.
absl::Status rewrite(const std::string& path, const std::string& text) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", error.message()));
  const auto permissions = std::filesystem::status(target, error).permissions();
  const absl::Status written = write_output(target.string(), text);
  if (written.ok() && !error) std::filesystem::permissions(target, permissions, error);
  return written;
}

}  // namespace

absl::StatusOr<Formatted> format_file(const SourceManager& sources, uint32_t file, const std::string& path,
                                      const std::string& output, bool check, DiagnosticEngine& diagnostics) {
  const auto edits = syntax::format(sources, file, diagnostics);
  if (!edits) return Formatted::Errors;
  const Formatted result = edits->empty() ? Formatted::Unchanged : Formatted::Changed;
  const bool in_place = output.empty() && path != "-";
  if (check || (in_place && edits->empty())) return result;
  const std::string text = syntax::apply_edits(sources.text(file), *edits);
  const absl::Status written = in_place ? rewrite(path, text) : write_output(output.empty() ? "-" : output, text);
  if (!written.ok()) return written;
  return result;
}

}  // namespace acie::tools
