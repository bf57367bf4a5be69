#include "compiler/Sema/ModuleFiles.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/Support/NearestName.h"

namespace acie::sema {
namespace {

namespace fs = std::filesystem;

bool is_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// The modules in `folder` as an import would write them: names of files, or names with dots for `dotted`.
std::vector<std::string> modules_in(const fs::path& folder, const std::string& prefix, bool dotted) {
  constexpr size_t kMany = 1000;  // enough to find a slip in, and few enough to read whatever the folder holds
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder.empty() ? fs::path(".") : folder, error), end; !error && entry != end && names.size() < kMany; entry.increment(error)) {
    if (entry->path().extension() != ".acie") continue;
    names.push_back(absl::StrCat(prefix, (dotted ? entry->path().stem() : entry->path().filename()).string()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

void report_missing_library(const syntax::Decl& import, const SemaOptions& options, DiagnosticEngine& diagnostics) {
  const std::string name = import.path.str();
  const Span use = import.path.span;
  std::error_code ignored;
  auto report = diagnostics.report(Code::A0203, use, absl::StrCat("there is no module `", name, "` in the standard library"));
  if (!fs::is_directory(options.stdlib_dir, ignored)) {
    report.note(absl::StrCat("the standard library lies beside the compiler, and there is no folder ", options.stdlib_dir, "; --stdlib names another"));
    return;
  }
  if (import.path.parts.size() == 1) {
    report.note("its modules are imported one by one: `import std.astro`");
    return;
  }
  const std::vector<std::string> known = modules_in(options.stdlib_dir, "std.", true);
  if (const std::string near = nearest_name(name, known); !near.empty()) {
    report.label(use, absl::StrCat("did you mean `", near, "`?")).fix(use, near, absl::StrCat("write `", near, "`"));
  } else {
    report.note(absl::StrCat("it has ", absl::StrJoin(known, ", ")));
  }
}

void report_missing_file(const syntax::Decl& import, const std::vector<std::string>& folders, const std::string& relative,
                         const SemaOptions& options, DiagnosticEngine& diagnostics) {
  const std::string name = written_module(import);
  const Span use = import.file ? import.name.span : import.path.span;
  auto report = diagnostics.report(Code::A0203, use, absl::StrCat("there is no module `", name, "`"));
  // Beside what was meant: a file of nearly that name, one of the library, the same without its extension.
  const std::string head = import.file ? relative.substr(0, relative.find_last_of('/') + 1)
                                       : name.substr(0, name.find_last_of('.') + 1);
  std::vector<std::string> candidates;
  for (const std::string& folder : folders) {
    const fs::path beside = (fs::path(folder) / relative).parent_path();
    const std::vector<std::string> found = modules_in(beside, head, !import.file);
    candidates.insert(candidates.end(), found.begin(), found.end());
  }
  std::string near = nearest_name(name, candidates);
  if (import.file && std::find(candidates.begin(), candidates.end(), absl::StrCat(name, ".acie")) != candidates.end()) near = absl::StrCat(name, ".acie");
  if (near.empty() && !import.file && is_file(library_file(absl::StrCat("std.", name), options).path)) near = absl::StrCat("std.", name);
  if (!near.empty()) {
    const std::string text = import.file ? absl::StrCat("\"", near, "\"") : near;
    report.label(use, absl::StrCat("did you mean `", near, "`?")).fix(use, text, absl::StrCat("write `", text, "`"));
  }
  std::vector<std::string> tried;
  std::error_code ignored;
  for (const std::string& folder : folders) {
    tried.push_back((fs::path(folder) / relative).lexically_normal().string());
    if (fs::is_directory(tried.back(), ignored)) report.note(absl::StrCat(tried.back(), " is a folder; name a file in it"));
  }
  report.note(absl::StrCat("looked for ", absl::StrJoin(tried, ", ")));
  if (folders.size() == 1 && import.file && import.file->starts_with(".")) report.note("`./` and `../` start at the importing file's folder; without them -I and ACIE_PATH are tried too");
  else if (near.empty()) report.note("-I and ACIE_PATH name more folders; the standard library is imported as `std.astro`");
}

}  // namespace

std::string written_module(const syntax::Decl& import) { return import.file ? *import.file : import.path.str(); }

std::vector<std::string> search_path(std::vector<std::string> include_dirs) {
  if (const char* path = std::getenv("ACIE_PATH")) {
    for (const absl::string_view folder : absl::StrSplit(path, ':', absl::SkipEmpty())) include_dirs.emplace_back(folder);
  }
  return include_dirs;
}

ModuleFile library_file(const std::string& name, const SemaOptions& options) {
  std::vector<std::string> parts = absl::StrSplit(name, '.');
  parts.erase(parts.begin());
  return {absl::StrCat(options.stdlib_dir, "/", absl::StrJoin(parts, "/"), ".acie"), name, true};
}

std::string module_identity(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path : canonical.string();
}

std::optional<ModuleFile> find_module_file(const syntax::Decl& import, const std::string& from, const SemaOptions& options,
                                           DiagnosticEngine& diagnostics) {
  if (!import.file && import.path.parts[0].text == "std") {
    const ModuleFile file = library_file(import.path.str(), options);
    if (import.path.parts.size() > 1 && is_file(file.path)) return file;
    report_missing_library(import, options, diagnostics);
    return std::nullopt;
  }
  std::string relative = import.file ? *import.file : "";
  for (const syntax::Name& part : import.path.parts) absl::StrAppend(&relative, relative.empty() ? "" : "/", part.text);
  if (!import.file) relative += ".acie";
  std::vector<std::string> folders = {fs::path(from).parent_path().string()};
  const bool beside = absl::StartsWith(relative, "./") || absl::StartsWith(relative, "../") || absl::StartsWith(relative, "/");
  if (!beside) folders.insert(folders.end(), options.include_dirs.begin(), options.include_dirs.end());
  for (const std::string& folder : folders) {
    const std::string path = (fs::path(folder) / relative).lexically_normal().string();
    if (is_file(path)) return ModuleFile{path, import.file ? path : import.path.str(), false};
  }
  report_missing_file(import, folders, relative, options, diagnostics);
  return std::nullopt;
}

}  // namespace acie::sema
