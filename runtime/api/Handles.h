// What is behind the opaque handles of acie/runtime.h.
#pragma once

#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "acie/runtime.h"
#include "runtime/scheduler/Arguments.h"
#include "runtime/scheduler/ArrayStream.h"
#include "runtime/scheduler/Engine.h"
#include "runtime/scheduler/PackedMatrices.h"
#include "runtime/scheduler/ParameterFiles.h"
#include "runtime/scheduler/Prepared.h"
#include "runtime/scheduler/Run.h"
#include "runtime/status/Errors.h"

struct acie_error {
  int code;
  std::string message;
};

struct acie_package {
  std::shared_ptr<const acie::scheduler::Engine> engine;
};

/// A field with the texts it points to.
struct NamedField {
  std::string name, unit, doc;
  int32_t dtype = ACIE_F64;
  double low, high;
  bool has_default = false;
  double default_value = 0;
  bool is_text = false;

  acie_field view() const {
    return {name.c_str(), unit.c_str(), doc.c_str(), dtype, low, high, has_default ? 1 : 0, default_value, is_text ? 1 : 0};
  }
};

struct acie_query {
  explicit acie_query(std::shared_ptr<const acie::scheduler::Program> shared);

  std::shared_ptr<const acie::scheduler::Program> program;
  std::shared_ptr<const acie::scheduler::Engine> engine;
  acie::scheduler::Arguments arguments;
  std::shared_ptr<acie::io::ParameterStore> files = std::make_shared<acie::io::ParameterStore>();  // shared with prepared runs
  /// Learnt tensors as the last run had them, and their matrices packed: the next run with the same seed uses them again.
  struct Learnt {
    explicit Learnt(const acie::scheduler::Program& program) : parameters(program) {}
    acie::scheduler::Parameters parameters;
    std::vector<acie::scheduler::View> views;
    std::shared_ptr<const acie::scheduler::PackedMatrices> packed;
    uint64_t seed = 0;
  };
  std::unique_ptr<Learnt> learnt;
  std::vector<NamedField> inputs, values, outputs;
  std::map<std::string, size_t, std::less<>> input_numbers;  // of inputs, by name
  std::vector<acie::scheduler::BoundArray> arrays;  // by input
  std::vector<int64_t> lengths;                     // by input; -1 where it is not bound or has one value
  /// What stands for the texts of a column, and where there are any.
  struct TextColumn {
    std::vector<int64_t> codes;
    std::vector<uint8_t> validity;
  };
  std::vector<TextColumn> texts;  // by input
};

struct acie_cancel {
  std::atomic<bool> requested{false};
};

/// The columns of an answer, shared with what was exported from it.
struct AnswerData {
  explicit AnswerData(std::vector<acie::scheduler::AnswerField> fields) : sink(std::move(fields)) {}
  acie::scheduler::ArraySink sink;
  std::vector<NamedField> fields;
  std::shared_ptr<const acie::io::Texts> texts;  // of the query, where there are any
  /// Of a column of texts.
  std::string_view text(size_t column, int64_t row) const {
    int64_t code = 0;
    std::memcpy(&code, sink.bytes(column).data() + static_cast<size_t>(row) * sizeof code, sizeof code);
    return texts->text(code);
  }
  std::vector<std::string> reasons;
  int64_t violations = 0;
};

struct acie_answer {
  std::shared_ptr<AnswerData> data;
};

struct acie_prepared {
  std::shared_ptr<const acie::scheduler::Program> program;
  std::shared_ptr<acie::io::ParameterStore> files;  // where learnt tensors lie, or in `learnt`
  std::unique_ptr<acie_query::Learnt> learnt;
  acie::scheduler::Arguments arguments;
  std::unique_ptr<acie::scheduler::Prepared> run;
};

namespace acie::api {

/// Stores `status`, which is not ok, in `error` and returns its code.
int fail(const absl::Status& status, acie_error** error) noexcept;

/// Runs `body`, which returns a Status, turning exceptions (memory) into errors. 0 where it went well.
template <typename F>
int guarded(acie_error** error, F&& body) noexcept {
  try {
    const absl::Status status = body();
    return status.ok() ? ACIE_OK : fail(status, error);
  } catch (const std::exception& problem) {
    return fail(run_error(problem.what()), error);
  }
}

std::vector<NamedField> output_fields(const package::Entry& entry);

}  // namespace acie::api
