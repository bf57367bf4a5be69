// A constant integer matrix times a vector of ciphertexts: z_r = Π_c x_c^W[r,c] mod n².
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/crypto/paillier/Ciphertexts.h"
#include "kernels/crypto/paillier/Parallel.h"

namespace acie::paillier {

/// How the powers are multiplied together.
enum class MatvecMethod {
  kTables,   // powers of each column in a table, windows of the weights index it (Straus, 1964; one window: power tables)
  kSubsets,  // products of all subsets of a few columns in a table, one bit of the weights at a time: ternary matrices
  kShiftedSubsets,  // the same on weights made positive by adding one number to all, which is divided out at the end
  kBuckets,  // columns with the same digit are multiplied first (Pippenger, 1976): few rows
};

std::string_view name_of(MatvecMethod method);

/// What a product costs, counted by going through it without computing. Never constant time in the weights: their party
/// computes alone, and only the total time may be seen.
struct MatvecPlan {
  MatvecMethod method = MatvecMethod::kTables;
  /// Bits of a window (1 to 8), or columns of a subset (1 to 12).
  int window = 1;
  int64_t products = 0, squarings = 0;  // modulo n²
  int64_t inverted_rows = 0;            // rows with negative weights: three products each, one inversion in all; 1 where
                                        // all rows are divided by one number
  double work = 0;                      // of both in products, lanes that have nothing to do included; a squaring is 3/4
  size_t numbers = 0;                   // held at a time, tables and partial products, each as large as a ciphertext

  /// In products, an inversion being as many as it takes time.
  double cost() const;
};

/// Rows of partial products per matrix below which columns are split, so that eight lanes have work.
inline constexpr int kMatvecLanes = 16;

class Matvec {
 public:
  /// `weights` row by row. Plans for the fewest products. Errors (usage): a size that does not fit.
  static absl::StatusOr<Matvec> create(std::span<const int64_t> weights, size_t rows, size_t columns);
  /// As told.
  static absl::StatusOr<Matvec> create(std::span<const int64_t> weights, size_t rows, size_t columns, MatvecMethod method,
                                       int window);

  const MatvecPlan& plan() const { return plan_; }
  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }

  /// W·x. Errors (usage): a vector of another length. On several threads the rows of a matrix of kMatvecLanes a thread or
  /// more are shared out, and more tables are held than the plan says; buckets are not shared out.
  absl::StatusOr<Ciphertexts> apply(const Ciphertexts& x, const Parallel& parallel = {}) const;

 private:
  Matvec(std::span<const int64_t> weights, size_t rows, size_t columns)
      : weights_(weights.begin(), weights.end()), rows_(rows), columns_(columns) {}
  MatvecPlan count(MatvecMethod method, int window) const;

  std::vector<int64_t> weights_;
  size_t rows_, columns_;
  MatvecPlan plan_;
};

}  // namespace acie::paillier
