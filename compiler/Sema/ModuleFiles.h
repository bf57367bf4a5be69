// Where an import finds its file, and what to say where there is none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Modules.h"

namespace acie::sema {

/// The file that an import names.
struct ModuleFile {
  std::string path;  // as diagnostics show it
  std::string name;  // "std.astro", "lib.rates", "lib/rates.acie"
  bool library = false;
};

/// What an import names, as written: "std.astro", "rates.acie".
std::string written_module(const syntax::Decl& import);

/// Looks for the file of `import`, which stands in the file `from`: `std.…` in the standard library; `./` and `../` from the
/// importing file's folder; everything else there, then in the folders of the search path. Nullopt after reporting.
std::optional<ModuleFile> find_module_file(const syntax::Decl& import, const std::string& from, const SemaOptions& options,
                                           DiagnosticEngine& diagnostics);

/// A library module by name, found or not.
ModuleFile library_file(const std::string& name, const SemaOptions& options);

/// One text per file, however it is reached: through `..`, links, or another folder of the search path.
std::string module_identity(const std::string& path);

}  // namespace acie::sema
