// acie-compile: options here, the work in compiler/Driver.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "compiler/Driver/Driver.h"
#include "compiler/Sema/Modules.h"
#include "compiler/Support/Diagnostic.h"
#include "runtime/package/Signature.h"
#include "tools/acie-compile/FormatFile.h"
#include "tools/acie-compile/Output.h"

namespace {

using acie::driver::Emit;

constexpr int kProgramErrors = 1;
constexpr int kUsage = 2;

int fail(const std::string& message) {
  std::cerr << "acie-compile: " << message << "\n";
  return kUsage;
}

/// The standard library lies beside the compiler: PREFIX/bin/acie-compile, PREFIX/share/acie/stdlib.
std::string stdlib_beside_compiler() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "" : (self.parent_path().parent_path() / "share" / "acie" / "stdlib").string();
}

struct Arguments {
  std::string file, output, emit, diagnostics = "text", explain, stdlib = stdlib_beside_compiler(), entry;
  std::vector<std::string> targets, include_dirs;
  bool check = false, pedantic = false, time_passes = false, deps = false, unsigned_package = false;
  int optimisation = 2, roll_from = acie::driver::Options().roll_from;
};

const std::map<std::string, Emit>& stages() {
  static const std::map<std::string, Emit> kStages = {
      {"ast", Emit::Ast}, {"acie", Emit::Acie}, {"plan-ir", Emit::PlanIr}, {"plan", Emit::Plan},
      {"graph", Emit::Graph}, {"dot", Emit::Dot}, {"svg", Emit::Svg}, {"llvm", Emit::Llvm}, {"asm", Emit::Asm}};
  return kStages;
}

int explain(const std::string& name) {
  const auto code = acie::find_code(name);
  if (!code) return fail(absl::StrCat("there is no diagnostic `", name, "`; codes look like A0301"));
  std::cout << acie::explain(*code);
  return 0;
}

void print_times(const acie::driver::Result& result) {
  double total = 0;
  for (const auto& [phase, milliseconds] : result.phases) total += milliseconds;
  for (const auto& [phase, milliseconds] : result.phases) std::fprintf(stderr, "%9.2f ms  %s\n", milliseconds, phase.c_str());
  std::fprintf(stderr, "%9.2f ms  total\n", total);
}

absl::StatusOr<uint32_t> load(const std::string& path, acie::SourceManager& sources) {
  if (path != "-") return sources.load(path);
  return sources.add("<standard input>", std::string(std::istreambuf_iterator<char>(std::cin), {}));
}

void print_diagnostics(const acie::DiagnosticEngine& diagnostics, const acie::SourceManager& sources, const std::string& form) {
  for (const acie::Diagnostic& diagnostic : diagnostics.sorted()) {
    if (form == "json") std::cerr << acie::render_json(diagnostic, sources) << "\n";
    else std::cerr << acie::render_text(diagnostic, sources, acie::tools::is_terminal(stderr)) << "\n";
  }
}

int format(const Arguments& arguments) {
  acie::SourceManager sources;
  const absl::StatusOr<uint32_t> file = load(arguments.file, sources);
  if (!file.ok()) return fail(std::string(file.status().message()));
  acie::DiagnosticEngine diagnostics;
  const auto result = acie::tools::format_file(sources, *file, arguments.file, arguments.output, arguments.check, diagnostics);
  print_diagnostics(diagnostics, sources, arguments.diagnostics);
  if (!result.ok()) return fail(std::string(result.status().message()));
  if (*result == acie::tools::Formatted::Errors) return kProgramErrors;
  if (!arguments.check || *result == acie::tools::Formatted::Unchanged) return 0;
  std::cerr << "acie-compile: " << sources.path(*file) << " is not formatted; acie-compile --format does it\n";
  return kProgramErrors;
}

int compile(const Arguments& arguments) {
  acie::driver::Options options;
  options.pedantic = arguments.pedantic;
  options.include_dirs = acie::sema::search_path(arguments.include_dirs);
  options.stdlib_dir = arguments.stdlib;
  options.entry = arguments.entry;
  options.optimisation = arguments.optimisation;
  options.roll_from = arguments.roll_from;
  if (!arguments.emit.empty()) {
    const auto stage = stages().find(arguments.emit);
    if (stage == stages().end()) {
      const bool later = arguments.emit == "ptx" || arguments.emit == "linalg";
      return fail(later ? absl::StrCat("--emit=", arguments.emit, " is not built yet")
                        : absl::StrCat("there is no stage `", arguments.emit, "`: use ast, acie, plan-ir, plan, graph, dot, svg, llvm or asm"));
    }
    options.emit = stage->second;
  }
  if (arguments.check || arguments.deps) options.emit = Emit::Check;
  if (!arguments.targets.empty()) {
    options.targets.clear();
    for (const std::string& target : arguments.targets) {
      if (target == "nvptx") return fail("--target=nvptx is not built yet");
      if (target != "native" && target != "x86-64-v3" && target != "x86-64-v4") {
        return fail(absl::StrCat("there is no target `", target, "`: use native, x86-64-v3 or x86-64-v4"));
      }
      __builtin_cpu_init();
      const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
      options.targets.push_back(target == "native" ? (v4 ? "x86-64-v4" : "x86-64-v3") : target);
    }
  }

  std::optional<acie::package::SigningKey> key;
  if (options.emit == Emit::Package && !arguments.unsigned_package) {
    if (auto own = acie::package::own_signing_key(); own.ok()) {
      key = *std::move(own);
      options.key = &*key;
    } else {
      std::cerr << "acie-compile: warning: the package is not signed: " << std::string(own.status().message()) << "\n";
    }
  }

  acie::SourceManager sources;
  const absl::StatusOr<uint32_t> file = load(arguments.file, sources);
  if (!file.ok()) return fail(std::string(file.status().message()));

  acie::DiagnosticEngine diagnostics;
  const auto result = acie::driver::compile(sources, *file, diagnostics, options);
  print_diagnostics(diagnostics, sources, arguments.diagnostics);
  if (!result.ok()) return fail(std::string(result.status().message()));
  if (arguments.time_passes) print_times(*result);
  if (!result->ok) return kProgramErrors;
  if (arguments.deps) {
    for (const std::string& path : result->dependencies) std::cout << path << "\n";
    return 0;
  }
  if (options.emit == Emit::Check) return 0;
  if (!result->parties.empty()) {
    // OUT.<party>.aciepkg each.
    if (arguments.output == "-") return fail("a program with parties has a package for each of them: name a file, -o OUT.aciepkg");
    std::filesystem::path stem = arguments.output.empty() ? std::filesystem::path(arguments.file).stem() : std::filesystem::path(arguments.output);
    if (stem.extension() == ".aciepkg") stem.replace_extension();
    for (const auto& [party, bytes] : result->parties) {
      const absl::Status written = acie::tools::write_output(absl::StrCat(stem.string(), ".", party, ".aciepkg"), bytes);
      if (!written.ok()) return fail(std::string(written.message()));
    }
    return 0;
  }
  const std::string fallback = options.emit == Emit::Package ? std::filesystem::path(arguments.file).stem().string() + ".aciepkg" : "-";
  const absl::Status written = acie::tools::write_output(arguments.output.empty() ? fallback : arguments.output, result->bytes);
  return written.ok() ? 0 : fail(std::string(written.message()));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Compiles an acie program into a package that acie-run executes.");
  Arguments arguments;
  bool formats = false;
  app.add_option("FILE", arguments.file, "the program; - reads standard input");
  app.add_option("-o,--output", arguments.output, "the package, or the text of --emit; - is standard output")->type_name("OUT");
  app.add_flag("--check", arguments.check, "diagnostics only");
  app.add_option("--diagnostics", arguments.diagnostics, "text or json (one object a line)")->check(CLI::IsMember({"text", "json"}));
  app.add_option("--emit", arguments.emit, "ast, acie, plan-ir, plan, graph, dot, svg, llvm or asm")->type_name("STAGE");
  app.add_option("--entry", arguments.entry, "the query that --emit=graph, dot and svg show")->type_name("NAME");
  app.add_option("--target", arguments.targets, "native, x86-64-v3 or x86-64-v4; may repeat (default: v3 and v4)")->delimiter(',')->allow_extra_args(false);
  app.add_option("--explain", arguments.explain, "what a diagnostic means, with an example")->type_name("CODE");
  app.add_flag("--pedantic", arguments.pedantic, "warn of what is allowed and looks like a mistake");
  app.add_option("-I", arguments.include_dirs, "where imports are looked for, after the program's folder and before those of ACIE_PATH")->type_name("DIR")->allow_extra_args(false);
  app.add_option("-O", arguments.optimisation, "0 to 3: how hard kernels are optimised")->check(CLI::Range(0, 3))->type_name("LEVEL");
  app.add_option("--roll", arguments.roll_from, "kernels of so many operations have loops for equal steps (512); 0: none has")->check(CLI::NonNegativeNumber)->type_name("OPS");
  app.add_option("--stdlib", arguments.stdlib, "the standard library's folder")->type_name("DIR");
  app.add_flag("--deps", arguments.deps, "list the files that the program consists of");
  app.add_flag("--unsigned", arguments.unsigned_package, "do not sign the package");
  app.add_flag("--time-passes", arguments.time_passes, "say how long each phase took");
  app.add_flag("--format", formats, "format the program in place, - from input to output; with --check say whether it is");
  app.set_version_flag("--version", absl::StrCat("acie-compile ", ACIE_VERSION));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  if (!arguments.explain.empty()) return explain(arguments.explain);
  if (arguments.file.empty()) return fail("no program given; acie-compile --help lists the options");
  if (formats) return format(arguments);
  return compile(arguments);
}
