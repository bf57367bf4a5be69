// Sizes that are known only at start: `dim J`, read from the data. An entry with dimensions says its shapes in terms of
// them; before it runs, with_sizes() makes an entry of fixed sizes of it, and the same kernels serve every size.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "runtime/package/Plan.h"

namespace acie::package {

/// Values of an entry's dimensions by name.
using DimensionSizes = std::map<std::string, int64_t>;

/// Whether a dimension is half of another size, rounded down: "J div 2", "(2*J - 1) div 2". It follows from that.
bool is_half(std::string_view dimension);

/// "J", "2*J - 1", "12": a size of a shape of `entry` as the program says it.
std::string size_text(const Entry& entry, int64_t size);
/// "[J, 3]"
std::string shape_text(const Entry& entry, const std::vector<int64_t>& shape);

/// The value of a size; nullopt where a dimension it depends on is not in `known`, or where it is beyond ±2^40.
std::optional<int64_t> size_value(const Entry& entry, int64_t size, const DimensionSizes& known);

/// What `size` being `found` says of a dimension that is not known yet.
struct Solution {
  enum class Kind : uint8_t {
    Open,       // several dimensions are not known, or it is not linear in the one that is not
    Agrees,     // all are known, and it is so
    Differs,    // all are known, and it is not
    Dimension,  // `name` is `value`
    Impossible  // no size of `name` does that
  };
  Kind kind = Kind::Open;
  std::string name;
  int64_t value = 0;
};
Solution solve(const Entry& entry, int64_t size, int64_t found, const DimensionSizes& known);

/// The entry with fixed sizes, its columns and outputs listed element by element, and its scalars of role Size set. Bad data
/// where a size comes out below 1, or where the program reads beyond a tensor of that size; each says with which dimensions.
absl::StatusOr<Entry> with_sizes(const Entry& entry, const DimensionSizes& sizes);

}  // namespace acie::package
