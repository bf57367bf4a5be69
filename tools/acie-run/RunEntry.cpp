#include "tools/acie-run/RunEntry.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "runtime/scheduler/PackedMatrices.h"
#include "runtime/scheduler/ParameterFiles.h"
#include "runtime/scheduler/Arguments.h"
#include "runtime/scheduler/ArrayStream.h"
#include "runtime/scheduler/Dimensions.h"
#include "runtime/scheduler/Engine.h"
#include "runtime/status/Errors.h"
#include "tools/acie-run/Rejects.h"
#include "tools/acie-run/Terminal.h"
#include "tools/acie-run/Values.h"

namespace acie::cli {
namespace {

using package::ColumnInput;
using package::Entry;

void warn(const std::string& text) { std::fprintf(stderr, "acie-run: warning: %s\n", text.c_str()); }

bool only_asks(const Entry& entry) {
  return std::all_of(entry.columns.begin(), entry.columns.end(),
                     [](const ColumnInput& column) { return column.role == ColumnInput::Role::DoAsk; });
}

/// Columns by the program's names.
absl::StatusOr<std::map<std::string, std::string>> binds_of(const Options& options) {
  std::map<std::string, std::string> binds;
  for (const auto& [column, name] : options.binds)
    if (!binds.emplace(name, column).second) return usage_error("--bind gives two columns for " + name);
  return binds;
}

/// The sizes of the dimensions that `entry` reads at start. A table that had to be opened for them stays open in `reader`.
absl::StatusOr<package::DimensionSizes> sizes_of(const Options& options, const Entry& entry, const io::ParameterStore& parameters,
                                                 std::unique_ptr<io::TableReader>& reader) {
  scheduler::Dimensions dimensions(entry);
  for (const auto& [name, size] : options.dimensions) ACIE_RETURN_IF_ERROR(dimensions.set(name, size, absl::StrCat("-D ", name, "=", size)));
  if (entry.dimensions.empty()) return package::DimensionSizes();
  if (entry.reads_table && !options.data.empty()) {
    ACIE_ASSIGN_OR_RETURN(const auto binds, binds_of(options));
    ACIE_ASSIGN_OR_RETURN(reader, io::open_table(options.data));
    ACIE_RETURN_IF_ERROR(dimensions.read_table(reader->schema(), binds));
  }
  ACIE_RETURN_IF_ERROR(dimensions.read_parameters(parameters));
  return dimensions.finish();
}

absl::StatusOr<std::unique_ptr<scheduler::TileSource>> open_source(const Options& options, const package::Plan& plan,
                                                                   const Entry& entry,
                                                                   const scheduler::Arguments& arguments, int64_t tile,
                                                                   std::unique_ptr<io::TableReader> reader) {
  if (!entry.reads_table || (options.data.empty() && only_asks(entry))) {
    if (!options.data.empty()) warn(entry.name + " reads no table; --data is not used");
    if (entry.columns.empty()) return scheduler::single_row_source(entry.buffers.size());
    return scheduler::array_source(entry, std::vector<scheduler::BoundArray>(entry.columns.size()), 1, 1, arguments.asked());
  }
  if (options.data.empty()) {
    std::string names;
    std::set<std::string> vectors;
    for (const ColumnInput& column : entry.columns) {
      if (column.role == ColumnInput::Role::DoAsk || (column.vector && !vectors.insert(column.vector->name).second)) continue;
      absl::StrAppend(&names, names.empty() ? "" : ", ", column.vector ? column.vector_column : column.column, column.vector && column.vector_column == column.column ? ", …" : "");
    }
    return usage_error(absl::StrCat(entry.name, " needs a table: --data FILE with the columns ", names));
  }
  ACIE_ASSIGN_OR_RETURN(const auto binds, binds_of(options));
  if (reader == nullptr) {
    ACIE_ASSIGN_OR_RETURN(reader, io::open_table(options.data));
  }
  ACIE_ASSIGN_OR_RETURN(const scheduler::TableBinding binding,
                        scheduler::bind_table(entry, plan.units, reader->schema(), binds));
  for (const std::string& warning : binding.warnings) warn(warning);
  return scheduler::file_source(entry, binding, std::move(reader),
                                {options.rows, tile, arguments.asked(), arguments.texts().get()});
}

/// Where the answer goes: a table for people, or a file or standard output through runtime/io.
class Output {
 public:
  static absl::StatusOr<Output> open(const Options& options, const Entry& entry, const io::Texts* texts) {
    Output output;
    const std::vector<scheduler::AnswerField> fields = scheduler::answer_fields(entry, texts);
    const bool to_terminal = options.out.empty() && options.format.empty() && isatty(STDOUT_FILENO) == 1;
    if (to_terminal || options.format == "table") {
      if (!options.out.empty() && options.out != "-")
        return usage_error("--format table is for reading on standard output; give " + options.out + " another format");
      auto table = std::make_unique<TableSink>(fields);
      output.table_ = table.get();
      output.sink_ = std::move(table);
      return output;
    }
    const std::string path = options.out.empty() ? "-" : options.out;
    const absl::StatusOr<io::OutputFormat> format =
        options.format.empty() ? io::output_format(path) : io::parse_output_format(options.format);
    if (!format.ok()) return format.status();
    ACIE_ASSIGN_OR_RETURN(output.writer_, io::create_table(path, *format, scheduler::output_columns(fields), {entry.name, options.seed}));
    output.sink_ = scheduler::file_sink(fields, *output.writer_);
    return output;
  }

  scheduler::AnswerSink& sink() { return *sink_; }

  absl::Status finish() {
    if (writer_ != nullptr) return writer_->finish();
    const std::string text = table_->text();
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
      return run_error("cannot write to standard output");
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<io::TableWriter> writer_;
  std::unique_ptr<scheduler::AnswerSink> sink_;
  TableSink* table_ = nullptr;
};

}  // namespace

absl::Status run_entry(const Options& options, package::Package package, const std::atomic<bool>& cancel) {
  ACIE_ASSIGN_OR_RETURN(const Entry* declared, scheduler::find_entry(package.plan(), options.entry));
  io::ParameterStore parameters;
  ACIE_RETURN_IF_ERROR(load_parameters(options, parameters));
  std::unique_ptr<io::TableReader> reader;
  ACIE_ASSIGN_OR_RETURN(const package::DimensionSizes sizes, sizes_of(options, *declared, parameters, reader));
  ACIE_ASSIGN_OR_RETURN(const auto engine, scheduler::Engine::load(std::move(package), options.target));
  const package::Plan& plan = engine->package().plan();
  ACIE_ASSIGN_OR_RETURN(const auto program, engine->program(options.entry, sizes));
  const Entry& entry = program->entry();

  scheduler::Arguments arguments(entry);
  if (const std::string unexpected = scheduler::unexpected_names(parameters, plan); !unexpected.empty()) warn(unexpected);
  ACIE_RETURN_IF_ERROR(apply_values(options, plan, parameters, arguments));
  scheduler::Trace trace;
  scheduler::RunOptions run;
  ACIE_ASSIGN_OR_RETURN(run.constants.scalars, arguments.finish(options.seed));
  scheduler::Parameters tensors(*program);
  ACIE_RETURN_IF_ERROR(scheduler::apply_parameters(parameters, entry, tensors));
  ACIE_ASSIGN_OR_RETURN(run.constants.parameters, tensors.finish(options.seed));
  run.constants.packed = std::make_shared<scheduler::PackedMatrices>(*program);
  if (const int64_t drawn = static_cast<int64_t>(arguments.drawn()) + tensors.drawn(); drawn > 0)
    warn(absl::StrCat(drawn, drawn == 1 ? " learnt parameter has no value and was" : " learnt parameters have no value and were", " drawn with --seed ", options.seed, "; --params FILE gives values"));
  run.constants.seed = options.seed;
  run.draws = options.draws;
  run.threads = options.threads;
  run.tile = program->tile_rows(options.tile_rows);
  run.on_bad_row = options.on_bad_row;
  run.strict = options.strict;
  run.cancel = &cancel;
  if (!options.trace.empty()) run.trace = &trace;

  ACIE_ASSIGN_OR_RETURN(const auto source, open_source(options, plan, entry, arguments, run.tile, std::move(reader)));
  ACIE_ASSIGN_OR_RETURN(Output output, Output::open(options, entry, arguments.texts().get()));
  std::unique_ptr<RejectsFile> rejects;
  if (!options.rejects.empty()) {
    ACIE_ASSIGN_OR_RETURN(rejects, RejectsFile::create(options.rejects));
    run.on_reject = [&](const scheduler::RejectedRow& row) { return rejects->add(row); };
  }
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<scheduler::RunSummary> summary = run_error("");
  {
    ProgressBar bar(options.progress);
    if (bar.enabled()) run.progress = [&](const scheduler::Progress& progress) { return bar.update(progress), false; };
    summary = scheduler::run(*program, *source, output.sink(), run);
  }
  if (!options.trace.empty()) ACIE_RETURN_IF_ERROR(write_whole(options.trace, trace.json()));
  if (!summary.ok()) {
    const bool about_rows = failure_of(summary.status()) != Failure::Cancelled && !options.data.empty();
    // Messages of the table reader name the table themselves.
    const bool named = message_of(summary.status()).find(options.data) != std::string::npos;
    return about_rows && !named ? annotate(summary.status(), options.data) : summary.status();
  }
  ACIE_RETURN_IF_ERROR(output.finish());
  if (rejects != nullptr) ACIE_RETURN_IF_ERROR(rejects->finish());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::fprintf(stderr, "%s\n", summary_line(entry, *summary, seconds).c_str());
  return absl::OkStatus();
}

}  // namespace acie::cli
