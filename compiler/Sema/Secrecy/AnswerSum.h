// The answer of a query that a graph calls, Σ coefficient · encrypted + rest, as products of matrices with what is encrypted.
//
// What comes from the elements of one encrypted tensor is one matrix times it, whose rows are the answer's elements; or where only
// its diagonal is there, an element-wise product. Matrices are made of plaintexts, and rounded once.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "compiler/Sema/Secrecy/GraphElaborator.h"

namespace acie::sema {

class AnswerSum {
 public:
  AnswerSum(GraphElaborator& graph, const QueryCall& call, Shape shape, Span span)
      : graph_(graph), build_(graph.expressions()), call_(call), shape_(std::move(shape)), span_(span) {}

  /// `rows`: the answer, or where its elements are by themselves each of them. Poison after reporting.
  Value of(const std::vector<QueryCall::Affine>& rows);

 private:
  /// What multiplies the elements of an encrypted tensor: a line for each element of the answer.
  struct Part {
    Value value;
    unsigned factors = 0;
    int single = -1;                                              // the last base that is an element
    std::map<std::pair<int64_t, int64_t>, Value> entries = {};    // by line and element
    std::map<int64_t, const Expr*> lines = {};                    // whole lines, [1, elements]
    const Expr* matrix = nullptr;                                 // all lines
  };
  Part& part_of(const Value& value, unsigned factors);
  void gather(const std::vector<QueryCall::Affine>& rows);
  void add_matrix(int64_t row, const QueryCall::Base& base, const Value& coefficient);
  const Expr* plus(const Expr* a, const Expr* b);
  /// Times `of`, whose elements were multiplied by `made` factors on the way, added to the answer. False after reporting.
  bool add_product(const Value& coefficient, const Value& of, unsigned made);
  bool add_part(const Part& part);
  bool add(const Value& term);
  Value factor(const Value& v, unsigned made);
  Value filled(const Shape& shape, const std::map<std::pair<int64_t, int64_t>, Value>& items, int64_t columns);

  GraphElaborator& graph_;
  Builder& build_;
  const QueryCall& call_;
  const Shape shape_;
  const Span span_;
  std::vector<Part> parts_;
  std::map<const Expr*, size_t> part_numbers_;
  std::map<int, std::map<std::pair<int64_t, int64_t>, Value>> others_;  // of each base that is used as it is, by row
  int64_t lines_ = 1;
  bool by_element_ = false;  // a tensor that is one row, and has a line for each element
  bool whole_ = true;        // all factors are whole numbers
  unsigned deepest_ = 0;
  Value total_;
};

}  // namespace acie::sema
