// Prepared runs of acie/runtime.h.

#include "absl/strings/str_cat.h"
#include "runtime/api/Handles.h"

namespace acie::api {
namespace {

using Kind = scheduler::Arguments::Kind;

absl::StatusOr<std::unique_ptr<acie_prepared>> prepare(const acie_query& query, int64_t max_rows, uint64_t seed) {
  scheduler::RunConstants constants;
  ACIE_ASSIGN_OR_RETURN(constants.scalars, query.arguments.finish());
  constants.seed = seed;
  ACIE_ASSIGN_OR_RETURN(auto run, scheduler::Prepared::make(query.program, std::move(constants), max_rows));
  return std::unique_ptr<acie_prepared>(new acie_prepared{query.program, query.arguments, std::move(run)});
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

/// The value is checked by Arguments, then taken over: names are unique within an entry.
absl::Status set(acie_prepared& prepared, std::string_view name, double value) {
  ACIE_ASSIGN_OR_RETURN(const bool known, prepared.arguments.set_any(name, value));
  if (!known) return usage_error(absl::StrCat(prepared.program->entry().name, " has no value '", std::string(name), "'"));
  const auto& scalars = prepared.program->entry().scalars;
  for (size_t i = 0; i < scalars.size(); ++i)
    if (scalars[i].name == name) prepared.run->set_scalar(i, prepared.arguments.value(i));
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
  return guarded(error, [&] { return acie::api::set(*prepared, name, value); });
}

int acie_prepared_call(acie_prepared* prepared, int64_t rows, int64_t row_base, acie_error** error) {
  return guarded(error, [&] { return prepared->run->call(rows, row_base); });
}

}  // extern "C"
