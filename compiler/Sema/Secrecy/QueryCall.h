// A query applied to values of a graph, encrypted or not: `doubled(mass: c, rate: d)`.
//
// Evidence that is encrypted may enter the answer only as a sum of products with plaintexts. So each variable of each world is
// held as Σ coefficient · encrypted + rest, coefficients and rest being plain expressions: what recovering a noise divides by and
// predicting multiplies by again cancels before anything is rounded.
//
// What is random is held as a vector, an element for each draw: coefficients and rest depend on noise, encrypted values do not.
// So E[Σ coefficient · encrypted + rest] is Σ E[coefficient] · encrypted + E[rest], draws being plain numbers at who computes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/Sema/Builder.h"

namespace acie::sema {

class QueryCall {
 public:
  /// Uniform numbers of the noise of a name, one for each draw.
  using Draws = std::function<Value(const std::string& noise, Span span)>;

  /// `given`: value of each evidence column and input by name; `encrypted` are those of them that are.
  QueryCall(Builder& builder, const Query& query, std::map<std::string, Value> given, std::map<std::string, bool> encrypted, Draws draws)
      : builder_(builder), query_(query), given_(std::move(given)), encrypted_(std::move(encrypted)), draws_(std::move(draws)) {}

  /// Names that must be given: evidence that is a column, inputs that the answer needs, arguments.
  static std::vector<std::string> parameters(const Query& query);

  /// A sum of products with encrypted evidence: coefficients by its name.
  struct Affine {
    std::map<std::string, Value> coefficients;
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
  std::optional<Affine> recover(const Recovery& recovery);
  std::optional<Affine> evidence(const Variable& variable);
  bool affected(const Variable& variable, WorldId world);
  Affine plain(Value value) const { return {{}, std::move(value)}; }
  std::optional<Affine> sum(const Affine& a, const Affine& b, bool subtract, Span span);
  std::optional<Affine> scaled(const Affine& a, const Value& factor, Op op, Span span);
  std::optional<Affine> refuse(const Expr& expr, const Affine& operand);
  /// coefficient of `unknown` in `expr` and what is left without it.
  struct Linear {
    std::optional<Value> slope;
    Affine rest;
  };
  std::optional<Linear> linear(const Expr* expr, const Variable& unknown);

  // ---- QueryDraws.cpp
  std::optional<Affine> noise(const Expr& expr);
  std::optional<Affine> estimate(const Expr& expr, WorldId world);
  /// Over the draws; of what is not random, itself.
  Value mean(const Value& v, Span span);
  std::optional<Affine> spread(const Expr& expr, const Affine& operand);
  std::optional<Affine> set_per_run(const Expr& expr);

  Builder& builder_;
  const Query& query_;
  std::map<std::string, Value> given_;
  std::map<std::string, bool> encrypted_;
  Draws draws_;
  std::map<std::pair<const Variable*, WorldId>, Affine> variables_;
  std::map<std::pair<const Expr*, WorldId>, Affine> nodes_;
  std::map<std::pair<const Variable*, WorldId>, bool> affected_;
};

}  // namespace acie::sema
