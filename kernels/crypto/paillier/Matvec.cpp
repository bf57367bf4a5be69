#include "kernels/crypto/paillier/Matvec.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "kernels/crypto/paillier/MultiExponent.h"
#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/Schedule.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

/// Of a product, what a squaring takes.
constexpr double kSquaring = 0.75;

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

  bool counts_batches_;
  Schedule schedule_;
  double batches_ = 0;
};

/// Cells are rows of digits.
class Cells {
 public:
  Cells(const PublicKey& key, size_t count) : key_(key), row_(bigint::row_words(key.modulus().digits())), memory_(count * row_) {}
  const PublicKey& key() const { return key_; }
  size_t row_words() const { return row_; }
  uint64_t* row(size_t cell) { return memory_.data() + cell * row_; }

 private:
  const PublicKey& key_;
  size_t row_;
  Words memory_;
};

/// Computes with cells, on one thread.
class Processor {
 public:
  explicit Processor(Cells& cells)
      : cells_(cells),
        m_(cells.key().modulus()),
        unused_(cells.row_words()),
        a_(m_.words()),
        b_(m_.words()),
        scratch_(m_.digits()) {}

  void multiply(size_t to, size_t a, size_t b) { push({to, a, b, false}); }
  void square(size_t to, size_t a) { push({to, a, a, true}); }
  void copy(size_t to, size_t a) {
    schedule_.before_copy(to, a, *this);
    std::memcpy(cells_.row(to), cells_.row(a), cells_.row_words() * 8);
  }

  void flush() { schedule_.flush(*this); }

  void compute(std::span<const Schedule::Entry> entries) {
    std::array<const uint64_t*, kLanes> a, b;
    std::array<uint64_t*, kLanes> to;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const Schedule::Entry& e = entries[lane < entries.size() ? lane : 0];
      a[lane] = cells_.row(e.a);
      b[lane] = cells_.row(e.b);
      to[lane] = lane < entries.size() ? cells_.row(e.to) : unused_.data();
    }
    m_.kernels().gather(a_.data(), a.data(), m_.digits());
    if (Schedule::squares(entries)) {
      m_.square(a_.data(), a_.data(), scratch_);
    } else {
      m_.kernels().gather(b_.data(), b.data(), m_.digits());
      m_.multiply_public(a_.data(), a_.data(), b_.data(), scratch_);
    }
    m_.kernels().scatter(to.data(), a_.data(), m_.digits());
  }

 private:
  void push(const Schedule::Entry& entry) {
    schedule_.push(entry, *this);
    fetch(entry.a);
    fetch(entry.b);
  }

  /// Asks for a row to be brought near: it is read a batch later.
  void fetch(size_t cell) {
    for (size_t i = 0; i < cells_.row_words(); i += 8) __builtin_prefetch(cells_.row(cell) + i);
  }

  Cells& cells_;
  const Modulus& m_;
  Words unused_, a_, b_;
  Scratch scratch_;
  Schedule schedule_;
};

/// All steps in order on one machine, whose batches go on from step to step.
template <class Machine>
void walk(MultiExponent& steps, Machine& machine, size_t rows) {
  for (size_t group = 0; group < steps.groups(); ++group) {
    steps.prepare(machine, group);
    steps.multiply(machine, {group, 1}, {0, rows});
  }
  steps.finish(machine, {0, rows});
  steps.finish_common(machine);
}

/// On threads: tables that lie side by side are made at once, then rows shared out.
absl::Status walk_apart(MultiExponent& steps, Cells& cells, size_t rows, const Parallel& parallel) {
  constexpr size_t kMostRows = 256;  // whose partial products stay near while tables change
  const size_t slice = parallel.slice(rows, kMatvecLanes, kMostRows);
  const auto on_processor = [&](const auto& step) {
    Processor machine(cells);
    step(machine);
    machine.flush();
    return absl::OkStatus();
  };
  for (size_t first = 0; first < steps.groups(); first += steps.ahead()) {
    const Range groups = {first, std::min(steps.ahead(), steps.groups() - first)};
    ACIE_RETURN_IF_ERROR(parallel.run(groups.count, 1, [&](size_t i, size_t) {
      return on_processor([&](Processor& machine) { steps.prepare(machine, first + i); });
    }));
    ACIE_RETURN_IF_ERROR(parallel.run(rows, slice, [&](size_t row, size_t count) {
      return on_processor([&](Processor& machine) {
        steps.multiply(machine, groups, {row, count});
        if (groups.end() == steps.groups()) steps.finish(machine, {row, count});
      });
    }));
  }
  return on_processor([&](Processor& machine) { steps.finish_common(machine); });
}

/// One cell, or 1, for each lane of a block.
void read(Cells& cells, uint64_t* block, const std::array<size_t, kLanes>& which, Scratch& s) {
  const Modulus& m = cells.key().modulus();
  std::array<const uint64_t*, kLanes> rows;
  bigint::scatter(m.kernels(), s.rows.data(), m.one(), m.digits());
  for (size_t lane = 0; lane < kLanes; ++lane)
    rows[lane] = which[lane] == RowProducts::kNone ? s.rows.data() : cells.row(which[lane]);
  m.kernels().gather(block, rows.data(), m.digits());
}

Ciphertexts read(Cells& cells, const std::vector<size_t>& which) {
  Ciphertexts result(cells.key(), which.size());
  Scratch s(cells.key().modulus().digits());
  for (size_t i = 0; i < result.blocks(); ++i) {
    std::array<size_t, kLanes> lanes;
    for (size_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] = i * kLanes + lane < which.size() ? which[i * kLanes + lane] : RowProducts::kNone;
    read(cells, result.block(i), lanes, s);
  }
  return result;
}

/// As many products as OpenSSL's inversion takes time.
constexpr double kInversion = 400;

/// Groups of columns whose tables are made before their rows are shared out: fewer turns of threads waiting for each other.
constexpr size_t kTablesAtOnce = 4;

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

/// How many digits of the weights' magnitudes are not zero, for each window.
class Digits {
 public:
  explicit Digits(const WeightMatrix& w) : w_(w) {
    std::array<size_t, 256> small = {};
    for (const int64_t weight : w.weights)
      if (const uint64_t m = WeightMatrix::magnitude(weight); m < small.size())
        ++small[m];
      else
        add(m, 1);
    for (uint64_t m = 0; m < small.size(); ++m) add(m, small[m]);
  }

  /// What power tables take at least: a product for each digit beyond a partial product's first.
  double least_products(int window) const {
    const int windows = (w_.bits() + window - 1) / window;
    return digits_[static_cast<size_t>(window)] - 2 * windows * static_cast<double>(std::max<size_t>(w_.rows, kMatvecLanes));
  }

  /// And the tables: a squaring or more for each power of a column that occurs.
  double least_for_tables(int window) const {
    const uint64_t mask = (uint64_t{1} << window) - 1;
    std::vector<std::bitset<1 << kWidestWindow>> occurs(w_.columns);
    for (size_t r = 0; r < w_.rows; ++r)
      for (size_t c = 0; c < w_.columns; ++c)
        for (uint64_t m = WeightMatrix::magnitude(w_.at(r, c)); m != 0; m >>= window) occurs[c].set(m & mask);
    double entries = 0;
    for (auto& digits : occurs) entries += static_cast<double>(digits.reset(0).reset(1).count());
    return kSquaring * entries;
  }

 private:
  void add(uint64_t magnitude, size_t count) {
    for (int window = 1; window <= kWidestWindow; ++window)
      for (uint64_t m = magnitude; m != 0; m >>= window)
        if ((m & ((uint64_t{1} << window) - 1)) != 0) digits_[static_cast<size_t>(window)] += static_cast<double>(count);
  }

  WeightMatrix w_;
  std::array<double, kWidestWindow + 1> digits_ = {};
};

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
  MultiExponent steps({weights_, rows_, columns_}, method, window);
  walk(steps, counter, rows_);
  const RowProducts& rows = steps.result();
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
  const WeightMatrix w = {weights, rows, columns};
  const int bits = w.bits();
  ACIE_ASSIGN_OR_RETURN(Matvec result, create(weights, rows, columns, MatvecMethod::kShiftedSubsets, best_group(w)));
  // In order of simplicity, the simpler winning where two cost the same. A large matrix takes long to count: tables are only
  // where they might win.
  const MatvecPlan shifted = result.plan_;
  const Digits digits(w);
  std::optional<MatvecPlan> best;
  const auto consider = [&](const MatvecPlan& plan) {
    if (!best || plan.cost() < best->cost()) best = plan;
  };
  for (int window = 1; window <= std::min(bits, kWidestWindow); ++window) {
    const double limit = best ? std::min(best->cost(), shifted.cost()) : shifted.cost(), least = digits.least_products(window);
    if (least <= limit && least + digits.least_for_tables(window) <= limit) consider(result.count(MatvecMethod::kTables, window));
  }
  // A weight takes a look-up for each of its bits: no gain beyond a few.
  for (int group = 2; group <= kWidestWindow && bits <= 4; ++group) consider(result.count(MatvecMethod::kSubsets, group));
  consider(shifted);
  // A bucket is summed twice for each row, a table made once for all of them.
  for (int window = 2; window <= std::min(bits, kWidestWindow) && rows <= 64; ++window)
    consider(result.count(MatvecMethod::kBuckets, window));
  result.plan_ = *best;
  return result;
}

absl::StatusOr<Ciphertexts> Matvec::apply(const Ciphertexts& x, const Parallel& parallel) const {
  if (x.size() != columns_)
    return usage_error("a matrix of " + std::to_string(columns_) + " columns cannot multiply " + std::to_string(x.size()) +
                       " ciphertexts");
  const PublicKey& key = x.key();
  const Modulus& m = key.modulus();
  const int n = m.digits();
  const bool apart = parallel.threads > 1 && rows_ >= 2 * kMatvecLanes && plan_.method != MatvecMethod::kBuckets;
  MultiExponent steps({weights_, rows_, columns_}, plan_.method, plan_.window,
                      apart ? std::max(kTablesAtOnce, static_cast<size_t>(parallel.threads)) : 1);
  Cells cells(key, std::max(steps.cells(), columns_));
  Scratch s(n);
  for (size_t i = 0; i < x.blocks(); ++i) {
    bigint::scatter(key.kernels(), s.rows.data(), x.block(i), n);
    for (size_t lane = 0; lane < kLanes && i * kLanes + lane < columns_; ++lane)
      std::memcpy(cells.row(i * kLanes + lane), s.rows.data() + lane * bigint::row_words(n), bigint::row_words(n) * 8);
  }
  if (apart) {
    ACIE_RETURN_IF_ERROR(walk_apart(steps, cells, rows_, parallel));
  } else {
    Processor machine(cells);
    walk(steps, machine, rows_);
    machine.flush();
  }

  const RowProducts& rows = steps.result();
  Ciphertexts result = read(cells, rows.positive);
  if (rows.common != RowProducts::kNone) {
    std::array<size_t, kLanes> lanes;
    lanes.fill(rows.common);
    Ciphertexts divisor(key, kLanes);
    read(cells, divisor.block(0), lanes, s);
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts factor, inverse(divisor));
    for (size_t i = 0; i < result.blocks(); ++i) m.multiply_public(result.block(i), result.block(i), factor.block(0), s);
    return result;
  }
  if (plan_.inverted_rows == 0) return result;
  return subtract(result, read(cells, rows.negative));
}

}  // namespace acie::paillier
