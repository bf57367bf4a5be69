// A query applied to values of a graph, encrypted or not: `doubled(mass: c, rate: d)`.
//
// Evidence that is encrypted may enter the answer only as a sum of products with plaintexts. So each variable of each world is
// held as Σ coefficient · encrypted + rest, coefficients and rest being plain expressions: what recovering a noise divides by and
// predicting multiplies by again cancels before anything is rounded.
//
// What is random is held as a vector, an element for each draw: coefficients and rest depend on noise, encrypted values do not.
// So E[Σ coefficient · encrypted + rest] is Σ E[coefficient] · encrypted + E[rest], draws being plain numbers at who computes.
//
// Tensors are held whole. A linear map of one, `A @ x` or a sum along an axis, is encrypted like what is given: another base.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/Sema/Builder.h"

namespace acie::sema {

class QueryCall {
 public:
  /// Uniform numbers of the noise of a name, one for each draw.
  using Draws = std::function<Value(const std::string& noise, Span span)>;
  /// Plaintexts as factors of ciphertexts, at 2^-bits.
  using Factors = std::function<Value(const Value& v, unsigned bits, Span span)>;

  /// A value for a variable, an argument, or an element of one that is a vector of variables, the `family`.
  struct Given {
    Value value;
    bool encrypted = false;
    std::string family = {};
    int64_t element = 0;
  };
  QueryCall(Builder& builder, const Query& query, std::map<std::string, Given> given, Draws draws, Factors factors)
      : builder_(builder), query_(query), given_(std::move(given)), draws_(std::move(draws)), factors_(std::move(factors)) {}

  /// What must be given: evidence that is a column, inputs that the answer needs, arguments.
  struct Parameter {
    std::string name;
    Type type;
    std::vector<std::string> elements = {};  // of a vector of variables: their names, row-major
  };
  static std::vector<Parameter> parameters(const Query& query);

  /// What is encrypted in an answer: a value that is given, or what linear maps make of one, on the way multiplied by `factors`
  /// factors of kFactorBits.
  struct Base {
    std::string name;  // of what is given
    Value value;
    unsigned factors = 0;
    std::string family = {};
    int64_t element = 0;
  };
  const Base& base(int id) const { return bases_[static_cast<size_t>(id)]; }

  /// Σ coefficient · base + rest, element by element. Coefficients of tensors are tensors or numbers.
  struct Affine {
    std::map<int, Value> coefficients;
    Value rest;  // poison: nothing
  };
  /// Of one output; nothing after reporting.
  std::optional<Affine> answer(const Output& output);

 private:
  std::optional<Affine> of(const Expr* expr, WorldId world);
  std::optional<Affine> node(const Expr& expr, WorldId world);
  std::optional<Affine> variable(const Variable& variable, WorldId world);
  std::optional<Affine> natural(const Variable& variable, WorldId world);
  std::optional<Affine> compute(const Variable& variable, WorldId world);
  std::optional<Affine> given(const std::string& name, Span span);
  bool affected(const Variable& variable, WorldId world);
  Affine plain(Value value) const { return {{}, std::move(value)}; }
  std::optional<Affine> sum(const Affine& a, const Affine& b, bool subtract, Span span);
  std::optional<Affine> scaled(const Affine& a, const Value& factor, Op op, Span span);
  std::optional<Affine> chosen(const Expr& expr, const std::vector<Affine>& operands);
  std::optional<Affine> refuse(const Expr& expr, const Affine& operand);
  // ---- QueryRecovery.cpp
  /// Coefficients of `unknowns` in `expr`, null where one is not in it, and what is left without them.
  using Unknowns = std::vector<const Variable*>;
  struct Linear {
    std::vector<std::optional<Value>> slopes;
    Affine rest;
  };
  std::optional<Linear> linear(const Expr* expr, const Unknowns& unknowns);
  std::optional<Affine> recover(const Recovery& recovery);
  /// Of as many equations as unknowns.
  std::optional<Affine> recover_jointly(const Recovery& recovery);

  // ---- QueryTensors.cpp
  std::optional<Affine> tensor_map(const Expr& expr, WorldId world);
  /// What `expr` makes of `base`, its operand `position`; `scale` is its coefficient where that is a tensor.
  std::optional<int> mapped(const Expr& expr, size_t position, int base, const Value* scale, const std::vector<Affine>& operands);

  // ---- QueryDraws.cpp
  std::optional<Affine> noise(const Expr& expr);
  std::optional<Affine> estimate(const Expr& expr, WorldId world);
  /// Over the draws; of what is not random, itself.
  Value mean(const Value& v, Span span);
  std::optional<Affine> spread(const Expr& expr, const Affine& operand);
  std::optional<Affine> set_per_run(const Expr& expr);

  Builder& builder_;
  const Query& query_;
  std::map<std::string, Given> given_;
  Draws draws_;
  Factors factors_;
  std::vector<Base> bases_;
  std::map<std::string, int> encrypted_;  // bases that are given
  std::map<std::tuple<const Expr*, int, const Expr*, const Expr*>, int> mapped_;  // by map, base, coefficient and matrix
  std::map<std::pair<const Variable*, WorldId>, Affine> variables_;
  std::map<std::pair<const Expr*, WorldId>, Affine> nodes_;
  std::map<std::pair<const Variable*, WorldId>, bool> affected_;
};

}  // namespace acie::sema
