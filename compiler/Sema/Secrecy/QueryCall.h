// A query applied to values of a graph, encrypted or not: `doubled(mass: c, rate: d)`.
//
// Evidence that is encrypted may enter the answer only as a sum of products with plaintexts. So each variable of each world is
// held as Σ coefficient · encrypted + rest, coefficients and rest being plain expressions: what recovering a noise divides by and
// predicting multiplies by again cancels before anything is rounded.
//
// What is random is held as a vector, an element for each draw, a tensor with one more axis: coefficients and rest depend on
// noise, encrypted values do not. So E[Σ coefficient · encrypted + rest] is Σ E[coefficient] · encrypted + E[rest], draws being
// plain numbers at who computes.
//
// Tensors are held whole. A linear map of one, `A @ x` or a sum along an axis, is encrypted like what is given: another base; of
// a number that is stretched to a tensor it is another coefficient. Loops are written out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/Sema/Builder.h"

namespace acie::sema {

class QueryCall {
 public:
  /// Uniform numbers of the noise of a name, one for each draw.
  using Draws = std::function<Value(const Noise& noise, const Shape& shape, Span span)>;
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

  /// What is encrypted in an answer, of `shape`: a value that is given, or one that is rearranged from it; an element of base
  /// `whole`; or a plain matrix times the elements of such a value. Matrices are multiplied with each other in the clear, so
  /// that what recovering solves and predicting multiplies again cancels here, too, and one rounding is left. Where that
  /// cannot be, the value is multiplied by `factors` factors of kFactorBits on the way.
  struct Base {
    std::string name;  // of what is given
    Value value;
    Shape shape;
    const Expr* matrix = nullptr;  // [elements, those of the value]
    unsigned factors = 0;
    int whole = -1;
    int64_t element = 0;
  };
  const Base& base(int id) const { return bases_[static_cast<size_t>(id)]; }

  /// Σ coefficient · base + rest, element by element. Coefficients of tensors are tensors or numbers; a base that is a number
  /// is in each element.
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
  int base_of_given(const std::string& name);
  int element_of(int whole, int64_t element);
  bool affected(const Variable& variable, WorldId world);
  Affine plain(Value value) const { return {{}, std::move(value)}; }
  /// Adds or subtracts; false after reporting.
  bool add(Affine& to, const Affine& term, bool subtract, Span span);
  std::optional<Affine> sum(Affine a, const Affine& b, bool subtract, Span span);
  std::optional<Affine> scaled(const Affine& a, const Value& factor, Op op, Span span);
  std::optional<Affine> chosen(const Expr& expr, const std::vector<Affine>& operands);
  std::optional<Affine> refuse(const Expr& expr, const Affine& operand);
  // ---- QueryRecovery.cpp
  /// What an equation is solved for: which of `count` unknowns a node is, and the nodes that hold one.
  struct Unknowns {
    std::function<std::optional<size_t>(const Expr&)> which;
    size_t count = 1;
    std::string name;  // of the first
    std::set<const Expr*> holders = {};
    bool number = true;  // no tensor
    bool in(const Expr* e) const { return holders.contains(e); }
  };
  static Unknowns unknowns_in(const Expr* root, std::function<std::optional<size_t>(const Expr&)> which, size_t count, std::string name);
  static Unknowns unknowns_in(const Expr* root, const std::vector<const Variable*>& variables);
  /// Coefficients of the unknowns in an expression, nothing for one that is not in it, and what is left without them.
  struct Linear {
    std::vector<std::optional<Value>> slopes;
    Affine rest;
  };
  std::optional<Linear> linear(const Expr* expr, const Unknowns& unknowns);
  std::optional<Linear> linear_map(const Expr& expr, const Unknowns& unknowns);
  std::optional<Affine> recover(const Recovery& recovery);
  /// Of `expr` = `value`, the one unknown.
  std::optional<Affine> solved(const Expr* expr, const Unknowns& unknown, const Affine& value);
  // ---- QueryInverses.cpp
  /// The same where it stands in one place, in tensors: each operation on the way to it is undone.
  std::optional<Affine> undone(const Expr* expr, const Unknowns& unknown, Affine value);
  std::optional<Affine> undone_view(const Expr& view, const Affine& value);
  std::optional<Affine> undone_product(const Expr& product, size_t operand, const Affine& value);
  std::optional<Affine> undone_routine(const Expr& routine, size_t operand, const Affine& value);
  std::optional<Affine> undone_steps(const Expr& every, const Unknowns& unknown, const Affine& value);
  // ---- QueryTogether.cpp
  /// Evidence of several equations, linear in the unknowns that they are solved for together.
  struct System {
    std::vector<std::vector<Value>> slopes;  // by equation and unknown
    std::vector<Affine> left;                // what the evidence is without all else that its equation adds
  };
  std::optional<System> system_of(const Recovery& recovery);
  bool same_in_draws(const std::vector<std::vector<Value>>& rows, const Recovery& recovery);
  const Expr* matrix_of_numbers(const std::vector<std::vector<Value>>& rows, Span span);
  std::optional<Affine> weighted(const std::vector<Affine>& terms, const std::vector<Value>& weights, Span span);
  /// Of as many equations as unknowns.
  std::optional<Affine> recover_jointly(const Recovery& recovery);
  /// Of fewer, the unknowns being normal.
  std::optional<Affine> recover_conditioned(const Recovery& recovery);

  // ---- QueryTensors.cpp
  std::optional<Affine> tensor_map(const Expr& expr, WorldId world);
  std::optional<Affine> loop(const Expr& expr, WorldId world);
  /// The same where what the operands are is known, whatever stands in their places.
  std::optional<Affine> map_of(const Expr& expr, const std::vector<Affine>& operands);
  static bool is_linear_map(const Expr& expr);
  bool map_coefficients(const Expr& expr, const std::vector<Affine>& operands, Affine& result);
  const Expr* rest_of(const Expr& expr, const std::vector<Affine>& operands);
  Value part_of(const Value& coefficient, const Shape& own, int64_t place);
  bool add_mapped(const Expr& expr, size_t position, const std::vector<Affine>& operands, Affine& result);
  /// What `expr` makes of tensor `id`, its operand `position`, and of its coefficient, which is not changed where that is a number.
  std::optional<int> mapped(const Expr& expr, size_t position, int id, Value& coefficient, const std::vector<Affine>& operands);
  bool realise(const Expr& expr, size_t position, const Expr* by, const Expr* beside, Base& made);
  // ---- QueryMatrices.cpp
  /// The matrix of `expr` over the elements of its operand `position`, of which `base` is one with `coefficient`; null where the
  /// map is no matrix times one column, or needs none.
  const Expr* matrix_for(const Expr& expr, size_t position, const Base& base, const Expr* coefficient, const Expr* beside);
  const Expr* rows_of(const Expr& expr, const Expr* matrix);
  /// Each row of a matrix times its number.
  const Expr* rows_times(const Expr* matrix, const Expr* numbers, Span span);
  const Expr* columns_times(const Expr* matrix, const Expr* numbers, Span span);
  const Expr* turned(const Expr* matrix, Span span);

  // ---- QueryDrawnTensors.cpp
  /// A tensor of this shape with its draws.
  static Shape drawn_shape(Shape shape);
  /// Whether a value of what has shape `own` has draws.
  static bool is_drawn(const Value& v, const Shape& own) { return v.is_tensor() && v.shape.size() > own.size(); }
  /// A number's draws, or a tensor that has none, as a tensor of `shape` with draws; a number is itself.
  Value over_draws(const Value& v, const Shape& own, const Shape& shape);
  Affine over_draws(const Affine& a, const Shape& own, const Shape& shape);
  void meet_tensors(const Expr& expr, std::vector<Affine>& operands);
  void meet(std::vector<Value>& operands);
  /// op of values some of which may have draws.
  Value apply(Op op, std::vector<Value> operands, Span span);
  const Expr* drawn_map(const Expr& expr, std::vector<const Expr*> operands, const std::vector<bool>& drawn);
  const Expr* moved(const Expr* of, size_t from, size_t to);

  // ---- QueryDraws.cpp
  std::optional<Affine> noise(const Expr& expr);
  std::optional<Affine> estimate(const Expr& expr, WorldId world);
  /// Over the draws; of what is not random, itself. `own`: the shape of one draw.
  Value mean(const Value& v, const Shape& own, Span span);
  std::optional<Affine> spread(const Expr& expr, const Affine& operand);
  std::optional<Affine> quantile(const Expr& expr, const Affine& operand);
  std::optional<Affine> set_per_run(const Expr& expr);

  /// A term takes about 5 kB while compiling: some gigabytes.
  static constexpr size_t kMostTerms = size_t{1} << 19;

  Builder& builder_;
  const Query& query_;
  std::map<std::string, Given> given_;
  Draws draws_;
  Factors factors_;
  std::vector<Base> bases_;
  size_t terms_ = 0;
  std::map<std::string, int> encrypted_;  // bases that are given
  std::map<std::pair<int, int64_t>, int> elements_;  // by base and place
  std::map<std::tuple<const Expr*, size_t, int, const Expr*, const Expr*>, int> mapped_;  // by map, operand, base, coefficient and matrix
  std::map<std::pair<const Variable*, WorldId>, Affine> variables_;
  std::map<std::pair<const Expr*, WorldId>, Affine> nodes_;
  std::map<std::pair<const Variable*, WorldId>, bool> affected_;
};

}  // namespace acie::sema
