// Syntax to meaning: names, types, expressions, calls and laws in a scope. One Elaborator serves a whole compilation.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Builder.h"
#include "compiler/Sema/ExpressionTypes.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Support/SourceManager.h"

namespace acie::io {
struct FileArray;
}

namespace acie::sema {

/// A law that has been drawn from.
struct DrawnLaw {
  Value result;
  Support support;  // the declared range of the result
};

class GraphMeanings;

class Elaborator {
 public:
  Elaborator(Program& program, const SourceManager& sources, DiagnosticEngine& diagnostics,
             std::vector<const Module*> prelude)
      : sources_(sources), diagnostics_(diagnostics), builder_(program, diagnostics), prelude_(std::move(prelude)) {}

  Builder& builder() { return builder_; }
  Program& program() { return builder_.program(); }
  DiagnosticEngine& diagnostics() { return diagnostics_; }
  /// Says nothing of unknown names from now on: a module that may declare them is missing, which was reported.
  void expect_missing_names() { names_missing_ = true; }
  /// Notes from now on what every expression turns out to be.
  void record_types(ExpressionTypes* types) { types_ = types; }

  /// What `at p {…}`, `encrypt` and the like mean from now on: those of a graph, or of none (null). Gives back the former.
  GraphMeanings* enter_graph(GraphMeanings* graph) { return std::exchange(graph_, graph); }

  // ---- Expressions.cpp
  Value expression(const syntax::Expr& expr, const Scope& scope);
  /// The same where a number or a tensor is meant: a constraint is then the sum of its squared residuals.
  Value number(const syntax::Expr& expr, const Scope& scope);
  Value as_number(const Value& v, Span span);
  /// The same where one number is meant.
  Value scalar(const syntax::Expr& expr, const Scope& scope);
  /// The value of a constant expression in `type`; reports one that is not constant.
  std::optional<double> constant(const syntax::Expr& expr, const Scope& scope, const Type& type, const std::string& what);
  /// The value of a constant integer expression: a size, an index.
  std::optional<int64_t> integer(const syntax::Expr& expr, const Scope& scope, const std::string& what);
  /// The same where it may be a size that is read at start. Implemented in OpenSizes.cpp.
  std::optional<int64_t> size(const syntax::Expr& expr, const Scope& scope, const std::string& what);
  /// Where `condition` holds of the steps of an `over` whose number is read at start: what it says of the least step. Null
  /// where it says nothing.
  std::unique_ptr<Scope> steps_where(const syntax::Expr& condition, const Scope& scope);
  /// The text of `span` with every run of blanks as one space: names of results and laws.
  std::string source_text(Span span) const;

  // ---- Names.cpp
  /// Looks a name up from `scope` outwards, then in the module, its imports and the prelude; reports an unknown one.
  Value name(const std::string& name, Span use, const Scope& scope);
  /// A declaration as a value; constants and `let`s are elaborated on first use.
  Value declaration(const syntax::Decl& declaration, const Module& module, Span use);
  /// The declaration that `name` (also `alias.name`) means in `module`, and the module it stands in; null if there is none.
  /// At a `use`, a name that several imports bring in is reported.
  const syntax::Decl* find_declaration(const Module& module, const std::string& name, const Module** owner, std::optional<Span> use = std::nullopt);
  /// "f" or "alias.f": what an expression that names a declaration says; empty for others.
  static std::string declaration_name(const syntax::Expr& expr);
  /// Reports a name that an import has and does not give: a private one, or one that it imports itself. False if there is none.
  bool report_hidden(const Module& module, const std::string& name, Span use);
  /// Whether something referred to this declaration or `let` (a syntax::Decl or syntax::Stmt), for --pedantic.
  void mark_used(const void* declaration) { used_.insert(declaration); }
  bool is_used(const void* declaration) const { return used_.contains(declaration); }
  const std::set<const void*>& used() const { return used_; }
  /// Functions are expanded where they are called, this many times at most.
  static constexpr int64_t kMostCalls = int64_t{1} << 20;
  int64_t calls() const { return opened_; }
  void report_unknown(const std::string& what, const std::string& name, Span use, const std::vector<std::string>& candidates);

  Value dimension(const syntax::Decl& declaration, const std::string& name, const Module& module, Span use);
  /// Whether every number in it is known.
  static bool is_constant(const Value& v);
  /// The numbers of a constant number or tensor, row-major.
  static std::vector<double> constant_values(const Value& v);

  // ---- TypesOf.cpp
  /// What an annotation means; nullopt after reporting, also of types that are not built yet.
  std::optional<Annotation> annotation(const syntax::Type& type, const Scope& scope);
  /// The same where only numbers can stand: `where` says so ("an input").
  std::optional<Type> type(const syntax::Type& type, const Scope& scope);
  std::optional<Shape> shape(const std::vector<syntax::Expr*>& dims, const Scope& scope);
  /// `v` as the annotation says, converted to its units. A number fills a tensor where `broadcast`.
  Value fit(const Value& v, const Annotation& to, Span span, const std::string& what, bool broadcast);
  std::optional<units::Unit> unit(const syntax::UnitText& text, const Scope& scope);

  // ---- Calls.cpp
  Value call(const syntax::Expr& expr, const Scope& scope);
  /// A value of this type about which nothing is known, to check what is never called.
  Value placeholder(const std::string& name, const Annotation& type, Span span);
  /// A tensor or record of slots, or one slot: what is set per run. `values`, if not empty, are the defaults, of a record one field after
  /// the other.
  Value slots(Slot like, const Annotation& type, const std::vector<double>& values, std::vector<Slot*>& made);
  /// Checks the body of a function that nothing calls.
  void check_function(const syntax::Decl& function, const Module& module);
  /// Arguments by parameter: positional, then named, then defaults (elaborated in `defaults`). Empty after reporting.
  std::optional<std::vector<Value>> match_arguments(const std::vector<syntax::Parameter>& parameters,
                                                    const std::vector<syntax::Argument>& arguments, const Scope& scope,
                                                    const Scope& defaults, const std::string& callee, Span span);
  /// The function's body with these argument values: inlined. `generics` are those written at the call, `f[3](x)`.
  /// `enclosing`: of a function inside a mechanism, the names of its body.
  Value inline_function(const syntax::Decl& function, const Module& module, const std::vector<Value>& arguments, Span span,
                        const std::vector<int64_t>& generics = {}, const Scope* enclosing = nullptr);
  /// A function, operation or lambda with these arguments.
  Value call_value(const Value& function, std::vector<Value> arguments, Span span);

  // ---- Tensors.cpp
  /// A family of variables as the tensor (inside `over`, the step) that its bare name means.
  Value force(const Value& v, Span span);
  /// The positions that indices choose in a tensor of `shape`, and the shape of the result; nullopt after reporting.
  struct Selection {
    Shape shape;
    std::vector<int64_t> positions;
  };
  std::optional<Selection> select_elements(const Shape& shape, const std::vector<syntax::Index>& indices, const Scope& scope, Span span,
                                           bool steps = false);
  /// Whether there may be room: `size` is at least 1, or is open, and the run finds out. False where it is certainly not.
  bool leave_room(int64_t size);
  /// What an index chooses along one axis; low and count may be sizes that are read at start.
  struct AxisPart {
    enum class Kind : uint8_t { Place, Slice, New };
    Kind kind = Kind::Slice;
    int64_t low = 0, count = 1;
  };
  /// Indices that name their axes, `x[W = 3]`, in the order of the axes; those not named are whole.
  std::optional<std::vector<syntax::Index>> positional(const Shape& shape, const std::vector<syntax::Index>& indices, const Scope& scope);
  static bool names_axes(const std::vector<syntax::Index>& indices);
  std::optional<std::vector<AxisPart>> axis_parts(const Shape& base, const std::vector<syntax::Index>& indices, const Scope& scope, Span span);
  /// Every combination of a generator's values, first clause outermost; its body answers false to stop. `shape` becomes
  /// the sizes of the clauses (one size where a condition leaves some out).
  bool generate(const syntax::Generator& generator, const Scope& scope, Shape& shape, const std::function<bool(const Scope&)>& body);

  // ---- Mechanisms.cpp
  /// While something that owns learnt parameters is elaborated: their paths begin with `path`, and they are added to
  /// `learnt`. `stmt` is the text whose call sites are numbered.
  void enter(const std::string& path, const syntax::Stmt* stmt, const Module* module, std::vector<Slot*>* learnt);
  /// The same of a graph, whose call sites are in its body.
  void enter(const std::string& path, const syntax::Block& block, const Module* module, std::vector<Slot*>* learnt);
  void leave();
  /// The first values of a learnt parameter: the same for all its elements or one each, or a law they are drawn from.
  struct FirstValues {
    std::vector<double> values = {};
    std::optional<Slot::Initial> initial = std::nullopt;
  };
  /// Of `learn w : type = …`; none are written: neither. Nullopt after reporting.
  std::optional<FirstValues> first_values(const syntax::Stmt& stmt, const std::string& name, const Annotation& type, const Scope& scope);
  /// What `learn p : {w: f64[3], b: f64} = {…}` says of each field: a statement of its own, in the order of the type. Nullopt after
  /// reporting.
  std::optional<std::vector<syntax::Stmt>> learnt_fields(const syntax::Stmt& stmt, const syntax::Name& name, const Annotation& type);

  // ---- Instances.cpp
  /// The value of `let`: a mechanism becomes the instance at `path`, and a lambda in the `let` of a model (`stmt`) owns the
  /// parameters below it. Others stay what they are.
  Value named_by_let(Value value, const std::string& path, const syntax::Stmt* stmt) const;

  // ---- FiniteTypes.cpp
  /// What a declaration `type T = A | B` declares; null after reporting.
  const FiniteType* finite_type(const syntax::Decl& declaration);
  /// The type `str`, and a text as a value of it (Texts.cpp).
  Type text_type();
  Value text(const std::string& content, Span span);
  /// A draw of a law of integers as a value of a declared finite type; `v` where there is none to make.
  Value as_drawn(const Value& v, const LawCall& law, const Type& declared);

  // ---- Laws.cpp
  /// Whether a law is one of all its elements together: `fn f[N](m: f64[N]) -> law<f64[N]>`. Others are one law per element.
  static bool is_joint(const LawCall& law);
  /// Draws of `var x ~ law` where that is so: `names` are the variables', row-major. Noise that has the shape of the result is called
  /// after them, "x[2].noise", other noise "x.noise[2]". `steps`: at each of these steps.
  Value draw_jointly(const LawCall& law, const std::string& name, const std::vector<std::string>& names, const Shape& shape, Span span, std::vector<Variable*>& noises, const Shape& steps = {});
  /// Draws for `var x ~ law`: each `exo` of the body becomes an exogenous variable, appended to `noises`.
  /// The shape of a law whose arguments are tensors: one law per element. Empty for a law of numbers.
  std::optional<Shape> law_shape(const LawCall& law);
  /// The law of one element.
  LawCall law_at(const LawCall& law, int64_t position);
  std::optional<Shape> joint_shape(const LawCall& law);
  /// The laws of all elements as one, for noise that is a whole tensor.
  LawCall law_of_all(const LawCall& law, const Shape& shape);
  DrawnLaw draw_variables(const LawCall& law, const std::string& name, Span span, std::vector<Variable*>& noises, const Shape& shape = {});
  /// An exogenous variable of this law.
  Variable* make_exo(const LawCall& law, const std::string& name, Span span, bool generated, const Shape& shape = {});

 private:
  /// Of a shape: that many noises, each of the law of its place.
  using DrawNoise = std::function<Value(const LawCall&, const std::string& name, Span, const Shape& shape)>;
  /// What the names of instances of mechanisms are counted in: a statement of a model, or a mechanism's or function's body.
  struct Frame {
    std::string path;   // "" until it is asked for
    std::string label;  // of the mechanism or function, and where it is called
    Span site;
    const syntax::Block* block = nullptr;
    const syntax::Stmt* stmt = nullptr;
    const Module* module = nullptr;  // where the text stands
    bool mechanism = false;          // `learn` may stand here
    bool collected = false;
    std::vector<std::pair<std::string, Span>> calls;  // of functions and mechanisms, by their name where they are declared
    std::vector<Slot*>* learnt = nullptr;
    std::vector<Repeat> repeats;     // the `stack`s around, outermost first
  };
  const std::string& frame_path(size_t frame);
  std::string instance_name(Frame& frame, const std::string& mechanism, Span span);
  Value slots_of_fields(const Slot& like, const Annotation& type, const std::vector<double>& values, std::vector<Slot*>& made);
  Value learn_as(const syntax::Stmt& stmt, const syntax::Name& name, const Annotation& type, const Scope& scope);
  Value learn_record(const syntax::Stmt& stmt, const syntax::Name& name, const Annotation& type, const Scope& scope);
  Value param_value(Slot slot, const Annotation& type, const Value& value, const syntax::Stmt& at);
  Value learn_in_mechanism(const syntax::Stmt& stmt, const syntax::Name& name, const Scope& scope);
  /// What is set per run below a mechanism: made once, whatever the number of its uses; of an instance of a `stack` its part.
  Value learnt_value(Slot slot, const Annotation& type, FirstValues first, const syntax::Stmt& stmt);
  Value apply_mechanism(const syntax::Decl& mechanism, const Module& module, const std::vector<Value>& arguments, Span span,
                        const std::vector<int64_t>& generics, const Owner* owner = nullptr);
  // ---- Instances.cpp
  /// A function or mechanism, whatever owns its parameters.
  Value apply_declared(const Value& function, const std::vector<Value>& arguments, Span span, const std::vector<int64_t>& generics);
  Value call_member(const Value& function, const std::vector<Value>& arguments, Span span, const std::vector<int64_t>& generics);
  /// `ae.encode`: a function inside the mechanism that `instance` is of.
  Value function_of(const Value& instance, const syntax::Name& name);
  /// `dense[8]` without arguments; nullopt where the brackets are an index.
  std::optional<Value> sized(const syntax::Expr& expr, const Scope& scope);
  /// stack(8, x, f): f of f of … of x, with eight instances of what f calls.
  Value repeat(const std::vector<Value>& arguments, Span span);
  Value statistic(const syntax::Stmt& stmt, const Scope& scope);
  Value param_in_mechanism(const syntax::Decl& param, const Scope& scope);
  /// A statement that declares names in `scope`; false after an error that stops the block.
  bool declare_in_block(const syntax::Stmt& stmt, Scope& scope, const DrawNoise* draw);
  /// The parameters, `let`s and functions of a mechanism of several functions.
  bool open_mechanism(const syntax::Decl& mechanism, Scope& scope);
  void check_members(const syntax::Decl& mechanism, const Module& module);
  /// `result`, unless it is a function that stands in `scope`, which ends here.
  Value outside(Value result, const Scope& scope, Span span);
  /// Whether the block has no such name yet; reports one that it has.
  bool may_declare(const syntax::Name& name, const Scope& scope);

  std::optional<Value> estimate_or_draws(const syntax::Expr& expr, const Scope& scope);
  std::optional<Value> generic_call(const syntax::Expr& expr, const Scope& scope);
  Value call_function(const Value& callee, const syntax::Expr& expr, const Scope& scope, const std::vector<int64_t>& generics);
  Value row_reduction(RowReducer reducer, const std::vector<Value>& arguments, Span span);
  Value estimate_of(Value operand, Estimator which, double level, Span span);
  Value choose(const Value& condition, const Value& then, const Value& otherwise, Span span);
  // ---- ChosenLaws.cpp
  Value choose_law(const Value& condition, const LawCall& then, const LawCall& otherwise, Span span);
  std::string primitive_noise(const LawCall& law);
  DrawnLaw draw_chosen(const LawCall& law, const std::string& name, Span span, const DrawNoise& draw_noise);
  Value stack(std::vector<Value> items, const Shape& outer, Span span);
  Value unforced(const syntax::Expr& expr, const Scope& scope);
  Value index(const syntax::Expr& expr, const Scope& scope);
  Value index_of(const Value& base, const syntax::Expr& expr, const Scope& scope);
  /// l[t-1], l[0] of a series with as many steps as the data say.
  Value step_of(const Value& series, const syntax::Expr& expr, const Scope& scope);
  std::optional<Value> computed_index(const Shape& shape, const syntax::Expr& expr, const Scope& scope);
  std::optional<Value> at_once(const syntax::Generator& generator, const syntax::Expr& body, const Scope& scope);
  Value elements_of_steps(const Value& series, const Selection& chosen, Span span);
  std::optional<Value> computed_part(const Value& base, const syntax::Expr& expr, const Scope& scope);
  bool lies_inside(const Value& index, int64_t size, Span span);
  Value inside(const Value& place, int64_t count);
  // ---- OpenSizes.cpp
  /// Reports an average of values of a finite type; true where there is none.
  bool averages(const Value& operand, Span span);
  /// The type for a variable, with the range of its places.
  static Type of_finite(const FiniteType* finite);
  /// The value called `name` of a finite type that `module` sees; nullopt where there is none.
  std::optional<Value> alternative(const std::string& name, const Module& module, Span use);
  /// The value called `name` of the type that `declaration` declares, for `Arm.drug`; nullopt where it is no finite type.
  std::optional<Value> alternative_of(const syntax::Decl& declaration, const std::string& name, Span use);
  /// The finite type that an expression names, for dimensions; null where it names none.
  const FiniteType* named_finite_type(const syntax::Expr& expr, const Scope& scope);
  Value read_at_start(const syntax::Name& name, const Module& module, Span use);
  std::optional<Value> slice(const Value& base, const std::vector<syntax::Index>& indices, const Scope& scope, Span span);
  Value constant_of_open_shape(const std::string& name, const std::vector<Value>& arguments, const Shape& shape, Span span);
  Value element_by_value(const Value& base, const Value& index, Span span);
  Value gather_along(const Value& x, size_t axis, const Value& places, Span span);
  std::optional<Value> gathered(const Value& base, const syntax::Expr& expr, const Scope& scope);
  Value comprehension(const syntax::Expr& expr, const Scope& scope);
  Value list(const syntax::Expr& expr, const Scope& scope);
  Value record(const syntax::Expr& expr, const Scope& scope);
  Value listed(const Value& matrix);
  Value matrix_product(const Value& left, const Value& right, Span span);
  // ---- Externs.cpp
  Value apply_extern(const syntax::Decl& mechanism, const Module& module, const std::vector<Value>& arguments, Span span, const std::vector<int64_t>& generics);
  std::optional<int64_t> extern_module(const syntax::Decl& mechanism);
  // ---- FileConstants.cpp
  Value file_constant(const std::string& reader, const syntax::Expr& call, const Scope& scope);
  Value file_array(const io::FileArray& array, const Module& module, Span span);
  /// sum(e for j in 0..J) at every place of the loop around it, which `e` may mention; nullopt where no range is open.
  std::optional<Value> reduction_in_loop(const std::string& name, const syntax::Generator& generator, const syntax::Expr& body, const Scope& scope, Span span);
  /// The sizes and first places of clauses that are all ranges; nullopt where one is none, or is empty or too large.
  struct Ranges {
    Shape shape;
    std::vector<int64_t> first;
  };
  std::optional<Ranges> ranges_of(const syntax::Generator& generator, const Scope& scope);
  /// The size that an axis is named by: a dimension, a finite type or a generic size. Nullopt for a number.
  std::optional<int64_t> named_size(const syntax::Expr& axis, const Scope& scope);
  // ---- TensorCalls.cpp
  std::optional<Value> tensor_call(const std::string& name, const syntax::Expr& call, const Scope& scope);
  const Expr* moved_axis(const Expr* of, size_t from, size_t to, Span span);
  const Expr* transposed(const Expr* of, const std::vector<size_t>& order, Span span);
  Value reduce(const std::string& name, const Value& tensor, std::optional<int64_t> axis, Span span);
  // ---- RoutineCalls.cpp
  Value routine_call(const std::string& name, std::vector<Value> arguments, std::optional<int64_t> axis, bool lower, Span span);
  Value equations_call(const std::string& name, bool lower, std::vector<Value> arguments, Span span);
  Value matrix_call(const std::string& name, const Value& argument, Span span);
  Value transform_call(const std::string& name, std::vector<Value> arguments, std::optional<int64_t> axis, Span span);
  bool require_square(const std::string& name, const Value& a);
  Value as_floats(const Value& v, Span span);
  Value settled(const Expr* expr, Span span);
  Value along_axis(const Value& of, size_t axis, Span span, const std::function<const Expr*(const Expr*)>& f);
  // ---- Loops.cpp
  Value scan(const syntax::Expr& call, const Scope& scope, bool all);
  Value unrolled(const syntax::Expr& call, const Scope& scope, Value carry, const Value& function, bool all);
  /// What `scan` goes along.
  struct Steps {
    int64_t count = 0;
    const Expr* whole = nullptr;  // a part per step along its first axis
    bool literal = false;
  };
  std::optional<Steps> steps_of(const syntax::Expr& over, const Scope& scope);
  std::optional<Value> looped(const syntax::Expr& call, const Steps& steps, const Value& init, const Value& function, bool all);
  Value map_together(std::vector<Value> arguments, Span span);
  /// The generics that are sizes, in order; the others are units.
  static std::vector<const syntax::Name*> sizes_of(const syntax::Decl& function);
  /// Of these sizes those that are no parameter's bare dimension, so that a call must write them.
  static std::vector<const syntax::Name*> only_written(const syntax::Decl& function, std::vector<const syntax::Name*> sizes);
  /// `parameters`: those of a function inside the mechanism `function`, whose sizes follow from its arguments.
  bool infer_generics(const syntax::Decl& function, const std::vector<Value>& arguments, const std::vector<int64_t>& written, Scope& scope, Span span,
                      const std::vector<syntax::Parameter>* parameters = nullptr);
  /// The sizes in brackets after a function's name; nullopt after reporting.
  std::optional<std::vector<int64_t>> written_sizes(const syntax::Decl& function, const syntax::Expr& brackets, const Scope& scope);
  Value member(const syntax::Expr& expr, const Scope& scope);
  Value literal(const syntax::Expr& expr, const Scope& scope);
  Value block(const syntax::Block& block, Scope& scope, const DrawNoise* draw);
  Value estimate(const syntax::Expr& expr, Estimator estimator, const Scope& scope);
  Value rows(const syntax::Expr& call, const std::string& reducer, const Scope& scope);
  Value builtin(Op op, const std::vector<Value>& arguments, Span span);
  Value intrinsic(const std::string& name, const std::vector<Value>& arguments, Span span);
  std::optional<std::vector<Value>> positional(const syntax::Expr& call, const Scope& scope, const std::string& callee);
  bool not_built(const syntax::Expr& expr);
  /// Whether one more definition may be opened inside those being elaborated; reports where not.
  bool may_open(Span use);
  DrawnLaw draw(const LawCall& law, const std::string& name, Span span, const DrawNoise& draw_noise);
  Value noise_in_block(const syntax::Stmt& stmt, const LawCall& law, const Scope& scope, const DrawNoise& draw_noise);
  /// `element` of the law for every place of `shape`, as one tensor.
  Value each_noise(const LawCall& law, const std::string& name, Span span, const Shape& shape, const DrawNoise& element);
  std::optional<Value> law_parameter(const LawCall& law, size_t parameter, const Scope& scope);
  Value law_result(const LawCall& law, Value result, const Scope& scope, Support& support);
  void blame_caller(const LawCall& law, size_t reported);
  DrawnLaw draw_leaves(const LawCall& law, const std::string& name, Span span);
  Value categorical(const LawCall& law, const std::string& name, const DrawNoise& draw_noise, Span span);
  const Expr* bound(const syntax::Expr& text, const Scope& scope, const Expr* result);

  const SourceManager& sources_;
  DiagnosticEngine& diagnostics_;
  Builder builder_;
  ExpressionTypes* types_ = nullptr;
  /// Indices of the index expressions that are being elaborated: several rules look at each, and it is elaborated once.
  std::map<std::pair<const syntax::Expr*, const Scope*>, std::optional<Value>> index_values_;
  GraphMeanings* graph_ = nullptr;
  std::vector<const Module*> prelude_;
  bool names_missing_ = false;
  std::set<const void*> used_;
  std::map<const syntax::Decl*, Value> declared_;      // constants, params and lets already elaborated
  std::map<const syntax::Decl*, const FiniteType*> finite_types_;
  std::map<std::string, Value> files_;                 // read when compiling, by reader and path
  std::map<std::string, std::optional<int64_t>> externs_;  // of Program::modules, by path
  int64_t opened_ = 0;                                 // calls of functions, laws and mechanisms expanded so far
  std::vector<Frame> frames_;
  Shape drawn_shape_;  // of the noise being drawn: whole tensors
  bool statistic_ = false;                             // inside a `stat`: `rows` is the rows of training
  std::map<const Module*, std::unique_ptr<Scope>> top_level_;  // where the functions of top-level `let`s stand
  std::map<std::string, Value> instances_;             // learnt parameters of mechanisms by path
  std::vector<const syntax::Decl*> in_progress_;       // constants and functions being elaborated, outermost first
};

/// Whether `name` is an operation of the prelude, and which.
std::optional<Op> find_operation(const std::string& name);
std::optional<Noise::Law> find_primitive_law(const std::string& name);
/// Names the prelude always has: operations, clamp, sign, where, pi, inf.
std::vector<std::string> prelude_names();
bool is_intrinsic(const std::string& name);
/// Whether `name` is an operation on tensors that the prelude has: sum, map, scan, concat …
bool is_tensor_call(const std::string& name);
/// Whether `name` reads a file when compiling: csv, fits, hdf5, json, npy.
bool is_file_reader(const std::string& name);
std::vector<std::string> tensor_call_names();
/// Those of them that are algorithms: solve, cholesky, fft …
bool is_routine_call(const std::string& name);
std::vector<std::string> routine_call_names();

}  // namespace acie::sema
