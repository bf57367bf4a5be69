// The acie runtime for C++20: RAII over acie/runtime.h, absl::Status for errors, std::span for columns.
//
//   auto package = acie::Package::open("galaxy.aciepkg");
//   auto query = package->query("doubled");
//   query->bind("log_mass", masses);                  // std::span<const double>, used in place
//   auto answer = query->run({.seed = 1});
//   std::span<const double> sfr = *answer->column<double>("log_sfr");
//
// Errors keep the kinds of runtime.h as codes: InvalidArgument (usage), DataLoss (bad data), PermissionDenied (package
// refused), FailedPrecondition (constraint violated), Cancelled, and Internal for the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acie/runtime.h"

namespace acie {

namespace internal {

inline absl::StatusCode status_code(int code) {
  switch (code) {
    case ACIE_ERROR_USAGE: return absl::StatusCode::kInvalidArgument;
    case ACIE_ERROR_BAD_DATA: return absl::StatusCode::kDataLoss;
    case ACIE_ERROR_REFUSED: return absl::StatusCode::kPermissionDenied;
    case ACIE_ERROR_CONSTRAINT: return absl::StatusCode::kFailedPrecondition;
    case ACIE_ERROR_CANCELLED: return absl::StatusCode::kCancelled;
    default: return absl::StatusCode::kInternal;
  }
}

/// Receives an error of the C interface.
class ErrorSlot {
 public:
  ErrorSlot() = default;
  ~ErrorSlot() { acie_error_free(error_); }
  ErrorSlot(const ErrorSlot&) = delete;
  ErrorSlot& operator=(const ErrorSlot&) = delete;
  acie_error** operator&() { return &error_; }  // NOLINT: the C interface takes its address
  absl::Status status() const { return absl::Status(status_code(acie_error_code(error_)), acie_error_message(error_)); }

 private:
  acie_error* error_ = nullptr;
};

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};

template <typename T>
constexpr int32_t dtype_of() {
  static_assert(std::is_same_v<T, double> || std::is_same_v<T, float> || std::is_same_v<T, int64_t> ||
                    std::is_same_v<T, int32_t> || std::is_same_v<T, uint8_t>,
                "columns hold double, float, int64_t, int32_t, or uint8_t for booleans");
  if constexpr (std::is_same_v<T, double>) return ACIE_F64;
  if constexpr (std::is_same_v<T, float>) return ACIE_F32;
  if constexpr (std::is_same_v<T, int64_t>) return ACIE_I64;
  if constexpr (std::is_same_v<T, int32_t>) return ACIE_I32;
  return ACIE_BOOL;
}

}  // namespace internal

/// An input column, a value that can be set, or a column of the answer.
struct Field {
  std::string name, unit, doc;
  acie_dtype dtype = ACIE_F64;
  double low = 0, high = 0;            // declared range, infinite where open
  bool has_default = false;
  double default_value = 0;
  bool is_text = false;  // texts: Query::bind_texts, Query::set_text, Answer::texts

  static Field from(const acie_field& field) {
    return {field.name, field.unit, field.doc, static_cast<acie_dtype>(field.dtype), field.low, field.high,
            field.has_default != 0, field.default_value, field.is_text != 0};
  }
};

struct LoadOptions {
  std::vector<std::string> trusted_keys{};  // 64 hexadecimal digits, or files; the user's own key is trusted too
  bool allow_unsigned = false;
  std::string target{};  // empty: the best this processor runs
};

struct RunOptions {
  uint64_t seed = 0;
  int64_t draws = 0;  // 0: 1000 listed, 10000 behind an estimate
  int threads = 0;    // 0: one per processor
  bool strict = false;
  bool skip_bad_rows = false;
  int64_t tile_rows = 0;  // 0: the default; changes no result
  std::function<bool(int64_t rows, double fraction)> progress{};  // true ends the run; fraction is NaN where unknown
  const acie_cancel* cancel = nullptr;
};

/// An answer in memory.
class Answer {
 public:
  explicit Answer(acie_answer* handle) : handle_(handle) {}

  int64_t rows() const { return acie_answer_num_rows(handle_.get()); }
  std::vector<Field> columns() const {
    std::vector<Field> fields;
    for (size_t i = 0; i < acie_answer_num_columns(handle_.get()); ++i)
      fields.push_back(Field::from(acie_answer_column(handle_.get(), i)));
    return fields;
  }

  /// The values of a column, which must be of type T; NaN (0, false) in rows without an answer. Valid while the answer
  /// lives.
  template <typename T>
  absl::StatusOr<std::span<const T>> column(std::string_view name) const {
    for (size_t i = 0; i < acie_answer_num_columns(handle_.get()); ++i) {
      const acie_field field = acie_answer_column(handle_.get(), i);
      if (name != field.name) continue;
      if (field.dtype != internal::dtype_of<T>())
        return absl::InvalidArgumentError("column " + std::string(name) + " is of another type");
      return std::span<const T>(static_cast<const T*>(acie_answer_data(handle_.get(), i)), static_cast<size_t>(rows()));
    }
    return absl::InvalidArgumentError("the answer has no column " + std::string(name));
  }

  /// Those of a column of texts; empty in rows without an answer.
  absl::StatusOr<std::vector<std::string>> texts(std::string_view name) const {
    for (size_t i = 0; i < acie_answer_num_columns(handle_.get()); ++i) {
      const acie_field field = acie_answer_column(handle_.get(), i);
      if (name != field.name) continue;
      if (field.is_text == 0) return absl::InvalidArgumentError("column " + std::string(name) + " is of another type");
      std::vector<std::string> texts;
      for (int64_t row = 0; row < rows(); ++row) texts.emplace_back(acie_answer_text(handle_.get(), i, row));
      return texts;
    }
    return absl::InvalidArgumentError("the answer has no column " + std::string(name));
  }

  /// One per row: 0 ok, -1 bad input, k > 0 undefined for reason k.
  std::span<const int32_t> status() const {
    return {acie_answer_status(handle_.get()), static_cast<size_t>(rows())};
  }
  std::string reason(int32_t status) const { return acie_answer_reason(handle_.get(), status); }
  int64_t violations() const { return acie_answer_violations(handle_.get()); }

  /// Arrow's C data interface, without copying columns; the caller releases both.
  absl::Status export_arrow(ArrowSchema* schema, ArrowArray* array) const {
    internal::ErrorSlot error;
    return acie_answer_export(handle_.get(), schema, array, &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }

 private:
  std::unique_ptr<acie_answer, internal::Free<acie_answer_free>> handle_;
};

/// Bind once, call many: no allocation, no threads, only kernels. For one thread at a time.
class Prepared {
 public:
  explicit Prepared(acie_prepared* handle) : handle_(handle) {}

  /// Arrays of max_rows elements that outlive the last call, each `stride` after the one before: element i of vectors that lie one
  /// after the other is bound as "x[i]" from its first on, with their length.
  absl::Status bind_input(const std::string& name, std::span<const double> values, int64_t stride = 1) {
    internal::ErrorSlot error;
    const int code = acie_prepared_bind_input(handle_.get(), name.c_str(), values.data(), stride, &error);
    return code == ACIE_OK ? absl::OkStatus() : error.status();
  }
  absl::Status bind_output(const std::string& name, std::span<double> values) {
    internal::ErrorSlot error;
    const int code = acie_prepared_bind_output(handle_.get(), name.c_str(), values.data(), &error);
    return code == ACIE_OK ? absl::OkStatus() : error.status();
  }
  absl::Status bind_status(std::span<int32_t> status) {
    internal::ErrorSlot error;
    const int code = acie_prepared_bind_status(handle_.get(), status.data(), &error);
    return code == ACIE_OK ? absl::OkStatus() : error.status();
  }
  /// Replace a value from the next call on, as Query names them.
  absl::Status set(const std::string& name, double value) { return change(acie_prepared_set, name, value); }
  absl::Status given(const std::string& name, double value) { return change(acie_prepared_given, name, value); }
  absl::Status intervene(const std::string& name, double value) { return change(acie_prepared_do, name, value); }
  absl::Status call(int64_t rows, int64_t row_base = 0) {
    internal::ErrorSlot error;
    return acie_prepared_call(handle_.get(), rows, row_base, &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }

 private:
  template <typename F>
  absl::Status change(F function, const std::string& name, double value) {
    internal::ErrorSlot error;
    return function(handle_.get(), name.c_str(), value, &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }

  std::unique_ptr<acie_prepared, internal::Free<acie_prepared_free>> handle_;
};

/// A query with its values and columns. Columns stay the caller's and must outlive the runs.
class Query {
 public:
  explicit Query(acie_query* handle) : handle_(handle) {}

  std::vector<Field> inputs() const { return fields(acie_query_num_inputs, acie_query_input); }
  std::vector<Field> values() const { return fields(acie_query_num_values, acie_query_value); }
  std::vector<Field> outputs() const { return fields(acie_query_num_outputs, acie_query_output); }

  /// In declared units.
  absl::Status set(const std::string& name, double value) { return call(acie_query_set, name, value); }
  absl::Status given(const std::string& name, double value) { return call(acie_query_given, name, value); }
  absl::Status intervene(const std::string& name, double value) { return call(acie_query_do, name, value); }
  /// The same where the value is a text.
  absl::Status set_text(const std::string& name, const std::string& text) { return call_text(acie_query_set_text, name, text); }
  absl::Status given_text(const std::string& name, const std::string& text) { return call_text(acie_query_given_text, name, text); }
  absl::Status intervene_text(const std::string& name, const std::string& text) { return call_text(acie_query_do_text, name, text); }

  /// Values for learnt parameters, from a .safetensors or .json file.
  absl::Status load_params(const std::string& path) {
    internal::ErrorSlot error;
    return acie_query_load_params(handle_.get(), path.c_str(), &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }

  /// A column, in `unit` if it is not empty, else in the input's own. NaN is missing.
  template <typename T>
  absl::Status bind(const std::string& input, std::span<const T> values, const std::string& unit = "") {
    const acie_column column{values.data(), static_cast<int64_t>(values.size()), 1, internal::dtype_of<T>(), nullptr, 0,
                             unit.empty() ? nullptr : unit.c_str()};
    internal::ErrorSlot error;
    return acie_query_bind(handle_.get(), input.c_str(), &column, &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }
  template <typename T>
  absl::Status bind(const std::string& input, const std::vector<T>& values, const std::string& unit = "") {
    return bind(input, std::span<const T>(values), unit);
  }
  /// A column of texts, which are copied; an empty one is missing.
  absl::Status bind_texts(const std::string& input, const std::vector<std::string>& texts) {
    std::vector<const char*> pointers;
    for (const std::string& text : texts) pointers.push_back(text.c_str());
    internal::ErrorSlot error;
    return acie_query_bind_text(handle_.get(), input.c_str(), pointers.data(), static_cast<int64_t>(pointers.size()), &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }
  absl::Status bind_arrow(const ArrowSchema& schema, const ArrowArray& array) {
    internal::ErrorSlot error;
    return acie_query_bind_arrow(handle_.get(), &schema, &array, &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }

  absl::StatusOr<Answer> run(const RunOptions& options = {}) {
    acie_run_options c{};
    c.struct_size = sizeof(c);
    c.seed = options.seed;
    c.draws = options.draws;
    c.threads = options.threads;
    c.strict = options.strict;
    c.skip_bad_rows = options.skip_bad_rows;
    c.tile_rows = options.tile_rows;
    c.cancel = options.cancel;
    if (options.progress) {
      c.user = const_cast<RunOptions*>(&options);
      c.progress = [](void* user, int64_t rows, double fraction) -> int {
        return static_cast<const RunOptions*>(user)->progress(rows, fraction) ? 1 : 0;
      };
    }
    internal::ErrorSlot error;
    acie_answer* answer = acie_query_run(handle_.get(), &c, &error);
    if (answer == nullptr) return error.status();
    return Answer(answer);
  }

  absl::StatusOr<Prepared> prepare(int64_t max_rows, uint64_t seed = 0) const {
    internal::ErrorSlot error;
    acie_prepared* prepared = acie_query_prepare(handle_.get(), max_rows, seed, &error);
    if (prepared == nullptr) return error.status();
    return Prepared(prepared);
  }

 private:
  template <typename Count, typename Get>
  std::vector<Field> fields(Count count, Get get) const {
    std::vector<Field> result;
    for (size_t i = 0; i < count(handle_.get()); ++i) result.push_back(Field::from(get(handle_.get(), i)));
    return result;
  }
  template <typename F>
  absl::Status call(F function, const std::string& name, double value) {
    internal::ErrorSlot error;
    return function(handle_.get(), name.c_str(), value, &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }
  template <typename F>
  absl::Status call_text(F function, const std::string& name, const std::string& text) {
    internal::ErrorSlot error;
    return function(handle_.get(), name.c_str(), text.c_str(), &error) == ACIE_OK ? absl::OkStatus() : error.status();
  }

  std::unique_ptr<acie_query, internal::Free<acie_query_free>> handle_;
};

/// A checked and loaded package. Any number of threads may make queries from it.
class Package {
 public:
  static absl::StatusOr<Package> open(const std::string& path, const LoadOptions& options = {}) {
    return load(options, [&](const acie_load_options* c, acie_error** error) { return acie_package_open(path.c_str(), c, error); });
  }
  static absl::StatusOr<Package> from_memory(std::span<const char> bytes, const LoadOptions& options = {}) {
    return load(options, [&](const acie_load_options* c, acie_error** error) {
      return acie_package_from_memory(bytes.data(), bytes.size(), c, error);
    });
  }

  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (size_t i = 0; i < acie_package_num_entries(handle_.get()); ++i)
      names.push_back(acie_package_entry_name(handle_.get(), i));
    return names;
  }
  std::string target() const { return acie_package_target(handle_.get()); }

  /// `sizes` of the dimensions that the entry's program reads at start (`dim J`), by name: all of them.
  absl::StatusOr<Query> query(const std::string& entry, const std::map<std::string, int64_t>& sizes = {}) const {
    internal::ErrorSlot error;
    std::vector<acie_dimension> dimensions;
    for (const auto& [name, size] : sizes) dimensions.push_back({name.c_str(), size});
    acie_query* query = acie_query_new_sized(handle_.get(), entry.c_str(), dimensions.data(), dimensions.size(), &error);
    if (query == nullptr) return error.status();
    return Query(query);
  }

 private:
  explicit Package(acie_package* handle) : handle_(handle) {}

  template <typename F>
  static absl::StatusOr<Package> load(const LoadOptions& options, F open) {
    std::vector<const char*> keys;
    for (const std::string& key : options.trusted_keys) keys.push_back(key.c_str());
    const acie_load_options c{sizeof(acie_load_options), keys.data(), keys.size(), options.allow_unsigned ? 1 : 0,
                              options.target.empty() ? nullptr : options.target.c_str()};
    internal::ErrorSlot error;
    acie_package* package = open(&c, &error);
    if (package == nullptr) return error.status();
    return Package(package);
  }

  std::unique_ptr<acie_package, internal::Free<acie_package_free>> handle_;
};

}  // namespace acie
