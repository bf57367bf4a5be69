// The compiler as a function: source text and options in, a package or diagnostics out. Nothing is printed and nothing is
// read but the program, what it imports and the standard library. acie-compile, tests and embedders call it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"
#include "runtime/package/Signature.h"

namespace acie::driver {

/// What to produce instead of a package.
enum class Emit {
  Package,
  Check,     // diagnostics only
  Ast,       // the syntax tree
  Acie,      // the Acie dialect before any pass
  PlanIr,    // the Plan dialect
  Plan,      // in words: how each noise is recovered, what is shared, which kernels run
  Graph,     // the causal graph as JSON
  Dot,       // the causal graph for Graphviz
  Svg,       // the causal graph as a picture
  Llvm,      // LLVM IR of every target
  Asm        // assembly of every target
};

struct Options {
  Emit emit = Emit::Package;
  std::vector<std::string> targets = {"x86-64-v3", "x86-64-v4"};
  int optimisation = 2;  // 0–3
  int roll_from = pipelines::kRollFrom;  // a kernel of at least as many operations has loops for equal steps; 0: none has
  bool pedantic = false;
  std::string entry;  // Graph, Dot, Svg: the query whose interventions cut edges; empty: the first
  std::vector<std::string> include_dirs;
  std::string stdlib_dir;
  const package::SigningKey* key = nullptr;  // null: unsigned
};

struct Result {
  bool ok = false;      // false: the diagnostics say why
  std::string bytes;    // the package, or the text asked for
  std::vector<std::pair<std::string, std::string>> parties;  // of a program with parties: each one's name and package
  std::vector<std::string> dependencies;               // every file read, the program first
  std::vector<std::pair<std::string, double>> phases;  // name, milliseconds
};

/// Compiles the program already loaded as `file`. An error status is a defect of the compiler or its set-up (for
/// instance a missing standard library), never of the program: those are in `diagnostics` and give ok = false.
absl::StatusOr<Result> compile(SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics,
                               const Options& options);

}  // namespace acie::driver
