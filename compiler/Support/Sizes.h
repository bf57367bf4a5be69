// Sizes of axes. A size is a number, or a polynomial over dimensions that are read from the data at start (`dim J`).
//
// Both are int64_t, so that shapes are plain vectors and equal sizes are equal numbers: numbers from 2^40 on name the
// polynomials this process has met (no tensor has that many elements, and the sum or product of two such names is none).
// What computes with sizes that may be open uses the functions here; an open size is larger than every limit, so that what
// goes through elements one by one refuses it as it refuses large tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace acie::sizes {

/// factor · dims[0] · dims[1] · …; the names are sorted, and none for the constant term.
struct Term {
  int64_t factor = 0;
  std::vector<std::string> dims;
  bool operator==(const Term&) const = default;
  auto operator<=>(const Term&) const = default;
};
/// Terms of different dims, sorted by them, without zero factors.
using Polynomial = std::vector<Term>;

inline constexpr int64_t kOpen = int64_t{1} << 40;
/// Factors and constants are held within ± this, far beyond any tensor.
inline constexpr int64_t kLargestFactor = int64_t{1} << 38;

/// Whether a size is known only at start.
inline bool is_open(int64_t size) { return size >= kOpen; }
bool any_open(const std::vector<int64_t>& sizes);

/// The size of the dimension called `name`.
int64_t dimension(std::string_view name);
Polynomial polynomial(int64_t size);

int64_t plus(int64_t a, int64_t b);
int64_t minus(int64_t a, int64_t b);
int64_t times(int64_t a, int64_t b);
/// Of all axes.
int64_t product(const std::vector<int64_t>& sizes);

/// Whether no factor was too large to be held: else the size is none that a tensor or a place in one can have.
bool is_exact(int64_t size);

/// "12", "J", "2*J - 1".
std::string text(int64_t size);
/// `text` with every name of an open size replaced by what it stands for.
std::string spelled(std::string_view text);

}  // namespace acie::sizes
