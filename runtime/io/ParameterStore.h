// Values of parameters by name, from files and from the command line: one place where all of a run are looked up.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/io/Safetensors.h"
#include "runtime/io/Tensor.h"

namespace acie::io {

/// Collects parameters; what is added later wins. Names are the program's paths, "Galaxy.encoder.w". A name that the program
/// does not have is never looked up and so costs nothing: one file may serve several entries, and pages of tensors that
/// nobody asks for are never read.
///
/// Views that it hands out live as long as it does. Adding is not thread-safe; neither is tensor(), which may convert.
class ParameterStore {
 public:
  ParameterStore() = default;
  ParameterStore(const ParameterStore&) = delete;
  ParameterStore& operator=(const ParameterStore&) = delete;

  /// Adds all of a .safetensors file (mapped, see Safetensors), or of any other as JSON: {"name": value}, where a value is a
  /// number, true or false, or nested lists of one length at each depth, and objects within objects are paths.
  absl::Status add_file(const std::string& path);

  /// Adds a file of tensors that is open already, called `source` in messages.
  void add_tensors(std::shared_ptr<const Safetensors> file, std::string source);

  /// Adds the text of a .json file.
  absl::Status add_json(std::string_view text, const std::string& source);

  /// Adds one number, as from --set.
  void set(std::string_view name, double value, std::string source);

  /// The value as it was given; null where there is none.
  const TensorView* lookup(std::string_view name) const;

  /// A single number, of shape [] or [1], in a type with the element type `wanted`; nothing where the name is unknown. A typed
  /// value (.safetensors) that `wanted` cannot hold exactly is a usage error; decimals (.json, --set) are rounded to floats.
  absl::StatusOr<std::optional<double>> scalar(std::string_view name, acie_dtype wanted) const;

  /// A tensor of type `wanted` and exactly that shape ([] and [1] are one): where it lies if it has the type and is
  /// aligned, else a converted copy that the store keeps, by the rules of scalar(). Nothing where the name is unknown.
  absl::StatusOr<std::optional<TensorView>> tensor(std::string_view name, TensorType wanted, std::span<const int64_t> shape);

  /// Where the value came from: "weights.safetensors", "--set". Empty where there is none.
  std::string source(std::string_view name) const;

  /// All names, sorted.
  std::vector<std::string> names() const;

 private:
  struct Value {
    TensorView view;
    int source = 0;      // into sources_
    bool typed = false;  // its type was given, not read off decimals
  };

  const Value* find(std::string_view name) const;
  std::string describe(std::string_view name, const Value& value) const;
  void keep(std::string name, TensorType type, std::vector<int64_t> shape, std::span<const std::byte> bytes, int source);

  std::map<std::string, Value, std::less<>> values_;
  std::vector<std::string> sources_;
  std::vector<std::shared_ptr<const Safetensors>> files_;
  std::deque<AlignedBuffer> owned_;  // memory of values that lie in no file
};

}  // namespace acie::io
