// The checked program: what Sema hands to the rest of the compiler.
//
// Everything is resolved: names are pointers, functions are inlined, units are converted, sugar is gone (`do x += e`,
// conditional `do`, `var x ~ law`), and every decision that can be taken without running is taken (how each noise is
// recovered, what is random, which stage computes what). The passes carry these decisions out; they report no user
// errors.
//
// Expressions are immutable nodes of a DAG owned by the Program: a `let` or an inlined argument used twice is one node.
// A value with a unit is stored as a plain number in the unit of its type; conversions are explicit multiplications.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/Support/Sizes.h"
#include "compiler/Support/Span.h"
#include "kernels/routines/Routine.h"
#include "runtime/units/Units.h"

namespace acie::sema {

enum class ScalarKind : uint8_t { F64, F32, I64, I32, Bool, Str };

/// Declared range, both ends included; infinities where open. In the unit of the type that carries it.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// Sizes of a tensor's axes, outermost first; empty for a number. An axis made by `x[.., new]` is kStretch: one element
/// that stretches to whatever stands on the other side. A size that depends on a dimension read from the data at start is
/// open (compiler/Support/Sizes.h): tensors that have one are always one expression.
using Shape = std::vector<int64_t>;
inline constexpr int64_t kStretch = -1;
/// Tensors of more elements than this are one expression; of fewer, mostly an expression per element.
inline constexpr int64_t kUnrolled = 64;

/// type Arm = placebo | drug: its values are the places of their names, as i64. `str` is one whose values a program does not
/// list: the first is the empty text, which is no value, then come those that it writes, and a run goes on with texts that it meets.
struct FiniteType {
  std::string name;
  std::vector<std::string> values;  // as table cells and options spell them
  bool open = false;                // str
};

struct Type {
  ScalarKind scalar = ScalarKind::F64;
  units::Unit unit;  // dimensionless for bool and str
  const FiniteType* finite = nullptr;  // then scalar is I64 and the range that of its places
  std::optional<Range> range;
  Shape shape;       // of a tensor that is one expression; every element has the rest
};

/// Operations, see Ops.def.
enum class Op : uint8_t {
#define ACIE_OP(name, spelling, arity, group) name,
#include "compiler/Sema/Ops.def"
};
std::string_view op_name(Op op);      // "NormCdf"
std::string_view op_spelling(Op op);  // "norm_cdf"
int op_arity(Op op);

struct Variable;
struct Slot;
struct Noise;

/// Worlds of a query are numbered: 0 is factual. In a model's own equations a reference has kThisWorld.
using WorldId = int32_t;
inline constexpr WorldId kThisWorld = -1;
inline constexpr WorldId kFactual = 0;

enum class Estimator : uint8_t { Mean, Probability, Variance, StdDev, Quantile };
enum class RowReducer : uint8_t { Mean, Sum, Variance, Min, Max, Count };
/// What makes one element of those along the last axes of a tensor. Sums are added in pairs of pairs.
enum class Folding : uint8_t { Sum, Product, Min, Max, Any, All };

/// Stage an expression belongs to: computed per draw (or per row where nothing is random), per row once estimators
/// have collapsed the draws, or once when `rows.*` has collapsed the rows.
enum class Stage : uint8_t { Inner, Row, Table };

struct Expr {
  enum class Kind : uint8_t {
    Constant,    // number / integer / truth, by type.scalar
    Variable,    // the value of `variable` in `world`
    Natural,     // in the value of a do: what variable's own equation gives in that world
    Noise,       // the primitive noise `noise`: only in equations of Exo variables
    Slot,        // a value set per run
    Present,     // do?: whether the caller set `slot` (a Slot of role DoAsk) for this row; type bool
    Apply,       // op(operands)
    Estimate,    // estimator over the noise of operands[0]; `level` for Quantile
    RowReduce,   // reducer over the table's rows of operands[0] (Count may have none)
    // Of tensors. An Apply is element by element: its operands have its shape, or are numbers.
    Dense,       // constants, `elements->numbers`, row-major
    View,        // element (i, j, …) is element `elements->offset` + i strides[0] + j strides[1] + … of operands[0], row-major
    Gather,      // element i is element operands[1][i] of the vector operands[0]; a place outside gives the nearest
    Concat,      // the elements of all operands, numbers too, one after the other
    Fold,        // `folding` over the last axes of operands[0], those that `type.shape` lacks
    Places,      // integers: element (i, j, …) is `elements->offset` + i strides[0] + j strides[1] + …
    Extern,      // what module `integer` of the program gives for the operands
    Contract,    // operands[0] @ operands[1]: [batch.., m, k] @ [batch.., k, n]; one of them may lack the batch
    Routine,     // `routine` on the operands: an algorithm of kernels/routines
    // Of loops.
    Loop,        // `loop`, no value of its own; operands: initial values, tensors gone along, what a step leaves
    Bound,       // what `loop` carries into a step, or the part of this step of a tensor that it goes along
    Last,        // of what operands[0], a Loop, carries, number `integer` after the last step
    Every,       // the same after each step: a leading axis of as many places
  };
  /// Steps one after the other. The body is the expressions that read its Bound nodes.
  struct Loop {
    int64_t steps = 0;
    std::vector<const Expr*> carried, parts;  // Bound nodes
  };
  /// What Dense, View and Places hold beside operands; offset and strides may be open sizes.
  struct Elements {
    std::vector<double> numbers;
    int64_t offset = 0;
    std::vector<int64_t> strides;
  };
  Kind kind = Kind::Constant;
  Op op = Op::Add;
  Estimator estimator = Estimator::Mean;
  RowReducer reducer = RowReducer::Mean;
  Folding folding = Folding::Sum;
  routines::Routine routine = routines::Routine::Solve;
  Stage stage = Stage::Inner;
  WorldId world = kThisWorld;
  Type type;
  double number = 0;    // Constant of F64 and F32
  int64_t integer = 0;  // Constant of I64, I32 and Bool; Extern: which of Program::modules
  double level = 0;
  const Variable* variable = nullptr;
  const Slot* slot = nullptr;
  const Noise* noise = nullptr;
  std::shared_ptr<const Elements> elements;
  std::shared_ptr<const Loop> loop;
  std::vector<const Expr*> operands;
  Span span;
};

/// A primitive noise: its law is fixed, everything else is arithmetic on it. Sampled from one uniform as
/// quantile(uniform); `name` keys the random numbers and is unique in the model ("metal.noise", "w.x.do").
struct Noise {
  enum class Law : uint8_t { StdUniform, StdNormal, StdExponential, StdLogistic, StdGumbel, StdCauchy, StdLaplace, StdStudentT };
  Law law = Law::StdNormal;
  std::string name;
  const Expr* shape = nullptr;  // StdStudentT: nu, an expression of slots and constants
};

/// Where a noise can lie; null: unbounded. Recovered values outside make the row undefined.
struct Support {
  const Expr* low = nullptr;
  const Expr* high = nullptr;
  bool low_open = true;
  bool high_open = true;
};

/// What a number is an element of: `x[2]` of a vector x.
struct VectorElement {
  std::string name;            // "x"
  std::vector<int64_t> shape;  // outermost axis first
  int64_t element = 0;         // row-major
};

/// A value that is set per run and is one number for all rows (a kernel argument, never folded into code).
struct Slot {
  enum class Role : uint8_t {
    Param,     // param
    Learn,     // learn of a model, path "Galaxy.alpha"
    Argument,  // query argument
    Given,     // the constant of `given x = 1`
    Do,        // the constant of a hard `do x = 1` (in world w other than the anonymous one: named "w.x")
    DoAsk,     // do? x: a column `do.x` or --do x=…; may be absent per row
    Size       // dim J: read from the data at start
  };
  Role role = Role::Param;
  std::string name;
  Type type;
  std::optional<double> default_value;  // in the unit of type; integers and bools as doubles
  std::vector<double> defaults;         // of a tensor; empty for none; one number where its size is open
  /// A learnt parameter without a value starts from a draw of mean 0: uniform on -width..width, or normal with that
  /// standard deviation.
  struct Initial {
    enum class Law : uint8_t { Uniform, Normal };
    Law law = Law::Uniform;
    double width = 0;
    int64_t fan = 0;  // where a size is open: the width is the root of `width` over this size
  };
  std::optional<Initial> initial;
  std::optional<VectorElement> vector;  // of an argument that is a tensor, one slot per element
  std::string doc;
  Span span;
};

/// A variable of a model.
struct Variable {
  enum class Role : uint8_t { Input, Exo, Var };
  Role role = Role::Var;
  std::string name;  // "log_mass", "metal.noise"
  Type type;
  std::string column;  // the data column it binds to (`from`), else its name
  /// Of a vector that binds to one column of vectors, `vector_column`, where the table has it.
  std::optional<VectorElement> vector;
  std::string vector_column;
  std::vector<std::string> columns;  // of a tensor that binds to a column for each element, `from columns("m1", "m2")`
  std::string doc;
  Span span;
  /// Var: the structural equation over Variable references (kThisWorld), slots and constants.
  /// Exo: the law's canonical form over Noise, slots and inputs (their factual values: a noise is the same in every
  /// world). Input: null.
  const Expr* equation = nullptr;
  std::string law_text;  // Exo: "normal(0, 1)", for plans and graphs
  Support support;       // Exo
  bool generated = false;  // Exo made by `var x ~ law`
  std::vector<const Variable*> parents;  // Var: variables of its equation that are not Exo, in first-use order
  std::vector<const Variable*> noises;   // Var: Exo variables of its equation
  /// Of what abduction puts together, and no model declares: the variable whose equation this is, with the equations of
  /// parents that are not known in their places.
  const Variable* observed = nullptr;
  int index = 0;                         // position in Model::variables, which is a topological order
};

/// The variable that the equation is of.
inline const Variable* observed_of(const Variable* equation) { return equation->observed != nullptr ? equation->observed : equation; }

struct ConstraintRow {
  const Expr* residual = nullptr;  // r of language.md section 4, dimensionless, over kThisWorld references
  double tolerance = 1e-9;
  Span span;
};

struct Constraint {
  std::string name;
  std::vector<ConstraintRow> rows;
  const Variable* range_of = nullptr;  // the declared range of this variable: checked where it takes part in a result
  std::string doc;
  Span span;
};

struct Model {
  std::string name;
  std::string doc;
  std::vector<Variable*> variables;  // topological
  std::vector<Constraint*> constraints;
  std::vector<Slot*> slots;  // learn
  Span span;
};

/// `do target = value` in one world, after desugaring: shift, condition, `do?` are in the value, through Natural.
struct Intervention {
  const Variable* target = nullptr;
  const Expr* value = nullptr;  // over variables with explicit worlds, Natural, slots
  Span span;
};

struct World {
  std::string name;  // "factual", "" for the anonymous world, else the declared name
  std::vector<Intervention> interventions;
  Span span;
};

/// One item of `given`: a column of the table, or a value.
struct Evidence {
  const Variable* variable = nullptr;
  const Slot* value = nullptr;  // null: read from the column variable->column
  Span span;
};

/// How one exogenous variable is recovered from the evidence.
struct Recovery {
  /// An Exo; or a Var that is not given but follows from a child without unknown noise (log_mass from a given
  /// mass = 10^log_mass): its factual value is then the solution, and counts as given for its own equation.
  const Variable* noise = nullptr;
  const Variable* from = nullptr;  // Var, given or recovered before, whose equation is solved for `noise`
  const Variable* composed = nullptr;  // where that takes the equations of parents that are not known: `from`'s with those in it
  /// Operand indices from the equation's root to the one occurrence of `noise`, or empty when `affine`. Ends early at
  /// a Select that holds the noise in both branches: each branch is solved and the condition, free of it, chooses.
  std::vector<int> path;
  bool affine = false;  // noise occurs several times, linearly: solved as (x - f(0)) / (f(1) - f(0)) with symbolic coefficients
  /// Solved together with others: the equations (some of them composed) are linear in all of `unknowns`, as many. Empty for most.
  std::vector<const Variable*> equations, unknowns;
  /// There are fewer equations than unknowns, normal ones: drawn from what they are given the evidence, which is normal.
  bool conditioned = false;
  std::string explanation;  // for --emit=plan: "log_sfr = … + 0.3 * u_sfr is increasing in u_sfr"

  const Variable& solved() const { return composed != nullptr ? *composed : *from; }
};

/// One output column of a query.
struct Output {
  enum class Form : uint8_t { Value, StandardError, Draw };
  Form form = Form::Value;  // StandardError: of `value`'s estimate, by the runtime
  std::string name;         // "log_sfr", "x.mean", "x.mean.se"
  const Expr* value = nullptr;
  std::optional<VectorElement> vector = std::nullopt;  // of one that is returned whole: "x.mean" for the column "x[2].mean"
  std::string ending = {};  // of a tensor's, named "x.mean": ".mean", which stands after the index, "x[2].mean"
};

struct Query {
  enum class Mode : uint8_t {
    Evidence,   // noise is recovered from the evidence; what that leaves open is drawn
    Population  // no evidence but on inputs: noise is sampled
  };
  enum class Shape : uint8_t { PerRow, Once, PerDraw };
  std::string name;
  std::string doc;
  const Model* model = nullptr;
  Mode mode = Mode::Evidence;
  Shape shape = Shape::PerRow;  // of the answer
  bool reads_table = false;     // some input or evidence is a column
  bool draws_rows = false;      // return draws[…]
  std::vector<Slot*> arguments;
  std::vector<const Slot*> slots;  // every slot the query can use: arguments, params, learn, given, do, do?
  std::vector<World> worlds;       // [0] is factual
  std::vector<Evidence> evidence;
  std::vector<Recovery> recoveries;            // in an order in which each can be computed; only what is needed
  std::vector<const Variable*> consistency;    // given (or recovered) variables whose equation holds nothing unknown: checked to 1e-9 relative
  std::vector<const Variable*> free_noises;    // Exo sampled from their law: all (Population), or those the evidence says nothing about
  std::vector<WorldId> constraint_worlds;      // worlds that `return` reads, for physics_violation
  std::vector<const Constraint*> constraints;  // checked here
  std::vector<Output> outputs;                 // without physics_violation and status
  Span span;

  /// Whether random numbers take part: its answer is then over draws.
  bool draws() const {
    for (const Recovery& recovery : recoveries) {
      if (recovery.conditioned) return true;
    }
    return mode == Mode::Population || !free_noises.empty();
  }
};

/// A file that a constant was read from.
struct ConstantFile {
  std::string name;      // as the program says it
  std::string location;  // of the file
  std::string sha256;    // of what it held, in hexadecimal digits
  uint64_t bytes = 0;
};

/// A module of another library, `extern torch("decoder.pt")`.
struct ExternModule {
  std::string name;      // as the program says it
  std::string location;  // of the file
  std::string sha256;
  std::string content;
};

struct Party;
struct Key;
struct Graph;

/// Owner of the checked program.
struct Program {
  std::vector<Model*> models;
  std::vector<Query*> queries;
  std::vector<const Party*> parties;  // Secrecy/Graph.h
  std::vector<const Key*> keys;
  std::vector<const Graph*> graphs;
  std::vector<ConstantFile> files;
  std::map<std::string, Slot*> dimensions;  // read from the data at start, by name
  std::set<int64_t> room;                   // sizes that must be at least 1, so that what indices and slices choose is there
  std::vector<ExternModule> modules;
  FiniteType* texts = nullptr;  // the type `str`, once something is of it

  template <class T>
  T* make(T value = {}) {
    auto holder = std::make_unique<Holder<T>>(std::move(value));
    T* raw = &holder->value;
    owned.push_back(std::move(holder));
    return raw;
  }

  struct HolderBase {
    virtual ~HolderBase() = default;
  };
  template <class T>
  struct Holder : HolderBase {
    explicit Holder(T v) : value(std::move(v)) {}
    T value;
  };
  std::deque<std::unique_ptr<HolderBase>> owned;
};

}  // namespace acie::sema
