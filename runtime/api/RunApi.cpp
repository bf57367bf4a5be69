// Running and answers of acie/runtime.h.

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "runtime/api/Handles.h"

namespace acie::api {
namespace {

/// How many rows the bound columns have.
absl::StatusOr<int64_t> table_rows(const acie_query& query) {
  const package::Entry& entry = query.program->entry();
  int64_t rows = -1;
  bool needs_rows = false;
  const std::string* first = nullptr;
  for (size_t i = 0; i < query.inputs.size(); ++i) {
    const bool bound = query.arrays[i].raw.data != nullptr || query.lengths[i] >= 0;
    const bool asked = entry.columns[i].role == package::ColumnInput::Role::DoAsk;
    if (!bound && !asked) return usage_error(absl::StrCat("the input ", query.inputs[i].name, " is not bound"));
    needs_rows |= !asked;
    if (!bound || query.arrays[i].raw.stride == 0) continue;
    if (rows >= 0 && rows != query.lengths[i])
      return usage_error(absl::StrCat("the input ", query.inputs[i].name, " has ", query.lengths[i], " elements, ", *first,
                                      " has ", rows));
    rows = query.lengths[i];
    first = &query.inputs[i].name;
  }
  if (rows < 0 && entry.reads_table && needs_rows) return usage_error("one bound column at least must have a stride that is not 0");
  return rows < 0 ? 1 : rows;
}

/// Where learnt tensors lie: found once, and again where the seed differs that some may be drawn by.
absl::Status place_parameters(acie_query& query, scheduler::RunConstants& constants) {
  if (query.learnt == nullptr || query.learnt->seed != constants.seed) {
    auto learnt = std::make_unique<acie_query::Learnt>(*query.program);
    ACIE_RETURN_IF_ERROR(scheduler::apply_parameters(*query.files, query.program->entry(), learnt->parameters));
    ACIE_ASSIGN_OR_RETURN(learnt->views, learnt->parameters.finish(constants.seed));
    learnt->packed = std::make_shared<scheduler::PackedMatrices>(*query.program);
    learnt->seed = constants.seed;
    query.learnt = std::move(learnt);
  }
  constants.parameters = query.learnt->views;
  constants.packed = query.learnt->packed;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<acie_answer>> run(acie_query& query, const acie_run_options* options) {
  if (options != nullptr && options->struct_size != sizeof(acie_run_options))
    return usage_error("acie_run_options has a wrong struct_size");
  const package::Entry& entry = query.program->entry();
  scheduler::RunOptions run;
  ACIE_ASSIGN_OR_RETURN(run.constants.scalars, query.arguments.finish(options != nullptr ? options->seed : 0));
  if (options != nullptr) {
    run.constants.seed = options->seed;
    run.draws = options->draws;
    run.threads = options->threads;
    run.strict = options->strict != 0;
    if (options->skip_bad_rows != 0) run.on_bad_row = scheduler::OnBadRow::Skip;
    if (options->tile_rows > 0) run.tile = options->tile_rows;
    if (options->draws < 0 || options->threads < 0 || options->tile_rows < 0)
      return usage_error("draws, threads and tile_rows must not be negative");
    if (options->cancel != nullptr) run.cancel = &options->cancel->requested;
    if (options->progress != nullptr) {
      run.progress = [options](const scheduler::Progress& progress) {
        return options->progress(options->user, progress.rows, progress.fraction.value_or(std::nan(""))) != 0;
      };
    }
  }
  ACIE_RETURN_IF_ERROR(place_parameters(query, run.constants));
  auto answer = std::make_unique<acie_answer>();
  answer->data = std::make_shared<AnswerData>(scheduler::answer_fields(entry));
  std::unique_ptr<scheduler::TileSource> source;
  if (entry.columns.empty() && !entry.reads_table) {
    source = scheduler::single_row_source(entry.buffers.size());
  } else {
    ACIE_ASSIGN_OR_RETURN(const int64_t rows, table_rows(query));
    run.tile = query.program->tile_rows(run.tile, rows, scheduler::threads_of(run));
    source = scheduler::array_source(entry, query.arrays, rows, run.tile, query.arguments.asked());
    if (entry.shape == package::Entry::Shape::PerRow) answer->data->sink.reserve(rows);
  }
  ACIE_ASSIGN_OR_RETURN(const scheduler::RunSummary summary, scheduler::run(*query.program, *source, answer->data->sink, run));
  answer->data->fields = output_fields(entry);
  answer->data->texts = query.arguments.texts();
  answer->data->reasons = entry.reasons;
  answer->data->violations = summary.violations;
  return answer;
}

}  // namespace
}  // namespace acie::api

using acie::api::guarded;

extern "C" {

acie_cancel* acie_cancel_new(void) { return new (std::nothrow) acie_cancel; }
void acie_cancel_request(acie_cancel* cancel) { cancel->requested = true; }
void acie_cancel_free(acie_cancel* cancel) { delete cancel; }

acie_answer* acie_query_run(acie_query* query, const acie_run_options* options, acie_error** error) {
  std::unique_ptr<acie_answer> answer;
  guarded(error, [&]() -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(answer, acie::api::run(*query, options));
    return absl::OkStatus();
  });
  return answer.release();
}

void acie_answer_free(acie_answer* answer) { delete answer; }
int64_t acie_answer_num_rows(const acie_answer* answer) { return answer->data->sink.rows(); }
size_t acie_answer_num_columns(const acie_answer* answer) { return answer->data->fields.size(); }

acie_field acie_answer_column(const acie_answer* answer, size_t index) {
  return index < answer->data->fields.size() ? answer->data->fields[index].view() : acie_field{};
}

const void* acie_answer_data(const acie_answer* answer, size_t index) {
  return index < answer->data->fields.size() ? answer->data->sink.bytes(index).data() : nullptr;
}

const char* acie_answer_text(const acie_answer* answer, size_t index, int64_t row) {
  const AnswerData& data = *answer->data;
  if (index >= data.fields.size() || !data.fields[index].is_text || row < 0 || row >= data.sink.rows()) return nullptr;
  return data.text(index, row).data();
}

const int32_t* acie_answer_status(const acie_answer* answer) { return answer->data->sink.status().data(); }

const char* acie_answer_reason(const acie_answer* answer, int32_t status) {
  if (status == acie::scheduler::kRowOk) return "ok";
  if (status < 0) return "a needed cell is missing or out of its declared range";
  const auto& reasons = answer->data->reasons;
  return static_cast<size_t>(status) <= reasons.size() ? reasons[static_cast<size_t>(status) - 1].c_str() : "undefined";
}

int64_t acie_answer_violations(const acie_answer* answer) { return answer->data->violations; }

}  // extern "C"
