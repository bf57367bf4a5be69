#include "runtime/package/PartyFunctions.h"

#include <algorithm>

namespace acie::package {
namespace {

bool is_suffix(const Shape& part, const Shape& whole) {
  return part.size() <= whole.size() && std::equal(part.rbegin(), part.rend(), whole.rbegin());
}

}  // namespace

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  if (is_suffix(b, a)) return a;
  if (is_suffix(a, b)) return b;
  return std::nullopt;
}

std::optional<ProductSize> product_size(const Shape& a, const Shape& b) {
  if (a.empty() || a.size() > 2 || b.empty() || b.size() > 2 || a.back() != b.front()) return std::nullopt;
  ProductSize size;
  size.inner = a.back();
  if (a.size() == 2) size.result.push_back(size.rows = a[0]);
  if (b.size() == 2) size.result.push_back(size.columns = b[1]);
  return size;
}

bool fits(PlainFunction function, const std::vector<Shape>& operands, const Shape& result) {
  using F = PlainFunction;
  if (function <= kLastOfTwo) return operands.size() == 2 && broadcast(operands[0], operands[1]) == result;
  if (function <= kLastOfOne) return operands.size() == 1 && operands[0] == result;
  switch (function) {
    case F::Select: case F::BetaCdf: case F::BetaQuantile: {
      if (operands.size() != 3) return false;
      const std::optional<Shape> branches = broadcast(operands[1], operands[2]);
      return branches && broadcast(operands[0], *branches) == result;
    }
    case F::MatMul: {
      if (operands.size() != 2) return false;
      const std::optional<ProductSize> size = product_size(operands[0], operands[1]);
      return size && size->result == result;
    }
    case F::Softmax:
      return operands.size() == 1 && !operands[0].empty() && operands[0] == result;
    case F::TopK:
      return operands.size() == 1 && operands[0].size() == 1 && result.size() == 1 && result[0] <= operands[0][0];
    case F::Take: {
      if (operands.size() != 2 || operands[0].empty() || operands[1].size() > 1) return false;
      Shape expected = operands[1];
      expected.insert(expected.end(), operands[0].begin() + 1, operands[0].end());
      return expected == result;
    }
    case F::Solve: case F::SolveLower: case F::SolveUpper:
      return operands.size() == 2 && routines::fits(routine_of(function), operands[0], operands[1], result);
    case F::Cholesky: case F::Inverse: case F::Fft: case F::InverseFft: case F::RealFft: case F::InverseRealFft: case F::CumulativeSum: case F::Sort:
      return operands.size() == 1 && routines::fits(routine_of(function), operands[0], {}, result);
    default:  // over the last axis
      return operands.size() == 1 && !operands[0].empty() &&
             std::equal(result.begin(), result.end(), operands[0].begin(), operands[0].end() - 1);
  }
}

}  // namespace acie::package
