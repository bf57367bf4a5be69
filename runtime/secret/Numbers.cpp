#include "runtime/secret/Numbers.h"

#include <cstring>
#include <vector>

#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

absl::Status too_large() { return run_error("an integer leaves the interval that the compiler proved; the package is not sound"); }

int64_t word(const Numbers& numbers, size_t i) { return static_cast<int64_t>(numbers.data[i]); }

}  // namespace

absl::Status Numbers::set(size_t i, const Integer& value) {
  return value.to_words({at(i), static_cast<size_t>(words)}) ? absl::OkStatus() : too_large();
}

Numbers Numbers::copy() const {
  Numbers result(words, count);
  if (count != 0) std::memcpy(result.data.data(), data.data(), data.size() * 8);
  return result;
}

absl::StatusOr<Numbers> resized(const Numbers& from, int words) {
  if (from.words == words) return from.copy();
  Numbers result(words, from.count);
  for (size_t i = 0; i < from.count; ++i) ACIE_RETURN_IF_ERROR(result.set(i, from.integer(i)));
  return result;
}

Numbers select(const Numbers& from, std::span<const int64_t> indices) {
  Numbers result(from.words, indices.size());
  for (size_t i = 0; i < indices.size(); ++i)
    std::memcpy(result.at(i), from.at(static_cast<size_t>(indices[i])), static_cast<size_t>(from.words) * 8);
  return result;
}

absl::StatusOr<Numbers> combine(Arithmetic how, const Numbers& a, const Numbers& b, int words) {
  Numbers result(words, a.count);
  const bool single = a.words == 1 && b.words == 1 && words == 1;
  for (size_t i = 0; i < a.count; ++i) {
    if (single) {
      int64_t value = 0;
      const bool overflows = how == Arithmetic::Add        ? __builtin_add_overflow(word(a, i), word(b, i), &value)
                             : how == Arithmetic::Subtract ? __builtin_sub_overflow(word(a, i), word(b, i), &value)
                                                           : __builtin_mul_overflow(word(a, i), word(b, i), &value);
      if (overflows) return too_large();
      result.data[i] = static_cast<uint64_t>(value);
      continue;
    }
    const Integer x = a.integer(i), y = b.integer(i);
    ACIE_RETURN_IF_ERROR(result.set(i, how == Arithmetic::Add ? x + y : how == Arithmetic::Subtract ? x - y : x * y));
  }
  return result;
}

absl::StatusOr<Numbers> negate(const Numbers& a, int words) { return combine(Arithmetic::Subtract, Numbers(1, a.count), a, words); }

absl::StatusOr<Numbers> product(const Numbers& a, const Numbers& b, size_t rows, size_t inner, size_t columns, int words) {
  Numbers result(words, rows * columns);
  const bool single = a.words == 1 && b.words == 1 && words == 1;
  for (size_t row = 0; row < rows; ++row)
    for (size_t column = 0; column < columns; ++column) {
      const size_t to = row * columns + column;
      if (single) {
        __int128 total = 0;
        bool overflows = false;
        for (size_t i = 0; i < inner; ++i)
          overflows |= __builtin_add_overflow(
              total, static_cast<__int128>(word(a, row * inner + i)) * word(b, i * columns + column), &total);
        if (overflows || total != static_cast<int64_t>(total)) return too_large();
        result.data[to] = static_cast<uint64_t>(total);
        continue;
      }
      Integer total;
      for (size_t i = 0; i < inner; ++i) total = total + a.integer(row * inner + i) * b.integer(i * columns + column);
      ACIE_RETURN_IF_ERROR(result.set(to, total));
    }
  return result;
}

absl::StatusOr<Numbers> sums(const Numbers& a, size_t terms, int words) {
  Numbers ones(1, terms);
  for (size_t i = 0; i < terms; ++i) ones.data[i] = 1;
  return product(a, ones, terms == 0 ? 0 : a.count / terms, terms, 1, words);
}

absl::StatusOr<std::vector<int64_t>> as_int64(const Numbers& a) {
  ACIE_ASSIGN_OR_RETURN(const Numbers narrow, resized(a, 1));
  std::vector<int64_t> result(a.count);
  for (size_t i = 0; i < a.count; ++i) result[i] = word(narrow, i);
  return result;
}

}  // namespace acie::secret
