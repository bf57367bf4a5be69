#include "kernels/crypto/paillier/Matvec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "kernels/crypto/paillier/MultiExponent.h"
#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/Schedule.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

/// Counts, and finds how many cells there are. Where lanes may stay idle it counts the batches too.
class Counter {
 public:
  explicit Counter(bool batches) : counts_batches_(batches) {}

  void multiply(size_t to, size_t a, size_t b) {
    ++products;
    see({to, a, b, false});
  }
  void square(size_t to, size_t a) {
    ++squarings;
    see({to, a, a, true});
  }
  void copy(size_t to, size_t a) {
    cells = std::max(cells, to + 1);
    if (counts_batches_) schedule_.before_copy(to, a, *this);
  }

  /// All in products, squarings counting kSquaring and idle lanes like busy ones.
  double work() {
    if (!counts_batches_) return static_cast<double>(products) + kSquaring * static_cast<double>(squarings);
    schedule_.flush(*this);
    return batches_ * kLanes;
  }

  void compute(std::span<const Schedule::Entry> batch) { batches_ += Schedule::squares(batch) ? kSquaring : 1; }

  int64_t products = 0, squarings = 0;
  size_t cells = 0;

 private:
  void see(const Schedule::Entry& entry) {
    cells = std::max(cells, entry.to + 1);
    if (counts_batches_) schedule_.push(entry, *this);
  }

  static constexpr double kSquaring = 0.75;
  bool counts_batches_;
  Schedule schedule_;
  double batches_ = 0;
};

/// Cells are rows of digits.
class Processor {
 public:
  Processor(const PublicKey& key, size_t cells)
      : m_(key.modulus()),
        row_(bigint::row_words(m_.digits())),
        memory_(cells * row_),
        unused_(row_),
        a_(m_.words()),
        b_(m_.words()),
        scratch_(m_.digits()) {}

  uint64_t* row(size_t cell) { return memory_.data() + cell * row_; }

  void multiply(size_t to, size_t a, size_t b) { push({to, a, b, false}); }
  void square(size_t to, size_t a) { push({to, a, a, true}); }
  void copy(size_t to, size_t a) {
    schedule_.before_copy(to, a, *this);
    std::memcpy(row(to), row(a), row_ * 8);
  }

  void flush() { schedule_.flush(*this); }

  void compute(std::span<const Schedule::Entry> entries) {
    std::array<const uint64_t*, kLanes> a, b;
    std::array<uint64_t*, kLanes> to;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const Schedule::Entry& e = entries[lane < entries.size() ? lane : 0];
      a[lane] = row(e.a);
      b[lane] = row(e.b);
      to[lane] = lane < entries.size() ? row(e.to) : unused_.data();
    }
    m_.kernels().gather(a_.data(), a.data(), m_.digits());
    if (Schedule::squares(entries)) {
      m_.square(a_.data(), a_.data(), scratch_);
    } else {
      m_.kernels().gather(b_.data(), b.data(), m_.digits());
      m_.multiply(a_.data(), a_.data(), b_.data(), scratch_);
    }
    m_.kernels().scatter(to.data(), a_.data(), m_.digits());
  }

  /// One row, or 1, for each lane of a block.
  void read(uint64_t* block, const std::array<size_t, kLanes>& cells) {
    flush();
    std::array<const uint64_t*, kLanes> rows;
    bigint::scatter(m_.kernels(), scratch_.rows.data(), m_.one(), m_.digits());
    for (size_t lane = 0; lane < kLanes; ++lane)
      rows[lane] = cells[lane] == RowProducts::kNone ? scratch_.rows.data() : row(cells[lane]);
    m_.kernels().gather(block, rows.data(), m_.digits());
  }

 private:
  void push(const Schedule::Entry& entry) {
    schedule_.push(entry, *this);
    fetch(entry.a);
    fetch(entry.b);
  }

  /// Asks for a row to be brought near: it is read a batch later.
  void fetch(size_t cell) {
    for (size_t i = 0; i < row_; i += 8) __builtin_prefetch(row(cell) + i);
  }

  const Modulus& m_;
  size_t row_;
  Words memory_, unused_, a_, b_;
  Scratch scratch_;
  Schedule schedule_;
};

/// As many products as OpenSSL's inversion takes time.
constexpr double kInversion = 400;

constexpr int kWidestWindow = 8, kLargestSubset = 12;

int widest(MatvecMethod method) {
  return method == MatvecMethod::kSubsets || method == MatvecMethod::kShiftedSubsets ? kLargestSubset : kWidestWindow;
}

/// The columns of a subset that take the fewest products: one for each plane and subset, and the tables, of which only what
/// occurs is made.
int best_group(const WeightMatrix& w) {
  const double planes = w.shifted_bits(), rows = static_cast<double>(w.rows);
  int best = 1;
  double least = 0;
  for (int group = 1; group <= kLargestSubset; ++group) {
    const double subsets = std::exp2(group), cost = (rows * planes + subsets * -std::expm1(-rows * planes / subsets)) / group;
    if (group > 1 && cost >= least) continue;
    best = group;
    least = cost;
  }
  return best;
}

}  // namespace

std::string_view name_of(MatvecMethod method) {
  switch (method) {
    case MatvecMethod::kTables: return "power tables";
    case MatvecMethod::kSubsets: return "subset products";
    case MatvecMethod::kShiftedSubsets: return "shifted subset products";
    case MatvecMethod::kBuckets: break;
  }
  return "buckets";
}

double MatvecPlan::cost() const {
  return work + 4.0 * static_cast<double>(inverted_rows) + (inverted_rows > 0 ? kInversion : 0);
}

MatvecPlan Matvec::count(MatvecMethod method, int window) const {
  Counter counter(rows_ < kMatvecLanes);
  counter.cells = columns_;
  MultiExponent<Counter> walk(counter, {weights_, rows_, columns_});
  const RowProducts rows = walk.run(method, window);
  MatvecPlan plan;
  plan.method = method;
  plan.window = window;
  plan.products = counter.products;
  plan.squarings = counter.squarings;
  plan.work = counter.work();
  plan.numbers = counter.cells;
  plan.inverted_rows = static_cast<int64_t>(
      std::count_if(rows.negative.begin(), rows.negative.end(), [](size_t cell) { return cell != RowProducts::kNone; }));
  if (rows.common != RowProducts::kNone) {
    plan.inverted_rows = 1;
    plan.products += static_cast<int64_t>(rows_);
    plan.work += static_cast<double>(rows_);
  }
  return plan;
}

absl::StatusOr<Matvec> Matvec::create(std::span<const int64_t> weights, size_t rows, size_t columns, MatvecMethod method,
                                      int window) {
  if ((columns != 0 && rows > std::numeric_limits<size_t>::max() / columns) || weights.size() != rows * columns)
    return usage_error("a matrix of " + std::to_string(rows) + " by " + std::to_string(columns) + " has not " +
                       std::to_string(weights.size()) + " weights");
  if (window < 1 || window > widest(method)) return usage_error("windows have 1 to 8 bits, subsets 1 to 12 columns");
  Matvec result(weights, rows, columns);
  result.plan_ = result.count(method, window);
  return result;
}

absl::StatusOr<Matvec> Matvec::create(std::span<const int64_t> weights, size_t rows, size_t columns) {
  ACIE_ASSIGN_OR_RETURN(Matvec result, create(weights, rows, columns, MatvecMethod::kTables, 1));
  const int bits = WeightMatrix{weights, rows, columns}.bits();
  const auto consider = [&](MatvecMethod method, int window) {
    const MatvecPlan plan = result.count(method, window);
    if (plan.cost() < result.plan_.cost()) result.plan_ = plan;
  };
  for (int window = 2; window <= std::min(bits, kWidestWindow); ++window) consider(MatvecMethod::kTables, window);
  // A weight takes a look-up for each of its bits: no gain beyond a few.
  for (int group = 2; group <= kWidestWindow && bits <= 4; ++group) consider(MatvecMethod::kSubsets, group);
  consider(MatvecMethod::kShiftedSubsets, best_group({weights, rows, columns}));
  // A bucket is summed twice for each row, a table made once for all of them.
  for (int window = 2; window <= std::min(bits, kWidestWindow) && rows <= 64; ++window)
    consider(MatvecMethod::kBuckets, window);
  return result;
}

absl::StatusOr<Ciphertexts> Matvec::apply(const Ciphertexts& x) const {
  if (x.size() != columns_)
    return usage_error("a matrix of " + std::to_string(columns_) + " columns cannot multiply " + std::to_string(x.size()) +
                       " ciphertexts");
  const PublicKey& key = x.key();
  const Modulus& m = key.modulus();
  const int n = m.digits();
  Processor processor(key, std::max(plan_.numbers, columns_));
  Scratch s(n);
  for (size_t i = 0; i < x.blocks(); ++i) {
    bigint::scatter(key.kernels(), s.rows.data(), x.block(i), n);
    for (size_t lane = 0; lane < kLanes && i * kLanes + lane < columns_; ++lane)
      std::memcpy(processor.row(i * kLanes + lane), s.rows.data() + lane * bigint::row_words(n), bigint::row_words(n) * 8);
  }
  MultiExponent<Processor> walk(processor, {weights_, rows_, columns_});
  const RowProducts rows = walk.run(plan_.method, plan_.window);

  Ciphertexts result(key, rows_);
  const auto read = [&](Ciphertexts& out, const std::vector<size_t>& cells) {
    for (size_t i = 0; i < out.blocks(); ++i) {
      std::array<size_t, kLanes> lanes;
      for (size_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] = i * kLanes + lane < cells.size() ? cells[i * kLanes + lane] : RowProducts::kNone;
      processor.read(out.block(i), lanes);
    }
  };
  read(result, rows.positive);
  if (rows.common != RowProducts::kNone) {
    std::array<size_t, kLanes> lanes;
    lanes.fill(rows.common);
    Ciphertexts divisor(key, kLanes);
    processor.read(divisor.block(0), lanes);
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts factor, inverse(divisor));
    for (size_t i = 0; i < result.blocks(); ++i) m.multiply(result.block(i), result.block(i), factor.block(0), s);
    return result;
  }
  if (plan_.inverted_rows == 0) return result;
  Ciphertexts below(key, rows_);
  read(below, rows.negative);
  return subtract(result, below);
}

}  // namespace acie::paillier
