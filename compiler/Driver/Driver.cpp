#include "compiler/Driver/Driver.h"

#include <chrono>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "compiler/Codegen/Codegen.h"
#include "compiler/Conversion/PlanToPackage/PlanToPackage.h"
#include "compiler/Conversion/SecretToParties/SecretToParties.h"
#include "compiler/Emit/GraphText.h"
#include "compiler/Emit/PartyText.h"
#include "compiler/Emit/PlanText.h"
#include "compiler/Pipelines/Parties.h"
#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Sema/Sema.h"
#include "compiler/Support/Sizes.h"
#include "compiler/Syntax/AstPrinter.h"
#include "compiler/Syntax/Parser.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/package/Format.h"
#include "runtime/package/Package.h"
#include "runtime/package/Party.h"

namespace acie::driver {
namespace {

/// Times the phases of one compilation.
class Stopwatch {
 public:
  explicit Stopwatch(Result& result) : result_(result) {}
  void lap(const char* phase) {
    const auto now = std::chrono::steady_clock::now();
    result_.phases.emplace_back(phase, std::chrono::duration<double, std::milli>(now - last_).count());
    last_ = now;
  }

 private:
  Result& result_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

absl::StatusOr<std::string> causal_graph(const sema::Program& program, const SourceManager& sources, const Options& options) {
  const emit::GraphForm form = options.emit == Emit::Graph ? emit::GraphForm::Json : options.emit == Emit::Dot ? emit::GraphForm::Dot : emit::GraphForm::Svg;
  return emit::graph_text(program, options.entry, form, &sources);
}

/// The package: plan, one library per target, the causal graph for people.
absl::StatusOr<std::string> package_of(const sema::Analysed& analysed, mlir::ModuleOp module,
                                       const codegen::CompiledKernels& kernels, const std::string& program,
                                       const Options& options, const conversion::PartyPackage* party) {
  std::string constants;
  auto converted = conversion::to_package_plan(module, *analysed.program, constants);
  if (!converted.ok()) return converted.status();
  package::Plan plan = *std::move(converted);
  plan.program = program;
  plan.imports = kernels.imports;
  plan.units = analysed.units;
  for (const sema::ConstantFile& file : analysed.program->files) plan.files.push_back({file.name, file.sha256, file.bytes});
  for (package::Entry& entry : plan.entries) {
    for (const sema::Query* query : analysed.program->queries) {
      if (query->name == entry.name) entry.explanation = emit::plan_text(*query, module);
    }
    for (package::Node& node : entry.nodes) {
      auto* kernel = std::get_if<package::KernelNode>(&node);
      if (kernel == nullptr) continue;
      if (const auto scratch = kernels.scratch.find(kernel->ordinal); scratch != kernels.scratch.end()) kernel->scratch = scratch->second;
    }
  }
  std::vector<package::Section> sections;
  for (const codegen::KernelLibrary& library : kernels.libraries) {
    const std::string name = absl::StrCat("kernels.", library.target);
    plan.variants.push_back({library.target, name});
    sections.push_back({package::SectionType::Kernels, name, library.elf, true});
  }
  if (!constants.empty()) sections.push_back({package::SectionType::Constants, std::string(package::kConstantsSection), std::move(constants), true});
  if (auto dot = emit::graph_text(*analysed.program, "", emit::GraphForm::Dot, nullptr); dot.ok()) {
    sections.push_back({package::SectionType::GraphDot, "graph.dot", *std::move(dot)});
  }
  if (party != nullptr) {
    sections.push_back({package::SectionType::Party, std::string(package::kPartySection), package::to_json(party->program), true});
    if (!party->constants.empty()) sections.push_back({package::SectionType::Constants, std::string(package::kPartyConstantsSection), party->constants, true});
  }
  return package::write_package(plan, sections, options.key);
}

/// The same in all packages of one program, and different for others.
std::string digest_of(const std::vector<conversion::PartyPackage>& packages) {
  std::string text;
  for (const conversion::PartyPackage& each : packages) absl::StrAppend(&text, package::to_json(each.program), each.constants);
  return absl::BytesToHexString(package::format::sha256(text));
}

}  // namespace

absl::StatusOr<Result> compile(SourceManager& sources, uint32_t file, DiagnosticEngine& diagnostics,
                               const Options& options) {
  Result result;
  result.dependencies = {sources.path(file)};
  Stopwatch watch(result);

  syntax::AstContext context;
  const syntax::File* tree = syntax::parse(sources, file, context, diagnostics);
  watch.lap("parse");
  if (tree == nullptr || (options.emit == Emit::Ast && diagnostics.has_errors())) return result;
  if (options.emit == Emit::Ast) {
    result.ok = true;
    result.bytes = syntax::print(*tree);
    return result;
  }

  sema::SemaOptions sema_options;
  sema_options.include_dirs = options.include_dirs;
  sema_options.stdlib_dir = options.stdlib_dir;
  sema_options.pedantic = options.pedantic;
  const sema::Analysed analysed = sema::analyze(*tree, sources, context, diagnostics, sema_options);
  result.dependencies.insert(result.dependencies.end(), analysed.dependencies.begin(), analysed.dependencies.end());
  watch.lap("check");
  if (diagnostics.has_errors()) return result;
  result.ok = true;
  if (options.emit == Emit::Check) return result;
  if (options.emit == Emit::Graph || options.emit == Emit::Dot || options.emit == Emit::Svg) {
    auto graph = causal_graph(*analysed.program, sources, options);
    if (!graph.ok()) return graph.status();
    result.bytes = *std::move(graph);
    return result;
  }

  pipelines::ProgramIr ir(*analysed.program);
  watch.lap("import");
  std::optional<pipelines::PartyIr> parties;
  if (!analysed.program->graphs.empty()) parties.emplace(*analysed.program);
  if (options.emit == Emit::Acie) {
    result.bytes = parties ? parties->text() : "";
    if (!parties || !analysed.program->models.empty()) result.bytes = sizes::spelled(ir.text()) + result.bytes;
    return result;
  }
  if (parties) {
    if (absl::Status planned = parties->plan(); !planned.ok()) return planned;
  }
  if (absl::Status built = ir.buildPlan({}, options.roll_from); !built.ok()) return built;
  watch.lap("plan");
  if (options.emit == Emit::PlanIr) {
    result.bytes = sizes::spelled(ir.text()) + (parties ? parties->text() : "");
    return result;
  }
  if (options.emit == Emit::Plan) {
    result.bytes = emit::plan_text(*analysed.program, ir.module());
    if (parties) absl::StrAppend(&result.bytes, result.bytes.empty() ? "" : "\n", emit::party_text(*analysed.program, parties->module()));
    return result;
  }

  codegen::CodegenOptions codegen_options;
  codegen_options.targets = options.targets;
  codegen_options.optimisation = options.optimisation;
  codegen_options.want_llvm_ir = options.emit == Emit::Llvm;
  codegen_options.want_assembly = options.emit == Emit::Asm;
  // Programs of parties that ask no queries have no kernels.
  if (parties && analysed.program->queries.empty()) codegen_options.targets.clear();
  auto kernels = codegen::compile_kernels(ir.module(), codegen_options);
  if (!kernels.ok()) return kernels.status();
  watch.lap("kernels");
  if (options.emit == Emit::Llvm || options.emit == Emit::Asm) {
    for (const codegen::KernelLibrary& library : kernels->libraries) {
      absl::StrAppend(&result.bytes, options.emit == Emit::Llvm ? "; " : "# ", library.target, "\n",
                      options.emit == Emit::Llvm ? library.llvm_ir : library.assembly);
    }
    return result;
  }
  const std::string program = base_name(sources.path(file));
  if (!parties) {
    auto bytes = package_of(analysed, ir.module(), *kernels, program, options, nullptr);
    if (!bytes.ok()) return bytes.status();
    result.bytes = *std::move(bytes);
  } else {
    if (absl::Status split = parties->split(); !split.ok()) return split;
    std::vector<conversion::PartyPackage> packages = conversion::to_parties(parties->module(), *analysed.program);
    const std::string digest = digest_of(packages);
    for (conversion::PartyPackage& each : packages) {
      each.program.program = program;
      each.program.digest = digest;
      auto bytes = package_of(analysed, ir.module(), *kernels, program, options, &each);
      if (!bytes.ok()) return bytes.status();
      result.parties.emplace_back(each.program.party, *std::move(bytes));
    }
  }
  watch.lap("package");
  return result;
}

}  // namespace acie::driver
