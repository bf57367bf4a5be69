#include "kernels/crypto/paillier/Matvec.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>

#include "kernels/crypto/paillier/MultiExponent.h"
#include "kernels/crypto/paillier/Operations.h"
#include "runtime/status/Errors.h"

namespace acie::paillier {
namespace {

/// Counts, and finds how many cells there are.
class Counter {
 public:
  void multiply(size_t to, size_t, size_t) { ++products, see(to); }
  void square(size_t to, size_t) { ++squarings, see(to); }
  void copy(size_t to, size_t) { see(to); }

  int64_t products = 0, squarings = 0;
  size_t cells = 0;

 private:
  void see(size_t cell) { cells = std::max(cells, cell + 1); }
};

/// Cells are rows of digits; eight products that do not depend on each other are computed at a time.
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

  void multiply(size_t to, size_t a, size_t b) { push(to, a, b, false); }
  void square(size_t to, size_t a) { push(to, a, a, true); }
  void copy(size_t to, size_t a) {
    if (depends(to, a, a)) flush();
    std::memcpy(row(to), row(a), row_ * 8);
  }

  void flush() {
    if (count_ == 0) return;
    std::array<const uint64_t*, kLanes> a, b;
    std::array<uint64_t*, kLanes> to;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const Entry& e = waiting_[lane < count_ ? lane : 0];
      a[lane] = row(e.a);
      b[lane] = row(e.b);
      to[lane] = lane < count_ ? row(e.to) : unused_.data();
    }
    m_.kernels().gather(a_.data(), a.data(), m_.digits());
    if (squares_) {
      m_.square(a_.data(), a_.data(), scratch_);
    } else {
      m_.kernels().gather(b_.data(), b.data(), m_.digits());
      m_.multiply(a_.data(), a_.data(), b_.data(), scratch_);
    }
    m_.kernels().scatter(to.data(), a_.data(), m_.digits());
    count_ = 0;
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
  struct Entry {
    size_t to, a, b;
  };

  bool depends(size_t to, size_t a, size_t b) const {
    for (size_t i = 0; i < count_; ++i)
      if (waiting_[i].to == to || waiting_[i].to == a || waiting_[i].to == b || waiting_[i].a == to || waiting_[i].b == to)
        return true;
    return false;
  }

  void push(size_t to, size_t a, size_t b, bool square) {
    if (count_ == kLanes || depends(to, a, b)) flush();
    squares_ = square && (count_ == 0 || squares_);  // one product among them makes all of them products
    waiting_[count_++] = {to, a, b};
  }

  const Modulus& m_;
  size_t row_;
  Words memory_, unused_, a_, b_;
  Scratch scratch_;
  std::array<Entry, kLanes> waiting_;
  size_t count_ = 0;
  bool squares_ = false;
};

constexpr int kWidestWindow = 8;

}  // namespace

std::string_view name_of(MatvecMethod method) {
  switch (method) {
    case MatvecMethod::kTables: return "power tables";
    case MatvecMethod::kSubsets: return "subset products";
    case MatvecMethod::kBuckets: break;
  }
  return "buckets";
}

double MatvecPlan::cost() const {
  return static_cast<double>(products) + 0.75 * static_cast<double>(squarings) + 4.0 * static_cast<double>(inverted_rows) +
         (inverted_rows > 0 ? 12 : 0);
}

MatvecPlan Matvec::count(MatvecMethod method, int window) const {
  Counter counter;
  counter.cells = columns_;
  MultiExponent<Counter> walk(counter, {weights_, rows_, columns_});
  const RowProducts rows = walk.run(method, window);
  MatvecPlan plan;
  plan.method = method;
  plan.window = window;
  plan.products = counter.products;
  plan.squarings = counter.squarings;
  plan.numbers = counter.cells;
  plan.inverted_rows = static_cast<int64_t>(
      std::count_if(rows.negative.begin(), rows.negative.end(), [](size_t cell) { return cell != RowProducts::kNone; }));
  return plan;
}

absl::StatusOr<Matvec> Matvec::create(std::span<const int64_t> weights, size_t rows, size_t columns, MatvecMethod method,
                                      int window) {
  if ((columns != 0 && rows > std::numeric_limits<size_t>::max() / columns) || weights.size() != rows * columns)
    return usage_error("a matrix of " + std::to_string(rows) + " by " + std::to_string(columns) + " has not " +
                       std::to_string(weights.size()) + " weights");
  if (window < 1 || window > kWidestWindow) return usage_error("windows have 1 to 8 bits");
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
  if (plan_.inverted_rows == 0) return result;
  Ciphertexts below(key, rows_);
  read(below, rows.negative);
  return subtract(result, below);
}

}  // namespace acie::paillier
