// .safetensors: named tensors after a JSON header, mapped and never read before they are used.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/io/Tensor.h"

namespace acie::io {

struct NamedTensor {
  std::string name;
  TensorView view;
};

/// A file of tensors. Opening reads the header alone, whatever the size of the tensors; their pages come from the disk when
/// they are first touched. The header is hostile until it is shown to be sound: its length, every type, shape and place is
/// checked, names are unique, and the tensors fill the rest of the file without gap or overlap, as the format demands.
///
/// The file must not be shortened while it is open: as with every mapping, touching what is gone ends the process.
class Safetensors {
 public:
  /// Errors are DataLoss and name the file and the tensor.
  static absl::StatusOr<std::shared_ptr<const Safetensors>> open(const std::string& path);

  /// The same from bytes that the caller keeps alive, called `name` in messages.
  static absl::StatusOr<std::shared_ptr<const Safetensors>> from_memory(std::string_view bytes, std::string name);

  ~Safetensors();
  Safetensors(const Safetensors&) = delete;
  Safetensors& operator=(const Safetensors&) = delete;

  /// The tensor of that name, null where there is none. Lives as long as this object.
  const TensorView* find(std::string_view name) const;

  /// All, by name.
  const std::vector<NamedTensor>& tensors() const { return tensors_; }

  /// The texts of "__metadata__".
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  Safetensors() = default;

  void* mapping_ = nullptr;
  size_t mapped_ = 0;
  std::vector<NamedTensor> tensors_;  // sorted by name
  std::map<std::string, std::string> metadata_;
};

/// Writes the tensors to `path`, which appears whole or not at all: largest elements first, so that all lie at multiples of
/// their size, and by name. A usage error for names that are not unique, not UTF-8 or reserved ("__metadata__").
absl::Status write_safetensors(const std::string& path, std::span<const NamedTensor> tensors,
                               const std::map<std::string, std::string>& metadata = {});

}  // namespace acie::io
