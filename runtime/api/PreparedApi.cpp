// Prepared runs of acie/runtime.h.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "runtime/api/Handles.h"
#include "runtime/scheduler/PackedMatrices.h"
#include "runtime/scheduler/ParameterFiles.h"

namespace acie::api {
namespace {

using Kind = scheduler::Arguments::Kind;

absl::StatusOr<std::unique_ptr<acie_prepared>> prepare(const acie_query& query, int64_t max_rows, uint64_t seed) {
  const package::Entry& entry = query.program->entry();
  const auto is_text = [](const auto& each) { return each.is_text; };
  if (std::any_of(entry.columns.begin(), entry.columns.end(), is_text) || std::any_of(entry.outputs.begin(), entry.outputs.end(), is_text))
    return usage_error(absl::StrCat("'", entry.name, "' cannot be prepared: it has columns of texts; run it instead"));
  scheduler::RunConstants constants;
  ACIE_ASSIGN_OR_RETURN(constants.scalars, query.arguments.finish(seed));
  constants.seed = seed;
  auto learnt = std::make_unique<acie_query::Learnt>(*query.program);
  ACIE_RETURN_IF_ERROR(scheduler::apply_parameters(*query.files, query.program->entry(), learnt->parameters));
  ACIE_ASSIGN_OR_RETURN(constants.parameters, learnt->parameters.finish(seed));
  constants.packed = std::make_shared<scheduler::PackedMatrices>(*query.program);
  ACIE_ASSIGN_OR_RETURN(auto run, scheduler::Prepared::make(query.program, std::move(constants), max_rows));
  return std::unique_ptr<acie_prepared>(new acie_prepared{query.program, query.files, std::move(learnt), query.arguments, std::move(run)});
}

absl::Status bind_input(acie_prepared& prepared, std::string_view name, const void* data, int64_t stride) {
  const auto& columns = prepared.program->entry().columns;
  for (size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == name) return prepared.run->bind_input(i, data, stride);
  return usage_error(absl::StrCat(prepared.program->entry().name, " reads no column '", std::string(name), "'"));
}

absl::Status bind_output(acie_prepared& prepared, std::string_view name, void* data) {
  const auto& outputs = prepared.program->entry().outputs;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].name == name) return prepared.run->bind_output(i, data);
  if (name == "physics_violation" && prepared.program->entry().violation >= 0) {
    prepared.run->bind_violation(static_cast<double*>(data));
    return absl::OkStatus();
  }
  return usage_error(absl::StrCat(prepared.program->entry().name, " answers no '", std::string(name), "'"));
}

absl::Status set(acie_prepared& prepared, Kind kind, std::string_view name, double value) {
  ACIE_RETURN_IF_ERROR(prepared.arguments.set(kind, name, value));
  const int index = prepared.arguments.find(kind, name);
  if (index < 0) return usage_error(absl::StrCat("bind the input do.", std::string(name), " to answer this do?"));
  prepared.run->set_scalar(static_cast<size_t>(index), prepared.arguments.value(static_cast<size_t>(index)));
  return absl::OkStatus();
}

}  // namespace
}  // namespace acie::api

using acie::api::guarded;

extern "C" {

acie_prepared* acie_query_prepare(const acie_query* query, int64_t max_rows, uint64_t seed, acie_error** error) {
  std::unique_ptr<acie_prepared> prepared;
  guarded(error, [&]() -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(prepared, acie::api::prepare(*query, max_rows, seed));
    return absl::OkStatus();
  });
  return prepared.release();
}

void acie_prepared_free(acie_prepared* prepared) { delete prepared; }

int acie_prepared_bind_input(acie_prepared* prepared, const char* input, const void* data, int64_t stride,
                             acie_error** error) {
  return guarded(error, [&] { return acie::api::bind_input(*prepared, input, data, stride); });
}

int acie_prepared_bind_output(acie_prepared* prepared, const char* output, void* data, acie_error** error) {
  return guarded(error, [&] { return acie::api::bind_output(*prepared, output, data); });
}

int acie_prepared_bind_status(acie_prepared* prepared, int32_t* status, acie_error**) {
  prepared->run->bind_status(status);
  return ACIE_OK;
}

int acie_prepared_set(acie_prepared* prepared, const char* name, double value, acie_error** error) {
  return guarded(error, [&] { return acie::api::set(*prepared, acie::api::Kind::Set, name, value); });
}
int acie_prepared_given(acie_prepared* prepared, const char* name, double value, acie_error** error) {
  return guarded(error, [&] { return acie::api::set(*prepared, acie::api::Kind::Given, name, value); });
}
int acie_prepared_do(acie_prepared* prepared, const char* name, double value, acie_error** error) {
  return guarded(error, [&] { return acie::api::set(*prepared, acie::api::Kind::Do, name, value); });
}

int acie_prepared_call(acie_prepared* prepared, int64_t rows, int64_t row_base, acie_error** error) {
  return guarded(error, [&] { return prepared->run->call(rows, row_base); });
}

}  // extern "C"
