#include "runtime/scheduler/Run.h"

#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "runtime/scheduler/AnswerBuilder.h"
#include "runtime/scheduler/BadRows.h"
#include "runtime/scheduler/Handoff.h"
#include "runtime/scheduler/Jackknife.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::Entry;

/// A tile of rows on its way through the pipeline. In answers per draw several tokens share one.
struct Work {
  std::unique_ptr<SourceTile> tile;
  std::shared_ptr<RowTile> rows;
  RowSums sums;
  std::once_flag computed;
  absl::Status status;
};

/// What moves from filter to filter: a tile of rows, or draws [begin, end) of it counted row by row.
struct Token {
  std::shared_ptr<Work> work;
  int64_t begin = 0;
  int64_t end = 0;
  bool last_of_tile = true;
  std::unique_ptr<EncodedTile> encoded;
  int64_t answers = 0;
  BadRows bad;
  int64_t violations = 0;
  std::optional<double> fraction;  // of the table, once this tile was read
  absl::Status status;
};

class Runner {
 public:
  Runner(const Program& program, TileSource& source, AnswerSink& sink, const RunOptions& options)
      : program_(program),
        entry_(program.entry()),
        source_(source),
        sink_(sink),
        options_(options),
        table_(program, options.constants, threads_of(options) > 1),
        per_draw_(entry_.shape == Entry::Shape::PerDraw) {
    draws_.draws = !entry_.has_draws ? 1 : options.draws > 0 ? options.draws : per_draw_ ? kDefaultListedDraws : kDefaultEstimateDraws;
    draws_.chunk = std::min(program.draw_chunk(options.tile), draws_.draws);
    summary_.undefined.resize(entry_.reasons.size());
  }

  absl::StatusOr<RunSummary> run() {
    ACIE_RETURN_IF_ERROR(check_memory());
    for (int pass = 0; pass < program_.num_passes(); ++pass) {
      if (pass > 0) ACIE_RETURN_IF_ERROR(source_.rewind());
      ACIE_RETURN_IF_ERROR(run_table(pass));
      ACIE_RETURN_IF_ERROR(run_pass(pass));
    }
    if (program_.has_table_jackknife()) ACIE_RETURN_IF_ERROR(table_.run_jackknife(jackknife_groups(draws_.draws)));
    if (entry_.shape == Entry::Shape::Once && entry_.reads_table) ACIE_RETURN_IF_ERROR(write_once());
    return summary_;
  }

 private:
  /// Quantiles, and the errors of variances and deviations, keep every draw of a row; errors of expressions of several estimates all groups
  /// of draws of a row, one sweep's at a time.
  absl::Status check_memory() const {
    const int64_t groups = program_.has_jackknife() ? jackknife_groups(draws_.draws) : 0;
    double kept = 0;
    std::vector<double> grouped(static_cast<size_t>(program_.num_sweeps()), 0.0);
    for (const ReduceStep& step : program_.reduce_steps()) {
      if (step.over_rows) continue;
      const auto elements = static_cast<double>(step.elements);
      if (Accumulator(*step.node).keeps_values()) kept += sizeof(double) * elements * static_cast<double>(draws_.draws);
      grouped[static_cast<size_t>(step.sweep)] += sizeof(Accumulator) * elements * static_cast<double>(groups);
    }
    const double of_groups = *std::max_element(grouped.begin(), grouped.end());
    const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
    if (kept + of_groups < memory) return absl::OkStatus();
    const auto size = [](double bytes) { return absl::StrCat(static_cast<int64_t>(bytes * 1e-9), " GB, more than this machine has"); };
    if (kept >= of_groups)
      return run_error(absl::StrCat("'", entry_.name, "' keeps ", draws_.draws, " draws of all that it asks a spread or a quantile of, ", size(kept),
                                    "; take fewer, --draws, or ask for E[x] alone"));
    return run_error(absl::StrCat("'", entry_.name, "' keeps ", groups, " groups of draws of all that its expressions of several estimates are made of, ", size(of_groups),
                                  "; ask for the estimates by themselves, or for one of the expression, E[a - b] in place of E[a] - E[b]"));
  }

  bool cancelled() const { return options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed); }
  bool last_pass() const { return pass_ + 1 == program_.num_passes(); }
  bool answers_by_tile() const { return last_pass() && (entry_.shape != Entry::Shape::Once || !entry_.reads_table); }

  /// Runs `f` among the threads that the run may have.
  template <typename F>
  void among_threads(F f) {
    if (options_.threads <= 0) return f();
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(options_.threads));
    tbb::task_arena arena(options_.threads);
    arena.execute(f);
  }

  absl::Status run_table(int pass) {
    // An arena takes longer to make than small tensors to compute.
    const auto shared = [](const KernelStep& step) { return step.space == package::Space::Table && step.blocks; };
    const std::vector<KernelStep>& steps = program_.kernel_steps();
    if (threads_of(options_) == 1 || std::none_of(steps.begin(), steps.end(), shared)) return table_.run_kernels(pass);
    absl::Status status;
    among_threads([&] { status = table_.run_kernels(pass); });
    return status;
  }

  absl::Status run_pass(int pass) {
    pass_ = pass;
    sums_ = table_.sums_of(pass, jackknife_groups(draws_.draws));
    rows_read_ = 0;
    stop_ = false;
    error_ = absl::OkStatus();
    const int threads = threads_of(options_);
    // Twice as many tiles as threads keep every thread busy while one waits for its turn to write; memory is that times
    // a tile, whatever the size of the table.
    const auto pipeline = [&] {
      tbb::parallel_pipeline(
          static_cast<size_t>(2 * threads),
          tbb::make_filter<void, Token*>(tbb::filter_mode::serial_in_order,
                                         [this](tbb::flow_control& control) {
                                           const Handoff pipeline(this), in_order(&current_);
                                           Token* token = read(control);
                                           hand_over(token);
                                           return token;
                                         }) &
              tbb::make_filter<Token*, Token*>(tbb::filter_mode::parallel,
                                               [this](Token* token) {
                                                 const Handoff pipeline(this), each(token);
                                                 return compute(token);
                                               }) &
              tbb::make_filter<Token*, void>(tbb::filter_mode::serial_in_order, [this](Token* token) {
                const Handoff pipeline(this), in_order(&sums_);
                take_over(token);
                write(token);
              }));
    };
    hand_over(this);
    among_threads(pipeline);
    take_over(this);
    if (!error_.ok()) return error_;
    if (cancelled()) return cancelled_error("stopped before the end");
    table_.store(pass, sums_);
    return run_table(pass + 1);
  }

  /// First filter: rows in order. In answers per draw it hands out one tile's draws piece by piece.
  Token* read(tbb::flow_control& control) {
    if (stop_ || cancelled()) return control.stop(), nullptr;
    if (current_ == nullptr) {
      const TraceScope scope(options_.trace, "read", 0, 0);
      absl::StatusOr<std::unique_ptr<SourceTile>> tile = source_.read();
      if (!tile.ok()) {
        auto* token = new Token;
        token->status = tile.status();
        stop_ = true;  // rows before the error are still written, so that it is reported in row order
        return token;
      }
      if (*tile == nullptr) return control.stop(), nullptr;
      current_ = std::make_shared<Work>();
      current_->tile = *std::move(tile);
      current_draws_ = current_->tile->input.rows * draws_.draws;
      next_draw_ = 0;
    }
    auto* token = new Token;
    token->work = current_;
    if (options_.progress) token->fraction = source_.fraction_read();
    if (!per_draw_ || !last_pass()) {
      current_ = nullptr;
      return token;
    }
    token->begin = next_draw_;
    token->end = next_draw_ = std::min(current_draws_, next_draw_ + options_.tile);
    token->last_of_tile = next_draw_ == current_draws_;
    if (token->last_of_tile) current_ = nullptr;
    return token;
  }

  /// Second filter: everything that needs no order.
  Token* compute(Token* token) {
    if (!token->status.ok() || failed_.load(std::memory_order_relaxed) || cancelled()) return token;
    Work& work = *token->work;
    std::call_once(work.computed, [&] { work.status = compute_rows(work); });
    token->status = work.status;
    if (token->status.ok() && answers_by_tile()) token->status = encode(*token);
    return token;
  }

  absl::Status compute_rows(Work& work) {
    {
      const TraceScope scope(options_.trace, "decode", work.tile->input.row_base, work.tile->input.rows);
      ACIE_RETURN_IF_ERROR(source_.decode(*work.tile));
    }
    work.rows = borrow_rows();
    const TraceScope scope(options_.trace, "compute", work.tile->input.row_base, work.tile->input.rows);
    ACIE_RETURN_IF_ERROR(work.rows->run(work.tile->input, table_, pass_, options_.cancel));
    work.sums = table_.sums_of(pass_, jackknife_groups(draws_.draws));
    work.rows->add_to(work.sums, pass_);
    return absl::OkStatus();
  }

  absl::Status encode(Token& token) {
    const Work& work = *token.work;
    const TraceScope scope(options_.trace, "encode", work.tile->input.row_base, work.tile->input.rows);
    AnswerBuilder builder(program_, options_.constants, draws_);
    if (per_draw_)
      ACIE_RETURN_IF_ERROR(builder.draws(*work.rows, token.begin, token.end));
    else
      builder.rows(*work.rows);
    token.bad = BadRows::of(program_, builder, work.tile->input, *work.rows, wants_reasons());
    token.violations = builder.violations();
    if (options_.on_bad_row == OnBadRow::Skip) builder.drop_bad_rows();
    token.answers = builder.tile().rows;
    if (token.answers == 0) return absl::OkStatus();
    ACIE_ASSIGN_OR_RETURN(token.encoded, sink_.encode(builder.tile()));
    return absl::OkStatus();
  }

  bool wants_reasons() const {
    return options_.on_reject != nullptr || options_.strict || options_.on_bad_row == OnBadRow::Fail;
  }

  /// Third filter: in row order again.
  void write(Token* raw) {
    const std::unique_ptr<Token> token(raw);
    if (!error_.ok() || cancelled()) return;
    error_ = token->status.ok() ? accept(*token) : token->status;
    if (error_.ok()) return;
    stop_ = true;
    failed_.store(true, std::memory_order_relaxed);
  }

  absl::Status accept(Token& token) {
    Work& work = *token.work;
    if (token.last_of_tile) {
      for (size_t i = 0; i < sums_.size(); ++i) sums_[i].merge(work.sums[i]);
      rows_read_ += work.tile->input.rows;
    }
    if (!answers_by_tile()) {
      if (last_pass()) ACIE_RETURN_IF_ERROR(account(BadRows::of(program_, work.tile->input, *work.rows, wants_reasons())));
    } else {
      ACIE_RETURN_IF_ERROR(account(token.bad));
      summary_.violations += token.violations;
      if (options_.strict && token.violations > 0) return constraint_error(token.bad.first_violation);
      if (token.encoded != nullptr) {
        const TraceScope scope(options_.trace, "write", work.tile->input.row_base, token.answers);
        ACIE_RETURN_IF_ERROR(sink_.write(*token.encoded));
      }
      summary_.answers += token.answers;
    }
    if (last_pass()) summary_.rows = rows_read_;
    if (token.last_of_tile) {
      give_back(std::move(work.rows));
      if (options_.progress && options_.progress({rows_read_, progress_fraction(token)}))
        return cancelled_error("stopped before the end");
    }
    return absl::OkStatus();
  }

  std::optional<double> progress_fraction(const Token& token) const {
    if (!token.fraction) return std::nullopt;
    return (pass_ + *token.fraction) / program_.num_passes();
  }

  absl::Status account(const BadRows& bad) {
    summary_.bad_input += bad.bad_input;
    for (size_t i = 0; i < bad.undefined.size(); ++i) summary_.undefined[i] += bad.undefined[i];
    for (const RejectedRow& row : bad.rows) {
      if (options_.on_reject) ACIE_RETURN_IF_ERROR(options_.on_reject(row));
      const std::string text = "row " + std::to_string(row.row + 1) + ": " + row.reason;
      if (options_.on_bad_row == OnBadRow::Fail)
        return row.status < 0 ? bad_data_error(text) : run_error(text);
      if (options_.strict && row.status > 0) return run_error(text + " (--strict)");
    }
    return absl::OkStatus();
  }

  /// The one row of an answer over the whole table.
  absl::Status write_once() {
    AnswerBuilder builder(program_, options_.constants, draws_);
    builder.once(table_);
    summary_.answers = 1;
    summary_.violations = builder.violations();
    if (options_.strict && summary_.violations > 0)
      return constraint_error("a constraint is violated by " + entry_.name);
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<EncodedTile> encoded, sink_.encode(builder.tile()));
    return sink_.write(*encoded);
  }

  std::shared_ptr<RowTile> borrow_rows() {
    std::shared_ptr<RowTile> rows;
    if (idle_.try_pop(rows)) return rows;
    return std::make_shared<RowTile>(program_, options_.constants, draws_);
  }
  void give_back(std::shared_ptr<RowTile> rows) {
    if (rows != nullptr) idle_.push(std::move(rows));
  }

  const Program& program_;
  const Entry& entry_;
  TileSource& source_;
  AnswerSink& sink_;
  const RunOptions& options_;
  TableState table_;
  const bool per_draw_;
  DrawOptions draws_;
  int pass_ = 0;
  RowSums sums_;
  RunSummary summary_;
  int64_t rows_read_ = 0;
  std::atomic<bool> stop_{false};    // read no more
  std::atomic<bool> failed_{false};  // compute no more
  absl::Status error_;
  std::shared_ptr<Work> current_;
  int64_t current_draws_ = 0;  // of all rows of current_
  int64_t next_draw_ = 0;
  tbb::concurrent_queue<std::shared_ptr<RowTile>> idle_;
};

}  // namespace

int threads_of(const RunOptions& options) { return options.threads > 0 ? options.threads : tbb::this_task_arena::max_concurrency(); }

absl::StatusOr<RunSummary> run(const Program& program, TileSource& source, AnswerSink& sink, const RunOptions& options) {
  try {
    absl::StatusOr<RunSummary> summary = Runner(program, source, sink, options).run();
    if (summary.ok() && program.modules() != nullptr) ACIE_RETURN_IF_ERROR(program.modules()->status());
    return summary;
  } catch (const std::exception& problem) {  // memory, or threads that cannot be had
    return run_error(std::string("the run could not go on: ") + problem.what());
  }
}

}  // namespace acie::scheduler
