// A cache entry is two files named by what does not depend on the program's text (its path and the compiler): `.deps`
// lists every file the package was made from with its hash, and names the package, which is named by all those hashes.

#include "tools/acie-run/CompileCache.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <vector>

#include "runtime/package/Format.h"
#include "runtime/package/Signature.h"
#include "runtime/status/Errors.h"

extern char** environ;

namespace acie::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kCompiler[] = "acie-compile";

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || fs::is_directory(path)) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string hash(std::string_view bytes) {
  const std::string digest = package::format::sha256(bytes);
  return package::to_hex({reinterpret_cast<const uint8_t*>(digest.data()), digest.size()});
}

/// Beside this executable, else on PATH.
absl::StatusOr<fs::path> find_compiler() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (!error && fs::exists(self.parent_path() / kCompiler, error)) return self.parent_path() / kCompiler;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (!folder.empty() && fs::exists(fs::path(folder) / kCompiler, error)) return fs::path(folder) / kCompiler;
  return usage_error("cannot compile: there is no acie-compile beside acie-run nor on PATH");
}

/// Size and time of the compiler stand for its version: cheaper than asking it, and true of unreleased builds too.
std::string identity(const fs::path& compiler) {
  struct stat info {};
  stat(compiler.c_str(), &info);
  return compiler.string() + "\n" + std::to_string(info.st_size) + "\n" + std::to_string(info.st_mtim.tv_sec) + "." +
         std::to_string(info.st_mtim.tv_nsec);
}

/// Where the compiler looks for imports beside the program's folder.
std::string search_path() {
  const char* path = std::getenv("ACIE_PATH");
  return path == nullptr ? "" : path;
}

fs::path cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return fs::path(cache) / "acie";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return fs::path(home) / ".cache" / "acie";
  return {};
}

/// Runs the compiler; its standard output goes to `out` if that is not empty. The exit code, or nothing if it cannot run.
std::optional<int> run_compiler(const fs::path& compiler, const std::vector<std::string>& arguments, const fs::path& out,
                                bool quiet) {
  std::vector<char*> argv{const_cast<char*>(compiler.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!out.empty()) posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (quiet) posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawn(&child, compiler.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// A private folder, removed with what is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "acie-run-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The files a package was made from and the hash of each, one "hash path" a line.
std::string describe_files(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) text += hash(read_file(file).value_or("")) + " " + file + "\n";
  return text;
}

/// The cached package, if everything it was made from still has the same content.
std::optional<std::string> cached(const fs::path& deps) {
  const std::optional<std::string> text = read_file(deps);
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() < 66 || line[64] != ' ') return std::nullopt;
    const std::optional<std::string> content = read_file(line.substr(65));
    if (!content || hash(*content) != line.substr(0, 64)) return std::nullopt;
  }
  return read_file(deps.parent_path() / (hash(*text + deps.filename().string()) + ".aciepkg"));
}

/// Whole or not at all: written beside and renamed.
bool write_whole(const fs::path& path, std::string_view bytes) {
  std::string temporary = path.string() + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return false;
  close(fd);
  std::ofstream out(temporary, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code error;
  if (out) fs::rename(temporary, path, error);
  if (out && !error) return true;
  fs::remove(temporary, error);
  return false;
}

void store(const fs::path& deps, const std::vector<std::string>& files, std::string_view bytes) {
  std::error_code error;
  fs::create_directories(deps.parent_path(), error);
  const std::string text = describe_files(files);
  if (write_whole(deps.parent_path() / (hash(text + deps.filename().string()) + ".aciepkg"), bytes)) write_whole(deps, text);
}

/// What the compiler wrote for a program with parties: program.PARTY.aciepkg each.
std::map<std::string, std::string> party_packages(const fs::path& folder) {
  constexpr std::string_view kBefore = "program.", kAfter = ".aciepkg";
  std::map<std::string, std::string> result;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kBefore) || !name.ends_with(kAfter) || name.size() <= kBefore.size() + kAfter.size()) continue;
    result[name.substr(kBefore.size(), name.size() - kBefore.size() - kAfter.size())] = read_file(entry.path()).value_or("");
  }
  return result;
}

}  // namespace

absl::StatusOr<CompiledPackage> compile_cached(const std::string& path, bool fresh) {
  std::error_code error;
  const fs::path program = fs::canonical(path, error);
  if (error) return usage_error("cannot read the program " + path);
  ACIE_ASSIGN_OR_RETURN(const fs::path compiler, find_compiler());
  const fs::path folder = cache_folder();
  const fs::path deps = folder.empty() ? fs::path() : folder / (hash(identity(compiler) + "\n" + program.string() + "\n" + search_path()) + ".deps");
  if (!deps.empty() && !fresh)
    if (std::optional<std::string> bytes = cached(deps)) return CompiledPackage{std::move(*bytes), {}, false};

  const TemporaryFolder temporary;
  if (temporary.path().empty()) return run_error("cannot make a temporary folder to compile in");
  const fs::path package = temporary.path() / "program.aciepkg", list = temporary.path() / "files";
  const std::optional<int> code = run_compiler(compiler, {program.string(), "-o", package.string()}, "", false);
  if (!code) return run_error("cannot run " + compiler.string());
  if (*code != 0) return run_error(path + " does not compile");
  std::optional<std::string> bytes = read_file(package);
  if (!bytes) {
    std::map<std::string, std::string> parties = party_packages(temporary.path());
    if (parties.empty()) return run_error(compiler.string() + " wrote no package");
    return CompiledPackage{"", std::move(parties), true};
  }
  // Without the list of imported files nothing is kept: a stale answer is worse than a slow one.
  if (!deps.empty() && run_compiler(compiler, {program.string(), "--deps"}, list, true) == 0) {
    std::vector<std::string> files;
    std::istringstream lines(read_file(list).value_or(""));
    for (std::string line; std::getline(lines, line);)
      if (!line.empty()) files.push_back(fs::absolute(line).string());
    if (!files.empty()) store(deps, files, *bytes);
  }
  return CompiledPackage{std::move(*bytes), {}, true};
}

}  // namespace acie::cli
