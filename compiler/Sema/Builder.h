// Makes typed expression nodes: the typing rule of every operation, conversions, and folding of constants to the bits the
// run would give.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Program.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

class Builder {
 public:
  Builder(Program& program, DiagnosticEngine& diagnostics) : program_(program), diagnostics_(diagnostics) {}

  Program& program() { return program_; }
  DiagnosticEngine& diagnostics() { return diagnostics_; }

  // ---- leaves
  const Expr* number(double value, Span span, units::Unit unit = {});
  const Expr* integer(int64_t value, Span span);
  const Expr* truth(bool value, Span span);
  const Expr* variable(const Variable* variable, WorldId world, Span span);
  const Expr* natural(const Variable* variable, WorldId world, Span span);
  const Expr* slot(const Slot* slot, Span span);
  const Expr* present(const Slot* slot, Span span);
  /// Of a tensor of noises: one per element.
  const Expr* noise(const Noise* noise, Span span, const Shape& shape = {});

  static Value value(const Expr* expr, bool literal = false);

  // ---- tensors: the operations below work element by element on them; only numbers broadcast
  /// Items as one tensor, in one scalar kind and unit; reports items that do not fit together.
  Value tensor(Shape shape, std::vector<Value> items, Span span);
  Value record(std::vector<std::string> fields, std::vector<Value> items, Span span);
  /// f of the elements at the same place in each operand; numbers go to every place. `what` names the operation in errors.
  Value elementwise(const std::vector<Value>& operands, Span span, const std::string& what,
                    const std::function<Value(std::vector<Value>)>& f);
  /// The sum of `terms` (not empty), added in pairs of pairs: an error of log(n) roundings and a tree as deep.
  Value sum(const std::vector<Value>& terms, Span span);

  // ---- WholeTensors.cpp
  /// While it lives, the body of a loop is elaborated for all its places at once: numbers whose expression has a shape stand
  /// for one number a place, and do not meet tensors of that or any shape.
  class Loop {
   public:
    /// `shape`: of the places, where what stands inside may need it.
    explicit Loop(Builder& builder, Shape shape = {}) : builder_(builder), outer_(std::exchange(builder.loop_shape_, std::move(shape))) { ++builder_.loops_; }
    ~Loop() {
      --builder_.loops_;
      builder_.loop_shape_ = std::move(outer_);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

   private:
    Builder& builder_;
    Shape outer_;
  };
  bool in_loop() const { return loops_ > 0; }
  const Shape& loop_shape() const { return loop_shape_; }
  /// While it lives, the step of a scan is elaborated once for all: what meets a whole tensor becomes one, however small.
  class Step {
   public:
    explicit Step(Builder& builder) : builder_(builder) { ++builder_.steps_; }
    ~Step() { --builder_.steps_; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Builder& builder_;
  };
  /// Element `position` of a constant, of a Dense or a number, as a constant.
  static Expr element_of(const Expr& constant, int64_t position);
  /// A whole tensor of an expression that has a shape; a number of one that has none.
  static Value whole(const Expr* expr, Span span);
  /// A tensor as one expression, whatever it was. Numbers become tensors of `shape`.
  const Expr* as_whole(const Value& v, const Shape& shape);
  /// A tensor as a list of numbers, whatever it was.
  Value as_items(const Value& v);
  /// One element of a tensor, by row-major position, read from where it comes from: of a sum of tensors the sum of their
  /// elements. What folds or multiplies matrices is computed as a whole, and its element read.
  const Expr* element(const Expr* whole, int64_t position);
  /// Tensors and numbers as expressions in one scalar kind and unit; empty after reporting.
  std::vector<const Expr*> join(std::vector<Value> parts, Span span);
  const Expr* dense(Shape shape, std::vector<double> numbers, const Type& type, Span span);
  const Expr* view(const Expr* of, Shape shape, int64_t offset, std::vector<int64_t> strides, Span span);
  /// `count(shape)` elements in a row, the first at `offset`.
  const Expr* part(const Expr* of, const Shape& shape, int64_t offset, Span span);
  /// The same elements in another shape.
  const Expr* reshaped(const Expr* of, const Shape& shape, Span span);
  /// A tensor with axes that stretch as one of `shape`.
  Value stretched_to(const Value& v, const Shape& shape);
  /// The same with one element along those axes: what stands by itself stretches to nothing.
  static Value settled_axes(Value v);
  /// The first place along the first axis.
  const Expr* first_part(const Expr* of, Span span);
  const Expr* gather(const Expr* of, const Expr* places, Span span);
  const Expr* concat(std::vector<const Expr*> parts, Shape shape, Span span);
  /// A product has the power of the unit: `unit`.
  const Expr* fold_axes(Folding folding, const Expr* of, size_t axes, Span span, const std::optional<units::Unit>& unit = std::nullopt);
  const Expr* routine(routines::Routine which, std::vector<const Expr*> operands, Type type, Span span);
  /// Integers at even steps: what a name of a comprehension stands for at each place.
  const Expr* places(Shape shape, int64_t offset, std::vector<int64_t> strides, Span span);
  /// The smallest and the largest of Places, as sizes. Steps go up or are known.
  static std::pair<int64_t, int64_t> ends_of(const Expr& places);
  /// A size as a value: a number, or one that is read at start.
  Value size(int64_t size, Span span);
  /// What `expr` is as a size; nullopt where it is none.
  static std::optional<int64_t> size_of(const Expr* expr);
  /// The type's unit is the product of the operands'.
  const Expr* contract(const Expr* a, const Expr* b, Shape shape, const Type& type, Span span);
  /// `node` of other operands of the same types, or the constant that it is of these.
  const Expr* again(const Expr& node, std::vector<const Expr*> operands);

  /// op(operands) with the typing rule of its group; reports what does not fit and answers poison.
  Value apply(Op op, std::vector<Value> operands, Span span);

  /// `v` as `to`: same scalar kind class, converted to its unit. For annotations, parameters and results: `what` says
  /// which ("the result of `f`"), `declared` is where the type stands.
  Value coerce(const Value& v, const Type& to, Span span, const std::string& what);
  /// Reports a constant outside a declared range, in the value's unit; true where there is nothing to report.
  bool within(const Value& v, const std::optional<Range>& range, const std::string& what);

  /// x as <unit>, x as f32.
  Value as_unit(const Value& v, const units::Unit& unit, Span span);
  Value as_scalar(const Value& v, ScalarKind kind, Span span);

  /// if c then a else b.
  Value select(const Value& condition, const Value& then, const Value& otherwise, Span span);

  /// A copy of `expr` in which references to this world are references to `world`.
  const Expr* in_world(const Expr* expr, WorldId world);
  Value in_world(const Value& v, WorldId world);

  /// Reports a value that is no number (a law, a function, a model's name). False and silent if poisoned.
  bool require_number(const Value& v);
  /// The same where a tensor will do as well.
  bool require_numbers(const Value& v) { return v.is_tensor() || require_number(v); }

 private:
  /// The node, or the constant it is.
  const Expr* made(Expr expr);
  const Expr* node(Op op, Type type, std::vector<const Expr*> operands, Span span);
  static std::optional<Expr> fold_elements(const Expr& apply);
  static std::optional<Expr> fold_places(const Expr& apply);
  /// `of`, of shape `own`, repeated along the axes of `shape` that it stretches to.
  const Expr* stretched(const Expr* of, const Shape& own, const Shape& shape, Span span);
  const Expr* convert_scalar(const Expr* expr, ScalarKind kind, Span span);
  const Expr* scale(const Expr* expr, const units::Unit& to, Span span);
  /// Both operands in one scalar kind, literals adapting; nullopt after reporting.
  bool unify(std::vector<Value>& operands, bool to_float, Op op, Span span);
  /// Operands in one unit, that of the first that has one.
  bool unify_units(std::vector<Value>& operands, Op op, Span span);
  /// Reports values of finite types where numbers are meant; true where there are none.
  bool require_no_finite(const std::vector<Value>& operands, Op op);
  Value arithmetic(Op op, std::vector<Value> operands, Span span);
  Value power(const Value& base, const Value& exponent, Span span);
  Value function(Op op, std::vector<Value> operands, Span span);
  void report_units(const Value& a, const Value& b, const std::string& message, Span span);

  std::map<std::pair<const Expr*, int64_t>, const Expr*> elements_;  // of wholes, by position
  int loops_ = 0;
  Shape loop_shape_;  // of the innermost loop's places
  int steps_ = 0;
  bool mixed_ = false;  // a loop's numbers met a long tensor, which is reported
  Program& program_;
  DiagnosticEngine& diagnostics_;
};

}  // namespace acie::sema
